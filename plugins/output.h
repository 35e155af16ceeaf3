/* output.h - the one write to standard output, and the sentence for a run
 * that has nothing to report. */
#ifndef CHECK_CERTS_OUTPUT_H
#define CHECK_CERTS_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Write everything to fd, then wait, bounded, until the reader of a pipe has
 * taken it: a scheduler may lose what is still in the pipe when the process
 * ends.  Gives up at deadline_ms (monotonic).  ERR_IO, ERR_TIMEOUT. */
int output_write(int fd, const char *bytes, size_t n, int64_t deadline_ms, struct err *e) MUST_USE;

/* "CERTS UNKNOWN - <first line>" and, when there are more lines, how many,
 * followed by all of them.  Cleaned for the monitoring, at most max_bytes:
 * whole lines are left out, and counted.  lines end with a newline each. */
void output_unknown(struct buf *out, const char *lines, size_t max_bytes);

#endif
