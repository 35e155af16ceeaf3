/* test_text_time.c - moments to text and back. */
#include "lib/base/text.h"

#include <string.h>
#include "tests/unit/unit.h"

#define YEAR_1_AT INT64_C(-62135596800)
#define YEAR_9999_END_AT INT64_C(253402300799)

static const struct { const char *s; int failed; int64_t at; } times[] = {
	{ "1970-01-01T00:00:00Z", 0, 0 },
	{ "1969-12-31T23:59:59Z", 0, -1 },
	{ "2026-11-25T04:00:00Z", 0, 1795579200 },
	{ "2026-11-25t04:00:00z", 0, 1795579200 },
	{ "2026-11-25 04:00:00Z", 0, 1795579200 },
	{ "2026-11-25T04:00:00.999999Z", 0, 1795579200 },
	{ "2026-11-25T04:00:00.0Z", 0, 1795579200 },
	{ "2026-11-25T04:00:00.10Z", 0, 1795579200 },
	{ "2026-11-25T05:30:00+01:30", 0, 1795579200 },
	{ "2026-11-24T20:00:00-08:00", 0, 1795579200 },
	{ "2026-11-25T04:00:00+00:00", 0, 1795579200 },
	{ "2026-11-25T04:00:00-00:00", 0, 1795579200 },
	{ "2026-11-25", 0, 1795564800 },
	{ "2038-01-19T03:14:08Z", 0, INT64_C(1) << 31 },
	{ "0001-01-01T00:00:00Z", 0, YEAR_1_AT },
	{ "0001-01-01", 0, YEAR_1_AT },
	{ "0000-01-01T00:00:00Z", 0, YEAR_1_AT - 366 * 86400 },
	{ "9999-12-31T23:59:59Z", 0, YEAR_9999_END_AT },
	{ "2000-02-29", 0, 951782400 },              /* a leap century */
	{ "2024-02-29T23:59:59Z", 0, 1709251199 },
	{ "1900-02-28", 0, -2203977600 },
	{ "1900-02-29", -1, 0 },                     /* not a leap century */
	{ "2100-02-29", -1, 0 },
	{ "2023-02-29", -1, 0 },
	{ "2016-12-31T23:59:60Z", 0, 1483228800 },   /* a leap second */
	{ "2017-01-01T00:59:60+01:00", 0, 1483228800 },
	{ "2016-12-31T23:58:60Z", -1, 0 },
	{ "2016-12-31T23:59:61Z", -1, 0 },
	{ "2026-11-31", -1, 0 }, { "2026-04-31", -1, 0 }, { "2026-00-10", -1, 0 },
	{ "2026-13-10", -1, 0 }, { "2026-11-00", -1, 0 }, { "2026-12-32", -1, 0 },
	{ "2026-11-25T24:00:00Z", -1, 0 }, { "2026-11-25T23:60:00Z", -1, 0 },
	{ "2026-11-25T04:00:00", -1, 0 },            /* whose noon? */
	{ "2026-11-25T04:00Z", -1, 0 }, { "2026-11-25T4:00:00Z", -1, 0 },
	{ "2026-11-25T04:00:00.Z", -1, 0 }, { "2026-11-25T04:00:00,5Z", -1, 0 },
	{ "2026-11-25T04:00:00+24:00", -1, 0 }, { "2026-11-25T04:00:00+01:60", -1, 0 },
	{ "2026-11-25T04:00:00+0100", -1, 0 }, { "2026-11-25T04:00:00+01", -1, 0 },
	{ "2026-11-25T04:00:00Zx", -1, 0 }, { "2026-11-25T04:00:00Z ", -1, 0 },
	{ " 2026-11-25", -1, 0 }, { "2026-11-25 ", -1, 0 }, { "2026-11-25T", -1, 0 },
	{ "2026-11-25X04:00:00Z", -1, 0 }, { "2026-11-253", -1, 0 },
	{ "2026-1-5", -1, 0 }, { "26-11-25", -1, 0 }, { "12026-11-25", -1, 0 },
	{ "-2026-11-25", -1, 0 }, { "+2026-11-25", -1, 0 }, { "2026/11/25", -1, 0 },
	{ "20:6-11-25", -1, 0 }, { "2026-11-1/", -1, 0 },  /* neighbours of the digits */
	{ "2026-11-25T04:00:00.:Z", -1, 0 }, { "2026-11-25T04:00:00./Z", -1, 0 },
	{ "20261125", -1, 0 }, { "2026-11-25T04:00:00 Z", -1, 0 }, { "", -1, 0 },
	{ "tomorrow", -1, 0 }, { "2026-11-2\xC2\xB2", -1, 0 },
};

START_TEST(test_to_time)
{
	int64_t at = 77;

	ck_assert_int_eq(text_to_time(times[_i].s, &at), times[_i].failed);
	ck_assert_int_eq(at, times[_i].failed ? 77 : times[_i].at);
}
END_TEST

