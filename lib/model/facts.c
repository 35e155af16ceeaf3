/* facts.c - what the worker publishes about a target, written and read. */
#include "lib/model/facts.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define SCHEMA "certs_facts/1"
#define OPEN "open"
#define CLOSED "closed"

void facts_init(struct facts *f)
{
	memset(f, 0, sizeof *f);
}

void facts_clear(struct facts *f)
{
	free(f->target);
	free(f->run_state);
	free(f->procedure);
	free(f->plan_hash);
	free(f->message);
	facts_init(f);
}

/* --- out --------------------------------------------------------------------- */

static void print_time(struct json_writer *w, const char *key, int64_t at)
{
	char text[TEXT_TIME_BYTES];

	jsonw_str(w, key, text_from_time(at, text));
}

static void print_pins(const struct facts *f, struct json_writer *w)
{
	char hex[2 * CERT_SHA256_BYTES + 1];

	jsonw_open(w, "pins", '[');
	for (size_t i = 0; i < f->n_pins; i++) {
		text_hex(f->pins[i], CERT_SHA256_BYTES, hex);
		jsonw_str(w, NULL, hex);
	}
	jsonw_close(w, ']');
}

static void print_run(const struct facts *f, struct json_writer *w)
{
	if (!f->has_run) {
		jsonw_null(w, "run");
		return;
	}
	jsonw_open(w, "run", '{');
	jsonw_i64(w, "id", f->run_id);
	jsonw_str(w, "state", f->run_state);
	jsonw_str(w, "procedure", f->procedure);
	jsonw_i64(w, "step", f->step);
	jsonw_i64(w, "steps", f->steps);
	print_time(w, "since", f->since_at);
	jsonw_str(w, "plan_hash", f->plan_hash);
	jsonw_str(w, "message", f->message);
	jsonw_close(w, '}');
}

void facts_print(const struct facts *f, struct buf *out)
{
	struct json_writer w;

	jsonw_init(&w, out);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "schema", SCHEMA);
	jsonw_str(&w, "target", f->target);
	print_time(&w, "worker_seen_at", f->worker_seen_at);
	print_pins(f, &w);
	print_run(f, &w);
	jsonw_str(&w, "breaker", f->breaker_open ? OPEN : CLOSED);
	jsonw_close(&w, '}');
	buf_addc(out, '\n');
}

/* --- in ---------------------------------------------------------------------- */

static int want_time(const struct json *obj, const char *where, const char *key, int64_t *out,
    struct err *e)
{
	const char *text;

	if (json_want_str(obj, where, key, &text, e))
		return -1;
	if (text_to_time(text, out))
		return err_set(e, ERR_ANSWER, "%s.%s: want a time, have \"%s\"", where, key, text);
	return 0;
}

static int want_number(const struct json *obj, const char *where, const char *key, int64_t *out,
    struct err *e)
{
	*out = -1;
	if (json_opt_i64(obj, where, key, out, e))
		return -1;
	if (*out < 0)
		return err_set(e, ERR_ANSWER, "%s.%s: want a number that is not negative", where,
		    key);
	return 0;
}

static int want_copy(const struct json *obj, const char *where, const char *key, char **out,
    struct err *e)
{
	const char *text;

	if (json_want_str(obj, where, key, &text, e))
		return -1;
	*out = mem_strdup(text);
	return 0;
}

static int opt_copy(const struct json *obj, const char *where, const char *key, char **out,
    struct err *e)
{
	const char *text = NULL;

	if (json_opt_str(obj, where, key, &text, e))
		return -1;
	*out = mem_strdup(text);
	return 0;
}

static int read_pins(const struct json *doc, struct facts *f, struct err *e)
{
	const struct json *pins;

	if (json_want_array(doc, "facts", "pins", &pins, e))
		return -1;
	for (const struct json *pin = json_first(pins); pin != NULL; pin = json_next(pin)) {
		const char *hex = json_str(pin);

		if (f->n_pins == FACTS_PINS_MAX)
			return err_set(e, ERR_ANSWER, "facts.pins: more than %d", FACTS_PINS_MAX);
		if (hex == NULL || text_from_hex(hex, f->pins[f->n_pins], CERT_SHA256_BYTES))
			return err_set(e, ERR_ANSWER, "facts.pins[%zu]: want 64 hex digits",
			    f->n_pins);
		f->n_pins++;
	}
	return 0;
}

static int read_run(const struct json *doc, struct facts *f, struct err *e)
{
	const char *const where = "facts.run";
	const struct json *run = json_get(doc, "run");

	if (run == NULL)
		return 0;
	if (!json_is_object(run))
		return err_set(e, ERR_ANSWER, "facts.run: want an object");
	f->has_run = true;
	if (want_number(run, where, "id", &f->run_id, e) ||
	    want_copy(run, where, "state", &f->run_state, e) ||
	    want_copy(run, where, "procedure", &f->procedure, e) ||
	    want_number(run, where, "step", &f->step, e) ||
	    want_number(run, where, "steps", &f->steps, e) ||
	    want_time(run, where, "since", &f->since_at, e) ||
	    opt_copy(run, where, "plan_hash", &f->plan_hash, e))
		return -1;
	return opt_copy(run, where, "message", &f->message, e);
}

static int read_breaker(const struct json *doc, struct facts *f, struct err *e)
{
	const char *text;

	if (json_want_str(doc, "facts", "breaker", &text, e))
		return -1;
	f->breaker_open = strcmp(text, OPEN) == 0;
	if (!f->breaker_open && strcmp(text, CLOSED) != 0)
		return err_set(e, ERR_ANSWER, "facts.breaker: want " OPEN " or " CLOSED
		    ", have \"%s\"", text);
	return 0;
}

static int check_schema(const struct json *doc, struct err *e)
{
	const char *schema;

	if (!json_is_object(doc))
		return err_set(e, ERR_ANSWER, "facts: want an object");
	if (json_want_str(doc, "facts", "schema", &schema, e))
		return -1;
	if (strcmp(schema, SCHEMA) != 0)
		return err_set(e, ERR_ANSWER, "facts.schema: want " SCHEMA ", have \"%s\"", schema);
	return 0;
}

/* Unknown keys are let pass: a newer worker may say more. */
int facts_parse(char *text, size_t len, struct facts *f, struct err *e)
{
	struct json *doc = json_parse(text, len, e);
	int failed;

	facts_init(f);
	if (doc == NULL)
		return -1;
	failed = check_schema(doc, e) || want_copy(doc, "facts", "target", &f->target, e) ||
	    want_time(doc, "facts", "worker_seen_at", &f->worker_seen_at, e) ||
	    read_pins(doc, f, e) || read_run(doc, f, e) || read_breaker(doc, f, e);
	json_free(doc);
	if (!failed)
		return 0;
	facts_clear(f);
	return -1;
}
