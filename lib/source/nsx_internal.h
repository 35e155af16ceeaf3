/* nsx_internal.h - what the files of the NSX source share.
 *
 * nsx.c is the state machine: which call is made when; nsx_answer.c is what
 * becomes of its answer.  nsx_login.c logs in and out, nsx_error.c reads
 * refusals.
 * nsx_parse.c and nsx_rows.c turn answers into facts and sightings,
 * nsx_join.c joins at the end what came in any order, nsx_probe.c plans the
 * handshakes.  The parsers do no I/O and keep nothing between calls but
 * struct nsx_facts, so that they can be fed from a file. */
#ifndef CHECK_CERTS_NSX_INTERNAL_H
#define CHECK_CERTS_NSX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/base/secret.h"
#include "lib/source/nsx_api.h"
#include "lib/source/source.h"

#define NSX_API_PORT 443                 /* unless the manager tells another */
#define NSX_PAGE_SIZE "1000"             /* the most a manager gives at once */
#define NSX_PAGES_MAX 1000
#define NSX_CURSOR_MAX_BYTES 2048
#define NSX_ROWS_MAX 100000              /* certificates in one list */
#define NSX_SMALL_ROWS_MAX 10000         /* rows in the other lists */
#define NSX_NODES_MAX 64
#define NSX_USES_MAX 256                 /* of one certificate */
#define NSX_VERSION_MAX_BYTES 64
#define NSX_NAME_COLUMNS 60              /* of an object's name there */
#define NSX_WHAT_BYTES 160
#define NSX_PROFILES_MAX 256
#define NSX_LEAD_DAYS_MAX 36500          /* of the automatic renewal */
#define NSX_VALIDATIONS_MAX 20           /* in one run */
#define NSX_ID_MAX_BYTES 128             /* of an id that becomes part of a path */

#define NSX_CALLS_MAX 2                  /* at once, to one manager */
#define NSX_SLOW_MS 100                  /* calls faster than this are made one at a time */
#define NSX_PEEKS_MAX 4                  /* at once, each to another listener */
#define NSX_SESSIONS_MAX 2               /* in one run: the second for one that was lost */
#define NSX_TRIES_MAX 5                  /* of one call while the manager is busy */
#define NSX_FIRST_WAIT_MS 500            /* doubled with each try */
#define NSX_LONGEST_WAIT_S 20            /* a longer Retry-After is not worth waiting for */

/* --- facts ----------------------------------------------------------------- */

/* Strings to indexes. */
struct nsx_id { const char *key; uint64_t hash; size_t value; };
struct nsx_ids {
	struct nsx_id *slots;                /* open addressing; a NULL key is empty */
	size_t n_slots, n;
};

/* The key is borrowed and must stay; the first of equal keys counts.  A NULL
 * key is never found. */
void nsx_ids_add(struct nsx_ids *ids, const char *key, size_t value);
size_t nsx_ids_find(const struct nsx_ids *ids, const char *key);   /* SIZE_MAX: none */
void nsx_ids_clear(struct nsx_ids *ids);

/* One block of a Policy certificate object; whether it becomes a sighting is
 * only known when the trust store has been read. */
struct nsx_policy_cert {
	size_t cert, position;
	char *id, *name, *category;
	int has_private_key;
};

struct nsx_principal { char *name, *node_id, *certificate_id; };

struct nsx_facts {
	const struct source_context *c;      /* borrowed; outlives this */
	struct cluster_facts *cluster;       /* the source's; borrowed */
	struct nsx_ids node_ids;             /* -> cluster->nodes */
	int64_t api_port;                    /* of the first node that tells; 0: none does */
	struct nsx_ids profile_ids;          /* -> cluster->profiles */
	size_t n_leafs;                      /* objects of the trust store */
	struct nsx_ids leaf_ids;             /* certificate id -> sighting */
	struct nsx_policy_cert *policies;
	size_t n_policies, cap_policies;
	struct nsx_ids policy_ids;           /* id -> policies, of its leaf */
	struct nsx_principal *principals;
	size_t n_principals, cap_principals;
	struct source_remarks remarks;
};

