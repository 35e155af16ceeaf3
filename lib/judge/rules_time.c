/* rules_time.c - rules about the validity period, and about exceptions to it. */
#include "lib/judge/judging.h"

#include "lib/base/text.h"

void rule_unreadable(const struct rule *r, const struct judging *j, struct subject *s)
{
	const struct cert *c = s->cert;

	(void)j;
	if (c->form == CERT_UNREADABLE)
		findings_add(&s->item->findings, r->id, STATE_UNKNOWN, "cannot be read: %s",
		    c->problem != NULL ? c->problem : "no reason is known");
	else if (c->problem != NULL)
		findings_add(&s->item->findings, r->id, STATE_UNKNOWN,
		    "cannot be read: %s, only its reported dates are known", c->problem);
	else if (!c->has_not_after)
		findings_add(&s->item->findings, r->id, STATE_UNKNOWN, "has no end date");
	else if (s->limit_is_blind)
		findings_add(&s->item->findings, r->id, STATE_UNKNOWN,
		    "has no usable start date, so that a limit in percent cannot be applied");
}

void rule_expired(const struct rule *r, const struct judging *j, struct subject *s)
{
	char end[TEXT_TIME_BYTES], span[TEXT_SPAN_BYTES];

	(void)j;
	if (!s->item->has_left || s->item->seconds_left >= 0)
		return;
	findings_add(&s->item->findings, r->id, s->item->is_unused ? STATE_OK : STATE_CRITICAL,
	    "expired %s (%s ago)", text_from_time(s->cert->not_after_at, end),
	    text_from_span(s->item->seconds_left, span));
}

void rule_expiring(const struct rule *r, const struct judging *j, struct subject *s)
{
	char end[TEXT_TIME_BYTES], span[TEXT_SPAN_BYTES];

	(void)j;
	if (!s->item->has_left || s->item->seconds_left < 0 || s->by_limits == STATE_OK)
		return;
	findings_add(&s->item->findings, r->id, s->item->is_unused ? STATE_OK : s->by_limits,
	    "expires %s (%s)", text_from_time(s->cert->not_after_at, end),
	    text_from_span(s->item->seconds_left, span));
}

void rule_not_yet_valid(const struct rule *r, const struct judging *j, struct subject *s)
{
	char start[TEXT_TIME_BYTES], span[TEXT_SPAN_BYTES];
	const struct cert *c = s->cert;

	if (!c->has_not_before || j->now_at >= c->not_before_at)
		return;
	findings_add(&s->item->findings, r->id, s->in_use ? STATE_CRITICAL : STATE_WARNING,
	    "is not valid before %s (in %s)", text_from_time(c->not_before_at, start),
	    text_from_span(c->not_before_at - j->now_at, span));
}

void rule_unused(const struct rule *r, const struct judging *j, struct subject *s)
{
	(void)j;
	if (s->item->is_unused)
		findings_add(&s->item->findings, r->id, STATE_OK, "nothing uses it");
}

void rule_ignore_ended(const struct rule *r, const struct judging *j, struct subject *s)
{
	char end[TEXT_TIME_BYTES];

	(void)j;
	if (s->ended != NULL)
		findings_add(&s->item->findings, r->id, STATE_OK, "ignore %s ended %s",
		    s->ended->label, text_from_time(s->ended->until_at, end));
}
