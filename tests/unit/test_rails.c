/* test_rails.c - each rail stops a change, lets others pass, and none is left
 * out. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/rails.h"
#include "tests/unit/view_world.h"

#define NOW SAMPLE_NOW
#define HASH "aa11"
#define HOST "mon1.example"

/* Everything that a rail can look at, in a condition in which all pass. */
struct scene {
	struct view_world world;
	struct plan plan;
	struct run run;
	struct past past;
	struct rail_input in;
};

static void scene_open(struct scene *s, const char *version)
{
	memset(s, 0, sizeof *s);
	vworld_open(&s->world, version);
	vworld_add(&s->world, &(struct vworld_cert){ .id = "old", .ends_in = 5 });
	vworld_use(&s->world, "old", "API", 1);
	vworld_judge(&s->world);
	plan_init(&s->plan);
	s->plan.target = mem_strdup("prod");
	s->plan.procedure = mem_strdup("nsx-apply");
	s->plan.object = mem_strdup("old");
	s->plan.new_id = mem_strdup("new");
	plan_add_step(&s->plan, "apply")->service = mem_strdup("API");
	s->run = (struct run){ .id = 7, .plan_hash = mem_strdup(HASH) };
	s->in = (struct rail_input){ .mandate = &s->world.mandate, .plan = &s->plan,
		.plan_hash = HASH, .run = &s->run, .view = &s->world.view, .past = &s->past,
		.host = HOST, .now_at = NOW, .still_wanted = true };
}

static void scene_close(struct scene *s)
{
	plan_clear(&s->plan);
	free(s->run.plan_hash);
	vworld_close(&s->world);
}

static void set_text(char **at, const char *text)
{
	free(*at);
	*at = mem_strdup(text);
}

