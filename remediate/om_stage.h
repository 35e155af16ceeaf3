/* om_stage.h - how far a rotation is, from what can be observed.  Pure.
 *
 * A is the active CA, N an inactive one made after it, O one made before it.
 *
 *   idle         A alone                             generate
 *   generated    A, N; no Apply of all products      Apply Changes
 *                began after N was made
 *   distributed  A, N; such an Apply succeeded       activate N
 *   activated    A, O; leafs older than A            regenerate
 *   regenerated  A, O; leafs made again, no Apply    Apply Changes
 *                began since
 *   live         A, O; such an Apply succeeded       delete O
 *   unclear      anything else                       a person: see why
 *
 * After the delete everything looks like idle: only the journal knows that an
 * Apply is still owed. */
#ifndef CHECK_CERTS_OM_STAGE_H
#define CHECK_CERTS_OM_STAGE_H

#include "lib/base/err.h"
#include "remediate/view.h"

enum om_stage { OM_IDLE, OM_GENERATED, OM_DISTRIBUTED, OM_ACTIVATED, OM_REGENERATED, OM_LIVE,
	OM_UNCLEAR };

struct om_position {
	enum om_stage stage;
	const struct om_ca *active, *newer, *older;   /* borrowed from the view; NULL: none */
	char why[ERR_TEXT_BYTES];    /* for OM_UNCLEAR: what a person has to look at */
};

void om_position_of(const struct view *v, struct om_position *out);

/* The newest installation, when it is running.  An older row that says so is
 * left from a crash, and means nothing. */
const struct om_installation *om_running(const struct om_ops *o);

/* The first installation of all products that began after a moment of the
 * server's clock, and succeeded; NULL: none did. */
const struct om_installation *om_applied_since(const struct om_ops *o, int64_t at);

/* Between which moments a CA was made, where its date may be a day alone;
 * false: not told. */
bool om_made_at(const struct om_ca *ca, int64_t *earliest_at, int64_t *latest_at);

/* Was the CA uploaded, as far as its issuer tells?  Then created_on may be the
 * date of the certificate, and says nothing about the order. */
bool om_is_own_ca(const struct om_ca *ca);
const char *om_stage_name(enum om_stage s);

#endif
