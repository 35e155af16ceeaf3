/* test_conf_file.c - which files are taken for a configuration. */
#include "lib/conf.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define NSX "[nsx prod]\nurl = https://nsx.example\n"

/* Reads path; sentence is what the problem must hold, NULL: there is none. */
static void check_path(const char *path, const char *sentence)
{
	struct conf c;
	struct buf problems;
	int failed;

	conf_init(&c);
	buf_init(&problems, 65536);
	failed = conf_read(path, &c, &problems);
	ck_assert_int_eq(failed, sentence == NULL ? 0 : -1);
	ck_assert_uint_eq(c.n_targets, sentence == NULL ? 1 : 0);
	if (sentence != NULL) {
		ck_assert_msg(strstr(buf_str(&problems), sentence) != NULL, "%s",
		    buf_str(&problems));
		ck_assert_msg(strstr(buf_str(&problems), path) != NULL, "%s", buf_str(&problems));
	}
	buf_clear(&problems);
	conf_clear(&c);
}

static const unsigned good_modes[] = { 0600, 0640, 0644, 0400 };

START_TEST(reads_a_file)
{
	check_path(scratch_text("good.conf", NSX, good_modes[_i]), NULL);
}
END_TEST

static const unsigned bad_modes[] = { 0660, 0646, 0666, 0620 };

START_TEST(refuses_a_file_that_others_may_write)
{
	check_path(scratch_text("bad.conf", NSX, bad_modes[_i]), "chmod");
}
END_TEST

START_TEST(names_the_line)
{
	const char *path = scratch_text("wrong.conf", "[nsx prod]\nurl = x\n", 0600);
	char want[256];
	struct conf c;
	struct buf problems;

	conf_init(&c);
	buf_init(&problems, 65536);
	ck_assert_int_eq(conf_read(path, &c, &problems), -1);
	snprintf(want, sizeof want, "%s:2: url: want https://HOST[:PORT]\n", path);
	ck_assert_str_eq(buf_str(&problems), want);
	buf_clear(&problems);
	conf_clear(&c);
}
END_TEST

static const struct { const char *path, *sentence; } no_files[] = {
	{ "/nonexistent/check_certs.conf", "cannot open" },
	{ "/", "not a regular file" },
	{ "/dev/null", "not a regular file" },
};

START_TEST(refuses_what_is_no_file)
{
	check_path(no_files[_i].path, no_files[_i].sentence);
}
END_TEST

START_TEST(refuses_a_fifo_without_waiting)
{
	const char *path = scratch_path("fifo");

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	check_path(path, "not a regular file");
}
END_TEST

START_TEST(refuses_a_large_file)
{
	const char *path = scratch_text("large.conf", "", 0600);

	ck_assert_int_eq(truncate(path, (off_t)CONF_FILE_MAX_BYTES + 1), 0);
	check_path(path, "larger than 1048576 bytes");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("conf_file");
	TCase *t = tcase_create("conf_file");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_add_loop_test(t, reads_a_file, 0, UNIT_ROWS(good_modes));
	tcase_add_loop_test(t, refuses_a_file_that_others_may_write, 0, UNIT_ROWS(bad_modes));
	tcase_add_test(t, names_the_line);
	tcase_add_loop_test(t, refuses_what_is_no_file, 0, UNIT_ROWS(no_files));
	tcase_add_test(t, refuses_a_fifo_without_waiting);
	tcase_add_test(t, refuses_a_large_file);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
