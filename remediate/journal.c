/* journal.c - transactions and statements of the journal. */
#include "remediate/journal_internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"

static bool is_damage(int code)
{
	return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
}

int journal_failed(struct journal *j, const char *doing, struct err *e)
{
	int code = sqlite3_errcode(j->db) & 0xff;

	if (is_damage(code))
		return err_set(e, ERR_IO,
		    "the journal %s is damaged (%s): restore it, or move it away with its -journal "
		    "file and look at the target first, since what was begun is then forgotten",
		    j->path, sqlite3_errmsg(j->db));
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_set(e, ERR_IO, "cannot %s the journal %s: another process has had it "
		    "for %d s", doing, j->path, JOURNAL_BUSY_MS / 1000);
	return err_set(e, ERR_IO, "cannot %s the journal %s: %s", doing, j->path,
	    sqlite3_errmsg(j->db));
}

/* --- statements ------------------------------------------------------------------- */

sqlite3_stmt *journal_use(struct journal *j, enum sql which, const char *types, ...)
{
	sqlite3_stmt *s = j->ready[which];
	int code = SQLITE_OK;
	va_list ap;

	if (s == NULL) {
		code = sqlite3_prepare_v3(j->db, journal_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
		    &s, NULL);
		j->ready[which] = s;
	}
	if (s == NULL)
		return NULL;
	sqlite3_reset(s);
	va_start(ap, types);
	for (int i = 0; types[i] != '\0' && code == SQLITE_OK; i++) {
		if (types[i] == 't')
			code = sqlite3_bind_text(s, i + 1, va_arg(ap, const char *), -1,
			    SQLITE_TRANSIENT);
		else
			code = sqlite3_bind_int64(s, i + 1, va_arg(ap, int64_t));
	}
	va_end(ap);
	return code == SQLITE_OK ? s : NULL;
}

int journal_row(struct journal *j, sqlite3_stmt *s, struct err *e)
{
	int code = s != NULL ? sqlite3_step(s) : SQLITE_ERROR;
	int failed = 0;

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)   /* before the reset, which forgets the words */
		failed = journal_failed(j, sqlite3_stmt_readonly(s) ? "read" : "write", e);
	if (s != NULL)
		sqlite3_reset(s);
	return failed;
}

int journal_do(struct journal *j, sqlite3_stmt *s, int *n_changed, struct err *e)
{
	int more = journal_row(j, s, e);

	if (more > 0) {   /* a pragma answers */
		sqlite3_reset(s);
		more = 0;
	}
	if (n_changed != NULL)
		*n_changed = more == 0 ? sqlite3_changes(j->db) : 0;
	return more;
}

char *journal_text(sqlite3_stmt *s, int column)
{
	return mem_strdup((const char *)sqlite3_column_text(s, column));
}

/* --- transactions ------------------------------------------------------------------- */

static int begin(struct journal *j, enum sql how, struct err *e)
{
	j->give_up_ms = clock_mono_ms() + JOURNAL_BUSY_MS;
	return journal_do(j, journal_use(j, how, ""), NULL, e);
}

int journal_begin(struct journal *j, struct err *e)
{
	if (j->read_only)
		return err_set(e, ERR_IO, "the journal %s is open for reading only", j->path);
	return begin(j, SQL_BEGIN, e);
}

int journal_begin_read(struct journal *j, struct err *e)
{
	return begin(j, SQL_BEGIN_READ, e);
}

/* After some errors SQLite has rolled back by itself. */
void journal_undo(struct journal *j)
{
	struct err ignored;

	for (int i = 0; i < SQL_N; i++)
		if (j->ready[i] != NULL)
			sqlite3_reset(j->ready[i]);
	if (!sqlite3_get_autocommit(j->db))
		(void)!journal_do(j, journal_use(j, SQL_ROLLBACK, ""), NULL, &ignored);
}

int journal_commit(struct journal *j, const char *before, const char *after, struct err *e)
{
	(void)before;   /* unless there are fail points */
	(void)after;
	FAIL_POINT(before);
	if (journal_do(j, journal_use(j, SQL_COMMIT, ""), NULL, e)) {
		journal_undo(j);
		return -1;
	}
	FAIL_POINT(after);
	return 0;
}

int journal_end_read(struct journal *j, int failed)
{
	journal_undo(j);
	return failed;
}
