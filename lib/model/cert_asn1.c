/* cert_asn1.c - the ASN.1 templates of a certificate, run by OpenSSL. */
#include "lib/model/cert_asn1.h"

#include <limits.h>
#include <openssl/asn1t.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <string.h>

/* A primitive of our own: where the encoding lies, without a copy. */
static void slice_clear(ASN1_VALUE **value, const ASN1_ITEM *item)
{
	(void)item;
	memset(*value, 0, sizeof(struct cert_bytes));
}

static int slice_set(ASN1_VALUE **value, const unsigned char *bytes, int n, int type,
    char *bytes_are_temporary, const ASN1_ITEM *item)
{
	struct cert_bytes slice = { bytes, (size_t)n };

	(void)type;
	(void)item;
	if (n < 0 || *bytes_are_temporary)
		return 0;
	memcpy(*value, &slice, sizeof slice);
	return 1;
}

const ASN1_PRIMITIVE_FUNCS asn1_slice_functions = {
	.prim_clear = slice_clear,
	.prim_c2i = slice_set
};

static_ASN1_ITEM_start(SEQUENCE_SLICE)
	ASN1_ITYPE_PRIMITIVE, V_ASN1_SEQUENCE, NULL, 0, &asn1_slice_functions, 0, "SEQUENCE_SLICE"
ASN1_ITEM_end(SEQUENCE_SLICE)

ASN1_ITEM_start(OBJECT_SLICE)
	ASN1_ITYPE_PRIMITIVE, V_ASN1_OBJECT, NULL, 0, &asn1_slice_functions, 0, "OBJECT_SLICE"
ASN1_ITEM_end(OBJECT_SLICE)

static_ASN1_ITEM_start(OCTETS_SLICE)
	ASN1_ITYPE_PRIMITIVE, V_ASN1_OCTET_STRING, NULL, 0, &asn1_slice_functions, 0, "OCTETS_SLICE"
ASN1_ITEM_end(OCTETS_SLICE)

/* The macros build their names from the type's, so these are single words. */
typedef struct asn1_validity VALIDITY;
typedef struct asn1_key KEY_INFO;
typedef struct asn1_tbs TBS;
typedef struct asn1_cert CERTIFICATE;
typedef struct { BIGNUM *modulus, *exponent; } RSA_KEY;   /* RSAPublicKey */

ASN1_SEQUENCE(VALIDITY) = {
	ASN1_SIMPLE(VALIDITY, not_before, ASN1_TIME),
	ASN1_SIMPLE(VALIDITY, not_after, ASN1_TIME)
} static_ASN1_SEQUENCE_END(VALIDITY)

ASN1_SEQUENCE(KEY_INFO) = {
	ASN1_SIMPLE(KEY_INFO, algorithm, X509_ALGOR),
	ASN1_SIMPLE(KEY_INFO, bits, ASN1_BIT_STRING)
} static_ASN1_SEQUENCE_END(KEY_INFO)

ASN1_SEQUENCE(EXTENSION) = {
	ASN1_EMBED(EXTENSION, type, OBJECT_SLICE),
	ASN1_OPT(EXTENSION, critical, ASN1_FBOOLEAN),
	ASN1_EMBED(EXTENSION, value, OCTETS_SLICE)
} static_ASN1_SEQUENCE_END(EXTENSION)

ASN1_SEQUENCE(TBS) = {
	ASN1_EXP_OPT(TBS, version, ASN1_INTEGER, 0),
	ASN1_SIMPLE(TBS, serial, ASN1_INTEGER),
	ASN1_SIMPLE(TBS, signature, X509_ALGOR),
	ASN1_EMBED(TBS, issuer, SEQUENCE_SLICE),
	ASN1_EMBED(TBS, validity, VALIDITY),
	ASN1_EMBED(TBS, subject, SEQUENCE_SLICE),
	ASN1_EMBED(TBS, key, KEY_INFO),
	ASN1_IMP_OPT(TBS, issuer_uid, ASN1_BIT_STRING, 1),
	ASN1_IMP_OPT(TBS, subject_uid, ASN1_BIT_STRING, 2),
	ASN1_EXP_SEQUENCE_OF_OPT(TBS, extensions, EXTENSION, 3)
} static_ASN1_SEQUENCE_END(TBS)

ASN1_SEQUENCE(CERTIFICATE) = {
	ASN1_EMBED(CERTIFICATE, tbs, TBS),
	ASN1_SIMPLE(CERTIFICATE, signature_algorithm, X509_ALGOR),
	ASN1_SIMPLE(CERTIFICATE, signature, ASN1_BIT_STRING)
} static_ASN1_SEQUENCE_END(CERTIFICATE)

ASN1_SEQUENCE(RSA_KEY) = {
	ASN1_SIMPLE(RSA_KEY, modulus, BIGNUM),
	ASN1_SIMPLE(RSA_KEY, exponent, BIGNUM)
} static_ASN1_SEQUENCE_END(RSA_KEY)

int asn1_fail(struct err *e, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	err_set(e, ERR_ANSWER, "%s (%s)", what, reason != NULL ? reason : "no reason given");
	return -1;
}

/* OpenSSL reads BER, and hashes what it would write instead of what it read;
 * only in DER all agree on the SHA-256. */
static bool has_definite_length(const unsigned char *der, size_t n)
{
	int tag, class;
	long length;

	return (ASN1_get_object(&der, &length, &tag, &class, (long)n) & 1) == 0;
}

struct asn1_cert *asn1_cert_decode(const unsigned char *der, size_t n, size_t *used,
    struct err *e)
{
	const unsigned char *at = der;
	ASN1_VALUE *a;

	*used = 0;
	if (n > LONG_MAX || !has_definite_length(der, n)) {
		err_set(e, ERR_ANSWER, "not a certificate in DER (no definite length)");
		return NULL;
	}
	a = ASN1_item_d2i(NULL, &at, (long)n, ASN1_ITEM_rptr(CERTIFICATE));
	if (a == NULL) {
		asn1_fail(e, "not a certificate in DER");
		return NULL;
	}
	*used = (size_t)(at - der);
	return (struct asn1_cert *)a;
}

void asn1_cert_free(struct asn1_cert *a)
{
	ASN1_item_free((ASN1_VALUE *)a, ASN1_ITEM_rptr(CERTIFICATE));
}

ASN1_VALUE *asn1_decode_whole(const unsigned char *bytes, size_t n, const ASN1_ITEM *item)
{
	const unsigned char *at = bytes;
	ASN1_VALUE *value;

	if (n > LONG_MAX)
		return NULL;
	value = ASN1_item_d2i(NULL, &at, (long)n, item);
	if (value != NULL && at != bytes + n) {
		ASN1_item_free(value, item);
		value = NULL;
	}
	return value;
}

int asn1_rsa_bits(const ASN1_BIT_STRING *bits)
{
	ASN1_VALUE *value = asn1_decode_whole(ASN1_STRING_get0_data(bits),
	    (size_t)ASN1_STRING_length(bits), ASN1_ITEM_rptr(RSA_KEY));
	int n = value != NULL ? BN_num_bits(((RSA_KEY *)value)->modulus) : 0;

	ASN1_item_free(value, ASN1_ITEM_rptr(RSA_KEY));
	return n;
}

bool asn1_bytes_equal(struct cert_bytes a, struct cert_bytes b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}
