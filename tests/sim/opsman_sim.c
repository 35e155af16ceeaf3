/* opsman_sim.c - a simulator of Ops Manager, its UAA, and the foundation behind it. */
#include "tests/sim/opsman_write.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum access { OPEN, TOKEN, WRITER };

struct route {
	const char *method;
	const char *path;         /* '*' takes one part of it, an empty one too */
	enum access access;
	opsman_handler *answer;
};

static const char default_scenario[] =
    "{\"version\":\"2.10.40-build.1\",\"cas\":[{\"guid\":\"f7bc18f34f2a7a9403c3\",\"name\":\"root\","
    "\"cn\":\"opsmgr-root-ca\",\"o\":\"VMware\",\"ca\":true,\"days_left\":1200,\"issuer_text\":\"VMware\","
    "\"nats\":{\"cn\":\"default.nats-ca.bosh-internal\",\"ca\":true,\"days_left\":1200}}],"
    "\"certificates\":[{\"row\":{\"property_reference\":\".properties.root_ca.f7bc18f34f2a7a9403c3\","
    "\"property_type\":\"ca_certificate\",\"product_guid\":\"ops_manager\",\"is_ca\":true},"
    "\"certificate\":{\"cn\":\"opsmgr-root-ca\",\"ca\":true,\"days_left\":1200}},"
    "{\"row\":{\"property_reference\":\".properties.director_ssl\",\"property_type\":\"rsa_cert_credentials\","
    "\"product_guid\":\"p-bosh-0123456789abcdef\"},\"certificate\":{\"cn\":\"director\",\"issuer\":\"root\","
    "\"days_left\":500}},"
    "{\"row\":{\"location\":\"credhub\",\"variable_path\":\"/opsmgr/bosh_dns/tls_ca\",\"product_guid\":\"\"},"
    "\"certificate\":{\"cn\":\"bosh-dns-ca\",\"ca\":true,\"days_left\":1100}}]}";

void opsman_error(struct sim_reply *rp, unsigned status, const char *text)
{
	struct json_writer w;

	sim_reply_json(rp, status, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "errors", '[');
	jsonw_str(&w, NULL, text);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

static void answer_info(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json_writer w;

	(void)rq;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "info", '{');
	jsonw_str(&w, "version", s->version);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
}

static void answer_token_life(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json_writer w;

	(void)rq;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "tokens_expiration", '{');
	jsonw_i64(&w, "access_token_expiration", s->token_ms / 1000);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
}

static void answer_ssl(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json_writer w;

	(void)rq;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "ssl_certificate", '{');
	if (s->listener->issuer != NULL)      /* the built-in self-signed one is not shown */
		jsonw_str(&w, "certificate", s->listener->pem);
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
}

static const struct route routes[] = {
	{ "GET", "/api/v0/info", OPEN, answer_info },
	{ "GET", "/login/ensure_availability", OPEN, opsman_availability },
	{ "PUT", "/api/v0/unlock", OPEN, opsman_unlock },
	{ NULL, "/uaa/oauth/token", OPEN, opsman_token_post },
	{ "GET", "/api/v0/certificate_authorities", TOKEN, opsman_ca_list },
	{ "GET", "/api/v0/deployed/certificates", TOKEN, opsman_deployed },
	{ "GET", "/api/v1/deployed/certificates", TOKEN, opsman_deployed_v1 },
	{ "GET", "/api/v0/security/root_ca_certificate", TOKEN, opsman_root_ca },
	{ "GET", "/api/v0/installations", TOKEN, opsman_get_installations },
	{ "GET", "/api/v0/installations/current_log", TOKEN, opsman_current_log },
	{ "GET", "/api/v0/installations/*", TOKEN, opsman_get_installation },
	{ "GET", "/api/v0/installations/*/logs", TOKEN, opsman_get_installation },
	{ "GET", "/api/v0/staged/pending_changes", TOKEN, opsman_pending_changes },
	{ "GET", "/api/v0/deployed/products", TOKEN, opsman_deployed_products },
	{ "GET", "/api/v0/staged/products", TOKEN, opsman_staged_products },
	{ "GET", "/api/v0/staged/director/properties", TOKEN, opsman_get_director },
	{ "GET", "/api/v0/settings/ssl_certificate", TOKEN, answer_ssl },
	{ "GET", "/api/v0/uaa/tokens_expiration", TOKEN, answer_token_life },
	{ "POST", "/api/v0/certificate_authorities", WRITER, opsman_create_ca },
	{ "POST", "/api/v0/certificate_authorities/generate", WRITER, opsman_generate },
	{ "POST", "/api/v0/certificate_authorities/active/regenerate", WRITER, opsman_regenerate },
	{ "POST", "/api/v0/certificate_authorities/*/activate", WRITER, opsman_activate },
	{ "DELETE", "/api/v0/certificate_authorities/*", WRITER, opsman_delete_ca },
	{ "PUT", "/api/v0/staged/director/properties", WRITER, opsman_put_director },
	{ "POST", "/api/v0/installations", WRITER, opsman_post_installation },
};

