/* test_steps_opsman.c - what each kind of step of an Ops Manager sees: before,
 * done, going on, after a lost answer, undone by somebody, out of reach. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/step.h"
#include "tests/unit/view_om.h"

#define NOW SAMPLE_NOW
#define DAY SAMPLE_DAY
#define HOUR INT64_C(3600)
#define STEPS_MAX 9

/* A run of a whole rotation, at one of its steps.  The CA was made four hours
 * ago. */
struct scene {
	struct view_world w;
	struct plan plan;
	struct run run;
	struct step_record records[STEPS_MAX];
	struct step_context c;
};

static const char *const rotation[] = { "ca-generate", "apply-changes", "ca-activate",
	"ca-regenerate", "apply-changes", "leafs-new", "ca-delete", "apply-changes", "ca-single" };
enum { GENERATE, APPLY_1, ACTIVATE, REGENERATE, APPLY_2, LEAFS, DELETE, APPLY_3, SINGLE };

static void set_text(char **text, const char *value)
{
	free(*text);
	*text = mem_strdup(value);
}

static void scene_open(struct scene *s, size_t step)
{
	memset(s, 0, sizeof *s);
	vom_open(&s->w);
	s->plan.target = mem_strdup("tas");
	s->plan.procedure = mem_strdup("opsman-ca-rotation");
	s->plan.object = mem_strdup(VOM_OLD);
	for (size_t i = 0; i < STEPS_MAX; i++) {
		struct plan_step *p = plan_add_step(&s->plan, rotation[i]);

		p->old_id = i == DELETE ? mem_strdup(VOM_OLD) : NULL;
		s->records[i].seq = i;
	}
	s->run.id = 7;
	s->c = (struct step_context){ .plan = &s->plan, .step = &s->plan.steps[step],
		.run = &s->run, .record = &s->records[step], .records = s->records,
		.n_records = STEPS_MAX, .mandate = &s->w.mandate, .now_at = NOW };
	if (step != GENERATE) {
		vom_add_ca(&s->w, &(struct vom_ca){ .guid = VOM_NEW, .made_s = -4 * HOUR,
			.begins_s = -5 * HOUR });
		s->run.new_id = mem_strdup(VOM_NEW);
	}
	if (step > APPLY_1)
		vom_install(&s->w, 11, OM_SUCCEEDED, -3 * HOUR);
	if (step > ACTIVATE)
		vom_activate(&s->w, VOM_NEW);
}

static void scene_close(struct scene *s)
{
	plan_clear(&s->plan);
	for (size_t i = 0; i < STEPS_MAX; i++) {
		free(s->records[i].snapshot);
		free(s->records[i].sha256);
		free(s->records[i].made);
	}
	free(s->run.new_id);
	free(s->run.new_sha256);
	vworld_close(&s->w);
}

static struct step_record *record(struct scene *s)
{
	return &s->records[s->c.step - s->plan.steps];
}

/* As the runner does before an act: the snapshot of this moment. */
static void intend(struct scene *s)
{
	const struct step_kind *k = step_kind_find(s->c.step->kind);
	struct step_record *r = record(s);
	struct buf json;

	buf_init(&json, 65536);
	if (k->snapshot != NULL)
		k->snapshot(&s->c, &s->w.view, &json);
	set_text(&r->snapshot, buf_str(&json));
	buf_clear(&json);
	r->state = STEP_INTENT;
	r->intent_at = NOW;
}
static void answered(struct scene *s)
{
	intend(s);
	record(s)->state = STEP_ACTED;
	record(s)->acted_at = NOW;
}
static void answered_long_ago(struct scene *s)
{
	answered(s);
	s->c.now_at = NOW + 700;
}

/* --- anywhere ----------------------------------------------------------------------- */

static void as_it_is(struct scene *s) { (void)s; }
static void away(struct scene *s) { err_set(&s->w.view.om.err, ERR_UNREACHABLE, "starting"); }
static void bob_runs(struct scene *s) { vom_install(&s->w, 20, OM_RUNNING, -60); }
static void old_row_runs(struct scene *s)
{
	vom_install(&s->w, 19, OM_RUNNING, -HOUR);
	vom_install(&s->w, 20, OM_FAILED, -60);
}
static void stale_product(struct scene *s) { s->w.view.om.has_stale = true; }

