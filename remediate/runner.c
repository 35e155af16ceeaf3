/* runner.c - the loop: look, decide, perform. */
#include "remediate/runner_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/plan_text.h"
#include "remediate/run_facts.h"
#include "remediate/spool.h"
#include "remediate/words.h"

#define SLICE_MS 1000       /* how long a word waits while the worker sleeps */
#define SLEEP_MIN_MS 100
#define SETTLE_MIN_S 1      /* else the poll interval: what a lost request made shows by then */

/* --- calls and looks ---------------------------------------------------------------------- */

static struct api *open_api(const struct worker_settings *s, const struct mandate *m,
    struct err *e)
{
	const struct outside *o = outside_of(s);

	if (m->credentials_path != NULL)
		return o->open(o->ctx, s, m, e);
	err_set(e, ERR_CONFIG, "[remediate %s] names no credentials", m->target->name);
	return NULL;
}

void runner_open_with(struct runner *w, const struct pins *pins)
{
	struct err global_err;

	w->api = w->global_api = NULL;
	err_clear(&w->api_err);
	trusted_init(&w->trusted, w->mandate, pins);
	w->api = open_api(w->settings, &w->trusted.mandate, &w->api_err);
	/* a plan that needs the Global Manager sees that it was not read */
	if (w->global != NULL)
		w->global_api = open_api(w->settings, w->global, &global_err);
}

int runner_open(struct runner *w, struct err *e)
{
	struct pins pins;

	w->api = w->global_api = NULL;
	memset(&w->trusted, 0, sizeof w->trusted);
	if (pins_of_target(w->journal, w->mandate->target->name, &pins, e) != 0)
		return -1;
	runner_open_with(w, &pins);
	return 0;
}

void runner_trust(struct runner *w, const struct pins *more)
{
	struct pins pins = w->trusted.pins;
	size_t n = pins.n;

	for (size_t i = 0; i < more->n; i++)
		pins_add(&pins, more->sha256[i]);
	if (pins.n == n)
		return;
	runner_close(w);
	runner_open_with(w, &pins);
}

int run_reload(struct journal *j, struct run *r, struct err *e)
{
	int64_t id = r->id;

	run_clear(r);
	return journal_get_run(j, id, r, e);
}

bool run_is_begun(const struct run *r)
{
	return r->n_acted > 0 || r->retried_at != 0;
}

void runner_close(struct runner *w)
{
	const struct outside *o = outside_of(w->settings);

	if (w->api != NULL)
		o->close(o->ctx, w->api);
	if (w->global_api != NULL)
		o->close(o->ctx, w->global_api);
	w->api = w->global_api = NULL;
	trusted_clear(&w->trusted);
}

void runner_look(const struct runner *w, const struct view_wants *wants, struct view *out)
{
	static const struct view_wants usual = { .validate_id = NULL };
	const struct outside *o = outside_of(w->settings);

	o->look(o->ctx, w, wants != NULL ? wants : &usual, out);
	if (w->api == NULL && out->ops.err.code == ERR_NONE)
		out->ops.err = w->api_err;
}

/* --- one turn ----------------------------------------------------------------------------- */

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When did the state of this step begin?  For one that was not tried: when the
 * step before it was finished, the run begun, or a person said retry. */
static int64_t since_of(const struct turn *t)
{
	const struct step_record *r = &t->steps[t->seq];
	int64_t since = t->run->begun_at != 0 ? t->run->begun_at : t->in.now_at;

	if (r->state == STEP_INTENT)
		return r->intent_at;
	if (r->state == STEP_ACTED)
		return r->acted_at;
	if (t->seq > 0)
		since = latest(since, t->steps[t->seq - 1].verified_at);
	/* before a unit nothing is half done: it may wait as long as it has to */
	return turn_begins_unit(t) ? t->in.now_at : latest(since, t->run->retried_at);
}

void turn_look(struct turn *t)
{
	const struct outside *o = outside_of(t->w->settings);
	const struct step_record *r = &t->steps[t->seq];
	struct view_wants wants = { .validate_id = NULL };

	view_clear(&t->view);
	observation_clear(&t->seen);
	memset(&t->view, 0, sizeof t->view);
	memset(&t->seen, 0, sizeof t->seen);
	t->context = (struct step_context){ .plan = &t->plan, .step = &t->plan.steps[t->seq],
		.run = t->run, .record = r, .records = t->steps, .n_records = t->n_steps,
		.mandate = &t->w->trusted.mandate,
		.now_at = o->now(o->ctx) };
	if (t->kind->wants != NULL)
		wants = t->kind->wants(&t->context);
	if (!run_is_begun(t->run))
		choice_wants(t->w, t->run, &wants);
	runner_look(t->w, &wants, &t->view);
	t->context.now_at = t->in.now_at = o->now(o->ctx);
	t->kind->observe(&t->context, &t->view, &t->seen);
	t->in = (struct move_input){ .state = r->state, .verb = t->kind->verb,
		.seen = t->seen.seen, .n_new = t->seen.n_new, .tries = r->tries,
		.now_at = t->in.now_at, .verify_s = t->context.step->verify_s,
		.settle_s = latest(t->w->mandate->poll_interval_s, SETTLE_MIN_S) };
	t->in.since_at = since_of(t);
	t->move = next_move(&t->in, &t->why);
}

