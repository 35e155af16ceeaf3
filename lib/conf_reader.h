/* conf_reader.h - lines of the configuration file, read by inih; private to
 * lib/conf*.c.
 *
 * inih joins an indented line to the value before it, cuts long lines and
 * section names, never tells of an empty section and gives back the first
 * error only.  So the reader between the text and inih strips, counts and
 * checks every line, and hands on nothing that inih would change. */
#ifndef CHECK_CERTS_CONF_READER_H
#define CHECK_CERTS_CONF_READER_H

#include <stddef.h>

/* Called in the order of the lines.  Texts are valid for the call. */
struct conf_events {
	void (*section)(void *ctx, size_t line, const char *header); /* between the brackets,
	    trimmed */
	void (*pair)(void *ctx, size_t line, const char *key, const char *value);
	void (*problem)(void *ctx, size_t line, const char *text);
	void *ctx;
};

void conf_read_lines(const char *text, size_t n, const struct conf_events *events);

#endif
