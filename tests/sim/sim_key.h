/* sim_key.h - private keys by description; private to the certificate code. */
#ifndef CHECK_CERTS_SIM_KEY_H
#define CHECK_CERTS_SIM_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include "lib/base/err.h"

struct sim_rsa_pem {
	int bits;                  /* 0 ends the pool */
	const char *pem;           /* PKCS#8 */
};
extern const struct sim_rsa_pem sim_rsa_pool[];

/* Keys made so far, by kind.  A kind that has its full number of keys hands
 * them out in turn, so that ten thousand certificates do not need as many keys. */
struct sim_keys;

struct sim_keys *sim_keys_new(void) MUST_USE;
void sim_keys_free(struct sim_keys *keys);

struct sim_key {
	EVP_PKEY *pair;
	X509_PUBKEY *public_part;  /* encoded once, to be copied into certificates */
};

/* A key of this kind ("rsa:2048", "ec:P-256", "ed25519"), as long as the pool
 * lives.  NULL, ERR_CONFIG: no such kind. */
const struct sim_key *sim_keys_get(struct sim_keys *keys, const char *kind, struct err *e) MUST_USE;

#endif
