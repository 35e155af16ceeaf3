/* cluster.c - what an NSX Manager tells of itself. */
#include "lib/model/cluster.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

struct cluster_facts *cluster_new(void)
{
	struct cluster_facts *c = mem_alloc(sizeof *c);

	c->changes_allowed = -1;
	c->renews_by_itself = -1;
	c->renewal_lead_s = -1;
	return c;
}

static void clear_node(struct cluster_node *n)
{
	free(n->id);
	free(n->name);
	free(n->fqdn);
	for (size_t i = 0; i < n->n_addresses; i++)
		free(n->addresses[i]);
	free(n->endpoint);
	free(n->status);
}

void cluster_free(struct cluster_facts *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_nodes; i++)
		clear_node(&c->nodes[i]);
	for (size_t i = 0; i < c->n_vips; i++)
		free(c->vips[i]);
	for (size_t i = 0; i < c->n_profiles; i++) {
		free(c->profiles[i].service);
		free(c->profiles[i].certificate_class);
	}
	free(c->nodes);
	free(c->profiles);
	free(c->cluster_id);
	free(c->url_name);
	free(c);
}

struct cluster_node *cluster_add_node(struct cluster_facts *c, const char *id, const char *name)
{
	struct cluster_node *n;

	c->nodes = mem_grow(c->nodes, &c->cap_nodes, c->n_nodes + 1, sizeof *c->nodes);
	n = &c->nodes[c->n_nodes++];
	*n = (struct cluster_node){ .id = mem_strdup(id), .name = mem_strdup(name) };
	return n;
}

struct cluster_profile *cluster_add_profile(struct cluster_facts *c, const char *service)
{
	struct cluster_profile *p;

	c->profiles = mem_grow(c->profiles, &c->cap_profiles, c->n_profiles + 1,
	    sizeof *c->profiles);
	p = &c->profiles[c->n_profiles++];
	*p = (struct cluster_profile){ .service = mem_strdup(service), .per_cluster = -1,
		.wants_server = -1, .wants_client = -1, .requires_private_key = -1,
		.unique_use = -1, .replacement_s = -1 };
	return p;
}

const struct cluster_node *cluster_node(const struct cluster_facts *c, const char *id)
{
	for (size_t i = 0; c != NULL && id != NULL && i < c->n_nodes; i++)
		if (strcmp(c->nodes[i].id, id) == 0)
			return &c->nodes[i];
	return NULL;
}

const struct cluster_profile *cluster_profile(const struct cluster_facts *c, const char *service)
{
	for (size_t i = 0; c != NULL && i < c->n_profiles; i++)
		if (strcmp(c->profiles[i].service, service) == 0)
			return &c->profiles[i];
	return NULL;
}
