/* test_plan.c - which plan is made of a view, or why none is. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/plan.h"
#include "tests/unit/view_world.h"

#define NOW SAMPLE_NOW

struct made {
	struct plan plan;
	enum plan_verdict verdict;
	struct err e;
};

static const struct plan_request nobody_asked = { NULL, NULL, 0 };

static void make_with(struct view_world *w, const struct material *mt,
    const struct plan_request *request, struct made *out)
{
	memset(out, 0, sizeof *out);
	world_judge(w);
	out->verdict = plan_make(&w->view, &w->mandate, mt, request, NOW, &out->plan, &out->e);
	if (out->verdict != PLAN_READY) {
		ck_assert_msg(out->e.text[0] != '\0', "no reason");
		ck_assert_uint_eq(out->plan.n_steps, 0);
		ck_assert_ptr_null(out->plan.target);
	}
}

static void make(struct view_world *w, const struct plan_request *request, struct made *out)
{
	const struct material mt = { .kind = w->mandate.replacement };

	make_with(w, &mt, request, out);
}

static void want_ready(const struct made *m)
{
	ck_assert_msg(m->verdict == PLAN_READY, "verdict %d: %s", m->verdict, m->e.text);
}

static void want_words(const struct made *m, enum plan_verdict verdict, const char *words)
{
	ck_assert_msg(m->verdict == verdict, "verdict %d: %s", m->verdict, m->e.text);
	ck_assert_msg(strstr(m->e.text, words) != NULL, "%s", m->e.text);
}

/* "import validate apply:API:node-1 ..." */
static void want_steps(const struct plan *p, const char *words)
{
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct plan_step *s = &p->steps[i];

		buf_addf(&b, "%s%s", i > 0 ? " " : "", s->kind);
		if (strcmp(s->kind, "apply") == 0)
			buf_addf(&b, ":%s:%s", s->service, s->node != NULL ? s->node : "-");
		ck_assert_ptr_nonnull(s->call);
		ck_assert_ptr_nonnull(s->why);
		ck_assert_int_gt(s->verify_s, 0);
	}
	ck_assert_str_eq(buf_str(&b), words);
	buf_clear(&b);
}

static bool has_note(const struct plan *p, const char *words)
{
	for (size_t i = 0; i < p->n_notes; i++)
		if (strstr(p->notes[i], words) != NULL)
			return true;
	return false;
}

static void set_text(char **text, const char *value)
{
	free(*text);
	*text = mem_strdup(value);
}

/* "old" ends in three days and is used by the API of nsx-01; "new" is its
 * successor. */
static void open_simple(struct view_world *w, const char *version)
{
	world_open(w, version);
	world_add(w, &(struct world_cert){ .id = "old", .ends_in = 3 });
	world_use(w, "old", "API", 1);
	world_serve(w, "old", 1);
	world_add(w, &(struct world_cert){ .id = "new", .begins_in = -1 });
}

/* The same for what the API of every node and the VIP share. */
static void open_shared(struct view_world *w, const char *version, bool is_self_signed)
{
	world_open(w, version);
	world_add(w, &(struct world_cert){ .id = "old", .ends_in = 3,
		.is_self_signed = is_self_signed });
	for (int node = 0; node <= WORLD_NODES; node++) {
		world_use(w, "old", node == 0 ? "MGMT_CLUSTER" : "API", node);
		world_serve(w, "old", node);
	}
	world_add(w, &(struct world_cert){ .id = "new", .begins_in = -1,
		.is_self_signed = is_self_signed });
}

/* --- apply ---------------------------------------------------------------------------------- */

START_TEST(test_one_node)
{
	struct view_world w;
	struct made m, again;
	char sha256[2 * CERT_SHA256_BYTES + 1], hash[PLAN_HASH_BYTES], second[PLAN_HASH_BYTES];
	const struct plan_step *s;

	open_simple(&w, "4.1.2.0");
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "validate apply:API:node-1");
	ck_assert_str_eq(m.plan.target, "prod");
	ck_assert_str_eq(m.plan.procedure, "nsx-apply");
	ck_assert_str_eq(m.plan.finding, "expiring");
	ck_assert_str_eq(m.plan.object, "old");
	ck_assert_str_eq(m.plan.new_id, "new");
	world_sha256(&w, "old", sha256);
	ck_assert_str_eq(m.plan.old_sha256, sha256);
	world_sha256(&w, "new", sha256);
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
	world_judge(&w);
	again.verdict = plan_make(&w.view, &w.mandate, &(struct material){ .kind = 0 }, &nobody_asked,
	    NOW + 7200, &again.plan, &again.e);
	want_ready(&again);
	plan_hash(&again.plan, second);
	ck_assert_str_eq(hash, second);
	plan_clear(&again.plan);
	plan_clear(&m.plan);
	world_close(&w);
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

	open_shared(&w, "4.1.0.0", false);
	set_text(&w.view.inv.sources[0].host, rows[_i].url_host);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, rows[_i].steps);
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

