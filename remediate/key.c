/* key.c - private keys and signing requests made here, with OpenSSL.
 *
 * A key in text goes through memory BIOs only: OpenSSL's wipe what they held
 * when they are freed. */
#include "remediate/key.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/slice.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define DAY_S 86400
#define SERIAL_BYTES 20
#define BACKDATE_S 3600            /* a manager whose clock is behind must not refuse it */
#define ATTRIBUTE_BYTES 16         /* "CN" "ST", or an object identifier in digits */

struct key { EVP_PKEY *pkey; };

/* The first reason that OpenSSL left; its queue is empty afterwards. */
static int crypto_error(struct err *e, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return err_set(e, ERR_CONFIG, "%s: %s", what, reason != NULL ? reason : "not possible");
}

static struct key *wrap(EVP_PKEY *pkey)
{
	struct key *k = mem_alloc(sizeof *k);

	k->pkey = pkey;
	return k;
}

/* --- making and reading --------------------------------------------------------- */

static const struct { const char *type; unsigned rsa_bits; const char *curve; } kinds[] = {
	{ "rsa:2048", 2048, NULL }, { "rsa:3072", 3072, NULL }, { "rsa:4096", 4096, NULL },
	{ "ec:P-256", 0, "P-256" }, { "ec:P-384", 0, "P-384" }, { "ec:P-521", 0, "P-521" },
};

struct key *key_make(const char *type, struct err *e)
{
	EVP_PKEY *pkey;
	size_t i = 0;

	while (i < COUNT(kinds) && strcmp(kinds[i].type, type) != 0)
		i++;
	if (i == COUNT(kinds)) {
		err_set(e, ERR_CONFIG, "there is no type of key \"%s\"", type);
		return NULL;
	}
	pkey = kinds[i].curve != NULL ? EVP_EC_gen(kinds[i].curve) : EVP_RSA_gen(kinds[i].rsa_bits);
	if (pkey == NULL) {
		crypto_error(e, "cannot make a key");
		return NULL;
	}
	return wrap(pkey);
}

/* No pass phrase is ever asked for: the default would do so at the terminal. */
static int no_pass_phrase(char *phrase, int size, int writing, void *asked)
{
	(void)phrase;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static bool is_usable(const EVP_PKEY *pkey)
{
	int kind = EVP_PKEY_get_base_id(pkey);

	return kind == EVP_PKEY_RSA || kind == EVP_PKEY_EC;
}

struct key *key_read(const struct secret *pem, struct err *e)
{
	EVP_PKEY *pkey = NULL;
	bool asked = false;
	BIO *bio;

	if (pem->bytes == NULL || pem->len > INT_MAX) {
		err_set(e, ERR_CONFIG, "there is no private key");
		return NULL;
	}
	bio = BIO_new_mem_buf(pem->bytes, (int)pem->len);
	if (bio != NULL)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, &asked);
	BIO_free(bio);
	if (pkey != NULL && is_usable(pkey)) {
		ERR_clear_error();
		return wrap(pkey);
	}
	if (asked)
		err_set(e, ERR_CONFIG, "the private key is encrypted, and nobody is here to type "
		    "its pass phrase: give it without one, in a file for the worker alone");
	else if (pkey != NULL)
		err_set(e, ERR_CONFIG, "the private key is neither RSA nor EC");
	else
		err_set(e, ERR_CONFIG, "there is no private key that can be read");
	ERR_clear_error();
	EVP_PKEY_free(pkey);
	return NULL;
}

void key_free(struct key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

int key_pem(const struct key *k, struct secret *out, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;
	long n = 0;

	if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL))
		n = BIO_get_mem_data(bio, &text);
	if (n > 0)
		secret_set(out, text, (size_t)n);
	BIO_free(bio);
	return n > 0 ? 0 : crypto_error(e, "cannot write the private key");
}

/* --- what a certificate is for ---------------------------------------------------- */

/* One "TYPE=value", the last comma left out. */
static int add_attribute(X509_NAME *name, struct slice s, struct err *e)
{
	const char *equals = memchr(s.p, '=', s.n);
	char type[ATTRIBUTE_BYTES];
	struct slice key, value;

	if (equals == NULL)
		return err_set(e, ERR_CONFIG, "subject: want TYPE=value, not \"%.*s\"", (int)s.n, s.p);
	key = slice_trim(s.p, (size_t)(equals - s.p));
	value = slice_trim(equals + 1, s.n - (size_t)(equals + 1 - s.p));
	if (key.n == 0 || key.n >= sizeof type || value.n == 0 || value.n > INT_MAX)
		return err_set(e, ERR_CONFIG, "subject: want TYPE=value, not \"%.*s\"", (int)s.n, s.p);
	memcpy(type, key.p, key.n);
	type[key.n] = '\0';
	if (X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, (const unsigned char *)value.p,
		(int)value.n, -1, 0) != 1) {
		ERR_clear_error();
		return err_set(e, ERR_CONFIG, "subject: \"%.*s\" cannot stand in a name", (int)s.n, s.p);
	}
	return 0;
}

