/* nsx_batch.c - the operations of a batch, one after the other over simulated time. */
#include <string.h>
#include "tests/sim/nsx_write.h"

const char *nsx_operation_status(const struct nsx_operation *op)
{
	static const char *const names[] = { "PENDING", "OK", "ERROR", "ABORTED" };

	return names[op->status];
}

static struct nsx_operation *first_pending(struct nsx *n)
{
	for (size_t i = 0; i < n->batch.n; i++) {
		if (n->batch.op[i].status == NSX_PENDING)
			return &n->batch.op[i];
	}
	return NULL;
}

bool nsx_batch_pending(const struct nsx *n)
{
	for (size_t i = 0; i < n->batch.n; i++) {
		if (n->batch.op[i].status == NSX_PENDING)
			return true;
	}
	return false;
}

void nsx_batch_begin(struct nsx *n)
{
	memset(&n->batch, 0, sizeof n->batch);
}

static void add(struct nsx *n, const struct nsx_profile *p, const char *node_id,
    const struct nsx_row *old, const struct nsx_row *fresh)
{
	struct nsx_operation *op;

	if (n->batch.n == NSX_OPERATIONS_MAX)
		return;
	op = &n->batch.op[n->batch.n++];
	sim_uuid(op->id);
	op->status = NSX_PENDING;
	op->service = p->service;
	op->node_id = node_id;
	op->old_id = old->id;
	op->old_name = old->display_name;
	op->new_id = fresh->id;
	op->new_name = fresh->display_name;
	op->message = "";
}

size_t nsx_batch_add(struct nsx *n, const struct nsx_row *old, const struct nsx_row *fresh)
{
	size_t before = n->batch.n;

	for (size_t i = 0; i < old->n_uses; i++) {
		for (size_t s = 0; s < old->use[i].n_services; s++) {
			const struct nsx_profile *p = nsx_profile(n, old->use[i].service[s]);

			if (p != NULL)
				add(n, p, old->use[i].node_id, old, fresh);
		}
	}
	return n->batch.n - before;
}

static int order_of(const struct nsx *n, const struct nsx_operation *op)
{
	const struct nsx_profile *p = nsx_profile(n, op->service);

	return p != NULL ? p->order : 0;
}

/* By the order of the profiles; within one service as they came. */
static void sort(struct nsx *n)
{
	for (size_t i = 1; i < n->batch.n; i++) {
		struct nsx_operation op = n->batch.op[i];
		size_t k = i;

		for (; k > 0 && order_of(n, &n->batch.op[k - 1]) > order_of(n, &op); k--)
			n->batch.op[k] = n->batch.op[k - 1];
		n->batch.op[k] = op;
	}
}

static void begin(struct nsx *n, struct nsx_operation *op, int64_t at_ms)
{
	op->started_ms = at_ms;
	n->batch.due_ms = at_ms + n->pace.batch_operation_ms;
}

void nsx_batch_start(struct nsx *n)
{
	sort(n);
	n->batch.started_ms = sim_now_ms(n->sim);
	if (n->batch.n > 0)
		begin(n, &n->batch.op[0], n->batch.started_ms);
	else
		n->batch.ended_ms = n->batch.started_ms;
}

static bool shall_fail(const struct nsx *n, const struct nsx_operation *op)
{
	if (strcmp(n->batch.fails, op->service) == 0)
		return true;
	for (size_t i = 0; i < n->pace.n_batch_fails; i++) {
		if (strcmp(n->pace.batch_fails[i], op->service) == 0)
			return true;
	}
	return false;
}

/* -1: *op has failed, and says why. */
static int perform(struct nsx *n, struct nsx_operation *op)
{
	struct nsx_row *row = nsx_row_by_id(n, op->new_id);
	const struct nsx_profile *p = nsx_profile(n, op->service);

	if (row == NULL || shall_fail(n, op)) {
		op->status = NSX_ERROR;
		op->message = row == NULL ? "The new certificate is gone." :
		    "The affected services did not restart in time.";
		return -1;
	}
	(void)nsx_install(n, row, p, p->cluster ? NULL : op->node_id, NULL);
	op->status = NSX_OK;
	return 0;
}

static void abort_rest(struct nsx *n, int64_t at_ms)
{
	for (size_t i = 0; i < n->batch.n; i++) {
		if (n->batch.op[i].status != NSX_PENDING)
			continue;
		n->batch.op[i].status = NSX_ABORTED;
		n->batch.op[i].ended_ms = at_ms;
		n->batch.op[i].message = "The batch was stopped.";
	}
}

void nsx_batch_abort(struct nsx *n)
{
	n->batch.ended_ms = sim_now_ms(n->sim);
	abort_rest(n, n->batch.ended_ms);
}

/* All that became due, each at its own moment. */
void nsx_batch_tick(struct nsx *n)
{
	struct nsx_operation *op;

	while ((op = first_pending(n)) != NULL && n->batch.due_ms <= sim_now_ms(n->sim)) {
		const struct nsx_profile *p = nsx_profile(n, op->service);
		int64_t at_ms = n->batch.due_ms;

		op->ended_ms = at_ms;
		if (perform(n, op) != 0 && p->cluster)
			abort_rest(n, at_ms);
		op = first_pending(n);
		if (op != NULL)
			begin(n, op, at_ms);
		else
			n->batch.ended_ms = at_ms;
	}
}
