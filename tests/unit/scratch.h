/* scratch.h - a directory of its own for tests that need files.
 *
 * Use scratch_make and scratch_remove as an unchecked fixture: they then run
 * once, in the parent, whatever the tests do. */
#ifndef CHECK_CERTS_SCRATCH_H
#define CHECK_CERTS_SCRATCH_H

#include <stddef.h>

void scratch_make(void);
void scratch_remove(void);    /* with everything in it */

/* The path of a name in it.  Borrowed; the last eight answers stay valid. */
const char *scratch_path(const char *name);

/* Write (again) a file with exactly these bytes and rights; returns its path. */
const char *scratch_bytes(const char *name, const void *bytes, size_t n, unsigned mode);
const char *scratch_text(const char *name, const char *text, unsigned mode);

/* How many entries the directory has, to see that nothing was left behind. */
int scratch_count(void);

#endif
