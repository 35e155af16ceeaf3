/* rules_renewal.c - NSX 4.2.1 renews certificates of its internal services by
 * itself: has it? */
#include "lib/judge/judging.h"

#include <string.h>
#include "lib/base/text.h"

#define GRACE_S INT64_C(86400)   /* the task runs once a day */
#define APPLIANCE_CATEGORY "APPLIANCE_CERTIFICATE"

/* What the task leaves alone: by its documentation APH_TN and CCP, and the
 * certificates by which others know this installation.  Where it is not told
 * (API, MGMT_CLUSTER, federation) nothing is promised here. */
#define SERVICES_NOT_RENEWED (SERVICE_APH_TN | SERVICE_CCP | SERVICE_API | SERVICE_MGMT_CLUSTER | \
	SERVICE_LOCAL_MANAGER | SERVICE_GLOBAL_MANAGER | SERVICE_CLIENT_AUTH | \
	SERVICE_COMPUTE_MANAGER | SERVICE_LOGGING | SERVICE_BUS)
#define SERVICES_RENEWED (SERVICE_APH | SERVICE_CBM)

static bool is_appliances_own(const struct sighting *at, unsigned services)
{
	if (services & SERVICES_NOT_RENEWED || sighting_is_remote(at, services) ||
	    sighting_is_principal(at) || at->by_policy)
		return false;
	return (services & SERVICES_RENEWED) != 0 || (services != 0 && at->category != NULL &&
	    strcmp(at->category, APPLIANCE_CATEGORY) == 0);
}

bool renewal_applies(const struct judging *j, const struct subject *s, int64_t *lead_s)
{
	if (s->cert->form != CERT_PARSED || !s->cert->self_issued || s->cert->is_ca)
		return false;
	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const struct sighting *at = subject_sighting(j, s, i);
		const struct cluster_facts *c = j->inv->sources[at->source].cluster;

		if (at->via != VIA_API || at->position > 0 || at->n_uses == 0 || c == NULL)
			continue;
		if (c->renews_by_itself != 1 || c->renewal_lead_s <= 0 ||
		    !is_appliances_own(at, s->services))
			continue;
		*lead_s = c->renewal_lead_s;
		return true;
	}
	return false;
}

bool renewal_is_overdue(const struct subject *s, int64_t lead_s)
{
	return s->item->has_left && s->item->seconds_left < lead_s - GRACE_S;
}

void rule_renewal_overdue(const struct rule *r, const struct judging *j, struct subject *s)
{
	char lead[TEXT_SPAN_BYTES];
	int64_t lead_s;

	if (renewal_applies(j, s, &lead_s) && renewal_is_overdue(s, lead_s))
		findings_add(&s->item->findings, r->id, STATE_WARNING,
		    "NSX should have renewed it %s before its end, and has not",
		    text_from_span(lead_s, lead));
}
