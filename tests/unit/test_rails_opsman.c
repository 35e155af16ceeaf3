/* test_rails_opsman.c - each technical rail of an Ops Manager stops a change, and
 * lets others pass.  The stop rules of a rotation are named where one is met. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/rails.h"
#include "tests/unit/view_om.h"

#define HASH "aa11"
#define DAY SAMPLE_DAY

struct scene {
	struct view_world w;
	struct plan plan;
	struct run run;
	struct past past;
	struct rail_input in;
};

static void scene_open(struct scene *s)
{
	memset(s, 0, sizeof *s);
	vom_open(&s->w);
	vworld_judge(&s->w);
	s->plan.target = mem_strdup("tas");
	s->plan.procedure = mem_strdup("opsman-ca-rotation");
	s->plan.object = mem_strdup(VOM_OLD);
	s->plan.version = mem_strdup(s->w.view.version);
	plan_add_step(&s->plan, "ca-generate");
	s->run = (struct run){ .id = 7, .plan_hash = (char *)HASH };
	s->in = (struct rail_input){ .mandate = &s->w.mandate, .plan = &s->plan,
		.plan_hash = HASH, .run = &s->run, .view = &s->w.view, .past = &s->past,
		.host = "mon1.example", .now_at = SAMPLE_NOW, .still_wanted = true };
}

static void scene_close(struct scene *s)
{
	plan_clear(&s->plan);
	vworld_close(&s->w);
}

static void set_text(char **at, const char *text)
{
	free(*at);
	*at = mem_strdup(text);
}

static void as_it_is(struct scene *s) { (void)s; }
static void begun(struct scene *s) { s->in.is_begun = true; }
static void away(struct scene *s) { err_set(&s->w.view.om.err, ERR_AUTH, "no token"); }
static void running(struct scene *s) { vom_install(&s->w, 11, OM_RUNNING, -60); }
static void running_begun(struct scene *s) { running(s); begun(s); }
static void stale_running(struct scene *s)
{
	running(s);
	vom_install(&s->w, 12, OM_SUCCEEDED, -30);
}
static void failed(struct scene *s) { vom_install(&s->w, 11, OM_FAILED, -60); }
static void failed_begun(struct scene *s) { failed(s); begun(s); }
static void paused(struct scene *s) { vom_install(&s->w, 11, OM_OTHER, -60); }
static void never_applied(struct scene *s)
{
	struct om_ops *o = &s->w.view.om;

	free(o->installations[0].user);
	free(o->installations[0].status_text);
	o->n_installations = 0;
}
static void pending(struct scene *s) { vom_pend(&s->w, "cf-0123", "update"); }
static void pending_begun(struct scene *s) { pending(s); begun(s); }
static void pending_allowed(struct scene *s)
{
	pending(s);
	s->w.mandate.apply_pending = true;
}
static void pending_not_told(struct scene *s) { s->w.view.om.has_pending = false; }
static void pending_not_told_allowed(struct scene *s)
{
	pending_not_told(s);
	s->w.mandate.apply_pending = true;
}
static void recreate_not_said(struct scene *s) { s->w.mandate.recreate_vms = -1; }
static void recreate_begun(struct scene *s) { recreate_not_said(s); begun(s); }
static void recreate_approved(struct scene *s)
{
	recreate_not_said(s);
	s->w.mandate.mode = MODE_APPROVE;
	s->w.mandate.approvers = "g";
	s->run.approved_at = SAMPLE_NOW;
	s->run.approved_by = (char *)"alice";
	s->w.mandate.approval_valid_s = DAY;
}
static void end_in(struct scene *s, int64_t left_s)
{
	vom_ca(&s->w, VOM_OLD)->not_after_at = SAMPLE_NOW + left_s;
}
static void expired(struct scene *s) { end_in(s, 0); }
static void expired_begun(struct scene *s) { expired(s); begun(s); }
static void too_late(struct scene *s) { end_in(s, 7 * DAY - 1); }
static void too_late_begun(struct scene *s) { too_late(s); begun(s); }
static void just_in_time(struct scene *s) { end_in(s, 7 * DAY); }
static void too_late_leafs(struct scene *s)
{
	too_late(s);
	set_text(&s->plan.procedure, "opsman-regenerate");
}
static void old_one_expired(struct scene *s)
{
	vom_add_ca(&s->w, &(struct vom_ca){ .guid = VOM_NEW, .made_s = -3600 });
	vom_activate(&s->w, VOM_NEW);
	expired(s);
}
static void tkgi(struct scene *s) { s->w.view.om.has_tkgi = true; }
static void tkgi_begun(struct scene *s) { tkgi(s); begun(s); }
static void upgraded(struct scene *s) { set_text(&s->w.view.version, "3.0.1"); begun(s); }
static void no_version(struct scene *s) { set_text(&s->w.view.version, NULL); }
static void two(struct scene *s)
{
	vom_add_ca(&s->w, &(struct vom_ca){ .guid = VOM_NEW, .made_s = -3600 });
}
static void three(struct scene *s)
{
	two(s);
	vom_add_ca(&s->w, &(struct vom_ca){ .guid = VOM_THIRD, .made_s = -60 });
	begun(s);
}
static void both_active(struct scene *s)
{
	two(s);
	vom_ca(&s->w, VOM_NEW)->active = 1;
	begun(s);
}
static void none_active(struct scene *s) { vom_activate(&s->w, "none"); }

static const struct {
	const char *comment;
	void (*change)(struct scene *s);
	const char *rail;                /* that refuses alone; NULL: all pass */
	const char *words;
} rows[] = {
	{ "as it is", as_it_is, NULL, NULL },
	{ "begun", begun, NULL, NULL },
	{ "not read", away, "one-change", "no token" },
	{ "somebody's runs", running, "one-change", "installation 11 of bob is running" },
	{ "stop rule: newest installation is running and not ours", running_begun, "one-change",
	  "installation 11 of bob is running" },
	{ "an old row that says so", stale_running, NULL, NULL },
	{ "stop rule: the last one failed", failed, "one-change", "11, failed" },
	{ "retried by a person", failed_begun, NULL, NULL },
	{ "in a state that is not known", paused, "one-change", "11, paused" },
	{ "never applied", never_applied, "one-change", "no installation is told" },
	{ "pending", pending, "one-change", "update of cf-0123" },
	{ "pending, begun", pending_begun, "one-change", "update of cf-0123" },
	{ "pending, allowed", pending_allowed, NULL, NULL },
	{ "pending not told", pending_not_told, "one-change", "does not tell which" },
	{ "not told, allowed", pending_not_told_allowed, NULL, NULL },
	{ "auto without recreate_vms", recreate_not_said, "recreate", "recreate_vms" },
	{ "the same, begun", recreate_begun, "recreate", "recreate_vms" },
	{ "a person approved", recreate_approved, NULL, NULL },
	{ "stop rule: CA expired", expired, "rotation-time", "KB 298006" },
	{ "stop rule: CA expired in the middle", expired_begun, "rotation-time", "has expired" },
	{ "less time than it needs", too_late, "rotation-time", "needs up to 7d" },
	{ "less time, begun: on", too_late_begun, NULL, NULL },
	{ "just in time", just_in_time, NULL, NULL },
	{ "leafs need less", too_late_leafs, NULL, NULL },
	{ "the old one expired after the change", old_one_expired, NULL, NULL },
	{ "stop rule: TKGI", tkgi, "tkgi", "TKGI is installed" },
	{ "stop rule: TKGI in the middle", tkgi_begun, "tkgi", "TKGI is installed" },
	{ "stop rule: version changed in the middle", upgraded, "version",
	  "3.0.1, and it was planned with 2.10.40-build.1" },
	{ "stop rule: version unknown", no_version, "version", "does not tell its version" },
	{ "two CAs", two, NULL, NULL },
	{ "stop rule: more than one newer CA", three, "one-rotation", "2 CAs are not active" },
	{ "stop rule: more than one active CA", both_active, "one-rotation", "2 of 2" },
	{ "none active", none_active, "one-rotation", "0 of 1" },
};

