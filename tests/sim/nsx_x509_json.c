/* nsx_x509_json.c - the X509Certificate object of the API. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/nsx_call.h"

#define DAY_MS INT64_C(86400000)

/* RFC 2253 order, UTF-8 left as it is.  free(). */
static char *name_text(const X509_NAME *name)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes = NULL, *text;
	long n;

	if (out == NULL || X509_NAME_print_ex(out, name, 0,
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0) {
		BIO_free(out);
		return mem_strdup("");
	}
	n = BIO_get_mem_data(out, &bytes);
	text = mem_strndup(bytes, n > 0 ? (size_t)n : 0);
	BIO_free(out);
	return text;
}

static void write_common_name(const char *key, const X509_NAME *name, struct json_writer *w)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	const ASN1_STRING *value;
	char *text;

	if (at < 0)
		return;
	value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	text = mem_strndup((const char *)ASN1_STRING_get0_data(value),
	    (size_t)ASN1_STRING_length(value));
	jsonw_str(w, key, text);
	free(text);
}

static void write_names(X509 *x, struct json_writer *w)
{
	char *subject = name_text(X509_get_subject_name(x));
	char *issuer = name_text(X509_get_issuer_name(x));

	jsonw_str(w, "subject", subject);
	write_common_name("subject_cn", X509_get_subject_name(x), w);
	jsonw_str(w, "issuer", issuer);
	write_common_name("issuer_cn", X509_get_issuer_name(x), w);
	free(subject);
	free(issuer);
}

static void write_serial(X509 *x, struct json_writer *w)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get_serialNumber(x), NULL);
	char *decimal = n != NULL ? BN_bn2dec(n) : NULL;

	jsonw_str(w, "serial_number", decimal);
	OPENSSL_free(decimal);
	BN_free(n);
}

static const char *signature_name(int nid)
{
	static const struct {
		int nid;
		const char *name;
	} names[] = {
		{ NID_sha256WithRSAEncryption, "SHA256WITHRSA" },
		{ NID_sha384WithRSAEncryption, "SHA384WITHRSA" },
		{ NID_sha512WithRSAEncryption, "SHA512WITHRSA" },
		{ NID_sha1WithRSAEncryption, "SHA1WITHRSA" },
		{ NID_md5WithRSAEncryption, "MD5WITHRSA" },
		{ NID_ecdsa_with_SHA256, "SHA256WITHECDSA" },
		{ NID_ecdsa_with_SHA384, "SHA384WITHECDSA" },
		{ NID_ecdsa_with_SHA512, "SHA512WITHECDSA" },
		{ NID_ecdsa_with_SHA1, "SHA1WITHECDSA" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].nid == nid)
			return names[i].name;
	}
	return OBJ_nid2ln(nid);
}

static void write_signature(X509 *x, struct json_writer *w)
{
	const ASN1_BIT_STRING *signature;
	char *hex;

	X509_get0_signature(&signature, NULL, x);
	hex = mem_alloc(2 * (size_t)signature->length + 1);
	text_hex(signature->data, (size_t)signature->length, hex);
	jsonw_str(w, "signature", hex);
	jsonw_str(w, "signature_algorithm", signature_name(X509_get_signature_nid(x)));
	free(hex);
}

static void write_hex_param(EVP_PKEY *key, const char *param, const char *name,
    struct json_writer *w)
{
	BIGNUM *n = NULL;
	char *hex = NULL;

	if (EVP_PKEY_get_bn_param(key, param, &n) == 1)
		hex = BN_bn2hex(n);
	/* The exponent is printed without a leading zero: "10001". */
	jsonw_str(w, name, hex != NULL && hex[0] == '0' && hex[1] != '\0' ? hex + 1 : hex);
	OPENSSL_free(hex);
	BN_free(n);
}

static void write_key(EVP_PKEY *key, struct json_writer *w)
{
	char curve[64] = "";
	size_t len;

	if (EVP_PKEY_is_a(key, "RSA")) {
		jsonw_str(w, "public_key_algo", "RSA");
		write_hex_param(key, OSSL_PKEY_PARAM_RSA_N, "rsa_public_key_modulus", w);
		write_hex_param(key, OSSL_PKEY_PARAM_RSA_E, "rsa_public_key_exponent", w);
	} else if (EVP_PKEY_is_a(key, "EC")) {
		jsonw_str(w, "public_key_algo", "ECDSA");
		if (EVP_PKEY_get_group_name(key, curve, sizeof curve, &len) == 1)
			jsonw_str(w, "ecdsa_curve_name", curve);
		jsonw_str(w, "ecdsa_ec_field", "FP");
	} else {
		jsonw_str(w, "public_key_algo", EVP_PKEY_get0_type_name(key));
	}
	jsonw_i64(w, "public_key_length", EVP_PKEY_get_bits(key));
}

void nsx_write_x509(const struct nsx *n, const char *key, const struct sim_cert *cert,
    int64_t days_wrong, struct json_writer *w)
{
	int64_t now_s = sim_now_ms(n->sim) / 1000;

	jsonw_open(w, key, '{');
	jsonw_i64(w, "not_before", cert->not_before_at * 1000);
	jsonw_i64(w, "not_after", cert->not_after_at * 1000 + days_wrong * DAY_MS);
	jsonw_bool(w, "is_valid", now_s >= cert->not_before_at && now_s <= cert->not_after_at);
	jsonw_bool(w, "is_ca", cert->is_ca);
	jsonw_str(w, "version", "3");
	write_serial(cert->x509, w);
	write_names(cert->x509, w);
	write_signature(cert->x509, w);
	write_key(cert->key, w);
	if (n->version >= NSX_VERSION(4, 0, 0))
		jsonw_str(w, "sha_256_thumbprint", cert->sha256);
	if (n->version >= NSX_VERSION(4, 2, 0))
		jsonw_str(w, "parsed_pem_encoding", cert->leaf_pem);
	jsonw_close(w, '}');
}
