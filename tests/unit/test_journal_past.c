/* test_journal_past.c - what the rails ask: caps, cool-down, breaker, pause,
 * downtime. */
#include "remediate/journal.h"

#include <stdio.h>
#include <string.h>
#include "tests/unit/journal_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define AT INT64_C(1795305600)
#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

static struct journal *j;
static struct err e;
static int n_said;

static void setup(void)
{
	scratch_make();
	n_said = 0;
	j = journal_world_open();
}

static void teardown(void)
{
	journal_close(j);
	scratch_remove();
}

static struct past past(void)
{
	struct past p;

	ck_assert_msg(journal_past(j, "prod", AT, &p, &e) == 0, "%s", e.text);
	return p;
}

static int64_t say(enum word_kind kind, int64_t run, const char *outcome)
{
	char name[32];

	snprintf(name, sizeof name, "w%d", n_said++);
	return journal_world_say(j, name, kind, run, -1, AT, outcome);
}

/* A pause or resume for every target. */
static void say_to_all(enum word_kind kind)
{
	char name[32], user[] = "root";
	struct spoken s;
	int64_t id;

	memset(&s, 0, sizeof s);
	word_init(&s.word);
	snprintf(name, sizeof name, "w%d", n_said++);
	s.name = name;
	s.user = user;
	s.at = AT;
	s.word.kind = kind;
	ck_assert_int_eq(journal_add_word(j, &s, JOURNAL_RECORDED, &id, &e), 0);
}

START_TEST(nothing_yet)
{
	struct past p = past(), empty;

	memset(&empty, 0, sizeof empty);
	ck_assert_mem_eq(&p, &empty, sizeof p);
}
END_TEST

static int64_t ended(const char *finding, int64_t rollback_of, int64_t begun_at,
    enum run_state state)
{
	int64_t run = journal_world_run(j, finding, rollback_of, 1, begun_at);

	journal_world_set(j, run, RUN_RUNNING, begun_at);
	journal_world_step(j, run, 0, begun_at);
	journal_world_set(j, run, state, begun_at + 60);
	return run;
}

START_TEST(begun_in_a_day)
{
	int64_t run;

	ended("expiring", 0, AT - DAY_S, RUN_DONE);             /* just not any more */
	ck_assert_uint_eq(past().n_begun_day, 0);
	ended("expiring", 0, AT - DAY_S + 1, RUN_DONE);
	run = ended("expiring", 0, AT - HOUR_S, RUN_FAILED);
	ck_assert_uint_eq(past().n_begun_day, 2);
	ended("expiring", run, AT - HOUR_S, RUN_DONE);          /* a rollback */
	ended(RUN_CLEANUP, 0, AT - HOUR_S, RUN_DONE);
	ck_assert_uint_eq(past().n_begun_day, 2);
	journal_world_run(j, "expiring", 0, 1, AT);             /* planned, not begun */
	ck_assert_uint_eq(past().n_begun_day, 2);
}
END_TEST

START_TEST(last_end)
{
	int64_t run = journal_world_run(j, "expiring", 0, 1, AT - DAY_S);

	journal_world_set(j, run, RUN_FAILED, AT - 5);          /* it never acted */
	ck_assert_int_eq(past().last_end_at, 0);
	ended("expiring", 0, AT - HOUR_S, RUN_DONE);
	ck_assert_int_eq(past().last_end_at, AT - HOUR_S + 60);
	run = journal_world_run(j, "expiring", 0, 1, AT - 60);
	ck_assert_int_eq(journal_intent(j, run, 0, NULL, NULL, "POST", AT - 50, &e), 0);
	journal_world_set(j, run, RUN_FAILED, AT - 40);         /* it may have */
	ck_assert_int_eq(past().last_end_at, AT - 40);
}
END_TEST

