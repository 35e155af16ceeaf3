/* text_time.c - moments to text and back: RFC 3339 and HTTP dates. */
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400 };

/* The calendar repeats after 400 years, and these have this many days. */
#define ERA_DAYS 146097

/* Keeps the arithmetic below far from its overflow; gmtime_r ends there too. */
#define YEAR_LIMIT INT64_C(2147483647)

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01.  Counted in years that begin in March, so that the
 * leap day is the last one of its year. */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t shifted = month > 2 ? year : year - 1;
	int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64_t year_of_era = shifted - era * 400;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * ERA_DAYS + day_of_era - 719468;
}

int text_from_civil(int64_t year, int month, int day, int hour, int minute, int second,
    int64_t *out_at)
{
	if (year < -YEAR_LIMIT || year > YEAR_LIMIT || month < 1 || month > 12)
		return -1;
	if (day < 1 || day > days_in_month(year, month))
		return -1;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0)
		return -1;
	if (second > 60 || (second == 60 && minute != 59))
		return -1;
	*out_at = days_of(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second;
	return 0;
}

/* What a date form is read into; offset_s is what the zone is ahead of UTC. */
struct fields {
	int year, month, day, hour, minute, second;
	int offset_s;
};

static int fields_to_at(const struct fields *f, int64_t *out_at)
{
	if (text_from_civil(f->year, f->month, f->day, f->hour, f->minute, f->second, out_at))
		return -1;
	*out_at -= f->offset_s;
	return 0;
}

/* Exactly n digits; moves *s past them. */
static bool take_digits(const char **s, int n, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool take_text(const char **s, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*s, text, n) != 0)
		return false;
	*s += n;
	return true;
}

/* One of n names; its index is stored. */
static bool take_name(const char **s, const char *const *names, int n, int *index)
{
	for (*index = 0; *index < n; (*index)++)
		if (take_text(s, names[*index]))
			return true;
	return false;
}

static bool take_clock(const char **s, struct fields *f)
{
	return take_digits(s, 2, &f->hour) && take_text(s, ":") &&
	    take_digits(s, 2, &f->minute) && take_text(s, ":") &&
	    take_digits(s, 2, &f->second);
}

static bool take_fraction(const char **s)
{
	if (!take_text(s, "."))
		return true;
	if (**s < '0' || **s > '9')
		return false;
	while (**s >= '0' && **s <= '9')
		(*s)++;
	return true;
}

static bool take_offset(const char **s, int *offset_s)
{
	int hours, minutes, sign = **s == '-' ? -1 : 1;

	*offset_s = 0;
	if (take_text(s, "Z") || take_text(s, "z"))
		return true;
	if (!take_text(s, "+") && !take_text(s, "-"))
		return false;
	if (!take_digits(s, 2, &hours) || !take_text(s, ":") || !take_digits(s, 2, &minutes))
		return false;
	*offset_s = sign * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

int text_to_time(const char *s, int64_t *out_at)
{
	struct fields f = { 0 };

	if (!take_digits(&s, 4, &f.year) || !take_text(&s, "-") ||
	    !take_digits(&s, 2, &f.month) || !take_text(&s, "-") ||
	    !take_digits(&s, 2, &f.day))
		return -1;
	if (*s == '\0')
		return fields_to_at(&f, out_at);
	if (!take_text(&s, "T") && !take_text(&s, "t") && !take_text(&s, " "))
		return -1;
	if (!take_clock(&s, &f) || !take_fraction(&s) || !take_offset(&s, &f.offset_s))
		return -1;
	return *s == '\0' ? fields_to_at(&f, out_at) : -1;
}

static bool take_month(const char **s, int *month)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	if (!take_name(s, months, 12, month))
		return false;
	++*month;
	return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool read_fixdate(const char *s, struct fields *f)
{
	return take_text(&s, ", ") && take_digits(&s, 2, &f->day) && take_text(&s, " ") &&
	    take_month(&s, &f->month) && take_text(&s, " ") &&
	    take_digits(&s, 4, &f->year) && take_text(&s, " ") &&
	    take_clock(&s, f) && take_text(&s, " GMT") && *s == '\0';
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static bool read_rfc850(const char *s, struct fields *f)
{
	if (!take_text(&s, ", ") || !take_digits(&s, 2, &f->day) || !take_text(&s, "-") ||
	    !take_month(&s, &f->month) || !take_text(&s, "-") ||
	    !take_digits(&s, 2, &f->year) || !take_text(&s, " "))
		return false;
	f->year += f->year < 70 ? 2000 : 1900;
	return take_clock(&s, f) && take_text(&s, " GMT") && *s == '\0';
}

/* "Sun Nov  6 08:49:37 1994" */
static bool read_asctime(const char *s, struct fields *f)
{
	if (!take_text(&s, " ") || !take_month(&s, &f->month) || !take_text(&s, " "))
		return false;
	if (!take_digits(&s, take_text(&s, " ") ? 1 : 2, &f->day) || !take_text(&s, " "))
		return false;
	return take_clock(&s, f) && take_text(&s, " ") && take_digits(&s, 4, &f->year) &&
	    *s == '\0';
}

int text_to_http_date(const char *s, int64_t *out_at)
{
	static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday",
		"Thursday", "Friday", "Saturday" };
	static const char *const short_days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat" };
	struct fields f = { 0 };
	int day;

	if (take_name(&s, days, 7, &day))
		return read_rfc850(s, &f) ? fields_to_at(&f, out_at) : -1;
	if (!take_name(&s, short_days, 7, &day))
		return -1;
	if (!(*s == ',' ? read_fixdate(s, &f) : read_asctime(s, &f)))
		return -1;
	return fields_to_at(&f, out_at);
}

const char *text_from_time(int64_t at, char out[TEXT_TIME_BYTES])
{
	time_t when = (time_t)at;
	struct tm tm;
	int64_t year;
	int n;

	if (when != at || gmtime_r(&when, &tm) == NULL) {
		snprintf(out, TEXT_TIME_BYTES, "@%lld", (long long)at);
		return out;
	}
	year = (int64_t)tm.tm_year + 1900;
	n = snprintf(out, TEXT_TIME_BYTES, "%s%04lld", year < 0 ? "-" : year > 9999 ? "+" : "",
	    (long long)(year < 0 ? -year : year));
	strftime(out + n, (size_t)(TEXT_TIME_BYTES - n), "-%m-%dT%H:%M:%SZ", &tm);
	return out;
}