/* --- ca-generate -------------------------------------------------------------------- */

static void made(struct scene *s)
{
	vom_add_ca(&s->w, &(struct vom_ca){ .guid = VOM_NEW, .made_s = -60 });
}
static void made_twice(struct scene *s)
{
	made(s);
	vom_add_ca(&s->w, &(struct vom_ca){ .guid = VOM_THIRD, .made_s = -30 });
}
static void lost_nothing(struct scene *s) { intend(s); }
static void lost_made(struct scene *s) { intend(s); made(s); }
static void lost_made_twice(struct scene *s) { intend(s); made_twice(s); }
static void lost_made_while_bob_runs(struct scene *s) { lost_made(s); bob_runs(s); }
static void lost_and_rotated(struct scene *s) { intend(s); vom_activate(&s->w, "other"); }
static void bob_rotated(struct scene *s)
{
	made(s);
	vom_activate(&s->w, VOM_NEW);
}
static void bound(struct scene *s) { made(s); set_text(&s->run.new_id, VOM_NEW); }
static void bound_gone(struct scene *s) { set_text(&s->run.new_id, VOM_NEW); }
static void bound_of_two(struct scene *s) { made_twice(s); set_text(&s->run.new_id, VOM_NEW); }

/* --- ca-create ---------------------------------------------------------------------- */

static void create(struct scene *s)
{
	char sha256[65];

	memset(sha256, 'a', 64);
	sha256[64] = '\0';
	set_text(&s->plan.steps[GENERATE].kind, "ca-create");
	set_text(&s->plan.new_sha256, sha256);
}
static void created(struct scene *s)
{
	create(s);
	vom_add_ca(&s->w, &(struct vom_ca){ .guid = VOM_NEW, .issuer = "acme",
		.made_s = -2000 * DAY });
	strcpy(vom_ca(&s->w, VOM_NEW)->sha256, s->plan.new_sha256);
}
static void create_other(struct scene *s) { create(s); made(s); }
static void create_lost(struct scene *s) { create(s); intend(s); }
static void create_lost_other(struct scene *s) { create_lost(s); made(s); }

/* --- apply-changes ------------------------------------------------------------------ */

/* The step before was answered by the server four hours ago. */
static void changed(struct scene *s)
{
	struct step_record *r = record(s) - 1;

	*r = (struct step_record){ .state = STEP_VERIFIED, .intent_at = NOW - 4 * HOUR,
		.acted_at = NOW - 4 * HOUR + 10, .verified_at = NOW - 4 * HOUR + 20,
		.snapshot = mem_printf("{\"server_at\":%lld}", (long long)(NOW - 4 * HOUR)) };
}
static void bob_applied_before(struct scene *s)
{
	changed(s);
	vom_install(&s->w, 15, OM_SUCCEEDED, -4 * HOUR + 11);
}
static void bob_applied(struct scene *s)
{
	changed(s);
	vom_install(&s->w, 15, OM_SUCCEEDED, -4 * HOUR + 13);
}
static void bob_applied_some(struct scene *s)
{
	bob_applied(s);
	s->w.view.om.installations[0].all_products = 0;
}
static void bob_applied_not_told(struct scene *s)
{
	bob_applied(s);
	s->w.view.om.installations[0].all_products = -1;
}
static void bob_failed(struct scene *s) { changed(s); vom_install(&s->w, 15, OM_FAILED, -HOUR); }
static void bob_applied_unknown_change(struct scene *s)
{
	vom_install(&s->w, 15, OM_SUCCEEDED, -HOUR);
}
static void own(struct scene *s, enum om_installation_status status)
{
	answered(s);
	set_text(&record(s)->made, "20");
	vom_install(&s->w, 20, status, -60);
}
static void own_runs(struct scene *s)
{
	own(s, OM_RUNNING);
	s->w.view.om.log_line = mem_strdup("Updating instance router/0");
}
static void own_done(struct scene *s) { own(s, OM_SUCCEEDED); }
static void own_failed(struct scene *s) { own(s, OM_FAILED); }
static void own_paused(struct scene *s) { own(s, OM_OTHER); }
static void own_failed_bob_applied(struct scene *s)
{
	changed(s);
	own_failed(s);
	vom_install(&s->w, 21, OM_SUCCEEDED, -30);
}
static void own_stale(struct scene *s)
{
	own_runs(s);
	vom_install(&s->w, 21, OM_FAILED, -30);
}
static void own_selective(struct scene *s)
{
	own_done(s);
	s->w.view.om.installations[0].all_products = 0;
}
static void own_failed_retried(struct scene *s)
{
	own_failed(s);
	record(s)->state = STEP_NONE;
}
static void own_runs_retried(struct scene *s) { own_runs(s); record(s)->state = STEP_NONE; }
static void own_pruned(struct scene *s) { answered(s); set_text(&record(s)->made, "20"); }
static void post_lost(struct scene *s) { intend(s); }
static void post_lost_runs(struct scene *s) { intend(s); bob_runs(s); }
static void post_lost_done(struct scene *s) { intend(s); vom_install(&s->w, 20, OM_SUCCEEDED, -1); }
static void post_lost_failed(struct scene *s) { intend(s); vom_install(&s->w, 20, OM_FAILED, -1); }
static void post_lost_some(struct scene *s)
{
	post_lost_done(s);
	s->w.view.om.installations[0].all_products = 0;
}
static void post_lost_two(struct scene *s)
{
	post_lost_failed(s);
	vom_install(&s->w, 21, OM_SUCCEEDED, -1);
}

