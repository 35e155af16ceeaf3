/* judging.c - what is prepared once, so that no rule has to search. */
#include "lib/judge/judging.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define NAME_MAX_BYTES 100   /* of a name inside a message */

void message_add_name(struct buf *out, const char *name)
{
	size_t n = strlen(name);

	if (n > NAME_MAX_BYTES)
		for (n = NAME_MAX_BYTES; n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80;)
			n--;
	buf_add(out, name, n);
}

/* Configured targets and sources usually stand in the same order. */
static const struct target_policy *policy_of(const struct judging *j, size_t source)
{
	const struct policy *p = j->policy;
	const char *name = j->inv->sources[source].name;

	if (source < p->n_targets && strcmp(p->targets[source].source, name) == 0)
		return &p->targets[source];
	return policy_for(p, name);
}

static bool is_patchy(const struct source_status *s)
{
	for (size_t i = 0; i < s->n_issues; i++)
		if (s->issues[i].kind != ISSUE_NOTE)
			return true;
	return !s->complete;
}

static void open_sources(struct judging *j)
{
	j->sources = mem_array(j->inv->n_sources, sizeof *j->sources);
	for (size_t i = 0; i < j->inv->n_sources; i++) {
		const struct target_policy *t = policy_of(j, i);
		struct source_view *v = &j->sources[i];

		v->limits = t != NULL ? &t->limits : &j->policy->limits;
		v->unused_same = t != NULL && t->unused_same;
		v->not_by_vcf = t != NULL && t->not_by_vcf;
		v->rotation_stale_s = t != NULL ? t->rotation_stale_s : j->policy->rotation_stale_s;
		v->rotation_needs_s = t != NULL ? t->rotation_needs_s : j->policy->rotation_needs_s;
		v->is_patchy = is_patchy(&j->inv->sources[i]);
	}
}

/* NULL before everything else. */
static int compare_nodes(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_uses(const void *a, const void *b)
{
	const struct use_row *x = a, *y = b;
	int order = (x->source > y->source) - (x->source < y->source);

	if (order == 0)
		order = strcmp(x->service, y->service);
	if (order == 0)
		order = compare_nodes(x->node, y->node);
	return order != 0 ? order : (x->cert > y->cert) - (x->cert < y->cert);
}

size_t judging_first_use(const struct judging *j, const struct use_row *key)
{
	size_t low = 0, high = j->n_uses;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_uses(&j->uses[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_use(struct judging *j, size_t sighting, const struct use *u)
{
	const struct sighting *s = &j->inv->sightings[sighting];
	struct use_row row = { .source = s->source, .service = u->service,
		.node = u->node != NULL ? u->node : "", .cert = s->cert, .sighting = sighting };

	j->uses[j->n_uses++] = row;
	if (service_bit(u->service) != SERVICE_MGMT_CLUSTER)
		return;
	row.node = NULL;
	j->uses[j->n_uses++] = row;
}

static void open_uses(struct judging *j)
{
	size_t cap = 0;

	for (size_t i = 0; i < j->inv->n_sightings; i++) {
		const struct sighting *s = &j->inv->sightings[i];

		if (s->via != VIA_API || j->inv->sources[s->source].kind != SOURCE_NSX ||
		    j->inv->certs[s->cert]->form != CERT_PARSED)
			continue;
		j->uses = mem_grow(j->uses, &cap, j->n_uses + 2 * s->n_uses, sizeof *j->uses);
		for (size_t k = 0; k < s->n_uses; k++)
			add_use(j, i, &s->uses[k]);
	}
	if (j->n_uses > 0)
		qsort(j->uses, j->n_uses, sizeof *j->uses, compare_uses);
}

bool judging_made_at(const struct judging *j, const struct sighting *s, int64_t *at)
{
	const struct cert *c = j->inv->certs[s->cert];

	*at = s->has_created_at ? s->created_at : c->not_before_at;
	return s->has_created_at || c->has_not_before;
}

static void add_age(struct ca_ages *ages, int64_t at, bool is_active)
{
	if (!ages->has_newest || at > ages->newest_at)
		ages->newest_at = at;
	ages->has_newest = true;
	if (is_active && (!ages->has_active || at > ages->active_at))
		ages->active_at = at;
	ages->has_active = ages->has_active || is_active;
}

static void open_ages(struct judging *j)
{
	for (size_t i = 0; i < j->inv->n_sightings; i++) {
		const struct sighting *s = &j->inv->sightings[i];
		int64_t at;

		if (s->role == ROLE_OM_ROOT_CA && s->active >= 0 && judging_made_at(j, s, &at))
			add_age(&j->sources[s->source].cas, at, s->active == 1);
	}
}

void judging_open(struct judging *j, const struct inventory *inv, const struct policy *policy,
    int64_t now_at)
{
	*j = (struct judging){ .inv = inv, .policy = policy, .now_at = now_at };
	open_sources(j);
	open_uses(j);
	open_ages(j);
}

void judging_close(struct judging *j)
{
	free(j->sources);
	free(j->uses);
	*j = (struct judging){ 0 };
}
