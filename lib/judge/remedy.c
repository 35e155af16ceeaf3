/* remedy.c - the table of remedies. */
#include "lib/judge/remedy.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/model/version.h"

#define PROCEDURE_COLUMNS 80   /* of a procedure's name as Ops Manager tells it */

/* What applies with nsx-apply, and which of these share one certificate. */
#define SERVICES_SHARED_WEB (SERVICE_API | SERVICE_MGMT_CLUSTER)
#define SERVICES_SHARED_RPC (SERVICE_APH | SERVICE_APH_TN | SERVICE_CCP)
#define SERVICES_APPLIED (SERVICES_SHARED_WEB | SERVICES_SHARED_RPC | SERVICE_LOCAL_MANAGER | \
	SERVICE_GLOBAL_MANAGER)

/* Whatever is true of the certificate at the place where it is mended. */
enum {
	TRAIT_UNREADABLE = 1 << 0,    /* and nothing worse is known of it */
	TRAIT_REMOTE = 1 << 1,        /* belongs to another site, which has the key */
	TRAIT_PRINCIPAL = 1 << 2,     /* a principal identity refers to it */
	TRAIT_POLICY = 1 << 3,        /* a certificate of the Policy API */
	TRAIT_UNUSED = 1 << 4,
	TRAIT_SERVED = 1 << 5,        /* a listener shows what the inventory does not name */
	TRAIT_CA = 1 << 6,
	TRAIT_ISSUER = 1 << 7,        /* came along behind a leaf */
	TRAIT_RENEWED = 1 << 8,       /* NSX renews it by itself, and its time has not passed */
	TRAIT_VCF = 1 << 9            /* from NSX 9 on: SDDC Manager keeps record of it */
};

struct patient {
	enum source_kind kind;
	enum role role;
	unsigned services, traits;
	int version;                  /* VERSION(); 0 when not known */
};

#define KIND(k) (1u << (k))
#define ROLE(r) (1u << (r))
#define NSX KIND(SOURCE_NSX)
#define OPSMAN KIND(SOURCE_OPSMAN)
#define NO_PROGRAM "manual", ACTOR_PERSON

