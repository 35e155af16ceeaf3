/* opsman_write.h - the requests that change something on an Ops Manager: one
 * function a call, nothing else sends them.  None is ever repeated here.  2xx
 * is done, 207 too: its warnings, and the *_failed and excluded lists of a 200,
 * are told in *said (owned; NULL: nothing to tell).
 *
 * Paths and shapes: Operations Manager API reference, "Certificate authorities"
 * and "Installations". */
#ifndef CHECK_CERTS_OPSMAN_WRITE_H
#define CHECK_CERTS_OPSMAN_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "remediate/api.h"
#include "remediate/material.h"

/* What an answer told besides. */
struct om_said {
	char *text;              /* warnings, failed and excluded ones, safety violations; NULL */
	size_t n_failed;         /* certificates in a *_failed list: the act is not complete */
};
void om_said_clear(struct om_said *s);
/* Out of the body of any answer (NULL: none); overwrites *s. */
void om_said_read(struct om_said *s, const struct json *doc);

/* POST /api/v0/certificate_authorities/generate.  *guid: of the new CA (the
 * caller frees), NULL when the answer has none: the list tells.  Traceable. */
enum api_outcome opsman_write_generate(struct api *a, char **guid, struct om_said *said,
    struct err *e);

/* POST /api/v0/certificate_authorities {cert_pem, private_key_pem}.  Traceable. */
enum api_outcome opsman_write_create(struct api *a, const struct goods *goods, char **guid,
    struct om_said *said, struct err *e);

/* POST /api/v0/certificate_authorities/:guid/activate.  Repeatable after a look. */
enum api_outcome opsman_write_activate(struct api *a, const char *guid, struct om_said *said,
    struct err *e);

/* POST /api/v0/certificate_authorities/active/regenerate.  Repeatable. */
enum api_outcome opsman_write_regenerate(struct api *a, struct om_said *said, struct err *e);

/* DELETE /api/v0/certificate_authorities/:guid.  404 is API_DONE, unless it has no
 * words: then it is the call that is not known.  Repeatable. */
enum api_outcome opsman_write_delete(struct api *a, const char *guid, struct om_said *said,
    struct err *e);

/* PUT /api/v0/staged/director/properties: recreate every VM with the next
 * Apply Changes.  Repeatable; directly before the POST. */
enum api_outcome opsman_write_recreate(struct api *a, struct err *e);

/* POST /api/v0/installations, all products.  errands: "none", "all" (their names
 * are asked for first), or NULL: as each product has it.  *id: of the
 * installation; 0 when the answer does not tell.  Traceable. */
enum api_outcome opsman_write_apply(struct api *a, const char *errands, int64_t *id, struct err *e);

#endif