static X509_NAME *name_from_text(const char *text, struct err *e)
{
	X509_NAME *name = X509_NAME_new();
	int failed = 0;

	while (name != NULL && !failed && *text != '\0') {
		size_t n = strcspn(text, ",");

		failed = add_attribute(name, (struct slice){ text, n }, e);
		text += n;
		text += *text == ',';
	}
	if (name != NULL && !failed)
		return name;
	X509_NAME_free(name);
	return NULL;
}

static X509_NAME *name_from_der(const unsigned char *der, size_t n, struct err *e)
{
	const unsigned char *at = der;
	X509_NAME *name = n <= LONG_MAX ? d2i_X509_NAME(NULL, &at, (long)n) : NULL;

	if (name == NULL)
		crypto_error(e, "subject");
	return name;
}

/* A certificate without any subject is legal and confuses people. */
static X509_NAME *make_name(const struct key_subject *s, struct err *e)
{
	X509_NAME *name;
	char *text;

	if (s->name_der != NULL)
		return name_from_der(s->name_der, s->n_name_der, e);
	if (s->name != NULL && *s->name != '\0')
		return name_from_text(s->name, e);
	if (s->n_names == 0) {
		err_set(e, ERR_CONFIG, "there is neither a subject nor a name for the certificate");
		return NULL;
	}
	text = mem_printf("CN=%s", s->names[0]);
	name = name_from_text(text, e);
	free(text);
	return name;
}

static GENERAL_NAME *make_alternative(const char *text)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
	ASN1_IA5STRING *dns;

	ERR_clear_error();             /* "no address" is not an error here */
	if (g == NULL)
		return NULL;
	if (address != NULL) {
		GENERAL_NAME_set0_value(g, GEN_IPADD, address);
		return g;
	}
	dns = ASN1_IA5STRING_new();
	if (dns != NULL && ASN1_STRING_set(dns, text, -1) == 1) {
		GENERAL_NAME_set0_value(g, GEN_DNS, dns);
		return g;
	}
	ASN1_IA5STRING_free(dns);
	GENERAL_NAME_free(g);
	return NULL;
}

/* Built from values and not from a configuration text: a name that holds a
 * comma must not become a second one. */
static X509_EXTENSION *make_alternatives(const struct key_subject *s)
{
	GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();
	X509_EXTENSION *x = NULL;
	bool is_whole = all != NULL;

	for (size_t i = 0; is_whole && i < s->n_names; i++) {
		GENERAL_NAME *g = make_alternative(s->names[i]);

		is_whole = g != NULL && sk_GENERAL_NAME_push(all, g) > 0;
		if (!is_whole)
			GENERAL_NAME_free(g);
	}
	if (is_whole)
		x = X509V3_EXT_i2d(NID_subject_alt_name, 0, all);
	GENERAL_NAMES_free(all);
	return x;
}

static bool push(STACK_OF(X509_EXTENSION) *list, X509_EXTENSION *x)
{
	if (x != NULL && sk_X509_EXTENSION_push(list, x) > 0)
		return true;
	X509_EXTENSION_free(x);
	return false;
}

static STACK_OF(X509_EXTENSION) *make_extensions(const struct key_subject *s, struct err *e)
{
	const struct { int nid; const char *value; } fixed[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		{ NID_key_usage, "critical,digitalSignature,keyEncipherment" },
		{ NID_ext_key_usage, s->wants_client ? "serverAuth,clientAuth" : "serverAuth" },
	};
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	bool is_whole = list != NULL;

	for (size_t i = 0; is_whole && i < COUNT(fixed); i++)
		is_whole = push(list, X509V3_EXT_conf_nid(NULL, NULL, fixed[i].nid, fixed[i].value));
	if (is_whole && s->n_names > 0)
		is_whole = push(list, make_alternatives(s));
	if (is_whole)
		return list;
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	crypto_error(e, "cannot write what the certificate is for");
	return NULL;
}

/* The digest that is as strong as the key. */
static const EVP_MD *digest_for(const EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC ? EVP_PKEY_get_bits(pkey) : 256;

	if (bits > 384)
		return EVP_sha512();
	return bits > 256 ? EVP_sha384() : EVP_sha256();
}

