/* run_facts.h - what is published about a target: put together from the
 * journal, so that it is the same whoever tells it. */
#ifndef CHECK_CERTS_RUN_FACTS_H
#define CHECK_CERTS_RUN_FACTS_H

#include <stdint.h>
#include "remediate/runner.h"

/* The run that is open, else the youngest; the pins of the change; the
 * breaker.  more: pins besides (NULL: none), of a certificate that no run has
 * bound yet.  ERR_IO: the journal, or the file. */
int facts_tell(const struct worker_settings *s, struct journal *j, const struct mandate *m,
    const struct pins *more, int64_t now_at, struct err *e) MUST_USE;

#endif