/* --- ca-activate, ca-delete, ca-single ---------------------------------------------- */

static void new_gone(struct scene *s) { vom_remove_ca(&s->w, VOM_NEW); }
static void old_gone(struct scene *s) { vom_remove_ca(&s->w, VOM_OLD); }
static void new_active(struct scene *s) { vom_activate(&s->w, VOM_NEW); }
static void old_active(struct scene *s) { vom_activate(&s->w, VOM_OLD); }
static void both_active(struct scene *s)
{
	vom_ca(&s->w, VOM_OLD)->active = vom_ca(&s->w, VOM_NEW)->active = 1;
}
static void old_not_told(struct scene *s) { vom_ca(&s->w, VOM_OLD)->active = -1; }
static void begins_here(struct scene *s)
{
	free(s->plan.steps[0].kind);
	s->plan.steps[0].kind = mem_strdup("ca-activate");
	s->c.step = &s->plan.steps[0];
	s->c.record = &s->records[0];
}
static void begins_here_not_applied(struct scene *s)
{
	begins_here(s);
	s->w.view.om.installations[0].status = OM_FAILED;
}
static void third(struct scene *s)
{
	old_gone(s);
	vom_add_ca(&s->w, &(struct vom_ca){ .guid = VOM_THIRD, .made_s = -30 });
}

/* --- leafs -------------------------------------------------------------------------- */

static void renewed(struct scene *s) { vom_renew_leafs(&s->w, -2 * HOUR, true); }
static void renewed_credhub_silent(struct scene *s) { vom_renew_leafs(&s->w, -2 * HOUR, false); }
static void lost_renewed(struct scene *s) { intend(s); renewed_credhub_silent(s); }
static void lost_renewed_one(struct scene *s)
{
	intend(s);
	vworld_remove(&s->w, VOM_LEAF);
	vom_add_leaf(&s->w, VOM_LEAF, ROLE_OM_LEAF, -2 * HOUR, 700 * DAY);
}
static void partial(struct scene *s) { s->w.view.is_complete = false; }
static void verified_partial(struct scene *s)
{
	answered(s);
	record(s)->state = STEP_VERIFIED;
	partial(s);
}
static void leafs_only(struct scene *s)
{
	set_text(&s->plan.procedure, "opsman-regenerate");
	old_active(s);
}
static void leafs_only_young(struct scene *s) { leafs_only(s); renewed(s); }

