/* engine_world.h - the engine with a world of its own: a real journal, spool
 * and rails of permission; a target that is a few bits, steps that set them,
 * and a clock that moves when somebody sleeps.
 *
 * Every act checks what must be true before it: all rails passed on the very
 * look that it follows, and the intent is in the journal. */
#ifndef CHECK_CERTS_ENGINE_WORLD_H
#define CHECK_CERTS_ENGINE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/conf.h"
#include "remediate/outside.h"
#include "remediate/paths.h"
#include "remediate/worker.h"

#define ENGINE_STEPS_MAX 8
#define ENGINE_SCRIPT_MAX 64
#define ENGINE_HOST "mon1.example"

struct engine_world {
	int64_t now_at;
	struct paths paths;
	struct conf conf;
	struct worker_settings settings;
	struct outside outside;

	/* The target.  kinds: one letter a step: 'a' repeatable, 't' traceable,
	 * 'p' traceable and prepared, 'i' traceable and its own (an
	 * installation), 'o' once, 'l' only looked at. */
	const char *kinds, *procedure;
	const char *units;           /* a digit a step; NULL: there are no units */
	int64_t verify_s;            /* of each step; 60 */
	unsigned done;               /* bit a step: its goal is so */
	int64_t shows_after_s;       /* how long an effect takes to be seen */
	int64_t shown_at[ENGINE_STEPS_MAX];
	char seen[ENGINE_SCRIPT_MAX];       /* by look: 'g' 'r' 'b' 'u' 'n' 'f'; 0: by the bits */
	size_t n_new;
	bool old_still_good, is_nothing, is_incomplete, rollback_refused, cleanup_due;
	const char *variant;         /* in the plan: another one has another hash */
	bool needs_pin;

	enum api_outcome outcomes[ENGINE_SCRIPT_MAX];   /* by act; API_DONE */
	bool lost_and_done;          /* API_UNKNOWN: the work was done */
	enum rail_verdict technical[ENGINE_SCRIPT_MAX]; /* by question, besides the real ones */
	void (*on_look)(struct engine_world *w);
	void (*on_sleep)(struct engine_world *w);
	void (*on_act)(struct engine_world *w, size_t seq);

	/* What happened. */
	unsigned n_looks, n_asked, n_acts, n_sleeps, n_opened, n_closed, n_prepared;
	unsigned acts_of[ENGINE_STEPS_MAX];
	unsigned passed_look;        /* number of the look on which all rails passed */
};

/* Lines are put into [remediate prod].  The target is an NSX, or an Ops Manager. */
void engine_open(struct engine_world *w, const char *kinds, const char *lines);
void engine_open_opsman(struct engine_world *w, const char *kinds, const char *lines);
void engine_close(struct engine_world *w);

enum worker_end engine_pass(struct engine_world *w);     /* fails the test on an error */
enum worker_end engine_pass_err(struct engine_world *w, struct err *e);

/* Say something as who we are; hash and target may be NULL. */
void engine_say(struct engine_world *w, enum word_kind kind, const char *target, int64_t run,
    const char *hash);

/* The youngest run, and its state's name; run_clear it. */
struct run engine_run(struct engine_world *w);
void engine_expect(struct engine_world *w, int64_t run, enum run_state state, const char *words);

/* How many lines of the trail hold this text. */
unsigned engine_trail(struct engine_world *w, const char *text);

/* The published facts as text; the caller frees. */
char *engine_facts(struct engine_world *w);

#endif
