/* rules_time.c - rules about the validity period, and about exceptions to it. */
#include "lib/judge/judging.h"

#include "lib/base/text.h"

/* What is wrong with its form, whoever uses it; false: nothing. */
static bool tell_unreadable(const struct cert *c, const char *id, struct findings *out)
{
	if (c->form == CERT_UNREADABLE)
		findings_add(out, id, STATE_UNKNOWN, "cannot be read: %s",
		    c->problem != NULL ? c->problem : "no reason is known");
	else if (c->problem != NULL)
		findings_add(out, id, STATE_UNKNOWN,
		    "cannot be read: %s, only its reported dates are known", c->problem);
	else if (!c->has_not_after)
		findings_add(out, id, STATE_UNKNOWN, "has no end date");
	else
		return false;
	return true;
}

static void tell_expired(const struct cert *c, int64_t now_at, const char *id, enum state state,
    struct findings *out)
{
	char end[TEXT_TIME_BYTES], span[TEXT_SPAN_BYTES];

	findings_add(out, id, state, "expired %s (%s ago)", text_from_time(c->not_after_at, end),
	    text_from_span(c->not_after_at - now_at, span));
}

static void tell_early(const struct cert *c, int64_t now_at, const char *id, enum state state,
    struct findings *out)
{
	char start[TEXT_TIME_BYTES], span[TEXT_SPAN_BYTES];

	if (c->has_not_before && now_at < c->not_before_at)
		findings_add(out, id, state, "is not valid before %s (in %s)",
		    text_from_time(c->not_before_at, start),
		    text_from_span(c->not_before_at - now_at, span));
}

/* --- certificates that were found --------------------------------------------------- */

void rule_unreadable(const struct rule *r, const struct judging *j, struct subject *s)
{
	(void)j;
	if (tell_unreadable(s->cert, r->id, &s->item->findings))
		return;
	if (s->limit_is_blind)
		findings_add(&s->item->findings, r->id, STATE_UNKNOWN,
		    "has no usable start date, so that a limit in percent cannot be applied");
}

void rule_expired(const struct rule *r, const struct judging *j, struct subject *s)
{
	if (s->item->has_left && s->item->seconds_left < 0)
		tell_expired(s->cert, j->now_at, r->id,
		    s->item->is_unused ? STATE_OK : STATE_CRITICAL, &s->item->findings);
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
	tell_early(s->cert, j->now_at, r->id, s->in_use ? STATE_CRITICAL : STATE_WARNING,
	    &s->item->findings);
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

/* --- replacements: every certificate of the chain -------------------------------------- */

static void new_unreadable(const struct rule *r, const struct cert *c, int64_t now_at,
    struct findings *out)
{
	(void)now_at;
	(void)tell_unreadable(c, r->id, out);
}

static void new_expired(const struct rule *r, const struct cert *c, int64_t now_at,
    struct findings *out)
{
	if (c->has_not_after && now_at > c->not_after_at)
		tell_expired(c, now_at, r->id, STATE_CRITICAL, out);
}

static void new_early(const struct rule *r, const struct cert *c, int64_t now_at,
    struct findings *out)
{
	tell_early(c, now_at, r->id, STATE_CRITICAL, out);
}

void fit_unreadable(const struct rule *r, const struct fit *f, struct findings *out)
{
	fit_each_cert(r, f, new_unreadable, out);
}

void fit_expired(const struct rule *r, const struct fit *f, struct findings *out)
{
	fit_each_cert(r, f, new_expired, out);
}

void fit_not_yet_valid(const struct rule *r, const struct fit *f, struct findings *out)
{
	fit_each_cert(r, f, new_early, out);
}
