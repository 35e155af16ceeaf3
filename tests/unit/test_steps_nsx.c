/* test_steps_nsx.c - what each kind of step sees: before, done, going on, half
 * done, undone by somebody, out of reach. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/step.h"
#include "tests/unit/view_world.h"

#define NOW SAMPLE_NOW

/* One step of a run at one moment. */
struct scene {
	struct view_world w;
	struct plan plan;
	struct run run;
	struct step_record record;
	struct step_context c;
};

static void set_text(char **text, const char *value)
{
	free(*text);
	*text = mem_strdup(value);
}

static void add_old_and_new(struct view_world *w)
{
	vworld_add(w, &(struct vworld_cert){ .id = "old", .ends_in = 3 });
	vworld_use(w, "old", "API", 1);
	vworld_serve(w, "old", 1);
	vworld_add(w, &(struct vworld_cert){ .id = "new", .begins_in = -1 });
}

/* The shared one changes over at node 1 and 2 and at the VIP. */
static void add_uses(struct scene *s, struct plan_step *step)
{
	for (int node = 0; node <= 2; node++) {
		struct plan_use *u = plan_add_use(step, node == 0 ? "MGMT_CLUSTER" : "API");

		u->node = mem_strdup(vworld_node(node));
		u->endpoint = mem_strdup(vworld_endpoint(node));
		if (node != 1)
			vworld_use(&s->w, "old", u->service, node);
		vworld_serve(&s->w, "old", node);
	}
}

static void scene_open(struct scene *s, const char *kind)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];
	struct plan_step *step;

	memset(s, 0, sizeof *s);
	vworld_open(&s->w, "4.2.0.0");
	add_old_and_new(&s->w);
	s->plan.target = mem_strdup("prod");
	s->plan.object = mem_strdup("old");
	vworld_sha256(&s->w, "old", sha256);
	s->plan.old_sha256 = mem_strdup(sha256);
	step = plan_add_step(&s->plan, kind);
	step->service = mem_strdup("API");
	step->node = mem_strdup("node-1");
	step->node_name = mem_strdup("nsx-01");
	step->old_id = mem_strdup("old");
	step->new_id = mem_strdup("new");
	step->endpoint = mem_strdup(vworld_endpoint(1));
	if (strcmp(kind, "batch-replace") == 0)
		add_uses(s, step);
	s->run.id = 7;
	s->c = (struct step_context){ .plan = &s->plan, .step = &s->plan.steps[0], .run = &s->run,
		.record = &s->record, .mandate = &s->w.mandate, .now_at = NOW };
}

static void scene_close(struct scene *s)
{
	plan_clear(&s->plan);
	free(s->run.new_id);
	free(s->run.new_sha256);
	free(s->record.snapshot);
	free(s->record.sha256);
	vworld_close(&s->w);
}

/* What may happen to the world or to the record, by name of the row. */
typedef void change_fn(struct scene *s);

static void as_it_is(struct scene *s) { (void)s; }
static void away(struct scene *s)
{
	s->w.view.is_reachable = false;
	err_set(&s->w.view.poll_err, ERR_UNREACHABLE, "nsx.example: connection refused");
}
static void partial(struct scene *s) { s->w.view.is_complete = false; }
static void ops_away(struct scene *s)
{
	err_set(&s->w.view.ops.err, ERR_AUTH, "the account may not log in");
}
static void degraded(struct scene *s) { set_text(&s->w.view.ops.overall, "DEGRADED"); }
static void not_told(struct scene *s) { set_text(&s->w.view.ops.overall, NULL); }
static void management(struct scene *s) { set_text(&s->w.view.ops.management, "UNSTABLE"); }
static void joining(struct scene *s)
{
	s->w.view.ops.n_joined = 2;
	set_text(&s->w.view.ops.not_joined, "nsx-03");
}
static void frozen(struct scene *s) { s->w.view.ops.changes_allowed = 0; }
static void upgrading(struct scene *s) { s->w.view.ops.upgrading = 1; }
static void backing_up(struct scene *s) { s->w.view.ops.backing_up = 1; }
static void restoring(struct scene *s) { s->w.view.ops.restoring = 1; }
static void other_batch(struct scene *s)
{
	vworld_batch(&s->w, "CCP", 3, "third", "fourth", "PENDING");
}
static void new_gone(struct scene *s) { vworld_remove(&s->w, "new"); }
static void new_keyless(struct scene *s) { vworld_row(&s->w, "new")->has_private_key = 0; }