static const struct { const char *s; int failed; int64_t at; } http_dates[] = {
	{ "Sun, 06 Nov 1994 08:49:37 GMT", 0, 784111777 },
	{ "Sunday, 06-Nov-94 08:49:37 GMT", 0, 784111777 },
	{ "Sun Nov  6 08:49:37 1994", 0, 784111777 },
	{ "Wed Nov 16 08:49:37 1994", 0, 784975777 },
	{ "Thu, 01 Jan 1970 00:00:00 GMT", 0, 0 },
	{ "Thursday, 01-Jan-70 00:00:00 GMT", 0, 0 },
	{ "Tuesday, 31-Dec-69 23:59:59 GMT", 0, INT64_C(3155759999) },   /* 2069 */
	{ "Thu, 29 Feb 2024 12:00:00 GMT", 0, 1709208000 },
	{ "Fri, 31 Dec 9999 23:59:59 GMT", 0, YEAR_9999_END_AT },
	{ "Sat, 31 Dec 2016 23:59:60 GMT", 0, 1483228800 },
	{ "Wed, 29 Feb 2023 12:00:00 GMT", -1, 0 },
	{ "Sun, 6 Nov 1994 08:49:37 GMT", -1, 0 },
	{ "Sun, 06 Nov 94 08:49:37 GMT", -1, 0 },
	{ "Sun, 06 Nov 1994 08:49:37 UTC", -1, 0 },
	{ "Sun, 06 Nov 1994 08:49:37 +0000", -1, 0 },
	{ "Sun, 06 Nov 1994 08:49:37", -1, 0 },
	{ "Sun, 06 Nov 1994 08:49:37 GMT ", -1, 0 },
	{ "Sun, 06 Nov 1994 24:49:37 GMT", -1, 0 },
	{ "Sun, 00 Nov 1994 08:49:37 GMT", -1, 0 },
	{ "sun, 06 nov 1994 08:49:37 gmt", -1, 0 },
	{ "Son, 06 Nov 1994 08:49:37 GMT", -1, 0 },
	{ "Sun, 06 Okt 1994 08:49:37 GMT", -1, 0 },
	{ "Sun, 06  1994 08:49:37 GMT", -1, 0 },
	{ "Sunday, 06-Nov-1994 08:49:37 GMT", -1, 0 },
	{ "Sunday, 06-Nov-94 08:49:37 UTC", -1, 0 },
	{ "Sunday, 06-Nov-94 08:49:37 GMT ", -1, 0 },
	{ "Sunday, 06-Nov-94 08:49 GMT", -1, 0 },
	{ "Sunday, 06--94 08:49:37 GMT", -1, 0 },
	{ "Sun   6 08:49:37 1994", -1, 0 },
	{ "Sun, 06-Nov-94 08:49:37 GMT", -1, 0 },
	{ "Sun Nov 6 08:49:37 1994", -1, 0 },
	{ "Sun Nov  6 08:49:37 1994 GMT", -1, 0 },
	{ "Sun", -1, 0 }, { "Sunday", -1, 0 }, { "Sun,", -1, 0 }, { "Sun ", -1, 0 },
	{ "06 Nov 1994 08:49:37 GMT", -1, 0 }, { "", -1, 0 }, { "120", -1, 0 },
};

START_TEST(test_to_http_date)
{
	int64_t at = 77;

	ck_assert_int_eq(text_to_http_date(http_dates[_i].s, &at), http_dates[_i].failed);
	ck_assert_int_eq(at, http_dates[_i].failed ? 77 : http_dates[_i].at);
}
END_TEST

static const struct { int64_t at; const char *text; } moments[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ -1, "1969-12-31T23:59:59Z" },
	{ 1795579200, "2026-11-25T04:00:00Z" },
	{ 951782400, "2000-02-29T00:00:00Z" },
	{ YEAR_1_AT, "0001-01-01T00:00:00Z" },
	{ YEAR_1_AT - 1, "0000-12-31T23:59:59Z" },
	{ YEAR_1_AT - 366 * 86400 - 1, "-0001-12-31T23:59:59Z" },
	{ YEAR_9999_END_AT, "9999-12-31T23:59:59Z" },
	{ YEAR_9999_END_AT + 1, "+10000-01-01T00:00:00Z" },
	{ INT64_C(327403382400), "+12345-01-01T00:00:00Z" },
	{ INT64_C(9007199254740), "+287396-10-12T08:59:00Z" },   /* 2^53 ms */
	{ INT64_C(67767976233532799), "+2147483647-12-31T23:59:59Z" },
	{ INT64_MAX, "@9223372036854775807" },
	{ INT64_MIN, "@-9223372036854775808" },
};

START_TEST(test_from_time)
{
	char out[TEXT_TIME_BYTES];

	ck_assert_ptr_eq(text_from_time(moments[_i].at, out), out);
	ck_assert_str_eq(out, moments[_i].text);
}
END_TEST

/* Every day's first and last second of years around each rule of the
 * calendar: text and back is the same moment, and days do not skip. */
static const int years[] = { 0, 1, 4, 100, 400, 1582, 1899, 1900, 1969, 1970, 1999, 2000, 2024,
	2037, 2038, 2100, 2399, 2400, 9999 };