START_TEST(test_internal_services)
{
	struct view_world w;
	struct made m;

	world_open(&w, "4.1.0.0");
	world_add(&w, &(struct world_cert){ .id = "old", .ends_in = 3 });
	world_use(&w, "old", "CCP", 2);
	world_use(&w, "old", "APH_TN", 2);
	world_use(&w, "old", "APH", 1);
	world_add(&w, &(struct world_cert){ .id = "new", .begins_in = -1 });
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "validate apply:APH:node-1 apply:APH_TN:node-2 apply:CCP:node-2");
	ck_assert_ptr_null(m.plan.steps[1].endpoint);
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

/* Without profiles our own table tells what is one per cluster. */
START_TEST(test_scope_without_profiles)
{
	struct view_world w;
	struct made m;

	world_open(&w, "4.1.0.0");
	w.view.inv.sources[0].cluster->n_profiles = 0;
	world_add(&w, &(struct world_cert){ .id = "old", .ends_in = 3 });
	world_use(&w, "old", "LOCAL_MANAGER", 2);
	world_use(&w, "old", "LOCAL_MANAGER", 3);
	world_add(&w, &(struct world_cert){ .id = "new", .begins_in = -1 });
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "validate apply:LOCAL_MANAGER:-");
	ck_assert_int_eq(m.plan.steps[1].verify_s, 600);
	plan_clear(&m.plan);
	w.view.inv.sources[0].cluster->n_profiles = 7;
	world_close(&w);
}
END_TEST

/* --- nothing, or not ours ---------------------------------------------------------------------- */

static void nothing_ends(struct view_world *w)
{
	world_remove(w, "old");
	world_unserve(w, 1);
}
static void not_allowed(struct view_world *w)
{
	for (size_t i = 0; i < w->mandate.n_procedures; i++)
		set_text(&w->mandate.procedures[i], "nsx-host-certificate");
}
static void act_on_critical(struct view_world *w)
{
	w->mandate.act_on = STATE_CRITICAL;
	world_remove(w, "old");
	world_add(w, &(struct world_cert){ .id = "old", .ends_in = 20 });
	world_use(w, "old", "API", 1);
	world_serve(w, "old", 1);
}
static void is_ignored(struct view_world *w)
{
	sample_ignore(&w->policy, IGNORE_ID, "old", NOW + SAMPLE_DAY);
}
static void is_opsman(struct view_world *w)
{
	w->target.kind = SOURCE_OPSMAN;
}
static void is_away(struct view_world *w)
{
	w->view.is_reachable = false;
	err_set(&w->view.poll_err, ERR_UNREACHABLE, "no route to nsx.example");
}
static void is_partial(struct view_world *w)
{
	w->view.is_complete = false;
}
static void is_old(struct view_world *w)
{
	set_text(&w->view.version, "3.1.1.0");   /* after the report was made of another */
}
static void is_principal(struct view_world *w)
{
	world_row(w, "old")->by_principal = true;
}
static void has_no_replacement(struct view_world *w)
{
	w->mandate.replacement = REPLACEMENT_NONE;
}
static void node_is_gone(struct view_world *w)
{
	sighting_add_use(world_row(w, "old"), "API", "node-9", "nsx-09");
}

