/* opsman_said.c - what an answer of Ops Manager tells beside "done" or "no":
 * warnings, certificates that were left out or failed, safety violations, and
 * what stands in the way of an Apply Changes. */
#include "remediate/opsman_write.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define SAID_MAX_BYTES 8192
#define COLUMNS_MAX 200          /* of each of the server's own words */
#define NAMED_MAX 20             /* of a list; the others are counted */

void om_said_clear(struct om_said *s)
{
	free(s->text);
	*s = (struct om_said){ NULL, 0 };
}

static void add_clean(struct buf *out, const char *text)
{
	text_clean(out, text, SIZE_MAX, COLUMNS_MAX);
}

static void begin_clause(struct buf *out, const char *what)
{
	buf_addf(out, "%s%s: ", out->len > 0 ? "; " : "", what);
}

/* A member that is a string with something in it, or NULL. */
static const char *word_of(const struct json *obj, const char *key)
{
	const char *text = json_str(json_get(obj, key));

	return text != NULL && text[0] != '\0' ? text : NULL;
}

/* --- certificates ----------------------------------------------------------------- */

static void add_certificate(struct buf *out, const struct json *row)
{
	const char *name = word_of(row, "variable_path");
	const char *product = word_of(row, "product_guid"), *reason = word_of(row, "reason");

	if (name == NULL)
		name = word_of(row, "property_reference");
	if (name == NULL)
		name = word_of(row, "location");
	add_clean(out, name != NULL ? name : "(unnamed)");
	if (product != NULL) {
		buf_adds(out, " of ");
		add_clean(out, product);
	}
	if (reason != NULL) {
		buf_adds(out, " (");
		add_clean(out, reason);
		buf_addc(out, ')');
	}
}

/* How many are in the list; one that is none counts, since it may stand for some. */
static size_t add_certificates(struct buf *out, const char *what, const struct json *list)
{
	const size_t n = json_is_array(list) ? json_count(list) : 1;
	const struct json *row = json_is_array(list) ? json_first(list) : NULL;

	if (n == 0)
		return 0;
	begin_clause(out, what);
	if (row == NULL)
		buf_adds(out, "a list that cannot be read");
	for (size_t i = 0; row != NULL && i < NAMED_MAX; i++, row = json_next(row)) {
		buf_adds(out, i > 0 ? ", " : "");
		add_certificate(out, row);
	}
	if (row != NULL)
		buf_addf(out, " and %zu more", n - NAMED_MAX);
	return n;
}

static bool ends_with(const char *text, const char *tail)
{
	const size_t n = strlen(text), n_tail = strlen(tail);

	return n >= n_tail && strcmp(text + n - n_tail, tail) == 0;
}

/* "update_failed", "regenerate_failed" ...: what becomes of each is in its name. */
static void add_lists(struct om_said *s, struct buf *out, const struct json *obj)
{
	const struct json *member = json_is_object(obj) ? json_first(obj) : NULL;

	for (; member != NULL; member = json_next(member)) {
		const char *key = json_key(member);

		/* null is as good as absent */
		if (json_get(obj, key) == NULL)
			continue;
		if (ends_with(key, "_failed"))
			s->n_failed += add_certificates(out, "failed", member);
		else if (strcmp(key, "excluded") == 0)
			(void)add_certificates(out, "left out", member);
	}
}

/* --- words ------------------------------------------------------------------------ */

static void add_warnings(struct buf *out, const struct json *list)
{
	const struct json *row = json_is_array(list) ? json_first(list) : list;

	for (size_t i = 0; row != NULL && i < NAMED_MAX; i++) {
		begin_clause(out, "warning");
		add_clean(out, json_is_string(row) ? json_str(row) : "(not a sentence)");
		row = json_is_array(list) ? json_next(row) : NULL;
	}
	if (row != NULL)
		buf_adds(out, "; and more");
}

static void add_violation(struct buf *out, const struct json *row)
{
	const struct json *names = json_get(row, "certificate_names");
	const struct json *name = json_is_array(names) ? json_first(names) : NULL;
	const char *violation = word_of(row, "violation"), *remedy = word_of(row, "mitigation");

	begin_clause(out, "safety check");
	add_clean(out, violation != NULL ? violation : "(without words)");
	for (size_t i = 0; name != NULL && i < NAMED_MAX; i++, name = json_next(name)) {
		buf_adds(out, i > 0 ? ", " : " (");
		add_clean(out, json_is_string(name) ? json_str(name) : "?");
	}
	if (json_count(names) > 0)
		buf_adds(out, name != NULL ? ", ...)" : ")");
	if (remedy == NULL)
		remedy = word_of(row, "migitation");     /* as it is spelt there */
	if (remedy != NULL) {
		buf_adds(out, ": ");
		add_clean(out, remedy);
	}
}

/* "cf-1, WildcardVerifier: text": what stands in the way of an Apply Changes. */
static void add_verifier(struct buf *out, const char *product, const struct json *row)
{
	const struct json *errors = json_get(row, "errors");
	const struct json *text = json_is_array(errors) ? json_first(errors) : NULL;
	const char *type = word_of(row, "type");

	for (size_t i = 0; text != NULL && i < NAMED_MAX; i++, text = json_next(text)) {
		buf_adds(out, out->len > 0 ? "; " : "");
		add_clean(out, product != NULL ? product : "(unnamed)");
		if (type != NULL) {
			buf_adds(out, ", ");
			add_clean(out, type);
		}
		buf_adds(out, ": ");
		add_clean(out, json_is_string(text) ? json_str(text) : "(not a sentence)");
	}
}

static void add_deployment_errors(struct buf *out, const struct json *errors)
{
	const struct json *products = json_get(errors, "products");
	const struct json *product = json_is_array(products) ? json_first(products) : NULL;

	for (size_t i = 0; product != NULL && i < NAMED_MAX; i++, product = json_next(product)) {
		const struct json *verifiers = json_get(product, "verifiers");
		const struct json *row = json_is_array(verifiers) ? json_first(verifiers) : NULL;

		for (size_t k = 0; row != NULL && k < NAMED_MAX; k++, row = json_next(row))
			add_verifier(out, word_of(product, "identifier"), row);
	}
}

void om_said_read(struct om_said *s, const struct json *doc)
{
	const struct json *violations = json_get(doc, "safety_violations");
	const struct json *row = json_is_array(violations) ? json_first(violations) : NULL;
	struct buf out;

	*s = (struct om_said){ NULL, 0 };
	buf_init(&out, SAID_MAX_BYTES);
	for (size_t i = 0; row != NULL && i < NAMED_MAX; i++, row = json_next(row))
		add_violation(&out, row);
	add_deployment_errors(&out, json_get(doc, "deployment_errors"));
	add_lists(s, &out, doc);
	add_lists(s, &out, json_get(doc, "certificates"));
	add_warnings(&out, json_get(doc, "warnings"));
	if (out.len > 0)
		s->text = mem_printf("%s%s", buf_str(&out), out.overflow ? " ..." : "");
	buf_clear(&out);
}
