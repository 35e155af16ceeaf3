/* cert_key.c - what kind of public key, and how large, mostly without
 * decoding it. */
#include "lib/model/cert_asn1.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

/* Curves met in practice; their cofactor is 1, so that the bits of the group
 * order, which is what OpenSSL calls the size, are the bits of a coordinate. */
static const struct curve { int nid, bits; } curves[] = {
	{ NID_X9_62_prime256v1, 256 },
	{ NID_secp224r1, 224 },
	{ NID_secp384r1, 384 },
	{ NID_secp521r1, 521 },
	{ NID_secp256k1, 256 },
	{ NID_brainpoolP256r1, 256 },
	{ NID_brainpoolP384r1, 384 },
	{ NID_brainpoolP512r1, 512 },
};

static enum cert_key kind_of(int algorithm_nid)
{
	switch (algorithm_nid) {
	case NID_rsaEncryption:
	case NID_rsa:
	case NID_rsassaPss:
		return CERT_KEY_RSA;
	case NID_X9_62_id_ecPublicKey:
		return CERT_KEY_EC;
	case NID_dsa:
	case NID_dsa_2:
		return CERT_KEY_DSA;
	default:
		return CERT_KEY_OTHER;
	}
}

/* The curve an EC key names; NID_undef when it describes one instead. */
static int named_curve(const X509_ALGOR *algorithm)
{
	const void *value;
	int type;

	X509_ALGOR_get0(NULL, &type, &value, algorithm);
	return type == V_ASN1_OBJECT ? OBJ_obj2nid(value) : NID_undef;
}

/* A point of this curve, compressed or not, by its length.  0 when it is not,
 * or the curve is not in the table. */
static int ec_bits(int curve_nid, const ASN1_BIT_STRING *point)
{
	const unsigned char *bytes = ASN1_STRING_get0_data(point);
	int n = ASN1_STRING_length(point);

	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
		int coordinate = (curves[i].bits + 7) / 8;

		if (curves[i].nid != curve_nid || n < 1)
			continue;
		if (bytes[0] == POINT_CONVERSION_UNCOMPRESSED && n == 1 + 2 * coordinate)
			return curves[i].bits;
		if ((bytes[0] & ~1) == POINT_CONVERSION_COMPRESSED && n == 1 + coordinate)
			return curves[i].bits;
	}
	return 0;
}

/* A curve given by its parameters may still be a known one. */
static int described_curve(const EVP_PKEY *key)
{
	char name[80];

	if (!EVP_PKEY_get_group_name(key, name, sizeof name, NULL))
		return NID_undef;
	return OBJ_txt2nid(name);
}

static void ask_full_x509(const unsigned char *der, size_t n, struct cert *c)
{
	const unsigned char *at = der;
	const EVP_PKEY *key = NULL;
	X509 *x;

	x = d2i_X509(NULL, &at, (long)n);
	if (x != NULL)
		key = X509_get0_pubkey(x);
	if (key != NULL && EVP_PKEY_get_bits(key) > 0)
		c->key_bits = EVP_PKEY_get_bits(key);
	if (key != NULL && c->key_kind == CERT_KEY_EC && c->key_nid == NID_undef)
		c->key_nid = described_curve(key);
	X509_free(x);
}

void asn1_key_facts(const struct asn1_key *k, const unsigned char *der, size_t n,
    struct cert *c)
{
	int algorithm_nid = OBJ_obj2nid(k->algorithm->algorithm);

	c->key_kind = kind_of(algorithm_nid);
	c->key_nid = algorithm_nid;
	if (c->key_kind == CERT_KEY_EC) {
		c->key_nid = named_curve(k->algorithm);
		c->key_bits = ec_bits(c->key_nid, k->bits);
	} else if (algorithm_nid == NID_rsaEncryption) {
		c->key_bits = asn1_rsa_bits(k->bits);
	}
	if (c->key_bits == 0)
		ask_full_x509(der, n, c);
}
