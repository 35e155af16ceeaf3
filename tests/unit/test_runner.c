/* test_runner.c - one run, from its plan to its end, whatever happens on the
 * way. */
#include "tests/unit/unit.h"

#include <string.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "tests/unit/engine_world.h"
#include "tests/unit/scratch.h"

#define AUTO "mode = auto\n"

static unsigned all_of(const struct engine_world *w)
{
	return (1u << strlen(w->kinds)) - 1;
}

START_TEST(test_goes_through)
{
	static const char *const plans[] = { "a", "aaa", "pa", "tla", "paaa", "o" };
	struct engine_world w;
	char *facts;

	engine_open(&w, plans[_i], AUTO);
	w.shows_after_s = 20;
	w.done = strchr(plans[_i], 'l') != NULL ? 1u << 1 : 0;
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_DONE, "every step");
	ck_assert_uint_eq(w.done, all_of(&w));
	ck_assert_uint_eq(w.n_acts, strlen(plans[_i]) - (strchr(plans[_i], 'l') != NULL));
	facts = engine_facts(&w);
	ck_assert_ptr_nonnull(strstr(facts, "\"done\""));
	free(facts);
	engine_close(&w);
}
END_TEST

/* The k-th act ends in every way. */
static void one_outcome(struct engine_world *w, const char *letters, unsigned k,
    enum api_outcome outcome, bool lost_and_done)
{
	engine_open(w, letters, AUTO);
	w->outcomes[k] = outcome;
	w->lost_and_done = lost_and_done;
	w->shows_after_s = 4;   /* less than the poll interval */
}

START_TEST(test_answer_lost)
{
	static const char *const plans[] = { "aaa", "pa", "ta", "aap" };
	unsigned k = (unsigned)_i % 3;
	struct engine_world w;

	one_outcome(&w, plans[_i / 3], k, API_UNKNOWN, true);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_DONE, "every step");
	for (size_t i = 0; i < strlen(w.kinds); i++)
		ck_assert_uint_eq(w.acts_of[i], 1);
	engine_close(&w);
}
END_TEST

/* Nothing was done: once more, after a settle time. */
START_TEST(test_request_lost)
{
	struct engine_world w;

	one_outcome(&w, "aa", (unsigned)_i, API_UNKNOWN, false);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_DONE, "every step");
	ck_assert_uint_eq(w.acts_of[_i], 2);
	ck_assert_uint_gt(w.n_sleeps, 2);
	ck_assert_uint_eq(engine_trail(&w, "outcome unknown"), 1);
	engine_close(&w);
}
END_TEST

START_TEST(test_once_stops_in_doubt)
{
	struct engine_world w;

	one_outcome(&w, "o", 0, API_UNKNOWN, false);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_BLOCKED, "must not be done twice");
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	ck_assert_uint_eq(w.n_acts, 1);
	engine_close(&w);
}
END_TEST

START_TEST(test_several_new)
{
	struct engine_world w;

	one_outcome(&w, "t", 0, API_UNKNOWN, false);
	w.n_new = 2;
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_BLOCKED, "more than one thing");
	ck_assert_uint_eq(w.n_acts, 1);
	engine_close(&w);
}
END_TEST

static void show_goal(struct engine_world *w)
{
	if (w->n_looks >= 4)
		w->done |= 1;
}

START_TEST(test_adopts_the_only_new)
{
	struct engine_world w;
	struct run r;

	one_outcome(&w, "t", 0, API_UNKNOWN, false);
	w.n_new = 1;
	w.on_look = show_goal;
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert_uint_eq(w.n_acts, 1);
	r = engine_run(&w);
	ck_assert_str_eq(r.new_id, "new-1");
	run_clear(&r);
	engine_close(&w);
}
END_TEST

