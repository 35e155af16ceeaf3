/* fetch_queue.c - transfers from fetch_start to fetch_wait. */
#include "lib/source/fetch_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"

#define WATCHES_PER_STALL 8

struct fetch {
	struct fetch_wire *wire;
	int64_t deadline_ms;
	const struct trace *trace;
	struct fetch_limits limits;
	struct fetch_transfer **v;         /* in the order of fetch_start */
	size_t n, cap, n_running, n_done;
	int64_t watch_ms;                  /* when to look for stalled ones again */
};

static const char *const verb_names[] = {
	[FETCH_GET] = "GET", [FETCH_POST] = "POST", [FETCH_PEEK] = "PEEK", [FETCH_PUT] = "PUT",
	[FETCH_PATCH] = "PATCH", [FETCH_DELETE] = "DELETE"
};

static int64_t earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* --- the end of a transfer ---------------------------------------------------- */

/* Give back what it held: connection, place, lock. */
static void release(struct fetch *f, struct fetch_transfer *t)
{
	fetch_wire_close(f->wire, t);
	if (t->phase == PHASE_RUNNING)
		f->n_running--;
	if (t->lock_fd >= 0)
		close(t->lock_fd);             /* and so unlocks it */
	t->lock_fd = -1;
	t->phase = PHASE_DONE;
	f->n_done++;
}

/* The answer is as complete as it will be. */
static void settle(struct fetch *f, struct fetch_transfer *t)
{
	struct fetch_answer *a = &t->answer;

	release(f, t);
	if (t->begun_ms != 0)
		a->elapsed_ms = clock_mono_ms() - t->begun_ms;
	a->only_expired = t->verdict.outcome == VERDICT_ONLY_EXPIRED;
	a->chain = t->verdict.chain;
	t->verdict.chain = (struct fetch_chain){ 0 };
	if (a->err.code != ERR_NONE)
		buf_wipe(&a->body);
	/* What is no address may be a password: it is not repeated. */
	if (t->address.where != NULL)
		err_prefix(&a->err, "%s", t->address.where);
	fetch_trace_answer(f->trace, t->label, verb_names[t->verb],
	    t->address.where != NULL ? t->url : "(unusable)", a, t->reader.n_body_bytes);
}

/* Its time is up.  A peek that has its chain has all it came for. */
static void expire(struct fetch *f, struct fetch_transfer *t, enum fetch_stage stage)
{
	if (t->verb != FETCH_PEEK || t->verdict.chain.n == 0)
		fetch_timed_out(stage, t->lock_path, &t->answer.err);
	settle(f, t);
}

static enum fetch_stage stage_of(const struct fetch_transfer *t)
{
	if (t->phase == PHASE_RUNNING)
		return fetch_wire_stage(t);
	return t->lock_fd >= 0 ? FETCH_STAGE_LOCK : FETCH_STAGE_QUEUE;
}

static void expire_all(struct fetch *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i]->phase != PHASE_DONE)
			expire(f, f->v[i], stage_of(f->v[i]));
}

static void transfer_free(struct fetch_transfer *t)
{
	fetch_answer_clear(&t->answer);
	fetch_address_clear(&t->address);
	verdict_clear(&t->verdict);
	free(t->url);
	free(t->label);
	free(t->lock_path);
	free(t);
}

/* --- its course ------------------------------------------------------------------ */

/* May it begin?  Settles it when its lock cannot be used at all. */
static bool has_lock(struct fetch *f, struct fetch_transfer *t)
{
	struct err *e = &t->answer.err;
	int locked = -1;

	if (t->lock_path == NULL)
		return true;
	if (t->lock_fd < 0)
		t->lock_fd = fetch_lock_open(t->lock_path, e);
	if (t->lock_fd >= 0)
		locked = fetch_lock_try(t->lock_fd, t->lock_path, e);
	if (locked < 0)
		settle(f, t);
	return locked > 0;
}

/* Returns when to try again: somebody else's lock makes no sound. */
static int64_t begin_queued(struct fetch *f)
{
	int64_t again_ms = INT64_MAX;

	if (clock_mono_ms() >= f->deadline_ms)
		return again_ms;
	for (size_t i = 0; i < f->n && f->n_running < f->limits.n_running_max; i++) {
		struct fetch_transfer *t = f->v[i];

		if (t->phase != PHASE_QUEUED)
			continue;
		if (!has_lock(f, t)) {
			again_ms = clock_mono_ms() + FETCH_LOCK_TRY_MS;
			continue;
		}
		t->begun_ms = clock_mono_ms();
		t->phase = PHASE_RUNNING;
		f->n_running++;
		if (fetch_wire_begin(f->wire, t) != 0)
			settle(f, t);
	}
	return again_ms;
}

