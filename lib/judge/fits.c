/* fits.c - the uses of a certificate that was found, as the rules about
 * chains want them: one for each object and listener that shows it as a leaf. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/judge/judging.h"

#define SITE_CATEGORY "SITE_CERTIFICATE"
#define PRINCIPAL_CATEGORY "PRINCIPAL_IDENTITY_CERTIFICATE"
#define SERVICES_OF_SITES (SERVICE_LOCAL_MANAGER | SERVICE_GLOBAL_MANAGER)

bool sighting_is_remote(const struct sighting *at, unsigned services)
{
	if (at->category != NULL && strcmp(at->category, SITE_CATEGORY) == 0)
		return true;
	return at->has_private_key == 0 && (services & SERVICES_OF_SITES) != 0;
}

bool sighting_is_principal(const struct sighting *at)
{
	return at->by_principal ||
	    (at->category != NULL && strcmp(at->category, PRINCIPAL_CATEGORY) == 0);
}

static bool is_judged(const struct sighting *at)
{
	if (at->position > 0 || at->role == ROLE_CHAIN)
		return false;
	return at->via == VIA_TLS || (at->via == VIA_API && at->n_uses > 0);
}

/* Of other installations the nodes are not known here, nor is the key. */
static bool is_ours(const struct source_status *from, const struct use *u)
{
	const struct cluster_facts *c = from->cluster;

	if (c == NULL || u->node == NULL || cluster_node(c, u->node) != NULL)
		return true;
	return c->n_nodes == 0 || (c->cluster_id != NULL && strcmp(c->cluster_id, u->node) == 0);
}

static void add_uses(struct fitness_input *in, const struct source_status *from,
    const struct sighting *at)
{
	bool some_ours = false;

	for (size_t i = 0; i < at->n_uses; i++) {
		fitness_add_use(in, from->cluster, at->uses[i].service, at->uses[i].node);
		some_ours = some_ours || is_ours(from, &at->uses[i]);
	}
	if (some_ours && !sighting_is_remote(at, in->services) && !sighting_is_principal(at))
		in->has_private_key = at->has_private_key;
}

/* Ops Manager's own listener: its name is what the URL says. */
static void add_host(struct fitness_input *in, const struct source_status *from)
{
	if (from->host == NULL)
		return;
	in->endpoints = mem_grow(in->endpoints, &in->cap_endpoints, 1, sizeof *in->endpoints);
	in->endpoints[in->n_endpoints++] = (struct fitness_endpoint){
		.label = "the URL", .names = { from->host }, .n_names = 1
	};
}

/* The CA file is given for the API: for what serves it, internal services have
 * CAs of their own.  A certificate that signed itself is under no CA, and
 * where it serves our own connection, that was verified. */
static bool is_under_ca_file(const struct fit *f, const struct sighting *at,
    enum source_kind kind)
{
	const struct cert *leaf = f->in.chain[0];

	if (leaf->form != CERT_PARSED || leaf->self_issued)
		return false;
	return (f->in.services & (SERVICE_API | SERVICE_MGMT_CLUSTER)) != 0 ||
	    at->role == ROLE_OM_UI || kind == SOURCE_TLS;
}

static void fill(const struct judging *j, size_t sighting, struct fit *f)
{
	const struct sighting *at = &j->inv->sightings[sighting];
	const struct source_status *from = &j->inv->sources[at->source];

	fitness_init(&f->in);
	f->in.chain = f->certs;
	f->in.n_chain = inventory_chain(j->inv, sighting, f->certs, CHAIN_MAX);
	f->in.now_at = j->now_at;
	if (from->kind == SOURCE_NSX)
		add_uses(&f->in, from, at);
	else
		f->in.needs = at->via == VIA_TLS ? FITNESS_SERVER : 0;
	f->in.is_presented = sighting_is_presented(at, f->in.services);
	if (at->role == ROLE_OM_UI)
		add_host(&f->in, from);
	if (is_under_ca_file(f, at, from->kind))
		f->in.anchors = from->anchors;
	f->in.verdict = at->verdict;
	f->in.verdict_message = at->verdict_message;
	fit_open(f);
}

void subject_open_fits(const struct judging *j, struct subject *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->item->n_sightings; i++)
		n += is_judged(subject_sighting(j, s, i));
	if (n == 0)
		return;
	s->fits = mem_array(n, sizeof *s->fits);
	for (size_t i = 0; i < s->item->n_sightings; i++)
		if (is_judged(subject_sighting(j, s, i))) {
			fill(j, s->item->sightings[i], &s->fits[s->n_fits]);
			s->n_fits++;
		}
}

void subject_close(struct subject *s)
{
	for (size_t i = 0; i < s->n_fits; i++) {
		fit_close(&s->fits[i]);
		fitness_clear(&s->fits[i].in);
	}
	free(s->fits);
	s->fits = NULL;
	s->n_fits = 0;
}