/* --- apply -------------------------------------------------------------------------- */

static void uses_new(struct scene *s)
{
	vworld_unuse(&s->w, "old", "API", 1);
	vworld_use(&s->w, "new", "API", 1);
}
static void applied(struct scene *s)
{
	uses_new(s);
	vworld_serve(&s->w, "new", 1);
}
static void applied_listener_away(struct scene *s)
{
	uses_new(s);
	vworld_unserve(&s->w, 1);
}
static void applied_no_listener(struct scene *s)
{
	applied_listener_away(s);
	set_text(&s->plan.steps[0].endpoint, NULL);
}
static void applied_degraded(struct scene *s)
{
	applied(s);
	degraded(s);
}
static void both(struct scene *s) { vworld_use(&s->w, "new", "API", 1); }
static void taken_by_another(struct scene *s)
{
	vworld_unuse(&s->w, "old", "API", 1);
	vworld_add(&s->w, &(struct vworld_cert){ .id = "third", .begins_in = -2 });
	vworld_use(&s->w, "third", "API", 1);
}
static void per_cluster(struct scene *s)
{
	set_text(&s->plan.steps[0].service, "MGMT_CLUSTER");
	set_text(&s->plan.steps[0].node, NULL);
	set_text(&s->plan.steps[0].node_name, NULL);
	set_text(&s->plan.steps[0].endpoint, WORLD_VIP);
	vworld_use(&s->w, "old", "MGMT_CLUSTER", 0);
}
static void per_cluster_applied(struct scene *s)
{
	per_cluster(s);
	vworld_unuse(&s->w, "old", "MGMT_CLUSTER", 0);
	vworld_use(&s->w, "new", "MGMT_CLUSTER", 0);
	vworld_serve(&s->w, "new", 0);
}
static void bound(struct scene *s)
{
	set_text(&s->plan.steps[0].new_id, NULL);
	s->run.new_id = mem_strdup("new");
}
static void not_bound(struct scene *s) { set_text(&s->plan.steps[0].new_id, NULL); }

/* --- validate ----------------------------------------------------------------------- */

static void validated(struct scene *s, const char *status, const char *message)
{
	set_text(&s->w.view.ops.validation_id, "new");
	set_text(&s->w.view.ops.validation, status);
	set_text(&s->w.view.ops.validation_message, message);
}
static void valid(struct scene *s) { validated(s, "OK", NULL); }
static void rejected(struct scene *s) { validated(s, "REJECTED", "KeyUsage is wrong"); }
static void in_error(struct scene *s) { validated(s, "ERROR", NULL); }
static void crl_not_ready(struct scene *s) { validated(s, "CRL_NOT_READY", NULL); }
static void other_validated(struct scene *s)
{
	valid(s);
	set_text(&s->w.view.ops.validation_id, "old");
}

/* --- import, self-sign -------------------------------------------------------------- */

static void prepared(struct scene *s)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	vworld_sha256(&s->w, "new", sha256);
	s->record.sha256 = mem_strdup(sha256);
	set_text(&s->plan.steps[0].new_id, NULL);
}
static void prepared_and_lost(struct scene *s)
{
	prepared(s);
	vworld_remove(&s->w, "new");
}
static void imported_without_key(struct scene *s)
{
	prepared(s);
	new_keyless(s);
}
static void planned_and_there(struct scene *s)
{
	prepared(s);
	s->plan.new_sha256 = s->record.sha256;
	s->record.sha256 = NULL;
}
static void prepared_degraded(struct scene *s)
{
	prepared_and_lost(s);
	degraded(s);
}
static void with_ids(struct scene *s)
{
	set_text(&s->plan.steps[0].new_id, NULL);
	vworld_add(&s->w, &(struct vworld_cert){ .id = "before", .is_self_signed = true });
	set_text(&s->record.snapshot, "{\"ids\":[\"before\"]}");
}
static void one_made(struct scene *s)
{
	with_ids(s);
	vworld_add(&s->w, &(struct vworld_cert){ .id = "made", .is_self_signed = true,
		.begins_in = -1 });
}
static void two_made(struct scene *s)
{
	one_made(s);
	vworld_add(&s->w, &(struct vworld_cert){ .id = "made-2", .is_self_signed = true,
		.begins_in = -2 });
}
static void two_made_one_ours(struct scene *s)
{
	two_made(s);
	set_text(&vworld_row(&s->w, "made-2")->name, "check_certs-prod-run-7");
}
static void made_and_bound(struct scene *s)
{
	two_made(s);
	s->run.new_id = mem_strdup("made");
}
static void snapshot_is_garbage(struct scene *s)
{
	one_made(s);
	set_text(&s->record.snapshot, "{");
}