static void mode_plan(struct scene *s) { s->world.mandate.mode = MODE_PLAN; }
static void mode_approve(struct scene *s)
{
	s->world.mandate.mode = MODE_APPROVE;
	s->world.mandate.approvers = "approvers";
}
static void approved(struct scene *s, int64_t at)
{
	mode_approve(s);
	s->run.approved_by = (char *)"alice";
	s->run.approved_at = at;
}
static void approved_now(struct scene *s) { approved(s, NOW - 10); }
static void approved_long_ago(struct scene *s) { approved(s, NOW - 14 * SAMPLE_DAY); }
static void approved_just_in_time(struct scene *s) { approved(s, NOW - 14 * SAMPLE_DAY + 1); }
static void approved_other_plan(struct scene *s)
{
	approved(s, NOW - 10);
	set_text(&s->run.plan_hash, "bb22");
}
static void approved_no_run(struct scene *s) { mode_approve(s); s->in.run = NULL; }
static void no_approvers(struct scene *s) { mode_approve(s); s->world.mandate.approvers = NULL; }
static void approved_old_begun(struct scene *s) { approved_long_ago(s); s->in.is_begun = true; }
static void approved_other_begun(struct scene *s) { approved_other_plan(s); s->in.is_begun = true; }
static void other_host(struct scene *s) { s->in.host = "mon2.example"; }
static void host_case(struct scene *s) { s->in.host = "MON1.Example"; }
static void no_host(struct scene *s) { s->in.host = NULL; }
static void no_worker_host(struct scene *s) { s->world.mandate.worker_host = NULL; }
static void not_listed(struct scene *s) { set_text(&s->plan.procedure, "opsman-regenerate"); }
static void none_listed(struct scene *s)
{
	for (size_t i = 0; i < s->world.mandate.n_procedures; i++)
		free(s->world.mandate.procedures[i]);
	s->world.mandate.n_procedures = 0;
}
static void cleanup(struct scene *s)
{
	set_text(&s->plan.procedure, "nsx-clean-up");
	set_text(&s->plan.steps[0].kind, "delete");
}
static void cleanup_none_listed(struct scene *s) { cleanup(s); none_listed(s); }
static void gone(struct scene *s) { s->in.still_wanted = false; }
static void gone_begun(struct scene *s) { gone(s); s->in.is_begun = true; }
static void paused(struct scene *s)
{
	s->past.paused = true;
	s->past.paused_by = (char *)"alice";
}
static void paused_begun(struct scene *s) { paused(s); s->in.is_begun = true; }
static void downtime(struct scene *s, int64_t at)
{
	s->past.downtime = 1;
	s->past.downtime_at = at;
}
static void downtime_now(struct scene *s) { downtime(s, NOW - 60); }
static void downtime_over(struct scene *s) { downtime(s, NOW - SAMPLE_DAY); }
static void downtime_clock_back(struct scene *s) { downtime(s, NOW + 50); }
static void downtime_begun(struct scene *s) { downtime_now(s); s->in.is_begun = true; }
static void window_closed(struct scene *s) { s->world.mandate.window = "02:00-06:00"; }
static void window_open(struct scene *s) { s->world.mandate.window = "00:00-06:00"; }
static void window_wrong(struct scene *s) { s->world.mandate.window = "never"; }
static void window_begun(struct scene *s) { window_closed(s); s->in.is_begun = true; }
static void begins_unit(struct scene *s, int64_t since_at)
{
	s->in.is_begun = s->in.begins_unit = true;
	s->in.unit_since_at = since_at;
}
static void unit(struct scene *s) { begins_unit(s, NOW - 60); }
static void unit_window(struct scene *s) { window_closed(s); unit(s); }
static void unit_downtime(struct scene *s) { downtime_now(s); unit(s); }
static void unit_others(struct scene *s)
{
	unit(s);
	s->past.n_begun_day = 2;
	s->past.last_end_at = NOW - 1;
	s->past.n_failed_row = 2;
	s->in.still_wanted = false;
}
static void unit_approved(struct scene *s, int64_t at, bool by_unit)
{
	approved(s, at);
	unit(s);
	s->world.mandate.approval_by_unit = by_unit;
}
static void unit_approved_before(struct scene *s) { unit_approved(s, NOW - 60, true); }
static void unit_approved_after(struct scene *s) { unit_approved(s, NOW - 59, true); }
static void unit_approved_run(struct scene *s) { unit_approved(s, NOW - 15 * SAMPLE_DAY, false); }
static void unit_approved_too_old(struct scene *s)
{
	unit_approved(s, NOW - 15 * SAMPLE_DAY, true);
	s->in.unit_since_at = NOW - 16 * SAMPLE_DAY;
}
static void in_unit_approved_before(struct scene *s)
{
	unit_approved_before(s);
	s->in.begins_unit = false;
}
static void unit_auto(struct scene *s)
{
	unit(s);
	s->world.mandate.approval_by_unit = true;
}
static void day_full(struct scene *s) { s->past.n_begun_day = 2; }
static void day_one_left(struct scene *s) { s->past.n_begun_day = 1; }
static void day_none_allowed(struct scene *s) { s->world.mandate.max_per_day = 0; }
static void day_full_with_this(struct scene *s) { day_full(s); s->run.begun_at = NOW - 60; }
static void day_full_begun(struct scene *s) { day_full(s); s->in.is_begun = true; }
static void just_ended(struct scene *s) { s->past.last_end_at = NOW - 3599; }
static void ended_before(struct scene *s) { s->past.last_end_at = NOW - 3600; }
static void failed_often(struct scene *s) { s->past.n_failed_row = 2; }
static void failed_once(struct scene *s) { s->past.n_failed_row = 1; }
static void rollback(struct scene *s)
{
	s->plan.is_rollback = true;
	s->world.mandate.rollback = ROLLBACK_AUTO;
}
static void rollback_ask(struct scene *s) { rollback(s); s->world.mandate.rollback = ROLLBACK_ASK; }
static void rollback_off(struct scene *s) { rollback(s); s->world.mandate.rollback = ROLLBACK_OFF; }
static void rollback_held(struct scene *s)
{
	rollback(s);
	window_closed(s);
	day_full(s);
	just_ended(s);
	failed_often(s);
	downtime_now(s);
}
static void rollback_unstable(struct scene *s)
{
	rollback(s);
	set_text(&s->world.view.ops.overall, "DEGRADED");
}
static void unreachable(struct scene *s) { s->world.view.is_reachable = false; }
static void incomplete(struct scene *s) { s->world.view.is_complete = false; }
static void poll_failed(struct scene *s)
{
	err_set(&s->world.view.poll_err, ERR_TIMEOUT, "too slow");
}
static void ops_failed(struct scene *s)
{
	err_set(&s->world.view.ops.err, ERR_AUTH, "login refused");
}
static void pending(struct scene *s) { s->world.view.ops.n_pending = 1; }
static void batch_silent(struct scene *s) { s->world.view.ops.has_batch = false; }
static void not_joined(struct scene *s) { set_text(&s->world.view.ops.not_joined, "nsx-02"); }
static void one_missing(struct scene *s) { s->world.view.ops.n_joined--; }
static void no_nodes(struct scene *s)
{
	s->world.view.ops.n_joined = s->world.view.ops.n_nodes = 0;
}
static void no_changes(struct scene *s) { s->world.view.ops.changes_allowed = 0; }
static void changes_silent(struct scene *s) { s->world.view.ops.changes_allowed = -1; }
static void unstable(struct scene *s) { set_text(&s->world.view.ops.overall, "DEGRADED"); }
static void unstable_begun(struct scene *s) { unstable(s); s->in.is_begun = true; }
static void overall_silent(struct scene *s) { set_text(&s->world.view.ops.overall, NULL); }
static void mgmt_unstable(struct scene *s) { set_text(&s->world.view.ops.management, "UNSTABLE"); }
static void mgmt_silent(struct scene *s) { set_text(&s->world.view.ops.management, NULL); }
static void upgrading(struct scene *s) { s->world.view.ops.upgrading = 1; }
static void backing_up(struct scene *s) { s->world.view.ops.backing_up = 1; }
static void restoring(struct scene *s) { s->world.view.ops.restoring = 1; }
static void nothing_told_of_others(struct scene *s)
{
	s->world.view.ops.upgrading = s->world.view.ops.backing_up = -1;
	s->world.view.ops.restoring = -1;
}
static void pin(struct scene *s) { s->plan.needs_pin = true; }
static void pin_known(struct scene *s) { pin(s); set_text(&s->plan.new_sha256, "cc33"); }
static void pin_bound(struct scene *s) { pin(s); s->run.new_sha256 = (char *)"cc33"; }
static void pin_made(struct scene *s)
{
	pin(s);
	set_text(&s->plan.steps[0].kind, "import");
}
static void pin_made_before(struct scene *s)
{
	pin_made(s);
	plan_add_step(&s->plan, "apply");
	s->run.n_verified = 1;
}
static struct item *item_of(struct scene *s, const char *id)
{
	size_t cert = vworld_row(&s->world, id)->cert;