/* Busy and not sent: tried again, and not for ever. */
START_TEST(test_not_done)
{
	enum api_outcome outcome = _i % 2 == 0 ? API_BUSY : API_NOT_SENT;
	struct engine_world w;
	struct err e;

	one_outcome(&w, "a", 0, outcome, false);
	if (_i < 2) {
		ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
		ck_assert_uint_eq(w.n_acts, 2);
	} else {
		w.outcomes[1] = w.outcomes[2] = w.outcomes[3] = outcome;
		ck_assert_int_eq(engine_pass_err(&w, &e), WORKER_FAILED);
		ck_assert_uint_eq(w.n_acts, 3);
		engine_expect(&w, 1, RUN_FAILED, "as often as is allowed");
	}
	engine_close(&w);
}
END_TEST

START_TEST(test_refused)
{
	struct engine_world w;
	struct err e;

	one_outcome(&w, "aa", (unsigned)_i, API_REFUSED, false);
	if (_i == 0)
		ck_assert_int_eq(engine_pass_err(&w, &e), WORKER_FAILED);
	else
		ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, _i == 0 ? RUN_FAILED : RUN_BLOCKED, "the target says");
	ck_assert_uint_eq(w.n_acts, (unsigned)_i + 1);
	engine_close(&w);
}
END_TEST

START_TEST(test_neither_stops)
{
	struct engine_world w;
	struct err e;

	engine_open(&w, "a", AUTO);
	memset(w.seen, 'n', sizeof w.seen);
	ck_assert_int_eq(engine_pass_err(&w, &e), WORKER_FAILED);
	engine_expect(&w, 1, RUN_FAILED, "not as planned");
	ck_assert_ptr_nonnull(strstr(e.text, "not as planned"));
	ck_assert_uint_eq(w.n_acts, 0);
	engine_close(&w);
}
END_TEST

/* Looks 1 and 2 belong to the planning and the first question. */
START_TEST(test_waits_while_busy)
{
	struct engine_world w;

	engine_open(&w, "a", AUTO);
	memset(w.seen + 1, _i == 0 ? 'b' : 'u', 4);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert_uint_eq(w.n_acts, 1);
	ck_assert_uint_ge(w.n_looks, 6);
	engine_close(&w);
}
END_TEST

START_TEST(test_once_only)
{
	struct engine_world w;
	struct run r;

	engine_open(&w, "aa", AUTO);
	w.settings.once = true;
	w.shows_after_s = 5;
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_WAITING, "looked at until");
	for (int i = 0; i < 20; i++) {
		w.now_at += 3;
		if (engine_pass(&w) == WORKER_IDLE)
			break;
	}
	r = engine_run(&w);
	ck_assert_int_eq(r.state, RUN_DONE);
	ck_assert_uint_eq(w.n_sleeps, 0);
	ck_assert_uint_eq(w.n_acts, 2);
	run_clear(&r);
	engine_close(&w);
}
END_TEST

/* --- rails on the way --------------------------------------------------------------------- */

START_TEST(test_rail_says_no)
{
	struct engine_world w;

	engine_open(&w, "aa", AUTO);
	w.technical[_i] = RAIL_HOLD;
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_HELD, "the script says no");
	ck_assert_uint_eq(w.n_acts, _i < 2 ? 0 : 1);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_DONE, "every step");
	ck_assert_uint_eq(w.n_acts, 2);
	engine_close(&w);
}
END_TEST

/* Between two nodes a cluster recovers: that is waited for, and not for ever. */
START_TEST(test_refusal_half_way)
{
	struct engine_world w;

	engine_open(&w, "aa", AUTO);
	for (int i = 0; i < (_i == 0 ? 3 : 40); i++)
		w.technical[2 + i] = RAIL_REFUSE;
	if (_i == 0) {
		ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
		ck_assert_uint_eq(w.n_acts, 2);
	} else {
		ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
		engine_expect(&w, 1, RUN_BLOCKED, "the script says no");
		ck_assert_uint_eq(w.n_acts, 1);
	}
	engine_close(&w);
}
END_TEST

