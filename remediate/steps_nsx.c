/* steps_nsx.c - the kinds of step on an NSX, and what they share. */
#include "remediate/steps_nsx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

const struct step_kind steps_nsx[] = {
	{ .name = "import", .verb = VERB_TRACEABLE, .title = "import the new certificate",
	  .observe = observe_import, .prepare = prepare_import, .act = act_import },
	{ .name = "self-sign", .verb = VERB_TRACEABLE,
	  .title = "let NSX make a self-signed certificate", .observe = observe_self_sign,
	  .snapshot = snapshot_self_sign, .act = act_self_sign },
	{ .name = "validate", .verb = VERB_READ, .title = "let NSX validate the new certificate",
	  .wants = wants_validate, .observe = observe_validate },
	{ .name = "apply", .verb = VERB_REPEATABLE, .title = "apply the new certificate to",
	  .observe = observe_apply, .act = act_apply },
	{ .name = "batch-replace", .verb = VERB_TRACEABLE,
	  .title = "replace the shared certificate in one batch", .observe = observe_batch,
	  .snapshot = snapshot_batch, .act = act_batch },
	{ .name = "replace-host", .verb = VERB_ONCE,
	  .title = "replace the certificate of the transport node", .wants = wants_host,
	  .observe = observe_host, .prepare = prepare_host, .act = act_host },
	{ .name = "site-thumbprint", .verb = VERB_REPEATABLE,
	  .title = "give the Global Manager the new thumbprint", .wants = wants_site,
	  .observe = observe_site, .snapshot = snapshot_site, .act = act_site },
	{ .name = "delete", .verb = VERB_REPEATABLE, .title = "delete the old certificate",
	  .observe = observe_delete, .act = act_delete },
};
const size_t n_steps_nsx = sizeof steps_nsx / sizeof steps_nsx[0];

static const struct step_kind *find_in(const struct step_kind *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

const struct step_kind *step_kind_find(const char *name)
{
	const struct step_kind *k = find_in(steps_nsx, n_steps_nsx, name);

	return k != NULL ? k : find_in(steps_opsman, n_steps_opsman, name);
}

const char *step_new_id(const struct step_context *c)
{
	if (c->step->new_id != NULL)
		return c->step->new_id;
	if (c->plan->new_id != NULL)
		return c->plan->new_id;
	return c->run != NULL ? c->run->new_id : NULL;
}

const char *step_new_sha256(const struct step_context *c)
{
	if (c->plan->new_sha256 != NULL)
		return c->plan->new_sha256;
	return c->run != NULL ? c->run->new_sha256 : NULL;
}

char *step_object_name(const struct step_context *c)
{
	return mem_printf("check_certs-%s-run-%lld", c->plan->target,
	    (long long)(c->run != NULL ? c->run->id : 0));
}

struct json *step_snapshot(const struct step_context *c)
{
	struct json *doc = NULL;
	char *text;

	if (c->record == NULL || c->record->snapshot == NULL)
		return NULL;
	text = mem_strdup(c->record->snapshot);
	doc = json_parse(text, strlen(text), NULL);
	free(text);
	return doc;
}

void observation_clear(struct observation *o)
{
	free(o->adopt);
	free(o->adopt_sha256);
	*o = (struct observation){ 0 };
}

/* --- observing ---------------------------------------------------------------------- */

void observe_say(struct observation *o, enum seen seen, const char *fmt, ...)
{
	va_list args;

	o->seen = seen;
	va_start(args, fmt);
	vsnprintf(o->text, sizeof o->text, fmt, args);
	va_end(args);
}

bool observe_can_see(const struct view *v, struct observation *o)
{
	if (!v->is_reachable)
		observe_say(o, SEEN_UNREACHABLE, "no answer: %.400s",
		    v->poll_err.code != ERR_NONE ? v->poll_err.text : "the API is not there");
	else if (!v->is_complete)
		observe_say(o, SEEN_UNREACHABLE, "not read in full%s%.400s",
		    v->poll_err.code != ERR_NONE ? ": " : "", v->poll_err.text);
	return v->is_reachable && v->is_complete;
}

static bool is_stable(const char *state)
{
	return state != NULL && strcmp(state, "STABLE") == 0;
}

bool observe_is_quiet(const struct view *v, struct observation *o)
{
	const struct nsx_ops *s = &v->ops;
	const char *going_on = s->upgrading == 1 ? "an upgrade" : s->backing_up == 1 ? "a backup"
	    : s->restoring == 1 ? "a restore" : NULL;

	if (s->err.code != ERR_NONE)
		observe_say(o, SEEN_UNREACHABLE, "what NSX is doing is not known: %.400s",
		    s->err.text);
	else if (!is_stable(s->overall))
		observe_say(o, SEEN_BUSY, "the cluster is %s, not STABLE",
		    s->overall != NULL ? s->overall : "in a state that is not told");
	else if (s->management != NULL && !is_stable(s->management))
		observe_say(o, SEEN_BUSY, "the management cluster is %s, not STABLE",
		    s->management);
	else if (s->n_joined < s->n_nodes)
		observe_say(o, SEEN_BUSY, "node %s is not JOINED",
		    s->not_joined != NULL ? s->not_joined : "of the cluster");
	else if (s->changes_allowed == 0)
		observe_say(o, SEEN_BUSY, "the cluster allows no changes now");
	else if (s->n_pending > 0)
		observe_say(o, SEEN_BUSY, "%zu of a batch of replacements %s pending", s->n_pending,
		    s->n_pending == 1 ? "is" : "are");
	else if (going_on != NULL)
		observe_say(o, SEEN_BUSY, "%s is running", going_on);
	else
		return true;
	return false;
}

void observe_old(const struct step_context *c, const struct view *v, const char *old_id,
    struct observation *o)
{
	size_t i = old_id != NULL ? view_find_object(v, old_id) : SIZE_MAX;
	const struct sighting *s;
	const struct cert *old;

	o->old_still_good = false;
	if (i == SIZE_MAX)
		return;
	s = &v->inv.sightings[i];
	old = v->inv.certs[s->cert];
	o->old_still_good = s->has_private_key != 0 && old->form == CERT_PARSED &&
	    c->now_at >= old->not_before_at && c->now_at <= old->not_after_at;
}

bool observe_sha256(const struct view *v, const char *id, char out[2 * CERT_SHA256_BYTES + 1])
{
	size_t i = view_find_object(v, id);

	if (i == SIZE_MAX)
		return false;
	cert_sha256_hex(v->inv.certs[v->inv.sightings[i].cert], out);
	return true;
}

void observe_adopt(const struct view *v, const char *id, struct observation *o)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	if (id == NULL || !observe_sha256(v, id, sha256))
		return;
	free(o->adopt);
	free(o->adopt_sha256);
	o->adopt = mem_strdup(id);
	o->adopt_sha256 = mem_strdup(sha256);
}

