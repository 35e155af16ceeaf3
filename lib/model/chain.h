/* chain.h - what OpenSSL's own verification says of certificates in a row.
 *
 * A struct cert is read without its public key; whether signatures verify,
 * which names it covers and which private key fits needs OpenSSL's full
 * objects.  Those are built here only, for the chains that are asked about. */
#ifndef CHECK_CERTS_CHAIN_H
#define CHECK_CERTS_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "lib/model/cert.h"

#define CHAIN_MAX 20             /* certificates in one; more is refused */

/* --- trust anchors: the CA file given for a target -------------------------------- */

struct anchors;

/* Every certificate of a PEM text; ERR_CONFIG when there is none, or one
 * cannot be read. */
struct anchors *anchors_read(const char *pem, size_t n, struct err *e) MUST_USE;
void anchors_free(struct anchors *a);

/* --- a chain ------------------------------------------------------------------------ */

struct chain;

/* From the leaf on, in the order in which it was found; the certificates are
 * borrowed for the call only.  NULL: none, more than CHAIN_MAX (ERR_REFUSED),
 * or one of which OpenSSL cannot read every part (ERR_ANSWER, with its number,
 * 1 is the leaf). */
struct chain *chain_open(const struct cert *const *certs, size_t n, struct err *e) MUST_USE;
void chain_close(struct chain *c);
size_t chain_n(const struct chain *c);

/* Does each name the next as its issuer?  *at: the first that does not, 0 is
 * the leaf. */
bool chain_is_ordered(const struct chain *c, size_t *at);

/* Is the last one its own issuer, so that nothing is missing? */
bool chain_is_complete(const struct chain *c);

/* Signatures, CA marks, path length, name constraints, critical extensions,
 * as X509_verify_cert sees them when the last certificate is trusted.  Dates
 * are not looked at; nor is the signature that a root made over itself,
 * unless with_own.  -1 and ERR_REFUSED with OpenSSL's reason. */
int chain_verify(const struct chain *c, bool with_own, struct err *e) MUST_USE;

/* The same as a TLS client does it that trusts these anchors at that time; of
 * the leaf the dates are left out, for which there are other words.
 * -1 and ERR_REFUSED. */
int chain_verify_under(const struct chain *c, const struct anchors *a, int64_t now_at,
    struct err *e) MUST_USE;

/* cert_covers, of the leaf. */
bool chain_covers(const struct chain *c, const char *name);

/* Does the private key (PEM, not encrypted) belong to the leaf?  0 yes; -1:
 * ERR_REFUSED no, ERR_CONFIG it cannot be read. */
int chain_key_matches(const struct chain *c, const struct secret *pem, struct err *e) MUST_USE;

#endif