void nsx_facts_init(struct nsx_facts *f, const struct source_context *c);
void nsx_facts_clear(struct nsx_facts *f);

/* --- answers ----------------------------------------------------------------- */

/* GET /api/v1/node/version, /api/v1/cluster, /api/v1/cluster/api-virtual-ip.
 * ERR_ANSWER; what stands in a part of it is a remark ("what: ..."). */
typedef int nsx_read_fn(struct nsx_facts *f, const struct json *doc, const char *what,
    struct err *e) MUST_USE;
nsx_read_fn nsx_read_version, nsx_read_cluster, nsx_read_vip;
nsx_read_fn nsx_read_renewal;            /* GET /policy/api/v1/infra/security-global-config */

/* GET /api/v1/trust-management/certificates/{id}?action=validate, of this
 * sighting.  ERR_ANSWER. */
int nsx_read_verdict(struct nsx_facts *f, size_t sighting, const struct json *doc,
    struct err *e) MUST_USE;

/* One row of a list.  Whatever is wrong with it stays with it. */
typedef void nsx_read_row_fn(struct nsx_facts *f, const struct json *row, size_t index,
    const char *what);
nsx_read_row_fn nsx_read_certificate;    /* GET /api/v1/trust-management/certificates */
nsx_read_row_fn nsx_read_policy;         /* GET /policy/api/v1/infra/certificates, global-infra */
nsx_read_row_fn nsx_read_profile;        /* GET /api/v1/trust-management/certificate-profiles */
nsx_read_row_fn nsx_read_principal;      /* GET /api/v1/trust-management/principal-identities */

/* One page of a list, row by row: neither its text nor its tree is kept
 * longer than needed.  ERR_ANSWER, with the rows that came before the mistake
 * read: also when there are more than max_rows. */
struct nsx_page {
	size_t n_rows;
	char *cursor;                        /* owned; NULL at the end ("0000..." is an end too) */
	int64_t n_announced;                 /* -1 when not told */
};
int nsx_read_page(struct nsx_facts *f, struct buf *body, const char *what,
    nsx_read_row_fn *read_row, size_t max_rows, struct nsx_page *page, struct err *e) MUST_USE;

/* Join Policy objects, principal identities and names to the sightings.
 * Once, after the last answer.  is_complete: the whole trust store was read,
 * so that what is not there can be called missing. */
void nsx_join(struct nsx_facts *f, bool is_complete);

/* The name to show for the node of a use, or NULL. */
const char *nsx_node_name(const struct nsx_facts *f, const char *service, const char *node);

/* --- the source ----------------------------------------------------------------- */

enum nsx_step {
	NSX_VERSION, NSX_CERTIFICATES, NSX_CLUSTER, NSX_VIP, NSX_PROFILES, NSX_POLICY, NSX_GLOBAL,
	NSX_PRINCIPALS, NSX_RENEWAL, NSX_N_STEPS
};

/* One call; the table is in the order in which they are begun. */
struct nsx_step_kind {
	const char *label;                   /* in messages */
	const char *path, *query;
	const char *since;                   /* version; NULL: every one */
	nsx_read_fn *read;
	nsx_read_row_fn *read_row;           /* a list: instead of read */
	size_t max_rows;
	bool is_required;                    /* without it the source has failed */
	bool may_be_absent;                  /* 404 only means that this version does not have it */
	bool may_be_denied;                  /* 403: not for this account; then it stays unknown */
	bool has_elder;                      /* asked only where the elder was answered with 404 */
	enum nsx_step elder;
};
extern const struct nsx_step_kind nsx_steps[NSX_N_STEPS];

/* Tags of the requests: a step, or one of these; validations count from
 * theirs, probes from the last. */
enum { NSX_TAG_LOGIN = NSX_N_STEPS, NSX_TAG_LOGOUT, NSX_TAG_VALIDATE,
    NSX_TAG_PROBE = NSX_TAG_VALIDATE + NSX_VALIDATIONS_MAX };

