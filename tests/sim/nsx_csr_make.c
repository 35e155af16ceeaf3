/* nsx_csr_make.c - certificate signing requests: what the body says becomes a key,
 * a request, and later a certificate. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/nsx_write.h"
#include "tests/sim/sim_x509.h"

#define DAY_S 86400
#define BEFORE_S 3600
#define NAMES_MAX_BYTES 8192

/* --- the body ---------------------------------------------------------------- */

static const struct {
	const char *key;
	int nid;
} attributes[] = {
	{ "CN", NID_commonName }, { "O", NID_organizationName },
	{ "OU", NID_organizationalUnitName }, { "C", NID_countryName },
	{ "ST", NID_stateOrProvinceName }, { "L", NID_localityName }
};

static int add_attribute(X509_NAME *name, const char *key, const char *value, struct err *e)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		if (strcmp(attributes[i].key, key) != 0)
			continue;
		if (X509_NAME_add_entry_by_NID(name, attributes[i].nid, MBSTRING_UTF8,
		        (const unsigned char *)value, -1, -1, 0) == 1)
			return 0;
		return err_set(e, ERR_ANSWER, "subject: %s cannot be that", key);
	}
	return err_set(e, ERR_ANSWER, "subject: unknown attribute %s", key);
}

static int read_subject(const struct json *body, X509 *x, struct err *e)
{
	X509_NAME *name = X509_get_subject_name(x);
	const struct json *subject = json_get(body, "subject"), *list = NULL;
	const char *key, *value;

	if (!json_is_object(subject))
		return err_set(e, ERR_ANSWER, "subject is missing");
	if (json_want_array(subject, "subject", "attributes", &list, e) != 0)
		return -1;
	for (const struct json *j = json_first(list); j != NULL; j = json_next(j)) {
		if (json_want_str(j, "subject.attributes", "key", &key, e) != 0 ||
		    json_want_str(j, "subject.attributes", "value", &value, e) != 0 ||
		    add_attribute(name, key, value, e) != 0)
			return -1;
	}
	if (X509_NAME_get_index_by_NID(name, NID_commonName, -1) < 0)
		return err_set(e, ERR_ANSWER, "subject: CN is missing");
	return X509_set_issuer_name(x, name) == 1 ? 0 : err_set(e, ERR_ANSWER, "subject");
}

static int add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	int ok = extension != NULL && X509_add_ext(x, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return ok ? 0 : -1;
}

/* Names from outside must not end one entry of the list and begin another. */
static int add_names(const struct json *alt, const char *key, const char *prefix, struct buf *out,
    struct err *e)
{
	const struct json *list = NULL;

	if (json_opt_array(alt, "subject_alt_names", key, &list, e) != 0)
		return -1;
	for (const struct json *j = json_first(list); j != NULL; j = json_next(j)) {
		const char *name = json_str(j);

		if (name == NULL || name[0] == '\0' || strpbrk(name, ",\n\r") != NULL)
			return err_set(e, ERR_ANSWER, "subject_alt_names.%s: want names", key);
		buf_addf(out, "%s%s:%s", out->len > 0 ? "," : "", prefix, name);
	}
	return 0;
}

static int read_names(const struct json *body, X509 *x, struct err *e)
{
	const struct json *alt = json_get(json_get(body, "extensions"), "subject_alt_names");
	struct buf names;
	int status = -1;

	buf_init(&names, NAMES_MAX_BYTES);
	if (add_names(alt, "dns_names", "DNS", &names, e) != 0 ||
	    add_names(alt, "ip_addresses", "IP", &names, e) != 0)
		goto out;
	status = 0;
	if (names.overflow ||
	    (names.len > 0 && add_extension(x, NID_subject_alt_name, buf_str(&names)) != 0))
		status = err_set(e, ERR_ANSWER, "subject_alt_names: not all of them are names");
out:
	buf_clear(&names);
	return status;
}

static int read_extensions(const struct json *body, X509 *x, bool is_ca, struct err *e)
{
	if (add_extension(x, NID_basic_constraints,
	        is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") != 0 ||
	    add_extension(x, NID_key_usage, is_ca ? "critical,keyCertSign,cRLSign" :
	        "critical,digitalSignature,keyEncipherment") != 0 ||
	    (!is_ca && add_extension(x, NID_ext_key_usage, "serverAuth,clientAuth") != 0))
		return err_set(e, ERR_ANSWER, "extensions");
	return read_names(body, x, e);
}

/* --- the key ----------------------------------------------------------------------- */

/* Which keys NSX makes, and since when. */
static const struct {
	const char *algorithm;
	int64_t size;
	const char *kind;
	int since;
} offers[] = {
	{ "RSA", 2048, "rsa:2048", 0 },
	{ "RSA", 3072, "rsa:3072", 0 },
	{ "RSA", 4096, "rsa:4096", 0 },
	{ "EC", 256, "ec:P-256", NSX_VERSION(4, 0, 1) },
	{ "EC", 384, "ec:P-384", NSX_VERSION(4, 0, 1) },
	{ "EC", 521, "ec:P-521", NSX_VERSION(4, 0, 1) },
};

/* key_size is a string in the published samples. */
static int read_key(struct nsx *n, const struct json *body, struct nsx_csr *csr, struct err *e)
{
	const struct json *size = json_get(body, "key_size");
	const char *algorithm = NULL;

	csr->key_size = 2048;
	if (json_opt_str(body, "body", "algorithm", &algorithm, e) != 0)
		return -1;
	if (size != NULL && !json_i64(size, &csr->key_size) &&
	    (json_str(size) == NULL || text_to_i64(json_str(size), 1, 65536, &csr->key_size) != 0))
		return err_set(e, ERR_ANSWER, "key_size: want a number");
	if (algorithm == NULL)
		algorithm = "RSA";
	for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
		if (strcmp(offers[i].algorithm, algorithm) != 0 ||
		    offers[i].size != csr->key_size || n->version < offers[i].since)
			continue;
		csr->algorithm = offers[i].algorithm;
		csr->key = sim_shop_key(n->shop, offers[i].kind, e);
		return csr->key != NULL ? 0 : -1;
	}
	return err_set(e, ERR_ANSWER, "algorithm %s with %lld bits is not supported", algorithm,
	    (long long)csr->key_size);
}

