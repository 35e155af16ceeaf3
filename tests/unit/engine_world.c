/* engine_world.c - the engine with a world of its own. */
#include "tests/unit/engine_world.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "remediate/spool.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define OLD_SHA "1111111111111111111111111111111111111111111111111111111111111111"
#define NEW_SHA "2222222222222222222222222222222222222222222222222222222222222222"

/* --- steps: everything they see is in the view ------------------------------------------- */

static void observe(const struct step_context *c, const struct view *v, struct observation *out)
{
	static const struct { char letter; enum seen seen; } letters[] = {
		{ 'g', SEEN_GOAL }, { 'r', SEEN_READY }, { 'b', SEEN_BUSY }, { 'u',
		    SEEN_UNREACHABLE },
		{ 'n', SEEN_NEITHER }, { 'f', SEEN_FAILED },
	};
	bool is_done = (v->ops.site_revision >> c->record->seq & 1) != 0;

	out->seen = is_done ? SEEN_GOAL : SEEN_READY;
	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
		if (letters[i].letter == v->ops.changes_allowed)
			out->seen = letters[i].seen;
	}
	out->n_new = v->ops.n_nodes;
	out->old_still_good = v->ops.n_joined > 0;
	if (c->step->kind[0] != 'a' && (out->seen == SEEN_GOAL || out->n_new == 1))
		out->adopt = mem_strdup(c->step->kind[0] == 'i' ? "17" : "new-1");
	if (out->adopt != NULL && c->step->kind[0] != 'i')
		out->adopt_sha256 = mem_strdup(NEW_SHA);
	snprintf(out->text, sizeof out->text, "bits %lld", (long long)v->ops.site_revision);
}

static void snapshot(const struct step_context *c, const struct view *v, struct buf *json)
{
	(void)c;
	buf_addf(json, "{\"bits\":%lld}", (long long)v->ops.site_revision);
}

static int prepare(const struct step_context *c, const struct view *v, struct goods *goods,
    struct err *e)
{
	(void)c;
	(void)v;
	(void)e;
	snprintf(goods->sha256, sizeof goods->sha256, "%s", NEW_SHA);
	return 0;
}

static void check_intent(struct engine_world *w, const struct step_context *c)
{
	struct err e = { ERR_NONE, "" };
	struct step_record *steps;
	struct journal *j;
	size_t n;

	ck_assert_int_eq(journal_open(w->paths.journal, true, &j, &e), 0);
	ck_assert_int_eq(journal_steps(j, c->run->id, &steps, &n, &e), 0);
	ck_assert_int_eq(steps[c->record->seq].state, STEP_INTENT);
	for (size_t i = 0; i < n; i++)
		ck_assert(i >= c->record->seq || steps[i].state == STEP_VERIFIED);
	steps_free(steps, n);
	journal_close(j);
}

static enum api_outcome act(const struct step_context *c, const struct view *v, struct api *api,
    struct api *global, const struct goods *goods, char **bound, struct err *e)
{
	struct engine_world *w = (struct engine_world *)api;
	size_t seq = c->record->seq;
	enum api_outcome outcome = w->outcomes[w->n_acts++];

	(void)global;
	ck_assert_uint_eq(w->passed_look, w->n_looks);
	ck_assert_int_eq(v->ops.batch_start_ms, w->n_looks);
	ck_assert(c->step->kind[0] != 'p' || goods->sha256[0] != '\0');
	check_intent(w, c);
	w->acts_of[seq]++;
	if (outcome == API_DONE || (outcome == API_UNKNOWN && w->lost_and_done)) {
		w->done |= 1u << seq;
		w->shown_at[seq] = w->now_at + w->shows_after_s;
	}
	if (outcome == API_DONE && c->step->kind[0] != 'a')
		*bound = mem_strdup(c->step->kind[0] == 'i' ? "17" : "new-1");
	if (w->on_act != NULL)
		w->on_act(w, seq);
	if (outcome != API_DONE)
		err_set(e, ERR_REFUSED, "the target says %d", outcome);
	return outcome;
}

