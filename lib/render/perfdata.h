/* perfdata.h - the numbers behind the '|'.
 *
 * Plain numbers with a point, labels of [a-z0-9_] and at most 19 characters, no
 * empty field before a filled one (Icinga then loses the later ones), and
 * what is not known is left out. */
#ifndef CHECK_CERTS_PERFDATA_H
#define CHECK_CERTS_PERFDATA_H

#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/judge/report.h"

/* Counts, minima and times of the run. */
void perfdata_totals(const struct report *r, struct buf *out);

/* One value per certificate that counts (not ignored, not unused),
 * " c_<id>=<days>", worst first, in at most max_bytes.  Returns how many were
 * left out for want of room. */
size_t perfdata_each(const struct report *r, size_t max_bytes, struct buf *out);

#endif
