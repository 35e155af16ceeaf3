/* opsman_internal.h - what the files of the Ops Manager source share.
 *
 * opsman.c is the state machine, opsman_parse.c and opsman_rows.c turn the two
 * lists into an inventory; opsman_login.c and opsman_error.c, which the handler
 * needs too, are in opsman_api.h.
 * The parsers do no I/O and keep nothing between calls but struct
 * opsman_lists, so that they can be fed from a file. */
#ifndef CHECK_CERTS_OPSMAN_INTERNAL_H
#define CHECK_CERTS_OPSMAN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/json.h"
#include "lib/source/opsman_api.h"
#include "lib/source/source.h"

#define OPSMAN_CAS_MAX 1000
#define OPSMAN_ROWS_MAX 20000
#define OPSMAN_VERSION_MAX_BYTES 64

/* A certificate of the CA list that a row of the deployed list may name. */
struct opsman_ca {
	char *guid;      /* owned */
	size_t cert;     /* index into the inventory; always CERT_PARSED */
};

/* What the two lists have given so far. */
struct opsman_lists {
	const struct source_context *c;  /* borrowed; outlives this */
	struct opsman_ca *cas;
	size_t n_cas, cap_cas;
	size_t n_found;                  /* certificates added, unreadable ones included */
	struct source_remarks remarks;
};

void opsman_lists_init(struct opsman_lists *l, const struct source_context *c);
void opsman_lists_clear(struct opsman_lists *l);

/* GET /api/v0/info: *version is a new string.  ERR_ANSWER. */
int opsman_read_info(struct buf *body, char **version, struct err *e) MUST_USE;

/* GET /api/v0/certificate_authorities: sightings of root and NATS CAs into
 * the inventory.  Frees the body, as the others do.  ERR_ANSWER when the list
 * cannot be read or is empty; doubts about one CA are remarks, and never an
 * error. */
int opsman_read_cas(struct opsman_lists *l, struct buf *body, struct err *e) MUST_USE;

/* GET /api/v0/deployed/certificates: one sighting a row, duplicates left out.
 * To be read after the CA list: a row that names one of its CAs is a further
 * sighting of that certificate.  ERR_ANSWER as above. */
int opsman_read_rows(struct opsman_lists *l, struct buf *body, struct err *e) MUST_USE;

/* A member of a JSON object that is a string or absent, and its place in a
 * struct; for opsman_read_texts. */
struct opsman_text {
	const char *key;
	size_t offset;   /* of a const char * */
};

/* Fill the texts of a struct (borrowed from the document; NULL when absent).
 * -1 with the first problem when one has another type; the others are filled
 * all the same. */
int opsman_read_texts(const struct json *obj, const char *where, const struct opsman_text *texts,
    size_t n_texts, void *into, struct err *e) MUST_USE;

#endif
