/* choose.c - what is to be done next at a target. */
#include "remediate/choose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/outside.h"
#include "remediate/plan_text.h"

void choice_clear(struct choice *c)
{
	plan_clear(&c->plan);
	memset(c, 0, sizeof *c);
}

/* A plan that was asked for is complete with its hash, or leaves nothing. */
static enum plan_verdict finish(struct choice *c, enum plan_verdict verdict)
{
	if (verdict == PLAN_READY)
		plan_hash(&c->plan, c->hash);
	else
		choice_clear(c);
	return verdict;
}

static enum plan_verdict plan_for(const struct runner *w, const struct view *v,
    const struct plan_request *wish, int64_t now_at, struct choice *c, struct err *why)
{
	const struct outside *o = outside_of(w->settings);

	memset(c, 0, sizeof *c);
	plan_init(&c->plan);
	return finish(c, o->plan(o->ctx, v, wish, now_at, &c->plan, why));
}

/* --- what has to be seen ------------------------------------------------------------------ */

#define ABOUT_HOSTS "nsx-host-certificate"

void choice_wants(const struct runner *w, const struct run *r, struct view_wants *wants)
{
	if (w->global != NULL)
		wants->site = true;
	if (r->procedure != NULL && strcmp(r->procedure, ABOUT_HOSTS) == 0)
		wants->hosts = true;
}

int choose_wants(const struct runner *w, const struct run *current, struct view_wants *wants,
    struct err *e)
{
	struct request *r = NULL;
	size_t n = 0;

	*wants = (struct view_wants){ .site = w->global != NULL };
	if (current != NULL)
		choice_wants(w, current, wants);
	if (w->journal == NULL)
		return 0;
	if (journal_requests(w->journal, w->mandate->target->name, &r, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(r[i].procedure, ABOUT_HOSTS) == 0)
			wants->hosts = true;
	}
	requests_free(r, n);
	return 0;
}

/* --- requests --------------------------------------------------------------------------- */

static bool is_good_look(const struct view *v)
{
	return v->is_complete && v->is_reachable && v->poll_err.code == ERR_NONE;
}

static int close_request(const struct runner *w, const struct request *r,
    enum plan_verdict verdict, const struct err *why, int64_t now_at, struct err *e)
{
	char *outcome = mem_printf("%s: %s", verdict == PLAN_NOTHING ? "nothing to do" : "refused",
	    why->text);
	int failed = journal_close_request(w->journal, r->word, outcome, now_at, e);

	free(outcome);
	return failed;
}

/* The first request that can be planned. */
static int choose_request(const struct runner *w, const struct view *v, int64_t now_at,
    struct choice *c, enum plan_verdict *verdict, struct err *e)
{
	struct request *r;
	size_t n;
	int failed = journal_requests(w->journal, w->mandate->target->name, &r, &n, e);

	*verdict = PLAN_NOTHING;
	if (failed)
		return -1;
	for (size_t i = 0; i < n && !failed; i++) {
		struct plan_request wish = { .procedure = r[i].procedure, .object = r[i].object };
		struct err why = { ERR_NONE, "" };

		*verdict = plan_for(w, v, &wish, now_at, c, &why);
		if (*verdict == PLAN_READY) {
			c->request_word = r[i].word;
			break;
		}
		if (is_good_look(v))
			failed = close_request(w, &r[i], *verdict, &why, now_at, e);
	}
	requests_free(r, n);
	return failed;
}

/* --- clean-ups ---------------------------------------------------------------------------- */

