/* test_journal.c - words, runs and steps: written once, read back, and moved
 * only where they may go. */
#include "remediate/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/journal_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define AT INT64_C(1795305600)

static struct journal *j;
static struct err e;

static void setup(void)
{
	scratch_make();
	memset(&e, 0, sizeof e);
	j = journal_world_open();
}

static void teardown(void)
{
	journal_close(j);
	scratch_remove();
}

static void reopen(void)
{
	journal_close(j);
	j = journal_world_open();
}

START_TEST(state_names)
{
	const char *const names[RUN_N_STATES] = { "planned", "awaiting-approval", "held", "running",
		"waiting", "blocked", "failed", "done", "abandoned" };
	enum run_state s;

	for (int i = 0; i < RUN_N_STATES; i++) {
		ck_assert_str_eq(run_state_name((enum run_state)i), names[i]);
		ck_assert(run_state_find(names[i], &s));
		ck_assert_int_eq(s, i);
		ck_assert_int_eq(run_is_open(s), i < RUN_FAILED);
	}
	ck_assert(!run_state_find("", &s) && !run_state_find("Done", &s));
	ck_assert_str_eq(step_state_name(STEP_VERIFIED), "verified");
}
END_TEST

/* --- words ------------------------------------------------------------------------------ */

struct seen { size_t n; int64_t last; char text[4096]; };

static void note_entry(void *ctx, const struct journal_entry *entry)
{
	struct seen *s = ctx;
	size_t used = strlen(s->text);

	ck_assert_int_gt(entry->id, s->last);
	s->last = entry->id;
	s->n++;
	snprintf(s->text + used, sizeof s->text - used, "%s|%s|%s|%s|%lld|%lld\n",
	    entry->target != NULL ? entry->target : "-", entry->kind,
	    entry->who != NULL ? entry->who : "-", entry->text, (long long)entry->run,
	    (long long)entry->step);
}

static struct seen trail(const char *target, int64_t since)
{
	struct seen s = { .last = since };

	ck_assert_msg(journal_each(j, target, since, note_entry, &s, &e) == 0, "%s", e.text);
	return s;
}

START_TEST(every_word_once)
{
	int64_t first = journal_world_say(j, "a", WORD_EVENT, 0, -1, AT, JOURNAL_RECORDED);
	int64_t second = journal_world_say(j, "b", WORD_EVENT, 0, -1, AT, JOURNAL_RECORDED);

	ck_assert_int_gt(first, 0);
	ck_assert_int_ne(first, second);
	reopen();
	ck_assert_int_eq(journal_world_say(j, "a", WORD_EVENT, 0, -1, AT + 9, JOURNAL_RECORDED), first);
	ck_assert_uint_eq(trail(NULL, 0).n, 2);
}
END_TEST

START_TEST(a_file_that_was_no_word)
{
	char name[] = "odd", user[] = "mallory";
	struct spoken s;
	int64_t id;

	memset(&s, 0, sizeof s);
	word_init(&s.word);
	s.name = name;
	s.user = user;
	s.at = AT;
	err_set(&s.err, ERR_ANSWER, "not a regular file");
	ck_assert_int_eq(journal_add_word(j, &s, "dropped", &id, &e), 0);
	ck_assert_str_eq(trail(NULL, 0).text,
	    "-|word|mallory|the file odd is no word: not a regular file (dropped)|0|-1\n");
}
END_TEST

START_TEST(the_trail_of_words)
{
	int64_t run = journal_world_run(j, "expiring", 0, 1, AT);

	journal_world_say(j, "a", WORD_EVENT, 0, 2, AT, JOURNAL_RECORDED);
	journal_world_say(j, "b", WORD_REQUEST, 0, -1, AT, JOURNAL_RECORDED);
	journal_world_say(j, "c", WORD_APPROVE, run, -1, AT, "alice is not an approver");
	ck_assert_str_eq(trail("prod", 0).text,
	    "prod|run|-|planned: nsx-apply for expiring of 77c5, due|1|-1\n"
	    "prod|word|alice|event, CRITICAL, HARD|0|-1\n"
	    "prod|word|alice|request, nsx-apply, reason yearly|0|-1\n"
	    "prod|word|alice|approve, run 1, plan 3fa1 (alice is not an approver)|1|-1\n");
	ck_assert_uint_eq(trail("other", 0).n, 0);
	ck_assert_uint_eq(trail(NULL, 3).n, 1);
}
END_TEST

