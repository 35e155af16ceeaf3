/* key.h - private keys and signing requests made here, with OpenSSL.  A key
 * lives in memory that is wiped; it is never written to a disk. */
#ifndef CHECK_CERTS_KEY_H
#define CHECK_CERTS_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"

struct key;
/* type: "rsa:2048" "rsa:3072" "rsa:4096" "ec:P-256" "ec:P-384" "ec:P-521". */
struct key *key_make(const char *type, struct err *e) MUST_USE;
/* Unencrypted PEM (PKCS#1, PKCS#8, SEC1; an EC PARAMETERS block is skipped). */
struct key *key_read(const struct secret *pem, struct err *e) MUST_USE;
void key_free(struct key *k);

/* PKCS#8 PEM with line feeds. */
int key_pem(const struct key *k, struct secret *out, struct err *e) MUST_USE;

struct key_subject {
	const char *name;                  /* "CN=nsx.example,O=Example"; NULL or "": the first of names */
	const unsigned char *name_der;     /* a name as it is encoded, which beats name; NULL: none */
	size_t n_name_der;
	const char *const *names;          /* subjectAltName: DNS names and IP addresses */
	size_t n_names;
	bool wants_client;
};

/* A PKCS#10 request: CA:FALSE, digitalSignature + keyEncipherment, serverAuth
 * (and clientAuth). */
int key_request(const struct key *k, const struct key_subject *s, struct buf *pem, struct err *e)
    MUST_USE;

/* A self-signed leaf with the same extensions, valid from now_at - 1 h. */
int key_self_sign(const struct key *k, const struct key_subject *s, int64_t now_at, int64_t days,
    struct buf *pem, struct err *e) MUST_USE;

#endif