enum nsx_call_state {
	NSX_READY,       /* to be sent; or again, or for its next page */
	NSX_SENT,
	NSX_READ,        /* to its end */
	NSX_ABSENT,      /* this version does not have it */
	NSX_LOST,        /* failed, and told */
	NSX_LATE         /* no answer in time; told at the end, all in one sentence */
};

struct nsx_call {
	enum nsx_call_state state;
	unsigned n_tries;                    /* of this page, while the manager was busy */
	unsigned session;                    /* that it was sent with */
	size_t n_rows;
	int64_t n_announced;                 /* -1 when not told */
	char **cursors;                      /* of all pages but the first */
	size_t n_cursors, cap_cursors;
};

enum nsx_login_state {
	NSX_LOGIN_WANTED,                    /* a session is to be made */
	NSX_LOGIN_SENT,
	NSX_LOGIN_OPEN,                      /* calls can be made */
	NSX_LOGIN_LEAVING,                   /* the session's end was sent */
	NSX_LOGIN_LEFT                       /* there is no session (any more) */
};

/* A handshake with a listener that the API named. */
struct nsx_probe { char *endpoint, *sni, *service, *node, *name; };

/* What struct source is here. */
struct nsx {
	struct source_context c;
	struct credentials credentials;
	struct secret form, cookie, xsrf;
	enum nsx_login_state login;
	unsigned session;                    /* counted from 1 */
	bool is_proven;                      /* a call was answered in full: the login is good */
	bool has_stopped;                    /* nothing more is asked; problem says why */
	struct err problem;
	struct nsx_call calls[NSX_N_STEPS];
	size_t n_calls_sent;
	int64_t last_call_ms;                /* how long the last one took */
	int64_t hold_until_ms;               /* the manager is busy; INT64_MIN: go on */
	struct err busy;                     /* what it said then */
	struct err late;                     /* of the last call that got no answer in time */
	struct nsx_facts facts;
	struct nsx_probe *probes;
	size_t n_probes, cap_probes, n_probes_sent, n_probes_done;
	bool are_nodes_planned, are_vips_planned;
	size_t validations[NSX_VALIDATIONS_MAX];   /* sightings */
	size_t n_validations, n_validations_sent, n_validations_done;
	bool are_validations_planned;
	struct buf url;
};

/* Stop asking; e, prefixed with what, is why nothing (more) is read. */
void nsx_stop(struct nsx *s, const struct err *e, const char *what);

/* Read the credentials; stops the source where they cannot be used. */
void nsx_login_open(struct nsx *s);

/* The login of one call. */
void nsx_login_fill(const struct nsx *s, struct fetch_request *r);

/* POST /api/session/create and /api/session/destroy. */
void nsx_session_create(struct nsx *s, struct fetch_request *r);
void nsx_session_destroy(struct nsx *s, struct fetch_request *r);
void nsx_session_take(struct nsx *s, struct fetch_answer *a);

/* The login was refused: never again in this run. */
void nsx_login_refused(struct nsx *s, const struct fetch_answer *a, const struct nsx_refusal *why,
    const char *what);

/* No connection that a login may travel on. */
void nsx_connection_failed(struct nsx *s, const struct fetch_answer *a, const char *what);

/* Note the listeners that are known by now. */
void nsx_probe_plan(struct nsx *s);
bool nsx_probe_next(struct nsx *s, struct fetch_request *r);
void nsx_probe_take(struct nsx *s, size_t i, const struct fetch_answer *a);

/* At the end: those that were never begun. */
void nsx_probe_finish(struct nsx *s);

/* The product's own judgement of certificates in use, asked for one by one
 * when the calls of the table are over.  false: none now, or none at all. */
bool nsx_validate_next(struct nsx *s, struct fetch_request *r);
void nsx_validate_take(struct nsx *s, size_t i, struct fetch_answer *a);

/* At the end: those that were never begun. */
void nsx_validate_finish(struct nsx *s);

/* The answer to call i. */
void nsx_take_call(struct nsx *s, size_t i, int64_t now_ms, struct fetch_answer *a);

/* A URL at this manager; valid until the next one. */
const char *nsx_url(struct nsx *s, const char *path, const char *query, const char *cursor);

#endif
