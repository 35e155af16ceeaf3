/* test_plan_opsman.c - plans for an Ops Manager: from every stage only what is
 * left, and what is refused. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/plan_made.h"
#include "tests/unit/view_om.h"

#define HOUR INT64_C(3600)
#define DAY SAMPLE_DAY

typedef void change_fn(struct view_world *w);

/* --- stages ------------------------------------------------------------------------- */

static void idle(struct view_world *w) { (void)w; }
static void generated(struct view_world *w)
{
	vom_add_ca(w, &(struct vom_ca){ .guid = VOM_NEW, .made_s = -4 * HOUR });
}
static void distributed(struct view_world *w)
{
	generated(w);
	vom_install(w, 11, OM_SUCCEEDED, -3 * HOUR);
}
static void activated(struct view_world *w)
{
	distributed(w);
	vom_activate(w, VOM_NEW);
}
static void regenerated(struct view_world *w)
{
	activated(w);
	vom_renew_leafs(w, -2 * HOUR, true);
}
static void live(struct view_world *w)
{
	regenerated(w);
	vom_install(w, 12, OM_SUCCEEDED, -HOUR);
}

static const struct {
	const char *comment;
	change_fn *change;
	const char *steps, *units;
	const char *activate;            /* the call; NULL: none */
} stages[] = {
	{ "idle", idle, "ca-generate apply-changes ca-activate ca-regenerate apply-changes leafs-new "
	    "ca-delete apply-changes ca-single", "112222333", "/{new}/activate" },
	{ "generated", generated, "apply-changes ca-activate ca-regenerate apply-changes leafs-new "
	    "ca-delete apply-changes ca-single", "12222333", "/" VOM_NEW "/activate" },
	{ "distributed", distributed, "ca-activate ca-regenerate apply-changes leafs-new ca-delete "
	    "apply-changes ca-single", "2222333", "/" VOM_NEW "/activate" },
	{ "activated", activated, "ca-regenerate apply-changes leafs-new ca-delete apply-changes "
	    "ca-single", "222333", NULL },
	{ "regenerated", regenerated, "apply-changes leafs-new ca-delete apply-changes ca-single",
	    "22333", NULL },
	{ "live", live, "leafs-new ca-delete apply-changes ca-single", "3333", NULL },
};

static const struct plan_request rotation = { .procedure = "opsman-ca-rotation" };

static const struct plan_step *find_step(const struct plan *p, const char *kind)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (strcmp(p->steps[i].kind, kind) == 0)
			return &p->steps[i];
	return NULL;
}

