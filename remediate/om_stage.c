/* om_stage.c - how far a rotation is: the one place that reads it off the lists.
 *
 * Every doubt goes the way that costs time and breaks nothing: an Apply that is
 * not proved is made again, leafs that are not proved new are made again, and
 * where no way is safe the stage is unclear. */
#include "remediate/om_stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/text.h"
#include "remediate/om_leafs.h"

#define DAY_S INT64_C(86400)

const char *om_stage_name(enum om_stage s)
{
	static const char *const names[] = {
		[OM_IDLE] = "idle", [OM_GENERATED] = "generated",
		[OM_DISTRIBUTED] = "distributed", [OM_ACTIVATED] = "activated",
		[OM_REGENERATED] = "regenerated", [OM_LIVE] = "live", [OM_UNCLEAR] = "unclear",
	};

	return names[s];
}

PRINTF_LIKE(2, 3)
static void say_unclear(struct om_position *out, const char *fmt, ...)
{
	va_list args;

	*out = (struct om_position){ .stage = OM_UNCLEAR };
	va_start(args, fmt);
	vsnprintf(out->why, sizeof out->why, fmt, args);
	va_end(args);
	text_mask_controls(out->why);
}

/* --- what the lists tell ------------------------------------------------------------ */

const struct om_installation *om_running(const struct om_ops *o)
{
	return o->n_installations > 0 && o->installations[0].status == OM_RUNNING
	    ? &o->installations[0] : NULL;
}

const struct om_installation *om_applied_since(const struct om_ops *o, int64_t at)
{
	const struct om_installation *first = NULL;

	for (size_t i = 0; i < o->n_installations; i++) {
		const struct om_installation *in = &o->installations[i];

		if (in->status == OM_SUCCEEDED && in->all_products == 1 && in->has_started_at &&
		    in->started_at > at)
			first = in;
	}
	return first;
}

/* Where the version does not tell which products took part, any may have. */
static bool may_be_applied_since(const struct om_ops *o, int64_t at)
{
	for (size_t i = 0; i < o->n_installations; i++) {
		const struct om_installation *in = &o->installations[i];

		if (in->status == OM_SUCCEEDED && in->all_products != 0 && in->has_started_at &&
		    in->started_at > at)
			return true;
	}
	return false;
}

bool om_made_at(const struct om_ca *ca, int64_t *earliest_at, int64_t *latest_at)
{
	*earliest_at = ca->created_at;
	*latest_at = ca->created_at + (ca->created_is_day ? DAY_S - 1 : 0);
	return ca->has_created_at;
}

/* Ops Manager names itself as the issuer of what it generates. */
bool om_is_own_ca(const struct om_ca *ca)
{
	return ca->issuer != NULL && strstr(ca->issuer, "Pivotal") == NULL &&
	    strstr(ca->issuer, "VMware") == NULL;
}

/* --- which is which ----------------------------------------------------------------- */

static int sign(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* 1: a was made after b; 0: cannot be told. */
static int compare_made(const struct om_ca *a, const struct om_ca *b)
{
	bool by_day = a->created_is_day || b->created_is_day;
	int64_t x = by_day ? text_days_floor(a->created_at) : a->created_at;
	int64_t y = by_day ? text_days_floor(b->created_at) : b->created_at;

	if (a->has_created_at && b->has_created_at && x != y)
		return sign(x, y);
	if (a->sha256[0] == '\0' || b->sha256[0] == '\0')
		return 0;
	return sign(a->not_before_at, b->not_before_at);
}

static bool find_active(const struct om_ops *o, struct om_position *out)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_cas; i++) {
		if (o->cas[i].active < 0) {
			say_unclear(out, "whether the CA %s is active is not told",
			    o->cas[i].guid);
			return false;
		}
		if (o->cas[i].active == 1) {
			n++;
			out->active = &o->cas[i];
		}
	}
	if (n != 1)
		say_unclear(out, "%zu of %zu CAs are active, and one must be", n, o->n_cas);
	return n == 1;
}

static bool place_inactive(const struct om_ca *ca, struct om_position *out)
{
	int order = compare_made(ca, out->active);
	const struct om_ca **place = order > 0 ? &out->newer : &out->older;

	if (om_is_own_ca(ca) || om_is_own_ca(out->active)) {
		say_unclear(out, "the CA %s was not generated here (%s): which of two is the newer "
		    "one cannot be told by dates that may be the certificate's; only the run that "
		    "uploaded it can go on",
		    om_is_own_ca(ca) ? ca->guid : out->active->guid,
		    om_is_own_ca(ca) ? ca->issuer : out->active->issuer);
		return false;
	}
	if (order == 0) {
		say_unclear(out, "whether the inactive CA %s was made before or after the active "
		    "one cannot be told", ca->guid);
		return false;
	}
	if (*place != NULL) {
		say_unclear(out, "two inactive CAs, %s and %s, are both %s than the active one: a "
		    "person has to delete the one that is not wanted", (*place)->guid, ca->guid,
		    order > 0 ? "newer" : "older");
		return false;
	}
	*place = ca;
	return true;
}

static bool sort_cas(const struct om_ops *o, struct om_position *out)
{
	if (!find_active(o, out))
		return false;
	for (size_t i = 0; i < o->n_cas; i++)
		if (o->cas[i].active == 0 && !place_inactive(&o->cas[i], out))
			return false;
	if (out->newer == NULL || out->older == NULL)
		return true;
	say_unclear(out, "beside the active CA there are an older one, %s, and a newer one, %s: an "
	    "earlier rotation was not finished before the next was begun", out->older->guid,
	    out->newer->guid);
	return false;
}

/* --- how far ------------------------------------------------------------------------ */

static enum om_stage stage_of_newer(const struct om_ops *o, const struct om_position *p)
{
	int64_t earliest_at, latest_at;

	if (!om_made_at(p->newer, &earliest_at, &latest_at))
		return OM_GENERATED;
	return om_applied_since(o, latest_at) != NULL ? OM_DISTRIBUTED : OM_GENERATED;
}

static enum om_stage stage_of_older(const struct view *v, const struct om_position *p)
{
	int64_t youngest_at;

	if (!om_leafs_are_younger(v, p->active, &youngest_at))
		return OM_ACTIVATED;
	return om_applied_since(&v->om, youngest_at) != NULL ? OM_LIVE : OM_REGENERATED;
}

/* A CA that was activated before any Apply could bring it to the VMs. */
static bool is_too_early(const struct om_ops *o, const struct om_position *p)
{
	int64_t earliest_at, latest_at;

	if (!om_made_at(p->active, &earliest_at, &latest_at))
		return false;
	return !may_be_applied_since(o, earliest_at);
}

void om_position_of(const struct view *v, struct om_position *out)
{
	const struct om_ops *o = &v->om;

	*out = (struct om_position){ .stage = OM_UNCLEAR };
	if (o->err.code != ERR_NONE) {
		say_unclear(out, "what Ops Manager has could not be read: %s", o->err.text);
		return;
	}
	if (!sort_cas(o, out))
		return;
	if (out->newer != NULL)
		out->stage = stage_of_newer(o, out);
	else if (out->older == NULL)
		out->stage = OM_IDLE;
	else if (is_too_early(o, out))
		say_unclear(out, "the CA %s is active, and no Apply Changes of all products has "
		    "succeeded since it was made: VMs may not trust it yet", out->active->guid);
	else
		out->stage = stage_of_older(v, out);
}
