/* sim_cert.h - real certificates with real keys, made while a scenario is read.
 *
 * RSA keys come from a small pool that is part of the program (making one
 * takes a tenth of a second or two), so several certificates may share a key; of
 * every other kind a few are made.  The keys are public: never trust them. */
#ifndef CHECK_CERTS_SIM_CERT_H
#define CHECK_CERTS_SIM_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/json.h"

#define SIM_SAN_MAX 32
#define SIM_USAGES_MAX 8

enum sim_basic_constraints { SIM_CA_FALSE, SIM_CA_TRUE, SIM_CA_ABSENT };
enum sim_chain {
	SIM_CHAIN_LEAF,       /* the certificate alone */
	SIM_CHAIN_FULL,       /* leaf, intermediates, root */
	SIM_CHAIN_NO_ROOT,
	SIM_CHAIN_REVERSED    /* root first: the wrong order, on purpose */
};

/* What is wanted.  Strings are borrowed; NULL and 0 take the defaults named. */
struct sim_spec {
	const char *name;          /* others name it as their issuer; NULL: nobody does */
	const char *cn;            /* any UTF-8 of any length */
	const char *o, *ou, *c;    /* NULL: that part is left out */
	const char *san[SIM_SAN_MAX];   /* "host", "192.0.2.1", "DNS: IP: URI: email:..." */
	size_t n_san;
	int64_t not_before_at;     /* both are needed; INT64_MIN is not taken */
	int64_t not_after_at;
	const char *key;           /* "rsa:2048" (default), rsa:N, ec:P-256, ec:CURVE, ed25519 */
	const char *sig;           /* "sha256" (default), sha384, sha512, sha1, md5 */
	const char *issuer;        /* a name made before; NULL: self-signed */
	enum sim_basic_constraints ca;
	enum sim_chain chain;
	const char *eku[SIM_USAGES_MAX];  /* OpenSSL short names: "serverAuth" */
	size_t n_eku;
	const char *ku[SIM_USAGES_MAX];   /* "digitalSignature", "keyEncipherment", ... */
	size_t n_ku;
	const char *cdp;           /* URL of a CRL; NULL: none */
	const char *serial;        /* decimal; NULL: random */
	bool bulk;                 /* made quickly: see x509 below */
};

struct sim_cert {
	char *name;                /* NULL when nobody named it */
	char *cn;                  /* as asked for */
	char *pem;                 /* the blocks that spec.chain asked for, with line feeds */
	char *leaf_pem;            /* the certificate alone */
	uint8_t *der;
	size_t der_len;
	char sha256[65];           /* of der, lower-case hex */
	bool is_ca;
	int64_t not_before_at;
	int64_t not_after_at;
	enum sim_chain chain;
	const struct sim_cert *issuer;   /* NULL: self-signed */
	X509 *x509;                /* of a bulk one the key is there as bytes only: use key */
	EVP_PKEY *key;             /* the pair; the public part alone when it was adopted */
};

struct sim_shop;

struct sim_shop *sim_shop_new(void) MUST_USE;
void sim_shop_free(struct sim_shop *shop);           /* and every certificate it made */

/* Make one; owned by the shop.  ERR_CONFIG when the spec makes no sense. */
const struct sim_cert *sim_shop_make(struct sim_shop *shop, const struct sim_spec *spec,
    struct err *e) MUST_USE;
const struct sim_cert *sim_shop_find(const struct sim_shop *shop, const char *name);

/* One that somebody else made, from PEM: the first block is the certificate,
 * pem shows all of the text.  There is no private key: it cannot be presented
 * by a listener nor sign another.  name may be NULL. */
const struct sim_cert *sim_shop_adopt(struct sim_shop *shop, const char *pem, const char *name,
    struct err *e) MUST_USE;

/* One that somebody else made, with its chain: each block of the PEM text is
 * taken for the issuer of the one before it, whether it is or not.  key (may
 * be NULL; a reference is taken) belongs to the first block: with it a listener
 * can present the certificate. */
const struct sim_cert *sim_shop_import(struct sim_shop *shop, const char *pem, EVP_PKEY *key,
    struct err *e) MUST_USE;

/* The same certificate again, signed by itself: subject and extensions as they
 * were, another key of the same kind, another serial number. */
const struct sim_cert *sim_shop_renew(struct sim_shop *shop, const struct sim_cert *old,
    int64_t not_before_at, int64_t not_after_at, struct err *e) MUST_USE;

/* The same, signed by issuer (NULL: by itself), with this key (a reference is
 * taken; NULL: another one of the same kind).  ERR_CONFIG when the issuer has no
 * private key. */
const struct sim_cert *sim_shop_reissue(struct sim_shop *shop, const struct sim_cert *old,
    const struct sim_cert *issuer, EVP_PKEY *key, int64_t not_before_at, int64_t not_after_at,
    struct err *e) MUST_USE;

/* A key of this kind ("rsa:2048", "ec:P-256"), borrowed from the shop. */
EVP_PKEY *sim_shop_key(struct sim_shop *shop, const char *kind, struct err *e) MUST_USE;

/* The facts of any certificate, without a private key; owned by the caller. */
struct sim_cert *sim_cert_of(X509 *x509) MUST_USE;
void sim_cert_free(struct sim_cert *cert);

/* The private key as PKCS#8 PEM; NULL: there is none.  free(). */
char *sim_cert_key_pem(const struct sim_cert *cert) MUST_USE;

/* The end of the chain above: itself when self-signed. */
const struct sim_cert *sim_cert_root(const struct sim_cert *cert);

/* How many blocks pem has, and which certificate block i shows. */
size_t sim_cert_blocks(const struct sim_cert *cert);
const struct sim_cert *sim_cert_block(const struct sim_cert *cert, size_t i);

/* Read a description (README.md, "A certificate") into a spec whose strings
 * are borrowed from it; now_s is the simulated time that days_left counts
 * from, real_s the real one.  Members that are not about the certificate are
 * left alone: sim_spec_keys names those that are. */
int sim_spec_read(const struct json *description, const char *where, int64_t now_s,
    int64_t real_s, struct sim_spec *spec, struct err *e) MUST_USE;
extern const char *const sim_spec_keys[];

/* The same for a scenario under way: takes both times from the core. */
struct sim;
const struct sim_cert *sim_make_cert(struct sim *sim, const struct json *description,
    const char *where, struct err *e) MUST_USE;

/* Defaults that sim_spec_read starts from: 365 days from now_s, not before
 * one hour before the earlier of both times, rsa:2048, sha256, CA:FALSE. */
void sim_spec_init(struct sim_spec *spec, int64_t now_s, int64_t real_s);

#endif
