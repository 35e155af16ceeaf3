/* rules_rotation.c - Ops Manager: a CA rotation that was begun and left, and one
 * that would begin too late. */
#include "lib/judge/judging.h"

#include "lib/base/text.h"

/* A list whose dates are not known cannot excuse itself with them. */
static bool is_stale(const struct judging *j, const struct source_view *v)
{
	return !v->cas.has_newest || j->now_at - v->cas.newest_at > v->rotation_stale_s;
}

static const char *what_is_left(const struct judging *j, const struct source_view *v,
    const struct sighting *s)
{
	int64_t made_at;

	if (!v->cas.has_active)
		return "is inactive, and no CA is active";
	if (judging_made_at(j, s, &made_at) && made_at > v->cas.active_at)
		return "is newer than the active CA and was never activated";
	return "is an inactive CA that was never deleted";
}

void rule_rotation_unfinished(const struct rule *r, const struct judging *j, struct subject *s)
{
	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const struct sighting *at = subject_sighting(j, s, i);
		const struct source_view *v = &j->sources[at->source];
		char since[TEXT_TIME_BYTES];

		if (at->role != ROLE_OM_ROOT_CA || at->active != 0 || !is_stale(j, v))
			continue;
		findings_add(&s->item->findings, r->id, STATE_WARNING,
		    "%s: a rotation begun %s is not finished", what_is_left(j, v, at),
		    v->cas.has_newest ? text_from_time(v->cas.newest_at, since) :
		    "at an unknown time");
		return;
	}
}

/* A CA that has expired is told by another rule. */
void rule_deadline_passed(const struct rule *r, const struct judging *j, struct subject *s)
{
	int64_t left_s = s->item->seconds_left;

	if (!s->item->has_left || left_s < 0)
		return;
	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const struct sighting *at = subject_sighting(j, s, i);
		int64_t needs_s = j->sources[at->source].rotation_needs_s;
		char needs[TEXT_SPAN_BYTES];

		if ((at->role != ROLE_OM_ROOT_CA && at->role != ROLE_OM_NATS_CA) ||
		    at->active != 1 || left_s >= needs_s)
			continue;
		findings_add(&s->item->findings, r->id, STATE_CRITICAL,
		    "ends before a rotation, which needs up to %s, would be over: see KB 298006",
		    text_from_span(needs_s, needs));
		return;
	}
}
