/* opsman_sim.c - a simulator of Ops Manager and its UAA: the read side.
 *
 * The calls that change something have their rows here; they answer 501 until
 * the state they would change is modelled, so that no client takes an answer
 * for a deed. */
#include "tests/sim/opsman_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void route_fn(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);

enum access { OPEN, TOKEN };

struct route {
	const char *method;
	const char *path;         /* a trailing '*' takes the rest */
	enum access access;
	route_fn *answer;
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

/* A list of the scenario, as it stands there. */
static void answer_list(const struct opsman_state *s, struct sim_reply *rp, const char *member, bool wrapped)
{
	const struct json *list = json_get(s->scenario, member);
	struct json_writer w;

	sim_reply_json(rp, 200, &w);
	if (wrapped)
		jsonw_open(&w, NULL, '{');
	jsonw_open(&w, wrapped ? member : NULL, '[');
	for (const struct json *m = json_first(list); m != NULL; m = json_next(m))
		opsman_copy(&w, NULL, list, m);
	jsonw_close(&w, ']');
	if (wrapped)
		jsonw_close(&w, '}');
}

static void answer_installations(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	(void)rq;
	answer_list(s, rp, "installations", true);
}

static void answer_pending(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	(void)rq;
	if (opsman_at_least(s, 2, 2, 0))
		answer_list(s, rp, "product_changes", true);
	else
		sim_reply_set(rp, 404, "text/html");
}

static void answer_products(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	(void)rq;
	answer_list(s, rp, "products", false);
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

static void not_modelled(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	(void)s;
	(void)rq;
	opsman_error(rp, 501, "this simulator does not model that change");
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
	{ "GET", "/api/v0/installations", TOKEN, answer_installations },
	{ "GET", "/api/v0/staged/pending_changes", TOKEN, answer_pending },
	{ "GET", "/api/v0/deployed/products", TOKEN, answer_products },
	{ "GET", "/api/v0/staged/products", TOKEN, answer_products },
	{ "GET", "/api/v0/settings/ssl_certificate", TOKEN, answer_ssl },
	{ "GET", "/api/v0/uaa/tokens_expiration", TOKEN, answer_token_life },
	{ "POST", "/api/v0/certificate_authorities*", TOKEN, not_modelled },
	{ "DELETE", "/api/v0/certificate_authorities/*", TOKEN, not_modelled },
	{ "POST", "/api/v0/installations", TOKEN, not_modelled },
};

static bool matches(const struct route *r, const struct sim_request *rq)
{
	size_t n = strlen(r->path);

	if (r->method != NULL && strcmp(r->method, rq->method) != 0)
		return false;
	if (r->path[n - 1] == '*')
		return strncmp(r->path, rq->path, n - 1) == 0;
	return strcmp(r->path, rq->path) == 0;
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
	if (r->access == OPEN)
		return true;
	if (opsman_phase(s, rq->now_ms) != OPSMAN_READY) {
		sim_reply_set(rp, 302, "text/html; charset=utf-8");
		sim_reply_header(rp, "Location", "https://%s:%d/unlock", rq->address, rq->port);
		return false;
	}
	if (rq->n_in_flight > 1)
		s->n_overlaps++;
	return opsman_who(s, rq, rp) != NULL;
}

static void handle(void *state, const struct sim_request *rq, struct sim_reply *rp)
{
	struct opsman_state *s = state;

	if (opsman_phase(s, rq->now_ms) == OPSMAN_BOOTING) {
		answer_booting(rp);
		return;
	}
	sim_reply_set(rp, 404, "text/html");      /* a route this version does not know: no body */
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (!matches(&routes[i], rq))
			continue;
		if (may_answer(s, &routes[i], rq, rp))
			routes[i].answer(s, rq, rp);
		break;
	}
	usual_headers(rp);
}

static void refuse(void *state, unsigned status, struct sim_reply *rp)
{
	(void)state;
	if (status == 502 || status == 503) {
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

static void dump_cas(const struct opsman_state *s, struct json_writer *w)
{
	jsonw_open(w, "cas", '[');
	for (size_t i = 0; i < s->n_cas; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "guid", s->cas[i].guid);
		jsonw_str(w, "sha256", s->cas[i].cert->sha256);
		jsonw_str(w, "nats_sha256", s->cas[i].nats != NULL ? s->cas[i].nats->sha256 : NULL);
		jsonw_bool(w, "active", s->cas[i].active);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump(void *state, struct json_writer *w)
{
	struct opsman_state *s = state;

	jsonw_str(w, "version", s->version);
	jsonw_str(w, "phase", opsman_phase_name(opsman_phase(s, sim_now_ms(s->sim))));
	jsonw_i64(w, "overlapping_calls", s->n_overlaps);
	jsonw_i64(w, "refused_logins", s->n_refused_logins);
	jsonw_i64(w, "tokens", (int64_t)s->n_tokens);
	jsonw_i64(w, "rows", (int64_t)s->n_rows);
	jsonw_str(w, "listener_sha256", s->listener->sha256);
	dump_cas(s, w);
}

int main(int argc, char **argv)
{
	static const char *const keys[] = {
		"version", "state", "passphrase", "starting_s", "dates", "refusals", "token_lifetime_s",
		"cas", "certificates", "users", "clients", "listener", "address", "installations",
		"product_changes", "products", NULL
	};
	static const struct sim_product product = {
		.name = "opsman_sim", .default_scenario = default_scenario, .keys = keys,
		.create = opsman_create, .handle = handle, .refuse = refuse, .serves = serves,
		.dump = dump, .destroy = opsman_destroy,
	};

	return sim_main(&product, argc, argv);
}
