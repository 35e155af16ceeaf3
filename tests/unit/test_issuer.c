/* test_issuer.c - the program that issues: what it is given, and every way in
 * which it can go wrong. */
#include "remediate/issuer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/fileio.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define LIMIT_S 20
#define REQUEST_BYTES 200000       /* more than a pipe holds */

static void setup(void)
{
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	scratch_make();
}

/* A shell script of these lines. */
static const char *program(const char *lines)
{
	char text[2048];

	ck_assert_int_lt(snprintf(text, sizeof text, "#!/bin/sh\n%s\n", lines), (int)sizeof text);
	return scratch_text("issuer", text, 0700);
}

static int run(const char *path, int64_t limit_s, size_t max_bytes, struct buf *answer,
    struct err *e)
{
	struct buf request;
	int failed;

	buf_init(&request, 64);
	buf_adds(&request, "the request\n");
	buf_init(answer, max_bytes);
	failed = issuer_run(path, "prod", &request, limit_s, answer, e);
	buf_clear(&request);
	return failed;
}

static void check_answer(const char *lines, const char *want)
{
	struct buf answer;
	struct err e = { 0 };

	ck_assert_msg(run(program(lines), LIMIT_S, ISSUER_OUTPUT_MAX, &answer, &e) == 0, "%s",
	    e.text);
	ck_assert_str_eq(buf_str(&answer), want);
	buf_clear(&answer);
}

START_TEST(hands_over_request_and_answer)
{
	check_answer("cat; echo end", "the request\nend\n");
}
END_TEST

START_TEST(gives_a_clean_environment)
{
	ck_assert_int_eq(setenv("CERTS_TEST_SECRET", "x", 1), 0);
	check_answer("env | grep -v -e '^PWD=' -e '^_=' -e '^SHLVL=' -e '^OLDPWD=' | cut -d= -f1 | sort",
	    "CHECK_CERTS_TARGET\nLANG\nPATH\n");
	check_answer("echo $CHECK_CERTS_TARGET $#", "prod 0\n");
}
END_TEST

/* What a library forgot to mark is not inherited either. */
START_TEST(gives_no_other_descriptor)
{
	int fd = open("/dev/null", O_RDONLY);

	ck_assert_int_ge(fd, 3);
	check_answer("for i in 3 4 5 6 7 8 9; do ( eval \": <&$i\" ) 2>/dev/null && echo $i; done\n"
	    "echo none", "none\n");
	close(fd);
}
END_TEST

START_TEST(needs_no_reader_of_the_request)
{
	struct buf request, answer;
	struct err e = { 0 };

	buf_init(&request, REQUEST_BYTES);
	for (size_t i = 0; i < REQUEST_BYTES; i++)
		buf_addc(&request, 'x');
	buf_init(&answer, ISSUER_OUTPUT_MAX);
	ck_assert_msg(issuer_run(program("exec <&-; echo chain"), "prod", &request, LIMIT_S, &answer,
	    &e) == 0, "%s", e.text);
	ck_assert_str_eq(buf_str(&answer), "chain\n");
	buf_reset(&answer);
	ck_assert_msg(issuer_run(program("wc -c | tr -d ' '"), "prod", &request, LIMIT_S, &answer, &e)
	    == 0, "%s", e.text);
	ck_assert_str_eq(buf_str(&answer), "200000\n");
	buf_clear(&answer);
	buf_clear(&request);
}
END_TEST

static const struct { const char *lines; enum err_code code; const char *words; } failures[] = {
	{ "exit 3", ERR_REFUSED, "failed with status 3" },
	{ "echo first >&2; echo 'quota exceeded' >&2; exit 1", ERR_REFUSED, "status 1: quota exceeded" },
	{ "printf 'a|b\\033[31m<x>' >&2; exit 1", ERR_REFUSED, "status 1: a/b?(31m(x)" },
	{ "cat >/dev/null; echo 'not today' >&2", ERR_REFUSED, "answered nothing: not today" },
	{ "kill -9 $$", ERR_REFUSED, "was ended by signal 9" },
	{ "echo chain; exit 1", ERR_REFUSED, "failed with status 1" },
	{ "head -c 300000 /dev/zero", ERR_REFUSED, "answered more than 262144 bytes" },
	{ "head -c 300000 /dev/zero >&2; exit 9", ERR_REFUSED, "failed with status 9" },
	{ "yes", ERR_REFUSED, "answered more than 262144 bytes" },
};

START_TEST(tells_what_went_wrong)
{
	struct buf answer;
	struct err e = { 0 };

	ck_assert_int_eq(run(program(failures[_i].lines), LIMIT_S, ISSUER_OUTPUT_MAX, &answer, &e),
	    -1);
	ck_assert_msg(e.code == failures[_i].code, "%s", e.text);
	ck_assert_msg(strstr(e.text, failures[_i].words) != NULL, "%s", e.text);
	buf_clear(&answer);
}
END_TEST

static bool is_gone(pid_t pid)
{
	char path[64], state[64] = "";
	FILE *f;

	if (kill(pid, 0) != 0)
		return true;
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return true;
	if (fscanf(f, "%*d (%*[^)]) %63s", state) != 1)
		state[0] = '\0';
	fclose(f);
	return state[0] == 'Z';
}