/* The snapshot that ca-regenerate took, and the leafs since. */
static void snapshot_then(struct scene *s, void (*change)(struct scene *s))
{
	struct step_context here = s->c;

	s->c.step = &s->plan.steps[REGENERATE];
	s->c.record = &s->records[REGENERATE];
	intend(s);
	s->records[REGENERATE].state = STEP_VERIFIED;
	s->c = here;
	change(s);
}
static void seen_new(struct scene *s) { snapshot_then(s, renewed_credhub_silent); }
static void seen_old(struct scene *s) { snapshot_then(s, as_it_is); }
static void seen_one(struct scene *s) { snapshot_then(s, lost_renewed_one); }
static void seen_none(struct scene *s)
{
	snapshot_then(s, as_it_is);
	vworld_remove(&s->w, VOM_LEAF);
	vworld_remove(&s->w, VOM_CREDHUB_LEAF);
}
static void poe(struct scene *s)
{
	seen_new(s);
	vom_add_leaf(&s->w, ".properties.poe", ROLE_OM_CONFIGURABLE, -300 * DAY, 400 * DAY);
}
static void poe_handled(struct scene *s) { poe(s); s->w.mandate.leafs_handled = true; }
static void poe_renewed(struct scene *s)
{
	seen_new(s);
	vom_add_leaf(&s->w, ".properties.poe", ROLE_OM_CONFIGURABLE, -HOUR, 400 * DAY);
}
static void exempt(struct scene *s)
{
	seen_new(s);
	vom_add_leaf(&s->w, "/services/tls_leaf", ROLE_OM_OTHER, 0, 400 * DAY);
	vom_add_leaf(&s->w, "/services/other", ROLE_OM_LEAF, 0, 400 * DAY);
	vom_add_leaf(&s->w, ".saml_service_provider", ROLE_OM_SAML, -300 * DAY, 400 * DAY);
}
static void end_not_told(struct scene *s)
{
	seen_new(s);
	s->w.view.inv.certs[vworld_row(&s->w, VOM_CREDHUB_LEAF)->cert]->has_not_after = false;
}

