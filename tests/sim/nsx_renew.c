/* nsx_renew.c - renewal of appliance certificates, when asked for and by the background task. */
#include <string.h>
#include "tests/sim/nsx_write.h"

#define DAY_S 86400
#define FIRST_CHECK_MS (INT64_C(10) * 60 * 1000)
#define EVERY_MS (INT64_C(24) * 3600 * 1000)

/* Internal and made by NSX itself; never the one that clients of the API see. */
static bool is_appliance(const struct nsx *n, const struct nsx_row *row, bool by_task)
{
	size_t known = 0;

	if (!row->in_store || !row->has_private_key || !nsx_is_self_signed(row->cert))
		return false;
	for (size_t i = 0; i < row->n_uses; i++) {
		for (size_t s = 0; s < row->use[i].n_services; s++) {
			const char *service = row->use[i].service[s];
			const struct nsx_profile *p = nsx_profile(n, service);

			if (p == NULL || strcmp(p->class, "REST") == 0)
				return false;
			if (by_task && (strcmp(service, "APH_TN") == 0 ||
			    strcmp(service, "CCP") == 0))
				return false;
			known++;
		}
	}
	return known > 0;
}

static bool is_due(const struct nsx *n, const struct nsx_row *row)
{
	int64_t left_s = row->cert->not_after_at - sim_now_ms(n->sim) / 1000;

	return left_s <= n->security.lead_days * DAY_S;
}

static bool anything_due(const struct nsx *n, bool by_task)
{
	for (size_t i = 0; i < n->n_rows; i++) {
		if (is_due(n, n->row[i]) && is_appliance(n, n->row[i], by_task))
			return true;
	}
	return false;
}

/* One batch with everything that is due. */
static void renew(struct nsx *n, bool by_task)
{
	size_t n_rows = n->n_rows;

	nsx_batch_begin(n);
	for (size_t i = 0; i < n_rows; i++) {
		const struct nsx_row *fresh;

		if (!is_due(n, n->row[i]) || !is_appliance(n, n->row[i], by_task))
			continue;
		fresh = nsx_fresh_copy(n, n->row[i], NULL);
		if (fresh != NULL)
			(void)nsx_batch_add(n, n->row[i], fresh);
	}
	nsx_batch_start(n);
}

void nsx_renew_appliances(struct nsx *n, struct nsx_call *c)
{
	const char *force = sim_request_query(c->rq, "force");
	bool forced = force != NULL && strcmp(force, "true") == 0 && nsx_batch_pending(n);

	if (!forced && nsx_may_change(n, c) != 0)
		return;
	if (anything_due(n, false)) {
		c->rp->changed = true;
		renew(n, false);
	}
	sim_reply_set(c->rp, n->pace.sdk_statuses ? 204 : 202, NULL);
}

static bool is_idle(const struct nsx *n)
{
	return strcmp(n->pace.backup, "NONE") == 0 && strcmp(n->pace.upgrade, "IN_PROGRESS") != 0 &&
	    strcmp(n->pace.restore, "RUNNING") != 0 && !nsx_batch_pending(n) &&
	    n->changes_allowed && strcmp(nsx_overall_status(n), "STABLE") == 0;
}

/* First ten minutes after the start, then every day. */
void nsx_renew_tick(struct nsx *n)
{
	int64_t now_ms = sim_now_ms(n->sim);

	if (n->next_renewal_ms == 0)
		n->next_renewal_ms = now_ms + FIRST_CHECK_MS;
	if (!n->pace.auto_renew || !n->security.renewal ||
	    n->version < NSX_VERSION(4, 2, 1) || now_ms < n->next_renewal_ms)
		return;
	n->next_renewal_ms = now_ms + EVERY_MS;
	if (is_idle(n) && anything_due(n, true))
		renew(n, true);
}
