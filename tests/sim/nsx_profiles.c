/* nsx_profiles.c - the certificate profiles: what each service type demands. */
#include <string.h>
#include "tests/sim/nsx_write.h"

#define MANAGER 1
#define GLOBAL 2
#define BOTH (MANAGER | GLOBAL)

#define V30 NSX_VERSION(3, 0, 0)
#define V32 NSX_VERSION(3, 2, 0)
#define V41 NSX_VERSION(4, 1, 0)
#define V42 NSX_VERSION(4, 2, 0)

static const struct nsx_profile profiles[] = {
	{ "API", "API", BOTH, false, false, false, "REST", "http", 10, 60, V30, 0 },
	{ "MGMT_CLUSTER", "API cluster", BOTH, true, false, false, "REST", "http", 20, 60, V30, 0 },
	{ "APH", "Appliance proxy", BOTH, false, true, false, "RPC", "nsx-appl-proxy", 30, 60, V30,
	    0 },
	{ "APH_TN", "Appliance proxy to hosts", MANAGER, false, true, false, "RPC",
	    "nsx-appl-proxy", 40, 60, V41, 0 },
	{ "CCP", "Control plane", MANAGER, false, true, false, "RPC", "controller", 50, 60, V41,
	    0 },
	{ "CBM_CLUSTER_MANAGER", "Cluster boot manager", BOTH, false, true, true, "CBM",
	    "cluster_manager", 60, 120, V41, 0 },
	{ "CBM_CORFU", "Datastore", BOTH, false, true, true, "CBM", "datastore", 70, 120, V41, 0 },
	{ "CBM_MP", "Manager", MANAGER, false, true, true, "CBM", "manager", 80, 120, V41, V42 },
	{ "CBM_AR", "Asynchronous replicator", BOTH, false, true, true, "CBM", "async_replicator",
	    90, 120, V41, V42 },
	{ "CBM_API", "API to the datastore", BOTH, false, true, true, "CBM", "http", 100, 120, V41,
	    V42 },
	{ "CBM_GM", "Global manager", GLOBAL, false, true, true, "CBM", "global-manager", 110, 120,
	    V41, V42 },
	{ "LOCAL_MANAGER", "Local manager", MANAGER, true, true, true, "FEDERATION", "site_manager",
	    120, 30, V30, 0 },
	{ "GLOBAL_MANAGER", "Global manager identity", GLOBAL, true, true, true, "FEDERATION",
	    "site_manager", 130, 30, V30, 0 },
	{ "K8S_MSG_CLIENT", "Messaging client", MANAGER, false, true, false, "RPC", "messaging",
	    140, 30, V32, 0 },
};

#define N_PROFILES (sizeof profiles / sizeof profiles[0])

static bool applies(const struct nsx *n, const struct nsx_profile *p)
{
	return n->version >= p->since && (p->until == 0 || n->version < p->until) &&
	    (p->appliances & (n->global_manager ? GLOBAL : MANAGER)) != 0;
}

static void write_strings(const char *key, const char *a, const char *b, struct json_writer *w)
{
	jsonw_open(w, key, '[');
	if (a != NULL)
		jsonw_str(w, NULL, a);
	if (b != NULL)
		jsonw_str(w, NULL, b);
	jsonw_close(w, ']');
}

static void write_profile(const struct nsx *n, const struct nsx_profile *p, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "profile_name", p->name);
	jsonw_str(w, "service_type", p->service);
	jsonw_bool(w, "cluster_certificate", p->cluster);
	write_strings("node_type", p->appliances & MANAGER ? "MANAGER" : NULL,
	    p->appliances & GLOBAL ? "GLOBAL_MANAGER" : NULL, w);
	write_strings("extended_key_usage", "SERVER", p->client_too ? "CLIENT" : NULL, w);
	jsonw_bool(w, "unique_use", p->unique);
	if (n->version >= NSX_VERSION(4, 1, 2))
		jsonw_bool(w, "requires_private_key", true);
	if (n->version >= V42) {
		jsonw_bool(w, "abort_on_error", p->cluster);
		jsonw_str(w, "affected_services", p->affected);
		jsonw_str(w, "certificate_class", p->class);
		jsonw_i64(w, "processing_order", p->order);
		jsonw_i64(w, "replacement_duration", p->duration_s);
		jsonw_str(w, "summary", p->name);
	}
	jsonw_close(w, '}');
}

void nsx_get_profiles(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;
	int64_t count = 0;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "results", '[');
	for (size_t i = 0; i < N_PROFILES; i++) {
		if (!applies(n, &profiles[i]))
			continue;
		write_profile(n, &profiles[i], &w);
		count++;
	}
	jsonw_close(&w, ']');
	jsonw_i64(&w, "result_count", count);
	jsonw_close(&w, '}');
}

const struct nsx_profile *nsx_profile(const struct nsx *n, const char *service)
{
	for (size_t i = 0; i < N_PROFILES; i++) {
		if (applies(n, &profiles[i]) && strcmp(profiles[i].service, service) == 0)
			return &profiles[i];
	}
	return NULL;
}

void nsx_get_profile(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_profile *p = nsx_profile(n, c->arg[0]);
	struct json_writer w;

	if (p == NULL) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	sim_reply_json(c->rp, 200, &w);
	write_profile(n, p, &w);
}
