/* cert_oracle.c - what OpenSSL's full X509 says about a certificate, asked
 * through other calls than the product's wherever there are any. */
#include "tests/unit/cert_oracle.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX ((size_t)4 * CERT_DER_MAX_BYTES)
#define NAMES_MAX ((size_t)8 * CERT_DER_MAX_BYTES)

/* --- facts ---------------------------------------------------------------------- */

static bool dates_agree(const struct cert *c, const X509 *x)
{
	const ASN1_TIME *times[] = { X509_get0_notBefore(x), X509_get0_notAfter(x) };
	const int64_t ours[] = { c->not_before_at, c->not_after_at };
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	bool agree = c->has_not_before && c->has_not_after;

	for (int i = 0; i < 2; i++) {
		int days, seconds;

		if (!ASN1_TIME_diff(&days, &seconds, epoch, times[i]) ||
		    (int64_t)days * 86400 + seconds != ours[i])
			agree = false;
	}
	ASN1_TIME_free(epoch);
	return agree;
}

/* OpenSSL hashes what it would write; that is what was read, unless the
 * certificate is not in strict DER. */
static bool digest_agrees(const struct cert *c, X509 *x)
{
	unsigned char md[EVP_MAX_MD_SIZE], *der = NULL;
	int n = i2d_X509(x, &der);
	bool same = n == (int)c->der_len && memcmp(der, c->der, c->der_len) == 0;
	int ok = same ? X509_digest(x, EVP_sha256(), md, NULL) :
	    EVP_Digest(c->der, c->der_len, md, NULL, EVP_sha256(), NULL);

	OPENSSL_free(der);
	return ok && memcmp(md, c->sha256, CERT_SHA256_BYTES) == 0;
}

static bool name_agrees(struct cert_bytes ours, const X509_NAME *name)
{
	const unsigned char *der;
	size_t n;

	return X509_NAME_get0_der(name, &der, &n) && n == ours.n && memcmp(der, ours.p, n) == 0;
}

static bool constraints_agree(const struct cert *c, const X509 *x)
{
	int critical;
	BASIC_CONSTRAINTS *bc = X509_get_ext_d2i(x, NID_basic_constraints, &critical, NULL);
	bool agree = c->has_basic_constraints == (critical >= 0) &&
	    c->is_ca == (bc != NULL && bc->ca != 0);

	BASIC_CONSTRAINTS_free(bc);
	return agree;
}

static bool key_usage_agrees(const struct cert *c, const X509 *x)
{
	ASN1_BIT_STRING *usage = X509_get_ext_d2i(x, NID_key_usage, NULL, NULL);
	unsigned bits = 0;

	if (usage == NULL)
		return !c->has_key_usage && c->key_usage == 0;
	for (int i = 0; i < 9; i++)
		if (ASN1_BIT_STRING_get_bit(usage, i))
			bits |= i == 0 ? CERT_KU_DIGITAL_SIGNATURE : i == 2 ? CERT_KU_KEY_ENCIPHERMENT :
			    i == 4 ? CERT_KU_KEY_AGREEMENT : i == 5 ? CERT_KU_CERT_SIGN : CERT_KU_OTHER;
	ASN1_BIT_STRING_free(usage);
	return c->has_key_usage && c->key_usage == bits;
}

static bool ext_key_usage_agrees(const struct cert *c, const X509 *x)
{
	EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
	unsigned bits = 0;

	if (usage == NULL)
		return !c->has_ext_key_usage && c->ext_key_usage == 0;
	for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++) {
		char oid[100];

		OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(usage, i), 1);
		bits |= strcmp(oid, "1.3.6.1.5.5.7.3.1") == 0 ? CERT_EKU_SERVER :
		    strcmp(oid, "1.3.6.1.5.5.7.3.2") == 0 ? CERT_EKU_CLIENT :
		    strcmp(oid, "2.5.29.37.0") == 0 ? CERT_EKU_ANY : CERT_EKU_OTHER;
	}
	EXTENDED_KEY_USAGE_free(usage);
	return c->has_ext_key_usage && c->ext_key_usage == bits;
}

