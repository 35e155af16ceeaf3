/* worker_target.c - one locked target: its open run, else what is found now. */
#include "remediate/worker_internal.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/choose.h"
#include "remediate/outside.h"
#include "remediate/run_facts.h"

#define RUNS_A_PASS 20   /* each is planned from a look of its own */

enum target_end { TARGET_AGAIN, TARGET_IDLE, TARGET_WAITING, TARGET_FAILED };

static int64_t now_of(const struct runner *w)
{
	const struct outside *o = outside_of(w->settings);

	return o->now(o->ctx);
}

static int open_run(const struct runner *w, struct run *r, struct err *e)
{
	run_clear(r);
	return journal_open_run(w->journal, w->mandate->target->name, r, e);
}

/* What a state means for this pass. */
static enum target_end end_of(const struct run *r)
{
	if (r->state == RUN_DONE)
		return TARGET_AGAIN;
	return r->state == RUN_PLANNED || r->state == RUN_ABANDONED ? TARGET_IDLE : TARGET_WAITING;
}

/* What failed, or was taken back, is told by the pass that saw it. */
static enum target_end tell_failure(const struct run *r, struct err *e)
{
	if (r->state == RUN_FAILED)
		err_set(e, ERR_REFUSED, "run %lld failed: %s", (long long)r->id, r->message);
	else
		err_set(e, ERR_REFUSED, "run %lld was taken back by run %lld",
		    (long long)r->rollback_of, (long long)r->id);
	return TARGET_FAILED;
}

/* A run that stopped may have left a way back, which is a run of its own. */
static enum target_end advance(struct runner *w, struct run *r, struct err *e)
{
	int64_t id = r->id;

	if (runner_advance(w, r, e) != 0)
		return TARGET_FAILED;
	if (r->state == RUN_FAILED || (r->state == RUN_DONE && r->rollback_of != 0))
		return tell_failure(r, e);
	if (r->state != RUN_BLOCKED)
		return end_of(r);
	if (open_run(w, r, e) != 0)
		return TARGET_FAILED;
	return r->id != id && r->rollback_of == id ? TARGET_AGAIN : TARGET_WAITING;
}

/* --- what the look gave ------------------------------------------------------------------- */

static int end_run(const struct runner *w, const struct run *r, const char *why, struct err *e)
{
	return r->id == 0 ? 0 : journal_set_run(w->journal, r->id, RUN_ABANDONED, why, now_of(w),
	    e);
}

/* The last line about this target that was noted says the same already. */
struct last_note { char *text; };

static void keep_note(void *ctx, const struct journal_entry *entry)
{
	struct last_note *last = ctx;

	if (strcmp(entry->kind, "verdict") != 0 || entry->run != 0)
		return;
	free(last->text);
	last->text = mem_strdup(entry->text);
}

/* Why something that was found is not mended: said once, not at each pass. */
static int note_refusal(const struct runner *w, const struct err *why, struct err *e)
{
	const char *target = w->mandate->target->name;
	struct last_note last = { NULL };
	int failed = journal_each(w->journal, target, 0, keep_note, &last, e);

	if (!failed && (last.text == NULL || strcmp(last.text, why->text) != 0))
		failed = journal_note(w->journal, target, 0, "verdict", why->text, now_of(w), e);
	free(last.text);
	return failed;
}

/* Nothing can be planned.  Only a look that saw everything ends a run. */
static enum target_end leave(const struct runner *w, const struct run *r, const struct view *v,
    enum plan_verdict verdict, const struct err *why, struct err *e)
{
	const char *text = verdict == PLAN_NOTHING ? "a fresh poll finds nothing to do any more" :
	    why->text;

	if (verdict == PLAN_REFUSED && note_refusal(w, why, e) != 0)
		return TARGET_FAILED;
	if (!v->is_complete || !v->is_reachable)
		return r->id != 0 ? TARGET_WAITING : TARGET_IDLE;
	return end_run(w, r, text, e) != 0 ? TARGET_FAILED : TARGET_IDLE;
}

static bool is_same(const struct run *r, const struct choice *c)
{
	return r->id != 0 && r->plan_hash != NULL && strcmp(r->plan_hash, c->hash) == 0;
}

/* The run of this choice: the one that is there, with its approval, or a new
 * one in its place. */
