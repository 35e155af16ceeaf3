/* plan_opsman.c - plans for an Ops Manager: which procedure, and what every plan
 * has in common. */
#include "remediate/plan_opsman.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/plan_nsx.h"

#define APPLY_LEAST_S 3600
#define APPLIES 3
#define LEAFS_VERIFY_S 900
#define CA_NAME "root CA %s%s%s%s"

static const struct om_row {
	const char *procedure;
	enum plan_verdict (*make)(const struct om_case *c, struct plan *out, struct err *e);
} rows[] = {
	{ "opsman-ca-rotation", plan_opsman_rotation },
	{ "opsman-regenerate", plan_opsman_regenerate },
};

static const struct om_row *row_find(const char *procedure)
{
	for (size_t i = 0; procedure != NULL && i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].procedure, procedure) == 0)
			return &rows[i];
	return NULL;
}

/* --- parts of a plan ---------------------------------------------------------------- */

int64_t om_ca_end(const struct view *v, const struct om_ca *ca)
{
	int64_t end_at = ca->has_not_after ? ca->not_after_at : INT64_MAX;

	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];
		const struct cert *cert = v->inv.certs[s->cert];

		if (s->via == VIA_API && s->id != NULL && strcmp(s->id, ca->guid) == 0 &&
		    (s->role == ROLE_OM_ROOT_CA || s->role == ROLE_OM_NATS_CA) &&
		    cert->has_not_after && cert->not_after_at < end_at)
			end_at = cert->not_after_at;
	}
	return end_at;
}

void om_plan_begin(const struct om_case *c, const struct om_ca *old, struct plan *out)
{
	bool named = old->issuer != NULL && old->issuer[0] != '\0';

	out->target = mem_strdup(c->m->target->name);
	out->procedure = mem_strdup(c->procedure);
	out->finding = mem_strdup(c->finding);
	out->object = mem_strdup(old->guid);
	out->object_name = mem_printf(CA_NAME, old->guid, named ? " (" : "",
	    named ? old->issuer : "", named ? ")" : "");
	out->old_sha256 = old->sha256[0] != '\0' ? mem_strdup(old->sha256) : NULL;
	out->version = mem_strdup(c->view->version);
}

struct plan_step *om_plan_step(struct plan *out, const char *kind, int64_t unit, int64_t verify_s,
    const char *why)
{
	struct plan_step *s = plan_add_step(out, kind);

	s->unit = unit;
	s->verify_s = verify_s;
	s->why = mem_strdup(why);
	return s;
}

int64_t om_verify_s(const struct mandate *m)
{
	int64_t part_s = m->rotation_needs_s / APPLIES;

	return part_s > APPLY_LEAST_S ? part_s : APPLY_LEAST_S;
}

void om_plan_apply(const struct om_case *c, int64_t unit, const char *why, struct plan *out)
{
	const char *errands = c->m->errands;
	struct plan_step *s = om_plan_step(out, "apply-changes", unit, om_verify_s(c->m), why);

	s->call = mem_printf("%sPOST " OM_INSTALLATIONS " (all products, %s)",
	    c->m->recreate_vms == 1 ? "PUT " OM_DIRECTOR " (recreate every VM), then " : "",
	    errands == NULL ? "errands as each product has them"
	    : strcmp(errands, "all") == 0 ? "every errand" : "no errands");
}

void om_plan_regenerate(const struct om_case *c, int64_t unit, struct plan *out)
{
	om_plan_step(out, "ca-regenerate", unit, om_verify_s(c->m),
	    "every non-configurable leaf is made anew under the active CA")->call =
	    mem_strdup("POST " OM_CAS "/active/regenerate");
}

void om_plan_leafs_new(const struct om_case *c, int64_t unit, struct plan *out)
{
	(void)c;
	om_plan_step(out, "leafs-new", unit, LEAFS_VERIFY_S,
	    "none of them may be left from before")->call =
	    mem_strdup("GET /api/v0/deployed/certificates");
}

/* --- one procedure ------------------------------------------------------------------ */

static enum plan_verdict check_target(const struct om_case *c, struct err *e)
{
	const struct om_ops *o = &c->view->om;
	const char *name = c->m->target->name;

