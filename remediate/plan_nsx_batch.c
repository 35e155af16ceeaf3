/* plan_nsx_batch.c - nsx-batch-replace: a certificate that several services
 * share, in one call with one pair (NSX 4.2 and later). */
#include "remediate/plan_nsx.h"

#include <stdlib.h>
#include "lib/base/mem.h"

#define BATCH "/api/v1/trust-management/certificates/action/batch-replace"
#define VERIFY_MOST_S 7200

/* NSX makes a new one only of one that signed itself, and nobody knows its
 * fingerprint before it is served. */
static bool is_made_by_batch(const struct nsx_case *c)
{
	return c->m->replacement == REPLACEMENT_SELF_SIGNED && c->old->self_issued;
}

static enum plan_verdict check_unknown_leaf(const struct nsx_case *c, struct err *e)
{
	const struct target *t = c->m->target;

	if (!nsx_is_our_way(c))
		return PLAN_READY;
	if (t->trust.n_pins > 0)
		return plan_refuse(e, "%s is reached by pin through a listener of this "
		    "certificate, and what the batch makes cannot be known beforehand: use "
		    "nsx-apply, or a replacement that is known", t->name);
	return plan_refuse(e, "with a self-signed certificate we would not reach the API any more: "
	    "%s is trusted by its CA", t->name);
}

static enum plan_verdict check_profiles(const struct nsx_case *c, struct err *e)
{
	for (size_t i = 0; c->view->cluster->n_profiles > 0 && i < c->at->n_uses; i++)
		if (cluster_profile(c->view->cluster, c->at->uses[i].service) == NULL)
			return plan_refuse(e, "this NSX has no certificate profile for %s, and "
			    "replaces nothing in a batch without one", c->at->uses[i].service);
	return PLAN_READY;
}

static int64_t verify_s(const struct nsx_case *c, const struct plan_step *s)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->n_uses; i++)
		sum += nsx_verify_s(c->view->cluster, s->uses[i].service);
	return sum < VERIFY_MOST_S ? sum : VERIFY_MOST_S;
}

static enum plan_verdict add_batch(const struct nsx_case *c, struct plan *out, struct err *e)
{
	struct plan_step *s = plan_add_step(out, "batch-replace");
	const char *id = out->new_id != NULL ? out->new_id : NEW_ID_UNKNOWN;

	s->old_id = mem_strdup(c->at->id);
	s->new_id = mem_strdup(out->new_id);
	if (is_made_by_batch(c)) {
		s->call = mem_printf("POST " BATCH " with the pair (%s, none: NSX makes it)",
		    c->at->id);
		s->why = mem_strdup("NSX replaces what signed itself by a new one of its own");
	} else {
		s->call = mem_printf("POST " BATCH " with the pair (%s, %s)", c->at->id, id);
		s->why = mem_strdup("the services that share the certificate change over together");
	}
	if (nsx_order_uses(c, s, e) != PLAN_READY)
		return PLAN_REFUSED;
	s->verify_s = verify_s(c, s);
	out->summary = mem_printf("replace %s, shared by %zu service%s of %s, in one batch",
	    out->object_name, s->n_uses, s->n_uses == 1 ? "" : "s", out->target);
	return PLAN_READY;
}

enum plan_verdict plan_nsx_batch(const struct nsx_case *c, struct plan *out, struct err *e)
{
	enum plan_verdict said = check_profiles(c, e);

	nsx_plan_begin(c, out);
	if (said == PLAN_READY)
		said = is_made_by_batch(c) ? check_unknown_leaf(c, e) : nsx_plan_goods(c, out, e);
	if (said == PLAN_READY)
		said = add_batch(c, out, e);
	if (said == PLAN_READY)
		nsx_plan_follow_up(c, out);
	return said;
}