static bool signature_agrees(const struct cert *c, X509 *x)
{
	int digest;

	if (c->signature_nid != X509_get_signature_nid(x))
		return false;
	/* also silent on RSA-PSS with parameters that it would not use */
	if (!X509_get_signature_info(x, &digest, NULL, NULL, NULL) || digest == NID_undef)
		return c->signature_nid == NID_rsassaPss ||
		    (c->signature_digest != CERT_DIGEST_MD5 && c->signature_digest != CERT_DIGEST_SHA1);
	if (digest == NID_md2 || digest == NID_md4 || digest == NID_md5)
		return c->signature_digest == CERT_DIGEST_MD5;
	if (digest == NID_sha || digest == NID_sha1)
		return c->signature_digest == CERT_DIGEST_SHA1;
	return c->signature_digest == CERT_DIGEST_OTHER;
}

/* --- the key ------------------------------------------------------------------------ */

static enum cert_key kind_of(const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return CERT_KEY_RSA;
	if (EVP_PKEY_is_a(key, "EC") || EVP_PKEY_is_a(key, "SM2"))
		return CERT_KEY_EC;
	return EVP_PKEY_is_a(key, "DSA") ? CERT_KEY_DSA : CERT_KEY_OTHER;
}

static void key_text(const EVP_PKEY *key, char *out, size_t n)
{
	char curve[80] = "";
	const char *nist;

	if (kind_of(key) == CERT_KEY_EC && EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL)) {
		nist = EC_curve_nid2nist(OBJ_txt2nid(curve));
		snprintf(out, n, "EC %s", nist != NULL ? nist : curve);
	} else if (kind_of(key) == CERT_KEY_OTHER) {
		snprintf(out, n, "%s", EVP_PKEY_get0_type_name(key));
	} else {
		snprintf(out, n, "%s %d", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
	}
}

/* Where OpenSSL cannot decode the key, it is still named by its algorithm. */
static bool key_agrees(const struct cert *c, const X509 *x)
{
	const EVP_PKEY *key = X509_get0_pubkey(x);
	char theirs[100];
	struct buf ours;
	bool agree;

	if (key == NULL)
		return c->key_kind != CERT_KEY_UNKNOWN;
	buf_init(&ours, sizeof theirs);
	cert_key_text(c, &ours);
	key_text(key, theirs, sizeof theirs);
	agree = c->key_kind == kind_of(key) && c->key_bits == EVP_PKEY_get_bits(key) &&
	    strcmp(buf_str(&ours), theirs) == 0;
	buf_clear(&ours);
	return agree;
}

/* --- texts ---------------------------------------------------------------------------- */

/* NUL is what the product shows as U+FFFD. */
static void add_visible(struct buf *out, const void *bytes, long n)
{
	for (long i = 0; i < n; i++) {
		char c = ((const char *)bytes)[i];

		if (c != '\0')
			buf_addc(out, c);
		else
			buf_adds(out, "\xEF\xBF\xBD");
	}
}

static bool same(struct buf *ours, struct buf *theirs)
{
	bool equal = ours->len == theirs->len && !ours->overflow &&
	    memcmp(buf_str(ours), buf_str(theirs), ours->len) == 0;

	buf_clear(ours);
	buf_clear(theirs);
	return equal;
}

static bool name_text_agrees(const struct cert *c, void (*text)(const struct cert *, struct buf *),
    const X509_NAME *name)
{
	unsigned long flags = (XN_FLAG_RFC2253 & ~XN_FLAG_SEP_MASK) | XN_FLAG_SEP_CPLUS_SPC;
	BIO *bio = BIO_new(BIO_s_mem());
	struct buf ours, theirs;
	char *bytes;
	long n;

	buf_init(&ours, TEXT_MAX);
	buf_init(&theirs, TEXT_MAX);
	text(c, &ours);
	flags &= ~(unsigned long)(ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_ESC_MSB);
	X509_NAME_print_ex(bio, name, 0, flags);
	n = BIO_get_mem_data(bio, &bytes);
	add_visible(&theirs, bytes, n);
	BIO_free(bio);
	return same(&ours, &theirs);
}

static bool common_name_agrees(const struct cert *c, const X509_NAME *name)
{
	struct buf ours, theirs;
	const X509_NAME_ENTRY *last = NULL;
	unsigned char *utf8 = NULL;
	int n = 0;

	buf_init(&ours, TEXT_MAX);
	buf_init(&theirs, TEXT_MAX);
	cert_common_name(c, &ours);
	for (int i = 0; i < X509_NAME_entry_count(name); i++)
		if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(X509_NAME_get_entry(name, i))) == NID_commonName)
			last = X509_NAME_get_entry(name, i);
	if (last != NULL)
		n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(last));
	if (n > 0)
		add_visible(&theirs, utf8, n);
	OPENSSL_free(utf8);
	return same(&ours, &theirs);
}

