/* plan_nsx_choose.c - which certificate of the trust store is the successor of
 * another one.
 *
 * It is chosen only where nobody could mean another: everything else has to
 * be named as existing:ID. */
#include "remediate/plan_nsx.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"

#define LISTED_MAX 3           /* candidates named in a refusal */
#define LIST_BYTES 300

/* --- names -------------------------------------------------------------------------- */

struct names { char **v; size_t n, cap; };

static void add_name(void *ctx, const char *name)
{
	struct names *list = ctx;

	list->v = mem_grow(list->v, &list->cap, list->n + 1, sizeof *list->v);
	list->v[list->n++] = mem_strdup(name);
}

static int compare_names(const void *a, const void *b)
{
	return strcasecmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, each once; the common name where there is nothing else. */
static void list_names(const struct cert *c, struct names *list)
{
	struct buf cn;
	size_t kept = 0;

	*list = (struct names){ 0 };
	cert_each_name(c, add_name, list);
	if (list->n == 0) {
		buf_init(&cn, CERT_DER_MAX_BYTES);
		cert_common_name(c, &cn);
		add_name(list, buf_str(&cn));
		buf_clear(&cn);
	}
	qsort(list->v, list->n, sizeof *list->v, compare_names);
	for (size_t i = 0; i < list->n; i++) {
		if (kept > 0 && strcasecmp(list->v[kept - 1], list->v[i]) == 0)
			free(list->v[i]);
		else
			list->v[kept++] = list->v[i];
	}
	list->n = kept;
}

static void free_names(struct names *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
}

static bool have_same_names(const struct cert *a, const struct cert *b)
{
	struct names of_a, of_b;
	bool same;

	list_names(a, &of_a);
	list_names(b, &of_b);
	same = of_a.n == of_b.n;
	for (size_t i = 0; same && i < of_a.n; i++)
		same = strcasecmp(of_a.v[i], of_b.v[i]) == 0;
	free_names(&of_a);
	free_names(&of_b);
	return same;
}

static bool have_same_issuer(const struct cert *a, const struct cert *b)
{
	return a->issuer_der.n == b->issuer_der.n && a->self_issued == b->self_issued &&
	    memcmp(a->issuer_der.p, b->issuer_der.p, a->issuer_der.n) == 0;
}

/* --- one row against the old one ---------------------------------------------------- */

/* Something that a person could have in mind: a leaf of the trust store, with
 * or without its key told, that nothing uses. */
static bool is_spare(const struct nsx_case *c, const struct sighting *s)
{
	const struct cert *cert = c->view->inv.certs[s->cert];

	return s->via == VIA_API && s->position == 0 && s->role == ROLE_NSX_PLATFORM &&
	    s->id != NULL && strcmp(s->id, c->at->id) != 0 && s->n_uses == 0 && !s->by_policy &&
	    !s->by_principal && s->has_private_key != 0 && cert->form == CERT_PARSED &&
	    !cert->is_ca && s->cert != c->at->cert && !nsx_is_presented(c->view, s->cert);
}

/* Why a spare certificate is not clearly the successor; NULL: it is. */
static const char *why_not(const struct nsx_case *c, const struct sighting *s)
{
	const struct cert *cert = c->view->inv.certs[s->cert];

	if (s->has_private_key != 1)
		return "whether its private key is there is not told";
	if (c->now_at < cert->not_before_at || c->now_at > cert->not_after_at)
		return "not valid now";
	if (!have_same_names(cert, c->old))
		return "other names";
	if (cert->self_issued && !c->old->self_issued)
		return "self-signed, and the current one is not";
	if (!have_same_issuer(cert, c->old))
		return "another issuer";
	if (cert->not_before_at <= c->old->not_before_at)
		return "no younger";
	return NULL;
}

/* --- the choice --------------------------------------------------------------------- */

static enum plan_verdict choose_named(const struct nsx_case *c, size_t *sighting, struct err *e)
{
	const char *id = c->m->replacement_id;

	*sighting = view_find_object(c->view, id);
	if (*sighting == SIZE_MAX)
		return plan_refuse(e, "replacement = existing:%s, and there is no such certificate "
		    "in the trust store", id);
	if (c->view->inv.sightings[*sighting].cert == c->at->cert)
		return plan_refuse(e, "replacement = existing:%s is the certificate that shall be "
		    "replaced: name its successor", id);
	return PLAN_READY;
}

/* The successors, or the spare ones with the reason. */
static void list_spares(const struct nsx_case *c, bool successors, struct buf *list)
{
	size_t n = 0;

	for (size_t i = 0; i < c->view->inv.n_sightings; i++) {
		const struct sighting *s = &c->view->inv.sightings[i];
		const char *why = is_spare(c, s) ? why_not(c, s) : "";

		if ((why == NULL) != successors || (why != NULL && *why == '\0'))
			continue;
		if (n++ == LISTED_MAX)
			buf_adds(list, ", ...");
		if (n > LISTED_MAX)
			return;
		buf_addf(list, "%s%.60s", n > 1 ? ", " : "", s->id);
		if (why != NULL)
			buf_addf(list, " (%s)", why);
	}
}

enum plan_verdict nsx_choose_existing(const struct nsx_case *c, size_t *sighting, struct err *e)
{
	struct buf list;
	size_t n = 0;

	if (c->m->replacement_id != NULL)
		return choose_named(c, sighting, e);
	for (size_t i = 0; i < c->view->inv.n_sightings; i++) {
		const struct sighting *s = &c->view->inv.sightings[i];

		if (!is_spare(c, s) || why_not(c, s) != NULL)
			continue;
		*sighting = i;
		n++;
	}
	if (n == 1)
		return PLAN_READY;
	buf_init(&list, LIST_BYTES);
	list_spares(c, n > 1, &list);
	if (n > 1)
		plan_refuse(e, "more than one certificate could be the successor: %s; name one "
		    "with replacement = existing:ID", buf_str(&list));
	else if (list.len > 0)
		plan_refuse(e, "no certificate of the trust store is clearly the successor, not "
		    "even %s; import one, or name it with replacement = existing:ID",
		    buf_str(&list));
	else
		plan_refuse(e, "no unused certificate with its private key is in the trust store: "
		    "import the successor, or name one with replacement = existing:ID");
	buf_clear(&list);
	return PLAN_REFUSED;
}
