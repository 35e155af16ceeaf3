/* chain.c - certificates in a row, as OpenSSL's own verification sees them.
 *
 * The error queue of OpenSSL is shared with the TLS code of the same thread:
 * every function here leaves it as it was. */
#include "lib/model/chain.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <limits.h>
#include <stdlib.h>
#include "lib/base/mem.h"
#include "lib/model/cert_asn1.h"

/* The store is made when the first chain asks for it: most runs have none. */
struct anchors {
	struct cert **certs;
	size_t n, cap;
	X509_STORE **store;            /* a box, so that reading can fill it */
};

struct chain {
	X509 *x[CHAIN_MAX];
	size_t n;
};

/* --- trust anchors -------------------------------------------------------------- */

struct anchor_reader {
	struct anchors *a;
	struct err *e;
	bool failed;
};

static bool take_anchor(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	struct anchor_reader *r = ctx;

	r->failed = cert == NULL;
	if (r->failed) {
		err_set(r->e, ERR_CONFIG, "certificate %zu cannot be used: %s", index + 1, problem);
		return false;
	}
	r->a->certs = mem_grow(r->a->certs, &r->a->cap, r->a->n + 1, sizeof *r->a->certs);
	r->a->certs[r->a->n++] = cert;
	return true;
}

struct anchors *anchors_read(const char *pem, size_t n, struct err *e)
{
	struct anchors *a = mem_alloc(sizeof *a);
	struct anchor_reader r = { .a = a, .e = e };

	a->store = mem_alloc(sizeof *a->store);
	cert_read_pem(pem, n, take_anchor, &r);
	if (!r.failed && a->n == 0) {
		err_set(e, ERR_CONFIG, "holds no PEM certificate");
		r.failed = true;
	}
	if (!r.failed)
		return a;
	anchors_free(a);
	return NULL;
}

static X509 *read_whole(const struct cert *c)
{
	const unsigned char *at = c->der;

	return d2i_X509(NULL, &at, (long)c->der_len);
}

/* NULL when it cannot be made of all of them. */
static X509_STORE *store_of(const struct anchors *a)
{
	X509_STORE *store = *a->store != NULL ? *a->store : X509_STORE_new();

	if (store == NULL || store == *a->store)
		return store;
	for (size_t i = 0; i < a->n; i++) {
		X509 *x = read_whole(a->certs[i]);
		bool added = x != NULL && X509_STORE_add_cert(store, x);

		X509_free(x);
		if (added)
			continue;
		X509_STORE_free(store);
		return NULL;
	}
	*a->store = store;
	return store;
}

void anchors_free(struct anchors *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->n; i++)
		cert_free(a->certs[i]);
	free(a->certs);
	X509_STORE_free(*a->store);
	free(a->store);
	free(a);
}

/* --- a chain ---------------------------------------------------------------------- */

struct chain *chain_open(const struct cert *const *certs, size_t n, struct err *e)
{
	struct chain *c = mem_alloc(sizeof *c);

	ERR_set_mark();
	if (n == 0 || n > CHAIN_MAX)
		err_set(e, ERR_REFUSED, "has %zu certificates, of at most %d", n, CHAIN_MAX);
	for (; c->n < n && n <= CHAIN_MAX; c->n++) {
		c->x[c->n] = certs[c->n]->der != NULL ? read_whole(certs[c->n]) : NULL;
		if (c->x[c->n] != NULL)
			continue;
		err_set(e, ERR_ANSWER, "certificate %zu of %zu cannot be read in full", c->n + 1, n);
		break;
	}
	ERR_pop_to_mark();
	if (n > 0 && c->n == n)
		return c;
	chain_close(c);
	return NULL;
}

void chain_close(struct chain *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		X509_free(c->x[i]);
	free(c);
}

size_t chain_n(const struct chain *c)
{
	return c->n;
}

bool chain_is_ordered(const struct chain *c, size_t *at)
{
	for (size_t i = 0; i + 1 < c->n; i++)
		if (X509_NAME_cmp(X509_get_issuer_name(c->x[i]),
		    X509_get_subject_name(c->x[i + 1])) != 0) {
			*at = i;
			return false;
		}
	return true;
}

bool chain_is_complete(const struct chain *c)
{
	const X509 *last = c->x[c->n - 1];

	return X509_NAME_cmp(X509_get_issuer_name(last), X509_get_subject_name(last)) == 0;
}

/* --- verification ------------------------------------------------------------------- */