	for (size_t i = 0; i < s->world.view.report.n_items; i++) {
		if (s->world.view.report.items[i].cert == cert)
			return &s->world.view.report.items[i];
	}
	ck_abort_msg("no item");
	return NULL;
}
static void renewed(struct scene *s) { item_of(s, "old")->remedy.by = ACTOR_NSX; }
static void vcf(struct scene *s) { set_text(&s->world.view.version, "9.0.0.0"); }
static void vcf_none(struct scene *s) { vcf(s); s->world.mandate.managed_by_vcf = false; }
static void vcf_later(struct scene *s) { set_text(&s->world.view.version, "10.1"); }
static void vcf_by_use(struct scene *s) { vcf(s); set_text(&s->plan.steps[0].service, NULL); }
static void vcf_other(struct scene *s)
{
	vcf_by_use(s);
	set_text(&s->plan.steps[0].service, "APH");
	vworld_unuse(&s->world, "old", "API", 1);
}
static void version_silent(struct scene *s) { set_text(&s->world.view.version, NULL); }
static void version_odd(struct scene *s) { set_text(&s->world.view.version, "odd"); }
static void principal(struct scene *s) { vworld_row(&s->world, "old")->by_principal = true; }
static void principal_category(struct scene *s)
{
	set_text(&vworld_row(&s->world, "old")->category, "PRINCIPAL_IDENTITY_CERTIFICATE");
}
static void remote_site(struct scene *s)
{
	set_text(&vworld_row(&s->world, "old")->category, "SITE_CERTIFICATE");
}
static void remote_key(struct scene *s)
{
	vworld_use(&s->world, "old", "LOCAL_MANAGER", 0);
	vworld_row(&s->world, "old")->has_private_key = 0;
}
static void compute_manager(struct scene *s) { vworld_use(&s->world, "old", "COMPUTE_MANAGER", 0); }
static void platform(struct scene *s) { vworld_use(&s->world, "old", "CBM_CORFU", 1); }
static void strange(struct scene *s) { vworld_use(&s->world, "old", "NEW_THING", 1); }
static void not_a_row(struct scene *s) { set_text(&s->plan.object, "host-7"); }
static void nothing(struct scene *s) { (void)s; }

