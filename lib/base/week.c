/* week.c - hours of the week and time zones, as they are written. */
#include "lib/base/week.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include "lib/base/mem.h"

#define BLANKS " \t"
#define ZONE_NAME_MAX 64

/* 0 to 6, or -1. */
static int day_of(const char *s)
{
	static const char *const days[WEEK_DAYS] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat" };

	for (int i = 0; i < WEEK_DAYS; i++)
		if (strncasecmp(s, days[i], 3) == 0)
			return i;
	return -1;
}

/* "Sat" or "Fri-Mon", n characters of s. */
static bool take_days(const char *s, size_t n, struct week *w)
{
	int first = n == 3 || n == 7 ? day_of(s) : -1;
	int last = n == 7 && first >= 0 && s[3] == '-' ? day_of(s + 4) : n == 3 ? first : -1;

	if (first < 0 || last < 0)
		return false;
	for (int day = first; ; day = (day + 1) % WEEK_DAYS) {
		w->days[day] = true;
		if (day == last)
			return true;
	}
}

/* A list of those with commas, n characters of s. */
static bool take_list(const char *s, size_t n, struct week *w)
{
	const char *end = s + n;
	bool ok = true;

	while (ok && s < end) {
		size_t length = strcspn(s, "," BLANKS);

		ok = take_days(s, length, w);
		s += length;
		if (*s == ',' && ok)
			ok = ++s < end;
	}
	return ok;
}

/* Minutes after midnight at "HH:MM", 24:00 included; -1 when it is not one. */
static int minutes_of(const char *s)
{
	int hours, minutes;

	for (int i = 0; i < 5; i++)
		if (i == 2 ? s[i] != ':' : s[i] < '0' || s[i] > '9')
			return -1;
	hours = (s[0] - '0') * 10 + s[1] - '0';
	minutes = (s[3] - '0') * 10 + s[4] - '0';
	if (minutes > 59 || hours * 60 + minutes > WEEK_DAY_MIN)
		return -1;
	return hours * 60 + minutes;
}

bool week_parse(const char *text, struct week *out)
{
	size_t n_days = strcspn(text, BLANKS);
	const char *hours = text + n_days + strspn(text + n_days, BLANKS);

	memset(out, 0, sizeof *out);
	if (*hours == '\0') {   /* no days: every day */
		hours = text;
		n_days = 0;
	}
	for (int day = 0; n_days == 0 && day < WEEK_DAYS; day++)
		out->days[day] = true;
	if (strlen(hours) != strlen("02:00-06:00") || hours[5] != '-')
		return false;
	out->from_min = minutes_of(hours);
	out->to_min = minutes_of(hours + 6);
	return out->from_min >= 0 && out->to_min >= 0 && out->from_min != out->to_min &&
	    out->from_min != WEEK_DAY_MIN && take_list(text, n_days, out);
}

/* A name below the directory, and nowhere else. */
static bool is_zone_name(const char *s)
{
	return *s != '\0' && *s != '/' && strlen(s) <= ZONE_NAME_MAX && strstr(s, "..") == NULL &&
	    s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/.")] ==
	    '\0';
}

bool week_zone_is_known(const char *zone)
{
	struct stat st;
	char *path;
	bool known;

	if (strcmp(zone, "UTC") == 0)   /* without the system's help */
		return true;
	if (!is_zone_name(zone))
		return false;
	path = mem_printf(WEEK_ZONES "%s", zone);
	known = stat(path, &st) == 0 && S_ISREG(st.st_mode);
	free(path);
	return known;
}
