/* test_plan.c - which plan is made of a view, or why none is. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/plan_made.h"

#define NOW SAMPLE_NOW

/* --- apply -------------------------------------------------------------------------- */

START_TEST(test_one_node)
{
	struct view_world w;
	struct made m, again;
	char sha256[2 * CERT_SHA256_BYTES + 1], hash[PLAN_HASH_BYTES], second[PLAN_HASH_BYTES];
	const struct plan_step *s;

	made_open_simple(&w, "4.1.2.0");
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "validate apply:API:node-1");
	ck_assert_str_eq(m.plan.target, "prod");
	ck_assert_str_eq(m.plan.procedure, "nsx-apply");
	ck_assert_str_eq(m.plan.finding, "expiring");
	ck_assert_str_eq(m.plan.object, "old");
	ck_assert_str_eq(m.plan.new_id, "new");
	vworld_sha256(&w, "old", sha256);
	ck_assert_str_eq(m.plan.old_sha256, sha256);
	vworld_sha256(&w, "new", sha256);
	ck_assert_str_eq(m.plan.new_sha256, sha256);
	ck_assert(!m.plan.needs_pin && !m.plan.is_rollback);
	ck_assert_str_eq(m.plan.steps[0].call,
	    "GET /api/v1/trust-management/certificates/new?action=validate");
	s = &m.plan.steps[1];
	ck_assert_str_eq(s->call, "POST /api/v1/trust-management/certificates/new"
	    "?action=apply_certificate&service_type=API&node_id=node-1");
	ck_assert_str_eq(s->endpoint, "192.0.2.11:443");
	ck_assert_str_eq(s->sni, "nsx-01.example");
	ck_assert_str_eq(s->node_name, "nsx-01");
	ck_assert_int_eq(s->verify_s, 300);
	/* nothing in a plan moves while the world stands still */
	plan_hash(&m.plan, hash);
	vworld_judge(&w);
	again.verdict = plan_make(&w.view, &w.mandate, &(struct material){ .kind = 0 },
	    &made_unasked, NOW + 7200, &again.plan, &again.e);
	made_is_ready(&again);
	plan_hash(&again.plan, second);
	ck_assert_str_eq(hash, second);
	plan_clear(&again.plan);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

START_TEST(test_order_and_scope)
{
	static const struct { const char *url_host, *steps; } rows[] = {
		{ "nsx.example", "validate apply:API:node-1 apply:API:node-2 apply:API:node-3 "
		    "apply:MGMT_CLUSTER:-" },
		{ "192.0.2.12", "validate apply:API:node-1 apply:API:node-3 apply:API:node-2 "
		    "apply:MGMT_CLUSTER:-" },
		{ "NSX-01.example", "validate apply:API:node-2 apply:API:node-3 apply:API:node-1 "
		    "apply:MGMT_CLUSTER:-" },
	};
	struct view_world w;
	struct made m;

	made_open_shared(&w, "4.1.0.0", false);
	made_set_text(&w.view.inv.sources[0].host, rows[_i].url_host);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, rows[_i].steps);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

START_TEST(test_internal_services)
{
	struct view_world w;
	struct made m;

	vworld_open(&w, "4.1.0.0");
	vworld_add(&w, &(struct vworld_cert){ .id = "old", .ends_in = 3 });
	vworld_use(&w, "old", "CCP", 2);
	vworld_use(&w, "old", "APH_TN", 2);
	vworld_use(&w, "old", "APH", 1);
	vworld_add(&w, &(struct vworld_cert){ .id = "new", .begins_in = -1 });
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "validate apply:APH:node-1 apply:APH_TN:node-2 apply:CCP:node-2");
	ck_assert_ptr_null(m.plan.steps[1].endpoint);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* Without profiles our own table tells what is one per cluster. */
START_TEST(test_scope_without_profiles)
{
	struct view_world w;
	struct made m;

	vworld_open(&w, "4.1.0.0");
	w.view.inv.sources[0].cluster->n_profiles = 0;
	vworld_add(&w, &(struct vworld_cert){ .id = "old", .ends_in = 3 });
	vworld_use(&w, "old", "LOCAL_MANAGER", 2);
	vworld_use(&w, "old", "LOCAL_MANAGER", 3);
	vworld_add(&w, &(struct vworld_cert){ .id = "new", .begins_in = -1 });
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "validate apply:LOCAL_MANAGER:-");
	ck_assert_int_eq(m.plan.steps[1].verify_s, 600);
	plan_clear(&m.plan);
	w.view.inv.sources[0].cluster->n_profiles = 7;
	vworld_close(&w);
}
END_TEST

