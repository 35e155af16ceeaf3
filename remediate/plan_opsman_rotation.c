/* plan_opsman_rotation.c - opsman-ca-rotation: a new root CA in place of the old
 * one, whole or from wherever somebody left it.
 *
 * Three units, each begun inside a window and finished once begun: make and
 * apply; activate, regenerate and apply; delete and apply. */
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/plan_nsx.h"
#include "remediate/plan_opsman.h"

enum { UNIT_MAKE = 1, UNIT_CHANGE = 2, UNIT_DELETE = 3 };
#define UNITS 3

/* How many of the three units lie between a stage and the first moment at which
 * the end of the old CA does no harm any more. */
static const int64_t units_left[] = {
	[OM_IDLE] = 3, [OM_GENERATED] = 3, [OM_DISTRIBUTED] = 2, [OM_ACTIVATED] = 2,
	[OM_REGENERATED] = 2, [OM_LIVE] = 0, [OM_UNCLEAR] = 3,
};

/* --- may it be done? ---------------------------------------------------------------- */

static enum plan_verdict check_time(const struct om_case *c, const struct om_ca *old,
    struct err *e)
{
	int64_t needs_s = c->m->rotation_needs_s * units_left[c->at.stage] / UNITS;
	int64_t end_at = om_ca_end(c->view, old);
	char when[TEXT_TIME_BYTES], span[TEXT_SPAN_BYTES];

	if (units_left[c->at.stage] == 0)
		return PLAN_READY;
	if (end_at <= c->server_at)
		return plan_refuse(e, "the CA %s has expired on %s, and the rotation by API does "
		    "not work any more: only support can do a hard rotation, with down-time, see "
		    PAGE_EXPIRED, old->guid, text_from_time(end_at, when));
	if (end_at - c->server_at < needs_s)
		return plan_refuse(e, "the CA %s ends on %s, and what is left of the rotation needs "
		    "up to %s (rotation_needs): a person decides with support whether to begin, "
		    "see " PAGE_EXPIRED, old->guid, text_from_time(end_at, when),
		    text_from_span(needs_s, span));
	return PLAN_READY;
}

static enum plan_verdict check_file(const struct om_case *c, const struct om_ca *old,
    struct err *e)
{
	const struct material *mt = c->material;
	char sha256[2 * CERT_SHA256_BYTES + 1];
	const struct cert *ca;

	if (mt->err.code != ERR_NONE)
		return plan_refuse(e, "replacement: %s", mt->err.text);
	if (mt->n_chain != 1 || mt->chain[0]->form != CERT_PARSED)
		return plan_refuse(e, "replacement: the file must hold the CA certificate alone");
	ca = mt->chain[0];
	if (!ca->is_ca)
		return plan_refuse(e, "replacement: the certificate of the file is no CA");
	if (ca->key_kind != CERT_KEY_RSA)
		return plan_refuse(e, "replacement: Ops Manager takes a CA with an RSA key only");
	if (ca->not_before_at > c->server_at || ca->not_after_at <= old->not_after_at ||
	    ca->not_after_at - c->server_at < c->m->rotation_needs_s)
		return plan_refuse(e, "replacement: the CA of the file is not valid yet, or does "
		    "not outlive the current one");
	cert_sha256_hex(ca, sha256);
	for (size_t i = 0; i < c->view->om.n_cas; i++)
		if (strcmp(c->view->om.cas[i].sha256, sha256) == 0)
			return plan_refuse(e, "replacement: the CA of the file is in the list "
			    "already, as %s: put its successor there", c->view->om.cas[i].guid);
	return PLAN_READY;
}

/* With an own CA the dates of the list do not tell which is the new one; the
 * run that uploaded it knows, and any other would guess. */
static enum plan_verdict check_source(const struct om_case *c, const struct om_ca *old,
    struct err *e)
{
	if (c->m->replacement == REPLACEMENT_NONE)
		return PLAN_READY;
	if (c->m->replacement != REPLACEMENT_PEM)
		return plan_refuse(e, "replacement: an Ops Manager makes its CA itself when nothing "
		    "is configured, or takes one of pem:, and nothing else");
	if (c->at.stage != OM_IDLE)
		return plan_refuse(e, "a rotation is under way (%s), and with a CA of one's own only "
		    "the run that uploaded it can tell which one is new: see " PAGE_ROTATE,
		    om_stage_name(c->at.stage));
	return check_file(c, old, e);
}

