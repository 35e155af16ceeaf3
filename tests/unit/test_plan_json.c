/* test_plan_json.c - a plan as JSON, and back. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/plan.h"

#define RANDOM_PLANS 300

static char *print(const struct plan *p)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	jsonw_init(&w, &text);
	plan_write(p, &w, NULL);
	return buf_take(&text);
}

static int read_text(const char *text, struct plan *p, struct err *e)
{
	char *copy = mem_strdup(text);
	struct json *doc = json_parse(copy, strlen(copy), e);
	int failed = doc == NULL ? -1 : plan_read(doc, p, e);

	json_free(doc);
	free(copy);
	return failed;
}

/* --- any plan ----------------------------------------------------------------------- */

static uint32_t roll(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % n;
}

/* NULL now and then, else a text with what JSON has to escape. */
static char *any_text(uint32_t *seed, bool must)
{
	static const char *const parts[] = { "api-nsx-01", "", "\"quoted\"", "\\", "\n\t", "\x01",
		"\xC3\xBC", "{new}", "\xF0\x9F\x94\x92", "a b" };
	const char *one = parts[roll(seed, 10)], *two = parts[roll(seed, 10)];

	return !must && roll(seed, 3) == 0 ? NULL : mem_printf("%s%s", one, two);
}

static void any_step(uint32_t *seed, struct plan *p)
{
	char *kind = any_text(seed, true);
	struct plan_step *s = plan_add_step(p, kind);

	free(kind);
	s->service = any_text(seed, false);
	s->node = any_text(seed, false);
	s->node_name = any_text(seed, false);
	s->old_id = any_text(seed, false);
	s->new_id = any_text(seed, false);
	s->endpoint = any_text(seed, false);
	s->sni = any_text(seed, false);
	s->call = any_text(seed, true);
	s->why = any_text(seed, true);
	s->verify_s = roll(seed, 10000);
	s->unit = roll(seed, 4);
	for (uint32_t n = roll(seed, 4); n > 0; n--) {
		char *service = any_text(seed, true);
		struct plan_use *u = plan_add_use(s, service);

		free(service);
		u->node = any_text(seed, false);
		u->node_name = any_text(seed, false);
		u->endpoint = any_text(seed, false);
	}
}

static void any_plan(uint32_t *seed, struct plan *p)
{
	plan_init(p);
	p->target = any_text(seed, true);
	p->procedure = any_text(seed, true);
	p->finding = any_text(seed, true);
	p->object = any_text(seed, true);
	p->object_name = any_text(seed, false);
	p->old_sha256 = any_text(seed, false);
	p->new_id = any_text(seed, false);
	p->new_sha256 = any_text(seed, false);
	p->summary = any_text(seed, true);
	p->needs_pin = roll(seed, 2) == 1;
	p->is_rollback = roll(seed, 2) == 1;
	p->rollback_of = roll(seed, 3);
	for (uint32_t n = roll(seed, 6); n > 0; n--)
		any_step(seed, p);
	for (uint32_t n = roll(seed, 3); n > 0; n--) {
		char *note = any_text(seed, true);

		plan_add_note(p, "%s", note);
		free(note);
	}
}

static void same_text(const char *a, const char *b)
{
	ck_assert_msg((a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0), "%s, not %s",
	    b != NULL ? b : "none", a != NULL ? a : "none");
}

static void same_use(const struct plan_use *a, const struct plan_use *b)
{
	same_text(a->service, b->service);
	same_text(a->node, b->node);
	same_text(a->node_name, b->node_name);
	same_text(a->endpoint, b->endpoint);
}

static void same_step(const struct plan_step *a, const struct plan_step *b)
{
	same_text(a->kind, b->kind);
	same_text(a->service, b->service);
	same_text(a->node, b->node);
	same_text(a->node_name, b->node_name);
	same_text(a->old_id, b->old_id);
	same_text(a->new_id, b->new_id);
	same_text(a->endpoint, b->endpoint);
	same_text(a->sni, b->sni);
	same_text(a->call, b->call);
	same_text(a->why, b->why);
	ck_assert_int_eq(a->verify_s, b->verify_s);
	ck_assert_int_eq(a->unit, b->unit);
	ck_assert_uint_eq(a->n_uses, b->n_uses);
	for (size_t i = 0; i < a->n_uses; i++)
		same_use(&a->uses[i], &b->uses[i]);
}

