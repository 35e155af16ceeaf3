/* opsman_pending.c - what is staged: by others, and for the Director. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/sim/opsman_write.h"

static const struct json *entries(const struct opsman_state *s)
{
	return s->pending != NULL ? s->pending : json_get(s->scenario, "product_changes");
}

static bool is_unchanged(const struct json *entry)
{
	const char *action = json_str(json_get(entry, "action"));

	return action == NULL || strcmp(action, "unchanged") == 0;
}

const struct json *opsman_foreign_change(const struct opsman_state *s, int product)
{
	if (s->products[product].foreign_deployed)
		return NULL;
	for (const struct json *m = json_first(entries(s)); m != NULL; m = json_next(m)) {
		if (opsman_product_by_guid(s, json_str(json_get(m, "guid"))) == product)
			return is_unchanged(m) ? NULL : m;
	}
	return NULL;
}

bool opsman_is_complete(const struct opsman_state *s)
{
	for (const struct json *m = json_first(entries(s)); m != NULL; m = json_next(m)) {
		const struct json *checks = json_get(m, "completeness_checks");

		for (const struct json *c = json_first(checks); c != NULL; c = json_next(c)) {
			int flag = -1;

			if (json_opt_bool(checks, "", json_key(c), &flag, NULL) == 0 && flag == 0)
				return false;
		}
	}
	return true;
}

static const char *action_of(const struct opsman_state *s, int product, const struct json *entry)
{
	const char *given = json_str(json_get(entry, "action"));

	if (product >= 0 && s->pace.ca_changes_pending && opsman_is_dirty(s, product))
		return "update";
	if (product >= 0 && s->products[product].foreign_deployed)
		return "unchanged";
	return given != NULL ? given : "unchanged";
}

static void put_errands(const struct opsman_product *p, struct json_writer *w)
{
	jsonw_open(w, "errands", '[');
	if (p->errand != NULL) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "name", p->errand);
		jsonw_str(w, "label", p->errand);
		jsonw_bool(w, "post_deploy", p->errand_by_default);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void put_checks(struct json_writer *w)
{
	jsonw_open(w, "completeness_checks", '{');
	jsonw_bool(w, "configuration_complete", true);
	jsonw_bool(w, "stemcell_present", true);
	jsonw_bool(w, "configurable_properties_valid", true);
	jsonw_close(w, '}');
}

static void put_entry(const struct opsman_state *s, struct json_writer *w, const struct json *entry)
{
	int product = opsman_product_by_guid(s, json_str(json_get(entry, "guid")));

	jsonw_open(w, NULL, '{');
	for (const struct json *m = json_first(entry); m != NULL; m = json_next(m)) {
		if (strcmp(json_key(m), "action") != 0)
			opsman_copy(w, json_key(m), entry, m);
	}
	jsonw_str(w, "action", action_of(s, product, entry));
	jsonw_close(w, '}');
}

static void put_products(const struct opsman_state *s, struct json_writer *w)
{
	for (size_t i = 0; i < s->n_products; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "guid", s->products[i].guid);
		jsonw_str(w, "action", action_of(s, (int)i, NULL));
		put_errands(&s->products[i], w);
		put_checks(w);
		jsonw_close(w, '}');
	}
}

void opsman_pending_changes(struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp)
{
	struct json_writer w;

	(void)rq;
	if (!opsman_at_least(s, 2, 2, 0)) {
		sim_reply_set(rp, 404, "text/html");
		return;
	}
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "product_changes", '[');
	if (entries(s) == NULL)
		put_products(s, &w);
	for (const struct json *m = json_first(entries(s)); m != NULL; m = json_next(m))
		put_entry(s, &w, m);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

/* --- the Director's properties ------------------------------------------------------ */

void opsman_get_director(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json_writer w;

	(void)rq;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "director_configuration", '{');
	jsonw_str(&w, "ntp_servers_string", "ntp.example");
	jsonw_bool(&w, "bosh_recreate_on_next_deploy", s->recreate_next);
	if (opsman_at_least(s, 2, 9, 0))
		jsonw_bool(&w, "bosh_director_recreate_on_next_deploy", s->recreate_director_next);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
}

void opsman_put_director(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	static const char *const keys[] = { "director_configuration", NULL };
	static const char *const known[] = {
		"bosh_recreate_on_next_deploy", "bosh_director_recreate_on_next_deploy", NULL
	};
	struct json *body = sim_request_json(rq, NULL);
	const struct json *c = json_get(body, "director_configuration");
	int all = -1, director = -1;
	struct json_writer w;

	if (body == NULL || sim_known_keys(body, "", keys, NULL, NULL) != 0 ||
	    sim_known_keys(c, "", known, NULL, NULL) != 0 ||
	    json_opt_bool(c, "", known[0], &all, NULL) != 0 ||
	    json_opt_bool(c, "", known[1], &director, NULL) != 0 ||
	    (director >= 0 && !opsman_at_least(s, 2, 9, 0))) {
		opsman_error(rp, 422, "The properties are not valid");
		goto out;
	}
	if (all >= 0)
		s->recreate_next = all == 1;
	if (director >= 0)
		s->recreate_director_next = director == 1;
	s->acts.recreate++;
	rp->changed = true;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_close(&w, '}');
out:
	json_free(body);
}
