/* choose.h - what is to be done next at a target, by a fresh look: what a
 * person asked for, else the worst that was found, else a clean-up. */
#ifndef CHECK_CERTS_CHOOSE_H
#define CHECK_CERTS_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>
#include "remediate/plan.h"
#include "remediate/rails.h"
#include "remediate/runner.h"

struct choice {
	struct plan plan;
	char hash[PLAN_HASH_BYTES];
	int64_t request_word;    /* 0: nobody asked */
	bool is_cleanup;
};
void choice_clear(struct choice *c);

/* What a look must see for everything that may be planned from it: current may
 * be NULL.  -1: the journal. */
int choose_wants(const struct runner *w, const struct run *current, struct view_wants *wants,
    struct err *e) MUST_USE;

/* What a look must see for this run to be planned again. */
void choice_wants(const struct runner *w, const struct run *r, struct view_wants *wants);

/* current: the open run that has not begun (id 0: none).  *verdict PLAN_READY:
 * *c is complete; else *why says why there is nothing.  Requests for which
 * there is nothing to do, or that cannot be, are closed with the reason, where
 * the look was good enough to say so.  -1: the journal. */
int choose(const struct runner *w, const struct run *current, const struct view *v,
    int64_t now_at, struct choice *c, enum plan_verdict *verdict, struct err *why, struct err *e)
    MUST_USE;

/* Would this run be planned again, exactly as it stands?  -1: the journal. */
int choice_holds(const struct runner *w, const struct run *r, const struct view *v,
    int64_t now_at, bool *holds, struct err *e) MUST_USE;

/* The way back for a run that was acted on; *verdict and *why as above. */
int choose_rollback(const struct runner *w, const struct run *r, const struct view *v,
    int64_t now_at, struct choice *c, enum plan_verdict *verdict, struct err *why, struct err *e)
    MUST_USE;

/* Journal a chosen plan as a new run in a state with its reason. */
int choice_add_run(const struct runner *w, const struct choice *c, enum run_state state,
    const char *message, int64_t now_at, int64_t *id, struct err *e) MUST_USE;

/* The state of a run that rails hold back, and the sentence why: of the rail
 * that only a person can lift, else of the first; the others are named. */
enum run_state held_state(const struct rail_says *says, size_t n, char reason[ERR_TEXT_BYTES]);

#endif
