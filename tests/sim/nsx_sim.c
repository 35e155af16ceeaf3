/* nsx_sim.c - a simulator of NSX Manager: the product that the core serves. */
#include <stdio.h>
#include <string.h>
#include "tests/sim/nsx_write.h"

static int create(struct sim *sim, const struct json *scenario, void **state, struct err *e)
{
	*state = nsx_from_scenario(sim, scenario, e);
	return *state != NULL ? 0 : -1;
}

static void destroy(void *state)
{
	nsx_free(state);
}

static const struct sim_cert *serves(void *state, const char *address)
{
	nsx_tick(state);
	return nsx_serves(state, address);
}

static void dump_nodes(const struct nsx *n, struct json_writer *w)
{
	jsonw_open(w, "nodes", '[');
	for (size_t i = 0; i < n->n_nodes; i++) {
		const struct nsx_node *node = &n->node[i];
		const struct sim_cert *cert =
		    node->address != NULL ? nsx_serves(n, node->address) : NULL;

		jsonw_open(w, NULL, '{');
		jsonw_str(w, "name", node->name);
		jsonw_str(w, "uuid", node->uuid);
		jsonw_str(w, "fqdn", node->fqdn);
		jsonw_str(w, "address", node->address);
		jsonw_str(w, "status", node->status);
		jsonw_bool(w, "down", node->down);
		jsonw_str(w, "serves", cert != NULL ? cert->sha256 : NULL);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump_row(const struct nsx_row *row, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "id", row->id);
	jsonw_str(w, "display_name", row->display_name);
	jsonw_str(w, "sha256", row->cert->sha256);
	jsonw_i64(w, "not_after", row->cert->not_after_at);
	jsonw_bool(w, "has_private_key", row->has_private_key);
	jsonw_str(w, "resource_type", row->resource_type);
	jsonw_bool(w, "in_store", row->in_store);
	jsonw_bool(w, "in_policy", row->in_policy);
	jsonw_open(w, "uses", '[');
	for (size_t i = 0; i < row->n_uses; i++) {
		for (size_t s = 0; s < row->use[i].n_services; s++) {
			jsonw_open(w, NULL, '{');
			jsonw_str(w, "service", row->use[i].service[s]);
			jsonw_str(w, "node_id", row->use[i].node_id);
			jsonw_close(w, '}');
		}
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void dump_access(const struct nsx *n, struct json_writer *w)
{
	int64_t now_ms = sim_now_ms(n->sim), sessions = 0;

	jsonw_open(w, "users", '[');
	for (size_t i = 0; i < n->n_users; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "name", n->user[i].name);
		jsonw_bool(w, "may_write", n->user[i].may_write);
		jsonw_i64(w, "failures", n->user[i].n_failures);
		jsonw_bool(w, "locked", now_ms < n->user[i].locked_until_ms);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	for (size_t i = 0; i < NSX_SESSIONS_MAX; i++)
		sessions += n->session[i].id[0] != '\0';
	jsonw_i64(w, "sessions", sessions);
}

static void dump(void *state, struct json_writer *w)
{
	struct nsx *n = state;

	nsx_tick(n);
	jsonw_str(w, "version", n->version_text);
	jsonw_str(w, "mode", n->global_manager ? "global-manager" : "manager");
	jsonw_str(w, "cluster_id", n->cluster_id);
	jsonw_str(w, "vip", n->vip.set ? n->vip.ip : NULL);
	dump_nodes(n, w);
	jsonw_open(w, "certificates", '[');
	for (size_t i = 0; i < n->n_rows; i++)
		dump_row(n->row[i], w);
	jsonw_close(w, ']');
	nsx_dump_changes(n, w);
	dump_access(n, w);
}

int main(int argc, char **argv)
{
	static const char *const faults[] = { "cursor", "batch-error", NULL };
	const struct sim_product product = {
		.name = "nsx_sim", .default_scenario = nsx_default_scenario, .faults = faults,
		.keys = nsx_scenario_keys, .asks_client_cert = true, .create = create,
		.handle = nsx_handle, .refuse = nsx_refuse, .serves = serves, .dump = dump,
		.destroy = destroy
	};

	return sim_main(&product, argc, argv);
}
