/* plan_nsx_apply.c - nsx-apply: one apply_certificate for each service and
 * node that uses the old certificate (NSX 3.1.2 and later). */
#include "remediate/plan_nsx.h"

#include <stdlib.h>
#include "lib/base/mem.h"

#define CERTIFICATES "/api/v1/trust-management/certificates"

/* The name to ask for in a handshake. */
static char *sni_of(const struct cluster_facts *facts, const struct plan_use *use)
{
	const struct cluster_node *n = use->node != NULL ? cluster_node(facts, use->node) : NULL;

	if (use->endpoint == NULL)
		return NULL;
	if (n != NULL)
		return mem_strdup(n->fqdn);
	return facts != NULL ? mem_strdup(facts->url_name) : NULL;
}

void nsx_plan_apply_step(const struct cluster_facts *facts, const struct plan_use *use,
    const char *old_id, const char *new_id, const char *why, struct plan *out)
{
	struct plan_step *s = plan_add_step(out, "apply");

	s->service = mem_strdup(use->service);
	s->node = mem_strdup(use->node);
	s->node_name = mem_strdup(use->node_name);
	s->old_id = mem_strdup(old_id);
	s->new_id = mem_strdup(new_id);
	s->endpoint = mem_strdup(use->endpoint);
	s->sni = sni_of(facts, use);
	s->call = mem_printf("POST " CERTIFICATES
	    "/%s?action=apply_certificate&service_type=%s%s%s",
	    new_id != NULL ? new_id : NEW_ID_UNKNOWN, use->service,
	    use->node != NULL ? "&node_id=" : "", use->node != NULL ? use->node : "");
	s->why = mem_strdup(why);
	s->verify_s = nsx_verify_s(facts, use->service);
}

static void add_applies(const struct nsx_case *c, const struct plan_step *uses, struct plan *out)
{
	for (size_t i = 0; i < uses->n_uses; i++) {
		const struct plan_use *u = &uses->uses[i];
		char *why = mem_printf("%s of %s uses the old one", u->service,
		    u->node_name != NULL ? u->node_name : "the cluster");

		nsx_plan_apply_step(c->view->cluster, u, c->at->id, out->new_id, why, out);
		free(why);
	}
}

enum plan_verdict plan_nsx_apply(const struct nsx_case *c, struct plan *out, struct err *e)
{
	struct plan_step uses = { 0 };
	enum plan_verdict said = nsx_order_uses(c, &uses, e);

	nsx_plan_begin(c, out);
	if (said == PLAN_READY)
		said = nsx_plan_goods(c, out, e);
	if (said == PLAN_READY && out->n_steps + uses.n_uses + 1 > PLAN_STEPS_MAX)
		said = plan_refuse(e, "more than %d services and nodes use it", PLAN_STEPS_MAX - 3);
	if (said == PLAN_READY) {
		add_applies(c, &uses, out);
		nsx_plan_follow_up(c, out);
		out->summary = mem_printf("replace %s, used by %zu service%s of %s, one after the "
		    "other", out->object_name, uses.n_uses, uses.n_uses == 1 ? "" : "s",
		    out->target);
	}
	plan_step_clear(&uses);
	return said;
}