static bool matches(const struct route *r, const struct sim_request *rq)
{
	return (r->method == NULL || strcmp(r->method, rq->method) == 0) &&
	    fnmatch(r->path, rq->path, FNM_PATHNAME) == 0;
}

static void answer_booting(struct sim_reply *rp)
{
	sim_reply_set(rp, 502, "text/html");
	buf_adds(&rp->body, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
	    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
}

static void usual_headers(struct sim_reply *rp)
{
	char id[37];

	sim_uuid(id);
	if (rp->content_type != NULL && strcmp(rp->content_type, "application/json") == 0)
		rp->content_type = "application/json; charset=utf-8";
	sim_reply_header(rp, "Cache-Control", "no-cache,no-store");
	sim_reply_header(rp, "Server", "Ops Manager");
	sim_reply_header(rp, "X-Request-Id", "%s", id);
	sim_reply_header(rp, "X-Runtime", "0.012345");
	sim_reply_header(rp, "X-Frame-Options", "SAMEORIGIN");
	sim_reply_header(rp, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

/* A locked one has no UAA to ask, whatever token is shown. */
static bool may_answer(struct opsman_state *s, const struct route *r, const struct sim_request *rq,
    struct sim_reply *rp)
{
	const struct opsman_account *who;

	if (r->access == OPEN)
		return true;
	if (opsman_phase(s, rq->now_ms) != OPSMAN_READY) {
		sim_reply_set(rp, 302, "text/html; charset=utf-8");
		sim_reply_header(rp, "Location", "https://%s:%d/unlock", rq->address, rq->port);
		return false;
	}
	if (rq->n_in_flight > 1)
		s->n_overlaps++;
	who = opsman_who(s, rq, rp);
	return who != NULL && (r->access == TOKEN || opsman_may_write(who, rp));
}

/* A change that met another call may be lost, and its answer says nothing of that. */
static bool is_lost(struct opsman_state *s, const struct route *r, const struct sim_request *rq,
    struct sim_reply *rp)
{
	struct json_writer w;

	if (r->access != WRITER || !s->pace.lost_in_parallel || rq->n_in_flight < 2)
		return false;
	s->n_lost++;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_close(&w, '}');
	return true;
}

static void handle(void *state, const struct sim_request *rq, struct sim_reply *rp)
{
	struct opsman_state *s = state;
	struct err e;

	err_clear(&e);
	opsman_tick(s);
	if (rq->fault.what != NULL && opsman_event(s, rq->fault.what, rq->fault.value, &e) != 0) {
		opsman_error(rp, 500, e.text);
		return;
	}
	if (opsman_phase(s, rq->now_ms) == OPSMAN_BOOTING) {
		answer_booting(rp);
		return;
	}
	sim_reply_set(rp, 404, "text/html");      /* a route this version does not know: no body */
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (!matches(&routes[i], rq))
			continue;
		if (may_answer(s, &routes[i], rq, rp) && !is_lost(s, &routes[i], rq, rp))
			routes[i].answer(s, rq, rp);
		break;
	}
	usual_headers(rp);
}

static void refuse(void *state, unsigned status, struct sim_reply *rp)
{
	(void)state;
	if (status == 401) {
		opsman_invalid_token(rp);
	} else if (status == 502 || status == 503) {
		answer_booting(rp);
		rp->status = status;
	} else {
		opsman_error(rp, status, "an error that somebody asked for");
	}
}

static const struct sim_cert *serves(void *state, const char *address)
{
	(void)address;
	return ((struct opsman_state *)state)->listener;
}

int main(int argc, char **argv)
{
	static const struct sim_product_control controls[] = {
		{ "/_sim/event", opsman_post_event }, { NULL, NULL }
	};
	const struct sim_product product = {
		.name = "opsman_sim", .default_scenario = default_scenario, .faults = opsman_events,
		.keys = opsman_scenario_keys, .controls = controls, .create = opsman_create,
		.handle = handle, .refuse = refuse, .serves = serves, .dump = opsman_dump,
		.destroy = opsman_destroy,
	};

	return sim_main(&product, argc, argv);
}
