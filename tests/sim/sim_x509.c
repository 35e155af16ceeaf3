/* sim_x509.c - one X509 from a spec.
 *
 * Names are set as raw UTF8String and IA5String: the scenarios need names that
 * the convenience functions would refuse (10 kB of text, line feeds). */
#include "tests/sim/sim_x509.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>
#include "lib/base/buf.h"

#define SERIAL_BYTES 16

static int add_part(X509_NAME *name, int nid, const char *text)
{
	if (text == NULL)
		return 0;
	return X509_NAME_add_entry_by_NID(name, nid, V_ASN1_UTF8STRING,
	    (const unsigned char *)text, (int)strlen(text), -1, 0) == 1 ? 0 : -1;
}

static int set_names(X509 *x, const struct sim_spec *spec, const struct sim_cert *issuer)
{
	X509_NAME *subject = X509_get_subject_name(x);

	if (add_part(subject, NID_countryName, spec->c) != 0 ||
	    add_part(subject, NID_organizationName, spec->o) != 0 ||
	    add_part(subject, NID_organizationalUnitName, spec->ou) != 0 ||
	    add_part(subject, NID_commonName, spec->cn) != 0)
		return -1;
	return X509_set_issuer_name(x, issuer != NULL ?
	    X509_get_subject_name(issuer->x509) : subject) == 1 ? 0 : -1;
}

static int set_serial(X509 *x, const char *decimal)
{
	unsigned char random[SERIAL_BYTES];
	BIGNUM *n = NULL;
	int status = -1;

	if (decimal != NULL) {
		if (BN_dec2bn(&n, decimal) != (int)strlen(decimal))
			goto out;
	} else {
		if (RAND_bytes(random, sizeof random) != 1)
			goto out;
		random[0] = (unsigned char)((random[0] & 0x3f) | 0x40);
		n = BN_bin2bn(random, sizeof random, NULL);
	}
	if (n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL)
		status = 0;
out:
	BN_free(n);
	return status;
}

static int set_times(X509 *x, int64_t not_before_at, int64_t not_after_at)
{
	ASN1_TIME *begin = ASN1_TIME_set(NULL, (time_t)not_before_at);
	ASN1_TIME *end = ASN1_TIME_set(NULL, (time_t)not_after_at);
	int ok = begin != NULL && end != NULL && X509_set1_notBefore(x, begin) == 1 &&
	    X509_set1_notAfter(x, end) == 1;

	ASN1_TIME_free(begin);
	ASN1_TIME_free(end);
	return ok ? 0 : -1;
}

int sim_x509_renumber(X509 *x, int64_t not_before_at, int64_t not_after_at)
{
	return set_serial(x, NULL) != 0 || set_times(x, not_before_at, not_after_at) != 0 ? -1 : 0;
}

static int add_conf(X509 *x, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	int ok = extension != NULL && X509_add_ext(x, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return ok ? 0 : -1;
}

/* A list of short names ("serverAuth") as one extension. */
static int add_usages(X509 *x, X509V3_CTX *ctx, int nid, const char *const *names, size_t n)
{
	struct buf list;
	int status;

	if (n == 0)
		return 0;
	buf_init(&list, 4096);
	if (nid == NID_key_usage)
		buf_adds(&list, "critical");
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%s%s", list.len > 0 ? "," : "", names[i]);
	status = list.overflow ? -1 : add_conf(x, ctx, nid, buf_str(&list));
	buf_clear(&list);
	return status;
}

static const struct {
	const char *prefix;
	int type;
} san_kinds[] = {
	{ "DNS:", GEN_DNS }, { "IP:", GEN_IPADD }, { "URI:", GEN_URI }, { "email:", GEN_EMAIL }
};

/* One name of the SAN; without a prefix an address or else a host name. */
static GENERAL_NAME *general_name(const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_OCTET_STRING *ip = NULL;
	ASN1_IA5STRING *ia5;
	int type = -1;

	for (size_t i = 0; i < sizeof san_kinds / sizeof san_kinds[0] && type < 0; i++) {
		size_t n = strlen(san_kinds[i].prefix);

		if (strncmp(text, san_kinds[i].prefix, n) == 0) {
			type = san_kinds[i].type;
			text += n;
		}
	}
	if (type < 0 || type == GEN_IPADD)
		ip = a2i_IPADDRESS(text);
	if (ip != NULL) {
		GENERAL_NAME_set0_value(name, GEN_IPADD, ip);
		return name;
	}
	ia5 = ASN1_IA5STRING_new();
	if (type == GEN_IPADD || ia5 == NULL || ASN1_STRING_set(ia5, text, -1) != 1) {
		ASN1_IA5STRING_free(ia5);
		GENERAL_NAME_free(name);
		return NULL;
	}
	GENERAL_NAME_set0_value(name, type < 0 ? GEN_DNS : type, ia5);
	return name;
}

static int add_san(X509 *x, const struct sim_spec *spec)
{
	GENERAL_NAMES *names = NULL;
	GENERAL_NAME *name;
	int status = -1;

	if (spec->n_san == 0)
		return 0;
	names = GENERAL_NAMES_new();
	for (size_t i = 0; i < spec->n_san; i++) {
		name = general_name(spec->san[i]);
		if (name == NULL || sk_GENERAL_NAME_push(names, name) <= 0) {
			GENERAL_NAME_free(name);
			goto out;
		}
	}
	if (X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1)
		status = 0;
out:
	GENERAL_NAMES_free(names);
	return status;
}

static int add_cdp(X509 *x, X509V3_CTX *ctx, const char *url)
{
	struct buf value;
	int status;

	if (url == NULL)
		return 0;
	buf_init(&value, 4096);
	buf_addf(&value, "URI:%s", url);
	status = add_conf(x, ctx, NID_crl_distribution_points, buf_str(&value));
	buf_clear(&value);
	return status;
}

static int add_extensions(X509 *x, const struct sim_spec *spec, const struct sim_cert *issuer)
{
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer != NULL ? issuer->x509 : x, x, NULL, NULL, 0);
	if (spec->ca != SIM_CA_ABSENT && add_conf(x, &ctx, NID_basic_constraints,
	    spec->ca == SIM_CA_TRUE ? "critical,CA:TRUE" : "critical,CA:FALSE") != 0)
		return -1;
	if (add_conf(x, &ctx, NID_subject_key_identifier, "hash") != 0 ||
	    (issuer != NULL && add_conf(x, &ctx, NID_authority_key_identifier, "keyid") != 0))
		return -1;
	if (add_usages(x, &ctx, NID_key_usage, spec->ku, spec->n_ku) != 0 ||
	    add_usages(x, &ctx, NID_ext_key_usage, spec->eku, spec->n_eku) != 0)
		return -1;
	return add_san(x, spec) != 0 || add_cdp(x, &ctx, spec->cdp) != 0 ? -1 : 0;
}

