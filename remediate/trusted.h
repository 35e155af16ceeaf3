/* trusted.h - a target as it is trusted while its own certificate changes: by
 * the pins of its configuration, and by those of the old and the new one. */
#ifndef CHECK_CERTS_TRUSTED_H
#define CHECK_CERTS_TRUSTED_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/err.h"
#include "lib/model/cert.h"
#include "lib/model/facts.h"
#include "remediate/journal.h"
#include "remediate/mandate.h"

/* Fingerprints in hex that are accepted besides the configuration's. */
struct pins { char sha256[FACTS_PINS_MAX][2 * CERT_SHA256_BYTES + 1]; size_t n; };

/* NULL, a wrong one, and one that is there already are left out. */
void pins_add(struct pins *p, const char *sha256);
bool pins_have(const struct pins *p, const char *sha256);

/* Of the changes of one target: old and new of an open run whose plan needs a
 * pin (and of one that ended half-way), the new one of the last that was done.
 * -1: the journal. */
int pins_of_target(struct journal *j, const char *target, struct pins *out, struct err *e)
    MUST_USE;

/* A mandate like m, whose target accepts the pins too.  Where the target is
 * trusted by CA nothing is added: a pin would replace that. */
struct trusted {
	struct mandate mandate;   /* borrows everything from m but its target */
	struct target target;
	struct pins pins;
};
void trusted_init(struct trusted *t, const struct mandate *m, const struct pins *pins);
void trusted_clear(struct trusted *t);

#endif
