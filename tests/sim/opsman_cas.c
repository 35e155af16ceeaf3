/* opsman_cas.c - activate, regenerate, delete. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/opsman_write.h"

#define PREFIX "/api/v0/certificate_authorities/"

int opsman_active_ca(const struct opsman_state *s)
{
	for (size_t i = 0; i < s->n_cas; i++) {
		if (s->cas[i].active && !s->cas[i].gone)
			return (int)i;
	}
	return -1;
}

int opsman_may_touch_cas(struct opsman_state *s, struct sim_reply *rp)
{
	if (strcmp(s->pace.during_apply, "refused") != 0 || opsman_running(s) == NULL)
		return 0;
	opsman_error(rp, 422,
	    "Certificate authorities cannot be changed while an installation is running.");
	return -1;
}

bool opsman_put_warnings(struct opsman_state *s, const char *call, struct sim_reply *rp,
    struct json_writer *w)
{
	const struct json *list = json_get(s->pace.warnings, call);
	bool tkgi = opsman_has_tkgi(s) && strcmp(call, "generate") == 0;

	if (list == NULL && !tkgi)
		return false;
	rp->status = 207;
	jsonw_open(w, "warnings", '[');
	if (list == NULL)
		jsonw_str(w, NULL,
		    "The safety of a rotation cannot be checked with this product installed.");
	for (const struct json *m = json_first(list); m != NULL; m = json_next(m))
		jsonw_str(w, NULL, json_str(m));
	jsonw_close(w, ']');
	return true;
}

/* The CA that the path names; -1: there is none, and that is answered. */
static int named_ca(const struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp)
{
	const char *rest = rq->path + strlen(PREFIX);
	size_t len = strcspn(rest, "/");

	for (size_t i = 0; i < s->n_cas; i++) {
		const char *guid = s->cas[i].guid;

		if (!s->cas[i].gone && strlen(guid) == len && strncmp(guid, rest, len) == 0)
			return (int)i;
	}
	opsman_error(rp, 404, "Certificate with specified guid not found");
	return -1;
}

/* From 2.8 on: what was touched.  The three lists of activate and delete are about
 * the CAs in CredHub. */
static void answer_updated(struct opsman_state *s, const char *call, const struct opsman_ca *ca,
    struct sim_reply *rp)
{
	struct json_writer w;

	rp->changed = true;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	if (opsman_at_least(s, 2, 8, 0)) {
		jsonw_open(&w, "certificates", '{');
		jsonw_open(&w, "updated", '[');
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "location", "ops_manager");
		jsonw_str(&w, "product_guid", "ops_manager");
		jsonw_str(&w, "property_reference", ca->guid);
		jsonw_null(&w, "variable_path");
		jsonw_null(&w, "reason");
		jsonw_close(&w, '}');
		jsonw_close(&w, ']');
		jsonw_open(&w, "excluded", '[');
		jsonw_close(&w, ']');
		jsonw_open(&w, "update_failed", '[');
		jsonw_close(&w, ']');
		jsonw_close(&w, '}');
	}
	(void)opsman_put_warnings(s, call, rp, &w);
	jsonw_close(&w, '}');
}

static void answer_again(const struct opsman_state *s, struct sim_reply *rp)
{
	struct json_writer w;

	if (s->pace.active_again_refused) {
		opsman_error(rp, 422, "Certificate is already active");
		return;
	}
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_close(&w, '}');
}

void opsman_activate(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	int ca = named_ca(s, rq, rp);

	if (ca < 0 || opsman_may_touch_cas(s, rp) != 0)
		return;
	if (s->cas[ca].active) {
		answer_again(s, rp);
		return;
	}
	if (opsman_is_unsafe(s, rq, OPSMAN_ACTIVATE, ca, rp))
		return;
	for (size_t i = 0; i < s->n_cas; i++)
		s->cas[i].active = (int)i == ca;
	opsman_promote_cas(s);
	s->acts.activate++;
	answer_updated(s, "activate", &s->cas[ca], rp);
}

void opsman_regenerate(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json_writer w;
	struct buf unread;

	if (opsman_may_touch_cas(s, rp) != 0)
		return;
	if (opsman_active_ca(s) < 0) {
		opsman_error(rp, 422, "There is no active certificate authority");
		return;
	}
	if (opsman_is_unsafe(s, rq, OPSMAN_REGENERATE, -1, rp))
		return;
	s->acts.regenerate++;
	rp->changed = true;
	if (!opsman_at_least(s, 2, 8, 0)) {      /* done the same way, and nothing told */
		buf_init(&unread, SIM_REPLY_MAX_BYTES);
		jsonw_init(&w, &unread);
		opsman_remake(s, OPSMAN_LEAFS, NULL, &w, "", "");
		buf_clear(&unread);
	}
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	if (opsman_at_least(s, 2, 8, 0))
		opsman_remake(s, OPSMAN_LEAFS, NULL, &w, "regenerated", "regenerate_failed");
	(void)opsman_put_warnings(s, "regenerate", rp, &w);
	jsonw_close(&w, '}');
}

void opsman_delete_ca(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	int ca = named_ca(s, rq, rp);

	if (ca < 0 || opsman_may_touch_cas(s, rp) != 0)
		return;
	if (s->cas[ca].active) {
		opsman_error(rp, 422, "Active certificates cannot be deleted");
		return;
	}
	if (opsman_is_unsafe(s, rq, OPSMAN_DELETE, ca, rp))
		return;
	s->cas[ca].gone = true;
	opsman_row_of_ca(s, &s->cas[ca], false);
	s->acts.delete++;
	answer_updated(s, "delete", &s->cas[ca], rp);
}