/* --- steps -------------------------------------------------------------------------- */

static void add_make(const struct om_case *c, struct plan *out)
{
	bool own = c->m->replacement == REPLACEMENT_PEM;
	struct plan_step *s = om_plan_step(out, own ? "ca-create" : "ca-generate", UNIT_MAKE,
	    om_verify_s(c->m), own ? "the CA of the configured file comes to the list, inactive"
	    : "Ops Manager makes a new CA, inactive");

	s->call = mem_strdup(own ? "POST " OM_CAS : "POST " OM_CAS "/generate");
}

static void add_activate(const struct om_case *c, struct plan *out)
{
	struct plan_step *s = om_plan_step(out, "ca-activate", UNIT_CHANGE, om_verify_s(c->m),
	    "every VM trusts it by now, so that it may sign");

	s->new_id = mem_strdup(out->new_id);
	s->call = mem_printf("POST " OM_CAS "/%s/activate",
	    out->new_id != NULL ? out->new_id : NEW_ID_UNKNOWN);
}

static void add_delete(const struct om_case *c, struct plan *out)
{
	struct plan_step *s = om_plan_step(out, "ca-delete", UNIT_DELETE, om_verify_s(c->m),
	    "nothing that it has signed is in use any more");

	s->old_id = mem_strdup(out->object);
	s->call = mem_printf("DELETE " OM_CAS "/%s", out->object);
}

static void add_steps(const struct om_case *c, struct plan *out)
{
	enum om_stage at = c->at.stage;

	if (at == OM_IDLE)
		add_make(c, out);
	if (at <= OM_GENERATED)
		om_plan_apply(c, UNIT_MAKE, "the new CA reaches the trust store of every VM", out);
	if (at <= OM_DISTRIBUTED)
		add_activate(c, out);
	if (at <= OM_ACTIVATED)
		om_plan_regenerate(c, UNIT_CHANGE, out);
	if (at <= OM_REGENERATED)
		om_plan_apply(c, UNIT_CHANGE, "the new leafs reach every VM", out);
	om_plan_leafs_new(c, at == OM_LIVE ? UNIT_DELETE : UNIT_CHANGE, out);
	add_delete(c, out);
	om_plan_apply(c, UNIT_DELETE, "the old CA leaves the trust store of every VM", out);
	om_plan_step(out, "ca-single", UNIT_DELETE, om_verify_s(c->m),
	    "the new CA is active and alone")->call = mem_strdup("GET " OM_CAS);
}

static void set_new(const struct om_case *c, const struct om_ca *newer, struct plan *out)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	if (newer != NULL) {
		out->new_id = mem_strdup(newer->guid);
		out->new_sha256 = newer->sha256[0] != '\0' ? mem_strdup(newer->sha256) : NULL;
	} else if (c->m->replacement == REPLACEMENT_PEM) {
		cert_sha256_hex(c->material->chain[0], sha256);
		out->new_sha256 = mem_strdup(sha256);
	}
}

enum plan_verdict plan_opsman_rotation(const struct om_case *c, struct plan *out, struct err *e)
{
	bool is_changed = c->at.older != NULL;
	const struct om_ca *old = is_changed ? c->at.older : c->at.active;
	const struct om_ca *newer = is_changed ? c->at.active : c->at.newer;
	enum plan_verdict said;

	if (c->request->object != NULL && strcmp(c->request->object, old->guid) != 0)
		return plan_refuse(e, "a rotation would replace the CA %s, and not %s", old->guid,
		    c->request->object);
	said = check_source(c, old, e);
	if (said == PLAN_READY)
		said = check_time(c, old, e);
	if (said != PLAN_READY)
		return said;
	om_plan_begin(c, old, out);
	set_new(c, newer, out);
	add_steps(c, out);
	out->summary = mem_printf("%s the rotation of the %s of %s", c->at.stage == OM_IDLE ? "do"
	    : "finish", out->object_name, out->target);
	om_plan_notes(c, old, newer, out);
	return PLAN_READY;
}
