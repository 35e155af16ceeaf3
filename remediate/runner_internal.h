/* runner_internal.h - one look at one step, and what becomes of it; for
 * runner*.c only. */
#ifndef CHECK_CERTS_RUNNER_INTERNAL_H
#define CHECK_CERTS_RUNNER_INTERNAL_H

#include "remediate/choose.h"
#include "remediate/move.h"
#include "remediate/outside.h"
#include "remediate/plan.h"
#include "remediate/runner.h"

enum turn_end {
	TURN_PASS,     /* nothing speaks against the act, within this turn */
	TURN_ON,       /* look again */
	TURN_OVER,     /* as far as it goes now */
	TURN_LOST      /* the journal could not be written: nothing more is done */
};

/* Everything below run is of this turn alone. */
struct turn {
	struct runner *w;
	struct run *run;
	struct plan plan;
	struct step_record *steps;
	size_t n_steps, seq;          /* seq: the first that is not verified */
	const struct step_kind *kind;
	struct step_context context;
	struct view view;
	struct observation seen;
	struct move_input in;
	enum move move;
	const char *why;
};

/* Is the current step of a unit in which we have not done anything yet? */
bool turn_begins_unit(const struct turn *t);
/* When the units before it were finished; 0: there is none. */
int64_t turn_unit_since_at(const struct turn *t);

/* Look (again) at the current step, and decide. */
void turn_look(struct turn *t);

/* "step 2 of 5, apply API to nsx-02"; the caller frees. */
char *turn_label(const struct turn *t) MUST_USE;

/* Set the state with "<label>: <words>", bring t->run up to date, publish. */
enum turn_end turn_set(struct turn *t, enum run_state state, enum turn_end then, struct err *e,
    const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Wait for the poll interval, or not (once); the state meanwhile is waiting, or
 * held where it is a rail that is waited for. */
enum turn_end turn_wait(struct turn *t, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);
enum turn_end turn_wait_held(struct turn *t, struct err *e, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Stop: failed when nothing was acted on, else blocked, with the way back. */
enum turn_end turn_stop(struct turn *t, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Everything done. */
enum turn_end turn_finish(struct turn *t, struct err *e);

/* MOVE_ACT: rails, goods, intent, act, outcome. */
enum turn_end turn_act(struct turn *t, struct err *e);

#endif
