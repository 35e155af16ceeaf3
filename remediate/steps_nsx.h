/* steps_nsx.h - what the kinds of step of NSX share; private to
 * remediate/steps_*.c, since those of Ops Manager speak the same way. */
#ifndef CHECK_CERTS_STEPS_NSX_H
#define CHECK_CERTS_STEPS_NSX_H

#include <stdbool.h>
#include <stddef.h>
#include "remediate/step.h"

#define OBSERVE(name) \
	void name(const struct step_context *c, const struct view *v, struct observation *out)
#define SNAPSHOT(name) \
	void name(const struct step_context *c, const struct view *v, struct buf *json)
#define PREPARE(name) \
	int name(const struct step_context *c, const struct view *v, struct goods *goods, \
	    struct err *e)
#define ACT(name) \
	enum api_outcome name(const struct step_context *c, const struct view *v, struct api *api, \
	    struct api *global, const struct goods *goods, char **bound, struct err *e)
#define WANTS(name) struct view_wants name(const struct step_context *c)

/* What was seen, and in which words. */
void observe_say(struct observation *o, enum seen seen, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Was the target read at all, and in full?  Else *o is SEEN_UNREACHABLE. */
bool observe_can_see(const struct view *v, struct observation *o);

/* Is nothing going on there, is every node in, may it be changed?  Else *o is
 * SEEN_BUSY, or SEEN_UNREACHABLE when that cannot be told. */
bool observe_is_quiet(const struct view *v, struct observation *o);

/* Fills old_still_good for the certificate with this id. */
void observe_old(const struct step_context *c, const struct view *v, const char *old_id,
    struct observation *o);

/* Fingerprint of the row with this id; false: it is not there. */
bool observe_sha256(const struct view *v, const char *id, char out[2 * CERT_SHA256_BYTES + 1]);

/* Binds the row with this id, which may be NULL or not there: then nothing. */
void observe_adopt(const struct view *v, const char *id, struct observation *o);

/* How far one use has changed over from the old to the new certificate. */
enum over { OVER_NOT, OVER_PARTLY, OVER_DONE, OVER_LOST };
struct change_over {
	enum over over;
	char text[ERR_TEXT_BYTES];      /* where it stands */
};
void observe_use(const struct view *v, const struct plan_use *use, const char *old_id,
    const char *new_id, struct change_over *out);

/* The snapshot journalled with the intent, parsed; NULL: there is none. */
struct json *step_snapshot(const struct step_context *c);

/* What the new certificate shall be made for; wish_clear when done. */
struct wish { struct material_wish m; char *own_subject; char **names; size_t n, cap; };
void wish_for_plan(const struct step_context *c, const struct view *v, struct wish *out);
void wish_for_host(const struct step_context *c, struct wish *out);
void wish_clear(struct wish *w);

/* The name under which this run's certificate is imported or made: it tells
 * whose it is. */
char *step_object_name(const struct step_context *c) MUST_USE;

OBSERVE(observe_import);
PREPARE(prepare_import);
ACT(act_import);
OBSERVE(observe_self_sign);
SNAPSHOT(snapshot_self_sign);
ACT(act_self_sign);
WANTS(wants_validate);
OBSERVE(observe_validate);
OBSERVE(observe_apply);
ACT(act_apply);
OBSERVE(observe_batch);
SNAPSHOT(snapshot_batch);
ACT(act_batch);
WANTS(wants_host);
OBSERVE(observe_host);
PREPARE(prepare_host);
ACT(act_host);
WANTS(wants_site);
OBSERVE(observe_site);
SNAPSHOT(snapshot_site);
ACT(act_site);
OBSERVE(observe_delete);
ACT(act_delete);

#endif
