/* fuzz_facts.c - published facts from arbitrary bytes.  What is understood is
 * bounded, and says the same when it is printed and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/model/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

static void say_again(const struct facts *f)
{
	struct facts again;
	struct buf first, second;
	struct err e;
	char *text;

	buf_init(&first, 64 * FACTS_MAX_BYTES);
	buf_init(&second, 64 * FACTS_MAX_BYTES);
	facts_print(f, &first);
	text = mem_strdup(buf_str(&first));
	require(facts_parse(text, first.len, &again, &e) == 0);
	facts_print(&again, &second);
	require(strcmp(buf_str(&first), buf_str(&second)) == 0);
	free(text);
	facts_clear(&again);
	buf_clear(&first);
	buf_clear(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct facts f;
	struct err e;
	char *text;

	if (size > FACTS_MAX_BYTES)
		return 0;
	text = mem_alloc(size + 1);
	if (size > 0)
		memcpy(text, data, size);
	if (facts_parse(text, size, &f, &e)) {
		require(e.code == ERR_ANSWER && f.n_pins == 0 && f.target == NULL);
	} else {
		require(f.target != NULL && f.n_pins <= FACTS_PINS_MAX);
		require(!f.has_run || (f.run_id >= 0 && f.run_state != NULL));
		say_again(&f);
	}
	facts_clear(&f);
	free(text);
	return 0;
}
