/* test_status.c - how the handler fares, from what the worker published. */
#include "remediate/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "remediate/journal.h"
#include "tests/unit/unit.h"

#define NOW_AT INT64_C(1795305600)
#define HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static const struct status_limits limits = {
	.now_at = NOW_AT, .seen_within_s = 3600, .running_s = 4 * 3600 };

static void fill(struct status *s, const char *state, int64_t seen_s, int64_t since_s,
    bool breaker_open)
{
	*s = (struct status){ .target = "prod", .has_facts = true };
	facts_init(&s->facts);
	s->facts.worker_seen_at = NOW_AT - seen_s;
	s->facts.breaker_open = breaker_open;
	if (state == NULL)
		return;
	s->facts.has_run = true;
	s->facts.run_id = 7;
	s->facts.run_state = mem_strdup(state);
	s->facts.procedure = mem_strdup("nsx-apply");
	s->facts.plan_hash = mem_strdup(HASH);
	s->facts.message = mem_strdup("nsx-02 does not answer");
	s->facts.step = 2;
	s->facts.steps = 5;
	s->facts.since_at = NOW_AT - since_s;
}

static const struct {
	const char *run;
	int64_t seen_s, since_s;
	bool breaker_open;
	enum state want;
	const char *words;
} cases[] = {
	{ NULL, 10, 0, false, STATE_OK, "idle" },
	{ NULL, 3600, 0, false, STATE_OK, "idle" },
	{ NULL, 3601, 0, false, STATE_UNKNOWN, "worker was last there 1h 0m ago" },
	{ NULL, 10, 0, true, STATE_CRITICAL, "breaker is open" },
	{ NULL, 90000, 0, true, STATE_CRITICAL, "last there" },
	{ "planned", 10, 0, false, STATE_OK, "run 7 nsx-apply planned" },
	{ "awaiting-approval", 10, 0, false, STATE_WARNING, "remediate_certs approve 7 --plan " HASH },
	{ "held", 10, 0, false, STATE_WARNING, "held, step 2 of 5: nsx-02 does not answer" },
	{ "running", 10, 4 * 3600, false, STATE_OK, "running" },
	{ "running", 10, 4 * 3600 + 1, false, STATE_WARNING, "for 4h 0m" },
	{ "waiting", 10, 100, false, STATE_OK, "waiting" },
	{ "waiting", 10, 90000, false, STATE_WARNING, "for 1d 1h" },
	{ "waiting", 90000, 90000, false, STATE_UNKNOWN, "last there" },
	{ "blocked", 10, 0, false, STATE_CRITICAL, "blocked" },
	{ "failed", 10, 0, false, STATE_CRITICAL, "failed" },
	{ "done", 10, 90000, false, STATE_OK, "done" },
	{ "abandoned", 10, 0, false, STATE_OK, "abandoned" },
	{ "melted", 10, 0, false, STATE_UNKNOWN, "does not know" },
};

START_TEST(judges)
{
	struct status s;

	fill(&s, cases[_i].run, cases[_i].seen_s, cases[_i].since_s, cases[_i].breaker_open);
	status_judge(&s, NULL, &limits);
	ck_assert_msg(s.state == cases[_i].want, "%s: %s", state_name(s.state), s.text);
	ck_assert_msg(strstr(s.text, cases[_i].words) != NULL, "%s", s.text);
	status_clear(&s);
}
END_TEST

START_TEST(names_the_step_once)
{
	struct status s;
	struct buf out;

	fill(&s, "running", 10, 0, false);
	free(s.facts.message);
	s.facts.message = mem_strdup("step 2 of 5, apply: it was sent");
	buf_init(&out, 1024);
	status_of_run(&s.facts, &out);
	ck_assert_str_eq(buf_str(&out), "run 7 nsx-apply running: step 2 of 5, apply: it was sent");
	buf_clear(&out);
	status_clear(&s);
}
END_TEST

/* A state that the journal may have and this table forgot would be OK by accident. */
START_TEST(judges_every_state_of_a_run)
{
	for (int i = 0; i < RUN_N_STATES; i++) {
		size_t found = 0;

		for (int k = 0; k < UNIT_ROWS(cases); k++)
			found += cases[k].run != NULL &&
			    strcmp(cases[k].run, run_state_name((enum run_state)i)) == 0;
		ck_assert_msg(found > 0, "%s", run_state_name((enum run_state)i));
	}
}
END_TEST

START_TEST(knows_nothing_without_facts)
{
	struct status s = { .target = "prod" };
	struct err e;

	facts_init(&s.facts);
	status_judge(&s, NULL, &limits);
	ck_assert_int_eq(s.state, STATE_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(s.text, "has never been there"));
	status_clear(&s);
	facts_init(&s.facts);
	err_set(&e, ERR_ANSWER, "prod.json: no JSON");
	status_judge(&s, &e, &limits);
	ck_assert_int_eq(s.state, STATE_UNKNOWN);
	ck_assert_str_eq(s.text, "prod.json: no JSON");
	status_clear(&s);
}
END_TEST