static void pause_once(struct engine_world *w)
{
	if (w->n_acts == 1 && engine_trail(w, "pause") == 0)
		engine_say(w, WORD_PAUSE, NULL, 0, NULL);
}

START_TEST(test_kill_switch)
{
	struct engine_world w;

	engine_open(&w, "aaa", AUTO);
	w.shows_after_s = 3;
	w.on_sleep = pause_once;
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_HELD, "paused by");
	ck_assert_uint_eq(w.n_acts, 1);
	engine_say(&w, WORD_RESUME, NULL, 0, NULL);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert_uint_eq(w.n_acts, 3);
	engine_close(&w);
}
END_TEST

static void abandon_once(struct engine_world *w)
{
	if (w->n_acts == 1)
		engine_say(w, WORD_ABANDON, NULL, 1, NULL);
	w->is_nothing = true;
}

START_TEST(test_abandoned_half_way)
{
	struct engine_world w;

	engine_open(&w, "aaa", AUTO);
	w.shows_after_s = 3;
	w.on_sleep = abandon_once;
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_ABANDONED, "it stood at step 1 of 3, apply: ");
	ck_assert_uint_eq(w.n_acts, 1);
	engine_close(&w);
}
END_TEST

/* Seen by the look after the one that verified it. */
static void undo_first(struct engine_world *w)
{
	if (w->n_looks == 3)
		w->done &= ~1u;
}

/* Somebody takes back what was verified: that is not fought. */
START_TEST(test_undone)
{
	struct engine_world w;

	engine_open(&w, "aa", AUTO);
	w.on_look = undo_first;
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_BLOCKED, "something undid it");
	ck_assert_uint_eq(w.n_acts, 1);
	engine_close(&w);
}
END_TEST

/* --- the way back --------------------------------------------------------------------------- */

/* The first act never shows, the second does. */
static void show_second(struct engine_world *w)
{
	w->shows_after_s = w->n_acts == 0 ? 10000 : 0;
}

static const struct rollback_row {
	const char *lines;
	bool is_gone;
	enum worker_end end;
	enum run_state state;
	const char *words;
	unsigned n_acts;
} rollbacks[] = {
	{ "rollback = auto\n", false, WORKER_FAILED, RUN_FAILED, "taken back by run 2", 2 },
	{ "rollback = ask\n", false, WORKER_WAITING, RUN_BLOCKED, "run 2 applies the old", 1 },
	{ "rollback = off\n", false, WORKER_WAITING, RUN_BLOCKED, "rollback = off", 1 },
	{ "rollback = auto\n", true, WORKER_WAITING, RUN_BLOCKED, "the old one is gone", 1 },
};

START_TEST(test_rollback)
{
	const struct rollback_row *row = &rollbacks[_i];
	char *lines = mem_printf(AUTO "%s", row->lines);
	struct engine_world w;
	struct err e;
	char *facts;

	engine_open(&w, "a", lines);
	w.old_still_good = true;
	w.rollback_refused = row->is_gone;
	w.on_look = show_second;
	ck_assert_int_eq(engine_pass_err(&w, &e), row->end);
	engine_expect(&w, 1, row->state, row->words);
	ck_assert_uint_eq(w.n_acts, row->n_acts);
	facts = engine_facts(&w);
	ck_assert_msg(strstr(facts, "\"done\"") == NULL, "what was taken back is no success: %s",
	    facts);
	free(facts);
	free(lines);
	engine_close(&w);
}
END_TEST

START_TEST(test_retry)
{
	struct engine_world w;

	one_outcome(&w, "aa", 1, API_REFUSED, false);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_BLOCKED, "the target says");
	engine_say(&w, WORD_RETRY, NULL, 1, NULL);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_DONE, "every step");
	ck_assert_uint_eq(w.acts_of[0], 1);
	ck_assert_uint_eq(w.acts_of[1], 2);
	engine_close(&w);
}
END_TEST

