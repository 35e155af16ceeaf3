/* steps_opsman_apply.c - apply-changes: what was changed reaches every VM.
 *
 * Our own installation is known by its id, or after a lost answer by having
 * begun since the snapshot.  Somebody else's counts as well, when it was of all
 * products and began after our change; one that runs is waited for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/om_leafs.h"
#include "remediate/steps_opsman.h"

#define ID_BYTES 24

static const char *id_text(int64_t id, char out[ID_BYTES])
{
	snprintf(out, ID_BYTES, "%lld", (long long)id);
	return out;
}

WANTS(wants_log)
{
	(void)c;
	return (struct view_wants){ .log = true };
}

SNAPSHOT(snapshot_installations)
{
	struct json_writer w;
	char id[ID_BYTES];

	(void)c;
	jsonw_init(&w, json);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "server_at", v->om.server_at);
	jsonw_open(&w, "installations", '[');
	for (size_t i = 0; i < v->om.n_installations; i++)
		jsonw_str(&w, NULL, id_text(v->om.installations[i].id, id));
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

/* --- whose is it? ------------------------------------------------------------------- */

static bool is_tried(const struct step_context *c)
{
	return c->record != NULL && c->record->state != STEP_NONE;
}

/* The newest of all products that was not there before. */
static const struct om_installation *find_begun(const struct step_context *c,
    const struct view *v)
{
	struct json *before = step_snapshot(c);
	const struct om_installation *found = NULL;
	char id[ID_BYTES];

	for (size_t i = 0; before != NULL && found == NULL && i < v->om.n_installations; i++) {
		const struct om_installation *in = &v->om.installations[i];

		if (in->all_products == 1 &&
		    !om_was_there(before, "installations", id_text(in->id, id)))
			found = in;
	}
	json_free(before);
	return found;
}

static const struct om_installation *find_own(const struct step_context *c, const struct view *v)
{
	int64_t id;

	if (c->record == NULL)
		return NULL;
	if (c->record->made != NULL)
		return text_to_i64(c->record->made, 1, INT64_MAX, &id) == 0
		    ? om_find_installation(&v->om, id) : NULL;
	return is_tried(c) ? find_begun(c, v) : NULL;
}

/* What an older row says of running is from before a crash. */
static bool is_running(const struct view *v, const struct om_installation *in)
{
	return in == om_running(&v->om);
}

/* When the change was made, for a plan that begins with this step: as far as
 * the lists tell. */
static bool changed_before(const struct view *v, int64_t *at)
{
	struct om_position p;
	int64_t earliest_at;

	om_position_of(v, &p);
	if (p.newer != NULL)
		return om_made_at(p.newer, &earliest_at, at);
	return p.older != NULL && om_leafs_are_younger(v, p.active, at);
}

/* Of all products, begun after the change, and done. */
static const struct om_installation *find_other(const struct step_context *c,
    const struct view *v)
{
	int64_t change_at;
	bool known = c->step == c->plan->steps ? changed_before(v, &change_at)
	    : om_changed_at(c, &change_at);

	return known ? om_applied_since(&v->om, change_at) : NULL;
}

/* --- what has become of it ---------------------------------------------------------- */

static void adopt(const struct om_installation *in, struct observation *o)
{
	char id[ID_BYTES];

	free(o->adopt);
	o->adopt = mem_strdup(id_text(in->id, id));
	o->n_new = 1;
}

static void say_failed(const struct view *v, const struct om_installation *in,
    struct observation *o)
{
	const char *what = in->status == OM_RUNNING ? "still says running below a newer one"
	    : in->status == OM_SUCCEEDED ? "was not of all products"
	    : in->status_text != NULL ? in->status_text : "has failed";

	observe_say(o, SEEN_FAILED, "installation %lld: %.60s%s%.250s; look at its log in Ops Manager, "
	    "and say retry for another Apply Changes", (long long)in->id, what,
	    v->om.log_line != NULL ? ", last words: " : "",
	    v->om.log_line != NULL ? v->om.log_line : "");
}

/* Of our own.  false: it has ended, and not well. */
static bool see_own(const struct view *v, const struct om_installation *own,
    struct observation *o)
{
	if (is_running(v, own))
		om_say_running(v, own, o);
	else if (own->status == OM_SUCCEEDED && own->all_products != 0)
		observe_say(o, SEEN_GOAL, "installation %lld has applied it to all products",
		    (long long)own->id);
	else
		return false;
	adopt(own, o);
	return true;
}

static void see_other(const struct om_installation *other, struct observation *o)
{
	char since[TEXT_TIME_BYTES];

	adopt(other, o);
	observe_say(o, SEEN_GOAL, "installation %lld of %.60s, begun %s, has applied it to all "
	    "products", (long long)other->id, other->user != NULL ? other->user : "somebody",
	    other->has_started_at ? text_from_time(other->started_at, since) : "since");
}

OBSERVE(observe_apply_changes)
{
	const struct om_installation *own, *other;

	if (!om_can_see(v, out))
		return;
	own = find_own(c, v);
	if (own != NULL && see_own(v, own, out))
		return;
	other = find_other(c, v);
	if (other != NULL) {
		see_other(other, out);
	} else if (own != NULL && is_tried(c)) {
		adopt(own, out);
		say_failed(v, own, out);
	} else if (om_is_quiet(v, out)) {
		observe_say(out, SEEN_READY, is_tried(c) ? "no installation is seen that it began"
		    : "it is not applied yet");
	}
}

ACT(act_apply_changes)
{
	enum api_outcome outcome = API_DONE;
	int64_t id = 0;

	(void)v;
	(void)global;
	(void)goods;
	if (c->mandate->recreate_vms == 1)
		outcome = opsman_write_recreate(api, e);
	/* set or not, nothing was applied: it is set again */
	if (outcome != API_DONE)
		return outcome == API_UNKNOWN ? API_NOT_SENT : outcome;
	outcome = opsman_write_apply(api, c->mandate->errands, &id, e);
	if (outcome == API_DONE && id > 0)
		*bound = mem_printf("%lld", (long long)id);
	return outcome;
}
