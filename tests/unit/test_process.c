/* test_process.c - what the process does to itself. */
#include "plugins/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

START_TEST(fills_closed_descriptors)
{
	struct stat st, null;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	process_prepare();
	ck_assert_int_eq(stat("/dev/null", &null), 0);
	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++) {
		ck_assert_int_eq(fstat(fd, &st), 0);
		ck_assert(st.st_rdev == null.st_rdev);
	}
	/* so that the report's loss is noticed */
	ck_assert_int_eq(write(STDOUT_FILENO, "x", 1), -1);
}
END_TEST

START_TEST(leaves_no_core_and_no_open_files)
{
	struct rlimit core;
	struct sigaction action;
	mode_t mask;

	process_prepare();
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &core), 0);
	ck_assert_uint_eq(core.rlim_cur, 0);
	ck_assert_uint_eq(core.rlim_max, 0);
	mask = umask(0);
	ck_assert_uint_eq(mask, 077);
	ck_assert_int_eq(sigaction(SIGPIPE, NULL, &action), 0);
	ck_assert(action.sa_handler == SIG_IGN);
}
END_TEST

/* Runs until the watchdog bites; what it said, and its exit status. */
static int watched(int64_t after_s, int64_t replaced_by_s, enum state state, char *said,
    size_t room)
{
	int pipe_fds[2], status;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		static struct watchdog w;

		dup2(pipe_fds[1], STDOUT_FILENO);
		process_watch(&w, after_s, 20, STATE_UNKNOWN);
		process_watch(&w, replaced_by_s, 25, state);
		for (int i = 0; i < 100; i++)
			(void)poll(NULL, 0, 100);
		_exit(99);
	}
	close(pipe_fds[1]);
	n = read(pipe_fds[0], said, room - 1);
	said[n > 0 ? n : 0] = '\0';
	close(pipe_fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const struct { enum state state; const char *said; int status; } watches[] = {
	{ STATE_UNKNOWN, "CERTS UNKNOWN - no result within 25 s\n", 3 },
	{ STATE_CRITICAL, "CERTS CRITICAL - no result within 25 s\n", 2 },
};

START_TEST(ends_a_run_that_hangs)
{
	char said[128];

	ck_assert_int_eq(watched(5, 1, watches[_i].state, said, sizeof said), watches[_i].status);
	ck_assert_str_eq(said, watches[_i].said);
}
END_TEST

/* --- the state directory -------------------------------------------------------- */

static void check_state_dir(const char *dir, const char *want)
{
	char *own = process_state_dir(dir);

	ck_assert_msg((own == NULL) == (want == NULL), "%s", own != NULL ? own : "none");
	if (want != NULL)
		ck_assert_str_eq(own, want);
	free(own);
}

START_TEST(makes_the_state_directory)
{
	struct stat st;

	ck_assert_int_eq(mkdir(scratch_path("state"), 0755), 0);
	check_state_dir(scratch_path("state"), scratch_path("state/check"));
	ck_assert_int_eq(stat(scratch_path("state/check"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	check_state_dir(scratch_path("state"), scratch_path("state/check"));
}
END_TEST

START_TEST(does_without_the_state_directory)
{
	check_state_dir(scratch_path("missing"), NULL);
	ck_assert_int_eq(mkdir(scratch_path("open"), 0755), 0);
	ck_assert_int_eq(mkdir(scratch_path("open/check"), 0700), 0);
	ck_assert_int_eq(chmod(scratch_path("open/check"), 0777), 0);
	check_state_dir(scratch_path("open"), NULL);
	ck_assert_int_eq(mkdir(scratch_path("linked"), 0755), 0);
	ck_assert_int_eq(symlink("/tmp", scratch_path("linked/check")), 0);
	check_state_dir(scratch_path("linked"), NULL);
	ck_assert_int_eq(mkdir(scratch_path("file"), 0755), 0);
	scratch_text("file/check", "", 0600);
	check_state_dir(scratch_path("file"), NULL);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("process");
	TCase *t = tcase_create("process");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, fills_closed_descriptors);
	tcase_add_test(t, leaves_no_core_and_no_open_files);
	tcase_add_loop_test(t, ends_a_run_that_hangs, 0, UNIT_ROWS(watches));
	tcase_add_test(t, makes_the_state_directory);
	tcase_add_test(t, does_without_the_state_directory);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
