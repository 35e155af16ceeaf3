/* nsx_others.c - principal identities, transport nodes and sites of a scenario. */
#include "tests/sim/nsx_state.h"

#include <string.h>
#include "lib/base/mem.h"

static const struct nsx_row *row_by_name(const struct nsx *n, const char *name)
{
	for (size_t i = 0; i < n->n_rows; i++) {
		if (strcmp(n->row[i]->display_name, name) == 0)
			return n->row[i];
	}
	return nsx_row_by_id(n, name);
}

/* "certificate" is the display name or the id of a row. */
static int read_identity(struct nsx *n, const struct json *j, struct nsx_identity *pi,
    struct err *e)
{
	static const char *const keys[] = {
		"id", "name", "node_id", "role", "certificate", "is_protected", NULL
	};
	const char *certificate = NULL;
	int protected = 0;

	if (sim_known_keys(j, "principal_identities", keys, NULL, e) != 0 ||
	    json_want_str(j, "principal_identities", "name", &pi->name, e) != 0 ||
	    json_want_str(j, "principal_identities", "certificate", &certificate, e) != 0 ||
	    json_opt_str(j, "principal_identities", "id", &pi->id, e) != 0 ||
	    json_opt_str(j, "principal_identities", "node_id", &pi->node_id, e) != 0 ||
	    json_opt_str(j, "principal_identities", "role", &pi->role, e) != 0 ||
	    json_opt_bool(j, "principal_identities", "is_protected", &protected, e) != 0)
		return -1;
	pi->row = row_by_name(n, certificate);
	if (pi->row == NULL)
		return err_set(e, ERR_CONFIG, "principal_identities: no certificate \"%s\"",
		    certificate);
	pi->is_protected = protected == 1;
	if (pi->id == NULL)
		pi->id = nsx_new_id(n);
	if (pi->node_id == NULL)
		pi->node_id = pi->name;
	if (pi->role == NULL)
		pi->role = "auditor";
	return 0;
}

static int read_tn(struct nsx *n, const struct json *j, struct nsx_transport_node *tn,
    struct err *e)
{
	static const char *const keys[] = { "node_id", "name", "type", "ip", "status", NULL };

	if (sim_known_keys(j, "transport_nodes", keys, NULL, e) != 0 ||
	    json_want_str(j, "transport_nodes", "name", &tn->name, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "node_id", &tn->id, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "type", &tn->type, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "ip", &tn->ip, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "status", &tn->status, e) != 0)
		return -1;
	if (tn->id == NULL)
		tn->id = nsx_new_id(n);
	if (tn->type == NULL)
		tn->type = "HostNode";
	if (tn->ip == NULL)
		tn->ip = "192.0.2.100";
	if (tn->status == NULL)
		tn->status = "UP";
	return 0;
}

static int read_site(struct nsx *n, const struct json *j, struct nsx_site *site, struct err *e)
{
	static const char *const keys[] = { "id", "name", "fqdn", "thumbprint", "is_local", NULL };
	int local = 0;

	if (sim_known_keys(j, "sites", keys, NULL, e) != 0 ||
	    json_want_str(j, "sites", "name", &site->name, e) != 0 ||
	    json_opt_str(j, "sites", "id", &site->id, e) != 0 ||
	    json_opt_str(j, "sites", "fqdn", &site->fqdn, e) != 0 ||
	    json_opt_str(j, "sites", "thumbprint", &site->thumbprint, e) != 0 ||
	    json_opt_bool(j, "sites", "is_local", &local, e) != 0)
		return -1;
	site->is_local = local == 1;
	if (site->id == NULL)
		site->id = nsx_new_id(n);
	if (site->fqdn == NULL)
		site->fqdn = nsx_own(n, mem_printf("%s.sim.example", site->name));
	return 0;
}

static void default_tns(struct nsx *n)
{
	static const struct nsx_transport_node defaults[] = {
		{ NULL, "esx-01.sim.example", "HostNode", "192.0.2.101", "UP" },
		{ NULL, "esx-02.sim.example", "HostNode", "192.0.2.102", "UP" },
		{ NULL, "edge-01.sim.example", "EdgeNode", "192.0.2.111", "UP" },
	};

	n->n_tns = sizeof defaults / sizeof defaults[0];
	n->tn = mem_dup(defaults, sizeof defaults);
	for (size_t i = 0; i < n->n_tns; i++)
		n->tn[i].id = nsx_new_id(n);
}

int nsx_read_others(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct json *identities = NULL, *tns = NULL, *sites = NULL;

	if (json_opt_array(scenario, "scenario", "principal_identities", &identities, e) != 0 ||
	    json_opt_array(scenario, "scenario", "transport_nodes", &tns, e) != 0 ||
	    json_opt_array(scenario, "scenario", "sites", &sites, e) != 0)
		return -1;
	n->identity = mem_array(json_count(identities) + 1, sizeof *n->identity);
	for (const struct json *j = json_first(identities); j != NULL; j = json_next(j)) {
		if (read_identity(n, j, &n->identity[n->n_identities++], e) != 0)
			return -1;
	}
	n->site = mem_array(json_count(sites) + 1, sizeof *n->site);
	for (const struct json *j = json_first(sites); j != NULL; j = json_next(j)) {
		if (read_site(n, j, &n->site[n->n_sites++], e) != 0)
			return -1;
	}
	if (tns == NULL && !n->global_manager) {
		default_tns(n);
		return 0;
	}
	n->tn = mem_array(json_count(tns) + 1, sizeof *n->tn);
	for (const struct json *j = json_first(tns); j != NULL; j = json_next(j)) {
		if (read_tn(n, j, &n->tn[n->n_tns++], e) != 0)
			return -1;
	}
	return 0;
}