int sim_x509_sign(X509 *x, EVP_PKEY *signer, const char *digest)
{
	const EVP_MD *md = EVP_get_digestbyname(digest);

	if (EVP_PKEY_is_a(signer, "ED25519"))
		md = NULL;
	else if (md == NULL)
		return -1;
	return X509_sign(x, signer, md) > 0 ? 0 : -1;
}

/* X509_set_pubkey() encodes the key and decodes it again, which is most of the
 * work of making a certificate; here the encoded form is copied. */
static int copy_key(X509 *x, X509_PUBKEY *from)
{
	const unsigned char *bytes;
	const void *param;
	ASN1_OBJECT *algorithm;
	X509_ALGOR *algor;
	unsigned char *copy;
	void *param_copy = NULL;
	int len, type;

	if (X509_PUBKEY_get0_param(&algorithm, &bytes, &len, &algor, from) != 1)
		return -1;
	X509_ALGOR_get0(NULL, &type, &param, algor);
	if (type == V_ASN1_OBJECT)
		param_copy = OBJ_dup(param);
	copy = OPENSSL_memdup(bytes, (size_t)len);
	if (copy != NULL &&
	    X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(x), OBJ_dup(algorithm), type, param_copy,
	        copy, len) == 1)
		return 0;
	OPENSSL_free(copy);
	ASN1_OBJECT_free(param_copy);
	return -1;
}

static int set_key(X509 *x, const struct sim_spec *spec, const struct sim_key *key)
{
	if (spec->bulk)
		return copy_key(x, key->public_part);
	return X509_set_pubkey(x, key->pair) == 1 ? 0 : -1;
}

X509 *sim_x509_make(const struct sim_spec *spec, const struct sim_key *key,
    const struct sim_cert *issuer, struct err *e)
{
	X509 *x = X509_new();
	const char *wrong = NULL;

	if (x == NULL || X509_set_version(x, X509_VERSION_3) != 1 || set_key(x, spec, key) != 0)
		wrong = "key";
	else if (set_serial(x, spec->serial) != 0)
		wrong = "serial (want decimal digits)";
	else if (set_times(x, spec->not_before_at, spec->not_after_at) != 0)
		wrong = "times (years 0 to 9999 can be written)";
	else if (set_names(x, spec, issuer) != 0)
		wrong = "subject";
	else if (add_extensions(x, spec, issuer) != 0)
		wrong = "extensions (san, eku, ku, cdp)";
	else if (sim_x509_sign(x, issuer != NULL ? issuer->key : key->pair, spec->sig) != 0)
		wrong = "signature algorithm";
	if (wrong == NULL)
		return x;
	ERR_clear_error();
	err_set(e, ERR_CONFIG, "no certificate can be made: bad %s", wrong);
	X509_free(x);
	return NULL;
}
