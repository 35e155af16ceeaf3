/* sim_cert.c - making certificates, and keeping them. */
#include "tests/sim/sim_cert.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/sim_key.h"
#include "tests/sim/sim_x509.h"

#define CHAIN_MAX 16

struct sim_shop {
	struct sim_keys *keys;
	struct sim_cert **cert;
	size_t n;
	size_t cap;
};

struct sim_shop *sim_shop_new(void)
{
	struct sim_shop *shop = mem_alloc(sizeof *shop);

	shop->keys = sim_keys_new();
	return shop;
}

void sim_cert_free(struct sim_cert *cert)
{
	if (cert == NULL)
		return;
	free(cert->name);
	free(cert->cn);
	free(cert->pem);
	free(cert->leaf_pem);
	OPENSSL_free(cert->der);
	X509_free(cert->x509);
	EVP_PKEY_free(cert->key);
	free(cert);
}

void sim_shop_free(struct sim_shop *shop)
{
	if (shop == NULL)
		return;
	for (size_t i = 0; i < shop->n; i++)
		sim_cert_free(shop->cert[i]);
	free(shop->cert);
	sim_keys_free(shop->keys);
	free(shop);
}

const struct sim_cert *sim_shop_find(const struct sim_shop *shop, const char *name)
{
	for (size_t i = 0; i < shop->n; i++) {
		if (shop->cert[i]->name != NULL && strcmp(shop->cert[i]->name, name) == 0)
			return shop->cert[i];
	}
	return NULL;
}

const struct sim_cert *sim_cert_root(const struct sim_cert *cert)
{
	while (cert->issuer != NULL)
		cert = cert->issuer;
	return cert;
}

static size_t chain_length(const struct sim_cert *cert)
{
	size_t n = 1;

	for (; cert->issuer != NULL; cert = cert->issuer)
		n++;
	return n;
}

size_t sim_cert_blocks(const struct sim_cert *cert)
{
	size_t n = chain_length(cert);

	if (cert->chain == SIM_CHAIN_LEAF)
		return 1;
	return cert->chain == SIM_CHAIN_NO_ROOT && n > 1 ? n - 1 : n;
}

const struct sim_cert *sim_cert_block(const struct sim_cert *cert, size_t i)
{
	size_t up = cert->chain == SIM_CHAIN_REVERSED ? sim_cert_blocks(cert) - 1 - i : i;

	while (up-- > 0)
		cert = cert->issuer;
	return cert;
}

/* Everything that was written to out, as a string of its own. */
static char *bio_text(BIO *out)
{
	char *bytes = NULL;
	long n = BIO_get_mem_data(out, &bytes);

	return mem_strndup(bytes, n > 0 ? (size_t)n : 0);
}

static char *x509_pem(X509 *x509)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *pem = NULL;

	if (out != NULL && PEM_write_bio_X509(out, x509) == 1)
		pem = bio_text(out);
	BIO_free(out);
	return pem;
}

char *sim_cert_key_pem(const struct sim_cert *cert)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *pem = NULL;

	if (out != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(out, cert->key, NULL, NULL, 0, NULL, NULL) == 1)
		pem = bio_text(out);
	BIO_free(out);
	return pem;
}

static char *chain_pem(const struct sim_cert *cert)
{
	struct buf text;

	buf_init(&text, 1u << 20);
	for (size_t i = 0; i < sim_cert_blocks(cert); i++)
		buf_adds(&text, sim_cert_block(cert, i)->leaf_pem);
	return buf_take(&text);
}

/* The encoded forms of cert->x509. */
static int encode(struct sim_cert *cert)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int len = i2d_X509(cert->x509, &cert->der);

	cert->leaf_pem = x509_pem(cert->x509);
	if (len <= 0 || cert->leaf_pem == NULL ||
	    X509_digest(cert->x509, EVP_sha256(), digest, &n) != 1)
		return -1;
	cert->der_len = (size_t)len;
	text_hex(digest, n, cert->sha256);
	return 0;
}

/* Seconds since the epoch. */
static int64_t moment(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;

	(void)ASN1_TIME_diff(&days, &seconds, epoch, t);
	ASN1_TIME_free(epoch);
	return (int64_t)days * 86400 + seconds;
}

