/* verdict.c - looks at the certificates of a handshake and decides. */
#include "lib/source/verdict.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#ifndef CHECK_CERTS_CA_PATH
#define CHECK_CERTS_CA_PATH "/etc/ssl/certs"
#endif

#define NAMES_SHOWN_BYTES 120

/* The first thing wrong with a chain, the leaf's expiry apart. */
struct trouble {
	int error;           /* X509_V_*; X509_V_OK: none */
	int depth;
	bool leaf_expired;
};

/* --- why not: one sentence each ------------------------------------------- */

static const char *anchors(const struct verdict *v)
{
	return v->trust->ca_file != NULL ? v->trust->ca_file : CHECK_CERTS_CA_PATH;
}

static void refuse(struct verdict *v, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void refuse(struct verdict *v, const char *fmt, ...)
{
	va_list args;

	v->outcome = VERDICT_REFUSED;
	va_start(args, fmt);
	vsnprintf(v->reason, sizeof v->reason, fmt, args);
	va_end(args);
}

static void refuse_untrusted(struct verdict *v, const struct cert *leaf, int depth)
{
	struct buf issuer;

	(void)depth;
	buf_init(&issuer, NAMES_SHOWN_BYTES);
	cert_issuer_text(leaf, &issuer);
	refuse(v, "its certificate is not signed by a CA in %s (issuer \"%s\"), "
	    "name the file with the right CA in ca_file", anchors(v), buf_str(&issuer));
	buf_clear(&issuer);
}

static void add_name(void *ctx, const char *name)
{
	struct buf *names = ctx;

	if (names->len > 0)
		buf_adds(names, ", ");
	buf_adds(names, name);
}

static void refuse_name(struct verdict *v, const struct cert *leaf, int depth)
{
	struct buf names;

	(void)depth;
	buf_init(&names, NAMES_SHOWN_BYTES);
	cert_each_name(leaf, add_name, &names);
	if (names.len == 0)
		cert_common_name(leaf, &names);
	refuse(v, "its certificate is not for %s but for %s%s, use one of its names in the url",
	    v->host, names.len > 0 ? buf_str(&names) : "no name at all", names.overflow ? " ..." : "");
	buf_clear(&names);
}

static void refuse_early(struct verdict *v, const struct cert *leaf, int depth)
{
	char at[TEXT_TIME_BYTES];

	if (depth > 0)
		refuse(v, "a CA certificate of its chain is not yet valid, check the clocks");
	else
		refuse(v, "its certificate is not valid before %s, check the clocks",
		    text_from_time(leaf->not_before_at, at));
}

static void refuse_expired_ca(struct verdict *v, const struct cert *leaf, int depth)
{
	(void)leaf;
	refuse(v, "a CA certificate of its chain has expired (number %d above the leaf), "
	    "see that the server sends the new chain and ca_file holds the new CA", depth);
}

static void refuse_only_expired(struct verdict *v, const struct cert *leaf)
{
	char at[TEXT_TIME_BYTES], hex[2 * CERT_SHA256_BYTES + 1];

	cert_sha256_hex(leaf, hex);
	refuse(v, "its certificate expired at %s, nothing else is wrong with it, no credentials "
	    "were sent, renew it, or set pin_sha256 = %s to poll until then",
	    text_from_time(leaf->not_after_at, at), hex);
	v->outcome = VERDICT_ONLY_EXPIRED;
}

static const struct {
	int error;
	void (*refuse)(struct verdict *v, const struct cert *leaf, int depth);
} refusals[] = {
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,         refuse_untrusted },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, refuse_untrusted },
	{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,   refuse_untrusted },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,       refuse_untrusted },
	{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,         refuse_untrusted },
	{ X509_V_ERR_CERT_UNTRUSTED,                    refuse_untrusted },
	{ X509_V_ERR_HOSTNAME_MISMATCH,                 refuse_name },
	{ X509_V_ERR_IP_ADDRESS_MISMATCH,               refuse_name },
	{ X509_V_ERR_CERT_NOT_YET_VALID,                refuse_early },
	{ X509_V_ERR_CERT_HAS_EXPIRED,                  refuse_expired_ca },
};

static void refuse_for(struct verdict *v, const struct cert *leaf, const struct trouble *t)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (refusals[i].error == t->error) {
			refusals[i].refuse(v, leaf, t->depth);
			return;
		}
	refuse(v, "its certificate chain does not verify: %s (certificate %d, 0 is the leaf)",
	    X509_verify_cert_error_string(t->error), t->depth);
}

/* --- the decision ------------------------------------------------------------ */

