/* test_plan_after.c - what follows a replacement: federation, clean-up, the way
 * back. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/plan_made.h"

#define NOW SAMPLE_NOW

/* --- federation --------------------------------------------------------------------- */

START_TEST(test_follow_up)
{
	struct view_world w;
	struct made m;

	made_open_shared(&w, "4.1.0.0", false);
	made_ask(&w, &made_unasked, &m);
	ck_assert_uint_eq(m.plan.n_notes, 0);
	plan_clear(&m.plan);
	vworld_add(&w, &(struct vworld_cert){ .id = "lm", .begins_in = -2,
		.names = "DNS:lm.example" });
	vworld_use(&w, "lm", "LOCAL_MANAGER", 0);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert(made_has_note(&m.plan, "no global_manager is configured"));
	plan_clear(&m.plan);
	made_global(&w);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_uint_eq(m.plan.n_steps, 6);
	ck_assert_str_eq(m.plan.steps[5].kind, "site-thumbprint");
	ck_assert_str_eq(m.plan.steps[5].endpoint, WORLD_VIP);
	ck_assert_uint_eq(m.plan.n_notes, 0);
	plan_clear(&m.plan);
	/* without a VIP the Global Manager keeps no thumbprint of one */
	w.view.inv.sources[0].cluster->n_vips = 0;
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_uint_eq(m.plan.n_steps, 5);
	plan_clear(&m.plan);
	w.view.inv.sources[0].cluster->n_vips = 1;
	vworld_close(&w);
}
END_TEST

START_TEST(test_global_manager)
{
	struct view_world w;
	struct made m;

	made_open_simple(&w, "4.1.0.0");
	vworld_add(&w, &(struct vworld_cert){ .id = "gm", .begins_in = -2,
		.names = "DNS:gm.example" });
	vworld_use(&w, "gm", "GLOBAL_MANAGER", 0);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert(made_has_note(&m.plan, "standby"));
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

START_TEST(test_thumbprint_alone)
{
	const struct plan_request asked = { "nsx-federation-thumbprint", NULL, 0 };
	struct view_world w;
	struct made m;
	char sha256[2 * CERT_SHA256_BYTES + 1];

	made_open_shared(&w, "4.1.0.0", false);
	made_global(&w);
	made_ask(&w, &asked, &m);
	made_says(&m, PLAN_REFUSED, "site paris of gm could not be read");
	w.view.ops.has_site = true;
	w.view.ops.site_thumbprint = mem_strdup("ab12");
	made_ask(&w, &asked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "site-thumbprint");
	vworld_sha256(&w, "old", sha256);
	ck_assert_str_eq(m.plan.new_sha256, sha256);
	ck_assert_str_eq(m.plan.object, "paris");
	plan_clear(&m.plan);
	made_set_text(&w.view.ops.site_thumbprint, sha256);
	made_ask(&w, &asked, &m);
	made_says(&m, PLAN_NOTHING, "already");
	vworld_unserve(&w, 0);
	made_ask(&w, &asked, &m);
	made_says(&m, PLAN_REFUSED, "nobody shook hands");
	w.view.inv.sources[0].cluster->n_vips = 0;
	made_ask(&w, &asked, &m);
	made_says(&m, PLAN_NOTHING, "no VIP");
	w.view.inv.sources[0].cluster->n_vips = 1;
	vworld_close(&w);
}
END_TEST

/* --- clean-up ----------------------------------------------------------------------- */

static void spare_old(struct view_world *w)
{
	vworld_unuse(w, "old", "API", 1);
	vworld_use(w, "new", "API", 1);
	vworld_serve(w, "new", 1);
}
static void still_used(struct view_world *w) { vworld_use(w, "old", "CCP", 1); }
static void still_served(struct view_world *w) { vworld_serve(w, "old", 2); }
static void gone(struct view_world *w) { vworld_remove(w, "old"); }
static void bound_to_policy(struct view_world *w) { vworld_row(w, "old")->by_policy = true; }
static void as_it_is(struct view_world *w) { (void)w; }

static const struct {
	void (*change)(struct view_world *w);
	int64_t done_days_ago;
	const char *sha256;      /* NULL: that of old */
	enum plan_verdict verdict;
	const char *words;
} cleanups[] = {
	{ as_it_is, 8, NULL, PLAN_READY, NULL },
	{ as_it_is, 7, NULL, PLAN_READY, NULL },
	{ as_it_is, 6, NULL, PLAN_NOTHING, "is kept until 2026-11-23" },
	{ as_it_is, 8, "ab12", PLAN_REFUSED, "another certificate now" },
	{ still_used, 8, NULL, PLAN_NOTHING, "used again, by CCP" },
	{ still_served, 8, NULL, PLAN_NOTHING, "a listener still presents old" },
	{ gone, 8, "any", PLAN_NOTHING, "gone already" },
	{ bound_to_policy, 8, NULL, PLAN_REFUSED, "service certificate" },
	{ made_away, 8, NULL, PLAN_NOTHING, "could not be read" },
	{ made_partial, 8, NULL, PLAN_NOTHING, "could not be read" },
};

START_TEST(test_cleanup)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];
	struct view_world w;
	struct made m = { .verdict = PLAN_NOTHING };

	made_open_simple(&w, "4.1.0.0");
	spare_old(&w);
	vworld_sha256(&w, "old", sha256);
	cleanups[_i].change(&w);
	vworld_judge(&w);
	m.verdict = plan_cleanup(&w.view, &w.mandate, "old",
	    cleanups[_i].sha256 != NULL ? cleanups[_i].sha256 : sha256,
	    NOW - cleanups[_i].done_days_ago * SAMPLE_DAY, NOW, &m.plan, &m.e);
	if (cleanups[_i].words != NULL) {
		made_says(&m, cleanups[_i].verdict, cleanups[_i].words);
	} else {
		made_is_ready(&m);
		made_has_steps(&m.plan, "delete");
		ck_assert_str_eq(m.plan.procedure, "nsx-delete");
		ck_assert_str_eq(m.plan.steps[0].call,
		    "DELETE /api/v1/trust-management/certificates/old");
	}
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* --- back again --------------------------------------------------------------------- */

