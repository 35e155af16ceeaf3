/* inventory.h - certificates, and where each was seen.
 *
 * A certificate is what it is (struct cert); a sighting is where it was seen
 * and what it does there.  The API, the listener and a file may show the same
 * certificate: one cert, three sightings.  Parsed certificates are merged by
 * SHA-256; a reported or unreadable one stays an item of its own.
 *
 * Sources append; judge/ only reads.  Everything in here is owned by the
 * inventory and freed with it.  Indexes, not pointers, are stable while it
 * grows. */
#ifndef CHECK_CERTS_INVENTORY_H
#define CHECK_CERTS_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/model/cert.h"
#include "lib/model/chain.h"
#include "lib/model/cluster.h"

enum source_kind { SOURCE_NSX, SOURCE_OPSMAN, SOURCE_TLS, SOURCE_FILES, SOURCE_N_KINDS };
const char *source_kind_name(enum source_kind k);   /* "nsx" "opsman" "tls" "files" */

enum via { VIA_API, VIA_TLS, VIA_FILE };
const char *via_name(enum via v);                    /* "api" "tls" "file" */

/* What a certificate is for, where the service type alone does not say it. */
enum role {
	ROLE_NONE,
	ROLE_NSX_PLATFORM,     /* a row of the NSX trust store */
	ROLE_NSX_SERVICE,      /* a Policy object: load balancer, VPN, TLS inspection */
	ROLE_CHAIN,            /* an issuer shipped along with a leaf, not presented for itself */
	ROLE_LISTENER,         /* the leaf that a listener presents */
	ROLE_OM_ROOT_CA,       /* Ops Manager's CA list, cert_pem */
	ROLE_OM_NATS_CA,       /* nats_cert_pem */
	ROLE_OM_CREDHUB_CA,
	ROLE_OM_SERVICES_CA,   /* /services/tls_ca */
	ROLE_OM_LEAF,          /* non-configurable */
	ROLE_OM_CONFIGURABLE,  /* an operator's certificate */
	ROLE_OM_SAML,
	ROLE_OM_UI,            /* Ops Manager's own listener */
	ROLE_OM_OTHER
};
const char *role_name(enum role r);   /* "root-ca" ...; NULL for ROLE_NONE */

/* What uses a certificate: one (service, node). */
struct use {
	char *service;      /* "API", "MGMT_CLUSTER", ..., unknown ones as they came */
	char *node;         /* node or cluster id as it came; NULL when the API gave none */
	char *node_name;    /* NULL when not known */
};

/* What the product's own validation said of a certificate. */
enum product_verdict { PRODUCT_SILENT, PRODUCT_OK, PRODUCT_CRL_NOT_READY, PRODUCT_REJECTED,
	PRODUCT_ERROR };

struct sighting {
	size_t cert;        /* index into certs */
	size_t source;      /* index into sources */
	enum via via;
	enum role role;
	char *id;           /* api: the object's id (nsx: certificate id; opsman: CA guid, variable
	                       path or property reference); NULL otherwise */
	char *name;         /* api: display name, opsman: product guid; NULL otherwise */
	char *endpoint;     /* tls: "host:port" ("[::1]:443"); NULL otherwise */
	char *path;         /* file: path; NULL otherwise */
	size_t position;    /* place in the chain or file: 0 is the leaf or the first block */
	struct use *uses;   /* tls probes of NSX listeners carry the use they were expected to show */
	size_t n_uses, cap_uses;
	int has_private_key; /* -1 not told, 0, 1 */
	int active;          /* CAs of Ops Manager: -1 not told, 0, 1 */
	bool has_created_at;
	int64_t created_at;  /* CAs of Ops Manager: created_on */
	char *category;      /* nsx 4.2+: category as it came; NULL otherwise */
	char *procedure;     /* opsman: rotation_procedure_name; NULL otherwise */
	bool by_policy;      /* nsx: the same certificate is a Policy object too */
	bool by_principal;   /* nsx: a principal identity refers to it */
	enum product_verdict verdict;   /* nsx: of action=validate; PRODUCT_SILENT: not asked */
	char *verdict_message;          /* in its own words; NULL */
};

/* Something to say about a source itself.  state uses the words of judge/:
 * this layer only keeps "is it a failure, a missing part, or a remark". */
enum issue_kind { ISSUE_FAILED, ISSUE_PARTIAL, ISSUE_NOTE };
struct issue {
	enum issue_kind kind;
	struct err err;
};

struct source_status {
	char *name;           /* target name */
	enum source_kind kind;
	char *version;        /* NULL when unknown */
	size_t n_requests;    /* HTTP requests and handshakes made */
	int64_t elapsed_ms;   /* from its first request to its last answer */
	struct issue *issues;
	size_t n_issues, cap_issues;
	size_t unreadable_by_design;   /* certificates that no API shows */
	bool has_skew;
	int64_t skew_s;       /* server's Date minus our clock */
	bool complete;        /* the source said it read everything it meant to */
	struct cluster_facts *cluster;   /* nsx; NULL otherwise */
	struct anchors *anchors;         /* of its CA file; NULL: none given, or not readable */
	char *host;           /* nsx, opsman: of its URL, without the port; NULL otherwise */
};

struct inventory {
	struct cert **certs;
	size_t n_certs, cap_certs;
	struct sighting *sightings;
	size_t n_sightings, cap_sightings;
	struct source_status *sources;
	size_t n_sources, cap_sources;
	size_t *hash;          /* open addressing over SHA-256: index + 1, 0 empty */
	size_t hash_size;
};

void inventory_init(struct inventory *inv);
void inventory_clear(struct inventory *inv);

/* A new source; returns its index.  name is copied. */
size_t inventory_add_source(struct inventory *inv, const char *name, enum source_kind kind);

/* Takes the certificate (frees it when an equal one is there) and returns the
 * index of the one that stays. */
size_t inventory_add_cert(struct inventory *inv, struct cert *c);

/* Index of a parsed certificate by SHA-256, or SIZE_MAX. */
size_t inventory_find_cert(const struct inventory *inv, const uint8_t sha256[CERT_SHA256_BYTES]);

/* A new sighting, all else zero (-1 for the tri-states); the pointer is valid
 * until the next one is added.  Fill in the rest; strings are owned. */
struct sighting *inventory_add_sighting(struct inventory *inv, size_t cert, size_t source, enum via via);

/* The leaf of a sighting (position 0), and what the same object or listener
 * holds behind it as ROLE_CHAIN.  Fills at most max and returns how many there
 * are; unreadable ones count and are given too. */
size_t inventory_chain(const struct inventory *inv, size_t sighting, const struct cert **out,
    size_t max);

/* Copies; node and node_name may be NULL.  The same (service, node) again is
 * not added twice (beyond a few hundred uses it may be). */
void sighting_add_use(struct sighting *s, const char *service, const char *node, const char *node_name);

/* Remember a problem (or remark) of a source. */
void inventory_add_issue(struct inventory *inv, size_t source, enum issue_kind kind, const struct err *e);
bool inventory_source_failed(const struct inventory *inv, size_t source);

#endif