char *turn_label(const struct turn *t)
{
	const struct plan_step *s = &t->plan.steps[t->seq];
	const char *where = s->node_name != NULL ? s->node_name : s->node;

	return mem_printf("step %zu of %zu, %s%s%s%s%s", t->seq + 1, t->plan.n_steps,
	    t->kind != NULL ? t->kind->title : s->kind, s->service != NULL ? " " : "",
	    s->service != NULL ? s->service : "", where != NULL ? " on " : "",
	    where != NULL ? where : "");
}

/* A word may have ended the run meanwhile: then it stays as it is. */
static enum turn_end set_state(struct turn *t, enum run_state state, const char *message,
    enum turn_end then, struct err *e)
{
	const struct outside *o = outside_of(t->w->settings);
	struct journal *j = t->w->journal;
	int64_t now_at = o->now(o->ctx);

	if (run_reload(j, t->run, e) != 0)
		return TURN_LOST;
	if (!run_is_open(t->run->state))
		then = TURN_OVER;
	else if (journal_set_run(j, t->run->id, state, message, now_at, e) != 0 ||
	    run_reload(j, t->run, e) != 0)
		return TURN_LOST;
	if (facts_tell(t->w->settings, j, t->w->mandate, NULL, now_at, e) != 0)
		return TURN_LOST;
	return then;
}

