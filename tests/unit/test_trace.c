/* test_trace.c - the trace hook, and the clock. */
#include "lib/base/trace.h"

#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tests/unit/unit.h"

struct seen {
	int count, level;
	char text[4096];
};

static void remember(void *ctx, int level, const char *text)
{
	struct seen *seen = ctx;

	ck_assert_uint_lt(strlen(text), sizeof seen->text);
	seen->count++;
	seen->level = level;
	strcpy(seen->text, text);
}

static const struct { int wanted, level, count; } levels[] = {
	{ 0, TRACE_REQUEST, 0 },
	{ 1, TRACE_REQUEST, 0 },
	{ 2, TRACE_REQUEST, 1 },
	{ 2, TRACE_HEADER, 0 },
	{ 3, TRACE_REQUEST, 1 },
	{ 3, TRACE_HEADER, 1 },
	{ 9, TRACE_HEADER, 1 },
};

START_TEST(test_levels)
{
	struct seen seen = { 0 };
	struct trace t = { levels[_i].wanted, remember, &seen };

	trace_line(&t, levels[_i].level, "GET %s", "/x");
	ck_assert_int_eq(seen.count, levels[_i].count);
	ck_assert_str_eq(seen.text, levels[_i].count > 0 ? "GET /x" : "");
	ck_assert_int_eq(seen.level, levels[_i].count > 0 ? levels[_i].level : 0);
}
END_TEST

START_TEST(test_no_hook)
{
	struct trace t = { 3, NULL, NULL };

	trace_line(NULL, TRACE_REQUEST, "%s", "nobody");
	trace_line(&t, TRACE_REQUEST, "%s", "nobody");
}
END_TEST

START_TEST(test_one_bounded_clean_line)
{
	struct seen seen = { 0 };
	struct trace t = { 3, remember, &seen };
	char longest[100000];

	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	trace_line(&t, TRACE_HEADER, "%s", longest);
	ck_assert_int_eq(seen.count, 1);
	ck_assert_uint_gt(strlen(seen.text), 500);
	trace_line(&t, TRACE_HEADER, "< Server: %s", "a\r\nX: y\x1b[2J");
	ck_assert_str_eq(seen.text, "< Server: a??X: y?[2J");
}
END_TEST

START_TEST(test_clock)
{
	int64_t before_ms = clock_mono_ms(), after_ms = clock_mono_ms(), floor_at;

	ck_assert_int_ge(after_ms, before_ms);
	ck_assert_int_eq(text_to_time("2024-01-01", &floor_at), 0);
	ck_assert_int_gt(clock_wall_s(), floor_at);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("trace");
	TCase *tc = tcase_create("trace");

	tcase_add_loop_test(tc, test_levels, 0, UNIT_ROWS(levels));
	tcase_add_test(tc, test_no_hook);
	tcase_add_test(tc, test_one_bounded_clean_line);
	tcase_add_test(tc, test_clock);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
