/* nsx_sites.c - federation: the sites as a Local Manager sees them. */
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_call.h"

/* The Local Manager's own site: the only one of a cluster that is not federated. */
static void write_own(struct nsx *n, const char *key, struct json_writer *w)
{
	const char *address = n->node[0].address != NULL ? n->node[0].address : n->lone_address;
	const struct sim_cert *cert = address != NULL ? nsx_serves(n, address) : NULL;

	jsonw_open(w, key, '{');
	jsonw_str(w, "id", n->cluster_id);
	jsonw_str(w, "name", "default");
	jsonw_bool(w, "is_local", true);
	jsonw_bool(w, "is_federated", n->n_sites > 0);
	jsonw_str(w, "active_gm", n->global_manager ? n->gm_mode : "NONE");
	jsonw_str(w, "node_type", n->global_manager ? "GM" : "LM");
	jsonw_bool(w, "split_brain", false);
	jsonw_str(w, "vip_ip", n->vip.set ? n->vip.ip : "0.0.0.0");
	jsonw_str(w, "cluster_id", n->cluster_id);
	jsonw_str(w, "site_version", n->version_text);
	if (cert != NULL) {
		jsonw_str(w, "cert_hash", cert->sha256);
		jsonw_str(w, "trust_manager_cert", cert->pem);
	}
	jsonw_open(w, "aph_list", '[');
	for (size_t i = 0; i < n->n_nodes; i++) {
		const struct nsx_row *row = nsx_row_for(n, "APH", n->node[i].uuid);

		jsonw_open(w, NULL, '{');
		jsonw_str(w, "address", n->node[i].ip);
		jsonw_str(w, "fqdn", n->node[i].fqdn);
		jsonw_i64(w, "port", 1236);
		jsonw_str(w, "uuid", n->node[i].uuid);
		jsonw_str(w, "node_id", n->node[i].uuid);
		jsonw_str(w, "certificate", row != NULL ? row->cert->pem : NULL);
		jsonw_bool(w, "use_fqdn", false);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void write_remote(const struct nsx_site *site, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "id", site->id);
	jsonw_str(w, "name", site->name);
	jsonw_bool(w, "is_local", false);
	jsonw_bool(w, "is_federated", true);
	jsonw_str(w, "active_gm", "NONE");
	jsonw_str(w, "node_type", "LM");
	jsonw_bool(w, "split_brain", false);
	jsonw_close(w, '}');
}

void nsx_get_sites(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "id", n->cluster_id);
	jsonw_i64(&w, "epoch", 1);
	jsonw_open(&w, "sites", '[');
	write_own(n, NULL, &w);
	for (size_t i = 0; i < n->n_sites; i++) {
		if (!n->site[i].is_local)
			write_remote(&n->site[i], &w);
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

void nsx_get_own_site(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "id", n->cluster_id);
	jsonw_i64(&w, "epoch", 1);
	write_own(n, "site", &w);
	jsonw_close(&w, '}');
}
