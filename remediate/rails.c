/* rails.c - the table of rails, and those about permission and time. */
#include "remediate/rails.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "lib/base/text.h"
#include "remediate/rails_rows.h"
#include "remediate/window.h"

#define DAY_S INT64_C(86400)

enum rail_verdict rail_no(struct rail_says *says, enum rail_verdict verdict, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(says->reason, sizeof says->reason, fmt, args);
	va_end(args);
	text_mask_controls(says->reason);
	return verdict;
}

/* An old certificate that nobody uses is deleted: part of the replacement that
 * was allowed before, so it needs no word of its own among the procedures. */
static bool is_cleanup(const struct plan *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		if (strcmp(p->steps[i].kind, "delete") != 0)
			return false;
	}
	return p->n_steps > 0;
}

/* Seconds since a moment; a clock that went back counts as no time passed. */
static int64_t age(const struct rail_input *in, int64_t at)
{
	return in->now_at > at ? in->now_at - at : 0;
}

static enum rail_verdict rail_mode(const struct rail_input *in, struct rail_says *says)
{
	if (in->mandate->mode != MODE_PLAN)
		return RAIL_PASS;
	return rail_no(says, RAIL_HOLD, "mode = plan: it is shown and not done");
}

static enum rail_verdict rail_worker_host(const struct rail_input *in, struct rail_says *says)
{
	const char *wanted = in->mandate->worker_host;

	if (wanted == NULL)
		return rail_no(says, RAIL_HOLD, "no worker_host is configured: set it to the "
		    "one host that may act");
	if (in->host != NULL && strcasecmp(wanted, in->host) == 0)
		return RAIL_PASS;
	return rail_no(says, RAIL_HOLD, "this host is %s, and only %s may act",
	    in->host != NULL ? in->host : "not known", wanted);
}

static enum rail_verdict rail_procedures(const struct rail_input *in, struct rail_says *says)
{
	const struct mandate *m = in->mandate;

	if (in->plan->is_rollback) {
		if (m->rollback != ROLLBACK_OFF)
			return RAIL_PASS;
		return rail_no(says, RAIL_HOLD, "rollback = off: nothing is taken back here");
	}
	if (is_cleanup(in->plan) ? m->n_procedures > 0 : mandate_allows(m, in->plan->procedure))
		return RAIL_PASS;
	return rail_no(says, RAIL_HOLD, "%s is not among the procedures allowed here",
	    in->plan->procedure);
}

static enum rail_verdict rail_still_found(const struct rail_input *in, struct rail_says *says)
{
	if (in->still_wanted)
		return RAIL_PASS;
	return rail_no(says, RAIL_REFUSE, "a fresh poll does not find it any more as it was "
	    "planned");
}

static enum rail_verdict rail_pause(const struct rail_input *in, struct rail_says *says)
{
	if (!in->past->paused)
		return RAIL_PASS;
	return rail_no(says, RAIL_HOLD, "paused by %s, until somebody says resume",
	    in->past->paused_by != NULL ? in->past->paused_by : "somebody");
}

/* Event handlers run in a downtime too: somebody may be at work there. */
static enum rail_verdict rail_downtime(const struct rail_input *in, struct rail_says *says)
{
	char until[TEXT_TIME_BYTES];

	if (in->past->downtime <= 0 || in->plan->is_rollback ||
	    age(in, in->past->downtime_at) >= in->mandate->downtime_hold_s)
		return RAIL_PASS;
	says->until_at = in->past->downtime_at + in->mandate->downtime_hold_s;
	return rail_no(says, RAIL_HOLD, "a downtime was in force at %s: held until %s unless a "
	    "later event says that it is over", in->mandate->target->name,
	    text_from_time(says->until_at, until));
}

static enum rail_verdict rail_window(const struct rail_input *in, struct rail_says *says)
{
	const struct mandate *m = in->mandate;
	char opens[TEXT_TIME_BYTES];
	struct err e = { ERR_NONE, "" };
	bool open = false;

	if (in->plan->is_rollback)
		return RAIL_PASS;
	if (window_is_open(m->window, m->timezone, in->now_at, &open, &says->until_at, &e) != 0)
		return rail_no(says, RAIL_REFUSE, "whether the window is open cannot be told: %s",
		    e.text);
	if (open) {
		says->until_at = 0;
		return RAIL_PASS;
	}
	return rail_no(says, RAIL_HOLD, "the window %s is closed until %s", m->window,
	    text_from_time(says->until_at, opens));
}

static bool needs_approval(const struct rail_input *in)
{
	if (in->plan->is_rollback)
		return in->mandate->rollback == ROLLBACK_ASK;
	return in->mandate->mode == MODE_APPROVE;
}

