/* pki.h - certificates made on the spot, for tests that shake hands.
 *
 * Dates are relative to now, because a handshake looks at the real clock. */
#ifndef CHECK_CERTS_PKI_H
#define CHECK_CERTS_PKI_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

struct pki {
	EVP_PKEY *key;
	X509 *cert;
};

struct pki_options {
	const char *common_name;
	const char *names;          /* "DNS:localhost,IP:127.0.0.1"; NULL: no subjectAltName */
	long from_s, until_s;       /* relative to now; both 0: yesterday to tomorrow */
	bool is_ca;
	const struct pki *issuer;   /* NULL: signed by itself */
	const char *constraints;    /* basicConstraints in OpenSSL's words; NULL: as is_ca says;
	                               "" : none */
	const char *eku, *ku;       /* likewise; NULL: none */
	const char *name_constraints;
};

/* A new EC key and its certificate.  Ends the program when it cannot. */
struct pki *pki_make(const struct pki_options *o);
void pki_free(struct pki *p);

/* Borrowed from OpenSSL's own encoding: the SHA-256 of the DER. */
void pki_sha256(const struct pki *p, uint8_t out[32]);

/* A new string with the key alone. */
char *pki_key_pem(const struct pki *p);

/* A new string with the certificate in PEM, and with the key too if wanted. */
char *pki_pem(const struct pki *p, bool with_key);

#endif
