/* journal_open.c - the file of the journal: whose it is, and its tables. */
#include "remediate/journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"

#define WAIT_MS 20
#define TEXT_MAX_BYTES (4 * 1024 * 1024)   /* of one value; a plan is far below */

/* Called by SQLite while another process has the file. */
static int wait_for_others(void *ctx, int n_before)
{
	const struct journal *j = ctx;
	struct timespec pause = { .tv_nsec = WAIT_MS * 1000000L };

	(void)n_before;
	if (clock_mono_ms() >= j->give_up_ms)
		return 0;
	nanosleep(&pause, NULL);
	return 1;
}

/* Only ever looked at by name: closing a descriptor of this file would take
 * SQLite's own locks on it away. */
static int check_file(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st))
		return err_set(e, ERR_IO, "cannot open the journal %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_IO, "the journal %s is not a regular file", path);
	if (st.st_uid != geteuid())
		return err_set(e, ERR_IO, "the journal %s belongs to another user (uid %lu): run this "
		    "as that user", path, (unsigned long)st.st_uid);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(e, ERR_IO, "the journal %s is open to others; run: chmod 0600 %s",
		    path, path);
	return 0;
}

/* SQLite would make it with more rights. */
static int make_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return err_set(e, ERR_IO, "cannot make the journal %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return 0;
}

static int run_script(struct journal *j, const char *script, struct err *e)
{
	if (sqlite3_exec(j->db, script, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return journal_failed(j, "open", e);
}

/* The first column of the only row. */
static int ask(struct journal *j, const char *question, char **answer, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int failed = 0;

	*answer = NULL;
	if (sqlite3_prepare_v2(j->db, question, -1, &s, NULL) != SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW)
		failed = journal_failed(j, "read", e);
	else
		*answer = journal_text(s, 0);
	sqlite3_finalize(s);
	return failed;
}

static int ask_number(struct journal *j, const char *question, int64_t *n, struct err *e)
{
	char *answer;
	int failed = ask(j, question, &answer, e);

	*n = answer != NULL ? strtoll(answer, NULL, 10) : 0;
	free(answer);
	return failed;
}

/* What an older version wrote is brought up to date by whoever may write. */
static int upgrade(struct journal *j, int64_t version, struct err *e)
{
	if (version < 1)
		return err_set(e, ERR_IO, "the journal %s has the unknown schema %lld", j->path,
		    (long long)version);
	if (version < JOURNAL_SCHEMA && j->read_only)
		return err_set(e, ERR_IO, "the journal %s was written by an older version: the next "
		    "remediate_certs run brings it up to date", j->path);
	for (; version < JOURNAL_SCHEMA; version++) {
		if (run_script(j, journal_upgrades[version], e))
			return -1;
	}
	return 0;
}

/* Inside a transaction, so that two who begin at once make one. */
static int check_schema(struct journal *j, struct err *e)
{
	int64_t application, version, n_tables;

	if (ask_number(j, "PRAGMA application_id", &application, e) ||
	    ask_number(j, "PRAGMA user_version", &version, e) ||
	    ask_number(j, "SELECT count(*) FROM sqlite_schema", &n_tables, e))
		return -1;
	if (application == 0 && version == 0 && n_tables == 0)
		return j->read_only ? err_set(e, ERR_IO, "the journal %s is empty: no worker has "
		    "used it yet", j->path) : run_script(j, journal_schema, e);
	if (application != JOURNAL_APPLICATION)
		return err_set(e, ERR_IO, "%s is another program's database, not a journal", j->path);
	if (version > JOURNAL_SCHEMA)
		return err_set(e, ERR_IO, "the journal %s was written by a newer version (schema %lld, "
		    "this one knows %d): use that", j->path, (long long)version, JOURNAL_SCHEMA);
	return upgrade(j, version, e);
}

/* A page that was torn by the disk would be found only when it is used. */
static int check_pages(struct journal *j, struct err *e)
{
	char *answer;
	int failed = ask(j, "PRAGMA quick_check(1)", &answer, e);

	if (!failed && (answer == NULL || strcmp(answer, "ok") != 0))
		failed = err_set(e, ERR_IO, "the journal %s is damaged (%s): restore it, or move it "
		    "away and look at the target first, since what was begun is then forgotten",
		    j->path, answer != NULL ? answer : "no answer");
	free(answer);
	return failed;
}

/* EXTRA: the directory is synced too after a commit.  The answer is looked at,
 * since a setting that was not understood is no error. */
static int settle(struct journal *j, struct err *e)
{
	char *mode = NULL;
	int64_t synchronous = 0;
	int failed = run_script(j, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON;"
	    " PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
	    " PRAGMA synchronous = EXTRA;", e) ||
	    ask(j, "PRAGMA journal_mode = DELETE", &mode, e) ||
	    ask_number(j, "PRAGMA synchronous", &synchronous, e);

	if (!failed && (synchronous != 3 || mode == NULL || strcmp(mode, "delete") != 0))
		failed = err_set(e, ERR_IO, "the journal %s cannot be written durably", j->path);
	free(mode);
	if (failed || !j->read_only)
		return failed ? -1 : 0;
	return run_script(j, "PRAGMA query_only = ON", e);
}

static int open_tables(struct journal *j, struct err *e)
{
	if (j->read_only ? journal_begin_read(j, e) : journal_begin(j, e))
		return -1;
	if (check_schema(j, e) || (!j->read_only && check_pages(j, e))) {
		journal_undo(j);
		return -1;
	}
	return j->read_only ? journal_end_read(j, 0) : JOURNAL_COMMIT(j, "open", e);
}

/* A reader opens for writing as well: only so can it put right what a killed
 * writer left behind. */
static int open_database(struct journal *j, struct err *e)
{
	if (sqlite3_open_v2(j->path, &j->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return err_set(e, ERR_IO, "cannot open the journal %s: %s", j->path,
		    j->db != NULL ? sqlite3_errmsg(j->db) : "out of memory");
	sqlite3_limit(j->db, SQLITE_LIMIT_LENGTH, TEXT_MAX_BYTES);
	sqlite3_db_config(j->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_busy_handler(j->db, wait_for_others, j);
	j->give_up_ms = clock_mono_ms() + JOURNAL_BUSY_MS;
	return settle(j, e) ? -1 : open_tables(j, e);
}

int journal_open(const char *path, bool read_only, struct journal **out, struct err *e)
{
	struct journal *j;

	*out = NULL;
	if (!read_only && make_file(path, e))
		return -1;
	if (check_file(path, e))
		return -1;
	j = mem_alloc(sizeof *j);
	j->path = mem_strdup(path);
	j->read_only = read_only;
	if (open_database(j, e)) {
		journal_close(j);
		return -1;
	}
	*out = j;
	return 0;
}

void journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	for (int i = 0; i < SQL_N; i++)
		sqlite3_finalize(j->ready[i]);
	sqlite3_close(j->db);
	free(j->path);
	free(j);
}