static const struct step_kind kinds[] = {
	{ .name = "a", .verb = VERB_REPEATABLE, .title = "apply", .observe = observe, .act = act },
	{ .name = "t", .verb = VERB_TRACEABLE, .title = "make", .observe = observe,
	  .snapshot = snapshot, .act = act },
	{ .name = "p", .verb = VERB_TRACEABLE, .title = "import", .observe = observe,
	  .prepare = prepare, .act = act },
	{ .name = "i", .verb = VERB_TRACEABLE, .title = "deploy", .observe = observe,
	  .snapshot = snapshot, .binds_step = true, .act = act },
	{ .name = "o", .verb = VERB_ONCE, .title = "replace", .observe = observe, .act = act },
	{ .name = "l", .verb = VERB_READ, .title = "look", .observe = observe },
};

static const struct step_kind *find_kind(void *ctx, const char *name)
{
	(void)ctx;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

/* --- the other doors ---------------------------------------------------------------------- */

static int64_t now(void *ctx)
{
	return ((struct engine_world *)ctx)->now_at;
}

static void nap(void *ctx, int64_t ms)
{
	struct engine_world *w = ctx;

	ck_assert_msg(++w->n_sleeps < 5000, "it never ends");
	w->now_at += ms < 1000 ? 1 : ms / 1000;
	if (w->on_sleep != NULL)
		w->on_sleep(w);
}

static struct api *open_calls(void *ctx, const struct worker_settings *s, const struct mandate *m,
    struct err *e)
{
	struct engine_world *w = ctx;

	(void)s;
	(void)m;
	(void)e;
	w->n_opened++;
	return (struct api *)w;
}

static void close_calls(void *ctx, struct api *a)
{
	struct engine_world *w = ctx;

	ck_assert_ptr_eq(a, (struct api *)w);
	w->n_closed++;
}

static void look(void *ctx, const struct runner *r, const struct view_wants *wants,
    struct view *out)
{
	struct engine_world *w = ctx;
	unsigned shown = 0;

	(void)wants;
	memset(out, 0, sizeof *out);
	inventory_init(&out->inv);
	ck_assert_uint_lt(w->n_looks, 5000);
	for (unsigned i = 0; i < ENGINE_STEPS_MAX; i++) {
		if ((w->done >> i & 1) != 0 && w->now_at >= w->shown_at[i])
			shown |= 1u << i;
	}
	out->mandate = &r->trusted.mandate;
	out->read_at = w->now_at;
	out->is_reachable = out->is_complete = !w->is_incomplete;
	out->ops.site_revision = shown;
	out->ops.changes_allowed = w->n_looks < ENGINE_SCRIPT_MAX ? w->seen[w->n_looks] : 0;
	out->ops.n_nodes = w->n_new;
	out->ops.n_joined = w->old_still_good;
	out->ops.batch_start_ms = ++w->n_looks;
	if (w->on_look != NULL)
		w->on_look(w);
}

static void fill(const struct engine_world *w, struct plan *p, const char *letters)
{
	p->target = mem_strdup("prod");
	p->procedure = mem_strdup(w->procedure);
	p->finding = mem_strdup("expiring");
	p->object = mem_strdup("old");
	p->old_sha256 = mem_strdup(OLD_SHA);
	p->summary = mem_printf("mend it %s", w->variant != NULL ? w->variant : "");
	p->needs_pin = w->needs_pin;
	for (size_t i = 0; letters[i] != '\0'; i++) {
		char name[] = { letters[i], '\0' };
		struct plan_step *s = plan_add_step(p, name);

		s->call = mem_strdup("POST /there");
		s->why = mem_strdup("it has to be");
		s->verify_s = w->verify_s;
		s->unit = w->units != NULL ? w->units[i] - '0' : 0;
	}
}

static enum plan_verdict make_plan(void *ctx, const struct view *v,
    const struct plan_request *wish, int64_t now_at, struct plan *out, struct err *e)
{
	struct engine_world *w = ctx;
	unsigned all = (1u << strlen(w->kinds)) - 1;

	(void)v;
	(void)now_at;
	if (w->is_nothing || (w->done & all) == all) {
		err_set(e, ERR_REFUSED, "all is well");
		return PLAN_NOTHING;
	}
	if (wish->procedure != NULL && strcmp(wish->procedure, w->procedure) != 0) {
		err_set(e, ERR_REFUSED, "no such procedure");
		return PLAN_REFUSED;
	}
	fill(w, out, w->kinds);
	return PLAN_READY;
}

static enum plan_verdict make_rollback(void *ctx, const struct view *v,
    const struct rollback_wish *wish, int64_t now_at, struct plan *out, struct err *e)
{
	struct engine_world *w = ctx;

	(void)v;
	(void)now_at;
	ck_assert(wish->was_acted[0]);
	if (w->rollback_refused) {
		err_set(e, ERR_REFUSED, "the old one is gone");
		return PLAN_REFUSED;
	}
	fill(w, out, "a");
	out->is_rollback = true;
	out->rollback_of = wish->run;
	return PLAN_READY;
}

static enum plan_verdict make_cleanup(void *ctx, const struct view *v,
    const struct cleanup_wish *wish, int64_t now_at, struct plan *out, struct err *e)
{
	struct engine_world *w = ctx;

	(void)v;
	(void)now_at;
	ck_assert_str_eq(wish->old_id, "old");
	if (!w->cleanup_due) {
		err_set(e, ERR_REFUSED, "it is kept");
		return PLAN_NOTHING;
	}
	w->done = 0;
	fill(w, out, "a");
	return PLAN_READY;
}

/* The real rails of permission and time; the technical ones by the script. */
static enum rail_verdict ask(void *ctx, const struct rail_input *in, struct rail_says *says,
    size_t *n)
{
	struct engine_world *w = ctx;
	enum rail_verdict worst = RAIL_PASS, scripted;
	size_t all = 0, k = 0;

	rails_ask(in, says, &all);
	for (size_t i = 0; i < all; i++) {
		if (says[i].is_technical)
			continue;
		says[k] = says[i];
		worst = says[k].verdict > worst ? says[k].verdict : worst;
		k++;
	}
	scripted = w->n_asked < ENGINE_SCRIPT_MAX ? w->technical[w->n_asked] : RAIL_PASS;
	w->n_asked++;
	if (scripted != RAIL_PASS) {
		says[k] = (struct rail_says){ .rail = "scripted", .verdict = scripted };
		snprintf(says[k++].reason, sizeof says->reason, "the script says no");
		worst = scripted > worst ? scripted : worst;
	}
	*n = k;
	if (worst == RAIL_PASS)
		w->passed_look = (unsigned)in->view->ops.batch_start_ms;
	return worst;
}

/* --- open, close, ask --------------------------------------------------------------------- */

static void read_conf(struct engine_world *w, const char *kind, const char *lines)
{
	const struct group *g = getgrgid(getegid());
	char *text = mem_printf("[%s prod]\nurl = https://prod.example\n[remediate prod]\n"
	    "worker_host = " ENGINE_HOST "\nprocedures = %s\n"
	    "credentials = /nowhere/credentials\nreplacement = existing\npoll_interval = 5s\n"
	    "cool_down = 0s\nmax_per_day = 100\napprovers = %s\n%s\n",
	    kind, w->procedure, g != NULL ? g->gr_name : "nobody", lines);
	struct buf problems;

	buf_init(&problems, 65536);
	conf_init(&w->conf);
	ck_assert_msg(conf_parse("test", text, strlen(text), &w->conf, &problems) == 0, "%s",
	    buf_str(&problems));
	buf_clear(&problems);
	free(text);
}

static void open_world(struct engine_world *w, const char *kind, const char *letters,
    const char *lines)
{
	char *dir = mem_printf("%s/engine.%d.%lld", scratch_path("."), (int)getpid(),
	    (long long)clock_mono_ms());
	struct err e = { ERR_NONE, "" };

	memset(w, 0, sizeof *w);
	ck_assert_int_eq(mkdir(dir, 0755), 0);
	paths_init(&w->paths, dir);
	ck_assert_msg(paths_prepare(&w->paths, &e) == 0, "%s", e.text);
	free(dir);
	w->now_at = clock_wall_s();
	w->kinds = letters;
	w->verify_s = 60;
	w->procedure = strcmp(kind, "nsx") == 0 ? "nsx-apply" : "opsman-ca-rotation";
	read_conf(w, kind, lines);
	w->outside = (struct outside){ .ctx = w, .now = now, .sleep = nap, .open = open_calls,
		.close = close_calls, .look = look, .kind = find_kind, .plan = make_plan,
		.rollback = make_rollback, .cleanup = make_cleanup, .rails = ask };
	w->settings = (struct worker_settings){ .conf = &w->conf, .paths = &w->paths,
		.host = ENGINE_HOST, .view_limit_ms = 1000, .outside = &w->outside };
}

void engine_open(struct engine_world *w, const char *letters, const char *lines)
{
	open_world(w, "nsx", letters, lines);
}

void engine_open_opsman(struct engine_world *w, const char *letters, const char *lines)
{
	open_world(w, "opsman", letters, lines);
}

void engine_close(struct engine_world *w)
{
	ck_assert_uint_eq(w->n_opened, w->n_closed);
	conf_clear(&w->conf);
	paths_clear(&w->paths);
}

enum worker_end engine_pass_err(struct engine_world *w, struct err *e)
{
	return worker_pass(&w->settings, NULL, e);
}

enum worker_end engine_pass(struct engine_world *w)
{
	struct err e = { ERR_NONE, "" };
	enum worker_end end = engine_pass_err(w, &e);

	ck_assert_msg(end != WORKER_FAILED && e.code == ERR_NONE, "%s", e.text);
	return end;
}

void engine_say(struct engine_world *w, enum word_kind kind, const char *target, int64_t run,
    const char *hash)
{
	struct err e = { ERR_NONE, "" };
	struct word word;

	word_init(&word);
	word.kind = kind;
	word.target = mem_strdup(target);
	word.run = run;
	word.plan_hash = mem_strdup(hash);
	if (kind == WORD_EVENT) {
		word.state = mem_strdup("CRITICAL");
		word.state_type = mem_strdup("HARD");
	}
	if (kind == WORD_REQUEST) {
		word.procedure = mem_strdup(hash);
		word.reason = mem_strdup("a test");
		free(word.plan_hash);
		word.plan_hash = NULL;
	}
	ck_assert_msg(spool_put(w->paths.spool, &word, &e) == 0, "%s", e.text);
	word_clear(&word);
}

static struct journal *open_journal(struct engine_world *w)
{
	struct err e = { ERR_NONE, "" };
	struct journal *j;

	ck_assert_msg(journal_open(w->paths.journal, true, &j, &e) == 0, "%s", e.text);
	return j;
}

struct run engine_run(struct engine_world *w)
{
	struct journal *j = open_journal(w);
	struct run *runs, r;
	size_t n;
	struct err e;

	run_init(&r);
	ck_assert_int_eq(journal_runs(j, "prod", 1, &runs, &n, &e), 0);
	if (n > 0) {
		r = runs[0];
		free(runs);
	}
	journal_close(j);
	return r;
}

void engine_expect(struct engine_world *w, int64_t run, enum run_state state, const char *words)
{
	struct journal *j = open_journal(w);
	struct run r;
	struct err e;

	ck_assert_int_eq(journal_get_run(j, run, &r, &e), 0);
	ck_assert_msg(r.state == state, "run %lld is %s: %s", (long long)run,
	    run_state_name(r.state),
	    r.message != NULL ? r.message : "");
	ck_assert_msg(r.message != NULL && strstr(r.message, words) != NULL, "%s", r.message);
	run_clear(&r);
	journal_close(j);
}

struct trail_count { const char *text; unsigned n; };

static void count(void *ctx, const struct journal_entry *entry)
{
	struct trail_count *c = ctx;

	c->n += strstr(entry->text, c->text) != NULL;
}

unsigned engine_trail(struct engine_world *w, const char *text)
{
	struct trail_count c = { text, 0 };
	struct journal *j = open_journal(w);
	struct err e;

	ck_assert_int_eq(journal_each(j, NULL, 0, count, &c, &e), 0);
	journal_close(j);
	return c.n;
}

char *engine_facts(struct engine_world *w)
{
	char *path = paths_facts(&w->paths, "prod");
	struct err e = { ERR_NONE, "" };
	struct buf b;

	buf_init(&b, 65536);
	ck_assert_msg(fileio_read(path, &b, &e) == 0, "%s", e.text);
	free(path);
	return buf_take(&b);
}
