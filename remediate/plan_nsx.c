/* plan_nsx.c - what every plan about a certificate of an NSX has in common:
 * whether it may be replaced at all, and where the new one comes from. */
#include "remediate/plan_nsx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define CERTIFICATES "/api/v1/trust-management/certificates"
#define CSRS "/api/v1/trust-management/csrs"
#define PRODUCT_VCF VERSION(9, 0, 0)
#define CHAIN_CERTS_MAX 20

/* How long what was made may take to be listed. */
#define MAKE_VERIFY_S 120
#define VALIDATE_VERIFY_S 900   /* a revocation list that NSX has to get first */

PRINTF_LIKE(3, 0)
static enum plan_verdict refuse(struct err *e, enum plan_verdict verdict, const char *fmt,
    va_list args)
{
	char text[ERR_TEXT_BYTES];

	vsnprintf(text, sizeof text, fmt, args);
	err_set(e, ERR_REFUSED, "%s", text);
	return verdict;
}

enum plan_verdict plan_refuse(struct err *e, const char *fmt, ...)
{
	enum plan_verdict verdict;
	va_list args;

	va_start(args, fmt);
	verdict = refuse(e, PLAN_REFUSED, fmt, args);
	va_end(args);
	return verdict;
}

enum plan_verdict plan_nothing(struct err *e, const char *fmt, ...)
{
	enum plan_verdict verdict;
	va_list args;

	va_start(args, fmt);
	verdict = refuse(e, PLAN_NOTHING, fmt, args);
	va_end(args);
	return verdict;
}

/* --- the case ----------------------------------------------------------------------- */

void nsx_case_set(struct nsx_case *c, size_t sighting)
{
	const struct inventory *inv = &c->view->inv;

	c->sighting = sighting;
	c->at = &inv->sightings[sighting];
	c->old = inv->certs[c->at->cert];
	c->item = NULL;
	c->services = 0;
	for (size_t i = 0; i < c->at->n_uses; i++)
		c->services |= service_bit(c->at->uses[i].service);
	for (size_t i = 0; i < c->view->report.n_items; i++)
		if (c->view->report.items[i].cert == c->at->cert)
			c->item = &c->view->report.items[i];
}

/* --- may it be replaced? ------------------------------------------------------------ */

static bool has_category(const struct nsx_case *c, const char *category)
{
	return c->at->category != NULL && strcmp(c->at->category, category) == 0;
}

static enum plan_verdict check_owner(const struct nsx_case *c, struct err *e)
{
	unsigned federation = SERVICE_LOCAL_MANAGER | SERVICE_GLOBAL_MANAGER;

	if (has_category(c, "SITE_CERTIFICATE") ||
	    (c->at->has_private_key == 0 && (c->services & federation) != 0))
		return plan_refuse(e, "it belongs to another site: replace it there, and that site "
		    "hands it on");
	if (c->at->by_principal || has_category(c, "PRINCIPAL_IDENTITY_CERTIFICATE") ||
	    (c->services & SERVICE_CLIENT_AUTH) != 0)
		return plan_refuse(e, "a principal identity uses it: its owner makes a new one and "
		    "sets it with update_certificate");
	if (c->at->by_policy)
		return plan_refuse(e, "it is a service certificate: import a new one and bind it "
		    "to the load balancer, VPN or TLS inspection that uses this one");
	if ((c->services & SERVICES_WEB) != 0 && c->version >= PRODUCT_VCF && c->m->managed_by_vcf)
		return plan_refuse(e, "SDDC Manager keeps record of this certificate: replace it "
		    "there, or write managed_by = none where there is none");
	return PLAN_READY;
}

enum plan_verdict nsx_case_check(const struct nsx_case *c, struct err *e)
{
	enum plan_verdict said = check_owner(c, e);

