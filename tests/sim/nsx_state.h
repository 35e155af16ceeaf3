/* nsx_state.h - what the simulated NSX Manager cluster believes.
 *
 * Rows of the trust store hold their uses; what a listener presents follows
 * from them (nsx_serves), so moving a use is all that applying a certificate
 * has to do.  Strings are borrowed from the scenario or owned through
 * nsx_own(); both live as long as the state. */
#ifndef CHECK_CERTS_NSX_STATE_H
#define CHECK_CERTS_NSX_STATE_H

#include "tests/sim/sim.h"

#define NSX_NODES_MAX 16
#define NSX_USES_MAX 64
#define NSX_SERVICES_MAX 24
#define NSX_USERS_MAX 16
#define NSX_SESSIONS_MAX 64
#define NSX_CLIENTS_MAX 64
#define NSX_OPERATIONS_MAX 256
#define NSX_CSRS_MAX 64

#define NSX_VERSION(major, minor, patch) ((major) * 10000 + (minor) * 100 + (patch))

enum nsx_pem { NSX_PEM_NORMAL, NSX_PEM_ONE_LINE, NSX_PEM_CRLF, NSX_PEM_NO_NEWLINE,
	NSX_PEM_BROKEN, NSX_PEM_GARBAGE, NSX_PEM_EMPTY, NSX_PEM_MISSING,
	NSX_PEM_LEAF };               /* the first block alone: the others are rows of their own */
enum nsx_details { NSX_DETAILS_NORMAL, NSX_DETAILS_MISSING, NSX_DETAILS_EMPTY, NSX_DETAILS_WRONG };

/* One used_by entry. */
struct nsx_use {
	const char *node_id;
	const char *service[NSX_SERVICES_MAX];
	size_t n_services;
};

/* One certificate object: of the trust store, of the policy list, or of both. */
struct nsx_row {
	const char *id;
	const char *display_name;
	const char *description;      /* NULL: absent */
	const struct sim_cert *cert;
	struct nsx_use *use;          /* owned */
	size_t n_uses;
	bool in_store;
	bool in_policy;
	bool has_private_key;
	const char *resource_type;
	const char *category;
	bool category_given;          /* by the scenario: it does not follow the uses */
	const char *purpose;          /* NULL: absent */
	const char *validation;       /* what action=validate says; NULL: the truth */
	enum nsx_pem pem;
	enum nsx_details details;
	int64_t created_ms;
	char alarm_id[37];
};

struct nsx_node {
	const char *name;
	const char *fqdn;
	const char *uuid;
	const char *ip;               /* what the API says */
	const char *address;          /* where it listens; NULL: nowhere */
	const char *status;           /* "JOINED" */
	const char *serves;           /* name of what it presents; NULL: as the store says */
	bool down;
	int64_t settles_at_ms;        /* until then the cluster counts it as down */
};

struct nsx_vip {
	bool set;
	const char *fqdn;
	const char *ip;
	const char *address;
	const char *serves;
};

struct nsx_user {
	const char *name;
	const char *password;
	bool may_write;
	int64_t n_failures;
	int64_t last_failure_ms;
	int64_t locked_until_ms;
};

struct nsx_session {
	char id[33];                  /* "": free */
	char xsrf[37];
	const struct nsx_user *user;
	size_t node;                  /* lives on this manager only */
	int64_t used_ms;
};

/* Requests of one client in the second under way. */
struct nsx_client {
	const char *name;
	int64_t second;
	int64_t n;
};

struct nsx_identity {                 /* a principal identity */
	const char *id;
	const char *name;
	const char *node_id;
	const char *role;
	const struct nsx_row *row;    /* its certificate */
	bool is_protected;
};

struct nsx_transport_node {
	const char *id;
	const char *name;
	const char *type;             /* "HostNode", "EdgeNode" */
	const char *ip;
	const char *status;           /* UP, DOWN, DEGRADED, UNKNOWN */
	const char *node_id;          /* what a host certificate is replaced by */
	const char *later_status;     /* after a replacement, once it has settled */
	int64_t settles_at_ms;        /* until then it is DOWN */
	char *sha256;                 /* of the host certificate that it was given; NULL: none */
	int64_t n_blocks;             /* of that certificate's chain */
	int64_t n_replaced;
};

