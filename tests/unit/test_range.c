/* test_range.c - plugin ranges, and limits on time left. */
#include "tests/unit/unit.h"

#include <math.h>
#include <string.h>
#include "lib/judge/range.h"

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)

/* --- ranges ----------------------------------------------------------------------------- */

/* Values that alert and values that do not, NAN ends a list. */
static const struct { const char *text; double alert[6], quiet[6]; } ranges[] = {
	{ "10", { -1, -0.001, 10.001, 11, NAN }, { 0, 5, 10, NAN } },
	{ "10:", { 9.999, 0, -10, NAN }, { 10, 11, 1e9, NAN } },
	{ ":10", { -1, 10.001, NAN }, { 0, 10, NAN } },
	{ "~:10", { 10.001, 11, NAN }, { -1e9, 0, 10, NAN } },
	{ "~:", { NAN }, { -1e9, 0, 1e9, NAN } },
	{ "10:20", { 9, 9.999, 20.001, NAN }, { 10, 15, 20, NAN } },
	{ "@10:20", { 10, 15, 20, NAN }, { 9.999, 20.001, NAN } },
	{ "@10", { 0, 5, 10, NAN }, { -0.001, 10.001, NAN } },
	{ "@~:10", { -1e9, 0, 10, NAN }, { 10.001, NAN } },
	{ "10:10", { 9.999, 10.001, NAN }, { 10, NAN } },
	{ "@0:0", { 0, NAN }, { -1, 1, NAN } },
	{ "@~:", { -1e9, 0, 1e9, NAN }, { NAN } },
	{ "010", { 11, NAN }, { 10, NAN } },
	{ " 10: \t", { 9, NAN }, { 10, NAN } },
	{ "+5", { 6, NAN }, { 5, NAN } },
	{ "-5:5", { -6, 6, NAN }, { -5, 0, 5, NAN } },
	{ "-20:-10", { -21, -9, NAN }, { -20, -10, NAN } },
	{ ".5", { 0.6, NAN }, { 0.5, NAN } },
	{ "5.", { 5.1, NAN }, { 5, NAN } },
	{ "1e3", { 1001, NAN }, { 1000, NAN } },
	{ "1.5:2.5", { 1.4, 2.6, NAN }, { 1.5, 2.5, NAN } },
};

START_TEST(test_range)
{
	struct range r;
	struct err e;

	ck_assert_msg(range_parse(ranges[_i].text, &r, &e) == 0, "\"%s\": %s", ranges[_i].text,
	    e.text);
	for (const double *v = ranges[_i].alert; !isnan(*v); v++)
		ck_assert_msg(range_alerts(&r, *v), "\"%s\" at %g", ranges[_i].text, *v);
	for (const double *v = ranges[_i].quiet; !isnan(*v); v++)
		ck_assert_msg(!range_alerts(&r, *v), "\"%s\" at %g", ranges[_i].text, *v);
}
END_TEST

static const char *const bad_ranges[] = {
	"10:5", "", " ", "@", ":", "~", "@:", "@~", "abc", "10abc", "5,5", "10:20:30", "1 0", "nan",
	"inf", "-inf:0", "0x10", "1e400", "1,5", "10:~", "@@5", "10:@5", "--5", "1e", ".", "~10",
	"5 :6",
	"10d", "25%",
};

START_TEST(test_bad_range)
{
	struct range r;
	struct err e;

	err_clear(&e);
	ck_assert_msg(range_parse(bad_ranges[_i], &r, &e) == -1, "\"%s\"", bad_ranges[_i]);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert(e.text[0] != '\0');
}
END_TEST

START_TEST(test_comma_is_explained)
{
	struct range r;
	struct err e;

	ck_assert_int_eq(range_parse("1,5", &r, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "point"));
}
END_TEST

/* --- limits ------------------------------------------------------------------------------- */

