/* opsman_apply.c - POST /api/v0/installations: Apply Changes. */
#include <string.h>
#include "tests/sim/opsman_write.h"

/* Since which version a member is looked at; an older one takes no notice. */
static bool flag(const struct opsman_state *s, const struct json *body, const char *key, int major,
    int minor, int patch, struct err *e, int *status)
{
	int value = -1;

	if (!opsman_at_least(s, major, minor, patch))
		return false;
	if (json_opt_bool(body, "installation", key, &value, e) != 0)
		*status = -1;
	return value == 1;
}

static int read_products(const struct opsman_state *s, const struct json *value,
    struct opsman_order *order, struct err *e)
{
	const char *word = json_str(value);

	order->director_only = word != NULL && strcmp(word, "none") == 0;
	if (value == NULL || (word != NULL && strcmp(word, "all") == 0)) {
		order->products = UINT64_MAX;
		return 0;
	}
	if (order->director_only)
		return 0;
	if (!json_is_array(value) || !opsman_at_least(s, 2, 2, 0))
		return err_set(e, ERR_ANSWER, "deploy_products is not valid");
	for (const struct json *m = json_first(value); m != NULL; m = json_next(m)) {
		int p = opsman_product_by_guid(s, json_str(m));

		if (p < 0)
			return err_set(e, ERR_ANSWER, "Product with guid %s not found",
			    json_str(m) != NULL ? json_str(m) : "that is no text");
		order->products |= OPSMAN_BIT(p);
	}
	return 0;
}

/* true, false, "default" (or its older name). */
static int read_errand(const struct json *map, const char *name, bool by_default, bool *runs,
    struct err *e)
{
	const char *word = json_str(json_get(map, name));
	int value = -1;

	*runs = by_default;
	if (word != NULL && (strcmp(word, "default") == 0 || strcmp(word, "when-changed") == 0))
		return 0;
	if (json_opt_bool(map, "errands", name, &value, e) != 0)
		return -1;
	if (value >= 0)
		*runs = value == 1;
	return 0;
}

static int read_product_errands(const struct opsman_state *s, const struct json *entry,
    struct opsman_order *order, struct err *e)
{
	static const char *const keys[] = { "run_post_deploy", "run_pre_delete", NULL };
	int p = opsman_product_by_guid(s, json_key(entry));
	const struct json *map = json_get(entry, "run_post_deploy");
	bool runs = false;

	if (p < 0)
		return err_set(e, ERR_ANSWER, "errands: product %s not found", json_key(entry));
	if (sim_known_keys(entry, "errands", keys, NULL, e) != 0)
		return -1;
	for (const struct json *m = json_first(map); m != NULL; m = json_next(m)) {
		const char *errand = s->products[p].errand;

		if (read_errand(map, json_key(m), s->products[p].errand_by_default, &runs, e) != 0)
			return -1;
		if (errand == NULL || strcmp(errand, json_key(m)) != 0)
			return err_set(e, ERR_ANSWER, "errands: %s has no errand %s",
			    s->products[p].guid, json_key(m));
		order->errands &= ~OPSMAN_BIT(p);
		order->errands |= runs ? OPSMAN_BIT(p) : 0;
	}
	return 0;
}

static int read_errands(const struct opsman_state *s, const struct json *errands,
    struct opsman_order *order, struct err *e)
{
	for (size_t i = 0; i < s->n_products; i++)
		order->errands |= s->products[i].errand_by_default ? OPSMAN_BIT(i) : 0;
	if (errands != NULL && !json_is_object(errands))
		return err_set(e, ERR_ANSWER, "errands is not valid");
	for (const struct json *m = json_first(errands); m != NULL; m = json_next(m)) {
		if (read_product_errands(s, m, order, e) != 0)
			return -1;
	}
	return 0;
}

struct request {
	struct opsman_order order;
	bool ignore_warnings, leafs_too;
};

static int read_body(const struct opsman_state *s, const struct json *body, struct request *q,
    struct err *e)
{
	static const char *const keys[] = {
		"deploy_products", "ignore_warnings", "errands", "force_latest_variables",
		"recreate",
		"rotate_certs", NULL
	};
	int status = 0;

