/* pki_chain.h - a root, an intermediate and leafs of it, as the product reads
 * them, for tests that judge chains. */
#ifndef CHECK_CERTS_PKI_CHAIN_H
#define CHECK_CERTS_PKI_CHAIN_H

#include "lib/model/cert.h"
#include "tests/unit/pki.h"

enum pki_member {
	PKI_ROOT, PKI_INTER, PKI_LEAF,
	PKI_SELF,            /* self-signed leaf, the same names as PKI_LEAF */
	PKI_OTHER_ROOT,      /* of another CA */
	PKI_TWIN,            /* the intermediate's name with another key, under the root */
	PKI_OLD_INTER,       /* the intermediate's name and key, expired */
	PKI_N_MEMBERS
};

struct pki_chain {
	struct pki *pki[PKI_N_MEMBERS];
	struct cert *cert[PKI_N_MEMBERS];
};

/* Leafs are for nsx-01.example and 192.0.2.11. */
void pki_chain_open(struct pki_chain *c);
void pki_chain_close(struct pki_chain *c);

/* The certificate as the product reads it; the caller frees it. */
struct cert *pki_read(const struct pki *p);

/* A leaf of the intermediate with these options (its issuer is set here). */
struct cert *pki_chain_leaf(const struct pki_chain *c, struct pki_options o);

#endif
