/* nsx_batch_calls.c - batch-replace and batch-results. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/nsx_write.h"

#define PAIRS_MAX 64

struct pair {
	const struct nsx_row *old;
	struct nsx_row *fresh;        /* NULL: one like the old is to be made */
};

/* Letters and digits, with single '-', '.', '_' between them. */
static bool is_id(const char *id)
{
	if (!isalnum((unsigned char)id[0]))
		return false;
	for (size_t i = 1; id[i] != '\0'; i++) {
		bool mark = id[i] == '-' || id[i] == '.' || id[i] == '_';

		if (!mark && !isalnum((unsigned char)id[i]))
			return false;
		if (mark && !isalnum((unsigned char)id[i - 1]))
			return false;
		if (mark && id[i + 1] == '\0')
			return false;
	}
	return true;
}

static struct nsx_row *find_row(const struct nsx *n, const char *id, struct err *e)
{
	struct nsx_row *row = is_id(id) ? nsx_row_by_id(n, id) : NULL;

	if (!is_id(id))
		err_set(e, ERR_ANSWER, "'%s' is no certificate id", id);
	else if (row == NULL || !row->in_store)
		err_set(e, ERR_REFUSED, "Certificate '%s' could not be found", id);
	return row != NULL && row->in_store ? row : NULL;
}

/* Every use of the old one has to be one that the new one may have; and at
 * least one of them has a profile. */
static int check_uses(const struct nsx *n, const struct pair *pair, struct err *e)
{
	size_t known = 0;

	for (size_t i = 0; i < pair->old->n_uses; i++) {
		const struct nsx_use *use = &pair->old->use[i];

		for (size_t s = 0; s < use->n_services; s++) {
			const struct nsx_profile *p = nsx_profile(n, use->service[s]);

			if (p == NULL)
				continue;
			known++;
			if (pair->fresh != NULL && nsx_fits(n, pair->fresh, p,
			        p->cluster ? NULL : use->node_id, e) != 0)
				return -1;
		}
	}
	if (known == 0)
		return err_set(e, ERR_REFUSED,
		    "Certificate '%s' is not used by a service that has a certificate profile",
		    pair->old->id);
	return 0;
}

static int read_pair(const struct nsx *n, const struct json *j, struct pair *pair, struct err *e)
{
	static const char *const keys[] = { "old_certificate_id", "new_certificate_id", NULL };
	const char *old = NULL, *fresh = NULL;

	if (sim_known_keys(j, "certificate_replacements", keys, NULL, e) != 0 ||
	    json_want_str(j, "certificate_replacements", keys[0], &old, e) != 0 ||
	    json_opt_str(j, "certificate_replacements", keys[1], &fresh, e) != 0)
		return -1;
	pair->old = find_row(n, old, e);
	pair->fresh = pair->old != NULL && fresh != NULL ? find_row(n, fresh, e) : NULL;
	if (pair->old == NULL || (fresh != NULL && pair->fresh == NULL))
		return -1;
	if (pair->fresh == pair->old)
		return err_set(e, ERR_REFUSED, "Certificate '%s' cannot replace itself", old);
	if (pair->fresh == NULL &&
	    (!nsx_is_self_signed(pair->old->cert) || !pair->old->has_private_key))
		return err_set(e, ERR_REFUSED, "Certificate '%s' is not self-signed: "
		    "new_certificate_id is required", old);
	return check_uses(n, pair, e);
}

static int read_pairs(const struct nsx *n, const struct json *body, struct pair *pairs,
    size_t *count, struct err *e)
{
	static const char *const keys[] = { "certificate_replacements", NULL };
	const struct json *list = NULL;

	*count = 0;
	if (sim_known_keys(body, "body", keys, NULL, e) != 0 ||
	    json_want_array(body, "body", keys[0], &list, e) != 0)
		return -1;
	for (const struct json *j = json_first(list); j != NULL; j = json_next(j)) {
		if (*count == PAIRS_MAX)
			return err_set(e, ERR_ANSWER, "more than %d replacements", PAIRS_MAX);
		if (read_pair(n, j, &pairs[*count], e) != 0)
			return -1;
		for (size_t i = 0; i < *count; i++) {
			if (pairs[i].old == pairs[*count].old)
				return err_set(e, ERR_ANSWER, "'%s' is there twice",
				    pairs[i].old->id);
		}
		(*count)++;
	}
	if (*count == 0)
		return err_set(e, ERR_ANSWER, "certificate_replacements is empty");
	return 0;
}

/* From 9.0 on force=true puts an end to the batch that is in the way. */
static int make_way(struct nsx *n, struct nsx_call *c)
{
	const char *force = sim_request_query(c->rq, "force");

	if (!nsx_batch_pending(n))
		return nsx_may_change(n, c);
	if (n->version >= NSX_VERSION(9, 0, 0) && force != NULL && strcmp(force, "true") == 0)
		return 0;
	nsx_error(c->rp, 400, NSX_E_PARAMETER,
	    "A batch of certificate replacements is in progress.");
	return -1;
}

