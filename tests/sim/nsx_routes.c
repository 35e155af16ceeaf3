/* nsx_routes.c - which path, action and version leads to which answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_write.h"

enum access { OPEN, READ, WRITE };

struct route {
	const char *method;
	const char *path;             /* '*' is one segment */
	const char *action;           /* of the query; NULL: none */
	enum access access;
	int since;                    /* version; 0: all that are simulated */
	nsx_handler *answer;          /* NULL: known, but not offered: 501 */
};

#define TRUST "/api/v1/trust-management"
#define POLICY "/policy/api/v1"
#define GM "/global-manager/api/v1/global-infra"
#define V302 NSX_VERSION(3, 0, 2)
#define V303 NSX_VERSION(3, 0, 3)
#define V312 NSX_VERSION(3, 1, 2)
#define V40 NSX_VERSION(4, 0, 0)
#define V41 NSX_VERSION(4, 1, 0)
#define V42 NSX_VERSION(4, 2, 0)
#define V421 NSX_VERSION(4, 2, 1)
#define V90 NSX_VERSION(9, 0, 0)

static const struct route routes[] = {
	{ "POST", "/api/session/create", NULL, OPEN, 0, nsx_session_create },
	{ "POST", "/api/session/destroy", NULL, READ, 0, nsx_session_destroy },

	{ "GET", "/api/v1/node", NULL, READ, 0, nsx_get_node },
	{ "GET", "/api/v1/node/version", NULL, READ, 0, nsx_get_version },
	{ "GET", "/api/v1/node/aaa/auth-policy", NULL, READ, 0, nsx_get_auth_policy },
	{ "GET", "/api/v1/reverse-proxy/node/health", NULL, READ, 0, nsx_get_health },
	{ "GET", "/api/v1/cluster", NULL, READ, 0, nsx_get_cluster },
	{ "GET", "/api/v1/cluster/status", NULL, READ, 0, nsx_get_cluster_status },
	{ "GET", "/api/v1/cluster/nodes", NULL, READ, 0, nsx_get_cluster_nodes },
	{ "GET", "/api/v1/cluster/api-virtual-ip", NULL, READ, 0, nsx_get_vip },
	{ "GET", "/api/v1/cluster/api-certificate", NULL, READ, 0, nsx_get_api_certificate },
	{ "GET", "/api/v1/cluster/api-service", NULL, READ, 0, nsx_get_api_service },
	{ "GET", "/api/v1/cluster/*", NULL, READ, 0, nsx_get_cluster_node },
	{ "GET", "/api/v1/cluster/*/node", NULL, READ, 0, nsx_get_node_of_cluster },
	{ "GET", "/api/v1/cluster/*/node/version", NULL, READ, 0, nsx_get_version_of_cluster },

	{ "GET", TRUST, NULL, READ, 0, nsx_get_trust },
	{ "GET", TRUST "/certificates", NULL, READ, 0, nsx_get_certificates },
	{ "GET", TRUST "/certificates/batch-results", NULL, READ, V42, nsx_get_batch_results },
	{ "GET", TRUST "/certificates/*", NULL, READ, 0, nsx_get_certificate },
	{ "GET", TRUST "/certificates/*", "validate", READ, V302, nsx_validate },
	{ "GET", TRUST "/certificate-profiles", NULL, READ, V312, nsx_get_profiles },
	{ "GET", TRUST "/certificate-profile/*", NULL, READ, V312, nsx_get_profile },
	{ "GET", TRUST "/principal-identities", NULL, READ, 0, nsx_get_identities },
	{ "GET", TRUST "/principal-identities/*", NULL, READ, 0, nsx_get_identity },
	{ "GET", TRUST "/stale-certificates", NULL, READ, V42, nsx_get_stale },
	{ "GET", TRUST "/csrs", NULL, READ, 0, nsx_get_csrs },
	{ "GET", TRUST "/csrs/*", NULL, READ, 0, nsx_get_csr },
	{ "GET", TRUST "/crls", NULL, READ, 0, nsx_empty_list },
	{ "GET", TRUST "/crl-distribution-points", NULL, READ, 0, nsx_empty_list },
	{ "POST", TRUST "/certificates", "fetch_peer_certificate_chain", READ, V40,
	    nsx_fetch_peer_chain },
	{ "GET", "/api/v1/certificate-management/certificate-bundle", NULL, OPEN, V90,
	    nsx_get_bundle },

	{ "GET", "/api/v1/alarms", NULL, READ, 0, nsx_get_alarms },
	{ "GET", "/api/v1/alarms/*", NULL, READ, 0, nsx_get_alarm },
	{ "GET", "/api/v1/upgrade/status-summary", NULL, READ, 0, nsx_get_upgrade_status },
	{ "GET", "/api/v1/cluster/backups/status", NULL, READ, 0, nsx_get_backup_status },
	{ "GET", "/api/v1/cluster/restore/status", NULL, READ, 0, nsx_get_restore_status },
	{ "GET", "/api/v1/transport-nodes", NULL, READ, 0, nsx_get_transport_nodes },
	{ "GET", "/api/v1/transport-nodes/status", NULL, READ, 0, nsx_get_transport_status },
	{ "GET", "/api/v1/transport-nodes/*", NULL, READ, 0, nsx_get_transport_node },
	{ "GET", "/api/v1/transport-nodes/*/status", NULL, READ, 0, nsx_get_transport_node_status },
	{ "GET", "/api/v1/sites", NULL, READ, V40, nsx_get_sites },
	{ "GET", "/api/v1/sites/self", NULL, READ, V40, nsx_get_own_site },

	{ "GET", POLICY "/infra/certificates", NULL, READ, 0, nsx_get_policy_certificates },
	{ "GET", POLICY "/infra/certificates/*", NULL, READ, 0, nsx_get_policy_certificate },
	{ "GET", POLICY "/infra/security-global-config", NULL, READ, V40, nsx_get_security },
	{ "GET", "/api/v1/global-configs/SecurityGlobalConfig", NULL, READ, 0, nsx_get_security },
	{ "GET", POLICY "/infra/sites/listener_certificate", NULL, READ, V302,
	    nsx_get_listener_certificate },

	{ "GET", GM "/certificates", NULL, READ, 0, nsx_get_policy_certificates },
	{ "GET", GM "/certificates/*", NULL, READ, 0, nsx_get_policy_certificate },
	{ "GET", GM "/sites", NULL, READ, 0, nsx_get_gm_sites },
	{ "GET", GM "/sites/*", NULL, READ, 0, nsx_get_gm_site },
	{ "GET", GM "/global-managers", NULL, READ, 0, nsx_get_gm_managers },
	{ "GET", GM "/global-managers/*", NULL, READ, 0, nsx_get_gm_manager },
	{ "GET", GM "/federation-config", NULL, READ, 0, nsx_get_federation_config },

	{ "POST", TRUST "/certificates", "import", WRITE, 0, nsx_import },
	{ "DELETE", TRUST "/certificates/batch-results", NULL, WRITE, V42,
	    nsx_delete_batch_results },
	{ "DELETE", TRUST "/certificates/*", NULL, WRITE, 0, nsx_delete_certificate },
	{ "POST", TRUST "/certificates/*", "apply_certificate", WRITE, V312, nsx_apply },
	{ "POST", TRUST "/certificates", "set_pi_certificate_for_federation", WRITE, V302,
	    nsx_set_pi },
	{ "POST", TRUST "/certificates",
	    "set_appliance_proxy_certificate_for_inter_site_communication", WRITE, V312,
	    nsx_set_proxy },
	{ "POST", TRUST "/certificates/*", "import_trusted_ca", WRITE, V41, NULL },
	{ "POST", TRUST "/certificates/action/batch-replace", NULL, WRITE, V42, nsx_batch_replace },
	{ "POST", TRUST "/certificates/action/renew-appliance-certificates", NULL, WRITE, V421,
	    nsx_renew_appliances },
	{ "POST", TRUST "/certificates/action/replace-host-certificate/*", NULL, WRITE, V41,
	    nsx_replace_host },
	{ "POST", TRUST "/certificates/action/replace-host-certificate-generated/*/*", NULL, WRITE,
	    V90, NULL },
	{ "POST", TRUST "/csrs", NULL, WRITE, 0, nsx_create_csr },
	{ "POST", TRUST "/csrs", "self_sign", WRITE, V40, nsx_self_sign_at_once },
	{ "POST", TRUST "/csrs-extended", NULL, WRITE, V303, nsx_create_extended_csr },
	{ "DELETE", TRUST "/csrs/*", NULL, WRITE, 0, nsx_delete_csr },
	{ "POST", TRUST "/csrs/*", "self_sign", WRITE, 0, nsx_self_sign_csr },
	{ "POST", TRUST "/csrs/*", "import", WRITE, 0, nsx_import_for_csr },
	{ "POST", TRUST "/principal-identities", "update_certificate", WRITE, 0, NULL },
	{ "POST", TRUST "/principal-identities/with-certificate", NULL, WRITE, 0, NULL },
	{ "POST", "/api/v1/cluster/api-certificate", "set_cluster_certificate", WRITE, 0,
	    nsx_set_cluster_certificate },
	{ "POST", "/api/v1/cluster/api-certificate", "clear_cluster_certificate", WRITE, 0,
	    nsx_clear_cluster_certificate },
	{ "POST", "/api/v1/node/services/http", "apply_certificate", WRITE, 0, nsx_apply_to_http },
	{ "PUT", POLICY "/infra/security-global-config", NULL, WRITE, V40, NULL },
	{ "PUT", POLICY "/infra/certificates/*", NULL, WRITE, 0, NULL },
	{ "PATCH", POLICY "/infra/certificates/*", NULL, WRITE, 0, NULL },
	{ "DELETE", POLICY "/infra/certificates/*", NULL, WRITE, 0, NULL },
	{ "PUT", GM "/sites/*", NULL, WRITE, 0, nsx_update_site },
	{ "PATCH", GM "/sites/*", NULL, WRITE, 0, nsx_update_site },
	{ "PUT", GM "/global-managers/*", NULL, WRITE, 0, nsx_update_gm },
};

