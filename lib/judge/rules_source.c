/* rules_source.c - rules about a source and about the run as a whole. */
#include "lib/judge/judging.h"

#include "lib/base/text.h"

#define SKEW_NOTE_S 300
#define SKEW_WARNING_S 86400

/* The user may say what a failure of the way there means; any other failure
 * leaves certificates unjudged. */
static enum state failure_state(const struct policy *p, enum err_code code)
{
	switch (code) {
	case ERR_UNREACHABLE:
		return p->unreachable_state;
	case ERR_TIMEOUT:
		return p->timeout_state;
	default:
		return STATE_UNKNOWN;
	}
}

static const char *sentence(const struct issue *i)
{
	return i->err.text[0] != '\0' ? i->err.text : "no reason is known";
}

void rule_source_failed(const struct rule *r, const struct judging *j, size_t source,
    struct source_report *out)
{
	const struct source_status *s = &j->inv->sources[source];

	for (size_t i = 0; i < s->n_issues; i++) {
		if (s->issues[i].kind != ISSUE_FAILED)
			continue;
		findings_add(&out->findings, r->id, failure_state(j->policy, s->issues[i].err.code),
		    "%s", sentence(&s->issues[i]));
		out->failed = true;
	}
}

void rule_partial(const struct rule *r, const struct judging *j, size_t source,
    struct source_report *out)
{
	const struct source_status *s = &j->inv->sources[source];

	for (size_t i = 0; i < s->n_issues; i++) {
		bool gap = s->issues[i].kind == ISSUE_PARTIAL;

		if (s->issues[i].kind == ISSUE_FAILED)
			continue;
		findings_add(&out->findings, r->id,
		    gap ? failure_state(j->policy, s->issues[i].err.code) : STATE_OK, "%s",
		    sentence(&s->issues[i]));
		out->failed = out->failed || gap;
	}
	if (out->failed)
		return;
	if (out->n_certs == 0)
		findings_add(&out->findings, r->id, STATE_UNKNOWN, "no certificates were found");
	else if (!s->complete)
		findings_add(&out->findings, r->id, STATE_UNKNOWN, "was not read to its end");
	out->failed = out->n_certs == 0 || !s->complete;
}

void rule_clock_skew(const struct rule *r, const struct judging *j, size_t source,
    struct source_report *out)
{
	const struct source_status *s = &j->inv->sources[source];
	int64_t skew_s = s->skew_s < 0 ? -s->skew_s : s->skew_s;
	char span[TEXT_SPAN_BYTES];

	if (j->policy->clock_is_given || !s->has_skew || skew_s <= SKEW_NOTE_S)
		return;
	findings_add(&out->findings, r->id, skew_s > SKEW_WARNING_S ? STATE_WARNING : STATE_OK,
	    "its clock is %s %s ours", text_from_span(skew_s, span),
	    s->skew_s > 0 ? "ahead of" : "behind");
}

/* A source that shows nothing says so itself, and what that means may be the
 * user's choice. */
void rule_too_few(const struct rule *r, const struct judging *j, struct report *out)
{
	if (out->n_sources == 0)
		findings_add(&out->findings, r->id, STATE_UNKNOWN,
		    "no certificates were found: there is no target");
	else if (out->n_items < j->policy->min_certs && j->policy->min_certs > 1)
		findings_add(&out->findings, r->id, STATE_UNKNOWN,
		    "only %zu certificates were found, at least %zu are expected", out->n_items,
		    j->policy->min_certs);
}