/* --- batch -------------------------------------------------------------------------- */

static void batch_to(struct scene *s, const char *id, const char *status)
{
	set_text(&s->record.snapshot, "{\"batch_start_ms\":1000}");
	s->w.view.ops.batch_start_ms = 2000;
	for (int node = 0; node <= 2; node++)
		vworld_batch(&s->w, node == 0 ? "MGMT_CLUSTER" : "API", node, "old", id, status);
}
static void move_uses(struct scene *s, int from)
{
	for (int node = from; node <= 2; node++) {
		const char *service = node == 0 ? "MGMT_CLUSTER" : "API";

		vworld_unuse(&s->w, "old", service, node);
		vworld_use(&s->w, "new", service, node);
		vworld_serve(&s->w, "new", node);
	}
}
static void batch_pending(struct scene *s) { batch_to(s, "new", "PENDING"); }
static void batch_done(struct scene *s)
{
	batch_to(s, "new", "OK");
	move_uses(s, 0);
}
static void batch_told_done(struct scene *s) { batch_to(s, "new", "OK"); }
static void batch_half(struct scene *s)
{
	batch_to(s, "new", "OK");
	move_uses(s, 1);
}
static void batch_listener_late(struct scene *s)
{
	batch_done(s);
	vworld_serve(&s->w, "old", 2);
}
static void batch_error(struct scene *s)
{
	batch_to(s, "new", "OK");
	set_text(&s->w.view.ops.batch[2].status, "ERROR");
	set_text(&s->w.view.ops.batch[2].message, "does not have a private key");
}
static void batch_aborted(struct scene *s) { batch_to(s, "new", "ABORTED"); }
static void batch_of_before(struct scene *s)
{
	batch_error(s);
	set_text(&s->record.snapshot, "{\"batch_start_ms\":2000}");
}
static void batch_made_its_own(struct scene *s)
{
	batch_done(s);
	set_text(&s->plan.steps[0].new_id, NULL);
}
static void batch_not_begun_own(struct scene *s)
{
	set_text(&s->plan.steps[0].new_id, NULL);
	vworld_remove(&s->w, "new");
}
static void batch_undone(struct scene *s)
{
	vworld_unuse(&s->w, "old", "API", 2);
	vworld_add(&s->w, &(struct vworld_cert){ .id = "third", .begins_in = -2 });
	vworld_use(&s->w, "third", "API", 2);
}

/* --- host --------------------------------------------------------------------------- */

static void host(struct scene *s, const char *status)
{
	struct nsx_ops *o = &s->w.view.ops;

	o->hosts = mem_alloc(sizeof *o->hosts);
	o->hosts[o->n_hosts++] = (struct nsx_host){ .id = mem_strdup("node-1"),
		.name = mem_strdup("nsx-01"), .status = mem_strdup(status),
		.connection = mem_strdup(status) };
	s->record.acted_at = NOW - 31;
}
static void host_up(struct scene *s) { host(s, "UP"); }
static void host_down(struct scene *s) { host(s, "DOWN"); }
static void host_just_acted(struct scene *s)
{
	host(s, "UP");
	s->record.acted_at = NOW - 30;
}
static void host_up_degraded(struct scene *s)
{
	host(s, "UP");
	degraded(s);
}

/* --- site, delete ------------------------------------------------------------------- */

