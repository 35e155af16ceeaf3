/* test_window.c - when a change may start: days, midnight, both changes of
 * the clocks. */
#include "remediate/window.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/text.h"
#include "tests/unit/unit.h"

#define BERLIN "Europe/Berlin"

static int64_t at(const char *text)
{
	int64_t moment;

	ck_assert_msg(text_to_time(text, &moment) == 0, "%s", text);
	return moment;
}

/* 2026-11-21 is a Saturday.  opens: when the next one does, where it is shut. */
static const struct { const char *window, *zone, *at, *opens; } rows[] = {
	{ NULL, NULL, "2026-11-21T00:00:00Z", NULL },
	{ "02:00-06:00", "UTC", "2026-11-21T01:59:59Z", "2026-11-21T02:00:00Z" },
	{ "02:00-06:00", "UTC", "2026-11-21T02:00:00Z", NULL },
	{ "02:00-06:00", "UTC", "2026-11-21T05:59:59Z", NULL },
	{ "02:00-06:00", "UTC", "2026-11-21T06:00:00Z", "2026-11-22T02:00:00Z" },
	{ "02:00-06:00", NULL, "2026-11-21T06:00:01Z", "2026-11-22T02:00:00Z" },
	/* day lists and ranges */
	{ "Sat,Sun 02:00-06:00", "UTC", "2026-11-21T03:00:00Z", NULL },
	{ "Sat,Sun 02:00-06:00", "UTC", "2026-11-22T03:00:00Z", NULL },
	{ "Sat,Sun 02:00-06:00", "UTC", "2026-11-22T06:00:00Z", "2026-11-28T02:00:00Z" },
	{ "Mon-Fri 02:00-06:00", "UTC", "2026-11-21T03:00:00Z", "2026-11-23T02:00:00Z" },
	{ "Fri-Mon 02:00-06:00", "UTC", "2026-11-22T03:00:00Z", NULL },
	{ "Fri-Mon 02:00-06:00", "UTC", "2026-11-24T03:00:00Z", "2026-11-27T02:00:00Z" },
	{ "mon,WED-thu 02:00-06:00", "UTC", "2026-11-25T03:00:00Z", NULL },
	{ "Tue 02:00-06:00", "UTC", "2026-11-24T06:00:00Z", "2026-12-01T02:00:00Z" },
	/* over midnight: the day is that of the beginning */
	{ "22:00-04:00", "UTC", "2026-11-21T23:00:00Z", NULL },
	{ "22:00-04:00", "UTC", "2026-11-22T03:59:59Z", NULL },
	{ "22:00-04:00", "UTC", "2026-11-22T04:00:00Z", "2026-11-22T22:00:00Z" },
	{ "Mon-Fri 22:00-04:00", "UTC", "2026-11-21T03:00:00Z", NULL },
	{ "Mon-Fri 22:00-04:00", "UTC", "2026-11-21T22:00:00Z", "2026-11-23T22:00:00Z" },
	{ "Mon-Fri 22:00-04:00", "UTC", "2026-11-23T03:00:00Z", "2026-11-23T22:00:00Z" },
	{ "Sun 22:00-04:00", "UTC", "2026-11-23T03:00:00Z", NULL },
	{ "20:00-24:00", "UTC", "2026-11-21T23:59:59Z", NULL },
	{ "20:00-24:00", "UTC", "2026-11-22T00:00:00Z", "2026-11-22T20:00:00Z" },
	{ "20:00-00:00", "UTC", "2026-11-22T00:00:00Z", "2026-11-22T20:00:00Z" },
	{ "00:00-24:00", "UTC", "2026-11-22T00:00:00Z", NULL },
	{ "Sat 00:00-24:00", "UTC", "2026-11-22T00:00:00Z", "2026-11-28T00:00:00Z" },
	/* zones: the day too is the zone's */
	{ "Sun 00:00-01:00", BERLIN, "2026-11-21T23:30:00Z", NULL },
	{ "Sat 00:00-01:00", "Pacific/Kiritimati", "2026-11-20T10:30:00Z", NULL },
	{ "02:00-06:00", "Asia/Kolkata", "2026-11-20T20:29:59Z", "2026-11-20T20:30:00Z" },
	{ "02:00-06:00", BERLIN, "2026-07-01T00:00:00Z", NULL },
	{ "02:00-06:00", BERLIN, "2026-12-01T00:00:00Z", "2026-12-01T01:00:00Z" },
	/* 2026-03-29 01:00Z: 02:00 becomes 03:00 */
	{ "02:00-04:00", BERLIN, "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z" },
	{ "02:00-04:00", BERLIN, "2026-03-29T01:59:59Z", NULL },
	{ "02:00-04:00", BERLIN, "2026-03-29T02:00:00Z", "2026-03-30T00:00:00Z" },
	{ "02:00-03:00", BERLIN, "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z" },
	{ "Sun 02:15-02:45", BERLIN, "2026-03-22T01:45:00Z", "2026-04-05T00:15:00Z" },
	{ "22:00-04:00", BERLIN, "2026-03-29T01:59:59Z", NULL },
	{ "22:00-04:00", BERLIN, "2026-03-29T02:00:00Z", "2026-03-29T20:00:00Z" },
	/* 2026-10-25 01:00Z: 03:00 becomes 02:00 again */
	{ "02:00-03:00", BERLIN, "2026-10-25T00:00:00Z", NULL },
	{ "02:00-03:00", BERLIN, "2026-10-25T01:00:00Z", NULL },
	{ "02:00-03:00", BERLIN, "2026-10-25T01:59:59Z", NULL },
	{ "02:00-03:00", BERLIN, "2026-10-25T02:00:00Z", "2026-10-26T01:00:00Z" },
	{ "01:30-02:30", BERLIN, "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z" },
	{ "03:00-04:00", BERLIN, "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z" },
	/* before 1970 minutes are rounded down all the same */
	{ "02:00-06:00", "UTC", "1969-12-31T01:59:30Z", "1969-12-31T02:00:00Z" },
};