/* More than a page of them, in order and without a gap. */
START_TEST(a_long_trail)
{
	for (int i = 0; i < 450; i++)
		ck_assert_int_eq(journal_note(j, "prod", 0, "rail", "window", AT + i, &e), 0);
	ck_assert_uint_eq(trail("prod", 0).n, 450);
	ck_assert_uint_eq(trail("prod", 50).n, 400);
}
END_TEST

/* Writing while the trail is read: no transaction is open then. */
static void write_meanwhile(void *ctx, const struct journal_entry *entry)
{
	struct journal *other = ctx;

	if (entry->id < 3)
		ck_assert_int_eq(journal_note(other, "prod", 0, "rail", "again", AT, &e), 0);
}

START_TEST(a_slow_reader_is_in_nobodys_way)
{
	struct journal *other = journal_world_open();

	ck_assert_int_eq(journal_note(j, "prod", 0, "rail", "first", AT, &e), 0);
	ck_assert_int_eq(journal_each(j, NULL, 0, write_meanwhile, other, &e), 0);
	ck_assert_uint_eq(trail(NULL, 0).n, 2);
	journal_close(other);
}
END_TEST

/* --- requests ---------------------------------------------------------------------------- */

static size_t n_requests(const char *target)
{
	struct request *r;
	size_t n;

	ck_assert_int_eq(journal_requests(j, target, &r, &n, &e), 0);
	requests_free(r, n);
	return n;
}

static int64_t run_for(int64_t word)
{
	struct run r;
	int64_t id;

	run_init(&r);
	r.target = mem_strdup("prod");
	r.procedure = mem_strdup("nsx-apply");
	r.request_word = word;
	ck_assert_msg(journal_add_run(j, &r, AT, &e) == 0, "%s", e.text);
	id = r.id;
	run_clear(&r);
	return id;
}

