/* cert.c - a certificate's facts from its DER. */
#include "lib/model/cert.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/model/cert_asn1.h"

#define DATE_SHOWN_BYTES 40

/* --- dates ------------------------------------------------------------------ */

static int read_date(const ASN1_TIME *t, const char *what, int64_t *out_at, struct err *e)
{
	struct tm tm;

	int n = ASN1_STRING_length(t);

	/* not timegm, which POSIX does not have */
	if (ASN1_TIME_to_tm(t, &tm) && text_from_civil((int64_t)tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, out_at) == 0)
		return 0;
	return err_set(e, ERR_ANSWER, "%s is not a date: \"%.*s\"", what,
	    n < DATE_SHOWN_BYTES ? n : DATE_SHOWN_BYTES, (const char *)ASN1_STRING_get0_data(t));
}

static int read_dates(const struct asn1_validity *v, struct cert *c, struct err *e)
{
	if (read_date(v->not_before, "notBefore", &c->not_before_at, e) ||
	    read_date(v->not_after, "notAfter", &c->not_after_at, e))
		return -1;
	c->has_not_before = c->has_not_after = true;
	return 0;
}

/* --- names -------------------------------------------------------------------- */

static void remember_issuer(struct cert_reading *r, struct cert_bytes issuer)
{
	r->issuer = mem_grow(r->issuer, &r->issuer_cap, issuer.n, 1);
	memcpy(r->issuer, issuer.p, issuer.n);
	r->issuer_len = issuer.n;
}

static int read_names(struct cert_reading *r, const struct asn1_tbs *tbs, struct cert *c,
    struct err *e)
{
	struct cert_bytes known = { r->issuer, r->issuer_len };

	if (!asn1_name_is_sound(tbs->subject))
		return err_set(e, ERR_ANSWER, "the subject is not a name");
	if (r->issuer == NULL || !asn1_bytes_equal(tbs->issuer, known)) {
		if (!asn1_name_is_sound(tbs->issuer))
			return err_set(e, ERR_ANSWER, "the issuer is not a name");
		remember_issuer(r, tbs->issuer);
	}
	c->subject_der = tbs->subject;
	c->issuer_der = tbs->issuer;
	c->self_issued = asn1_names_equal(tbs->subject, tbs->issuer);
	return 0;
}

/* --- the whole ------------------------------------------------------------------------ */

static int check_tail(const unsigned char *tail, size_t n, bool trust_ok, struct err *e)
{
	const unsigned char *at = tail;
	X509_CERT_AUX *trust = NULL;

	if (n == 0)
		return 0;
	if (trust_ok) {
		trust = d2i_X509_CERT_AUX(NULL, &at, (long)n);
		X509_CERT_AUX_free(trust);
	}
	if (trust != NULL && at == tail + n)
		return 0;
	return err_set(e, ERR_ANSWER, "%zu byte%s behind the end of the certificate", n,
	    n == 1 ? "" : "s");
}

static int read_digest(struct cert_reading *r, struct cert *c, struct err *e)
{
	if (r->sha256 == NULL)
		r->sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	if (r->sha256 == NULL ||
	    !EVP_Digest(c->der, c->der_len, c->sha256, NULL, r->sha256, NULL))
		return asn1_fail(e, "SHA-256 does not work");
	return 0;
}

static int read_facts(struct cert_reading *r, const struct asn1_cert *a, struct cert *c,
    struct err *e)
{
	if (read_dates(&a->tbs.validity, c, e) || read_names(r, &a->tbs, c, e) ||
	    asn1_extension_facts(a->tbs.extensions, c, e))
		return -1;
	asn1_signature_facts(a->signature_algorithm, c);
	asn1_key_facts(&a->tbs.key, c->der, c->der_len, c);
	return read_digest(r, c, e);
}

static int check_size(size_t n, struct err *e)
{
	if (n == 0)
		return err_set(e, ERR_ANSWER, "empty");
	if (n > CERT_DER_MAX_BYTES)
		return err_set(e, ERR_ANSWER, "larger than %u bytes", CERT_DER_MAX_BYTES);
	return 0;
}

struct cert *cert_read_der(struct cert_reading *r, const unsigned char *der, size_t n,
    bool trust_ok, struct err *e)
{
	struct asn1_cert *a = NULL;
	struct cert *c;
	int failed = -1;

	if (check_size(n, e))
		return NULL;
	ERR_set_mark();
	c = mem_alloc(sizeof *c);
	c->form = CERT_PARSED;
	c->der = mem_dup(der, n);    /* first: the names stay slices of it */
	a = asn1_cert_decode(c->der, n, &c->der_len, e);
	if (a == NULL || check_tail(c->der + c->der_len, n - c->der_len, trust_ok, e))
		goto out;
	failed = read_facts(r, a, c, e);
out:
	asn1_cert_free(a);
	ERR_pop_to_mark();
	if (failed) {
		cert_free(c);
		c = NULL;
	}
	return c;
}

void cert_reading_clear(struct cert_reading *r)
{
	EVP_MD_free(r->sha256);
	free(r->issuer);
	*r = (struct cert_reading){ 0 };
}

struct cert *cert_from_der(const unsigned char *der, size_t n, struct err *e)
{
	struct cert_reading r = { 0 };
	struct cert *c = cert_read_der(&r, der, n, false, e);

	cert_reading_clear(&r);
	return c;
}

struct cert *cert_reported(const char *issuer, const int64_t *not_before_at,
    const int64_t *not_after_at, int is_ca)
{
	struct cert *c = mem_alloc(sizeof *c);

	c->form = CERT_REPORTED;
	c->reported_issuer = mem_strdup(issuer);
	c->has_not_before = not_before_at != NULL;
	c->has_not_after = not_after_at != NULL;
	c->not_before_at = c->has_not_before ? *not_before_at : 0;
	c->not_after_at = c->has_not_after ? *not_after_at : 0;
	c->is_ca = is_ca > 0;
	return c;
}

struct cert *cert_unreadable(const char *problem)
{
	struct cert *c = mem_alloc(sizeof *c);

	c->form = CERT_UNREADABLE;
	c->problem = mem_strdup(problem);
	return c;
}

void cert_free(struct cert *c)
{
	if (c == NULL)
		return;
	free(c->der);
	free(c->reported_issuer);
	free(c->problem);
	free(c);
}

int cert_compare(const struct cert *a, const struct cert *b)
{
	int order = memcmp(a->sha256, b->sha256, CERT_SHA256_BYTES);

	return (order > 0) - (order < 0);
}

void cert_sha256_hex(const struct cert *c, char out[2 * CERT_SHA256_BYTES + 1])
{
	text_hex(c->sha256, CERT_SHA256_BYTES, out);
}
