/* test_err.c - the error type: codes, prefixes, cleaning, cutting. */
#include "lib/base/err.h"

#include <string.h>
#include "tests/unit/unit.h"

START_TEST(test_set_returns_minus_one)
{
	struct err e = { 0 };

	ck_assert_int_eq(err_set(&e, ERR_IO, "cannot open %s: %d", "x", 7), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_str_eq(e.text, "cannot open x: 7");
	ck_assert_int_eq(err_set(NULL, ERR_IO, "%s", "nobody listens"), -1);
	ck_assert_int_eq(err_prefix(NULL, "%s", "nobody listens"), -1);
	err_clear(NULL);
}
END_TEST

START_TEST(test_set_replaces)
{
	struct err e = { 0 };

	err_set(&e, ERR_IO, "a long first sentence");
	err_set(&e, ERR_TLS, "short");
	ck_assert_int_eq(e.code, ERR_TLS);
	ck_assert_str_eq(e.text, "short");
	err_set(&e, ERR_TLS, "again %s", e.text);  /* from its own text */
	ck_assert_str_eq(e.text, "again short");
}
END_TEST

START_TEST(test_prefix)
{
	struct err e = { 0 };

	ck_assert_int_eq(err_prefix(&e, "early"), -1);
	ck_assert_str_eq(e.text, "");
	ck_assert_int_eq(e.code, ERR_NONE);
	err_set(&e, ERR_ANSWER, "want a string");
	ck_assert_int_eq(err_prefix(&e, "page %d", 2), -1);
	err_prefix(&e, "prod");
	ck_assert_str_eq(e.text, "prod: page 2: want a string");
	ck_assert_int_eq(e.code, ERR_ANSWER);
	err_clear(&e);
	ck_assert_int_eq(e.code, ERR_NONE);
	ck_assert_str_eq(e.text, "");
}
END_TEST

START_TEST(test_controls)
{
	struct err e = { 0 };

	err_set(&e, ERR_ANSWER, "a%sb", "\n\r\t\x1b[31m\x7f\x01");
	ck_assert_str_eq(e.text, "a????[31m??b");
	err_prefix(&e, "x\ny");
	ck_assert_str_eq(e.text, "x?y: a????[31m??b");
}
END_TEST

/* A string of n bytes 'x', then tail. */
static void fill(char *out, size_t n, const char *tail)
{
	memset(out, 'x', n);
	memcpy(out + n, tail, strlen(tail) + 1);
}

static const struct { size_t fill; const char *tail; size_t length; } cuts[] = {
	{ ERR_TEXT_BYTES - 2, "", ERR_TEXT_BYTES - 2 },
	{ ERR_TEXT_BYTES - 1, "", ERR_TEXT_BYTES - 1 },
	{ ERR_TEXT_BYTES, "", ERR_TEXT_BYTES - 1 },
	{ ERR_TEXT_BYTES * 3, "", ERR_TEXT_BYTES - 1 },
	{ ERR_TEXT_BYTES - 3, "\xC3\xA4", ERR_TEXT_BYTES - 1 },            /* just fits */
	{ ERR_TEXT_BYTES - 2, "\xC3\xA4", ERR_TEXT_BYTES - 2 },            /* one byte too long */
	{ ERR_TEXT_BYTES - 3, "\xE2\x82\xAC", ERR_TEXT_BYTES - 3 },
	{ ERR_TEXT_BYTES - 4, "\xF0\x9F\x98\x80", ERR_TEXT_BYTES - 4 },
	{ ERR_TEXT_BYTES - 5, "\xF0\x9F\x98\x80", ERR_TEXT_BYTES - 1 },
};

START_TEST(test_cut)
{
	char text[ERR_TEXT_BYTES * 4];
	struct err e = { 0 };

	fill(text, cuts[_i].fill, cuts[_i].tail);
	err_set(&e, ERR_IO, "%s", text);
	ck_assert_uint_eq(strlen(e.text), cuts[_i].length);
	err_set(&e, ERR_IO, "%s", text + 5);
	err_prefix(&e, "abc");
	ck_assert_uint_eq(strlen(e.text), cuts[_i].length);
	ck_assert_int_eq(strncmp(e.text, "abc: x", 6), 0);
}
END_TEST

START_TEST(test_cut_prefix)
{
	char text[ERR_TEXT_BYTES * 4];
	struct err e = { 0 };

	fill(text, sizeof text - 1, "");
	err_set(&e, ERR_IO, "disk");
	err_prefix(&e, "%s", text);
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_BYTES - 1);
	ck_assert_int_eq(e.code, ERR_IO);
}
END_TEST

/* Bytes that only look like a cut character are left as they came. */
START_TEST(test_cut_of_garbage)
{
	char text[ERR_TEXT_BYTES * 2];
	struct err e = { 0 };

	memset(text, '\x80', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	err_set(&e, ERR_IO, "%s", text);
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_BYTES - 1);
}
END_TEST

START_TEST(test_code_names)
{
	static const char *const names[] = { "none", "usage", "config", "io", "unreachable",
		"timeout", "tls", "auth", "answer", "refused", "busy", "ambiguous" };

	ck_assert_int_eq(UNIT_ROWS(names), ERR_AMBIGUOUS + 1);
	for (int i = 0; i < UNIT_ROWS(names); i++)
		ck_assert_str_eq(err_code_name((enum err_code)i), names[i]);
	ck_assert_str_eq(err_code_name((enum err_code)(ERR_AMBIGUOUS + 1)), "unknown");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("err");
	TCase *tc = tcase_create("err");

	tcase_add_test(tc, test_set_returns_minus_one);
	tcase_add_test(tc, test_set_replaces);
	tcase_add_test(tc, test_prefix);
	tcase_add_test(tc, test_controls);
	tcase_add_loop_test(tc, test_cut, 0, UNIT_ROWS(cuts));
	tcase_add_test(tc, test_cut_prefix);
	tcase_add_test(tc, test_cut_of_garbage);
	tcase_add_test(tc, test_code_names);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