struct sim_cert *sim_cert_of(X509 *x509)
{
	struct sim_cert *cert = mem_alloc(sizeof *cert);

	X509_up_ref(x509);
	cert->x509 = x509;
	cert->key = X509_get_pubkey(x509);
	cert->is_ca = X509_check_ca(x509) == 1;
	cert->not_before_at = moment(X509_get0_notBefore(x509));
	cert->not_after_at = moment(X509_get0_notAfter(x509));
	if (cert->key == NULL || encode(cert) != 0) {
		sim_cert_free(cert);
		return NULL;
	}
	cert->pem = mem_strdup(cert->leaf_pem);
	return cert;
}

const struct sim_cert *sim_shop_keep(struct sim_shop *shop, struct sim_cert *cert)
{
	shop->cert = mem_grow(shop->cert, &shop->cap, shop->n + 1, sizeof(struct sim_cert *));
	shop->cert[shop->n++] = cert;
	return cert;
}

struct sim_keys *sim_shop_keys(struct sim_shop *shop)
{
	return shop->keys;
}

const struct sim_cert *sim_shop_adopt(struct sim_shop *shop, const char *pem, const char *name,
    struct err *e)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	X509 *x509 = in != NULL ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	struct sim_cert *cert = x509 != NULL ? sim_cert_of(x509) : NULL;

	BIO_free(in);
	X509_free(x509);
	if (cert == NULL || (name != NULL && sim_shop_find(shop, name) != NULL)) {
		err_set(e, ERR_CONFIG, cert == NULL ? "the text is no certificate" :
		    "two certificates have one name");
		sim_cert_free(cert);
		return NULL;
	}
	free(cert->pem);
	cert->pem = mem_strdup(pem);
	cert->name = mem_strdup(name);
	return sim_shop_keep(shop, cert);
}

/* Fill in what the finished X509 and its spec say. */
static int describe(struct sim_cert *cert, const struct sim_spec *spec, struct err *e)
{
	if (encode(cert) != 0)
		return err_set(e, ERR_CONFIG, "this certificate cannot be encoded");
	cert->name = mem_strdup(spec->name);
	cert->cn = mem_strdup(spec->cn);
	cert->is_ca = spec->ca == SIM_CA_TRUE;
	cert->chain = spec->chain;
	cert->not_before_at = spec->not_before_at;
	cert->not_after_at = spec->not_after_at;
	cert->pem = chain_pem(cert);
	return 0;
}

static int find_issuer(const struct sim_shop *shop, const struct sim_spec *spec,
    const struct sim_cert **issuer, struct err *e)
{
	if (spec->issuer == NULL)
		return 0;
	*issuer = sim_shop_find(shop, spec->issuer);
	if (*issuer == NULL)
		return err_set(e, ERR_CONFIG, "issuer \"%s\" was not described before",
		    spec->issuer);
	if (chain_length(*issuer) >= CHAIN_MAX)
		return err_set(e, ERR_CONFIG, "a chain of more than %d certificates", CHAIN_MAX);
	return 0;
}

const struct sim_cert *sim_shop_make(struct sim_shop *shop, const struct sim_spec *spec,
    struct err *e)
{
	struct sim_cert *cert = mem_alloc(sizeof *cert);
	const struct sim_key *key;

	if (spec->name != NULL && sim_shop_find(shop, spec->name) != NULL) {
		err_set(e, ERR_CONFIG, "two certificates are called \"%s\"", spec->name);
		goto out;
	}
	if (find_issuer(shop, spec, &cert->issuer, e) != 0)
		goto out;
	key = sim_keys_get(shop->keys, spec->key, e);
	if (key == NULL)
		goto out;
	cert->key = key->pair;
	EVP_PKEY_up_ref(cert->key);
	cert->x509 = sim_x509_make(spec, key, cert->issuer, e);
	if (cert->x509 == NULL || describe(cert, spec, e) != 0)
		goto out;
	return sim_shop_keep(shop, cert);
out:
	sim_cert_free(cert);
	return NULL;
}
