/* fuzz_conf.c - a configuration file of any bytes: refused with a line for
 * every problem, or taken whole. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/conf.h"

#define NAME "f.conf"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "f.conf:LINE: text" or "f.conf: text", printable, one a line. */
static void check_problem(const char *line, size_t n)
{
	if (n <= strlen(NAME) || memcmp(line, NAME ":", strlen(NAME) + 1) != 0)
		abort();
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			abort();
}

/* Whatever was taken is complete. */
static void check_conf(const struct conf *c)
{
	if (c->n_targets != c->policy.n_targets)
		abort();
	for (size_t i = 0; i < c->n_targets; i++) {
		const struct target *t = &c->targets[i];
		bool is_api = t->kind == SOURCE_NSX || t->kind == SOURCE_OPSMAN;

		if (strcmp(t->name, c->policy.targets[i].source) != 0)
			abort();
		if (is_api != (t->url != NULL) || (t->kind == SOURCE_TLS) != (t->n_endpoints > 0) ||
		    (t->kind == SOURCE_FILES) != (t->n_paths > 0))
			abort();
		if (is_api && strncmp(t->url, "https://", 8) != 0)
			abort();
	}
	for (size_t i = 0; i < c->policy.n_ignores; i++)
		if (c->policy.ignores[i].pattern == NULL || c->policy.ignores[i].reason == NULL)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf c;
	struct buf problems;
	int failed;

	if (size > CONF_FILE_MAX_BYTES)
		return 0;
	conf_init(&c);
	buf_init(&problems, 1u << 20);
	failed = conf_parse(NAME, (const char *)data, size, &c, &problems);
	if ((failed != 0) != (problems.len > 0))
		abort();
	for (const char *at = buf_str(&problems); *at != '\0';) {
		size_t n = strcspn(at, "\n");

		check_problem(at, n);
		at += n + 1;
	}
	if (!failed)
		check_conf(&c);
	buf_clear(&problems);
	conf_clear(&c);
	return 0;
}
