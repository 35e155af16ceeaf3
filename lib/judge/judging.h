/* judging.h - what the parts of the judgement share; private to lib/judge.
 *
 * evaluate.c opens a judging, makes a subject of each certificate, lets every
 * rule look at it, and closes the judging.  Rules only read, and add to the
 * findings of their subject, source or run. */
#ifndef CHECK_CERTS_JUDGING_H
#define CHECK_CERTS_JUDGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/judge/fitness.h"
#include "lib/judge/policy.h"
#include "lib/judge/report.h"
#include "lib/judge/service.h"
#include "lib/model/inventory.h"

/* When the root CAs in one Ops Manager's list were made. */
struct ca_ages {
	bool has_active, has_newest;
	int64_t active_at, newest_at;   /* the active one, the newest of all */
};

/* A source, with the policy that holds there. */
struct source_view {
	const struct limits *limits;
	bool unused_same, not_by_vcf;
	int64_t rotation_stale_s, rotation_needs_s;
	bool is_patchy;                 /* parts were not read: what is not there proves nothing */
	struct ca_ages cas;
};

/* Who has which use of which source, according to its API: certificates that
 * could be read, sorted.  The one certificate of a cluster is entered a second
 * time for whatever node (NULL), since its node may be a cluster id in one
 * place and a node id in another. */
struct use_row {
	size_t source;
	const char *service, *node;     /* borrowed; node is "" when the API gave none */
	size_t cert, sighting;
};

struct judging {
	const struct inventory *inv;
	const struct policy *policy;
	int64_t now_at;
	struct source_view *sources;    /* one per source of the inventory */
	struct use_row *uses;
	size_t n_uses;
};

/* What the rules about chains look at: one use of a certificate, or a
 * candidate for one. */
struct fit {
	struct fitness_input in;
	const struct cert *certs[CHAIN_MAX];  /* in.chain, of a sighting */
	struct chain *chain;            /* owned; NULL where nothing needs it, or with a problem */
	struct err problem;             /* why OpenSSL cannot read the chain */
};

/* Read what in (set before) needs to have read. */
void fit_open(struct fit *f);
void fit_close(struct fit *f);

/* One certificate and what holds of it before any rule looks. */
struct subject {
	const struct cert *cert;
	struct item *item;              /* its sightings are set */
	unsigned services;              /* of NSX, as the API tells: bits of service.h */
	bool in_use;                    /* somebody depends on it now */
	bool is_presented;              /* shown by a TLS service as its own */
	enum state by_limits;           /* what its time left alone means */
	bool limit_is_blind;            /* no limit could be applied: its life is not known */
	const struct ignore *ended;     /* an exception that would match and is over; NULL */
	struct fit *fits;               /* one for each place where it is used as a leaf */
	size_t n_fits;
};

void judging_open(struct judging *j, const struct inventory *inv, const struct policy *policy,
    int64_t now_at);
void judging_close(struct judging *j);

/* The first row that is not before the key, its sighting apart; may be past the
 * last one. */
size_t judging_first_use(const struct judging *j, const struct use_row *key);

/* When a CA was made: as told, else its notBefore.  false: not known. */
bool judging_made_at(const struct judging *j, const struct sighting *s, int64_t *at);

const struct sighting *subject_sighting(const struct judging *j, const struct subject *s, size_t i);

/* Fill a subject of an item whose cert and sightings are set; sets the
 * item's times and limits too. */
void subject_open(const struct judging *j, struct item *item, struct subject *s);
void subject_close(struct subject *s);

/* Fill s->fits. */
void subject_open_fits(const struct judging *j, struct subject *s);

/* Does this sighting show the certificate as a TLS service's own?  services:
 * the bits of its uses. */
bool sighting_is_presented(const struct sighting *at, unsigned services);

/* The certificate of another installation, which has its private key? */
bool sighting_is_remote(const struct sighting *at, unsigned services);
bool sighting_is_principal(const struct sighting *at);

/* NSX renews this one by itself, lead_s before its end. */
bool renewal_applies(const struct judging *j, const struct subject *s, int64_t *lead_s);
bool renewal_is_overdue(const struct subject *s, int64_t lead_s);

/* Set item->ignored and the rest, or s->ended. */
void ignore_apply(const struct judging *j, struct subject *s);

/* Append a name from outside to a message: a bounded part of it, not cut
 * inside a character. */
void message_add_name(struct buf *out, const char *name);

/* One row of the table of rules; any of the functions may be NULL. */
struct rule {
	const char *id;
	void (*judge_cert)(const struct rule *r, const struct judging *j, struct subject *s);
	void (*judge_fit)(const struct rule *r, const struct fit *f, struct findings *out);
	/* the same for replacements alone, where judge_cert has its own view of those in use */
	void (*judge_new)(const struct rule *r, const struct fit *f, struct findings *out);
	void (*judge_source)(const struct rule *r, const struct judging *j, size_t source,
	    struct source_report *out);
	void (*judge_run)(const struct rule *r, const struct judging *j, struct report *out);
	size_t tally;         /* offset of the count in struct report that it adds to; 0: none */
	bool tally_notes;     /* notes are counted too */
	const char *clause;   /* where the rule comes from */
};

size_t rules_n(void);
const struct rule *rules_at(size_t i);

/* The functions of the table, in rules_*.c. */
#define CERT_RULE(name) \
	void name(const struct rule *r, const struct judging *j, struct subject *s)
#define SOURCE_RULE(name) \
	void name(const struct rule *r, const struct judging *j, size_t source, \
	    struct source_report *out)
#define FIT_RULE(name) \
	void name(const struct rule *r, const struct fit *f, struct findings *out)

/* One look at each certificate of a chain; what is found behind the leaf says
 * where. */
typedef void fit_cert_fn(const struct rule *r, const struct cert *c, int64_t now_at,
    struct findings *out);
void fit_each_cert(const struct rule *r, const struct fit *f, fit_cert_fn *look,
    struct findings *out);

CERT_RULE(rule_unreadable);
CERT_RULE(rule_expired);
CERT_RULE(rule_expiring);
CERT_RULE(rule_not_yet_valid);
CERT_RULE(rule_unused);
CERT_RULE(rule_ignore_ended);
CERT_RULE(rule_weak_key);
CERT_RULE(rule_weak_signature);
CERT_RULE(rule_renewal_overdue);
CERT_RULE(rule_served_differs);
CERT_RULE(rule_rotation_unfinished);
CERT_RULE(rule_deadline_passed);
FIT_RULE(fit_unreadable);
FIT_RULE(fit_expired);
FIT_RULE(fit_not_yet_valid);
FIT_RULE(fit_leaf_is_ca);
FIT_RULE(fit_usage);
FIT_RULE(fit_weak_key);
FIT_RULE(fit_weak_signature);
FIT_RULE(fit_chain_order);
FIT_RULE(fit_chain_broken);
FIT_RULE(fit_chain_untrusted);
FIT_RULE(fit_name_mismatch);
FIT_RULE(fit_no_private_key);
FIT_RULE(fit_rejected);
SOURCE_RULE(rule_source_failed);
SOURCE_RULE(rule_partial);
SOURCE_RULE(rule_clock_skew);
void rule_too_few(const struct rule *r, const struct judging *j, struct report *out);

#endif
