/* cert_pem.c - finds the certificates in PEM text.
 *
 * The frame is looked for here, the base64 is OpenSSL's.  PEM_read_bio is not
 * used because it decodes private keys on its way, misses a block that
 * follows an END without a line feed, as "cat a.pem b.pem" makes it, and
 * gives up at the first bad one. */
#include "lib/model/cert.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/model/cert_asn1.h"

#define LABEL_MAX_BYTES 64
#define BODY_MAX_BYTES (2 * CERT_DER_MAX_BYTES)   /* base64 and its line ends */

static const char dashes[] = "-----";
#define N_DASHES (sizeof dashes - 1)

/* A stretch of the text. */
struct span { const char *p; size_t n; };

struct marker {
	bool is_begin;             /* or END */
	struct span label;
	const char *start, *end;   /* the dashes included */
};

struct pem_scan {
	const char *start, *at, *end;
	const char *last_end;      /* where the last END marker ended; NULL before */
};

static bool span_is(struct span s, const char *word)
{
	return s.n == strlen(word) && memcmp(s.p, word, s.n) == 0;
}

static bool starts_with(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && memcmp(p, word, n) == 0;
}

static bool is_one_line(const char *p, const char *end)
{
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	return p == end;
}

/* "-----BEGIN label-----" or END at p? */
static bool marker_at(const char *p, const char *end, struct marker *m)
{
	const char *label, *stop;
	size_t room;

	m->start = p;
	p += N_DASHES;
	m->is_begin = starts_with(p, end, "BEGIN ");
	if (!m->is_begin && !starts_with(p, end, "END "))
		return false;
	label = p + (m->is_begin ? strlen("BEGIN ") : strlen("END "));
	room = (size_t)(end - label);
	stop = memchr(label, '-', room < LABEL_MAX_BYTES ? room : LABEL_MAX_BYTES);
	if (stop == NULL || !starts_with(stop, end, dashes))
		return false;
	if (!is_one_line(label, stop))
		return false;      /* those dashes begin another marker */
	m->label = (struct span){ label, (size_t)(stop - label) };
	m->end = stop + N_DASHES;
	return true;
}

/* A BEGIN counts at the start of a line, blanks and a byte order mark apart,
 * and right behind an END.  Elsewhere it is prose or a comment. */
