/* plan_opsman_notes.c - what an Ops Manager's plan tells a person: how long it
 * takes, and what no call of it does. */
#include <string.h>
#include "lib/base/buf.h"
#include "lib/base/text.h"
#include "remediate/om_leafs.h"
#include "remediate/plan_opsman.h"

#define NAMES_MAX_BYTES 2000

/* What stays as it is, by role; NULL word: whatever use it is shown with. */
static const struct remainder {
	enum role role;
	const char *word, *what, *how;
} remainders[] = {
	{ ROLE_OM_SERVICES_CA, NULL, "the services TLS CA and its leafs stay",
	    "rotate them with Maestro, see " PAGE_ADVANCED },
	{ ROLE_OM_SAML, NULL, "Ops Manager's SAML certificate stays",
	    "switch SAML off and on again, see " PAGE_SAML },
	{ ROLE_OM_OTHER, "TILE", "what only its tile can renew stays",
	    "see the documentation of the product" },
	{ ROLE_OM_CONFIGURABLE, "CONFIGURABLE_CA", "CAs that an operator configured stay",
	    "whoever configured them renews them" },
};

static bool is_shown_as(const struct sighting *s, const struct remainder *r)
{
	return s->via == VIA_API && s->role == r->role && (r->word == NULL ||
	    (s->n_uses > 0 && strcmp(s->uses[0].service, r->word) == 0));
}

static void note_remainder(const struct view *v, const struct remainder *r, struct plan *out)
{
	struct buf names;

	buf_init(&names, NAMES_MAX_BYTES);
	for (size_t i = 0; i < v->inv.n_sightings; i++)
		if (is_shown_as(&v->inv.sightings[i], r))
			om_leaf_add_name(&names, &v->inv.sightings[i]);
	if (names.len > 0)
		plan_add_note(out, "%s (%s%s): %s", r->what, buf_str(&names),
		    names.overflow ? " and more" : "", r->how);
	buf_clear(&names);
}

static void note_by_hand(const struct om_case *c, const struct om_ca *old,
    const struct om_ca *newer, struct plan *out)
{
	struct buf names;
	size_t n;

	buf_init(&names, NAMES_MAX_BYTES);
	n = om_leafs_by_hand(c->view, old, newer, &names);
	if (n > 0)
		plan_add_note(out, "%zu configurable leaf%s may be signed by the old CA (%s%s): a "
		    "person makes %s anew in the form of the tile once the new CA is active%s", n,
		    n == 1 ? "" : "s", buf_str(&names), names.overflow ? " and more" : "",
		    n == 1 ? "it" : "them", c->m->leafs_handled
		    ? "; leafs_handled = yes says that this is done, and nothing waits for it"
		    : "; the run stops before the old CA is deleted, unless leafs_handled = yes");
	buf_clear(&names);
}

static void note_applies(const struct om_case *c, struct plan *out)
{
	char span[TEXT_SPAN_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < out->n_steps; i++)
		n += strcmp(out->steps[i].kind, "apply-changes") == 0;
	plan_add_note(out, "Apply Changes of all products runs %zu time%s, for hours each; a whole "
	    "rotation is expected to take up to %s here (rotation_needs)", n, n == 1 ? "" : "s",
	    text_from_span(c->m->rotation_needs_s, span));
	if (c->m->recreate_vms < 0)
		plan_add_note(out, "whether every VM has to be recreated is not said, so none is: "
		    "that is right only where every stemcell is new enough to reload its trust "
		    "store");
	if (c->m->errands == NULL || strcmp(c->m->errands, "all") != 0)
		plan_add_note(out, "VMs of service instances change only by the errand that upgrades "
		    "or recreates them all: see that it is among those that run, or recreate them "
		    "with bosh");
	if (c->m->apply_pending)
		plan_add_note(out, "apply_pending = yes: other people's pending changes are applied "
		    "along");
}

void om_plan_notes(const struct om_case *c, const struct om_ca *old, const struct om_ca *newer,
    struct plan *out)
{
	note_applies(c, out);
	if (old != NULL)
		note_by_hand(c, old, newer, out);
	for (size_t i = 0; i < sizeof remainders / sizeof remainders[0]; i++)
		note_remainder(c->view, &remainders[i], out);
	if (c->at.older != NULL)
		plan_add_note(out, "%s is taken for the CA that was replaced, since it was made "
		    "before the active one: if somebody has just uploaded it, say abandon",
		    c->at.older->guid);
	plan_add_note(out, "documentation of the vendor: %s, " PAGE_TROUBLE,
	    old != NULL ? PAGE_ROTATE : PAGE_LEAFS);
}
