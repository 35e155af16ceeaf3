/* nsx_trust.c - the trust store, read. */
#include <string.h>
#include "tests/sim/nsx_call.h"

/* The filters type= and, from 4.1, node_id= and type=api_certificate. */
static bool wanted(const struct nsx *n, const struct nsx_call *c, const struct nsx_row *row)
{
	const char *type = sim_request_query(c->rq, "type");
	const char *node_id = sim_request_query(c->rq, "node_id");
	bool used_there = false;

	if (!row->in_store)
		return false;
	if (type != NULL && strcmp(type, "cluster_api_certificate") == 0)
		return nsx_row_used_for(row, "MGMT_CLUSTER", NULL);
	if (n->version < NSX_VERSION(4, 1, 0))
		return true;
	if (type != NULL && strcmp(type, "api_certificate") == 0 &&
	    !nsx_row_used_for(row, "API", node_id))
		return false;
	for (size_t i = 0; node_id != NULL && i < row->n_uses; i++)
		used_there |= strcmp(row->use[i].node_id, node_id) == 0;
	return node_id == NULL || used_there;
}

void nsx_get_certificates(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list list = { .id = nsx_row_id, .name = nsx_row_name, .write = nsx_write_row };

	for (size_t i = 0; i < n->n_rows; i++) {
		if (wanted(n, c, n->row[i]))
			nsx_list_add(&list, n->row[i]);
	}
	nsx_list_answer(n, c, &list);
}

void nsx_get_certificate(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_row *row = nsx_row_by_id(n, c->arg[0]);
	struct json_writer w;

	if (row == NULL || !row->in_store) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	sim_reply_json(c->rp, 200, &w);
	nsx_write_row(n, c, row, &w);
}

void nsx_get_trust(struct nsx *n, struct nsx_call *c)
{
	static const char *const algorithms[][3] = {
		{ "RSA", "2048", NULL }, { "EC", "256", NULL }
	};
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "count", (int64_t)n->n_rows);
	jsonw_open(&w, "supported_algorithms", '[');
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "name", algorithms[i][0]);
		jsonw_open(&w, "key_sizes", '[');
		jsonw_str(&w, NULL, algorithms[i][1]);
		jsonw_close(&w, ']');
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

/* --- principal identities --- */

static const char *identity_id(const void *item)
{
	return ((const struct nsx_identity *)item)->id;
}

static const char *identity_name(const void *item)
{
	return ((const struct nsx_identity *)item)->name;
}

static void write_identity(struct nsx *n, struct nsx_call *c, const void *item,
    struct json_writer *w)
{
	const struct nsx_identity *pi = item;

	(void)n;
	(void)c;
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", "PrincipalIdentity");
	jsonw_str(w, "id", pi->id);
	jsonw_str(w, "display_name", pi->name);
	jsonw_str(w, "name", pi->name);
	jsonw_str(w, "node_id", pi->node_id);
	jsonw_str(w, "role", pi->role);
	jsonw_bool(w, "is_protected", pi->is_protected);
	jsonw_str(w, "certificate_id", pi->row->id);
	jsonw_i64(w, "_revision", 0);
	jsonw_close(w, '}');
}

void nsx_get_identities(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list list = {
		.id = identity_id, .name = identity_name, .write = write_identity
	};

	for (size_t i = 0; i < n->n_identities; i++)
		nsx_list_add(&list, &n->identity[i]);
	nsx_list_answer(n, c, &list);
}

void nsx_get_identity(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	for (size_t i = 0; i < n->n_identities; i++) {
		if (strcmp(n->identity[i].id, c->arg[0]) != 0)
			continue;
		sim_reply_json(c->rp, 200, &w);
		write_identity(n, c, &n->identity[i], &w);
		return;
	}
	nsx_not_found(c->rp, c->arg[0]);
}

/* --- 4.2 and later --- */

/* The array is called "result" here, not "results".  Nothing is ever half
 * applied in this cluster, so what is stale serves nothing any more. */
void nsx_get_stale(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;
	int64_t count = 0;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "result", '[');
	for (size_t i = 0; i < n->n_rows; i++) {
		const struct nsx_row *row = n->row[i];

		if (!row->in_store || row->n_uses > 0 || row->cert->is_ca || !row->has_private_key)
			continue;
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "certificate_id", row->id);
		jsonw_str(&w, "display_name", row->display_name);
		jsonw_close(&w, '}');
		count++;
	}
	jsonw_close(&w, ']');
	jsonw_i64(&w, "result_count", count);
	jsonw_close(&w, '}');
}

/* As if the API certificate had never been changed: an empty object. */
void nsx_get_bundle(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	(void)n;
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_close(&w, '}');
}