struct nsx_site {
	const char *id;
	const char *name;
	const char *fqdn;
	const char *thumbprint;       /* as the Global Manager remembers it; NULL: discarded */
	bool is_local;
	const char *username;         /* what the connection is checked against; NULL: nothing */
	const char *password;
	const char *expected;         /* the thumbprint that is right; NULL: see lm_address */
	const char *lm_address;       /* where the Local Manager listens; NULL: nobody asks it */
	int64_t lm_port;
	char *given;                  /* the thumbprint of the last update; NULL: none was made */
	int64_t n_updates;
	int64_t revision;
};

/* One manager of the federation, as a Global Manager lists it. */
struct nsx_gm {
	const char *id;
	const char *name;
	const char *mode;             /* ACTIVE, STANDBY */
	const char *fqdn;
	char *given;                  /* thumbprint of the last update; NULL: none was made */
	int64_t n_updates;
	int64_t revision;
};

/* --- changes -------------------------------------------------------------------- */

/* How a change goes, by scenario.  Times are simulated, apply_away_ms is real. */
struct nsx_pace {
	int64_t apply_away_ms;        /* a listener is gone for so long */
	int64_t apply_settle_ms;      /* the cluster is not STABLE for so long */
	int64_t batch_operation_ms;   /* each operation of a batch takes so long */
	int64_t host_settle_ms;       /* a transport node is DOWN for so long */
	int64_t crl_ready_ms;         /* a CRL is there so long after the certificate; -1: never */
	int lost_answer;              /* 1: a listener that restarts sends no answer */
	int splits_chain;             /* 1: each block of an import becomes a row */
	int sdk_statuses;             /* 1: 200, 204, as the SDKs say; 0: 200, 201, 202 */
	int auto_renew;               /* 1: the background task renews what is due */
	const char *batch_fails[NSX_SERVICES_MAX];   /* operations of these services end in ERROR */
	size_t n_batch_fails;
	const char *upgrade, *backup, *restore;      /* states of other work; never NULL */
};

enum nsx_operation_status { NSX_PENDING, NSX_OK, NSX_ERROR, NSX_ABORTED };

/* One operation of a batch: this service there gets the new certificate. */
struct nsx_operation {
	char id[37];
	enum nsx_operation_status status;
	const char *service;
	const char *node_id;
	const char *old_id, *old_name, *new_id, *new_name;
	const char *message;          /* "": nothing to say */
	int64_t started_ms, ended_ms; /* 0: not yet */
};

struct nsx_batch {
	struct nsx_operation op[NSX_OPERATIONS_MAX];
	size_t n;                     /* 0: no batch, or it was cleared */
	int64_t started_ms, ended_ms;
	int64_t due_ms;               /* when the first pending one is done */
	char fails[32];               /* operations of this service fail; "": none by a fault */
};

struct nsx_csr {
	const char *id;
	const char *display_name;
	const char *algorithm;        /* "RSA", "EC" */
	int64_t key_size;
	bool is_ca;
	char *pem;
	struct x509_st *template;     /* subject, extensions and key of what it asks for */
	struct evp_pkey_st *key;      /* borrowed from the shop */
	int64_t created_ms;
};

struct nsx_limits {                   /* /api/v1/cluster/api-service */
	int64_t rate, concurrency, global_concurrency, connection_timeout_s, session_timeout_s;
	int64_t retry_after_s;        /* 0: no such header */
	int enforced;                 /* 1: 429 and 503 are really answered */
};

struct nsx_security {                 /* security-global-config */
	int crl_checking, ca_signed_only, eku_checking, renewal;
	int64_t lead_days;
	int guide_names;              /* 1: the fields of renewal are called ..._replacement_... */
};

struct nsx_lockout {                  /* node/aaa/auth-policy */
	int64_t failures, reset_s, period_s;
};

struct nsx {
	struct sim *sim;
	struct sim_shop *shop;        /* of this state */
	char **owned;
	size_t n_owned, owned_cap;

	int version;                  /* NSX_VERSION() */
	const char *version_text;     /* "4.2.0.0.0.20040200" */
	bool global_manager;
	bool null_cursor;             /* the last page has a cursor "0000" */
	int basic, session_login, certificate_login;   /* 1: allowed */

	const char *cluster_id;
	const char *cluster_status;   /* overall */
	int changes_allowed;
	struct nsx_node node[NSX_NODES_MAX];
	size_t n_nodes;
	struct nsx_vip vip;
	const char *lone_address;     /* neither nodes nor VIP have one: all behind this */

