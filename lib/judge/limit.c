/* limit.c - limits on time left: "30", "12h", "25%", "30,25%", or a range. */
#include "lib/judge/range.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define BLANKS " \t\r\n"
#define DAY_S 86400
#define DAYS_MAX 10e6   /* no date of a certificate is further away */

static int set_time(double days, struct limit *out, struct err *e)
{
	if (fabs(days) > DAYS_MAX)
		return err_set(e, ERR_USAGE, "more days than the calendar has");
	out->has_time = true;
	out->time_s = llround(days * DAY_S);
	return 0;
}

static int take_percent(const char *s, size_t n, struct limit *out, struct err *e)
{
	char *number = mem_strndup(s, n - 1);
	int failed = text_to_double(number, &out->percent);

	free(number);
	if (failed || !(out->percent >= 0 && out->percent <= 100))
		return err_set(e, ERR_USAGE, "a share is written \"25%%\", from 0%% to 100%%");
	out->has_percent = true;
	return 0;
}

static int take_time(const char *s, struct limit *out, struct err *e)
{
	double days;

	if (text_to_double(s, &days) == 0)
		return set_time(days, out, e);
	if (text_to_duration(s, 0, &out->time_s))
		return err_set(e, ERR_USAGE, "\"%s\" is neither a number of days, a time such "
		    "as 12h or 4w, a share such as 25%%, nor a range", s);
	if ((double)out->time_s > DAYS_MAX * DAY_S)
		return err_set(e, ERR_USAGE, "more days than the calendar has");
	out->has_time = true;
	return 0;
}

/* One side of a comma; no unit twice. */
static int take_part(const char *s, struct limit *out, struct err *e)
{
	size_t n = strlen(s);
	bool percent = n > 0 && s[n - 1] == '%';

	if (n == 0)
		return err_set(e, ERR_USAGE, "a limit is missing");
	if (percent ? out->has_percent : out->has_time)
		return err_set(e, ERR_USAGE, "one time and one share at most; a decimal "
		    "fraction is written with a point");
	return percent ? take_percent(s, n, out, e) : take_time(s, out, e);
}

/* "30:" says the same as "30" and is kept as a time, which is exact. */
static int take_range(const char *s, struct limit *out, struct err *e)
{
	if (range_parse(s, &out->range, e))
		return -1;
	if (!out->range.inside && isfinite(out->range.start) && isinf(out->range.end))
		return set_time(out->range.start, out, e);
	out->has_range = true;
	return 0;
}

static int parse(char *text, struct limit *out, struct err *e)
{
	char *comma = strchr(text, ',');

	if (strpbrk(text, ":@~") != NULL)
		return take_range(text, out, e);
	if (comma != NULL)
		*comma = '\0';
	if (take_part(text, out, e))
		return -1;
	return comma != NULL ? take_part(comma + 1, out, e) : 0;
}

int limit_parse(const char *s, const char *what, struct limit *out, struct err *e)
{
	const char *start = s + strspn(s, BLANKS);
	size_t n = strlen(start);
	char *text;
	int failed;

	while (n > 0 && strchr(BLANKS, start[n - 1]) != NULL)
		n--;
	text = mem_strndup(start, n);
	*out = (struct limit){ 0 };
	failed = parse(text, out, e);
	free(text);
	if (failed) {
		*out = (struct limit){ 0 };
		return err_prefix(e, "%s: \"%.100s\"", what, s);
	}
	return 0;
}

bool limit_alerts(const struct limit *l, int64_t left_s, int64_t life_s)
{
	if (l->has_time && left_s < l->time_s)
		return true;
	if (l->has_percent && life_s >= 0 &&
	    (double)left_s < l->percent / 100 * (double)life_s)
		return true;
	return l->has_range && range_alerts(&l->range, (double)left_s / DAY_S);
}

/* Is every value that alerts in a also one that alerts in b? */
static bool range_is_within(const struct range *a, const struct range *b)
{
	if (a->inside && b->inside)
		return a->start >= b->start && a->end <= b->end;
	if (!a->inside && !b->inside)
		return a->start <= b->start && a->end >= b->end;
	if (a->inside)
		return a->end < b->start || a->start > b->end;
	/* two open sides, of which one or both may be empty, in one stretch */
	return (isinf(a->start) || (isinf(b->start) && a->start <= b->end)) &&
	    (isinf(a->end) || (isinf(b->end) && a->end >= b->start));
}

static bool range_is_never(const struct range *r)
{
	return !r->inside && isinf(r->start) && isinf(r->end);
}

/* The warning would never be seen: wherever it alerts, critical does too, and
 * elsewhere as well. */
static bool ranges_are_swapped(const struct range *warning, const struct range *critical)
{
	return !range_is_never(warning) && range_is_within(warning, critical) &&
	    !range_is_within(critical, warning);
}

bool limit_pair_is_sane(const struct limit *warning, const struct limit *critical)
{
	if (warning->has_time && critical->has_time && critical->time_s > warning->time_s)
		return false;
	if (warning->has_percent && critical->has_percent && critical->percent > warning->percent)
		return false;
	return !(warning->has_range && critical->has_range &&
	    ranges_are_swapped(&warning->range, &critical->range));
}

void limit_merge(struct limit *into, const struct limit *other)
{
	if (other->has_time && (!into->has_time || other->time_s > into->time_s))
		into->time_s = other->time_s;
	if (other->has_percent && (!into->has_percent || other->percent > into->percent))
		into->percent = other->percent;
	if (other->has_range && !into->has_range)
		into->range = other->range;
	into->has_time = into->has_time || other->has_time;
	into->has_percent = into->has_percent || other->has_percent;
	into->has_range = into->has_range || other->has_range;
}

/* Rounded up: a value rounded down that is below the limit is then below this
 * too. */
int64_t limit_days(const struct limit *l)
{
	if (!l->has_time || l->time_s < 0)
		return -1;
	return -text_days_floor(-l->time_s);
}
