/* rails_nsx.c - the technical rails of NSX: is the cluster in a condition to be
 * changed, and is this certificate ours to change?
 *
 * What the version must tell and did not is a refusal like any other: silence
 * about a running operation is no leave to start another. */
#include <string.h>
#include "lib/judge/service.h"
#include "lib/model/version.h"
#include "remediate/rails_rows.h"

#define VERSION_BATCH VERSION(4, 2, 0)
#define VERSION_VCF VERSION(9, 0, 0)

/* Services whose certificates another system hands out or keeps. */
#define SERVICES_NOT_OURS (SERVICE_CLIENT_AUTH | SERVICE_COMPUTE_MANAGER | SERVICE_LOGGING | \
	SERVICE_CBM | SERVICE_BUS | SERVICE_OTHER)

static bool is_nsx(const struct rail_input *in)
{
	return in->mandate->target->kind == SOURCE_NSX;
}

static const char *status_problem(const char *what, const char *status, struct rail_says *says)
{
	if (status == NULL)
		rail_no(says, RAIL_REFUSE, "the target does not tell its %s status", what);
	else if (strcmp(status, "STABLE") != 0)
		rail_no(says, RAIL_REFUSE, "the %s status is %.60s, not STABLE", what, status);
	else
		return NULL;
	return says->reason;
}

/* Somebody else's operation. */
static bool is_occupied(const struct view *v, struct rail_says *says)
{
	const struct nsx_ops *o = &v->ops;
	const struct { int going_on; const char *what; } others[] = {
		{ o->upgrading, "an upgrade" }, { o->backing_up, "a backup" },
		{ o->restoring, "a restore" },
	};

	if (o->n_pending > 0) {
		rail_no(says, RAIL_REFUSE, "%zu replacements of a batch are still pending",
		    o->n_pending);
		return true;
	}
	if (!o->has_batch && version_number(v->version) >= VERSION_BATCH) {
		rail_no(says, RAIL_REFUSE, "the target does not tell whether a batch of "
		    "replacements is "
		    "pending");
		return true;
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (others[i].going_on > 0) {
			rail_no(says, RAIL_REFUSE, "%s is running", others[i].what);
			return true;
		}
	}
	return false;
}

static bool is_cluster_whole(const struct nsx_ops *o, struct rail_says *says)
{
	if (o->n_nodes == 0)
		rail_no(says, RAIL_REFUSE, "the target does not tell its nodes");
	else if (o->not_joined != NULL)
		rail_no(says, RAIL_REFUSE, "node %.60s is not JOINED", o->not_joined);
	else if (o->n_joined < o->n_nodes)
		rail_no(says, RAIL_REFUSE, "only %zu of %zu nodes are JOINED", o->n_joined,
		    o->n_nodes);
	else if (o->changes_allowed < 0)
		rail_no(says, RAIL_REFUSE, "the target does not tell whether changes are allowed");
	else if (o->changes_allowed == 0)
		rail_no(says, RAIL_REFUSE, "the target does not allow changes of the management "
		    "cluster now");
	else
		return true;
	return false;
}

enum rail_verdict rail_one_change(const struct rail_input *in, struct rail_says *says)
{
	const struct nsx_ops *o = &in->view->ops;

	if (!is_nsx(in))
		return rail_om_one_change(in, says);
	if (o->err.code != ERR_NONE)
		return rail_no(says, RAIL_REFUSE, "what the target is doing could not be read: %s",
		    o->err.text);
	if (!is_cluster_whole(o, says) || is_occupied(in->view, says) ||
	    status_problem("overall cluster", o->overall, says) != NULL ||
	    status_problem("management cluster", o->management, says) != NULL)
		return RAIL_REFUSE;
	return RAIL_PASS;
}

/* Is there still a step that makes the certificate here, so that its
 * fingerprint is known before it is served? */
static bool makes_it_first(const struct plan *p, size_t from)
{
	for (size_t i = from; i < p->n_steps; i++) {
		const char *kind = p->steps[i].kind;

		if (strcmp(kind, "import") == 0 || strcmp(kind, "self-sign") == 0)
			return true;
	}
	return false;
}

