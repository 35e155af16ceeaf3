/* report.c - findings and the report they stand in. */
#include "lib/judge/report.h"

#include <stdio.h>
#include <stdlib.h>
#include "lib/base/buf.h"
#include "lib/base/mem.h"

#define MESSAGE_MAX_BYTES 4096   /* names inside are cut before; this is the backstop */

void findings_add(struct findings *f, const char *id, enum state s, const char *fmt, ...)
{
	char text[MESSAGE_MAX_BYTES];
	va_list args;

	va_start(args, fmt);
	if (vsnprintf(text, sizeof text, fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	f->v = mem_grow(f->v, &f->cap, f->n + 1, sizeof *f->v);
	f->v[f->n++] = (struct finding){ .id = id, .state = s, .message = mem_strdup(text) };
}

enum state findings_sort(struct findings *f)
{
	for (size_t i = 1; i < f->n; i++) {
		struct finding moved = f->v[i];
		size_t to = i;

		for (; to > 0 && f->v[to - 1].state < moved.state; to--)
			f->v[to] = f->v[to - 1];
		f->v[to] = moved;
	}
	return f->n > 0 ? f->v[0].state : STATE_OK;
}

void findings_clear(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].message);
	free(f->v);
	*f = (struct findings){ 0 };
}

const char *actor_name(enum actor a)
{
	static const char *const names[] = {
		[ACTOR_NONE] = NULL, [ACTOR_REMEDIATE] = "remediate_certs", [ACTOR_NSX] = "nsx",
		[ACTOR_VCF] = "vcf", [ACTOR_PERSON] = "person",
	};

	return names[a];
}

void report_clear(struct report *r)
{
	for (size_t i = 0; i < r->n_items; i++) {
		findings_clear(&r->items[i].findings);
		free(r->items[i].remedy.detail);
	}
	for (size_t i = 0; i < r->n_sources; i++)
		findings_clear(&r->sources[i].findings);
	findings_clear(&r->findings);
	free(r->items);
	free(r->sources);
	free(r->sightings);
	*r = (struct report){ 0 };
}
