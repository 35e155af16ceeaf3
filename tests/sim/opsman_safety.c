/* opsman_safety.c - the checks that newer versions make before a CA is touched: is the step
 * before this one done, and has it reached everything? */
#include <string.h>
#include "tests/sim/opsman_write.h"

/* What can be wrong, as the server words it. */
#define TRANSITIONAL "certificate authorities can not have a transitional version"
#define NOT_APPLIED "active child certificate version is not the latest non-transitional version " \
	"or more than one active version exists"
#define NOT_TRANSITIONAL "certificate authorities latest version is not transitional"
#define NOT_ACTIVATED "signing version has to be transitional if there is a transitional " \
	"certificate authority"
#define NO_TRUST "active child certificate does not trust the certificate authority that will " \
	"regenerate it"
#define OTHER_SIGNER "active child certificate is signed by a certificate authority that is not " \
	"the latest version"
#define OLD_LEAF "active child certificate version is signed by a certificate authority that is " \
	"not the latest version"
#define LEAF_NOT_LIVE "active certificate version is not the latest non transitional version"
#define LATEST "transitional certificate authority is the latest version"

static bool anything_dirty(const struct opsman_state *s)
{
	for (size_t i = 0; i < s->n_products; i++) {
		if (opsman_is_dirty(s, (int)i))
			return true;
	}
	return false;
}

/* Made after the other?  Those of the scenario stand there in any order. */
static bool is_newer(const struct opsman_state *s, int ca, int other)
{
	bool both_given = (size_t)ca < s->n_given_cas && (size_t)other < s->n_given_cas;

	if (other < 0)
		return true;
	if (both_given && s->cas[ca].created_at != s->cas[other].created_at)
		return s->cas[ca].created_at > s->cas[other].created_at;
	return ca > other;
}

/* A CA of the list that was made after this one. */
static bool has_newer(const struct opsman_state *s, int ca)
{
	for (size_t i = 0; ca >= 0 && i < s->n_cas; i++) {
		if (!s->cas[i].gone && is_newer(s, (int)i, ca))
			return true;
	}
	return false;
}

static size_t count_listed(const struct opsman_state *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_cas; i++)
		n += !s->cas[i].gone;
	return n;
}

static const char *of_generate(const struct opsman_state *s, int ca)
{
	(void)ca;
	if (count_listed(s) > 1)
		return TRANSITIONAL;
	return anything_dirty(s) ? NOT_APPLIED : NULL;
}

static const char *of_activate(const struct opsman_state *s, int ca)
{
	if (has_newer(s, ca) || !is_newer(s, ca, opsman_active_ca(s)))
		return NOT_TRANSITIONAL;
	return opsman_all_trust(s, ca) ? NULL : NOT_APPLIED;
}

static const char *of_regenerate(const struct opsman_state *s, int ca)
{
	int active = opsman_active_ca(s);

	(void)ca;
	if (has_newer(s, active))
		return NOT_ACTIVATED;
	if (!opsman_all_trust(s, active))
		return NO_TRUST;
	return s->pace.repeat_refused && s->signer == active && anything_dirty(s) ? OTHER_SIGNER :
	    NULL;
}

static const char *of_delete(const struct opsman_state *s, int ca)
{
	if (is_newer(s, ca, opsman_active_ca(s)))
		return LATEST;
	if (s->signer == ca)
		return OLD_LEAF;
	for (size_t i = 0; i < s->n_products; i++) {
		if ((opsman_signers(s, (int)i) & OPSMAN_BIT(ca)) != 0)
			return OLD_LEAF;
	}
	return opsman_any_leaf_of(s, ca) ? LEAF_NOT_LIVE : NULL;
}

static bool checks(const struct opsman_state *s)
{
	if (s->pace.safety >= 0)
		return s->pace.safety == 1;
	return opsman_at_least(s, 2, 8, 0) && !opsman_has_tkgi(s);
}

/* The names of up to three certificates that have not followed. */
static void put_names(const struct opsman_state *s, struct json_writer *w)
{
	size_t n = 0;

	jsonw_open(w, "certificate_names", '[');
	for (size_t i = 0; i < s->n_rows && n < 3; i++) {
		const char *name = json_str(json_get(s->rows[i].given, "variable_path"));

		if (name == NULL)
			name = json_str(json_get(s->rows[i].given, "property_reference"));
		if (s->rows[i].cert == NULL || s->rows[i].cert->is_ca || name == NULL)
			continue;
		jsonw_str(w, NULL, name);
		n++;
	}
	jsonw_close(w, ']');
}

static void refuse(const struct opsman_state *s, const char *violation, struct sim_reply *rp)
{
	struct json_writer w;

	sim_reply_json(rp, 422, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "error", "The action could not be done safely.");
	jsonw_open(&w, "safety_violations", '[');
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "violation", violation);
	put_names(s, &w);
	/* Spelled so in the answers of those versions. */
	jsonw_str(&w, opsman_at_least(s, 3, 1, 0) ? "mitigation" : "migitation",
	    "Apply Changes on all products, and do not repeat the commands before.");
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

bool opsman_is_unsafe(struct opsman_state *s, const struct sim_request *rq, enum opsman_act act,
    int ca, struct sim_reply *rp)
{
	static const char *(*const looks[])(const struct opsman_state *s, int ca) = {
		[OPSMAN_GENERATE] = of_generate, [OPSMAN_CREATE] = of_generate,
		[OPSMAN_ACTIVATE] = of_activate, [OPSMAN_REGENERATE] = of_regenerate,
		[OPSMAN_DELETE] = of_delete
	};
	const char *skip = sim_request_query(rq, "skip_safety_check");
	const char *violation;

	if (skip != NULL && strcmp(skip, "true") == 0) {
		s->n_unsafe++;
		return false;
	}
	violation = checks(s) ? looks[act](s, ca) : NULL;
	if (violation != NULL)
		refuse(s, violation, rp);
	return violation != NULL;
}
