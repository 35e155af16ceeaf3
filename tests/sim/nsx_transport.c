/* nsx_transport.c - hosts and edges. */
#include <string.h>
#include "tests/sim/nsx_call.h"

const char *nsx_tn_status(const struct nsx *n, const struct nsx_transport_node *tn)
{
	if (tn->n_replaced == 0)
		return tn->status;
	return sim_now_ms(n->sim) < tn->settles_at_ms ? "DOWN" : tn->later_status;
}

static const char *tn_id(const void *item)
{
	return ((const struct nsx_transport_node *)item)->id;
}

static const char *tn_name(const void *item)
{
	return ((const struct nsx_transport_node *)item)->name;
}

static void write_tn(struct nsx *n, struct nsx_call *c, const void *item, struct json_writer *w)
{
	const struct nsx_transport_node *tn = item;

	(void)n;
	(void)c;
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", "TransportNode");
	jsonw_str(w, "id", tn->id);
	jsonw_str(w, "node_id", tn->node_id);
	jsonw_str(w, "display_name", tn->name);
	jsonw_str(w, "maintenance_mode", "DISABLED");
	jsonw_open(w, "node_deployment_info", '{');
	jsonw_str(w, "resource_type", tn->type);
	jsonw_str(w, "id", tn->node_id);
	jsonw_str(w, "external_id", tn->node_id);
	jsonw_str(w, "fqdn", tn->name);
	jsonw_open(w, "ip_addresses", '[');
	jsonw_str(w, NULL, tn->ip);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
	jsonw_i64(w, "_revision", 0);
	jsonw_close(w, '}');
}

static const struct nsx_transport_node *find(struct nsx *n, struct nsx_call *c)
{
	for (size_t i = 0; i < n->n_tns; i++) {
		if (strcmp(n->tn[i].id, c->arg[0]) == 0)
			return &n->tn[i];
	}
	nsx_not_found(c->rp, c->arg[0]);
	return NULL;
}

void nsx_get_transport_nodes(struct nsx *n, struct nsx_call *c)
{
	const char *types = sim_request_query(c->rq, "node_types");
	const char *id = sim_request_query(c->rq, "node_id");
	struct nsx_list list = { .id = tn_id, .name = tn_name, .write = write_tn };

	for (size_t i = 0; i < n->n_tns; i++) {
		if (types != NULL && strstr(types, n->tn[i].type) == NULL)
			continue;
		if (id == NULL || strcmp(id, n->tn[i].node_id) == 0)
			nsx_list_add(&list, &n->tn[i]);
	}
	nsx_list_answer(n, c, &list);
}

void nsx_get_transport_node(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_transport_node *tn = find(n, c);
	struct json_writer w;

	if (tn == NULL)
		return;
	sim_reply_json(c->rp, 200, &w);
	write_tn(n, c, tn, &w);
}

void nsx_get_transport_node_status(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_transport_node *tn = find(n, c);
	const char *status;
	struct json_writer w;

	if (tn == NULL)
		return;
	status = nsx_tn_status(n, tn);
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "node_uuid", tn->node_id);
	jsonw_str(&w, "node_display_name", tn->name);
	jsonw_str(&w, "status", status);
	jsonw_str(&w, "mgmt_connection_status", strcmp(status, "DOWN") == 0 ? "DOWN" : "UP");
	jsonw_close(&w, '}');
}

void nsx_get_transport_status(struct nsx *n, struct nsx_call *c)
{
	static const char *const counted[][2] = {
		{ "UP", "up_count" }, { "DOWN", "down_count" }, { "DEGRADED", "degraded_count" },
		{ "UNKNOWN", "unknown_count" }
	};
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
		int64_t count = 0;

		for (size_t k = 0; k < n->n_tns; k++)
			count += strcmp(nsx_tn_status(n, &n->tn[k]), counted[i][0]) == 0;
		jsonw_i64(&w, counted[i][1], count);
	}
	jsonw_close(&w, '}');
}
