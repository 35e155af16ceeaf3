/* plan_made.c - asking for plans. */
#include "tests/unit/plan_made.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/unit.h"

#define NOW SAMPLE_NOW

const struct plan_request made_unasked = { NULL, NULL, 0 };

void made_ask_with(struct view_world *w, const struct material *mt,
    const struct plan_request *request, struct made *out)
{
	memset(out, 0, sizeof *out);
	vworld_judge(w);
	out->verdict = plan_make(&w->view, &w->mandate, mt, request, NOW, &out->plan, &out->e);
	if (out->verdict != PLAN_READY) {
		ck_assert_msg(out->e.text[0] != '\0', "no reason");
		ck_assert_uint_eq(out->plan.n_steps, 0);
		ck_assert_ptr_null(out->plan.target);
	}
}

void made_ask(struct view_world *w, const struct plan_request *request, struct made *out)
{
	const struct material mt = { .kind = w->mandate.replacement };

	made_ask_with(w, &mt, request, out);
}

void made_is_ready(const struct made *m)
{
	ck_assert_msg(m->verdict == PLAN_READY, "verdict %d: %s", m->verdict, m->e.text);
}

void made_says(const struct made *m, enum plan_verdict verdict, const char *words)
{
	ck_assert_msg(m->verdict == verdict, "verdict %d: %s", m->verdict, m->e.text);
	ck_assert_msg(strstr(m->e.text, words) != NULL, "%s", m->e.text);
}

/* "import validate apply:API:node-1 ..." */
void made_has_steps(const struct plan *p, const char *words)
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

bool made_has_note(const struct plan *p, const char *words)
{
	for (size_t i = 0; i < p->n_notes; i++)
		if (strstr(p->notes[i], words) != NULL)
			return true;
	return false;
}

void made_set_text(char **text, const char *value)
{
	free(*text);
	*text = mem_strdup(value);
}

/* "old" ends in three days and is used by the API of nsx-01; "new" is its
 * successor. */
void made_open_simple(struct view_world *w, const char *version)
{
	vworld_open(w, version);
	vworld_add(w, &(struct vworld_cert){ .id = "old", .ends_in = 3 });
	vworld_use(w, "old", "API", 1);
	vworld_serve(w, "old", 1);
	vworld_add(w, &(struct vworld_cert){ .id = "new", .begins_in = -1 });
}

/* The same for what the API of every node and the VIP share. */
void made_open_shared(struct view_world *w, const char *version, bool is_self_signed)
{
	vworld_open(w, version);
	vworld_add(w, &(struct vworld_cert){ .id = "old", .ends_in = 3,
		.is_self_signed = is_self_signed });
	for (int node = 0; node <= WORLD_NODES; node++) {
		vworld_use(w, "old", node == 0 ? "MGMT_CLUSTER" : "API", node);
		vworld_serve(w, "old", node);
	}
	vworld_add(w, &(struct vworld_cert){ .id = "new", .begins_in = -1,
		.is_self_signed = is_self_signed });
}

void made_not_allowed(struct view_world *w)
{
	for (size_t i = 0; i < w->mandate.n_procedures; i++)
		made_set_text(&w->mandate.procedures[i], "nsx-host-certificate");
}

void made_away(struct view_world *w)
{
	w->view.is_reachable = false;
	err_set(&w->view.poll_err, ERR_UNREACHABLE, "no route to nsx.example");
}

void made_partial(struct view_world *w)
{
	w->view.is_complete = false;
}

void made_pin(struct view_world *w)
{
	struct trust *t = &w->target.trust;

	t->pins = mem_alloc(CERT_SHA256_BYTES);
	t->n_pins = 1;
}

void made_global(struct view_world *w)
{
	w->mandate.global_manager = "gm";
	w->mandate.site = "paris";
	w->mandate.site_credentials_path = "/nowhere/site";
}
