/* target.h - one configured target: where to look and how to trust it.
 * Filled by lib/conf; const for the sources. */
#ifndef CHECK_CERTS_TARGET_H
#define CHECK_CERTS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/model/inventory.h"

#define TRUST_CA_FILE_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* How an API connection is trusted.  With pins, a matching leaf replaces the
 * checks of CA, name and date; without, ca_file or else the system's hashed
 * CA directory.  There is no "off". */
struct trust {
	char *ca_file;                        /* NULL: the system store */
	uint8_t (*pins)[CERT_SHA256_BYTES];
	size_t n_pins;
};

enum probe { PROBE_NO, PROBE_YES, PROBE_REQUIRED };
enum family { FAMILY_ANY, FAMILY_4, FAMILY_6 };

struct target {
	char *name;                  /* [A-Za-z0-9][A-Za-z0-9_.-]* */
	enum source_kind kind;
	char *url;                   /* nsx, opsman: "https://host[:port]", no trailing slash */
	char *credentials_path;      /* NULL: none */
	struct trust trust;
	enum probe probe;            /* nsx: default PROBE_YES */
	enum family family;
	int64_t auth_retry_s;        /* default 3600 */
	bool validate;               /* nsx: ask for its own verdict on certificates in use */
	char **endpoints;            /* tls: "host:port", "[v6]:port" */
	size_t n_endpoints;
	char **paths;                /* files: globs */
	size_t n_paths;
};

/* One more leaf that is trusted; the bytes are copied. */
void trust_add_pin(struct trust *t, const uint8_t sha256[CERT_SHA256_BYTES]);
bool trust_has_pin(const struct trust *t, const uint8_t sha256[CERT_SHA256_BYTES]);

/* Frees what is inside, not the struct. */
void target_clear(struct target *t);

#endif
