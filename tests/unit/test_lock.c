/* test_lock.c - one worker at a target, however the one before ended. */
#include "remediate/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

START_TEST(taken_and_given_up)
{
	const char *path = scratch_path("a.lock");
	struct err e = { 0 };
	struct stat st;
	int fd = lock_take(path, &e);

	ck_assert_msg(fd >= 0, "%s", e.text);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(lock_take(path, &e), -1);   /* not even by ourselves */
	ck_assert_int_eq(e.code, ERR_BUSY);
	close(fd);
	fd = lock_take(path, &e);
	ck_assert_int_ge(fd, 0);
	close(fd);
}
END_TEST

/* A process that has the lock and waits; told by a byte. */
static pid_t start_holder(const char *path)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct err e;

		close(ready[0]);
		if (lock_take(path, &e) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

START_TEST(held_by_a_process_that_is_killed)
{
	const char *path = scratch_path("b.lock");
	pid_t pid = start_holder(path);
	struct err e = { 0 };
	char wanted[64];
	int fd;

	snprintf(wanted, sizeof wanted, "another worker (process %ld) has ", (long)pid);
	ck_assert_int_eq(lock_take(path, &e), -1);
	ck_assert_int_eq(e.code, ERR_BUSY);
	ck_assert_msg(strncmp(e.text, wanted, strlen(wanted)) == 0, "%s", e.text);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	fd = lock_take(path, &e);
	ck_assert_msg(fd >= 0, "%s", e.text);
	close(fd);
}
END_TEST

START_TEST(refuses)
{
	struct { const char *path, *message; } rows[] = {
		{ scratch_path("no/such.lock"), "No such file" },
		{ scratch_path("dir"), "cannot open the lock" },
		{ scratch_path("link"), "cannot open the lock" },
		{ scratch_path("fifo"), "is not a regular file" },
	};

	ck_assert_int_eq(mkdir(rows[1].path, 0700), 0);
	ck_assert_int_eq(symlink("target", rows[2].path), 0);
	ck_assert_int_eq(mkfifo(rows[3].path, 0600), 0);
	for (int i = 0; i < UNIT_ROWS(rows); i++) {
		struct err e = { 0 };

		ck_assert_int_eq(lock_take(rows[i].path, &e), -1);
		ck_assert_int_eq(e.code, ERR_IO);
		ck_assert_msg(strstr(e.text, rows[i].message) != NULL, "%s", e.text);
	}
	ck_assert_int_eq(access(scratch_path("target"), F_OK), -1);
}
END_TEST

/* What stands in the file is not believed. */
START_TEST(odd_content)
{
	const char *path = scratch_text("odd.lock", "not a number\n\n\n", 0600);
	struct err e = { 0 };
	int fd = lock_take(path, &e), other;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	other = lock_take(path, &e);
	ck_assert_int_eq(other, -1);
	ck_assert_ptr_nonnull(strstr(e.text, "another worker has "));
	close(fd);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("lock");
	TCase *tc = tcase_create("lock");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, taken_and_given_up);
	tcase_add_test(tc, held_by_a_process_that_is_killed);
	tcase_add_test(tc, refuses);
	tcase_add_test(tc, odd_content);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
