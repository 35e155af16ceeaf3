/* journal_trail.c - the audit trail: every word, run, step, call and verdict. */
#include "remediate/journal_internal.h"

#include <stdlib.h>

#define PAGE_ENTRIES 200

int journal_add_entry(struct journal *j, const struct journal_line *line, struct err *e)
{
	return journal_do(j, journal_use(j, SQL_ADD_ENTRY, "ittttii", line->at, line->target,
	    line->kind, line->who, line->text != NULL ? line->text : "", line->run, line->step),
	    NULL, e);
}

int journal_target(struct journal *j, enum sql which, int64_t id, char **target, struct err *e)
{
	sqlite3_stmt *s = journal_use(j, which, "i", id);
	int found = journal_row(j, s, e);

	*target = found > 0 ? journal_text(s, 0) : NULL;
	if (found > 0)
		sqlite3_reset(s);
	return found < 0 ? -1 : 0;
}

int64_t journal_last_id(const struct journal *j)
{
	return sqlite3_last_insert_rowid(j->db);
}

int journal_note(struct journal *j, const char *target, int64_t run, const char *kind,
    const char *text, int64_t at, struct err *e)
{
	const struct journal_line line = { .at = at, .target = target, .kind = kind, .text = text,
		.run = run, .step = -1 };

	if (journal_begin(j, e))
		return -1;
	if (journal_add_entry(j, &line, e)) {
		journal_undo(j);
		return -1;
	}
	return JOURNAL_COMMIT(j, "note", e);
}

/* --- reading --------------------------------------------------------------------- */

/* A line that outlives its statement. */
struct kept {
	struct journal_entry entry;
	char *target, *kind, *who, *text;
};

static void keep(sqlite3_stmt *s, struct kept *k)
{
	k->target = journal_text(s, 2);
	k->kind = journal_text(s, 3);
	k->who = journal_text(s, 4);
	k->text = journal_text(s, 5);
	k->entry = (struct journal_entry){ .id = sqlite3_column_int64(s, 0),
		.at = sqlite3_column_int64(s, 1), .target = k->target, .kind = k->kind,
		.who = k->who, .text = k->text, .run = sqlite3_column_int64(s, 6),
		.step = sqlite3_column_int64(s, 7) };
}

static void kept_clear(struct kept *k)
{
	free(k->target);
	free(k->kind);
	free(k->who);
	free(k->text);
}

static int read_page(struct journal *j, const char *target, int64_t since,
    struct kept page[PAGE_ENTRIES], size_t *n, struct err *e)
{
	sqlite3_stmt *s;
	int more;

	*n = 0;
	if (journal_begin_read(j, e))
		return -1;
	s = journal_use(j, SQL_EACH_ENTRY, "iti", since, target, (int64_t)PAGE_ENTRIES);
	while ((more = journal_row(j, s, e)) > 0)
		keep(s, &page[(*n)++]);
	return journal_end_read(j, more);
}

/* In pages: a slow reader would keep the worker from committing. */
int journal_each(struct journal *j, const char *target, int64_t since, journal_entry_fn *each,
    void *ctx, struct err *e)
{
	struct kept page[PAGE_ENTRIES];
	size_t n;
	int failed;

	do {
		failed = read_page(j, target, since, page, &n, e);
		for (size_t i = 0; i < n; i++) {
			since = page[i].entry.id;
			if (!failed)
				each(ctx, &page[i].entry);
			kept_clear(&page[i]);
		}
	} while (!failed && n == PAGE_ENTRIES);
	return failed;
}
