/* json.c - JSON in, by cJSON.  struct json is a cJSON node by another name. */
#include "lib/base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>
#include "lib/base/json_scan.h"
#include "lib/base/mem.h"

/* The first whole number that a double cannot tell from its neighbour. */
#define WHOLE_LIMIT 9007199254740992.0

static const cJSON *node(const struct json *n)
{
	return (const cJSON *)(const void *)n;
}

static const struct json *opaque(const cJSON *n)
{
	return (const struct json *)(const void *)n;
}

/* Past a byte order mark and blanks, which cJSON takes too. */
static const char *skip_blank(const char *text)
{
	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	return text + strspn(text, " \t\r\n");
}

/* Half an answer is the commonest fault, and worth its own words: cJSON stopped
 * in what has no end, or at the last byte (it never points past that). */
static int refuse(const char *stop, const char *text, size_t len, size_t open_at, struct err *e)
{
	size_t offset = (size_t)(stop - text);

	if (offset >= open_at)
		return err_set(e, ERR_ANSWER, "JSON cut off at byte %zu", len);
	return err_set(e, ERR_ANSWER, "not JSON at byte %zu", offset);
}

/* What can be told before cJSON looks at it. */
static int check_text(char *text, size_t len, size_t *open_at, struct err *e)
{
	const char *start = skip_blank(text);

	if (*start == '\0' && start == text + len)
		return err_set(e, ERR_ANSWER, "nothing instead of JSON");
	if (*start == '<')
		return err_set(e, ERR_ANSWER, "HTML instead of JSON at byte %zu",
		    (size_t)(start - text));
	return json_scan(text, len, open_at, e);
}

struct json *json_parse(char *text, size_t len, struct err *e)
{
	const char *stop = text;
	size_t open_at = SIZE_MAX;
	cJSON *doc;

	if (check_text(text, len, &open_at, e))
		return NULL;
	doc = cJSON_ParseWithLengthOpts(text, len + 1, &stop, 1);
	if (doc == NULL)
		refuse(stop, text, len, open_at, e);
	return (struct json *)(void *)doc;
}

/* --- a long array, element by element -------------------------------------------- */

/* A text that was checked, and how far it was read. */
struct list {
	char *text;
	size_t len, open_at;
	json_take_fn *take;
	void *ctx;
	size_t n;              /* elements handed over */
};

/* What cJSON takes for a blank. */
static char *past_blanks(char *p)
{
	while (*p != '\0' && (unsigned char)*p <= ' ')
		p++;
	return p;
}

/* Past the closing quote, or at the NUL. */
static char *past_string(char *p)
{
	for (p++; *p != '\0' && *p != '"'; p += strcspn(p, "\\\""))
		if (*p == '\\')
			p += p[1] != '\0' ? 2 : 1;
	return *p == '"' ? p + 1 : p;
}

/* Where the elements of the top object's array begin; NULL: there is no such
 * array, or its key is written with escapes. */
static char *find_elements(char *text, const char *key)
{
	size_t n = strlen(key), depth = 0;
	char *p = text, *string, *after;

	while (*p != '\0') {
		if (*p != '"') {
			depth += *p == '{' || *p == '[';
			depth -= (*p == '}' || *p == ']') && depth > 0;
			p++;
			continue;
		}
		string = p;
		p = past_string(p);
		if (depth != 1 || (size_t)(p - string) != n + 2 || memcmp(string + 1, key, n) != 0)
			continue;
		after = past_blanks(p);
		after = *after == ':' ? past_blanks(after + 1) : after;
		if (*after == '[')
			return after + 1;
	}
	return NULL;
}

/* One element at *p, and past what follows it: a comma, or nothing before the
 * bracket. */
