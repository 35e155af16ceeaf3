/* test_plan_choose.c - the new certificate of a plan: which one, and is it fit? */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/plan_made.h"

#define NOW SAMPLE_NOW

/* --- which one is the successor ----------------------------------------------------- */

static const struct {
	struct vworld_cert row;
	int has_private_key;
	const char *words;       /* NULL: it is taken */
} successors[] = {
	{ { .id = "x", .begins_in = -1 }, 1, NULL },
	{ { .id = "x", .begins_in = -1, .names = "IP:192.0.2.13,IP:192.0.2.12,IP:192.0.2.11,"
	    "IP:192.0.2.10,DNS:NSX.example,DNS:nsx-01.example,DNS:nsx-02.example,"
	    "DNS:nsx-03.example" },
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

	made_open_simple(&w, "4.1.0.0");
	vworld_remove(&w, "new");
	vworld_add(&w, &successors[_i].row)->has_private_key = successors[_i].has_private_key;
	made_ask(&w, &made_unasked, &m);
	if (successors[_i].words != NULL) {
		made_says(&m, PLAN_REFUSED, successors[_i].words);
	} else {
		made_is_ready(&m);
		ck_assert_str_eq(m.plan.new_id, "x");
	}
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

static void in_use(struct view_world *w) { vworld_use(w, "new", "CCP", 3); }
static void of_policy(struct view_world *w) { vworld_row(w, "new")->by_policy = true; }
static void of_principal(struct view_world *w) { vworld_row(w, "new")->by_principal = true; }
static void presented(struct view_world *w) { vworld_serve(w, "new", 3); }
static void no_candidate(struct view_world *w) { vworld_remove(w, "new"); }

START_TEST(test_never_chosen)
{
	static void (*const changes[])(struct view_world *w) = { in_use, of_policy, of_principal,
		presented, no_candidate };
	struct view_world w;
	struct made m;

	made_open_simple(&w, "4.1.0.0");
	changes[_i](&w);
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "name one with replacement = existing:ID");
	vworld_close(&w);
}
END_TEST

START_TEST(test_two_successors)
{
	struct view_world w;
	struct made m;

	made_open_simple(&w, "4.1.0.0");
	vworld_add(&w, &(struct vworld_cert){ .id = "newer", .begins_in = -2 });
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "new, newer; name one with replacement = existing:ID");
	w.mandate.replacement_id = mem_strdup("newer");
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert_str_eq(m.plan.new_id, "newer");
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

static void other_class(struct view_world *w) { vworld_use(w, "new", "CCP", 2); }
static void unique(struct view_world *w)
{
	vworld_use(w, "new", "API", 2);
	w->view.inv.sources[0].cluster->profiles[0].unique_use = 1;
}
static void no_key(struct view_world *w) { vworld_row(w, "new")->has_private_key = 0; }
static void rejected(struct view_world *w)
{
	vworld_row(w, "new")->verdict = PRODUCT_REJECTED;
	vworld_row(w, "new")->verdict_message = mem_strdup("KeyUsage is wrong");
}
static void replace_new(struct view_world *w, const struct vworld_cert *c)
{
	vworld_remove(w, "new");
	vworld_add(w, c);
}
static void wrong_names(struct view_world *w)
{
	replace_new(w, &(struct vworld_cert){ .id = "new", .names = "DNS:lb.example" });
}
static void short_chain(struct view_world *w)
{
	replace_new(w, &(struct vworld_cert){ .id = "new", .issuer = "Another CA" });
}
static void ended(struct view_world *w)
{
	replace_new(w, &(struct vworld_cert){ .id = "new", .ends_in = -1 });
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

	made_open_simple(&w, "4.1.0.0");
	w.mandate.replacement_id = mem_strdup(named[_i].id);
	named[_i].change(&w);
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, named[_i].words);
	vworld_close(&w);
}
END_TEST

/* --- would we still get in? --------------------------------------------------------- */

static void set_anchor(struct view_world *w, const char *id)
{
	size_t row = (size_t)(vworld_row(w, id) - w->view.inv.sightings);
	const struct cert *chain[CHAIN_MAX];
	size_t n = inventory_chain(&w->view.inv, row, chain, CHAIN_MAX);
	struct buf pem;

	buf_init(&pem, 65536);
	ck_assert_int_eq(cert_to_pem(chain[n - 1], &pem), 0);
	w->view.inv.sources[0].anchors = anchors_read(buf_str(&pem), pem.len, NULL);
	ck_assert_ptr_nonnull(w->view.inv.sources[0].anchors);
	buf_clear(&pem);
}

