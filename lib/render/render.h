/* render.h - report in, bytes out: pure, one small file per format, in a
 * table.  Escaping belongs to the renderer: every name in a report may hold
 * anything. */
#ifndef CHECK_CERTS_RENDER_H
#define CHECK_CERTS_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/judge/report.h"

enum perfdata { PERFDATA_PLAIN, PERFDATA_EACH, PERFDATA_NONE };

struct render_options {
	int verbosity;            /* number of -v */
	size_t max_output_bytes;  /* text only; newline included; default 4096; the first
	                             line's text, at most 200 bytes, is always printed */
	enum perfdata perfdata;   /* --perfdata */
	const char *const *trace; /* lines to show at -vv, NULL-terminated, or NULL */
};

struct renderer {
	const char *name;         /* -o NAME */
	void (*render)(const struct report *, const struct render_options *, struct buf *out);
};

/* NULL when there is no such format. */
const struct renderer *renderer_by_name(const char *name);

/* "text, json": for messages and the manual. */
void renderer_names(struct buf *out);

/* The summary sentence alone, without prefix and perfdata (JSON "summary"). */
void render_summary(const struct report *r, struct buf *out);

/* --list: one line per certificate: state, expiry, id, where it was seen. */
void render_list(const struct report *r, const struct render_options *o, struct buf *out);

#endif
