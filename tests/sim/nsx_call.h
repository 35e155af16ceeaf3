/* nsx_call.h - one call to the simulated NSX: route, caller, answer. */
#ifndef CHECK_CERTS_NSX_CALL_H
#define CHECK_CERTS_NSX_CALL_H

#include "tests/sim/nsx_state.h"

struct nsx_call {
	const struct sim_request *rq;
	struct sim_reply *rp;
	const char *who;              /* the user or principal identity; NULL: nobody yet */
	bool may_write;
	char *arg[2];                 /* what the '*' of the route stand for; owned by the router */
};

typedef void nsx_handler(struct nsx *n, struct nsx_call *c);

/* --- nsx_error.c: the error body ------------------------------------------------ */

/* error_code values that clients know. */
enum {
	NSX_E_XSRF = 98, NSX_E_CLIENT_CERT = 99, NSX_E_RATE = 102, NSX_E_PARAMETER = 255,
	NSX_E_LOGIN = 403, NSX_E_NOT_FOUND = 600
};
void nsx_error(struct sim_reply *rp, unsigned status, int code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void nsx_not_found(struct sim_reply *rp, const char *id);
/* What a client sees of a status when a fault answers for us. */
void nsx_refuse(void *state, unsigned status, struct sim_reply *rp);

/* --- nsx_auth.c, nsx_session.c --------------------------------------------------- */

/* Who calls?  -1: answered already, with the documented refusal. */
int nsx_authenticate(struct nsx *n, struct nsx_call *c) MUST_USE;
/* A user whose password fits and who is not locked; counts failures. */
const struct nsx_user *nsx_login(struct nsx *n, const char *name, const char *password,
    int64_t now_ms);
void nsx_login_refused(struct nsx_call *c);
/* Within the request limits?  -1: answered with 429 or 503. */
int nsx_within_limits(struct nsx *n, struct nsx_call *c) MUST_USE;
/* The session of the request's cookie; NULL: none that is good. */
const struct nsx_session *nsx_session_of(struct nsx *n, const struct sim_request *rq);
nsx_handler nsx_session_create, nsx_session_destroy;

/* --- nsx_list.c: lists with a cursor ------------------------------------------------ */

struct nsx_list {
	const void **item;            /* owned by the list */
	size_t n, cap;
	const char *(*id)(const void *item);
	const char *(*name)(const void *item);
	void (*write)(struct nsx *n, struct nsx_call *c, const void *item, struct json_writer *w);
};
void nsx_list_add(struct nsx_list *list, const void *item);
/* Answer with the page that was asked for, and free the list's array. */
void nsx_list_answer(struct nsx *n, struct nsx_call *c, struct nsx_list *list);
/* A list without any entry. */
nsx_handler nsx_empty_list;

/* --- certificates as JSON (nsx_row_json.c, nsx_x509_json.c) ---------------------------- */

/* For lists of rows. */
const char *nsx_row_id(const void *row);
const char *nsx_row_name(const void *row);
void nsx_write_row(struct nsx *n, struct nsx_call *c, const void *row, struct json_writer *w);
void nsx_write_policy_row(struct nsx *n, struct nsx_call *c, const void *row,
    struct json_writer *w);
/* One X509Certificate object; days_wrong is added to its not_after. */
void nsx_write_x509(const struct nsx *n, const char *key, const struct sim_cert *cert,
    int64_t days_wrong, struct json_writer *w);

/* --- nsx_probe.c: NSX looks at a listener itself ------------------------------------------ */

struct nsx_probe {
	const char *result;           /* SUCCESS, CONNECTION_REFUSED, ... */
	char *pem;                    /* the chain; NULL: none was seen */
	struct sim_cert *leaf;        /* of that chain */
};
void nsx_probe(struct nsx *n, const char *address, int64_t port, struct nsx_probe *out);
void nsx_probe_clear(struct nsx_probe *probe);

/* --- the calls, by file -------------------------------------------------------- */

/* nsx_node.c */
nsx_handler nsx_get_version, nsx_get_node, nsx_get_health, nsx_get_auth_policy, nsx_get_api_service,
    nsx_get_node_of_cluster, nsx_get_version_of_cluster;
/* nsx_cluster.c */
nsx_handler nsx_get_cluster, nsx_get_cluster_node, nsx_get_cluster_nodes, nsx_get_cluster_status,
    nsx_get_vip, nsx_get_api_certificate;
/* nsx_trust.c */
nsx_handler nsx_get_trust, nsx_get_certificates, nsx_get_certificate, nsx_get_identities,
    nsx_get_identity, nsx_get_stale, nsx_get_bundle;
/* nsx_validate.c */
nsx_handler nsx_validate;
/* nsx_profiles.c */
nsx_handler nsx_get_profiles, nsx_get_profile;
/* nsx_policy.c */
nsx_handler nsx_get_policy_certificates, nsx_get_policy_certificate, nsx_get_security,
    nsx_get_listener_certificate, nsx_fetch_peer_chain;
/* nsx_alarms.c */
nsx_handler nsx_get_alarms, nsx_get_alarm;
/* nsx_transport.c */
nsx_handler nsx_get_transport_nodes, nsx_get_transport_node, nsx_get_transport_status,
    nsx_get_transport_node_status;
/* nsx_sites.c */
nsx_handler nsx_get_sites, nsx_get_own_site;
/* nsx_federation.c: on a Global Manager */
nsx_handler nsx_get_gm_sites, nsx_get_gm_site, nsx_get_gm_managers, nsx_get_gm_manager,
    nsx_get_federation_config;

/* --- nsx_routes.c ---------------------------------------------------------------- */

void nsx_handle(void *state, const struct sim_request *rq, struct sim_reply *rp);

#endif
