/* cert_asn1.h - the ASN.1 of a certificate, shared by lib/model/cert*.c;
 * nobody else includes this.
 *
 * The template decodes what an expiry check asks for.  The names stay slices
 * of the DER and the public key stays a bit string: turning those two into
 * objects is nearly all of what d2i_X509 costs.
 *
 * Whoever calls these from outside of this group of files has set a mark in
 * OpenSSL's error queue before, and goes back to it afterwards: the queue is
 * shared with the TLS code of the same thread. */
#ifndef CHECK_CERTS_CERT_ASN1_H
#define CHECK_CERTS_CERT_ASN1_H

#include <openssl/asn1.h>
#include <openssl/asn1t.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/model/cert.h"

struct asn1_validity {
	ASN1_TIME *not_before, *not_after;
};

struct asn1_key {                     /* SubjectPublicKeyInfo */
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *bits;        /* the key itself, not decoded */
};

typedef struct asn1_extension {
	struct cert_bytes type;       /* content of the OBJECT IDENTIFIER */
	ASN1_BOOLEAN critical;
	struct cert_bytes value;      /* content of the OCTET STRING */
} EXTENSION;
DEFINE_STACK_OF(EXTENSION)            /* its macros want a single word */

struct asn1_tbs {
	ASN1_INTEGER *version, *serial;
	X509_ALGOR *signature;
	struct cert_bytes issuer;     /* tag and length included */
	struct asn1_validity validity;
	struct cert_bytes subject;    /* likewise */
	struct asn1_key key;
	ASN1_BIT_STRING *issuer_uid, *subject_uid;
	STACK_OF(EXTENSION) *extensions;   /* NULL: none */
};

struct asn1_cert {
	struct asn1_tbs tbs;
	X509_ALGOR *signature_algorithm;
	ASN1_BIT_STRING *signature;
};

/* --- cert_asn1.c ------------------------------------------------------------ */

/* For an item of our own that is embedded as a struct cert_bytes: where the
 * encoding lies, without a copy.  Of a SEQUENCE with its tag and length, of
 * others the content. */
extern const ASN1_PRIMITIVE_FUNCS asn1_slice_functions;
DECLARE_ASN1_ITEM(OBJECT_SLICE)

/* Decode the certificate at the start of der; *used is its length.  Every
 * struct cert_bytes in it points into der.  NULL with OpenSSL's reason in *e. */
struct asn1_cert *asn1_cert_decode(const unsigned char *der, size_t n, size_t *used,
    struct err *e) MUST_USE;
void asn1_cert_free(struct asn1_cert *a);

/* Bits of the modulus when the bit string holds exactly an RSAPublicKey, else 0. */
int asn1_rsa_bits(const ASN1_BIT_STRING *bits) MUST_USE;

/* All n bytes as one value of this type (free with ASN1_item_free), or NULL. */
ASN1_VALUE *asn1_decode_whole(const unsigned char *bytes, size_t n, const ASN1_ITEM *item) MUST_USE;

bool asn1_bytes_equal(struct cert_bytes a, struct cert_bytes b);

/* "<what> (<OpenSSL's reason>)", from the last error.  Always returns -1. */
int asn1_fail(struct err *e, const char *what);

/* --- cert_name.c ------------------------------------------------------------- */

/* Is this a sequence of sets of attributes?  Whether the strings in it are
 * what their types say is not looked at: the dates of such a certificate are
 * still good. */
bool asn1_name_is_sound(struct cert_bytes name) MUST_USE;

/* As X509_NAME_cmp sees it. */
bool asn1_names_equal(struct cert_bytes a, struct cert_bytes b);

/* See cert_subject_text and cert_common_name. */
void asn1_name_text(struct cert_bytes name, struct buf *out);
void asn1_name_common_name(struct cert_bytes name, struct buf *out);

/* Append text from a certificate; a NUL in it becomes U+FFFD, so that it
 * cannot hide what follows. */
void asn1_add_text(struct buf *out, const void *bytes, size_t n);

/* --- cert_text.c, cert_cover.c ------------------------------------------------- */

/* The first subjectAltName (free with GENERAL_NAMES_free); NULL when there is
 * none that can be decoded. */
GENERAL_NAMES *asn1_names_of(const struct cert *c) MUST_USE;

/* See cert_covers. */
bool asn1_covers(X509 *x, const char *name);

/* --- cert_key.c, cert_ext.c ------------------------------------------------------ */

/* Fills key_kind, key_bits and key_nid.  der is the whole certificate, for
 * the keys whose size only the full X509 knows. */
void asn1_key_facts(const struct asn1_key *k, const unsigned char *der, size_t n,
    struct cert *c);

/* Fills signature_nid and signature_digest. */
void asn1_signature_facts(const X509_ALGOR *algorithm, struct cert *c);

/* Fills the facts of basicConstraints, keyUsage and extendedKeyUsage.  all
 * may be NULL.  An extension that is there twice or cannot be decoded is
 * ERR_ANSWER: what it forbids would be lost. */
int asn1_extension_facts(const STACK_OF(EXTENSION) *all, struct cert *c, struct err *e) MUST_USE;

/* Is it the one that OpenSSL numbers so? */
bool asn1_extension_is(const struct asn1_extension *x, int nid);

/* --- cert.c ---------------------------------------------------------------------- */

/* What the reading of one certificate can pass on to the next: in a bundle
 * the same few issuers come again and again, and one look at a name is
 * enough.  Zero it first. */
struct cert_reading {
	EVP_MD *sha256;               /* owned: found once, which costs as much as using it */
	unsigned char *issuer;        /* owned: the last issuer that was sound */
	size_t issuer_len, issuer_cap;
};
void cert_reading_clear(struct cert_reading *r);

/* cert_from_der.  With trust_ok, OpenSSL's trust settings may stand behind
 * the certificate; they are left out of it. */
struct cert *cert_read_der(struct cert_reading *r, const unsigned char *der, size_t n,
    bool trust_ok, struct err *e) MUST_USE;

#endif
