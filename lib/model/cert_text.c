/* cert_text.c - a certificate's facts as text, made when somebody asks. */
#include "lib/model/cert.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>
#include "lib/model/cert_asn1.h"

#define IPV4_BYTES 4
#define IPV6_BYTES 16

typedef void add_name_fn(struct cert_bytes name, struct buf *out);

static void add_name(add_name_fn *add, struct cert_bytes name, struct buf *out)
{
	ERR_set_mark();
	add(name, out);
	ERR_pop_to_mark();
}

void cert_subject_text(const struct cert *c, struct buf *out)
{
	if (c->form == CERT_PARSED)
		add_name(asn1_name_text, c->subject_der, out);
}

void cert_issuer_text(const struct cert *c, struct buf *out)
{
	if (c->form == CERT_PARSED)
		add_name(asn1_name_text, c->issuer_der, out);
	else if (c->reported_issuer != NULL)
		buf_adds(out, c->reported_issuer);
}

void cert_common_name(const struct cert *c, struct buf *out)
{
	if (c->form == CERT_PARSED)
		add_name(asn1_name_common_name, c->subject_der, out);
}

/* What was decoded once decodes again. */
static struct asn1_cert *decode_again(const struct cert *c)
{
	size_t used;

	return c->form == CERT_PARSED ? asn1_cert_decode(c->der, c->der_len, &used, NULL) : NULL;
}

/* Whole bytes, as OpenSSL prints serials, so zero is "00". */
static void add_hex_number(const BIGNUM *number, struct buf *out)
{
	char *hex = BN_bn2hex(number);

	for (char *p = hex; p != NULL && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	if (hex != NULL)
		buf_adds(out, BN_is_zero(number) ? "00" : hex);
	OPENSSL_free(hex);
}

void cert_serial_hex(const struct cert *c, struct buf *out)
{
	struct asn1_cert *a;
	BIGNUM *serial;

	ERR_set_mark();
	a = decode_again(c);
	serial = a != NULL ? ASN1_INTEGER_to_BN(a->tbs.serial, NULL) : NULL;
	if (serial != NULL)
		add_hex_number(serial, out);
	BN_free(serial);
	asn1_cert_free(a);
	ERR_pop_to_mark();
}

static const char *curve_name(int nid)
{
	const char *nist = EC_curve_nid2nist(nid);

	return nist != NULL ? nist : OBJ_nid2sn(nid);
}

static const char *key_word(const struct cert *c)
{
	switch (c->key_kind) {
	case CERT_KEY_RSA:
		return c->key_nid == NID_rsassaPss ? "RSA-PSS" : "RSA";
	case CERT_KEY_EC:
		return "EC";
	case CERT_KEY_DSA:
		return "DSA";
	case CERT_KEY_OTHER:
		return c->key_nid != NID_undef ? OBJ_nid2sn(c->key_nid) : "";
	default:
		return "";
	}
}

void cert_key_text(const struct cert *c, struct buf *out)
{
	buf_adds(out, key_word(c));
	if (c->key_kind == CERT_KEY_EC && c->key_nid != NID_undef)
		buf_addf(out, " %s", curve_name(c->key_nid));
	else if (c->key_kind != CERT_KEY_OTHER && c->key_bits > 0)
		buf_addf(out, " %d", c->key_bits);
}

void cert_signature_text(const struct cert *c, struct buf *out)
{
	if (c->signature_nid != NID_undef)
		buf_adds(out, OBJ_nid2ln(c->signature_nid));
}

static void add_address(const ASN1_OCTET_STRING *address, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	int n = ASN1_STRING_length(address);
	int family = n == IPV4_BYTES ? AF_INET : n == IPV6_BYTES ? AF_INET6 : AF_UNSPEC;

	if (family != AF_UNSPEC &&
	    inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text) != NULL)
		buf_adds(out, text);
}

/* The text of a DNS name, address or URI; nothing for other kinds. */
static void add_general_name(const GENERAL_NAME *name, struct buf *out)
{
	int type;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);

	if (type == GEN_DNS || type == GEN_URI)
		asn1_add_text(out, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
	else if (type == GEN_IPADD)
		add_address(value, out);
}

GENERAL_NAMES *asn1_names_of(const struct cert *c)
{
	struct asn1_cert *a;
	const EXTENSION *x = NULL;
	GENERAL_NAMES *names = NULL;

	ERR_set_mark();
	a = decode_again(c);
	for (int i = 0; a != NULL && x == NULL && i < sk_EXTENSION_num(a->tbs.extensions); i++)
		if (asn1_extension_is(sk_EXTENSION_value(a->tbs.extensions, i), NID_subject_alt_name))
			x = sk_EXTENSION_value(a->tbs.extensions, i);
	if (x != NULL)
		names = (GENERAL_NAMES *)asn1_decode_whole(x->value.p, x->value.n,
		    ASN1_ITEM_rptr(GENERAL_NAMES));
	asn1_cert_free(a);
	ERR_pop_to_mark();
	return names;
}

void cert_each_name(const struct cert *c, void (*each)(void *ctx, const char *name), void *ctx)
{
	GENERAL_NAMES *names = asn1_names_of(c);
	struct buf text;

	buf_init(&text, 3 * (size_t)CERT_DER_MAX_BYTES);   /* all NUL would treble */
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		buf_reset(&text);
		add_general_name(sk_GENERAL_NAME_value(names, i), &text);
		if (text.len > 0)
			each(ctx, buf_str(&text));
	}
	GENERAL_NAMES_free(names);
	buf_clear(&text);
}