static const struct {
	const char *name;
	void (*change)(struct view_world *w);
	enum plan_verdict verdict;
	const char *words;
} others[] = {
	{ "nothing ends", nothing_ends, PLAN_NOTHING, "nothing is found on prod" },
	{ "not allowed", not_allowed, PLAN_NOTHING, "nothing is found" },
	{ "only a warning", act_on_critical, PLAN_NOTHING, "nothing is found" },
	{ "ignored", is_ignored, PLAN_NOTHING, "nothing is found" },
	{ "principal identity", is_principal, PLAN_NOTHING, "nothing is found" },
	{ "another product", is_opsman, PLAN_NOTHING, "opsman" },
	{ "away", is_away, PLAN_REFUSED, "no route to nsx.example" },
	{ "partial", is_partial, PLAN_REFUSED, "not read in full" },
	{ "old version", is_old, PLAN_REFUSED, "nsx-apply needs NSX 3.1.2, and prod is 3.1.1.0" },
	{ "no replacement", has_no_replacement, PLAN_REFUSED, "set replacement" },
	{ "unknown node", node_is_gone, PLAN_REFUSED, "API of node node-9" },
};

START_TEST(test_others)
{
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	others[_i].change(&w);
	make(&w, &nobody_asked, &m);
	want_words(&m, others[_i].verdict, others[_i].words);
	world_close(&w);
}
END_TEST

/* The first that can be mended is; the worst one's reason is told when none can. */
START_TEST(test_first_that_can_be_mended)
{
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	world_add(&w, &(struct world_cert){ .id = "worse", .ends_in = 1, .names = "DNS:other.example" });
	world_use(&w, "worse", "CCP", 2);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert_str_eq(m.plan.object, "old");
	plan_clear(&m.plan);
	world_remove(&w, "new");
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "worse: ");
	world_close(&w);
}
END_TEST

/* --- which one is the successor ------------------------------------------------------------------- */

static const struct {
	struct world_cert row;
	int has_private_key;
	const char *words;       /* NULL: it is taken */
} successors[] = {
	{ { .id = "x", .begins_in = -1 }, 1, NULL },
	{ { .id = "x", .begins_in = -1, .names = "IP:192.0.2.13,IP:192.0.2.12,IP:192.0.2.11,"
	    "IP:192.0.2.10,DNS:NSX.example,DNS:nsx-01.example,DNS:nsx-02.example,DNS:nsx-03.example" },
	  1, NULL },
	{ { .id = "x", .begins_in = -1 }, 0, "no unused certificate with its private key" },
	{ { .id = "x", .begins_in = -1 }, -1, "x (whether its private key is there is not told)" },
	{ { .id = "x", .begins_in = 1 }, 1, "x (not valid now)" },
	{ { .id = "x", .begins_in = -1, .names = "DNS:nsx-01.example" }, 1, "x (other names)" },
	{ { .id = "x", .begins_in = -1, .is_self_signed = true }, 1,
	  "x (self-signed, and the current one is not)" },
	{ { .id = "x", .begins_in = -1, .issuer = "Another CA" }, 1, "x (another issuer)" },
	{ { .id = "x" }, 1, "x (no younger)" },
	{ { .id = "x", .begins_in = -1, .ends_in = 20 }, 1, "inside the limit of a warning" },
};

START_TEST(test_successor)
{
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	world_remove(&w, "new");
	world_add(&w, &successors[_i].row)->has_private_key = successors[_i].has_private_key;
	make(&w, &nobody_asked, &m);
	if (successors[_i].words != NULL) {
		want_words(&m, PLAN_REFUSED, successors[_i].words);
	} else {
		want_ready(&m);
		ck_assert_str_eq(m.plan.new_id, "x");
	}
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

static void in_use(struct view_world *w) { world_use(w, "new", "CCP", 3); }
static void of_policy(struct view_world *w) { world_row(w, "new")->by_policy = true; }
static void of_principal(struct view_world *w) { world_row(w, "new")->by_principal = true; }
static void presented(struct view_world *w) { world_serve(w, "new", 3); }
static void no_candidate(struct view_world *w) { world_remove(w, "new"); }

START_TEST(test_never_chosen)
{
	static void (*const changes[])(struct view_world *w) = { in_use, of_policy, of_principal,
		presented, no_candidate };
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	changes[_i](&w);
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "name one with replacement = existing:ID");
	world_close(&w);
}
END_TEST

START_TEST(test_two_successors)
{
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	world_add(&w, &(struct world_cert){ .id = "newer", .begins_in = -2 });
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "new, newer; name one with replacement = existing:ID");
	w.mandate.replacement_id = mem_strdup("newer");
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert_str_eq(m.plan.new_id, "newer");
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

