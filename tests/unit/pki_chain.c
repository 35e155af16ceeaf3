/* pki_chain.c - a small hierarchy of CAs, made on the spot. */
#include "tests/unit/pki_chain.h"

#include <stdlib.h>

#define DAY_S 86400L
#define NAMES "DNS:nsx-01.example,IP:192.0.2.11"

struct cert *pki_read(const struct pki *p)
{
	unsigned char *der = NULL;
	int n = i2d_X509(p->cert, &der);
	struct cert *c;
	struct err e;

	if (n <= 0)
		abort();
	c = cert_from_der(der, (size_t)n, &e);
	OPENSSL_free(der);
	if (c == NULL)
		abort();
	return c;
}

/* The same name and key as the intermediate, but with its end behind it. */
static struct pki *old_inter(const struct pki_chain *c)
{
	struct pki_options o = { .common_name = "Inter", .is_ca = true, .from_s = -3 * DAY_S,
		.until_s = -DAY_S, .issuer = c->pki[PKI_ROOT] };
	struct pki *p = pki_make(&o);

	EVP_PKEY_free(p->key);
	p->key = c->pki[PKI_INTER]->key;
	EVP_PKEY_up_ref(p->key);
	if (!X509_set_pubkey(p->cert, p->key) ||
	    X509_sign(p->cert, c->pki[PKI_ROOT]->key, EVP_sha256()) <= 0)
		abort();
	return p;
}

void pki_chain_open(struct pki_chain *c)
{
	struct pki_options root = { .common_name = "Root", .is_ca = true };
	struct pki_options inter = { .common_name = "Inter", .is_ca = true };
	struct pki_options leaf = { .common_name = "nsx-01", .names = NAMES };
	struct pki_options self = leaf, other = { .common_name = "Other", .is_ca = true };

	c->pki[PKI_ROOT] = pki_make(&root);
	inter.issuer = c->pki[PKI_ROOT];
	c->pki[PKI_INTER] = pki_make(&inter);
	c->pki[PKI_TWIN] = pki_make(&inter);
	leaf.issuer = c->pki[PKI_INTER];
	c->pki[PKI_LEAF] = pki_make(&leaf);
	c->pki[PKI_SELF] = pki_make(&self);
	c->pki[PKI_OTHER_ROOT] = pki_make(&other);
	c->pki[PKI_OLD_INTER] = old_inter(c);
	for (int i = 0; i < PKI_N_MEMBERS; i++)
		c->cert[i] = pki_read(c->pki[i]);
}

void pki_chain_close(struct pki_chain *c)
{
	for (int i = 0; i < PKI_N_MEMBERS; i++) {
		pki_free(c->pki[i]);
		cert_free(c->cert[i]);
	}
}

struct cert *pki_chain_leaf(const struct pki_chain *c, struct pki_options o)
{
	struct pki *p;
	struct cert *made;

	o.issuer = c->pki[PKI_INTER];
	p = pki_make(&o);
	made = pki_read(p);
	pki_free(p);
	return made;
}
