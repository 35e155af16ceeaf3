/* plan_nsx_fit.c - is a new certificate fit for what the old one is used for,
 * and would we still reach the API with it? */
#include "remediate/plan_nsx.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

int nsx_fit_judge(const struct fitness_input *in, const char *what, struct err *e)
{
	struct findings found = { 0 };
	int failed = 0;

	if (fitness_judge(in, &found) != STATE_OK) {
		findings_sort(&found);
		failed = err_set(e, ERR_REFUSED, "%s is not fit: %s (%s)", what,
		    found.n > 0 ? found.v[0].message : "its rules say so",
		    found.n > 0 ? found.v[0].id : "unknown");
	}
	findings_clear(&found);
	return failed;
}

/* By the system's store it cannot be told beforehand what verifies; what has
 * the same issuer as before does. */
static bool has_known_issuer(const struct cert *leaf, const struct cert *old)
{
	return old != NULL && !leaf->self_issued && leaf->issuer_der.n == old->issuer_der.n &&
	    memcmp(leaf->issuer_der.p, old->issuer_der.p, leaf->issuer_der.n) == 0;
}

int nsx_fit_trust(const struct target *t, const struct cert *leaf, const struct cert *old,
    const char *what, struct err *e)
{
	if (t->trust.n_pins > 0)
		return 0;     /* the new pin is accepted in addition */
	if (t->trust.ca_file != NULL)
		return 0;     /* a rule of fitness, with these anchors */
	if (has_known_issuer(leaf, old))
		return 0;
	return err_set(e, ERR_REFUSED, "with %s we might not reach the API any more: %s is trusted "
	    "by the system's store, which need not know %s; name its CA with ca_file, or a "
	    "pin_sha256", what, t->name, leaf->self_issued ? "a self-signed one" : "this issuer");
}

/* --- a row of the trust store ------------------------------------------------------- */

/* What the report says of it, its own time apart (looked at below). */
static enum plan_verdict check_findings(const struct nsx_case *c,
    const struct nsx_candidate *cand, struct err *e)
{
	const struct report *r = &c->view->report;

	for (size_t i = 0; i < r->n_items; i++)
		for (size_t k = 0; r->items[i].cert == cand->row->cert &&
		     k < r->items[i].findings.n; k++) {
			const struct finding *f = &r->items[i].findings.v[k];

			if (f->state != STATE_OK)
				return plan_refuse(e, "%s is not fit: %s (%s)", cand->what,
				    f->message, f->id);
		}
	return PLAN_READY;
}

static bool is_of_other_class(const struct nsx_case *c, const char *service, const char *other)
{
	const struct cluster_profile *a = cluster_profile(c->view->cluster, service);
	const struct cluster_profile *b = cluster_profile(c->view->cluster, other);

	return a != NULL && b != NULL && a->certificate_class != NULL &&
	    b->certificate_class != NULL && strcmp(a->certificate_class, b->certificate_class) != 0;
}

static bool is_for_one_use(const struct nsx_case *c, const char *service)
{
	const struct cluster_profile *p = cluster_profile(c->view->cluster, service);

	return p != NULL && p->unique_use == 1;
}

/* What uses it already, beside what shall. */
static enum plan_verdict check_other_uses(const struct nsx_case *c,
    const struct nsx_candidate *cand, struct err *e)
{
	for (size_t i = 0; i < cand->row->n_uses; i++)
		for (size_t k = 0; k < c->at->n_uses; k++) {
			const char *has = cand->row->uses[i].service;
			const char *wants = c->at->uses[k].service;

			if (is_for_one_use(c, has) || is_for_one_use(c, wants))
				return plan_refuse(e, "%s is used by %s already, and NSX wants a "
				    "certificate of its own there", cand->what, has);
			if (is_of_other_class(c, has, wants))
				return plan_refuse(e, "%s is used by %s, and NSX lets no "
				    "certificate serve %s too", cand->what, has, wants);
		}
	return PLAN_READY;
}

static enum plan_verdict check_row(const struct nsx_case *c, const struct nsx_candidate *cand,
    struct err *e)
{
	const struct sighting *row = cand->row;
	enum plan_verdict said = PLAN_READY;

	if (row->by_policy || row->role == ROLE_NSX_SERVICE)
		return plan_refuse(e, "%s is a service certificate: import it again, with Service "
		    "Certificate set to No", cand->what);
	if (row->by_principal)
		return plan_refuse(e, "%s belongs to a principal identity", cand->what);
	said = check_other_uses(c, cand, e);
	return said == PLAN_READY ? check_findings(c, cand, e) : said;
}

/* --- any candidate ------------------------------------------------------------------ */

/* One that ends soon would have to be replaced again at once. */
static enum plan_verdict check_time(const struct nsx_case *c, const struct nsx_candidate *cand,
    struct err *e)
{
	const struct cert *leaf = cand->chain[0];
	int64_t life_s = leaf->not_after_at - leaf->not_before_at;
	char when[TEXT_TIME_BYTES];

	if (c->now_at < leaf->not_before_at)
		return plan_refuse(e, "%s is not valid before %s", cand->what,
		    text_from_time(leaf->not_before_at, when));
	text_from_time(leaf->not_after_at, when);
	if (c->now_at > leaf->not_after_at)
		return plan_refuse(e, "%s ended at %s", cand->what, when);
	if (c->item != NULL &&
	    limit_alerts(&c->item->warning, leaf->not_after_at - c->now_at, life_s))
		return plan_refuse(e, "%s ends at %s, which is inside the limit of a warning",
		    cand->what, when);
	return PLAN_READY;
}

static void fill_input(const struct nsx_case *c, const struct nsx_candidate *cand,
    struct fitness_input *in)
{
	in->is_replacement = true;
	in->is_presented = true;
	in->chain = cand->chain;
	in->n_chain = cand->n_chain;
	in->has_private_key = cand->has_private_key;
	in->now_at = c->now_at;
	if ((c->services & SERVICES_WEB) != 0)
		in->anchors = c->view->inv.sources[c->at->source].anchors;
	if (cand->row != NULL) {
		in->verdict = cand->row->verdict;
		in->verdict_message = cand->row->verdict_message;
	}
	for (size_t i = 0; i < c->at->n_uses; i++)
		fitness_add_use(in, c->view->cluster, c->at->uses[i].service,
		    c->at->uses[i].node);
}

enum plan_verdict nsx_fit(const struct nsx_case *c, const struct nsx_candidate *cand,
    struct err *e)
{
	struct fitness_input in;
	enum plan_verdict said;

	if (cand->n_chain == 0 || cand->chain[0]->form != CERT_PARSED)
		return plan_refuse(e, "%s cannot be read", cand->what);
	said = check_time(c, cand, e);
	if (said == PLAN_READY && cand->row != NULL)
		said = check_row(c, cand, e);
	if (said != PLAN_READY)
		return said;
	if (nsx_is_our_way(c) &&
	    nsx_fit_trust(c->m->target, cand->chain[0], c->old, cand->what, e))
		return PLAN_REFUSED;
	fitness_init(&in);
	fill_input(c, cand, &in);
	if (nsx_fit_judge(&in, cand->what, e))
		said = PLAN_REFUSED;
	fitness_clear(&in);
	return said;
}