static void other_class(struct view_world *w) { world_use(w, "new", "CCP", 2); }
static void unique(struct view_world *w)
{
	world_use(w, "new", "API", 2);
	w->view.inv.sources[0].cluster->profiles[0].unique_use = 1;
}
static void no_key(struct view_world *w) { world_row(w, "new")->has_private_key = 0; }
static void rejected(struct view_world *w)
{
	world_row(w, "new")->verdict = PRODUCT_REJECTED;
	world_row(w, "new")->verdict_message = mem_strdup("KeyUsage is wrong");
}
static void replace_new(struct view_world *w, const struct world_cert *c)
{
	world_remove(w, "new");
	world_add(w, c);
}
static void wrong_names(struct view_world *w)
{
	replace_new(w, &(struct world_cert){ .id = "new", .names = "DNS:lb.example" });
}
static void short_chain(struct view_world *w)
{
	replace_new(w, &(struct world_cert){ .id = "new", .issuer = "Another CA" });
}
static void ended(struct view_world *w)
{
	replace_new(w, &(struct world_cert){ .id = "new", .ends_in = -1 });
}

/* What a person names is judged by everything but the likeness. */
static const struct { void (*change)(struct view_world *w); const char *id, *words; } named[] = {
	{ other_class, "new", "NSX lets no certificate serve API too" },
	{ unique, "new", "NSX wants a certificate of its own" },
	{ of_policy, "new", "service certificate" },
	{ of_principal, "new", "principal identity" },
	{ no_key, "new", "(no-private-key)" },
	{ rejected, "new", "KeyUsage is wrong (rejected)" },
	{ wrong_names, "new", "(name-mismatch)" },
	{ short_chain, "new", "(chain-order)" },
	{ ended, "new", "ended at 2026-11-21" },
	{ no_candidate, "new", "there is no such certificate" },
	{ other_class, "old", "is the certificate that shall be replaced" },
};

START_TEST(test_named)
{
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	w.mandate.replacement_id = mem_strdup(named[_i].id);
	named[_i].change(&w);
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, named[_i].words);
	world_close(&w);
}
END_TEST

/* --- would we still get in? ------------------------------------------------------------------------ */

static void set_anchor(struct view_world *w, const char *id)
{
	size_t row = (size_t)(world_row(w, id) - w->view.inv.sightings);
	const struct cert *chain[CHAIN_MAX];
	size_t n = inventory_chain(&w->view.inv, row, chain, CHAIN_MAX);
	struct buf pem;

	buf_init(&pem, 65536);
	ck_assert_int_eq(cert_to_pem(chain[n - 1], &pem), 0);
	w->view.inv.sources[0].anchors = anchors_read(buf_str(&pem), pem.len, NULL);
	ck_assert_ptr_nonnull(w->view.inv.sources[0].anchors);
	buf_clear(&pem);
}

static void add_pin(struct view_world *w)
{
	struct trust *t = &w->target.trust;

	t->pins = mem_alloc(CERT_SHA256_BYTES);
	t->n_pins = 1;
}

START_TEST(test_ca_file)
{
	struct view_world w;
	struct made m;

	open_shared(&w, "4.1.0.0", false);
	set_anchor(&w, "new");
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	plan_clear(&m.plan);
	/* another key behind the same name */
	replace_new(&w, &(struct world_cert){ .id = "new", .begins_in = -1, .is_self_signed = true });
	w.mandate.replacement_id = mem_strdup("new");
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "(chain-untrusted)");
	world_close(&w);
}
END_TEST

START_TEST(test_system_store)
{
	struct view_world w;
	struct made m;

	open_shared(&w, "4.1.0.0", false);
	set_text(&w.target.trust.ca_file, NULL);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	plan_clear(&m.plan);
	replace_new(&w, &(struct world_cert){ .id = "new", .begins_in = -1, .is_self_signed = true });
	w.mandate.replacement_id = mem_strdup("new");
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "might not reach the API any more");
	world_close(&w);
}
END_TEST

