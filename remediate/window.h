/* window.h - when a change may start.  Pure: the moment is a value.
 *
 * "Sat,Sun 02:00-06:00", "Mon-Fri 22:00-04:00", "02:00-06:00".  Days are
 * those on which the window opens; one that ends before it begins goes on into
 * the next day.  The end is not part of it. */
#ifndef CHECK_CERTS_WINDOW_H
#define CHECK_CERTS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"

/* Is the moment inside?  text NULL: always.  When it is not, *opens_at (may be
 * NULL) is when the next one opens, at most eight days on (fifteen when a
 * change of clocks swallows one).  zone is a name of the time zone database,
 * NULL for UTC; offsets come from the C library.  ERR_CONFIG for
 * what lib/conf would have refused. */
int window_is_open(const char *text, const char *zone, int64_t at, bool *open,
    int64_t *opens_at, struct err *e) MUST_USE;

#endif