static void keep_chain(struct verdict *v, X509_STORE_CTX *handshake)
{
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(handshake);
	const int n = sent != NULL ? sk_X509_num(sent) : 0;

	fetch_chain_clear(&v->chain);
	for (int i = 0; i < n; i++) {
		X509 *x = sk_X509_value(sent, i);
		const int len = i2d_X509(x, NULL);
		unsigned char *to;

		if (v->chain.n == FETCH_CHAIN_MAX || len <= 0) {
			v->chain.n_cut++;
			continue;
		}
		to = v->chain.v[v->chain.n].der = mem_alloc((size_t)len);
		v->chain.v[v->chain.n++].len = (size_t)len;
		i2d_X509(x, &to);
	}
}

static bool matches_a_pin(const struct verdict *v, const uint8_t sha256[CERT_SHA256_BYTES])
{
	for (size_t i = 0; i < v->trust->n_pins; i++)
		if (memcmp(v->trust->pins[i], sha256, CERT_SHA256_BYTES) == 0)
			return true;
	return false;
}

static void judge_pin(struct verdict *v)
{
	uint8_t sha256[CERT_SHA256_BYTES];
	char hex[2 * CERT_SHA256_BYTES + 1];

	if (!EVP_Digest(v->chain.v[0].der, v->chain.v[0].len, sha256, NULL, EVP_sha256(), NULL)) {
		refuse(v, "the fingerprint of its certificate cannot be computed");
		return;
	}
	if (matches_a_pin(v, sha256)) {
		v->outcome = VERDICT_PINNED;
		return;
	}
	text_hex(sha256, sizeof sha256, hex);
	refuse(v, "its certificate matches no pin_sha256 of this target, its fingerprint is %s, "
	    "if it was renewed on purpose set that one", hex);
}

/* Every error of the chain comes by here; only the leaf's own expiry lets the
 * search for others go on. */
static int note_trouble(int ok, X509_STORE_CTX *store_ctx)
{
	struct trouble *t = X509_STORE_CTX_get_app_data(store_ctx);
	const int error = X509_STORE_CTX_get_error(store_ctx);
	const int depth = X509_STORE_CTX_get_error_depth(store_ctx);

	if (ok)
		return 1;
	if (error == X509_V_ERR_CERT_HAS_EXPIRED && depth == 0) {
		t->leaf_expired = true;
		return 1;
	}
	t->error = error;
	t->depth = depth;
	return 0;
}

static int expect_name(X509_VERIFY_PARAM *param, const char *host)
{
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_ip_asc(param, host) || X509_VERIFY_PARAM_set1_host(param, host, 0);
}

/* Signatures, purposes, names and dates of the chain that handshake holds.
 * 0, or -1 when the verification could not even begin. */
static int verify(const struct verdict *v, X509_STORE_CTX *handshake, struct trouble *t)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(handshake, SSL_get_ex_data_X509_STORE_CTX_idx());
	X509_STORE_CTX *own = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int verified = -1;

	if (own == NULL || !X509_STORE_CTX_init(own, v->anchors, X509_STORE_CTX_get0_cert(handshake),
	    X509_STORE_CTX_get0_untrusted(handshake)))
		goto out;
	param = X509_STORE_CTX_get0_param(own);
	if (!X509_STORE_CTX_set_default(own, "ssl_server") || !expect_name(param, v->host))
		goto out;
	X509_VERIFY_PARAM_set_auth_level(param, SSL_get_security_level(ssl));
	X509_STORE_CTX_set_app_data(own, t);
	X509_STORE_CTX_set_verify_cb(own, note_trouble);
	verified = X509_verify_cert(own);
	if (verified != 1 && t->error == X509_V_OK)
		t->error = X509_STORE_CTX_get_error(own);
out:
	X509_STORE_CTX_free(own);
	return verified == 1 || t->error != X509_V_OK ? 0 : -1;
}

static void judge_chain(struct verdict *v, X509_STORE_CTX *handshake)
{
	struct trouble t = { .error = X509_V_OK };
	const int failed = verify(v, handshake, &t);
	struct cert *leaf = NULL;
	struct err e = { 0 };

	if (!failed && t.error == X509_V_OK && !t.leaf_expired) {
		v->outcome = VERDICT_TRUSTED;
		return;
	}
	leaf = cert_from_der(v->chain.v[0].der, v->chain.v[0].len, &e);
	if (failed)
		refuse(v, "its certificate chain cannot be verified");
	else if (leaf == NULL)
		refuse(v, "its certificate cannot be read: %s", e.text);
	else if (t.error == X509_V_OK)
		refuse_only_expired(v, leaf);
	else
		refuse_for(v, leaf, &t);
	cert_free(leaf);
}

