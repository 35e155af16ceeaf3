/* inventory.c - certificates, and where each was seen. */
#include "lib/model/inventory.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define HASH_FIRST_SIZE 64   /* slots; always a power of two */

/* A certificate that serves a whole fleet has hundreds of uses.  Beyond this
 * many a duplicate may slip in, so that an answer made of a million of them
 * does not keep us busy comparing. */
#define USES_COMPARED 256

const char *source_kind_name(enum source_kind k)
{
	static const char *const names[SOURCE_N_KINDS] = {
		[SOURCE_NSX] = "nsx",
		[SOURCE_OPSMAN] = "opsman",
		[SOURCE_TLS] = "tls",
		[SOURCE_FILES] = "files"
	};

	return names[k];
}

const char *via_name(enum via v)
{
	static const char *const names[] = {
		[VIA_API] = "api",
		[VIA_TLS] = "tls",
		[VIA_FILE] = "file"
	};

	return names[v];
}

const char *role_name(enum role r)
{
	static const char *const names[] = {
		[ROLE_NONE] = NULL,
		[ROLE_NSX_PLATFORM] = "platform",
		[ROLE_NSX_SERVICE] = "service",
		[ROLE_CHAIN] = "chain",
		[ROLE_LISTENER] = "listener",
		[ROLE_OM_ROOT_CA] = "root-ca",
		[ROLE_OM_NATS_CA] = "nats-ca",
		[ROLE_OM_CREDHUB_CA] = "credhub-ca",
		[ROLE_OM_SERVICES_CA] = "services-ca",
		[ROLE_OM_LEAF] = "leaf",
		[ROLE_OM_CONFIGURABLE] = "configurable",
		[ROLE_OM_SAML] = "saml",
		[ROLE_OM_UI] = "ui",
		[ROLE_OM_OTHER] = "other"
	};

	return names[r];
}

void inventory_init(struct inventory *inv)
{
	*inv = (struct inventory){ 0 };
}

static void clear_sighting(struct sighting *s)
{
	for (size_t i = 0; i < s->n_uses; i++) {
		free(s->uses[i].service);
		free(s->uses[i].node);
		free(s->uses[i].node_name);
	}
	free(s->uses);
	free(s->id);
	free(s->name);
	free(s->endpoint);
	free(s->path);
	free(s->category);
	free(s->procedure);
	free(s->verdict_message);
}

static void clear_source(struct source_status *s)
{
	free(s->name);
	free(s->version);
	free(s->issues);
	free(s->host);
	cluster_free(s->cluster);
	anchors_free(s->anchors);
}

void inventory_clear(struct inventory *inv)
{
	for (size_t i = 0; i < inv->n_certs; i++)
		cert_free(inv->certs[i]);
	for (size_t i = 0; i < inv->n_sightings; i++)
		clear_sighting(&inv->sightings[i]);
	for (size_t i = 0; i < inv->n_sources; i++)
		clear_source(&inv->sources[i]);
	free(inv->certs);
	free(inv->sightings);
	free(inv->sources);
	free(inv->hash);
	inventory_init(inv);
}

size_t inventory_add_source(struct inventory *inv, const char *name, enum source_kind kind)
{
	struct source_status *s;

	inv->sources = mem_grow(inv->sources, &inv->cap_sources, inv->n_sources + 1,
	    sizeof *inv->sources);
	s = &inv->sources[inv->n_sources];
	*s = (struct source_status){ .name = mem_strdup(name), .kind = kind };
	return inv->n_sources++;
}

/* --- certificates by SHA-256 -------------------------------------------------- */

/* The slot that holds this certificate, or the empty one where it belongs.
 * A digest needs no further hashing. */
static size_t *find_slot(const struct inventory *inv, const uint8_t sha256[CERT_SHA256_BYTES])
{
	size_t mask = inv->hash_size - 1, at;

	memcpy(&at, sha256, sizeof at);
	for (at &= mask; inv->hash[at] != 0; at = (at + 1) & mask)
		if (memcmp(inv->certs[inv->hash[at] - 1]->sha256, sha256, CERT_SHA256_BYTES) == 0)
			break;
	return &inv->hash[at];
}

