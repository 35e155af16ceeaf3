/* runner_act.c - the one place where something is done to a target.
 *
 * The order is the safety: rails on this very look, goods, intent on disk,
 * pins published, act, outcome on disk.  Whatever fails before the act leaves
 * nothing done; whatever fails after it is found by the next look. */
#include "remediate/runner_internal.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/failpoint.h"
#include "remediate/run_facts.h"

/* --- may it be done? -------------------------------------------------------------------- */

static bool any_holds(const struct rail_says *says, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (says[i].verdict == RAIL_HOLD)
			return true;
	}
	return false;
}

/* What a pause or a window says holds until it says otherwise; what the target
 * itself says may pass in the time that the step has, or as long as it takes
 * where nothing is half done: before a unit. */
static enum turn_end held(struct turn *t, const struct rail_says *says, size_t n,
    enum rail_verdict worst, struct err *e)
{
	bool begins_unit = turn_begins_unit(t);
	char reason[ERR_TEXT_BYTES], until[TEXT_TIME_BYTES];
	enum run_state state = held_state(says, n, reason);
	int64_t end_at = t->in.since_at + t->in.verify_s;

	if (!run_is_begun(t->run))
		return turn_set(t, state, TURN_OVER, e, "%s", reason);
	if (begins_unit && state == RUN_AWAITING_APPROVAL)
		return turn_set(t, state, TURN_OVER, e, "%s", reason);
	if (worst == RAIL_HOLD || (begins_unit && any_holds(says, n)))
		return turn_set(t, RUN_HELD, TURN_OVER, e, "%s", reason);
	if (begins_unit)
		return turn_wait_held(t, e, "%s", reason);
	if (t->in.now_at < end_at)
		return turn_wait(t, e, "%s; it is looked at until %s", reason,
		    text_from_time(end_at, until));
	return turn_stop(t, e, "%s", reason);
}

/* TURN_PASS: every rail passes on the look of this turn. */
static enum turn_end ask_rails(struct turn *t, struct err *e)
{
	const struct outside *o = outside_of(t->w->settings);
	struct rail_says *says = mem_array(rails_n(), sizeof *says);
	struct rail_input in = { .mandate = &t->w->trusted.mandate, .plan = &t->plan,
		.plan_hash = t->run->plan_hash, .run = t->run, .view = &t->view,
		.host = t->w->settings->host, .now_at = t->in.now_at,
		.is_begun = run_is_begun(t->run), .begins_unit = turn_begins_unit(t),
		.unit_since_at = turn_unit_since_at(t), .still_wanted = true };
	struct past past;
	enum turn_end end = TURN_LOST;
	enum rail_verdict verdict;
	size_t n = 0;

	memset(&past, 0, sizeof past);
	if (!in.is_begun && choice_holds(t->w, t->run, &t->view, in.now_at, &in.still_wanted,
	    e) != 0)
		goto out;
	if (journal_past(t->w->journal, t->plan.target, in.now_at, &past, e) != 0)
		goto out;
	in.past = &past;
	verdict = o->rails(o->ctx, &in, says, &n);
	end = verdict == RAIL_PASS ? TURN_PASS : held(t, says, n, verdict, e);
out:
	past_clear(&past);
	free(says);
	return end;
}

/* What was verified and can be seen in any look must still be so: somebody who
 * undid it is not to be fought.  NULL: nothing was undone. */
static char *find_undone(const struct turn *t)
{
	const struct outside *o = outside_of(t->w->settings);
	char *words = NULL;

	for (size_t i = 0; i < t->seq && words == NULL; i++) {
		const struct step_kind *k = o->kind(o->ctx, t->plan.steps[i].kind);
		struct step_context c = t->context;
		struct observation seen;

		if (k == NULL || k->wants != NULL || k->verb != VERB_REPEATABLE)
			continue;
		memset(&seen, 0, sizeof seen);
		c.step = &t->plan.steps[i];
		c.record = &t->steps[i];
		k->observe(&c, &t->view, &seen);
		if (move_undone(seen.seen))
			words = mem_printf("step %zu was verified, and something undid it (%s)",
			    i + 1,
			    seen.text);
		observation_clear(&seen);
	}
	return words;
}

static enum turn_end may_act(struct turn *t, struct err *e)
{
	enum turn_end end = ask_rails(t, e);
	char *undone = end == TURN_PASS ? find_undone(t) : NULL;

	if (undone != NULL)
		end = turn_stop(t, e, "%s", undone);
	free(undone);
	return end;
}

/* --- what is done before and after ------------------------------------------------------ */

/* Both certificates are trusted before the first of them can be served: by
 * check_certs, which reads what is published, and by ourselves. */
static int trust_both(struct turn *t, const struct goods *goods, struct err *e)
{
	struct runner *w = t->w;
	struct pins more;

	memset(&more, 0, sizeof more);
	if (!t->plan.needs_pin)
		return facts_tell(w->settings, w->journal, w->mandate, NULL, t->in.now_at, e);
	pins_add(&more, t->plan.old_sha256);
	pins_add(&more, t->plan.new_sha256);
	pins_add(&more, t->run->new_sha256);
	pins_add(&more, goods->sha256[0] != '\0' ? goods->sha256 : NULL);
	if (facts_tell(w->settings, w->journal, w->mandate, &more, t->in.now_at, e) != 0)
		return -1;
	runner_trust(w, &more);
	return 0;
}

/* The goods are made before the intent: a key that nobody saw, a program that
 * took its time.  Afterwards the world is looked at again. */
