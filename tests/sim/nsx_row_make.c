/* nsx_row_make.c - rows of the trust store that were not there before. */
#include <openssl/err.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/sim/nsx_write.h"

#define BEFORE_S 3600                 /* a new certificate begins so long ago */

bool nsx_is_self_signed(const struct sim_cert *cert)
{
	EVP_PKEY *own = X509_get_pubkey(cert->x509);
	bool holds = own != NULL && X509_verify(cert->x509, own) == 1;

	EVP_PKEY_free(own);
	ERR_clear_error();
	return holds;
}

struct nsx_row *nsx_new_row(struct nsx *n, const struct sim_cert *cert, const char *name,
    bool has_private_key)
{
	struct nsx_row *row = nsx_add_row(n);

	row->cert = cert;
	row->display_name = name != NULL ? nsx_own(n, mem_strdup(name)) : NULL;
	row->has_private_key = has_private_key;
	nsx_finish_row(n, row);
	row->created_ms = sim_now_ms(n->sim);
	return row;
}

struct nsx_row *nsx_fresh_copy(struct nsx *n, const struct nsx_row *old, struct err *e)
{
	int64_t now_s = sim_now_ms(n->sim) / 1000, real_s = clock_wall_s();
	int64_t begin_at = (real_s < now_s ? real_s : now_s) - BEFORE_S;
	int64_t lifetime_s = old->cert->not_after_at - old->cert->not_before_at;
	const struct sim_cert *cert =
	    sim_shop_renew(n->shop, old->cert, begin_at, now_s + lifetime_s, e);

	return cert != NULL ? nsx_new_row(n, cert, old->display_name, true) : NULL;
}
