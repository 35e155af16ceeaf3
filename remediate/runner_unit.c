/* runner_unit.c - the units of a plan: what is begun only when a beginning is
 * allowed, and then finished whatever the window says. */
#include "remediate/runner_internal.h"

static bool was_acted(const struct step_record *r)
{
	return r->intent_at != 0 && r->state != STEP_NONE;
}

/* What somebody else did of it leaves the beginning to us all the same. */
bool turn_begins_unit(const struct turn *t)
{
	int64_t unit = t->plan.steps[t->seq].unit;

	for (size_t i = 0; i < t->plan.n_steps && i < t->n_steps; i++) {
		if (t->plan.steps[i].unit == unit && was_acted(&t->steps[i]))
			return false;
	}
	return unit != 0;
}

int64_t turn_unit_since_at(const struct turn *t)
{
	int64_t unit = t->plan.steps[t->seq].unit, since_at = 0;

	for (size_t i = 0; i < t->seq; i++) {
		if (t->plan.steps[i].unit < unit && t->steps[i].verified_at > since_at)
			since_at = t->steps[i].verified_at;
	}
	return since_at;
}
