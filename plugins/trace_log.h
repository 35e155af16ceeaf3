/* trace_log.h - keeps the lines of a trace for the report (-vv), and prints
 * them as they come (-vvv). */
#ifndef CHECK_CERTS_TRACE_LOG_H
#define CHECK_CERTS_TRACE_LOG_H

#include <stddef.h>
#include "lib/base/trace.h"

#define TRACE_LOG_LINES_MAX 1000   /* further ones are only printed */

struct trace_log {
	struct trace trace;            /* give this to the library */
	char **lines;                  /* owned, NULL-terminated; NULL when there are none */
	size_t n, cap;
};

void trace_log_init(struct trace_log *log, int verbosity);
void trace_log_clear(struct trace_log *log);

#endif