START_TEST(test_round_trip)
{
	char text[TEXT_TIME_BYTES];
	int64_t first, last, at, back;

	ck_assert_int_eq(text_from_civil(years[_i], 1, 1, 0, 0, 0, &first), 0);
	ck_assert_int_eq(text_from_civil(years[_i], 12, 31, 23, 59, 59, &last), 0);
	ck_assert((last + 1 - first) % 86400 == 0);
	for (at = first; at <= last; at += 86400) {
		ck_assert_int_eq(text_to_time(text_from_time(at, text), &back), 0);
		ck_assert_int_eq(back, at);
		ck_assert_int_eq(text_to_time(text_from_time(at + 86399, text), &back), 0);
		ck_assert_int_eq(back, at + 86399);
	}
}
END_TEST

static const struct { int leap, common; } month_days[] = {
	{ 31, 31 }, { 29, 28 }, { 31, 31 }, { 30, 30 }, { 31, 31 }, { 30, 30 },
	{ 31, 31 }, { 31, 31 }, { 30, 30 }, { 31, 31 }, { 30, 30 }, { 31, 31 },
};

/* Each month has its last day, and no day after it. */
START_TEST(test_month_ends)
{
	int month = _i + 1, leap = month_days[_i].leap, common = month_days[_i].common;
	int64_t at;

	ck_assert_int_eq(text_from_civil(2024, month, leap, 0, 0, 0, &at), 0);
	ck_assert_int_eq(text_from_civil(2024, month, leap + 1, 0, 0, 0, &at), -1);
	ck_assert_int_eq(text_from_civil(2023, month, common, 0, 0, 0, &at), 0);
	ck_assert_int_eq(text_from_civil(2023, month, common + 1, 0, 0, 0, &at), -1);
}
END_TEST

/* Around the places where the count of 400 years begins anew, and at the ends. */
static const struct { int64_t year; int month, day; const char *text; } eras[] = {
	{ 0, 2, 29, "0000-02-29T00:00:00Z" }, { 0, 3, 1, "0000-03-01T00:00:00Z" },
	{ -1, 12, 31, "-0001-12-31T00:00:00Z" }, { -400, 2, 29, "-0400-02-29T00:00:00Z" },
	{ -400, 3, 1, "-0400-03-01T00:00:00Z" }, { -401, 12, 31, "-0401-12-31T00:00:00Z" },
	{ -2147481747, 1, 1, "-2147481747-01-01T00:00:00Z" },
	{ 2147483647, 12, 31, "+2147483647-12-31T00:00:00Z" },
};

START_TEST(test_eras)
{
	char out[TEXT_TIME_BYTES];
	int64_t at;

	ck_assert_int_eq(text_from_civil(eras[_i].year, eras[_i].month, eras[_i].day, 0, 0, 0, &at), 0);
	ck_assert_str_eq(text_from_time(at, out), eras[_i].text);
}
END_TEST

static const struct { int64_t year; int month, day, hour, minute, second, failed; } civils[] = {
	{ 2147483647, 12, 31, 23, 59, 59, 0 },
	{ 2147483648, 1, 1, 0, 0, 0, -1 },
	{ -2147483647, 1, 1, 0, 0, 0, 0 },
	{ INT64_MAX, 1, 1, 0, 0, 0, -1 },
	{ INT64_MIN, 1, 1, 0, 0, 0, -1 },
	{ 2024, 0, 1, 0, 0, 0, -1 },
	{ 2024, 13, 1, 0, 0, 0, -1 },
	{ 2024, -1, 1, 0, 0, 0, -1 },
	{ 2024, 1, -1, 0, 0, 0, -1 },
	{ 2024, 1, 1, -1, 0, 0, -1 },
	{ 2024, 1, 1, 0, -1, 0, -1 },
	{ 2024, 1, 1, 0, 0, -1, -1 },
	{ -4, 2, 29, 0, 0, 0, 0 },
	{ -100, 2, 29, 0, 0, 0, -1 },
	{ -400, 2, 29, 0, 0, 0, 0 },
};

START_TEST(test_from_civil)
{
	int64_t at;

	ck_assert_int_eq(text_from_civil(civils[_i].year, civils[_i].month, civils[_i].day,
	    civils[_i].hour, civils[_i].minute, civils[_i].second, &at), civils[_i].failed);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("text_time");
	TCase *tc = tcase_create("text_time");

	tcase_add_loop_test(tc, test_to_time, 0, UNIT_ROWS(times));
	tcase_add_loop_test(tc, test_to_http_date, 0, UNIT_ROWS(http_dates));
	tcase_add_loop_test(tc, test_from_time, 0, UNIT_ROWS(moments));
	tcase_add_loop_test(tc, test_round_trip, 0, UNIT_ROWS(years));
	tcase_add_loop_test(tc, test_month_ends, 0, UNIT_ROWS(month_days));
	tcase_add_loop_test(tc, test_eras, 0, UNIT_ROWS(eras));
	tcase_add_loop_test(tc, test_from_civil, 0, UNIT_ROWS(civils));
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