/* The leaf's dates are judged elsewhere; every other error counts. */
static int forgive_the_leafs_dates(int ok, X509_STORE_CTX *ctx)
{
	int error = X509_STORE_CTX_get_error(ctx);
	bool is_date = error == X509_V_ERR_CERT_HAS_EXPIRED ||
	    error == X509_V_ERR_CERT_NOT_YET_VALID;

	return ok || (is_date && X509_STORE_CTX_get_error_depth(ctx) == 0);
}

static STACK_OF(X509) *issuers_of(const struct chain *c)
{
	STACK_OF(X509) *sk = sk_X509_new_null();

	for (size_t i = 1; sk != NULL && i < c->n; i++)
		if (sk_X509_push(sk, c->x[i]) <= 0) {
			sk_X509_free(sk);
			return NULL;
		}
	return sk;
}

static void tell_error(X509_STORE_CTX *ctx, size_t n, struct err *e)
{
	err_set(e, ERR_REFUSED, "%s (certificate %d of %zu)",
	    X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)),
	    X509_STORE_CTX_get_error_depth(ctx) + 1, n);
}

/* Under a store; purpose NULL: any; now_at NULL: the flags say what of the dates. */
static int verify_in(const struct chain *c, X509_STORE *store, unsigned long flags,
    const char *purpose, const int64_t *now_at, struct err *e)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *issuers = issuers_of(c);
	X509_VERIFY_PARAM *param;
	int failed = -1;

	if (store == NULL) {
		err_set(e, ERR_REFUSED, "the trusted certificates cannot be read in full");
		goto out;
	}
	if (ctx == NULL || issuers == NULL ||
	    !X509_STORE_CTX_init(ctx, store, c->x[0], issuers) ||
	    (purpose != NULL && !X509_STORE_CTX_set_default(ctx, purpose))) {
		err_set(e, ERR_IO, "cannot be verified: OpenSSL is out of memory");
		goto out;
	}
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, flags);
	if (now_at != NULL)
		X509_VERIFY_PARAM_set_time(param, (time_t)*now_at);
	X509_STORE_CTX_set_verify_cb(ctx, forgive_the_leafs_dates);
	failed = X509_verify_cert(ctx) == 1 ? 0 : -1;
	if (failed)
		tell_error(ctx, c->n, e);
out:
	sk_X509_free(issuers);
	X509_STORE_CTX_free(ctx);
	return failed;
}

int chain_verify(const struct chain *c, bool with_own, struct err *e)
{
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME |
	    (with_own ? X509_V_FLAG_CHECK_SS_SIGNATURE : 0);
	X509_STORE *last;
	int failed;

	ERR_set_mark();
	last = X509_STORE_new();
	if (last != NULL && !X509_STORE_add_cert(last, c->x[c->n - 1])) {
		X509_STORE_free(last);
		last = NULL;
	}
	failed = verify_in(c, last, flags, NULL, NULL, e);
	X509_STORE_free(last);
	ERR_pop_to_mark();
	return failed;
}

int chain_verify_under(const struct chain *c, const struct anchors *a, int64_t now_at,
    struct err *e)
{
	int failed;

	ERR_set_mark();
	/* Who names an intermediate, or the very leaf, trusts it. */
	failed = verify_in(c, store_of(a), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN,
	    "ssl_server", &now_at, e);
	ERR_pop_to_mark();
	return failed;
}

/* --- the leaf ------------------------------------------------------------------------- */

bool chain_covers(const struct chain *c, const char *name)
{
	bool covers;

	ERR_set_mark();
	covers = asn1_covers(c->x[0], name);
	ERR_pop_to_mark();
	return covers;
}

/* A key that wants a passphrase gets none: nobody is there to be asked. */
static int no_passphrase(char *out, int size, int rwflag, void *ctx)
{
	(void)out;
	(void)size;
	(void)rwflag;
	(void)ctx;
	return -1;
}

int chain_key_matches(const struct chain *c, const struct secret *pem, struct err *e)
{
	EVP_PKEY *key = NULL;
	BIO *bio = NULL;
	int failed = -1;

	ERR_set_mark();
	if (pem->bytes != NULL && pem->len <= INT_MAX)
		bio = BIO_new_mem_buf(pem->bytes, (int)pem->len);
	if (bio != NULL)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	if (key == NULL)
		err_set(e, ERR_CONFIG, "the private key cannot be read: want PEM without a "
		    "passphrase");
	else if (X509_check_private_key(c->x[0], key) != 1)
		err_set(e, ERR_REFUSED, "the private key does not belong to the certificate");
	else
		failed = 0;
	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_pop_to_mark();
	return failed;
}
