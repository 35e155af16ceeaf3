/* move.c - the decision table of a step: no clock, no I/O. */
#include "remediate/move.h"

#define SEEN(s) (1u << (s))
#define VERB(v) (1u << (v))
#define SEEN_LATER (SEEN(SEEN_BUSY) | SEEN(SEEN_UNREACHABLE))
#define SEEN_NOT_DONE (SEEN(SEEN_READY) | SEEN(SEEN_NEITHER) | SEEN(SEEN_FAILED))
#define SEEN_ANY (SEEN_LATER | SEEN_NOT_DONE | SEEN(SEEN_GOAL))
#define VERB_ANY (VERB(VERB_READ) | VERB(VERB_REPEATABLE) | VERB(VERB_TRACEABLE) | VERB(VERB_ONCE))
#define VERB_SAFE (VERB(VERB_READ) | VERB(VERB_REPEATABLE))

enum { NEW_NONE = 1, NEW_ONE = 2, NEW_MORE = 4, NEW_ANY = 7 };

/* How long the row's move is put off or holds, counted from the state's own
 * moment: afterwards it is the row's other move. */
enum bound { NO_LIMIT, VERIFY_TIME, SETTLE_TIME, TRIES };

/* The first row that fits is the answer; the last fits everything. */
static const struct move_row {
	enum step_state state;
	unsigned seen, verbs, n_new;
	enum bound bound;
	enum move inside, after;       /* within the limit, and beyond it */
	const char *why, *why_after;
} rows[] = {
	{ STEP_NONE, SEEN(SEEN_GOAL), VERB_ANY, NEW_ANY, NO_LIMIT, MOVE_VERIFIED, MOVE_VERIFIED,
	    "it is so already", "" },
	{ STEP_NONE, SEEN(SEEN_READY), VERB_ANY, NEW_ANY, TRIES, MOVE_ACT, MOVE_STOP,
	    "it may be done", "it was tried as often as is allowed, and never done" },
	{ STEP_NONE, SEEN_LATER, VERB_ANY, NEW_ANY, VERIFY_TIME, MOVE_WAIT, MOVE_STOP,
	    "the target is not ready for it", "the target did not become ready in time" },
	{ STEP_NONE, SEEN(SEEN_NEITHER) | SEEN(SEEN_FAILED), VERB_ANY, NEW_ANY, NO_LIMIT, MOVE_STOP, MOVE_STOP,
	    "the world is not as planned", "" },

	{ STEP_INTENT, SEEN(SEEN_GOAL), VERB_ANY, NEW_ANY, NO_LIMIT, MOVE_VERIFIED, MOVE_VERIFIED,
	    "it was done", "" },
	{ STEP_INTENT, SEEN_LATER, VERB_ANY, NEW_ANY, VERIFY_TIME, MOVE_WAIT, MOVE_STOP,
	    "whether it was done cannot be told yet",
	    "whether it was done could not be told in time" },
	{ STEP_INTENT, SEEN(SEEN_READY), VERB_SAFE, NEW_ANY, SETTLE_TIME, MOVE_WAIT, MOVE_ACT,
	    "what a request without an answer did is not seen yet",
	    "it was not done, and doing it twice does no harm" },
	{ STEP_INTENT, SEEN(SEEN_NEITHER), VERB_SAFE, NEW_ANY, VERIFY_TIME, MOVE_WAIT, MOVE_STOP,
	    "what a request without an answer did is not seen yet",
	    "the world is not as planned, and not as a request without an answer would leave it" },
	{ STEP_INTENT, SEEN_NOT_DONE, VERB(VERB_TRACEABLE), NEW_ONE, NO_LIMIT, MOVE_ADOPT, MOVE_ADOPT,
	    "what a request without an answer made was found", "" },
	{ STEP_INTENT, SEEN_NOT_DONE, VERB(VERB_TRACEABLE), NEW_MORE, NO_LIMIT, MOVE_STOP, MOVE_STOP,
	    "more than one thing could be what a request without an answer made", "" },
	{ STEP_INTENT, SEEN(SEEN_READY), VERB(VERB_TRACEABLE), NEW_NONE, SETTLE_TIME, MOVE_WAIT,
	    MOVE_ACT, "what a request without an answer may have made is not seen yet",
	    "a request without an answer has made nothing" },
	{ STEP_INTENT, SEEN(SEEN_NEITHER), VERB(VERB_TRACEABLE), NEW_NONE, VERIFY_TIME, MOVE_WAIT,
	    MOVE_STOP, "what a request without an answer may have made is not seen yet",
	    "the world is not as planned, and not as a request without an answer would leave it" },
	{ STEP_INTENT, SEEN(SEEN_FAILED), VERB_SAFE | VERB(VERB_TRACEABLE), NEW_ANY, NO_LIMIT,
	    MOVE_STOP, MOVE_STOP, "the target says that it failed", "" },
	{ STEP_INTENT, SEEN_NOT_DONE, VERB(VERB_ONCE), NEW_ANY, NO_LIMIT, MOVE_STOP, MOVE_STOP,
	    "it may have been done or not, and must not be done twice", "" },

	{ STEP_ACTED, SEEN(SEEN_GOAL), VERB_ANY, NEW_ANY, NO_LIMIT, MOVE_VERIFIED, MOVE_VERIFIED,
	    "it has come true", "" },
	{ STEP_ACTED, SEEN(SEEN_FAILED), VERB_ANY, NEW_ANY, NO_LIMIT, MOVE_STOP, MOVE_STOP,
	    "it was done, and the target says that it failed", "" },
	{ STEP_ACTED, SEEN_ANY, VERB_ANY, NEW_ANY, VERIFY_TIME, MOVE_WAIT, MOVE_STOP,
	    "it was done and is not seen yet", "it was done and was not seen in its time" },

	{ STEP_VERIFIED, SEEN_ANY, VERB_ANY, NEW_ANY, NO_LIMIT, MOVE_VERIFIED, MOVE_VERIFIED,
	    "it is finished", "" },
	{ STEP_N_STATES, 0, 0, 0, NO_LIMIT, MOVE_STOP, MOVE_STOP,
	    "what was seen does not make sense", "" },
};