#define N_ROUTES (sizeof routes / sizeof routes[0])

static void drop_args(struct nsx_call *c)
{
	free(c->arg[0]);
	free(c->arg[1]);
	c->arg[0] = c->arg[1] = NULL;
}

/* Segment by segment; what the '*' stand for goes to c->arg. */
static bool match_path(const char *pattern, const char *path, struct nsx_call *c)
{
	size_t args = 0;

	while (*pattern != '\0') {
		if (*pattern == '*') {
			size_t n = strcspn(path, "/");

			if (n == 0)
				return false;
			c->arg[args++] = mem_strndup(path, n);
			path += n;
			pattern++;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

static bool same_action(const struct route *r, const char *action)
{
	if (r->action == NULL || action == NULL)
		return r->action == NULL && action == NULL;
	return strcmp(r->action, action) == 0;
}

static bool exists(const struct nsx *n, const struct route *r)
{
	return n->version >= r->since &&
	    (n->global_manager || strncmp(r->path, GM, sizeof GM - 1) != 0);
}

/* The first that fits; *path_known: some route has this path. */
static const struct route *find(const struct nsx *n, struct nsx_call *c, bool *path_known,
    bool *method_known)
{
	const char *action = sim_request_query(c->rq, "action");

	*path_known = *method_known = false;
	for (size_t i = 0; i < N_ROUTES; i++) {
		const struct route *r = &routes[i];

		drop_args(c);
		if (!exists(n, r) || !match_path(r->path, c->rq->path, c))
			continue;
		*path_known = true;
		if (strcmp(r->method, c->rq->method) != 0)
			continue;
		*method_known = true;
		if (same_action(r, action))
			return r;
	}
	drop_args(c);
	return NULL;
}

static void no_route(struct nsx_call *c, bool path_known, bool method_known)
{
	if (!path_known)
		nsx_error(c->rp, 404, NSX_E_NOT_FOUND,
		    "The requested object : %.256s could not be found. "
		    "Object identifiers are case sensitive.",
		    c->rq->path);
	else if (!method_known)
		nsx_error(c->rp, 405, 405, "The method %.32s is not allowed on this resource.",
		    c->rq->method);
	else
		nsx_error(c->rp, 400, NSX_E_PARAMETER, "Field level validation errors: "
		    "{action is missing or unknown}");
}

static void run(struct nsx *n, struct nsx_call *c, const struct route *r)
{
	if (r->access == WRITE && !c->may_write) {
		nsx_error(c->rp, 403, 401,
		    "User is not authorized to perform this operation on the "
		    "application. Please contact the system administrator to get access.");
		return;
	}
	if (r->answer == NULL) {
		nsx_error(c->rp, 501, 501, "This simulator does not offer %s %.256s yet.",
		    c->rq->method, c->rq->path);
		return;
	}
	r->answer(n, c);
}

void nsx_handle(void *state, const struct sim_request *rq, struct sim_reply *rp)
{
	struct nsx *n = state;
	struct nsx_call c = { .rq = rq, .rp = rp };
	bool path_known, method_known;
	const struct route *r = find(n, &c, &path_known, &method_known);

	nsx_tick(n);
	if (r != NULL && r->access == OPEN) {
		r->answer(n, &c);
	} else if (nsx_authenticate(n, &c) == 0 && nsx_within_limits(n, &c) == 0) {
		if (r != NULL)
			run(n, &c, r);
		else
			no_route(&c, path_known, method_known);
	}
	if (rp->note[0] == '\0' && c.who != NULL)
		snprintf(rp->note, sizeof rp->note, "%s", c.who);
	drop_args(&c);
}
