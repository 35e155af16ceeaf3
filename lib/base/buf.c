/* buf.c - growable bytes with a ceiling. */
#include "lib/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define FIRST_ROOM_BYTES 64

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){ .max_bytes = max_bytes };
}

void buf_clear(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max_bytes);
}

void buf_wipe(struct buf *b)
{
	if (b->data != NULL)
		mem_wipe(b->data, b->cap);
	buf_clear(b);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->overflow = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

/* Room for n more bytes and the NUL.  Never far above the ceiling: a body of
 * just over a power of two must not cost twice its size. */
static int make_room(struct buf *b, size_t n)
{
	size_t want, room = b->cap > 0 ? b->cap : FIRST_ROOM_BYTES;

	if (b->overflow || n > b->max_bytes - b->len || n >= SIZE_MAX - b->len) {
		b->overflow = true;
		return -1;
	}
	want = b->len + n + 1;
	if (want <= b->cap)
		return 0;
	while (room < want)
		room = room > SIZE_MAX / 2 ? want : room * 2;
	if (b->max_bytes < SIZE_MAX && room > b->max_bytes + 1)
		room = b->max_bytes + 1;
	b->data = mem_resize(b->data, room);
	b->cap = room;
	return 0;
}

void buf_reserve(struct buf *b, size_t n)
{
	const bool had_overflow = b->overflow;

	if (n <= b->len || make_room(b, n - b->len))
		b->overflow = had_overflow;   /* nothing was lost yet */
	else
		b->data[b->len] = '\0';
}

int buf_add(struct buf *b, const void *p, size_t n)
{
	if (make_room(b, n))
		return -1;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
	return 0;
}

int buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	int n, failed;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		b->overflow = true;
	failed = n < 0 || make_room(b, (size_t)n);
	if (!failed) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	return failed ? -1 : 0;
}

const char *buf_str(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

char *buf_take(struct buf *b)
{
	char *text = b->data != NULL ? b->data : mem_strdup("");

	buf_init(b, b->max_bytes);
	return text;
}
