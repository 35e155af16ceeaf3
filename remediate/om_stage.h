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
const char *om_stage_name(enum om_stage s);

#endif
