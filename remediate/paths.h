/* paths.h - the state directory of the handler.
 *
 *   DIR/spool/            words in: who may write here may speak
 *   DIR/public/           facts out: readable for everybody
 *   DIR/private/          the worker's own, mode 0700:
 *     remediation.db        the journal
 *     TARGET.lock           held for the life of a worker that is at this target
 *   DIR/check/            check_certs' own (locks around calls are shared with it)
 */
#ifndef CHECK_CERTS_PATHS_H
#define CHECK_CERTS_PATHS_H

#include "lib/base/err.h"

struct paths { char *dir, *spool, *public, *private, *journal, *check; };

/* Only computes; nothing is looked at. */
void paths_init(struct paths *p, const char *dir);
void paths_clear(struct paths *p);

/* DIR must be there; make what is missing below it (spool 03770, public 0755,
 * private 0700) and refuse what others could tamper with: private readable or
 * public writable by others.  ERR_IO, ERR_CONFIG with the command to run. */
int paths_prepare(const struct paths *p, struct err *e) MUST_USE;

/* DIR/check has to be there as well, and ours, for who holds a lock in common with
 * check_certs; made (mode 0700) when it is missing.  Errors as above. */
int paths_prepare_check(const struct paths *p, struct err *e) MUST_USE;

/* DIR/public/TARGET.json, DIR/private/TARGET.lock; the caller frees. */
char *paths_facts(const struct paths *p, const char *target) MUST_USE;
char *paths_lock(const struct paths *p, const char *target) MUST_USE;

#endif