START_TEST(test_pins)
{
	struct view_world w;
	struct made m;

	open_shared(&w, "4.1.0.0", true);
	add_pin(&w);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert(m.plan.needs_pin);
	ck_assert(has_note(&m.plan, "pin_sha256"));
	plan_clear(&m.plan);
	world_close(&w);
	/* the leaf of another node is not on our way */
	open_simple(&w, "4.1.0.0");
	add_pin(&w);
	set_text(&w.view.inv.sources[0].host, "192.0.2.12");
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert(!m.plan.needs_pin);
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

/* --- sources ------------------------------------------------------------------------------------------ */

static struct material file_with(struct view_world *w, const char *id)
{
	struct material mt = { .kind = REPLACEMENT_PEM };
	size_t row = (size_t)(world_row(w, id) - w->view.inv.sightings);
	const struct cert *chain[CHAIN_MAX];

	mt.n_chain = inventory_chain(&w->view.inv, row, chain, MATERIAL_CHAIN_MAX);
	for (size_t i = 0; i < mt.n_chain; i++)
		mt.chain[i] = cert_from_der(chain[i]->der, chain[i]->der_len, NULL);
	return mt;
}

static void forget_file(struct material *mt)
{
	for (size_t i = 0; i < mt->n_chain; i++)
		cert_free(mt->chain[i]);
}

START_TEST(test_file)
{
	struct view_world w;
	struct material mt;
	struct made m;
	char sha256[2 * CERT_SHA256_BYTES + 1];

	open_simple(&w, "4.1.0.0");
	w.mandate.replacement = REPLACEMENT_PEM;
	mt = file_with(&w, "new");
	make_with(&w, &mt, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "validate apply:API:node-1");   /* it was imported before */
	ck_assert_str_eq(m.plan.new_id, "new");
	plan_clear(&m.plan);
	world_sha256(&w, "new", sha256);
	world_remove(&w, "new");
	make_with(&w, &mt, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "import validate apply:API:node-1");
	ck_assert_ptr_null(m.plan.new_id);
	ck_assert_str_eq(m.plan.new_sha256, sha256);
	ck_assert_ptr_nonnull(strstr(m.plan.steps[2].call, "/{new}?action=apply_certificate"));
	plan_clear(&m.plan);
	err_set(&mt.err, ERR_CONFIG, "/x.pem: no such file");
	make_with(&w, &mt, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "/x.pem: no such file");
	forget_file(&mt);
	mt = file_with(&w, "old");
	make_with(&w, &mt, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "the file holds the certificate that shall be replaced");
	forget_file(&mt);
	world_close(&w);
}
END_TEST

START_TEST(test_made_by_a_program)
{
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	w.mandate.replacement = REPLACEMENT_COMMAND;
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "import validate apply:API:node-1");
	ck_assert_ptr_null(m.plan.new_sha256);
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

START_TEST(test_self_signed)
{
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "self-sign validate apply:API:node-1");
	ck_assert(has_note(&m.plan, "was issued by a CA"));
	plan_clear(&m.plan);
	world_close(&w);
	open_shared(&w, "4.1.0.0", true);
	w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "trust prod by pin_sha256 first");
	add_pin(&w);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert(m.plan.needs_pin);
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

/* --- batch ----------------------------------------------------------------------------------------------- */

START_TEST(test_batch)
{
	struct view_world w;
	struct made m;

	open_shared(&w, "4.2.0.0", false);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "validate batch-replace");
	ck_assert_str_eq(m.plan.procedure, "nsx-batch-replace");
	ck_assert_uint_eq(m.plan.steps[1].n_uses, 4);
	ck_assert_str_eq(m.plan.steps[1].uses[3].service, "MGMT_CLUSTER");
	ck_assert_str_eq(m.plan.steps[1].uses[3].endpoint, WORLD_VIP);
	ck_assert_int_eq(m.plan.steps[1].verify_s, 4 * 300);
	ck_assert_ptr_nonnull(strstr(m.plan.steps[1].call, "(old, new)"));
	plan_clear(&m.plan);
	/* one by one where only that is allowed */
	set_text(&w.mandate.procedures[1], "nsx-host-certificate");
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert_str_eq(m.plan.procedure, "nsx-apply");
	ck_assert_uint_eq(m.plan.n_steps, 5);
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

START_TEST(test_batch_without_a_new_id)
{
	struct view_world w;
	struct made m;

	world_open(&w, "4.2.0.0");
	w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	world_add(&w, &(struct world_cert){ .id = "old", .ends_in = 3, .is_self_signed = true });
	world_use(&w, "old", "APH", 1);
	world_use(&w, "old", "CCP", 1);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "batch-replace");
	ck_assert_ptr_null(m.plan.new_id);
	ck_assert_ptr_nonnull(strstr(m.plan.steps[0].call, "none: NSX makes it"));
	plan_clear(&m.plan);
	w.view.inv.sources[0].cluster->n_profiles = 4;
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "no certificate profile for CCP");
	w.view.inv.sources[0].cluster->n_profiles = 7;
	world_close(&w);
	/* on our own listener nobody could know the leaf beforehand */
	open_shared(&w, "4.2.0.0", true);
	w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	add_pin(&w);
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_REFUSED, "cannot be known beforehand");
	world_close(&w);
}
END_TEST

