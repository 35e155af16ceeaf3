/* fuzz_plan.c - a plan read back from a journal: any bytes give a plan or one
 * sentence, and a plan that was read is written and read again as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "remediate/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct plan *p)
{
	char hash[PLAN_HASH_BYTES], again[PLAN_HASH_BYTES];
	struct json_writer w;
	struct buf text;
	struct json *doc;
	struct plan q;

	buf_init(&text, SIZE_MAX);
	jsonw_init(&w, &text);
	plan_write(p, &w, NULL);
	doc = json_parse(text.data, text.len, NULL);
	if (doc == NULL || plan_read(doc, &q, NULL) != 0)
		abort();
	plan_hash(p, hash);
	plan_hash(&q, again);
	if (strcmp(hash, again) != 0 || p->n_steps != q.n_steps || p->n_notes != q.n_notes)
		abort();
	plan_clear(&q);
	json_free(doc);
	buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);
	struct err e = { 0 };
	struct json *doc;
	struct plan p;

	if (size > 0)
		memcpy(text, data, size);
	doc = json_parse(text, size, NULL);
	if (doc != NULL && plan_read(doc, &p, &e) == 0) {
		if (p.n_steps > PLAN_STEPS_MAX || p.n_notes > PLAN_NOTES_MAX)
			abort();
		write_and_read(&p);
		plan_clear(&p);
	} else if (doc != NULL && (e.code != ERR_ANSWER || e.text[0] == '\0')) {
		abort();
	}
	json_free(doc);
	free(text);
	return 0;
}
