/* test_units.c - a plan in units: each is begun only when a beginning is
 * allowed, and then finished whatever the window says. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/window.h"
#include "tests/unit/engine_world.h"
#include "tests/unit/scratch.h"

#define HOUR 3600
#define KINDS "tiaaiai"
#define UNITS "1122233"
#define N_STEPS 7

/* A rotation whose Apply takes an hour; the window is open for two. */
struct unit_world {
	struct engine_world w;
	char window[64];
	bool began[ENGINE_STEPS_MAX];       /* by unit: an act of ours was sent */
	unsigned seed;
};

static struct unit_world world;     /* the hooks know the engine alone */

static void clock_text(int64_t at, char out[6])
{
	char text[TEXT_TIME_BYTES];

	memcpy(out, text_from_time(at, text) + 11, 5);
	out[5] = '\0';
}

/* Open from half an hour ago until in an hour and a half, every day. */
static void units_open(const char *lines)
{
	struct engine_world *w = &world.w;
	char from[6], to[6], *text;
	int64_t now_at = time(NULL);

	clock_text(now_at - HOUR / 2, from);
	clock_text(now_at + 3 * HOUR / 2, to);
	memset(&world, 0, sizeof world);
	snprintf(world.window, sizeof world.window, "%s-%s", from, to);
	text = mem_printf("window = %s\n%s\n", world.window, lines);
	engine_open_opsman(w, KINDS, text);
	free(text);
	w->units = UNITS;
	w->verify_s = 1000000;
	w->settings.once = true;
}

static int unit_of(size_t seq)
{
	return UNITS[seq] - '0';
}

static bool is_open(int64_t at)
{
	struct err e;
	bool open = false;

	ck_assert_int_eq(window_is_open(world.window, NULL, at, &open, NULL, &e), 0);
	return open;
}

/* What is to be proved, at each act. */
static void check_act(struct engine_world *w, size_t seq)
{
	if (!world.began[unit_of(seq)])
		ck_assert_msg(is_open(w->now_at), "unit %d was begun outside of the window",
		    unit_of(seq));
	world.began[unit_of(seq)] = true;
}

static bool shows(const char *words)
{
	struct run r = engine_run(&world.w);
	bool found = r.message != NULL && strstr(r.message, words) != NULL;

	run_clear(&r);
	return found;
}

/* --- the window --------------------------------------------------------------------------- */

/* It closes while the first Apply runs: that is finished, and the next unit
 * waits for the next day. */
START_TEST(test_waits_between_units)
{
	struct engine_world *w = &world.w;
	int64_t begun_at;

	units_open("mode = auto\n");
	w->on_act = check_act;
	w->shows_after_s = 2 * HOUR;
	begun_at = w->now_at;
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	for (int i = 0; i < 2; i++) {
		w->now_at += 2 * HOUR + 1;
		ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	}
	engine_expect(w, 1, RUN_HELD, "step 3 of 7");
	engine_expect(w, 1, RUN_HELD, "is closed until");
	ck_assert_uint_eq(w->acts_of[1], 1);
	ck_assert_uint_eq(w->n_acts, 2);
	w->now_at = begun_at + 24 * HOUR;
	w->shows_after_s = 0;
	ck_assert_int_eq(engine_pass(w), WORKER_IDLE);
	engine_expect(w, 1, RUN_DONE, "every step");
	engine_close(w);
}
END_TEST

static void closes_soon(struct engine_world *w, size_t seq)
{
	check_act(w, seq);
	if (seq == 2)
		w->now_at += 3 * HOUR;
}

/* Inside a unit it is not asked for. */
START_TEST(test_goes_on_inside)
{
	struct engine_world *w = &world.w;

	units_open("mode = auto\n");
	w->on_act = closes_soon;
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	engine_expect(w, 1, RUN_HELD, "step 6 of 7");
	ck_assert_uint_eq(w->acts_of[4], 1);
	ck_assert_uint_eq(w->acts_of[5], 0);
	engine_close(w);
}
END_TEST

static unsigned dice(unsigned n)
{
	world.seed = world.seed * 1664525u + 1013904223u;
	return (world.seed >> 12) % n;
}

