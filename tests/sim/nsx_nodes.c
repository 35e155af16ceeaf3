/* nsx_nodes.c - the managers of a scenario, their VIP, and their addresses. */
#include "tests/sim/nsx_state.h"

#include <string.h>
#include "lib/base/mem.h"

#define DEFAULT_NODES 3
#define DOMAIN "sim.example"

static const char *const node_keys[] = {
	"name", "fqdn", "uuid", "ip", "address", "status", "serves", "down", "comment", NULL
};
static const char *const vip_keys[] = { "fqdn", "ip", "address", "serves", "comment", NULL };

static void complete_node(struct nsx *n, struct nsx_node *node, size_t i)
{
	if (node->name == NULL)
		node->name = nsx_own(n, mem_printf("nsx-%02zu", i + 1));
	if (node->fqdn == NULL)
		node->fqdn = nsx_own(n, mem_printf("%s." DOMAIN, node->name));
	if (node->uuid == NULL)
		node->uuid = nsx_new_id(n);
	if (node->status == NULL)
		node->status = "JOINED";
}

static int read_node(struct nsx *n, const struct json *j, struct nsx_node *node, struct err *e)
{
	const struct {
		const char *key;
		const char **out;
	} texts[] = {
		{ "name", &node->name }, { "fqdn", &node->fqdn }, { "uuid", &node->uuid },
		{ "ip", &node->ip }, { "address", &node->address }, { "status", &node->status },
		{ "serves", &node->serves }
	};
	int down = 0;

	if (sim_known_keys(j, "nodes", node_keys, NULL, e) != 0 ||
	    json_opt_bool(j, "nodes", "down", &down, e) != 0)
		return -1;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (json_opt_str(j, "nodes", texts[i].key, texts[i].out, e) != 0)
			return -1;
	}
	node->down = down == 1;
	complete_node(n, node, n->n_nodes);
	return 0;
}

static void default_nodes(struct nsx *n)
{
	for (size_t i = 0; i < DEFAULT_NODES; i++) {
		n->node[i].address = nsx_own(n, mem_printf("127.41.0.%zu", 11 + i));
		complete_node(n, &n->node[i], i);
	}
	n->n_nodes = DEFAULT_NODES;
	n->vip.set = true;
	n->vip.address = "127.41.0.10";
	n->vip.fqdn = "nsx." DOMAIN;
}

static int read_vip(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct json *vip = json_get(scenario, "vip");

	if (vip == NULL)
		return 0;
	if (sim_known_keys(vip, "vip", vip_keys, NULL, e) != 0 ||
	    json_opt_str(vip, "vip", "fqdn", &n->vip.fqdn, e) != 0 ||
	    json_opt_str(vip, "vip", "ip", &n->vip.ip, e) != 0 ||
	    json_opt_str(vip, "vip", "address", &n->vip.address, e) != 0 ||
	    json_opt_str(vip, "vip", "serves", &n->vip.serves, e) != 0)
		return -1;
	n->vip.set = true;
	if (n->vip.fqdn == NULL)
		n->vip.fqdn = "nsx." DOMAIN;
	return 0;
}

/* The VIP is where clients go; without one, the first node that listens. */
static void listen_everywhere(struct nsx *n)
{
	bool main = n->vip.address == NULL;

	if (n->vip.address != NULL)
		n->vip.address = sim_listen(n->sim, n->vip.address, true, false);
	for (size_t i = 0; i < n->n_nodes; i++) {
		struct nsx_node *node = &n->node[i];

		if (node->address == NULL)
			continue;
		node->address = sim_listen(n->sim, node->address, main && !node->down, node->down);
		main = main && node->down;
	}
	if (main)
		n->lone_address = sim_listen(n->sim, NULL, true, false);
}

/* What the API says about addresses that nobody gave. */
static void complete_ips(struct nsx *n)
{
	for (size_t i = 0; i < n->n_nodes; i++) {
		if (n->node[i].ip == NULL)
			n->node[i].ip = n->node[i].address != NULL ? n->node[i].address :
			    nsx_own(n, mem_printf("192.0.2.%zu", 11 + i));
	}
	if (n->vip.set && n->vip.ip == NULL)
		n->vip.ip = n->vip.address != NULL ? n->vip.address :
		    n->lone_address != NULL ? n->lone_address : "192.0.2.10";
}

static int read_cluster(struct nsx *n, const struct json *scenario, struct err *e)
{
	static const char *const keys[] = { "id", "status", "changes_allowed", NULL };
	const struct json *cluster = json_get(scenario, "cluster");

	n->changes_allowed = -1;
	if (cluster != NULL && (sim_known_keys(cluster, "cluster", keys, NULL, e) != 0 ||
	    json_opt_str(cluster, "cluster", "id", &n->cluster_id, e) != 0 ||
	    json_opt_str(cluster, "cluster", "status", &n->cluster_status, e) != 0 ||
	    json_opt_bool(cluster, "cluster", "changes_allowed", &n->changes_allowed, e) != 0))
		return -1;
	if (n->cluster_id == NULL)
		n->cluster_id = nsx_new_id(n);
	if (n->changes_allowed < 0)
		n->changes_allowed = 1;
	return 0;
}

int nsx_read_nodes(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct json *list = NULL;

	if (read_cluster(n, scenario, e) != 0 ||
	    json_opt_array(scenario, "scenario", "nodes", &list, e) != 0)
		return -1;
	for (const struct json *j = json_first(list); j != NULL; j = json_next(j)) {
		if (n->n_nodes == NSX_NODES_MAX)
			return err_set(e, ERR_CONFIG, "more than %d nodes", NSX_NODES_MAX);
		if (read_node(n, j, &n->node[n->n_nodes], e) != 0)
			return -1;
		n->n_nodes++;
	}
	if (list == NULL)
		default_nodes(n);
	if (n->n_nodes == 0)
		return err_set(e, ERR_CONFIG, "a cluster needs a node");
	if (read_vip(n, scenario, e) != 0)
		return -1;
	listen_everywhere(n);
	complete_ips(n);
	return 0;
}
