/* nsx_work.c - one change at a time, and what it does to the cluster.
 *
 * The uses move at once, so that from then on the listener presents another
 * certificate; its restart is real, the settling of the cluster simulated. */
#include <string.h>
#include "tests/sim/nsx_write.h"

/* What 3.x also writes where the cluster's certificate is used. */
#define CLUSTER_ALIAS "Cluster Certificate"

/* --- the uses -------------------------------------------------------------- */

static bool is_named(const char *service, const struct nsx_profile *p)
{
	return strcmp(service, p->service) == 0 ||
	    (strcmp(p->service, "MGMT_CLUSTER") == 0 && strcmp(service, CLUSTER_ALIAS) == 0);
}

static void drop_service(struct nsx_use *use, const struct nsx_profile *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < use->n_services; i++) {
		if (!is_named(use->service[i], p))
			use->service[kept++] = use->service[i];
	}
	use->n_services = kept;
}

/* node_id NULL: wherever it is used. */
static void drop_use(struct nsx_row *row, const struct nsx_profile *p, const char *node_id)
{
	size_t kept = 0;

	for (size_t i = 0; i < row->n_uses; i++) {
		if (node_id == NULL || strcmp(row->use[i].node_id, node_id) == 0)
			drop_service(&row->use[i], p);
		if (row->use[i].n_services > 0)
			row->use[kept++] = row->use[i];
	}
	row->n_uses = kept;
	nsx_recategorize(row);
}

static void add_use(struct nsx_row *row, const char *service, const char *node_id)
{
	struct nsx_use *use = NULL;

	for (size_t i = 0; i < row->n_uses; i++) {
		if (strcmp(row->use[i].node_id, node_id) == 0)
			use = &row->use[i];
	}
	if (use == NULL)
		use = nsx_add_use(row, node_id);
	if (use != NULL && use->n_services < NSX_SERVICES_MAX)
		use->service[use->n_services++] = service;
	nsx_recategorize(row);
}

static void move_use(struct nsx *n, struct nsx_row *row, const struct nsx_profile *p,
    const char *node_id)
{
	for (size_t i = 0; i < n->n_rows; i++) {
		if (n->row[i]->in_store)
			drop_use(n->row[i], p, p->cluster ? NULL : node_id);
	}
	if (row != NULL)
		add_use(row, p->service, p->cluster ? n->cluster_id : node_id);
}

/* --- the listeners --------------------------------------------------------------- */

static bool same_address(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The HTTP service of this manager: its sessions are gone, and whoever holds
 * the VIP takes that along. */
static bool restart_manager(struct nsx *n, size_t i, const char *asked_at)
{
	bool holder = nsx_node_at(n, "") == i;
	const char *const address[] = {
		n->node[i].address, holder ? n->vip.address : NULL, holder ? n->lone_address : NULL
	};
	bool cut = false;

	for (size_t s = 0; s < NSX_SESSIONS_MAX; s++) {
		if (n->session[s].node == i)
			n->session[s].id[0] = '\0';
	}
	for (size_t a = 0; a < sizeof address / sizeof address[0]; a++) {
		if (address[a] == NULL)
			continue;
		sim_restart_listener(n->sim, address[a], n->pace.apply_away_ms);
		cut |= same_address(address[a], asked_at);
	}
	return cut;
}

static void settle(struct nsx *n, size_t node)
{
	const struct nsx_pace *pace = &n->pace;
	int64_t longer_ms = pace->apply_away_ms > pace->apply_settle_ms ? pace->apply_away_ms :
	    pace->apply_settle_ms;

	n->node[node].settles_at_ms = n->busy_until_ms = sim_now_ms(n->sim) + longer_ms;
}

static size_t node_index(const struct nsx *n, const char *node_id)
{
	for (size_t i = 0; node_id != NULL && i < n->n_nodes; i++) {
		if (strcmp(n->node[i].uuid, node_id) == 0)
			return i;
	}
	return nsx_node_at(n, "");
}

bool nsx_install(struct nsx *n, struct nsx_row *row, const struct nsx_profile *p,
    const char *node_id, const char *asked_at)
{
	size_t node = node_index(n, node_id);

	move_use(n, row, p, node_id);
	settle(n, node);
	if (strcmp(p->service, "API") != 0 && strcmp(p->service, "MGMT_CLUSTER") != 0)
		return false;
	return restart_manager(n, node, asked_at);
}

/* --- may it begin? -------------------------------------------------------------------- */

int nsx_may_change(struct nsx *n, struct nsx_call *c)
{
	const char *status = nsx_overall_status(n);

	if (nsx_batch_pending(n) || sim_now_ms(n->sim) < n->busy_until_ms)
		nsx_error(c->rp, 409, 409,
		    "Another certificate replacement is in progress. Try again when it is done.");
	else if (!n->changes_allowed)
		nsx_error(c->rp, 409, 409,
		    "Changes to the management cluster are not allowed at the moment.");
	else if (strcmp(status, "STABLE") != 0)
		nsx_error(c->rp, 409, 409, "The management cluster is %s, not STABLE.", status);
	else
		return 0;
	return -1;
}

void nsx_tick(struct nsx *n)
{
	nsx_batch_tick(n);
	nsx_renew_tick(n);
}