static enum turn_end prepare(struct turn *t, struct goods *goods, struct err *e)
{
	struct err why = { ERR_NONE, "" };

	if (t->kind->prepare == NULL)
		return TURN_PASS;
	if (t->kind->prepare(&t->context, &t->view, goods, &why) != 0)
		return turn_stop(t, e, "%s", why.text);
	turn_look(t);
	return t->move == MOVE_ACT ? may_act(t, e) : TURN_ON;
}

static int write_intent(struct turn *t, const struct goods *goods, struct err *e)
{
	struct buf snapshot;
	const char *text = NULL;
	int failed;

	buf_init(&snapshot, 1024 * 1024);
	if (t->kind->snapshot != NULL) {
		t->kind->snapshot(&t->context, &t->view, &snapshot);
		text = buf_str(&snapshot);
	}
	failed = snapshot.overflow ? err_set(e, ERR_IO, "what the target has is too much to "
	    "remember") :
	    journal_intent(t->w->journal, t->run->id, t->seq, text,
	    goods->sha256[0] != '\0' ? goods->sha256 : NULL, t->context.step->call, t->in.now_at,
	    e);
	buf_clear(&snapshot);
	return failed;
}

static int64_t now_of(const struct turn *t)
{
	const struct outside *o = outside_of(t->w->settings);

	return o->now(o->ctx);
}

/* May have been done: the intent stands, as after a crash, and the next look
 * decides. */
static enum turn_end outcome_unknown(struct turn *t, const struct err *why, struct err *e)
{
	char *said = mem_printf("outcome unknown: %s", why->text);
	int failed = journal_note(t->w->journal, t->plan.target, t->run->id, "call", said,
	    now_of(t), e);

	free(said);
	return failed ? TURN_LOST : TURN_ON;
}

/* What the act made: the step's own, or the run's certificate. */
static int keep(const struct turn *t, const char *bound, const char *sha256, struct err *e)
{
	struct journal *j = t->w->journal;

	if (t->kind->binds_step)
		return journal_made(j, t->run->id, t->seq, bound, now_of(t), e);
	return journal_bind(j, t->run->id, bound, sha256, now_of(t), e);
}

/* besides: what the answer told beyond that; "" when nothing. */
static enum turn_end outcome_done(struct turn *t, const char *bound, const struct goods *goods,
    const char *besides, struct err *e)
{
	const char *sha256 = goods->sha256[0] != '\0' ? goods->sha256 : NULL;
	char *said;
	int failed;

	if (bound != NULL && keep(t, bound, sha256, e) != 0)
		return TURN_LOST;
	said = mem_printf("done%s%s", besides[0] != '\0' ? ": " : "", besides);
	failed = journal_acted(t->w->journal, t->run->id, t->seq, said, now_of(t), e);
	free(said);
	return failed ? TURN_LOST : TURN_ON;
}

static enum turn_end outcome_not_done(struct turn *t, enum api_outcome outcome,
    const struct err *why, struct err *e)
{
	if (journal_not_acted(t->w->journal, t->run->id, t->seq, why->text, now_of(t), e) != 0 ||
	    run_reload(t->w->journal, t->run, e) != 0)
		return TURN_LOST;
	if (outcome == API_REFUSED)
		return turn_stop(t, e, "%s", why->text);
	return turn_wait(t, e, "%s; it is tried again, %u of %d", why->text, t->in.tries + 1,
	    MOVE_TRIES_MAX);
}

static enum turn_end act(struct turn *t, const struct goods *goods, struct err *e)
{
	struct err why = { ERR_NONE, "" };
	char *bound = NULL;
	enum api_outcome outcome;
	enum turn_end end;

	FAIL_POINT("act");
	outcome = t->kind->act(&t->context, &t->view, t->w->api, t->w->global_api, goods, &bound,
	    &why);
	FAIL_POINT("acted");
	if (outcome == API_DONE)
		end = outcome_done(t, bound, goods, why.text, e);
	else if (outcome == API_UNKNOWN)
		end = outcome_unknown(t, &why, e);
	else
		end = outcome_not_done(t, outcome, &why, e);
	free(bound);
	return end;
}

/* A step without an act is done by looking: again, as long as it may take. */
static enum turn_end look_again(struct turn *t, struct err *e)
{
	if (t->in.now_at - t->in.since_at >= t->in.verify_s)
		return turn_stop(t, e, "it was looked for and not seen in its time (%s)",
		    t->seen.text);
	return turn_wait(t, e, "it is looked at again (%s)", t->seen.text);
}

enum turn_end turn_act(struct turn *t, struct err *e)
{
	struct goods goods;
	enum turn_end end = may_act(t, e);

	if (end == TURN_PASS && t->kind->act == NULL)
		return look_again(t, e);
	memset(&goods, 0, sizeof goods);
	if (end == TURN_PASS)
		end = prepare(t, &goods, e);
	if (end == TURN_PASS)
		end = turn_set(t, RUN_RUNNING, TURN_PASS, e, "it is done now");
	if (end == TURN_PASS && trust_both(t, &goods, e) != 0)
		end = TURN_LOST;
	if (end == TURN_PASS && t->w->api == NULL)
		end = turn_stop(t, e, "%s", t->w->api_err.text);
	if (end == TURN_PASS)
		end = write_intent(t, &goods, e) != 0 ? TURN_LOST : act(t, &goods, e);
	goods_wipe(&goods);
	return end;
}
