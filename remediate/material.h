/* material.h - where the new certificate comes from, as far as it can be known
 * before anything is changed.
 *
 * existing: nothing is here; plan.h chooses among the rows of the trust store.
 * pem: the chain and whether its key matches, checked here.  command and
 * self-signed: what will be asked for; the leaf is made by the step itself
 * (material_issue), inside the run, and checked by the same rules before
 * anything is sent. */
#ifndef CHECK_CERTS_MATERIAL_H
#define CHECK_CERTS_MATERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "lib/model/cert.h"
#include "remediate/mandate.h"

#define MATERIAL_CHAIN_MAX 10

struct material {
	enum replacement kind;
	struct cert *chain[MATERIAL_CHAIN_MAX];   /* owned, as in the file; pem only */
	size_t n_chain;
	struct err err;          /* why it cannot be used: the plan refuses with it */
};

/* Look at what the mandate names: reads the files of pem:, checks that they
 * are ours alone and that the key belongs to the leaf, and forgets the key
 * again.  Cannot fail: what is wrong is in err. */
void material_look(const struct mandate *m, struct material *out);
void material_clear(struct material *mt);

/* For material_issue.c.  The certificates of a text into mt, name is for the
 * message; and those and the key of pem:, whose key must belong to the leaf. */
int material_take(struct material *mt, const char *name, const char *text, size_t n,
    struct err *e) MUST_USE;
int material_read(const struct mandate *m, struct material *mt, struct secret *key,
    struct err *e) MUST_USE;

/* What a new certificate shall be made for. */
struct material_wish {
	const char *subject;     /* "CN=...,O=..."; NULL: subject of the old one */
	const struct cert *old;  /* NULL: none is known (a host) */
	const char *const *names;     /* DNS names and IP addresses that must be in it */
	size_t n_names;
	bool wants_client;       /* extendedKeyUsage clientAuth beside serverAuth */
};

/* The goods: chain leaf to root as PEM with line feeds, and the private key. */
struct goods {
	struct buf chain_pem;
	struct secret key_pem;
	char sha256[2 * CERT_SHA256_BYTES + 1];   /* of the leaf */
	int64_t made_at;         /* by when they are judged: what is issued begins now */
};

/* Read (pem), or make and have issued (command, self-signed here), the goods;
 * the key exists in memory only.  The chain is judged as a replacement before
 * it is handed over.  ERR_CONFIG, ERR_IO; ERR_REFUSED: what is wrong with the
 * certificate; ERR_TIMEOUT: the program took too long. */
int material_issue(const struct mandate *m, const struct material_wish *wish, int64_t now_at,
    struct goods *out, struct err *e) MUST_USE;
void goods_wipe(struct goods *g);

#endif