static void site(struct scene *s, const char *thumbprint)
{
	s->w.view.ops.has_site = true;
	s->w.view.ops.site_revision = 5;
	set_text(&s->w.view.ops.site_thumbprint, thumbprint);
	set_text(&s->record.snapshot, "{\"revision\":4}");
}
static void site_differs(struct scene *s) { site(s, "ab12"); }
static void site_same(struct scene *s)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	vworld_sha256(&s->w, "old", sha256);
	site(s, sha256);
}
static void site_silent(struct scene *s) { site(s, NULL); }
static void site_silent_unchanged(struct scene *s)
{
	site(s, NULL);
	s->w.view.ops.site_revision = 4;
}
static void site_no_handshake(struct scene *s)
{
	site(s, "ab12");
	vworld_unserve(&s->w, 1);
}
static void spare(struct scene *s) { applied(s); }
static void spare_served(struct scene *s)
{
	applied(s);
	vworld_serve(&s->w, "old", 3);
}
static void spare_policy(struct scene *s)
{
	applied(s);
	vworld_row(&s->w, "old")->by_policy = true;
}
static void spare_other(struct scene *s)
{
	applied(s);
	set_text(&s->plan.old_sha256, "ab12");
}
static void spare_degraded(struct scene *s)
{
	applied(s);
	degraded(s);
}
static void deleted(struct scene *s)
{
	applied(s);
	vworld_remove(&s->w, "old");
}

/* --- the table ---------------------------------------------------------------------- */

