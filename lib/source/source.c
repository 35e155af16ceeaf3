/* source.c - the table of sources, and the loop that runs them all at once. */
#include "lib/source/source.h"

#include <assert.h>
#include <stdlib.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"

/* How many requests of one source may be under way.  An API is one server and
 * is treated gently; the listeners of [tls] are as many servers. */
static const struct {
	const struct source_ops *ops;
	size_t n_requests_max;
} kinds[SOURCE_N_KINDS] = {
	[SOURCE_NSX]    = { &source_nsx,    4 },
	[SOURCE_OPSMAN] = { &source_opsman, 4 },
	[SOURCE_TLS]    = { &source_tls,    50 },
	[SOURCE_FILES]  = { &source_files,  0 },
};

struct run {
	struct source_context context;
	const struct source_ops *ops;
	struct source *source;
	bool is_done;                    /* it wants nothing more */
	size_t n_requests;               /* under way */
	int64_t first_ms, last_ms;       /* first request, last answer */
};

static void run_open(struct run *r, const struct target *t, const struct collect_options *o,
    struct inventory *inv)
{
	r->ops = kinds[t->kind].ops;
	r->context = (struct source_context){
		.inv = inv, .target = t, .state_dir = o->state_dir, .now_at = o->now_at,
		.index = inventory_add_source(inv, t->name, t->kind)
	};
	source_note_target(&r->context);
}

static void begin(struct run *r, struct fetch *f, struct fetch_request *request, int64_t now_ms)
{
	request->source = r->context.index;
	request->label = r->context.target->name;
	fetch_start(f, request);
	r->n_requests++;
	r->context.inv->sources[r->context.index].n_requests++;
	if (r->first_ms == 0)
		r->first_ms = now_ms;
}

/* Ask a source until it wants to wait.  Returns when to ask again without an
 * answer. */
static int64_t ask(struct run *r, struct fetch *f)
{
	const size_t max = kinds[r->context.target->kind].n_requests_max;

	while (!r->is_done) {
		struct fetch_request request = { .trust = &r->context.target->trust,
		    .family = r->context.target->family };
		int64_t wake_ms = INT64_MAX;
		const int64_t now_ms = clock_mono_ms();

		if (max > 0 && r->n_requests == max)
			return INT64_MAX;
		switch (r->ops->next(r->source, now_ms, &request, &wake_ms)) {
		case WANT_REQUEST:
			begin(r, f, &request, now_ms);
			break;
		case WANT_WAKE:
			return wake_ms;
		case WANT_ANSWER:
			return INT64_MAX;
		case WANT_NOTHING:
			r->is_done = true;
		}
	}
	return INT64_MAX;
}

static void note_skew(struct source_status *s, const struct fetch_answer *a)
{
	const int64_t skew_s = a->date_at - a->received_at;

	if (!a->has_date || (s->has_skew && llabs(skew_s) <= llabs(s->skew_s)))
		return;
	s->has_skew = true;
	s->skew_s = skew_s;
}

static void give(struct run *r, struct fetch_answer *a)
{
	struct source_status *s = &r->context.inv->sources[r->context.index];

	r->n_requests--;
	r->last_ms = clock_mono_ms();
	note_skew(s, a);
	r->ops->take(r->source, r->last_ms, a);
	fetch_answer_clear(a);
}

/* Everybody's requests and answers, until nobody wants anything or the
 * deadline is there: fetch_wait hands back what is under way then. */
static void run_all(struct run *runs, size_t n, struct fetch *f, int64_t deadline_ms)
{
	struct fetch_answer a;

	while (clock_mono_ms() < deadline_ms) {
		int64_t wake_ms = INT64_MAX;

		for (size_t i = 0; i < n; i++) {
			const int64_t again_ms = ask(&runs[i], f);

			wake_ms = again_ms < wake_ms ? again_ms : wake_ms;
		}
		if (fetch_pending(f) == 0 && wake_ms == INT64_MAX)
			return;
		if (fetch_wait(f, wake_ms, &a) == 1)
			give(&runs[a.source], &a);
	}
	while (fetch_wait(f, INT64_MAX, &a) == 1)
		give(&runs[a.source], &a);
}

static bool says_why(const struct source_status *s)
{
	for (size_t i = 0; i < s->n_issues; i++)
		if (s->issues[i].kind != ISSUE_NOTE)
			return true;
	return false;
}

/* Whatever a source forgot to say, an incomplete one is never silent. */
static void run_finish(struct run *r)
{
	struct inventory *inv = r->context.inv;
	struct source_status *s;
	struct err e = { 0 };

	r->ops->finish(r->source);
	r->ops->close(r->source);
	s = &inv->sources[r->context.index];
	if (r->first_ms != 0)
		s->elapsed_ms = r->last_ms - r->first_ms;
	if (s->complete || says_why(s))
		return;
	if (r->is_done)
		err_set(&e, ERR_ANSWER, "not everything was read");
	else
		err_set(&e, ERR_TIMEOUT, "the time for this check ended before everything was read, "
		    "see the option -t");
	inventory_add_issue(inv, r->context.index, ISSUE_PARTIAL, &e);
}

int collect(const struct target *targets, size_t n_targets, const struct collect_options *o,
    struct inventory *inv, struct err *e)
{
	struct fetch *f = fetch_new(o->deadline_ms, o->trace, e);
	struct run *runs;

	if (f == NULL)
		return -1;
	assert(inv->n_sources == 0);
	runs = mem_array(n_targets, sizeof *runs);
	for (size_t i = 0; i < n_targets; i++)
		run_open(&runs[i], &targets[i], o, inv);
	for (size_t i = 0; i < n_targets; i++)
		runs[i].source = runs[i].ops->open(&runs[i].context);
	run_all(runs, n_targets, f, o->deadline_ms);
	for (size_t i = 0; i < n_targets; i++)
		run_finish(&runs[i]);
	fetch_free(f);
	free(runs);
	return 0;
}
