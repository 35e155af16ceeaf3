/* test_worker.c - a pass: words, targets, and which run there is. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "remediate/lock.h"
#include "remediate/spool.h"
#include "tests/unit/engine_world.h"
#include "tests/unit/scratch.h"

#define AUTO "mode = auto\n"
#define APPROVE "mode = approve\n"

static char *hash_of(struct engine_world *w)
{
	struct run r = engine_run(w);
	char *hash = mem_strdup(r.plan_hash);

	run_clear(&r);
	return hash;
}

static int64_t youngest(struct engine_world *w)
{
	struct run r = engine_run(w);
	int64_t id = r.id;

	run_clear(&r);
	return id;
}

/* --- which run there is ------------------------------------------------------------------- */

START_TEST(test_mode_plan)
{
	struct engine_world w;
	unsigned lines;

	engine_open(&w, "aa", "mode = plan\n");
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_PLANNED, "mode = plan");
	lines = engine_trail(&w, "");
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert_int_eq(youngest(&w), 1);
	ck_assert_uint_eq(engine_trail(&w, ""), lines);
	ck_assert_uint_eq(w.n_acts, 0);
	engine_close(&w);
}
END_TEST

START_TEST(test_superseded)
{
	struct engine_world w;

	engine_open(&w, "aa", APPROVE);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	w.variant = "otherwise";
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_ABANDONED, "superseded by run 2");
	engine_expect(&w, 2, RUN_AWAITING_APPROVAL, "approve 2 --plan");
	engine_close(&w);
}
END_TEST

START_TEST(test_gone)
{
	struct engine_world w;

	engine_open(&w, "aa", APPROVE);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	w.is_nothing = w.is_incomplete = true;
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_AWAITING_APPROVAL, "approve 1");
	w.is_incomplete = false;
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_ABANDONED, "nothing to do any more");
	engine_close(&w);
}
END_TEST

static void change_while_begun(struct engine_world *w)
{
	w->variant = w->n_looks >= 2 ? "otherwise" : NULL;
}

/* Between the look of the plan and the look of the act another plan became
 * right: the old one is not done. */
START_TEST(test_not_found_any_more)
{
	struct engine_world w;

	engine_open(&w, "aa", AUTO);
	w.on_look = change_while_begun;
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_HELD, "still-found");
	ck_assert_uint_eq(w.n_acts, 0);
	engine_close(&w);
}
END_TEST

START_TEST(test_one_after_the_other)
{
	struct engine_world w;

	engine_open(&w, "a", AUTO);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	w.done = 0;
	w.variant = "next";
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert_int_eq(youngest(&w), 2);
	engine_expect(&w, 2, RUN_DONE, "every step");
	engine_close(&w);
}
END_TEST

static void not_due_again(struct engine_world *w)
{
	w->cleanup_due = w->n_acts < 2;
}

START_TEST(test_cleanup)
{
	struct engine_world w;
	struct run r;

	engine_open(&w, "a", AUTO);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	w.is_nothing = true;
	w.on_look = not_due_again;
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	r = engine_run(&w);
	ck_assert_int_eq(r.id, 2);
	ck_assert_str_eq(r.finding, RUN_CLEANUP);
	ck_assert_int_eq(r.state, RUN_DONE);
	run_clear(&r);
	engine_close(&w);
}
END_TEST

START_TEST(test_breaker)
{
	struct engine_world w;
	struct err e;
	char *facts;

	engine_open(&w, "a", AUTO);
	w.outcomes[0] = w.outcomes[1] = API_REFUSED;
	ck_assert_int_eq(engine_pass_err(&w, &e), WORKER_FAILED);
	ck_assert_int_eq(engine_pass_err(&w, &e), WORKER_FAILED);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 3, RUN_HELD, "breaker");
	facts = engine_facts(&w);
	ck_assert_ptr_nonnull(strstr(facts, "\"open\""));
	free(facts);
	engine_say(&w, WORD_RETRY, NULL, 2, NULL);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 3, RUN_DONE, "every step");
	engine_close(&w);
}
END_TEST

/* --- targets ------------------------------------------------------------------------------- */

START_TEST(test_other_host)
{
	struct engine_world w;

	engine_open(&w, "a", AUTO);
	w.settings.host = "mon2.example";
	engine_say(&w, WORD_EVENT, "prod", 0, NULL);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert(access(w.paths.journal, F_OK) != 0);
	ck_assert(spool_has_words(w.paths.spool));
	ck_assert_uint_eq(w.n_looks, 0);
	engine_close(&w);
}
END_TEST