/* At most half full, so that a search ends soon. */
static void make_hash_room(struct inventory *inv)
{
	size_t size = inv->hash_size > 0 ? inv->hash_size : HASH_FIRST_SIZE;

	while (size / 2 <= inv->n_certs)
		size *= 2;
	if (size == inv->hash_size)
		return;
	free(inv->hash);
	inv->hash_size = size;
	inv->hash = mem_array(inv->hash_size, sizeof *inv->hash);
	for (size_t i = 0; i < inv->n_certs; i++)
		if (inv->certs[i]->form == CERT_PARSED)
			*find_slot(inv, inv->certs[i]->sha256) = i + 1;
}

static size_t append_cert(struct inventory *inv, struct cert *c)
{
	inv->certs = mem_grow(inv->certs, &inv->cap_certs, inv->n_certs + 1, sizeof *inv->certs);
	inv->certs[inv->n_certs] = c;
	return inv->n_certs++;
}

size_t inventory_add_cert(struct inventory *inv, struct cert *c)
{
	size_t *slot;

	if (c->form != CERT_PARSED)
		return append_cert(inv, c);
	make_hash_room(inv);
	slot = find_slot(inv, c->sha256);
	if (*slot == 0)
		*slot = append_cert(inv, c) + 1;
	else
		cert_free(c);
	return *slot - 1;
}

size_t inventory_find_cert(const struct inventory *inv, const uint8_t sha256[CERT_SHA256_BYTES])
{
	size_t slot = inv->hash_size > 0 ? *find_slot(inv, sha256) : 0;

	return slot > 0 ? slot - 1 : SIZE_MAX;
}

/* --- sightings ------------------------------------------------------------------ */

struct sighting *inventory_add_sighting(struct inventory *inv, size_t cert, size_t source,
    enum via via)
{
	struct sighting *s;

	inv->sightings = mem_grow(inv->sightings, &inv->cap_sightings, inv->n_sightings + 1,
	    sizeof *inv->sightings);
	s = &inv->sightings[inv->n_sightings++];
	*s = (struct sighting){
		.cert = cert, .source = source, .via = via,
		.has_private_key = -1, .active = -1
	};
	return s;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Does b stand behind a in the same object, listener or file? */
static bool is_next(const struct sighting *a, const struct sighting *b)
{
	return b->source == a->source && b->via == a->via && b->role == ROLE_CHAIN &&
	    b->position == a->position + 1 && same_text(a->id, b->id) &&
	    same_text(a->endpoint, b->endpoint) && same_text(a->path, b->path);
}

size_t inventory_chain(const struct inventory *inv, size_t sighting, const struct cert **out,
    size_t max)
{
	size_t n = 0;

	do {
		if (n < max)
			out[n] = inv->certs[inv->sightings[sighting + n].cert];
		n++;
	} while (sighting + n < inv->n_sightings &&
	    is_next(&inv->sightings[sighting + n - 1], &inv->sightings[sighting + n]));
	return n;
}

/* The use that is there already; NULL when it is new. */
static struct use *find_use(const struct sighting *s, const char *service, const char *node)
{
	for (size_t i = 0; i < s->n_uses && i < USES_COMPARED; i++)
		if (same_text(s->uses[i].service, service) && same_text(s->uses[i].node, node))
			return &s->uses[i];
	return NULL;
}

void sighting_add_use(struct sighting *s, const char *service, const char *node,
    const char *node_name)
{
	struct use *known = find_use(s, service, node);

	if (known != NULL) {
		if (known->node_name == NULL)
			known->node_name = mem_strdup(node_name);
		return;
	}
	s->uses = mem_grow(s->uses, &s->cap_uses, s->n_uses + 1, sizeof *s->uses);
	s->uses[s->n_uses++] = (struct use){
		.service = mem_strdup(service),
		.node = mem_strdup(node),
		.node_name = mem_strdup(node_name)
	};
}

/* --- what is to be said about a source ---------------------------------------------- */

void inventory_add_issue(struct inventory *inv, size_t source, enum issue_kind kind,
    const struct err *e)
{
	struct source_status *s = &inv->sources[source];

	s->issues = mem_grow(s->issues, &s->cap_issues, s->n_issues + 1, sizeof *s->issues);
	s->issues[s->n_issues++] = (struct issue){ .kind = kind, .err = *e };
}

bool inventory_source_failed(const struct inventory *inv, size_t source)
{
	const struct source_status *s = &inv->sources[source];

	for (size_t i = 0; i < s->n_issues; i++)
		if (s->issues[i].kind == ISSUE_FAILED)
			return true;
	return false;
}
