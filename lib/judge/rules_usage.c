/* rules_usage.c - is the leaf what its service needs: usages, names, key, and
 * the product's own verdict. */
#include "lib/judge/judging.h"

#define NAMES_MAX_BYTES 600

/* The leaf, when its bytes are known. */
static const struct cert *leaf_of(const struct fit *f)
{
	return f->in.n_chain > 0 && f->in.chain[0]->form == CERT_PARSED ? f->in.chain[0] : NULL;
}

void fit_leaf_is_ca(const struct rule *r, const struct fit *f, struct findings *out)
{
	const struct cert *c = leaf_of(f);

	if (c == NULL || !(f->in.is_presented || f->in.is_replacement))
		return;
	if (c->is_ca)
		findings_add(out, r->id, STATE_WARNING, "is a CA certificate (CA:TRUE), %s",
		    f->in.is_replacement ? "a replacement needs CA:FALSE" :
		    "yet a service presents it as its own");
	else if (!c->has_basic_constraints)
		findings_add(out, r->id, f->in.is_replacement ? STATE_WARNING : STATE_OK,
		    "has no basicConstraints; a replacement needs CA:FALSE");
}

/* --- usages ------------------------------------------------------------------------ */

static const struct { unsigned need, ext_key_usage, key_usage; const char *name, *as; } usages[] = {
	{ FITNESS_SERVER, CERT_EKU_SERVER,
	    CERT_KU_DIGITAL_SIGNATURE | CERT_KU_KEY_ENCIPHERMENT | CERT_KU_KEY_AGREEMENT,
	    "serverAuth", "server" },
	{ FITNESS_CLIENT, CERT_EKU_CLIENT, CERT_KU_DIGITAL_SIGNATURE | CERT_KU_KEY_AGREEMENT,
	    "clientAuth", "client" },
};

static void judge_ext_key_usage(const struct rule *r, const struct fit *f, struct findings *out)
{
	const struct cert *c = f->in.chain[0];

	for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++)
		if ((f->in.needs & usages[i].need) != 0 &&
		    (c->ext_key_usage & (usages[i].ext_key_usage | CERT_EKU_ANY)) == 0)
			findings_add(out, r->id, STATE_WARNING,
			    "its extended key usage lacks %s, which its service needs",
			    usages[i].name);
}

/* NSX has refused certificates without keyEncipherment, whatever their key. */
static void judge_key_usage(const struct rule *r, const struct fit *f, struct findings *out)
{
	const struct cert *c = f->in.chain[0];

	if (f->in.services != 0 && f->in.is_replacement &&
	    (c->key_usage & CERT_KU_KEY_ENCIPHERMENT) == 0) {
		findings_add(out, r->id, STATE_WARNING,
		    "its key usage lacks keyEncipherment, without which NSX rejects it");
		return;
	}
	for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++)
		if ((f->in.needs & usages[i].need) != 0 &&
		    (c->key_usage & usages[i].key_usage) == 0)
			findings_add(out, r->id, STATE_WARNING,
			    "its key usage does not allow it to act as a TLS %s", usages[i].as);
}

/* An extension that is not there forbids nothing. */
void fit_usage(const struct rule *r, const struct fit *f, struct findings *out)
{
	const struct cert *c = leaf_of(f);

	if (c != NULL && c->has_ext_key_usage)
		judge_ext_key_usage(r, f, out);
	if (c != NULL && c->has_key_usage)
		judge_key_usage(r, f, out);
}

/* --- names ------------------------------------------------------------------------- */

static bool is_covered(const struct cert *leaf, const struct fitness_endpoint *ep)
{
	for (size_t i = 0; i < ep->n_names; i++)
		if (cert_covers(leaf, ep->names[i]))
			return true;
	return false;
}

/* "nsx-01 (nsx-01.example, 192.0.2.11)" */
static void add_endpoint(struct buf *out, const struct fitness_endpoint *ep)
{
	if (out->len > 0)
		buf_adds(out, ", ");
	message_add_name(out, ep->label);
	buf_adds(out, " (");
	for (size_t i = 0; i < ep->n_names; i++) {
		if (i > 0)
			buf_adds(out, ", ");
		message_add_name(out, ep->names[i]);
	}
	buf_addc(out, ')');
}

/* What NSX makes for itself when a cluster is formed names one node only, and
 * nobody verifies a self-signed certificate by its names: such a one for the
 * whole cluster is a note. */
static enum state mismatch_state(const struct fit *f)
{
	if (f->in.is_replacement || !f->in.chain[0]->self_issued)
		return STATE_WARNING;
	return f->in.services & SERVICE_MGMT_CLUSTER ? STATE_OK : STATE_WARNING;
}

void fit_name_mismatch(const struct rule *r, const struct fit *f, struct findings *out)
{
	const struct cert *leaf = leaf_of(f);
	struct buf missing;

	if (leaf == NULL || leaf->der == NULL)
		return;
	buf_init(&missing, NAMES_MAX_BYTES);
	for (size_t i = 0; i < f->in.n_endpoints; i++)
		if (!is_covered(leaf, &f->in.endpoints[i]))
			add_endpoint(&missing, &f->in.endpoints[i]);
	if (missing.len > 0)
		findings_add(out, r->id, mismatch_state(f), "its names do not cover %s%s",
		    buf_str(&missing), missing.overflow ? " ..." : "");
	buf_clear(&missing);
}

/* --- what the product says ----------------------------------------------------------- */

void fit_no_private_key(const struct rule *r, const struct fit *f, struct findings *out)
{
	if (f->in.needs_private_key && f->in.has_private_key == 0)
		findings_add(out, r->id, STATE_WARNING, "%s has no private key for it",
		    f->in.is_replacement ? "it cannot be applied: the trust store" :
		    "its service cannot present it after a restart: the trust store");
}

void fit_rejected(const struct rule *r, const struct fit *f, struct findings *out)
{
	static const struct { enum state in_use, new; const char *text; } verdicts[] = {
		[PRODUCT_SILENT] = { STATE_OK, STATE_OK, NULL },
		[PRODUCT_OK] = { STATE_OK, STATE_OK, NULL },
		[PRODUCT_CRL_NOT_READY] = { STATE_OK, STATE_WARNING,
		    "NSX has not fetched its revocation list yet" },
		[PRODUCT_REJECTED] = { STATE_CRITICAL, STATE_CRITICAL, "NSX rejects it" },
		[PRODUCT_ERROR] = { STATE_UNKNOWN, STATE_UNKNOWN, "NSX could not validate it" },
	};
	const char *why = f->in.verdict_message;
	struct buf message;

	if (verdicts[f->in.verdict].text == NULL)
		return;
	buf_init(&message, NAMES_MAX_BYTES);
	buf_adds(&message, verdicts[f->in.verdict].text);
	if (why != NULL && why[0] != '\0') {
		buf_adds(&message, ": ");
		message_add_name(&message, why);
	}
	findings_add(out, r->id, f->in.is_replacement ? verdicts[f->in.verdict].new :
	    verdicts[f->in.verdict].in_use, "%s", buf_str(&message));
	buf_clear(&message);
}