START_TEST(test_locked)
{
	struct engine_world w;
	struct err e;
	char *path;
	int fd;

	engine_open(&w, "a", AUTO);
	path = paths_lock(&w.paths, "prod");
	fd = lock_take(path, &e);
	ck_assert_int_ge(fd, 0);
	engine_say(&w, WORD_EVENT, "prod", 0, NULL);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert_uint_eq(w.n_looks, 0);
	ck_assert_uint_eq(engine_trail(&w, "event"), 1);
	close(fd);
	free(path);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert_uint_eq(w.n_acts, 1);
	engine_close(&w);
}
END_TEST

START_TEST(test_bad_section)
{
	struct engine_world w;
	struct err e;

	engine_open(&w, "a", AUTO "[nsx other]\nurl = https://other.example\n"
	    "[remediate other]\nmode = plan\n");
	ck_assert_uint_eq(w.conf.n_remediates, 2);
	free(w.conf.remediates[1].pairs[0].value);
	w.conf.remediates[1].pairs[0].value = mem_strdup("neither");
	ck_assert_int_eq(engine_pass_err(&w, &e), WORKER_FAILED);
	ck_assert_ptr_nonnull(strstr(e.text, "other"));
	engine_expect(&w, 1, RUN_DONE, "every step");
	engine_close(&w);
}
END_TEST

static void say_late(struct engine_world *w)
{
	if (w->n_looks == 1)
		engine_say(w, WORD_EVENT, "prod", 0, NULL);
}

/* A word that comes while the target is worked on is not left lying. */
START_TEST(test_word_comes_late)
{
	struct engine_world w;

	engine_open(&w, "a", AUTO);
	w.is_nothing = true;
	w.on_look = say_late;
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert(!spool_has_words(w.paths.spool));
	ck_assert_uint_eq(w.n_looks, 2);
	engine_close(&w);
}
END_TEST

/* --- words --------------------------------------------------------------------------------- */

START_TEST(test_approve)
{
	struct engine_world w;
	char *hash;

	engine_open(&w, "aa", APPROVE);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	hash = hash_of(&w);
	engine_expect(&w, 1, RUN_AWAITING_APPROVAL, hash);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_say(&w, WORD_APPROVE, NULL, 1, hash);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_DONE, "every step");
	ck_assert_uint_eq(w.n_acts, 2);
	free(hash);
	engine_close(&w);
}
END_TEST

START_TEST(test_approve_other_plan)
{
	struct engine_world w;
	char *hash;

	engine_open(&w, "aa", APPROVE);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	hash = hash_of(&w);
	hash[0] = hash[0] == 'a' ? 'b' : 'a';
	engine_say(&w, WORD_APPROVE, NULL, 1, hash);
	engine_say(&w, WORD_APPROVE, NULL, 77, hash);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	ck_assert_uint_eq(engine_trail(&w, "has another plan now"), 1);
	ck_assert_uint_eq(engine_trail(&w, "there is no run 77"), 1);
	ck_assert_uint_eq(w.n_acts, 0);
	free(hash);
	engine_close(&w);
}
END_TEST

/* An approval of one plan is none of the plan that came in its place. */
START_TEST(test_approval_is_of_the_plan)
{
	struct engine_world w;
	char *hash;

	engine_open(&w, "aa", APPROVE "window = Mon 00:00-00:01\n");
	w.now_at = w.now_at / 604800 * 604800;   /* a Thursday */
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	hash = hash_of(&w);
	engine_say(&w, WORD_APPROVE, NULL, 1, hash);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_HELD, "window");
	w.variant = "otherwise";
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 2, RUN_AWAITING_APPROVAL, "held too by window");
	ck_assert_uint_eq(w.n_acts, 0);
	free(hash);
	engine_close(&w);
}
END_TEST

START_TEST(test_not_an_approver)
{
	struct engine_world w;
	char *hash;

	engine_open(&w, "aa", APPROVE);
	for (size_t i = 0; i < w.conf.remediates[0].n_pairs; i++) {
		struct conf_pair *p = &w.conf.remediates[0].pairs[i];

		if (strcmp(p->key, "approvers") != 0)
			continue;
		free(p->value);
		p->value = mem_strdup("no-such-group-here");
	}
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	hash = hash_of(&w);
	engine_say(&w, WORD_APPROVE, NULL, 1, hash);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	ck_assert_uint_ge(engine_trail(&w, "no-such-group-here"), 1);
	ck_assert_uint_eq(w.n_acts, 0);
	free(hash);
	engine_close(&w);
}
END_TEST

