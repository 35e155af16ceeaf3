/* nsx_state.c - looking things up in what the cluster believes. */
#include "tests/sim/nsx_state.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

const char *nsx_own(struct nsx *n, char *s)
{
	n->owned = mem_grow(n->owned, &n->owned_cap, n->n_owned + 1, sizeof(char *));
	n->owned[n->n_owned++] = s;
	return s;
}

const char *nsx_new_id(struct nsx *n)
{
	char id[37];

	sim_uuid(id);
	return nsx_own(n, mem_strdup(id));
}

void nsx_free(struct nsx *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < n->n_rows; i++) {
		free(n->row[i]->use);
		free(n->row[i]);
	}
	for (size_t i = 0; i < n->n_owned; i++)
		free(n->owned[i]);
	free(n->owned);
	for (size_t i = 0; i < n->n_tns; i++)
		free(n->tn[i].sha256);
	for (size_t i = 0; i < n->n_sites; i++)
		free(n->site[i].given);
	for (size_t i = 0; i < n->n_gms; i++)
		free(n->gm[i].given);
	for (size_t i = 0; i < n->n_csrs; i++) {
		free(n->csr[i].pem);
		X509_free(n->csr[i].template);
	}
	free(n->row);
	free(n->identity);
	free(n->tn);
	free(n->site);
	free(n->gm);
	free(n);
}

struct nsx_row *nsx_add_row(struct nsx *n)
{
	struct nsx_row *row = mem_alloc(sizeof *row);

	n->row = mem_grow(n->row, &n->rows_cap, n->n_rows + 1, sizeof(struct nsx_row *));
	n->row[n->n_rows++] = row;
	sim_uuid(row->alarm_id);
	row->in_store = true;
	return row;
}

void nsx_drop_row(struct nsx *n, const struct nsx_row *row)
{
	for (size_t i = 0; i < n->n_rows; i++) {
		if (n->row[i] != row)
			continue;
		free(n->row[i]->use);
		free(n->row[i]);
		memmove(&n->row[i], &n->row[i + 1],
		    (n->n_rows - i - 1) * sizeof(struct nsx_row *));
		n->n_rows--;
		return;
	}
}

struct nsx_use *nsx_add_use(struct nsx_row *row, const char *node_id)
{
	struct nsx_use *use;

	if (row->n_uses == NSX_USES_MAX)
		return NULL;
	if (row->use == NULL)
		row->use = mem_array(NSX_USES_MAX, sizeof *row->use);
	use = &row->use[row->n_uses++];
	use->node_id = node_id;
	return use;
}

struct nsx_row *nsx_row_by_id(const struct nsx *n, const char *id)
{
	for (size_t i = 0; i < n->n_rows; i++) {
		if (strcmp(n->row[i]->id, id) == 0)
			return n->row[i];
	}
	return NULL;
}

const struct nsx_node *nsx_node_by_id(const struct nsx *n, const char *uuid)
{
	for (size_t i = 0; i < n->n_nodes; i++) {
		if (strcmp(n->node[i].uuid, uuid) == 0)
			return &n->node[i];
	}
	return NULL;
}

const struct nsx_node *nsx_node_by_name(const struct nsx *n, const char *name)
{
	for (size_t i = 0; i < n->n_nodes; i++) {
		if (strcmp(n->node[i].name, name) == 0)
			return &n->node[i];
	}
	return NULL;
}

static bool has_service(const struct nsx_use *use, const char *service)
{
	for (size_t i = 0; i < use->n_services; i++) {
		if (strcmp(use->service[i], service) == 0)
			return true;
	}
	return false;
}

bool nsx_row_used_for(const struct nsx_row *row, const char *service, const char *node_id)
{
	for (size_t i = 0; i < row->n_uses; i++) {
		if ((node_id == NULL || strcmp(row->use[i].node_id, node_id) == 0) &&
		    has_service(&row->use[i], service))
			return true;
	}
	return false;
}

const struct nsx_row *nsx_row_for(const struct nsx *n, const char *service, const char *node_id)
{
	for (size_t i = 0; i < n->n_rows; i++) {
		if (n->row[i]->in_store && nsx_row_used_for(n->row[i], service, node_id))
			return n->row[i];
	}
	return NULL;
}

static size_t first_up(const struct nsx *n)
{
	for (size_t i = 0; i < n->n_nodes; i++) {
		if (!n->node[i].down && strcmp(n->node[i].status, "JOINED") == 0)
			return i;
	}
	return 0;
}

size_t nsx_node_at(const struct nsx *n, const char *address)
{
	for (size_t i = 0; i < n->n_nodes; i++) {
		if (n->node[i].address != NULL && strcmp(n->node[i].address, address) == 0)
			return i;
	}
	return first_up(n);
}

static const struct sim_cert *named(const struct nsx *n, const char *name)
{
	return sim_shop_find(n->shop, name);
}

static const struct sim_cert *cert_of(const struct nsx_row *row)
{
	return row != NULL ? row->cert : NULL;
}

static bool is_node_address(const struct nsx *n, const char *address)
{
	const struct nsx_node *node = &n->node[nsx_node_at(n, address)];

	return node->address != NULL && strcmp(node->address, address) == 0;
}

static bool is_known_address(const struct nsx *n, const char *address)
{
	return (n->vip.address != NULL && strcmp(n->vip.address, address) == 0) ||
	    (n->lone_address != NULL && strcmp(n->lone_address, address) == 0);
}

const struct sim_cert *nsx_serves(const struct nsx *n, const char *address)
{
	const struct nsx_node *node = &n->node[nsx_node_at(n, address)];
	const struct nsx_row *row;

	if (is_node_address(n, address)) {
		if (node->serves != NULL)
			return named(n, node->serves);
		return cert_of(nsx_row_for(n, "API", node->uuid));
	}
	if (!is_known_address(n, address))
		return NULL;
	if (n->vip.serves != NULL)
		return named(n, n->vip.serves);
	row = nsx_row_for(n, "MGMT_CLUSTER", NULL);
	return cert_of(row != NULL ? row : nsx_row_for(n, "API", node->uuid));
}
