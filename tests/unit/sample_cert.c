/* sample_cert.c - certificates that are the same bytes every time. */
#include "tests/unit/samples.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

/* A sample that cannot be made is a broken test. */
static void must(int ok)
{
	if (ok <= 0)
		abort();
}

static EVP_PKEY *signing_key(void)
{
	static const unsigned char seed[32] = "samples: a key that guards none";
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);

	must(key != NULL);
	return key;
}

/* A public key of that size; nobody has its private half, nor needs it. */
static EVP_PKEY *rsa_key(int bits)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *n = BN_new(), *e = BN_new();
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	must(BN_set_bit(n, bits - 1) && BN_set_bit(n, bits - 3) && BN_set_bit(n, 0));
	must(BN_set_word(e, RSA_F4));
	must(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n));
	must(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e));
	params = OSSL_PARAM_BLD_to_param(build);
	must(params != NULL && EVP_PKEY_fromdata_init(ctx));
	must(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params));
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return key;
}

static bool is_utf8(const char *s, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n && (len = text_utf8_len(s + i, n - i)) > 0;)
		i += len;
	return len > 0;
}

/* The type is given, so that OpenSSL takes the bytes as they are; it encodes
 * no UTF8String that is none. */
static void set_name(X509_NAME *name, const char *cn, size_t n)
{
	must(X509_NAME_add_entry_by_NID(name, NID_commonName,
	    is_utf8(cn, n) ? V_ASN1_UTF8STRING : V_ASN1_T61STRING,
	    (const unsigned char *)cn, (int)n, -1, 0));
}

static void add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	must(ext != NULL && X509_add_ext(x, ext, -1));
	X509_EXTENSION_free(ext);
}

static void set_date(ASN1_TIME *t, int64_t at)
{
	char text[TEXT_TIME_BYTES], digits[TEXT_TIME_BYTES];
	size_t n = 0;

	text_from_time(at, text);
	for (const char *s = text; *s != '\0'; s++)
		if (*s != '-' && *s != ':' && *s != 'T')
			digits[n++] = *s;
	digits[n] = '\0';
	must(ASN1_TIME_set_string_X509(t, digits));
}

static void fill(X509 *x, const struct sample_cert *c, size_t serial)
{
	size_t cn_len = c->cn_len > 0 ? c->cn_len : strlen(c->cn);
	const char *issuer = c->issuer != NULL ? c->issuer : c->cn;

	must(X509_set_version(x, X509_VERSION_3));
	must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 0x1000 + serial));
	set_name(X509_get_subject_name(x), c->cn, cn_len);
	set_name(X509_get_issuer_name(x), issuer, c->issuer != NULL ? strlen(issuer) : cn_len);
	set_date(X509_getm_notBefore(x),
	    c->not_before_at != 0 ? c->not_before_at : SAMPLE_NOW - 365 * SAMPLE_DAY);
	set_date(X509_getm_notAfter(x), c->not_after_at);
	if (!c->no_constraints)
		add_extension(x, NID_basic_constraints, c->is_ca ? "critical,CA:TRUE" : "CA:FALSE");
	if (c->san != NULL)
		add_extension(x, NID_subject_alt_name, c->san);
}

static struct cert *make(const struct sample_cert *c, size_t serial)
{
	EVP_PKEY *signer = signing_key();
	EVP_PKEY *own =
	    c->rsa_bits < 0 ? signing_key() : rsa_key(c->rsa_bits > 0 ? c->rsa_bits : 2048);
	unsigned char *der = NULL;
	X509 *x = X509_new();
	struct cert *made;
	struct err e;
	int n;

	must(x != NULL);
	fill(x, c, serial);
	must(X509_set_pubkey(x, own) && X509_sign(x, signer, NULL));
	n = i2d_X509(x, &der);
	must(n);
	made = cert_from_der(der, (size_t)n, &e);
	if (made == NULL)
		fprintf(stderr, "sample \"%s\": %s\n", c->cn, e.text);
	must(made != NULL);
	OPENSSL_free(der);
	X509_free(x);
	EVP_PKEY_free(own);
	EVP_PKEY_free(signer);
	return made;
}

size_t sample_add(struct inventory *inv, const struct sample_cert *c)
{
	return inventory_add_cert(inv, make(c, inv->n_certs));
}

size_t sample_fake(struct inventory *inv, int64_t not_after_at)
{
	struct cert *c = mem_alloc(sizeof *c);
	uint64_t mixed = (inv->n_certs + 1) * UINT64_C(0x9E3779B97F4A7C15);

	c->form = CERT_PARSED;
	for (size_t i = 0; i < sizeof mixed; i++)
		c->sha256[i] = (uint8_t)(mixed >> (8 * (7 - i)));
	c->has_not_before = c->has_not_after = true;
	c->not_before_at = SAMPLE_NOW - 365 * SAMPLE_DAY;
	c->not_after_at = not_after_at;
	c->has_basic_constraints = true;
	c->key_kind = CERT_KEY_RSA;
	c->key_bits = 2048;
	c->signature_digest = CERT_DIGEST_OTHER;
	return inventory_add_cert(inv, c);
}
