/* test_steps_goods.c - what a step prepares before it sends anything: for
 * which names, for whose use, and what is refused. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/step.h"
#include "tests/unit/view_world.h"

/* One step whose certificate is made here. */
struct scene {
	struct view_world w;
	struct plan plan;
	struct run run;
	struct step_record record;
	struct step_context c;
	struct goods goods;
	struct err e;
};

static void scene_open(struct scene *s, const char *kind, const char *names, const char *service)
{
	struct plan_step *step;

	memset(s, 0, sizeof *s);
	vworld_open(&s->w, "4.1.0.0");
	s->w.mandate.replacement = REPLACEMENT_SELF_SIGNED;
	s->w.mandate.key_type = "ec:P-256";
	vworld_add(&s->w, &(struct vworld_cert){ .id = "old", .ends_in = 3, .names = names });
	vworld_use(&s->w, "old", service, 1);
	vworld_judge(&s->w);
	s->plan.target = mem_strdup("prod");
	s->plan.object = mem_strdup("old");
	step = plan_add_step(&s->plan, kind);
	step->node = mem_strdup("tn-1");
	step->node_name = mem_strdup("esx-1.example");
	step = plan_add_step(&s->plan, "apply");
	step->service = mem_strdup(service);
	step->node = mem_strdup("node-1");
	s->c = (struct step_context){ .plan = &s->plan, .step = &s->plan.steps[0], .run = &s->run,
		.record = &s->record, .mandate = &s->w.mandate, .now_at = SAMPLE_NOW };
}

static void scene_close(struct scene *s)
{
	goods_wipe(&s->goods);
	plan_clear(&s->plan);
	vworld_close(&s->w);
}

static int prepare(struct scene *s)
{
	return step_kind_find(s->plan.steps[0].kind)->prepare(&s->c, &s->w.view, &s->goods, &s->e);
}

static bool take(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	(void)index;
	ck_assert_msg(cert != NULL, "%s", problem);
	*(struct cert **)ctx = cert;
	return false;
}

static void add_name(void *ctx, const char *name)
{
	buf_addf(ctx, "%s ", name);
}

static struct cert *leaf_of(const struct scene *s)
{
	struct cert *leaf = NULL;

	cert_read_pem(buf_str(&s->goods.chain_pem), s->goods.chain_pem.len, take, &leaf);
	ck_assert_ptr_nonnull(leaf);
	return leaf;
}

static const struct {
	const char *names, *service, *wanted;
	bool wants_client;
} goods[] = {
	{ "DNS:nsx.example,DNS:nsx-01.example", "API", "nsx.example nsx-01.example ", false },
	/* a wildcard right under a top-level name covers nothing */
	{ "DNS:*.example", "API", "*.example nsx-01.example ", false },
	{ "IP:192.0.2.11", "API", "192.0.2.11 ", false },
	/* a name by which the node is reached, where the old one covers none */
	{ "DNS:lb.other", "API", "lb.other nsx-01.example ", false },
	/* no listener of ours asks for a name of these */
	{ "DNS:hub.example,URI:nsx-aph:77c5dc5c", "APH", "hub.example ", true },
};

START_TEST(test_made_for_whom)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];
	struct scene s;
	struct cert *leaf;
	struct buf list;

	scene_open(&s, "import", goods[_i].names, goods[_i].service);
	ck_assert_msg(prepare(&s) == 0, "%s", s.e.text);
	leaf = leaf_of(&s);
	buf_init(&list, 4096);
	cert_each_name(leaf, add_name, &list);
	ck_assert_str_eq(buf_str(&list), goods[_i].wanted);
	ck_assert_int_eq((leaf->ext_key_usage & CERT_EKU_CLIENT) != 0, goods[_i].wants_client);
	cert_sha256_hex(leaf, sha256);
	ck_assert_str_eq(s.goods.sha256, sha256);
	ck_assert_uint_gt(s.goods.key_pem.len, 0);
	buf_clear(&list);
	cert_free(leaf);
	scene_close(&s);
}
END_TEST

static void other_file(struct scene *s) { s->plan.new_sha256 = mem_strdup("ab12"); }
static void old_gone(struct scene *s) { vworld_remove(&s->w, "old"); }
static void ends_soon(struct scene *s) { s->w.mandate.days = 20; }
static void way_of_ours(struct scene *s)
{
	free(s->w.target.trust.ca_file);
	s->w.target.trust.ca_file = NULL;
	free(s->w.view.inv.sources[0].host);
	s->w.view.inv.sources[0].host = mem_strdup("nsx-01.example");
}
static void not_under_the_ca(struct scene *s)
{
	struct buf pem;

	buf_init(&pem, 65536);
	for (size_t i = 0; i < s->w.view.inv.n_certs; i++)
		if (s->w.view.inv.certs[i]->is_ca)
			ck_assert_int_eq(cert_to_pem(s->w.view.inv.certs[i], &pem), 0);
	s->w.view.inv.sources[0].anchors = anchors_read(buf_str(&pem), pem.len, NULL);
	ck_assert_ptr_nonnull(s->w.view.inv.sources[0].anchors);
	buf_clear(&pem);
}

/* What was made only now is held to the same rules as what was there before. */
static const struct { void (*change)(struct scene *s); const char *words; } refusals[] = {
	{ other_file, "another certificate than the one that was planned with" },
	{ old_gone, "is gone" },
	{ ends_soon, "inside the limit of a warning" },
	{ way_of_ours, "might not reach the API any more" },
	{ not_under_the_ca, "(chain-untrusted)" },
};

START_TEST(test_refused)
{
	struct scene s;

	scene_open(&s, "import", "DNS:nsx-01.example", "API");
	refusals[_i].change(&s);
	ck_assert_int_eq(prepare(&s), -1);
	ck_assert_int_eq(s.e.code, ERR_REFUSED);
	ck_assert_msg(strstr(s.e.text, refusals[_i].words) != NULL, "%s", s.e.text);
	ck_assert_ptr_null(s.goods.key_pem.bytes);
	ck_assert_uint_eq(s.goods.chain_pem.len, 0);
	scene_close(&s);
}
END_TEST

START_TEST(test_host)
{
	struct scene s;
	struct cert *leaf;
	struct buf subject;

	scene_open(&s, "replace-host", "DNS:nsx-01.example", "API");
	ck_assert_msg(prepare(&s) == 0, "%s", s.e.text);
	leaf = leaf_of(&s);
	buf_init(&subject, 4096);
	cert_subject_text(leaf, &subject);
	ck_assert_str_eq(buf_str(&subject), "CN=esx-1.example");
	ck_assert(leaf->has_basic_constraints && !leaf->is_ca);
	ck_assert_uint_eq(leaf->ext_key_usage, CERT_EKU_SERVER | CERT_EKU_CLIENT);
	buf_clear(&subject);
	cert_free(leaf);
	scene_close(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("steps_goods");
	TCase *t = tcase_create("steps_goods");

	tcase_add_loop_test(t, test_made_for_whom, 0, UNIT_ROWS(goods));
	tcase_add_loop_test(t, test_refused, 0, UNIT_ROWS(refusals));
	tcase_add_test(t, test_host);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
