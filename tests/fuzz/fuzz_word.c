/* fuzz_word.c - words from arbitrary bytes.  What is understood is complete,
 * bounded, and says the same when it is printed and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

static void print(const struct word *w, struct buf *out)
{
	struct err e;

	buf_init(out, WORD_MAX_BYTES + 1);
	/* escaping and mending may have made it longer than a word may be */
	require(word_print(w, out, &e) == 0 || e.code == ERR_USAGE);
}

static void say_again(const struct word *w)
{
	struct word again;
	struct buf first, second;
	struct err e;

	print(w, &first);
	if (first.len == 0 || first.overflow || first.len > WORD_MAX_BYTES) {
		buf_clear(&first);
		return;
	}
	second = first;
	second.data = mem_strndup(first.data, first.len);
	if (word_parse(second.data, second.len, &again, &e) == 0) {
		free(second.data);
		print(&again, &second);
		require(strcmp(buf_str(&first), buf_str(&second)) == 0);
		word_clear(&again);
	}
	buf_clear(&second);
	buf_clear(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);
	struct word w;
	struct err e;

	if (size > 0)
		memcpy(text, data, size);
	if (word_parse(text, size, &w, &e)) {
		require(e.code == ERR_ANSWER);
	} else {
		require(w.kind >= 0 && w.kind < WORD_N_KINDS && size <= WORD_MAX_BYTES);
		require(w.target == NULL || strlen(w.target) <= WORD_TEXT_MAX);
		require(w.kind != WORD_APPROVE || (w.run > 0 && w.plan_hash != NULL));
		say_again(&w);
	}
	word_clear(&w);
	free(text);
	return 0;
}
