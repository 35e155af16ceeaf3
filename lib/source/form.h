/* form.h - application/x-www-form-urlencoded, for bodies that hold a secret
 * and for values in a query.  A space becomes "%20", which both read. */
#ifndef CHECK_CERTS_FORM_H
#define CHECK_CERTS_FORM_H

#include <stddef.h>
#include "lib/base/secret.h"

#define FORM_GROWTH 3   /* an encoded byte needs at most so many */

/* Encode n bytes into out, which has room for FORM_GROWTH * n; no NUL is
 * added.  Returns the number of bytes written. */
size_t form_encode(const char *s, size_t n, char *out);

struct form_field { const char *name; const struct secret *value; };

/* "name=value&name=value" with encoded values; the names need no encoding.
 * What was in form is wiped; no copy of a value is left anywhere else. */
void form_build(struct secret *form, const struct form_field *fields, size_t n_fields);

#endif
