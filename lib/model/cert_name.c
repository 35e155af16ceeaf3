/* cert_name.c - distinguished names: kept as DER, decoded when somebody asks. */
#include "lib/model/cert_asn1.h"

#include <openssl/asn1t.h>
#include <openssl/bio.h>
#include <openssl/objects.h>
#include <string.h>

#define HEX_SHOWN_BYTES 32

/* RFC 2253, but for control characters and non-ASCII: those stay, as UTF-8.
 * The escaping of ',' and '+' is what keeps a value from posing as two. */
#define NAME_FLAGS (XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV | XN_FLAG_FN_SN | \
    XN_FLAG_DUMP_UNKNOWN_FIELDS)
#define STRING_FLAGS (ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_UTF8_CONVERT | \
    ASN1_STRFLGS_DUMP_UNKNOWN | ASN1_STRFLGS_DUMP_DER)

/* --- soundness: for every name that is read, so without a copy of anything ------- */

typedef struct { struct cert_bytes type, value; } ATTRIBUTE;

static_ASN1_ITEM_start(VALUE_SLICE)
	ASN1_ITYPE_MSTRING, B_ASN1_PRINTABLE, NULL, 0, &asn1_slice_functions, 0, "VALUE_SLICE"
ASN1_ITEM_end(VALUE_SLICE)

ASN1_SEQUENCE(ATTRIBUTE) = {
	ASN1_EMBED(ATTRIBUTE, type, OBJECT_SLICE),
	ASN1_EMBED(ATTRIBUTE, value, VALUE_SLICE)
} static_ASN1_SEQUENCE_END(ATTRIBUTE)

ASN1_ITEM_TEMPLATE(RDN_SHAPE) =
	ASN1_EX_TEMPLATE_TYPE(ASN1_TFLG_SET_OF, 0, RDN_SHAPE, ATTRIBUTE)
static_ASN1_ITEM_TEMPLATE_END(RDN_SHAPE)

ASN1_ITEM_TEMPLATE(RDNS_SHAPE) =
	ASN1_EX_TEMPLATE_TYPE(ASN1_TFLG_SEQUENCE_OF, 0, RDNS_SHAPE, RDN_SHAPE)
static_ASN1_ITEM_TEMPLATE_END(RDNS_SHAPE)

bool asn1_name_is_sound(struct cert_bytes name)
{
	ASN1_VALUE *shape = asn1_decode_whole(name.p, name.n, ASN1_ITEM_rptr(RDNS_SHAPE));

	ASN1_item_free(shape, ASN1_ITEM_rptr(RDNS_SHAPE));
	return shape != NULL;
}

/* --- names as objects: for those that are shown ---------------------------------- */

/* OpenSSL's X509_NAME without its canonical form, which is what makes it
 * refuse strings that are badly encoded. */
ASN1_ITEM_TEMPLATE(RDN) =
	ASN1_EX_TEMPLATE_TYPE(ASN1_TFLG_SET_OF, 0, RDN, X509_NAME_ENTRY)
static_ASN1_ITEM_TEMPLATE_END(RDN)

ASN1_ITEM_TEMPLATE(RDNS) =
	ASN1_EX_TEMPLATE_TYPE(ASN1_TFLG_SEQUENCE_OF, 0, RDNS, RDN)
static_ASN1_ITEM_TEMPLATE_END(RDNS)

typedef STACK_OF(X509_NAME_ENTRY) RDN;
DEFINE_STACK_OF(RDN)

/* Copies the attributes of one RDN to the end of name. */
static bool add_rdn(X509_NAME *name, const RDN *rdn)
{
	for (int i = 0; i < sk_X509_NAME_ENTRY_num(rdn); i++) {
		/* 0 begins an RDN, -1 joins the one before */
		if (!X509_NAME_add_entry(name, sk_X509_NAME_ENTRY_value(rdn, i), -1, i > 0 ? -1 : 0))
			return false;
	}
	return true;
}

static X509_NAME *rebuild_name(struct cert_bytes name)
{
	ASN1_VALUE *rdns = asn1_decode_whole(name.p, name.n, ASN1_ITEM_rptr(RDNS));
	const STACK_OF(RDN) *list = (const STACK_OF(RDN) *)rdns;
	X509_NAME *out = rdns != NULL ? X509_NAME_new() : NULL;
	bool ok = out != NULL;

	for (int i = 0; ok && i < sk_RDN_num(list); i++)
		ok = add_rdn(out, sk_RDN_value(list, i));
	if (!ok) {
		X509_NAME_free(out);
		out = NULL;
	}
	ASN1_item_free(rdns, ASN1_ITEM_rptr(RDNS));
	return out;
}