START_TEST(test_rollback)
{
	const bool acted[] = { false, true, true, false, false };
	const bool none[5] = { false };
	struct view_world w;
	struct made m, back;

	made_open_shared(&w, "4.1.0.0", false);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_uint_eq(m.plan.n_steps, 5);
	for (int node = 1; node <= 2; node++) {
		vworld_unuse(&w, "old", "API", node);
		vworld_use(&w, "new", "API", node);
	}
	vworld_judge(&w);
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW, &back.plan, &back.e);
	made_is_ready(&back);
	made_has_steps(&back.plan, "apply:API:node-2 apply:API:node-1");
	ck_assert(back.plan.is_rollback);
	ck_assert_int_eq(back.plan.rollback_of, 7);
	ck_assert_str_eq(back.plan.new_id, "old");
	ck_assert_str_eq(back.plan.object, "new");
	ck_assert_str_eq(back.plan.steps[0].old_id, "new");
	ck_assert_str_eq(back.plan.steps[0].new_id, "old");
	ck_assert_str_eq(back.plan.new_sha256, m.plan.old_sha256);
	plan_clear(&back.plan);
	back.verdict = plan_rollback(&w.view, &m.plan, none, 7, NOW, &back.plan, &back.e);
	made_says(&back, PLAN_NOTHING, "the old certificate is where it was");
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW + 4 * SAMPLE_DAY, &back.plan,
	    &back.e);
	made_says(&back, PLAN_REFUSED, "no better");
	vworld_row(&w, "old")->has_private_key = 0;
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW, &back.plan, &back.e);
	made_says(&back, PLAN_REFUSED, "no private key");
	vworld_remove(&w, "old");
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW, &back.plan, &back.e);
	made_says(&back, PLAN_REFUSED, "is gone");
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* A batch is taken back use by use, and the thumbprint follows. */
START_TEST(test_rollback_of_a_batch)
{
	const bool acted[] = { false, true, true };
	struct view_world w;
	struct made m, back;

	made_open_shared(&w, "4.2.0.0", false);
	made_global(&w);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "validate batch-replace site-thumbprint");
	for (int node = 0; node <= WORLD_NODES; node++) {
		vworld_unuse(&w, "old", node == 0 ? "MGMT_CLUSTER" : "API", node);
		vworld_use(&w, "new", node == 0 ? "MGMT_CLUSTER" : "API", node);
	}
	vworld_judge(&w);
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW, &back.plan, &back.e);
	made_is_ready(&back);
	made_has_steps(&back.plan, "apply:MGMT_CLUSTER:- apply:API:node-3 apply:API:node-2 "
	    "apply:API:node-1 site-thumbprint");
	plan_clear(&back.plan);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("plan_after");
	TCase *t = tcase_create("plan_after");

	tcase_add_test(t, test_follow_up);
	tcase_add_test(t, test_global_manager);
	tcase_add_test(t, test_thumbprint_alone);
	tcase_add_loop_test(t, test_cleanup, 0, UNIT_ROWS(cleanups));
	tcase_add_test(t, test_rollback);
	tcase_add_test(t, test_rollback_of_a_batch);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