START_TEST(requests)
{
	int64_t first = journal_world_say(j, "a", WORD_REQUEST, 0, -1, AT, JOURNAL_RECORDED);
	int64_t second = journal_world_say(j, "b", WORD_REQUEST, 0, -1, AT + 1, JOURNAL_RECORDED);
	struct request *r;
	size_t n;
	int64_t run;

	journal_world_say(j, "c", WORD_REQUEST, 0, -1, AT + 2, "no such procedure here");
	ck_assert_int_eq(journal_requests(j, "prod", &r, &n, &e), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(r[0].word, first);
	ck_assert_str_eq(r[0].procedure, "nsx-apply");
	ck_assert_str_eq(r[0].reason, "yearly");
	ck_assert_str_eq(r[0].user, "alice");
	ck_assert_ptr_null(r[0].object);
	requests_free(r, n);
	ck_assert_uint_eq(n_requests("other"), 0);
	run = run_for(first);
	ck_assert_uint_eq(n_requests("prod"), 1);
	journal_world_set(j, run, RUN_ABANDONED, AT);   /* no answer: it stays open */
	ck_assert_uint_eq(n_requests("prod"), 2);
	run = run_for(first);
	journal_world_set(j, run, RUN_DONE, AT);
	ck_assert_uint_eq(n_requests("prod"), 1);
	ck_assert_int_eq(journal_close_request(j, second, "nothing to do", AT, &e), 0);
	ck_assert_int_eq(journal_close_request(j, second, "again", AT, &e), 0);
	ck_assert_uint_eq(n_requests("prod"), 0);
	ck_assert_ptr_nonnull(strstr(trail("prod", 0).text, "request 2 closed: nothing to do"));
	ck_assert_ptr_null(strstr(trail("prod", 0).text, "again"));
}
END_TEST

/* --- runs --------------------------------------------------------------------------------- */

static struct run get(int64_t id)
{
	struct run r;

	ck_assert_int_eq(journal_get_run(j, id, &r, &e), 0);
	return r;
}

START_TEST(a_run_as_it_was_made)
{
	int64_t id = journal_world_run(j, "expiring", 0, 3, AT);
	struct run r;

	reopen();
	r = get(id);
	ck_assert_int_eq(r.id, id);
	ck_assert_str_eq(r.target, "prod");
	ck_assert_str_eq(r.procedure, "nsx-apply");
	ck_assert_str_eq(r.finding, "expiring");
	ck_assert_str_eq(r.object, "77c5");
	ck_assert_str_eq(r.plan_json, "{\"steps\":[]}");
	ck_assert_str_eq(r.plan_hash, "3fa1");
	ck_assert_str_eq(r.message, "due");
	ck_assert_str_eq(r.mode, "auto");
	ck_assert_str_eq(r.old_sha256, "ab12");
	ck_assert(r.state == RUN_PLANNED && r.created_at == AT && r.changed_at == AT);
	ck_assert(r.begun_at == 0 && r.ended_at == 0 && r.approved_at == 0);
	ck_assert(r.new_id == NULL && r.new_sha256 == NULL && r.approved_by == NULL);
	ck_assert(r.n_steps == 3 && r.n_verified == 0 && r.n_acted == 0);
	run_clear(&r);
	r = get(id + 1);
	ck_assert_int_eq(r.id, 0);
}
END_TEST

START_TEST(states_and_times)
{
	int64_t id = journal_world_run(j, "expiring", 0, 1, AT);
	size_t before;
	struct run r;

	journal_world_set(j, id, RUN_RUNNING, AT + 10);
	journal_world_set(j, id, RUN_WAITING, AT + 20);
	journal_world_set(j, id, RUN_RUNNING, AT + 30);
	r = get(id);
	ck_assert(r.begun_at == AT + 10 && r.changed_at == AT + 30 && r.ended_at == 0);
	run_clear(&r);
	before = trail(NULL, 0).n;
	journal_world_set(j, id, RUN_RUNNING, AT + 40);   /* the same again */
	ck_assert_uint_eq(trail(NULL, 0).n, before);
	journal_world_set(j, id, RUN_FAILED, AT + 50);
	r = get(id);
	ck_assert(r.changed_at == AT + 50 && r.ended_at == AT + 50);
	run_clear(&r);
	journal_world_set(j, id, RUN_RUNNING, AT + 60);   /* retried */
	r = get(id);
	ck_assert(r.begun_at == AT + 10 && r.ended_at == 0);
	run_clear(&r);
	ck_assert_int_eq(journal_set_run(j, id + 1, RUN_DONE, NULL, AT, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_ptr_nonnull(strstr(e.text, "has no run 2"));
}
END_TEST

/* A sentence may be gone, too. */
START_TEST(messages)
{
	int64_t id = journal_world_run(j, "expiring", 0, 0, AT);
	struct run r;

	ck_assert_int_eq(journal_set_run(j, id, RUN_HELD, "window", AT + 1, &e), 0);
	ck_assert_int_eq(journal_set_run(j, id, RUN_HELD, NULL, AT + 2, &e), 0);
	r = get(id);
	ck_assert_ptr_null(r.message);
	ck_assert_int_eq(r.changed_at, AT + 2);
	run_clear(&r);
}
END_TEST

START_TEST(open_runs)
{
	int64_t first = journal_world_run(j, "expiring", 0, 1, AT), back;
	struct run r, second;

	ck_assert_int_eq(journal_open_run(j, "other", &r, &e), 0);
	ck_assert_int_eq(r.id, 0);
	run_init(&second);
	second.target = mem_strdup("prod");
	second.procedure = mem_strdup("nsx-apply");
	ck_assert_int_eq(journal_add_run(j, &second, AT, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "run 1 of prod is still open"));
	ck_assert_int_eq(second.id, 0);
	run_clear(&second);
	journal_world_set(j, first, RUN_BLOCKED, AT);
	back = journal_world_run(j, "rollback", first, 1, AT);
	ck_assert_int_eq(journal_open_run(j, "prod", &r, &e), 0);
	ck_assert_int_eq(r.id, back);
	ck_assert_int_eq(r.rollback_of, first);
	run_clear(&r);
	journal_world_set(j, back, RUN_DONE, AT);
	ck_assert_int_eq(journal_open_run(j, "prod", &r, &e), 0);
	ck_assert_int_eq(r.id, first);
	run_clear(&r);
	journal_world_set(j, first, RUN_ABANDONED, AT);
	ck_assert_int_eq(journal_open_run(j, "prod", &r, &e), 0);
	ck_assert_int_eq(r.id, 0);
}
END_TEST

START_TEST(newest_runs)
{
	struct run *runs;
	size_t n;

	for (int i = 0; i < 5; i++)
		journal_world_set(j, journal_world_run(j, "expiring", 0, 1, AT + i), RUN_DONE, AT + i);
	ck_assert_int_eq(journal_runs(j, NULL, 3, &runs, &n, &e), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(runs[0].id, 5);
	ck_assert_int_eq(runs[2].id, 3);
	runs_free(runs, n);
	ck_assert_int_eq(journal_runs(j, "prod", SIZE_MAX, &runs, &n, &e), 0);
	ck_assert_uint_eq(n, 5);
	runs_free(runs, n);
	ck_assert_int_eq(journal_runs(j, "other", 9, &runs, &n, &e), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_ptr_null(runs);
}
END_TEST

START_TEST(approval_and_binding)
{
	int64_t id = journal_world_run(j, "expiring", 0, 1, AT);
	struct run r;

	ck_assert_int_eq(journal_approve(j, id, "alice", AT + 5, &e), 0);
	ck_assert_int_eq(journal_bind(j, id, "new-id", NULL, AT + 6, &e), 0);
	ck_assert_int_eq(journal_bind(j, id, NULL, "ef56", AT + 7, &e), 0);
	r = get(id);
	ck_assert_str_eq(r.approved_by, "alice");
	ck_assert_int_eq(r.approved_at, AT + 5);
	ck_assert_str_eq(r.new_id, "new-id");
	ck_assert_str_eq(r.new_sha256, "ef56");
	run_clear(&r);
	journal_world_set(j, id, RUN_DONE, AT);
	ck_assert_int_eq(journal_approve(j, id, "bob", AT + 9, &e), -1);
	ck_assert_int_eq(journal_bind(j, id, "x", "y", AT + 9, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "no open run 1"));
	r = get(id);
	ck_assert_str_eq(r.approved_by, "alice");
	run_clear(&r);
}
END_TEST

static size_t n_cleanups(void)
{
	struct run *runs;
	size_t n;

	ck_assert_int_eq(journal_cleanups(j, "prod", &runs, &n, &e), 0);
	runs_free(runs, n);
	return n;
}

START_TEST(cleanups)
{
	int64_t done = journal_world_run(j, "expiring", 0, 1, AT), other;

	ck_assert_uint_eq(n_cleanups(), 0);
	journal_world_set(j, done, RUN_DONE, AT);
	ck_assert_uint_eq(n_cleanups(), 1);
	other = journal_world_run(j, RUN_CLEANUP, 0, 1, AT);
	ck_assert_uint_eq(n_cleanups(), 1);
	journal_world_set(j, other, RUN_DONE, AT);
	ck_assert_uint_eq(n_cleanups(), 0);
	done = journal_world_run(j, "expiring", 0, 1, AT);   /* the same object again, later */
	journal_world_set(j, done, RUN_DONE, AT);
	ck_assert_uint_eq(n_cleanups(), 1);
	other = journal_world_run(j, "rollback", done, 1, AT);
	journal_world_set(j, other, RUN_DONE, AT);           /* the old one is in use again */
	ck_assert_uint_eq(n_cleanups(), 0);
}
END_TEST

/* --- steps --------------------------------------------------------------------------------- */

static struct step_record *steps(int64_t run, size_t wanted)
{
	struct step_record *s;
	size_t n;

	ck_assert_msg(journal_steps(j, run, &s, &n, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(n, wanted);
	return s;
}

START_TEST(a_step_from_intent_to_verification)
{
	int64_t run = journal_world_run(j, "expiring", 0, 2, AT);
	struct step_record *s = steps(run, 2);
	struct run r;

	ck_assert(s[1].seq == 1 && s[1].state == STEP_NONE && s[1].tries == 0 && s[1].said == NULL);
	steps_free(s, 2);
	ck_assert_int_eq(journal_intent(j, run, 0, "{\"ids\":[1]}", "cd34", "POST /x", AT + 1, &e), 0);
	reopen();
	s = steps(run, 2);
	ck_assert(s[0].state == STEP_INTENT && s[0].intent_at == AT + 1 && s[0].tries == 1);
	ck_assert_str_eq(s[0].snapshot, "{\"ids\":[1]}");
	ck_assert_str_eq(s[0].sha256, "cd34");
	steps_free(s, 2);
	r = get(run);
	ck_assert(r.n_acted == 1 && r.n_verified == 0);   /* it may have been done */
	run_clear(&r);
	ck_assert_int_eq(journal_acted(j, run, 0, "200", AT + 2, &e), 0);
	ck_assert_int_eq(journal_verified(j, run, 0, "served", AT + 3, &e), 0);
	s = steps(run, 2);
	ck_assert(s[0].state == STEP_VERIFIED && s[0].acted_at == AT + 2);
	ck_assert(s[0].verified_at == AT + 3 && s[0].intent_at == AT + 1);
	ck_assert_str_eq(s[0].said, "served");
	steps_free(s, 2);
	ck_assert_int_eq(journal_verified(j, run, 1, "already so", AT + 4, &e), 0);
	r = get(run);
	ck_assert(r.n_acted == 1 && r.n_verified == 2);
	run_clear(&r);
	ck_assert_ptr_nonnull(strstr(trail("prod", 0).text,
	    "prod|call|-|about to do: POST /x|1|0\nprod|call|-|sent: 200|1|0\n"
	    "prod|step|-|verified: served|1|0\nprod|step|-|verified: already so|1|1\n"));
}
END_TEST

START_TEST(a_step_that_was_refused_and_tried_again)
{
	int64_t run = journal_world_run(j, "expiring", 0, 1, AT);
	struct step_record *s;
	struct run r;

	ck_assert_int_eq(journal_intent(j, run, 0, NULL, NULL, "POST /x", AT + 1, &e), 0);
	ck_assert_int_eq(journal_not_acted(j, run, 0, "400", AT + 2, &e), 0);
	r = get(run);
	ck_assert_uint_eq(r.n_acted, 0);
	run_clear(&r);
	s = steps(run, 1);
	ck_assert(s[0].state == STEP_NONE && s[0].intent_at == 0 && s[0].tries == 1);
	ck_assert_str_eq(s[0].said, "400");
	steps_free(s, 1);
	for (int i = 0; i < 2; i++)   /* the second is after a crash */
		ck_assert_int_eq(journal_intent(j, run, 0, NULL, NULL, "POST /x", AT + 3 + i, &e), 0);
	s = steps(run, 1);
	ck_assert(s[0].state == STEP_INTENT && s[0].intent_at == AT + 4 && s[0].tries == 3);
	steps_free(s, 1);
}
END_TEST

/* Known as soon as it is, kept over a new start, and forgotten with another try. */
START_TEST(what_a_step_made)
{
	int64_t run = journal_world_run(j, "expiring", 0, 2, AT);
	struct step_record *s = steps(run, 2);

	ck_assert_ptr_null(s[0].made);
	steps_free(s, 2);
	ck_assert_int_eq(journal_intent(j, run, 0, NULL, NULL, "POST /x", AT, &e), 0);
	ck_assert_int_eq(journal_made(j, run, 0, "17", AT + 1, &e), 0);
	ck_assert_int_eq(journal_acted(j, run, 0, "200", AT + 1, &e), 0);
	reopen();
	s = steps(run, 2);
	ck_assert_str_eq(s[0].made, "17");
	ck_assert(s[0].state == STEP_ACTED && s[1].made == NULL);
	steps_free(s, 2);
	ck_assert_int_eq(journal_made(j, run, 0, "18", AT + 2, &e), 0);   /* learnt later */
	ck_assert_int_eq(journal_verified(j, run, 0, "done", AT + 3, &e), 0);
	ck_assert_int_eq(journal_retry(j, run, "again", AT + 4, &e), 0);
	s = steps(run, 2);
	ck_assert_str_eq(s[0].made, "18");   /* what is verified stays */
	steps_free(s, 2);
	ck_assert_ptr_nonnull(strstr(trail("prod", 0).text,
	    "prod|call|-|made: 17|1|0\nprod|call|-|sent: 200|1|0\nprod|call|-|made: 18|1|0\n"));
}
END_TEST

START_TEST(what_it_made_is_forgotten)
{
	int64_t run = journal_world_run(j, "expiring", 0, 1, AT);
	struct step_record *s;

	for (int by_retry = 0; by_retry < 2; by_retry++) {
		ck_assert_int_eq(journal_intent(j, run, 0, NULL, NULL, "POST /x", AT, &e), 0);
		ck_assert_int_eq(journal_made(j, run, 0, "17", AT, &e), 0);
		if (by_retry)
			ck_assert_int_eq(journal_retry(j, run, "again", AT, &e), 0);
		else
			ck_assert_int_eq(journal_intent(j, run, 0, NULL, NULL, "POST /x", AT, &e), 0);
		s = steps(run, 1);
		ck_assert_ptr_null(s[0].made);
		steps_free(s, 1);
	}
}
END_TEST

/* What may not happen is refused, and writes nothing. */
START_TEST(steps_out_of_order)
{
	int64_t run = journal_world_run(j, "expiring", 0, 1, AT);
	size_t before = trail(NULL, 0).n;

	ck_assert_int_eq(journal_acted(j, run, 0, "200", AT, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_int_eq(journal_made(j, run, 0, "17", AT, &e), -1);
	ck_assert_int_eq(journal_not_acted(j, run, 0, "400", AT, &e), -1);
	ck_assert_int_eq(journal_intent(j, run, 1, NULL, NULL, "POST", AT, &e), -1);
	ck_assert_int_eq(journal_verified(j, run + 1, 0, "x", AT, &e), -1);
	ck_assert_uint_eq(trail(NULL, 0).n, before);
	journal_world_step(j, run, 0, AT);
	ck_assert_int_eq(journal_intent(j, run, 0, NULL, NULL, "POST", AT, &e), -1);
	ck_assert_int_eq(journal_not_acted(j, run, 0, "x", AT, &e), -1);
	ck_assert_int_eq(journal_made(j, run, 0, "x", AT, &e), -1);
	ck_assert_int_eq(journal_verified(j, run, 0, "x", AT, &e), -1);
}
END_TEST

static Suite *make_suite(void)
{
	static const TTest *const *tests[] = { &state_names, &every_word_once,
		&a_file_that_was_no_word, &the_trail_of_words, &a_long_trail,
		&a_slow_reader_is_in_nobodys_way, &requests, &a_run_as_it_was_made, &states_and_times,
		&messages, &open_runs, &newest_runs, &approval_and_binding, &cleanups,
		&a_step_from_intent_to_verification, &a_step_that_was_refused_and_tried_again,
		&what_a_step_made, &what_it_made_is_forgotten, &steps_out_of_order };
	Suite *s = suite_create("journal");
	TCase *tc = tcase_create("journal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);   /* it is a disk that is waited for */
	for (int i = 0; i < UNIT_ROWS(tests); i++)
		tcase_add_test(tc, *tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
