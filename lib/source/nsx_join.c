/* nsx_join.c - the answers of one NSX poll joined, in whatever order they
 * came: Policy objects to their twins in the trust store, principal
 * identities to their certificates, names to nodes. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "lib/source/endpoint.h"
#include "lib/source/nsx_internal.h"

#define CLUSTER_NAME "cluster"
#define PRINCIPAL_SERVICE "CLIENT_AUTH"
#define PRINCIPALS_WHAT "principal identities"

/* What is known of a certificate of the inventory, by its index. */
enum { SEEN = 1, SEEN_AS_LEAF = 2, SEEN_IN_POLICY = 4 };

static bool is_ours(const struct nsx_facts *f, const struct sighting *s)
{
	return s->source == f->c->index && s->via == VIA_API;
}

static bool is_leaf(const struct sighting *s)
{
	return s->role == ROLE_NSX_PLATFORM;
}

static void add_policy(struct nsx_facts *f, const struct nsx_policy_cert *p)
{
	struct sighting *s = inventory_add_sighting(f->c->inv, p->cert, f->c->index, VIA_API);

	s->role = p->position == 0 ? ROLE_NSX_SERVICE : ROLE_CHAIN;
	s->position = p->position;
	s->id = mem_strdup(p->id);
	s->name = mem_strdup(p->name);
	s->category = mem_strdup(p->category);
	s->has_private_key = p->position == 0 ? p->has_private_key : -1;
}

/* Service certificates are copied into the trust store: an object that is
 * there too is one certificate with a mark, anything else is one that only
 * Policy knows, with its whole chain.  Of a copy's chain only what the trust
 * store does not have is added. */
static void place_policies(struct nsx_facts *f, unsigned char *marks)
{
	bool is_copy = false;

	for (size_t i = 0; i < f->n_policies; i++) {
		const struct nsx_policy_cert *p = &f->policies[i];
		unsigned char *mark = &marks[p->cert];

		if (p->position == 0)
			is_copy = *mark & SEEN_AS_LEAF;
		if (p->position == 0 && is_copy)
			*mark |= SEEN_IN_POLICY;
		else if (!is_copy || !(*mark & SEEN))
			add_policy(f, p);
		*mark |= SEEN;
	}
}

static void join_policies(struct nsx_facts *f)
{
	struct inventory *inv = f->c->inv;
	unsigned char *marks = mem_alloc(inv->n_certs);

	for (size_t i = 0; i < inv->n_sightings; i++) {
		const struct sighting *s = &inv->sightings[i];

		if (is_ours(f, s))
			marks[s->cert] |= is_leaf(s) ? SEEN | SEEN_AS_LEAF : SEEN;
	}
	place_policies(f, marks);
	for (size_t i = 0; i < inv->n_sightings; i++) {
		struct sighting *s = &inv->sightings[i];

		if (is_ours(f, s) && is_leaf(s) && (marks[s->cert] & SEEN_IN_POLICY))
			s->by_policy = true;
	}
	free(marks);
}

static void join_principals(struct nsx_facts *f, bool is_complete)
{
	for (size_t i = 0; i < f->n_principals; i++) {
		const struct nsx_principal *p = &f->principals[i];
		size_t at = nsx_ids_find(&f->leaf_ids, p->certificate_id);
		struct sighting *s = at != SIZE_MAX ? &f->c->inv->sightings[at] : NULL;
		struct err e = { ERR_NONE, "" };

		if (s != NULL) {
			s->by_principal = true;
			sighting_add_use(s, PRINCIPAL_SERVICE, p->node_id, p->name);
		}
		/* One that logs in with a token has no certificate. */
		if (s != NULL || !is_complete || p->certificate_id == NULL)
			continue;
		err_set(&e, ERR_ANSWER, "%.80s uses certificate %.80s, which the trust store does "
		    "not list", p->name != NULL ? p->name : "one", p->certificate_id);
		source_remark(f->c, &f->remarks, ISSUE_NOTE, &e, PRINCIPALS_WHAT);
	}
}

const char *nsx_node_name(const struct nsx_facts *f, const char *service, const char *node)
{
	size_t at = nsx_ids_find(&f->node_ids, node);

	if (at != SIZE_MAX)
		return f->cluster->nodes[at].name;
	if (node != NULL && f->cluster->cluster_id != NULL &&
	    strcmp(node, f->cluster->cluster_id) == 0)
		return CLUSTER_NAME;
	at = nsx_ids_find(&f->profile_ids, service);
	return at != SIZE_MAX && f->cluster->profiles[at].per_cluster == 1 ? CLUSTER_NAME : NULL;
}

static void join_names(struct nsx_facts *f)
{
	for (size_t i = 0; i < f->c->inv->n_sightings; i++) {
		struct sighting *s = &f->c->inv->sightings[i];

		for (size_t k = 0; k < s->n_uses && s->source == f->c->index; k++) {
			struct use *u = &s->uses[k];

			if (u->node_name == NULL)
				u->node_name = mem_strdup(nsx_node_name(f, u->service, u->node));
		}
	}
}

static bool is_name_of(const struct cluster_node *n, const char *host)
{
	return (n->fqdn != NULL && strcasecmp(n->fqdn, host) == 0) ||
	    strcasecmp(n->name, host) == 0;
}

/* The API does not tell the VIP's name.  When one is set, and the name in the
 * URL is no node's, it is taken for that. */
static void join_url(struct nsx_facts *f)
{
	const char *host = f->c->inv->sources[f->c->index].host;
	struct cluster_facts *c = f->cluster;

	for (size_t i = 0; host != NULL && i < c->n_vips; i++)
		c->url_is_vip = c->url_is_vip || strcmp(c->vips[i], host) == 0;
	if (host == NULL || c->n_vips == 0 || c->url_name != NULL || endpoint_is_address(host))
		return;
	for (size_t i = 0; i < c->n_nodes; i++)
		if (is_name_of(&c->nodes[i], host))
			return;
	c->url_name = mem_strdup(host);
}

void nsx_join(struct nsx_facts *f, bool is_complete)
{
	join_url(f);
	join_policies(f);
	join_principals(f, is_complete);
	join_names(f);
}