static void same_plan(const struct plan *a, const struct plan *b)
{
	same_text(a->target, b->target);
	same_text(a->procedure, b->procedure);
	same_text(a->finding, b->finding);
	same_text(a->object, b->object);
	same_text(a->object_name, b->object_name);
	same_text(a->old_sha256, b->old_sha256);
	same_text(a->new_id, b->new_id);
	same_text(a->new_sha256, b->new_sha256);
	same_text(a->summary, b->summary);
	same_text(a->version, b->version);
	ck_assert_int_eq(a->needs_pin, b->needs_pin);
	ck_assert_int_eq(a->is_rollback, b->is_rollback);
	ck_assert_int_eq(a->rollback_of, b->rollback_of);
	ck_assert_uint_eq(a->n_steps, b->n_steps);
	ck_assert_uint_eq(a->n_notes, b->n_notes);
	for (size_t i = 0; i < a->n_steps; i++)
		same_step(&a->steps[i], &b->steps[i]);
	for (size_t i = 0; i < a->n_notes; i++)
		same_text(a->notes[i], b->notes[i]);
}

START_TEST(test_read_is_the_inverse_of_write)
{
	uint32_t seed = 20261122;

	for (int i = 0; i < RANDOM_PLANS; i++) {
		char hash[PLAN_HASH_BYTES], again[PLAN_HASH_BYTES];
		struct plan p, q;
		struct err e = { 0 };
		char *text;

		any_plan(&seed, &p);
		text = print(&p);
		ck_assert_msg(read_text(text, &q, &e) == 0, "%s: %s", e.text, text);
		same_plan(&p, &q);
		plan_hash(&p, hash);
		plan_hash(&q, again);
		ck_assert_str_eq(hash, again);
		ck_assert_uint_eq(strlen(hash), PLAN_HASH_BYTES - 1);
		free(text);
		plan_clear(&p);
		plan_clear(&q);
	}
}
END_TEST

/* --- what an approval is bound to --------------------------------------------------- */

static void one_plan(struct plan *p)
{
	uint32_t seed = 7;

	plan_init(p);
	p->target = mem_strdup("prod");
	p->procedure = mem_strdup("nsx-apply");
	p->finding = mem_strdup("expiring");
	p->object = mem_strdup("old");
	p->summary = mem_strdup("replace old");
	any_step(&seed, p);
	plan_add_note(p, "a note");
}

static void replace(char **text, const char *by)
{
	free(*text);
	*text = mem_strdup(by);
}

static void change(struct plan *p, int what)
{
	struct plan_step *s = &p->steps[0];

	switch (what) {
	case 0: replace(&p->target, "test"); break;
	case 1: replace(&p->procedure, "nsx-batch-replace"); break;
	case 2: replace(&p->object, "older"); break;
	case 3: replace(&p->new_id, "new"); break;
	case 4: replace(&p->new_sha256, "ab12"); break;
	case 5: replace(&s->kind, "delete"); break;
	case 6: replace(&s->node, "node-9"); break;
	case 7: replace(&s->service, "CCP"); break;
	case 8: s->verify_s++; break;
	case 9: p->needs_pin = true; break;
	case 10: plan_add_note(p, "another"); break;
	case 11: plan_add_step(p, "delete"); break;
	case 12: plan_add_use(s, "CCP"); break;
	case 13: s->unit++; break;
	case 14: replace(&p->version, "3.0"); break;
	default: p->rollback_of = 7; break;
	}
}

START_TEST(test_hash_sees_every_change)
{
	char before[PLAN_HASH_BYTES], after[PLAN_HASH_BYTES];
	struct plan p;

	one_plan(&p);
	plan_hash(&p, before);
	change(&p, _i);
	plan_hash(&p, after);
	ck_assert_str_ne(before, after);
	plan_clear(&p);
}
END_TEST

