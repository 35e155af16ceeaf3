/* summary.h - the one sentence that says it all. */
#ifndef CHECK_CERTS_SUMMARY_H
#define CHECK_CERTS_SUMMARY_H

#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/judge/report.h"

/* The worst item and the counts, in at most max_bytes; what it says of the
 * worst is cut first. */
void summary_add(const struct report *r, size_t max_bytes, struct buf *out);

/* "CERTS CRITICAL - " */
void summary_prefix(const struct report *r, struct buf *out);

#define SUMMARY_LINE_BYTES 200   /* prefix included, perfdata not */

#endif