static unsigned new_bit(size_t n)
{
	return n == 0 ? NEW_NONE : n == 1 ? NEW_ONE : NEW_MORE;
}

static bool fits(const struct move_row *r, const struct move_input *in)
{
	return r->state == in->state && (r->seen & SEEN(in->seen)) != 0 &&
	    (r->verbs & VERB(in->verb)) != 0 && (r->n_new & new_bit(in->n_new)) != 0;
}

/* A clock that went back counts as no time passed. */
static bool time_is_up(const struct move_input *in, int64_t limit_s)
{
	return in->now_at >= in->since_at && in->now_at - in->since_at >= limit_s;
}

static bool is_over(enum bound bound, const struct move_input *in)
{
	switch (bound) {
	case VERIFY_TIME:
		return time_is_up(in, in->verify_s);
	case SETTLE_TIME:
		return time_is_up(in, in->settle_s);
	case TRIES:
		return in->tries >= MOVE_TRIES_MAX;
	case NO_LIMIT:
		break;
	}
	return false;
}

enum move next_move(const struct move_input *in, const char **reason)
{
	const struct move_row *row = rows;
	bool over;
	enum move move;

	while (row->state != STEP_N_STATES && !fits(row, in))
		row++;
	over = is_over(row->bound, in);
	move = over ? row->after : row->inside;
	*reason = over ? row->why_after : row->why;
	if (move == MOVE_ACT && row->bound == SETTLE_TIME && in->tries >= MOVE_TRIES_MAX) {
		*reason = "it was tried as often as is allowed, and never done";
		return MOVE_STOP;
	}
	return move;
}

bool move_undone(enum seen seen)
{
	return seen == SEEN_READY || seen == SEEN_NEITHER;
}

const char *move_name(enum move m)
{
	static const char *const names[] = {
		[MOVE_ACT] = "act", [MOVE_ADOPT] = "adopt", [MOVE_VERIFIED] = "verified",
		[MOVE_WAIT] = "wait", [MOVE_STOP] = "stop",
	};

	return names[m];
}
