/* worker_internal.h - one target within a pass; for worker*.c only. */
#ifndef CHECK_CERTS_WORKER_INTERNAL_H
#define CHECK_CERTS_WORKER_INTERNAL_H

#include "remediate/runner.h"
#include "remediate/worker.h"

/* A locked target, as far as it goes now; w has settings, mandate, global and
 * journal.  WORKER_FAILED with *e where something went wrong. */
enum worker_end target_work(struct runner *w, struct err *e);

/* The mandate of the Global Manager that m names, or of none: *has false. */
int global_mandate(const struct conf *c, const struct mandate *m, struct mandate *out, bool *has,
    struct err *e) MUST_USE;

#endif
