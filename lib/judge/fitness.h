/* fitness.h - is a certificate chain fit for what it is, or shall be, used
 * for?  Pure: no I/O, no clock.
 *
 * The rules are rows of the table in rules.c.  The report applies them to
 * the chains in use, a plan to a candidate: the same functions. */
#ifndef CHECK_CERTS_FITNESS_H
#define CHECK_CERTS_FITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/judge/report.h"
#include "lib/judge/service.h"
#include "lib/model/chain.h"
#include "lib/model/cluster.h"
#include "lib/model/inventory.h"

enum { FITNESS_SERVER = 1 << 0, FITNESS_CLIENT = 1 << 1 };

/* Somebody who reaches the service: by one of these names or addresses, of
 * which the certificate must cover one. */
struct fitness_endpoint {
	const char *label;           /* "nsx-01", "the VIP"; borrowed, like the names */
	const char *names[1 + CLUSTER_ADDRESSES_MAX];
	size_t n_names;
};

struct fitness_input {
	const struct cert *const *chain;   /* as found, leaf first; borrowed */
	size_t n_chain;
	unsigned services;           /* bits of service.h; 0: a listener that is no NSX service */
	unsigned needs;              /* FITNESS_*: what a peer must be able to use it for */
	bool is_presented;           /* shown by a TLS service as its own */
	struct fitness_endpoint *endpoints;   /* owned; what they point to is not */
	size_t n_endpoints, cap_endpoints;
	bool needs_private_key;
	int has_private_key;         /* -1 not told, 0, 1 */
	enum product_verdict verdict;      /* PRODUCT_SILENT: not asked */
	const char *verdict_message; /* borrowed; NULL */
	const struct anchors *anchors;     /* borrowed; NULL: not judged */
	int64_t now_at;
	bool is_replacement;         /* not in use yet: what may stay is refused when it is new */
};

/* Zero, and -1 for what is not told. */
void fitness_init(struct fitness_input *in);
void fitness_clear(struct fitness_input *in);

/* Add what one (service, node) asks of the certificate: the bit, usages and
 * private key by its profile (else by our table), and the endpoint with its
 * names as far as they are known.  is_replacement is set before.  facts may be
 * NULL; they outlive in. */
void fitness_add_use(struct fitness_input *in, const struct cluster_facts *facts,
    const char *service, const char *node);

/* Apply every rule about chains; the worst state.  A replacement is fit when
 * that is STATE_OK: notes do not speak against it. */
enum state fitness_judge(const struct fitness_input *in, struct findings *out);

#endif
