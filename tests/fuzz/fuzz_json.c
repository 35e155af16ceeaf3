/* fuzz_json.c - the JSON reader: any bytes give a document or one sentence,
 * and a document can be walked, asked and written again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NODES_MAX 100000

static void ask(const struct json *n, const char *key)
{
	const struct json *array;
	const char *s;
	struct err e;
	int64_t number;
	int flag, answers = 0;

	answers += json_want_str(n, "x", key, &s, &e);
	answers += json_opt_i64(n, "x", key, &number, &e);
	answers += json_opt_bool(n, "x", key, &flag, &e);
	answers += json_want_array(n, "x", key, &array, &e);
	if (answers > 0)  /* a getter says 0 or -1 */
		abort();
	if (json_i64(n, &number) && (number >= INT64_C(1) << 53 || number <= -(INT64_C(1) << 53)))
		abort();
}

static void walk(const struct json *n, int depth, size_t *left)
{
	size_t count = 0;

	if (depth > JSON_DEPTH_MAX + 1)  /* the innermost value has no bracket */
		abort();
	for (const struct json *child = json_first(n); child != NULL; child = json_next(child)) {
		if (*left == 0)
			return;
		--*left;
		count++;
		if (json_key(child) != NULL)
			ask(n, json_key(child));
		ask(child, "id");
		walk(child, depth + 1, left);
	}
	if (count != json_count(n))
		abort();
}

/* What the writer makes of a string is the same string for the reader. */
static void write_and_read(const char *s)
{
	struct json_writer w;
	struct buf once, twice;
	struct json *doc;

	buf_init(&once, SIZE_MAX);
	buf_init(&twice, SIZE_MAX);
	jsonw_init(&w, &once);
	jsonw_str(&w, NULL, s);
	doc = json_parse(once.data, once.len, NULL);
	if (doc == NULL || json_str(doc) == NULL)
		abort();
	jsonw_init(&w, &twice);
	jsonw_str(&w, NULL, json_str(doc));
	if (strcmp(buf_str(&once), buf_str(&twice)) != 0)
		abort();
	json_free(doc);
	buf_clear(&once);
	buf_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);
	size_t left = NODES_MAX;
	struct err e = { 0 };
	struct json *doc;

	if (size > 0)
		memcpy(text, data, size);
	write_and_read(text);
	doc = json_parse(text, size, &e);
	if ((doc == NULL) != (e.code == ERR_ANSWER) || (doc == NULL) != (e.text[0] != '\0'))
		abort();
	if (doc != NULL && memchr(text, '\0', size) != NULL)
		abort();
	ask(doc, "id");
	walk(doc, 1, &left);
	json_free(doc);
	free(text);
	return 0;
}
