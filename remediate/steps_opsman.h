/* steps_opsman.h - what the kinds of step of Ops Manager share; private to
 * remediate/steps_opsman*.c. */
#ifndef CHECK_CERTS_STEPS_OPSMAN_H
#define CHECK_CERTS_STEPS_OPSMAN_H

#include "remediate/om_stage.h"
#include "remediate/opsman_write.h"
#include "remediate/steps_nsx.h"

/* Were the CAs and installations read?  Else *o is SEEN_UNREACHABLE. */
bool om_can_see(const struct view *v, struct observation *o);

/* Does no installation run?  Else *o is SEEN_BUSY, with whose it is. */
bool om_is_quiet(const struct view *v, struct observation *o);

/* A clause about a running installation: whose, since when, its last words. */
void om_say_running(const struct view *v, const struct om_installation *in,
    struct observation *o);

/* It is not so yet and may be done: SEEN_READY.  Where the server has said for
 * some time that it is done: SEEN_FAILED. */
void om_say_not_yet(const struct step_context *c, struct observation *o, const char *text);

/* Is the journal's word that the act was answered with success? */
bool om_is_answered(const struct step_context *c);

/* The CA that signs when the run is over, and whether the run replaces one. */
const char *om_signer(const struct step_context *c);
bool om_rotates(const struct step_context *c);

/* Does the list of strings (NULL: none) in a snapshot hold this one? */
bool om_was_there(const struct json *snapshot, const char *list, const char *value);

/* The latest moment, by the server's clock, at which the last CA call before
 * this step can have been done by this run; false: not known. */
bool om_changed_at(const struct step_context *c, int64_t *at);

/* The snapshot of an earlier step of this run, parsed; NULL: none was taken. */
struct json *om_snapshot_of(const struct step_context *c, const char *kind);

/* What an answer told besides goes to *e: with API_DONE its code stays
 * ERR_NONE; what was done only in part is API_REFUSED.  Clears *said. */
enum api_outcome om_tell(enum api_outcome outcome, struct om_said *said, const char *what,
    struct err *e);

SNAPSHOT(snapshot_time);
SNAPSHOT(snapshot_cas);
OBSERVE(observe_generate);
ACT(act_generate);
OBSERVE(observe_create);
PREPARE(prepare_create);
ACT(act_create);
OBSERVE(observe_activate);
ACT(act_activate);
OBSERVE(observe_ca_delete);
ACT(act_ca_delete);
OBSERVE(observe_single);
OBSERVE(observe_regenerate);
SNAPSHOT(snapshot_leafs);
ACT(act_regenerate);
OBSERVE(observe_leafs_new);
WANTS(wants_log);
OBSERVE(observe_apply_changes);
SNAPSHOT(snapshot_installations);
ACT(act_apply_changes);

#endif