	struct nsx_row **row;
	size_t n_rows, rows_cap;
	struct nsx_identity *identity;
	size_t n_identities;
	struct nsx_transport_node *tn;
	size_t n_tns;
	struct nsx_site *site;
	size_t n_sites;
	const char *gm_mode;          /* ACTIVE, STANDBY */
	struct nsx_gm *gm;
	size_t n_gms;

	struct nsx_user user[NSX_USERS_MAX];
	size_t n_users;
	struct nsx_session session[NSX_SESSIONS_MAX];
	struct nsx_client client[NSX_CLIENTS_MAX];
	size_t n_clients;
	struct nsx_limits limits;
	struct nsx_lockout lockout;
	struct nsx_security security;

	struct nsx_pace pace;
	int64_t busy_until_ms;        /* one change at a time */
	struct nsx_batch batch;
	int64_t next_renewal_ms;      /* when the background task looks again; 0: not begun */
	struct nsx_csr csr[NSX_CSRS_MAX];
	size_t n_csrs;
};

/* --- nsx_state.c ------------------------------------------------------------- */

/* Take over a string; freed with the state.  Returns it. */
const char *nsx_own(struct nsx *n, char *s);
const char *nsx_new_id(struct nsx *n);
void nsx_free(struct nsx *n);

struct nsx_row *nsx_row_by_id(const struct nsx *n, const char *id);
const struct nsx_node *nsx_node_by_id(const struct nsx *n, const char *uuid);
const struct nsx_node *nsx_node_by_name(const struct nsx *n, const char *name);
bool nsx_row_used_for(const struct nsx_row *row, const char *service, const char *node_id);
/* The store's row for this service; node_id NULL: of any. */
const struct nsx_row *nsx_row_for(const struct nsx *n, const char *service, const char *node_id);
/* Which manager answers on this address; the VIP is held by the first that is up. */
size_t nsx_node_at(const struct nsx *n, const char *address);
/* overall_status: STABLE, DEGRADED, UNAVAILABLE, or what the scenario says. */
const char *nsx_overall_status(const struct nsx *n);
/* UP, DOWN, DEGRADED, UNKNOWN: what a replacement of its certificate did included. */
const char *nsx_tn_status(const struct nsx *n, const struct nsx_transport_node *tn);
const struct sim_cert *nsx_serves(const struct nsx *n, const char *address);
/* Append a row, owned by the state. */
struct nsx_row *nsx_add_row(struct nsx *n);
void nsx_drop_row(struct nsx *n, const struct nsx_row *row);
struct nsx_use *nsx_add_use(struct nsx_row *row, const char *node_id);

/* --- nsx_scenario.c, nsx_nodes.c, nsx_rows.c, nsx_defaults.c --------------------- */

extern const char *const nsx_scenario_keys[];
extern const char nsx_default_scenario[];
struct nsx *nsx_from_scenario(struct sim *sim, const struct json *scenario, struct err *e) MUST_USE;
int nsx_read_nodes(struct nsx *n, const struct json *scenario, struct err *e) MUST_USE;
/* Keys that say how a change goes. */
int nsx_read_pace(struct nsx *n, const struct json *scenario, struct err *e) MUST_USE;
/* Sites and global managers. */
int nsx_read_federation(struct nsx *n, const struct json *scenario, struct err *e) MUST_USE;
int nsx_read_others(struct nsx *n, const struct json *scenario, struct err *e) MUST_USE;
/* "many": so many certificates, for measurements. */
int nsx_read_many(struct nsx *n, const struct json *scenario, struct err *e) MUST_USE;
int nsx_read_rows(struct nsx *n, const struct json *scenario, struct err *e) MUST_USE;
/* The certificates that a fresh installation of this version has. */
int nsx_default_rows(struct nsx *n, struct err *e) MUST_USE;
/* Subject and names that follow from what a row is used for, where spec has none. */
void nsx_name_after_uses(struct nsx *n, const struct nsx_row *row, struct sim_spec *spec);
/* Resource type, category and the like, where the scenario is silent. */
void nsx_finish_row(struct nsx *n, struct nsx_row *row);
/* The category again, after its uses have changed. */
void nsx_recategorize(struct nsx_row *row);

#endif
