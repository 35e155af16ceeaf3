/* worker.h - one pass: words into the journal, then each target in turn:
 * resume its open run, or poll, plan, ask the rails, begin. */
#ifndef CHECK_CERTS_WORKER_H
#define CHECK_CERTS_WORKER_H

#include "remediate/plan.h"
#include "remediate/rails.h"
#include "remediate/runner.h"

enum worker_end { WORKER_IDLE, WORKER_WAITING, WORKER_FAILED };   /* exit status 0, 1, 2 */

/* target NULL: every [remediate] section.  Each target is locked for as long
 * as it is worked on; one that is locked by another worker is left to it.
 * After the last one the spool is looked at once more. */
enum worker_end worker_pass(const struct worker_settings *s, const char *target, struct err *e);

/* What `plan` prints: polls, plans, asks the rails, changes nothing. */
struct worker_plan {
	struct plan plan;
	enum plan_verdict verdict;
	struct err err;                /* why nothing or refused */
	char hash[PLAN_HASH_BYTES];
	struct rail_says *says;        /* owned */
	size_t n_says;
	enum rail_verdict rails;
};
int worker_plan(const struct worker_settings *s, const struct mandate *m, struct worker_plan *out,
    struct err *e) MUST_USE;
void worker_plan_clear(struct worker_plan *p);

#endif
