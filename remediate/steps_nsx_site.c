/* steps_nsx_site.c - site-thumbprint and delete: what follows a replacement. */
#include "remediate/steps_nsx.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "lib/base/secret.h"
#include "remediate/nsx_write.h"
#include "remediate/plan_nsx.h"

/* --- the site's thumbprint on the Global Manager ------------------------------------ */

WANTS(wants_site)
{
	(void)c;
	return (struct view_wants){ .site = true };
}

SNAPSHOT(snapshot_site)
{
	struct json_writer w;

	(void)c;
	jsonw_init(&w, json);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "revision", v->ops.site_revision);
	jsonw_close(&w, '}');
}

/* What the Global Manager has to know: what the VIP presents, by now. */
static bool wanted_thumbprint(const struct step_context *c, const struct view *v,
    char out[2 * CERT_SHA256_BYTES + 1])
{
	const char *sha256 = step_new_sha256(c);

	if (c->step->endpoint != NULL)
		return view_served(v, c->step->endpoint, out);
	if (sha256 == NULL || strlen(sha256) != 2 * CERT_SHA256_BYTES)
		return false;
	memcpy(out, sha256, 2 * CERT_SHA256_BYTES + 1);
	return true;
}

/* A Global Manager forgets what connected it once and then shows no thumbprint:
 * then a new revision since our own call is what can be seen. */
static bool was_taken(const struct step_context *c, const struct view *v)
{
	struct json *before = step_snapshot(c);
	int64_t revision = INT64_MAX;
	bool taken = before != NULL && c->record->state >= STEP_ACTED &&
	    json_opt_i64(before, "snapshot", "revision", &revision, NULL) == 0 &&
	    v->ops.site_revision > revision;

	json_free(before);
	return taken;
}

OBSERVE(observe_site)
{
	const struct nsx_ops *o = &v->ops;
	char wanted[2 * CERT_SHA256_BYTES + 1];

	observe_old(c, v, c->plan->object, out);
	if (!observe_can_see(v, out))
		return;
	if (!o->has_site)
		observe_say(out, SEEN_UNREACHABLE,
		    "site %s of the Global Manager was not read%s%.300s", c->step->node,
		    o->err.code != ERR_NONE ? ": " : "", o->err.text);
	else if (!wanted_thumbprint(c, v, wanted))
		observe_say(out, SEEN_UNREACHABLE, "nobody shook hands with the VIP at %s",
		    c->step->endpoint != NULL ? c->step->endpoint : "an address that is not known");
	else if (o->site_thumbprint != NULL && strcasecmp(o->site_thumbprint, wanted) == 0)
		observe_say(out, SEEN_GOAL, "the Global Manager has the thumbprint %.8s", wanted);
	else if (o->site_thumbprint == NULL && was_taken(c, v))
		observe_say(out, SEEN_GOAL, "the Global Manager took the thumbprint %.8s, which it "
		    "does not show", wanted);
	else
		observe_say(out, SEEN_READY, "the Global Manager has %.8s, the VIP presents %.8s",
		    o->site_thumbprint != NULL ? o->site_thumbprint : "none", wanted);
}

/* The host of the VIP, as the Global Manager reaches it. */
static const char *site_address(const struct view *v)
{
	if (v->ops.site_fqdn != NULL)
		return v->ops.site_fqdn;
	if (v->cluster != NULL && v->cluster->url_name != NULL)
		return v->cluster->url_name;
	return v->cluster != NULL && v->cluster->n_vips > 0 ? v->cluster->vips[0] : NULL;
}

ACT(act_site)
{
	char wanted[2 * CERT_SHA256_BYTES + 1];
	struct credentials account = { 0 };
	enum api_outcome outcome = API_NOT_SENT;
	struct nsx_site site = { .id = c->step->node, .display_name = v->ops.site_name,
		.site_type = v->ops.site_type, .fqdn = site_address(v), .thumbprint = wanted };

	(void)api;
	(void)goods;
	(void)bound;
	if (global == NULL || site.fqdn == NULL || !wanted_thumbprint(c, v, wanted)) {
		err_set(e, ERR_CONFIG,
		    "site %s: its Global Manager, address or thumbprint is not known",
		    c->step->node);
		return API_NOT_SENT;
	}
	if (credentials_load(c->mandate->site_credentials_path, &account, e) == 0) {
		site.user = &account.user;
		site.password = &account.password;
		outcome = nsx_write_site_thumbprint(global, &site, e);
	}
	credentials_wipe(&account);
	return outcome;
}

/* --- delete ------------------------------------------------------------------------- */

OBSERVE(observe_delete)
{
	size_t i;
	const struct sighting *s;
	char sha256[2 * CERT_SHA256_BYTES + 1];

	if (!observe_can_see(v, out))
		return;
	i = view_find_object(v, c->step->old_id);
	if (i == SIZE_MAX) {
		observe_say(out, SEEN_GOAL, "%s is not in the trust store any more",
		    c->step->old_id);
		return;
	}
	s = &v->inv.sightings[i];
	cert_sha256_hex(v->inv.certs[s->cert], sha256);
	if (c->plan->old_sha256 != NULL && strcmp(sha256, c->plan->old_sha256) != 0)
		observe_say(out, SEEN_NEITHER, "%s is another certificate now", s->id);
	else if (s->n_uses > 0)
		observe_say(out, SEEN_NEITHER, "%s of %s uses it again", s->uses[0].service,
		    s->uses[0].node_name != NULL ? s->uses[0].node_name : "the cluster");
	else if (s->by_policy || s->by_principal)
		observe_say(out, SEEN_NEITHER, "a service or a principal identity uses it by now");
	else if (nsx_is_presented(v, s->cert))
		observe_say(out, SEEN_NEITHER, "a listener still presents it");
	else if (observe_is_quiet(v, out))
		observe_say(out, SEEN_READY, "nothing uses it");
}

ACT(act_delete)
{
	(void)v;
	(void)global;
	(void)goods;
	(void)bound;
	return nsx_write_delete(api, c->step->old_id, e);
}
