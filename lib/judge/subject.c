/* subject.c - what holds of a certificate before any rule looks: what it is
 * used for, how much time is left, and by which limits that is judged. */
#include "lib/judge/judging.h"

#include "lib/base/text.h"

/* What a role alone says about a certificate. */
static const struct { bool is_issuer, is_depended_on; } roles[] = {
	[ROLE_NONE] = { false, false },
	[ROLE_NSX_PLATFORM] = { false, false },
	[ROLE_NSX_SERVICE] = { false, false },
	[ROLE_CHAIN] = { false, false },
	[ROLE_LISTENER] = { false, true },
	[ROLE_OM_ROOT_CA] = { true, true },
	[ROLE_OM_NATS_CA] = { true, true },
	[ROLE_OM_CREDHUB_CA] = { true, true },
	[ROLE_OM_SERVICES_CA] = { true, true },
	[ROLE_OM_LEAF] = { false, true },
	[ROLE_OM_CONFIGURABLE] = { false, true },
	[ROLE_OM_SAML] = { false, true },
	[ROLE_OM_UI] = { false, true },
	[ROLE_OM_OTHER] = { false, true },
};

const struct sighting *subject_sighting(const struct judging *j, const struct subject *s, size_t i)
{
	return &j->inv->sightings[s->item->sightings[i]];
}

static unsigned services_of(const struct judging *j, const struct sighting *s)
{
	unsigned services = 0;

	if (j->inv->sources[s->source].kind != SOURCE_NSX)
		return 0;
	for (size_t i = 0; i < s->n_uses; i++)
		services |= service_bit(s->uses[i].service);
	return services;
}

bool sighting_is_presented(const struct sighting *s, unsigned services)
{
	if (s->position > 0 || s->role == ROLE_CHAIN)
		return false;
	return s->via == VIA_TLS || (services & SERVICES_PRESENTING) != 0;
}

static bool is_in_use(const struct sighting *s)
{
	if (s->via == VIA_FILE)
		return false;
	return s->via == VIA_TLS || s->n_uses > 0 || s->by_principal ||
	    roles[s->role].is_depended_on;
}

/* --- the row of a trust store that nothing uses ------------------------------------ */

static bool is_idle_row(const struct judging *j, const struct sighting *s)
{
	const struct source_view *v = &j->sources[s->source];

	return j->inv->sources[s->source].kind == SOURCE_NSX && s->via == VIA_API &&
	    s->role == ROLE_NSX_PLATFORM && s->position == 0 && s->n_uses == 0 && !s->by_policy &&
	    !s->by_principal && !v->unused_same && !v->is_patchy;
}

/* Whether a listener serves it is known only of a certificate whose bytes are. */
static bool is_unused(const struct judging *j, const struct subject *s)
{
	if (s->cert->is_ca || s->cert->form != CERT_PARSED || s->item->n_sightings == 0)
		return false;
	for (size_t i = 0; i < s->item->n_sightings; i++)
		if (!is_idle_row(j, subject_sighting(j, s, i)))
			return false;
	return true;
}

/* --- limits ------------------------------------------------------------------------ */

/* A CA certificate that a service presents as its own is judged as what it is
 * used for. */
static bool is_judged_as_ca(const struct cert *c, const struct sighting *s, unsigned services)
{
	if (roles[s->role].is_issuer || (services & SERVICES_OF_PLATFORM) != 0)
		return true;
	return c->is_ca && !sighting_is_presented(s, services);
}

/* -1 when it is not known, or makes no sense. */
static int64_t life_of(const struct cert *c)
{
	if (!c->has_not_before || !c->has_not_after || c->not_after_at <= c->not_before_at)
		return -1;
	return c->not_after_at - c->not_before_at;
}

static bool is_blind(const struct limit *l, int64_t life_s)
{
	return l->has_percent && !l->has_time && !l->has_range && life_s < 0;
}

static void apply_limits(const struct limits *l, bool as_ca, struct subject *s)
{
	const struct limit *warning = as_ca ? &l->ca_warning : &l->warning;
	const struct limit *critical = as_ca ? &l->ca_critical : &l->critical;
	int64_t left_s = s->item->seconds_left, life_s = life_of(s->cert);

	s->item->judged_as_ca = s->item->judged_as_ca || as_ca;
	limit_merge(&s->item->warning, warning);
	limit_merge(&s->item->critical, critical);
	if (!s->item->has_left)
		return;
	if (limit_alerts(critical, left_s, life_s))
		s->by_limits = state_worst(s->by_limits, STATE_CRITICAL);
	else if (limit_alerts(warning, left_s, life_s))
		s->by_limits = state_worst(s->by_limits, STATE_WARNING);
	if (is_blind(warning, life_s) || is_blind(critical, life_s))
		s->limit_is_blind = true;
}

static void read_sightings(const struct judging *j, struct subject *s)
{
	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const struct sighting *at = subject_sighting(j, s, i);
		unsigned services = services_of(j, at);

		s->services |= at->via == VIA_API ? services : 0;
		s->in_use = s->in_use || is_in_use(at);
		s->is_presented = s->is_presented || sighting_is_presented(at, services);
		apply_limits(j->sources[at->source].limits,
		    is_judged_as_ca(s->cert, at, services), s);
	}
	if (s->item->n_sightings == 0)
		apply_limits(&j->policy->limits, s->cert->is_ca, s);
}

void subject_open(const struct judging *j, struct item *item, struct subject *s)
{
	*s = (struct subject){ .cert = j->inv->certs[item->cert], .item = item,
		.by_limits = STATE_OK };
	item->has_left = s->cert->has_not_after;
	if (item->has_left) {
		item->seconds_left = s->cert->not_after_at - j->now_at;
		item->days_left = text_days_floor(item->seconds_left);
	}
	read_sightings(j, s);
	item->is_unused = is_unused(j, s);
}
