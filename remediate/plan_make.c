/* plan_make.c - which certificate, by which procedure: the table of
 * procedures, and the way from a report to the first plan that can be made. */
#include "remediate/plan.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/plan_nsx.h"
#include "remediate/plan_opsman.h"

static const struct plan_row rows[] = {
	{ "nsx-apply", false, true, VERSION(3, 1, 2), plan_nsx_apply },
	{ "nsx-batch-replace", false, true, VERSION(4, 2, 0), plan_nsx_batch },
	{ "nsx-host-certificate", true, false, VERSION(4, 1, 0), plan_nsx_host },
	{ "nsx-federation-thumbprint", true, false, VERSION(3, 0, 0), plan_nsx_federation },
};

const struct plan_row *plan_row_find(const char *procedure)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].procedure, procedure) == 0)
			return &rows[i];
	return NULL;
}

/* --- one procedure for one case ----------------------------------------------------- */

static enum plan_verdict make_one(const struct nsx_case *c, const struct plan_row *row,
    struct plan *out, struct err *e)
{
	enum plan_verdict said = PLAN_READY;

	if (c->version < row->from)
		said = plan_refuse(e, "%s needs NSX %d.%d.%d, and %s is %s", row->procedure,
		    row->from / 10000, row->from / 100 % 100, row->from % 100, c->m->target->name,
		    c->view->version != NULL ? c->view->version : "of a version that is not told");
	if (said == PLAN_READY && row->about_certificate)
		said = nsx_case_check(c, e);
	if (said == PLAN_READY)
		said = row->make(c, out, e);
	if (said == PLAN_READY)
		return said;
	if (c->at != NULL)
		err_prefix(e, "%s", c->at->name != NULL ? c->at->name : c->at->id);
	plan_clear(out);
	return said;
}

/* The row of the trust store that is in use, of all the places of an item. */
static size_t row_of(const struct view *v, const struct item *item)
{
	for (size_t i = 0; i < item->n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[item->sightings[i]];

		if (s->via == VIA_API && s->position == 0 && s->id != NULL && s->n_uses > 0)
			return item->sightings[i];
	}
	return SIZE_MAX;
}

/* --- what the report finds ---------------------------------------------------------- */

const char *plan_procedure_for(const struct item *item)
{
	return item->remedy.by == ACTOR_REMEDIATE ? item->remedy.procedure : NULL;
}

/* The same when it is allowed here.  What is replaced in a batch can be
 * applied one by one as well. */
static const struct plan_row *row_for(const struct mandate *m, const struct item *item)
{
	const char *procedure = plan_procedure_for(item);

	if (procedure == NULL)
		return NULL;
	if (!mandate_allows(m, procedure) && strcmp(procedure, "nsx-batch-replace") == 0)
		procedure = "nsx-apply";
	return mandate_allows(m, procedure) ? plan_row_find(procedure) : NULL;
}

bool plan_is_worth_it(const struct mandate *m, const struct item *item)
{
	return !item->ignored && item->state != STATE_OK && item->state >= m->act_on;
}

static enum plan_verdict make_for_report(struct nsx_case *c, struct plan *out, struct err *e)
{
	const struct report *r = &c->view->report;
	enum plan_verdict worst = PLAN_NOTHING;
	struct err why = { 0 };

	for (size_t i = 0; i < r->n_items; i++) {
		const struct item *item = &r->items[i];
		const struct plan_row *row = plan_is_worth_it(c->m, item) ? row_for(c->m, item) : NULL;
		size_t sighting = row != NULL ? row_of(c->view, item) : SIZE_MAX;

		if (sighting == SIZE_MAX)
			continue;
		nsx_case_set(c, sighting);
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

/* --- what a person asks for --------------------------------------------------------- */

/* The worst certificate that a procedure is the remedy for. */
static size_t worst_for(const struct view *v, const char *procedure)
{
	for (size_t i = 0; i < v->report.n_items; i++) {
		const struct item *item = &v->report.items[i];

		if (item->remedy.procedure != NULL &&
		    strcmp(item->remedy.procedure, procedure) == 0 && row_of(v, item) != SIZE_MAX)
			return row_of(v, item);
	}
	return SIZE_MAX;
}

/* The report's remedy of the object asked for, where no procedure was named. */
static const char *remedy_of(const struct nsx_case *c)
{
	return c->item != NULL ? plan_procedure_for(c->item) : NULL;
}

static enum plan_verdict choose_object(struct nsx_case *c, struct err *e)
{
	const struct plan_request *r = c->request;
	size_t sighting = r->object != NULL ? view_find_object(c->view, r->object)
	    : worst_for(c->view, r->procedure);

	if (sighting != SIZE_MAX) {
		nsx_case_set(c, sighting);
		return PLAN_READY;
	}
	if (r->object != NULL)
		return plan_refuse(e, "no certificate in the trust store of %s has the id %s",
		    c->m->target->name, r->object);
	return plan_nothing(e, "no certificate of %s needs %s: name one by its id",
	    c->m->target->name, r->procedure);
}

static enum plan_verdict make_for_request(struct nsx_case *c, struct plan *out, struct err *e)
{
	const struct plan_row *row = c->request->procedure != NULL
	    ? plan_row_find(c->request->procedure) : NULL;
	enum plan_verdict said = PLAN_READY;

	if (c->request->procedure != NULL && row == NULL)
		return plan_refuse(e, "%s is no procedure for %s, an NSX", c->request->procedure,
		    c->m->target->name);
	if (row == NULL || row->about_certificate)
		said = choose_object(c, e);
	if (said != PLAN_READY)
		return said;
	if (row == NULL && remedy_of(c) != NULL)
		row = plan_row_find(remedy_of(c));
	if (row == NULL)
		return plan_refuse(e, "the report knows no remedy for %s: name the procedure",
		    c->request->object);
	if (!mandate_allows(c->m, row->procedure))
		return plan_refuse(e, "%s is not among the procedures that are allowed on %s",
		    row->procedure, c->m->target->name);
	c->procedure = row->procedure;
	c->finding = "request";
	return make_one(c, row, out, e);
}

enum plan_verdict plan_make(const struct view *view, const struct mandate *m,
    const struct material *material, const struct plan_request *request, int64_t now_at,
    struct plan *out, struct err *e)
{
	struct nsx_case c = { .view = view, .m = m, .material = material, .request = request,
		.now_at = now_at, .version = version_number(view->version) };

	plan_init(out);
	err_clear(e);
	if (m->target->kind != SOURCE_NSX && m->target->kind != SOURCE_OPSMAN)
		return plan_nothing(e, "no procedure for %s targets",
		    source_kind_name(m->target->kind));
	if (!view->is_reachable)
		return plan_refuse(e, "%s could not be read: %s", m->target->name,
		    view->poll_err.code != ERR_NONE ? view->poll_err.text : "no answer");
	if (!view->is_complete)
		return plan_refuse(e, "%s was not read in full%s%s: what was not seen cannot be "
		    "planned for", m->target->name, view->poll_err.code != ERR_NONE ? ", " : "",
		    view->poll_err.text);
	if (m->target->kind == SOURCE_OPSMAN)
		return plan_opsman_make(view, m, material, request, now_at, out, e);
	if (request->procedure != NULL || request->object != NULL)
		return make_for_request(&c, out, e);
	return make_for_report(&c, out, e);
}