static void fill_three(struct status all[3])
{
	fill(&all[0], NULL, 10, 0, false);
	fill(&all[1], "awaiting-approval", 20, 0, false);
	fill(&all[2], "blocked", 30, 0, true);
	all[0].target = "a";
	all[1].target = "b";
	all[2].target = "c";
	for (int i = 0; i < 3; i++)
		status_judge(&all[i], NULL, &limits);
	status_sort(all, 3);
}

static void clear_three(struct status all[3])
{
	for (int i = 0; i < 3; i++)
		status_clear(&all[i]);
}

START_TEST(says_it_as_a_plugin)
{
	struct status all[3];
	struct buf out;
	const char *text;

	fill_three(all);
	ck_assert_int_eq(status_worst(all, 3), STATE_CRITICAL);
	buf_init(&out, 65536);
	status_text(all, 3, &limits, 4096, &out);
	text = buf_str(&out);
	ck_assert_int_eq(strncmp(text, "REMEDIATION CRITICAL - c run 7 nsx-apply blocked", 48), 0);
	ck_assert_ptr_nonnull(strstr(text, " (and 2 more) | targets=3 running=0 waiting=0 "
	    "awaiting_approval=1 held=0 blocked=1 failed=0 breakers_open=1 worker_age=30s\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nCRITICAL c "));
	ck_assert_ptr_nonnull(strstr(text, "\nWARNING b "));
	ck_assert_ptr_nonnull(strstr(text, "\nOK a idle\n"));
	buf_clear(&out);
	clear_three(all);
}
END_TEST

/* What came from outside draws no ball, ends no line, and is no perfdata. */
START_TEST(cleans_what_it_says)
{
	struct status s;
	struct buf out;
	size_t n_bars = 0, n_lines = 0;

	fill(&s, "held", 10, 0, false);
	snprintf(s.facts.message, strlen(s.facts.message) + 1, "%s", "a|b;c\n<i>[OK]\033");
	status_judge(&s, NULL, &limits);
	buf_init(&out, 65536);
	status_text(&s, 1, &limits, 4096, &out);
	for (const char *at = buf_str(&out); *at != '\0'; at++) {
		n_bars += *at == '|';
		n_lines += *at == '\n';
	}
	ck_assert_uint_eq(n_bars, 1);
	ck_assert_uint_eq(n_lines, 2);
	ck_assert_ptr_null(strpbrk(buf_str(&out), ";<\033"));
	ck_assert_ptr_null(strstr(buf_str(&out), "[OK]"));
	buf_clear(&out);
	status_clear(&s);
}
END_TEST

START_TEST(keeps_to_its_length)
{
	enum { N = 200 };
	static struct status all[N];
	struct buf out;

	for (int i = 0; i < N; i++) {
		fill(&all[i], "held", 10, 0, false);
		status_judge(&all[i], NULL, &limits);
	}
	buf_init(&out, 65536);
	status_text(all, N, &limits, 4096, &out);
	ck_assert_uint_le(out.len, 4096);
	ck_assert_ptr_nonnull(strstr(buf_str(&out), "\n... and "));
	ck_assert_int_eq(buf_str(&out)[out.len - 1], '\n');
	buf_clear(&out);
	for (int i = 0; i < N; i++)
		status_clear(&all[i]);
}
END_TEST

START_TEST(says_it_as_json)
{
	struct status all[3];
	struct buf out;
	struct json *doc;
	const struct json *targets, *first;
	struct err e;

	fill_three(all);
	buf_init(&out, 65536);
	status_json(all, 3, &limits, &out);
	doc = json_parse(out.data, out.len, &e);
	ck_assert_msg(doc != NULL, "%s", e.text);
	ck_assert_str_eq(json_str(json_get(doc, "schema")), "certs_status/1");
	ck_assert_str_eq(json_str(json_get(doc, "state")), "CRITICAL");
	targets = json_get(doc, "targets");
	ck_assert_uint_eq(json_count(targets), 3);
	first = json_first(targets);
	ck_assert_str_eq(json_str(json_get(first, "target")), "c");
	ck_assert_str_eq(json_str(json_get(first, "breaker")), "open");
	ck_assert_str_eq(json_str(json_get(json_get(first, "run"), "plan_hash")), HASH);
	ck_assert(!json_is_object(json_get(json_next(json_next(first)), "run")));
	json_free(doc);
	buf_clear(&out);
	clear_three(all);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("status");
	TCase *t = tcase_create("status");

	tcase_add_loop_test(t, judges, 0, UNIT_ROWS(cases));
	tcase_add_test(t, names_the_step_once);
	tcase_add_test(t, judges_every_state_of_a_run);
	tcase_add_test(t, knows_nothing_without_facts);
	tcase_add_test(t, says_it_as_a_plugin);
	tcase_add_test(t, cleans_what_it_says);
	tcase_add_test(t, keeps_to_its_length);
	tcase_add_test(t, says_it_as_json);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
