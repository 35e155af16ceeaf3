/* view_om.c - one Ops Manager at one moment, built by hand. */
#include "tests/unit/view_om.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/unit.h"

#define NOW SAMPLE_NOW
#define DAY SAMPLE_DAY
#define VERSION_TEXT "2.10.40-build.1"

static const char *const procedures[] = { "opsman-ca-rotation", "opsman-regenerate" };

static void fill_mandate(struct mandate *m, const struct target *t)
{
	*m = (struct mandate){ .target = t, .mode = MODE_AUTO, .worker_host = "mon1.example",
		.credentials_path = "/nowhere/credentials", .act_on = STATE_WARNING,
		.timezone = "UTC", .max_per_day = 2, .cool_down_s = 3600, .breaker_after = 2,
		.poll_interval_s = 30, .recreate_vms = 0, .rotation_needs_s = 7 * DAY,
		.rotation_stale_s = 14 * DAY };
	m->n_procedures = sizeof procedures / sizeof procedures[0];
	m->procedures = mem_array(m->n_procedures, sizeof *m->procedures);
	for (size_t i = 0; i < m->n_procedures; i++)
		m->procedures[i] = mem_strdup(procedures[i]);
}

static void open_empty(struct view_world *w)
{
	struct view *v = &w->view;

	memset(w, 0, sizeof *w);
	w->target = (struct target){ .name = mem_strdup("tas"), .kind = SOURCE_OPSMAN,
		.url = mem_strdup("https://opsman.example") };
	policy_init(&w->policy);
	fill_mandate(&w->mandate, &w->target);
	inventory_init(&v->inv);
	sample_source(&v->inv, "tas", SOURCE_OPSMAN, VERSION_TEXT);
	v->mandate = &w->mandate;
	v->read_at = NOW;
	v->is_complete = v->is_reachable = true;
	v->version = mem_strdup(VERSION_TEXT);
	v->om.server_at = NOW;
	v->om.has_pending = true;
}

void vom_open(struct view_world *w)
{
	open_empty(w);
	vom_add_ca(w, &(struct vom_ca){ .guid = VOM_OLD, .is_active = true,
		.made_s = -1095 * DAY, .ends_s = 20 * DAY });
	vom_install(w, 10, OM_SUCCEEDED, -30 * DAY);
	vom_add_leaf(w, VOM_LEAF, ROLE_OM_LEAF, -200 * DAY, 530 * DAY);
	vom_add_leaf(w, VOM_CREDHUB_LEAF, ROLE_OM_LEAF, 0, 530 * DAY);
}

/* --- CAs ---------------------------------------------------------------------------- */

static void add_sighting(struct view_world *w, size_t cert, const struct vom_ca *ca,
    enum role role)
{
	struct sighting *s = inventory_add_sighting(&w->view.inv, cert, 0, VIA_API);

	s->id = mem_strdup(ca->guid);
	s->role = role;
	s->active = ca->is_active;
	s->has_created_at = true;
	s->created_at = NOW + ca->made_s;
	sighting_add_use(s, role == ROLE_OM_ROOT_CA ? "ROOT_CA" : "NATS_CA", NULL, NULL);
}

void vom_add_ca(struct view_world *w, const struct vom_ca *ca)
{
	struct om_ops *o = &w->view.om;
	struct sample_cert c = { .cn = "opsmgr-root-ca", .rsa_bits = -1, .is_ca = true,
		.not_before_at = NOW + (ca->begins_s != 0 ? ca->begins_s : ca->made_s),
		.not_after_at = NOW + (ca->ends_s != 0 ? ca->ends_s : 1460 * DAY) };
	size_t cert = sample_add(&w->view.inv, &c);
	struct om_ca *row;

	o->cas = mem_resize(o->cas, (o->n_cas + 1) * sizeof *o->cas);
	row = &o->cas[o->n_cas++];
	*row = (struct om_ca){ .guid = mem_strdup(ca->guid),
		.issuer = mem_strdup(ca->issuer != NULL ? ca->issuer : "VMware"),
		.active = ca->is_active, .has_created_at = true, .created_is_day = ca->is_day,
		.created_at = NOW + ca->made_s, .has_not_after = true,
		.not_before_at = c.not_before_at, .not_after_at = c.not_after_at };
	if (ca->is_day)
		row->created_at -= row->created_at % DAY;
	cert_sha256_hex(w->view.inv.certs[cert], row->sha256);
	add_sighting(w, cert, ca, ROLE_OM_ROOT_CA);
	c.cn = "default.nats-ca.bosh-internal";
	add_sighting(w, sample_add(&w->view.inv, &c), ca, ROLE_OM_NATS_CA);
}