static int take_element(struct list *l, char **p, struct err *e)
{
	size_t left = l->len - (size_t)(*p - l->text);
	const char *stop = *p;
	cJSON *element = NULL;
	int failed;

	if (**p != '\xEF')  /* cJSON would take a byte order mark here */
		element = cJSON_ParseWithLengthOpts(*p, left + 1, &stop, 0);
	if (element == NULL)
		return refuse(stop, l->text, l->len, l->open_at, e);
	failed = l->take(l->ctx, opaque(element), l->n++, e);
	cJSON_Delete(element);
	if (failed)
		return -1;
	*p = past_blanks(l->text + (stop - l->text));
	if (**p == ']')
		return 0;
	if (**p == ',')
		*p = past_blanks(*p + 1);
	else
		return refuse(*p, l->text, l->len, l->open_at, e);
	return **p == ']' ? refuse(*p, l->text, l->len, l->open_at, e) : 0;
}

/* Hand over the elements from first on and cut them out of the text. */
static int take_elements(struct list *l, char *first, size_t *n_cut, struct err *e)
{
	char *p = past_blanks(first);

	while (*p != ']')
		if (take_element(l, &p, e))
			return -1;
	*n_cut = (size_t)(p - first);
	memmove(first, p, l->len - (size_t)(p - l->text) + 1);
	return 0;
}

/* Those of an array that could not be found beforehand. */
static int take_rest(struct list *l, const struct json *array, struct err *e)
{
	for (const struct json *el = json_first(array); el != NULL; el = json_next(el))
		if (l->take(l->ctx, el, l->n++, e))
			return -1;
	return 0;
}

struct json *json_parse_list(char *text, size_t len, const char *key, json_take_fn *take,
    void *ctx, struct err *e)
{
	struct list l = { .text = text, .len = len, .open_at = SIZE_MAX, .take = take, .ctx = ctx };
	const char *stop = text;
	size_t n_cut = 0;
	struct json *doc;
	char *first;

	if (check_text(text, len, &l.open_at, e))
		return NULL;
	first = find_elements(text, key);
	if (first != NULL && take_elements(&l, first, &n_cut, e))
		return NULL;
	doc = (struct json *)(void *)cJSON_ParseWithLengthOpts(text, len - n_cut + 1, &stop, 1);
	if (doc == NULL) {
		stop += first != NULL && stop >= first ? n_cut : 0;
		refuse(stop, text, len, l.open_at, e);
		return NULL;
	}
	if (json_is_array(json_get(doc, key)) && take_rest(&l, json_get(doc, key), e)) {
		json_free(doc);
		return NULL;
	}
	return doc;
}

void json_free(struct json *doc)
{
	cJSON_Delete((cJSON *)(void *)doc);
}

/* As deep as JSON_DEPTH_MAX. */
static void wipe_strings(cJSON *n)
{
	for (; n != NULL; n = n->next) {
		if (n->valuestring != NULL)
			mem_wipe(n->valuestring, strlen(n->valuestring));
		wipe_strings(n->child);
	}
}

void json_free_wiped(struct json *doc)
{
	wipe_strings((cJSON *)(void *)doc);
	json_free(doc);
}

bool json_is_object(const struct json *n)
{
	return cJSON_IsObject(node(n));
}

bool json_is_array(const struct json *n)
{
	return cJSON_IsArray(node(n));
}

bool json_is_string(const struct json *n)
{
	return cJSON_IsString(node(n));
}

bool json_is_number(const struct json *n)
{
	return cJSON_IsNumber(node(n));
}

/* The member itself, null included: the messages tell null from absent. */
static const cJSON *member(const struct json *obj, const char *key)
{
	return json_is_object(obj) ? cJSON_GetObjectItemCaseSensitive(node(obj), key) : NULL;
}

const struct json *json_get(const struct json *obj, const char *key)
{
	const cJSON *found = member(obj, key);

	return cJSON_IsNull(found) ? NULL : opaque(found);
}

const struct json *json_first(const struct json *n)
{
	if (!json_is_object(n) && !json_is_array(n))
		return NULL;
	return opaque(node(n)->child);
}

