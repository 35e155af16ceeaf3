/* nsx_others.c - principal identities and transport nodes of a scenario. */
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
	static const char *const keys[] = {
		"id", "node_id", "name", "type", "ip", "status", "later_status", NULL
	};

	if (sim_known_keys(j, "transport_nodes", keys, NULL, e) != 0 ||
	    json_want_str(j, "transport_nodes", "name", &tn->name, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "id", &tn->id, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "node_id", &tn->node_id, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "later_status", &tn->later_status, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "type", &tn->type, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "ip", &tn->ip, e) != 0 ||
	    json_opt_str(j, "transport_nodes", "status", &tn->status, e) != 0)
		return -1;
	if (tn->node_id == NULL)
		tn->node_id = nsx_new_id(n);
	if (tn->id == NULL)
		tn->id = tn->node_id;
	if (tn->type == NULL)
		tn->type = "HostNode";
	if (tn->ip == NULL)
		tn->ip = "192.0.2.100";
	if (tn->status == NULL)
		tn->status = "UP";
	if (tn->later_status == NULL)
		tn->later_status = tn->status;
	return 0;
}

static void default_tns(struct nsx *n)
{
	static const struct nsx_transport_node defaults[] = {
		{ .name = "esx-01.sim.example", .type = "HostNode", .ip = "192.0.2.101" },
		{ .name = "esx-02.sim.example", .type = "HostNode", .ip = "192.0.2.102" },
		{ .name = "edge-01.sim.example", .type = "EdgeNode", .ip = "192.0.2.111" },
	};

	n->n_tns = sizeof defaults / sizeof defaults[0];
	n->tn = mem_dup(defaults, sizeof defaults);
	for (size_t i = 0; i < n->n_tns; i++) {
		n->tn[i].node_id = n->tn[i].id = nsx_new_id(n);
		n->tn[i].status = n->tn[i].later_status = "UP";
	}
}

int nsx_read_others(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct json *identities = NULL, *tns = NULL;

	if (json_opt_array(scenario, "scenario", "principal_identities", &identities, e) != 0 ||
	    json_opt_array(scenario, "scenario", "transport_nodes", &tns, e) != 0)
		return -1;
	n->identity = mem_array(json_count(identities) + 1, sizeof *n->identity);
	for (const struct json *j = json_first(identities); j != NULL; j = json_next(j)) {
		if (read_identity(n, j, &n->identity[n->n_identities++], e) != 0)
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
