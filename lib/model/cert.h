/* cert.h - what a certificate is: facts, parsed once, immutable.
 *
 * Reading an expiry date does not need the public key, and decoding that key
 * is most of what d2i_X509 costs; so the bytes are read through an ASN.1
 * template of our own (openssl/asn1t.h) that leaves the SubjectPublicKeyInfo
 * and the names as DER.  Every fact equals what the full X509 says
 * (tests/unit/test_cert.c holds it to that).  Text forms are made on demand.
 *
 * Certificates, dates and names are OpenSSL's business: no DER is decoded by
 * hand here. */
#ifndef CHECK_CERTS_CERT_H
#define CHECK_CERTS_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define CERT_SHA256_BYTES 32
#define CERT_DER_MAX_BYTES (64u * 1024)
#define CERT_PEM_BLOCKS_MAX 20000   /* certificates in one file or object */

enum cert_form {
	CERT_PARSED,      /* we hold the bytes: every field below is known */
	CERT_REPORTED,    /* an API gave dates and names, not the certificate */
	CERT_UNREADABLE   /* something that should be a certificate and is not: see problem */
};

enum cert_key { CERT_KEY_UNKNOWN, CERT_KEY_RSA, CERT_KEY_EC, CERT_KEY_DSA, CERT_KEY_OTHER };

/* The digest that was signed, RSA-PSS parameters looked into. */
enum cert_digest {
	CERT_DIGEST_UNKNOWN,
	CERT_DIGEST_MD5,        /* or its elders MD2 and MD4 */
	CERT_DIGEST_SHA1,       /* or SHA-0 */
	CERT_DIGEST_OTHER       /* SHA-2, SHA-3, or none of its own (Ed25519) */
};

/* Key usage and extended key usage, as bits; *_present says whether the
 * extension exists at all. */
enum {
	CERT_KU_DIGITAL_SIGNATURE = 1 << 0, CERT_KU_KEY_ENCIPHERMENT = 1 << 1,
	CERT_KU_KEY_AGREEMENT = 1 << 2, CERT_KU_CERT_SIGN = 1 << 3, CERT_KU_OTHER = 1 << 4,
	CERT_EKU_SERVER = 1 << 0, CERT_EKU_CLIENT = 1 << 1, CERT_EKU_ANY = 1 << 2, CERT_EKU_OTHER = 1 << 3
};

struct cert_bytes { const unsigned char *p; size_t n; };   /* borrowed from der */

struct cert {
	enum cert_form form;
	unsigned char *der;              /* owned; NULL unless CERT_PARSED */
	size_t der_len;
	uint8_t sha256[CERT_SHA256_BYTES]; /* of der; zero unless CERT_PARSED */
	struct cert_bytes subject_der;   /* into der */
	struct cert_bytes issuer_der;    /* into der */
	bool has_not_before, has_not_after;
	int64_t not_before_at;           /* epoch seconds, UTC */
	int64_t not_after_at;            /* inclusive, as RFC 5280 4.1.2.5 */
	bool has_basic_constraints;
	bool is_ca;                      /* basicConstraints CA:TRUE; REPORTED: as told */
	bool self_issued;                /* subject and issuer name are equal */
	bool has_key_usage, has_ext_key_usage;
	unsigned key_usage, ext_key_usage; /* bits above */
	enum cert_key key_kind;          /* by the algorithm named, RSA-PSS is RSA too */
	int key_bits;                    /* by the modulus or curve declared; 0 unknown */
	int key_nid;                     /* OpenSSL NID of the curve (EC) or algorithm; 0 unknown */
	int signature_nid;               /* OpenSSL NID of the signature algorithm; 0 unknown */
	enum cert_digest signature_digest;
	char *reported_issuer;           /* owned; REPORTED only, else NULL */
	char *problem;                   /* owned; UNREADABLE: why, one clause; REPORTED: why its bytes,
	                                    which should be there, are not; else NULL */
};

/* One certificate from its DER.  Trailing bytes are an error.  NULL and
 * ERR_ANSWER with a reason when it cannot be read: a date, the shape of a
 * name, and an extension that the facts above depend on included.  Not looked
 * at: whether an EC point lies on its curve, and whether the strings in names
 * are encoded as their types say. */
struct cert *cert_from_der(const unsigned char *der, size_t n, struct err *e) MUST_USE;

/* What an API told without the bytes.  issuer may be NULL.  Times absent:
 * has_* false.  Cannot fail. */
struct cert *cert_reported(const char *issuer, const int64_t *not_before_at,
    const int64_t *not_after_at, int is_ca) MUST_USE;

/* Something unreadable, with its reason (copied). */
struct cert *cert_unreadable(const char *problem) MUST_USE;

void cert_free(struct cert *c);

/* Read every PEM CERTIFICATE (also X509 and TRUSTED CERTIFICATE) block in
 * text, garbage between them allowed, CRLF, missing last newline and a body
 * on one long line too.  For each block found, in order, calls
 * take(ctx, index, cert, problem): cert is handed over (take owns it), or
 * NULL with the reason why this block cannot be read.  take returns false to
 * stop.  Returns the number of blocks seen.  Private keys and other blocks
 * are skipped without being looked into.  Block number CERT_PEM_BLOCKS_MAX is
 * the last one: it is given as NULL with "more than ... certificates". */
typedef bool cert_take_fn(void *ctx, size_t index, struct cert *cert, const char *problem);
size_t cert_read_pem(const char *text, size_t n, cert_take_fn *take, void *ctx);

/* The bytes as a PEM CERTIFICATE block with line feeds, appended to out; only
 * for CERT_PARSED.  -1: it does not fit (out->overflow). */
int cert_to_pem(const struct cert *c, struct buf *out) MUST_USE;

/* Does the text hold any PEM block marker of a certificate? */
bool cert_looks_like_pem(const char *text, size_t n);

/* Text forms, appended to out.  Names in RFC 2253 order of the encoding
 * ("CN=nsx-02, O=example"), UTF-8, unescaped controls possible: clean before
 * showing.  NUL is shown as U+FFFD; a string that is not what its type says, as
 * its bytes or as RFC 2253's "#hex".  REPORTED: the reported issuer; "" for
 * what is not known. */
void cert_subject_text(const struct cert *c, struct buf *out);
void cert_issuer_text(const struct cert *c, struct buf *out);
void cert_common_name(const struct cert *c, struct buf *out);   /* last CN of the subject; "" when none */
void cert_serial_hex(const struct cert *c, struct buf *out);     /* lower-case, no colons; "" unknown */
void cert_key_text(const struct cert *c, struct buf *out);       /* "RSA 2048", "EC P-256", "ED25519"; "" unknown */
void cert_signature_text(const struct cert *c, struct buf *out); /* OpenSSL's long name; "" unknown */

/* subjectAltName: DNS names, IP addresses and URIs as text, in order; calls
 * each(ctx, name) with a NUL-terminated string that is valid for the call. */
void cert_each_name(const struct cert *c, void (*each)(void *ctx, const char *name), void *ctx);

/* Does it cover a host name or address (RFC 6125, by OpenSSL; the common name
 * counts only where subjectAltName has no DNS name)?  false when it is not
 * CERT_PARSED. */
bool cert_covers(const struct cert *c, const char *name);

/* -1, 0, 1 by SHA-256; only for CERT_PARSED. */
int cert_compare(const struct cert *a, const struct cert *b);

/* 64 hex digits + NUL. */
void cert_sha256_hex(const struct cert *c, char out[2 * CERT_SHA256_BYTES + 1]);

#endif
