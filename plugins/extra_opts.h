/* extra_opts.h - --extra-opts: options from a file that all monitoring
 * plugins of a host share.
 *
 * --extra-opts[=[SECTION][@FILE]] may stand anywhere and repeatedly; the value
 * may also be the next argument, unless that begins with '-'.  The options of
 * the file are put before those of the command line, which therefore win. */
#ifndef CHECK_CERTS_EXTRA_OPTS_H
#define CHECK_CERTS_EXTRA_OPTS_H

#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define EXTRA_OPTS_MAX_BYTES ((size_t)1024 * 1024)
#define EXTRA_OPTS_SECTION "check_certs"

/* A command line of its own; every word is owned, v[n] is NULL. */
struct arguments { char **v; size_t n, cap; };

/* The whole command line with every --extra-opts replaced.  ERR_USAGE or
 * ERR_CONFIG: no file, no such section, nothing in it, a line that is none,
 * or a file that others than root and we could have written. */
int extra_opts_expand(int argc, char *const *argv, struct arguments *out, struct err *e) MUST_USE;
void arguments_clear(struct arguments *a);

/* The options of one section of a text ("name" is for messages), appended:
 * "--key=value", "--key" for an empty value, "-k" and "value" for a key of one
 * letter.  For tests and fuzzing too. */
int extra_opts_read(const char *name, const char *text, size_t n, const char *section,
    struct arguments *out, struct err *e) MUST_USE;

#endif
