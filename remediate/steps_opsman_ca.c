/* steps_opsman_ca.c - ca-activate, ca-delete and ca-single: the two CAs change
 * places, and the old one goes. */
#include <string.h>
#include "remediate/steps_opsman.h"

/* A product that has not taken the Director's last change may not know a CA. */
static bool is_everywhere(const struct view *v, struct observation *o)
{
	if (v->om.has_stale)
		observe_say(o, SEEN_NEITHER, "a product has not taken the last change of the "
		    "Director: apply changes to all products first");
	return !v->om.has_stale;
}

/* A plan that begins here relies on an Apply that somebody else made. */
static bool is_distributed(const struct step_context *c, const struct view *v,
    struct observation *o)
{
	struct om_position at;

	if (c->step != c->plan->steps)
		return true;
	om_position_of(v, &at);
	if (at.stage != OM_DISTRIBUTED)
		observe_say(o, SEEN_NEITHER, "the rotation is %s, not distributed%s%.300s",
		    om_stage_name(at.stage), at.why[0] != '\0' ? ": " : "", at.why);
	return at.stage == OM_DISTRIBUTED;
}

OBSERVE(observe_activate)
{
	const char *id = step_new_id(c);
	const struct om_ca *newer = id != NULL ? om_find_ca(&v->om, id) : NULL;
	const struct om_ca *old = om_find_ca(&v->om, c->plan->object);

	if (!om_can_see(v, out))
		return;
	if (newer == NULL)
		observe_say(out, SEEN_NEITHER, "the new CA %s is not in the list",
		    id != NULL ? id : "of this run");
	else if (newer->active == 1 && (old == NULL || old->active == 0))
		observe_say(out, SEEN_GOAL, "%s is the active CA", newer->guid);
	else if (old == NULL || old->active != 1 || newer->active != 0)
		observe_say(out, SEEN_NEITHER, "%s is not inactive beside the active %s",
		    newer->guid, c->plan->object);
	else if (om_is_quiet(v, out) && is_distributed(c, v, out) && is_everywhere(v, out))
		om_say_not_yet(c, out, "it is not active");
}

ACT(act_activate)
{
	struct om_said said = { NULL, 0 };

	(void)v;
	(void)global;
	(void)goods;
	(void)bound;
	return om_tell(opsman_write_activate(api, step_new_id(c), &said, e), &said,
	    "the activation", e);
}

OBSERVE(observe_ca_delete)
{
	const char *id = step_new_id(c);
	const struct om_ca *newer = id != NULL ? om_find_ca(&v->om, id) : NULL;
	const struct om_ca *old = om_find_ca(&v->om, c->step->old_id);

	if (!om_can_see(v, out))
		return;
	if (newer == NULL || newer->active != 1)
		observe_say(out, SEEN_NEITHER, "the new CA %s is not the active one: the old one "
		    "stays", id != NULL ? id : "of this run");
	else if (old == NULL)
		observe_say(out, SEEN_GOAL, "%s is gone", c->step->old_id);
	else if (old->active != 0)
		observe_say(out, SEEN_NEITHER, "%s is active, or may be: it is not deleted",
		    old->guid);
	else if (om_is_quiet(v, out) && is_everywhere(v, out))
		om_say_not_yet(c, out, "it is still in the list");
}

ACT(act_ca_delete)
{
	struct om_said said = { NULL, 0 };

	(void)v;
	(void)global;
	(void)goods;
	(void)bound;
	return om_tell(opsman_write_delete(api, c->step->old_id, &said, e), &said, "the delete", e);
}

OBSERVE(observe_single)
{
	const char *id = step_new_id(c);
	const struct om_ca *newer = id != NULL ? om_find_ca(&v->om, id) : NULL;

	if (!om_can_see(v, out))
		return;
	if (newer == NULL || newer->active != 1)
		observe_say(out, SEEN_NEITHER, "the new CA %s is not the active one",
		    id != NULL ? id : "of this run");
	else if (v->om.n_cas != 1)
		observe_say(out, SEEN_NEITHER, "%zu CAs are in the list, and only %s should be",
		    v->om.n_cas, newer->guid);
	else
		observe_say(out, SEEN_GOAL, "%s is active and alone", newer->guid);
}
