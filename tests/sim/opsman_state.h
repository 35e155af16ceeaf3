/* opsman_state.h - what opsman_sim believes. */
#ifndef CHECK_CERTS_OPSMAN_STATE_H
#define CHECK_CERTS_OPSMAN_STATE_H

#include "tests/sim/sim.h"

#define OPSMAN_LOGIN_TRIES 5
#define OPSMAN_LOCK_OUT_MS (5 * 60 * 1000)
#define OPSMAN_TOKENS_MAX 256
#define OPSMAN_CAS_MAX 64               /* ever: a bit of a mask stands for each */
#define OPSMAN_PRODUCTS_MAX 64
#define OPSMAN_RUNS_MAX 512

enum opsman_phase { OPSMAN_BOOTING, OPSMAN_SETUP, OPSMAN_LOCKED, OPSMAN_STARTING, OPSMAN_READY };

/* A user (password grant) or a client (client_credentials grant). */
struct opsman_account {
	bool is_client;
	char *name, *secret;
	char *scopes;               /* blank-separated */
	int n_failures;
	int64_t locked_until_ms;
};

struct opsman_token {
	char *text;
	char *refresh;              /* NULL: the grant gives none */
	const struct opsman_account *account;
	int64_t ends_at_ms;
};

struct opsman_ca {
	char *guid, *issuer;
	const struct sim_cert *cert;
	const struct sim_cert *nats;    /* NULL: none */
	bool nats_is_null;              /* the member is there, as null */
	bool active;
	int64_t created_at;
	char *pem;                      /* NULL: the certificate's own; "" is sent as null */
	char *expires_on;               /* NULL: the certificate's own */
	bool gone;                      /* deleted; the place stays, for the masks */
	bool not_applied;               /* of the scenario: no VM knows it yet */
	bool signs;                     /* of the scenario: the leafs are of this one */
};

/* A row of the deployed list: members as the scenario gave them, over defaults. */
struct opsman_row {
	const struct json *given;       /* borrowed from the scenario */
	const struct sim_cert *cert;    /* its dates and issuer; NULL: only what is given */
	int n;                          /* how often the row stands in the list */
	const struct sim_cert *staged;  /* what the next Apply deploys; NULL: what is there */
	const struct sim_cert *next;    /* of a CredHub CA: staged when the new CA is activated */
	struct json *own;               /* owned; then given is it */
	int product;                    /* whose Apply deploys it */
	int regenerates;                /* -1: by its class */
	bool comes, goes;               /* at the next Apply: into the list, out of it */
};

/* A VM: which CAs it trusts and which have signed its leafs, a bit each. */
struct opsman_vm {
	int product;
	bool of_service;                /* of a service instance: an errand moves it */
	uint64_t trusts, signers;
	bool cut_off;                   /* it meets a leaf that it does not trust */
	int n_moved;
};

struct opsman_product {
	char *guid, *type;
	const struct json *given;       /* NULL: made up from the rows */
	const char *errand;             /* moves its service instances; NULL: they are no VMs here */
	bool errand_by_default;
	int64_t deployed_order;         /* of the last deployment; 0: before the scenario */
	bool foreign_deployed;          /* the changes staged for it by others were deployed */
};

enum opsman_status { OPSMAN_RUNNING, OPSMAN_SUCCEEDED, OPSMAN_FAILED };
enum opsman_part { OPSMAN_PENDING, OPSMAN_DEPLOYING, OPSMAN_DEPLOYED, OPSMAN_BROKEN, OPSMAN_SKIPPED };

/* An installation: what was staged when it began, moved in VM by VM. */
struct opsman_run {
	int64_t id;
	char *user;
	int64_t started_ms, length_ms, finished_ms;
	enum opsman_status status, planned;
	int fails_at;                   /* per cent of its VMs that are reached before */
	bool stale;                     /* says "running", and is not */
	bool recreate, latest;
	bool with_director_only;
	uint64_t products;              /* a bit each */
	uint64_t errands;               /* products whose service instances are moved */
	uint64_t trusts;                /* the CAs that were there */
	uint64_t signers[OPSMAN_PRODUCTS_MAX];
	enum opsman_part part[OPSMAN_PRODUCTS_MAX];
	int64_t part_ms[OPSMAN_PRODUCTS_MAX];   /* when it began */
	const struct sim_cert **fresh;  /* per row; NULL: stays */
	size_t n_fresh;
	size_t n_moves, n_done;
	const char *why;                /* it failed; static text */
};

