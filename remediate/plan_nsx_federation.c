/* plan_nsx_federation.c - the thumbprint of a Local Manager on its Global
 * Manager, which has to follow the certificate of the VIP. */
#include "remediate/plan_nsx.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"

#define SITES "/global-manager/api/v1/global-infra/sites/"
#define VERIFY_S 300

static bool has_vip(const struct nsx_case *c)
{
	return c->view->cluster != NULL && c->view->cluster->n_vips > 0;
}

/* Does this site use such an identity of its own, not another site's? */
static bool has_identity(const struct view *v, unsigned service)
{
	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];

		if (s->via != VIA_API || s->has_private_key == 0)
			continue;
		for (size_t u = 0; u < s->n_uses; u++)
			if (service_bit(s->uses[u].service) == service)
				return true;
	}
	return false;
}

void nsx_plan_site_step(const char *site, const char *call, const char *endpoint, const char *why,
    struct plan *out)
{
	struct plan_step *s = plan_add_step(out, "site-thumbprint");

	s->service = mem_strdup("MGMT_CLUSTER");
	s->node = mem_strdup(site);
	s->endpoint = mem_strdup(endpoint);
	s->call = mem_strdup(call);
	s->why = mem_strdup(why);
	s->verify_s = VERIFY_S;
}

static void add_step(const struct nsx_case *c, const char *why, struct plan *out)
{
	char *call = mem_printf("PATCH " SITES "%s on %s", c->m->site, c->m->global_manager);

	nsx_plan_site_step(c->m->site, call, nsx_endpoint(c->view, "MGMT_CLUSTER", NULL), why, out);
	free(call);
}

void nsx_plan_follow_up(const struct nsx_case *c, struct plan *out)
{
	bool is_global = has_identity(c->view, SERVICE_GLOBAL_MANAGER);

	if (is_global && (c->services & (SERVICES_WEB | SERVICE_APH)) != 0)
		plan_add_note(out, "%s is a Global Manager: give its standby the new thumbprint "
		    "(PUT /global-manager/api/v1/global-infra/global-managers/{id}), or the "
		    "standby loses the connection", out->target);
	if ((c->services & SERVICES_WEB) == 0 || !has_vip(c))
		return;
	if (c->m->global_manager != NULL)
		add_step(c, "the Global Manager keeps the thumbprint of this site's VIP", out);
	else if (has_identity(c->view, SERVICE_LOCAL_MANAGER))
		plan_add_note(out, "if a Global Manager manages this site, update the thumbprint "
		    "of the site there, or their communication is disrupted: no global_manager is "
		    "configured, so nobody here does it");
}

enum plan_verdict plan_nsx_federation(const struct nsx_case *c, struct plan *out, struct err *e)
{
	const struct nsx_ops *o = &c->view->ops;
	const char *endpoint = nsx_endpoint(c->view, "MGMT_CLUSTER", NULL);
	char served[2 * CERT_SHA256_BYTES + 1];

	if (c->m->global_manager == NULL)
		return plan_refuse(e, "no Global Manager is configured: set global_manager, site "
		    "and site_credentials");
	if (!has_vip(c))
		return plan_nothing(e, "%s has no VIP, so that its Global Manager keeps no "
		    "thumbprint of one", c->m->target->name);
	if (endpoint == NULL || !view_served(c->view, endpoint, served))
		return plan_refuse(e, "nobody shook hands with the VIP, so its thumbprint is not "
		    "known");
	if (!o->has_site)
		return plan_refuse(e, "site %s of %s could not be read%s%s", c->m->site,
		    c->m->global_manager, o->err.code != ERR_NONE ? ": " : "", o->err.text);
	if (o->site_thumbprint != NULL && strcasecmp(o->site_thumbprint, served) == 0)
		return plan_nothing(e, "%s has the thumbprint of the VIP already",
		    c->m->global_manager);
	out->target = mem_strdup(c->m->target->name);
	out->procedure = mem_strdup(c->procedure);
	out->finding = mem_strdup(c->finding);
	out->object = mem_strdup(c->m->site);
	out->object_name = mem_strdup(o->site_name != NULL ? o->site_name : c->m->site);
	out->old_sha256 = mem_strdup(o->site_thumbprint);
	out->new_sha256 = mem_strdup(served);
	out->summary = mem_printf("give %s the thumbprint that the VIP of %s presents",
	    c->m->global_manager, out->target);
	add_step(c, "what the Global Manager keeps is not what the VIP presents", out);
	return PLAN_READY;
}
