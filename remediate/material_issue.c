/* material_issue.c - the goods of a change: a chain that was judged, and its
 * private key. */
#include "remediate/material.h"

#include <string.h>
#include "lib/base/clock.h"
#include "lib/judge/fitness.h"
#include "lib/model/chain.h"
#include "remediate/issuer.h"
#include "remediate/key.h"

#define REQUEST_MAX_BYTES ((size_t)64 * 1024)
#define AHEAD_S 5     /* what is issued now begins by a clock that may be a little ahead */
#define CHAIN_MAX_BYTES ((size_t)512 * 1024)

/* The subject of the one to be replaced is taken over as it is encoded. */
static struct key_subject subject_of(const struct mandate *m, const struct material_wish *wish)
{
	struct key_subject s = { .names = wish->names, .n_names = wish->n_names,
		.wants_client = wish->wants_client };

	if (m->subject != NULL)
		s.name = m->subject;
	else if (wish->subject != NULL)
		s.name = wish->subject;
	else if (wish->old != NULL && wish->old->form == CERT_PARSED) {
		s.name_der = wish->old->subject_der.p;
		s.n_name_der = wish->old->subject_der.n;
	}
	return s;
}

static int issue_by_program(const struct mandate *m, const struct key *k,
    const struct key_subject *s, struct material *mt, struct err *e)
{
	struct buf request, answer;
	int failed;

	buf_init(&request, REQUEST_MAX_BYTES);
	buf_init(&answer, ISSUER_OUTPUT_MAX);
	failed = key_request(k, s, &request, e);
	if (!failed)
		failed = issuer_run(m->program, m->target->name, &request, ISSUER_LIMIT_S, &answer, e);
	if (!failed)
		failed = material_take(mt, m->program, buf_str(&answer), answer.len, e);
	if (failed && e != NULL && e->code == ERR_CONFIG && answer.len > 0)
		e->code = ERR_REFUSED;   /* it is the answer that is wrong, not our set-up */
	buf_clear(&answer);
	buf_clear(&request);
	return failed;
}

static int sign_here(const struct mandate *m, const struct key *k, const struct key_subject *s,
    int64_t now_at, struct material *mt, struct err *e)
{
	struct buf pem;
	int failed;

	buf_init(&pem, REQUEST_MAX_BYTES);
	failed = key_self_sign(k, s, now_at, m->days, &pem, e);
	if (!failed)
		failed = material_take(mt, "what was made here", buf_str(&pem), pem.len, e);
	buf_clear(&pem);
	return failed;
}

/* A key that has never been anywhere else, and a chain for it. */
static int make(const struct mandate *m, const struct material_wish *wish, int64_t now_at,
    struct material *mt, struct secret *key, struct err *e)
{
	struct key_subject s = subject_of(m, wish);
	struct key *k = key_make(m->key_type, e);
	int failed = k == NULL ? -1 : 0;

	if (!failed && m->replacement == REPLACEMENT_COMMAND)
		failed = issue_by_program(m, k, &s, mt, e);
	else if (!failed)
		failed = sign_here(m, k, &s, now_at, mt, e);
	if (!failed)
		failed = key_pem(k, key, e);
	key_free(k);
	return failed;
}

static int get(const struct mandate *m, const struct material_wish *wish, int64_t now_at,
    struct material *mt, struct secret *key, struct err *e)
{
	switch (m->replacement) {
	case REPLACEMENT_PEM:
		return material_read(m, mt, key, e);
	case REPLACEMENT_COMMAND:
	case REPLACEMENT_SELF_SIGNED:
		return make(m, wish, now_at, mt, key, e);
	default:
		return err_set(e, ERR_CONFIG, "%s: replacement names nothing that could be sent",
		    m->target->name);
	}
}

/* --- is it what was wished for? --------------------------------------------------- */

static int check_names(const struct chain *c, const struct material_wish *wish, struct err *e)
{
	for (size_t i = 0; i < wish->n_names; i++)
		if (!chain_covers(c, wish->names[i]))
			return err_set(e, ERR_REFUSED, "the new certificate does not cover %s",
			    wish->names[i]);
	return 0;
}

/* The rules that the report applies to a certificate in use. */
static int check_fitness(const struct material *mt, const struct material_wish *wish,
    int64_t now_at, struct err *e)
{
	struct findings findings = { 0 };
	struct fitness_input in;
	int failed = 0;

	fitness_init(&in);
	in.chain = (const struct cert *const *)mt->chain;
	in.n_chain = mt->n_chain;
	in.needs = FITNESS_SERVER | (wish->wants_client ? FITNESS_CLIENT : 0);
	in.is_presented = true;
	in.has_private_key = 1;
	in.now_at = now_at;
	in.is_replacement = true;
	if (fitness_judge(&in, &findings) != STATE_OK) {
		(void)findings_sort(&findings);
		failed = err_set(e, ERR_REFUSED, "the new certificate: %s (%s)",
		    findings.v[0].message, findings.v[0].id);
	}
	findings_clear(&findings);
	fitness_clear(&in);
	return failed;
}

static int check(const struct material *mt, const struct material_wish *wish,
    const struct secret *key, int64_t now_at, struct err *e)
{
	struct chain *c = chain_open((const struct cert *const *)mt->chain, mt->n_chain, e);
	int failed = c == NULL ? -1 : chain_key_matches(c, key, e);

	if (!failed)
		failed = check_names(c, wish, e);
	if (!failed)
		failed = check_fitness(mt, wish, now_at, e);
	chain_close(c);
	return failed;
}

static int write_chain(const struct material *mt, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < mt->n_chain; i++)
		if (cert_to_pem(mt->chain[i], out))
			return err_set(e, ERR_REFUSED, "the chain is longer than %zu bytes",
			    out->max_bytes);
	return 0;
}

int material_issue(const struct mandate *m, const struct material_wish *wish, int64_t now_at,
    struct goods *out, struct err *e)
{
	struct material mt = { .kind = m->replacement };
	int64_t begun_ms = clock_mono_ms();
	int failed;

	*out = (struct goods){ .sha256 = "" };
	buf_init(&out->chain_pem, CHAIN_MAX_BYTES);
	failed = get(m, wish, now_at, &mt, &out->key_pem, e);
	out->made_at = now_at + (clock_mono_ms() - begun_ms + 999) / 1000 + AHEAD_S;
	if (!failed)
		failed = check(&mt, wish, &out->key_pem, out->made_at, e);
	if (!failed)
		failed = write_chain(&mt, &out->chain_pem, e);
	if (!failed)
		cert_sha256_hex(mt.chain[0], out->sha256);
	else
		goods_wipe(out);
	material_clear(&mt);
	return failed;
}

void goods_wipe(struct goods *g)
{
	secret_wipe(&g->key_pem);
	buf_wipe(&g->chain_pem);
	memset(g->sha256, 0, sizeof g->sha256);
}
