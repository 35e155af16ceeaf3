/* test_move.c - the decision table: every input, and every way through it. */
#include "tests/unit/unit.h"

#include <string.h>
#include "remediate/move.h"

#define N_SEEN (SEEN_FAILED + 1)
#define N_VERBS (VERB_ONCE + 1)
#define SINCE 1000
#define VERIFY 100
#define SETTLE 40

/* Said apart from the product's table: what must come out. */
static enum move expected_intent(const struct move_input *in, bool settled, bool verify_over)
{
	bool tried = in->tries >= MOVE_TRIES_MAX;

	if (in->seen == SEEN_BUSY || in->seen == SEEN_UNREACHABLE)
		return verify_over ? MOVE_STOP : MOVE_WAIT;
	if (in->verb == VERB_ONCE)
		return MOVE_STOP;
	if (in->verb == VERB_TRACEABLE && in->n_new > 0)
		return in->n_new == 1 ? MOVE_ADOPT : MOVE_STOP;
	if (in->seen == SEEN_FAILED)
		return MOVE_STOP;
	if (in->seen == SEEN_NEITHER)
		return verify_over ? MOVE_STOP : MOVE_WAIT;
	if (!settled)
		return MOVE_WAIT;
	return tried ? MOVE_STOP : MOVE_ACT;
}

static enum move expected(const struct move_input *in)
{
	bool verify_over = in->now_at >= in->since_at + in->verify_s;
	bool settled = in->now_at >= in->since_at + in->settle_s;

	if (in->seen == SEEN_GOAL || in->state == STEP_VERIFIED)
		return MOVE_VERIFIED;
	if (in->state == STEP_INTENT)
		return expected_intent(in, settled, verify_over);
	if (in->state == STEP_ACTED)
		return verify_over || in->seen == SEEN_FAILED ? MOVE_STOP : MOVE_WAIT;
	if (in->seen == SEEN_READY)
		return in->tries < MOVE_TRIES_MAX ? MOVE_ACT : MOVE_STOP;
	if (in->seen == SEEN_NEITHER || in->seen == SEEN_FAILED || verify_over)
		return MOVE_STOP;
	return MOVE_WAIT;
}

typedef void each_fn(const struct move_input *in);

static void each_time(struct move_input in, each_fn *each)
{
	static const int64_t ages[] = { -5000, -1, 0, SETTLE - 1, SETTLE, VERIFY - 1, VERIFY, 1000000 };

	for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
		in.now_at = in.since_at + ages[i];
		each(&in);
	}
}

static void each_count(struct move_input in, each_fn *each)
{
	for (in.n_new = 0; in.n_new <= 2; in.n_new++) {
		for (in.tries = 0; in.tries <= MOVE_TRIES_MAX + 1; in.tries++)
			each_time(in, each);
	}
}

static void each_input(each_fn *each)
{
	struct move_input in = { .since_at = SINCE, .verify_s = VERIFY, .settle_s = SETTLE };

	for (int state = 0; state < STEP_N_STATES; state++) {
		for (int pair = 0; pair < N_VERBS * N_SEEN; pair++) {
			in.state = (enum step_state)state;
			in.verb = (enum verb)(pair / N_SEEN);
			in.seen = (enum seen)(pair % N_SEEN);
			each_count(in, each);
		}
	}
}

static void check_row(const struct move_input *in)
{
	const char *why = NULL;
	enum move move = next_move(in, &why), want = expected(in);

	ck_assert_msg(move == want, "state %d verb %d seen %d new %zu tries %u age %lld: %s, not %s",
	    in->state, in->verb, in->seen, in->n_new, in->tries,
	    (long long)(in->now_at - in->since_at), move_name(move), move_name(want));
	ck_assert_ptr_nonnull(why);
	if (move == MOVE_STOP || move == MOVE_WAIT)
		ck_assert_msg(why[0] != '\0', "state %d seen %d: no reason", in->state, in->seen);
}

START_TEST(test_every_input)
{
	each_input(check_row);
}
END_TEST

static void check_no_blind_act(const struct move_input *in)
{
	const char *why;

	if (next_move(in, &why) != MOVE_ACT)
		return;
	ck_assert(in->seen != SEEN_UNREACHABLE && in->seen != SEEN_BUSY && in->seen != SEEN_GOAL);
	ck_assert(in->state == STEP_NONE || in->state == STEP_INTENT);
	ck_assert(in->tries < MOVE_TRIES_MAX);
	ck_assert(in->state == STEP_NONE || in->verb != VERB_ONCE);
}

START_TEST(test_no_act_in_the_dark)
{
	each_input(check_no_blind_act);
}
END_TEST

/* More time passing never brings back what was given up. */
static void check_time_is_final(const struct move_input *in)
{
	struct move_input later = *in;
	const char *why;

	later.now_at += 1000;
	if (next_move(in, &why) == MOVE_STOP)
		ck_assert_int_eq(next_move(&later, &why), MOVE_STOP);
	if (in->now_at < in->since_at)
		later.now_at = in->since_at;
	if (next_move(&later, &why) == MOVE_WAIT)
		ck_assert(next_move(in, &why) == MOVE_WAIT);
}

START_TEST(test_time)
{
	each_input(check_time_is_final);
}
END_TEST

/* One step as a runner performs it, with a world that shows what it likes. */
struct walk {
	struct move_input in;
	int64_t acted_at;      /* of the last act that may have been done; 0: none */
	unsigned n_acts;
	int n_turns;
};

