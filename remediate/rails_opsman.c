/* rails_opsman.c - the technical rails of Ops Manager: is it in a condition to be
 * changed, and would the change end well?
 *
 * They are asked before each act: while an own installation runs nothing is
 * acted, so that a running one is always somebody else's here. */
#include <string.h>
#include "lib/base/text.h"
#include "remediate/om_stage.h"
#include "remediate/plan_opsman.h"
#include "remediate/rails_rows.h"

#define PENDING_NAMES_BYTES 300

static bool is_opsman(const struct rail_input *in)
{
	return in->mandate->target->kind == SOURCE_OPSMAN;
}

/* What cannot be read is said by one-change alone. */
static bool is_read(const struct rail_input *in)
{
	return is_opsman(in) && in->view->om.err.code == ERR_NONE;
}

/* --- one-change --------------------------------------------------------------------- */

static bool is_pending(const struct rail_input *in, struct rail_says *says)
{
	const struct om_ops *o = &in->view->om;
	struct buf names;

	if (in->mandate->apply_pending || (o->has_pending && o->n_pending == 0))
		return false;
	if (!o->has_pending) {
		rail_no(says, RAIL_REFUSE, "the target does not tell which changes are pending, and "
		    "Apply Changes would apply them along: see yourself, and set apply_pending = "
		    "yes");
		return true;
	}
	buf_init(&names, PENDING_NAMES_BYTES);
	for (size_t i = 0; i < o->n_pending; i++)
		buf_addf(&names, "%s%.40s of %.60s", i > 0 ? ", " : "",
		    o->pending[i].action != NULL ? o->pending[i].action : "a change",
		    o->pending[i].guid != NULL ? o->pending[i].guid : "a product");
	rail_no(says, RAIL_REFUSE, "somebody's changes are pending and would be applied along: %s%s; "
	    "apply or revert them, or set apply_pending = yes", buf_str(&names),
	    names.overflow ? " ..." : "");
	buf_clear(&names);
	return true;
}

/* A begun run comes here after a failure too, by a person's word. */
static bool has_failed(const struct rail_input *in, struct rail_says *says)
{
	const struct om_ops *o = &in->view->om;

	if (in->is_begun)
		return false;
	if (o->n_installations == 0)
		rail_no(says, RAIL_REFUSE, "no installation is told: whether everything is applied "
		    "is not known");
	else if (o->installations[0].status != OM_SUCCEEDED)
		rail_no(says, RAIL_REFUSE, "the last installation, %lld, %.60s: apply all changes "
		    "with success first", (long long)o->installations[0].id,
		    o->installations[0].status_text != NULL ? o->installations[0].status_text
		    : "has not succeeded");
	else
		return false;
	return true;
}

enum rail_verdict rail_om_one_change(const struct rail_input *in, struct rail_says *says)
{
	const struct om_installation *running = om_running(&in->view->om);

	if (!is_opsman(in))
		return RAIL_PASS;
	if (!is_read(in))
		return rail_no(says, RAIL_REFUSE, "what the target is doing could not be read: %s",
		    in->view->om.err.text);
	if (running != NULL)
		return rail_no(says, RAIL_REFUSE, "installation %lld of %.60s is running",
		    (long long)running->id, running->user != NULL ? running->user : "somebody");
	return has_failed(in, says) || is_pending(in, says) ? RAIL_REFUSE : RAIL_PASS;
}

/* --- the rotation ------------------------------------------------------------------- */

enum rail_verdict rail_om_recreate(const struct rail_input *in, struct rail_says *says)
{
	if (!is_opsman(in) || in->mandate->mode != MODE_AUTO || in->mandate->recreate_vms >= 0)
		return RAIL_PASS;
	return rail_no(says, RAIL_REFUSE, "mode auto, and recreate_vms does not say whether Apply "
	    "Changes has to recreate every VM: see " PAGE_ROTATE);
}

static bool rotates(const struct rail_input *in)
{
	return strcmp(in->plan->procedure, "opsman-ca-rotation") == 0;
}

/* Once the new CA is active, the end of the old one is that of its leafs: to go
 * on is the way out. */
static const struct om_ca *active_of(const struct rail_input *in)
{
	const struct om_ops *o = &in->view->om;

	for (size_t i = 0; i < o->n_cas; i++)
		if (o->cas[i].active == 1)
			return &o->cas[i];
	return NULL;
}

enum rail_verdict rail_om_time(const struct rail_input *in, struct rail_says *says)
{
	const struct om_ca *active = is_read(in) ? active_of(in) : NULL;
	int64_t now_at = in->view->om.server_at != 0 ? in->view->om.server_at : in->now_at;
	int64_t needs_s = in->mandate->rotation_needs_s, end_at;
	char when[TEXT_TIME_BYTES], span[TEXT_SPAN_BYTES];
	bool is_old;

	if (active == NULL)
		return RAIL_PASS;
	end_at = om_ca_end(in->view, active);
	is_old = in->plan->object != NULL && strcmp(in->plan->object, active->guid) == 0;
	if (end_at <= now_at)
		return rail_no(says, RAIL_REFUSE, "the active CA has expired on %s: only support can "
		    "do a hard rotation, see " PAGE_EXPIRED, text_from_time(end_at, when));
	if (in->is_begun || !rotates(in) || !is_old || in->plan->new_id != NULL ||
	    end_at - now_at >= needs_s)
		return RAIL_PASS;
	return rail_no(says, RAIL_REFUSE, "the active CA ends on %s, and a rotation needs up to %s "
	    "(rotation_needs): a person decides with support, see " PAGE_EXPIRED,
	    text_from_time(end_at, when), text_from_span(needs_s, span));
}

enum rail_verdict rail_om_tkgi(const struct rail_input *in, struct rail_says *says)
{
	if (!is_read(in) || !in->view->om.has_tkgi)
		return RAIL_PASS;
	return rail_no(says, RAIL_REFUSE, "TKGI is installed, whose certificates are rotated by its "
	    "own procedure: see " PAGE_ROTATE " for foundations with TKGI");
}

/* In the middle of a rotation a new version cannot apply it. */
enum rail_verdict rail_om_version(const struct rail_input *in, struct rail_says *says)
{
	const char *now = in->view->version, *planned = in->plan->version;

	if (!is_opsman(in))
		return RAIL_PASS;
	if (now == NULL)
		return rail_no(says, RAIL_REFUSE, "the target does not tell its version");
	if (planned == NULL || strcmp(planned, now) == 0)
		return RAIL_PASS;
	return rail_no(says, RAIL_REFUSE, "the version is %.60s, and it was planned with %.60s: see "
	    "whether the upgrade was applied, then plan anew", now, planned);
}

enum rail_verdict rail_om_one_rotation(const struct rail_input *in, struct rail_says *says)
{
	const struct om_ops *o = &in->view->om;
	size_t n_active = 0;

	if (!is_read(in))
		return RAIL_PASS;
	for (size_t i = 0; i < o->n_cas; i++)
		n_active += o->cas[i].active == 1;
	if (n_active != 1)
		return rail_no(says, RAIL_REFUSE, "%zu of %zu CAs are active, and one must be",
		    n_active, o->n_cas);
	if (o->n_cas > 2)
		return rail_no(says, RAIL_REFUSE, "%zu CAs are not active, and more than one rotation "
		    "is not gone on with: a person deletes what is not wanted, see " PAGE_TROUBLE,
		    o->n_cas - 1);
	return RAIL_PASS;
}