static const struct {
	size_t step;
	const char *comment;
	void (*change)(struct scene *s);
	enum seen seen;
	size_t n_new;
	const char *adopt, *words;
} rows[] = {
	{ GENERATE, "as planned", as_it_is, SEEN_READY, 0, NULL, "no new CA" },
	{ GENERATE, "away", away, SEEN_UNREACHABLE, 0, NULL, "starting" },
	{ GENERATE, "stop rule: somebody's installation runs", bob_runs, SEEN_BUSY, 0, NULL,
	  "20 of bob" },
	{ GENERATE, "an old row that says running", old_row_runs, SEEN_READY, 0, NULL, "" },
	{ GENERATE, "somebody made one", made, SEEN_GOAL, 1, VOM_NEW, VOM_NEW },
	{ GENERATE, "stop rule: two newer", made_twice, SEEN_NEITHER, 0, NULL, "both newer" },
	{ GENERATE, "somebody has rotated", bob_rotated, SEEN_NEITHER, 0, NULL,
	  "may not trust" },
	{ GENERATE, "lost, nothing made", lost_nothing, SEEN_READY, 0, NULL, "no new CA" },
	{ GENERATE, "lost, made: not twice", lost_made, SEEN_GOAL, 1, VOM_NEW, VOM_NEW },
	{ GENERATE, "lost, made, something runs", lost_made_while_bob_runs, SEEN_GOAL, 1, VOM_NEW,
	  "" },
	{ GENERATE, "lost, two new", lost_made_twice, SEEN_NEITHER, 2, NULL, "2 CAs are new" },
	{ GENERATE, "lost, another is active", lost_and_rotated, SEEN_NEITHER, 0, NULL,
	  "not the active one any more" },
	{ GENERATE, "answered, not listed yet", answered, SEEN_READY, 0, NULL, "" },
	{ GENERATE, "answered, never listed", answered_long_ago, SEEN_FAILED, 0, NULL,
	  "said that it was done" },
	{ GENERATE, "bound", bound, SEEN_GOAL, 1, VOM_NEW, "" },
	{ GENERATE, "bound, another beside it", bound_of_two, SEEN_GOAL, 1, VOM_NEW, "" },
	{ GENERATE, "stop rule: the journal disagrees with the list", bound_gone, SEEN_NEITHER, 0,
	  NULL, "is gone" },

	{ GENERATE, "create: as planned", create, SEEN_READY, 0, NULL, "not in the list" },
	{ GENERATE, "create: by its fingerprint, whatever its dates", created, SEEN_GOAL, 1, VOM_NEW,
	  "" },
	{ GENERATE, "create: another CA is there", create_other, SEEN_NEITHER, 0, NULL,
	  "another CA" },
	{ GENERATE, "create: lost", create_lost, SEEN_READY, 0, NULL, "" },
	{ GENERATE, "create: lost, another CA came", create_lost_other, SEEN_NEITHER, 0, NULL,
	  "another CA" },

	{ APPLY_1, "as planned", changed, SEEN_READY, 0, NULL, "not applied" },
	{ APPLY_1, "away", away, SEEN_UNREACHABLE, 0, NULL, "" },
	{ APPLY_1, "somebody's runs", bob_runs, SEEN_BUSY, 0, NULL, "20 of bob" },
	{ APPLY_1, "an old row that says running", old_row_runs, SEEN_READY, 0, NULL, "" },
	{ APPLY_1, "somebody applied before the change", bob_applied_before, SEEN_READY, 0, NULL,
	  "" },
	{ APPLY_1, "somebody applied it", bob_applied, SEEN_GOAL, 1, "15", "15 of bob" },
	{ APPLY_1, "somebody applied some products", bob_applied_some, SEEN_READY, 0, NULL, "" },
	{ APPLY_1, "somebody applied what is not told", bob_applied_not_told, SEEN_READY, 0, NULL,
	  "" },
	{ APPLY_1, "somebody failed", bob_failed, SEEN_READY, 0, NULL, "" },
	{ APPLY_1, "when it was changed is not known", bob_applied_unknown_change, SEEN_READY, 0,
	  NULL, "" },
	{ APPLY_1, "own runs", own_runs, SEEN_BUSY, 1, "20", "Updating instance router/0" },
	{ APPLY_1, "own is done", own_done, SEEN_GOAL, 1, "20", "20 has applied it" },
	{ APPLY_1, "stop rule: own installation failed", own_failed, SEEN_FAILED, 1, "20",
	  "20: failed" },
	{ APPLY_1, "own in a state not known", own_paused, SEEN_FAILED, 1, "20", "20: paused" },
	{ APPLY_1, "own failed, somebody's did it", own_failed_bob_applied, SEEN_GOAL, 1, "21",
	  "21 of bob" },
	{ APPLY_1, "own says running below a newer one", own_stale, SEEN_FAILED, 1, "20",
	  "below a newer one" },
	{ APPLY_1, "own was not of all", own_selective, SEEN_FAILED, 1, "20", "not of all" },
	{ APPLY_1, "own failed, retried: another", own_failed_retried, SEEN_READY, 0, NULL, "" },
	{ APPLY_1, "own runs, retried: attached", own_runs_retried, SEEN_BUSY, 1, "20", "" },
	{ APPLY_1, "own is not listed", own_pruned, SEEN_READY, 0, NULL, "no installation is seen" },
	{ APPLY_1, "lost, none begun", post_lost, SEEN_READY, 0, NULL, "no installation is seen" },
	{ APPLY_1, "lost, runs: attached", post_lost_runs, SEEN_BUSY, 1, "20", "" },
	{ APPLY_1, "lost, done", post_lost_done, SEEN_GOAL, 1, "20", "" },
	{ APPLY_1, "lost, failed", post_lost_failed, SEEN_FAILED, 1, "20", "" },
	{ APPLY_1, "lost, somebody's of some products", post_lost_some, SEEN_READY, 0, NULL, "" },
	{ APPLY_1, "lost, two since: the newest", post_lost_two, SEEN_GOAL, 1, "21", "" },
	{ APPLY_3, "as planned", as_it_is, SEEN_READY, 0, NULL, "not applied" },
	{ APPLY_3, "own is done", own_done, SEEN_GOAL, 1, "20", "" },

	{ ACTIVATE, "as planned", as_it_is, SEEN_READY, 0, NULL, "not active" },
	{ ACTIVATE, "away", away, SEEN_UNREACHABLE, 0, NULL, "" },
	{ ACTIVATE, "stop rule: something runs", bob_runs, SEEN_BUSY, 0, NULL, "20 of bob" },
	{ ACTIVATE, "done", new_active, SEEN_GOAL, 0, NULL, "is the active CA" },
	{ ACTIVATE, "new one gone", new_gone, SEEN_NEITHER, 0, NULL, "not in the list" },
	{ ACTIVATE, "old one gone", old_gone, SEEN_NEITHER, 0, NULL, "" },
	{ ACTIVATE, "both active", both_active, SEEN_NEITHER, 0, NULL, "" },
	{ ACTIVATE, "a product left behind", stale_product, SEEN_NEITHER, 0, NULL, "all products" },
	{ ACTIVATE, "answered, not so", answered_long_ago, SEEN_FAILED, 0, NULL, "" },
	{ ACTIVATE, "the first step", begins_here, SEEN_READY, 0, NULL, "" },
	{ ACTIVATE, "the first step, not distributed", begins_here_not_applied, SEEN_NEITHER, 0,
	  NULL, "generated, not distributed" },

	{ REGENERATE, "as planned", as_it_is, SEEN_READY, 0, NULL, "from before" },
	{ REGENERATE, "away", away, SEEN_UNREACHABLE, 0, NULL, "" },
	{ REGENERATE, "not read in full", partial, SEEN_UNREACHABLE, 0, NULL, "" },
	{ REGENERATE, "something runs", bob_runs, SEEN_BUSY, 0, NULL, "" },
	{ REGENERATE, "the new one is not active", old_active, SEEN_NEITHER, 0, NULL,
	  "signed by another" },
	{ REGENERATE, "answered", answered, SEEN_GOAL, 0, NULL, "the server has made" },
	{ REGENERATE, "verified, not read in full", verified_partial, SEEN_GOAL, 0, NULL, "" },
	{ REGENERATE, "somebody did, by dates", renewed, SEEN_GOAL, 0, NULL, "every leaf" },
	{ REGENERATE, "perhaps somebody did", renewed_credhub_silent, SEEN_READY, 0, NULL, "" },
	{ REGENERATE, "lost, done", lost_renewed, SEEN_GOAL, 0, NULL, "" },
	{ REGENERATE, "lost, done for one", lost_renewed_one, SEEN_READY, 0, NULL, "" },
	{ REGENERATE, "lost, not done", lost_nothing, SEEN_READY, 0, NULL, "" },
	{ REGENERATE, "leafs alone", leafs_only, SEEN_READY, 0, NULL, "" },
	{ REGENERATE, "leafs alone, young ones too", leafs_only_young, SEEN_READY, 0, NULL, "" },

	{ LEAFS, "new against the snapshot", seen_new, SEEN_GOAL, 0, NULL, "all 2" },
	{ LEAFS, "still the old ones", seen_old, SEEN_BUSY, 0, NULL, VOM_LEAF },
	{ LEAFS, "one of two", seen_one, SEEN_BUSY, 0, NULL, "1 of 2" },
	{ LEAFS, "none listed", seen_none, SEEN_NEITHER, 0, NULL, "no non-configurable" },
	{ LEAFS, "no snapshot, by dates", renewed, SEEN_GOAL, 0, NULL, "" },
	{ LEAFS, "no snapshot, dates not told", renewed_credhub_silent, SEEN_BUSY, 0, NULL,
	  VOM_CREDHUB_LEAF },
	{ LEAFS, "an end that is not told", end_not_told, SEEN_BUSY, 0, NULL, VOM_CREDHUB_LEAF },
	{ LEAFS, "exempt ones", exempt, SEEN_GOAL, 0, NULL, "all 2" },
	{ LEAFS, "stop rule: a configurable one of the old CA", poe, SEEN_NEITHER, 0, NULL,
	  ".properties.poe of cf-0123" },
	{ LEAFS, "handled", poe_handled, SEEN_GOAL, 0, NULL, "" },
	{ LEAFS, "made anew by a person", poe_renewed, SEEN_GOAL, 0, NULL, "" },
	{ LEAFS, "not read in full", partial, SEEN_UNREACHABLE, 0, NULL, "" },

	{ DELETE, "as planned", as_it_is, SEEN_READY, 0, NULL, "still in the list" },
	{ DELETE, "away", away, SEEN_UNREACHABLE, 0, NULL, "" },
	{ DELETE, "something runs", bob_runs, SEEN_BUSY, 0, NULL, "" },
	{ DELETE, "done", old_gone, SEEN_GOAL, 0, NULL, "is gone" },
	{ DELETE, "never the active one", old_active, SEEN_NEITHER, 0, NULL, "not the active one" },
	{ DELETE, "never one of two active", both_active, SEEN_NEITHER, 0, NULL, "not deleted" },
	{ DELETE, "never one that may be", old_not_told, SEEN_NEITHER, 0, NULL, "may be" },
	{ DELETE, "the new one is gone", new_gone, SEEN_NEITHER, 0, NULL, "the old one stays" },
	{ DELETE, "a product left behind", stale_product, SEEN_NEITHER, 0, NULL, "all products" },

	{ SINGLE, "alone", old_gone, SEEN_GOAL, 0, NULL, "alone" },
	{ SINGLE, "the old one is there", as_it_is, SEEN_NEITHER, 0, NULL, "2 CAs" },
	{ SINGLE, "another one is there", third, SEEN_NEITHER, 0, NULL, "2 CAs" },
	{ SINGLE, "not active", old_active, SEEN_NEITHER, 0, NULL, "not the active one" },
	{ SINGLE, "away", away, SEEN_UNREACHABLE, 0, NULL, "" },
};

