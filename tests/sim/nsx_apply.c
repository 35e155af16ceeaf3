/* nsx_apply.c - apply_certificate, and the calls of 3.x that it came after. */
#include <string.h>
#include "tests/sim/nsx_write.h"

static bool is_set(const char *value)
{
	return value != NULL && value[0] != '\0';
}

/* The row that is to be applied; NULL: answered. */
static struct nsx_row *row_of(struct nsx *n, struct nsx_call *c, const char *id)
{
	struct nsx_row *row = is_set(id) ? nsx_row_by_id(n, id) : NULL;

	if (row != NULL && row->in_store)
		return row;
	if (is_set(id))
		nsx_not_found(c->rp, id);
	else
		nsx_bad_request(c, "certificate_id is missing");
	return NULL;
}

/* A certificate that is there already changes nothing and restarts nothing. */
static bool is_applied(const struct nsx_row *row, const struct nsx_profile *p, const char *node_id)
{
	return nsx_row_used_for(row, p->service, p->cluster ? NULL : node_id);
}

/* -1: answered. */
static int apply(struct nsx *n, struct nsx_call *c, struct nsx_row *row,
    const struct nsx_profile *p, const char *node_id)
{
	bool cut;
	struct err e;

	err_clear(&e);
	if (nsx_fits(n, row, p, node_id, &e) != 0) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER, "%s", e.text);
		return -1;
	}
	if (is_applied(row, p, node_id))
		return 0;
	if (nsx_may_change(n, c) != 0)
		return -1;
	cut = nsx_install(n, row, p, node_id, c->rq->address);
	c->rp->changed = true;
	c->rp->lose = cut && n->pace.lost_answer;
	return 0;
}

/* The right node id for this profile: a manager's, or none. */
static int check_node_id(const struct nsx *n, struct nsx_call *c, const struct nsx_profile *p,
    const char *node_id)
{
	if (p->cluster && node_id == NULL)
		return 0;
	if (p->cluster)
		nsx_bad_request(c, "node_id is not wanted for a certificate of the cluster");
	else if (!is_set(node_id))
		nsx_bad_request(c, "node_id is missing");
	else if (nsx_node_by_id(n, node_id) == NULL)
		nsx_bad_request(c, "node_id names no manager of this cluster");
	else
		return 0;
	return -1;
}

void nsx_apply(struct nsx *n, struct nsx_call *c)
{
	const char *service = sim_request_query(c->rq, "service_type");
	const char *node_id = sim_request_query(c->rq, "node_id");
	struct nsx_row *row = row_of(n, c, c->arg[0]);
	const struct nsx_profile *p = is_set(service) ? nsx_profile(n, service) : NULL;

	if (row == NULL)
		return;
	if (p == NULL) {
		nsx_bad_request(c, is_set(service) ?
		    "service_type has no certificate profile" : "service_type is missing");
		return;
	}
	if (check_node_id(n, c, p, node_id) != 0)
		return;
	if (p->cluster)
		node_id = NULL;
	else
		node_id = nsx_node_by_id(n, node_id)->uuid;
	if (apply(n, c, row, p, node_id) == 0)
		nsx_done(n, c);
}

/* --- the calls of 3.x -------------------------------------------------------- */

static void write_cluster_certificate(struct nsx_call *c, const char *id)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "certificate_id", id);
	jsonw_close(&w, '}');
}

void nsx_set_cluster_certificate(struct nsx *n, struct nsx_call *c)
{
	struct nsx_row *row = row_of(n, c, sim_request_query(c->rq, "certificate_id"));

	if (row != NULL && apply(n, c, row, nsx_profile(n, "MGMT_CLUSTER"), NULL) == 0)
		write_cluster_certificate(c, row->id);
}

/* The VIP presents what its holder has for itself from now on. */
void nsx_clear_cluster_certificate(struct nsx *n, struct nsx_call *c)
{
	if (nsx_may_change(n, c) != 0)
		return;
	if (nsx_row_for(n, "MGMT_CLUSTER", NULL) != NULL) {
		c->rp->lose = nsx_install(n, NULL, nsx_profile(n, "MGMT_CLUSTER"), NULL,
		    c->rq->address) && n->pace.lost_answer;
		c->rp->changed = true;
	}
	write_cluster_certificate(c, "");
}

/* Of the manager that was connected to. */
void nsx_apply_to_http(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_node *node = &n->node[nsx_node_at(n, c->rq->address)];
	struct nsx_row *row = row_of(n, c, sim_request_query(c->rq, "certificate_id"));

	if (row != NULL && apply(n, c, row, nsx_profile(n, "API"), node->uuid) == 0)
		nsx_done(n, c);
}

/* The bodies of the two federation calls of 3.x: a certificate, and what for. */
static struct json *read_pair(struct nsx_call *c, const char *key, const char **cert_id,
    const char **value)
{
	struct json *body;
	struct err e;

	err_clear(&e);
	body = sim_request_json(c->rq, &e);
	if (body != NULL && json_want_str(body, "body", "cert_id", cert_id, &e) == 0 &&
	    json_want_str(body, "body", key, value, &e) == 0)
		return body;
	nsx_bad_request(c, e.text);
	json_free(body);
	return NULL;
}

void nsx_set_pi(struct nsx *n, struct nsx_call *c)
{
	const char *cert_id = NULL, *service = NULL;
	struct json *body = read_pair(c, "service_type", &cert_id, &service);
	struct nsx_row *row = body != NULL ? row_of(n, c, cert_id) : NULL;
	const struct nsx_profile *p = row != NULL ? nsx_profile(n, service) : NULL;

	if (row != NULL && (p == NULL || strcmp(p->class, "FEDERATION") != 0))
		nsx_bad_request(c, "service_type: want LOCAL_MANAGER or GLOBAL_MANAGER");
	else if (row != NULL && apply(n, c, row, p, NULL) == 0)
		nsx_done(n, c);
	json_free(body);
}

void nsx_set_proxy(struct nsx *n, struct nsx_call *c)
{
	const char *cert_id = NULL, *used_by = NULL;
	struct json *body = read_pair(c, "used_by_id", &cert_id, &used_by);
	struct nsx_row *row = body != NULL ? row_of(n, c, cert_id) : NULL;
	const struct nsx_profile *p = nsx_profile(n, "APH");

	if (row != NULL && check_node_id(n, c, p, used_by) == 0 &&
	    apply(n, c, row, p, nsx_node_by_id(n, used_by)->uuid) == 0)
		nsx_done(n, c);
	json_free(body);
}