static enum rail_verdict ask_for_approval(const struct rail_input *in, struct rail_says *says,
    const char *why)
{
	const char *group = in->mandate->approvers;

	if (group == NULL)
		return rail_no(says, RAIL_HOLD, "%s, and no approvers are configured: name their "
		    "group", why);
	if (in->run == NULL)
		return rail_no(says, RAIL_HOLD, "%s: a member of %s has to approve it", why, group);
	return rail_no(says, RAIL_HOLD, "%s: a member of %s says remediate_certs approve %lld "
	    "--plan %s",
	    why, group, (long long)in->run->id, in->plan_hash);
}

/* Does an approval have to be fresh? */
static bool is_new_beginning(const struct rail_input *in)
{
	return !in->is_begun || (in->begins_unit && in->mandate->approval_by_unit);
}

/* Bound to this plan, to a person, and to a time; a run that has begun under
 * an approval is finished under it, unless each unit wants its own: said when
 * the unit before was finished, by somebody who could see how it went. */
static enum rail_verdict rail_approval(const struct rail_input *in, struct rail_says *says)
{
	const struct run *r = in->run;

	if (!needs_approval(in))
		return RAIL_PASS;
	if (r == NULL || r->approved_at == 0 || r->approved_by == NULL)
		return ask_for_approval(in, says, "it waits for approval");
	if (r->plan_hash == NULL || strcmp(r->plan_hash, in->plan_hash) != 0)
		return ask_for_approval(in, says, "another plan was approved");
	if (is_new_beginning(in) && age(in, r->approved_at) >= in->mandate->approval_valid_s)
		return ask_for_approval(in, says, "the approval is too old");
	if (in->begins_unit && in->mandate->approval_by_unit &&
	    r->approved_at <= in->unit_since_at)
		return ask_for_approval(in, says, "the unit before is finished, and the next one "
		    "waits for an approval of its own");
	return RAIL_PASS;
}

/* A run that was counted as begun and then did nothing does not stand in its
 * own way. */
static enum rail_verdict rail_max_per_day(const struct rail_input *in, struct rail_says *says)
{
	const struct run *r = in->run;
	size_t n = in->past->n_begun_day;

	if (in->plan->is_rollback || is_cleanup(in->plan))
		return RAIL_PASS;
	if (n > 0 && r != NULL && r->begun_at != 0 && age(in, r->begun_at) < DAY_S)
		n--;
	if (in->mandate->max_per_day > 0 && n < (uint64_t)in->mandate->max_per_day)
		return RAIL_PASS;
	return rail_no(says, RAIL_HOLD, "%zu of at most %lld changes were begun in the last 24 "
	    "hours", n,
	    (long long)in->mandate->max_per_day);
}

static enum rail_verdict rail_cool_down(const struct rail_input *in, struct rail_says *says)
{
	const struct past *past = in->past;
	char until[TEXT_TIME_BYTES];

	if (in->plan->is_rollback || past->last_end_at == 0 ||
	    age(in, past->last_end_at) >= in->mandate->cool_down_s)
		return RAIL_PASS;
	says->until_at = past->last_end_at + in->mandate->cool_down_s;
	return rail_no(says, RAIL_HOLD, "the last change has just ended: the next may begin at %s",
	    text_from_time(says->until_at, until));
}

static enum rail_verdict rail_breaker(const struct rail_input *in, struct rail_says *says)
{
	size_t n = in->past->n_failed_row;

	if (in->plan->is_rollback || n < (uint64_t)in->mandate->breaker_after)
		return RAIL_PASS;
	return rail_no(says, RAIL_HOLD, "the last %zu changes failed: look at history, then say "
	    "remediate_certs retry RUN", n);
}

static enum rail_verdict rail_poll_complete(const struct rail_input *in, struct rail_says *says)
{
	const struct view *v = in->view;

	if (!v->is_reachable)
		return rail_no(says, RAIL_REFUSE, "the target cannot be asked: %s",
		    v->poll_err.text);
	if (v->poll_err.code != ERR_NONE)
		return rail_no(says, RAIL_REFUSE, "the poll was not complete: %s",
		    v->poll_err.text);
	if (!v->is_complete)
		return rail_no(says, RAIL_REFUSE, "the poll was not complete: what is missing may "
		    "matter");
	return RAIL_PASS;
}

#define NOT_TECHNICAL false
#define TECHNICAL true

