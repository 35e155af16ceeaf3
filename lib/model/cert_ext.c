/* cert_ext.c - what the extensions and the signature algorithm say. */
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <string.h>
#include "lib/model/cert_asn1.h"

static enum cert_digest digest_class(int digest_nid)
{
	switch (digest_nid) {
	case NID_md2:
	case NID_md4:
	case NID_md5:
		return CERT_DIGEST_MD5;
	case NID_sha:
	case NID_sha1:
		return CERT_DIGEST_SHA1;
	case NID_undef:
		return CERT_DIGEST_UNKNOWN;
	default:
		return CERT_DIGEST_OTHER;
	}
}

static enum cert_digest pss_digest(const X509_ALGOR *algorithm)
{
	enum cert_digest digest = CERT_DIGEST_UNKNOWN;
	RSA_PSS_PARAMS *params;
	const void *value;
	int type;

	X509_ALGOR_get0(NULL, &type, &value, algorithm);
	if (type != V_ASN1_SEQUENCE)
		return CERT_DIGEST_UNKNOWN;
	params = ASN1_item_unpack(value, ASN1_ITEM_rptr(RSA_PSS_PARAMS));
	if (params != NULL && params->hashAlgorithm == NULL)
		digest = CERT_DIGEST_SHA1;   /* RFC 4055 3.1: the default */
	else if (params != NULL)
		digest = digest_class(OBJ_obj2nid(params->hashAlgorithm->algorithm));
	RSA_PSS_PARAMS_free(params);
	return digest;
}

/* Digests that OpenSSL 3.0 has a number for but does not know to be part of
 * these signatures; and signatures that have none. */
static bool is_known_good(int signature_nid)
{
	switch (signature_nid) {
	case NID_ED25519:
	case NID_ED448:
	case NID_dsa_with_SHA384:
	case NID_dsa_with_SHA512:
	case NID_dsa_with_SHA3_224:
	case NID_dsa_with_SHA3_256:
	case NID_dsa_with_SHA3_384:
	case NID_dsa_with_SHA3_512:
	case NID_ecdsa_with_SHA3_224:
	case NID_ecdsa_with_SHA3_256:
	case NID_ecdsa_with_SHA3_384:
	case NID_ecdsa_with_SHA3_512:
	case NID_sha512_224WithRSAEncryption:
	case NID_sha512_256WithRSAEncryption:
		return true;
	default:
		return false;
	}
}

void asn1_signature_facts(const X509_ALGOR *algorithm, struct cert *c)
{
	int digest_nid;

	c->signature_nid = OBJ_obj2nid(algorithm->algorithm);
	if (c->signature_nid == NID_rsassaPss)
		c->signature_digest = pss_digest(algorithm);
	else if (is_known_good(c->signature_nid))
		c->signature_digest = CERT_DIGEST_OTHER;
	else if (OBJ_find_sigid_algs(c->signature_nid, &digest_nid, NULL))
		c->signature_digest = digest_class(digest_nid);
}

/* --- extensions: each reader sets its facts from the decoded value -------------- */

static void take_basic_constraints(const void *value, struct cert *c)
{
	c->is_ca = ((const BASIC_CONSTRAINTS *)value)->ca != 0;
}

static void take_key_usage(const void *value, struct cert *c)
{
	/* by the bit's number in RFC 5280 4.2.1.3 */
	static const unsigned bits[] = {
		CERT_KU_DIGITAL_SIGNATURE, CERT_KU_OTHER, CERT_KU_KEY_ENCIPHERMENT, CERT_KU_OTHER,
		CERT_KU_KEY_AGREEMENT, CERT_KU_CERT_SIGN, CERT_KU_OTHER, CERT_KU_OTHER, CERT_KU_OTHER
	};

	for (int i = 0; i < (int)(sizeof bits / sizeof bits[0]); i++)
		if (ASN1_BIT_STRING_get_bit(value, i))
			c->key_usage |= bits[i];
}

static unsigned ext_key_usage_bit(int nid)
{
	switch (nid) {
	case NID_server_auth:
		return CERT_EKU_SERVER;
	case NID_client_auth:
		return CERT_EKU_CLIENT;
	case NID_anyExtendedKeyUsage:
		return CERT_EKU_ANY;
	default:
		return CERT_EKU_OTHER;
	}
}

static void take_ext_key_usage(const void *value, struct cert *c)
{
	const EXTENDED_KEY_USAGE *usage = value;

	for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++)
		c->ext_key_usage |= ext_key_usage_bit(OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, i)));
}

static const struct reader {
	int nid;
	const ASN1_ITEM *(*item)(void);
	size_t has;                /* offset of the "it is there" flag in struct cert */
	void (*take)(const void *value, struct cert *c);
} readers[] = {
	{ NID_basic_constraints, BASIC_CONSTRAINTS_it,
	    offsetof(struct cert, has_basic_constraints), take_basic_constraints },
	{ NID_key_usage, ASN1_BIT_STRING_it, offsetof(struct cert, has_key_usage), take_key_usage },
	{ NID_ext_key_usage, EXTENDED_KEY_USAGE_it,
	    offsetof(struct cert, has_ext_key_usage), take_ext_key_usage },
};

bool asn1_extension_is(const struct asn1_extension *x, int nid)
{
	const ASN1_OBJECT *known = OBJ_nid2obj(nid);

	return x->type.n == OBJ_length(known) &&
	    memcmp(x->type.p, OBJ_get0_data(known), x->type.n) == 0;
}

static const struct reader *reader_of(const struct asn1_extension *x)
{
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (asn1_extension_is(x, readers[i].nid))
			return &readers[i];
	return NULL;
}

static int read_extension(const struct asn1_extension *x, struct cert *c, struct err *e)
{
	const struct reader *r = reader_of(x);
	ASN1_VALUE *value;
	bool *has;

	if (r == NULL)
		return 0;
	has = (bool *)((char *)c + r->has);
	if (*has)
		return err_set(e, ERR_ANSWER, "two extensions \"%s\"", OBJ_nid2ln(r->nid));
	*has = true;
	value = asn1_decode_whole(x->value.p, x->value.n, r->item());
	if (value == NULL)
		return err_set(e, ERR_ANSWER, "the extension \"%s\" cannot be decoded",
		    OBJ_nid2ln(r->nid));
	r->take(value, c);
	ASN1_item_free(value, r->item());
	return 0;
}

int asn1_extension_facts(const STACK_OF(EXTENSION) *all, struct cert *c, struct err *e)
{
	for (int i = 0; i < sk_EXTENSION_num(all); i++)
		if (read_extension(sk_EXTENSION_value(all, i), c, e))
			return -1;
	return 0;
}
