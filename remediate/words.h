/* words.h - what each word in the spool does. */
#ifndef CHECK_CERTS_WORDS_H
#define CHECK_CERTS_WORDS_H

#include "remediate/runner.h"

/* Take every word of the spool: judge it, journal it with its speaker and its
 * outcome, let it act on its run, drop it.  One that was taken before and not
 * dropped (a crash) is taken again and changes nothing.  -1: the journal or the
 * spool. */
int words_take(const struct worker_settings *s, struct journal *j, struct err *e) MUST_USE;

/* Is this host the one for the target?  Without worker_host only mode plan is
 * possible, which is everybody's. */
bool mandate_is_here(const struct mandate *m, const char *host);

/* The section of a target; NULL: there is none. */
const struct remediate_conf *mandate_section(const struct conf *c, const char *target);

#endif