static const struct rail rows[] = {
	{ "mode", RAIL_EACH_ACT, NOT_TECHNICAL, rail_mode,
	    "mode is approve or auto" },
	{ "worker-host", RAIL_EACH_ACT, NOT_TECHNICAL, rail_worker_host,
	    "this host is the worker_host" },
	{ "procedures", RAIL_EACH_ACT, NOT_TECHNICAL, rail_procedures,
	    "the procedure is listed in procedures; a rollback is not off" },
	{ "still-found", RAIL_ONCE, NOT_TECHNICAL, rail_still_found,
	    "a fresh poll still finds what is to be mended, or what a person asked for is still to "
	    "be done" },
	{ "pause", RAIL_EACH_ACT, NOT_TECHNICAL, rail_pause,
	    "nobody said pause, for this target or for all" },
	{ "downtime", RAIL_EACH_UNIT, NOT_TECHNICAL, rail_downtime,
	    "the last event told of no downtime, or downtime_hold has passed since" },
	{ "window", RAIL_EACH_UNIT, NOT_TECHNICAL, rail_window,
	    "the window is open" },
	{ "approval", RAIL_EACH_ACT, NOT_TECHNICAL, rail_approval,
	    "in mode approve: a member of approvers approved this very plan, not longer ago than "
	    "approval_valid, and with approval = unit again after each unit; a rollback wants the "
	    "same unless rollback is auto" },
	{ "max-per-day", RAIL_ONCE, NOT_TECHNICAL, rail_max_per_day,
	    "fewer than max_per_day changes were begun in the last 24 hours" },
	{ "cool-down", RAIL_ONCE, NOT_TECHNICAL, rail_cool_down,
	    "cool_down has passed since the last change ended" },
	{ "breaker", RAIL_ONCE, NOT_TECHNICAL, rail_breaker,
	    "fewer than breaker_after changes failed in a row" },
	{ "poll-complete", RAIL_EACH_ACT, TECHNICAL, rail_poll_complete,
	    "the poll read everything that it meant to read" },
	{ "one-change", RAIL_EACH_ACT, TECHNICAL, rail_one_change,
	    "nothing else is going on at the target: no replacement pending, every node JOINED, "
	    "changes allowed, cluster STABLE, no upgrade, backup or restore; at an Ops Manager no "
	    "installation running, the last one succeeded before a beginning, and nothing pending "
	    "unless apply_pending is yes" },
	{ "own-trust", RAIL_EACH_ACT, TECHNICAL, rail_own_trust,
	    "the certificate that will be served to us can be trusted by what is known before" },
	{ "product-renews", RAIL_ONCE, TECHNICAL, rail_product_renews,
	    "the product does not renew it by itself, or is overdue with it" },
	{ "vcf", RAIL_EACH_ACT, TECHNICAL, rail_vcf,
	    "from NSX 9 on: API and cluster certificates belong to SDDC Manager unless managed_by "
	    "is none" },
	{ "not-ours", RAIL_EACH_ACT, TECHNICAL, rail_not_ours,
	    "it is no certificate of a remote site, a principal identity, a compute manager or "
	    "another system" },
	{ "recreate", RAIL_EACH_ACT, TECHNICAL, rail_om_recreate,
	    "in mode auto: recreate_vms says whether Apply Changes recreates every VM" },
	{ "rotation-time", RAIL_EACH_ACT, TECHNICAL, rail_om_time,
	    "the active CA of an Ops Manager has not expired, and before a beginning has as much "
	    "time left as rotation_needs" },
	{ "tkgi", RAIL_EACH_ACT, TECHNICAL, rail_om_tkgi,
	    "TKGI is not installed on the Ops Manager" },
	{ "version", RAIL_EACH_ACT, TECHNICAL, rail_om_version,
	    "the Ops Manager tells its version, and it is the one that was planned with" },
	{ "one-rotation", RAIL_EACH_ACT, TECHNICAL, rail_om_one_rotation,
	    "one CA of the Ops Manager is active, and at most one is not" },
};

size_t rails_n(void)
{
	return sizeof rows / sizeof rows[0];
}

const struct rail *rails_at(size_t i)
{
	return &rows[i];
}

/* Is this row asked on this occasion? */
static bool applies(const struct rail *r, const struct rail_input *in)
{
	return !in->is_begun || r->when == RAIL_EACH_ACT ||
	    (r->when == RAIL_EACH_UNIT && in->begins_unit);
}

enum rail_verdict rails_ask(const struct rail_input *in, struct rail_says *says, size_t *n)
{
	enum rail_verdict worst = RAIL_PASS;

	*n = 0;
	for (size_t i = 0; i < rails_n(); i++) {
		struct rail_says *s = &says[*n];

		if (!applies(&rows[i], in))
			continue;
		*s = (struct rail_says){ .rail = rows[i].name,
		    .is_technical = rows[i].is_technical };
		s->verdict = rows[i].test(in, s);
		if (s->verdict == RAIL_PASS)
			continue;
		if (s->verdict > worst)
			worst = s->verdict;
		++*n;
	}
	return worst;
}
