/* steps_nsx_make.c - import and self-sign: the new certificate comes to the
 * trust store. */
#include "remediate/steps_nsx.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/nsx_write.h"
#include "remediate/plan_nsx.h"

/* --- import ------------------------------------------------------------------------- */

/* The fingerprint that an import of this run has: of what was prepared last,
 * else of the file as it was planned. */
static const char *imported_sha256(const struct step_context *c)
{
	if (c->record != NULL && c->record->sha256 != NULL)
		return c->record->sha256;
	return c->plan->new_sha256;
}

OBSERVE(observe_import)
{
	const char *sha256 = imported_sha256(c);
	size_t row;

	observe_old(c, v, c->plan->object, out);
	if (!observe_can_see(v, out))
		return;
	row = sha256 != NULL ? view_find_leaf(v, sha256, true) : SIZE_MAX;
	if (row != SIZE_MAX) {
		observe_adopt(v, v->inv.sightings[row].id, out);
		out->n_new = 1;
		observe_say(out, SEEN_GOAL, "it is in the trust store as %s",
		    v->inv.sightings[row].id);
	} else if (observe_is_quiet(v, out)) {
		observe_say(out, SEEN_READY, "it is not in the trust store");
	}
}

struct issued { struct cert *chain[MATERIAL_CHAIN_MAX]; size_t n; bool is_bad; };

static bool take_issued(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	struct issued *is = ctx;

	(void)problem;
	if (cert == NULL || index >= MATERIAL_CHAIN_MAX) {
		cert_free(cert);
		is->is_bad = true;
		return false;
	}
	is->chain[is->n++] = cert;
	return true;
}

static int judge_issued(const struct step_context *c, const struct view *v,
    const struct issued *is, int64_t now_at, struct err *e)
{
	struct nsx_case against = { .view = v, .m = c->mandate, .now_at = now_at };
	struct nsx_candidate cand = { .what = "what was issued", .has_private_key = 1,
		.chain = (const struct cert *const *)is->chain, .n_chain = is->n };
	size_t old = view_find_object(v, c->plan->object);

	if (old == SIZE_MAX)
		return err_set(e, ERR_REFUSED, "the certificate that shall be replaced is gone");
	nsx_case_set(&against, old);
	return nsx_fit(&against, &cand, e) == PLAN_READY ? 0 : -1;
}

/* The rules that the plan applies to what is known beforehand, for what was
 * made only now, before it is sent. */
static int check_issued(const struct step_context *c, const struct view *v,
    const struct goods *goods, struct err *e)
{
	struct issued is = { .n = 0 };
	int failed = 0;

	if (c->plan->new_sha256 != NULL && strcmp(c->plan->new_sha256, goods->sha256) != 0)
		return err_set(e, ERR_REFUSED, "the file holds another certificate than the one "
		    "that was planned with");
	cert_read_pem(buf_str(&goods->chain_pem), goods->chain_pem.len, take_issued, &is);
	if (is.is_bad || is.n == 0)
		failed = err_set(e, ERR_REFUSED, "what was issued cannot be read");
	else
		failed = judge_issued(c, v, &is, goods->made_at, e);
	for (size_t i = 0; i < is.n; i++)
		cert_free(is.chain[i]);
	return failed;
}

PREPARE(prepare_import)
{
	struct wish wish;
	int failed;

	wish_for_plan(c, v, &wish);
	failed = material_issue(c->mandate, &wish.m, c->now_at, goods, e);
	if (!failed)
		failed = check_issued(c, v, goods, e);
	if (failed)
		goods_wipe(goods);
	wish_clear(&wish);
	return failed;
}

ACT(act_import)
{
	char *name = step_object_name(c);
	enum api_outcome outcome = nsx_write_import(api, name, goods, bound, e);

	(void)v;
	(void)global;
	free(name);
	return outcome;
}

/* --- self-sign ---------------------------------------------------------------------- */

/* What this step could have made: a leaf with its key that signed itself. */
static bool could_be_made(const struct view *v, const struct sighting *s)
{
	const struct cert *c = v->inv.certs[s->cert];

	return s->via == VIA_API && s->position == 0 && s->role == ROLE_NSX_PLATFORM &&
	    s->id != NULL && s->has_private_key != 0 && c->form == CERT_PARSED && c->self_issued &&
	    !c->is_ca;
}

SNAPSHOT(snapshot_self_sign)
{
	struct json_writer w;

	(void)c;
	jsonw_init(&w, json);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "ids", '[');
	for (size_t i = 0; i < v->inv.n_sightings; i++)
		if (could_be_made(v, &v->inv.sightings[i]))
			jsonw_str(&w, NULL, v->inv.sightings[i].id);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

static bool was_there(const struct json *before, const char *id)
{
	const struct json *n = json_first(json_get(before, "ids"));

	for (; n != NULL; n = json_next(n))
		if (json_str(n) != NULL && strcmp(json_str(n), id) == 0)
			return true;
	return false;
}

/* New ones since the snapshot: *n of them, *ours the one that carries our name,
 * or the only one. */
static void find_made(const struct step_context *c, const struct view *v, size_t *n,
    const char **ours)
{
	struct json *before = step_snapshot(c);
	char *name = step_object_name(c);
	const char *named = NULL;

	*n = 0;
	*ours = NULL;
	for (size_t i = 0; before != NULL && i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];

		if (!could_be_made(v, s) || was_there(before, s->id))
			continue;
		*ours = ++*n == 1 ? s->id : NULL;
		if (s->name != NULL && strcmp(s->name, name) == 0)
			named = s->id;
	}
	if (named != NULL) {
		*n = 1;
		*ours = named;
	}
	free(name);
	json_free(before);
}

OBSERVE(observe_self_sign)
{
	const char *bound = c->run != NULL ? c->run->new_id : NULL;
	const char *ours;

	observe_old(c, v, c->plan->object, out);
	if (!observe_can_see(v, out))
		return;
	if (bound != NULL && view_find_object(v, bound) != SIZE_MAX) {
		observe_adopt(v, bound, out);
		observe_say(out, SEEN_GOAL, "it is in the trust store as %s", bound);
		return;
	}
	find_made(c, v, &out->n_new, &ours);
	observe_adopt(v, ours, out);
	if (out->n_new > 1)
		observe_say(out, SEEN_NEITHER, "%zu self-signed certificates are new: which one is "
		    "ours cannot be told", out->n_new);
	else if (ours != NULL)
		observe_say(out, SEEN_GOAL, "it is in the trust store as %s", ours);
	else if (observe_is_quiet(v, out))
		observe_say(out, SEEN_READY, "it was not made yet");
}

ACT(act_self_sign)
{
	struct wish wish;
	enum api_outcome outcome;
	char *name = step_object_name(c);

	(void)global;
	(void)goods;
	wish_for_plan(c, v, &wish);
	outcome = nsx_write_self_sign(api, v->version, name, &wish.m, c->mandate->key_type,
	    c->mandate->days, bound, e);
	wish_clear(&wish);
	free(name);
	return outcome;
}
