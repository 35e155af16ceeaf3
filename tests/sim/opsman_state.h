/* opsman_state.h - what opsman_sim believes. */
#ifndef CHECK_CERTS_OPSMAN_STATE_H
#define CHECK_CERTS_OPSMAN_STATE_H

#include "tests/sim/sim.h"

#define OPSMAN_LOGIN_TRIES 5
#define OPSMAN_LOCK_OUT_MS (5 * 60 * 1000)
#define OPSMAN_TOKENS_MAX 256

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
};

/* A row of the deployed list: members as the scenario gave them, over defaults. */
struct opsman_row {
	const struct json *given;       /* borrowed from the scenario */
	const struct sim_cert *cert;    /* its dates and issuer; NULL: only what is given */
	int n;                          /* how often the row stands in the list */
};

struct opsman_state {
	struct sim *sim;
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
	struct opsman_row *rows;
	size_t n_rows;
	struct opsman_account *accounts;
	size_t n_accounts;
	struct opsman_token tokens[OPSMAN_TOKENS_MAX];
	size_t n_tokens;
	const struct sim_cert *listener;
	int64_t n_overlaps;             /* API calls that met another one under way */
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

/* --- opsman_certs.c: CAs and deployed certificates -------------------------------- */

void opsman_ca_list(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
void opsman_deployed(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
void opsman_deployed_v1(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
void opsman_root_ca(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);

/* {"errors":["text"]} */
void opsman_error(struct sim_reply *rp, unsigned status, const char *text);

/* A scenario value as it came, of any kind. */
void opsman_copy(struct json_writer *w, const char *key, const struct json *parent, const struct json *value);

#endif