enum rail_verdict rail_own_trust(const struct rail_input *in, struct rail_says *says)
{
	const struct plan *p = in->plan;
	const struct run *r = in->run;

	if (!p->needs_pin || p->new_sha256 != NULL || (r != NULL && r->new_sha256 != NULL) ||
	    makes_it_first(p, r != NULL ? r->n_verified : 0))
		return RAIL_PASS;
	return rail_no(says, RAIL_REFUSE, "this target is trusted by pin_sha256, and the "
	    "fingerprint of "
	    "its new certificate cannot be known before: trust it by ca_file, or name a "
	    "replacement");
}

static const struct item *item_of(const struct rail_input *in, size_t cert)
{
	for (size_t i = 0; i < in->view->report.n_items; i++) {
		if (in->view->report.items[i].cert == cert)
			return &in->view->report.items[i];
	}
	return NULL;
}

static const struct sighting *row_of(const struct rail_input *in)
{
	size_t i = in->plan->object != NULL ? view_find_object(in->view,
	    in->plan->object) : SIZE_MAX;

	return i != SIZE_MAX ? &in->view->inv.sightings[i] : NULL;
}

enum rail_verdict rail_product_renews(const struct rail_input *in, struct rail_says *says)
{
	const struct sighting *row = row_of(in);
	const struct item *item = row != NULL ? item_of(in, row->cert) : NULL;

	if (item == NULL || item->remedy.by != ACTOR_NSX)
		return RAIL_PASS;
	return rail_no(says, RAIL_REFUSE, "NSX renews it by itself and is not overdue with it");
}

/* What the plan's steps and the certificate itself are for. */
static unsigned services_of(const struct rail_input *in)
{
	const struct sighting *row = row_of(in);
	unsigned services = 0;

	for (size_t i = 0; i < in->plan->n_steps; i++) {
		if (in->plan->steps[i].service != NULL)
			services |= service_bit(in->plan->steps[i].service);
	}
	for (size_t i = 0; row != NULL && i < row->n_uses; i++)
		services |= service_bit(row->uses[i].service);
	return services;
}

enum rail_verdict rail_vcf(const struct rail_input *in, struct rail_says *says)
{
	int version = version_number(in->view->version);

	if (!is_nsx(in) || !in->mandate->managed_by_vcf ||
	    (services_of(in) & (SERVICE_API | SERVICE_MGMT_CLUSTER)) == 0)
		return RAIL_PASS;
	if (version == 0)
		return rail_no(says, RAIL_REFUSE, "the target does not tell its version: from NSX "
		    "9 on API "
		    "and cluster certificates belong to SDDC Manager");
	if (version < VERSION_VCF)
		return RAIL_PASS;
	return rail_no(says, RAIL_REFUSE, "NSX %.40s: API and cluster certificates belong to SDDC "
	    "Manager; set managed_by = none if there is none", in->view->version);
}

static const char *owner_of(const struct sighting *row)
{
	unsigned services = 0;

	if (row->by_principal ||
	    (row->category != NULL && strcmp(row->category, "PRINCIPAL_IDENTITY_CERTIFICATE") == 0))
		return "it belongs to a principal identity, whose owner sets it";
	if (row->category != NULL && strcmp(row->category, "SITE_CERTIFICATE") == 0)
		return "it belongs to a remote site and is replaced there";
	for (size_t i = 0; i < row->n_uses; i++)
		services |= service_bit(row->uses[i].service);
	if ((services & (SERVICE_LOCAL_MANAGER | SERVICE_GLOBAL_MANAGER)) != 0 &&
	    row->has_private_key == 0)
		return "it belongs to a remote site, which has its private key";
	if ((services & SERVICES_NOT_OURS) != 0)
		return "a service uses it whose certificates are not replaced by this program";
	return NULL;
}

enum rail_verdict rail_not_ours(const struct rail_input *in, struct rail_says *says)
{
	const struct sighting *row = row_of(in);
	const char *why = row != NULL && is_nsx(in) ? owner_of(row) : NULL;

	return why != NULL ? rail_no(says, RAIL_REFUSE, "%s", why) : RAIL_PASS;
}
