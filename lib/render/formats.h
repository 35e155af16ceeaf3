/* formats.h - the functions behind the table of formats; private to lib/render. */
#ifndef CHECK_CERTS_FORMATS_H
#define CHECK_CERTS_FORMATS_H

#include "lib/render/render.h"

/* plugin.c: first line, performance data, long text, within the budget. */
void render_plugin(const struct report *r, const struct render_options *o, struct buf *out);

/* json.c: one object and a newline; neither verbosity nor budget change it. */
void render_json(const struct report *r, const struct render_options *o, struct buf *out);

#endif
