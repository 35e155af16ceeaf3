/* nsx_host.c - the certificate of a transport node: it can be replaced, never read. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_write.h"

/* By node_id alone: the id of a manager is refused, any other is unknown. */
static struct nsx_transport_node *find(struct nsx *n, struct nsx_call *c)
{
	for (size_t i = 0; i < n->n_tns; i++) {
		if (strcmp(n->tn[i].node_id, c->arg[0]) == 0)
			return &n->tn[i];
	}
	if (nsx_node_by_id(n, c->arg[0]) != NULL)
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "'%s' is a manager node, not a transport node.", c->arg[0]);
	else
		nsx_not_found(c->rp, c->arg[0]);
	return NULL;
}

static int may_replace(const struct nsx *n, struct nsx_call *c)
{
	bool busy = nsx_batch_pending(n) || sim_now_ms(n->sim) < n->busy_until_ms;

	for (size_t i = 0; i < n->n_tns; i++)
		busy |= sim_now_ms(n->sim) < n->tn[i].settles_at_ms;
	if (!busy)
		return 0;
	nsx_error(c->rp, 409, 409,
	    "Another certificate replacement is in progress. Try again when it is done.");
	return -1;
}

static int check_cert(const struct nsx *n, struct nsx_call *c, const struct sim_cert *cert)
{
	int64_t now_s = sim_now_ms(n->sim) / 1000;

	if (cert->is_ca)
		nsx_bad_request(c, "pem_encoded: a host needs a certificate that is no CA");
	else if (now_s < cert->not_before_at || now_s > cert->not_after_at)
		nsx_bad_request(c, "pem_encoded: the certificate is outside its validity period");
	else
		return 0;
	return -1;
}

static void replace(struct nsx *n, struct nsx_transport_node *tn, const struct sim_cert *cert)
{
	int64_t until_ms = sim_now_ms(n->sim) + n->pace.host_settle_ms;

	free(tn->sha256);
	tn->sha256 = mem_strdup(cert->sha256);
	tn->n_blocks = (int64_t)sim_cert_blocks(cert);
	tn->n_replaced++;
	tn->settles_at_ms = n->busy_until_ms = until_ms;
}

void nsx_replace_host(struct nsx *n, struct nsx_call *c)
{
	struct nsx_transport_node *tn = find(n, c);
	struct nsx_upload up = { 0 };

	if (tn == NULL)
		return;
	if (nsx_read_upload(n, c, true, NULL, &up) == 0 && check_cert(n, c, up.cert) == 0 &&
	    may_replace(n, c) == 0) {
		replace(n, tn, up.cert);
		c->rp->changed = true;
		nsx_done(n, c);
	}
	nsx_upload_clear(&up);
}
