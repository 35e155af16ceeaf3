/* steps_nsx_apply.c - apply, batch-replace and validate: the new certificate
 * takes the place of the old one. */
#include "remediate/steps_nsx.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/nsx_write.h"

/* --- validate ----------------------------------------------------------------------- */

WANTS(wants_validate)
{
	return (struct view_wants){ .validate_id = step_new_id(c) };
}

/* To look is to ask: there is nothing to do besides, so it is never ready. */
OBSERVE(observe_validate)
{
	const struct nsx_ops *o = &v->ops;
	const char *id = step_new_id(c);
	const char *words = o->validation_message != NULL
	    ? o->validation_message : "no reason given";

	observe_old(c, v, c->plan->object, out);
	if (!observe_can_see(v, out))
		return;
	if (id == NULL || view_find_object(v, id) == SIZE_MAX)
		observe_say(out, SEEN_NEITHER, "the new certificate is not in the trust store");
	else if (o->validation == NULL || o->validation_id == NULL ||
	    strcmp(o->validation_id, id) != 0)
		observe_say(out, SEEN_UNREACHABLE, "NSX did not say whether %s is valid%s%.300s",
		    id, o->err.code != ERR_NONE ? ": " : "", o->err.text);
	else if (strcmp(o->validation, "OK") == 0)
		observe_say(out, SEEN_GOAL, "NSX finds %s valid", id);
	else if (strcmp(o->validation, "CRL_NOT_READY") == 0)
		observe_say(out, SEEN_BUSY, "NSX has not got the revocation list of %s yet", id);
	else
		observe_say(out, SEEN_NEITHER, "NSX says %.40s of %s: %.300s", o->validation, id,
		    words);
}

/* --- apply -------------------------------------------------------------------------- */

static bool new_one_is_usable(const struct view *v, const char *id, struct observation *out)
{
	size_t i = id != NULL ? view_find_object(v, id) : SIZE_MAX;

	if (i != SIZE_MAX && v->inv.sightings[i].has_private_key != 0)
		return true;
	observe_say(out, SEEN_NEITHER, i == SIZE_MAX
	    ? "the new certificate is not in the trust store"
	    : "the new certificate has no private key there");
	return false;
}

OBSERVE(observe_apply)
{
	const struct plan_step *s = c->step;
	const struct plan_use use = { s->service, s->node, s->node_name, s->endpoint };
	const char *id = step_new_id(c);
	struct change_over at;

	observe_old(c, v, s->old_id, out);
	if (!observe_can_see(v, out) || !new_one_is_usable(v, id, out))
		return;
	observe_use(v, &use, s->old_id, id, &at);
	if (at.over == OVER_PARTLY)
		observe_say(out, SEEN_BUSY, "%s", at.text);
	else if (at.over == OVER_LOST)
		observe_say(out, SEEN_NEITHER, "%s", at.text);
	else if (observe_is_quiet(v, out))
		observe_say(out, at.over == OVER_DONE ? SEEN_GOAL : SEEN_READY, "%s", at.text);
}

ACT(act_apply)
{
	(void)v;
	(void)global;
	(void)goods;
	(void)bound;
	return nsx_write_apply(api, step_new_id(c), c->step->service, c->step->node, e);
}

/* --- batch-replace ------------------------------------------------------------------ */

SNAPSHOT(snapshot_batch)
{
	struct json_writer w;

	(void)c;
	jsonw_init(&w, json);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "batch_start_ms", v->ops.has_batch ? v->ops.batch_start_ms : 0);
	jsonw_close(&w, '}');
}

/* Results of this very batch: of the old certificate, begun since the intent. */
struct batch {
	bool is_ours;
	size_t n_pending;
	const struct nsx_batch_result *failed;   /* first; NULL */
	const char *new_id;                      /* that NSX tells; NULL */
};

static bool is_status(const struct nsx_batch_result *r, const char *status)
{
	return r->status != NULL && strcmp(r->status, status) == 0;
}

