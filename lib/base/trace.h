/* trace.h - what -vv and -vvv see.
 *
 * lib/ prints nothing; it tells the hook that main gave it.  A line never
 * holds a secret: no Authorization, Cookie, token, password or private key. */
#ifndef CHECK_CERTS_TRACE_H
#define CHECK_CERTS_TRACE_H

#include "lib/base/err.h"

enum { TRACE_REQUEST = 2, TRACE_HEADER = 3 };   /* = the number of -v that shows it */

struct trace {
	int level;                                  /* highest level wanted */
	void (*line)(void *ctx, int level, const char *text);
	void *ctx;
};

/* No effect when t is NULL, has no hook, or does not want this level. */
void trace_line(const struct trace *t, int level, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