/* The fault "batch-error" names a service. */
static void meet_fault(struct nsx *n, const struct nsx_call *c)
{
	const char *service = json_str(c->rq->fault.value);

	if (c->rq->fault.what != NULL && strcmp(c->rq->fault.what, "batch-error") == 0)
		snprintf(n->batch.fails, sizeof n->batch.fails, "%s",
		    service != NULL ? service : "API");
}

static int start(struct nsx *n, const struct nsx_call *c, const struct pair *pairs, size_t count,
    struct err *e)
{
	nsx_batch_begin(n);
	meet_fault(n, c);
	for (size_t i = 0; i < count; i++) {
		const struct nsx_row *fresh = pairs[i].fresh;

		if (fresh == NULL)
			fresh = nsx_fresh_copy(n, pairs[i].old, e);
		if (fresh == NULL)
			return -1;
		(void)nsx_batch_add(n, pairs[i].old, fresh);
	}
	nsx_batch_start(n);
	return 0;
}

void nsx_batch_replace(struct nsx *n, struct nsx_call *c)
{
	struct pair pairs[PAIRS_MAX] = { { NULL, NULL } };
	struct json *body;
	size_t count = 0;
	struct err e;

	err_clear(&e);
	body = sim_request_json(c->rq, &e);
	if (body == NULL || read_pairs(n, body, pairs, &count, &e) != 0) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER, "%s", e.text);
	} else if (make_way(n, c) == 0) {
		c->rp->changed = true;
		if (start(n, c, pairs, count, &e) == 0)
			nsx_done(n, c);
		else
			nsx_error(c->rp, 500, 500, "%s", e.text);
	}
	json_free(body);
}

/* --- the results ------------------------------------------------------------------ */

/* What is said in seconds is never 0 for something that is not done. */
static int64_t seconds_up(int64_t ms)
{
	return (ms + 999) / 1000;
}

static void write_operation(const struct nsx *n, const struct nsx_operation *op,
    struct json_writer *w)
{
	const struct nsx_profile *p = nsx_profile(n, op->service);

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "id", op->id);
	jsonw_str(w, "operation_type", "REPLACE");
	jsonw_str(w, "status", nsx_operation_status(op));
	jsonw_str(w, "service_type", op->service);
	jsonw_str(w, "node_id", op->node_id);
	jsonw_str(w, "certificate_id", op->new_id);
	jsonw_str(w, "certificate_name", op->new_name);
	jsonw_str(w, "old_certificate_id", op->old_id);
	jsonw_str(w, "old_certificate_name", op->old_name);
	jsonw_str(w, "affected_services", p != NULL ? p->affected : "");
	jsonw_i64(w, "estimated_duration", seconds_up(n->pace.batch_operation_ms));
	if (op->started_ms > 0)
		jsonw_i64(w, "start_time", op->started_ms);
	if (op->ended_ms > 0)
		jsonw_i64(w, "end_time", op->ended_ms);
	jsonw_str(w, "message", op->message);
	jsonw_close(w, '}');
}

void nsx_get_batch_results(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_batch *batch = &n->batch;
	int64_t n_pending = 0;
	struct json_writer w;

	for (size_t i = 0; i < batch->n; i++)
		n_pending += batch->op[i].status == NSX_PENDING;
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	if (batch->started_ms > 0)
		jsonw_i64(&w, "start_time", batch->started_ms);
	if (batch->ended_ms > 0)
		jsonw_i64(&w, "end_time", batch->ended_ms);
	jsonw_i64(&w, "pending_estimated_duration",
	    seconds_up(n_pending * n->pace.batch_operation_ms));
	jsonw_i64(&w, "total_estimated_duration",
	    seconds_up((int64_t)batch->n * n->pace.batch_operation_ms));
	jsonw_i64(&w, "result_count", (int64_t)batch->n);
	jsonw_open(&w, "results", '[');
	for (size_t i = 0; i < batch->n; i++)
		write_operation(n, &batch->op[i], &w);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

/* force=true stops what is pending, and leaves the results to be read; without
 * anything pending they are cleared. */
void nsx_delete_batch_results(struct nsx *n, struct nsx_call *c)
{
	const char *force = sim_request_query(c->rq, "force");
	bool pending = nsx_batch_pending(n);

	if (pending && (force == NULL || strcmp(force, "true") != 0)) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "A batch of certificate replacements is in progress.");
		return;
	}
	c->rp->changed = n->batch.n > 0;
	if (pending)
		nsx_batch_abort(n);
	else
		nsx_batch_begin(n);
	nsx_done(n, c);
}