START_TEST(test_vcf)
{
	struct view_world w;
	struct made m;
	const struct plan_request asked = { "nsx-apply", "old", 0 };

	open_shared(&w, "9.0.0.0", false);
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_NOTHING, "nothing is found");
	make(&w, &asked, &m);
	want_words(&m, PLAN_REFUSED, "SDDC Manager");
	w.mandate.managed_by_vcf = false;
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "validate batch-replace");
	plan_clear(&m.plan);
	make(&w, &asked, &m);
	want_ready(&m);
	ck_assert_str_eq(m.plan.procedure, "nsx-apply");
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

/* --- requests ----------------------------------------------------------------------------------------------- */

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

	open_simple(&w, "4.1.0.0");
	world_add(&w, &(struct world_cert){ .id = "fine", .names = "DNS:nsx-02.example" });
	world_use(&w, "fine", "API", 2);
	world_add(&w, &(struct world_cert){ .id = "remote" })->has_private_key = 0;
	world_use(&w, "remote", "LOCAL_MANAGER", 0);
	world_add(&w, &(struct world_cert){ .id = "client", .begins_in = -2 });
	world_use(&w, "client", "CLIENT_AUTH", 0);
	world_add(&w, &(struct world_cert){ .id = "corfu", .begins_in = -3 });
	world_use(&w, "corfu", "CBM_CORFU", 1);
	make(&w, &requests[_i].request, &m);
	if (requests[_i].words == NULL) {
		want_ready(&m);
		ck_assert_str_eq(m.plan.object, "old");
		ck_assert_str_eq(m.plan.finding, "request");
	} else {
		want_words(&m, requests[_i].verdict, requests[_i].words);
	}
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

/* A healthy one may be replaced because somebody wants it, but only as allowed. */
START_TEST(test_request_for_a_healthy_one)
{
	const struct plan_request asked = { "nsx-apply", "old", 0 };
	struct view_world w;
	struct made m;

	world_open(&w, "4.1.0.0");
	world_add(&w, &(struct world_cert){ .id = "old", .ends_in = 300 });
	world_use(&w, "old", "API", 1);
	world_serve(&w, "old", 1);
	world_add(&w, &(struct world_cert){ .id = "new", .begins_in = -1 });
	make(&w, &nobody_asked, &m);
	want_words(&m, PLAN_NOTHING, "nothing is found");
	make(&w, &asked, &m);
	want_ready(&m);
	plan_clear(&m.plan);
	not_allowed(&w);
	make(&w, &asked, &m);
	want_words(&m, PLAN_REFUSED, "not among the procedures");
	world_close(&w);
}
END_TEST

/* --- hosts --------------------------------------------------------------------------------------------------- */

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

	world_open(&w, hosts[_i].version);
	w.mandate.replacement = hosts[_i].replacement;
	add_host(&w, "tn-1", "esx-1.example", "UP");
	add_host(&w, "tn-2", "esx-2.example", "DOWN");
	add_host(&w, "tn-3", "twin.example", "UP");
	add_host(&w, "tn-4", "twin.example", "UP");
	make(&w, &asked, &m);
	if (hosts[_i].words != NULL) {
		want_words(&m, PLAN_REFUSED, hosts[_i].words);
	} else {
		want_ready(&m);
		want_steps(&m.plan, "replace-host");
		ck_assert_str_eq(m.plan.object, "tn-1");
		ck_assert_ptr_null(m.plan.old_sha256);
		ck_assert_ptr_nonnull(strstr(m.plan.steps[0].call, "replace-host-certificate/tn-1"));
		ck_assert(has_note(&m.plan, "no API shows the certificate"));
	}
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

/* --- federation ------------------------------------------------------------------------------------------------ */

static void set_global(struct view_world *w)
{
	w->mandate.global_manager = "gm";
	w->mandate.site = "paris";
	w->mandate.site_credentials_path = "/nowhere/site";
}

