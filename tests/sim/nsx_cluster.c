/* nsx_cluster.c - the cluster: its nodes, their listeners, the VIP, the status. */
#include <string.h>
#include "tests/sim/nsx_call.h"

static const struct sim_cert *api_cert(const struct nsx *n, const struct nsx_node *node)
{
	const struct nsx_row *row = nsx_row_for(n, "API", node->uuid);

	return row != NULL ? row->cert : NULL;
}

static void write_endpoint(const struct nsx *n, const struct nsx_node *node, const char *key,
    struct json_writer *w)
{
	const struct sim_cert *cert = api_cert(n, node);

	jsonw_open(w, key, '{');
	jsonw_str(w, "ip_address", node->ip);
	jsonw_i64(w, "port", sim_port(n->sim));
	if (n->version >= NSX_VERSION(4, 0, 0))
		jsonw_str(w, "fqdn", node->fqdn);
	if (cert != NULL) {
		jsonw_str(w, "certificate", cert->pem);
		jsonw_str(w, "certificate_sha256_thumbprint", cert->sha256);
	}
	jsonw_close(w, '}');
}

static void write_entities(const struct nsx *n, const struct nsx_node *node, struct json_writer *w)
{
	static const struct {
		const char *type;
		int port;             /* 0: the API's */
	} entities[] = {
		{ "HTTP", 0 }, { "DATASTORE", 9000 }, { "CLUSTER_BOOT_MANAGER", 0 },
		{ "CONTROLLER", 7777 }, { "MANAGER", 0 }, { "POLICY", 0 }
	};

	jsonw_open(w, "entities", '[');
	for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "entity_type", entities[i].type);
		jsonw_str(w, "ip_address", node->ip);
		jsonw_i64(w, "port", entities[i].port > 0 ? entities[i].port : sim_port(n->sim));
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void write_node_certificates(const struct nsx *n, const struct nsx_node *node,
    struct json_writer *w)
{
	const struct sim_cert *cert = api_cert(n, node);

	jsonw_open(w, "certificates", '[');
	if (cert != NULL) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "entity_type", "HTTP");
		jsonw_str(w, "certificate", cert->pem);
		jsonw_str(w, "certificate_sha256_thumbprint", cert->sha256);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void write_node(const struct nsx *n, const struct nsx_node *node, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "node_uuid", node->uuid);
	jsonw_str(w, "display_name", node->name);
	jsonw_str(w, "fqdn", node->fqdn);
	jsonw_str(w, "status", node->status);
	write_entities(n, node, w);
	write_node_certificates(n, node, w);
	jsonw_open(w, "msg_clients", '[');
	jsonw_close(w, ']');
	if (n->version >= NSX_VERSION(4, 0, 0))
		write_endpoint(n, node, "api_listen_addr", w);
	jsonw_close(w, '}');
}

void nsx_get_cluster(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "cluster_id", n->cluster_id);
	jsonw_i64(&w, "_revision", 3);
	jsonw_bool(&w, "mgmt_cluster_changes_allowed", n->changes_allowed);
	jsonw_open(&w, "nodes", '[');
	for (size_t i = 0; i < n->n_nodes; i++)
		write_node(n, &n->node[i], &w);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

void nsx_get_cluster_node(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_node *node = nsx_node_by_id(n, c->arg[0]);
	struct json_writer w;

	if (node == NULL) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	sim_reply_json(c->rp, 200, &w);
	write_node(n, node, &w);
}

/* --- /api/v1/cluster/nodes ------------------------------------------------- */

static const char *node_id(const void *item)
{
	return ((const struct nsx_node *)item)->uuid;
}

static const char *node_name(const void *item)
{
	return ((const struct nsx_node *)item)->name;
}

static void write_listed_node(struct nsx *n, struct nsx_call *c, const void *item,
    struct json_writer *w)
{
	const struct nsx_node *node = item;

