/* fuzz_extra_opts.c - a file of plugin options of any bytes: every word that
 * comes out of it is an option, or the value of a one-letter one. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "plugins/extra_opts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_extra_opts(const char *word)
{
	size_t n = strlen("--extra-opts");

	return strncmp(word, "--extra-opts", n) == 0 && (word[n] == '\0' || word[n] == '=');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arguments a = { 0 };
	struct err e = { 0 };

	if (size > EXTRA_OPTS_MAX_BYTES)
		return 0;
	if (extra_opts_read("f.ini", (const char *)data, size, EXTRA_OPTS_SECTION, &a, &e) == 0) {
		if (a.n == 0 || a.v[a.n] != NULL)
			abort();
		for (size_t i = 0; i < a.n; i++) {
			bool is_value = i > 0 && strlen(a.v[i - 1]) == 2 && a.v[i - 1][0] == '-';

			if (!is_value && (a.v[i][0] != '-' || is_extra_opts(a.v[i])))
				abort();
		}
	} else if (e.code != ERR_CONFIG || e.text[0] == '\0') {
		abort();
	}
	arguments_clear(&a);
	return 0;
}
