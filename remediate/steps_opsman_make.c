/* steps_opsman_make.c - ca-generate and ca-create: the new CA comes to the list,
 * once.
 *
 * Neither call may be made twice: after a lost answer the list decides, against
 * the guids that were there before. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/steps_opsman.h"

SNAPSHOT(snapshot_cas)
{
	struct json_writer w;

	(void)c;
	jsonw_init(&w, json);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "server_at", v->om.server_at);
	jsonw_open(&w, "cas", '[');
	for (size_t i = 0; i < v->om.n_cas; i++)
		jsonw_str(&w, NULL, v->om.cas[i].guid);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

/* --- what came to the list ---------------------------------------------------------- */

static void see_made(const struct om_ca *made, struct observation *o)
{
	o->n_new = 1;
	o->adopt = mem_strdup(made->guid);
	o->adopt_sha256 = made->sha256[0] != '\0' ? mem_strdup(made->sha256) : NULL;
	observe_say(o, SEEN_GOAL, "it is in the list as %s", made->guid);
}

/* The new ones since the snapshot of this step. */
static size_t find_new(const struct step_context *c, const struct view *v,
    const struct om_ca **only)
{
	struct json *before = step_snapshot(c);
	size_t n = 0;

	*only = NULL;
	for (size_t i = 0; before != NULL && i < v->om.n_cas; i++) {
		if (om_was_there(before, "cas", v->om.cas[i].guid))
			continue;
		*only = n++ == 0 ? &v->om.cas[i] : NULL;
	}
	json_free(before);
	return n;
}

static bool is_tried(const struct step_context *c)
{
	return c->record != NULL && c->record->state != STEP_NONE;
}

/* The run has bound it: nothing else is the new one any more.  false: none. */
static bool see_bound(const struct step_context *c, const struct view *v, struct observation *o)
{
	const char *bound = c->run != NULL ? c->run->new_id : NULL;
	const struct om_ca *made = bound != NULL ? om_find_ca(&v->om, bound) : NULL;

	if (made != NULL)
		see_made(made, o);
	else if (bound != NULL)
		observe_say(o, SEEN_NEITHER, "the new CA %s is gone: somebody deleted it", bound);
	return bound != NULL;
}

/* Is the CA that shall be replaced still the active one, and nothing running? */
static bool may_make(const struct step_context *c, const struct view *v, struct observation *o)
{
	const struct om_ca *old = om_find_ca(&v->om, c->plan->object);

	if (old == NULL || old->active != 1)
		observe_say(o, SEEN_NEITHER, "the CA %s is not the active one any more",
		    c->plan->object);
	else
		return om_is_quiet(v, o);
	return false;
}

/* --- ca-generate -------------------------------------------------------------------- */

/* Not tried by us: what is there now is somebody else's, and as good. */
static void see_untried(const struct step_context *c, const struct view *v,
    struct observation *o)
{
	struct om_position at;

	om_position_of(v, &at);
	if (at.stage == OM_UNCLEAR)
		observe_say(o, SEEN_NEITHER, "%.450s", at.why);
	else if (at.older != NULL || strcmp(at.active->guid, c->plan->object) != 0)
		observe_say(o, SEEN_NEITHER, "the CA %s is active now: somebody else has rotated",
		    at.active->guid);
	else if (at.newer != NULL)
		see_made(at.newer, o);
	else if (om_is_quiet(v, o))
		om_say_not_yet(c, o, "no new CA is in the list");
}

OBSERVE(observe_generate)
{
	const struct om_ca *made;

	if (!om_can_see(v, out) || see_bound(c, v, out))
		return;
	if (!is_tried(c)) {
		see_untried(c, v, out);
		return;
	}
	out->n_new = find_new(c, v, &made);
	if (made != NULL)
		see_made(made, out);
	else if (out->n_new > 1)
		observe_say(out, SEEN_NEITHER, "%zu CAs are new: which one is ours cannot be told, "
		    "and a person has to delete those that are not wanted", out->n_new);
	else if (may_make(c, v, out))
		om_say_not_yet(c, out, "no new CA is in the list");
}

ACT(act_generate)
{
	struct om_said said = { NULL, 0 };

	(void)c;
	(void)v;
	(void)global;
	(void)goods;
	return om_tell(opsman_write_generate(api, bound, &said, e), &said, "the new CA", e);
}

/* --- ca-create ---------------------------------------------------------------------- */

/* The fingerprint that was prepared last, else that of the file as planned. */
static const struct om_ca *find_own(const struct step_context *c, const struct view *v)
{
	const char *sha256 = c->record != NULL && c->record->sha256 != NULL ? c->record->sha256
	    : c->plan->new_sha256;

	for (size_t i = 0; sha256 != NULL && i < v->om.n_cas; i++)
		if (strcmp(v->om.cas[i].sha256, sha256) == 0)
			return &v->om.cas[i];
	return NULL;
}

OBSERVE(observe_create)
{
	const struct om_ca *own, *made;

	if (!om_can_see(v, out) || see_bound(c, v, out))
		return;
	own = find_own(c, v);
	if (own != NULL) {
		see_made(own, out);
		return;
	}
	if (is_tried(c) ? find_new(c, v, &made) > 0 : v->om.n_cas > 1)
		observe_say(out, SEEN_NEITHER, "another CA than that of the file is in the list "
		    "beside the active one");
	else if (may_make(c, v, out))
		om_say_not_yet(c, out, "the CA of the file is not in the list");
}

static int take_goods(const struct step_context *c, const struct material *mt,
    struct goods *goods, struct err *e)
{
	buf_init(&goods->chain_pem, CERT_DER_MAX_BYTES * 2);
	if (mt->n_chain != 1 || cert_to_pem(mt->chain[0], &goods->chain_pem) != 0)
		return err_set(e, ERR_REFUSED, "the file must hold the CA certificate alone");
	cert_sha256_hex(mt->chain[0], goods->sha256);
	if (c->plan->new_sha256 != NULL && strcmp(c->plan->new_sha256, goods->sha256) != 0)
		return err_set(e, ERR_REFUSED, "the file holds another CA than the one that was "
		    "planned with");
	return 0;
}

PREPARE(prepare_create)
{
	struct material mt = { .kind = c->mandate->replacement };
	int failed = 0;

	(void)v;
	if (mt.kind != REPLACEMENT_PEM)
		failed = err_set(e, ERR_CONFIG, "replacement names no files any more");
	if (!failed)
		failed = material_read(c->mandate, &mt, &goods->key_pem, e);
	if (!failed)
		failed = take_goods(c, &mt, goods, e);
	if (failed)
		goods_wipe(goods);
	material_clear(&mt);
	return failed;
}

ACT(act_create)
{
	struct om_said said = { NULL, 0 };

	(void)c;
	(void)v;
	(void)global;
	return om_tell(opsman_write_create(api, goods, bound, &said, e), &said, "the new CA", e);
}
