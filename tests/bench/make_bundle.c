/* make_bundle.c - writes N different certificates as one PEM file, for the
 * benchmarks: six of ten RSA 2048, the others EC P-256, each with a name, a
 * serial and subjectAltNames of its own, signed by one of two CAs.
 *
 * usage: make_bundle N FILE
 *
 * The keys come from a small pool: making one per certificate would take the
 * benchmark's whole time, and a reader cannot tell. */
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_SIZE 4
#define N_MAX 1000000L
#define DAY_S (24L * 60 * 60)
#define FIRST_DAY_AT 1767225600L   /* 2026-01-01T00:00:00Z */

struct issuer { EVP_PKEY *key; X509_NAME *name; };

struct pool {
	EVP_PKEY *rsa[POOL_SIZE], *ec[POOL_SIZE];
	struct issuer rsa_ca, ec_ca;
};

static void *need(void *p, const char *what)
{
	if (p == NULL) {
		fprintf(stderr, "make_bundle: cannot make %s\n", what);
		exit(1);
	}
	return p;
}

static void need_ok(int ok, const char *what)
{
	need(ok > 0 ? &ok : NULL, what);
}

static void add_rdn(X509_NAME *name, const char *field, const char *value)
{
	need_ok(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
	    (const unsigned char *)value, -1, -1, 0), field);
}

static void fill_name(X509_NAME *name, const char *cn)
{
	add_rdn(name, "C", "US");
	add_rdn(name, "ST", "California");
	add_rdn(name, "O", "Example Platform Operations");
	add_rdn(name, "OU", "Virtual Networking");
	add_rdn(name, "CN", cn);
}

static void make_issuer(struct issuer *ca, EVP_PKEY *key, const char *cn)
{
	ca->key = key;
	ca->name = need(X509_NAME_new(), "a name");
	fill_name(ca->name, cn);
}

static void make_pool(struct pool *p)
{
	for (int i = 0; i < POOL_SIZE; i++) {
		p->rsa[i] = need(EVP_RSA_gen(2048), "an RSA key");
		p->ec[i] = need(EVP_EC_gen("P-256"), "an EC key");
	}
	make_issuer(&p->rsa_ca, p->rsa[0], "Example RSA Issuing CA");
	make_issuer(&p->ec_ca, p->ec[0], "Example EC Issuing CA");
}

static void free_pool(struct pool *p)
{
	for (int i = 0; i < POOL_SIZE; i++) {
		EVP_PKEY_free(p->rsa[i]);
		EVP_PKEY_free(p->ec[i]);
	}
	X509_NAME_free(p->rsa_ca.name);
	X509_NAME_free(p->ec_ca.name);
}

static void add_extension(X509 *x, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *ext = need(X509V3_EXT_conf_nid(NULL, ctx, nid, value), "an extension");

	need_ok(X509_add_ext(x, ext, -1), "an extension");
	X509_EXTENSION_free(ext);
}

static void add_extensions(X509 *x, long i)
{
	X509V3_CTX ctx;
	char names[200];

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	snprintf(names, sizeof names,
	    "DNS:node-%06ld.platform.example,DNS:node-%06ld,IP:10.%ld.%ld.%ld",
	    i, i, i >> 16 & 255, i >> 8 & 255, i & 255);
	add_extension(x, &ctx, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(x, &ctx, NID_key_usage, "critical,digitalSignature,keyEncipherment");
	add_extension(x, &ctx, NID_ext_key_usage, "serverAuth,clientAuth");
	add_extension(x, &ctx, NID_subject_key_identifier, "hash");
	add_extension(x, &ctx, NID_subject_alt_name, names);
}

static X509 *make_cert(const struct pool *p, long i)
{
	bool use_rsa = i % 10 < 6;
	const struct issuer *ca = use_rsa ? &p->rsa_ca : &p->ec_ca;
	X509 *x = need(X509_new(), "a certificate");
	char cn[64];

	snprintf(cn, sizeof cn, "node-%06ld.platform.example", i);
	fill_name(X509_get_subject_name(x), cn);
	need_ok(X509_set_issuer_name(x, ca->name), "an issuer");
	need_ok(X509_set_version(x, X509_VERSION_3), "a version");
	need_ok(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x),
	    0x1000000000000000u + (uint64_t)i), "a serial");
	need(ASN1_TIME_set(X509_getm_notBefore(x), FIRST_DAY_AT), "a date");
	need(ASN1_TIME_set(X509_getm_notAfter(x), FIRST_DAY_AT + (400 + i % 700) * DAY_S), "a date");
	need_ok(X509_set_pubkey(x, use_rsa ? p->rsa[i % POOL_SIZE] : p->ec[i % POOL_SIZE]), "a key");
	add_extensions(x, i);
	need_ok(X509_sign(x, ca->key, EVP_sha256()), "a signature");
	return x;
}

int main(int argc, char **argv)
{
	long n = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	struct pool pool;
	BIO *out;

	if (n < 1 || n > N_MAX) {
		fprintf(stderr, "usage: make_bundle N FILE\n");
		return 2;
	}
	out = need(BIO_new_file(argv[2], "w"), argv[2]);
	make_pool(&pool);
	for (long i = 0; i < n; i++) {
		X509 *x = make_cert(&pool, i);

		need_ok(PEM_write_bio_X509(out, x), "room in the file");
		X509_free(x);
	}
	need_ok(BIO_flush(out), "room in the file");
	BIO_free(out);
	free_pool(&pool);
	return 0;
}
