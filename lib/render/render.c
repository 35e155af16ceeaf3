/* render.c - the table of formats.  A further format is one file and one row. */
#include "lib/render/formats.h"

#include <string.h>

static const struct renderer renderers[] = {
	{ "text", render_plugin },
	{ "json", render_json },
};
#define N_RENDERERS (sizeof renderers / sizeof renderers[0])

const struct renderer *renderer_by_name(const char *name)
{
	for (size_t i = 0; i < N_RENDERERS; i++)
		if (strcmp(renderers[i].name, name) == 0)
			return &renderers[i];
	return NULL;
}

void renderer_names(struct buf *out)
{
	for (size_t i = 0; i < N_RENDERERS; i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", renderers[i].name);
}
