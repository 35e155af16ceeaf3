/* rails.h - every condition of a change, one row each: name, test, reason.
 * Pure.  All are asked before a run begins and again before each act; a write
 * is reached through all of them or not at all. */
#ifndef CHECK_CERTS_RAILS_H
#define CHECK_CERTS_RAILS_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "remediate/journal.h"
#include "remediate/mandate.h"
#include "remediate/plan.h"
#include "remediate/view.h"

enum rail_verdict {
	RAIL_PASS,
	RAIL_HOLD,      /* not now: mode, approval, window, cap, downtime, pause, host */
	RAIL_REFUSE     /* technical: it would be wrong to do it as the world is */
};

struct rail_input {
	const struct mandate *mandate;
	const struct plan *plan;
	const char *plan_hash;
	const struct run *run;         /* NULL: none was made yet (subcommand plan) */
	const struct view *view;       /* fresh */
	const struct past *past;
	const char *host;              /* of this machine */
	int64_t now_at;
	bool is_begun;                 /* a step of this run was acted on: window, cap, cool-down,
	                                  downtime and breaker do not stop it half-way */
	bool begins_unit;              /* nothing was done in the unit of the step yet: window,
	                                  downtime and approval by unit are asked again */
	int64_t unit_since_at;         /* when the unit before it was finished; 0 */
	bool still_wanted;             /* a fresh poll still finds it */
};

struct rail_says {
	const char *rail;              /* name of the row */
	enum rail_verdict verdict;
	bool is_technical;             /* what makes `plan` exit with 1 */
	char reason[ERR_TEXT_BYTES];   /* one sentence; "" for RAIL_PASS */
	int64_t until_at;              /* when a hold may end; 0: not known */
};

/* A rail is asked before a run begins, and again ... */
enum rail_when {
	RAIL_ONCE,                     /* never */
	RAIL_EACH_UNIT,                /* before each unit of its plan begins */
	RAIL_EACH_ACT                  /* before each act */
};

struct rail {
	const char *name;              /* "window" */
	enum rail_when when;
	bool is_technical;
	enum rail_verdict (*test)(const struct rail_input *in, struct rail_says *says);
	const char *clause;            /* for the manual: what it wants */
};

size_t rails_n(void);
const struct rail *rails_at(size_t i);

/* Asks every row that applies.  says: room for rails_n(); *n those that do not
 * pass, in the order of the table.  The worst verdict. */
enum rail_verdict rails_ask(const struct rail_input *in, struct rail_says *says, size_t *n);

#endif