static bool begins_here(const struct pem_scan *s, const char *p)
{
	while (p > s->start && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	if (p - s->start == 3 && memcmp(s->start, "\xEF\xBB\xBF", 3) == 0)
		return true;
	return p == s->start || p == s->last_end || p[-1] == '\n' || p[-1] == '\r';
}

/* The next marker from s->at on; moves behind it. */
static bool next_marker(struct pem_scan *s, struct marker *m)
{
	const char *p = s->at;

	while ((p = memchr(p, '-', (size_t)(s->end - p))) != NULL) {
		if (!starts_with(p, s->end, dashes) || !marker_at(p, s->end, m) ||
		    (m->is_begin && !begins_here(s, p))) {
			p++;
			continue;
		}
		s->at = m->end;
		if (!m->is_begin)
			s->last_end = m->end;
		return true;
	}
	s->at = s->end;
	return false;
}

static bool is_cert_label(struct span label)
{
	return span_is(label, "CERTIFICATE") || span_is(label, "X509 CERTIFICATE") ||
	    span_is(label, "TRUSTED CERTIFICATE");
}

/* --- one block ------------------------------------------------------------------ */

struct pem_block {
	struct span label, body;
	const char *problem;       /* the frame is broken; NULL: body is good to decode */
};

/* The next certificate block.  What follows a broken frame is looked at
 * again: it may be the next certificate. */
static bool next_block(struct pem_scan *s, struct pem_block *b)
{
	struct marker begin, end;
	struct pem_scan before_end;

	do {
		if (!next_marker(s, &begin))
			return false;
	} while (!begin.is_begin || !is_cert_label(begin.label));
	*b = (struct pem_block){ .label = begin.label };
	before_end = *s;
	if (!next_marker(s, &end)) {
		b->problem = "cut off: no END line";
	} else if (end.is_begin) {
		b->problem = "no END line before the next BEGIN";
		*s = before_end;
	} else if (end.label.n != begin.label.n ||
	    memcmp(end.label.p, begin.label.p, end.label.n) != 0) {
		b->problem = "BEGIN and END lines do not match";
	} else {
		b->body = (struct span){ begin.end, (size_t)(end.start - begin.end) };
	}
	return true;
}

/* Where the line at p ends, its line feed included. */
static const char *line_end(const char *p, const char *end)
{
	const char *feed = memchr(p, '\n', (size_t)(end - p));

	return feed != NULL ? feed + 1 : end;
}

static bool is_blank(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p == end;
}

/* RFC 1421 headers end with an empty line; base64 holds no colon. */
static struct span without_headers(struct span body)
{
	const char *end = body.p + body.n, *p = body.p;

	while (p < end && is_blank(p, line_end(p, end)))
		p = line_end(p, end);
	if (memchr(p, ':', (size_t)(line_end(p, end) - p)) == NULL)
		return body;
	while (p < end && !is_blank(p, line_end(p, end)))
		p = line_end(p, end);
	return (struct span){ p, (size_t)(end - p) };
}

/* --- the reader ------------------------------------------------------------------- */

struct pem_reader {
	EVP_ENCODE_CTX *base64;
	unsigned char *der;        /* room for the largest block so far */
	size_t der_cap;
	struct cert_reading reading;
};

/* The body's bytes into r->der; their number in *n. */
static int decode_body(struct pem_reader *r, struct span body, size_t *n, struct err *e)
{
	int head = 0, tail = 0;

	if (r->base64 == NULL)
		return err_set(e, ERR_IO, "out of memory");
	body = without_headers(body);
	if (body.n > BODY_MAX_BYTES)
		return err_set(e, ERR_ANSWER, "larger than %u bytes of text", BODY_MAX_BYTES);
	/* OpenSSL would take a '-' for the end of the data */
	if (body.n > 0 && memchr(body.p, '-', body.n) != NULL)
		return err_set(e, ERR_ANSWER, "not base64");
	r->der = mem_grow(r->der, &r->der_cap, body.n / 4 * 3 + 3, 1);
	EVP_DecodeInit(r->base64);
	if (EVP_DecodeUpdate(r->base64, r->der, &head, (const unsigned char *)body.p,
	    (int)body.n) < 0 || EVP_DecodeFinal(r->base64, r->der + head, &tail) < 0)
		return err_set(e, ERR_ANSWER, "not base64");
	*n = (size_t)head + (size_t)tail;
	return 0;
}

static struct cert *read_block(struct pem_reader *r, const struct pem_block *b, struct err *e)
{
	bool trust_ok = span_is(b->label, "TRUSTED CERTIFICATE");
	size_t n = 0;

	if (b->problem != NULL) {
		err_set(e, ERR_ANSWER, "%s", b->problem);
		return NULL;
	}
	if (decode_body(r, b->body, &n, e))
		return NULL;
	return cert_read_der(&r->reading, r->der, n, trust_ok, e);
}

static bool give_block(struct pem_reader *r, const struct pem_block *b, size_t index,
    cert_take_fn *take, void *ctx)
{
	struct cert *c = NULL;
	struct err e = { 0 };

	if (index >= CERT_PEM_BLOCKS_MAX)
		err_set(&e, ERR_ANSWER, "more than %u certificates: the rest was not read",
		    CERT_PEM_BLOCKS_MAX);
	else
		c = read_block(r, b, &e);
	return take(ctx, index, c, c == NULL ? e.text : NULL) && index < CERT_PEM_BLOCKS_MAX;
}

static struct pem_scan scan_of(const char *text, size_t n)
{
	if (n == 0)
		text = "";   /* NULL is allowed */
	return (struct pem_scan){ .start = text, .at = text, .end = text + n };
}

size_t cert_read_pem(const char *text, size_t n, cert_take_fn *take, void *ctx)
{
	struct pem_scan scan = scan_of(text, n);
	struct pem_reader reader = { .base64 = EVP_ENCODE_CTX_new() };
	struct pem_block block;
	size_t n_blocks = 0;
	bool more = true;

	while (more && next_block(&scan, &block))
		more = give_block(&reader, &block, n_blocks++, take, ctx);
	EVP_ENCODE_CTX_free(reader.base64);
	free(reader.der);
	cert_reading_clear(&reader.reading);
	return n_blocks;
}

bool cert_looks_like_pem(const char *text, size_t n)
{
	struct pem_scan scan = scan_of(text, n);
	struct pem_block block;

	return next_block(&scan, &block);
}

int cert_to_pem(const struct cert *c, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n = 0;
	int failed = -1;

	if (bio != NULL && PEM_write_bio(bio, PEM_STRING_X509, "", c->der, (long)c->der_len) > 0)
		n = BIO_get_mem_data(bio, &text);
	if (n > 0)
		failed = buf_add(out, text, (size_t)n);
	else
		ERR_clear_error();
	BIO_free(bio);
	return failed;
}