static X509_NAME *decode_name(struct cert_bytes name)
{
	ASN1_VALUE *usual = asn1_decode_whole(name.p, name.n, ASN1_ITEM_rptr(X509_NAME));

	return usual != NULL ? (X509_NAME *)usual : rebuild_name(name);
}

/* --- equality ------------------------------------------------------------------ */

static bool is_visible_ascii(unsigned char c)
{
	return c > ' ' && c < 0x7F;
}

static int fold_ascii(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Names can be equal in more than one encoding: letter case, blanks and the
 * string type do not count.  None of these explains two different visible
 * ASCII characters behind which everything is the same; that settles nearly
 * all pairs without OpenSSL's comparison, which costs as much as all the
 * rest.  (Bytes made so that this errs would only lose the leniency that
 * self-issued certificates enjoy.) */
static bool surely_different(struct cert_bytes a, struct cert_bytes b)
{
	unsigned char x, y;

	while (a.n > 0 && b.n > 0 && a.p[a.n - 1] == b.p[b.n - 1]) {
		a.n--;
		b.n--;
	}
	if (a.n == 0 || b.n == 0)
		return false;
	x = a.p[a.n - 1];
	y = b.p[b.n - 1];
	return is_visible_ascii(x) && is_visible_ascii(y) && fold_ascii(x) != fold_ascii(y);
}

bool asn1_names_equal(struct cert_bytes a, struct cert_bytes b)
{
	X509_NAME *x, *y;
	bool equal;

	if (asn1_bytes_equal(a, b))
		return true;
	if (surely_different(a, b))
		return false;
	x = decode_name(a);
	y = decode_name(b);
	equal = x != NULL && y != NULL && X509_NAME_cmp(x, y) == 0;
	X509_NAME_free(x);
	X509_NAME_free(y);
	return equal;
}

/* --- text ------------------------------------------------------------------------ */

void asn1_add_text(struct buf *out, const void *bytes, size_t n)
{
	const char *at = bytes, *nul;

	while (n > 0 && (nul = memchr(at, '\0', n)) != NULL) {
		buf_add(out, at, (size_t)(nul - at));
		buf_adds(out, "\xEF\xBF\xBD");
		n -= (size_t)(nul - at) + 1;
		at = nul + 1;
	}
	if (n > 0)
		buf_add(out, at, n);
}

/* The last resort for a name whose strings defeat OpenSSL: '#' and hex, as RFC
 * 2253 writes what has no text. */
static void add_hex(struct cert_bytes name, struct buf *out)
{
	buf_addc(out, '#');
	for (size_t i = 0; i < name.n && i < HEX_SHOWN_BYTES; i++)
		buf_addf(out, "%02x", name.p[i]);
	if (name.n > HEX_SHOWN_BYTES)
		buf_adds(out, "...");
}

static bool print_name(const X509_NAME *name, BIO *bio)
{
	if (X509_NAME_print_ex(bio, name, 0, NAME_FLAGS | STRING_FLAGS) >= 0)
		return true;
	/* a string is not what its type says: all values as hex */
	return BIO_reset(bio) > 0 &&
	    X509_NAME_print_ex(bio, name, 0, NAME_FLAGS | STRING_FLAGS | ASN1_STRFLGS_DUMP_ALL) >= 0;
}

void asn1_name_text(struct cert_bytes der, struct buf *out)
{
	X509_NAME *name;
	BIO *bio = NULL;
	char *text;
	long n;

	name = decode_name(der);
	if (name != NULL)
		bio = BIO_new(BIO_s_mem());
	if (bio != NULL && print_name(name, bio)) {
		n = BIO_get_mem_data(bio, &text);
		asn1_add_text(out, text, (size_t)n);
	} else {
		add_hex(der, out);
	}
	BIO_free(bio);
	X509_NAME_free(name);
}

/* UTF-8; the bytes as they are when they claim to be and are not; nothing
 * for a value that is no text. */
static void add_string(const ASN1_STRING *s, struct buf *out)
{
	unsigned char *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, s);

	if (n >= 0)
		asn1_add_text(out, utf8, (size_t)n);
	else if (ASN1_STRING_type(s) == V_ASN1_UTF8STRING)
		asn1_add_text(out, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
	OPENSSL_free(utf8);
}

void asn1_name_common_name(struct cert_bytes der, struct buf *out)
{
	X509_NAME *name;
	int next = -1, last;

	name = decode_name(der);
	do {
		last = next;
		next = X509_NAME_get_index_by_NID(name, NID_commonName, last);
	} while (next >= 0);
	if (last >= 0)
		add_string(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)), out);
	X509_NAME_free(name);
}
