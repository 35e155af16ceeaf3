/* plan_nsx_rollback.c - the documented apply of the old certificate, for what
 * a run changed over. */
#include "remediate/plan_nsx.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

static enum plan_verdict check_old(const struct view *v, const struct plan *done, int64_t now_at,
    size_t *row, struct err *e)
{
	const struct sighting *s;
	const struct cert *old;

	*row = view_find_object(v, done->object);
	if (*row == SIZE_MAX)
		return plan_refuse(e, "the old certificate %s is gone: nothing can be put back",
		    done->object);
	s = &v->inv.sightings[*row];
	old = v->inv.certs[s->cert];
	if (s->has_private_key == 0)
		return plan_refuse(e, "the old certificate %s has no private key any more",
		    done->object);
	if (old->form != CERT_PARSED || now_at < old->not_before_at || now_at > old->not_after_at)
		return plan_refuse(e, "the old certificate %s is no better: it is not valid now",
		    done->object);
	return PLAN_READY;
}

/* Who has the use now, other than the old one; NULL: nobody. */
static const char *holder(const struct view *v, const struct plan *done, const char *service,
    const char *node)
{
	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];

		if (s->via == VIA_API && s->position == 0 && s->id != NULL &&
		    strcmp(s->id, done->object) != 0 && view_has_use(v, s->id, service, node))
			return s->id;
	}
	return NULL;
}

static void put_back(const struct view *v, const struct plan *done, const struct plan_use *use,
    struct plan *out)
{
	const char *by = holder(v, done, use->service, use->node);

	if (by == NULL || out->n_steps == PLAN_STEPS_MAX)
		return;
	nsx_plan_apply_step(v->cluster, use, by, done->object,
	    "the certificate that replaced it does not work", out);
}

static void put_step_back(const struct view *v, const struct plan *done, const struct plan_step *s,
    struct plan *out)
{
	struct plan_use use = { s->service, s->node, s->node_name, s->endpoint };

	if (strcmp(s->kind, "apply") == 0)
		put_back(v, done, &use, out);
	for (size_t i = s->n_uses; i-- > 0;)
		put_back(v, done, &s->uses[i], out);
}

/* The thumbprint follows whatever the VIP presents, so it comes last. */
static void follow_up(const struct plan *done, const bool *was_acted, struct plan *out)
{
	for (size_t i = 0; i < done->n_steps; i++) {
		const struct plan_step *s = &done->steps[i];

		if (was_acted[i] && strcmp(s->kind, "site-thumbprint") == 0)
			nsx_plan_site_step(s->node, s->call, s->endpoint,
			    "the VIP presents the old certificate again", out);
	}
}

static void begin(const struct view *v, const struct plan *done, size_t row, int64_t run,
    struct plan *out)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	cert_sha256_hex(v->inv.certs[v->inv.sightings[row].cert], sha256);
	out->target = mem_strdup(done->target);
	out->procedure = mem_strdup("nsx-apply");
	out->finding = mem_strdup(done->finding);
	out->new_id = mem_strdup(done->object);
	out->new_sha256 = mem_strdup(sha256);
	out->object_name = mem_printf("what replaced %s", done->object_name != NULL
	    ? done->object_name : done->object);
	out->needs_pin = done->needs_pin;
	out->is_rollback = true;
	out->rollback_of = run;
	out->summary = mem_printf("put %s of %s back in its place: what replaced it does not work",
	    done->object_name != NULL ? done->object_name : done->object, out->target);
	plan_add_note(out, "this takes back run %lld", (long long)run);
}

enum plan_verdict plan_rollback(const struct view *view, const struct plan *done,
    const bool *was_acted, int64_t run, int64_t now_at, struct plan *out, struct err *e)
{
	size_t row;
	enum plan_verdict said;

	plan_init(out);
	if (!view->is_reachable || !view->is_complete)
		return plan_refuse(e, "what is in use now could not be read");
	said = check_old(view, done, now_at, &row, e);
	if (said != PLAN_READY)
		return said;
	begin(view, done, row, run, out);
	for (size_t i = done->n_steps; i-- > 0;)
		if (was_acted[i])
			put_step_back(view, done, &done->steps[i], out);
	if (out->n_steps == 0) {
		plan_clear(out);
		return plan_nothing(e, "nothing that run %lld did is in place: the old certificate "
		    "is where it was", (long long)run);
	}
	follow_up(done, was_acted, out);
	out->object = mem_strdup(out->steps[0].old_id);
	out->old_sha256 = mem_strdup(done->new_sha256);
	return PLAN_READY;
}
