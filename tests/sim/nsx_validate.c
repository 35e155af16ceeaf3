/* nsx_validate.c - action=validate: the checks that NSX makes of a certificate. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include "tests/sim/nsx_write.h"

static void say(struct nsx_verdict *v, const char *status, const char *text)
{
	v->status = status;
	v->text = text;
}

const struct nsx_row *nsx_issuer_in_store(const struct nsx *n, X509 *x)
{
	for (size_t i = 0; i < n->n_rows; i++) {
		const struct sim_cert *cert = n->row[i]->cert;

		if (n->row[i]->in_store && cert->is_ca &&
		    X509_NAME_cmp(X509_get_subject_name(cert->x509),
		        X509_get_issuer_name(x)) == 0 &&
		    X509_verify(x, cert->key) == 1)
			return n->row[i];
	}
	ERR_clear_error();
	return NULL;
}

/* Leaf, intermediates, root: each signed by the next, the last by itself or
 * by a CA that the trust store has. */
static bool chain_holds(const struct nsx *n, const struct sim_cert *cert)
{
	size_t blocks = sim_cert_blocks(cert);
	const struct sim_cert *last = sim_cert_block(cert, blocks - 1);

	for (size_t i = 0; i + 1 < blocks; i++) {
		if (X509_verify(sim_cert_block(cert, i)->x509,
		        sim_cert_block(cert, i + 1)->key) != 1)
			return false;
	}
	return X509_verify(last->x509, last->key) == 1 ||
	    nsx_issuer_in_store(n, last->x509) != NULL;
}

static bool in_time(const struct nsx *n, const struct sim_cert *cert)
{
	int64_t now_s = sim_now_ms(n->sim) / 1000;

	return now_s >= cert->not_before_at && now_s <= cert->not_after_at;
}

static void judge_leaf(const struct nsx *n, X509 *x, bool as_client, struct nsx_verdict *v)
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

/* Fetched so long after the certificate came in, where the scenario says so. */
static bool crl_ready(const struct nsx *n, const struct nsx_row *row)
{
	return n->pace.crl_ready_ms >= 0 &&
	    sim_now_ms(n->sim) >= row->created_ms + n->pace.crl_ready_ms;
}

static void judge_crl(const struct nsx *n, const struct nsx_row *row, struct nsx_verdict *v)
{
	if (n->security.crl_checking && !crl_ready(n, row) &&
	    X509_get_ext_by_NID(row->cert->x509, NID_crl_distribution_points, -1) >= 0)
		say(v, "CRL_NOT_READY", "The certificate revocation list was not fetched yet.");
}

static bool overruled(const struct nsx *n, const struct nsx_row *row)
{
	return row->validation != NULL &&
	    !(strcmp(row->validation, "CRL_NOT_READY") == 0 && crl_ready(n, row));
}

void nsx_judge(const struct nsx *n, const struct nsx_row *row, bool as_client,
    struct nsx_verdict *v)
{
	const struct sim_cert *cert = row->cert;

	say(v, NULL, NULL);
	if (overruled(n, row)) {
		say(v, row->validation, "As the scenario says.");
	} else if (row->pem == NSX_PEM_BROKEN || row->pem == NSX_PEM_EMPTY ||
	    row->pem == NSX_PEM_MISSING) {
		say(v, "ERROR", "The certificate cannot be read.");
	} else if (!chain_holds(n, cert)) {
		say(v, "REJECTED",
		    "Certificate chain validation failed. Make sure a valid chain is provided "
		    "in order leaf,intermediate,root certificate.");
	} else if (!in_time(n, cert)) {
		say(v, "REJECTED", "Certificate was rejected: it is outside its validity period");
	} else if (n->security.ca_signed_only && nsx_is_self_signed(cert)) {
		say(v, "REJECTED", "Certificate was rejected: it is not signed by a CA");
	} else if (!cert->is_ca || row->n_uses > 0) {
		judge_leaf(n, cert->x509, as_client, v);
	}
	if (v->status == NULL)
		judge_crl(n, row, v);
	if (v->status == NULL)
		say(v, "OK", NULL);
	ERR_clear_error();
}

void nsx_validate(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_row *row = nsx_row_by_id(n, c->arg[0]);
	const char *usage = sim_request_query(c->rq, "usage");
	struct nsx_verdict v = { NULL, NULL };
	struct json_writer w;

	if (row == NULL || !row->in_store) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	nsx_judge(n, row, usage != NULL && strcmp(usage, "CLIENT") == 0, &v);
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "status", v.status);
	if (strcmp(v.status, "OK") != 0)
		jsonw_str(&w, "error_message", v.text);
	jsonw_close(&w, '}');
}