/* rail NULL: all pass. */
static const struct {
	void (*change)(struct scene *s);
	const char *rail;
	enum rail_verdict verdict;
	const char *words;
} rows[] = {
	{ nothing, NULL, RAIL_PASS, "" },
	{ mode_plan, "mode", RAIL_HOLD, "mode = plan" },
	{ no_worker_host, "worker-host", RAIL_HOLD, "no worker_host" },
	{ other_host, "worker-host", RAIL_HOLD, "mon2.example" },
	{ no_host, "worker-host", RAIL_HOLD, "not known" },
	{ host_case, NULL, RAIL_PASS, "" },
	{ not_listed, "procedures", RAIL_HOLD, "opsman-regenerate" },
	{ none_listed, "procedures", RAIL_HOLD, "nsx-apply" },
	{ cleanup, NULL, RAIL_PASS, "" },
	{ cleanup_none_listed, "procedures", RAIL_HOLD, "nsx-clean-up" },
	{ rollback_off, "procedures", RAIL_HOLD, "rollback = off" },
	{ gone, "still-found", RAIL_REFUSE, "any more" },
	{ gone_begun, NULL, RAIL_PASS, "" },
	{ paused, "pause", RAIL_HOLD, "alice" },
	{ paused_begun, "pause", RAIL_HOLD, "alice" },
	{ downtime_now, "downtime", RAIL_HOLD, "until 2026-11-22T23:59:00Z" },
	{ downtime_clock_back, "downtime", RAIL_HOLD, "until" },
	{ downtime_over, NULL, RAIL_PASS, "" },
	{ downtime_begun, NULL, RAIL_PASS, "" },
	{ window_closed, "window", RAIL_HOLD, "until 2026-11-22T02:00:00Z" },
	{ window_open, NULL, RAIL_PASS, "" },
	{ window_wrong, "window", RAIL_REFUSE, "cannot be told" },
	{ window_begun, NULL, RAIL_PASS, "" },
	{ unit, NULL, RAIL_PASS, "" },
	{ unit_window, "window", RAIL_HOLD, "until 2026-11-22T02:00:00Z" },
	{ unit_downtime, "downtime", RAIL_HOLD, "until" },
	{ unit_others, NULL, RAIL_PASS, "" },
	{ unit_approved_before, "approval", RAIL_HOLD, "approval of its own" },
	{ unit_approved_after, NULL, RAIL_PASS, "" },
	{ unit_approved_too_old, "approval", RAIL_HOLD, "too old" },
	{ unit_approved_run, NULL, RAIL_PASS, "" },
	{ in_unit_approved_before, NULL, RAIL_PASS, "" },
	{ unit_auto, NULL, RAIL_PASS, "" },
	{ mode_approve, "approval", RAIL_HOLD, "approve 7 --plan " HASH },
	{ no_approvers, "approval", RAIL_HOLD, "no approvers" },
	{ approved_no_run, "approval", RAIL_HOLD, "a member of approvers" },
	{ approved_now, NULL, RAIL_PASS, "" },
	{ approved_just_in_time, NULL, RAIL_PASS, "" },
	{ approved_long_ago, "approval", RAIL_HOLD, "too old" },
	{ approved_other_plan, "approval", RAIL_HOLD, "another plan" },
	{ approved_old_begun, NULL, RAIL_PASS, "" },
	{ approved_other_begun, "approval", RAIL_HOLD, "another plan" },
	{ rollback_ask, "approval", RAIL_HOLD, "no approvers" },
	{ day_full, "max-per-day", RAIL_HOLD, "2 of at most 2" },
	{ day_none_allowed, "max-per-day", RAIL_HOLD, "0 of at most 0" },
	{ day_one_left, NULL, RAIL_PASS, "" },
	{ day_full_with_this, NULL, RAIL_PASS, "" },
	{ day_full_begun, NULL, RAIL_PASS, "" },
	{ just_ended, "cool-down", RAIL_HOLD, "2026-11-22T00:00:01Z" },
	{ ended_before, NULL, RAIL_PASS, "" },
	{ failed_often, "breaker", RAIL_HOLD, "2 changes failed" },
	{ failed_once, NULL, RAIL_PASS, "" },
	{ rollback_held, NULL, RAIL_PASS, "" },
	{ rollback_unstable, "one-change", RAIL_REFUSE, "DEGRADED" },
	{ unreachable, "poll-complete", RAIL_REFUSE, "cannot be asked" },
	{ incomplete, "poll-complete", RAIL_REFUSE, "not complete" },
	{ poll_failed, "poll-complete", RAIL_REFUSE, "too slow" },
	{ ops_failed, "one-change", RAIL_REFUSE, "login refused" },
	{ pending, "one-change", RAIL_REFUSE, "pending" },
	{ batch_silent, "one-change", RAIL_REFUSE, "does not tell" },
	{ not_joined, "one-change", RAIL_REFUSE, "nsx-02" },
	{ one_missing, "one-change", RAIL_REFUSE, "2 of 3" },
	{ no_nodes, "one-change", RAIL_REFUSE, "does not tell its nodes" },
	{ no_changes, "one-change", RAIL_REFUSE, "does not allow" },
	{ changes_silent, "one-change", RAIL_REFUSE, "does not tell" },
	{ unstable, "one-change", RAIL_REFUSE, "overall cluster status is DEGRADED" },
	{ unstable_begun, "one-change", RAIL_REFUSE, "DEGRADED" },
	{ overall_silent, "one-change", RAIL_REFUSE, "does not tell its overall" },
	{ mgmt_unstable, "one-change", RAIL_REFUSE, "management cluster status is UNSTABLE" },
	{ mgmt_silent, "one-change", RAIL_REFUSE, "does not tell its management" },
	{ upgrading, "one-change", RAIL_REFUSE, "upgrade" },
	{ backing_up, "one-change", RAIL_REFUSE, "backup" },
	{ restoring, "one-change", RAIL_REFUSE, "restore" },
	{ nothing_told_of_others, NULL, RAIL_PASS, "" },
	{ pin, "own-trust", RAIL_REFUSE, "pin_sha256" },
	{ pin_known, NULL, RAIL_PASS, "" },
	{ pin_bound, NULL, RAIL_PASS, "" },
	{ pin_made, NULL, RAIL_PASS, "" },
	{ pin_made_before, "own-trust", RAIL_REFUSE, "pin_sha256" },
	{ renewed, "product-renews", RAIL_REFUSE, "by itself" },
	{ vcf, "vcf", RAIL_REFUSE, "SDDC Manager" },
	{ vcf_later, "vcf", RAIL_REFUSE, "SDDC Manager" },
	{ vcf_by_use, "vcf", RAIL_REFUSE, "SDDC Manager" },
	{ vcf_none, NULL, RAIL_PASS, "" },
	{ vcf_other, NULL, RAIL_PASS, "" },
	{ version_silent, "vcf", RAIL_REFUSE, "does not tell its version" },
	{ version_odd, "vcf", RAIL_REFUSE, "does not tell its version" },
	{ principal, "not-ours", RAIL_REFUSE, "principal" },
	{ principal_category, "not-ours", RAIL_REFUSE, "principal" },
	{ remote_site, "not-ours", RAIL_REFUSE, "remote site" },
	{ remote_key, "not-ours", RAIL_REFUSE, "private key" },
	{ compute_manager, "not-ours", RAIL_REFUSE, "not replaced by this program" },
	{ platform, "not-ours", RAIL_REFUSE, "not replaced by this program" },
	{ strange, "not-ours", RAIL_REFUSE, "not replaced by this program" },
	{ not_a_row, NULL, RAIL_PASS, "" },
};

