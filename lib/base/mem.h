/* mem.h - allocation that cannot fail.
 *
 * Out of memory ends the process: one line on standard output in plugin form
 * ("CERTS UNKNOWN - out of memory"), exit status 3.  Free with free(). */
#ifndef CHECK_CERTS_MEM_H
#define CHECK_CERTS_MEM_H

#include <stddef.h>
#include "lib/base/err.h"

/* size bytes of zeroes; size 0 gives a unique pointer. */
void *mem_alloc(size_t size) MUST_USE __attribute__((malloc));

/* n zeroed objects of size bytes; the product is checked for overflow. */
void *mem_array(size_t n, size_t size) MUST_USE __attribute__((malloc));

/* Make room for at least want objects of size bytes in an array that holds
 * *cap; grows by doubling, new room is zeroed, *cap is updated. */
void *mem_grow(void *array, size_t *cap, size_t want, size_t size) MUST_USE;

/* realloc(3): the room is as the old one was, new bytes are not zeroed. */
void *mem_resize(void *p, size_t size) MUST_USE;

/* Overwrite n bytes in a way the compiler may not leave out. */
void mem_wipe(void *p, size_t n);

/* Copies; NULL in gives NULL out. */
char *mem_strdup(const char *s) MUST_USE;
char *mem_strndup(const char *s, size_t n) MUST_USE;
void *mem_dup(const void *p, size_t n) MUST_USE;

/* A formatted string of its own. */
char *mem_printf(const char *fmt, ...) MUST_USE PRINTF_LIKE(1, 2);

#endif
