/* lines.h - the long text: one line for each thing worth saying, worst first. */
#ifndef CHECK_CERTS_LINES_H
#define CHECK_CERTS_LINES_H

#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/judge/report.h"
#include "lib/render/render.h"

struct line {
	/* Appends the line without its end. */
	void (*write)(const struct report *r, const struct render_options *o,
	    const struct line *l, struct buf *out);
	size_t index;                   /* of the item or source */
	const struct finding *finding;  /* of a source or the run */
	const char *text;               /* a line of the trace */
};

struct lines { struct line *v; size_t n, cap; };

/* All lines for this verbosity; the report and options outlive them. */
void lines_collect(const struct report *r, const struct render_options *o, struct lines *out);
void lines_clear(struct lines *l);

#endif
