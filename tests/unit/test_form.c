/* test_form.c - application/x-www-form-urlencoded. */
#include <string.h>
#include "lib/source/form.h"
#include "tests/unit/unit.h"

static const struct { const char *plain, *encoded; } encodings[] = {
	{ "", "" },
	{ "azAZ09-._~", "azAZ09-._~" },
	{ " ", "%20" },
	{ "a+b=c&d;e", "a%2Bb%3Dc%26d%3Be" },
	{ "\x01\x7f\xff\xc3\xa9", "%01%7F%FF%C3%A9" },
	{ "100%", "100%25" },
	{ "\"'<>#?/\\", "%22%27%3C%3E%23%3F%2F%5C" },
};

START_TEST(test_encode)
{
	char out[FORM_GROWTH * 32];
	size_t n = form_encode(encodings[_i].plain, strlen(encodings[_i].plain), out);

	ck_assert_uint_eq(n, strlen(encodings[_i].encoded));
	ck_assert_mem_eq(out, encodings[_i].encoded, n);
}
END_TEST

START_TEST(test_encode_nul)
{
	char out[FORM_GROWTH * 3];

	ck_assert_uint_eq(form_encode("a\0b", 3, out), 5);
	ck_assert_mem_eq(out, "a%00b", 5);
}
END_TEST

START_TEST(test_build)
{
	struct secret user = { NULL, 0 }, password = { NULL, 0 }, form = { NULL, 0 };
	const struct form_field fields[] = { { "user", &user }, { "pass", &password },
		{ "none", &form } };

	secret_set(&user, "a&b", 3);
	secret_set(&password, "", 0);
	secret_set(&form, "what was there", 14);
	form_build(&form, fields, 2);
	ck_assert_str_eq(form.bytes, "user=a%26b&pass=");
	ck_assert_uint_eq(form.len, strlen(form.bytes));
	form_build(&form, fields, 1);
	ck_assert_str_eq(form.bytes, "user=a%26b");
	form_build(&form, fields, 0);
	ck_assert_str_eq(form.bytes, "");
	secret_wipe(&user);
	secret_wipe(&password);
	secret_wipe(&form);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("form");
	TCase *t = tcase_create("form");

	tcase_add_loop_test(t, test_encode, 0, UNIT_ROWS(encodings));
	tcase_add_test(t, test_encode_nul);
	tcase_add_test(t, test_build);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
