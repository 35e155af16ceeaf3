/* worker_plan.c - what would be done, for the subcommand that shows it. */
#include "remediate/worker.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/choose.h"
#include "remediate/outside.h"
#include "remediate/worker_internal.h"

/* The open run, when it is of this very plan: its approval counts. */
static void find_run(const struct runner *w, const char *hash, struct run *r)
{
	struct err ignored;

	if (w->journal == NULL)
		return;
	if (journal_open_run(w->journal, w->mandate->target->name, r, &ignored) == 0 &&
	    r->id != 0 &&
	    r->plan_hash != NULL && strcmp(r->plan_hash, hash) == 0)
		return;
	run_clear(r);
	run_init(r);
}

static void ask_rails(const struct runner *w, const struct view *v, int64_t now_at,
    struct worker_plan *out)
{
	const struct outside *o = outside_of(w->settings);
	struct err ignored;
	struct past past;
	struct run r;
	struct rail_input in = { .mandate = &w->trusted.mandate, .plan = &out->plan,
		.plan_hash = out->hash, .view = v, .past = &past, .host = w->settings->host,
		.now_at = now_at, .still_wanted = true };

	run_init(&r);
	memset(&past, 0, sizeof past);
	find_run(w, out->hash, &r);
	if (r.id != 0)
		in.run = &r;
	if (w->journal != NULL &&
	    journal_past(w->journal, w->mandate->target->name, now_at, &past, &ignored) != 0)
		memset(&past, 0, sizeof past);
	out->says = mem_array(rails_n(), sizeof *out->says);
	out->rails = o->rails(o->ctx, &in, out->says, &out->n_says);
	past_clear(&past);
	run_clear(&r);
}

static void make(struct runner *w, struct worker_plan *out)
{
	const struct outside *o = outside_of(w->settings);
	struct view_wants wants = { .site = w->global != NULL };
	struct plan_request any = { .procedure = NULL };
	int64_t now_at;
	struct view v;

	memset(&v, 0, sizeof v);
	runner_look(w, &wants, &v);
	now_at = o->now(o->ctx);
	out->verdict = o->plan(o->ctx, &v, &any, now_at, &out->plan, &out->err);
	if (out->verdict == PLAN_READY) {
		plan_hash(&out->plan, out->hash);
		ask_rails(w, &v, now_at, out);
	}
	view_clear(&v);
}

/* The journal is the worker's: whoever may not read it sees a plan without the
 * past, and nothing else is lost. */
static int open_and_make(struct runner *w, struct worker_plan *out, struct err *e)
{
	struct err unreadable;
	struct pins none;

	if (journal_open(w->settings->paths->journal, true, &w->journal, &unreadable) != 0)
		w->journal = NULL;
	if (w->journal == NULL) {
		memset(&none, 0, sizeof none);
		runner_open_with(w, &none);
	} else if (runner_open(w, e) != 0) {
		journal_close(w->journal);
		return -1;
	}
	make(w, out);
	runner_close(w);
	if (w->journal != NULL)
		journal_close(w->journal);
	return 0;
}

int worker_plan(const struct worker_settings *s, const struct mandate *m, struct worker_plan *out,
    struct err *e)
{
	struct runner w = { .settings = s, .mandate = m };
	struct mandate global;
	bool has;
	int failed;

	memset(out, 0, sizeof *out);
	plan_init(&out->plan);
	if (global_mandate(s->conf, m, &global, &has, e) != 0)
		return -1;
	w.global = has ? &global : NULL;
	failed = open_and_make(&w, out, e);
	if (has)
		mandate_clear(&global);
	return failed;
}

void worker_plan_clear(struct worker_plan *p)
{
	plan_clear(&p->plan);
	free(p->says);
	memset(p, 0, sizeof *p);
}