/* What the API calls done must be seen at the listener too. */
static void shake_hands(const struct view *v, const struct plan_use *use, const char *new_id,
    const char *who, struct change_over *out)
{
	char served[2 * CERT_SHA256_BYTES + 1], wanted[2 * CERT_SHA256_BYTES + 1];

	out->over = OVER_PARTLY;
	if (!view_served(v, use->endpoint, served))
		snprintf(out->text, sizeof out->text,
		    "%s has the new certificate, and %s does not answer yet", who, use->endpoint);
	else if (!observe_sha256(v, new_id, wanted) || strcmp(served, wanted) != 0)
		snprintf(out->text, sizeof out->text,
		    "%s has the new certificate, and %s still presents %.8s", who, use->endpoint,
		    served);
	else
		out->over = OVER_DONE;
}

void observe_use(const struct view *v, const struct plan_use *use, const char *old_id,
    const char *new_id, struct change_over *out)
{
	bool has_old = old_id != NULL && view_has_use(v, old_id, use->service, use->node);
	bool has_new = new_id != NULL && view_has_use(v, new_id, use->service, use->node);
	char *who = mem_printf("%s of %s", use->service,
	    use->node_name != NULL ? use->node_name : "the cluster");

	if (has_new && !has_old && use->endpoint != NULL) {
		shake_hands(v, use, new_id, who, out);
	} else if (has_new && !has_old) {
		out->over = OVER_DONE;
	} else if (has_new) {
		out->over = OVER_PARTLY;
		snprintf(out->text, sizeof out->text, "%s has both certificates", who);
	} else if (has_old) {
		out->over = OVER_NOT;
		snprintf(out->text, sizeof out->text, "%s uses the old certificate", who);
	} else {
		out->over = OVER_LOST;
		snprintf(out->text, sizeof out->text,
		    "%s uses neither the old certificate nor the new one: somebody else changed it",
		    who);
	}
	if (out->over == OVER_DONE)
		snprintf(out->text, sizeof out->text, "%s has the new certificate%s%s", who,
		    use->endpoint != NULL ? " and presents it at " : "",
		    use->endpoint != NULL ? use->endpoint : "");
	free(who);
}