/* A certificate that lacks a part cannot be copied later. */
static int complete(X509 *x, EVP_PKEY *key)
{
	int64_t real_s = clock_wall_s();

	return X509_set_pubkey(x, key) == 1 && sim_x509_renumber(x, real_s, real_s) == 0 ?
	    sim_x509_sign(x, key, "sha256") : -1;
}

/* --- the request ------------------------------------------------------------------------ */

static char *request_pem(X509_REQ *rq)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes = NULL, *pem = NULL;
	long len;

	if (out != NULL && PEM_write_bio_X509_REQ(out, rq) == 1) {
		len = BIO_get_mem_data(out, &bytes);
		pem = mem_strndup(bytes, len > 0 ? (size_t)len : 0);
	}
	BIO_free(out);
	return pem;
}

static int make_request(struct nsx_csr *csr)
{
	STACK_OF(X509_EXTENSION) *asked =
	    (STACK_OF(X509_EXTENSION) *)(uintptr_t)X509_get0_extensions(csr->template);
	X509_REQ *rq = X509_REQ_new();

	if (rq != NULL &&
	    X509_REQ_set_subject_name(rq, X509_get_subject_name(csr->template)) == 1 &&
	    X509_REQ_set_pubkey(rq, csr->key) == 1 && X509_REQ_add_extensions(rq, asked) == 1 &&
	    X509_REQ_sign(rq, csr->key, EVP_sha256()) > 0)
		csr->pem = request_pem(rq);
	X509_REQ_free(rq);
	return csr->pem != NULL ? 0 : -1;
}

static const char *const csr_keys[] = {
	"subject", "key_size", "algorithm", "is_ca", "display_name", "description", "tags",
	"resource_type", "days_valid", NULL
};
static const char *const extended_keys[] = { "extensions", NULL };

static int read_csr(struct nsx *n, const struct json *body, bool extended, struct nsx_csr *csr,
    struct err *e)
{
	const char *name = NULL;
	int is_ca = 0;

	if (sim_known_keys(body, "body", csr_keys, extended ? extended_keys : NULL, e) != 0 ||
	    json_opt_bool(body, "body", "is_ca", &is_ca, e) != 0 ||
	    json_opt_str(body, "body", "display_name", &name, e) != 0)
		return -1;
	csr->is_ca = is_ca == 1;
	csr->template = X509_new();
	if (csr->template == NULL || X509_set_version(csr->template, X509_VERSION_3) != 1)
		return err_set(e, ERR_ANSWER, "no memory");
	if (read_subject(body, csr->template, e) != 0 || read_key(n, body, csr, e) != 0 ||
	    read_extensions(body, csr->template, csr->is_ca, e) != 0)
		return -1;
	if (complete(csr->template, csr->key) != 0 || make_request(csr) != 0)
		return err_set(e, ERR_ANSWER, "no CSR can be made of this");
	csr->id = nsx_new_id(n);
	csr->display_name = name != NULL ? nsx_own(n, mem_strdup(name)) : csr->id;
	csr->created_ms = sim_now_ms(n->sim);
	return 0;
}

struct nsx_csr *nsx_csr_make(struct nsx *n, const struct json *body, bool extended, struct err *e)
{
	struct nsx_csr *csr = &n->csr[n->n_csrs];

	if (n->n_csrs == NSX_CSRS_MAX) {
		err_set(e, ERR_REFUSED, "there are too many CSRs");
		return NULL;
	}
	memset(csr, 0, sizeof *csr);
	if (read_csr(n, body, extended, csr, e) == 0) {
		n->n_csrs++;
		return csr;
	}
	ERR_clear_error();
	X509_free(csr->template);
	free(csr->pem);
	memset(csr, 0, sizeof *csr);
	return NULL;
}

/* --- the certificate ------------------------------------------------------------------------ */

const struct sim_cert *nsx_csr_sign(struct nsx *n, const struct nsx_csr *csr, int64_t days,
    struct err *e)
{
	int64_t now_s = sim_now_ms(n->sim) / 1000, real_s = clock_wall_s();
	X509 *x = X509_dup(csr->template);
	const struct sim_cert *cert = NULL;
	struct sim_cert *plain = NULL;

	if (x != NULL && X509_set_pubkey(x, csr->key) == 1 &&
	    sim_x509_renumber(x, (real_s < now_s ? real_s : now_s) - BEFORE_S,
	        now_s + days * DAY_S) == 0 &&
	    sim_x509_sign(x, csr->key, "sha256") == 0)
		plain = sim_cert_of(x);
	if (plain != NULL)
		cert = sim_shop_import(n->shop, plain->leaf_pem, csr->key, e);
	else
		err_set(e, ERR_ANSWER, "no certificate can be made of this CSR");
	sim_cert_free(plain);
	X509_free(x);
	return cert;
}