static bool serial_agrees(const struct cert *c, const X509 *x)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	struct buf ours, theirs;

	buf_init(&ours, TEXT_MAX);
	buf_init(&theirs, TEXT_MAX);
	cert_serial_hex(c, &ours);
	if (ASN1_STRING_type(serial) & V_ASN1_NEG)
		buf_addc(&theirs, '-');
	for (int i = 0; i < ASN1_STRING_length(serial); i++)
		buf_addf(&theirs, "%02x", ASN1_STRING_get0_data(serial)[i]);
	return same(&ours, &theirs);
}

/* --- subjectAltName --------------------------------------------------------------------- */

struct walk { const GENERAL_NAMES *names; int at; bool agree; };

/* Does our text stand for this name? */
static bool is_name(const GENERAL_NAME *name, const char *text)
{
	int type;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
	ASN1_OCTET_STRING *address;
	struct buf ours, theirs;
	bool equal;

	if (type == GEN_IPADD) {
		address = a2i_IPADDRESS(text);
		equal = address != NULL && ASN1_OCTET_STRING_cmp(address, value) == 0;
		ASN1_OCTET_STRING_free(address);
		return equal;
	}
	buf_init(&ours, NAMES_MAX);
	buf_init(&theirs, NAMES_MAX);
	buf_adds(&ours, text);
	add_visible(&theirs, ASN1_STRING_get0_data(value), ASN1_STRING_length(value));
	return same(&ours, &theirs);
}

/* The kinds that have a text, unless it is empty. */
static bool has_text(const GENERAL_NAME *name)
{
	int type, n;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);

	if (type != GEN_IPADD && type != GEN_DNS && type != GEN_URI)
		return false;
	n = ASN1_STRING_length(value);
	return type == GEN_IPADD ? n == 4 || n == 16 : n > 0;
}

static void skip_textless(struct walk *w)
{
	while (w->at < sk_GENERAL_NAME_num(w->names) &&
	    !has_text(sk_GENERAL_NAME_value(w->names, w->at)))
		w->at++;
}

static void compare_next(void *ctx, const char *text)
{
	struct walk *w = ctx;

	skip_textless(w);
	if (w->at >= sk_GENERAL_NAME_num(w->names) ||
	    !is_name(sk_GENERAL_NAME_value(w->names, w->at), text))
		w->agree = false;
	w->at++;
}

static bool names_agree(const struct cert *c, const X509 *x)
{
	int critical;
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, &critical, NULL);
	struct walk w = { .names = names, .agree = true };

	if (critical == -2)        /* twice: OpenSSL answers nothing, we the first */
		return true;
	cert_each_name(c, compare_next, &w);
	skip_textless(&w);
	if (w.at < sk_GENERAL_NAME_num(names))
		w.agree = false;
	GENERAL_NAMES_free(names);
	return w.agree;
}

/* --- the whole --------------------------------------------------------------------------- */

static const char *objection(const struct cert *c, X509 *x)
{
	const X509_NAME *subject = X509_get_subject_name(x), *issuer = X509_get_issuer_name(x);

	return !digest_agrees(c, x) ? "sha256" :
	    !dates_agree(c, x) ? "dates" :
	    !name_agrees(c->subject_der, subject) ? "subject_der" :
	    !name_agrees(c->issuer_der, issuer) ? "issuer_der" :
	    c->self_issued != (X509_NAME_cmp(subject, issuer) == 0) ? "self_issued" :
	    !constraints_agree(c, x) ? "basic constraints" :
	    !key_usage_agrees(c, x) ? "key_usage" :
	    !ext_key_usage_agrees(c, x) ? "ext_key_usage" :
	    !signature_agrees(c, x) ? "signature" :
	    !key_agrees(c, x) ? "key" :
	    !name_text_agrees(c, cert_subject_text, subject) ? "subject text" :
	    !name_text_agrees(c, cert_issuer_text, issuer) ? "issuer text" :
	    !common_name_agrees(c, subject) ? "common name" :
	    !serial_agrees(c, x) ? "serial" :
	    !names_agree(c, x) ? "names" : NULL;
}

const char *oracle_objection(const struct cert *c, bool *refused)
{
	const unsigned char *at = c->der;
	X509 *x = d2i_X509(NULL, &at, (long)c->der_len);
	const char *what;

	*refused = x == NULL;
	if (x == NULL)
		return NULL;
	what = at == c->der + c->der_len ? objection(c, x) : "length";
	X509_free(x);
	return what;
}
