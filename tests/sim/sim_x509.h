/* sim_x509.h - one X509 from a spec; private to the certificate code. */
#ifndef CHECK_CERTS_SIM_X509_H
#define CHECK_CERTS_SIM_X509_H

#include "tests/sim/sim_cert.h"
#include "tests/sim/sim_key.h"

/* Signed by issuer, or by key itself when issuer is NULL.  X509_free(). */
X509 *sim_x509_make(const struct sim_spec *spec, const struct sim_key *key,
    const struct sim_cert *issuer, struct err *e) MUST_USE;

#endif