START_TEST(test_ca_file)
{
	struct view_world w;
	struct made m;

	made_open_shared(&w, "4.1.0.0", false);
	set_anchor(&w, "new");
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	plan_clear(&m.plan);
	/* another key behind the same name */
	replace_new(&w, &(struct vworld_cert){ .id = "new", .begins_in = -1,
		.is_self_signed = true });
	w.mandate.replacement_id = mem_strdup("new");
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "(chain-untrusted)");
	vworld_close(&w);
}
END_TEST

START_TEST(test_system_store)
{
	struct view_world w;
	struct made m;

	made_open_shared(&w, "4.1.0.0", false);
	made_set_text(&w.target.trust.ca_file, NULL);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	plan_clear(&m.plan);
	replace_new(&w, &(struct vworld_cert){ .id = "new", .begins_in = -1,
		.is_self_signed = true });
	w.mandate.replacement_id = mem_strdup("new");
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "might not reach the API any more");
	vworld_close(&w);
}
END_TEST

START_TEST(test_pins)
{
	struct view_world w;
	struct made m;

	made_open_shared(&w, "4.1.0.0", true);
	made_pin(&w);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert(m.plan.needs_pin);
	ck_assert(made_has_note(&m.plan, "pin_sha256"));
	plan_clear(&m.plan);
	vworld_close(&w);
	/* the leaf of another node is not on our way */
	made_open_simple(&w, "4.1.0.0");
	made_pin(&w);
	made_set_text(&w.view.inv.sources[0].host, "192.0.2.12");
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert(!m.plan.needs_pin);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

/* --- sources ------------------------------------------------------------------------ */

static struct material file_with(struct view_world *w, const char *id)
{
	struct material mt = { .kind = REPLACEMENT_PEM };
	size_t row = (size_t)(vworld_row(w, id) - w->view.inv.sightings);
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

	made_open_simple(&w, "4.1.0.0");
	w.mandate.replacement = REPLACEMENT_PEM;
	mt = file_with(&w, "new");
	made_ask_with(&w, &mt, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "validate apply:API:node-1");   /* it was imported before */
	ck_assert_str_eq(m.plan.new_id, "new");
	plan_clear(&m.plan);
	vworld_sha256(&w, "new", sha256);
	vworld_remove(&w, "new");
	made_ask_with(&w, &mt, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "import validate apply:API:node-1");
	ck_assert_ptr_null(m.plan.new_id);
	ck_assert_str_eq(m.plan.new_sha256, sha256);
	ck_assert_ptr_nonnull(strstr(m.plan.steps[2].call, "/{new}?action=apply_certificate"));
	plan_clear(&m.plan);
	err_set(&mt.err, ERR_CONFIG, "/x.pem: no such file");
	made_ask_with(&w, &mt, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "/x.pem: no such file");
	forget_file(&mt);
	mt = file_with(&w, "old");
	made_ask_with(&w, &mt, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "the file holds the certificate that shall be replaced");
	forget_file(&mt);
	vworld_close(&w);
}
END_TEST

START_TEST(test_made_by_a_program)
{
	struct view_world w;
	struct made m;

	made_open_simple(&w, "4.1.0.0");
	w.mandate.replacement = REPLACEMENT_COMMAND;
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "import validate apply:API:node-1");
	ck_assert_ptr_null(m.plan.new_sha256);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

START_TEST(test_self_signed)
{
	struct view_world w;
	struct made m;

	made_open_simple(&w, "4.1.0.0");
	w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	made_has_steps(&m.plan, "self-sign validate apply:API:node-1");
	ck_assert(made_has_note(&m.plan, "was issued by a CA"));
	plan_clear(&m.plan);
	vworld_close(&w);
	made_open_shared(&w, "4.1.0.0", true);
	w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	made_ask(&w, &made_unasked, &m);
	made_says(&m, PLAN_REFUSED, "trust prod by pin_sha256 first");
	made_pin(&w);
	made_ask(&w, &made_unasked, &m);
	made_is_ready(&m);
	ck_assert(m.plan.needs_pin);
	plan_clear(&m.plan);
	vworld_close(&w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("plan_choose");
	TCase *t = tcase_create("plan_choose");

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
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
