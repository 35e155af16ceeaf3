/* steps_opsman_leafs.c - ca-regenerate and leafs-new: the non-configurable leafs
 * are made anew, and nothing is left of those from before.
 *
 * A row of the list has no certificate: it is new when its end is another one
 * than in the snapshot, or, without a snapshot, by its dates. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/om_leafs.h"
#include "remediate/steps_opsman.h"

#define NAMES_MAX_BYTES 300
#define MARK_NONE "-"

/* A row and its end, as a line. */
static char *mark_of(const struct view *v, const struct sighting *s)
{
	const struct cert *c = v->inv.certs[s->cert];
	char *end = c->has_not_after ? mem_printf("%lld", (long long)c->not_after_at)
	    : mem_strdup(MARK_NONE);
	char *mark = mem_printf("%s %s %s", end, s->id != NULL ? s->id : "",
	    s->name != NULL ? s->name : "");

	free(end);
	return mark;
}

SNAPSHOT(snapshot_leafs)
{
	struct json_writer w;

	(void)c;
	jsonw_init(&w, json);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "server_at", v->om.server_at);
	jsonw_open(&w, "leafs", '[');
	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		char *mark;

		if (!om_leaf_is_regenerated(&v->inv.sightings[i]))
			continue;
		mark = mark_of(v, &v->inv.sightings[i]);
		jsonw_str(&w, NULL, mark);
		free(mark);
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

/* --- which are left ----------------------------------------------------------------- */

struct marks { const char **v; size_t n; };

static int compare_marks(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted; borrowed from the snapshot. */
static struct marks marks_of(const struct json *snapshot)
{
	const struct json *list = json_get(snapshot, "leafs");
	struct marks m = { mem_array(json_count(list) + 1, sizeof *m.v), 0 };

	for (const struct json *n = json_first(list); n != NULL; n = json_next(n))
		if (json_str(n) != NULL)
			m.v[m.n++] = json_str(n);
	qsort(m.v, m.n, sizeof *m.v, compare_marks);
	return m;
}

static bool is_marked(const struct marks *m, const struct view *v, const struct sighting *s)
{
	char *mark = mark_of(v, s);
	const char *key = mark;
	bool found = bsearch(&key, m->v, m->n, sizeof *m->v, compare_marks) != NULL;

	free(mark);
	return found;
}

struct left { size_t n, n_left; struct buf names; };

/* snapshot NULL: by dates, against the CA (NULL: none is new). */
static void find_left(const struct view *v, const struct json *snapshot, const struct om_ca *ca,
    struct left *out)
{
	struct marks before = marks_of(snapshot);

	*out = (struct left){ 0, 0, { 0 } };
	buf_init(&out->names, NAMES_MAX_BYTES);
	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];
		bool is_new;

		if (!om_leaf_is_regenerated(s))
			continue;
		is_new = snapshot != NULL
		    ? v->inv.certs[s->cert]->has_not_after && !is_marked(&before, v, s)
		    : ca != NULL && om_leaf_is_younger(v, ca, s);
		out->n++;
		if (is_new)
			continue;
		out->n_left++;
		om_leaf_add_name(&out->names, s);
	}
	free(before.v);
}

/* --- ca-regenerate ------------------------------------------------------------------ */

static bool are_all_new(const struct step_context *c, const struct view *v,
    const struct om_ca *signer)
{
	bool tried = c->record != NULL && c->record->state != STEP_NONE;
	struct json *before = tried ? step_snapshot(c) : NULL;
	struct left left;
	bool all;

	find_left(v, before, om_rotates(c) ? signer : NULL, &left);
	all = left.n > 0 && left.n_left == 0;
	buf_clear(&left.names);
	json_free(before);
	return all;
}

OBSERVE(observe_regenerate)
{
	const char *id = om_signer(c);
	const struct om_ca *signer = id != NULL ? om_find_ca(&v->om, id) : NULL;

	if (!om_can_see(v, out))
		return;
	if (signer == NULL || signer->active != 1) {
		observe_say(out, SEEN_NEITHER, "%s is not the active CA: what is made now would be "
		    "signed by another", id != NULL ? id : "the new CA");
		return;
	}
	if (om_is_answered(c)) {
		observe_say(out, SEEN_GOAL, "the server has made them anew");
		return;
	}
	if (!observe_can_see(v, out))
		return;
	if (are_all_new(c, v, signer))
		observe_say(out, SEEN_GOAL, "every leaf is new");
	else if (om_is_quiet(v, out))
		observe_say(out, SEEN_READY, "they are those from before");
}

ACT(act_regenerate)
{
	struct om_said said = { NULL, 0 };

	(void)c;
	(void)v;
	(void)global;
	(void)goods;
	(void)bound;
	return om_tell(opsman_write_regenerate(api, &said, e), &said, "the regeneration", e);
}

/* --- leafs-new ---------------------------------------------------------------------- */

/* What a person has to make anew before the old CA may go. */
static bool is_left_to_person(const struct step_context *c, const struct view *v,
    const struct om_ca *newer, struct observation *o)
{
	const struct om_ca *old = om_find_ca(&v->om, c->plan->object);
	struct buf names;
	size_t n = 0;

	buf_init(&names, NAMES_MAX_BYTES);
	if (om_rotates(c) && !c->mandate->leafs_handled && old != NULL)
		n = om_leafs_by_hand(v, old, newer, &names);
	if (n > 0)
		observe_say(o, SEEN_NEITHER, "%zu configurable leaf%s may be signed by the old CA, "
		    "which is not deleted: %s%s; make %s anew in the form of the tile, apply, set "
		    "leafs_handled = yes, and say retry", n, n == 1 ? "" : "s", buf_str(&names),
		    names.overflow ? " ..." : "", n == 1 ? "it" : "them");
	buf_clear(&names);
	return n > 0;
}

OBSERVE(observe_leafs_new)
{
	const char *id = om_signer(c);
	const struct om_ca *signer = id != NULL ? om_find_ca(&v->om, id) : NULL;
	struct json *before;
	struct left left;

	if (!om_can_see(v, out) || !observe_can_see(v, out))
		return;
	before = om_snapshot_of(c, "ca-regenerate");
	find_left(v, before, om_rotates(c) ? signer : NULL, &left);
	if (left.n == 0)
		observe_say(out, SEEN_NEITHER, "no non-configurable leaf is in the list: whether "
		    "they are new cannot be told");
	else if (left.n_left > 0)
		observe_say(out, SEEN_BUSY, "%zu of %zu leafs are those from before, as far as can "
		    "be told: %s%s", left.n_left, left.n, buf_str(&left.names),
		    left.names.overflow ? " ..." : "");
	else if (!is_left_to_person(c, v, signer, out))
		observe_say(out, SEEN_GOAL, "all %zu leafs are new", left.n);
	buf_clear(&left.names);
	json_free(before);
}