/* The id comes with the answer, the fingerprint with the next look. */
START_TEST(test_binds_both)
{
	struct engine_world w;
	struct run r;

	engine_open(&w, "ta", AUTO);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	r = engine_run(&w);
	ck_assert_str_eq(r.new_id, "new-1");
	ck_assert_ptr_nonnull(r.new_sha256);
	ck_assert_ptr_nonnull(strstr(r.new_sha256, "22222222"));
	run_clear(&r);
	engine_close(&w);
}
END_TEST

/* Both pins are out before the first act, the new one alone afterwards. */
static void look_at_pins(struct engine_world *w)
{
	char *facts;

	if (w->n_acts == 0 || (w->done & 2) != 0)
		return;
	facts = engine_facts(w);
	ck_assert_ptr_nonnull(strstr(facts, "11111111"));
	ck_assert_ptr_nonnull(strstr(facts, "22222222"));
	free(facts);
}

START_TEST(test_pins)
{
	struct engine_world w;
	char *facts;

	engine_open(&w, "pa", AUTO);
	w.needs_pin = true;
	w.on_look = look_at_pins;
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	facts = engine_facts(&w);
	ck_assert_ptr_null(strstr(facts, "11111111"));
	ck_assert_ptr_nonnull(strstr(facts, "22222222"));
	free(facts);
	engine_close(&w);
}
END_TEST

/* Whatever the world and the rails do: act() itself checks that all rails have
 * passed on the look it follows and that the intent is written before. */
START_TEST(test_any_world)
{
	static const char *const plans[] = { "aaa", "pa", "ta", "o", "tao" };
	static const char letters[] = "\0\0\0\0grbun";
	unsigned seed = (unsigned)_i * 2654435761u + 1;
	struct engine_world w;
	struct err e;

	engine_open(&w, plans[_i % 5], AUTO "rollback = auto\n");
	for (size_t i = 0; i < ENGINE_SCRIPT_MAX; i++) {
		seed = seed * 1664525u + 1013904223u;
		w.seen[i] = letters[(seed >> 24) % 9];
		w.outcomes[i] = (seed >> 16) % 3 != 0 ? API_DONE :
		    (enum api_outcome)((seed >> 20) % 5);
		w.technical[i] = (seed >> 12) % 6 != 0 ? RAIL_PASS :
		    (enum rail_verdict)((seed >> 10) % 3);
	}
	w.lost_and_done = seed % 2 == 0;
	w.old_still_good = seed % 3 == 0;
	for (int i = 0; i < 4; i++)
		(void)engine_pass_err(&w, &e);
	engine_close(&w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("runner");
	TCase *t = tcase_create("run");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_goes_through, 0, 6);
	tcase_add_loop_test(t, test_answer_lost, 0, 12);
	tcase_add_loop_test(t, test_request_lost, 0, 2);
	tcase_add_test(t, test_once_stops_in_doubt);
	tcase_add_test(t, test_several_new);
	tcase_add_test(t, test_adopts_the_only_new);
	tcase_add_loop_test(t, test_not_done, 0, 4);
	tcase_add_loop_test(t, test_refused, 0, 2);
	tcase_add_test(t, test_neither_stops);
	tcase_add_loop_test(t, test_waits_while_busy, 0, 2);
	tcase_add_test(t, test_once_only);
	tcase_add_loop_test(t, test_rail_says_no, 0, 3);
	tcase_add_loop_test(t, test_refusal_half_way, 0, 2);
	tcase_add_test(t, test_kill_switch);
	tcase_add_test(t, test_abandoned_half_way);
	tcase_add_test(t, test_undone);
	tcase_add_loop_test(t, test_rollback, 0, UNIT_ROWS(rollbacks));
	tcase_add_test(t, test_retry);
	tcase_add_test(t, test_binds_both);
	tcase_add_test(t, test_pins);
	tcase_add_loop_test(t, test_any_world, 0, 25);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