const struct json *json_next(const struct json *n)
{
	return n == NULL ? NULL : opaque(node(n)->next);
}

size_t json_count(const struct json *n)
{
	size_t count = 0;

	for (const struct json *child = json_first(n); child != NULL; child = json_next(child))
		count++;
	return count;
}

const char *json_key(const struct json *m)
{
	return m == NULL ? NULL : node(m)->string;
}

const char *json_str(const struct json *n)
{
	return json_is_string(n) ? node(n)->valuestring : NULL;
}

bool json_i64(const struct json *n, int64_t *out)
{
	double value;

	if (!json_is_number(n))
		return false;
	value = node(n)->valuedouble;
	if (!(fabs(value) < WHOLE_LIMIT) || floor(value) < value)
		return false;
	*out = (int64_t)value;
	return true;
}

/* What a member is, in the words of a message. */
static const char *kind_of(const cJSON *n)
{
	static const struct { int type; const char *words; } kinds[] = {
		{ cJSON_False, "false" }, { cJSON_True, "true" }, { cJSON_NULL, "null" },
		{ cJSON_Number, "a number" }, { cJSON_String, "a string" },
		{ cJSON_Array, "an array" }, { cJSON_Object, "an object" },
	};

	for (size_t i = 0; n != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
		if ((n->type & 0xFF) == kinds[i].type)
			return kinds[i].words;
	return "nothing";
}

static int mismatch(const struct json *obj, const char *where, const char *key,
    const char *wanted, struct err *e)
{
	return err_set(e, ERR_ANSWER, "%s%s%s: want %s, have %s", where,
	    where[0] != '\0' ? "." : "", key, wanted, kind_of(member(obj, key)));
}

int json_opt_str(const struct json *obj, const char *where, const char *key,
    const char **out, struct err *e)
{
	const struct json *found = json_get(obj, key);

	*out = json_str(found);
	if (found != NULL && *out == NULL)
		return mismatch(obj, where, key, "a string", e);
	return 0;
}

int json_want_str(const struct json *obj, const char *where, const char *key,
    const char **out, struct err *e)
{
	*out = json_str(json_get(obj, key));
	return *out != NULL ? 0 : mismatch(obj, where, key, "a string", e);
}

int json_opt_i64(const struct json *obj, const char *where, const char *key,
    int64_t *out, struct err *e)
{
	const struct json *found = json_get(obj, key);

	if (found == NULL || json_i64(found, out))
		return 0;
	if (json_is_number(found))
		return err_set(e, ERR_ANSWER, "%s%s%s: want a whole number below 2^53, have %.17g",
		    where, where[0] != '\0' ? "." : "", key, node(found)->valuedouble);
	return mismatch(obj, where, key, "a whole number", e);
}

int json_opt_bool(const struct json *obj, const char *where, const char *key,
    int *out, struct err *e)
{
	const struct json *found = json_get(obj, key);
	const char *quoted = json_str(found);

	*out = -1;
	if (found == NULL)
		return 0;
	if (cJSON_IsTrue(node(found)) || (quoted != NULL && strcmp(quoted, "true") == 0))
		*out = 1;
	else if (cJSON_IsFalse(node(found)) || (quoted != NULL && strcmp(quoted, "false") == 0))
		*out = 0;
	else
		return mismatch(obj, where, key, "true or false", e);
	return 0;
}

int json_opt_array(const struct json *obj, const char *where, const char *key,
    const struct json **out, struct err *e)
{
	const struct json *found = json_get(obj, key);

	*out = json_is_array(found) ? found : NULL;
	if (found != NULL && *out == NULL)
		return mismatch(obj, where, key, "an array", e);
	return 0;
}

int json_want_array(const struct json *obj, const char *where, const char *key,
    const struct json **out, struct err *e)
{
	if (json_opt_array(obj, where, key, out, e))
		return -1;
	return *out != NULL ? 0 : mismatch(obj, where, key, "an array", e);
}
