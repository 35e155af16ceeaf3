/* plan_nsx_uses.c - which services use a certificate, in the order in which
 * they are changed, and where each can be seen. */
#include "remediate/plan_nsx.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "lib/source/endpoint.h"

/* The order of changes; the scope where no profile tells it. */
static const struct service_row {
	unsigned bit;
	bool per_cluster;
} services[] = {
	{ SERVICE_API, false }, { SERVICE_MGMT_CLUSTER, true }, { SERVICE_APH, false },
	{ SERVICE_APH_TN, false }, { SERVICE_CCP, false }, { SERVICE_LOCAL_MANAGER, true },
	{ SERVICE_GLOBAL_MANAGER, true },
};
#define N_SERVICES (sizeof services / sizeof services[0])

/* A real service restart takes minutes; a product that tells how long it
 * needs is given several times that. */
#define VERIFY_S 600
#define VERIFY_TIMES 5
#define VERIFY_LEAST_S 30

static size_t rank_of(const char *service)
{
	unsigned bit = service_bit(service);
	size_t i = 0;

	while (i < N_SERVICES && services[i].bit != bit)
		i++;
	return i;
}

bool nsx_is_per_cluster(const struct cluster_facts *facts, const char *service)
{
	const struct cluster_profile *p = cluster_profile(facts, service);
	size_t rank = rank_of(service);

	if (p != NULL && p->per_cluster >= 0)
		return p->per_cluster == 1;
	return rank < N_SERVICES && services[rank].per_cluster;
}

int64_t nsx_verify_s(const struct cluster_facts *facts, const char *service)
{
	const struct cluster_profile *p = cluster_profile(facts, service);
	int64_t most = INT64_C(24) * 3600;

	if (p == NULL || p->replacement_s < 0 || p->replacement_s > most)
		return VERIFY_S;
	return p->replacement_s * VERIFY_TIMES > VERIFY_LEAST_S
	    ? p->replacement_s * VERIFY_TIMES : VERIFY_LEAST_S;
}

/* --- our own way to the API --------------------------------------------------------- */

static const struct source_status *source_of(const struct view *v)
{
	return v->inv.n_sources > 0 ? &v->inv.sources[0] : NULL;
}

static bool is_host(const char *name, const char *host)
{
	return name != NULL && strcasecmp(name, host) == 0;
}

static bool is_node_host(const struct cluster_node *n, const char *host)
{
	for (size_t i = 0; i < n->n_addresses; i++)
		if (is_host(n->addresses[i], host))
			return true;
	return is_host(n->fqdn, host) || is_host(n->name, host);
}

/* The node whose own address the configured URL names; NULL: it is the VIP, or
 * not known. */
static const struct cluster_node *our_node(const struct view *v)
{
	const struct source_status *s = source_of(v);

	for (size_t i = 0; s != NULL && s->host != NULL && v->cluster != NULL &&
	     i < v->cluster->n_nodes; i++)
		if (is_node_host(&v->cluster->nodes[i], s->host))
			return &v->cluster->nodes[i];
	return NULL;
}

static bool is_vip(const struct view *v)
{
	const struct source_status *s = source_of(v);

	if (s == NULL || s->host == NULL || v->cluster == NULL || v->cluster->n_vips == 0)
		return false;
	for (size_t i = 0; i < v->cluster->n_vips; i++)
		if (is_host(v->cluster->vips[i], s->host))
			return true;
	return v->cluster->url_is_vip || is_host(v->cluster->url_name, s->host);
}

static bool is_pinned(const struct nsx_case *c)
{
	const struct trust *t = &c->m->target->trust;

	for (size_t i = 0; i < t->n_pins; i++)
		if (memcmp(t->pins[i], c->old->sha256, CERT_SHA256_BYTES) == 0)
			return true;
	return false;
}

bool nsx_is_our_way(const struct nsx_case *c)
{
	const struct cluster_node *node = our_node(c->view);

	if ((c->services & SERVICES_WEB) == 0)
		return false;
	if (is_pinned(c))
		return true;
	if (node != NULL)
		return view_has_use(c->view, c->at->id, "API", node->id);
	if (is_vip(c->view))
		return (c->services & SERVICE_MGMT_CLUSTER) != 0;
	return true;
}

