/* buf.h - growable bytes with a ceiling given at birth.
 *
 * data is always NUL-terminated (the NUL is not counted in len), so that a
 * buf of text can be used as a string.  Once an append would pass the
 * ceiling the buf keeps what it had, sets overflow, and refuses all later
 * appends: check once, at the end. */
#ifndef CHECK_CERTS_BUF_H
#define CHECK_CERTS_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "lib/base/err.h"

struct buf {
	char *data;       /* owned; NULL until the first append */
	size_t len;
	size_t cap;
	size_t max_bytes; /* the ceiling */
	bool overflow;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_clear(struct buf *b);              /* free; usable again after buf_init */
void buf_wipe(struct buf *b);               /* overwrite the bytes, then free */
void buf_reset(struct buf *b);              /* len = 0, overflow = false, memory kept */

/* Room for n bytes (of text that may hold a secret) at once: until there are
 * so many nothing is moved, so that wiping leaves no copy behind. */
void buf_reserve(struct buf *b, size_t n);

/* Appends; 0, or -1 when the ceiling would be passed (see above). */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_adds(struct buf *b, const char *s);
int buf_addc(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The text; "" for an empty buf.  Borrowed, valid until the next change. */
const char *buf_str(const struct buf *b);

/* Hands the text over to the caller (free()); the buf is empty afterwards. */
char *buf_take(struct buf *b) MUST_USE;

#endif