	if (said != PLAN_READY)
		return said;
	if (c->at->n_uses == 0)
		return plan_refuse(e, "nothing uses it, so there is nothing to replace it in");
	for (size_t i = 0; i < c->at->n_uses; i++)
		if ((service_bit(c->at->uses[i].service) & SERVICES_APPLIED) == 0)
			return plan_refuse(e, "%s uses it, whose certificate no procedure here "
			    "replaces", c->at->uses[i].service);
	if (c->old->form != CERT_PARSED)
		return plan_refuse(e, "it cannot be read, so that no successor can be compared "
		    "with it");
	if (c->view->cluster == NULL)
		return plan_refuse(e, "the nodes of the cluster could not be read");
	if (c->item != NULL && c->item->remedy.by != ACTOR_NONE &&
	    c->item->remedy.by != ACTOR_REMEDIATE)
		return plan_refuse(e, "it is left to %s: %s", actor_name(c->item->remedy.by),
		    c->item->remedy.detail != NULL ? c->item->remedy.detail : "see the check");
	return PLAN_READY;
}

void nsx_plan_begin(const struct nsx_case *c, struct plan *out)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	out->target = mem_strdup(c->m->target->name);
	out->procedure = mem_strdup(c->procedure);
	out->finding = mem_strdup(c->finding);
	if (c->at == NULL)
		return;
	cert_sha256_hex(c->old, sha256);
	out->object = mem_strdup(c->at->id);
	out->object_name = mem_strdup(c->at->name != NULL ? c->at->name : c->at->id);
	out->old_sha256 = mem_strdup(sha256);
	out->needs_pin = c->m->target->trust.n_pins > 0 && nsx_is_our_way(c);
	if (out->needs_pin)
		plan_add_note(out, "this target is trusted by pin: put the fingerprint of the new "
		    "certificate into pin_sha256 here, and wherever else %s is checked, once the "
		    "run is done", out->target);
}

/* --- where the new one comes from --------------------------------------------------- */

static void add_validate(struct plan *out)
{
	struct plan_step *s = plan_add_step(out, "validate");

	s->call = mem_printf("GET " CERTIFICATES "/%s?action=validate",
	    out->new_id != NULL ? out->new_id : NEW_ID_UNKNOWN);
	s->new_id = mem_strdup(out->new_id);
	s->why = mem_strdup("NSX must find the new certificate valid before it is used");
	s->verify_s = VALIDATE_VERIFY_S;
}

static void add_import(struct plan *out, const char *why)
{
	struct plan_step *s = plan_add_step(out, "import");

	s->call = mem_strdup("POST " CERTIFICATES "?action=import");
	s->why = mem_strdup(why);
	s->verify_s = MAKE_VERIFY_S;
}

static void set_new(struct plan *out, const char *id, const struct cert *leaf)
{
	char sha256[2 * CERT_SHA256_BYTES + 1];

	cert_sha256_hex(leaf, sha256);
	out->new_id = mem_strdup(id);
	out->new_sha256 = mem_strdup(sha256);
}

/* A row of the trust store becomes the new one. */
static enum plan_verdict take_row(const struct nsx_case *c, size_t sighting, struct plan *out,
    struct err *e)
{
	const struct inventory *inv = &c->view->inv;
	const struct sighting *row = &inv->sightings[sighting];
	const struct cert *chain[CHAIN_CERTS_MAX];
	struct nsx_candidate cand = { .chain = chain, .row = row,
		.has_private_key = row->has_private_key };
	char *what = mem_printf("the certificate %s", row->id);
	enum plan_verdict said;

	cand.what = what;
	cand.n_chain = inventory_chain(inv, sighting, chain, CHAIN_CERTS_MAX);
	if (cand.n_chain > CHAIN_CERTS_MAX)
		said = plan_refuse(e, "the chain of %s is too long", what);
	else
		said = nsx_fit(c, &cand, e);
	free(what);
	if (said == PLAN_READY) {
		set_new(out, row->id, chain[0]);
		add_validate(out);
	}
	return said;
}