static int settle_run(const struct runner *w, struct run *r, const struct choice *c, struct err *e)
{
	int64_t old = r->id, id;
	char *words;
	int failed;

	if (is_same(r, c))
		return 0;
	/* the journal knows one open run a target, so the old one ends first */
	failed = end_run(w, r, "a fresh poll gives another plan", e) ||
	    choice_add_run(w, c, RUN_PLANNED, "not begun", now_of(w), &id, e);
	if (!failed && old != 0) {
		words = mem_printf("superseded by run %lld", (long long)id);
		failed = journal_set_run(w->journal, old, RUN_ABANDONED, words, now_of(w), e);
		free(words);
	}
	return failed ? -1 : open_run(w, r, e);
}

/* true: every rail passes.  Else the run says which does not. */
static int ask_rails(const struct runner *w, const struct run *r, const struct plan *p,
    const struct view *v, bool *pass, struct err *e)
{
	const struct outside *o = outside_of(w->settings);
	struct rail_says *says = mem_array(rails_n(), sizeof *says);
	char reason[ERR_TEXT_BYTES];
	struct past past;
	struct rail_input in = { .mandate = &w->trusted.mandate, .plan = p,
		.plan_hash = r->plan_hash, .run = r, .view = v, .past = &past,
		.host = w->settings->host, .now_at = now_of(w), .still_wanted = true };
	enum run_state state;
	size_t n = 0;
	int failed = journal_past(w->journal, r->target, in.now_at, &past, e);

	*pass = !failed && o->rails(o->ctx, &in, says, &n) == RAIL_PASS;
	if (!failed && !*pass) {
		state = held_state(says, n, reason);
		failed = journal_set_run(w->journal, r->id, state, reason, in.now_at, e);
	}
	past_clear(&past);
	free(says);
	return failed;
}

static enum target_end consider(struct runner *w, struct run *r, const struct view *v,
    struct err *e)
{
	struct err why = { ERR_NONE, "" };
	enum plan_verdict verdict;
	enum target_end end = TARGET_FAILED;
	struct choice c;
	bool pass = false;

	if (choose(w, r, v, now_of(w), &c, &verdict, &why, e) != 0)
		return TARGET_FAILED;
	if (verdict != PLAN_READY)
		return leave(w, r, v, verdict, &why, e);
	if (settle_run(w, r, &c, e) != 0 || ask_rails(w, r, &c.plan, v, &pass, e) != 0)
		goto out;
	if (pass)
		end = advance(w, r, e);
	else if (run_reload(w->journal, r, e) == 0)
		end = end_of(r);
out:
	choice_clear(&c);
	return end;
}

/* A way back is not superseded by what else is found: it is begun, or a person
 * says no. */
static enum target_end look_and_consider(struct runner *w, struct run *r, struct err *e)
{
	struct view_wants wants;
	enum target_end end;
	struct view v;

	if (r->rollback_of != 0)
		return advance(w, r, e);
	if (choose_wants(w, r, &wants, e) != 0)
		return TARGET_FAILED;
	memset(&v, 0, sizeof v);
	runner_look(w, &wants, &v);
	end = consider(w, r, &v, e);
	view_clear(&v);
	return end;
}

static enum target_end turn(struct runner *w, struct err *e)
{
	enum target_end end = TARGET_FAILED;
	struct run r;

	run_init(&r);
	if (open_run(w, &r, e) != 0)
		goto out;
	if (r.id != 0 && r.state == RUN_BLOCKED)
		end = TARGET_WAITING;
	else if (r.id != 0 && run_is_begun(&r))
		end = advance(w, &r, e);
	else
		end = look_and_consider(w, &r, e);
out:
	run_clear(&r);
	return end;
}

enum worker_end target_work(struct runner *w, struct err *e)
{
	enum target_end end = TARGET_FAILED;

	if (runner_open(w, e) != 0)
		return WORKER_FAILED;
	for (int i = 0; i < RUNS_A_PASS; i++) {
		end = turn(w, e);
		if (end != TARGET_AGAIN)
			break;
	}
	if (facts_tell(w->settings, w->journal, w->mandate, NULL, now_of(w), e) != 0)
		end = TARGET_FAILED;
	/* whatever was found: without its account the worker cannot do its work */
	if (end != TARGET_FAILED && w->api == NULL && w->mandate->mode != MODE_PLAN) {
		*e = w->api_err;
		end = TARGET_FAILED;
	}
	runner_close(w);
	if (end == TARGET_FAILED)
		return WORKER_FAILED;
	return end == TARGET_IDLE ? WORKER_IDLE : WORKER_WAITING;
}