/* Journals of earlier versions hold this very text. */
START_TEST(test_form)
{
	struct plan p;
	struct plan_step *s;
	char *text;

	plan_init(&p);
	p.target = mem_strdup("prod");
	p.procedure = mem_strdup("nsx-apply");
	p.finding = mem_strdup("expiring");
	p.object = mem_strdup("old");
	p.summary = mem_strdup("replace it");
	s = plan_add_step(&p, "apply");
	s->service = mem_strdup("API");
	s->call = mem_strdup("POST x");
	s->why = mem_strdup("it is old");
	s->verify_s = 60;
	text = print(&p);
	ck_assert_str_eq(text, "{\"schema\":\"certs_plan/1\",\"target\":\"prod\","
	    "\"procedure\":\"nsx-apply\",\"finding\":\"expiring\",\"object\":\"old\","
	    "\"object_name\":null,\"old_sha256\":null,\"new_id\":null,\"new_sha256\":null,"
	    "\"summary\":\"replace it\",\"version\":null,\"needs_pin\":false,\"is_rollback\":false,"
	    "\"rollback_of\":0,\"steps\":[{\"kind\":\"apply\",\"service\":\"API\",\"node\":null,"
	    "\"node_name\":null,\"old_id\":null,\"new_id\":null,\"endpoint\":null,\"sni\":null,"
	    "\"call\":\"POST x\",\"why\":\"it is old\",\"verify_s\":60,\"unit\":0,"
	    "\"uses\":[]}],"
	    "\"notes\":[]}");
	free(text);
	plan_clear(&p);
}
END_TEST

/* --- what is no plan ---------------------------------------------------------------- */

#define HEAD "{\"schema\":\"certs_plan/1\",\"target\":\"a\",\"procedure\":\"b\"," \
	"\"finding\":\"c\",\"object\":\"d\",\"summary\":\"e\","

static const struct { const char *text, *words; } broken[] = {
	{ "[]", "plan.schema" },
	{ "{}", "plan.schema" },
	{ "{\"schema\":\"certs_plan/2\"}", "certs_plan/2" },
	{ "{\"schema\":\"certs_plan/1\"}", "plan.target" },
	{ HEAD "\"notes\":[]}", "plan.steps" },
	{ HEAD "\"steps\":[]}", "plan.notes" },
	{ HEAD "\"steps\":{},\"notes\":[]}", "plan.steps" },
	{ HEAD "\"steps\":[{}],\"notes\":[]}", "step.kind" },
	{ HEAD "\"steps\":[7],\"notes\":[]}", "step.kind" },
	{ HEAD "\"steps\":[],\"notes\":[7]}", "plan.notes" },
	{ HEAD "\"needs_pin\":\"maybe\",\"steps\":[],\"notes\":[]}", "needs_pin" },
	{ HEAD "\"rollback_of\":\"x\",\"steps\":[],\"notes\":[]}", "rollback_of" },
	{ HEAD "\"new_id\":7,\"steps\":[],\"notes\":[]}", "new_id" },
	{ HEAD "\"steps\":[{\"kind\":\"a\",\"call\":\"b\",\"why\":\"c\"}],\"notes\":[]}",
	  "step.uses" },
	{ HEAD "\"steps\":[{\"kind\":\"a\",\"call\":\"b\",\"why\":\"c\",\"verify_s\":-1,"
	  "\"uses\":[]}],\"notes\":[]}", "verify_s" },
	{ HEAD "\"steps\":[{\"kind\":\"a\",\"call\":\"b\",\"why\":\"c\",\"unit\":-1,"
	  "\"uses\":[]}],\"notes\":[]}", "unit" },
	{ HEAD "\"steps\":[{\"kind\":\"a\",\"call\":\"b\",\"why\":\"c\",\"uses\":[{}]}],"
	  "\"notes\":[]}",
	  "use.service" },
};

START_TEST(test_broken)
{
	struct plan p;
	struct err e = { 0 };

	ck_assert_int_eq(read_text(broken[_i].text, &p, &e), -1);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_msg(strstr(e.text, broken[_i].words) != NULL, "%s", e.text);
	ck_assert_ptr_null(p.target);
	ck_assert_uint_eq(p.n_steps, 0);
}
END_TEST

START_TEST(test_too_much)
{
	struct plan p, q;
	struct err e = { 0 };
	char *text;

	one_plan(&p);
	while (p.n_steps <= PLAN_STEPS_MAX)
		any_step(&(uint32_t){ 3 }, &p);
	text = print(&p);
	ck_assert_int_eq(read_text(text, &q, &e), -1);
	ck_assert_msg(strstr(e.text, "more than 64") != NULL, "%s", e.text);
	free(text);
	plan_clear(&p);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("plan_json");
	TCase *t = tcase_create("plan_json");

	tcase_add_test(t, test_read_is_the_inverse_of_write);
	tcase_add_loop_test(t, test_hash_sees_every_change, 0, 16);
	tcase_add_test(t, test_form);
	tcase_add_loop_test(t, test_broken, 0, UNIT_ROWS(broken));
	tcase_add_test(t, test_too_much);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
