/* nsx_sites.c - federation: the sites as a Local and as a Global Manager see them. */
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_call.h"

static const char *site_id(const void *item)
{
	return ((const struct nsx_site *)item)->id;
}

static const char *site_name(const void *item)
{
	return ((const struct nsx_site *)item)->name;
}

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

/* --- on a Global Manager ---------------------------------------------------- */

static void write_gm_site(struct nsx *n, struct nsx_call *c, const void *item,
    struct json_writer *w)
{
	const struct nsx_site *site = item;

	(void)n;
	(void)c;
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", "Site");
	jsonw_str(w, "id", site->id);
	jsonw_str(w, "display_name", site->name);
	jsonw_str(w, "site_type", "ONPREM_LM");
	/* After onboarding the server forgets the rest of it; only the scenario says otherwise. */
	if (site->thumbprint != NULL) {
		jsonw_open(w, "site_connection_info", '[');
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "fqdn", site->fqdn);
		jsonw_str(w, "thumbprint", site->thumbprint);
		jsonw_str(w, "site_uuid", site->id);
		jsonw_close(w, '}');
		jsonw_close(w, ']');
	}
	jsonw_i64(w, "_revision", 4);
	jsonw_close(w, '}');
}

void nsx_get_gm_sites(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list list = { .id = site_id, .name = site_name, .write = write_gm_site };

	for (size_t i = 0; i < n->n_sites; i++)
		nsx_list_add(&list, &n->site[i]);
	nsx_list_answer(n, c, &list);
}

void nsx_get_gm_site(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	for (size_t i = 0; i < n->n_sites; i++) {
		if (strcmp(n->site[i].id, c->arg[0]) != 0)
			continue;
		sim_reply_json(c->rp, 200, &w);
		write_gm_site(n, c, &n->site[i], &w);
		return;
	}
	nsx_not_found(c->rp, c->arg[0]);
}

void nsx_get_gm_managers(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "results", '[');
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "resource_type", "GlobalManager");
	jsonw_str(&w, "id", "global-manager");
	jsonw_str(&w, "display_name", "global-manager");
	jsonw_str(&w, "mode", n->gm_mode);
	jsonw_i64(&w, "_revision", 0);
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_i64(&w, "result_count", 1);
	jsonw_close(&w, '}');
}

void nsx_get_federation_config(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "id", n->cluster_id);
	jsonw_i64(&w, "epoch", 1);
	jsonw_close(&w, '}');
}
