/* verdict.h - the one TLS verify callback: captures the chain presented and
 * decides whether to go on, before any credential is sent.  Knows nothing of
 * libcurl. */
#ifndef CHECK_CERTS_VERDICT_H
#define CHECK_CERTS_VERDICT_H

#include <stdbool.h>
#include "lib/source/fetch.h"

enum verdict_outcome {
	VERDICT_NONE,         /* no handshake got that far */
	VERDICT_TRUSTED,      /* chain, name and date verified */
	VERDICT_PINNED,       /* the leaf matches a pin */
	VERDICT_ONLY_EXPIRED, /* refused: all is well but the leaf's date */
	VERDICT_REFUSED,      /* refused: see reason */
	VERDICT_PEEKED        /* a peek: nothing was asked */
};

struct verdict {
	const struct trust *trust;   /* NULL: a peek, accept everything */
	const char *host;            /* name or address that must match; borrowed */
	enum verdict_outcome outcome;
	bool wants_client_cert;      /* the peer asked for one; it may do without */
	char reason[ERR_TEXT_BYTES]; /* one sentence; "" unless refused */
	struct fetch_chain chain;    /* as presented; may be taken by emptying it */
	void *anchors;               /* owned: the CA certificates to trust, loaded by verdict_install */
};

/* Install on a libcurl-given SSL_CTX (passed as void * so that fetch.c needs
 * no OpenSSL header).  Loads trust->ca_file, or the hashed directory, itself
 * and keeps it beside the context, in v: libcurl may exchange the context's
 * store later, even for one shared with other connections.
 * Renegotiation and authentication after the handshake are switched off, so
 * that v is needed only until the one handshake of the connection is over.
 * For a peek every protocol version and cipher that shows a certificate is
 * allowed.
 * 0, or -1 with *e when the CA file cannot be used (ERR_CONFIG). */
int verdict_install(void *ssl_ctx, struct verdict *v, struct err *e) MUST_USE;

/* Frees chain and anchors. */
void verdict_clear(struct verdict *v);

#endif
