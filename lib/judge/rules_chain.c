/* rules_chain.c - rules about the certificates behind a leaf. */
#include "lib/judge/judging.h"

#define MESSAGE_MAX_BYTES 1024
#define NAMES_MAX_BYTES 4096

/* Subject and issuer names are the certificate's own words. */
static void add_text_of(struct buf *out, const struct cert *c,
    void (*text)(const struct cert *c, struct buf *out))
{
	struct buf name;

	buf_init(&name, NAMES_MAX_BYTES);
	text(c, &name);
	buf_addc(out, '"');
	message_add_name(out, buf_str(&name));
	buf_addc(out, '"');
	buf_clear(&name);
}

static void tell_order(const struct rule *r, const struct fit *f, size_t at, struct findings *out)
{
	struct buf text;

	buf_init(&text, MESSAGE_MAX_BYTES);
	buf_addf(&text, "its chain is not in order leaf, intermediates, root: certificate %zu, ",
	    at + 1);
	add_text_of(&text, f->in.chain[at], cert_subject_text);
	buf_adds(&text, ", is issued by ");
	add_text_of(&text, f->in.chain[at], cert_issuer_text);
	buf_addf(&text, ", but number %zu is ", at + 2);
	add_text_of(&text, f->in.chain[at + 1], cert_subject_text);
	findings_add(out, r->id, STATE_WARNING, "%s", buf_str(&text));
	buf_clear(&text);
}

static void tell_incomplete(const struct rule *r, const struct fit *f, struct findings *out)
{
	const struct cert *last = f->in.chain[f->in.n_chain - 1];
	struct buf text;

	buf_init(&text, MESSAGE_MAX_BYTES);
	buf_adds(&text, "its chain lacks ");
	add_text_of(&text, last, cert_issuer_text);
	buf_adds(&text, ": a replacement comes with all of leaf, intermediates, root");
	findings_add(out, r->id, STATE_WARNING, "%s", buf_str(&text));
	buf_clear(&text);
}

/* A listener may leave out the root, and NSX runs with what it was given:
 * that all is there is asked of a replacement. */
void fit_chain_order(const struct rule *r, const struct fit *f, struct findings *out)
{
	size_t at;

	if (f->chain == NULL)
		return;
	if (!chain_is_ordered(f->chain, &at))
		tell_order(r, f, at, out);
	else if (f->in.is_replacement && !chain_is_complete(f->chain))
		tell_incomplete(r, f, out);
}

/* Where names do not connect, signatures cannot. */
void fit_chain_broken(const struct rule *r, const struct fit *f, struct findings *out)
{
	struct err e = { ERR_NONE, "" };
	size_t at;

	if (f->problem.code != ERR_NONE)
		findings_add(out, r->id, STATE_UNKNOWN, "its chain cannot be verified: %s",
		    f->problem.text);
	if (f->chain == NULL || (f->in.n_chain == 1 && !f->in.is_replacement) ||
	    !chain_is_ordered(f->chain, &at))
		return;
	if (chain_verify(f->chain, f->in.is_replacement, &e))
		findings_add(out, r->id, STATE_WARNING, "its chain does not verify: %s", e.text);
}

void fit_chain_untrusted(const struct rule *r, const struct fit *f, struct findings *out)
{
	struct err e = { ERR_NONE, "" };

	if (f->chain == NULL || f->in.anchors == NULL)
		return;
	if (chain_verify_under(f->chain, f->in.anchors, f->in.now_at, &e))
		findings_add(out, r->id, STATE_WARNING,
		    "does not verify under the CA file of this target: %s", e.text);
}
