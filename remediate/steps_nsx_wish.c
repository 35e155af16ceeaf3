/* steps_nsx_wish.c - what a new certificate shall be made for: the names of
 * the old one, and those by which its services are reached. */
#include "remediate/steps_nsx.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "lib/judge/fitness.h"
#include "lib/source/endpoint.h"

static bool has_name(const struct wish *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcasecmp(w->names[i], name) == 0)
			return true;
	return false;
}

static void add_name(struct wish *w, const char *name)
{
	if (has_name(w, name))
		return;
	w->names = mem_grow(w->names, &w->cap, w->n + 1, sizeof *w->names);
	w->names[w->n++] = mem_strdup(name);
}

/* A name, maybe with a wildcard, or an address: an URI names no listener, and
 * whoever signs may not know what to do with it. */
static bool is_host(const char *name)
{
	char *endpoint = endpoint_from_host(strncmp(name, "*.", 2) == 0 ? name + 2 : name, 443);

	free(endpoint);
	return endpoint != NULL;
}

static void add_old_name(void *ctx, const char *name)
{
	if (is_host(name))
		add_name(ctx, name);
}

static void add_common_name(struct wish *w, const struct cert *old)
{
	struct buf cn;

	buf_init(&cn, CERT_DER_MAX_BYTES);
	cert_common_name(old, &cn);
	if (is_host(buf_str(&cn)))
		add_name(w, buf_str(&cn));
	buf_clear(&cn);
}

static bool covers(const struct wish *w, const struct cert *old, const struct fitness_endpoint *p)
{
	const struct cert *const chain[] = { old };
	struct chain *c = old != NULL ? chain_open(chain, 1, NULL) : NULL;
	bool found = false;

	for (size_t i = 0; i < p->n_names && !found; i++)
		found = has_name(w, p->names[i]) || (c != NULL && chain_covers(c, p->names[i]));
	chain_close(c);
	return found;
}

static void add_uses(const struct step_context *c, const struct view *v, struct fitness_input *in)
{
	fitness_init(in);
	in->is_replacement = true;
	for (size_t i = 0; i < c->plan->n_steps; i++) {
		const struct plan_step *s = &c->plan->steps[i];

		if (strcmp(s->kind, "apply") == 0)
			fitness_add_use(in, v->cluster, s->service, s->node);
		for (size_t u = 0; u < s->n_uses; u++)
			fitness_add_use(in, v->cluster, s->uses[u].service, s->uses[u].node);
	}
}

/* A file is as it is: whether it fits was judged, and is again. */
static void add_names(const struct step_context *c, const struct fitness_input *in, struct wish *w)
{
	const struct cert *old = w->m.old;

	if (c->mandate->replacement == REPLACEMENT_PEM)
		return;
	if (old != NULL) {
		cert_each_name(old, add_old_name, w);
		if (w->n == 0)
			add_common_name(w, old);
	}
	for (size_t i = 0; i < in->n_endpoints; i++)
		if (in->endpoints[i].n_names > 0 && !covers(w, old, &in->endpoints[i]))
			add_name(w, in->endpoints[i].names[0]);
}

void wish_for_plan(const struct step_context *c, const struct view *v, struct wish *out)
{
	size_t row = view_find_object(v, c->plan->object);
	const struct cert *old = row != SIZE_MAX ? v->inv.certs[v->inv.sightings[row].cert] : NULL;
	struct fitness_input in;

	*out = (struct wish){ 0 };
	if (old != NULL && old->form == CERT_PARSED)
		out->m.old = old;
	add_uses(c, v, &in);
	add_names(c, &in, out);
	out->m.subject = c->mandate->subject;
	out->m.wants_client = (in.needs & FITNESS_CLIENT) != 0;
	out->m.names = (const char *const *)out->names;
	out->m.n_names = out->n;
	fitness_clear(&in);
}

void wish_for_host(const struct step_context *c, struct wish *out)
{
	const char *name = c->step->node_name;

	*out = (struct wish){ 0 };
	if (c->mandate->replacement != REPLACEMENT_PEM && is_host(name))
		add_name(out, name);
	out->own_subject = mem_printf("CN=%s", name);   /* nobody has shown us the old one */
	out->m.subject = c->mandate->subject != NULL ? c->mandate->subject : out->own_subject;
	out->m.wants_client = true;
	out->m.names = (const char *const *)out->names;
	out->m.n_names = out->n;
}

void wish_clear(struct wish *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->names[i]);
	free(w->names);
	free(w->own_subject);
	*w = (struct wish){ 0 };
}
