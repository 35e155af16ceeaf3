/* target.c - what one configured target owns. */
#include "lib/source/target.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

static void free_texts(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
}

void trust_add_pin(struct trust *t, const uint8_t sha256[CERT_SHA256_BYTES])
{
	size_t cap = t->n_pins;

	t->pins = mem_grow(t->pins, &cap, t->n_pins + 1, sizeof *t->pins);
	memcpy(t->pins[t->n_pins++], sha256, CERT_SHA256_BYTES);
}

bool trust_has_pin(const struct trust *t, const uint8_t sha256[CERT_SHA256_BYTES])
{
	for (size_t i = 0; i < t->n_pins; i++)
		if (memcmp(t->pins[i], sha256, CERT_SHA256_BYTES) == 0)
			return true;
	return false;
}

void target_clear(struct target *t)
{
	free(t->name);
	free(t->url);
	free(t->credentials_path);
	free(t->trust.ca_file);
	free(t->trust.pins);
	free_texts(t->endpoints, t->n_endpoints);
	free_texts(t->paths, t->n_paths);
	*t = (struct target){ 0 };
}
