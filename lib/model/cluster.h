/* cluster.h - what an NSX Manager tells of itself besides certificates: its
 * nodes, addresses, certificate profiles and settings.
 *
 * Filled by the source, read by the judgement and by whoever plans a change.
 * What an old version does not tell stays NULL, 0, or -1. */
#ifndef CHECK_CERTS_CLUSTER_H
#define CHECK_CERTS_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLUSTER_ADDRESSES_MAX 2  /* IPv4 and IPv6 */

struct cluster_node {
	char *id;                /* node_uuid: what apply_certificate takes as node_id */
	char *name;              /* display name, else fqdn, else id */
	char *fqdn;              /* NULL when it has none */
	char *addresses[CLUSTER_ADDRESSES_MAX];   /* of its API */
	size_t n_addresses;
	char *endpoint;          /* of its API, "host:port"; NULL when not told */
	char *status;            /* "JOINED" "JOINING" "REMOVING"; NULL when not told */
};

/* GET certificate-profiles: what a service wants of its certificate. */
struct cluster_profile {
	char *service;           /* "API" */
	int per_cluster;         /* tri-states: -1 not told, 0, 1 */
	int wants_server, wants_client;   /* extended_key_usage; -1: not told */
	int requires_private_key, unique_use;
	int64_t replacement_s;   /* how long one replacement takes; -1 not told */
	char *certificate_class; /* "REST" "RPC" "CBM" "FEDERATION"; NULL */
};

struct cluster_facts {
	char *cluster_id;        /* NULL when not told */
	int changes_allowed;     /* mgmt_cluster_changes_allowed; -1 not told */
	struct cluster_node *nodes;       /* those not REMOVED */
	size_t n_nodes, cap_nodes;
	char *vips[CLUSTER_ADDRESSES_MAX];
	size_t n_vips;           /* 0: no VIP is set, or it is not known */
	char *url_name;          /* the host of the configured URL when it is a name that no node
	                            has: the VIP's, where there is one; else NULL */
	bool url_is_vip;         /* the host of the configured URL is an address of the VIP */
	struct cluster_profile *profiles;
	size_t n_profiles, cap_profiles;
	int renews_by_itself;    /* automatic_appliance_certificate_renewal; -1 not told */
	int64_t renewal_lead_s;  /* how long before the end; -1 not told */
};

struct cluster_facts *cluster_new(void);
void cluster_free(struct cluster_facts *c);

/* A new node, profile: valid until the next one.  The strings are copied. */
struct cluster_node *cluster_add_node(struct cluster_facts *c, const char *id, const char *name);
struct cluster_profile *cluster_add_profile(struct cluster_facts *c, const char *service);

/* NULL when there is none with that id, of that service; c may be NULL. */
const struct cluster_node *cluster_node(const struct cluster_facts *c, const char *id);
const struct cluster_profile *cluster_profile(const struct cluster_facts *c, const char *service);

#endif