START_TEST(test_observe)
{
	struct observation o = { .seen = SEEN_BUSY };
	const struct step_kind *k;
	struct scene s;

	scene_open(&s, rows[_i].step);
	rows[_i].change(&s);
	k = step_kind_find(s.c.step->kind);
	ck_assert_ptr_nonnull(k);
	memset(&o, 0, sizeof o);
	k->observe(&s.c, &s.w.view, &o);
	ck_assert_msg(o.seen == rows[_i].seen, "%s, %s: %d, not %d (%s)", s.c.step->kind,
	    rows[_i].comment, o.seen, rows[_i].seen, o.text);
	ck_assert_msg(o.n_new == rows[_i].n_new, "%s: %zu new", rows[_i].comment, o.n_new);
	ck_assert_msg((o.adopt == NULL) == (rows[_i].adopt == NULL) &&
	    (o.adopt == NULL || strcmp(o.adopt, rows[_i].adopt) == 0), "%s: adopts %s",
	    rows[_i].comment, o.adopt != NULL ? o.adopt : "nothing");
	ck_assert_msg(o.text[0] != '\0' && strstr(o.text, rows[_i].words) != NULL, "%s: %s",
	    rows[_i].comment, o.text);
	ck_assert(!o.old_still_good);
	ck_assert(k->act != NULL || o.seen != SEEN_READY);
	observation_clear(&o);
	scene_close(&s);
}
END_TEST