static void read_batch(const struct step_context *c, const struct view *v, struct batch *out)
{
	struct json *before = step_snapshot(c);
	int64_t start_ms = 0;

	*out = (struct batch){ 0 };
	if (before == NULL || json_opt_i64(before, "snapshot", "batch_start_ms", &start_ms, NULL) ||
	    start_ms == v->ops.batch_start_ms) {
		json_free(before);
		return;
	}
	json_free(before);
	for (size_t i = 0; i < v->ops.n_batch; i++) {
		const struct nsx_batch_result *r = &v->ops.batch[i];

		if (r->old_id == NULL || strcmp(r->old_id, c->step->old_id) != 0)
			continue;
		out->is_ours = true;
		out->n_pending += is_status(r, "PENDING");
		if (out->failed == NULL && !is_status(r, "PENDING") && !is_status(r, "OK"))
			out->failed = r;
		if (r->new_id != NULL)
			out->new_id = r->new_id;
	}
}

/* The uses that a batch changes, as one: the least far of them. */
static void observe_uses(const struct step_context *c, const struct view *v, const char *new_id,
    struct change_over *out)
{
	size_t n[OVER_LOST + 1] = { 0 };
	struct change_over at = { .over = OVER_LOST, .text = "the batch names no service" };

	*out = at;
	for (size_t i = 0; i < c->step->n_uses; i++) {
		observe_use(v, &c->step->uses[i], c->step->old_id, new_id, &at);
		n[at.over]++;
		if (at.over != OVER_DONE || c->step->n_uses == n[OVER_DONE])
			*out = at;
	}
	if (n[OVER_LOST] > 0)
		out->over = OVER_LOST;
	else if (n[OVER_PARTLY] > 0 || (n[OVER_NOT] > 0 && n[OVER_DONE] > 0))
		out->over = OVER_PARTLY;
}

static void observe_batch_end(const struct step_context *c, const struct view *v,
    const struct batch *b, const char *new_id, struct observation *out)
{
	struct change_over at;

	observe_uses(c, v, new_id, &at);
	if (at.over == OVER_DONE && observe_is_quiet(v, out)) {
		observe_say(out, SEEN_GOAL, "all %zu services have the new certificate",
		    c->step->n_uses);
		observe_adopt(v, new_id, out);
	} else if (at.over == OVER_PARTLY || (b->is_ours && at.over == OVER_NOT)) {
		observe_say(out, SEEN_BUSY, "%s", at.text);
	} else if (at.over == OVER_LOST) {
		observe_say(out, SEEN_NEITHER, "%s", at.text);
	} else if (at.over == OVER_NOT && observe_is_quiet(v, out)) {
		observe_say(out, SEEN_READY, "all %zu services use the old certificate",
		    c->step->n_uses);
	}
}

OBSERVE(observe_batch)
{
	const char *new_id = step_new_id(c);
	struct batch b;

	observe_old(c, v, c->step->old_id, out);
	if (!observe_can_see(v, out))
		return;
	if (v->ops.err.code != ERR_NONE) {
		observe_is_quiet(v, out);
		return;
	}
	read_batch(c, v, &b);
	if (new_id == NULL)
		new_id = b.new_id;
	if (b.is_ours) {
		out->n_new = 1;
		observe_adopt(v, new_id, out);
	}
	if (b.n_pending > 0)
		observe_say(out, SEEN_BUSY, "%zu of the batch %s pending", b.n_pending,
		    b.n_pending == 1 ? "is" : "are");
	else if (b.failed != NULL)
		observe_say(out, SEEN_FAILED, "%s of %s: %s: %.300s",
		    b.failed->service != NULL ? b.failed->service : "a service",
		    b.failed->node != NULL ? b.failed->node : "the cluster",
		    b.failed->status != NULL ? b.failed->status : "no status",
		    b.failed->message != NULL ? b.failed->message : "no reason given");
	else if (step_new_id(c) == NULL || new_one_is_usable(v, new_id, out))
		observe_batch_end(c, v, &b, new_id, out);
}

/* Without a new id NSX makes a certificate: never because an id was lost. */
static bool makes_its_own(const struct plan *p)
{
	return p->n_steps > 0 && strcmp(p->steps[0].kind, "batch-replace") == 0;
}

ACT(act_batch)
{
	const char *new_id = step_new_id(c);

	(void)v;
	(void)global;
	(void)goods;
	(void)bound;
	if (new_id == NULL && !makes_its_own(c->plan)) {
		err_set(e, ERR_AMBIGUOUS, "which certificate this run made is not known");
		return API_NOT_SENT;
	}
	return nsx_write_batch_replace(api, c->step->old_id, new_id, e);
}
