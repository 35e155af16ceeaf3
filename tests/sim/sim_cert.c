/* sim_cert.c - making certificates, and keeping them. */
#include "tests/sim/sim_cert.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
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

static void cert_free(struct sim_cert *cert)
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
		cert_free(shop->cert[i]);
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

/* Fill in what can be read off the finished X509. */
static int describe(struct sim_cert *cert, const struct sim_spec *spec, struct err *e)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int len = i2d_X509(cert->x509, &cert->der);

	cert->leaf_pem = x509_pem(cert->x509);
	if (len <= 0 || cert->leaf_pem == NULL ||
	    X509_digest(cert->x509, EVP_sha256(), digest, &n) != 1)
		return err_set(e, ERR_CONFIG, "this certificate cannot be encoded");
	cert->der_len = (size_t)len;
	text_hex(digest, n, cert->sha256);
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
		return err_set(e, ERR_CONFIG, "issuer \"%s\" was not described before", spec->issuer);
	if (chain_length(*issuer) >= CHAIN_MAX)
		return err_set(e, ERR_CONFIG, "a chain of more than %d certificates", CHAIN_MAX);
	return 0;
}

const struct sim_cert *sim_shop_make(struct sim_shop *shop, const struct sim_spec *spec, struct err *e)
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
	shop->cert = mem_grow(shop->cert, &shop->cap, shop->n + 1, sizeof(struct sim_cert *));
	shop->cert[shop->n++] = cert;
	return cert;
out:
	cert_free(cert);
	return NULL;
}
