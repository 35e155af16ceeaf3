/* outside.h - the doors through which the engine reaches the world: the clock,
 * the target, the table of steps, the makers of plans, the rails.
 *
 * In the programs they are the real ones; a test of the engine gives its own
 * world and sees every one that was opened. */
#ifndef CHECK_CERTS_OUTSIDE_H
#define CHECK_CERTS_OUTSIDE_H

#include <stdint.h>
#include "lib/base/err.h"
#include "remediate/api.h"
#include "remediate/plan.h"
#include "remediate/rails.h"
#include "remediate/runner.h"
#include "remediate/step.h"

/* What plan_rollback is asked. */
struct rollback_wish { const struct plan *done; const bool *was_acted; int64_t run; };

/* What plan_cleanup is asked. */
struct cleanup_wish { const char *old_id, *old_sha256; int64_t done_at; };

struct outside {
	void *ctx;
	int64_t (*now)(void *ctx);                   /* wall clock, seconds */
	void (*sleep)(void *ctx, int64_t ms);
	struct api *(*open)(void *ctx, const struct worker_settings *s, const struct mandate *m,
	    struct err *e);
	void (*close)(void *ctx, struct api *a);
	void (*look)(void *ctx, const struct runner *w, const struct view_wants *wants,
	    struct view *out);
	const struct step_kind *(*kind)(void *ctx, const char *name);
	enum plan_verdict (*plan)(void *ctx, const struct view *v, const struct plan_request *wish,
	    int64_t now_at, struct plan *out, struct err *e);
	enum plan_verdict (*rollback)(void *ctx, const struct view *v,
	    const struct rollback_wish *wish, int64_t now_at, struct plan *out, struct err *e);
	enum plan_verdict (*cleanup)(void *ctx, const struct view *v,
	    const struct cleanup_wish *wish, int64_t now_at, struct plan *out, struct err *e);
	enum rail_verdict (*rails)(void *ctx, const struct rail_input *in, struct rail_says *says,
	    size_t *n);
};

extern const struct outside outside_real;

/* The settings' own, else the real one. */
const struct outside *outside_of(const struct worker_settings *s);

#endif
