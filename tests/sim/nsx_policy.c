/* nsx_policy.c - the policy side: service certificates, security settings, and
 * the looks that NSX takes at other listeners. */
#include <string.h>
#include "lib/base/text.h"
#include "tests/sim/nsx_call.h"

void nsx_get_policy_certificates(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list list = { .id = nsx_row_id,
		.name = nsx_row_name,
		.write = nsx_write_policy_row };

	for (size_t i = 0; i < n->n_rows; i++) {
		if (n->row[i]->in_policy)
			nsx_list_add(&list, n->row[i]);
	}
	nsx_list_answer(n, c, &list);
}

void nsx_get_policy_certificate(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_row *row = nsx_row_by_id(n, c->arg[0]);
	struct json_writer w;

	if (row == NULL || !row->in_policy) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	sim_reply_json(c->rp, 200, &w);
	nsx_write_policy_row(n, c, row, &w);
}

void nsx_get_security(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "resource_type", "SecurityGlobalConfig");
	jsonw_bool(&w, "crl_checking_enabled", n->security.crl_checking);
	jsonw_bool(&w, "ca_signed_only", n->security.ca_signed_only);
	jsonw_bool(&w, "eku_checking_enabled", n->security.eku_checking);
	if (n->version >= NSX_VERSION(4, 2, 1)) {
		bool guide = n->security.guide_names;

		jsonw_bool(&w, guide ? "automatic_appliance_certificate_replacement_enabled" :
		    "automatic_appliance_certificate_renewal_enabled", n->security.renewal);
		jsonw_i64(&w, guide ? "automatic_appliance_certificate_replacement_lead_time" :
		    "automatic_appliance_certificate_renewal_lead_time", n->security.lead_days);
	}
	jsonw_i64(&w, "_revision", 0);
	jsonw_close(&w, '}');
}

void nsx_get_listener_certificate(struct nsx *n, struct nsx_call *c)
{
	const char *address = sim_request_query(c->rq, "address");
	const char *port_text = sim_request_query(c->rq, "port");
	struct nsx_probe probe = { 0 };
	struct json_writer w;
	int64_t port = 443;

	if (address == NULL ||
	    (port_text != NULL && text_to_i64(port_text, 1, 65535, &port) != 0)) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "Field level validation errors: {address or port}");
		return;
	}
	nsx_probe(n, address, port, &probe);
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "result", probe.result);
	if (probe.pem != NULL) {
		nsx_write_x509(n, "certificate", probe.leaf, 0, &w);
		jsonw_str(&w, "thumbprint", probe.leaf->sha256);
	}
	jsonw_close(&w, '}');
	nsx_probe_clear(&probe);
}

static void answer_peer(struct nsx *n, struct nsx_call *c, const char *host, int64_t port)
{
	struct nsx_probe probe = { 0 };
	struct json_writer w;

	nsx_probe(n, host, port, &probe);
	if (probe.pem == NULL) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "The certificate chain of %.128s could not be fetched: %s.", host,
		    probe.result);
		nsx_probe_clear(&probe);
		return;
	}
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "pem_encoded", probe.pem);
	jsonw_open(&w, "details", '[');
	nsx_write_x509(n, NULL, probe.leaf, 0, &w);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	nsx_probe_clear(&probe);
}

void nsx_fetch_peer_chain(struct nsx *n, struct nsx_call *c)
{
	const char *host = NULL;
	int64_t port = 443;
	struct json *body;
	struct err e;

	err_clear(&e);
	body = sim_request_json(c->rq, &e);
	if (body == NULL || json_want_str(body, "body", "host", &host, &e) != 0 ||
	    json_opt_i64(body, "body", "port", &port, &e) != 0 || port < 1 || port > 65535)
		nsx_error(c->rp, 400, NSX_E_PARAMETER, "Field level validation errors: {%s}",
		    e.text);
	else
		answer_peer(n, c, host, port);
	json_free(body);
}
