/* slice.h - a stretch of somebody else's text, for readers of lines. */
#ifndef CHECK_CERTS_SLICE_H
#define CHECK_CERTS_SLICE_H

#include <stdbool.h>
#include <stddef.h>

struct slice { const char *p; size_t n; };

/* Without blanks, tabs and carriage returns at both ends. */
struct slice slice_trim(const char *p, size_t n);

/* The next line from *at on, trimmed, its newline left out; *at moves behind
 * it.  false at the end. */
bool slice_next_line(const char **at, const char *end, struct slice *line);

/* Is it exactly this text? */
bool slice_is(struct slice s, const char *text);

#endif