	if (o->err.code != ERR_NONE)
		return plan_refuse(e, "what %s is doing could not be read: %s", name, o->err.text);
	if (c->view->version == NULL)
		return plan_refuse(e, "%s does not tell its version", name);
	if (o->has_tkgi)
		return plan_refuse(e, "TKGI is installed on %s, whose own certificates this "
		    "procedure does not rotate, and whose presence switches off the safety checks: "
		    "see " PAGE_ROTATE " for foundations with TKGI", name);
	if (c->m->mode == MODE_AUTO && c->m->recreate_vms < 0)
		return plan_refuse(e, "whether Apply Changes has to recreate every VM is not said: "
		    "set recreate_vms, see " PAGE_ROTATE " for the stemcells that need it");
	if (c->at.stage == OM_UNCLEAR)
		return plan_refuse(e, "%s; see " PAGE_TROUBLE, c->at.why);
	return PLAN_READY;
}

static enum plan_verdict make_one(const struct om_case *c, const struct om_row *row,
    struct plan *out, struct err *e)
{
	enum plan_verdict said = check_target(c, e);

	if (said == PLAN_READY)
		said = row->make(c, out, e);
	if (said != PLAN_READY)
		plan_clear(out);
	return said;
}

static enum plan_verdict make_for_report(struct om_case *c, struct plan *out, struct err *e)
{
	const struct report *r = &c->view->report;
	enum plan_verdict worst = PLAN_NOTHING;
	struct err why = { 0 };

	for (size_t i = 0; i < r->n_items; i++) {
		const struct item *item = &r->items[i];
		const struct om_row *row = plan_is_worth_it(c->m, item)
		    ? row_find(plan_procedure_for(item)) : NULL;

		if (row == NULL || !mandate_allows(c->m, row->procedure))
			continue;
		c->procedure = row->procedure;
		c->finding = item->findings.n > 0 ? item->findings.v[0].id : "unknown";
		if (make_one(c, row, out, &why) == PLAN_READY)
			return PLAN_READY;
		if (worst == PLAN_NOTHING)
			*e = why;
		worst = PLAN_REFUSED;
	}
	if (worst == PLAN_NOTHING)
		plan_nothing(e, "nothing is found on %s that an allowed procedure would mend",
		    c->m->target->name);
	return worst;
}

static bool is_seen_as(const struct view *v, const struct item *item, const char *id)
{
	for (size_t i = 0; i < item->n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[item->sightings[i]];

		if (s->via == VIA_API && s->id != NULL && strcmp(s->id, id) == 0)
			return true;
	}
	return false;
}

/* What the report has as the remedy of the object asked for. */
static const char *remedy_of(const struct om_case *c)
{
	for (size_t i = 0; i < c->view->report.n_items; i++) {
		const struct item *item = &c->view->report.items[i];

		if (is_seen_as(c->view, item, c->request->object))
			return plan_procedure_for(item);
	}
	return NULL;
}

static enum plan_verdict make_for_request(struct om_case *c, struct plan *out, struct err *e)
{
	const char *procedure = c->request->procedure != NULL ? c->request->procedure
	    : remedy_of(c);
	const struct om_row *row = row_find(procedure);

	if (procedure == NULL)
		return plan_refuse(e, "the report knows no remedy for %s: name the procedure",
		    c->request->object);
	if (row == NULL)
		return plan_refuse(e, "%s is no procedure for %s, an Ops Manager", procedure,
		    c->m->target->name);
	if (!mandate_allows(c->m, procedure))
		return plan_refuse(e, "%s is not among the procedures that are allowed on %s",
		    procedure, c->m->target->name);
	c->procedure = row->procedure;
	c->finding = "request";
	return make_one(c, row, out, e);
}

enum plan_verdict plan_opsman_make(const struct view *view, const struct mandate *m,
    const struct material *material, const struct plan_request *request, int64_t now_at,
    struct plan *out, struct err *e)
{
	struct om_case c = { .view = view, .m = m, .material = material, .request = request,
		.now_at = now_at,
		.server_at = view->om.server_at != 0 ? view->om.server_at : now_at };

	om_position_of(view, &c.at);
	if (request->procedure != NULL || request->object != NULL)
		return make_for_request(&c, out, e);
	return make_for_report(&c, out, e);
}
