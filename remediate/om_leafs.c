/* om_leafs.c - under which CA the leaf certificates of an Ops Manager are. */
#include "remediate/om_leafs.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/om_stage.h"

#define SERVICES "/services/"
#define NAME_COLUMNS 80
#define ISSUER_MAX_BYTES 4096

/* Certificates may begin a little before they are made, so that clocks that
 * are slow accept them; no more than this is taken for that. */
#define BACKDATE_MOST_S 7200

bool om_leaf_is_regenerated(const struct sighting *s)
{
	return s->via == VIA_API && s->position == 0 && s->role == ROLE_OM_LEAF &&
	    (s->id == NULL || strncmp(s->id, SERVICES, strlen(SERVICES)) != 0);
}

/* How long before it was made this server's certificates begin. */
static int64_t backdate_of(const struct om_ca *ca)
{
	int64_t ahead = ca->created_at - ca->not_before_at;

	if (!ca->has_created_at || ca->created_is_day || ca->sha256[0] == '\0' ||
	    om_is_own_ca(ca) || ahead < 0 || ahead > BACKDATE_MOST_S)
		return 0;
	return ahead;
}

static int64_t begin_of(const struct om_ca *ca)
{
	int64_t earliest_at, latest_at;

	if (ca->sha256[0] != '\0')
		return ca->not_before_at;
	return om_made_at(ca, &earliest_at, &latest_at) ? latest_at : INT64_MAX;
}

/* A leaf that a tile made after the new CA, and before it was active, is still
 * the old one's: the CA becomes active only after an Apply. */
bool om_leaf_is_younger(const struct view *v, const struct om_ca *ca, const struct sighting *s)
{
	const struct cert *leaf = v->inv.certs[s->cert];
	const struct om_installation *applied;
	int64_t earliest_at, latest_at;

	if (!leaf->has_not_before || leaf->not_before_at <= begin_of(ca))
		return false;
	if (!om_made_at(ca, &earliest_at, &latest_at))
		return true;
	applied = om_applied_since(&v->om, earliest_at);
	return applied == NULL || !applied->has_finished_at ||
	    leaf->not_before_at + backdate_of(ca) >= applied->finished_at;
}

bool om_leafs_are_younger(const struct view *v, const struct om_ca *ca, int64_t *youngest_at)
{
	size_t n = 0;

	*youngest_at = INT64_MIN;
	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];
		int64_t made_at;

		if (!om_leaf_is_regenerated(s))
			continue;
		if (!om_leaf_is_younger(v, ca, s))
			return false;
		made_at = v->inv.certs[s->cert]->not_before_at + backdate_of(ca);
		*youngest_at = made_at > *youngest_at ? made_at : *youngest_at;
		n++;
	}
	return n > 0;
}

void om_leaf_add_name(struct buf *names, const struct sighting *s)
{
	if (names == NULL)
		return;
	if (names->len > 0)
		buf_adds(names, ", ");
	text_clean(names, s->id != NULL ? s->id : "a row without a name", SIZE_MAX, NAME_COLUMNS);
	if (s->name == NULL)
		return;
	buf_adds(names, " of ");
	text_clean(names, s->name, SIZE_MAX, NAME_COLUMNS);
}

/* --- those of a person -------------------------------------------------------------- */

static const struct cert *cert_of(const struct view *v, const struct om_ca *ca)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	for (size_t i = 0; ca->sha256[0] != '\0' && i < v->inv.n_certs; i++) {
		if (v->inv.certs[i]->form != CERT_PARSED)
			continue;
		cert_sha256_hex(v->inv.certs[i], sha256);
		if (strcmp(sha256, ca->sha256) == 0)
			return v->inv.certs[i];
	}
	return NULL;
}

/* "C=US, O=x" as Ops Manager writes it: "/C=US/O=x". */
static bool is_name(const char *told, const struct cert *ca)
{
	struct buf text, same;
	bool equal;

	buf_init(&text, ISSUER_MAX_BYTES);
	buf_init(&same, ISSUER_MAX_BYTES);
	cert_subject_text(ca, &text);
	buf_addc(&same, '/');
	for (const char *p = buf_str(&text); *p != '\0'; p++) {
		bool ends = p[0] == ',' && p[1] == ' ';

		buf_addc(&same, ends ? '/' : *p);
		p += ends;
	}
	equal = strcmp(buf_str(&same), told) == 0;
	buf_clear(&text);
	buf_clear(&same);
	return equal;
}

/* One whose issuer is not told may be the CA's. */
static bool may_be_signed_by(const struct view *v, const struct om_ca *ca, const struct cert *leaf)
{
	const struct cert *issuer = cert_of(v, ca);

	if (leaf->reported_issuer == NULL)
		return true;
	if (ca->issuer != NULL && ca->issuer[0] != '\0' &&
	    strstr(leaf->reported_issuer, ca->issuer) != NULL)
		return true;
	return issuer == NULL || is_name(leaf->reported_issuer, issuer);
}

size_t om_leafs_by_hand(const struct view *v, const struct om_ca *old, const struct om_ca *newer,
    struct buf *names)
{
	size_t n = 0;

	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];
		const struct cert *leaf = v->inv.certs[s->cert];

		if (s->via != VIA_API || s->role != ROLE_OM_CONFIGURABLE || leaf->is_ca ||
		    !may_be_signed_by(v, old, leaf))
			continue;
		if (newer != NULL && om_leaf_is_younger(v, newer, s))
			continue;
		om_leaf_add_name(names, s);
		n++;
	}
	return n;
}