START_TEST(test_rail)
{
	struct rail_says *says = mem_array(rails_n(), sizeof *says);
	struct scene s;
	size_t n;

	scene_open(&s);
	rows[_i].change(&s);
	ck_assert_int_eq(rails_ask(&s.in, says, &n),
	    rows[_i].rail != NULL ? RAIL_REFUSE : RAIL_PASS);
	ck_assert_msg(n == (rows[_i].rail != NULL), "%s: %zu: %s", rows[_i].comment, n,
	    n > 0 ? says[0].reason : "");
	if (n > 0) {
		ck_assert_str_eq(says[0].rail, rows[_i].rail);
		ck_assert(says[0].is_technical);
		ck_assert_msg(strstr(says[0].reason, rows[_i].words) != NULL, "%s: %s",
		    rows[_i].comment, says[0].reason);
	}
	free(says);
	scene_close(&s);
}
END_TEST

/* Every rail that no NSX can meet is met here. */
START_TEST(test_all_are_met)
{
	static const char *const names[] = { "one-change", "recreate", "rotation-time", "tkgi",
		"version", "one-rotation" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		bool met = false;

		for (int k = 0; k < UNIT_ROWS(rows); k++)
			met |= rows[k].rail != NULL && strcmp(rows[k].rail, names[i]) == 0;
		ck_assert_msg(met, "no row stops a change by %s", names[i]);
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("rails_opsman");
	TCase *t = tcase_create("rails_opsman");

	tcase_add_loop_test(t, test_rail, 0, UNIT_ROWS(rows));
	tcase_add_test(t, test_all_are_met);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
