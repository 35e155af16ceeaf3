/* nsx_facts.c - what an NSX poll has learnt so far: its memory, and its index
 * of ids. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/nsx_internal.h"

#define FIRST_SLOTS 64   /* a power of two */

/* --- ids ----------------------------------------------------------------------- */

/* FNV-1a */
static uint64_t hash_of(const char *key)
{
	uint64_t h = 14695981039346656037u;

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 1099511628211u;
	return h ^ h >> 32;
}

/* The slot of a key, or the empty one where it belongs; there is always one. */
static struct nsx_id *slot_of(const struct nsx_ids *ids, const char *key, uint64_t hash)
{
	size_t at = (size_t)hash & (ids->n_slots - 1);

	for (;; at = (at + 1) & (ids->n_slots - 1)) {
		struct nsx_id *slot = &ids->slots[at];

		if (slot->key == NULL || (slot->hash == hash && strcmp(slot->key, key) == 0))
			return slot;
	}
}

static void grow(struct nsx_ids *ids)
{
	struct nsx_ids bigger = { .n = ids->n };

	bigger.n_slots = ids->n_slots > 0 ? 2 * ids->n_slots : FIRST_SLOTS;
	bigger.slots = mem_array(bigger.n_slots, sizeof *bigger.slots);
	for (size_t i = 0; i < ids->n_slots; i++) {
		const struct nsx_id *old = &ids->slots[i];

		if (old->key != NULL)
			*slot_of(&bigger, old->key, old->hash) = *old;
	}
	free(ids->slots);
	*ids = bigger;
}

void nsx_ids_add(struct nsx_ids *ids, const char *key, size_t value)
{
	uint64_t hash = hash_of(key);
	struct nsx_id *slot;

	if (2 * (ids->n + 1) > ids->n_slots)
		grow(ids);
	slot = slot_of(ids, key, hash);
	if (slot->key != NULL)
		return;
	*slot = (struct nsx_id){ key, hash, value };
	ids->n++;
}

size_t nsx_ids_find(const struct nsx_ids *ids, const char *key)
{
	const struct nsx_id *slot;

	if (key == NULL || ids->n == 0)
		return SIZE_MAX;
	slot = slot_of(ids, key, hash_of(key));
	return slot->key != NULL ? slot->value : SIZE_MAX;
}

void nsx_ids_clear(struct nsx_ids *ids)
{
	free(ids->slots);
	*ids = (struct nsx_ids){ NULL, 0, 0 };
}

/* --- memory ---------------------------------------------------------------------- */

void nsx_facts_init(struct nsx_facts *f, const struct source_context *c)
{
	struct source_status *status = &c->inv->sources[c->index];

	if (status->cluster == NULL)
		status->cluster = cluster_new();
	*f = (struct nsx_facts){ .c = c, .cluster = status->cluster };
}

static void clear_policies(struct nsx_facts *f)
{
	for (size_t i = 0; i < f->n_policies; i++) {
		free(f->policies[i].id);
		free(f->policies[i].name);
		free(f->policies[i].category);
	}
	free(f->policies);
	nsx_ids_clear(&f->policy_ids);
}

static void clear_principals(struct nsx_facts *f)
{
	for (size_t i = 0; i < f->n_principals; i++) {
		free(f->principals[i].name);
		free(f->principals[i].node_id);
		free(f->principals[i].certificate_id);
	}
	free(f->principals);
}

void nsx_facts_clear(struct nsx_facts *f)
{
	nsx_ids_clear(&f->node_ids);
	nsx_ids_clear(&f->profile_ids);
	nsx_ids_clear(&f->leaf_ids);
	clear_policies(f);
	clear_principals(f);
	*f = (struct nsx_facts){ .c = f->c, .cluster = f->cluster };
}
