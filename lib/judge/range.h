/* range.h - limits on time left: the plugin range syntax and ours.
 *
 *   30      fewer than 30 days left          30d 12h 4w 90m 3600s   that time
 *   25%     less than that share of the life left
 *   30,25%  either one                        30: @0:30 ~:5   a plugin range on days left
 *
 * Compared in whole seconds, "left < limit"; days are 86400 s. */
#ifndef CHECK_CERTS_RANGE_H
#define CHECK_CERTS_RANGE_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"

struct range {
	double start, end;      /* inclusive; -INFINITY / +INFINITY */
	bool inside;            /* '@': alert inside instead of outside */
};

/* "[@]start:end" as in the plugin guidelines; refuses what
 * monitoring-conventions 2.2 says (10:5, "", "@", ":", "~", trailing text...). */
int range_parse(const char *s, struct range *r, struct err *e) MUST_USE;
bool range_alerts(const struct range *r, double value);

struct limit {
	bool has_time, has_percent, has_range;
	int64_t time_s;         /* alert when left < time_s */
	double percent;         /* alert when left < percent/100 * lifetime; needs notBefore */
	struct range range;     /* on days left (fractional) */
};

/* ERR_USAGE; what names the option or key ("--warning"). */
int limit_parse(const char *s, const char *what, struct limit *out, struct err *e) MUST_USE;

/* left_s seconds to notAfter (negative: expired), life_s = notAfter -
 * notBefore, or -1 when not known (a percentage then does not alert). */
bool limit_alerts(const struct limit *l, int64_t left_s, int64_t life_s);

/* Is critical looser than warning in the same unit?  Then the pair is wrong. */
bool limit_pair_is_sane(const struct limit *warning, const struct limit *critical);

/* The stricter of both in each unit, into the first.  Two ranges cannot be
 * put into one: the first stays. */
void limit_merge(struct limit *into, const struct limit *other);

/* The limit in days for perfdata, rounded up; -1 when it has no plain time. */
int64_t limit_days(const struct limit *l);

#endif