/* The last second that is quiet is first_quiet_s; one less alerts. */
static const struct { const char *text; int64_t first_quiet_s, life_s; } edges[] = {
	{ "30", 30 * DAY, 365 * DAY },
	{ " 30\t", 30 * DAY, 365 * DAY },
	{ "30d", 30 * DAY, -1 },
	{ "12h", 12 * HOUR, -1 },
	{ "4w", 28 * DAY, -1 },
	{ "90m", 90 * 60, -1 },
	{ "3600s", 3600, -1 },
	{ "2M", 60 * DAY, -1 },
	{ "1y", 365 * DAY, -1 },
	{ "0", 0, -1 },
	{ "010", 10 * DAY, -1 },
	{ "+5", 5 * DAY, -1 },
	{ "-5", -5 * DAY, -1 },
	{ "1.5", DAY + 12 * HOUR, -1 },
	{ ".5", 12 * HOUR, -1 },
	{ "1e1", 10 * DAY, -1 },
	{ "30:", 30 * DAY, -1 },
	{ "1.5:", DAY + 12 * HOUR, -1 },
	{ "25%", 100 * DAY, 400 * DAY },
	{ "12.5%", 50 * DAY, 400 * DAY },
	{ "0%", 0, 400 * DAY },
	{ "30,25%", 100 * DAY, 400 * DAY },
	{ "30,25%", 30 * DAY, 80 * DAY },
	{ "25%,30d", 100 * DAY, 400 * DAY },
	{ "30,25%", 30 * DAY, -1 },
};

START_TEST(test_limit_edge)
{
	int64_t edge_s = edges[_i].first_quiet_s;
	struct limit l;
	struct err e;

	ck_assert_msg(limit_parse(edges[_i].text, "--warning", &l, &e) == 0, "%s", e.text);
	ck_assert_msg(limit_alerts(&l, edge_s - 1, edges[_i].life_s), "\"%s\"", edges[_i].text);
	ck_assert_msg(!limit_alerts(&l, edge_s, edges[_i].life_s), "\"%s\"", edges[_i].text);
	ck_assert_msg(!limit_alerts(&l, edge_s + 1, edges[_i].life_s), "\"%s\"", edges[_i].text);
}
END_TEST

static const struct { const char *text; int64_t left_s, life_s; bool alerts; } limits[] = {
	{ "25%", 0, -1, false },               /* the life is not known */
	{ "100%", 10, 10, false },
	{ "100%", 9, 10, true },
	{ "@0:30", -1, -1, false },
	{ "@0:30", 0, -1, true },
	{ "@0:30", 30 * DAY, -1, true },
	{ "@0:30", 30 * DAY + 1, -1, false },
	{ "~:5", 5 * DAY, -1, false },
	{ "~:5", 5 * DAY + 1, -1, true },
	{ "~:", -1000 * DAY, -1, false },
	{ "10:20", 10 * DAY - 1, -1, true },
	{ "10:20", 10 * DAY, -1, false },
	{ "10:20", 20 * DAY, -1, false },
	{ "10:20", 20 * DAY + 1, -1, true },
};

START_TEST(test_limit)
{
	struct limit l;
	struct err e;

	ck_assert_msg(limit_parse(limits[_i].text, "--warning", &l, &e) == 0, "%s", e.text);
	ck_assert_msg(limit_alerts(&l, limits[_i].left_s, limits[_i].life_s) == limits[_i].alerts,
	    "\"%s\" at %lld", limits[_i].text, (long long)limits[_i].left_s);
}
END_TEST

static const char *const bad_limits[] = {
	"10:5", "", "  ", "@", ":", "~", "abc", "10abc", "5,5", "10:20:30", "1 0", "nan", "inf",
	"0x10",
	"1e400", "1,5", "30,", ",30", ",", "30d,40d", "25%,30%", "30,25%,5", "101%", "-1%", "%",
	"25 %",
	"1.5d", "-3d", "30D", "30 d", "3dd", "30,@0:5", "@0:5%", "99999999999", "99999999999d",
	"9223372036854775807y", "1e9:", "30;7", "30d4h",
};

