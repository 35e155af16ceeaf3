/* nsx_probe.c - handshakes with the listeners that the API names: the API of
 * each manager node, and the VIP.
 *
 * An apply that did not take effect, a proxy in the way, or a node that
 * missed it is seen only there.  A probe carries no credential. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/endpoint.h"
#include "lib/source/nsx_internal.h"

#define VIP_SERVICE "MGMT_CLUSTER"
#define NODE_SERVICE "API"
#define LIST_MAX_BYTES 300     /* of endpoints in one sentence */

static enum issue_kind kind_of(const struct nsx *s)
{
	return s->c.target->probe == PROBE_REQUIRED ? ISSUE_PARTIAL : ISSUE_NOTE;
}

static void tell(struct nsx *s, const struct err *e, const char *what)
{
	if (kind_of(s) != ISSUE_NOTE)
		s->facts.remarks.n_gaps++;
	source_issue(&s->c, kind_of(s), e, what);
}

static void add_probe(struct nsx *s, const char *endpoint, const char *sni, const char *service,
    const char *node, const char *name)
{
	s->probes = mem_grow(s->probes, &s->cap_probes, s->n_probes + 1, sizeof *s->probes);
	s->probes[s->n_probes++] = (struct nsx_probe){
		mem_strdup(endpoint), mem_strdup(sni), mem_strdup(service), mem_strdup(node),
		mem_strdup(name)
	};
}

static void plan_nodes(struct nsx *s)
{
	struct err e = { ERR_NONE, "" };

	for (size_t i = 0; i < s->facts.cluster->n_nodes; i++) {
		const struct cluster_node *n = &s->facts.cluster->nodes[i];

		if (n->endpoint != NULL) {
			add_probe(s, n->endpoint, n->fqdn, NODE_SERVICE, n->id, n->name);
			continue;
		}
		err_set(&e, ERR_ANSWER, "the cluster does not tell where its API listens, "
		    "so it was not probed");
		tell(s, &e, n->name);
	}
	if (s->facts.cluster->n_nodes == 0) {
		err_set(&e, ERR_ANSWER, "the cluster names no node, so no API listener was probed");
		tell(s, &e, "probe");
	}
}

/* The API tells the VIP's address only: its port is that of the node which
 * holds it.  The use is known by the cluster's id. */
static void plan_vips(struct nsx *s)
{
	int64_t port = s->facts.api_port > 0 ? s->facts.api_port : NSX_API_PORT;
	const struct cluster_facts *c = s->facts.cluster;

	for (size_t i = 0; i < c->n_vips; i++) {
		char *endpoint = endpoint_from_host(c->vips[i], port);

		add_probe(s, endpoint, NULL, VIP_SERVICE, c->cluster_id, "cluster");
		free(endpoint);
	}
}

void nsx_probe_plan(struct nsx *s)
{
	enum nsx_call_state cluster = s->calls[NSX_CLUSTER].state, vip = s->calls[NSX_VIP].state;

	if (s->c.target->probe == PROBE_NO)
		return;
	if (cluster == NSX_READ && !s->are_nodes_planned) {
		s->are_nodes_planned = true;
		plan_nodes(s);
	}
	if (vip != NSX_READ || cluster == NSX_READY || cluster == NSX_SENT || s->are_vips_planned)
		return;
	s->are_vips_planned = true;
	plan_vips(s);
}

bool nsx_probe_next(struct nsx *s, struct fetch_request *r)
{
	const struct nsx_probe *p;

	if (s->n_probes_sent == s->n_probes || s->n_probes_sent - s->n_probes_done >= NSX_PEEKS_MAX)
		return false;
	p = &s->probes[s->n_probes_sent];
	r->verb = FETCH_PEEK;
	r->url = p->endpoint;
	r->sni = p->sni;
	/* The address is the API's choice; the family asked for is that of the URL. */
	r->family = FAMILY_ANY;
	r->tag = NSX_TAG_PROBE + (int)s->n_probes_sent++;
	return true;
}

void nsx_probe_take(struct nsx *s, size_t i, const struct fetch_answer *a)
{
	const struct nsx_probe *p = &s->probes[i];
	const struct use use = { p->service, p->node, p->name };
	struct err e = a->err;
	char *what;

	s->n_probes_done++;
	if (e.code == ERR_NONE &&
	    source_add_chain(&s->c, &a->chain, p->endpoint, ROLE_LISTENER, &use) == SIZE_MAX)
		err_set(&e, ERR_TLS, "no certificate in the handshake");
	if (e.code == ERR_NONE)
		return;
	if (strstr(e.text, p->endpoint) == NULL)   /* most errors begin with it */
		err_prefix(&e, "%s", p->endpoint);
	what = mem_printf("probe of %s", p->name);
	tell(s, &e, what);
	free(what);
}

void nsx_probe_finish(struct nsx *s)
{
	struct err e = { ERR_NONE, "" };
	struct buf list;

	if (s->has_stopped || s->n_probes_sent == s->n_probes)
		return;
	buf_init(&list, LIST_MAX_BYTES);
	for (size_t i = s->n_probes_sent; i < s->n_probes; i++)
		buf_addf(&list, "%s%s (%s)", list.len > 0 ? ", " : "", s->probes[i].endpoint,
		    s->probes[i].name);
	err_set(&e, ERR_TIMEOUT, "not begun before the deadline: %s%s", buf_str(&list),
	    list.overflow ? ", ..." : "");
	tell(s, &e, "probe");
	buf_clear(&list);
}
