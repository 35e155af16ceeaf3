/* report.h - the verdict: findings, counts, overall state.  All formats print
 * this; counts and days are computed here so that they agree. */
#ifndef CHECK_CERTS_REPORT_H
#define CHECK_CERTS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/judge/range.h"
#include "lib/judge/state.h"
#include "lib/model/inventory.h"

struct finding {
	const char *id;        /* stable, from the table of rules; static storage */
	enum state state;      /* OK is a note */
	char *message;         /* owned; one clause, not yet cleaned for a format */
};

struct findings { struct finding *v; size_t n, cap; };
void findings_add(struct findings *f, const char *id, enum state s, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Worst first; within a state they stay in the order of the rules.  Returns
 * the worst state, OK when there is none. */
enum state findings_sort(struct findings *f);
void findings_clear(struct findings *f);

enum actor { ACTOR_NONE, ACTOR_REMEDIATE, ACTOR_NSX, ACTOR_VCF, ACTOR_PERSON };
/* "remediate_certs" "nsx" "vcf" "person"; NULL for none. */
const char *actor_name(enum actor a);

struct remedy {
	const char *procedure;   /* "nsx-apply" ..., "manual"; NULL: nothing to mend or not known */
	enum actor by;
	char *detail;            /* owned; one sentence; NULL */
};

/* One certificate, judged. */
struct item {
	size_t cert;             /* index into the inventory */
	enum state state;        /* worst finding; OK when ignored */
	bool ignored;
	const char *ignored_by;  /* label, and reason, borrowed from policy; NULL */
	const char *ignored_reason;
	bool judged_as_ca;       /* the CA limits were applied */
	bool has_left;           /* seconds_left is known */
	int64_t seconds_left;    /* negative when expired */
	int64_t days_left;       /* rounded down */
	bool is_unused;          /* a trust-store row that nothing uses: its end is a note */
	struct limit warning, critical;   /* the strictest that were applied */
	struct findings findings;
	struct remedy remedy;
	const size_t *sightings; /* indexes into the inventory, API first, then TLS, then file;
	                            borrowed from the report */
	size_t n_sightings;
};

struct source_report {
	enum state state;        /* worst of its own findings */
	struct findings findings;
	size_t n_certs;          /* certificates seen there */
	bool failed;             /* it, or a part of it, could not be read */
	bool counted;            /* failed, or not OK: counts once, under its state, and in total */
};

struct counts { size_t total, ok, warning, critical, unknown, ignored; };

struct report {
	const struct inventory *inv;
	int64_t evaluated_at;
	enum state state;
	struct counts counts;    /* ok + warning + critical + unknown + ignored == total */
	struct item *items;      /* worst first; within a state: least time left first */
	size_t n_items;
	struct source_report *sources;   /* same order and number as inv->sources */
	size_t n_sources;
	struct findings findings;        /* of the whole run: too few certificates */
	bool has_min_left;       /* of the certificates that count (not ignored, not unused) */
	int64_t min_seconds_left;
	size_t min_item;         /* index into items */
	bool has_min_life;       /* of the same certificates, where both dates are known */
	int64_t min_life_percent_hundredths;   /* share of the life left; negative: expired */
	size_t min_life_item;
	size_t n_expired, n_not_yet_valid, n_invalid, n_unused, n_drift; /* for perfdata */
	int64_t run_ms;          /* set by main, for perfdata; 0 otherwise */
	int64_t api_ms;          /* summed elapsed of sources */
	size_t *sightings;       /* what the items' lists stand in */
};

void report_clear(struct report *r);

#endif
