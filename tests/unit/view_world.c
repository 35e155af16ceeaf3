/* view_world.c - one NSX at one moment, built by hand. */
#include "tests/unit/view_world.h"

#include <string.h>
#include "lib/base/mem.h"
#include "lib/judge/evaluate.h"
#include "lib/model/cluster.h"
#include "tests/unit/unit.h"

#define ISSUER "Example Issuing CA"

static const char *const procedures[] = { "nsx-apply", "nsx-batch-replace",
	"nsx-host-certificate", "nsx-federation-thumbprint" };

static void add_nodes(struct cluster_facts *c)
{
	for (int i = 1; i <= WORLD_NODES; i++) {
		char *name = mem_printf("nsx-%02d", i), *id = mem_strdup(vworld_node(i));
		struct cluster_node *n = cluster_add_node(c, id, name);

		n->fqdn = mem_printf("nsx-%02d.example", i);
		n->addresses[n->n_addresses++] = mem_printf("192.0.2.%d", 10 + i);
		n->endpoint = mem_strdup(vworld_endpoint(i));
		n->status = mem_strdup("JOINED");
		free(name);
		free(id);
	}
}

static void add_profiles(struct cluster_facts *c)
{
	static const struct {
		const char *service, *class;
		int per_cluster, wants_client;
	} rows[] = {
		{ "API", "REST", 0, 0 }, { "MGMT_CLUSTER", "REST", 1, 0 }, { "APH", "RPC", 0, 1 },
		{ "APH_TN", "RPC", 0, 1 }, { "CCP", "RPC", 0, 1 },
		{ "LOCAL_MANAGER", "FEDERATION", 1, 1 }, { "GLOBAL_MANAGER", "FEDERATION", 1, 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cluster_profile *p = cluster_add_profile(c, rows[i].service);

		p->per_cluster = rows[i].per_cluster;
		p->wants_server = 1;
		p->wants_client = rows[i].wants_client;
		p->requires_private_key = 1;
		p->unique_use = 0;
		p->replacement_s = 60;
		p->certificate_class = mem_strdup(rows[i].class);
	}
}

static struct cluster_facts *make_cluster(void)
{
	struct cluster_facts *c = cluster_new();

	c->cluster_id = mem_strdup(WORLD_CLUSTER);
	c->changes_allowed = 1;
	c->vips[c->n_vips++] = mem_strdup("192.0.2.10");
	c->url_name = mem_strdup("nsx.example");
	add_nodes(c);
	add_profiles(c);
	return c;
}

static void add_policy(struct policy *p, const char *source)
{
	p->targets = mem_alloc(sizeof *p->targets);
	p->targets[p->n_targets++] = (struct target_policy){ .source = mem_strdup(source),
		.limits = p->limits, .rotation_stale_s = p->rotation_stale_s };
}

static void fill_mandate(struct mandate *m, const struct target *t)
{
	*m = (struct mandate){ .target = t, .mode = MODE_AUTO, .worker_host = "mon1.example",
		.credentials_path = "/nowhere/credentials", .replacement = REPLACEMENT_EXISTING,
		.act_on = STATE_WARNING, .timezone = "UTC", .approval_valid_s = 14 * SAMPLE_DAY,
		.max_per_day = 2, .cool_down_s = 3600, .breaker_after = 2,
		.keep_old_s = 7 * SAMPLE_DAY, .downtime_hold_s = SAMPLE_DAY, .poll_interval_s = 30,
		.key_type = "rsa:3072", .days = 825, .managed_by_vcf = true };
	m->n_procedures = sizeof procedures / sizeof procedures[0];
	m->procedures = mem_array(m->n_procedures, sizeof *m->procedures);
	for (size_t i = 0; i < m->n_procedures; i++)
		m->procedures[i] = mem_strdup(procedures[i]);
}

void vworld_open(struct view_world *w, const char *version)
{
	struct view *v = &w->view;
	size_t source;

	memset(w, 0, sizeof *w);
	w->target = (struct target){ .name = mem_strdup("prod"), .kind = SOURCE_NSX,
		.url = mem_strdup("https://nsx.example"),
		.trust.ca_file = mem_strdup("/nowhere/ca.pem"), .probe = PROBE_YES };
	policy_init(&w->policy);
	add_policy(&w->policy, "prod");
	fill_mandate(&w->mandate, &w->target);
	inventory_init(&v->inv);
	source = sample_source(&v->inv, "prod", SOURCE_NSX, version);
	v->inv.sources[source].cluster = make_cluster();
	v->inv.sources[source].host = mem_strdup("nsx.example");
	v->cluster = v->inv.sources[source].cluster;
	v->mandate = &w->mandate;
	v->read_at = SAMPLE_NOW;
	v->is_complete = v->is_reachable = true;
	v->version = mem_strdup(version);
	v->ops = (struct nsx_ops){ .overall = mem_strdup("STABLE"),
		.management = mem_strdup("STABLE"), .changes_allowed = 1, .n_nodes = WORLD_NODES,
		.n_joined = WORLD_NODES, .has_batch = true };
}

void vworld_close(struct view_world *w)
{
	view_clear(&w->view);
	mandate_clear(&w->mandate);
	policy_clear(&w->policy);
	target_clear(&w->target);
}

/* --- certificates ------------------------------------------------------------------- */

static struct sighting *add_row(struct view_world *w, const struct sample_cert *c, const char *id,
    size_t position)
{
	struct sighting *s = inventory_add_sighting(&w->view.inv, sample_add(&w->view.inv, c), 0,
	    VIA_API);

	s->role = position == 0 ? ROLE_NSX_PLATFORM : ROLE_CHAIN;
	s->id = mem_strdup(id);
	s->name = mem_strdup(id);
	s->position = position;
	s->has_private_key = 1;
	return s;
}

struct sighting *vworld_add(struct view_world *w, const struct vworld_cert *c)
{
	static const struct sample_cert ca = { .cn = ISSUER, .rsa_bits = -1, .is_ca = true,
		.not_after_at = SAMPLE_NOW + 3000 * SAMPLE_DAY };
	struct sample_cert leaf = { .cn = "nsx.example", .rsa_bits = c->is_self_signed ? -1 : 0,
		.issuer = c->is_self_signed ? NULL : c->issuer != NULL ? c->issuer : ISSUER,
		.san = c->names != NULL ? c->names : WORLD_NAMES,
		.not_before_at =
		    SAMPLE_NOW + (c->begins_in != 0 ? c->begins_in : -365) * SAMPLE_DAY,
		.not_after_at = SAMPLE_NOW + (c->ends_in != 0 ? c->ends_in : 365) * SAMPLE_DAY };

	add_row(w, &leaf, c->id, 0);
	if (!c->is_self_signed && c->issuer == NULL)
		add_row(w, &ca, c->id, 1);
	return vworld_row(w, c->id);
}

struct sighting *vworld_row(struct view_world *w, const char *id)
{
	for (size_t i = 0; i < w->view.inv.n_sightings; i++) {
		struct sighting *s = &w->view.inv.sightings[i];

		if (s->via == VIA_API && s->position == 0 && s->id != NULL &&
		    strcmp(s->id, id) == 0)
			return s;
	}
	ck_abort_msg("no certificate %s in this world", id);
	return NULL;
}

void vworld_sha256(struct view_world *w, const char *id, char out[2 * CERT_SHA256_BYTES + 1])
{
	cert_sha256_hex(w->view.inv.certs[vworld_row(w, id)->cert], out);
}

/* The inventory has no way to take a sighting back: nobody but a test needs it. */
static void drop(struct view_world *w, size_t i)
{
	struct inventory *inv = &w->view.inv;
	struct sighting *s = &inv->sightings[i];

	free(s->id);
	free(s->name);
	free(s->endpoint);
	free(s->category);
	free(s->verdict_message);
	for (size_t u = 0; u < s->n_uses; u++) {
		free(s->uses[u].service);
		free(s->uses[u].node);
		free(s->uses[u].node_name);
	}
	free(s->uses);
	memmove(s, s + 1, (--inv->n_sightings - i) * sizeof *s);
	memset(&inv->sightings[inv->n_sightings], 0, sizeof *s);
}

void vworld_remove(struct view_world *w, const char *id)
{
	for (size_t i = w->view.inv.n_sightings; i-- > 0;)
		if (w->view.inv.sightings[i].id != NULL &&
		    strcmp(w->view.inv.sightings[i].id, id) == 0)
			drop(w, i);
}

/* --- uses and listeners ------------------------------------------------------------- */

const char *vworld_endpoint(int node)
{
	static const char *const endpoints[] = { WORLD_VIP, "192.0.2.11:443", "192.0.2.12:443",
		"192.0.2.13:443" };

	return endpoints[node];
}

const char *vworld_node(int node)
{
	static const char *const nodes[] = { NULL, "node-1", "node-2", "node-3" };

	return nodes[node];
}

static void add_use(struct sighting *s, const char *service, int node)
{
	static const char *const names[] = { "cluster", "nsx-01", "nsx-02", "nsx-03" };

	sighting_add_use(s, service, node == 0 ? WORLD_CLUSTER : vworld_node(node), names[node]);
}

void vworld_use(struct view_world *w, const char *id, const char *service, int node)
{
	add_use(vworld_row(w, id), service, node);
}

void vworld_unuse(struct view_world *w, const char *id, const char *service, int node)
{
	struct sighting *s = vworld_row(w, id);
	const char *at = node == 0 ? WORLD_CLUSTER : vworld_node(node);

	for (size_t i = 0; i < s->n_uses; i++) {
		struct use *u = &s->uses[i];

		if (strcmp(u->service, service) != 0 || strcmp(u->node, at) != 0)
			continue;
		free(u->service);
		free(u->node);
		free(u->node_name);
		memmove(u, u + 1, (--s->n_uses - i) * sizeof *u);
		return;
	}
	ck_abort_msg("%s is not used by %s of %s", id, service, at);
}

void vworld_unserve(struct view_world *w, int node)
{
	for (size_t i = w->view.inv.n_sightings; i-- > 0;)
		if (w->view.inv.sightings[i].endpoint != NULL &&
		    strcmp(w->view.inv.sightings[i].endpoint, vworld_endpoint(node)) == 0)
			drop(w, i);
}

void vworld_serve(struct view_world *w, const char *id, int node)
{
	size_t cert = vworld_row(w, id)->cert;
	struct sighting *s;

	vworld_unserve(w, node);
	s = inventory_add_sighting(&w->view.inv, cert, 0, VIA_TLS);
	s->role = ROLE_LISTENER;
	s->endpoint = mem_strdup(vworld_endpoint(node));
	add_use(s, node == 0 ? "MGMT_CLUSTER" : "API", node);
}

void vworld_batch(struct view_world *w, const char *service, int node, const char *old_id,
    const char *new_id, const char *status)
{
	struct nsx_ops *o = &w->view.ops;

	o->batch = mem_resize(o->batch, (o->n_batch + 1) * sizeof *o->batch);
	o->batch[o->n_batch++] = (struct nsx_batch_result){ .service = mem_strdup(service),
		.node = mem_strdup(node == 0 ? WORLD_CLUSTER : vworld_node(node)),
		.old_id = mem_strdup(old_id), .new_id = mem_strdup(new_id),
		.status = mem_strdup(status) };
	o->n_pending += strcmp(status, "PENDING") == 0;
}

void vworld_judge(struct view_world *w)
{
	report_clear(&w->view.report);
	evaluate(&w->view.inv, &w->policy, SAMPLE_NOW, &w->view.report);
}
