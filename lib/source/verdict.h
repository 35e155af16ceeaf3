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
	char reason[200];
	struct fetch_chain chain;    /* taken over by fetch */
};

/* Install on a libcurl-given SSL_CTX (passed as void * so that fetch.c needs
 * no OpenSSL header).  Loads trust->ca_file, or the hashed directory, itself.
 * 0, or -1 with *e when the CA file cannot be used.  v outlives the ctx. */
int verdict_install(void *ssl_ctx, struct verdict *v, struct err *e) MUST_USE;

#endif