START_TEST(windows)
{
	int64_t opens_at = -1;
	bool open;
	struct err e;

	ck_assert_msg(window_is_open(rows[_i].window, rows[_i].zone, at(rows[_i].at), &open,
	    &opens_at, &e) == 0, "%s", e.text);
	ck_assert_int_eq(open, rows[_i].opens == NULL);
	if (!open)
		ck_assert_msg(opens_at == at(rows[_i].opens), "row %d: %lld", _i,
		    (long long)opens_at);
	ck_assert_int_eq(window_is_open(rows[_i].window, rows[_i].zone, at(rows[_i].at), &open, NULL,
	    &e), 0);
	ck_assert_int_eq(open, rows[_i].opens == NULL);
}
END_TEST

static const struct { const char *window, *zone; } bad[] = {
	{ "", "UTC" }, { "always", "UTC" }, { "02:00", "UTC" }, { "02:00-02:00", "UTC" },
	{ "2:00-6:00", "UTC" }, { "02:60-06:00", "UTC" }, { "24:00-02:00", "UTC" },
	{ "02:00-24:01", "UTC" }, { "Sat, 02:00-06:00", "UTC" }, { "Sa 02:00-06:00", "UTC" },
	{ "Sat-Someday 02:00-06:00", "UTC" }, { "Sat 02:00-06:00 Sun", "UTC" },
	{ ",Sat 02:00-06:00", "UTC" }, { "02:00-06:00", "Europe/Atlantis" },
	{ "02:00-06:00", "../../etc/passwd" }, { "02:00-06:00", "/etc/localtime" },
	{ "02:00-06:00", "" }, { "02:00-06:00", "Europe" },
};

START_TEST(refuses)
{
	bool open = true;
	struct err e = { 0 };

	ck_assert_int_eq(window_is_open(bad[_i].window, bad[_i].zone, 0, &open, NULL, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert(!open);
}
END_TEST

/* The zone of the process is as before: set, or not set. */
START_TEST(leaves_the_zone)
{
	bool open;
	struct err e;

	setenv("TZ", "America/New_York", 1);
	ck_assert_int_eq(window_is_open("02:00-06:00", BERLIN, 0, &open, NULL, &e), 0);
	ck_assert_str_eq(getenv("TZ"), "America/New_York");
	unsetenv("TZ");
	ck_assert_int_eq(window_is_open("02:00-06:00", BERLIN, 0, &open, NULL, &e), 0);
	ck_assert_ptr_null(getenv("TZ"));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("window");
	TCase *tc = tcase_create("window");

	tcase_add_loop_test(tc, windows, 0, UNIT_ROWS(rows));
	tcase_add_loop_test(tc, refuses, 0, UNIT_ROWS(bad));
	tcase_add_test(tc, leaves_the_zone);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
