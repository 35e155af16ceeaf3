/* cert_oracle.h - what OpenSSL's full X509 says about a certificate. */
#ifndef CHECK_CERTS_CERT_ORACLE_H
#define CHECK_CERTS_CERT_ORACLE_H

#include <stdbool.h>
#include "lib/model/cert.h"

/* Compare every fact and text with the full X509.  NULL when all agree, else
 * the name of the first that does not.  When OpenSSL cannot read the
 * certificate there is nothing to compare: NULL too, and *refused is set. */
const char *oracle_objection(const struct cert *c, bool *refused);

#endif