static char *format(const struct turn *t, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
static char *format(const struct turn *t, const char *fmt, va_list args)
{
	char *label = turn_label(t), text[ERR_TEXT_BYTES], *message;

	vsnprintf(text, sizeof text, fmt, args);
	text_mask_controls(text);
	message = mem_printf("%s: %s", label, text);
	free(label);
	return message;
}

enum turn_end turn_set(struct turn *t, enum run_state state, enum turn_end then, struct err *e,
    const char *fmt, ...)
{
	enum turn_end end;
	va_list args;
	char *message;

	va_start(args, fmt);
	message = format(t, fmt, args);
	va_end(args);
	end = set_state(t, state, message, then, e);
	free(message);
	return end;
}

/* As long as the poll interval, or until somebody says something. */
static void sleep_or_listen(const struct turn *t)
{
	const struct worker_settings *s = t->w->settings;
	const struct outside *o = outside_of(s);
	int64_t left = t->w->mandate->poll_interval_s * 1000;

	for (left = left > SLEEP_MIN_MS ? left : SLEEP_MIN_MS; left > 0; left -= SLICE_MS) {
		o->sleep(o->ctx, left < SLICE_MS ? left : SLICE_MS);
		if (spool_has_words(s->paths->spool))
			break;
	}
}

/* Takes message. */
static enum turn_end wait_in(struct turn *t, enum run_state state, char *message, struct err *e)
{
	enum turn_end end = set_state(t, state, message, TURN_ON, e);

	free(message);
	if (end != TURN_ON)
		return end;
	if (t->w->settings->once)
		return TURN_OVER;
	sleep_or_listen(t);
	return TURN_ON;
}

enum turn_end turn_wait(struct turn *t, struct err *e, const char *fmt, ...)
{
	va_list args;
	char *message;

	va_start(args, fmt);
	message = format(t, fmt, args);
	va_end(args);
	return wait_in(t, RUN_WAITING, message, e);
}

enum turn_end turn_wait_held(struct turn *t, struct err *e, const char *fmt, ...)
{
	va_list args;
	char *message;

	va_start(args, fmt);
	message = format(t, fmt, args);
	va_end(args);
	return wait_in(t, RUN_HELD, message, e);
}

/* What the step itself made, as soon as it is seen; not what somebody else did. */
static int keep_own(struct turn *t, struct err *e)
{
	char **made = &t->steps[t->seq].made;

	if (t->in.state == STEP_NONE || t->seen.adopt == NULL ||
	    (*made != NULL && strcmp(*made, t->seen.adopt) == 0))
		return 0;
	free(*made);
	*made = mem_strdup(t->seen.adopt);
	return journal_made(t->w->journal, t->run->id, t->seq, *made, t->in.now_at, e);
}

/* What the run binds from now on: what it has not bound yet of the new
 * certificate, whose id may have been known before its fingerprint. */
static int bind(struct turn *t, struct err *e)
{
	const struct run *r = t->run;
	const char *sha256 = t->seen.adopt_sha256 != NULL ? t->seen.adopt_sha256 :
	    t->steps[t->seq].sha256;

	if (t->kind->binds_step)
		return keep_own(t, e);
	if (t->seen.adopt == NULL || (r->new_id != NULL && strcmp(r->new_id, t->seen.adopt) != 0) ||
	    (r->new_id != NULL && (r->new_sha256 != NULL || sha256 == NULL)))
		return 0;
	return journal_bind(t->w->journal, r->id, t->seen.adopt, sha256, t->in.now_at, e);
}

static enum turn_end turn_verified(struct turn *t, struct err *e)
{
	const char *said = t->seen.text[0] != '\0' ? t->seen.text : t->why;

	if (bind(t, e) != 0 || journal_verified(t->w->journal, t->run->id, t->seq, said,
	    t->in.now_at,
	    e) != 0)
		return TURN_LOST;
	if (t->run->state == RUN_RUNNING || t->run->state == RUN_WAITING)
		return turn_set(t, RUN_RUNNING, TURN_ON, e, "%s", said);
	return TURN_ON;
}

static enum turn_end turn_adopt(struct turn *t, struct err *e)
{
	if (bind(t, e) != 0 || journal_acted(t->w->journal, t->run->id, t->seq, t->why,
	    t->in.now_at,
	    e) != 0)
		return TURN_LOST;
	return TURN_ON;
}

/* Since when, until when, and what is seen: last, as it may be long. */
static enum turn_end turn_wait_for_it(struct turn *t, struct err *e)
{
	char since[TEXT_TIME_BYTES], until[TEXT_TIME_BYTES];

	if (t->steps[t->seq].state == STEP_NONE && turn_begins_unit(t))
		return turn_wait(t, e, "%s (%s)", t->why, t->seen.text);
	return turn_wait(t, e, "%s, since %s; it is looked at until %s (%s)", t->why,
	    text_from_time(t->in.since_at, since),
	    text_from_time(t->in.since_at + t->in.verify_s, until), t->seen.text);
}

static enum turn_end perform(struct turn *t, struct err *e)
{
	if (t->kind->binds_step && keep_own(t, e) != 0)
		return TURN_LOST;
	switch (t->move) {
	case MOVE_ACT:
		return turn_act(t, e);
	case MOVE_ADOPT:
		return turn_adopt(t, e);
	case MOVE_VERIFIED:
		return turn_verified(t, e);
	case MOVE_WAIT:
		return turn_wait_for_it(t, e);
	case MOVE_STOP:
		break;
	}
	return turn_stop(t, e, "%s (%s)", t->why, t->seen.text);
}

/* Can it be gone on with?  A blocked run waits for a person, an ended one is
 * over. */
static bool may_go_on(const struct run *r)
{
	return run_is_open(r->state) && r->state != RUN_BLOCKED;
}

static enum turn_end do_step(struct turn *t, struct err *e)
{
	const struct outside *o = outside_of(t->w->settings);

	while (t->seq < t->n_steps && t->steps[t->seq].state == STEP_VERIFIED)
		t->seq++;
	if (t->seq == t->plan.n_steps)
		return turn_finish(t, e);
	if (t->n_steps != t->plan.n_steps)
		return turn_stop(t, e, "the journal has %zu steps of it", t->n_steps);
	t->kind = o->kind(o->ctx, t->plan.steps[t->seq].kind);
	if (t->kind == NULL)
		return turn_stop(t, e, "this version has no such step");
	turn_look(t);
	return perform(t, e);
}

static enum turn_end take_turn(struct runner *w, struct run *r, struct err *e)
{
	struct turn t;
	enum turn_end end = TURN_LOST;
	struct err plan_err = { ERR_NONE, "" };

	memset(&t, 0, sizeof t);
	t.w = w;
	t.run = r;
	plan_init(&t.plan);
	if (words_take(w->settings, w->journal, e) != 0 ||
	    run_reload(w->journal, r, e) != 0 ||
	    journal_steps(w->journal, r->id, &t.steps, &t.n_steps, e) != 0)
		goto out;
	end = TURN_OVER;
	if (!may_go_on(r))
		goto out;
	if (plan_from_text(r->plan_json, &t.plan, &plan_err) != 0)
		end = set_state(&t, RUN_BLOCKED, plan_err.text, TURN_OVER, e);
	else
		end = do_step(&t, e);
out:
	observation_clear(&t.seen);
	view_clear(&t.view);
	steps_free(t.steps, t.n_steps);
	plan_clear(&t.plan);
	return end;
}

int runner_advance(struct runner *w, struct run *r, struct err *e)
{
	enum turn_end end;

	do
		end = take_turn(w, r, e);
	while (end == TURN_ON);
	return end == TURN_LOST ? -1 : 0;
}