static int take_pem(BIO *bio, struct buf *pem, struct err *e)
{
	char *text;
	long n = BIO_get_mem_data(bio, &text);

	if (n <= 0 || buf_add(pem, text, (size_t)n))
		return err_set(e, ERR_IO, "what was made is longer than there is room for");
	return 0;
}

/* --- the request, and the certificate signed by itself -------------------------------- */

int key_request(const struct key *k, const struct key_subject *s, struct buf *pem, struct err *e)
{
	X509_NAME *name = make_name(s, e);
	STACK_OF(X509_EXTENSION) *extensions = name != NULL ? make_extensions(s, e) : NULL;
	X509_REQ *request = extensions != NULL ? X509_REQ_new() : NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	int failed = -1;

	if (extensions == NULL)
		goto out;
	if (request == NULL || bio == NULL || !X509_REQ_set_version(request, X509_REQ_VERSION_1) ||
	    !X509_REQ_set_subject_name(request, name) || !X509_REQ_set_pubkey(request, k->pkey) ||
	    !X509_REQ_add_extensions(request, extensions) ||
	    X509_REQ_sign(request, k->pkey, digest_for(k->pkey)) <= 0 ||
	    !PEM_write_bio_X509_REQ(bio, request))
		crypto_error(e, "cannot make a signing request");
	else
		failed = take_pem(bio, pem, e);
out:
	BIO_free(bio);
	X509_REQ_free(request);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_NAME_free(name);
	return failed;
}

static bool set_serial(X509 *x)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number = NULL;
	bool done;

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return false;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);   /* positive, and always as long */
	number = BN_bin2bn(bytes, sizeof bytes, NULL);
	done = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL;
	BN_free(number);
	return done;
}

static bool set_times(X509 *x, int64_t now_at, int64_t days)
{
	return ASN1_TIME_adj(X509_getm_notBefore(x), (time_t)now_at, 0, -BACKDATE_S) != NULL &&
	    ASN1_TIME_adj(X509_getm_notAfter(x), (time_t)now_at, (int)days, 0) != NULL;
}

static bool add_all(X509 *x, const STACK_OF(X509_EXTENSION) *extensions)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++)
		if (!X509_add_ext(x, sk_X509_EXTENSION_value(extensions, i), -1))
			return false;
	return true;
}

/* Lets a client find the certificate among several of the same name. */
static bool add_key_id(X509 *x)
{
	X509V3_CTX about;
	X509_EXTENSION *id;
	bool done;

	X509V3_set_ctx(&about, x, x, NULL, NULL, 0);
	id = X509V3_EXT_conf_nid(NULL, &about, NID_subject_key_identifier, "hash");
	done = id != NULL && X509_add_ext(x, id, -1);
	X509_EXTENSION_free(id);
	return done;
}

static bool fill(X509 *x, const struct key *k, X509_NAME *name,
    const STACK_OF(X509_EXTENSION) *extensions, int64_t now_at, int64_t days)
{
	return X509_set_version(x, X509_VERSION_3) && set_serial(x) &&
	    X509_set_subject_name(x, name) && X509_set_issuer_name(x, name) &&
	    set_times(x, now_at, days) && X509_set_pubkey(x, k->pkey) && add_all(x, extensions) &&
	    add_key_id(x) && X509_sign(x, k->pkey, digest_for(k->pkey)) > 0;
}

int key_self_sign(const struct key *k, const struct key_subject *s, int64_t now_at, int64_t days,
    struct buf *pem, struct err *e)
{
	X509_NAME *name = NULL;
	STACK_OF(X509_EXTENSION) *extensions = NULL;
	X509 *x = NULL;
	BIO *bio = NULL;
	int failed = -1;

	if (days < 1 || days > INT_MAX / DAY_S)
		return err_set(e, ERR_CONFIG, "a certificate cannot live for %lld days",
		    (long long)days);
	name = make_name(s, e);
	extensions = name != NULL ? make_extensions(s, e) : NULL;
	if (extensions == NULL)
		goto out;
	x = X509_new();
	bio = BIO_new(BIO_s_mem());
	if (x == NULL || bio == NULL || !fill(x, k, name, extensions, now_at, days) ||
	    !PEM_write_bio_X509(bio, x))
		crypto_error(e, "cannot make a self-signed certificate");
	else
		failed = take_pem(bio, pem, e);
out:
	BIO_free(bio);
	X509_free(x);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_NAME_free(name);
	return failed;
}
