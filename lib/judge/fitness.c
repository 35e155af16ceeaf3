/* fitness.c - what a use asks of a certificate, and the rules about chains
 * applied to one. */
#include "lib/judge/fitness.h"

#include <stdlib.h>
#include "lib/base/mem.h"
#include "lib/judge/judging.h"

/* What services ask for where NSX has no profile of them.  Which of them act
 * as clients too is not documented for every version: that is asked of a new
 * certificate only. */
static const struct { unsigned services, needs, needs_of_new; } demands[] = {
	{ SERVICE_API | SERVICE_MGMT_CLUSTER | SERVICE_APH_TN | SERVICE_CCP | SERVICE_BUS,
	    FITNESS_SERVER, 0 },
	{ SERVICE_APH | SERVICE_CBM, FITNESS_SERVER, FITNESS_CLIENT },
	{ SERVICE_LOCAL_MANAGER | SERVICE_GLOBAL_MANAGER, 0, FITNESS_SERVER | FITNESS_CLIENT },
};

/* Services of the appliance itself, which cannot work without the key. */
#define SERVICES_WITH_KEY (SERVICES_PRESENTING | SERVICE_LOCAL_MANAGER | SERVICE_GLOBAL_MANAGER)

void fitness_init(struct fitness_input *in)
{
	*in = (struct fitness_input){ .has_private_key = -1 };
}

void fitness_clear(struct fitness_input *in)
{
	free(in->endpoints);
	fitness_init(in);
}

/* --- what a use asks for ------------------------------------------------------------- */

static unsigned needs_of(unsigned service, const struct cluster_profile *p, bool is_new)
{
	unsigned needs = 0;

	if (p != NULL && p->wants_server >= 0) {
		needs |= p->wants_server ? FITNESS_SERVER : 0;
		return needs | (p->wants_client > 0 ? FITNESS_CLIENT : 0);
	}
	for (size_t i = 0; i < sizeof demands / sizeof demands[0]; i++)
		if (demands[i].services & service)
			needs |= demands[i].needs | (is_new ? demands[i].needs_of_new : 0);
	return needs;
}

static struct fitness_endpoint *add_endpoint(struct fitness_input *in, const char *label)
{
	struct fitness_endpoint *ep;

	in->endpoints = mem_grow(in->endpoints, &in->cap_endpoints, in->n_endpoints + 1,
	    sizeof *in->endpoints);
	ep = &in->endpoints[in->n_endpoints++];
	*ep = (struct fitness_endpoint){ .label = label };
	return ep;
}

static void add_names(struct fitness_endpoint *ep, const char *name, char *const *addresses,
    size_t n)
{
	if (name != NULL)
		ep->names[ep->n_names++] = name;
	for (size_t i = 0; i < n; i++)
		ep->names[ep->n_names++] = addresses[i];
}

/* A node whose name is not told may have one that the certificate covers: of
 * one in use its address alone proves nothing. */
static void add_node(struct fitness_input *in, const struct cluster_node *n)
{
	if (n != NULL && (n->fqdn != NULL || (in->is_replacement && n->n_addresses > 0)))
		add_names(add_endpoint(in, n->name), n->fqdn, n->addresses, n->n_addresses);
}

/* The API tells the address of the VIP, but not its name.  Who asks it by the
 * address wants that covered; where only a node is asked, nothing is known. */
static void add_vip(struct fitness_input *in, const struct cluster_facts *c)
{
	if (c->n_vips > 0 && (c->url_name != NULL || c->url_is_vip || in->is_replacement))
		add_names(add_endpoint(in, "the VIP"), c->url_name, c->vips, c->n_vips);
}

void fitness_add_use(struct fitness_input *in, const struct cluster_facts *facts,
    const char *service, const char *node)
{
	const struct cluster_profile *p = cluster_profile(facts, service);
	unsigned bit = service_bit(service);

	in->services |= bit;
	in->needs |= needs_of(bit, p, in->is_replacement);
	in->is_presented = in->is_presented || (bit & SERVICES_PRESENTING) != 0;
	if (p != NULL && p->requires_private_key >= 0)
		in->needs_private_key = in->needs_private_key || p->requires_private_key == 1;
	else if ((bit & SERVICES_WITH_KEY) != 0 || in->is_replacement)
		in->needs_private_key = true;
	if (bit == SERVICE_API)
		add_node(in, cluster_node(facts, node));
	else if (bit == SERVICE_MGMT_CLUSTER && facts != NULL)
		add_vip(in, facts);
}

/* --- judging ---------------------------------------------------------------------------- */

void fit_open(struct fit *f)
{
	const struct fitness_input *in = &f->in;

	f->chain = NULL;
	f->problem = (struct err){ ERR_NONE, "" };
	if (!in->is_replacement && (in->n_chain == 0 || in->chain[0]->form != CERT_PARSED))
		return;   /* an item of its own tells that */
	if (in->n_chain > 1 || in->anchors != NULL || in->is_replacement)
		f->chain = chain_open(in->chain, in->n_chain, &f->problem);
}

void fit_close(struct fit *f)
{
	chain_close(f->chain);
	f->chain = NULL;
}

void fit_each_cert(const struct rule *r, const struct fit *f, fit_cert_fn *look,
    struct findings *out)
{
	for (size_t i = 0; i < f->in.n_chain; i++) {
		struct findings found = { 0 };

		look(r, f->in.chain[i], f->in.now_at, &found);
		for (size_t k = 0; k < found.n && i == 0; k++)
			findings_add(out, r->id, found.v[k].state, "%s", found.v[k].message);
		for (size_t k = 0; k < found.n && i > 0; k++)
			findings_add(out, r->id, found.v[k].state,
			    "certificate %zu of its chain: %s", i + 1, found.v[k].message);
		findings_clear(&found);
	}
}

enum state fitness_judge(const struct fitness_input *in, struct findings *out)
{
	struct fit f = { .in = *in };

	fit_open(&f);
	for (size_t i = 0; i < rules_n(); i++) {
		const struct rule *r = rules_at(i);

		if (r->judge_fit != NULL)
			r->judge_fit(r, &f, out);
		if (r->judge_new != NULL && in->is_replacement)
			r->judge_new(r, &f, out);
	}
	fit_close(&f);
	return findings_sort(out);
}
