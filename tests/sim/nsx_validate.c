/* nsx_validate.c - action=validate: the checks that NSX makes of a certificate. */
#include <openssl/x509v3.h>
#include <string.h>
#include "tests/sim/nsx_call.h"

struct verdict {
	const char *status;           /* NULL: nothing found so far */
	const char *text;
};

static void say(struct verdict *v, const char *status, const char *text)
{
	v->status = status;
	v->text = text;
}

/* Leaf, intermediates, root: each signed by the next, the last by itself. */
static bool chain_holds(const struct sim_cert *cert)
{
	size_t n = sim_cert_blocks(cert);

	for (size_t i = 0; i < n; i++) {
		const struct sim_cert *own = sim_cert_block(cert, i);
		const struct sim_cert *signer = sim_cert_block(cert, i + 1 < n ? i + 1 : i);

		if (X509_verify(own->x509, signer->key) != 1)
			return false;
	}
	return true;
}

static bool in_time(const struct nsx *n, const struct sim_cert *cert)
{
	int64_t now_s = sim_now_ms(n->sim) / 1000;

	return now_s >= cert->not_before_at && now_s <= cert->not_after_at;
}

static void judge_leaf(const struct nsx *n, X509 *x, bool as_client, struct verdict *v)
{
	uint32_t usage = X509_get_key_usage(x), extended = X509_get_extended_key_usage(x);

	if (X509_get_extension_flags(x) & EXFLAG_CA)
		say(v, "REJECTED",
		    "Certificate was rejected: basic constraints do not allow a CA here");
	else if (X509_get_ext_by_NID(x, NID_basic_constraints, -1) < 0)
		say(v, "REJECTED", "Certificate was rejected: basic constraints are missing");
	else if ((usage & KU_KEY_ENCIPHERMENT) == 0)
		say(v, "REJECTED",
		    "Certificate was rejected: KeyUsage does not allow key encipherment");
	else if (n->security.eku_checking &&
	    (extended & (as_client ? XKU_SSL_CLIENT : XKU_SSL_SERVER)) == 0)
		say(v, "REJECTED",
		    "Certificate was rejected: ExtendedKeyUsage does not allow this usage");
}

static void judge(const struct nsx *n, const struct nsx_row *row, bool as_client, struct verdict *v)
{
	const struct sim_cert *cert = row->cert;

	if (row->validation != NULL) {
		say(v, row->validation, "As the scenario says.");
	} else if (row->pem == NSX_PEM_BROKEN || row->pem == NSX_PEM_EMPTY ||
	    row->pem == NSX_PEM_MISSING) {
		say(v, "ERROR", "The certificate cannot be read.");
	} else if (!chain_holds(cert)) {
		say(v, "REJECTED",
		    "Certificate chain validation failed. Make sure a valid chain is provided "
		    "in order leaf,intermediate,root certificate.");
	} else if (!in_time(n, cert)) {
		say(v, "REJECTED", "Certificate was rejected: it is outside its validity period");
	} else if (n->security.ca_signed_only && cert->issuer == NULL) {
		say(v, "REJECTED", "Certificate was rejected: it is not signed by a CA");
	} else if (!cert->is_ca || row->n_uses > 0) {
		judge_leaf(n, cert->x509, as_client, v);
	}
	if (v->status == NULL && n->security.crl_checking &&
	    X509_get_ext_by_NID(cert->x509, NID_crl_distribution_points, -1) >= 0)
		say(v, "CRL_NOT_READY", "The certificate revocation list was not fetched yet.");
}

void nsx_validate(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_row *row = nsx_row_by_id(n, c->arg[0]);
	const char *usage = sim_request_query(c->rq, "usage");
	struct verdict v = { NULL, NULL };
	struct json_writer w;

	if (row == NULL || !row->in_store) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	judge(n, row, usage != NULL && strcmp(usage, "CLIENT") == 0, &v);
	if (v.status == NULL)
		v.status = "OK";
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "status", v.status);
	if (strcmp(v.status, "OK") != 0)
		jsonw_str(&w, "error_message", v.text);
	jsonw_close(&w, '}');
}
