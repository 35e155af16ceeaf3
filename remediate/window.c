/* window.c - when a change may start.
 *
 * What counts is what a clock on the wall of that zone shows.  An hour that
 * the change to summer time leaves out is not there, and neither is a window
 * inside it; the hour that comes twice in autumn is a part of the window both
 * times. */
#include "remediate/window.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/base/mem.h"
#include "lib/base/week.h"

enum { MINUTE_S = 60, SEARCH_MIN = 15 * WEEK_DAY_MIN };

/* The C library keeps its zone in the environment: ours, for as long as this
 * takes. */
struct zone { char *before; };

static int zone_enter(struct zone *z, const char *name, struct err *e)
{
	const char *before = getenv("TZ");
	char *value = strcmp(name, "UTC") == 0 ? mem_strdup("UTC0") : mem_printf(":%s", name);
	int failed;

	z->before = mem_strdup(before);
	failed = setenv("TZ", value, 1);
	free(value);
	if (failed) {
		free(z->before);
		return err_set(e, ERR_IO, "cannot set the time zone %s", name);
	}
	tzset();
	return 0;
}

static void zone_leave(struct zone *z)
{
	if (z->before == NULL || setenv("TZ", z->before, 1))
		unsetenv("TZ");
	free(z->before);
	tzset();
}

static bool is_inside(const struct week *w, int64_t at)
{
	time_t moment = (time_t)at;
	struct tm tm;
	int minute, yesterday;

	if (localtime_r(&moment, &tm) == NULL)
		return false;
	minute = tm.tm_hour * 60 + tm.tm_min;
	yesterday = (tm.tm_wday + WEEK_DAYS - 1) % WEEK_DAYS;
	if (w->from_min < w->to_min)
		return w->days[tm.tm_wday] && minute >= w->from_min && minute < w->to_min;
	return (w->days[tm.tm_wday] && minute >= w->from_min) ||
	    (w->days[yesterday] && minute < w->to_min);
}

/* Clocks change at whole minutes, so a window opens at one. */
static int64_t next_opening(const struct week *w, int64_t at)
{
	int64_t next_at = at - ((at % MINUTE_S + MINUTE_S) % MINUTE_S) + MINUTE_S;

	for (int i = 0; i < SEARCH_MIN && !is_inside(w, next_at); i++)
		next_at += MINUTE_S;
	return next_at;
}

int window_is_open(const char *text, const char *zone, int64_t at, bool *open,
    int64_t *opens_at, struct err *e)
{
	struct week week;
	struct zone z;

	*open = text == NULL;
	if (opens_at != NULL)
		*opens_at = at;
	if (text == NULL)
		return 0;
	if (zone == NULL)
		zone = "UTC";
	if (!week_parse(text, &week))
		return err_set(e, ERR_CONFIG, "\"%s\" is not a window", text);
	if (!week_zone_is_known(zone))
		return err_set(e, ERR_CONFIG, "there is no time zone \"%s\" in " WEEK_ZONES, zone);
	if (zone_enter(&z, zone, e))
		return -1;
	*open = is_inside(&week, at);
	if (!*open && opens_at != NULL)
		*opens_at = next_opening(&week, at);
	zone_leave(&z);
	return 0;
}
