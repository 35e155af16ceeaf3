/* policy.h - everything the judgement depends on besides facts and clock.
 * Filled by lib/conf and the command line; const from then on. */
#ifndef CHECK_CERTS_POLICY_H
#define CHECK_CERTS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/judge/range.h"
#include "lib/judge/state.h"

struct limits { struct limit warning, critical, ca_warning, ca_critical; };

enum ignore_match { IGNORE_SHA256, IGNORE_ID, IGNORE_NAME, IGNORE_ISSUER, IGNORE_SERVICE };

/* An exception: has a reason and an end. */
struct ignore {
	char *label;               /* section name */
	enum ignore_match match;
	char *pattern;             /* sha256: hex prefix of at least 8 digits; id: exact;
	                              name, issuer: glob (fnmatch); service: exact */
	char *reason;
	int64_t until_at;          /* last second of the day named, UTC: inclusive */
};

struct target_policy {
	char *source;              /* target name */
	struct limits limits;      /* complete: defaults are merged in */
	bool unused_same;          /* unused = same: judge unused ones in full */
	int64_t rotation_stale_s;  /* rotation-unfinished after that long */
	int64_t rotation_needs_s;  /* deadline-passed with less time left than that */
	bool not_by_vcf;           /* managed_by = none: NSX 9 and later without SDDC Manager */
};

struct policy {
	struct limits limits;      /* for a source without an entry */
	struct target_policy *targets;
	size_t n_targets;
	struct ignore *ignores;
	size_t n_ignores;
	enum state unreachable_state;  /* default STATE_UNKNOWN */
	enum state timeout_state;      /* default STATE_UNKNOWN */
	size_t min_certs;              /* fewer than that is UNKNOWN; default 1 */
	bool clock_is_given;           /* --at: mutes clock-skew */
	int64_t rotation_stale_s;      /* default 14 d */
	int64_t rotation_needs_s;      /* default 7 d */
};

/* Defaults of product: 30/7 days, CA 90/30, and the states above. */
void policy_init(struct policy *p);
void policy_clear(struct policy *p);

/* The entry for a source name, or NULL. */
const struct target_policy *policy_for(const struct policy *p, const char *source);

#endif
