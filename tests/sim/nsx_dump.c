/* nsx_dump.c - the part of /_sim/state that changes are about. */
#include "tests/sim/nsx_write.h"

static void dump_batch(const struct nsx *n, struct json_writer *w)
{
	jsonw_open(w, "batch", '[');
	for (size_t i = 0; i < n->batch.n; i++) {
		const struct nsx_operation *op = &n->batch.op[i];

		jsonw_open(w, NULL, '{');
		jsonw_str(w, "status", nsx_operation_status(op));
		jsonw_str(w, "service", op->service);
		jsonw_str(w, "node_id", op->node_id);
		jsonw_str(w, "old", op->old_id);
		jsonw_str(w, "new", op->new_id);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump_tns(const struct nsx *n, struct json_writer *w)
{
	jsonw_open(w, "transport_nodes", '[');
	for (size_t i = 0; i < n->n_tns; i++) {
		const struct nsx_transport_node *tn = &n->tn[i];

		jsonw_open(w, NULL, '{');
		jsonw_str(w, "id", tn->id);
		jsonw_str(w, "node_id", tn->node_id);
		jsonw_str(w, "name", tn->name);
		jsonw_str(w, "status", nsx_tn_status(n, tn));
		jsonw_str(w, "sha256", tn->sha256);
		jsonw_i64(w, "blocks", tn->n_blocks);
		jsonw_i64(w, "replaced", tn->n_replaced);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump_federation(const struct nsx *n, struct json_writer *w)
{
	jsonw_open(w, "sites", '[');
	for (size_t i = 0; i < n->n_sites; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "id", n->site[i].id);
		jsonw_str(w, "name", n->site[i].name);
		jsonw_str(w, "thumbprint", n->site[i].given);
		jsonw_i64(w, "updates", n->site[i].n_updates);
		jsonw_i64(w, "revision", n->site[i].revision);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_open(w, "global_managers", '[');
	for (size_t i = 0; i < n->n_gms; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "id", n->gm[i].id);
		jsonw_str(w, "mode", n->gm[i].mode);
		jsonw_str(w, "thumbprint", n->gm[i].given);
		jsonw_i64(w, "updates", n->gm[i].n_updates);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

void nsx_dump_changes(const struct nsx *n, struct json_writer *w)
{
	jsonw_str(w, "cluster_status", nsx_overall_status(n));
	jsonw_bool(w, "busy", nsx_batch_pending(n) || sim_now_ms(n->sim) < n->busy_until_ms);
	dump_batch(n, w);
	dump_tns(n, w);
	dump_federation(n, w);
	jsonw_open(w, "csrs", '[');
	for (size_t i = 0; i < n->n_csrs; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "id", n->csr[i].id);
		jsonw_str(w, "display_name", n->csr[i].display_name);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}
