/* samples.h - inventories to judge and to print, always the same bytes.
 *
 * Certificates are made here with fixed keys and dates, signed by Ed25519,
 * whose signatures are the same every time. */
#ifndef CHECK_CERTS_SAMPLES_H
#define CHECK_CERTS_SAMPLES_H

#include <stddef.h>
#include <stdint.h>
#include "lib/judge/policy.h"
#include "lib/judge/report.h"
#include "lib/model/inventory.h"

#define SAMPLE_NOW INT64_C(1795305600)   /* 2026-11-22T00:00:00Z */
#define SAMPLE_DAY INT64_C(86400)

/* A real certificate.  What is left out: one name, CA:FALSE, RSA 2048. */
struct sample_cert {
	const char *cn;              /* subject; bytes as they are */
	size_t cn_len;               /* 0: strlen */
	const char *issuer;          /* NULL: self-signed */
	const char *san;             /* "DNS:a,IP:1.2.3.4" as OpenSSL reads it; NULL: none */
	int64_t not_before_at;       /* 0: a year before SAMPLE_NOW */
	int64_t not_after_at;
	int rsa_bits;                /* 0: 2048; -1: Ed25519 */
	bool is_ca, no_constraints;
};
size_t sample_add(struct inventory *inv, const struct sample_cert *c);

/* Facts without bytes behind them, for rules and for large numbers; ends at
 * not_after_at, began a year before SAMPLE_NOW.  Two are never equal.  May be
 * changed through inv->certs. */
size_t sample_fake(struct inventory *inv, int64_t not_after_at);

/* A source that was read in full. */
size_t sample_source(struct inventory *inv, const char *name, enum source_kind kind,
    const char *version);

/* A leaf that a listener showed, as the given service of a node when service
 * is not NULL. */
struct sighting *sample_served(struct inventory *inv, size_t cert, size_t source,
    const char *endpoint, const char *service, const char *node);

/* An exception; everything is copied. */
void sample_ignore(struct policy *p, enum ignore_match match, const char *pattern,
    int64_t until_at);

/* A sighting by an API, with a use when service is not NULL; the node's id is
 * "id-of-" and its name. */
struct sighting *sample_row(struct inventory *inv, size_t cert, size_t source, const char *name,
    const char *service, const char *node_name);

struct sample {
	struct inventory inv;
	struct policy policy;
	struct report report;
	int64_t run_ms;
};

/* The samples by name; each fills an initialised inventory and policy. */
struct sample_kind {
	const char *name;
	void (*build)(struct sample *s);
};
extern const struct sample_kind sample_kinds[];
extern const size_t sample_n_kinds;

/* Build and judge at SAMPLE_NOW; k may be NULL: nothing is built, judge later. */
void sample_open(struct sample *s, const struct sample_kind *k);
void sample_close(struct sample *s);

/* Judge (again). */
void sample_judge(struct sample *s, int64_t now_at);

/* The item of a certificate in the report, by its index in the inventory. */
const struct item *sample_item(const struct sample *s, size_t cert);

/* The finding with that id, or NULL. */
const struct finding *sample_finding(const struct findings *f, const char *id);

#endif