/* --- nothing, or not ours ----------------------------------------------------------- */

static void nothing_ends(struct view_world *w)
{
	vworld_remove(w, "old");
	vworld_unserve(w, 1);
}
static void act_on_critical(struct view_world *w)
{
	w->mandate.act_on = STATE_CRITICAL;
	vworld_remove(w, "old");
	vworld_add(w, &(struct vworld_cert){ .id = "old", .ends_in = 20 });
	vworld_use(w, "old", "API", 1);
	vworld_serve(w, "old", 1);
}
static void is_ignored(struct view_world *w)
{
	sample_ignore(&w->policy, IGNORE_ID, "old", NOW + SAMPLE_DAY);
}
static void is_listener(struct view_world *w)
{
	w->target.kind = SOURCE_TLS;
}
static void is_old(struct view_world *w)
{
	made_set_text(&w->view.version, "3.1.1.0");   /* after the report was made of another */
}
static void is_principal(struct view_world *w)
{
	vworld_row(w, "old")->by_principal = true;
}
static void has_no_replacement(struct view_world *w)
{
	w->mandate.replacement = REPLACEMENT_NONE;
}
static void node_is_gone(struct view_world *w)
{
	sighting_add_use(vworld_row(w, "old"), "API", "node-9", "nsx-09");
}

static const struct {
	const char *name;
	void (*change)(struct view_world *w);
	enum plan_verdict verdict;
	const char *words;
} others[] = {
	{ "nothing ends", nothing_ends, PLAN_NOTHING, "nothing is found on prod" },
	{ "not allowed", made_not_allowed, PLAN_NOTHING, "nothing is found" },
	{ "only a warning", act_on_critical, PLAN_NOTHING, "nothing is found" },
	{ "ignored", is_ignored, PLAN_NOTHING, "nothing is found" },
	{ "principal identity", is_principal, PLAN_NOTHING, "nothing is found" },
	{ "another kind of target", is_listener, PLAN_NOTHING, "tls" },
	{ "away", made_away, PLAN_REFUSED, "no route to nsx.example" },
	{ "partial", made_partial, PLAN_REFUSED, "not read in full" },
	{ "old version", is_old, PLAN_REFUSED, "nsx-apply needs NSX 3.1.2, and prod is 3.1.1.0" },
	{ "no replacement", has_no_replacement, PLAN_REFUSED, "set replacement" },
	{ "unknown node", node_is_gone, PLAN_REFUSED, "API of node node-9" },
};

START_TEST(test_others)
{
	struct view_world w;
	struct made m;

	made_open_simple(&w, "4.1.0.0");
	others[_i].change(&w);
	made_ask(&w, &made_unasked, &m);
	made_says(&m, others[_i].verdict, others[_i].words);
	vworld_close(&w);
}
END_TEST

/* The first that can be mended is; the worst one's reason is told when none can. */
START_TEST(test_first_that_can_be_mended)
{
	struct view_world w;
	struct made m;

	made_open_simple(&w, "4.1.0.0");
	vworld_add(&w, &(struct vworld_cert){ .id = "worse", .ends_in = 1,
		.names = "DNS:other.example" });
	vworld_use(&w, "worse", "CCP", 2);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_str_eq(m.plan.object, "old");
	plan_clear(&m.plan);
	vworld_remove(&w, "new");
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "worse: ");
	vworld_close(&w);
}
END_TEST

/* --- batch -------------------------------------------------------------------------- */

START_TEST(test_batch)
{
	struct view_world w;
	struct made m;

	made_open_shared(&w, "4.2.0.0", false);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "validate batch-replace");
	ck_assert_str_eq(m.plan.procedure, "nsx-batch-replace");
	ck_assert_uint_eq(m.plan.steps[1].n_uses, 4);
	ck_assert_str_eq(m.plan.steps[1].uses[3].service, "MGMT_CLUSTER");
	ck_assert_str_eq(m.plan.steps[1].uses[3].endpoint, WORLD_VIP);
	ck_assert_int_eq(m.plan.steps[1].verify_s, 4 * 300);
	ck_assert_ptr_nonnull(strstr(m.plan.steps[1].call, "(old, new)"));
	plan_clear(&m.plan);
	/* one by one where only that is allowed */
	made_set_text(&w.mandate.procedures[1], "nsx-host-certificate");
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_str_eq(m.plan.procedure, "nsx-apply");
	ck_assert_uint_eq(m.plan.n_steps, 5);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

