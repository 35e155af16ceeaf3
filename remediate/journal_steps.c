/* journal_steps.c - the steps of a run: intent, act, verification. */
#include "remediate/journal_internal.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

static const char *const names[STEP_N_STATES] = { "none", "intent", "acted", "verified" };

const char *step_state_name(enum step_state s)
{
	return names[s];
}

/* --- read ----------------------------------------------------------------------------- */

static int read_step(const struct journal *j, sqlite3_stmt *s, struct step_record *r,
    struct err *e)
{
	const char *state = (const char *)sqlite3_column_text(s, 1);
	int i = 0;

	while (i < STEP_N_STATES && (state == NULL || strcmp(names[i], state) != 0))
		i++;
	if (i == STEP_N_STATES)
		return err_set(e, ERR_IO, "the journal %s has a step in an unknown state", j->path);
	r->seq = (size_t)sqlite3_column_int64(s, 0);
	r->state = (enum step_state)i;
	r->intent_at = sqlite3_column_int64(s, 2);
	r->acted_at = sqlite3_column_int64(s, 3);
	r->verified_at = sqlite3_column_int64(s, 4);
	r->tries = (unsigned)sqlite3_column_int64(s, 5);
	r->snapshot = journal_text(s, 6);
	r->sha256 = journal_text(s, 7);
	r->said = journal_text(s, 8);
	r->made = journal_text(s, 9);
	return 0;
}

int journal_steps(struct journal *j, int64_t run, struct step_record **steps, size_t *n,
    struct err *e)
{
	sqlite3_stmt *s;
	size_t cap = 0;
	int more;

	*steps = NULL;
	*n = 0;
	if (journal_begin_read(j, e))
		return -1;
	s = journal_use(j, SQL_STEPS, "i", run);
	while ((more = journal_row(j, s, e)) > 0) {
		*steps = mem_grow(*steps, &cap, *n + 1, sizeof **steps);
		if (read_step(j, s, &(*steps)[(*n)++], e)) {
			more = -1;
			break;
		}
	}
	if (more < 0) {
		steps_free(*steps, *n);
		*steps = NULL;
		*n = 0;
	}
	return journal_end_read(j, more);
}

void steps_free(struct step_record *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(steps[i].snapshot);
		free(steps[i].sha256);
		free(steps[i].said);
		free(steps[i].made);
	}
	free(steps);
}

/* --- written ---------------------------------------------------------------------------- */

/* What one change of a step puts into the trail. */
struct change {
	int64_t run, seq, at;
	const char *kind, *text;
};

static int tell(struct journal *j, const struct change *c, struct err *e)
{
	struct journal_line line = { .at = c->at, .kind = c->kind, .text = c->text, .run = c->run,
		.step = c->seq };
	char *target;
	int failed = journal_target(j, SQL_TARGET_OF_RUN, c->run, &target, e);

	line.target = target;
	if (!failed)
		failed = journal_add_entry(j, &line, e);
	free(target);
	return failed;
}

/* A step that is not where it must be has a wrong caller or another worker
 * behind it; nothing is written then. */
static int change(struct journal *j, sqlite3_stmt *s, const struct change *c, struct err *e)
{
	int n, failed = journal_do(j, s, &n, e);

	if (!failed && n == 0)
		failed = err_set(e, ERR_IO, "step %lld of run %lld is not in a state for \"%s\"",
		    (long long)c->seq, (long long)c->run, c->text);
	if (!failed)
		failed = tell(j, c, e);
	if (failed)
		journal_undo(j);
	return failed;
}

static char *sentence(const char *what, const char *detail)
{
	return mem_printf("%s%s%s", what, detail != NULL ? ": " : "", detail != NULL ? detail : "");
}

int journal_intent(struct journal *j, int64_t run, size_t seq, const char *snapshot,
    const char *sha256, const char *call, int64_t at, struct err *e)
{
	char *text = sentence("about to do", call);
	const struct change c = { run, (int64_t)seq, at, "call", text };
	int failed = journal_begin(j, e);

	if (!failed)
		failed = change(j, journal_use(j, SQL_INTENT, "iiitt", run, c.seq, at, snapshot,
		    sha256), &c, e);
	if (!failed)
		failed = JOURNAL_COMMIT(j, "intent", e);
	free(text);
	return failed;
}

int journal_acted(struct journal *j, int64_t run, size_t seq, const char *said, int64_t at,
    struct err *e)
{
	char *text = sentence("sent", said);
	const struct change c = { run, (int64_t)seq, at, "call", text };
	int failed = journal_begin(j, e);

	if (!failed)
		failed = change(j, journal_use(j, SQL_ACTED, "iiit", run, c.seq, at, said), &c, e);
	if (!failed)
		failed = JOURNAL_COMMIT(j, "acted", e);
	free(text);
	return failed;
}

int journal_made(struct journal *j, int64_t run, size_t seq, const char *made, int64_t at,
    struct err *e)
{
	char *text = sentence("made", made);
	const struct change c = { run, (int64_t)seq, at, "call", text };
	int failed = journal_begin(j, e);

	if (!failed)
		failed = change(j, journal_use(j, SQL_MADE, "iit", run, c.seq, made), &c, e);
	if (!failed)
		failed = JOURNAL_COMMIT(j, "made", e);
	free(text);
	return failed;
}

int journal_not_acted(struct journal *j, int64_t run, size_t seq, const char *said, int64_t at,
    struct err *e)
{
	char *text = sentence("not done", said);
	const struct change c = { run, (int64_t)seq, at, "call", text };
	int failed = journal_begin(j, e);

	if (!failed)
		failed = change(j, journal_use(j, SQL_NOT_ACTED, "iit", run, c.seq, said), &c, e);
	if (!failed)
		failed = JOURNAL_COMMIT(j, "not acted", e);
	free(text);
	return failed;
}

int journal_verified(struct journal *j, int64_t run, size_t seq, const char *said, int64_t at,
    struct err *e)
{
	char *text = sentence("verified", said);
	const struct change c = { run, (int64_t)seq, at, "step", text };
	int failed = journal_begin(j, e);

	if (!failed)
		failed = change(j, journal_use(j, SQL_VERIFIED, "iiit", run, c.seq, at, said), &c, e);
	if (!failed)
		failed = JOURNAL_COMMIT(j, "verified", e);
	free(text);
	return failed;
}

int journal_retry(struct journal *j, int64_t run, const char *said, int64_t at, struct err *e)
{
	struct journal_line line = { .at = at, .kind = "run", .text = said, .run = run, .step = -1 };
	char *target = NULL;
	int failed = journal_begin(j, e);

	if (failed)
		return failed;
	failed = journal_do(j, journal_use(j, SQL_RETRY, "it", run, said), NULL, e) ||
	    journal_target(j, SQL_TARGET_OF_RUN, run, &target, e);
	line.target = target;
	if (failed || journal_add_entry(j, &line, e)) {
		journal_undo(j);
		failed = -1;
	} else {
		failed = JOURNAL_COMMIT(j, "retry", e);
	}
	free(target);
	return failed;
}