static const struct {
	const char *kind;
	change_fn *change;
	enum step_state state;
	enum seen seen;
	const char *words;
	size_t n_new;
	const char *adopt;
} rows[] = {
	{ "apply", as_it_is, STEP_NONE, SEEN_READY, "API of nsx-01 uses the old", 0, NULL },
	{ "apply", applied, STEP_NONE, SEEN_GOAL, "presents it at 192.0.2.11:443", 0, NULL },
	{ "apply", applied, STEP_INTENT, SEEN_GOAL, "has the new certificate", 0, NULL },
	{ "apply", uses_new, STEP_ACTED, SEEN_BUSY, "192.0.2.11:443 still presents", 0, NULL },
	{ "apply", applied_listener_away, STEP_ACTED, SEEN_BUSY, "does not answer yet", 0, NULL },
	{ "apply", applied_no_listener, STEP_ACTED, SEEN_GOAL, "nsx-01 has the new", 0, NULL },
	{ "apply", applied_degraded, STEP_ACTED, SEEN_BUSY, "the cluster is DEGRADED", 0, NULL },
	{ "apply", both, STEP_ACTED, SEEN_BUSY, "has both certificates", 0, NULL },
	{ "apply", taken_by_another, STEP_NONE, SEEN_NEITHER, "somebody else changed it", 0, NULL },
	{ "apply", per_cluster, STEP_NONE, SEEN_READY, "MGMT_CLUSTER of the cluster", 0, NULL },
	{ "apply", per_cluster_applied, STEP_NONE, SEEN_GOAL, WORLD_VIP, 0, NULL },
	{ "apply", bound, STEP_NONE, SEEN_READY, "uses the old", 0, NULL },
	{ "apply", not_bound, STEP_NONE, SEEN_NEITHER, "not in the trust store", 0, NULL },
	{ "apply", new_gone, STEP_NONE, SEEN_NEITHER, "not in the trust store", 0, NULL },
	{ "apply", new_keyless, STEP_NONE, SEEN_NEITHER, "no private key", 0, NULL },
	{ "apply", away, STEP_ACTED, SEEN_UNREACHABLE, "connection refused", 0, NULL },
	{ "apply", partial, STEP_NONE, SEEN_UNREACHABLE, "not read in full", 0, NULL },
	{ "apply", ops_away, STEP_NONE, SEEN_UNREACHABLE, "may not log in", 0, NULL },
	{ "apply", degraded, STEP_NONE, SEEN_BUSY, "DEGRADED, not STABLE", 0, NULL },
	{ "apply", not_told, STEP_NONE, SEEN_BUSY, "not told", 0, NULL },
	{ "apply", management, STEP_NONE, SEEN_BUSY, "management cluster is UNSTABLE", 0, NULL },
	{ "apply", joining, STEP_NONE, SEEN_BUSY, "node nsx-03 is not JOINED", 0, NULL },
	{ "apply", frozen, STEP_NONE, SEEN_BUSY, "allows no changes", 0, NULL },
	{ "apply", other_batch, STEP_NONE, SEEN_BUSY, "1 of a batch of replacements is", 0, NULL },
	{ "apply", upgrading, STEP_NONE, SEEN_BUSY, "an upgrade is running", 0, NULL },
	{ "apply", backing_up, STEP_NONE, SEEN_BUSY, "a backup is running", 0, NULL },
	{ "apply", restoring, STEP_NONE, SEEN_BUSY, "a restore is running", 0, NULL },

	{ "validate", valid, STEP_NONE, SEEN_GOAL, "finds new valid", 0, NULL },
	{ "validate", rejected, STEP_NONE, SEEN_NEITHER,
	  "REJECTED of new: KeyUsage is wrong", 0, NULL },
	{ "validate", in_error, STEP_NONE, SEEN_NEITHER, "ERROR of new: no reason given", 0, NULL },
	{ "validate", crl_not_ready, STEP_NONE, SEEN_BUSY, "revocation list", 0, NULL },
	{ "validate", as_it_is, STEP_NONE, SEEN_UNREACHABLE, "did not say", 0, NULL },
	{ "validate", other_validated, STEP_NONE, SEEN_UNREACHABLE, "did not say", 0, NULL },
	{ "validate", ops_away, STEP_NONE, SEEN_UNREACHABLE, "may not log in", 0, NULL },
	{ "validate", new_gone, STEP_NONE, SEEN_NEITHER, "not in the trust store", 0, NULL },
	{ "validate", away, STEP_NONE, SEEN_UNREACHABLE, "connection refused", 0, NULL },

	{ "import", not_bound, STEP_NONE, SEEN_READY, "not in the trust store", 0, NULL },
	{ "import", planned_and_there, STEP_NONE, SEEN_GOAL, "as new", 1, "new" },
	{ "import", prepared, STEP_INTENT, SEEN_GOAL, "as new", 1, "new" },
	{ "import", prepared_and_lost, STEP_INTENT, SEEN_READY, "not in the trust store", 0, NULL },
	{ "import", imported_without_key, STEP_INTENT, SEEN_READY, "not in", 0, NULL },
	{ "import", prepared_degraded, STEP_INTENT, SEEN_BUSY, "DEGRADED", 0, NULL },
	{ "import", away, STEP_INTENT, SEEN_UNREACHABLE, "connection refused", 0, NULL },
	{ "import", prepared, STEP_VERIFIED, SEEN_GOAL, "as new", 1, "new" },

	{ "self-sign", not_bound, STEP_NONE, SEEN_READY, "not made yet", 0, NULL },
	{ "self-sign", with_ids, STEP_INTENT, SEEN_READY, "not made yet", 0, NULL },
	{ "self-sign", one_made, STEP_INTENT, SEEN_GOAL, "as made", 1, "made" },
	{ "self-sign", two_made, STEP_INTENT, SEEN_NEITHER, "which one is ours", 2, NULL },
	{ "self-sign", two_made_one_ours, STEP_INTENT, SEEN_GOAL, "as made-2", 1, "made-2" },
	{ "self-sign", made_and_bound, STEP_ACTED, SEEN_GOAL, "as made", 0, "made" },
	{ "self-sign", snapshot_is_garbage, STEP_INTENT, SEEN_READY, "not made yet", 0, NULL },
	{ "self-sign", away, STEP_INTENT, SEEN_UNREACHABLE, "connection refused", 0, NULL },
	{ "self-sign", frozen, STEP_NONE, SEEN_BUSY, "allows no changes", 0, NULL },

	{ "batch-replace", as_it_is, STEP_NONE, SEEN_READY, "all 3 services use the old", 0, NULL },
	{ "batch-replace", batch_not_begun_own, STEP_NONE, SEEN_READY, "use the old", 0, NULL },
	{ "batch-replace", other_batch, STEP_NONE, SEEN_BUSY, "of a batch", 0, NULL },
	{ "batch-replace", batch_pending, STEP_INTENT, SEEN_BUSY, "3 of the batch are", 1, "new" },
	{ "batch-replace", batch_told_done, STEP_ACTED, SEEN_BUSY, "uses the old", 1, "new" },
	{ "batch-replace", batch_half, STEP_ACTED, SEEN_BUSY, "MGMT_CLUSTER of the cl", 1, "new" },
	{ "batch-replace", batch_listener_late, STEP_ACTED, SEEN_BUSY, "still presents", 1, "new" },
	{ "batch-replace", batch_done, STEP_ACTED, SEEN_GOAL, "all 3 services", 1, "new" },
	{ "batch-replace", batch_made_its_own, STEP_INTENT, SEEN_GOAL, "all 3 services", 1, "new" },
	{ "batch-replace", batch_error, STEP_ACTED, SEEN_FAILED,
	  "API of node-2: ERROR: does not have a private key", 1, "new" },
	{ "batch-replace", batch_aborted, STEP_INTENT, SEEN_FAILED, "ABORTED", 1, "new" },
	{ "batch-replace", batch_of_before, STEP_INTENT, SEEN_READY, "use the old", 0, NULL },
	{ "batch-replace", batch_undone, STEP_NONE, SEEN_NEITHER, "somebody else", 0, NULL },
	{ "batch-replace", new_gone, STEP_NONE, SEEN_NEITHER, "not in the trust store", 0, NULL },
	{ "batch-replace", away, STEP_ACTED, SEEN_UNREACHABLE, "connection refused", 0, NULL },
	{ "batch-replace", ops_away, STEP_ACTED, SEEN_UNREACHABLE, "may not log in", 0, NULL },
	{ "batch-replace", degraded, STEP_NONE, SEEN_BUSY, "DEGRADED", 0, NULL },

	{ "replace-host", host_up, STEP_NONE, SEEN_READY, "nsx-01 is UP", 0, NULL },
	{ "replace-host", host_down, STEP_NONE, SEEN_BUSY, "nsx-01 is DOWN", 0, NULL },
	{ "replace-host", host_up, STEP_INTENT, SEEN_READY, "nsx-01 is UP", 0, NULL },
	{ "replace-host", host_just_acted, STEP_ACTED, SEEN_BUSY, "had no time", 0, NULL },
	{ "replace-host", host_down, STEP_ACTED, SEEN_BUSY, "is DOWN", 0, NULL },
	{ "replace-host", host_up, STEP_ACTED, SEEN_GOAL, "could not be verified", 0, NULL },
	{ "replace-host", host_up, STEP_VERIFIED, SEEN_GOAL, "could not be verified", 0, NULL },
	{ "replace-host", host_up_degraded, STEP_NONE, SEEN_BUSY, "DEGRADED", 0, NULL },
	{ "replace-host", as_it_is, STEP_NONE, SEEN_NEITHER, "no transport node nsx-01", 0, NULL },
	{ "replace-host", ops_away, STEP_ACTED, SEEN_UNREACHABLE, "may not log in", 0, NULL },

	{ "site-thumbprint", as_it_is, STEP_NONE, SEEN_UNREACHABLE, "was not read", 0, NULL },
	{ "site-thumbprint", site_differs, STEP_NONE, SEEN_READY, "has ab12", 0, NULL },
	{ "site-thumbprint", site_same, STEP_NONE, SEEN_GOAL, "has the thumbprint", 0, NULL },
	{ "site-thumbprint", site_differs, STEP_ACTED, SEEN_READY, "has ab12", 0, NULL },
	{ "site-thumbprint", site_silent, STEP_NONE, SEEN_READY, "has none", 0, NULL },
	{ "site-thumbprint", site_silent, STEP_INTENT, SEEN_READY, "has none", 0, NULL },
	{ "site-thumbprint", site_silent, STEP_ACTED, SEEN_GOAL, "does not show", 0, NULL },
	{ "site-thumbprint", site_silent_unchanged, STEP_ACTED, SEEN_READY, "has none", 0, NULL },
	{ "site-thumbprint", site_no_handshake, STEP_NONE, SEEN_UNREACHABLE, "nobody", 0, NULL },

	{ "delete", as_it_is, STEP_NONE, SEEN_NEITHER, "API of nsx-01 uses it again", 0, NULL },
	{ "delete", spare, STEP_NONE, SEEN_READY, "nothing uses it", 0, NULL },
	{ "delete", spare_served, STEP_NONE, SEEN_NEITHER, "still presents it", 0, NULL },
	{ "delete", spare_policy, STEP_NONE, SEEN_NEITHER, "uses it by now", 0, NULL },
	{ "delete", spare_other, STEP_NONE, SEEN_NEITHER, "another certificate now", 0, NULL },
	{ "delete", spare_degraded, STEP_NONE, SEEN_BUSY, "DEGRADED", 0, NULL },
	{ "delete", deleted, STEP_ACTED, SEEN_GOAL, "not in the trust store any more", 0, NULL },
	{ "delete", partial, STEP_ACTED, SEEN_UNREACHABLE, "not read in full", 0, NULL },
};

