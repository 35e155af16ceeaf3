/* mandate.h - what the handler may do at one target: a [remediate NAME]
 * section as typed values, beside the target it is about.
 *
 * Nothing is allowed that is not written down: without a section there is no
 * mandate, mode is plan, and the list of procedures is empty. */
#ifndef CHECK_CERTS_MANDATE_H
#define CHECK_CERTS_MANDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/conf.h"
#include "lib/judge/state.h"
#include "lib/source/target.h"

enum mode { MODE_PLAN, MODE_APPROVE, MODE_AUTO };
enum rollback { ROLLBACK_ASK, ROLLBACK_AUTO, ROLLBACK_OFF };
enum starter { START_DETACHED, START_SYSTEMD, START_NONE };

/* Where the new certificate comes from. */
enum replacement { REPLACEMENT_NONE, REPLACEMENT_EXISTING, REPLACEMENT_PEM,
	REPLACEMENT_SELF_SIGNED, REPLACEMENT_COMMAND };

struct mandate {
	const struct target *target;       /* borrowed from the configuration */
	enum mode mode;
	const char *worker_host;           /* all strings borrowed; NULL when not given */
	char **procedures;                 /* owned; may be done here */
	size_t n_procedures;
	const char *credentials_path;      /* of the account that may change things */
	enum replacement replacement;
	char *replacement_id;              /* owned; existing:ID, else NULL */
	char *chain_path, *key_path;       /* owned; pem:FILE key:FILE; key NULL: in the same file */
	char *program;                     /* owned; command:PROGRAM, an absolute path */
	enum state act_on;                 /* STATE_WARNING or STATE_CRITICAL */
	const char *window, *timezone;     /* as written and checked; see window.h */
	const char *approvers;             /* a group's name */
	int64_t approval_valid_s;
	int64_t max_per_day;
	int64_t cool_down_s;
	int64_t breaker_after;
	enum rollback rollback;
	int64_t keep_old_s, downtime_hold_s, poll_interval_s;
	enum starter start;
	const char *key_type, *subject;    /* "rsa:3072"; NULL: the current one's */
	int64_t days;
	bool managed_by_vcf;               /* unless "none" was written: NSX 9 and newer */
	bool approval_by_unit, apply_pending, leafs_handled;   /* Ops Manager */
	int recreate_vms;                  /* -1: not said */
	const char *errands;
	int64_t rotation_needs_s, rotation_stale_s;
	const char *global_manager, *site, *site_credentials_path;
};

/* From a section that lib/conf has checked.  conf outlives the mandate.
 * ERR_CONFIG: what lib/conf could not see (no such target, approve or auto
 * without worker_host, credentials, replacement or, for approve, approvers). */
int mandate_make(const struct conf *conf, const struct remediate_conf *section,
    struct mandate *out, struct err *e) MUST_USE;
void mandate_clear(struct mandate *m);

bool mandate_allows(const struct mandate *m, const char *procedure);
const char *mode_name(enum mode m);   /* "plan" "approve" "auto" */

#endif
