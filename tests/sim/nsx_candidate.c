/* nsx_candidate.c - may this certificate of the trust store serve that? */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include "tests/sim/nsx_write.h"

/* By CN or SAN, as the rule of 4.2 says. */
static bool names(const struct sim_cert *cert, const char *fqdn, const char *ip)
{
	const unsigned flags = X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT;

	if (fqdn != NULL && X509_check_host(cert->x509, fqdn, 0, flags, NULL) == 1)
		return true;
	return ip != NULL && X509_check_ip_asc(cert->x509, ip, 0) == 1;
}

/* A row of a scenario may claim a key that the simulator was never given. */
static bool has_key(const struct nsx_row *row)
{
	char *pem = row->has_private_key ? sim_cert_key_pem(row->cert) : NULL;
	bool there = pem != NULL;

	if (there)
		OPENSSL_cleanse(pem, strlen(pem));
	free(pem);
	ERR_clear_error();
	return there;
}

/* What the certificate itself has to be, whoever uses it. */
static int fits_at_all(const struct nsx *n, const struct nsx_row *row, const struct nsx_profile *p,
    struct err *e)
{
	int64_t now_s = sim_now_ms(n->sim) / 1000;
	struct nsx_verdict v;

	if (!has_key(row))
		return err_set(e, ERR_REFUSED,
		    "Specified certificate_id '%s' does not have a private key", row->id);
	if (row->cert->is_ca)
		return err_set(e, ERR_REFUSED,
		    "Certificate '%s' is a CA certificate and cannot be used by %s", row->id,
		    p->service);
	if (row->in_policy)
		return err_set(e, ERR_REFUSED,
		    "Certificate '%s' is a service certificate and cannot be used by %s", row->id,
		    p->service);
	if (now_s > row->cert->not_after_at || now_s < row->cert->not_before_at)
		return err_set(e, ERR_REFUSED, "Certificate '%s' %s", row->id,
		    now_s > row->cert->not_after_at ? "has expired" : "is not valid yet");
	nsx_judge(n, row, false, &v);
	if (strcmp(v.status, "OK") == 0 && p->client_too)
		nsx_judge(n, row, true, &v);
	if (strcmp(v.status, "OK") != 0)
		return err_set(e, ERR_REFUSED, "Certificate '%s' was not accepted: %s: %s", row->id,
		    v.status, v.text);
	return 0;
}

/* From 4.2 on, for the certificates that clients of the API see. */
static int names_its_endpoint(const struct nsx *n, const struct nsx_row *row,
    const struct nsx_profile *p, const char *node_id, struct err *e)
{
	const struct nsx_node *node = node_id != NULL ? nsx_node_by_id(n, node_id) : NULL;
	bool cluster = strcmp(p->service, "MGMT_CLUSTER") == 0;

	if (n->version < NSX_VERSION(4, 2, 0) || nsx_is_self_signed(row->cert) ||
	    (!cluster && strcmp(p->service, "API") != 0))
		return 0;
	if (cluster && !n->vip.set)
		return err_set(e, ERR_REFUSED, "A CA-signed certificate cannot be used by "
		    "MGMT_CLUSTER while no cluster virtual IP is set");
	if (cluster ? names(row->cert, n->vip.fqdn, n->vip.ip) :
	    node != NULL && names(row->cert, node->fqdn, node->ip))
		return 0;
	return err_set(e, ERR_REFUSED, "Neither CN nor SAN of certificate '%s' matches the IP or "
	    "FQDN of %s", row->id, cluster ? "the cluster" : node != NULL ? node->name :
	    "the node");
}

/* One certificate cannot serve two classes; some services share with nobody. */
static int shares_well(const struct nsx *n, const struct nsx_row *row, const struct nsx_profile *p,
    struct err *e)
{
	for (size_t i = 0; i < row->n_uses; i++) {
		for (size_t s = 0; s < row->use[i].n_services; s++) {
			const struct nsx_profile *other = nsx_profile(n, row->use[i].service[s]);

			if (other == NULL || other == p)
				continue;
			if (n->version >= NSX_VERSION(4, 2, 0) &&
			    strcmp(other->class, p->class) != 0)
				return err_set(e, ERR_REFUSED, "Certificate '%s' is used by %s and "
				    "cannot serve another class", row->id, other->service);
			if (other->unique || p->unique)
				return err_set(e, ERR_REFUSED, "Certificate '%s' is used by %s and "
				    "cannot be shared", row->id, other->service);
		}
	}
	return 0;
}

int nsx_fits(const struct nsx *n, const struct nsx_row *row, const struct nsx_profile *p,
    const char *node_id, struct err *e)
{
	return fits_at_all(n, row, p, e) != 0 || names_its_endpoint(n, row, p, node_id, e) != 0 ||
	    shares_well(n, row, p, e) != 0 ? -1 : 0;
}
