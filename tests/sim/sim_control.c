/* sim_control.c - /_sim/: what a test sees and changes, from loopback only. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/sim_core.h"

static void say_error(struct sim_reply *rp, unsigned status, const char *text)
{
	struct json_writer w;

	sim_reply_json(rp, status, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "error", text);
	jsonw_close(&w, '}');
}

static void write_listeners(const struct sim *sim, struct json_writer *w)
{
	const struct sim_cert *cert;

	jsonw_open(w, "listeners", '[');
	for (size_t i = 0; i < sim->n_listeners; i++) {
		const struct sim_listener *l = &sim->listener[i];

		cert = sim->product->serves(sim->world->state, l->address);
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "address", l->address);
		jsonw_i64(w, "port", sim->port);
		jsonw_bool(w, "open", l->open && l->fd >= 0 && !l->shut);
		jsonw_i64(w, "accepted", l->n_accepted);
		jsonw_str(w, "sha256", cert != NULL ? cert->sha256 : NULL);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void get_state(struct sim_exchange *x, struct json_writer *w)
{
	struct sim *sim = x->sim;
	char now[TEXT_TIME_BYTES];

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "product", sim->product->name);
	jsonw_str(w, "now", text_from_time(sim_now_ms(sim) / 1000, now));
	jsonw_i64(w, "in_flight", sim->n_in_flight);
	jsonw_i64(w, "faults", (int64_t)sim_faults_count(sim->faults));
	write_listeners(sim, w);
	sim->product->dump(sim->world->state, w);
	jsonw_close(w, '}');
}

static void get_log(struct sim_exchange *x, struct json_writer *w)
{
	const char *since = sim_request_query(&x->rq, "since");
	int64_t n = 0;

	if (since != NULL && text_to_i64(since, 0, INT64_MAX, &n) != 0)
		n = 0;
	sim_log_dump(x->sim->log, n, w);
}

static int post_faults(struct sim_exchange *x, struct json_writer *w, struct err *e)
{
	struct json *doc = sim_request_json(&x->rq, e);
	struct sim_fault_set *set;

	if (doc == NULL)
		return -1;
	set = json_is_array(doc) ? sim_faults_new(x->sim->product, doc, doc, e) : NULL;
	if (set == NULL) {
		if (!json_is_array(doc))
			err_set(e, ERR_ANSWER, "want an array of faults");
		json_free(doc);
		return -1;
	}
	sim_faults_drop(x->sim->faults);
	x->sim->faults = set;
	jsonw_open(w, NULL, '{');
	jsonw_i64(w, "faults", (int64_t)sim_faults_count(set));
	jsonw_close(w, '}');
	return 0;
}

static int post_clock(struct sim_exchange *x, struct json_writer *w, struct err *e)
{
	static const char *const keys[] = { "advance_s", "date", NULL };
	struct json *doc = sim_request_json(&x->rq, e);
	int64_t advance_s = 0;
	char now[TEXT_TIME_BYTES];
	int with_date = 0, status = -1;

	if (doc == NULL)
		return -1;
	if (sim_known_keys(doc, "clock", keys, NULL, e) == 0 &&
	    json_opt_i64(doc, "clock", "advance_s", &advance_s, e) == 0 &&
	    json_opt_bool(doc, "clock", "date", &with_date, e) == 0)
		status = 0;
	json_free(doc);
	if (status != 0)
		return -1;
	if (advance_s < 0 || advance_s > INT64_C(100000000000))
		return err_set(e, ERR_ANSWER, "clock.advance_s: time goes forward");
	x->sim->advance_ms += advance_s * 1000;
	if (with_date == 1)
		x->sim->date_advance_s += advance_s;
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "now", text_from_time(sim_now_ms(x->sim) / 1000, now));
	jsonw_close(w, '}');
	return 0;
}

static int post_scenario(struct sim_exchange *x, struct json_writer *w, struct err *e)
{
	char *text = mem_strndup(x->rq.body, x->rq.body_len);
	struct sim_world *world = sim_world_new(x->sim, text, x->rq.body_len, e);

	free(text);
	if (world == NULL)
		return -1;
	if (sim_world_enter(x->sim, world, e) != 0) {
		sim_world_free(x->sim, world);
		return -1;
	}
	jsonw_open(w, NULL, '{');
	jsonw_bool(w, "entered", true);
	jsonw_close(w, '}');
	return 0;
}

static const struct control {
	const char *method;
	const char *path;
	void (*get)(struct sim_exchange *x, struct json_writer *w);
	int (*post)(struct sim_exchange *x, struct json_writer *w, struct err *e);
} controls[] = {
	{ "GET", "/_sim/state", get_state, NULL },
	{ "GET", "/_sim/log", get_log, NULL },
	{ "POST", "/_sim/faults", NULL, post_faults },
	{ "POST", "/_sim/clock", NULL, post_clock },
	{ "POST", "/_sim/scenario", NULL, post_scenario },
};

static const struct control *find_control(const struct sim_request *rq)
{
	for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
		if (strcmp(controls[i].method, rq->method) == 0 &&
		    strcmp(controls[i].path, rq->path) == 0)
			return &controls[i];
	}
	return NULL;
}

static const struct sim_product_control *find_own(const struct sim_exchange *x)
{
	const struct sim_product_control *c = x->sim->product->controls;

	if (c == NULL || strcmp(x->rq.method, "POST") != 0)
		return NULL;
	while (c->path != NULL && strcmp(c->path, x->rq.path) != 0)
		c++;
	return c->path != NULL ? c : NULL;
}

static int post_own(struct sim_exchange *x, const struct sim_product_control *own,
    struct json_writer *w, struct err *e)
{
	struct json *doc = sim_request_json(&x->rq, e);
	int status = doc != NULL ? own->post(x->sim->world->state, doc, w, e) : -1;

	json_free(doc);
	return status;
}

void sim_control(struct sim_exchange *x)
{
	const struct control *control = find_control(&x->rq);
	const struct sim_product_control *own = find_own(x);
	struct json_writer w;
	struct err e;

	err_clear(&e);
	if (!x->conn->peer_is_local) {
		say_error(&x->rp, 403, "the control interface answers on loopback only");
		return;
	}
	if (control == NULL && own == NULL) {
		say_error(&x->rp, 404,
		    "no such control: GET state, log; POST faults, clock, scenario");
		return;
	}
	if (x->body.overflow) {
		say_error(&x->rp, 413, "too large");
		return;
	}
	sim_reply_json(&x->rp, 200, &w);
	sim_lock(x->sim);
	if (control != NULL && control->get != NULL)
		control->get(x, &w);
	else if ((control != NULL ? control->post(x, &w, &e) : post_own(x, own, &w, &e)) != 0)
		say_error(&x->rp, 400, e.text);
	sim_unlock(x->sim);
}
