/* plan_nsx_host.c - nsx-host-certificate: the certificate of a transport node
 * or edge (NSX 4.1 and later), by request only, since no API shows the old
 * one, nor the new one afterwards. */
#include "remediate/plan_nsx.h"

#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"

#define CALL "/api/v1/trust-management/certificates/action/replace-host-certificate/"
#define VERIFY_S 900

/* By id, else by a name that only one has. */
static const struct nsx_host *find_host(const struct nsx_ops *o, const char *what, size_t *n)
{
	const struct nsx_host *found = NULL;

	*n = 0;
	for (size_t i = 0; i < o->n_hosts; i++)
		if (strcmp(o->hosts[i].id, what) == 0) {
			*n = 1;
			return &o->hosts[i];
		}
	for (size_t i = 0; i < o->n_hosts; i++)
		if (o->hosts[i].name != NULL && strcasecmp(o->hosts[i].name, what) == 0) {
			found = &o->hosts[i];
			++*n;
		}
	return found;
}

static const char *name_of(const struct nsx_host *h)
{
	return h->name != NULL ? h->name : h->id;
}

static enum plan_verdict check_source(const struct nsx_case *c, struct err *e)
{
	switch (c->m->replacement) {
	case REPLACEMENT_PEM:
		if (c->material->err.code != ERR_NONE)
			return plan_refuse(e, "replacement: %s", c->material->err.text);
		return PLAN_READY;
	case REPLACEMENT_SELF_SIGNED:
	case REPLACEMENT_COMMAND:
		return PLAN_READY;
	default:
		return plan_refuse(e, "the certificate of a host is sent with its private key, "
		    "which the trust store does not hand out: set replacement to self-signed, "
		    "command:PROGRAM or pem:FILE");
	}
}

static void add_step(const struct nsx_case *c, const struct nsx_host *h, struct plan *out)
{
	struct plan_step *s = plan_add_step(out, "replace-host");

	out->target = mem_strdup(c->m->target->name);
	out->procedure = mem_strdup(c->procedure);
	out->finding = mem_strdup(c->finding);
	out->object = mem_strdup(h->id);
	out->object_name = mem_strdup(name_of(h));
	out->summary = mem_printf("replace the certificate of the transport node %s of %s",
	    name_of(h), out->target);
	s->node = mem_strdup(h->id);
	s->node_name = mem_strdup(name_of(h));
	s->call = mem_printf("POST " CALL "%s", h->id);
	s->why = mem_strdup("a person asked for it");
	s->verify_s = VERIFY_S;
	plan_add_note(out, "no API shows the certificate of a transport node: that the node is UP "
	    "before and after is all that can be verified, not the certificate itself");
	if (c->m->replacement == REPLACEMENT_PEM)
		plan_add_note(out, "the certificate of the file goes to this one node: each host "
		    "needs its own");
}

enum plan_verdict plan_nsx_host(const struct nsx_case *c, struct plan *out, struct err *e)
{
	const struct nsx_host *h;
	enum plan_verdict said;
	size_t n;

	if (c->request->object == NULL)
		return plan_refuse(e, "say which transport node, by its id or name");
	if (c->view->ops.err.code != ERR_NONE)
		return plan_refuse(e, "the transport nodes could not be read: %s",
		    c->view->ops.err.text);
	h = find_host(&c->view->ops, c->request->object, &n);
	if (n != 1)
		return plan_refuse(e, "%s transport node is called %s: give its id",
		    n == 0 ? "no" : "more than one", c->request->object);
	if (h->status == NULL || strcmp(h->status, "UP") != 0)
		return plan_refuse(e, "transport node %s is %s, and must be UP before", name_of(h),
		    h->status != NULL ? h->status : "in a state that is not told");
	said = check_source(c, e);
	if (said == PLAN_READY)
		add_step(c, h, out);
	return said;
}
