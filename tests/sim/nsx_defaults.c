/* nsx_defaults.c - the certificates that a fresh installation has.
 *
 * A service that the scenario's own certificates already cover gets no default
 * one: a scenario names only what is special about it. */
#include "tests/sim/nsx_state.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"

#define DAY_S 86400
#define FRESH_DAYS 825
#define AGE_DAYS 30           /* the installation's */
#define CENTURY_DAYS 36500
#define GROUP_MAX 6

enum scope { PER_NODE, PER_CLUSTER, SHARED };

/* One certificate (per node, or one in all) and what it is used for. */
struct group {
	int since, until;             /* versions; until is the first without it */
	enum scope scope;
	bool on_lm, on_gm;
	int days;
	const char *prefix;
	const char *service[GROUP_MAX];
};

#define V30 NSX_VERSION(3, 0, 0)
#define V41 NSX_VERSION(4, 1, 0)
#define V42 NSX_VERSION(4, 2, 0)
#define END NSX_VERSION(99, 0, 0)

static const struct group groups[] = {
	{ V30, V42, PER_NODE, true, true, FRESH_DAYS, "api", { "API" } },
	{ V30, V42, PER_CLUSTER, true, true, FRESH_DAYS, "mp-cluster", { "MGMT_CLUSTER" } },
	{ V42, END, SHARED, true, true, FRESH_DAYS, "api-mgmt-cluster", { "API", "MGMT_CLUSTER" } },
	{ V30, V41, PER_NODE, true, true, FRESH_DAYS, "aph", { "APH" } },
	{ V41, V42, PER_NODE, true, true, FRESH_DAYS, "aph-ar", { "APH" } },
	{ V41, V42, PER_NODE, true, false, FRESH_DAYS, "aph-tn", { "APH_TN" } },
	{ V41, V42, PER_NODE, true, false, 3650, "ccp", { "CCP" } },
	{ V42, END, PER_NODE, true, false, FRESH_DAYS, "aph-ccp", { "APH", "APH_TN", "CCP" } },
	{ V42, END, PER_NODE, false, true, FRESH_DAYS, "aph", { "APH" } },
	{ V41, NSX_VERSION(4, 1, 1), PER_NODE, true, true, FRESH_DAYS, "cbm-corfu",
	    { "CBM_CORFU" } },
	{ NSX_VERSION(4, 1, 1), END, PER_NODE, true, true, CENTURY_DAYS, "cbm-corfu",
	    { "CBM_CORFU" } },
	{ V41, END, PER_NODE, true, true, CENTURY_DAYS, "cbm-cluster-manager",
	    { "CBM_CLUSTER_MANAGER" } },
	{ V41, V42, PER_NODE, true, false, CENTURY_DAYS, "cbm-mp", { "CBM_MP" } },
	{ V41, V42, PER_NODE, true, true, CENTURY_DAYS, "cbm-ar", { "CBM_AR" } },
	{ V41, V42, PER_NODE, true, true, CENTURY_DAYS, "cbm-api", { "CBM_API" } },
	{ V41, V42, PER_NODE, false, true, CENTURY_DAYS, "cbm-gm", { "CBM_GM" } },
	{ V30, V41, PER_CLUSTER, true, false, FRESH_DAYS, "local-manager", { "LOCAL_MANAGER" } },
	{ V30, END, PER_CLUSTER, false, true, FRESH_DAYS, "global-manager", { "GLOBAL_MANAGER" } },
};

static bool applies(const struct nsx *n, const struct group *g)
{
	return n->version >= g->since && n->version < g->until &&
	    (n->global_manager ? g->on_gm : g->on_lm);
}

/* Note that row serves this service there, unless another row does already. */
static void cover(struct nsx *n, struct nsx_row *row, const char *service, const char *node_id)
{
	bool cluster = strcmp(node_id, n->cluster_id) == 0;
	struct nsx_use *use = row->n_uses > 0 ? &row->use[row->n_uses - 1] : NULL;

	if (nsx_row_for(n, service, cluster ? NULL : node_id) != NULL)
		return;
	if (use == NULL || strcmp(use->node_id, node_id) != 0)
		use = nsx_add_use(row, node_id);
	if (use != NULL)
		use->service[use->n_services++] = service;
}

/* The certificate for the uses that row has; -1 on error. */
static int make(struct nsx *n, const struct group *g, struct nsx_row *row, struct err *e)
{
	static const char *const eku[] = { "serverAuth", "clientAuth" };
	static const char *const ku[] = { "digitalSignature", "keyEncipherment" };
	struct sim_spec spec;

	sim_spec_init(&spec, sim_now_ms(n->sim) / 1000, clock_wall_s());
	spec.not_before_at -= AGE_DAYS * DAY_S;
	spec.not_after_at = spec.not_before_at + (int64_t)g->days * DAY_S;
	spec.o = "VMware Inc.";
	spec.ou = "NSX";
	memcpy(spec.eku, eku, sizeof eku);
	memcpy(spec.ku, ku, sizeof ku);
	/* A certificate for the API alone is a server's only. */
	spec.n_eku = strcmp(g->service[0], "API") == 0 ? 1 : 2;
	spec.n_ku = 2;
	nsx_name_after_uses(n, row, &spec);
	row->cert = sim_shop_make(n->shop, &spec, e);
	if (row->cert == NULL)
		return err_prefix(e, "default certificate %s", g->prefix);
	row->has_private_key = true;
	nsx_finish_row(n, row);
	return 0;
}

/* Finish the row that was added last, or take it away when it covers nothing. */
static int close_row(struct nsx *n, const struct group *g, const char *suffix, struct err *e)
{
	struct nsx_row *row = n->row[n->n_rows - 1];

	if (row->n_uses == 0) {
		free(row);
		n->n_rows--;
		return 0;
	}
	row->display_name = suffix == NULL ? g->prefix :
	    nsx_own(n, mem_printf("%s-%s", g->prefix, suffix));
	return make(n, g, row, e);
}

static int per_node(struct nsx *n, const struct group *g, struct err *e)
{
	for (size_t i = 0; i < n->n_nodes; i++) {
		struct nsx_row *row = nsx_add_row(n);

		for (size_t s = 0; s < GROUP_MAX && g->service[s] != NULL; s++)
			cover(n, row, g->service[s], n->node[i].uuid);
		if (close_row(n, g, n->node[i].name, e) != 0)
			return -1;
	}
	return 0;
}

/* The first service on every node, the others once for the cluster; or, per
 * cluster, all of them once. */
static int for_all(struct nsx *n, const struct group *g, struct err *e)
{
	struct nsx_row *row = nsx_add_row(n);
	size_t first = g->scope == SHARED ? 1 : 0;

	for (size_t i = 0; g->scope == SHARED && i < n->n_nodes; i++)
		cover(n, row, g->service[0], n->node[i].uuid);
	for (size_t s = first; s < GROUP_MAX && g->service[s] != NULL; s++)
		cover(n, row, g->service[s], n->cluster_id);
	return close_row(n, g, NULL, e);
}

int nsx_default_rows(struct nsx *n, struct err *e)
{
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		const struct group *g = &groups[i];

		if (!applies(n, g))
			continue;
		if ((g->scope == PER_NODE ? per_node : for_all)(n, g, e) != 0)
			return -1;
	}
	return 0;
}