struct om_ca *vom_ca(struct view_world *w, const char *guid)
{
	for (size_t i = 0; i < w->view.om.n_cas; i++)
		if (strcmp(w->view.om.cas[i].guid, guid) == 0)
			return &w->view.om.cas[i];
	ck_abort_msg("no CA %s in this world", guid);
	return NULL;
}

void vom_activate(struct view_world *w, const char *guid)
{
	struct inventory *inv = &w->view.inv;

	for (size_t i = 0; i < w->view.om.n_cas; i++)
		w->view.om.cas[i].active = strcmp(w->view.om.cas[i].guid, guid) == 0;
	for (size_t i = 0; i < inv->n_sightings; i++)
		if (inv->sightings[i].active >= 0)
			inv->sightings[i].active = strcmp(inv->sightings[i].id, guid) == 0;
}

void vom_remove_ca(struct view_world *w, const char *guid)
{
	struct om_ops *o = &w->view.om;
	struct om_ca *ca = vom_ca(w, guid);
	size_t i = (size_t)(ca - o->cas);

	free(ca->guid);
	free(ca->issuer);
	memmove(ca, ca + 1, (--o->n_cas - i) * sizeof *ca);
	vworld_remove(w, guid);
}

/* --- installations, leafs, changes -------------------------------------------------- */

struct om_installation *vom_install(struct view_world *w, int64_t id,
    enum om_installation_status status, int64_t started_s)
{
	static const char *const words[] = { [OM_RUNNING] = "running", [OM_FAILED] = "failed",
		[OM_SUCCEEDED] = "succeeded", [OM_OTHER] = "paused" };
	struct om_ops *o = &w->view.om;

	o->installations = mem_resize(o->installations,
	    (o->n_installations + 1) * sizeof *o->installations);
	memmove(o->installations + 1, o->installations,
	    o->n_installations * sizeof *o->installations);
	o->n_installations++;
	o->installations[0] = (struct om_installation){ .id = id, .status = status,
		.status_text = mem_strdup(words[status]), .user = mem_strdup("bob"),
		.has_started_at = true, .started_at = NOW + started_s,
		.has_finished_at = status != OM_RUNNING, .finished_at = NOW + started_s + 60,
		.all_products = 1 };
	return &o->installations[0];
}

void vom_add_leaf(struct view_world *w, const char *id, enum role role, int64_t begins_s,
    int64_t ends_s)
{
	int64_t begin = NOW + begins_s, end = NOW + ends_s;
	struct cert *c = cert_reported(begins_s != 0 ? "/O=VMware/CN=opsmgr-root-ca" : NULL,
	    begins_s != 0 ? &begin : NULL, &end, 0);
	struct sighting *s = inventory_add_sighting(&w->view.inv,
	    inventory_add_cert(&w->view.inv, c), 0, VIA_API);

	s->id = mem_strdup(id);
	s->name = mem_strdup("cf-0123");
	s->role = role;
	sighting_add_use(s, "LEAF", NULL, "cf-0123");
}

void vom_renew_leafs(struct view_world *w, int64_t begins_s, bool credhub_tells)
{
	vworld_remove(w, VOM_LEAF);
	vworld_remove(w, VOM_CREDHUB_LEAF);
	vom_add_leaf(w, VOM_LEAF, ROLE_OM_LEAF, begins_s, begins_s + 730 * DAY);
	vom_add_leaf(w, VOM_CREDHUB_LEAF, ROLE_OM_LEAF, credhub_tells ? begins_s : 0,
	    begins_s + 730 * DAY);
}

void vom_pend(struct view_world *w, const char *guid, const char *action)
{
	struct om_ops *o = &w->view.om;

	o->pending = mem_resize(o->pending, (o->n_pending + 1) * sizeof *o->pending);
	o->pending[o->n_pending++] = (struct om_change){ .guid = mem_strdup(guid),
		.action = mem_strdup(action) };
}
