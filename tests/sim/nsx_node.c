/* nsx_node.c - the answering manager itself: version, health, policies. */
#include <string.h>
#include "lib/base/text.h"
#include "tests/sim/nsx_call.h"

static void write_version(const struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "node_version", n->version_text);
	jsonw_str(&w, "product_version", n->version_text);
	jsonw_close(&w, '}');
}

static void write_node(const struct nsx *n, const struct nsx_node *node, struct nsx_call *c)
{
	char now[TEXT_TIME_BYTES];
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "_schema", "NodeProperties");
	jsonw_open(&w, "_self", '{');
	jsonw_str(&w, "href", "/node");
	jsonw_str(&w, "rel", "self");
	jsonw_close(&w, '}');
	jsonw_str(&w, "hostname", node->name);
	jsonw_str(&w, "fully_qualified_domain_name", node->fqdn);
	jsonw_str(&w, "node_type", n->global_manager ? "NSX Global Manager" : "NSX Manager");
	jsonw_str(&w, "node_uuid", node->uuid);
	jsonw_str(&w, "node_version", n->version_text);
	jsonw_str(&w, "product_version", n->version_text);
	jsonw_str(&w, "kernel_version", "5.15.0-nsx");
	jsonw_i64(&w, "system_time", c->rq->now_ms);
	jsonw_str(&w, "system_datetime", text_from_time(c->rq->now_ms / 1000, now));
	jsonw_str(&w, "timezone", "Etc/UTC");
	jsonw_i64(&w, "cli_timeout", 600);
	jsonw_str(&w, "export_type", "RESTRICTED");
	jsonw_close(&w, '}');
}

void nsx_get_version(struct nsx *n, struct nsx_call *c)
{
	write_version(n, c);
}

void nsx_get_node(struct nsx *n, struct nsx_call *c)
{
	write_node(n, &n->node[nsx_node_at(n, c->rq->address)], c);
}

/* The same of another manager, through this one. */
static const struct nsx_node *other(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_node *node = nsx_node_by_id(n, c->arg[0]);

	if (node == NULL)
		nsx_not_found(c->rp, c->arg[0]);
	else if (node->down)
		nsx_error(c->rp, 503, 503, "The node %s cannot be reached.", node->name);
	return node != NULL && node->down ? NULL : node;
}

void nsx_get_node_of_cluster(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_node *node = other(n, c);

	if (node != NULL)
		write_node(n, node, c);
}

void nsx_get_version_of_cluster(struct nsx *n, struct nsx_call *c)
{
	if (other(n, c) != NULL)
		write_version(n, c);
}

void nsx_get_health(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	(void)n;
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_bool(&w, "healthy", true);
	jsonw_str(&w, "components_health", "POLICY:UP, SEARCH:UP, MANAGER:UP, NODE_MGMT:UP, UI:UP");
	jsonw_close(&w, '}');
}

void nsx_get_auth_policy(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "_schema", "AuthenticationPolicyProperties");
	jsonw_i64(&w, "api_failed_auth_lockout_period", n->lockout.period_s);
	jsonw_i64(&w, "api_failed_auth_reset_period", n->lockout.reset_s);
	jsonw_i64(&w, "api_max_auth_failures", n->lockout.failures);
	jsonw_i64(&w, "cli_failed_auth_lockout_period", 900);
	jsonw_i64(&w, "cli_max_auth_failures", 5);
	jsonw_i64(&w, "minimum_password_length", 12);
	jsonw_close(&w, '}');
}

static void write_named(const char *key, const char *const *names, struct json_writer *w)
{
	jsonw_open(w, key, '[');
	for (; *names != NULL; names++) {
		jsonw_open(w, NULL, '{');
		jsonw_bool(w, "enabled", true);
		jsonw_str(w, "name", *names);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

void nsx_get_api_service(struct nsx *n, struct nsx_call *c)
{
	static const char *const suites[] = {
		"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
		"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", NULL
	};
	static const char *const versions[] = { "TLSv1.2", "TLSv1.3", NULL };
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "session_timeout", n->limits.session_timeout_s);
	jsonw_i64(&w, "connection_timeout", n->limits.connection_timeout_s);
	jsonw_i64(&w, "client_api_rate_limit", n->limits.rate);
	jsonw_i64(&w, "client_api_concurrency_limit", n->limits.concurrency);
	jsonw_i64(&w, "global_api_concurrency_limit", n->limits.global_concurrency);
	jsonw_str(&w, "redirect_host", "");
	write_named("cipher_suites", suites, &w);
	write_named("protocol_versions", versions, &w);
	jsonw_open(&w, "lockout_immune_addresses", '[');
	jsonw_close(&w, ']');
	jsonw_bool(&w, "basic_authentication_enabled", n->basic);
	jsonw_bool(&w, "cookie_based_authentication_enabled", n->session_login);
	jsonw_close(&w, '}');
}
