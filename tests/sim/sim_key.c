/* sim_key.c - private keys by description, each kind made a few times at most. */
#include "tests/sim/sim_key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define PER_KIND 32
#define KINDS_MAX 32

struct kind {
	char *name;
	struct sim_key key[PER_KIND];
	size_t n;                  /* made */
	size_t full;               /* how many there will be */
	size_t turn;
};

struct sim_keys {
	struct kind kind[KINDS_MAX];
	size_t n;
};

struct sim_keys *sim_keys_new(void)
{
	return mem_alloc(sizeof(struct sim_keys));
}

void sim_keys_free(struct sim_keys *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->n; i++) {
		for (size_t k = 0; k < keys->kind[i].n; k++) {
			EVP_PKEY_free(keys->kind[i].key[k].pair);
			X509_PUBKEY_free(keys->kind[i].key[k].public_part);
		}
		free(keys->kind[i].name);
	}
	free(keys);
}

static EVP_PKEY *from_pem(const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;

	BIO_free(in);
	return key;
}

/* The n-th RSA key of the pool with so many bits; NULL behind the last. */
static const struct sim_rsa_pem *in_pool(int64_t bits, size_t n)
{
	for (const struct sim_rsa_pem *p = sim_rsa_pool; p->bits != 0; p++) {
		if (p->bits == bits && n-- == 0)
			return p;
	}
	return NULL;
}

static size_t pool_size(int64_t bits)
{
	size_t n = 0;

	while (in_pool(bits, n) != NULL)
		n++;
	return n;
}

static EVP_PKEY *make_rsa(int64_t bits, size_t n)
{
	const struct sim_rsa_pem *known = in_pool(bits, n);

	return known != NULL ? from_pem(known->pem) : EVP_RSA_gen((size_t)bits);
}

/* The n-th key of a kind; *full says how many the kind has in all. */
static EVP_PKEY *make(const char *kind, size_t n, size_t *full)
{
	int64_t bits;

	*full = PER_KIND;
	if (strncmp(kind, "rsa:", 4) == 0) {
		if (text_to_i64(kind + 4, 512, 8192, &bits) != 0)
			return NULL;
		*full = pool_size(bits) > 0 ? pool_size(bits) : 1;
		return make_rsa(bits, n);
	}
	if (strncmp(kind, "ec:", 3) == 0)
		return EVP_EC_gen(kind + 3);
	if (strcmp(kind, "ed25519") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return NULL;
}

static struct kind *find_kind(struct sim_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (strcmp(keys->kind[i].name, name) == 0)
			return &keys->kind[i];
	}
	if (keys->n == KINDS_MAX)
		return NULL;
	keys->kind[keys->n].name = mem_strdup(name);
	keys->kind[keys->n].full = 1;
	return &keys->kind[keys->n++];
}

const struct sim_key *sim_keys_get(struct sim_keys *keys, const char *name, struct err *e)
{
	struct kind *kind = find_kind(keys, name);
	struct sim_key *key;

	if (kind == NULL) {
		err_set(e, ERR_CONFIG, "more than %d kinds of keys", KINDS_MAX);
		return NULL;
	}
	if (kind->n < kind->full) {
		key = &kind->key[kind->n];
		key->pair = make(name, kind->n, &kind->full);
		if (key->pair == NULL || X509_PUBKEY_set(&key->public_part, key->pair) != 1) {
			EVP_PKEY_free(key->pair);
			key->pair = NULL;
			err_set(e, ERR_CONFIG, "no such kind of key: \"%s\" (rsa:2048, ec:P-256, "
			    "ed25519, ...)", name);
			return NULL;
		}
		kind->n++;
	}
	return &kind->key[kind->turn++ % kind->n];
}