/* --- the uses ----------------------------------------------------------------------- */

const char *nsx_endpoint(const struct view *v, const char *service, const char *node)
{
	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];

		if (s->via != VIA_TLS || s->endpoint == NULL || s->position != 0)
			continue;
		for (size_t u = 0; u < s->n_uses; u++)
			if (strcmp(s->uses[u].service, service) == 0 && (node == NULL ||
				(s->uses[u].node != NULL && strcmp(s->uses[u].node, node) == 0)))
				return s->endpoint;
	}
	return NULL;
}

bool nsx_is_presented(const struct view *v, size_t cert)
{
	for (size_t i = 0; i < v->inv.n_sightings; i++)
		if (v->inv.sightings[i].via == VIA_TLS && v->inv.sightings[i].cert == cert)
			return true;
	return false;
}

/* Is it there already?  One per cluster may be told once for each node. */
static bool has_use(const struct plan_step *s, const char *service, const char *node)
{
	for (size_t i = 0; i < s->n_uses; i++)
		if (strcmp(s->uses[i].service, service) == 0 && (node == NULL ||
			strcmp(s->uses[i].node, node) == 0))
			return true;
	return false;
}

static enum plan_verdict add_use(const struct nsx_case *c, const struct use *u,
    struct plan_step *into, struct err *e)
{
	const struct cluster_facts *facts = c->view->cluster;
	bool per_cluster = nsx_is_per_cluster(facts, u->service);
	const struct cluster_node *node = per_cluster || u->node == NULL
	    ? NULL : cluster_node(facts, u->node);
	struct plan_use *added;

	if (!per_cluster && node == NULL)
		return plan_refuse(e, "%s of node %s uses it, which is no manager node of this "
		    "cluster: find out what that is", u->service, u->node != NULL ? u->node : "?");
	if (has_use(into, u->service, node != NULL ? node->id : NULL))
		return PLAN_READY;
	if (into->n_uses == PLAN_USES_MAX)
		return plan_refuse(e, "more than %d services and nodes use it", PLAN_USES_MAX);
	added = plan_add_use(into, u->service);
	if (node != NULL) {
		added->node = mem_strdup(node->id);
		added->node_name = mem_strdup(node->name);
	}
	added->endpoint = mem_strdup(nsx_endpoint(c->view, u->service, added->node));
	return PLAN_READY;
}

/* What tells two uses apart, in the order of the sort. */
static int order_of(const struct plan_use *a, const struct plan_use *b, const char *our_node_id)
{
	size_t rank_a = rank_of(a->service), rank_b = rank_of(b->service);
	bool ours_a, ours_b;

	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	if (a->node == NULL || b->node == NULL)
		return (a->node != NULL) - (b->node != NULL);
	ours_a = our_node_id != NULL && strcmp(a->node, our_node_id) == 0;
	ours_b = our_node_id != NULL && strcmp(b->node, our_node_id) == 0;
	if (ours_a != ours_b)
		return ours_a ? 1 : -1;
	return strcmp(a->node_name, b->node_name) != 0
	    ? strcmp(a->node_name, b->node_name) : strcmp(a->node, b->node);
}

enum plan_verdict nsx_order_uses(const struct nsx_case *c, struct plan_step *into, struct err *e)
{
	const struct cluster_node *ours = our_node(c->view);

	for (size_t i = 0; i < c->at->n_uses; i++) {
		enum plan_verdict said = add_use(c, &c->at->uses[i], into, e);

		if (said != PLAN_READY)
			return said;
	}
	for (size_t i = 1; i < into->n_uses; i++)
		for (size_t k = i; k > 0 && order_of(&into->uses[k], &into->uses[k - 1],
			 ours != NULL ? ours->id : NULL) < 0; k--) {
			struct plan_use swapped = into->uses[k];

			into->uses[k] = into->uses[k - 1];
			into->uses[k - 1] = swapped;
		}
	return PLAN_READY;
}
