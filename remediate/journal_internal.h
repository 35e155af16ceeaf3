/* journal_internal.h - what the files of the journal share; private to
 * remediate/journal*.c, the only ones that know SQLite.
 *
 * Every statement is a row of one table and is prepared once.  A function of
 * journal.h is: journal_begin, statements, JOURNAL_COMMIT, or journal_undo. */
#ifndef CHECK_CERTS_JOURNAL_INTERNAL_H
#define CHECK_CERTS_JOURNAL_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include "remediate/failpoint.h"
#include "remediate/journal.h"

#define JOURNAL_APPLICATION 0x63657274   /* "cert": whose file this is */
#define JOURNAL_SCHEMA 2

enum sql {
	SQL_BEGIN, SQL_BEGIN_READ, SQL_COMMIT, SQL_ROLLBACK,
	SQL_ADD_ENTRY, SQL_EACH_ENTRY,
	SQL_FIND_WORD, SQL_ADD_WORD, SQL_REQUESTS, SQL_CLOSE_REQUEST,
	SQL_OTHER_OPEN_RUN, SQL_ADD_RUN, SQL_ADD_STEP, SQL_OPEN_RUN, SQL_GET_RUN, SQL_RUNS,
	SQL_CLEANUPS, SQL_SET_RUN, SQL_APPROVE, SQL_BIND, SQL_TARGET_OF_RUN,
	SQL_TARGET_OF_WORD, SQL_STATE_OF_RUN,
	SQL_STEPS, SQL_INTENT, SQL_ACTED, SQL_MADE, SQL_NOT_ACTED, SQL_VERIFIED,
	SQL_RETRY,
	SQL_PAST_RUNS, SQL_PAST_FAILED, SQL_PAST_PAUSE, SQL_PAST_DOWNTIME, SQL_PAST_EVENT,
	SQL_N
};
extern const char *const journal_sql[SQL_N];
extern const char *const journal_schema;   /* of an empty file */
/* From each version to the next; [0] is none. */
extern const char *const journal_upgrades[JOURNAL_SCHEMA];

struct journal {
	sqlite3 *db;
	char *path;
	bool read_only;
	int64_t give_up_ms;                /* monotonic; when waiting for another process ends */
	sqlite3_stmt *ready[SQL_N];
};

/* The one way to say what SQLite said. */
int journal_failed(struct journal *j, const char *doing, struct err *e);

int journal_begin(struct journal *j, struct err *e) MUST_USE;        /* to write */
int journal_begin_read(struct journal *j, struct err *e) MUST_USE;
void journal_undo(struct journal *j);                                /* NULL-safe, never fails */
int journal_commit(struct journal *j, const char *before, const char *after, struct err *e)
    MUST_USE;
#define JOURNAL_COMMIT(j, what, e) \
	journal_commit(j, "journal: before " what, "journal: after " what, e)

/* End a transaction that only read, or one that failed: returns failed. */
int journal_end_read(struct journal *j, int failed);

/* The statement with its values bound, in order: types holds a 't' (const char
 * *, NULL for none) or an 'i' (int64_t) each.  Valid until it is used again. */
sqlite3_stmt *journal_use(struct journal *j, enum sql which, const char *types, ...);

/* The next row.  1, 0: no more, -1.  After 0 and -1 the statement is at rest. */
int journal_row(struct journal *j, sqlite3_stmt *s, struct err *e) MUST_USE;

/* Run a statement that gives no row; *n_changed (NULL: not wanted) rows. */
int journal_do(struct journal *j, sqlite3_stmt *s, int *n_changed, struct err *e) MUST_USE;

/* A column as a string of its own; NULL for none. */
char *journal_text(sqlite3_stmt *s, int column) MUST_USE;

/* One more line of the trail, inside a transaction.  run 0, step -1: none. */
struct journal_line {
	int64_t at;
	const char *target, *kind, *who, *text;
	int64_t run, step;
};
int journal_add_entry(struct journal *j, const struct journal_line *line, struct err *e) MUST_USE;

/* Whose run (SQL_TARGET_OF_RUN) or word that is; *target is the caller's to
 * free, NULL where there is none. */
int journal_target(struct journal *j, enum sql which, int64_t id, char **target, struct err *e)
    MUST_USE;

/* "running: MESSAGE" as a line about a run, for the history of its target. */
int journal_tell_state(struct journal *j, int64_t run, enum run_state state, const char *message,
    int64_t at, struct err *e) MUST_USE;

/* The id of the last line: the journal's own order, which no clock disturbs. */
int64_t journal_last_id(const struct journal *j);

#endif