enum outcome { OUTCOME_DONE, OUTCOME_NOT_DONE, OUTCOME_CRASH, N_OUTCOMES };

static void walk_act(struct walk *w, enum outcome outcome)
{
	w->in.tries++;
	w->n_acts++;
	/* what came before was settled by check_second_act */
	w->acted_at = outcome == OUTCOME_NOT_DONE ? 0 : w->in.now_at;
	w->in.since_at = w->in.now_at;
	w->in.state = outcome == OUTCOME_DONE ? STEP_ACTED :
	    outcome == OUTCOME_CRASH ? STEP_INTENT : STEP_NONE;
}

/* `once` is never done again when it may have been done; `traceable` only
 * after the settle time has shown that nothing came of it. */
static void check_second_act(const struct walk *w)
{
	if (w->acted_at == 0)
		return;
	ck_assert_msg(w->in.verb != VERB_ONCE, "acted twice");
	if (w->in.verb == VERB_TRACEABLE) {
		ck_assert_uint_eq(w->in.n_new, 0);
		ck_assert(w->in.now_at - w->acted_at >= SETTLE);
	}
}

/* true: it came to its end. */
static bool walk_turn(struct walk *w, unsigned dice)
{
	const char *why;
	enum move move;

	w->n_turns++;
	w->in.seen = (enum seen)(dice % N_SEEN);
	w->in.n_new = dice / N_SEEN % 3;
	w->in.now_at += 1 + (int64_t)(dice / 16 % 30);
	move = next_move(&w->in, &why);
	switch (move) {
	case MOVE_ACT:
		check_second_act(w);
		walk_act(w, (enum outcome)(dice / 1024 % N_OUTCOMES));
		return false;
	case MOVE_ADOPT:
		w->in.state = STEP_ACTED;
		w->in.since_at = w->in.now_at;
		return false;
	case MOVE_WAIT:
		return false;
	case MOVE_VERIFIED:
		return true;
	case MOVE_STOP:
		ck_assert(why[0] != '\0');
		return true;
	}
	return true;
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void walk_from(enum step_state state, enum verb verb, unsigned tries, unsigned seed)
{
	struct walk w = { .in = { .state = state, .verb = verb, .tries = tries, .now_at = SINCE,
	    .since_at = SINCE, .verify_s = VERIFY, .settle_s = SETTLE } };

	if (state == STEP_INTENT || state == STEP_ACTED)
		w.acted_at = SINCE;
	while (!walk_turn(&w, next_random(&seed)))
		ck_assert_msg(w.n_turns < 1000, "state %d verb %d never ends", state, verb);
	ck_assert_uint_le(w.n_acts, MOVE_TRIES_MAX);
}

START_TEST(test_every_walk_ends)
{
	for (int state = 0; state < STEP_N_STATES; state++) {
		for (unsigned i = 0; i < 20000; i++)
			walk_from((enum step_state)state, (enum verb)(i % N_VERBS), i / 4 % 4, i * 7919 + 1);
	}
}
END_TEST

/* A multiple of every pair of seen and new, just beyond what divides the
 * outcomes: so that each outcome meets each pair. */
#define OUTCOME_DICE (N_SEEN * 3 * 57)

/* Every sequence of observations from every start, as deep as a step's tries. */
static void walk_all(struct walk w, int depth)
{
	for (unsigned dice = 0; dice < N_SEEN * 3; dice++) {
		for (unsigned outcome = 0; outcome < N_OUTCOMES; outcome++) {
			struct walk next = w;

			if (!walk_turn(&next, dice + N_SEEN * 3 * 40 + outcome * OUTCOME_DICE) && depth > 0)
				walk_all(next, depth - 1);
		}
	}
}

START_TEST(test_every_sequence)
{
	enum step_state state = (enum step_state)(_i / N_VERBS);
	struct walk w = { .in = { .state = state, .verb = (enum verb)(_i % N_VERBS), .now_at = SINCE,
	    .since_at = SINCE, .verify_s = VERIFY, .settle_s = SETTLE } };

	w.acted_at = state == STEP_INTENT || state == STEP_ACTED ? SINCE : 0;
	w.in.tries = w.acted_at != 0;
	walk_all(w, 2);
}
END_TEST

START_TEST(test_undone)
{
	ck_assert(!move_undone(SEEN_GOAL));
	ck_assert(!move_undone(SEEN_BUSY));
	ck_assert(!move_undone(SEEN_UNREACHABLE));
	ck_assert(move_undone(SEEN_READY));
	ck_assert(move_undone(SEEN_NEITHER));
	ck_assert(!move_undone(SEEN_FAILED));
}
END_TEST

START_TEST(test_names)
{
	for (int i = MOVE_ACT; i <= MOVE_STOP; i++) {
		for (int k = MOVE_ACT; k < i; k++)
			ck_assert_str_ne(move_name((enum move)i), move_name((enum move)k));
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("move");
	TCase *t = tcase_create("table");

	tcase_add_test(t, test_every_input);
	tcase_add_test(t, test_no_act_in_the_dark);
	tcase_add_test(t, test_time);
	tcase_add_test(t, test_every_walk_ends);
	tcase_add_loop_test(t, test_every_sequence, 0, STEP_N_STATES * N_VERBS);
	tcase_add_test(t, test_undone);
	tcase_add_test(t, test_names);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
