/* trace.c - hands lines to the hook that main gave. */
#include "lib/base/trace.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include "lib/base/text.h"

#define TRACE_LINE_BYTES 2048

void trace_line(const struct trace *t, int level, const char *fmt, ...)
{
	char text[TRACE_LINE_BYTES];
	va_list args;
	int n;

	if (t == NULL || t->line == NULL || level > t->level)
		return;
	va_start(args, fmt);
	n = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (n < 0)
		return;
	text_mask_controls(text);
	t->line(t->ctx, level, text);
}