static void time_goes_by(struct engine_world *w)
{
	if (w->n_acts > 0)
		w->now_at += dice(3) == 0 ? dice(3 * HOUR) : dice(600);
}

/* A run that is held by the window has nothing half done. */
static void check_held(void)
{
	struct run r = engine_run(&world.w);

	if (r.state == RUN_HELD && strstr(r.message, "window") != NULL)
		ck_assert_msg(!world.began[unit_of(r.n_verified)], "%s", r.message);
	run_clear(&r);
}

START_TEST(test_any_clock)
{
	struct engine_world *w = &world.w;
	struct run r;

	units_open("mode = auto\n");
	world.seed = (unsigned)_i * 7919u + 1;
	w->on_act = check_act;
	w->on_look = time_goes_by;
	for (int i = 0; i < 400; i++) {
		w->shows_after_s = dice(2 * HOUR);
		if (engine_pass(w) == WORKER_IDLE)
			break;
		check_held();
		w->now_at += dice(4 * HOUR);
		w->n_sleeps = 0;
	}
	r = engine_run(w);
	ck_assert_msg(r.state == RUN_DONE, "%s", r.message);
	run_clear(&r);
	for (size_t i = 0; i < N_STEPS; i++)
		ck_assert_uint_eq(w->acts_of[i], 1);
	engine_close(w);
}
END_TEST

/* --- approval ----------------------------------------------------------------------------- */

static void approve(void)
{
	struct run r = engine_run(&world.w);

	engine_say(&world.w, WORD_APPROVE, NULL, r.id, r.plan_hash);
	run_clear(&r);
}

/* Said in advance: nobody could have seen how the unit before went. */
START_TEST(test_approved_in_advance)
{
	struct engine_world *w = &world.w;

	units_open("mode = approve\napproval = unit\n");
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	approve();
	w->now_at += HOUR / 4;
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	engine_expect(w, 1, RUN_AWAITING_APPROVAL, "of its own");
	approve();
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	ck_assert_uint_eq(w->n_acts, 2);
	engine_close(w);
}
END_TEST

START_TEST(test_approved_as_a_whole)
{
	struct engine_world *w = &world.w;

	units_open("mode = approve\napproval = run\n");
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	approve();
	ck_assert_int_eq(engine_pass(w), WORKER_IDLE);
	ck_assert_uint_eq(w->n_acts, 7);
	engine_close(w);
}
END_TEST

/* In the middle of a unit there is nothing to approve. */
START_TEST(test_no_word_inside_a_unit)
{
	struct engine_world *w = &world.w;

	units_open("mode = approve\napproval = unit\n");
	w->now_at -= HOUR / 4;
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	approve();
	w->shows_after_s = 60;
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	approve();
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	ck_assert_uint_eq(engine_trail(w, "has begun already"), 1);
	engine_close(w);
}
END_TEST

/* --- what it waits for -------------------------------------------------------------------- */

static void refuse(struct engine_world *w, unsigned n)
{
	for (unsigned i = 0; i < n && w->n_asked + i < ENGINE_SCRIPT_MAX; i++)
		w->technical[w->n_asked + i] = RAIL_REFUSE;
}

static void refuse_second_unit(struct engine_world *w, size_t seq)
{
	if (seq == 1)
		refuse(w, 30);
}

/* Before a unit nothing is half done: what the target says is waited for, for
 * longer than a step may take, and said. */
START_TEST(test_waits_for_the_target)
{
	struct engine_world *w = &world.w;

	units_open("mode = auto\n");
	w->verify_s = 20;
	w->on_act = refuse_second_unit;
	w->settings.once = _i == 0;
	ck_assert_int_eq(engine_pass(w), _i == 0 ? WORKER_WAITING : WORKER_IDLE);
	if (_i == 0)
		engine_expect(w, 1, RUN_HELD, "step 3 of 7, apply: scripted");
	else
		ck_assert_uint_ge(w->n_sleeps, 30);
	engine_close(w);
}
END_TEST

static void busy_second_unit(struct engine_world *w, size_t seq)
{
	if (seq == 1)
		memset(w->seen + w->n_looks + 1, 'b', 20);
}

