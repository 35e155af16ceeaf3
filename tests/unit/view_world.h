/* view_world.h - what is known of one NSX at one moment, built by hand, for
 * tests of everything that decides (plans, steps, rails, runner).
 *
 * "prod": three managers nsx-01 to nsx-03 (192.0.2.11 to .13, node ids node-1
 * to node-3), the VIP nsx.example (192.0.2.10), which is the configured URL,
 * STABLE, nothing going on, profiles as 4.2 tells them; now is SAMPLE_NOW. */
#ifndef CHECK_CERTS_VIEW_WORLD_H
#define CHECK_CERTS_VIEW_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/judge/policy.h"
#include "lib/source/target.h"
#include "remediate/mandate.h"
#include "remediate/view.h"
#include "tests/unit/samples.h"

#define WORLD_CLUSTER "cluster-1"
#define WORLD_VIP "192.0.2.10:443"
#define WORLD_NODES 3
/* All names and addresses of the managers and the VIP, for subjectAltName. */
#define WORLD_NAMES "DNS:nsx.example,DNS:nsx-01.example,DNS:nsx-02.example,DNS:nsx-03.example," \
	"IP:192.0.2.10,IP:192.0.2.11,IP:192.0.2.12,IP:192.0.2.13"

/* Does not move: parts of it point to each other. */
struct view_world {
	struct target target;
	struct policy policy;
	struct mandate mandate;    /* auto, every NSX procedure, replacement existing */
	struct view view;
};

/* version as the API tells it ("4.2.0.0"). */
void vworld_open(struct view_world *w, const char *version);
void vworld_close(struct view_world *w);

/* A row of the trust store with a private key.  What is left out: made by
 * "Example Issuing CA", which comes behind it; WORLD_NAMES; begun a year ago,
 * ends in a year. */
struct vworld_cert {
	const char *id;            /* its name too */
	bool is_self_signed;
	const char *names;         /* as OpenSSL reads subjectAltName */
	const char *issuer;        /* another one; then its chain is not there */
	int64_t begins_in, ends_in;   /* days from now; 0: left out */
};
/* The row; valid until the next one is added. */
struct sighting *vworld_add(struct view_world *w, const struct vworld_cert *c);

/* The trust store says that a service uses it; node is 1 to 3, 0: the whole
 * cluster.  Moves nothing away from another certificate. */
void vworld_use(struct view_world *w, const char *id, const char *service, int node);
void vworld_unuse(struct view_world *w, const char *id, const char *service, int node);

/* A listener presents it: the API of a node, or the VIP (0). */
void vworld_serve(struct view_world *w, const char *id, int node);
/* Nobody shakes hands there any more: forget what it presented. */
void vworld_unserve(struct view_world *w, int node);

/* The row with that id at position 0; fails the test when there is none. */
struct sighting *vworld_row(struct view_world *w, const char *id);
/* Remove the row from the trust store. */
void vworld_remove(struct view_world *w, const char *id);
/* Fingerprint of its leaf. */
void vworld_sha256(struct view_world *w, const char *id, char out[2 * CERT_SHA256_BYTES + 1]);

/* "192.0.2.11:443" ...; 0: the VIP.  "node-1"; 0: NULL.  Static storage. */
const char *vworld_endpoint(int node);
const char *vworld_node(int node);

/* A result of a batch replacement. */
void vworld_batch(struct view_world *w, const char *service, int node, const char *old_id,
    const char *new_id, const char *status);

/* Judge what is there now: view.report.  To be called after the last change of
 * certificates, and again after a further one. */
void vworld_judge(struct view_world *w);

#endif
