/* mem.c - allocation that cannot fail. */
#include "lib/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing here may allocate: no stdio, and no exit handlers. */
static _Noreturn void die_out_of_memory(void)
{
	static const char text[] = "CERTS UNKNOWN - out of memory\n";
	size_t done = 0;

	while (done < sizeof text - 1) {
		ssize_t n = write(STDOUT_FILENO, text + done, sizeof text - 1 - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	_exit(3);
}

void *mem_alloc(size_t size)
{
	void *p = calloc(1, size > 0 ? size : 1);

	if (p == NULL)
		die_out_of_memory();
	return p;
}

void *mem_array(size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		die_out_of_memory();
	return mem_alloc(n * size);
}

void *mem_resize(void *p, size_t size)
{
	void *moved = realloc(p, size > 0 ? size : 1);

	if (moved == NULL)
		die_out_of_memory();
	return moved;
}

void *mem_grow(void *array, size_t *cap, size_t want, size_t size)
{
	size_t room = *cap > 0 ? *cap : 4;
	char *bytes;

	if (want <= *cap)
		return array;
	while (room < want)
		room = room > SIZE_MAX / 2 ? want : room * 2;
	if (size > 0 && room > SIZE_MAX / size)
		die_out_of_memory();
	bytes = mem_resize(array, room * size);
	memset(bytes + *cap * size, 0, (room - *cap) * size);
	*cap = room;
	return bytes;
}

/* Called through a pointer that the compiler must read each time, so that it
 * cannot prove the bytes dead and leave the call out; a byte loop over
 * volatile did the same at forty times the cost. */
void mem_wipe(void *p, size_t n)
{
	void *(*volatile fill)(void *, int, size_t) = memset;

	if (n > 0)
		fill(p, 0, n);
}

char *mem_strdup(const char *s)
{
	return s == NULL ? NULL : mem_strndup(s, strlen(s));
}

char *mem_strndup(const char *s, size_t n)
{
	const char *end;
	char *copy;

	if (s == NULL)
		return NULL;
	end = memchr(s, '\0', n);
	if (end != NULL)
		n = (size_t)(end - s);
	if (n == SIZE_MAX)
		die_out_of_memory();
	copy = mem_alloc(n + 1);
	memcpy(copy, s, n);
	return copy;
}

void *mem_dup(const void *p, size_t n)
{
	void *copy;

	if (p == NULL)
		return NULL;
	copy = mem_alloc(n);
	memcpy(copy, p, n);
	return copy;
}

char *mem_printf(const char *fmt, ...)
{
	va_list args, again;
	char *text;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		die_out_of_memory();
	text = mem_alloc((size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return text;
}