START_TEST(test_request)
{
	struct engine_world w;
	struct run r;

	engine_open(&w, "a", APPROVE);
	engine_say(&w, WORD_REQUEST, "prod", 0, "nsx-apply");
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	r = engine_run(&w);
	ck_assert_int_ne(r.request_word, 0);
	run_clear(&r);
	w.variant = "otherwise";
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	r = engine_run(&w);
	ck_assert_int_eq(r.id, 2);
	ck_assert_int_ne(r.request_word, 0);
	run_clear(&r);
	engine_say(&w, WORD_ABANDON, NULL, 2, NULL);
	w.is_nothing = true;
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 2, RUN_ABANDONED, "abandoned by");
	w.is_nothing = false;
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	r = engine_run(&w);
	ck_assert_int_eq(r.request_word, 0);   /* found by the poll: the request is closed */
	run_clear(&r);
	engine_close(&w);
}
END_TEST

START_TEST(test_request_refused)
{
	struct engine_world w;

	engine_open(&w, "a", AUTO);
	engine_say(&w, WORD_REQUEST, "prod", 0, "nsx-something");
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	ck_assert_uint_eq(engine_trail(&w, "refused: no such procedure"), 1);
	engine_expect(&w, 1, RUN_DONE, "every step");   /* what the poll found */
	engine_close(&w);
}
END_TEST

/* A request that a person made is not kept waiting by a run that nobody
 * approves. */
START_TEST(test_request_before_poll)
{
	struct engine_world w;
	struct run r;

	engine_open(&w, "a", APPROVE);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	w.variant = "as asked";
	engine_say(&w, WORD_REQUEST, "prod", 0, "nsx-apply");
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_ABANDONED, "superseded");
	r = engine_run(&w);
	ck_assert_int_ne(r.request_word, 0);
	run_clear(&r);
	engine_close(&w);
}
END_TEST

START_TEST(test_events)
{
	struct engine_world w;

	engine_open(&w, "a", APPROVE);
	engine_say(&w, WORD_EVENT, "prod", 0, NULL);
	engine_say(&w, WORD_EVENT, "prod", 0, NULL);
	engine_say(&w, WORD_EVENT, "elsewhere", 0, NULL);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	ck_assert_int_eq(youngest(&w), 1);
	ck_assert_uint_eq(engine_trail(&w, "there is no [remediate elsewhere]"), 1);
	ck_assert(!spool_has_words(w.paths.spool));
	engine_close(&w);
}
END_TEST

START_TEST(test_no_word)
{
	struct engine_world w;
	char *path;
	FILE *f;

	engine_open(&w, "a", APPROVE);
	path = mem_printf("%s/w.1", w.paths.spool);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("this is no word", f);
	fclose(f);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	ck_assert(access(path, F_OK) != 0);
	free(path);
	engine_close(&w);
}
END_TEST

START_TEST(test_pause_of_one)
{
	struct engine_world w;

	engine_open(&w, "a", AUTO);
	engine_say(&w, WORD_PAUSE, "prod", 0, NULL);
	ck_assert_int_eq(engine_pass(&w), WORKER_WAITING);
	engine_expect(&w, 1, RUN_HELD, "pause");
	engine_say(&w, WORD_RESUME, "prod", 0, NULL);
	ck_assert_int_eq(engine_pass(&w), WORKER_IDLE);
	engine_expect(&w, 1, RUN_DONE, "every step");
	engine_close(&w);
}
END_TEST

/* --- what the subcommand plan shows ---------------------------------------------------------- */

START_TEST(test_plan)
{
	struct engine_world w;
	struct worker_plan p;
	struct mandate m;
	struct err e = { ERR_NONE, "" };

	engine_open(&w, "aa", APPROVE);
	if (_i == 1)
		(void)engine_pass(&w);
	ck_assert_int_eq(mandate_make(&w.conf, &w.conf.remediates[0], &m, &e), 0);
	ck_assert_msg(worker_plan(&w.settings, &m, &p, &e) == 0, "%s", e.text);
	ck_assert_int_eq(p.verdict, PLAN_READY);
	ck_assert_uint_eq(strlen(p.hash), 64);
	ck_assert_int_eq(p.rails, RAIL_HOLD);
	ck_assert_uint_eq(p.n_says, 1);
	ck_assert_str_eq(p.says[0].rail, "approval");
	ck_assert_uint_eq(w.n_acts, 0);
	worker_plan_clear(&p);
	mandate_clear(&m);
	engine_close(&w);
}
END_TEST

static Suite *make_suite(void)
{
	const TTest *const tests[] = { test_mode_plan, test_superseded, test_gone,
		test_not_found_any_more, test_one_after_the_other, test_cleanup, test_breaker,
		test_other_host, test_locked, test_bad_section, test_word_comes_late, test_approve,
		test_approve_other_plan, test_approval_is_of_the_plan, test_not_an_approver,
		test_request, test_request_refused, test_request_before_poll, test_events,
		    test_no_word,
		test_pause_of_one };
	Suite *s = suite_create("worker");
	TCase *t = tcase_create("pass");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_set_timeout(t, 60);
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
		tcase_add_test(t, tests[i]);
	tcase_add_loop_test(t, test_plan, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
