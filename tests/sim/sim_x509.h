/* sim_x509.h - one X509 from a spec; private to the certificate code. */
#ifndef CHECK_CERTS_SIM_X509_H
#define CHECK_CERTS_SIM_X509_H

#include "tests/sim/sim_cert.h"
#include "tests/sim/sim_key.h"

/* Signed by issuer, or by key itself when issuer is NULL.  X509_free(). */
X509 *sim_x509_make(const struct sim_spec *spec, const struct sim_key *key,
    const struct sim_cert *issuer, struct err *e) MUST_USE;

/* A random serial number of 16 bytes, and both dates; -1 when they cannot be written. */
int sim_x509_renumber(X509 *x, int64_t not_before_at, int64_t not_after_at) MUST_USE;
/* With this digest ("sha256"), or the key's own way where it has one. */
int sim_x509_sign(X509 *x, EVP_PKEY *signer, const char *digest) MUST_USE;

/* --- for the files that put certificates into a shop (sim_cert.c) --- */

/* Takes the certificate over; returns it. */
const struct sim_cert *sim_shop_keep(struct sim_shop *shop, struct sim_cert *cert);
struct sim_keys *sim_shop_keys(struct sim_shop *shop);

#endif