static struct rail_says *ask(const struct scene *s, enum rail_verdict *worst, size_t *n)
{
	struct rail_says *says = mem_array(rails_n(), sizeof *says);

	*worst = rails_ask(&s->in, says, n);
	return says;
}

START_TEST(test_one_rail)
{
	struct scene s;
	struct rail_says *says;
	enum rail_verdict worst;
	size_t n;

	scene_open(&s, "4.2.0.0");
	rows[_i].change(&s);
	says = ask(&s, &worst, &n);
	ck_assert_msg(worst == rows[_i].verdict, "row %d: %d: %s", _i, worst,
	    n ? says[0].reason : "");
	ck_assert_uint_eq(n, rows[_i].rail != NULL);
	if (n > 0) {
		ck_assert_str_eq(says[0].rail, rows[_i].rail);
		ck_assert_int_eq(says[0].verdict, worst);
		ck_assert_msg(strstr(says[0].reason, rows[_i].words) != NULL, "%s", says[0].reason);
	}
	free(says);
	scene_close(&s);
}
END_TEST

/* Before 4.2 there are no batches to tell of. */
START_TEST(test_old_version)
{
	struct scene s;
	enum rail_verdict worst;
	size_t n;

	scene_open(&s, "3.2.3");
	s.world.view.ops.has_batch = false;
	free(ask(&s, &worst, &n));
	ck_assert_int_eq(worst, RAIL_PASS);
	scene_close(&s);
}
END_TEST