START_TEST(test_batch_without_a_new_id)
{
	struct view_world w;
	struct made m;

	vworld_open(&w, "4.2.0.0");
	w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	vworld_add(&w, &(struct vworld_cert){ .id = "old", .ends_in = 3, .is_self_signed = true });
	vworld_use(&w, "old", "APH", 1);
	vworld_use(&w, "old", "CCP", 1);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "batch-replace");
	ck_assert_ptr_null(m.plan.new_id);
	ck_assert_ptr_nonnull(strstr(m.plan.steps[0].call, "none: NSX makes it"));
	plan_clear(&m.plan);
	w.view.inv.sources[0].cluster->n_profiles = 4;
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "no certificate profile for CCP");
	w.view.inv.sources[0].cluster->n_profiles = 7;
	vworld_close(&w);
	/* on our own listener nobody could know the leaf beforehand */
	made_open_shared(&w, "4.2.0.0", true);
	w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	made_pin(&w);
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "cannot be known beforehand");
	vworld_close(&w);
}
END_TEST

START_TEST(test_vcf)
{
	struct view_world w;
	struct made m;
	const struct plan_request asked = { "nsx-apply", "old", 0 };

	made_open_shared(&w, "9.0.0.0", false);
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_NOTHING, "nothing is found");
	made_ask(&w, &asked, &m);
	made_says(&m, PLAN_REFUSED, "SDDC Manager");
	w.mandate.managed_by_vcf = false;
	w.policy.targets[0].not_by_vcf = true;
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "validate batch-replace");
	plan_clear(&m.plan);
	made_ask(&w, &asked, &m);
	made_is_ready(&m);
	ck_assert_str_eq(m.plan.procedure, "nsx-apply");
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* --- requests ----------------------------------------------------------------------- */

static const struct {
	struct plan_request request;
	enum plan_verdict verdict;
	const char *words;
} requests[] = {
	{ { "nsx-apply", "old", 0 }, PLAN_READY, NULL },
	{ { NULL, "old", 0 }, PLAN_READY, NULL },
	{ { "nsx-apply", NULL, 0 }, PLAN_READY, NULL },
	{ { "nsx-apply", "fine", 0 }, PLAN_REFUSED, "fine: " },
	{ { NULL, "fine", 0 }, PLAN_REFUSED, "name the procedure" },
	{ { "nsx-apply", "nobody", 0 }, PLAN_REFUSED, "has the id nobody" },
	{ { "nsx-apply", "new", 0 }, PLAN_REFUSED, "nothing uses it" },
	{ { "nsx-apply", "remote", 0 }, PLAN_REFUSED, "another site" },
	{ { "nsx-apply", "client", 0 }, PLAN_REFUSED, "principal identity" },
	{ { "nsx-apply", "corfu", 0 }, PLAN_REFUSED, "CBM_CORFU uses it" },
	{ { "nsx-batch-replace", "old", 0 }, PLAN_REFUSED, "nsx-batch-replace needs NSX 4.2.0" },
	{ { "nsx-batch-replace", NULL, 0 }, PLAN_NOTHING, "needs nsx-batch-replace" },
	{ { "opsman-regenerate", "old", 0 }, PLAN_REFUSED, "is no procedure for prod" },
	{ { "nsx-host-certificate", NULL, 0 }, PLAN_REFUSED, "say which transport node" },
	{ { "nsx-federation-thumbprint", NULL, 0 }, PLAN_REFUSED, "set global_manager" },
};