START_TEST(test_observe)
{
	const struct step_kind *kind = step_kind_find(rows[_i].kind);
	struct observation o = { .seen = SEEN_GOAL };
	char sha256[2 * CERT_SHA256_BYTES + 1];
	struct scene s;

	ck_assert_ptr_nonnull(kind);
	scene_open(&s, rows[_i].kind);
	s.record.state = rows[_i].state;
	rows[_i].change(&s);
	kind->observe(&s.c, &s.w.view, &o);
	ck_assert_msg(o.seen == rows[_i].seen, "row %d: seen %d: %s", _i, o.seen, o.text);
	ck_assert_msg(strstr(o.text, rows[_i].words) != NULL, "row %d: %s", _i, o.text);
	ck_assert_uint_eq(o.n_new, rows[_i].n_new);
	ck_assert_msg((o.adopt == NULL) == (rows[_i].adopt == NULL), "row %d: adopt %s", _i,
	    o.adopt != NULL ? o.adopt : "none");
	if (rows[_i].adopt != NULL) {
		vworld_sha256(&s.w, rows[_i].adopt, sha256);
		ck_assert_str_eq(o.adopt, rows[_i].adopt);
		ck_assert_str_eq(o.adopt_sha256, sha256);
	}
	observation_clear(&o);
	scene_close(&s);
}
END_TEST

