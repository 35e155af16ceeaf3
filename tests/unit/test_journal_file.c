/* test_journal_file.c - the file of the journal: made, shared, refused. */
#include "remediate/journal.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "lib/base/buf.h"
#include "lib/base/fileio.h"
#include "tests/unit/journal_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define AT INT64_C(1795305600)
#define STRANGER 12345

static struct err e;
static struct journal *j;

static void expect_refused(bool read_only, const char *message)
{
	memset(&e, 0, sizeof e);
	j = (struct journal *)&e;
	ck_assert_int_eq(journal_open(journal_world_path(), read_only, &j, &e), -1);
	ck_assert_ptr_null(j);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_msg(strstr(e.text, message) != NULL, "%s", e.text);
}

START_TEST(made)
{
	struct stat st;

	umask(0);
	journal_close(journal_world_open());
	umask(077);
	ck_assert_int_eq(stat(journal_world_path(), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(scratch_count(), 1);
	ck_assert_int_eq(journal_open(journal_world_path(), true, &j, &e), 0);
	ck_assert_int_eq(journal_note(j, "prod", 0, "rail", "x", AT, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "for reading only"));
	journal_close(j);
	journal_close(NULL);
}
END_TEST

START_TEST(a_reader_makes_nothing)
{
	expect_refused(true, "No such file");
	ck_assert_int_eq(scratch_count(), 0);
	scratch_text("remediation.db", "", 0600);
	expect_refused(true, "is empty");
}
END_TEST

START_TEST(refuses_files)
{
	scratch_text("remediation.db", "", 0640);
	expect_refused(false, "run: chmod 0600 ");
	unlink(journal_world_path());
	ck_assert_int_eq(symlink("elsewhere", journal_world_path()), 0);
	expect_refused(false, "is not a regular file");
	ck_assert_int_eq(access(scratch_path("elsewhere"), F_OK), -1);
	unlink(journal_world_path());
	ck_assert_int_eq(mkfifo(journal_world_path(), 0600), 0);
	expect_refused(false, "is not a regular file");
	unlink(journal_world_path());
	ck_assert_int_eq(mkdir(journal_world_path(), 0700), 0);
	expect_refused(false, "is not a regular file");
	rmdir(journal_world_path());
}
END_TEST

START_TEST(refuses_a_strangers_file)
{
	journal_close(journal_world_open());
	ck_assert_int_eq(chown(journal_world_path(), STRANGER, (gid_t)-1), 0);
	expect_refused(false, "belongs to another user (uid 12345)");
	expect_refused(true, "belongs to another user (uid 12345)");
}
END_TEST

static void run_sql(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(journal_world_path(), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

START_TEST(refuses_schemas)
{
	journal_close(journal_world_open());
	run_sql("PRAGMA user_version = 3");
	expect_refused(false, "written by a newer version (schema 3");
	expect_refused(true, "written by a newer version (schema 3");
	run_sql("PRAGMA user_version = 0");
	expect_refused(false, "unknown schema 0");
	run_sql("PRAGMA user_version = 2; PRAGMA application_id = 7");
	expect_refused(false, "another program's database");
	unlink(journal_world_path());
	umask(077);
	run_sql("CREATE TABLE bookmarks (url TEXT)");
	expect_refused(false, "another program's database");
	run_sql("SELECT url FROM bookmarks");   /* it is still as it was */
}
END_TEST

/* Schema 1 had no column for what a step made. */
START_TEST(an_older_file_is_brought_up_to_date)
{
	journal_close(journal_world_open());
	run_sql("ALTER TABLE step DROP COLUMN made; PRAGMA user_version = 1");
	expect_refused(true, "written by an older version");
	for (int i = 0; i < 2; i++)
		journal_close(journal_world_open());
	run_sql("SELECT made FROM step");
}
END_TEST

/* --- damage: told, and never overwritten -------------------------------------------------- */

static void fill(void)
{
	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(journal_note(j, "prod", 0, "rail",
		    "a sentence that is long enough to fill a few pages of the file", AT + i, &e), 0);
}

static void read_all(struct buf *b)
{
	buf_init(b, (size_t)1 << 24);
	ck_assert_int_eq(fileio_read(journal_world_path(), b, &e), 0);
}

static void expect_damaged(const void *bytes, size_t n)
{
	struct buf after;

	scratch_bytes("remediation.db", bytes, n, 0600);
	expect_refused(false, "is damaged");
	read_all(&after);
	ck_assert_uint_eq(after.len, n);
	ck_assert_mem_eq(after.data, bytes, n);
	buf_clear(&after);
}

START_TEST(garbage)
{
	static unsigned char bytes[8192];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 31 + i / 7);
	expect_damaged(bytes, sizeof bytes);
	expect_damaged("short", 5);
	memset(bytes, 0, sizeof bytes);
	expect_damaged(bytes, sizeof bytes);
}
END_TEST

START_TEST(torn)
{
	struct buf whole;

	j = journal_world_open();
	fill();
	journal_close(j);
	read_all(&whole);
	ck_assert_uint_gt(whole.len, 5 * 4096);
	expect_damaged(whole.data, whole.len / 2);
	memset(whole.data + 3 * 4096, 0xa5, 4096);   /* one page */
	expect_damaged(whole.data, whole.len);
	buf_clear(&whole);
}
END_TEST

/* --- no secrets ------------------------------------------------------------------------------ */

START_TEST(no_place_for_secrets)
{
	static const char *const never[] = { "key", "secret", "password", "token", "pem", "cert",
		"cookie", "credential" };
	sqlite3 *db;
	sqlite3_stmt *s;
	int n = 0;

	journal_close(journal_world_open());
	ck_assert_int_eq(sqlite3_open(journal_world_path(), &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT t.name, c.name, c.type FROM sqlite_schema t"
	    " JOIN pragma_table_info(t.name) c WHERE t.type = 'table'", -1, &s, NULL), SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 1);
		const char *type = (const char *)sqlite3_column_text(s, 2);

		n++;
		ck_assert_str_ne(type, "BLOB");
		for (int i = 0; i < UNIT_ROWS(never); i++)
			ck_assert_msg(strstr(name, never[i]) == NULL, "%s.%s",
			    (const char *)sqlite3_column_text(s, 0), name);
	}
	ck_assert_int_gt(n, 40);
	sqlite3_finalize(s);
	sqlite3_close(db);
}
END_TEST

/* --- two processes ----------------------------------------------------------------------------- */

/* A process that holds the file for writing until a byte comes. */
static pid_t start_holder(int release[2])
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(release), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		sqlite3 *db;

		close(release[1]);
		if (sqlite3_open(journal_world_path(), &db) != SQLITE_OK ||
		    sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK ||
		    write(ready[1], "x", 1) != 1 || read(release[0], &byte, 1) != 1)
			_exit(1);
		for (struct timespec t = { .tv_nsec = 300 * 1000000L }; nanosleep(&t, &t) != 0; )
			;   /* so that the other side really waits */
		if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK ||
		    sqlite3_close(db) != SQLITE_OK)
			_exit(1);
		journal_close(j);   /* our copy of the parent's */
		_exit(0);
	}
	close(ready[1]);
	close(release[0]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

START_TEST(another_process_has_it)
{
	struct past p;
	int release[2], status;
	pid_t pid;

	j = journal_world_open();
	pid = start_holder(release);
	ck_assert_int_eq(write(release[1], "x", 1), 1);
	ck_assert_msg(journal_note(j, "prod", 0, "rail", "waited", AT, &e) == 0, "%s", e.text);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(release[1]);
	pid = start_holder(release);
	ck_assert_int_eq(write(release[1], "x", 1), 1);
	ck_assert_msg(journal_past(j, "prod", AT, &p, &e) == 0, "%s", e.text);   /* reading waits too */
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(release[1]);
	journal_close(j);
}
END_TEST

/* It never lets go: an error after the time, and nothing was written. */
START_TEST(another_process_keeps_it)
{
	int release[2], status;
	pid_t pid;

	j = journal_world_open();
	pid = start_holder(release);
	ck_assert_int_eq(journal_note(j, "prod", 0, "rail", "never", AT, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_ptr_nonnull(strstr(e.text, "another process has had it"));
	ck_assert_int_eq(write(release[1], "x", 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	close(release[1]);
	ck_assert_int_eq(journal_note(j, "prod", 0, "rail", "now", AT, &e), 0);
	journal_close(j);
}
END_TEST

/* Two that make it at once make one. */
START_TEST(made_by_two_at_once)
{
	pid_t pids[4];

	for (int i = 0; i < UNIT_ROWS(pids); i++) {
		pids[i] = fork();
		ck_assert_int_ge(pids[i], 0);
		if (pids[i] == 0) {
			int failed = journal_open(journal_world_path(), false, &j, &e) ||
			    journal_note(j, "prod", 0, "rail", "here", AT, &e);

			journal_close(j);
			_exit(failed);
		}
	}
	for (int i = 0; i < UNIT_ROWS(pids); i++) {
		int status;

		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("journal_file");
	TCase *tc = tcase_create("journal_file");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, made);
	tcase_add_test(tc, a_reader_makes_nothing);
	tcase_add_test(tc, refuses_files);
	if (geteuid() == 0)
		tcase_add_test(tc, refuses_a_strangers_file);
	tcase_add_test(tc, refuses_schemas);
	tcase_add_test(tc, an_older_file_is_brought_up_to_date);
	tcase_add_test(tc, garbage);
	tcase_add_test(tc, torn);
	tcase_add_test(tc, no_place_for_secrets);
	tcase_add_test(tc, another_process_has_it);
	tcase_add_test(tc, another_process_keeps_it);
	tcase_add_test(tc, made_by_two_at_once);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