static enum plan_verdict goods_existing(const struct nsx_case *c, struct plan *out, struct err *e)
{
	size_t sighting = SIZE_MAX;
	enum plan_verdict said = nsx_choose_existing(c, &sighting, e);

	return said == PLAN_READY ? take_row(c, sighting, out, e) : said;
}

static enum plan_verdict goods_pem(const struct nsx_case *c, struct plan *out, struct err *e)
{
	const struct material *mt = c->material;
	struct nsx_candidate cand = { .what = "the certificate of the file", .has_private_key = 1 };
	char sha256[2 * CERT_SHA256_BYTES + 1];
	enum plan_verdict said;
	size_t there;

	if (mt->err.code != ERR_NONE)
		return plan_refuse(e, "replacement: %s", mt->err.text);
	if (mt->kind != REPLACEMENT_PEM || mt->n_chain == 0)
		return plan_refuse(e, "replacement: the file was not read");
	if (mt->chain[0]->form == CERT_PARSED && cert_compare(mt->chain[0], c->old) == 0)
		return plan_refuse(e, "the file holds the certificate that shall be replaced: put "
		    "its successor there");
	cand.chain = (const struct cert *const *)mt->chain;
	cand.n_chain = mt->n_chain;
	said = nsx_fit(c, &cand, e);
	if (said != PLAN_READY)
		return said;
	cert_sha256_hex(mt->chain[0], sha256);
	there = view_find_leaf(c->view, sha256, true);
	if (there != SIZE_MAX)
		return take_row(c, there, out, e);
	set_new(out, NULL, mt->chain[0]);
	add_import(out, "the chain and key of the configured file");
	add_validate(out);
	return PLAN_READY;
}

static enum plan_verdict goods_self_signed(const struct nsx_case *c, struct plan *out,
    struct err *e)
{
	struct plan_step *s;

	if (nsx_is_our_way(c) && c->m->target->trust.n_pins == 0)
		return plan_refuse(e, "with a self-signed certificate we would not reach the API "
		    "any more: trust %s by pin_sha256 first", c->m->target->name);
	s = plan_add_step(out, "self-sign");
	s->call = mem_printf("POST " CSRS "%s, then POST " CSRS "/{csr}?action=self_sign"
	    "&days_valid=%lld", c->version < VERSION(4, 2, 0) ? "-extended" : "",
	    (long long)c->m->days);
	s->why = mem_strdup("NSX makes a new self-signed certificate and keeps its key");
	s->verify_s = MAKE_VERIFY_S;
	if (!c->old->self_issued)
		plan_add_note(out, "the current certificate was issued by a CA, the new one is "
		    "self-signed: whoever trusts that CA does not trust the new one");
	add_validate(out);
	return PLAN_READY;
}

static enum plan_verdict goods_command(const struct nsx_case *c, struct plan *out, struct err *e)
{
	(void)e;
	add_import(out, "the chain that the configured program returns for a key made here");
	if (nsx_is_our_way(c) && c->m->target->trust.n_pins == 0)
		plan_add_note(out, "what the program returns is refused unless we can reach the "
		    "API with it");
	add_validate(out);
	return PLAN_READY;
}

enum plan_verdict nsx_plan_goods(const struct nsx_case *c, struct plan *out, struct err *e)
{
	static enum plan_verdict (*const makers[])(const struct nsx_case *, struct plan *,
	    struct err *) = {
		[REPLACEMENT_EXISTING] = goods_existing, [REPLACEMENT_PEM] = goods_pem,
		[REPLACEMENT_SELF_SIGNED] = goods_self_signed,
		[REPLACEMENT_COMMAND] = goods_command,
	};

	if (c->m->replacement == REPLACEMENT_NONE)
		return plan_refuse(e, "where the new certificate comes from is not configured: set "
		    "replacement");
	return makers[c->m->replacement](c, out, e);
}