START_TEST(test_follow_up)
{
	struct view_world w;
	struct made m;

	open_shared(&w, "4.1.0.0", false);
	make(&w, &nobody_asked, &m);
	ck_assert_uint_eq(m.plan.n_notes, 0);
	plan_clear(&m.plan);
	world_add(&w, &(struct world_cert){ .id = "lm", .begins_in = -2, .names = "DNS:lm.example" });
	world_use(&w, "lm", "LOCAL_MANAGER", 0);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert(has_note(&m.plan, "no global_manager is configured"));
	plan_clear(&m.plan);
	set_global(&w);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert_uint_eq(m.plan.n_steps, 6);
	ck_assert_str_eq(m.plan.steps[5].kind, "site-thumbprint");
	ck_assert_str_eq(m.plan.steps[5].endpoint, WORLD_VIP);
	ck_assert_uint_eq(m.plan.n_notes, 0);
	plan_clear(&m.plan);
	/* without a VIP the Global Manager keeps no thumbprint of one */
	w.view.inv.sources[0].cluster->n_vips = 0;
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert_uint_eq(m.plan.n_steps, 5);
	plan_clear(&m.plan);
	w.view.inv.sources[0].cluster->n_vips = 1;
	world_close(&w);
}
END_TEST

START_TEST(test_global_manager)
{
	struct view_world w;
	struct made m;

	open_simple(&w, "4.1.0.0");
	world_add(&w, &(struct world_cert){ .id = "gm", .begins_in = -2, .names = "DNS:gm.example" });
	world_use(&w, "gm", "GLOBAL_MANAGER", 0);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert(has_note(&m.plan, "standby"));
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

START_TEST(test_thumbprint_alone)
{
	const struct plan_request asked = { "nsx-federation-thumbprint", NULL, 0 };
	struct view_world w;
	struct made m;
	char sha256[2 * CERT_SHA256_BYTES + 1];

	open_shared(&w, "4.1.0.0", false);
	set_global(&w);
	make(&w, &asked, &m);
	want_words(&m, PLAN_REFUSED, "site paris of gm could not be read");
	w.view.ops.has_site = true;
	w.view.ops.site_thumbprint = mem_strdup("ab12");
	make(&w, &asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "site-thumbprint");
	world_sha256(&w, "old", sha256);
	ck_assert_str_eq(m.plan.new_sha256, sha256);
	ck_assert_str_eq(m.plan.object, "paris");
	plan_clear(&m.plan);
	set_text(&w.view.ops.site_thumbprint, sha256);
	make(&w, &asked, &m);
	want_words(&m, PLAN_NOTHING, "already");
	world_unserve(&w, 0);
	make(&w, &asked, &m);
	want_words(&m, PLAN_REFUSED, "nobody shook hands");
	w.view.inv.sources[0].cluster->n_vips = 0;
	make(&w, &asked, &m);
	want_words(&m, PLAN_NOTHING, "no VIP");
	w.view.inv.sources[0].cluster->n_vips = 1;
	world_close(&w);
}
END_TEST

/* --- clean-up ---------------------------------------------------------------------------------------------------- */

static void spare_old(struct view_world *w)
{
	world_unuse(w, "old", "API", 1);
	world_use(w, "new", "API", 1);
	world_serve(w, "new", 1);
}
static void still_used(struct view_world *w) { world_use(w, "old", "CCP", 1); }
static void still_served(struct view_world *w) { world_serve(w, "old", 2); }
static void gone(struct view_world *w) { world_remove(w, "old"); }
static void bound_to_policy(struct view_world *w) { world_row(w, "old")->by_policy = true; }
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
	{ is_away, 8, NULL, PLAN_NOTHING, "could not be read" },
	{ is_partial, 8, NULL, PLAN_NOTHING, "could not be read" },
};

START_TEST(test_cleanup)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];
	struct view_world w;
	struct made m = { .verdict = PLAN_NOTHING };

	open_simple(&w, "4.1.0.0");
	spare_old(&w);
	world_sha256(&w, "old", sha256);
	cleanups[_i].change(&w);
	world_judge(&w);
	m.verdict = plan_cleanup(&w.view, &w.mandate, "old",
	    cleanups[_i].sha256 != NULL ? cleanups[_i].sha256 : sha256,
	    NOW - cleanups[_i].done_days_ago * SAMPLE_DAY, NOW, &m.plan, &m.e);
	if (cleanups[_i].words != NULL) {
		want_words(&m, cleanups[_i].verdict, cleanups[_i].words);
	} else {
		want_ready(&m);
		want_steps(&m.plan, "delete");
		ck_assert_str_eq(m.plan.procedure, "nsx-delete");
		ck_assert_str_eq(m.plan.steps[0].call,
		    "DELETE /api/v1/trust-management/certificates/old");
	}
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

