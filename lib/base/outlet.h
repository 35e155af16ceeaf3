/* outlet.h - the one write to standard output, for both programs. */
#ifndef CHECK_CERTS_OUTLET_H
#define CHECK_CERTS_OUTLET_H

#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"

/* Write everything to fd, then wait, bounded, until the reader of a pipe has
 * taken it: a scheduler may lose what is still in the pipe when the process
 * ends.  Gives up at deadline_ms (monotonic).  ERR_IO, ERR_TIMEOUT. */
int output_write(int fd, const char *bytes, size_t n, int64_t deadline_ms, struct err *e) MUST_USE;

#endif