	(void)c;
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", "ClusterNodeConfig");
	jsonw_str(w, "id", node->uuid);
	jsonw_str(w, "external_id", node->uuid);
	jsonw_str(w, "display_name", node->name);
	jsonw_open(w, "manager_role", '{');
	jsonw_str(w, "type", "ManagementClusterRoleConfig");
	write_endpoint(n, node, "api_listen_addr", w);
	jsonw_close(w, '}');
	jsonw_open(w, "appliance_mgmt_listen_addr", '{');
	jsonw_str(w, "ip_address", node->ip);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

void nsx_get_cluster_nodes(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list list = { .id = node_id, .name = node_name, .write = write_listed_node };

	for (size_t i = 0; i < n->n_nodes; i++)
		nsx_list_add(&list, &n->node[i]);
	nsx_list_answer(n, c, &list);
}

/* --- the VIP ---------------------------------------------------------------- */

void nsx_get_vip(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "ip_address", n->vip.set ? n->vip.ip : "0.0.0.0");
	if (n->version >= NSX_VERSION(4, 0, 0)) {
		jsonw_str(&w, "ip6_address", "::");
		jsonw_str(&w, "force", "false");
	}
	jsonw_close(&w, '}');
}

void nsx_get_api_certificate(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_row *row = nsx_row_for(n, "MGMT_CLUSTER", NULL);
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "certificate_id", row != NULL ? row->id : "");
	jsonw_close(&w, '}');
}

/* --- the status --------------------------------------------------------------- */

static bool is_up(const struct nsx *n, const struct nsx_node *node)
{
	return !node->down && strcmp(node->status, "JOINED") == 0 &&
	    sim_now_ms(n->sim) >= node->settles_at_ms;
}

/* A manager that only settles after a change does not make the rest a minority. */
const char *nsx_overall_status(const struct nsx *n)
{
	size_t n_up = 0, n_settling = 0;

	for (size_t i = 0; i < n->n_nodes; i++) {
		n_up += is_up(n, &n->node[i]);
		n_settling += !n->node[i].down && sim_now_ms(n->sim) < n->node[i].settles_at_ms;
	}
	if (n->cluster_status != NULL)
		return n->cluster_status;
	if (n_up == n->n_nodes)
		return "STABLE";
	return (n_up + n_settling) * 2 > n->n_nodes ? "DEGRADED" : "UNAVAILABLE";
}

static void write_group(const struct nsx *n, const char *type, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "group_id", n->cluster_id);
	jsonw_str(w, "group_type", type);
	jsonw_str(w, "group_status", nsx_overall_status(n));
	jsonw_open(w, "members", '[');
	for (size_t i = 0; i < n->n_nodes; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "member_uuid", n->node[i].uuid);
		jsonw_str(w, "member_fqdn", n->node[i].fqdn);
		jsonw_str(w, "member_ip", n->node[i].ip);
		jsonw_str(w, "member_status", is_up(n, &n->node[i]) ? "UP" : "DOWN");
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_open(w, "leaders", '[');
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void write_detailed(const struct nsx *n, struct json_writer *w)
{
	static const char *const groups[] = {
		"DATASTORE", "CLUSTER_BOOT_MANAGER", "CONTROLLER", "MANAGER", "POLICY", "HTTPS",
		"MONITORING", "IDPS_REPORTING", "CORFU_NONCONFIG"
	};

	jsonw_open(w, "detailed_cluster_status", '{');
	jsonw_str(w, "cluster_id", n->cluster_id);
	jsonw_str(w, "overall_status", nsx_overall_status(n));
	jsonw_open(w, "groups", '[');
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		write_group(n, groups[i], w);
	if (n->global_manager)
		write_group(n, "GLOBAL_MANAGER", w);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void write_members(const struct nsx *n, const char *key, bool up, struct json_writer *w)
{
	jsonw_open(w, key, '[');
	for (size_t i = 0; i < n->n_nodes; i++) {
		if (is_up(n, &n->node[i]) != up)
			continue;
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "uuid", n->node[i].uuid);
		jsonw_str(w, "mgmt_cluster_listen_ip_address", n->node[i].ip);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

void nsx_get_cluster_status(struct nsx *n, struct nsx_call *c)
{
	const char *status = nsx_overall_status(n);
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "cluster_id", n->cluster_id);
	jsonw_open(&w, "mgmt_cluster_status", '{');
	jsonw_str(&w, "status", strcmp(status, "UNAVAILABLE") == 0 ? "UNSTABLE" : status);
	write_members(n, "online_nodes", true, &w);
	write_members(n, "offline_nodes", false, &w);
	jsonw_open(&w, "required_members_for_initialization", '[');
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	jsonw_open(&w, "control_cluster_status", '{');
	jsonw_str(&w, "status", strcmp(status, "UNAVAILABLE") == 0 ? "UNSTABLE" : status);
	jsonw_close(&w, '}');
	write_detailed(n, &w);
	jsonw_close(&w, '}');
}