static void wait_until_gone(pid_t pid)
{
	for (int i = 0; i < 200 && !is_gone(pid); i++)
		(void)poll(NULL, 0, 25);
	ck_assert(is_gone(pid));
}

static pid_t pid_in(const char *name)
{
	struct buf text;
	struct err e;
	pid_t pid;

	buf_init(&text, 64);
	ck_assert_msg(fileio_read(scratch_path(name), &text, &e) == 0, "%s", e.text);
	pid = (pid_t)strtol(buf_str(&text), NULL, 10);
	buf_clear(&text);
	ck_assert_int_gt(pid, 1);
	return pid;
}

/* At the time-out the whole group ends, a helper of the program with it. */
START_TEST(ends_all_of_it_at_the_time_limit)
{
	char lines[512];
	struct buf answer;
	struct err e = { 0 };
	int64_t began_ms = clock_mono_ms();

	snprintf(lines, sizeof lines, "sleep 600 & echo $! > %s; wait", scratch_path("helper"));
	ck_assert_int_eq(run(program(lines), 1, ISSUER_OUTPUT_MAX, &answer, &e), -1);
	ck_assert_int_eq(e.code, ERR_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(e.text, "no answer within 1 s"));
	ck_assert_int_lt(clock_mono_ms() - began_ms, 15000);
	wait_until_gone(pid_in("helper"));
	buf_clear(&answer);
}
END_TEST

/* A helper that keeps the pipe open is neither waited for nor left behind. */
START_TEST(does_not_wait_for_a_helper)
{
	char lines[512];
	struct buf answer;
	struct err e = { 0 };
	int64_t began_ms = clock_mono_ms();

	snprintf(lines, sizeof lines, "sleep 600 & echo $! > %s; echo chain", scratch_path("helper"));
	ck_assert_msg(run(program(lines), 60, ISSUER_OUTPUT_MAX, &answer, &e) == 0, "%s", e.text);
	ck_assert_str_eq(buf_str(&answer), "chain\n");
	ck_assert_int_lt(clock_mono_ms() - began_ms, 30000);
	wait_until_gone(pid_in("helper"));
	buf_clear(&answer);
}
END_TEST

/* --- which programs are run --------------------------------------------------------- */

static void check_refused(const char *path, const char *words)
{
	struct buf answer;
	struct err e = { 0 };

	ck_assert_int_eq(run(path, LIMIT_S, ISSUER_OUTPUT_MAX, &answer, &e), -1);
	ck_assert_msg(e.code == ERR_CONFIG, "%s", e.text);
	ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text);
	ck_assert_uint_eq(answer.len, 0);
	buf_clear(&answer);
}

START_TEST(refuses_what_is_no_safe_program)
{
	const char *path = program("echo chain");

	check_refused("issuer", "whole path");
	check_refused("issuer; echo chain", "whole path");
	check_refused(scratch_path("missing"), "cannot look at");
	ck_assert_int_eq(symlink(path, scratch_path("link")), 0);
	check_refused(scratch_path("link"), "symbolic link");
	ck_assert_int_eq(mkdir(scratch_path("dir"), 0700), 0);
	check_refused(scratch_path("dir"), "not a regular file");
	ck_assert_int_eq(chmod(path, 0770), 0);
	check_refused(path, "run: chmod go-w");
	ck_assert_int_eq(chmod(path, 0702), 0);
	check_refused(path, "run: chmod go-w");
	ck_assert_int_eq(chmod(path, 0600), 0);
	check_refused(path, "run: chmod u+x");
}
END_TEST

/* Whoever may write the directory could put another program there. */
START_TEST(refuses_a_directory_that_others_write)
{
	const char *path;

	ck_assert_int_eq(mkdir(scratch_path("open"), 0700), 0);
	path = scratch_text("open/issuer", "#!/bin/sh\necho chain\n", 0700);
	ck_assert_int_eq(chmod(scratch_path("open"), 0777), 0);
	check_refused(path, "can be written by others");
	ck_assert_int_eq(chmod(scratch_path("open"), 0700), 0);
}
END_TEST

START_TEST(tells_what_cannot_be_started)
{
	const char *path = scratch_text("issuer", "#!/nonexistent/interpreter\n", 0700);
	struct buf answer;
	struct err e = { 0 };

	if (getenv("UNDER_VALGRIND") != NULL)
		return;              /* which finds the interpreter missing only after the exec */
	ck_assert_int_eq(run(path, LIMIT_S, ISSUER_OUTPUT_MAX, &answer, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_msg(strstr(e.text, strerror(ENOENT)) != NULL, "%s", e.text);
	buf_clear(&answer);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("issuer");
	TCase *t = tcase_create("issuer");

	tcase_add_unchecked_fixture(t, setup, scratch_remove);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, hands_over_request_and_answer);
	tcase_add_test(t, gives_a_clean_environment);
	tcase_add_test(t, gives_no_other_descriptor);
	tcase_add_test(t, needs_no_reader_of_the_request);
	tcase_add_loop_test(t, tells_what_went_wrong, 0, UNIT_ROWS(failures));
	tcase_add_test(t, ends_all_of_it_at_the_time_limit);
	tcase_add_test(t, does_not_wait_for_a_helper);
	tcase_add_test(t, refuses_what_is_no_safe_program);
	tcase_add_test(t, refuses_a_directory_that_others_write);
	tcase_add_test(t, tells_what_cannot_be_started);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
