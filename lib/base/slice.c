/* slice.c - a stretch of somebody else's text. */
#include "lib/base/slice.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct slice slice_trim(const char *p, size_t n)
{
	while (n > 0 && is_blank(*p))
		p++, n--;
	while (n > 0 && is_blank(p[n - 1]))
		n--;
	return (struct slice){ p, n };
}

bool slice_next_line(const char **at, const char *end, struct slice *line)
{
	const char *start = *at, *newline;

	if (start == end)
		return false;
	newline = memchr(start, '\n', (size_t)(end - start));
	*line = slice_trim(start, (size_t)((newline != NULL ? newline : end) - start));
	*at = newline != NULL ? newline + 1 : end;
	return true;
}

bool slice_is(struct slice s, const char *text)
{
	return strlen(text) == s.n && memcmp(s.p, text, s.n) == 0;
}
