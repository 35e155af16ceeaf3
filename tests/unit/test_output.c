/* test_output.c - the one write, and the sentence for a run without a report. */
#include "plugins/output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define LARGE 300000

static const char zeroes[LARGE];   /* on no heap: the reader below ends without freeing */

static void ignore_sigpipe(void)
{
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

/* A reader in a process of its own: waits, then reads all; exits 0 when it
 * was n bytes. */
static pid_t start_reader(const int pipe_fds[2], size_t n, unsigned wait_ms)
{
	pid_t pid = fork();
	static char bytes[4096];
	size_t seen = 0;
	ssize_t got;

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	close(pipe_fds[1]);
	(void)poll(NULL, 0, (int)wait_ms);
	while ((got = read(pipe_fds[0], bytes, sizeof bytes)) > 0)
		seen += (size_t)got;
	_exit(seen == n ? 0 : 1);
}

static const struct { size_t n; unsigned wait_ms; } readers[] = {
	{ 1, 0 }, { 4096, 0 }, { 4096, 100 }, { LARGE, 0 }, { LARGE, 100 }, { 0, 0 },
};

START_TEST(a_pipe_gets_everything)
{
	struct err e = { 0 };
	int64_t began_ms = clock_mono_ms();
	int pipe_fds[2], status, failed;
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	pid = start_reader(pipe_fds, readers[_i].n, readers[_i].wait_ms);
	close(pipe_fds[0]);
	failed = output_write(pipe_fds[1], zeroes, readers[_i].n, began_ms + 10000, &e);
	ck_assert_msg(failed == 0, "%s", e.text);
	if (readers[_i].n > 0)   /* it was the reader that we waited for */
		ck_assert_int_ge(clock_mono_ms() - began_ms, readers[_i].wait_ms);
	close(pipe_fds[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

/* The write is given up at the deadline; the wait for the reader sooner. */
static const struct { size_t n; int64_t limit_ms; int outcome; } stuck[] = {
	{ 4096, 300, 0 },
	{ LARGE, 300, -1 },
};

START_TEST(a_stuck_reader_holds_nothing_up)
{
	struct err e = { 0 };
	int64_t began_ms = clock_mono_ms();
	int pipe_fds[2];

	ck_assert_int_eq(pipe(pipe_fds), 0);
	ck_assert_int_eq(output_write(pipe_fds[1], zeroes, stuck[_i].n,
	    began_ms + stuck[_i].limit_ms, &e),
	    stuck[_i].outcome);
	ck_assert_int_lt(clock_mono_ms() - began_ms, 5000);
	if (stuck[_i].outcome)
		ck_assert_int_eq(e.code, ERR_TIMEOUT);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}
END_TEST

START_TEST(a_reader_that_is_gone_is_an_error)
{
	struct err e = { 0 };
	int pipe_fds[2];

	ck_assert_int_eq(pipe(pipe_fds), 0);
	close(pipe_fds[0]);
	ck_assert_int_eq(output_write(pipe_fds[1], "x", 1, clock_mono_ms() + 1000, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	close(pipe_fds[1]);
}
END_TEST

static const struct { const char *path; int flags; } unwritable[] = {
	{ "/dev/full", O_WRONLY },     /* no space */
	{ "/dev/null", O_RDONLY },     /* what a closed standard output is filled with */
};

START_TEST(what_cannot_be_written_is_an_error)
{
	struct err e = { 0 };
	int fd = open(unwritable[_i].path, unwritable[_i].flags);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(output_write(fd, "x", 1, clock_mono_ms() + 1000, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	close(fd);
}
END_TEST

START_TEST(a_file_gets_everything)
{
	const char *path = scratch_text("out", "", 0600);
	struct err e = { 0 };
	int fd = open(path, O_WRONLY);

	ck_assert_int_eq(output_write(fd, zeroes, LARGE, clock_mono_ms() + 10000, &e), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_END), LARGE);
	close(fd);
}
END_TEST

static const struct { const char *lines; size_t max; const char *out; } texts[] = {
	{ "c.conf:1: wrong\n", 4096, "CERTS UNKNOWN - c.conf:1: wrong\n" },
	{ "no newline", 4096, "CERTS UNKNOWN - no newline\n" },
	{ "a;b|c\n", 4096, "CERTS UNKNOWN - a,b/c\n" },
	{ "one\ntwo\n", 4096, "CERTS UNKNOWN - one (and 1 more)\none\ntwo\n" },
	{ "one\ntwo\nthree\n", 80, "CERTS UNKNOWN - one (and 2 more)\none\n... and 2 more\n" },
};

START_TEST(tells_problems)
{
	struct buf out;

	buf_init(&out, 65536);
	output_unknown(&out, texts[_i].lines, texts[_i].max);
	ck_assert_str_eq(buf_str(&out), texts[_i].out);
	ck_assert_uint_le(out.len, texts[_i].max);
	buf_clear(&out);
}
END_TEST

START_TEST(stays_within_its_size)
{
	struct buf lines, out;

	buf_init(&lines, 1u << 20);
	buf_init(&out, 1u << 20);
	for (int i = 0; i < 1000; i++)
		buf_addf(&lines, "a problem with a long explanation, number %d\n", i);
	output_unknown(&out, buf_str(&lines), 4096);
	ck_assert_uint_le(out.len, 4096);
	ck_assert_uint_gt(out.len, 3900);
	ck_assert_ptr_nonnull(strstr(buf_str(&out), "\n... and 9"));
	buf_clear(&lines);
	buf_clear(&out);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("output");
	TCase *t = tcase_create("output");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_add_checked_fixture(t, ignore_sigpipe, NULL);
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, a_pipe_gets_everything, 0, UNIT_ROWS(readers));
	tcase_add_loop_test(t, a_stuck_reader_holds_nothing_up, 0, UNIT_ROWS(stuck));
	tcase_add_test(t, a_reader_that_is_gone_is_an_error);
	tcase_add_loop_test(t, what_cannot_be_written_is_an_error, 0, UNIT_ROWS(unwritable));
	tcase_add_test(t, a_file_gets_everything);
	tcase_add_loop_test(t, tells_problems, 0, UNIT_ROWS(texts));
	tcase_add_test(t, stays_within_its_size);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