/* An answer that has begun must keep coming. */
static void watch(struct fetch *f, struct fetch_transfer *t, int64_t now_ms)
{
	const struct fetch_limits *l = &f->limits;
	const size_t n = t->reader.header_bytes + t->reader.n_body_bytes;
	const bool is_full = t->window_ms != 0 && now_ms - t->window_ms >= l->stall_ms;

	if (t->verb == FETCH_PEEK || fetch_wire_stage(t) != FETCH_STAGE_ANSWER)
		return;
	if (is_full && (n - t->window_bytes) * 1000 < l->stall_bytes_per_s * (size_t)l->stall_ms) {
		expire(f, t, FETCH_STAGE_STALLED);
	} else if (is_full || t->window_ms == 0) {
		t->window_ms = now_ms;
		t->window_bytes = n;
	}
}

/* Returns when to look again: not at every byte, there may be hundreds. */
static int64_t watch_all(struct fetch *f)
{
	const int64_t now_ms = clock_mono_ms();

	if (now_ms >= f->watch_ms) {
		for (size_t i = 0; i < f->n; i++)
			if (f->v[i]->phase == PHASE_RUNNING)
				watch(f, f->v[i], now_ms);
		f->watch_ms = now_ms + f->limits.stall_ms / WATCHES_PER_STALL + 1;
	}
	return f->n_running > 0 ? f->watch_ms : INT64_MAX;
}

/* All that can be done without waiting.  Returns when to look again. */
static int64_t pump(struct fetch *f)
{
	const int64_t again_ms = begin_queued(f);
	struct fetch_transfer *t;

	fetch_wire_move(f->wire);
	while ((t = fetch_wire_ended(f->wire)) != NULL)
		settle(f, t);
	return earliest(again_ms, watch_all(f));
}

static bool hand_back(struct fetch *f, struct fetch_answer *a)
{
	for (size_t i = 0; f->n_done > 0 && i < f->n; i++) {
		struct fetch_transfer *t = f->v[i];

		if (t->phase != PHASE_DONE)
			continue;
		f->n--;
		f->n_done--;
		memmove(&f->v[i], &f->v[i + 1], (f->n - i) * sizeof *f->v);
		*a = t->answer;
		t->answer = (struct fetch_answer){ 0 };
		transfer_free(t);
		return true;
	}
	return false;
}

/* --- the interface ------------------------------------------------------------------ */

int fetch_wait(struct fetch *f, int64_t wake_ms, struct fetch_answer *a)
{
	const int64_t end_ms = earliest(wake_ms, f->deadline_ms);

	while (!hand_back(f, a)) {
		const int64_t due_ms = earliest(pump(f), end_ms);
		const int64_t now_ms = clock_mono_ms();

		if (f->n_done > 0)
			continue;
		if (now_ms >= f->deadline_ms && f->n > 0)
			expire_all(f);
		else if (now_ms >= end_ms || (f->n == 0 && wake_ms == INT64_MAX))
			return 0;
		else if (due_ms > now_ms)
			fetch_wire_wait(f->wire, due_ms - now_ms);
	}
	return 1;
}

void fetch_start(struct fetch *f, const struct fetch_request *r)
{
	struct fetch_transfer *t = mem_alloc(sizeof *t);
	struct err *e = &t->answer.err;

	t->verb = r->verb;
	t->url = mem_strdup(r->url);
	t->label = mem_strdup(r->label);
	t->lock_path = mem_strdup(r->lock_path);
	t->lock_fd = -1;
	t->answer.source = r->source;
	t->answer.tag = r->tag;
	t->answer.retry_after_s = -1;
	buf_init(&t->answer.body, r->max_body_bytes > 0 ? r->max_body_bytes : FETCH_BODY_MAX_BYTES);
	t->reader = (struct fetch_reader){ .a = &t->answer, .trace = f->trace, .label = t->label };
	f->v = mem_grow(f->v, &f->cap, f->n + 1, sizeof *f->v);
	f->v[f->n++] = t;
	if (fetch_address_read(&t->address, r->url, r->verb != FETCH_PEEK, e) != 0 ||
	    fetch_request_check(r, t->address.host, e) != 0 ||
	    fetch_wire_open(f->wire, t, r, &f->limits) != 0)
		settle(f, t);
}

size_t fetch_pending(const struct fetch *f)
{
	return f->n;
}

struct fetch *fetch_new_limited(int64_t deadline_ms, const struct trace *trace,
    const struct fetch_limits *limits, struct err *e)
{
	struct fetch_wire *wire = fetch_wire_new(e);
	struct fetch *f;

	if (wire == NULL)
		return NULL;
	f = mem_alloc(sizeof *f);
	f->wire = wire;
	f->deadline_ms = deadline_ms;
	f->trace = trace;
	f->limits = *limits;
	return f;
}

struct fetch *fetch_new(int64_t deadline_ms, const struct trace *trace, struct err *e)
{
	const struct fetch_limits limits = {
		.connect_ms = FETCH_CONNECT_MS, .stall_ms = (int64_t)FETCH_STALL_S * 1000,
		.stall_bytes_per_s = FETCH_STALL_BYTES_PER_S, .n_running_max = FETCH_RUNNING_MAX
	};

	return fetch_new_limited(deadline_ms, trace, &limits, e);
}

void fetch_free(struct fetch *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n; i++) {
		release(f, f->v[i]);
		transfer_free(f->v[i]);
	}
	free(f->v);
	fetch_wire_free(f->wire);
	free(f);
}