/* How things go, by scenario. */
struct opsman_pace {
	int64_t apply_ms, backdate_s, ca_days, leaf_days, fails_at, version_after_ms;
	const char *version_then;
	int safety;                     /* -1: by version and products */
	int second_apply_status;
	bool own_by_not_before, rows_at_regenerate, ca_changes_pending, needs_recreate;
	bool sticky_credhub, lost_in_parallel, wrapped_create, active_again_refused;
	bool repeat_refused, listed_unchanged;
	const char *during_apply;       /* "refused", "kept", "lost" */
	const char *restart_run;        /* "goes-on", "failed", "stale" */
	const struct json *results;     /* the next element is for the next Apply */
	const struct json *excluded, *failed, *warnings, *verifiers;
};

/* How often each was done, from any client. */
struct opsman_acts {
	int64_t generate, create, activate, regenerate, delete, apply, recreate, unlock;
};

struct opsman_state {
	struct sim *sim;
	struct sim_shop *shop;
	const struct json *scenario;
	const char *version;
	int major, minor, patch;
	enum opsman_phase phase;
	int64_t ready_at_ms;            /* OPSMAN_STARTING ends then */
	int64_t starting_ms;
	const char *passphrase;
	bool dates_only;
	bool old_refusals;              /* UAA's older error for a wrong client secret */
	int64_t token_ms;
	struct opsman_ca *cas;
	size_t n_cas;
	size_t n_given_cas;             /* of them the scenario's */
	struct opsman_row *rows;
	size_t n_rows;
	struct opsman_account *accounts;
	size_t n_accounts;
	struct opsman_token tokens[OPSMAN_TOKENS_MAX];
	size_t n_tokens;
	const struct sim_cert *listener;
	int64_t n_overlaps;             /* API calls that met another one under way */
	int64_t n_lost;                 /* of these, that did nothing */
	struct opsman_pace pace;
	struct opsman_acts acts;
	struct opsman_product products[OPSMAN_PRODUCTS_MAX];
	size_t n_products;
	size_t director;
	struct opsman_vm *vms;
	size_t n_vms;
	struct opsman_run *runs[OPSMAN_RUNS_MAX];   /* oldest first */
	size_t n_runs;
	int64_t next_run_id, n_deployments;
	int64_t entered_ms;             /* the scenario was entered */
	int signer;                     /* the CA that signs the VMs' leafs, staged */
	bool recreate_next, recreate_director_next;
	bool services_rotated;          /* the Services TLS CA went along: it breaks at the Apply */
	int64_t n_outages, n_unsafe, n_foreign;
	char first_outage[200];
	struct json *pending;           /* owned, by an event; NULL: what the scenario says */
	char *version_now;              /* owned; NULL: the scenario's */
	const struct json *others_run;  /* of the scenario, not begun yet */
	int64_t others_at_ms;
	int64_t locks_at_ms;            /* OPSMAN_BOOTING ends then; 0: never */
	int64_t n_refused_logins;
};

int opsman_create(struct sim *sim, const struct json *scenario, void **state, struct err *e);
void opsman_destroy(void *state);

/* At least this version?  "2.10.40-build.1"; a missing patch counts as 0. */
bool opsman_at_least(const struct opsman_state *s, int major, int minor, int patch);

/* The phase now: starting ends by itself. */
enum opsman_phase opsman_phase(struct opsman_state *s, int64_t now_ms);
const char *opsman_phase_name(enum opsman_phase p);
int opsman_phase_parse(const char *word, enum opsman_phase *out) MUST_USE;

/* --- opsman_auth.c: UAA and the lock ----------------------------------------- */

void opsman_token_post(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
void opsman_unlock(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
void opsman_availability(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);

/* The account of a valid bearer token with one of the scopes that may read;
 * else NULL, and rp holds the refusal (401, 403). */
const struct opsman_account *opsman_who(struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp);
/* May it change something?  If not, rp holds the refusal. */
bool opsman_may_write(const struct opsman_account *a, struct sim_reply *rp);
/* The two bodies of 401 and 403. */
void opsman_refuse_token(struct sim_reply *rp, unsigned status, const char *text);
void opsman_invalid_token(struct sim_reply *rp);
/* No token that was given so far holds any more. */
void opsman_end_tokens(struct opsman_state *s);
int opsman_read_version(struct opsman_state *s, const char *text) MUST_USE;

/* --- opsman_certs.c: CAs and deployed certificates -------------------------------- */

void opsman_ca_list(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
void opsman_deployed(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
void opsman_deployed_v1(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
void opsman_root_ca(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);

/* "2019-04-24T04:17:05Z", or the date alone as the first versions had it. */
void opsman_put_time(struct json_writer *w, const char *key, int64_t at, bool date_only);

/* {"errors":["text"]} */
void opsman_error(struct sim_reply *rp, unsigned status, const char *text);

/* A scenario value as it came, of any kind. */
void opsman_copy(struct json_writer *w, const char *key, const struct json *parent, const struct json *value);

#endif