	if (body != NULL && sim_known_keys(body, "installation", keys, NULL, e) != 0)
		return -1;
	q->ignore_warnings = flag(s, body, "ignore_warnings", 0, 0, 0, e, &status);
	q->order.latest = flag(s, body, "force_latest_variables", 3, 0, 0, e, &status);
	q->order.recreate = flag(s, body, "recreate", 3, 0, 0, e, &status);
	q->leafs_too = flag(s, json_get(body, "rotate_certs"), "non_configurable_leaf", 3, 0, 5, e,
	    &status);
	return status != 0 || read_products(s, json_get(body, "deploy_products"), &q->order,
	    e) != 0 ||
	    read_errands(s, json_get(body, "errands"), &q->order, e) != 0 ? -1 : 0;
}

static bool is_held_up(const struct opsman_state *s, bool ignore_warnings)
{
	for (const struct json *v = json_first(s->pace.verifiers); v != NULL; v = json_next(v)) {
		int ignorable = -1;

		if (json_opt_bool(v, "", "ignorable", &ignorable, NULL) != 0 || ignorable != 1 ||
		    !ignore_warnings)
			return true;
	}
	return false;
}

/* From 2.6 on the verifiers are told with it. */
static void refuse_incomplete(const struct opsman_state *s, struct sim_reply *rp)
{
	const struct json *list = s->pace.verifiers;
	struct json_writer w;

	sim_reply_json(rp, 422, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "errors", '[');
	jsonw_str(&w, NULL, "Installation is incomplete.");
	jsonw_close(&w, ']');
	if (opsman_at_least(s, 2, 6, 0)) {
		jsonw_open(&w, "deployment_errors", '{');
		jsonw_open(&w, "products", '[');
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "identifier", s->products[s->director].type);
		jsonw_bool(&w, "complete", opsman_is_complete(s));
		jsonw_open(&w, "verifiers", '[');
		for (const struct json *v = json_first(list); v != NULL; v = json_next(v))
			opsman_copy(&w, NULL, list, v);
		jsonw_close(&w, ']');
		jsonw_close(&w, '}');
		jsonw_close(&w, ']');
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, '}');
}

static bool is_refused(const struct opsman_state *s, const struct request *q, struct sim_reply *rp)
{
	if (opsman_running(s) != NULL) {
		opsman_error(rp, (unsigned)s->pace.second_apply_status,
		    "An installation is already running.");
		return true;
	}
	if (!opsman_is_complete(s) || is_held_up(s, q->ignore_warnings)) {
		refuse_incomplete(s, rp);
		return true;
	}
	return false;
}

/* What the plan of the scenario says of the next one. */
static enum opsman_status next_result(struct opsman_state *s)
{
	const char *word = json_str(s->pace.results);

	if (s->pace.results != NULL)
		s->pace.results = json_next(s->pace.results);
	return word != NULL && strcmp(word, "failed") == 0 ? OPSMAN_FAILED : OPSMAN_SUCCEEDED;
}

/* Leafs renewed in the same Apply; the lists of that are told nowhere. */
static void remake_leafs(struct opsman_state *s)
{
	struct json_writer w;
	struct buf unread;

	buf_init(&unread, SIM_REPLY_MAX_BYTES);
	jsonw_init(&w, &unread);
	opsman_remake(s, OPSMAN_LEAFS, NULL, &w, "regenerated", "regenerate_failed");
	buf_clear(&unread);
}

static void begin(struct opsman_state *s, struct request *q, struct sim_reply *rp)
{
	struct opsman_run *run;
	struct json_writer w;

	if (q->leafs_too && opsman_active_ca(s) >= 0)
		remake_leafs(s);
	q->order.length_ms = s->pace.apply_ms;
	q->order.fails_at = (int)s->pace.fails_at;
	q->order.planned = next_result(s);
	run = opsman_begin_run(s, &q->order);
	if (run == NULL) {
		opsman_error(rp, 500, "this simulator keeps no more installations");
		return;
	}
	s->acts.apply++;
	rp->changed = true;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "install", '{');
	jsonw_i64(&w, "id", run->id);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
}

void opsman_post_installation(struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp)
{
	struct json *body = rq->body_len > 0 ? sim_request_json(rq, NULL) : NULL;
	struct request q = { .order = { .user = rp->note } };
	struct err e;

	err_clear(&e);
	if (rq->body_len > 0 && !json_is_object(body))
		opsman_error(rp, 400, "The body is no JSON object");
	else if (read_body(s, body, &q, &e) != 0)
		opsman_error(rp, 422, e.text);
	else if (!is_refused(s, &q, rp))
		begin(s, &q, rp);
	json_free(body);
}
