/* view.h - all that is known about one target at one moment: the report of a
 * fresh poll, and the state of its operation as the writing account sees it.
 *
 * Reading it is I/O (view_read); everything that decides takes it as a value. */
#ifndef CHECK_CERTS_VIEW_H
#define CHECK_CERTS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/judge/report.h"
#include "lib/model/cluster.h"
#include "lib/model/inventory.h"
#include "remediate/api.h"
#include "remediate/mandate.h"
#include "remediate/om_ops.h"

struct nsx_batch_result {
	char *service, *node, *new_id, *old_id, *status, *message;   /* as they came; NULL: absent */
};

struct nsx_host { char *id, *name, *status, *connection, *deployment; };   /* a transport node */

/* What NSX is doing.  Tri-states: -1 not told. */
struct nsx_ops {
	struct err err;              /* not ERR_NONE: it could not be read, nothing below holds */
	char *overall, *management;  /* "STABLE" ... */
	int changes_allowed;
	size_t n_nodes, n_joined;
	char *not_joined;            /* name of one that is not; NULL: none */
	bool has_batch;              /* batch-results answered */
	struct nsx_batch_result *batch;
	size_t n_batch, n_pending;
	int64_t batch_start_ms;
	int upgrading, backing_up, restoring;
	struct nsx_host *hosts;      /* read only where a host certificate is asked for */
	size_t n_hosts;
	char *validation_id, *validation, *validation_message;   /* last validate asked for */
	char *site_thumbprint;       /* of the Global Manager's site object; NULL */
	bool has_site;
	int64_t site_revision;
	char *site_type, *site_fqdn, *site_name;
};

struct view {
	const struct mandate *mandate;
	int64_t read_at;
	struct inventory inv;        /* of this target alone */
	struct report report;
	bool is_complete;            /* the poll read everything it meant to */
	bool is_reachable;           /* the API answered */
	struct err poll_err;         /* why not, else ERR_NONE */
	char *version;
	const struct cluster_facts *cluster;   /* of inv; NULL when there is none */
	struct nsx_ops ops;          /* of an NSX */
	struct om_ops om;            /* of an Ops Manager */
};

struct trace;
struct view_wants {              /* what costs further calls */
	const char *validate_id;     /* GET ...?action=validate of this certificate */
	bool hosts;                  /* transport nodes and their status */
	const char *host;            /* with hosts: the status of this one alone is read; NULL: of each */
	bool site;                   /* the site object on the Global Manager */
	bool log;                    /* Ops Manager: the last line of a running installation */
};

/* Poll the target as check_certs does (with its reading account and every
 * listener), judge, and read the operation through api (NULL: only poll).
 * Cannot fail: what could not be read is in poll_err and ops.err.  *out is
 * overwritten, must not move (parts of it point to each other), and borrows m
 * and policy; view_clear afterwards. */
void view_read(const struct mandate *m, const struct policy *policy, struct api *api,
    struct api *global, const struct view_wants *wants, const char *state_dir, int64_t deadline_ms,
    int64_t now_at, const struct trace *trace, struct view *out);
void view_clear(struct view *v);

/* Index of the trust store's sighting with this id (position 0), or SIZE_MAX. */
size_t view_find_object(const struct view *v, const char *id);
/* The same by fingerprint of the leaf; with_key: none that is told to be
 * without a private key (not told, as before 4.0, only where no other is). */
size_t view_find_leaf(const struct view *v, const char *sha256_hex, bool with_key);
/* Does the object have this use (node NULL: any)? */
bool view_has_use(const struct view *v, const char *id, const char *service, const char *node);
/* Fingerprint that a listener of this target presented, into out; false: it was
 * not seen. */
bool view_served(const struct view *v, const char *endpoint, char out[2 * CERT_SHA256_BYTES + 1]);

#endif
