/* journal_words.c - what was said to the worker, and what became of it. */
#include "remediate/journal_internal.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define LINE_MAX_BYTES ((size_t)8192)
#define NO_WORD "none"   /* kind of a file that was no word */

static void add_part(struct buf *out, const char *name, const char *value)
{
	if (value != NULL)
		buf_addf(out, ", %s%s", name, value);
}

/* One line for the trail. */
static void describe(const struct spoken *s, const char *outcome, struct buf *out)
{
	const struct word *w = &s->word;

	if (s->err.code != ERR_NONE) {
		buf_addf(out, "the file %s is no word: %s", s->name, s->err.text);
	} else {
		buf_adds(out, word_kind_name(w->kind));
		add_part(out, "", w->state);
		add_part(out, "", w->state_type);
		add_part(out, "host ", w->host);
		add_part(out, "service ", w->service);
		add_part(out, "", w->procedure);
		add_part(out, "object ", w->object);
		add_part(out, "reason ", w->reason);
		if (w->run > 0)
			buf_addf(out, ", run %lld", (long long)w->run);
		add_part(out, "plan ", w->plan_hash);
	}
	if (strcmp(outcome, JOURNAL_RECORDED) != 0)
		buf_addf(out, " (%s)", outcome);
}

static int find_word(struct journal *j, const char *name, int64_t *id, struct err *e)
{
	sqlite3_stmt *s = journal_use(j, SQL_FIND_WORD, "t", name);
	int found = journal_row(j, s, e);

	*id = found > 0 ? sqlite3_column_int64(s, 0) : 0;
	if (found > 0)
		sqlite3_reset(s);
	return found < 0 ? -1 : 0;
}

/* A word on a run is about that run's target, whatever it says. */
static int target_of(struct journal *j, const struct word *w, char **target, struct err *e)
{
	*target = NULL;
	if (w->run > 0 && journal_target(j, SQL_TARGET_OF_RUN, w->run, target, e))
		return -1;
	if (*target == NULL)
		*target = mem_strdup(w->target);
	return 0;
}

static int tell_word(struct journal *j, const struct spoken *s, const char *target,
    const char *outcome, struct err *e)
{
	struct buf text;
	struct journal_line line = { .at = s->at, .target = target, .kind = "word", .who = s->user,
		.run = s->word.run, .step = -1 };
	int failed;

	buf_init(&text, LINE_MAX_BYTES);
	describe(s, outcome, &text);
	line.text = buf_str(&text);
	failed = journal_add_entry(j, &line, e);
	buf_clear(&text);
	return failed;
}

static int insert_word(struct journal *j, const struct spoken *s, const char *target,
    const char *outcome, struct err *e)
{
	const struct word *w = &s->word;
	bool is_word = s->err.code == ERR_NONE;
	int64_t is_recorded = is_word && strcmp(outcome, JOURNAL_RECORDED) == 0;

	return journal_do(j, journal_use(j, SQL_ADD_WORD, "tiitttti" "tttitt" "ii", s->name, s->at,
	    (int64_t)s->uid, s->user, is_word ? word_kind_name(w->kind) : NO_WORD, target, w->state,
	    w->downtime, w->procedure, w->object, w->reason, w->run, w->plan_hash, outcome,
	    is_recorded, journal_last_id(j)), NULL, e);
}

static int add_word(struct journal *j, const struct spoken *s, const char *outcome, int64_t *id,
    struct err *e)
{
	char *target = NULL;
	int failed = find_word(j, s->name, id, e);

	if (failed || *id != 0)
		return failed;
	failed = target_of(j, &s->word, &target, e) || tell_word(j, s, target, outcome, e) ||
	    insert_word(j, s, target, outcome, e);
	*id = failed ? 0 : sqlite3_last_insert_rowid(j->db);
	free(target);
	return failed ? -1 : 0;
}

int journal_add_word(struct journal *j, const struct spoken *w, const char *outcome, int64_t *id,
    struct err *e)
{
	*id = 0;
	if (journal_begin(j, e))
		return -1;
	if (add_word(j, w, outcome, id, e)) {
		journal_undo(j);
		return -1;
	}
	return JOURNAL_COMMIT(j, "word", e);
}

/* --- requests ---------------------------------------------------------------------- */

static void request_read(sqlite3_stmt *s, struct request *r)
{
	r->word = sqlite3_column_int64(s, 0);
	r->target = journal_text(s, 1);
	r->procedure = journal_text(s, 2);
	r->object = journal_text(s, 3);
	r->reason = journal_text(s, 4);
	r->user = journal_text(s, 5);
}

int journal_requests(struct journal *j, const char *target, struct request **r, size_t *n,
    struct err *e)
{
	sqlite3_stmt *s;
	size_t cap = 0;
	int more;

	*r = NULL;
	*n = 0;
	if (journal_begin_read(j, e))
		return -1;
	s = journal_use(j, SQL_REQUESTS, "t", target);
	while ((more = journal_row(j, s, e)) > 0) {
		*r = mem_grow(*r, &cap, *n + 1, sizeof **r);
		request_read(s, &(*r)[(*n)++]);
	}
	if (more < 0) {
		requests_free(*r, *n);
		*r = NULL;
		*n = 0;
	}
	return journal_end_read(j, more);
}

void requests_free(struct request *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(r[i].target);
		free(r[i].procedure);
		free(r[i].object);
		free(r[i].reason);
		free(r[i].user);
	}
	free(r);
}

/* Closed once: the first reason stands. */
static int close_request(struct journal *j, int64_t word, const char *outcome, int64_t at,
    struct err *e)
{
	struct journal_line line = { .at = at, .kind = "word", .step = -1 };
	char *text = mem_printf("request %lld closed: %s", (long long)word, outcome);
	char *target = NULL;
	int n, failed;

	failed = journal_do(j, journal_use(j, SQL_CLOSE_REQUEST, "iti", word, outcome, at), &n, e) ||
	    journal_target(j, SQL_TARGET_OF_WORD, word, &target, e);
	line.target = target;
	line.text = text;
	if (!failed && n > 0)
		failed = journal_add_entry(j, &line, e);
	free(target);
	free(text);
	return failed ? -1 : 0;
}

int journal_close_request(struct journal *j, int64_t word, const char *outcome, int64_t at,
    struct err *e)
{
	if (journal_begin(j, e))
		return -1;
	if (close_request(j, word, outcome, at, e)) {
		journal_undo(j);
		return -1;
	}
	return JOURNAL_COMMIT(j, "request", e);
}
