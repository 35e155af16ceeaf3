/* test_journal_crash.c - a writer that is killed at each place in turn: what is
 * left can be read, by a reader and by a writer, and is one of the states that
 * the writer went through. */
#include "remediate/journal.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/journal_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define AT INT64_C(1795305600)
#define PLACES_MAX 100

/* What a worker writes in one small run. */
static void write_a_run(void)
{
	struct journal *j = journal_world_open();
	struct err e = { 0 };
	int64_t run;

	journal_world_say(j, "a", WORD_EVENT, 0, -1, AT, JOURNAL_RECORDED);
	run = journal_world_run(j, "expiring", 0, 1, AT);
	journal_world_set(j, run, RUN_RUNNING, AT);
	if (journal_approve(j, run, "alice", AT, &e) ||
	    journal_intent(j, run, 0, NULL, NULL, "POST /x", AT, &e) ||
	    journal_bind(j, run, "new", "ef56", AT, &e) || journal_made(j, run, 0, "7", AT, &e) ||
	    journal_acted(j, run, 0, "200", AT, &e) || journal_verified(j, run, 0, "served", AT, &e))
		_exit(1);
	journal_world_set(j, run, RUN_DONE, AT);
	journal_close(j);
}

/* true: it was killed at this place; false: it came to its end. */
static bool kill_at(int place)
{
	char number[16];
	int status;
	pid_t pid;

	snprintf(number, sizeof number, "%d", place);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		setenv("CHECK_CERTS_FAIL_AT", number, 1);
		setenv("CHECK_CERTS_FAIL_LOG", scratch_path("log"), 1);
		write_a_run();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

/* How far the run is, as one number that must never go back. */
static int progress(struct journal *j)
{
	struct run r;
	struct step_record *steps;
	struct err e = { 0 };
	size_t n;
	int far;

	ck_assert_msg(journal_get_run(j, 1, &r, &e) == 0, "%s", e.text);
	if (r.id == 0)
		return 0;
	ck_assert_uint_eq(r.n_steps, 1);   /* a run is never there without its steps */
	ck_assert_msg(journal_steps(j, 1, &steps, &n, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(n, 1);
	ck_assert(r.state != RUN_DONE || steps[0].state == STEP_VERIFIED);
	ck_assert(steps[0].state < STEP_ACTED || steps[0].made != NULL);
	ck_assert(steps[0].made == NULL || r.new_id != NULL);
	far = 1 + (r.begun_at != 0) + (r.approved_at != 0) + (int)steps[0].state +
	    (r.new_id != NULL) + (steps[0].made != NULL) + (r.state == RUN_DONE);
	steps_free(steps, n);
	run_clear(&r);
	return far;
}

static int look_here(bool read_only)
{
	struct journal *j;
	struct err e = { 0 };
	int far;

	/* killed before the tables were committed: a reader finds an empty file */
	if (read_only && journal_open(journal_world_path(), true, &j, &e)) {
		ck_assert_msg(strstr(e.text, "is empty") != NULL, "%s", e.text);
		return 0;
	}
	if (!read_only)
		j = journal_world_open();
	far = progress(j);
	journal_close(j);
	return far;
}

/* In a process of its own, since the places are counted in a process. */
static int look(bool read_only)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(look_here(read_only));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(killed_at_each_place)
{
	int place = 1, before = 0;
	bool killed;

	do {
		int far;

		unlink(journal_world_path());
		killed = kill_at(place++);
		far = look(true);
		ck_assert_int_eq(look(false), far);
		ck_assert_int_ge(far, before);
		ck_assert_int_le(far, before + 1);
		before = far;
	} while (killed && place < PLACES_MAX);
	ck_assert(!killed);
	ck_assert_int_eq(before, 9);
	ck_assert_int_eq(place - 2, 22);   /* two at each of eleven commits */
}
END_TEST

/* The process that comes next finds the intent, and knows what was there before. */
START_TEST(killed_between_intent_and_outcome)
{
	struct journal *j = journal_world_open();
	struct err e = { 0 };
	int64_t run = journal_world_run(j, "expiring", 0, 1, AT);
	struct step_record *steps;
	size_t n;
	pid_t pid;
	int status;

	journal_close(j);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		j = journal_world_open();
		if (journal_intent(j, run, 0, "{}", "cd34", "POST /x", AT, &e))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	j = journal_world_open();
	ck_assert_int_eq(journal_steps(j, run, &steps, &n, &e), 0);
	ck_assert(n == 1 && steps[0].state == STEP_INTENT && steps[0].tries == 1);
	ck_assert_str_eq(steps[0].snapshot, "{}");
	steps_free(steps, n);
	journal_close(j);
}
END_TEST

/* Killed inside a transaction, with pages of it in the file and the rollback
 * journal beside it: the next one, a reader too, takes it back. */
START_TEST(killed_inside_a_transaction)
{
	pid_t pid;
	int status, before;

	write_a_run();
	before = look(true);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		sqlite3 *db;

		if (sqlite3_open(journal_world_path(), &db) == SQLITE_OK &&
		    sqlite3_exec(db, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN;"
		    " DELETE FROM step; DELETE FROM run; WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
		    " SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO trail (at, kind, text, run, step)"
		    " SELECT i, 'rail', 'half', 0, -1 FROM n", NULL, NULL, NULL) == SQLITE_OK)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(access(scratch_path("remediation.db-journal"), F_OK), 0);
	ck_assert_int_eq(look(true), before);
	ck_assert_int_eq(look(false), before);
	ck_assert_int_eq(access(scratch_path("remediation.db-journal"), F_OK), -1);
}
END_TEST

/* The names of the places are told, so that a sweep knows what it hit. */
START_TEST(places_are_told)
{
	char line[128];
	FILE *f;
	int n = 0;

	unlink(journal_world_path());
	unlink(scratch_path("log"));
	ck_assert(!kill_at(PLACES_MAX));
	f = fopen(scratch_path("log"), "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f) != NULL)
		ck_assert_msg(strncmp(line, n++ % 2 == 0 ? "journal: before " : "journal: after ", 15) ==
		    0, "%s", line);
	fclose(f);
	ck_assert_int_eq(n, 22);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("journal_crash");
	TCase *tc = tcase_create("journal_crash");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, killed_at_each_place);
	tcase_add_test(tc, killed_between_intent_and_outcome);
	tcase_add_test(tc, killed_inside_a_transaction);
	tcase_add_test(tc, places_are_told);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
