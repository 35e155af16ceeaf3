/* rules_crypto.c - rules about keys and signatures. */
#include "lib/judge/judging.h"

static const struct { enum cert_key kind; const char *name; int min_bits; } keys[] = {
	{ CERT_KEY_RSA, "RSA", 2048 },
	{ CERT_KEY_EC, "EC", 224 },
};

static const struct { enum cert_digest digest; const char *name, *why; } digests[] = {
	{ CERT_DIGEST_MD5, "MD5", "forged certificates have been made with it" },
	{ CERT_DIGEST_SHA1, "SHA-1", "collisions can be bought, and clients refuse it" },
};

static void tell_weak_key(const struct rule *r, const struct cert *c, int64_t now_at,
    struct findings *out)
{
	(void)now_at;
	for (size_t i = 0; c->form == CERT_PARSED && i < sizeof keys / sizeof keys[0]; i++) {
		if (c->key_kind != keys[i].kind || c->key_bits >= keys[i].min_bits)
			continue;
		if (c->key_bits == 0)
			findings_add(out, r->id, STATE_UNKNOWN, "its %s key cannot be read",
			    keys[i].name);
		else
			findings_add(out, r->id, STATE_WARNING,
			    "%s key of %d bits is weak: at least %d are needed", keys[i].name,
			    c->key_bits, keys[i].min_bits);
	}
}

/* Nobody verifies the signature that a root made over itself. */
static void tell_weak_signature(const struct rule *r, const struct cert *c, int64_t now_at,
    struct findings *out)
{
	(void)now_at;
	if (c->form != CERT_PARSED || (c->self_issued && c->is_ca))
		return;
	for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++)
		if (c->signature_digest == digests[i].digest)
			findings_add(out, r->id, STATE_WARNING, "signed with %s: %s",
			    digests[i].name, digests[i].why);
	if (c->signature_digest == CERT_DIGEST_UNKNOWN)
		findings_add(out, r->id, STATE_UNKNOWN,
		    "signed in a way that is not known here: its strength cannot be judged");
}

void rule_weak_key(const struct rule *r, const struct judging *j, struct subject *s)
{
	tell_weak_key(r, s->cert, j->now_at, &s->item->findings);
}

void rule_weak_signature(const struct rule *r, const struct judging *j, struct subject *s)
{
	tell_weak_signature(r, s->cert, j->now_at, &s->item->findings);
}

void fit_weak_key(const struct rule *r, const struct fit *f, struct findings *out)
{
	fit_each_cert(r, f, tell_weak_key, out);
}

void fit_weak_signature(const struct rule *r, const struct fit *f, struct findings *out)
{
	fit_each_cert(r, f, tell_weak_signature, out);
}
