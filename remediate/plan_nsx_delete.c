/* plan_nsx_delete.c - nsx-delete: a certificate that a run replaced, once
 * nobody uses it and it was kept for long enough. */
#include "remediate/plan_nsx.h"

#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define CERTIFICATES "/api/v1/trust-management/certificates"
#define VERIFY_S 120

static bool allows_any(const struct mandate *m)
{
	for (size_t i = 0; i < m->n_procedures; i++)
		if (strncmp(m->procedures[i], "nsx-", 4) == 0)
			return true;
	return false;
}

static enum plan_verdict check_row(const struct view *v, const struct sighting *s,
    const char *old_sha256, struct err *e)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	cert_sha256_hex(v->inv.certs[s->cert], sha256);
	if (old_sha256 != NULL && strcmp(sha256, old_sha256) != 0)
		return plan_refuse(e, "%s is another certificate now than the one that was "
		    "replaced", s->id);
	if (s->n_uses > 0)
		return plan_nothing(e, "%s is used again, by %s", s->id, s->uses[0].service);
	if (s->by_policy || s->by_principal)
		return plan_refuse(e, "%s is a service certificate or belongs to a principal "
		    "identity by now", s->id);
	if (nsx_is_presented(v, s->cert))
		return plan_nothing(e, "a listener still presents %s", s->id);
	return PLAN_READY;
}

enum plan_verdict plan_cleanup(const struct view *view, const struct mandate *m, const char *old_id,
    const char *old_sha256, int64_t done_at, int64_t now_at, struct plan *out, struct err *e)
{
	size_t i = view_find_object(view, old_id);
	char when[TEXT_TIME_BYTES];
	enum plan_verdict said;
	const struct sighting *s;
	struct plan_step *step;

	plan_init(out);
	if (!allows_any(m))
		return plan_nothing(e, "no procedure for NSX is allowed here");
	if (now_at < done_at + m->keep_old_s)
		return plan_nothing(e, "%s is kept until %s", old_id,
		    text_from_time(done_at + m->keep_old_s, when));
	if (!view->is_reachable || !view->is_complete)
		return plan_nothing(e, "whether %s is still used could not be read", old_id);
	if (i == SIZE_MAX)
		return plan_nothing(e, "%s is gone already", old_id);
	s = &view->inv.sightings[i];
	said = check_row(view, s, old_sha256, e);
	if (said != PLAN_READY)
		return said;
	out->target = mem_strdup(m->target->name);
	out->procedure = mem_strdup("nsx-delete");
	out->finding = mem_strdup("unused");
	out->object = mem_strdup(old_id);
	out->object_name = mem_strdup(s->name != NULL ? s->name : old_id);
	out->old_sha256 = mem_strdup(old_sha256);
	out->summary = mem_printf("delete %s from the trust store of %s: it was replaced, and "
	    "nothing uses it", out->object_name, out->target);
	step = plan_add_step(out, "delete");
	step->old_id = mem_strdup(old_id);
	step->call = mem_printf("DELETE " CERTIFICATES "/%s", old_id);
	step->why = mem_strdup("it was replaced, and its private key goes with it");
	step->verify_s = VERIFY_S;
	return PLAN_READY;
}
