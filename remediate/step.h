/* step.h - the kinds of step, a table: what to look at, what to do.
 *
 * Each step is observe / act / verify.  observe is pure and is asked before
 * the act (does the precondition hold, or the goal already?) and after it (has
 * it come true?), also by another process after a crash.  act sends one
 * request.  A further kind is one row and its functions. */
#ifndef CHECK_CERTS_STEP_H
#define CHECK_CERTS_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "remediate/api.h"
#include "remediate/journal.h"
#include "remediate/material.h"
#include "remediate/plan.h"
#include "remediate/view.h"

enum verb {
	VERB_READ,         /* its act changes nothing: may be done any number of times */
	VERB_REPEATABLE,   /* doing it twice equals doing it once */
	VERB_TRACEABLE,    /* what it made can be recognised afterwards, by the snapshot */
	VERB_ONCE          /* neither: a person decides when in doubt */
};

enum seen {
	SEEN_GOAL,         /* what the step is for is so */
	SEEN_READY,        /* not yet, and it may be done */
	SEEN_BUSY,         /* something is going on that will end by itself */
	SEEN_NEITHER,      /* the world is not as planned */
	SEEN_UNREACHABLE,  /* cannot be told now */
	SEEN_FAILED        /* the target says that it is over and came to nothing */
};

struct observation {
	enum seen seen;
	size_t n_new;          /* traceable: things that could be what we made */
	char *adopt;           /* owned; id of the only one; or the id that a reached goal binds;
	                          NULL where nothing is to be bound */
	char *adopt_sha256;    /* owned; NULL likewise */
	bool old_still_good;   /* the old certificate is there, with its key, and in its time */
	char text[ERR_TEXT_BYTES];   /* what was seen, one clause */
};

struct step_context {
	const struct plan *plan;
	const struct plan_step *step;
	const struct run *run;             /* with what earlier steps bound: new_id, new_sha256 */
	const struct step_record *record;  /* of this step */
	const struct step_record *records; /* of all steps of the run, in order; NULL: not known */
	size_t n_records;
	const struct mandate *mandate;
	int64_t now_at;
};

/* The id of the new certificate for this step: its own, the plan's, or what
 * the run bound; NULL: not made yet. */
const char *step_new_id(const struct step_context *c);
const char *step_new_sha256(const struct step_context *c);

struct step_kind {
	const char *name;                  /* "import" "apply" ... */
	enum verb verb;
	const char *title;                 /* for people, before the service and node */
	struct view_wants (*wants)(const struct step_context *c);   /* NULL: the usual view */
	void (*observe)(const struct step_context *c, const struct view *v, struct observation *out);
	/* What recognises later what the act will make, as JSON: what is there
	 * now; NULL: not needed.  Its text is journalled with the intent. */
	void (*snapshot)(const struct step_context *c, const struct view *v, struct buf *json);
	/* Local work before the intent is written (a key, an issued chain); NULL:
	 * none.  What it makes is handed to act, its fingerprint journalled. */
	int (*prepare)(const struct step_context *c, const struct view *v, struct goods *goods,
	    struct err *e);
	/* What act makes, and observe adopts, is the step's own (an installation; step_record.made)
	 * and not the run's certificate. */
	bool binds_step;
	/* NULL: to look is all there is to do; observe never says SEEN_READY.
	 * One request.  *bound (NULL: none): the id of what was made.  With API_DONE
	 * e's text is what the answer told besides, "" for nothing. */
	enum api_outcome (*act)(const struct step_context *c, const struct view *v, struct api *api,
	    struct api *global, const struct goods *goods, char **bound, struct err *e);
};

/* The row of a name, or NULL.  steps_nsx.c (and, for Ops Manager, its own). */
const struct step_kind *step_kind_find(const char *name);
extern const struct step_kind steps_nsx[];
extern const size_t n_steps_nsx;
extern const struct step_kind steps_opsman[];
extern const size_t n_steps_opsman;

void observation_clear(struct observation *o);

#endif
