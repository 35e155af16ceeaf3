/* plan.c - the life of a plan. */
#include "remediate/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

void plan_init(struct plan *p)
{
	*p = (struct plan){ 0 };
}

void plan_step_clear(struct plan_step *s)
{
	for (size_t i = 0; i < s->n_uses; i++) {
		free(s->uses[i].service);
		free(s->uses[i].node);
		free(s->uses[i].node_name);
		free(s->uses[i].endpoint);
	}
	free(s->uses);
	free(s->kind);
	free(s->service);
	free(s->node);
	free(s->node_name);
	free(s->old_id);
	free(s->new_id);
	free(s->endpoint);
	free(s->sni);
	free(s->call);
	free(s->why);
	*s = (struct plan_step){ 0 };
}

void plan_clear(struct plan *p)
{
	for (size_t i = 0; i < p->n_steps; i++)
		plan_step_clear(&p->steps[i]);
	for (size_t i = 0; i < p->n_notes; i++)
		free(p->notes[i]);
	free(p->steps);
	free(p->notes);
	free(p->target);
	free(p->procedure);
	free(p->finding);
	free(p->object);
	free(p->object_name);
	free(p->old_sha256);
	free(p->new_id);
	free(p->new_sha256);
	free(p->summary);
	free(p->version);
	plan_init(p);
}

struct plan_step *plan_add_step(struct plan *p, const char *kind)
{
	struct plan_step *s;

	p->steps = mem_grow(p->steps, &p->cap_steps, p->n_steps + 1, sizeof *p->steps);
	s = &p->steps[p->n_steps++];
	*s = (struct plan_step){ .kind = mem_strdup(kind) };
	return s;
}

struct plan_use *plan_add_use(struct plan_step *s, const char *service)
{
	struct plan_use *u;

	s->uses = mem_grow(s->uses, &s->cap_uses, s->n_uses + 1, sizeof *s->uses);
	u = &s->uses[s->n_uses++];
	*u = (struct plan_use){ .service = mem_strdup(service) };
	return u;
}

void plan_add_note(struct plan *p, const char *fmt, ...)
{
	va_list args, again;
	size_t n;
	char *text;

	va_start(args, fmt);
	va_copy(again, args);
	n = (size_t)vsnprintf(NULL, 0, fmt, args) + 1;
	text = mem_alloc(n);
	vsnprintf(text, n, fmt, again);
	va_end(again);
	va_end(args);
	p->notes = mem_grow(p->notes, &p->cap_notes, p->n_notes + 1, sizeof *p->notes);
	p->notes[p->n_notes++] = text;
}