/* What is found after a lost answer is told with its fingerprint. */
START_TEST(test_fingerprint)
{
	const struct step_kind *k = step_kind_find("ca-generate");
	struct observation o;
	struct scene s;

	memset(&o, 0, sizeof o);
	scene_open(&s, GENERATE);
	lost_made(&s);
	k->observe(&s.c, &s.w.view, &o);
	ck_assert_str_eq(o.adopt_sha256, vom_ca(&s.w, VOM_NEW)->sha256);
	observation_clear(&o);
	scene_close(&s);
}
END_TEST

START_TEST(test_kinds)
{
	for (size_t i = 0; i < n_steps_opsman; i++) {
		const struct step_kind *k = &steps_opsman[i];

		ck_assert_ptr_eq(step_kind_find(k->name), k);
		ck_assert((k->verb == VERB_READ) == (k->act == NULL));
		ck_assert(k->verb != VERB_TRACEABLE || k->snapshot != NULL);
		ck_assert(k->binds_step == (strcmp(k->name, "apply-changes") == 0));
	}
	ck_assert_ptr_eq(step_kind_find("apply"), &steps_nsx[3]);
	ck_assert_ptr_null(step_kind_find("no such"));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("steps_opsman");
	TCase *t = tcase_create("steps_opsman");

	tcase_add_loop_test(t, test_observe, 0, UNIT_ROWS(rows));
	tcase_add_test(t, test_fingerprint);
	tcase_add_test(t, test_kinds);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
