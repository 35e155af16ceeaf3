/* nsx_body.h - paths and JSON bodies of the requests that change something.
 * Private to nsx_write*.c, opsman_write*.c and view.c. */
#ifndef CHECK_CERTS_NSX_BODY_H
#define CHECK_CERTS_NSX_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/secret.h"

#define NSX_WRITE_MS 60000       /* for one request: a manager thinks long about a change */
#define NSX_ID_MAX_BYTES 255

/* One object, built where nothing is left behind that was not wiped. */
struct nsx_body {
	struct buf text;
	struct json_writer w;
};

/* An empty object; n_value_bytes: how long all its values are together. */
void nsx_body_open(struct nsx_body *b, size_t n_value_bytes);

/* The end of the object, which then is *json's; secret_wipe it. */
void nsx_body_close(struct nsx_body *b, struct secret *json);

/* A server may repeat in its refusal what it was sent: an error that holds a
 * piece of the secret (which may be empty) says instead that it was withheld. */
void nsx_body_withhold(const struct secret *secret, struct err *e);
bool nsx_body_tells(const struct secret *secret, const char *text);   /* does it hold a piece? */

/* A copy of the member "id"; NULL when there is none that could be one. */
char *nsx_body_id(const struct json *object) MUST_USE;

/* A path: each '%' of the form is the next of the two values (NULL: no more),
 * encoded.  buf_clear afterwards.  nsx_path_add appends. */
void nsx_path(struct buf *path, const char *form, const char *first, const char *second);
void nsx_path_add(struct buf *path, const char *form, const char *first, const char *second);

#endif
