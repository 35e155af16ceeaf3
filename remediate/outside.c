/* outside.c - the doors to the real world. */
#include "remediate/outside.h"

#include <stdlib.h>
#include <time.h>
#include "lib/base/clock.h"
#include "lib/source/endpoint.h"
#include "lib/source/opsman_api.h"
#include "remediate/material.h"

static int64_t real_now(void *ctx)
{
	(void)ctx;
	return clock_wall_s();
}

/* May end early: whoever sleeps looks again. */
static void real_sleep(void *ctx, int64_t ms)
{
	struct timespec t = { .tv_sec = (time_t)(ms / 1000),
	    .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)ctx;
	(void)nanosleep(&t, NULL);
}

/* An Ops Manager loses calls that are made at the same time: ours wait for those
 * of check_certs, by the same lock.  *path NULL: none is needed. */
static int lock_of(const struct worker_settings *s, const struct target *t, char **path,
    struct err *e)
{
	char *endpoint;

	*path = NULL;
	if (t->kind != SOURCE_OPSMAN)
		return 0;
	if (paths_prepare_check(s->paths, e) != 0) {
		err_prefix(e, "the lock around calls, shared with check_certs");
		return -1;
	}
	endpoint = endpoint_from_url(t->url);
	*path = opsman_lock_path(s->paths->check, endpoint);
	free(endpoint);
	return 0;
}

static struct api *real_open(void *ctx, const struct worker_settings *s, const struct mandate *m,
    struct err *e)
{
	struct api *a = NULL;
	char *lock_path;

	(void)ctx;
	if (lock_of(s, m->target, &lock_path, e) == 0)
		a = api_open(m->target, m->credentials_path, lock_path, s->trace, e);
	if (a != NULL)
		api_remember(a, s->paths->private);
	free(lock_path);
	return a;
}

static void real_close(void *ctx, struct api *a)
{
	(void)ctx;
	if (a != NULL)
		api_close(a);
}

/* Where the poll keeps its memory, and the lock that lock_of means; NULL: nowhere,
 * as check_certs does without it.  What acts is not opened then. */
static const char *state_dir_of(const struct worker_settings *s, const struct target *t)
{
	struct err ignored = { ERR_NONE, "" };

	if (t->kind != SOURCE_OPSMAN)
		return s->paths->private;
	return paths_prepare_check(s->paths, &ignored) == 0 ? s->paths->check : NULL;
}

static void real_look(void *ctx, const struct runner *w, const struct view_wants *wants,
    struct view *out)
{
	const struct worker_settings *s = w->settings;

	(void)ctx;
	view_read(&w->trusted.mandate, &s->conf->policy, w->api, w->global_api, wants,
	    state_dir_of(s, w->trusted.mandate.target), clock_mono_ms() + s->view_limit_ms,
	    clock_wall_s(), s->trace, out);
}

static const struct step_kind *real_kind(void *ctx, const char *name)
{
	(void)ctx;
	return step_kind_find(name);
}

static enum plan_verdict real_plan(void *ctx, const struct view *v,
    const struct plan_request *wish, int64_t now_at, struct plan *out, struct err *e)
{
	struct material material;
	enum plan_verdict verdict;

	(void)ctx;
	material_look(v->mandate, &material);
	verdict = plan_make(v, v->mandate, &material, wish, now_at, out, e);
	material_clear(&material);
	return verdict;
}

static enum plan_verdict real_rollback(void *ctx, const struct view *v,
    const struct rollback_wish *wish, int64_t now_at, struct plan *out, struct err *e)
{
	(void)ctx;
	return plan_rollback(v, wish->done, wish->was_acted, wish->run, now_at, out, e);
}

static enum plan_verdict real_cleanup(void *ctx, const struct view *v,
    const struct cleanup_wish *wish, int64_t now_at, struct plan *out, struct err *e)
{
	(void)ctx;
	return plan_cleanup(v, v->mandate, wish->old_id, wish->old_sha256, wish->done_at, now_at,
	    out, e);
}

static enum rail_verdict real_rails(void *ctx, const struct rail_input *in,
    struct rail_says *says, size_t *n)
{
	(void)ctx;
	return rails_ask(in, says, n);
}

const struct outside outside_real = {
	.now = real_now, .sleep = real_sleep, .open = real_open, .close = real_close,
	.look = real_look, .kind = real_kind, .plan = real_plan, .rollback = real_rollback,
	.cleanup = real_cleanup, .rails = real_rails,
};

const struct outside *outside_of(const struct worker_settings *s)
{
	return s->outside != NULL ? s->outside : &outside_real;
}
