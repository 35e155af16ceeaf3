/* output.h - the sentence for a run that has nothing to report. */
#ifndef CHECK_CERTS_OUTPUT_H
#define CHECK_CERTS_OUTPUT_H

#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/base/outlet.h"

/* "CERTS UNKNOWN - <first line>" and, when there are more lines, how many,
 * followed by all of them.  Cleaned for the monitoring, at most max_bytes:
 * whole lines are left out, and counted.  lines end with a newline each. */
void output_unknown(struct buf *out, const char *lines, size_t max_bytes);

#endif
