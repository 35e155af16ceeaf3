/* trace_log.c - keeps the lines of a trace. */
#include "plugins/trace_log.h"

#include <stdio.h>
#include <stdlib.h>
#include "lib/base/mem.h"

/* Headers are for a person at a terminal; requests belong into the report. */
static void take_line(void *ctx, int level, const char *text)
{
	struct trace_log *log = ctx;

	if (log->trace.level >= TRACE_HEADER)
		fprintf(stderr, "%s\n", text);
	if (level > TRACE_REQUEST || log->n >= TRACE_LOG_LINES_MAX)
		return;
	log->lines = mem_grow(log->lines, &log->cap, log->n + 2, sizeof *log->lines);
	log->lines[log->n++] = mem_strdup(text);
	log->lines[log->n] = NULL;
}

void trace_log_init(struct trace_log *log, int verbosity)
{
	*log = (struct trace_log){ .trace = { .level = verbosity, .line = take_line, .ctx = log } };
}

void trace_log_clear(struct trace_log *log)
{
	for (size_t i = 0; i < log->n; i++)
		free(log->lines[i]);
	free(log->lines);
	*log = (struct trace_log){ 0 };
}