/* Those of Ops Manager, which test_rails_opsman.c holds against the table. */
static bool is_tested_elsewhere(const char *name)
{
	static const char *const names[] = { "recreate", "rotation-time", "tkgi", "version",
		"one-rotation" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

START_TEST(test_table)
{
	for (size_t i = 0; i < rails_n(); i++) {
		const struct rail *r = rails_at(i);
		bool tested = is_tested_elsewhere(r->name);

		ck_assert(r->name[0] != '\0' && r->test != NULL && strlen(r->clause) > 10);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(r->name, rails_at(k)->name);
		for (int k = 0; k < UNIT_ROWS(rows); k++)
			tested |= rows[k].rail != NULL && strcmp(rows[k].rail, r->name) == 0;
		ck_assert_msg(tested, "no test stops a change by %s", r->name);
	}
}
END_TEST

/* What must hold for each answer, whatever the input: every row that applies
 * was asked, and the whole is as bad as the worst of them. */
static void check_whole(const struct scene *s)
{
	enum rail_verdict worst, sum = RAIL_PASS;
	size_t n, at = 0;
	struct rail_says *says = ask(s, &worst, &n);

	for (size_t i = 0; i < rails_n(); i++) {
		const struct rail *r = rails_at(i);
		struct rail_says one = { .rail = r->name };
		enum rail_verdict v = r->test(&s->in, &one);

		if (v == RAIL_PASS || (s->in.is_begun && r->when != RAIL_EACH_ACT &&
		    !(s->in.begins_unit && r->when == RAIL_EACH_UNIT)))
			continue;
		ck_assert_uint_lt(at, n);
		ck_assert_str_eq(says[at].rail, r->name);
		ck_assert_int_eq(says[at].verdict, v);
		ck_assert_str_eq(says[at].reason, one.reason);
		ck_assert_int_eq(says[at].is_technical, r->is_technical);
		ck_assert(says[at].reason[0] != '\0');
		sum = v > sum ? v : sum;
		at++;
	}
	ck_assert_uint_eq(at, n);
	ck_assert_int_eq(worst, sum);
	ck_assert((worst == RAIL_PASS) == (n == 0));
	free(says);
}

/* Any changes together. */
START_TEST(test_any_input)
{
	unsigned seed = 4711;

	for (int i = 0; i < 2000; i++) {
		struct scene s;

		scene_open(&s, "4.2.0.0");
		for (int k = 0; k < i % 7; k++) {
			seed = seed * 1103515245u + 12345u;
			rows[(seed >> 16) % (unsigned)UNIT_ROWS(rows)].change(&s);
		}
		check_whole(&s);
		scene_close(&s);
	}
}
END_TEST

/* A rail that says no alone still says no whatever else is true. */
START_TEST(test_no_stays_no)
{
	struct scene s;
	enum rail_verdict alone, both;
	size_t n;

	scene_open(&s, "4.2.0.0");
	rows[_i].change(&s);
	free(ask(&s, &alone, &n));
	paused(&s);
	free(ask(&s, &both, &n));
	ck_assert_int_ge(both, alone);
	ck_assert_int_ge(both, RAIL_HOLD);
	scene_close(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("rails");
	TCase *t = tcase_create("rows");

	tcase_add_loop_test(t, test_one_rail, 0, UNIT_ROWS(rows));
	tcase_add_test(t, test_old_version);
	tcase_add_test(t, test_table);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_any_input);
	tcase_add_loop_test(t, test_no_stays_no, 0, UNIT_ROWS(rows));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
