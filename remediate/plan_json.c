/* plan_json.c - a plan as JSON, and back.
 *
 * What is journalled and what an approval is bound to is this text: the order
 * of the members is part of it. */
#include "remediate/plan.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/model/digest.h"

#define SCHEMA "certs_plan/1"
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A string of a struct, and its member.  must: not null. */
struct member { const char *key; size_t offset; bool must; };

static const struct member plan_members[] = {
	{ "target", offsetof(struct plan, target), true },
	{ "procedure", offsetof(struct plan, procedure), true },
	{ "finding", offsetof(struct plan, finding), true },
	{ "object", offsetof(struct plan, object), true },
	{ "object_name", offsetof(struct plan, object_name), false },
	{ "old_sha256", offsetof(struct plan, old_sha256), false },
	{ "new_id", offsetof(struct plan, new_id), false },
	{ "new_sha256", offsetof(struct plan, new_sha256), false },
	{ "summary", offsetof(struct plan, summary), true },
	{ "version", offsetof(struct plan, version), false },
};

static const struct member step_members[] = {
	{ "kind", offsetof(struct plan_step, kind), true },
	{ "service", offsetof(struct plan_step, service), false },
	{ "node", offsetof(struct plan_step, node), false },
	{ "node_name", offsetof(struct plan_step, node_name), false },
	{ "old_id", offsetof(struct plan_step, old_id), false },
	{ "new_id", offsetof(struct plan_step, new_id), false },
	{ "endpoint", offsetof(struct plan_step, endpoint), false },
	{ "sni", offsetof(struct plan_step, sni), false },
	{ "call", offsetof(struct plan_step, call), true },
	{ "why", offsetof(struct plan_step, why), true },
};

static const struct member use_members[] = {
	{ "service", offsetof(struct plan_use, service), true },
	{ "node", offsetof(struct plan_use, node), false },
	{ "node_name", offsetof(struct plan_use, node_name), false },
	{ "endpoint", offsetof(struct plan_use, endpoint), false },
};

/* --- out ---------------------------------------------------------------------------- */

static void write_members(struct json_writer *w, const void *from, const struct member *rows,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *const *text =
		    (char *const *)(const void *)((const char *)from + rows[i].offset);

		jsonw_str(w, rows[i].key, *text);
	}
}

static void write_step(struct json_writer *w, const struct plan_step *s)
{
	jsonw_open(w, NULL, '{');
	write_members(w, s, step_members, COUNT(step_members));
	jsonw_i64(w, "verify_s", s->verify_s);
	jsonw_i64(w, "unit", s->unit);
	jsonw_open(w, "uses", '[');
	for (size_t i = 0; i < s->n_uses; i++) {
		jsonw_open(w, NULL, '{');
		write_members(w, &s->uses[i], use_members, COUNT(use_members));
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

void plan_write(const struct plan *p, struct json_writer *w, const char *key)
{
	jsonw_open(w, key, '{');
	jsonw_str(w, "schema", SCHEMA);
	write_members(w, p, plan_members, COUNT(plan_members));
	jsonw_bool(w, "needs_pin", p->needs_pin);
	jsonw_bool(w, "is_rollback", p->is_rollback);
	jsonw_i64(w, "rollback_of", p->rollback_of);
	jsonw_open(w, "steps", '[');
	for (size_t i = 0; i < p->n_steps; i++)
		write_step(w, &p->steps[i]);
	jsonw_close(w, ']');
	jsonw_open(w, "notes", '[');
	for (size_t i = 0; i < p->n_notes; i++)
		jsonw_str(w, NULL, p->notes[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

void plan_hash(const struct plan *p, char out[PLAN_HASH_BYTES])
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	jsonw_init(&w, &text);
	plan_write(p, &w, NULL);
	digest_sha256_hex(buf_str(&text), text.len, out);
	buf_clear(&text);
}

/* --- in ----------------------------------------------------------------------------- */

static int read_members(const struct json *doc, const char *where, void *into,
    const struct member *rows, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		char **text = (char **)(void *)((char *)into + rows[i].offset);
		const char *value = NULL;
		int failed = rows[i].must ? json_want_str(doc, where, rows[i].key, &value, e)
		    : json_opt_str(doc, where, rows[i].key, &value, e);

		if (failed)
			return -1;
		free(*text);
		*text = mem_strdup(value);
	}
	return 0;
}

static int read_array(const struct json *doc, const char *where, const char *key, size_t max,
    const struct json **first, struct err *e)
{
	const struct json *array;

	if (json_want_array(doc, where, key, &array, e))
		return -1;
	if (json_count(array) > max)
		return err_set(e, ERR_ANSWER, "%s.%s: more than %zu", where, key, max);
	*first = json_first(array);
	return 0;
}

static int read_step(const struct json *doc, struct plan *p, struct err *e)
{
	struct plan_step *s = plan_add_step(p, NULL);
	const struct json *use;

	if (read_members(doc, "step", s, step_members, COUNT(step_members), e) ||
	    json_opt_i64(doc, "step", "verify_s", &s->verify_s, e) ||
	    json_opt_i64(doc, "step", "unit", &s->unit, e) ||
	    read_array(doc, "step", "uses", PLAN_USES_MAX, &use, e))
		return -1;
	if (s->verify_s < 0)
		return err_set(e, ERR_ANSWER, "step.verify_s: less than nothing");
	if (s->unit < 0)
		return err_set(e, ERR_ANSWER, "step.unit: less than nothing");
	for (; use != NULL; use = json_next(use))
		if (read_members(use, "use", plan_add_use(s, NULL), use_members,
			COUNT(use_members), e))
			return -1;
	return 0;
}

static int read_flag(const struct json *doc, const char *key, bool *out, struct err *e)
{
	int flag;

	if (json_opt_bool(doc, "plan", key, &flag, e))
		return -1;
	*out = flag == 1;
	return 0;
}

static int read_note(const struct json *doc, struct plan *p, struct err *e)
{
	if (json_str(doc) == NULL)
		return err_set(e, ERR_ANSWER, "plan.notes: one is no text");
	plan_add_note(p, "%s", json_str(doc));
	return 0;
}

static int read_all(const struct json *doc, struct plan *p, struct err *e)
{
	const struct json *step, *note;
	const char *schema;

	if (json_want_str(doc, "plan", "schema", &schema, e))
		return -1;
	if (strcmp(schema, SCHEMA) != 0)
		return err_set(e, ERR_ANSWER, "plan.schema: \"%s\", not %s", schema, SCHEMA);
	if (read_members(doc, "plan", p, plan_members, COUNT(plan_members), e) ||
	    read_flag(doc, "needs_pin", &p->needs_pin, e) ||
	    read_flag(doc, "is_rollback", &p->is_rollback, e) ||
	    json_opt_i64(doc, "plan", "rollback_of", &p->rollback_of, e) ||
	    read_array(doc, "plan", "steps", PLAN_STEPS_MAX, &step, e) ||
	    read_array(doc, "plan", "notes", PLAN_NOTES_MAX, &note, e))
		return -1;
	for (; step != NULL; step = json_next(step))
		if (read_step(step, p, e))
			return -1;
	for (; note != NULL; note = json_next(note))
		if (read_note(note, p, e))
			return -1;
	return 0;
}

int plan_read(const struct json *doc, struct plan *p, struct err *e)
{
	plan_init(p);
	if (read_all(doc, p, e) == 0)
		return 0;
	plan_clear(p);
	return -1;
}