START_TEST(test_requests)
{
	struct view_world w;
	struct made m;

	made_open_simple(&w, "4.1.0.0");
	vworld_add(&w, &(struct vworld_cert){ .id = "fine", .names = "DNS:nsx-02.example" });
	vworld_use(&w, "fine", "API", 2);
	vworld_add(&w, &(struct vworld_cert){ .id = "remote" })->has_private_key = 0;
	vworld_use(&w, "remote", "LOCAL_MANAGER", 0);
	vworld_add(&w, &(struct vworld_cert){ .id = "client", .begins_in = -2 });
	vworld_use(&w, "client", "CLIENT_AUTH", 0);
	vworld_add(&w, &(struct vworld_cert){ .id = "corfu", .begins_in = -3 });
	vworld_use(&w, "corfu", "CBM_CORFU", 1);
	made_ask(&w, &requests[_i].request, &m);
	if (requests[_i].words == NULL) {
		made_is_ready(&m);
		ck_assert_str_eq(m.plan.object, "old");
		ck_assert_str_eq(m.plan.finding, "request");
	} else {
		made_says(&m, requests[_i].verdict, requests[_i].words);
	}
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* A healthy one may be replaced because somebody wants it, but only as allowed. */
START_TEST(test_request_for_a_healthy_one)
{
	const struct plan_request asked = { "nsx-apply", "old", 0 };
	struct view_world w;
	struct made m;

	vworld_open(&w, "4.1.0.0");
	vworld_add(&w, &(struct vworld_cert){ .id = "old", .ends_in = 300 });
	vworld_use(&w, "old", "API", 1);
	vworld_serve(&w, "old", 1);
	vworld_add(&w, &(struct vworld_cert){ .id = "new", .begins_in = -1 });
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_NOTHING, "nothing is found");
	made_ask(&w, &asked, &m);
	made_is_ready(&m);
	plan_clear(&m.plan);
	made_not_allowed(&w);
	made_ask(&w, &asked, &m);
	made_says(&m, PLAN_REFUSED, "not among the procedures");
	vworld_close(&w);
}
END_TEST

/* --- hosts -------------------------------------------------------------------------- */

static void add_host(struct view_world *w, const char *id, const char *name, const char *status)
{
	struct nsx_ops *o = &w->view.ops;

	o->hosts = mem_resize(o->hosts, (o->n_hosts + 1) * sizeof *o->hosts);
	o->hosts[o->n_hosts++] = (struct nsx_host){ .id = mem_strdup(id), .name = mem_strdup(name),
		.status = mem_strdup(status), .connection = mem_strdup(status) };
}

static const struct {
	const char *object, *version;
	enum replacement replacement;
	const char *words;       /* NULL: it is ready */
} hosts[] = {
	{ "tn-1", "4.1.0.0", REPLACEMENT_SELF_SIGNED, NULL },
	{ "ESX-1.example", "4.1.0.0", REPLACEMENT_COMMAND, NULL },
	{ "tn-1", "4.0.1.1", REPLACEMENT_SELF_SIGNED, "needs NSX 4.1.0" },
	{ "tn-1", "4.1.0.0", REPLACEMENT_EXISTING, "does not hand out" },
	{ "tn-2", "4.1.0.0", REPLACEMENT_SELF_SIGNED, "is DOWN" },
	{ "twin.example", "4.1.0.0", REPLACEMENT_SELF_SIGNED, "more than one transport node" },
	{ "nobody", "4.1.0.0", REPLACEMENT_SELF_SIGNED, "no transport node is called nobody" },
};

START_TEST(test_hosts)
{
	const struct plan_request asked = { "nsx-host-certificate", hosts[_i].object, 0 };
	struct view_world w;
	struct made m;

	vworld_open(&w, hosts[_i].version);
	w.mandate.replacement = hosts[_i].replacement;
	add_host(&w, "tn-1", "esx-1.example", "UP");
	add_host(&w, "tn-2", "esx-2.example", "DOWN");
	add_host(&w, "tn-3", "twin.example", "UP");
	add_host(&w, "tn-4", "twin.example", "UP");
	made_ask(&w, &asked, &m);
	if (hosts[_i].words != NULL) {
		made_says(&m, PLAN_REFUSED, hosts[_i].words);
	} else {
		made_is_ready(&m);
		made_has_steps(&m.plan, "replace-host");
		ck_assert_str_eq(m.plan.object, "tn-1");
		ck_assert_ptr_null(m.plan.old_sha256);
		ck_assert_ptr_nonnull(strstr(m.plan.steps[0].call,
		    "replace-host-certificate/tn-1"));
		ck_assert(made_has_note(&m.plan, "no API shows the certificate"));
	}
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("plan");
	TCase *t = tcase_create("plan");

	tcase_add_test(t, test_one_node);
	tcase_add_loop_test(t, test_order_and_scope, 0, 3);
	tcase_add_test(t, test_internal_services);
	tcase_add_test(t, test_scope_without_profiles);
	tcase_add_loop_test(t, test_others, 0, UNIT_ROWS(others));
	tcase_add_test(t, test_first_that_can_be_mended);
	tcase_add_test(t, test_batch);
	tcase_add_test(t, test_batch_without_a_new_id);
	tcase_add_test(t, test_vcf);
	tcase_add_loop_test(t, test_requests, 0, UNIT_ROWS(requests));
	tcase_add_test(t, test_request_for_a_healthy_one);
	tcase_add_loop_test(t, test_hosts, 0, UNIT_ROWS(hosts));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