/* --- the rest of the table ---------------------------------------------------------- */

START_TEST(test_old_still_good)
{
	static const struct { int64_t now_at; int key; bool is_there, is_good; } cases[] = {
		{ NOW, 1, true, true }, { NOW, -1, true, true }, { NOW, 0, true, false },
		{ NOW + 4 * SAMPLE_DAY, 1, true, false },
		{ NOW - 400 * SAMPLE_DAY, 1, true, false },
		{ NOW, 1, false, false },
	};
	struct observation o = { .seen = SEEN_GOAL };
	struct scene s;

	scene_open(&s, "apply");
	vworld_row(&s.w, "old")->has_private_key = cases[_i].key;
	if (!cases[_i].is_there)
		vworld_remove(&s.w, "old");
	s.c.now_at = cases[_i].now_at;
	step_kind_find("apply")->observe(&s.c, &s.w.view, &o);
	ck_assert_int_eq(o.old_still_good, cases[_i].is_good);
	observation_clear(&o);
	scene_close(&s);
}
END_TEST

/* What the snapshot says now is what makes new things new later. */
START_TEST(test_snapshots)
{
	static const struct { const char *kind; change_fn *change; const char *text; } cases[] = {
		{ "self-sign", with_ids, "{\"ids\":[\"before\"]}" },
		{ "self-sign", as_it_is, "{\"ids\":[]}" },
		{ "batch-replace", batch_pending, "{\"batch_start_ms\":2000}" },
		{ "batch-replace", as_it_is, "{\"batch_start_ms\":0}" },
		{ "site-thumbprint", site_differs, "{\"revision\":5}" },
	};
	struct buf json;
	struct scene s;

	scene_open(&s, cases[_i].kind);
	cases[_i].change(&s);
	buf_init(&json, 65536);
	step_kind_find(cases[_i].kind)->snapshot(&s.c, &s.w.view, &json);
	ck_assert_str_eq(buf_str(&json), cases[_i].text);
	buf_clear(&json);
	scene_close(&s);
}
END_TEST