/* object NULL: the first that is due. */
static int choose_cleanup(const struct runner *w, const struct view *v, const char *object,
    int64_t now_at, struct choice *c, enum plan_verdict *verdict, struct err *e)
{
	const struct outside *o = outside_of(w->settings);
	struct run *runs;
	size_t n;

	*verdict = PLAN_NOTHING;
	if (journal_cleanups(w->journal, w->mandate->target->name, &runs, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n && *verdict != PLAN_READY; i++) {
		struct cleanup_wish wish = { .old_id = runs[i].object,
			.old_sha256 = runs[i].old_sha256, .done_at = runs[i].ended_at };
		struct err why = { ERR_NONE, "" };

		if (wish.old_id == NULL || (object != NULL && strcmp(object, wish.old_id) != 0))
			continue;
		memset(c, 0, sizeof *c);
		plan_init(&c->plan);
		*verdict = finish(c, o->cleanup(o->ctx, v, &wish, now_at, &c->plan, &why));
		c->is_cleanup = *verdict == PLAN_READY;
	}
	runs_free(runs, n);
	return 0;
}

/* --- the way back ------------------------------------------------------------------------- */

static bool *acted_of(const struct step_record *steps, size_t n_steps, size_t n_planned)
{
	bool *acted = mem_array(n_planned + 1, sizeof *acted);

	for (size_t i = 0; i < n_steps; i++) {
		if (steps[i].seq < n_planned)
			acted[steps[i].seq] = steps[i].intent_at != 0 &&
			    steps[i].state != STEP_NONE;
	}
	return acted;
}

int choose_rollback(const struct runner *w, const struct run *r, const struct view *v,
    int64_t now_at, struct choice *c, enum plan_verdict *verdict, struct err *why, struct err *e)
{
	const struct outside *o = outside_of(w->settings);
	struct step_record *steps = NULL;
	struct rollback_wish wish;
	struct plan done;
	bool *acted = NULL;
	size_t n = 0;

	memset(c, 0, sizeof *c);
	plan_init(&c->plan);
	*verdict = PLAN_REFUSED;
	if (plan_from_text(r->plan_json, &done, why) != 0)
		return 0;
	if (journal_steps(w->journal, r->id, &steps, &n, e) != 0) {
		plan_clear(&done);
		return -1;
	}
	acted = acted_of(steps, n, done.n_steps);
	wish = (struct rollback_wish){ .done = &done, .was_acted = acted, .run = r->id };
	*verdict = finish(c, o->rollback(o->ctx, v, &wish, now_at, &c->plan, why));
	free(acted);
	steps_free(steps, n);
	plan_clear(&done);
	return 0;
}

/* --- all of it ---------------------------------------------------------------------------- */

/* What an open request's run was asked to do. */
static struct plan_request wish_of(const struct run *r)
{
	return (struct plan_request){ .procedure = r->procedure, .object = r->object };
}

int choose(const struct runner *w, const struct run *current, const struct view *v,
    int64_t now_at, struct choice *c, enum plan_verdict *verdict, struct err *why, struct err *e)
{
	enum plan_verdict cleanup;

	if (current->id != 0 && current->request_word != 0) {
		struct plan_request wish = wish_of(current);

		*verdict = plan_for(w, v, &wish, now_at, c, why);
		c->request_word = current->request_word;
		if (*verdict == PLAN_READY)
			return 0;
	}
	if (choose_request(w, v, now_at, c, verdict, e) != 0)
		return -1;
	if (*verdict == PLAN_READY)
		return 0;
	*verdict = plan_for(w, v, &(struct plan_request){ .procedure = NULL }, now_at, c, why);
	if (*verdict == PLAN_READY)
		return 0;
	if (choose_cleanup(w, v, NULL, now_at, c, &cleanup, e) != 0)
		return -1;
	*verdict = cleanup == PLAN_READY ? PLAN_READY : *verdict;
	return 0;
}

static int same_rollback(const struct runner *w, const struct run *r, const struct view *v,
    int64_t now_at, struct choice *c, enum plan_verdict *verdict, struct err *e)
{
	struct err why = { ERR_NONE, "" };
	struct run done;
	int failed;

	run_init(&done);
	failed = journal_get_run(w->journal, r->rollback_of, &done, e);
	if (!failed)
		failed = choose_rollback(w, &done, v, now_at, c, verdict, &why, e);
	run_clear(&done);
	return failed;
}

int choice_holds(const struct runner *w, const struct run *r, const struct view *v,
    int64_t now_at, bool *holds, struct err *e)
{
	struct plan_request wish = wish_of(r);
	enum plan_verdict verdict = PLAN_NOTHING;
	struct err why = { ERR_NONE, "" };
	struct choice c;
	int failed = 0;

	memset(&c, 0, sizeof c);
	if (r->rollback_of != 0)
		failed = same_rollback(w, r, v, now_at, &c, &verdict, e);
	else if (r->finding != NULL && strcmp(r->finding, RUN_CLEANUP) == 0)
		failed = choose_cleanup(w, v, r->object, now_at, &c, &verdict, e);
	else
		verdict = plan_for(w, v, r->request_word != 0 ? &wish :
		    &(struct plan_request){ .procedure = NULL }, now_at, &c, &why);
	*holds = !failed && verdict == PLAN_READY && r->plan_hash != NULL &&
	    strcmp(c.hash, r->plan_hash) == 0;
	if (verdict == PLAN_READY)
		choice_clear(&c);
	return failed;
}

int choice_add_run(const struct runner *w, const struct choice *c, enum run_state state,
    const char *message, int64_t now_at, int64_t *id, struct err *e)
{
	const struct plan *p = &c->plan;
	char *text = plan_to_text(p, e);
	/* borrowed from the choice: the journal only reads them */
	struct run r = { .target = (char *)w->mandate->target->name, .procedure = p->procedure,
		.finding = c->is_cleanup ? (char *)RUN_CLEANUP : p->finding, .object = p->object,
		.plan_json = text, .plan_hash = (char *)c->hash, .state = state,
		.message = (char *)message, .mode = (char *)mode_name(w->mandate->mode),
		.request_word = c->request_word, .rollback_of = p->rollback_of,
		.old_sha256 = p->old_sha256, .n_steps = p->n_steps };
	int failed = text == NULL ? -1 : journal_add_run(w->journal, &r, now_at, e);

	*id = r.id;
	free(text);
	return failed;
}

/* --- what the rails say ------------------------------------------------------------------- */

/* In this order: the first of these that says no gives the run its state. */
static const struct { const char *rail; enum run_state state; } lifted_by_person[] = {
	{ "mode", RUN_PLANNED }, { "approval", RUN_AWAITING_APPROVAL },
};

static const struct rail_says *find_says(const struct rail_says *says, size_t n, const char *rail)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(says[i].rail, rail) == 0)
			return &says[i];
	}
	return NULL;
}

enum run_state held_state(const struct rail_says *says, size_t n, char reason[ERR_TEXT_BYTES])
{
	const struct rail_says *main_one = &says[0];
	enum run_state state = RUN_HELD;
	struct buf text;

	for (size_t i = 0; i < sizeof lifted_by_person / sizeof lifted_by_person[0]; i++) {
		const struct rail_says *s = find_says(says, n, lifted_by_person[i].rail);

		if (s != NULL) {
			main_one = s;
			state = lifted_by_person[i].state;
			break;
		}
	}
	buf_init(&text, ERR_TEXT_BYTES - 1);
	buf_addf(&text, "%s: %s", main_one->rail, main_one->reason);
	for (size_t i = 0, k = 0; i < n; i++) {
		if (&says[i] != main_one)
			buf_addf(&text, "%s%s", k++ == 0 ? "; held too by " : ", ", says[i].rail);
	}
	snprintf(reason, ERR_TEXT_BYTES, "%s", buf_str(&text));
	buf_clear(&text);
	return state;
}