START_TEST(test_bad_limit)
{
	struct limit l = { .has_time = true };
	struct err e;

	err_clear(&e);
	ck_assert_msg(limit_parse(bad_limits[_i], "--warning", &l, &e) == -1, "\"%s\"",
	    bad_limits[_i]);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_msg(strncmp(e.text, "--warning: \"", 12) == 0, "%s", e.text);
	ck_assert(!l.has_time && !l.has_percent && !l.has_range);
}
END_TEST

static const struct { const char *warning, *critical; bool sane; } pairs[] = {
	{ "30", "7", true }, { "30", "30", true }, { "7", "30", false }, { "4w", "29d", false },
	{ "24h", "1d", true }, { "25%", "10%", true }, { "10%", "25%", false },
	{ "30,25%", "7,30%", false }, { "30", "25%", true }, { "25%", "30", true },
	{ "30:", "7:", true }, { "7:", "30:", false }, { "30", "31:", false },
	{ "@0:30", "@0:7", true }, { "@0:7", "@0:30", false }, { "@0:30", "@0:30", true },
	{ "@20:30", "@0:20", true },          /* bands side by side */
	{ "10:20", "5:30", true }, { "5:30", "10:20", false },
	{ "~:10", "~:20", true }, { "~:20", "~:10", false },
	{ "~:", "@0:7", true },               /* no warning is wanted */
	{ "@0:7", "~:", true },
	{ "@~:30", "7:8", true }, { "@~:7", "30:31", false }, { "@3:5", "10:20", false },
	{ "10:20", "@3:5", true },
};

START_TEST(test_pair)
{
	struct limit warning, critical;
	struct err e;

	ck_assert_int_eq(limit_parse(pairs[_i].warning, "w", &warning, &e), 0);
	ck_assert_int_eq(limit_parse(pairs[_i].critical, "c", &critical, &e), 0);
	ck_assert_msg(limit_pair_is_sane(&warning, &critical) == pairs[_i].sane, "%s and %s",
	    pairs[_i].warning, pairs[_i].critical);
}
END_TEST

static const struct { const char *text; int64_t days; } days[] = {
	{ "30", 30 }, { "4w", 28 }, { "12h", 1 }, { "36h", 2 }, { "0", 0 }, { "30,25%", 30 },
	{ "25%", -1 }, { "@0:30", -1 }, { "30:", 30 }, { "-5", -1 },
};

START_TEST(test_days)
{
	struct limit l;
	struct err e;

	ck_assert_int_eq(limit_parse(days[_i].text, "w", &l, &e), 0);
	ck_assert_int_eq(limit_days(&l), days[_i].days);
}
END_TEST

/* What was put together alerts where one of its parts does. */
START_TEST(test_merge)
{
	static const char *const parts[] = { "30", "7", "90d,10%", "25%", "@0:3", "1h" };
	struct limit merged = { .has_time = false }, one[6];
	struct err e;

	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(limit_parse(parts[i], "w", &one[i], &e), 0);
		limit_merge(&merged, &one[i]);
	}
	for (int64_t left_s = -DAY; left_s < 120 * DAY; left_s += HOUR) {
		bool some = false;

		for (size_t i = 0; i < 6; i++)
			some = some || limit_alerts(&one[i], left_s, 400 * DAY);
		ck_assert_msg(limit_alerts(&merged, left_s, 400 * DAY) == some, "at %lld",
		    (long long)left_s);
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("range");
	TCase *t = tcase_create("range");

	tcase_add_loop_test(t, test_range, 0, UNIT_ROWS(ranges));
	tcase_add_loop_test(t, test_bad_range, 0, UNIT_ROWS(bad_ranges));
	tcase_add_test(t, test_comma_is_explained);
	tcase_add_loop_test(t, test_limit_edge, 0, UNIT_ROWS(edges));
	tcase_add_loop_test(t, test_limit, 0, UNIT_ROWS(limits));
	tcase_add_loop_test(t, test_bad_limit, 0, UNIT_ROWS(bad_limits));
	tcase_add_loop_test(t, test_pair, 0, UNIT_ROWS(pairs));
	tcase_add_loop_test(t, test_days, 0, UNIT_ROWS(days));
	tcase_add_test(t, test_merge);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
