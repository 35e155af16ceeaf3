/* runner_stop.c - the ends of a run: done, failed, blocked, and the way back. */
#include "remediate/runner_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

/* The new certificate is not served in its time, and the old one would still
 * do: only where the documented apply of the old one is what undoes it, which
 * a batch can be taken back by too. */
static bool may_go_back(const struct turn *t)
{
	return t->kind != NULL && t->seq < t->n_steps &&
	    (t->kind->verb == VERB_REPEATABLE || t->context.step->n_uses > 0) &&
	    t->steps[t->seq].state == STEP_ACTED && t->seen.old_still_good && !t->plan.is_rollback;
}

/* What there is to say about the way back, behind the reason of the stop;
 * rollback = ask and auto make a run of its own, whose rails decide. */
static int offer_way_back(struct turn *t, char words[ERR_TEXT_BYTES], struct err *e)
{
	enum rollback rollback = t->w->mandate->rollback;
	struct err why = { ERR_NONE, "" };
	enum plan_verdict verdict;
	struct choice c;
	int64_t id;
	int failed;

	if (rollback == ROLLBACK_OFF) {
		snprintf(words, ERR_TEXT_BYTES, "; the old certificate is still good, and rollback "
		    "= off");
		return 0;
	}
	if (choose_rollback(t->w, t->run, &t->view, t->in.now_at, &c, &verdict, &why, e) != 0)
		return -1;
	if (verdict != PLAN_READY) {
		snprintf(words, ERR_TEXT_BYTES, "; there is no way back: %.400s", why.text);
		return 0;
	}
	c.plan.rollback_of = t->run->id;
	failed = choice_add_run(t->w, &c,
	    rollback == ROLLBACK_AUTO ? RUN_HELD : RUN_AWAITING_APPROVAL,
	    rollback == ROLLBACK_AUTO ? "it begins at once" : "the way back waits for approval",
	    t->in.now_at, &id, e);
	snprintf(words, ERR_TEXT_BYTES, "; run %lld applies the old certificate again",
	    (long long)id);
	choice_clear(&c);
	return failed;
}

enum turn_end turn_stop(struct turn *t, struct err *e, const char *fmt, ...)
{
	char reason[ERR_TEXT_BYTES], words[ERR_TEXT_BYTES] = "";
	enum run_state state = run_is_begun(t->run) ? RUN_BLOCKED : RUN_FAILED;
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof reason, fmt, args);
	va_end(args);
	if (state == RUN_BLOCKED && may_go_back(t) && offer_way_back(t, words, e) != 0)
		return TURN_LOST;
	return turn_set(t, state, TURN_OVER, e, "%.350s%.150s", reason, words);
}

/* A run that was taken back is over too. */
static int end_original(struct turn *t, struct err *e)
{
	struct run original;
	char *message;
	int failed;

	if (t->run->rollback_of == 0)
		return 0;
	run_init(&original);
	message = mem_printf("taken back by run %lld", (long long)t->run->id);
	failed = journal_get_run(t->w->journal, t->run->rollback_of, &original, e);
	if (!failed && run_is_open(original.state))
		failed = journal_set_run(t->w->journal, original.id, RUN_FAILED, message,
		    t->in.now_at,
		    e);
	run_clear(&original);
	free(message);
	return failed;
}

enum turn_end turn_finish(struct turn *t, struct err *e)
{
	const struct outside *o = outside_of(t->w->settings);

	t->in.now_at = o->now(o->ctx);
	if (end_original(t, e) != 0)
		return TURN_LOST;
	t->seq = t->plan.n_steps > 0 ? t->plan.n_steps - 1 : 0;
	return turn_set(t, RUN_DONE, TURN_OVER, e, "every step was done and seen");
}
