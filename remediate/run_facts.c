/* run_facts.c - journal in, facts out. */
#include "remediate/run_facts.h"

#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/publish.h"

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Since when the step is worked at: what is seen of it changes the sentence of
 * the run, and is no new beginning. */
static int take_since(struct facts *f, struct journal *j, const struct run *r, struct err *e)
{
	struct step_record *steps;
	size_t n;

	f->since_at = r->changed_at;
	if (r->begun_at == 0 || (r->state != RUN_RUNNING && r->state != RUN_WAITING))
		return 0;
	if (journal_steps(j, r->id, &steps, &n, e) != 0)
		return -1;
	f->since_at = latest(r->begun_at, r->retried_at);
	for (size_t i = 0; i < n; i++) {
		f->since_at = latest(f->since_at, steps[i].verified_at);
		if (steps[i].state == STEP_INTENT || steps[i].state == STEP_ACTED)
			f->since_at = latest(f->since_at, steps[i].intent_at);
	}
	steps_free(steps, n);
	return 0;
}

static int take_run(struct facts *f, struct journal *j, const struct run *r, struct err *e)
{
	f->has_run = true;
	f->run_id = r->id;
	f->run_state = mem_strdup(run_state_name(r->state));
	f->procedure = mem_strdup(r->procedure);
	f->plan_hash = mem_strdup(r->plan_hash);
	f->message = mem_strdup(r->message);
	f->steps = (int64_t)r->n_steps;
	if (r->begun_at != 0)
		f->step = (int64_t)(r->n_verified < r->n_steps ? r->n_verified + 1 : r->n_steps);
	return take_since(f, j, r, e);
}

/* The youngest into r; of one that was taken back, itself: that the way back
 * went well does not make it good. */
static int get_youngest(struct journal *j, const char *target, struct run *r, struct err *e)
{
	struct run *runs = NULL;
	size_t n = 0;
	int64_t id = 0;
	int failed = journal_runs(j, target, 1, &runs, &n, e);

	if (!failed && n > 0)
		id = runs[0].state == RUN_DONE && runs[0].rollback_of != 0 ? runs[0].rollback_of :
		    runs[0].id;
	runs_free(runs, n);
	return failed || id == 0 ? failed : journal_get_run(j, id, r, e);
}

/* The open one, else the youngest. */
static int take_latest(struct facts *f, struct journal *j, const char *target, struct err *e)
{
	struct run r;
	int failed;

	run_init(&r);
	failed = journal_open_run(j, target, &r, e);
	if (!failed && r.id == 0)
		failed = get_youngest(j, target, &r, e);
	if (!failed && r.id != 0)
		failed = take_run(f, j, &r, e);
	run_clear(&r);
	return failed;
}

static void take_pins(struct facts *f, const struct pins *p)
{
	for (size_t i = 0; i < p->n && f->n_pins < FACTS_PINS_MAX; i++) {
		if (text_from_hex(p->sha256[i], f->pins[f->n_pins], CERT_SHA256_BYTES) == 0)
			f->n_pins++;
	}
}

int facts_tell(const struct worker_settings *s, struct journal *j, const struct mandate *m,
    const struct pins *more, int64_t now_at, struct err *e)
{
	const char *target = m->target->name;
	struct facts f;
	struct past past;
	struct pins pins;
	int failed = -1;

	facts_init(&f);
	memset(&past, 0, sizeof past);
	f.target = mem_strdup(target);
	f.worker_seen_at = now_at;
	if (take_latest(&f, j, target, e) || journal_past(j, target, now_at, &past, e) ||
	    pins_of_target(j, target, &pins, e))
		goto out;
	for (size_t i = 0; more != NULL && i < more->n; i++)
		pins_add(&pins, more->sha256[i]);
	take_pins(&f, &pins);
	f.breaker_open = past.n_failed_row >= (uint64_t)m->breaker_after;
	failed = publish_facts(s->paths, &f, e);
out:
	past_clear(&past);
	facts_clear(&f);
	return failed;
}