/* Instead of X509_verify_cert: 1 to go on, 0 to end the handshake. */
static int on_certificate(X509_STORE_CTX *handshake, void *arg)
{
	struct verdict *v = arg;
	bool go_on;

	keep_chain(v, handshake);
	if (v->trust == NULL)
		v->outcome = VERDICT_PEEKED;
	else if (v->chain.n == 0)
		refuse(v, "it presented no certificate that can be read");
	else if (v->trust->n_pins > 0)
		judge_pin(v);
	else
		judge_chain(v, handshake);
	go_on = v->outcome == VERDICT_PEEKED || v->outcome == VERDICT_PINNED ||
	    v->outcome == VERDICT_TRUSTED;
	/* The caller looks at this error too, not only at what is returned. */
	X509_STORE_CTX_set_error(handshake, go_on ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
	return go_on;
}

/* For sentences only: what follows is as if this had not been called. */
static int on_client_cert_wanted(SSL *ssl, void *arg)
{
	struct verdict *v = arg;

	(void)ssl;
	v->wants_client_cert = true;
	return 1;
}

/* --- trust anchors ----------------------------------------------------------- */

static int add_anchors(X509_STORE *store, BIO *pem, const char *path, struct err *e)
{
	size_t n = 0;
	X509 *x;

	while ((x = PEM_read_bio_X509_AUX(pem, NULL, NULL, NULL)) != NULL) {
		const int added = X509_STORE_add_cert(store, x);

		X509_free(x);
		if (!added)
			return err_set(e, ERR_CONFIG, "ca_file %s: certificate %zu cannot be used", path, n + 1);
		n++;
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return err_set(e, ERR_CONFIG, "ca_file %s: certificate %zu cannot be read", path, n + 1);
	if (n == 0)
		return err_set(e, ERR_CONFIG, "ca_file %s holds no PEM certificate", path);
	return 0;
}

static int load_ca_file(X509_STORE *store, const char *path, struct err *e)
{
	struct buf text;
	BIO *pem = NULL;
	int failed = -1;

	buf_init(&text, TRUST_CA_FILE_MAX_BYTES);
	if (fileio_read(path, &text, e) != 0) {
		if (e != NULL)
			e->code = ERR_CONFIG;
		err_prefix(e, "ca_file");
		goto out;
	}
	pem = BIO_new_mem_buf(buf_str(&text), (int)text.len);
	if (pem == NULL)
		err_set(e, ERR_CONFIG, "ca_file %s cannot be read", path);
	else
		failed = add_anchors(store, pem, path, e);
out:
	BIO_free(pem);
	buf_clear(&text);
	ERR_clear_error();                 /* the caller's handshake looks at the same queue */
	return failed;
}

static int load_anchors(struct verdict *v, struct err *e)
{
	X509_STORE *store = v->anchors = X509_STORE_new();

	if (store == NULL)
		return err_set(e, ERR_IO, "no certificate store can be made");
	/* Who names an intermediate, or the very leaf, trusts it. */
	X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
	if (v->trust->ca_file != NULL)
		return load_ca_file(store, v->trust->ca_file, e);
	if (!X509_STORE_load_path(store, CHECK_CERTS_CA_PATH))
		return err_set(e, ERR_CONFIG, "the system's CA directory %s cannot be used, set ca_file",
		    CHECK_CERTS_CA_PATH);
	return 0;
}

static void allow_everything(SSL_CTX *ctx)
{
	SSL_CTX_set_min_proto_version(ctx, 0);
	SSL_CTX_set_max_proto_version(ctx, 0);
	SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0");
	SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT);
}

int verdict_install(void *ssl_ctx, struct verdict *v, struct err *e)
{
	SSL_CTX *ctx = ssl_ctx;

	verdict_clear(v);                  /* a GET may get a second connection */
	v->outcome = VERDICT_NONE;
	v->reason[0] = '\0';
	v->wants_client_cert = false;
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_post_handshake_auth(ctx, 0);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, on_certificate, v);
	SSL_CTX_set_cert_cb(ctx, on_client_cert_wanted, v);
	if (v->trust == NULL)
		allow_everything(ctx);
	else if (v->trust->n_pins == 0)
		return load_anchors(v, e);
	return 0;
}

void verdict_clear(struct verdict *v)
{
	fetch_chain_clear(&v->chain);
	X509_STORE_free(v->anchors);
	v->anchors = NULL;
}