START_TEST(test_wants)
{
	struct scene s;

	scene_open(&s, "validate");
	ck_assert_str_eq(step_kind_find("validate")->wants(&s.c).validate_id, "new");
	ck_assert(step_kind_find("replace-host")->wants(&s.c).hosts);
	ck_assert_str_eq(step_kind_find("replace-host")->wants(&s.c).host, "node-1");
	ck_assert(step_kind_find("site-thumbprint")->wants(&s.c).site);
	ck_assert_ptr_null(step_kind_find("apply")->wants);
	scene_close(&s);
}
END_TEST

START_TEST(test_table)
{
	ck_assert_ptr_null(step_kind_find("reboot"));
	ck_assert_uint_eq(n_steps_nsx, 8);
	for (size_t i = 0; i < n_steps_nsx; i++) {
		const struct step_kind *k = &steps_nsx[i];

		ck_assert_ptr_eq(step_kind_find(k->name), k);
		ck_assert_ptr_nonnull(k->observe);
		ck_assert_ptr_nonnull(k->title);
		/* what changes something has an act; what is only read has none */
		ck_assert_int_eq(k->act == NULL, k->verb == VERB_READ);
	}
}
END_TEST

START_TEST(test_ids)
{
	struct scene s;

	scene_open(&s, "apply");
	s.plan.new_id = mem_strdup("of-the-plan");
	s.run.new_id = mem_strdup("of-the-run");
	s.run.new_sha256 = mem_strdup("cd34");
	ck_assert_str_eq(step_new_id(&s.c), "new");
	set_text(&s.plan.steps[0].new_id, NULL);
	ck_assert_str_eq(step_new_id(&s.c), "of-the-plan");
	set_text(&s.plan.new_id, NULL);
	ck_assert_str_eq(step_new_id(&s.c), "of-the-run");
	ck_assert_str_eq(step_new_sha256(&s.c), "cd34");
	s.plan.new_sha256 = mem_strdup("ab12");
	ck_assert_str_eq(step_new_sha256(&s.c), "ab12");
	s.c.run = NULL;
	ck_assert_ptr_null(step_new_id(&s.c));
	scene_close(&s);
}
END_TEST

/* Without an id NSX would make a certificate of its own: never by mistake. */
START_TEST(test_batch_never_sent_for_want_of_an_id)
{
	struct err e = { 0 };
	struct scene s;

	scene_open(&s, "self-sign");
	plan_add_step(&s.plan, "batch-replace");
	s.c.step = &s.plan.steps[1];
	set_text(&s.plan.steps[0].new_id, NULL);
	ck_assert_int_eq(step_kind_find("batch-replace")->act(&s.c, &s.w.view, NULL, NULL, NULL,
	    NULL, &e), API_NOT_SENT);
	ck_assert_int_eq(e.code, ERR_AMBIGUOUS);
	scene_close(&s);
}
END_TEST

/* Nothing is sent to a Global Manager that is not known. */
START_TEST(test_site_needs_its_manager)
{
	struct err e = { 0 };
	struct scene s;

	scene_open(&s, "site-thumbprint");
	site_differs(&s);
	ck_assert_int_eq(step_kind_find("site-thumbprint")->act(&s.c, &s.w.view, NULL, NULL, NULL,
	    NULL, &e), API_NOT_SENT);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	scene_close(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("steps_nsx");
	TCase *t = tcase_create("steps_nsx");

	tcase_add_loop_test(t, test_observe, 0, UNIT_ROWS(rows));
	tcase_add_loop_test(t, test_old_still_good, 0, 6);
	tcase_add_loop_test(t, test_snapshots, 0, 5);
	tcase_add_test(t, test_wants);
	tcase_add_test(t, test_table);
	tcase_add_test(t, test_ids);
	tcase_add_test(t, test_batch_never_sent_for_want_of_an_id);
	tcase_add_test(t, test_site_needs_its_manager);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
