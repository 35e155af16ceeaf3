/* week.h - hours of the week and time zones, as they are written.
 *
 * "Sat,Sun 02:00-06:00", "Mon-Fri 22:00-04:00", "02:00-06:00" (every day).
 * Days are those on which the hours begin; an end that is not after the
 * beginning is on the next day.  When such hours are, in a zone, is not known
 * here. */
#ifndef CHECK_CERTS_WEEK_H
#define CHECK_CERTS_WEEK_H

#include <stdbool.h>

enum { WEEK_DAYS = 7, WEEK_DAY_MIN = 24 * 60 };

struct week {
	bool days[WEEK_DAYS];    /* 0: Sunday, as tm_wday */
	int from_min;            /* minutes after midnight, inside */
	int to_min;              /* not inside; up to 24:00 */
};

/* false: the text is not of this form, or the hours are empty. */
bool week_parse(const char *text, struct week *out);

/* Is it a name of the system's time zone database, or UTC? */
bool week_zone_is_known(const char *zone);

/* Where those files are; with a last slash. */
#define WEEK_ZONES "/usr/share/zoneinfo/"

#endif