static const struct remedy_row {
	unsigned kinds;               /* 0: any; KIND() */
	unsigned roles;               /* 0: any; ROLE() */
	unsigned services;            /* 0: any; one of these at least ... */
	int n_services;               /* ... or as many as this */
	unsigned traits;              /* all of these */
	int from;                     /* lowest version; 0: any */
	const char *procedure;
	enum actor by;
	const char *detail;
} rows[] = {
	{ .traits = TRAIT_UNREADABLE, .procedure = "manual", .by = ACTOR_PERSON, .detail =
	    "look at it where it was found: what cannot be read cannot be watched" },
	{ 0, 0, 0, 0, TRAIT_ISSUER, 0, NO_PROGRAM,
	    "get a new chain from the issuer and install it with the certificate it came with" },

	{ NSX, 0, 0, 0, TRAIT_REMOTE, 0, NO_PROGRAM,
	    "replace it at the site it belongs to, which hands it on to this one" },
	{ NSX, 0, SERVICE_CLIENT_AUTH, 0, 0, 0, NO_PROGRAM,
	    "whoever owns the principal identity makes a new certificate and sets it with "
	    "update_certificate" },
	{ NSX, 0, 0, 0, TRAIT_PRINCIPAL, 0, NO_PROGRAM,
	    "whoever owns the principal identity makes a new certificate and sets it with "
	    "update_certificate" },
	{ NSX, 0, SERVICE_COMPUTE_MANAGER, 0, 0, 0, NO_PROGRAM,
	    "renew it on the vCenter it comes from, then accept the new thumbprint at the compute "
	    "manager" },
	{ NSX, 0, SERVICE_LOGGING, 0, 0, 0, NO_PROGRAM,
	    "delete the logging server and add it again with the new certificate" },
	{ NSX, 0, 0, 0, TRAIT_RENEWED, 0, "manual", ACTOR_NSX,
	    "nothing to do: NSX renews it by itself" },
	{ NSX, 0, SERVICES_SHARED_WEB, 0, TRAIT_VCF, VERSION(9, 0, 0), "manual", ACTOR_VCF,
	    "replace it by the certificate management of SDDC Manager, which keeps record of it" },
	{ NSX, 0, SERVICES_SHARED_WEB, 2, 0, VERSION(4, 2, 0), "nsx-batch-replace", ACTOR_REMEDIATE,
	    "replace the certificate that the managers and the VIP share in one batch" },
	{ NSX, 0, SERVICES_SHARED_RPC, 2, 0, VERSION(4, 2, 0), "nsx-batch-replace", ACTOR_REMEDIATE,
	    "replace the certificate that the internal services share in one batch" },
	{ NSX, 0, SERVICES_APPLIED, 0, 0, VERSION(3, 1, 2), "nsx-apply", ACTOR_REMEDIATE,
	    "import a new certificate and apply it to each service that uses this one" },
	{ NSX, 0, SERVICES_APPLIED, 0, 0, 0, NO_PROGRAM,
	    "import a new certificate and set it by the call of this NSX version, since there is "
	    "no apply_certificate before 3.1.2" },
	{ NSX, 0, SERVICE_CBM, 0, 0, 0, NO_PROGRAM,
	    "apply a new certificate to this internal service of that node in the certificates "
	    "page or by the API (NSX 4.1 and later)" },
	{ NSX, 0, SERVICE_BUS | SERVICE_OTHER, 0, 0, 0, NO_PROGRAM,
	    "replace it as the documentation of the service that uses it says" },
	{ NSX, 0, 0, 0, TRAIT_SERVED, 0, NO_PROGRAM,
	    "find out why this listener does not present its own certificate, and apply that "
	    "one again" },
	{ NSX, ROLE(ROLE_NSX_SERVICE), 0, 0, 0, 0, NO_PROGRAM,
	    "import a new service certificate and bind it to the load balancer, VPN or TLS "
	    "inspection that uses this one" },
	{ NSX, 0, 0, 0, TRAIT_POLICY, 0, NO_PROGRAM,
	    "import a new service certificate and bind it to the load balancer, VPN or TLS "
	    "inspection that uses this one" },
	{ NSX, 0, 0, 0, TRAIT_UNUSED, 0, NO_PROGRAM,
	    "delete it from the trust store, since nothing uses it" },
	{ NSX, 0, 0, 0, TRAIT_CA, 0, NO_PROGRAM,
	    "import the new CA, replace what this one has signed, then delete it" },
	{ NSX, 0, 0, 0, 0, 0, NO_PROGRAM,
	    "replace it, or delete it from the trust store when nothing needs it" },

	{ OPSMAN, ROLE(ROLE_OM_ROOT_CA) | ROLE(ROLE_OM_NATS_CA), 0, 0, 0, 0, "opsman-ca-rotation",
	    ACTOR_REMEDIATE, "rotate the certificate authorities: generate, apply, activate, "
	    "regenerate, apply, delete the old one, apply" },
	{ OPSMAN, ROLE(ROLE_OM_CREDHUB_CA), 0, 0, 0, VERSION(2, 9, 0), "opsman-ca-rotation",
	    ACTOR_REMEDIATE, "rotate the certificate authorities, CredHub's included" },
	{ OPSMAN, ROLE(ROLE_OM_CREDHUB_CA), 0, 0, 0, 0, NO_PROGRAM,
	    "rotate this CredHub CA with Maestro, since this version's rotation leaves it out" },
	{ OPSMAN, ROLE(ROLE_OM_LEAF), 0, 0, 0, 0, "opsman-regenerate", ACTOR_REMEDIATE,
	    "regenerate the non-configurable certificates under the active CA and apply changes" },
	{ OPSMAN, ROLE(ROLE_OM_CONFIGURABLE), 0, 0, 0, 0, NO_PROGRAM,
	    "put a new certificate into the form field of its tile, save, and apply changes" },
	{ OPSMAN, ROLE(ROLE_OM_SERVICES_CA), 0, 0, 0, 0, NO_PROGRAM,
	    "rotate the services CA and its leafs with Maestro: no call of Ops Manager does it" },
	{ OPSMAN, ROLE(ROLE_OM_SAML), 0, 0, 0, 0, NO_PROGRAM,
	    "switch SAML off and on again in Ops Manager, and give the new metadata to the "
	    "identity provider" },
	{ OPSMAN, ROLE(ROLE_OM_UI), 0, 0, 0, 0, NO_PROGRAM,
	    "set a new certificate in the settings of Ops Manager" },
	{ OPSMAN, 0, 0, 0, 0, 0, NO_PROGRAM,
	    "replace it by the procedure of the product that it belongs to" },

	{ KIND(SOURCE_TLS), 0, 0, 0, 0, 0, NO_PROGRAM,
	    "renew it where it was issued, and install it on this listener" },
	{ 0, 0, 0, 0, 0, 0, NO_PROGRAM,
	    "renew it where it was issued, and replace the file" },
};

