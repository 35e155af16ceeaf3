/* pki.c - certificates made on the spot. */
#include "tests/unit/pki.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S 86400L

static void need(bool works, const char *what)
{
	if (works)
		return;
	fprintf(stderr, "cannot make a test certificate: %s\n", what);
	abort();
}

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	need(x != NULL && X509_add_ext(cert, x, -1), value);
	X509_EXTENSION_free(x);
}

static void set_serial(X509 *cert)
{
	unsigned char bytes[8];
	BIGNUM *number;

	need(RAND_bytes(bytes, sizeof bytes) == 1, "serial");
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 1);
	number = BN_bin2bn(bytes, sizeof bytes, NULL);
	need(number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL, "serial");
	BN_free(number);
}

static void set_name(X509 *cert, const char *common_name)
{
	X509_NAME *name = X509_get_subject_name(cert);

	need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name,
	    -1, -1, 0) == 1, common_name);
}

struct pki *pki_make(const struct pki_options *o)
{
	const bool has_dates = o->from_s != 0 || o->until_s != 0;
	struct pki *p = calloc(1, sizeof *p);
	const struct pki *issuer;

	need(p != NULL, "memory");
	issuer = o->issuer != NULL ? o->issuer : p;
	p->key = EVP_EC_gen("P-256");
	p->cert = X509_new();
	need(p->key != NULL && p->cert != NULL, "key");
	X509_set_version(p->cert, X509_VERSION_3);
	set_serial(p->cert);
	X509_gmtime_adj(X509_getm_notBefore(p->cert), has_dates ? o->from_s : -DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(p->cert), has_dates ? o->until_s : DAY_S);
	set_name(p->cert, o->common_name);
	X509_set_issuer_name(p->cert, X509_get_subject_name(issuer->cert));
	X509_set_pubkey(p->cert, p->key);
	if (o->constraints == NULL)
		add_extension(p->cert, NID_basic_constraints,
		    o->is_ca ? "critical,CA:TRUE" : "CA:FALSE");
	else if (o->constraints[0] != '\0')
		add_extension(p->cert, NID_basic_constraints, o->constraints);
	if (o->names != NULL)
		add_extension(p->cert, NID_subject_alt_name, o->names);
	if (o->eku != NULL)
		add_extension(p->cert, NID_ext_key_usage, o->eku);
	if (o->ku != NULL)
		add_extension(p->cert, NID_key_usage, o->ku);
	if (o->name_constraints != NULL)
		add_extension(p->cert, NID_name_constraints, o->name_constraints);
	need(X509_sign(p->cert, issuer->key, EVP_sha256()) > 0, "signature");
	return p;
}

void pki_free(struct pki *p)
{
	if (p == NULL)
		return;
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
	free(p);
}

void pki_sha256(const struct pki *p, uint8_t out[32])
{
	need(X509_digest(p->cert, EVP_sha256(), out, NULL) == 1, "digest");
}

char *pki_pem(const struct pki *p, bool with_key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text, *copy;
	long n;

	need(bio != NULL && PEM_write_bio_X509(bio, p->cert) == 1, "PEM");
	if (with_key)
		need(PEM_write_bio_PrivateKey(bio, p->key, NULL, NULL, 0, NULL, NULL) == 1, "PEM");
	n = BIO_get_mem_data(bio, &text);
	copy = strndup(text, (size_t)n);
	BIO_free(bio);
	need(copy != NULL, "memory");
	return copy;
}

char *pki_key_pem(const struct pki *p)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text, *copy;
	long n;

	need(bio != NULL &&
	    PEM_write_bio_PrivateKey(bio, p->key, NULL, NULL, 0, NULL, NULL) == 1, "PEM");
	n = BIO_get_mem_data(bio, &text);
	copy = strndup(text, (size_t)n);
	BIO_free(bio);
	need(copy != NULL, "memory");
	return copy;
}