START_TEST(breaker)
{
	int64_t run = ended("expiring", 0, AT - 900, RUN_FAILED), back;

	ck_assert_uint_eq(past().n_failed_row, 1);
	run = ended("expiring", 0, AT - 800, RUN_BLOCKED);
	ck_assert_uint_eq(past().n_failed_row, 2);
	back = ended("expiring", run, AT - 700, RUN_DONE);      /* a rollback mends no breaker */
	ck_assert_uint_eq(past().n_failed_row, 2);
	say(WORD_RETRY, run, "mallory is not an approver");
	ck_assert_uint_eq(past().n_failed_row, 2);
	say(WORD_RETRY, run, JOURNAL_RECORDED);
	ck_assert_uint_eq(past().n_failed_row, 0);
	journal_world_set(j, run, RUN_RUNNING, AT - 600);
	journal_world_set(j, run, RUN_BLOCKED, AT - 500);       /* and blocked again */
	ck_assert_uint_eq(past().n_failed_row, 1);
	journal_world_set(j, run, RUN_ABANDONED, AT - 400);
	ck_assert_uint_eq(past().n_failed_row, 0);
	ended("expiring", 0, AT - 300, RUN_FAILED);
	ended(RUN_CLEANUP, 0, AT - 200, RUN_DONE);
	ck_assert_uint_eq(past().n_failed_row, 1);
	ended("expiring", 0, AT - DAY_S, RUN_DONE);             /* the clock went back: it is the last */
	ck_assert_uint_eq(past().n_failed_row, 0);
	ck_assert_int_gt(back, 0);
}
END_TEST

/* Only the sentence changes: no second failure after the reset. */
START_TEST(breaker_and_sentences)
{
	int64_t run = ended("expiring", 0, AT - 900, RUN_BLOCKED);

	say(WORD_RETRY, run, JOURNAL_RECORDED);
	ck_assert_int_eq(journal_set_run(j, run, RUN_BLOCKED, "still", AT, &e), 0);
	ck_assert_uint_eq(past().n_failed_row, 0);
}
END_TEST

static void expect_paused(const char *by)
{
	struct past p = past();

	ck_assert_int_eq(p.paused, by != NULL);
	if (by != NULL)
		ck_assert_str_eq(p.paused_by, by);
	past_clear(&p);
}

START_TEST(pauses)
{
	expect_paused(NULL);
	say(WORD_PAUSE, 0, JOURNAL_RECORDED);
	expect_paused("alice");
	say(WORD_RESUME, 0, "mallory may not");
	expect_paused("alice");
	say(WORD_RESUME, 0, JOURNAL_RECORDED);
	expect_paused(NULL);
	say_to_all(WORD_PAUSE);
	expect_paused("root");
	say(WORD_RESUME, 0, JOURNAL_RECORDED);   /* of this target alone: all are still paused */
	expect_paused("root");
	say(WORD_PAUSE, 0, JOURNAL_RECORDED);
	expect_paused("alice");
	say_to_all(WORD_RESUME);                 /* ends both */
	expect_paused(NULL);
	say(WORD_PAUSE, 0, "mallory may not");
	expect_paused(NULL);
}
END_TEST

START_TEST(downtimes_and_events)
{
	struct past p;

	journal_world_say(j, "a", WORD_EVENT, 0, 1, AT - 90, JOURNAL_RECORDED);
	journal_world_say(j, "b", WORD_EVENT, 0, -1, AT - 80, JOURNAL_RECORDED);   /* tells none */
	p = past();
	ck_assert(p.downtime == 1 && p.downtime_at == AT - 90 && p.last_event_at == AT - 80);
	journal_world_say(j, "c", WORD_EVENT, 0, 0, AT - 70, JOURNAL_RECORDED);
	journal_world_say(j, "d", WORD_EVENT, 0, 3, AT - 60, "not a hard state");
	p = past();
	ck_assert(p.downtime == 0 && p.downtime_at == AT - 70 && p.last_event_at == AT - 70);
	ck_assert_int_eq(journal_past(j, "other", AT, &p, &e), 0);
	ck_assert(p.last_event_at == 0 && p.downtime_at == 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("journal_past");
	TCase *tc = tcase_create("journal_past");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nothing_yet);
	tcase_add_test(tc, begun_in_a_day);
	tcase_add_test(tc, last_end);
	tcase_add_test(tc, breaker);
	tcase_add_test(tc, breaker_and_sentences);
	tcase_add_test(tc, pauses);
	tcase_add_test(tc, downtimes_and_events);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