/* Where to mend it: where an API says what it is for, else where it was seen
 * first. */
static const struct sighting *place(const struct judging *j, const struct subject *s)
{
	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const struct sighting *at = subject_sighting(j, s, i);

		if (at->via == VIA_API && at->n_uses > 0)
			return at;
	}
	return s->item->n_sightings > 0 ? subject_sighting(j, s, 0) : NULL;
}

/* A renewal mends an end that is near, and nothing else. */
static bool only_ends(const struct subject *s)
{
	const struct findings *f = &s->item->findings;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].state != STATE_OK && strcmp(f->v[i].id, "expiring") != 0)
			return false;
	return true;
}

static unsigned traits_of(const struct judging *j, const struct subject *s)
{
	unsigned traits = 0;
	int64_t lead_s;

	if (only_ends(s) && renewal_applies(j, s, &lead_s) && !renewal_is_overdue(s, lead_s))
		traits |= TRAIT_RENEWED;
	if (!s->cert->has_not_after ||
	    (s->cert->problem != NULL && s->item->state == STATE_UNKNOWN))
		traits |= TRAIT_UNREADABLE;
	if (s->cert->is_ca)
		traits |= TRAIT_CA;
	if (s->item->is_unused)
		traits |= TRAIT_UNUSED;
	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const struct sighting *at = subject_sighting(j, s, i);

		traits |= j->sources[at->source].not_by_vcf ? 0 : TRAIT_VCF;
		traits |= sighting_is_remote(at, s->services) ? TRAIT_REMOTE : 0;
		traits |= sighting_is_principal(at) ? TRAIT_PRINCIPAL : 0;
		traits |= at->by_policy ? TRAIT_POLICY : 0;
		traits |= at->via == VIA_TLS && at->n_uses > 0 ? TRAIT_SERVED : 0;
	}
	return traits;
}

static int count_bits(unsigned bits)
{
	int n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

static bool fits(const struct remedy_row *r, const struct patient *p)
{
	int at_least = r->n_services > 1 ? r->n_services : 1;

	if (r->kinds != 0 && (r->kinds & KIND(p->kind)) == 0)
		return false;
	if (r->roles != 0 && (r->roles & ROLE(p->role)) == 0)
		return false;
	if (r->services != 0 && count_bits(r->services & p->services) < at_least)
		return false;
	return (r->traits & p->traits) == r->traits && p->version >= r->from;
}

static char *detail_of(const struct remedy_row *r, const struct sighting *at)
{
	if (at->procedure == NULL || at->procedure[0] == '\0')
		return mem_strdup(r->detail);
	return mem_printf("%s; Ops Manager names it \"%.*s\"", r->detail, PROCEDURE_COLUMNS,
	    at->procedure);
}

void remedy_choose(const struct judging *j, const struct subject *s, struct remedy *out)
{
	const struct sighting *at = place(j, s);
	const struct remedy_row *row = rows;
	struct patient p;

	*out = (struct remedy){ .by = ACTOR_NONE };
	if (s->item->state == STATE_OK || at == NULL)
		return;
	p = (struct patient){
		.kind = j->inv->sources[at->source].kind, .role = at->role,
		.services = s->services, .traits = traits_of(j, s),
		.version = version_number(j->inv->sources[at->source].version),
	};
	if (at->role == ROLE_CHAIN || at->position > 0)
		p.traits |= TRAIT_ISSUER;
	while (!fits(row, &p))
		row++;   /* ends: the last row fits everything */
	*out = (struct remedy){ .procedure = row->procedure, .by = row->by,
		.detail = detail_of(row, at) };
}
