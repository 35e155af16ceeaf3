/* opsman_write.h - calls that change something, and what they do to the foundation. */
#ifndef CHECK_CERTS_OPSMAN_WRITE_H
#define CHECK_CERTS_OPSMAN_WRITE_H

#include "tests/sim/opsman_state.h"

typedef void opsman_handler(struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp);

/* --- opsman_pace.c ------------------------------------------------------- */

extern const char *const opsman_scenario_keys[];
int opsman_read_pace(struct opsman_state *s, const struct json *scenario, struct err *e) MUST_USE;

/* --- opsman_products.c: products, their VMs, the lists of them ----------- */

int opsman_read_products(struct opsman_state *s, const struct json *scenario,
    struct err *e) MUST_USE;
/* -1: no such product. */
int opsman_product_by_guid(const struct opsman_state *s, const char *guid);
bool opsman_has_tkgi(const struct opsman_state *s);
opsman_handler opsman_deployed_products, opsman_staged_products;

/* --- opsman_pending.c ------------------------------------------------------ */

opsman_handler opsman_pending_changes, opsman_get_director, opsman_put_director;
/* What others have staged for this product; NULL: nothing. */
const struct json *opsman_foreign_change(const struct opsman_state *s, int product);
/* Every staged change is complete? */
bool opsman_is_complete(const struct opsman_state *s);

/* --- opsman_trust.c: the trust model ---------------------------------------- */

#define OPSMAN_BIT(i) (UINT64_C(1) << (i))
/* The CAs of the list. */
uint64_t opsman_listed(const struct opsman_state *s);
/* The CAs that will have signed what a VM of this product presents. */
uint64_t opsman_signers(const struct opsman_state *s, int product);
/* A VM takes what the run brings; whoever is cut off by that is counted. */
void opsman_move_vm(struct opsman_state *s, const struct opsman_run *run, struct opsman_vm *vm);
void opsman_outage(struct opsman_state *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Something of this product is staged and not deployed. */
bool opsman_is_dirty(const struct opsman_state *s, int product);
bool opsman_all_trust(const struct opsman_state *s, int ca);
/* A VM has a leaf of this CA. */
bool opsman_any_leaf_of(const struct opsman_state *s, int ca);

/* --- opsman_run.c: an installation --------------------------------------------- */

struct opsman_order {
	const char *user;
	uint64_t products;            /* a bit each; the Director is always in it */
	uint64_t errands;
	bool director_only, recreate, latest;
	int64_t length_ms;
	enum opsman_status planned;
	int fails_at;
};
/* NULL: too many of them. */
struct opsman_run *opsman_begin_run(struct opsman_state *s, const struct opsman_order *order);
/* The one that is really under way; NULL: none. */
struct opsman_run *opsman_running(const struct opsman_state *s);
void opsman_end_run(struct opsman_state *s, struct opsman_run *run, enum opsman_status status,
    int64_t at_ms);
void opsman_free_run(struct opsman_run *run);
/* What became due since the last look. */
void opsman_tick(struct opsman_state *s);
/* {"user","products","apply_s","result","fails_at"}: what somebody else orders. */
int opsman_read_others(const struct opsman_state *s, const struct json *value,
    struct opsman_order *order, struct err *e) MUST_USE;
/* Begun now; -1 while another one runs. */
int opsman_others_run(struct opsman_state *s, const struct json *value, struct err *e) MUST_USE;

/* --- opsman_apply.c, opsman_runs.c: the calls about installations ------------ */

opsman_handler opsman_post_installation, opsman_get_installations, opsman_get_installation,
    opsman_current_log;

/* --- opsman_leafs.c: which certificates are made again ----------------------- */

enum opsman_pick { OPSMAN_LEAFS, OPSMAN_CREDHUB_CAS };
/* Made again and staged (CAs: for the activation); written as the object
 * {done: [...], "excluded": [...], failed: [...]}.  exclude NULL: the default. */
void opsman_remake(struct opsman_state *s, enum opsman_pick pick, const struct json *exclude,
    struct json_writer *w, const char *done, const char *failed);
/* The root CA's row came or goes with the next Apply. */
void opsman_row_of_ca(struct opsman_state *s, const struct opsman_ca *ca, bool comes);
void opsman_promote_cas(struct opsman_state *s);
bool opsman_regenerates(const struct opsman_state *s, const struct opsman_row *row);
int opsman_ca_of(const struct opsman_state *s, const struct sim_cert *cert);   /* -1: none */

/* --- opsman_safety.c ------------------------------------------------------------- */

enum opsman_act { OPSMAN_GENERATE, OPSMAN_CREATE, OPSMAN_ACTIVATE, OPSMAN_REGENERATE,
    OPSMAN_DELETE };
/* True: refused with the violations. */
bool opsman_is_unsafe(struct opsman_state *s, const struct sim_request *rq, enum opsman_act act,
    int ca, struct sim_reply *rp);

/* --- opsman_cas.c, opsman_make_ca.c: the calls about CAs ---------------------- */

opsman_handler opsman_generate, opsman_create_ca, opsman_regenerate, opsman_activate,
    opsman_delete_ca;
/* 0, or the call is answered: an Apply is under way. */
int opsman_may_touch_cas(struct opsman_state *s, struct sim_reply *rp) MUST_USE;
/* "warnings" of this call, if any: then the status is 207. */
bool opsman_put_warnings(struct opsman_state *s, const char *call, struct sim_reply *rp,
    struct json_writer *w);
void opsman_put_ca(const struct opsman_state *s, struct json_writer *w, const struct opsman_ca *ca,
    bool active);
int opsman_active_ca(const struct opsman_state *s);      /* -1: none */

/* --- opsman_event.c: what happens besides ------------------------------------------ */

extern const char *const opsman_events[];
int opsman_event(struct opsman_state *s, const char *what, const struct json *value, struct err *e)
    MUST_USE;
int opsman_post_event(void *state, const struct json *body, struct json_writer *w, struct err *e);

/* --- opsman_dump.c ------------------------------------------------------------------- */

void opsman_dump(void *state, struct json_writer *w);

#endif
