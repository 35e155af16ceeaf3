/* journal_world.c - a journal in a directory of its own. */
#include "tests/unit/journal_world.h"

#include <check.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/scratch.h"

const char *journal_world_path(void)
{
	return scratch_path("remediation.db");
}

struct journal *journal_world_open(void)
{
	struct journal *j;
	struct err e = { 0 };

	ck_assert_msg(journal_open(journal_world_path(), false, &j, &e) == 0, "%s", e.text);
	return j;
}

int64_t journal_world_say(struct journal *j, const char *name, enum word_kind kind, int64_t run,
    int64_t downtime, int64_t at, const char *outcome)
{
	char file[64], user[] = "alice", target[] = "prod", state[] = "CRITICAL", hard[] = "HARD";
	char procedure[] = "nsx-apply", reason[] = "yearly", hash[] = "3fa1";
	struct spoken s;
	struct err e = { 0 };
	int64_t id;

	memset(&s, 0, sizeof s);
	word_init(&s.word);
	strncpy(file, name, sizeof file - 1);
	file[sizeof file - 1] = '\0';
	s.name = file;
	s.user = user;
	s.uid = 1000;
	s.at = at;
	s.word.kind = kind;
	s.word.run = run;
	s.word.target = run == 0 ? target : NULL;
	s.word.downtime = downtime;
	if (kind == WORD_EVENT) {
		s.word.state = state;
		s.word.state_type = hard;
	}
	if (kind == WORD_REQUEST) {
		s.word.procedure = procedure;
		s.word.reason = reason;
	}
	if (kind == WORD_APPROVE)
		s.word.plan_hash = hash;
	ck_assert_msg(journal_add_word(j, &s, outcome, &id, &e) == 0, "%s", e.text);
	return id;
}

int64_t journal_world_run(struct journal *j, const char *finding, int64_t rollback_of, size_t n,
    int64_t at)
{
	char target[] = "prod", procedure[] = "nsx-apply", found[32], object[] = "77c5";
	char json[] = "{\"steps\":[]}", hash[] = "3fa1", mode[] = "auto", old[] = "ab12", why[] = "due";
	struct run r;
	struct err e = { 0 };

	run_init(&r);
	strncpy(found, finding, sizeof found - 1);
	found[sizeof found - 1] = '\0';
	r.target = target;
	r.procedure = procedure;
	r.finding = found;
	r.object = object;
	r.plan_json = json;
	r.plan_hash = hash;
	r.mode = mode;
	r.old_sha256 = old;
	r.message = why;
	r.state = RUN_PLANNED;
	r.rollback_of = rollback_of;
	r.n_steps = n;
	ck_assert_msg(journal_add_run(j, &r, at, &e) == 0, "%s", e.text);
	return r.id;
}

void journal_world_step(struct journal *j, int64_t run, size_t seq, int64_t at)
{
	struct err e = { 0 };

	ck_assert_msg(journal_intent(j, run, seq, "{\"ids\":[]}", "cd34", "POST /x", at, &e) == 0 &&
	    journal_acted(j, run, seq, "200", at + 1, &e) == 0 &&
	    journal_verified(j, run, seq, "served", at + 2, &e) == 0, "%s", e.text);
}

void journal_world_set(struct journal *j, int64_t run, enum run_state state, int64_t at)
{
	struct err e = { 0 };

	ck_assert_msg(journal_set_run(j, run, state, run_state_name(state), at, &e) == 0, "%s", e.text);
}