START_TEST(test_only_what_is_left)
{
	const struct plan_step *activate, *del;
	struct view_world w;
	struct made m;

	vom_open(&w);
	stages[_i].change(&w);
	made_ask(&w, &rotation, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, stages[_i].steps);
	for (size_t i = 0; i < m.plan.n_steps; i++)
		ck_assert_int_eq(m.plan.steps[i].unit, stages[_i].units[i] - '0');
	ck_assert_str_eq(m.plan.object, VOM_OLD);
	ck_assert_str_eq(m.plan.version, "2.10.40-build.1");
	ck_assert_str_eq(m.plan.finding, "request");
	if (stages[_i].change == idle)
		ck_assert_ptr_null(m.plan.new_id);
	else
		ck_assert_str_eq(m.plan.new_id, VOM_NEW);
	activate = find_step(&m.plan, "ca-activate");
	ck_assert((activate != NULL) == (stages[_i].activate != NULL));
	if (activate != NULL)
		ck_assert_ptr_nonnull(strstr(activate->call, stages[_i].activate));
	del = find_step(&m.plan, "ca-delete");
	ck_assert_str_eq(del->call, "DELETE /api/v0/certificate_authorities/" VOM_OLD);
	ck_assert_str_eq(del->old_id, VOM_OLD);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* --- found -------------------------------------------------------------------------- */

START_TEST(test_found)
{
	char first[PLAN_HASH_BYTES], again[PLAN_HASH_BYTES];
	struct view_world w;
	struct made m;

	vom_open(&w);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_str_eq(m.plan.procedure, "opsman-ca-rotation");
	ck_assert_str_eq(m.plan.finding, "expiring");
	ck_assert_str_eq(m.plan.steps[0].call, "POST /api/v0/certificate_authorities/generate");
	ck_assert_str_eq(m.plan.steps[1].call, "POST /api/v0/installations (all products, errands as "
	    "each product has them)");
	ck_assert(!m.plan.needs_pin);
	plan_hash(&m.plan, first);
	plan_clear(&m.plan);
	w.view.om.server_at += 100;
	made_ask(&w, &made_unasked, &m);
	plan_hash(&m.plan, again);
	ck_assert_str_eq(first, again);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* A rotation that somebody left is finished without a CA that ends. */
START_TEST(test_found_unfinished)
{
	struct view_world w;
	struct made m;

	vom_open(&w);
	vom_remove_ca(&w, VOM_OLD);
	vom_add_ca(&w, &(struct vom_ca){ .guid = VOM_OLD, .is_active = true,
		.made_s = -100 * DAY });
	vom_add_ca(&w, &(struct vom_ca){ .guid = VOM_NEW, .made_s = -20 * DAY });
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_str_eq(m.plan.finding, "rotation-unfinished");
	ck_assert_str_eq(m.plan.steps[0].kind, "apply-changes");
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

static void healthy(struct view_world *w)
{
	vom_remove_ca(w, VOM_OLD);
	vom_add_ca(w, &(struct vom_ca){ .guid = VOM_OLD, .is_active = true,
		.made_s = -100 * DAY });
}

START_TEST(test_leafs_alone)
{
	struct view_world w;
	struct made m;

	vom_open(&w);
	healthy(&w);
	vom_add_leaf(&w, ".properties.uaa_ssl", ROLE_OM_LEAF, -300 * DAY, 5 * DAY);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_str_eq(m.plan.procedure, "opsman-regenerate");
	ck_assert_str_eq(m.plan.object, VOM_OLD);
	made_has_steps(&m.plan, "ca-regenerate apply-changes leafs-new");
	for (size_t i = 0; i < m.plan.n_steps; i++)
		ck_assert_int_eq(m.plan.steps[i].unit, 1);
	ck_assert(made_has_note(&m.plan, "runs 1 time,"));
	ck_assert(made_has_note(&m.plan, "Rotating non-configurable leaf certificates"));
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* Only where nothing else is to be done, or a person asks for it. */
START_TEST(test_leafs_of_a_ca_that_ends)
{
	struct view_world w;
	struct made m;

	vom_open(&w);
	vom_add_leaf(&w, ".properties.uaa_ssl", ROLE_OM_LEAF, -300 * DAY, 5 * DAY);
	made_set_text(&w.mandate.procedures[0], "opsman-regenerate");
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "opsman-ca-rotation comes first");
	made_ask(&w, &(struct plan_request){ .procedure = "opsman-regenerate" }, &m);
	made_is_ready(&m);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

START_TEST(test_nothing)
{
	struct view_world w;
	struct made m;

	vom_open(&w);
	healthy(&w);
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_NOTHING, "nothing is found on tas");
	vworld_close(&w);
}
END_TEST

/* --- refused ------------------------------------------------------------------------ */

static void no_version(struct view_world *w) { made_set_text(&w->view.version, NULL); }
static void ops_away(struct view_world *w) { err_set(&w->view.om.err, ERR_AUTH, "no token"); }
static void tkgi(struct view_world *w) { w->view.om.has_tkgi = true; }
static void recreate_not_said(struct view_world *w) { w->mandate.recreate_vms = -1; }
static void two_newer(struct view_world *w)
{
	generated(w);
	vom_add_ca(w, &(struct vom_ca){ .guid = VOM_THIRD, .made_s = -HOUR });
}
static void end_in(struct view_world *w, int64_t left_s)
{
	vom_ca(w, VOM_OLD)->not_after_at = SAMPLE_NOW + left_s;
}
static void expired(struct view_world *w) { end_in(w, 0); }
static void expired_activated(struct view_world *w) { activated(w); expired(w); }
static void expired_there(struct view_world *w) { w->view.om.server_at += 20 * DAY; }
static void too_late(struct view_world *w) { end_in(w, 7 * DAY - 1); }
static void too_late_distributed(struct view_world *w)
{
	distributed(w);
	end_in(w, 7 * DAY * 2 / 3 - 1);
}
static void nats_ends(struct view_world *w)
{
	for (size_t i = 0; i < w->view.inv.n_sightings; i++)
		if (w->view.inv.sightings[i].role == ROLE_OM_NATS_CA)
			w->view.inv.certs[w->view.inv.sightings[i].cert]->not_after_at =
			    SAMPLE_NOW + 3 * DAY;
}
static void self_signed(struct view_world *w) { w->mandate.replacement = REPLACEMENT_SELF_SIGNED; }
static void own_under_way(struct view_world *w)
{
	generated(w);
	w->mandate.replacement = REPLACEMENT_PEM;
}
static void not_allowed(struct view_world *w)
{
	made_set_text(&w->mandate.procedures[0], "opsman-regenerate");
}
static void own_active(struct view_world *w)
{
	generated(w);
	strcpy(vom_ca(w, VOM_NEW)->issuer, "acme");
}

/* Each is a stop rule or a trap of a rotation. */
static const struct { const char *comment; change_fn *change; const char *words; } refusals[] = {
	{ "stop rule: version unknown", no_version, "does not tell its version" },
	{ "not read", ops_away, "no token" },
	{ "stop rule: TKGI", tkgi, "TKGI is installed" },
	{ "recreate_vms", recreate_not_said, "set recreate_vms" },
	{ "stop rule: more than one newer CA", two_newer, "Troubleshoot certificate errors" },
	{ "stop rule: CA expired", expired, "KB 298006" },
	{ "stop rule: CA expired in the middle", expired_activated, "has expired" },
	{ "stop rule: CA expired by the server's clock", expired_there, "has expired" },
	{ "less time than it needs", too_late, "needs up to 7d (rotation_needs)" },
	{ "less time than the rest needs", too_late_distributed, "needs up to 4d 16h" },
	{ "the NATS CA ends first", nats_ends, "needs up to 7d" },
	{ "no way to make a CA", self_signed, "makes its CA itself" },
	{ "own CA without the journal", own_under_way, "only the run that uploaded it" },
	{ "somebody's own CA", own_active, "only the run that uploaded it" },
	{ "not allowed", not_allowed, "not among the procedures" },
	{ "not complete", made_partial, "not read in full" },
	{ "away", made_away, "could not be read" },
};

START_TEST(test_refusals)
{
	struct view_world w;
	struct made m;

	vom_open(&w);
	refusals[_i].change(&w);
	made_ask(&w, &rotation, &m);
	made_says(&m, PLAN_REFUSED, refusals[_i].words);
	vworld_close(&w);
}
END_TEST

static void approve_recreate_not_said(struct view_world *w)
{
	recreate_not_said(w);
	w->mandate.mode = MODE_APPROVE;
}
static void just_in_time(struct view_world *w) { end_in(w, 7 * DAY); }
static void in_time_distributed(struct view_world *w)
{
	distributed(w);
	end_in(w, 7 * DAY * 2 / 3);
}
static void expired_live(struct view_world *w) { live(w); expired(w); }

static const struct { const char *comment; change_fn *change; } passes[] = {
	{ "a person approves", approve_recreate_not_said }, { "just in time", just_in_time },
	{ "in time for the rest", in_time_distributed },
	{ "nothing depends on the old one", expired_live },
};

START_TEST(test_passes)
{
	struct view_world w;
	struct made m;

	vom_open(&w);
	passes[_i].change(&w);
	made_ask(&w, &rotation, &m);
	made_is_ready(&m);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

static const struct { struct plan_request request; const char *words; } requests[] = {
	{ { "nsx-apply", NULL, 0 }, "no procedure for tas" },
	{ { "opsman-ca-rotation", VOM_NEW, 0 }, "would replace the CA " VOM_OLD },
	{ { NULL, "no such", 0 }, "knows no remedy" },
};

START_TEST(test_requests)
{
	struct view_world w;
	struct made m;

	vom_open(&w);
	made_ask(&w, &requests[_i].request, &m);
	made_says(&m, PLAN_REFUSED, requests[_i].words);
	made_ask(&w, &(struct plan_request){ .object = VOM_OLD }, &m);
	made_is_ready(&m);
	ck_assert_str_eq(m.plan.procedure, "opsman-ca-rotation");
	plan_clear(&m.plan);
	generated(&w);
	made_ask(&w, &(struct plan_request){ .procedure = "opsman-regenerate" }, &m);
	made_says(&m, PLAN_REFUSED, "under way (generated)");
	vworld_close(&w);
}
END_TEST

/* --- an own CA ---------------------------------------------------------------------- */

static void no_ca(struct cert *c) { c->is_ca = false; }
static void no_rsa(struct cert *c) { c->key_kind = CERT_KEY_EC; }
static void short_life(struct cert *c) { c->not_after_at = SAMPLE_NOW + 20 * DAY; }
static void future(struct cert *c) { c->not_before_at = SAMPLE_NOW + 1; }
static void good(struct cert *c) { (void)c; }

static const struct { void (*change)(struct cert *c); const char *words; } files[] = {
	{ good, NULL }, { no_ca, "is no CA" }, { no_rsa, "RSA key only" },
	{ short_life, "does not outlive" }, { future, "not valid yet" },
};

START_TEST(test_own_ca)
{
	const struct sample_cert ca = { .cn = "acme-ca", .is_ca = true,
		.not_after_at = SAMPLE_NOW + 2000 * DAY };
	struct material mt = { .kind = REPLACEMENT_PEM };
	struct inventory inv;
	struct view_world w;
	struct made m;
	size_t own;

	inventory_init(&inv);
	own = sample_add(&inv, &ca);
	mt.chain[mt.n_chain++] = inv.certs[own];
	mt.chain[0]->key_kind = CERT_KEY_RSA;
	files[_i].change(mt.chain[0]);
	vom_open(&w);
	w.mandate.replacement = REPLACEMENT_PEM;
	made_ask_with(&w, &mt, &rotation, &m);
	if (files[_i].words != NULL) {
		made_says(&m, PLAN_REFUSED, files[_i].words);
	} else {
		made_is_ready(&m);
		ck_assert_str_eq(m.plan.steps[0].kind, "ca-create");
		ck_assert_str_eq(m.plan.steps[0].call, "POST /api/v0/certificate_authorities");
		ck_assert_ptr_null(m.plan.new_id);
		ck_assert_ptr_nonnull(m.plan.new_sha256);
		strcpy(vom_ca(&w, VOM_OLD)->sha256, m.plan.new_sha256);
		plan_clear(&m.plan);
		made_ask_with(&w, &mt, &rotation, &m);
		made_says(&m, PLAN_REFUSED, "in the list already");
	}
	inventory_clear(&inv);
	vworld_close(&w);
}
END_TEST

/* --- what a person is told ---------------------------------------------------------- */

START_TEST(test_notes)
{
	struct view_world w;
	struct made m;

	vom_open(&w);
	vom_add_leaf(&w, ".properties.poe", ROLE_OM_CONFIGURABLE, -300 * DAY, 400 * DAY);
	vom_add_leaf(&w, "/services/tls_ca", ROLE_OM_SERVICES_CA, 0, 900 * DAY);
	vom_add_leaf(&w, ".uaa.service_provider_key", ROLE_OM_SAML, -300 * DAY, 400 * DAY);
	w.mandate.recreate_vms = 1;
	w.mandate.errands = "none";
	made_ask(&w, &rotation, &m);
	made_is_ready(&m);
	ck_assert(made_has_note(&m.plan, "runs 3 times"));
	ck_assert(made_has_note(&m.plan, "up to 7d here"));
	ck_assert(made_has_note(&m.plan, "(.properties.poe of cf-0123)"));
	ck_assert(made_has_note(&m.plan, "unless leafs_handled = yes"));
	ck_assert(made_has_note(&m.plan, "/services/tls_ca of cf-0123): rotate them with Maestro"));
	ck_assert(made_has_note(&m.plan, "SAML"));
	ck_assert(made_has_note(&m.plan, "service instances"));
	ck_assert(made_has_note(&m.plan, "Rotating CAs and leaf certificates"));
	ck_assert_str_eq(m.plan.steps[1].call, "PUT /api/v0/staged/director/properties (recreate every "
	    "VM), then POST /api/v0/installations (all products, no errands)");
	ck_assert_int_eq(m.plan.steps[1].verify_s, 7 * DAY / 3);
	plan_clear(&m.plan);
	w.mandate.leafs_handled = w.mandate.apply_pending = true;
	w.mandate.errands = "all";
	made_ask(&w, &rotation, &m);
	ck_assert(made_has_note(&m.plan, "leafs_handled = yes says that this is done"));
	ck_assert(made_has_note(&m.plan, "apply_pending = yes"));
	ck_assert(!made_has_note(&m.plan, "service instances"));
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("plan_opsman");
	TCase *t = tcase_create("plan_opsman");

	tcase_add_loop_test(t, test_only_what_is_left, 0, UNIT_ROWS(stages));
	tcase_add_test(t, test_found);
	tcase_add_test(t, test_found_unfinished);
	tcase_add_test(t, test_leafs_alone);
	tcase_add_test(t, test_leafs_of_a_ca_that_ends);
	tcase_add_test(t, test_nothing);
	tcase_add_loop_test(t, test_refusals, 0, UNIT_ROWS(refusals));
	tcase_add_loop_test(t, test_passes, 0, UNIT_ROWS(passes));
	tcase_add_loop_test(t, test_requests, 0, UNIT_ROWS(requests));
	tcase_add_loop_test(t, test_own_ca, 0, UNIT_ROWS(files));
	tcase_add_test(t, test_notes);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