START_TEST(test_waits_for_others)
{
	struct engine_world *w = &world.w;

	units_open("mode = auto\n");
	w->verify_s = 20;
	w->on_act = busy_second_unit;
	w->settings.once = false;
	ck_assert_int_eq(engine_pass(w), WORKER_IDLE);
	ck_assert_uint_ge(w->n_sleeps, 20);
	ck_assert_uint_eq(engine_trail(w, "the target is not ready for it (bits 3)"), 1);
	engine_close(w);
}
END_TEST

static int64_t since(void)
{
	char *facts = engine_facts(&world.w), *at = strstr(facts, "\"since\":\"");
	int64_t when = -1;

	ck_assert_ptr_nonnull(at);
	at += strlen("\"since\":\"");
	*strchr(at, '"') = '\0';
	ck_assert_int_eq(text_to_time(at, &when), 0);
	free(facts);
	return when;
}

static void other_words(struct engine_world *w)
{
	w->done ^= 1u << N_STEPS;     /* no step: only what is seen of one */
}

/* "running long" is measured from the act, whatever is seen meanwhile. */
START_TEST(test_since_the_act)
{
	struct engine_world *w = &world.w;
	int64_t acted_at;

	units_open("mode = auto\n");
	w->shows_after_s = 10 * HOUR;
	w->on_look = other_words;
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	acted_at = w->now_at;
	for (int i = 0; i < 3; i++) {
		w->now_at += HOUR;
		ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
		ck_assert_int_eq(since(), acted_at);
	}
	ck_assert(shows("step 1 of 7, make: it was done and is not seen yet, since "));
	engine_close(w);
}
END_TEST

/* --- what a step makes, and how it fails --------------------------------------------------- */

START_TEST(test_keeps_its_own)
{
	struct engine_world *w = &world.w;
	struct run r;

	units_open("mode = auto\n");
	if (_i == 1)
		w->outcomes[1] = API_UNKNOWN;
	w->lost_and_done = true;
	w->n_new = 1;
	ck_assert_int_eq(engine_pass(w), WORKER_IDLE);
	ck_assert_uint_eq(engine_trail(w, "made: 17"), 3);
	r = engine_run(w);
	ck_assert_str_eq(r.new_id, "new-1");
	run_clear(&r);
	engine_close(w);
}
END_TEST

static void fails_once(struct engine_world *w, size_t seq)
{
	if (seq == 4 && w->acts_of[4] == 1) {
		w->done &= ~(1u << 4);
		w->seen[w->n_looks] = 'f';
	}
}

/* A failed Apply is a person's; at the word it is tried once more, and nothing
 * that is done is done again. */
START_TEST(test_failed_and_retried)
{
	struct engine_world *w = &world.w;
	unsigned total = 0;

	units_open("mode = auto\n");
	w->on_act = fails_once;
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	engine_expect(w, 1, RUN_BLOCKED, "step 5 of 7, deploy: ");
	w->now_at += 3 * HOUR;               /* the unit is begun: no window is asked for */
	engine_say(w, WORD_RETRY, NULL, 1, NULL);
	ck_assert_int_eq(engine_pass(w), WORKER_WAITING);
	engine_expect(w, 1, RUN_HELD, "step 6 of 7");
	for (size_t i = 0; i < N_STEPS; i++)
		total += w->acts_of[i];
	ck_assert_uint_eq(w->acts_of[4], 2);
	ck_assert_uint_eq(total, 6);
	engine_close(w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("units");
	TCase *t = tcase_create("units");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_waits_between_units);
	tcase_add_test(t, test_goes_on_inside);
	tcase_add_loop_test(t, test_any_clock, 0, 12);
	tcase_add_test(t, test_approved_in_advance);
	tcase_add_test(t, test_approved_as_a_whole);
	tcase_add_test(t, test_no_word_inside_a_unit);
	tcase_add_loop_test(t, test_waits_for_the_target, 0, 2);
	tcase_add_test(t, test_waits_for_others);
	tcase_add_test(t, test_since_the_act);
	tcase_add_loop_test(t, test_keeps_its_own, 0, 2);
	tcase_add_test(t, test_failed_and_retried);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
