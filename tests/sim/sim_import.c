/* sim_import.c - certificates that come into a shop from outside, or from one that is there. */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/sim_x509.h"

#define BLOCKS_MAX 16
#define KIND_BYTES 80

/* The blocks of the text, in order; -1: none at all, or too many, or one is broken. */
static int read_blocks(const char *pem, struct sim_cert **block, size_t *n)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	bool all = false;

	*n = 0;
	while (in != NULL && *n < BLOCKS_MAX) {
		X509 *x509 = PEM_read_bio_X509(in, NULL, NULL, NULL);

		if (x509 == NULL) {
			all = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
			break;
		}
		block[*n] = sim_cert_of(x509);
		X509_free(x509);
		if (block[*n] == NULL)
			break;
		(*n)++;
	}
	ERR_clear_error();
	BIO_free(in);
	return all && *n > 0 ? 0 : -1;
}

/* From here on the first one shows them all, in the order they came in. */
static void link_blocks(struct sim_cert **block, size_t n)
{
	struct buf text;

	buf_init(&text, 1u << 20);
	for (size_t i = 0; i < n; i++) {
		buf_adds(&text, block[i]->leaf_pem);
		block[i]->issuer = i + 1 < n ? block[i + 1] : NULL;
	}
	block[0]->chain = SIM_CHAIN_FULL;
	free(block[0]->pem);
	block[0]->pem = buf_take(&text);
}

const struct sim_cert *sim_shop_import(struct sim_shop *shop, const char *pem, EVP_PKEY *key,
    struct err *e)
{
	struct sim_cert *block[BLOCKS_MAX];
	size_t n;

	if (read_blocks(pem, block, &n) != 0) {
		for (size_t i = 0; i < n; i++)
			sim_cert_free(block[i]);
		err_set(e, ERR_ANSWER, "the text is no chain of 1 to %d certificates", BLOCKS_MAX);
		return NULL;
	}
	link_blocks(block, n);
	if (key != NULL) {
		EVP_PKEY_free(block[0]->key);
		EVP_PKEY_up_ref(key);
		block[0]->key = key;
	}
	for (size_t i = 0; i < n; i++)
		(void)sim_shop_keep(shop, block[i]);
	return block[0];
}

EVP_PKEY *sim_shop_key(struct sim_shop *shop, const char *kind, struct err *e)
{
	const struct sim_key *key = sim_keys_get(sim_shop_keys(shop), kind, e);

	return key != NULL ? key->pair : NULL;
}

/* "rsa:2048", "ec:prime256v1", "ed25519": what sim_shop_key() takes. */
static void kind_of(EVP_PKEY *key, char kind[KIND_BYTES])
{
	char group[64] = "P-256";
	size_t len;

	if (EVP_PKEY_is_a(key, "RSA")) {
		snprintf(kind, KIND_BYTES, "rsa:%d", EVP_PKEY_get_bits(key));
	} else if (EVP_PKEY_is_a(key, "EC")) {
		(void)EVP_PKEY_get_group_name(key, group, sizeof group, &len);
		snprintf(kind, KIND_BYTES, "ec:%s", group);
	} else {
		snprintf(kind, KIND_BYTES, "ed25519");
	}
}

/* The identifiers were those of the old key and the old issuer. */
static int renew_key_identifier(X509 *x)
{
	static const int nids[] = { NID_subject_key_identifier, NID_authority_key_identifier };
	ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	int status = -1;

	for (size_t i = 0; i < sizeof nids / sizeof nids[0]; i++) {
		int at = X509_get_ext_by_NID(x, nids[i], -1);

		if (at >= 0)
			X509_EXTENSION_free(X509_delete_ext(x, at));
	}
	if (id != NULL && X509_pubkey_digest(x, EVP_sha1(), digest, &len) == 1 &&
	    ASN1_OCTET_STRING_set(id, digest, (int)len) == 1 &&
	    X509_add1_ext_i2d(x, NID_subject_key_identifier, id, 0, X509V3_ADD_DEFAULT) == 1)
		status = 0;
	ASN1_OCTET_STRING_free(id);
	return status;
}

/* Which key the issuer has; a self-signed one says it without this. */
static int add_authority(X509 *x, const struct sim_cert *issuer)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;
	int ok;

	if (issuer == NULL)
		return 0;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer->x509, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid");
	ok = extension != NULL && X509_add_ext(x, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok ? 0 : -1;
}

static int set_parties(X509 *x, const struct sim_cert *issuer, EVP_PKEY *key)
{
	const X509_NAME *name = X509_get_subject_name(issuer != NULL ? issuer->x509 : x);

	return X509_set_pubkey(x, key) == 1 && X509_set_issuer_name(x, name) == 1 ? 0 : -1;
}

const struct sim_cert *sim_shop_reissue(struct sim_shop *shop, const struct sim_cert *old,
    const struct sim_cert *issuer, EVP_PKEY *key, int64_t not_before_at, int64_t not_after_at,
    struct err *e)
{
	char kind[KIND_BYTES];
	X509 *x = X509_dup(old->x509);
	struct sim_cert *cert = NULL;

	kind_of(old->key, kind);
	if (key == NULL)
		key = sim_shop_key(shop, kind, e);
	if (x == NULL || key == NULL)
		goto out;
	if (set_parties(x, issuer, key) == 0 &&
	    sim_x509_renumber(x, not_before_at, not_after_at) == 0 &&
	    renew_key_identifier(x) == 0 && add_authority(x, issuer) == 0 &&
	    sim_x509_sign(x, issuer != NULL ? issuer->key : key, "sha256") == 0)
		cert = sim_cert_of(x);
	if (cert == NULL) {
		err_set(e, ERR_CONFIG, "this certificate cannot be made again");
		goto out;
	}
	EVP_PKEY_free(cert->key);
	EVP_PKEY_up_ref(key);
	cert->key = key;
	cert->issuer = issuer;
	cert->cn = mem_strdup(old->cn);
out:
	ERR_clear_error();
	X509_free(x);
	return cert != NULL ? sim_shop_keep(shop, cert) : NULL;
}

const struct sim_cert *sim_shop_renew(struct sim_shop *shop, const struct sim_cert *old,
    int64_t not_before_at, int64_t not_after_at, struct err *e)
{
	return sim_shop_reissue(shop, old, NULL, NULL, not_before_at, not_after_at, e);
}
