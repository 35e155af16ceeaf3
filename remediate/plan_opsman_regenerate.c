/* plan_opsman_regenerate.c - opsman-regenerate: the non-configurable leafs anew
 * under the CA that stays. */
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/plan_nsx.h"
#include "remediate/plan_opsman.h"

#define ONLY_UNIT 1

/* Hours of Apply Changes for leafs that the rotation makes anew all the same;
 * a person who asks for it may have a reason. */
static bool ca_comes_first(const struct om_case *c)
{
	const struct report *r = &c->view->report;

	if (c->request->procedure != NULL)
		return false;
	for (size_t i = 0; i < r->n_items; i++) {
		const char *procedure = plan_is_worth_it(c->m, &r->items[i])
		    ? plan_procedure_for(&r->items[i]) : NULL;

		if (procedure != NULL && strcmp(procedure, "opsman-ca-rotation") == 0)
			return true;
	}
	return false;
}

static enum plan_verdict check(const struct om_case *c, struct err *e)
{
	int64_t end_at = om_ca_end(c->view, c->at.active);
	char when[TEXT_TIME_BYTES];

	if (c->at.stage != OM_IDLE)
		return plan_refuse(e, "a rotation of the CA is under way (%s): it is finished by "
		    "opsman-ca-rotation, which makes the leafs anew too", om_stage_name(c->at.stage));
	if (end_at <= c->server_at)
		return plan_refuse(e, "the CA %s has expired on %s and signs nothing any more: only "
		    "support can do a hard rotation, with down-time, see " PAGE_EXPIRED,
		    c->at.active->guid, text_from_time(end_at, when));
	if (ca_comes_first(c))
		return plan_refuse(e, "the CA itself ends soon, and its rotation makes the leafs anew "
		    "too: opsman-ca-rotation comes first");
	return PLAN_READY;
}

enum plan_verdict plan_opsman_regenerate(const struct om_case *c, struct plan *out, struct err *e)
{
	enum plan_verdict said = check(c, e);

	if (said != PLAN_READY)
		return said;
	om_plan_begin(c, c->at.active, out);
	om_plan_regenerate(c, ONLY_UNIT, out);
	om_plan_apply(c, ONLY_UNIT, "the new leafs reach every VM", out);
	om_plan_leafs_new(c, ONLY_UNIT, out);
	out->summary = mem_printf("regenerate the non-configurable leaf certificates of %s under its "
	    "%s", out->target, out->object_name);
	om_plan_notes(c, NULL, NULL, out);
	return PLAN_READY;
}
