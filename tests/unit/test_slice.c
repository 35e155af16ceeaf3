/* test_slice.c - stretches of text, and the lines in them. */
#include "lib/base/slice.h"

#include <string.h>
#include "tests/unit/unit.h"

static const struct { const char *text, *trimmed;
} trims[] = {
	{ "", "" },
	{ " \t\r", "" },
	{ "a", "a" },
	{ "  a b\t", "a b" },
	{ "a\r", "a" },
	{ "\n a", "\n a" },
};

START_TEST(trims_both_ends)
{
	struct slice s = slice_trim(trims[_i].text, strlen(trims[_i].text));

	ck_assert(slice_is(s, trims[_i].trimmed));
	ck_assert(!slice_is(s, "something else"));
}
END_TEST

static const struct { const char *text, *lines[4]; } texts[] = {
	{ "", { NULL } },
	{ "\n", { "", NULL } },
	{ "a", { "a", NULL } },
	{ "a\n", { "a", NULL } },
	{ "a\r\n\r\n b", { "a", "", "b", NULL } },
	{ "\n\nc\n", { "", "", "c", NULL } },
};

START_TEST(finds_lines)
{
	const char *at = texts[_i].text, *end = at + strlen(at);
	struct slice line;
	size_t n = 0;

	while (slice_next_line(&at, end, &line)) {
		ck_assert_ptr_nonnull(texts[_i].lines[n]);
		ck_assert(slice_is(line, texts[_i].lines[n]));
		n++;
	}
	ck_assert_ptr_null(texts[_i].lines[n]);
	ck_assert_ptr_eq(at, end);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("slice");
	TCase *t = tcase_create("slice");

	tcase_add_loop_test(t, trims_both_ends, 0, UNIT_ROWS(trims));
	tcase_add_loop_test(t, finds_lines, 0, UNIT_ROWS(texts));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
