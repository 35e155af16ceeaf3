/* target.c - what one configured target owns. */
#include "lib/source/target.h"

#include <stdlib.h>

static void free_texts(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
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