/* --- back again ------------------------------------------------------------------------------------------------------ */

START_TEST(test_rollback)
{
	const bool acted[] = { false, true, true, false, false };
	const bool none[5] = { false };
	struct view_world w;
	struct made m, back;

	open_shared(&w, "4.1.0.0", false);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	ck_assert_uint_eq(m.plan.n_steps, 5);
	for (int node = 1; node <= 2; node++) {
		world_unuse(&w, "old", "API", node);
		world_use(&w, "new", "API", node);
	}
	world_judge(&w);
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW, &back.plan, &back.e);
	want_ready(&back);
	want_steps(&back.plan, "apply:API:node-2 apply:API:node-1");
	ck_assert(back.plan.is_rollback);
	ck_assert_int_eq(back.plan.rollback_of, 7);
	ck_assert_str_eq(back.plan.new_id, "old");
	ck_assert_str_eq(back.plan.object, "new");
	ck_assert_str_eq(back.plan.steps[0].old_id, "new");
	ck_assert_str_eq(back.plan.steps[0].new_id, "old");
	ck_assert_str_eq(back.plan.new_sha256, m.plan.old_sha256);
	plan_clear(&back.plan);
	back.verdict = plan_rollback(&w.view, &m.plan, none, 7, NOW, &back.plan, &back.e);
	want_words(&back, PLAN_NOTHING, "the old certificate is where it was");
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW + 4 * SAMPLE_DAY, &back.plan,
	    &back.e);
	want_words(&back, PLAN_REFUSED, "no better");
	world_row(&w, "old")->has_private_key = 0;
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW, &back.plan, &back.e);
	want_words(&back, PLAN_REFUSED, "no private key");
	world_remove(&w, "old");
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW, &back.plan, &back.e);
	want_words(&back, PLAN_REFUSED, "is gone");
	plan_clear(&m.plan);
	world_close(&w);
}
END_TEST

/* A batch is taken back use by use, and the thumbprint follows. */
START_TEST(test_rollback_of_a_batch)
{
	const bool acted[] = { false, true, true };
	struct view_world w;
	struct made m, back;

	open_shared(&w, "4.2.0.0", false);
	set_global(&w);
	make(&w, &nobody_asked, &m);
	want_ready(&m);
	want_steps(&m.plan, "validate batch-replace site-thumbprint");
	for (int node = 0; node <= WORLD_NODES; node++) {
		world_unuse(&w, "old", node == 0 ? "MGMT_CLUSTER" : "API", node);
		world_use(&w, "new", node == 0 ? "MGMT_CLUSTER" : "API", node);
	}
	world_judge(&w);
	back.verdict = plan_rollback(&w.view, &m.plan, acted, 7, NOW, &back.plan, &back.e);
	want_ready(&back);
	want_steps(&back.plan, "apply:MGMT_CLUSTER:- apply:API:node-3 apply:API:node-2 "
	    "apply:API:node-1 site-thumbprint");
	plan_clear(&back.plan);
	plan_clear(&m.plan);
	world_close(&w);
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
	tcase_add_loop_test(t, test_successor, 0, UNIT_ROWS(successors));
	tcase_add_loop_test(t, test_never_chosen, 0, 5);
	tcase_add_test(t, test_two_successors);
	tcase_add_loop_test(t, test_named, 0, UNIT_ROWS(named));
	tcase_add_test(t, test_ca_file);
	tcase_add_test(t, test_system_store);
	tcase_add_test(t, test_pins);
	tcase_add_test(t, test_file);
	tcase_add_test(t, test_made_by_a_program);
	tcase_add_test(t, test_self_signed);
	tcase_add_test(t, test_batch);
	tcase_add_test(t, test_batch_without_a_new_id);
	tcase_add_test(t, test_vcf);
	tcase_add_loop_test(t, test_requests, 0, UNIT_ROWS(requests));
	tcase_add_test(t, test_request_for_a_healthy_one);
	tcase_add_loop_test(t, test_hosts, 0, UNIT_ROWS(hosts));
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
