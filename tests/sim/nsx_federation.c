/* nsx_federation.c - the sites and managers of a federation, as a Global Manager keeps them. */
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_write.h"

#define FIRST_REVISION 4              /* of a site: it has been onboarded */

/* --- the scenario ----------------------------------------------------------- */

static int read_site(struct nsx *n, const struct json *j, struct nsx_site *site, struct err *e)
{
	static const char *const keys[] = {
		"id", "name", "fqdn", "thumbprint", "is_local", "username", "password", "expected",
		"lm_address", "lm_port", NULL
	};
	const struct {
		const char *key;
		const char **out;
	} texts[] = {
		{ "id", &site->id }, { "fqdn", &site->fqdn }, { "thumbprint", &site->thumbprint },
		{ "username", &site->username }, { "password", &site->password },
		{ "expected", &site->expected }, { "lm_address", &site->lm_address }
	};
	int local = 0;

	site->lm_port = 443;
	site->revision = FIRST_REVISION;
	if (sim_known_keys(j, "sites", keys, NULL, e) != 0 ||
	    json_want_str(j, "sites", "name", &site->name, e) != 0 ||
	    json_opt_bool(j, "sites", "is_local", &local, e) != 0 ||
	    json_opt_i64(j, "sites", "lm_port", &site->lm_port, e) != 0)
		return -1;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (json_opt_str(j, "sites", texts[i].key, texts[i].out, e) != 0)
			return -1;
	}
	site->is_local = local == 1;
	if (site->id == NULL)
		site->id = nsx_new_id(n);
	if (site->fqdn == NULL)
		site->fqdn = nsx_own(n, mem_printf("%s.sim.example", site->name));
	return 0;
}

static int read_gm(struct nsx *n, const struct json *j, struct nsx_gm *gm, struct err *e)
{
	static const char *const keys[] = { "id", "name", "mode", "fqdn", NULL };

	if (sim_known_keys(j, "global_managers", keys, NULL, e) != 0 ||
	    json_want_str(j, "global_managers", "id", &gm->id, e) != 0 ||
	    json_want_str(j, "global_managers", "mode", &gm->mode, e) != 0 ||
	    json_opt_str(j, "global_managers", "name", &gm->name, e) != 0 ||
	    json_opt_str(j, "global_managers", "fqdn", &gm->fqdn, e) != 0)
		return -1;
	if (gm->name == NULL)
		gm->name = gm->id;
	if (gm->fqdn == NULL)
		gm->fqdn = nsx_own(n, mem_printf("%s.sim.example", gm->id));
	return 0;
}

int nsx_read_federation(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct json *sites = NULL, *gms = NULL;

	if (json_opt_array(scenario, "scenario", "sites", &sites, e) != 0 ||
	    json_opt_array(scenario, "scenario", "global_managers", &gms, e) != 0)
		return -1;
	n->site = mem_array(json_count(sites) + 1, sizeof *n->site);
	for (const struct json *j = json_first(sites); j != NULL; j = json_next(j)) {
		if (read_site(n, j, &n->site[n->n_sites++], e) != 0)
			return -1;
	}
	n->gm = mem_array(json_count(gms) + 1, sizeof *n->gm);
	for (const struct json *j = json_first(gms); j != NULL; j = json_next(j)) {
		if (read_gm(n, j, &n->gm[n->n_gms++], e) != 0)
			return -1;
	}
	if (gms == NULL) {
		n->gm[0] = (struct nsx_gm){ .id = "global-manager", .name = "global-manager",
			.mode = n->gm_mode, .fqdn = n->node[0].fqdn };
		n->n_gms = 1;
	}
	return 0;
}

/* --- the calls ---------------------------------------------------------------- */

static const char *site_id(const void *item)
{
	return ((const struct nsx_site *)item)->id;
}

static const char *site_name(const void *item)
{
	return ((const struct nsx_site *)item)->name;
}

void nsx_write_gm_site(const struct nsx_site *site, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", "Site");
	jsonw_str(w, "id", site->id);
	jsonw_str(w, "display_name", site->name);
	jsonw_str(w, "site_type", "ONPREM_LM");
	/* After onboarding the server forgets the rest of it; only the scenario says otherwise. */
	if (site->thumbprint != NULL) {
		jsonw_open(w, "site_connection_info", '[');
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "fqdn", site->fqdn);
		jsonw_str(w, "thumbprint",
		    site->given != NULL ? site->given : site->thumbprint);
		jsonw_str(w, "site_uuid", site->id);
		jsonw_close(w, '}');
		jsonw_close(w, ']');
	}
	jsonw_i64(w, "_revision", site->revision);
	jsonw_close(w, '}');
}

static void list_site(struct nsx *n, struct nsx_call *c, const void *item, struct json_writer *w)
{
	(void)n;
	(void)c;
	nsx_write_gm_site(item, w);
}

void nsx_get_gm_sites(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list list = { .id = site_id, .name = site_name, .write = list_site };

	for (size_t i = 0; i < n->n_sites; i++)
		nsx_list_add(&list, &n->site[i]);
	nsx_list_answer(n, c, &list);
}

struct nsx_site *nsx_site_by_id(struct nsx *n, const char *id)
{
	for (size_t i = 0; i < n->n_sites; i++) {
		if (strcmp(n->site[i].id, id) == 0)
			return &n->site[i];
	}
	return NULL;
}

void nsx_get_gm_site(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_site *site = nsx_site_by_id(n, c->arg[0]);
	struct json_writer w;

	if (site == NULL) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	sim_reply_json(c->rp, 200, &w);
	nsx_write_gm_site(site, &w);
}

void nsx_write_gm(const struct nsx_gm *gm, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", "GlobalManager");
	jsonw_str(w, "id", gm->id);
	jsonw_str(w, "display_name", gm->name);
	jsonw_str(w, "mode", gm->mode);
	jsonw_i64(w, "_revision", gm->revision);
	jsonw_close(w, '}');
}

void nsx_get_gm_managers(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "results", '[');
	for (size_t i = 0; i < n->n_gms; i++)
		nsx_write_gm(&n->gm[i], &w);
	jsonw_close(&w, ']');
	jsonw_i64(&w, "result_count", (int64_t)n->n_gms);
	jsonw_close(&w, '}');
}

struct nsx_gm *nsx_gm_by_id(struct nsx *n, const char *id)
{
	for (size_t i = 0; i < n->n_gms; i++) {
		if (strcmp(n->gm[i].id, id) == 0)
			return &n->gm[i];
	}
	return NULL;
}

void nsx_get_gm_manager(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_gm *gm = nsx_gm_by_id(n, c->arg[0]);
	struct json_writer w;

	if (gm == NULL) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	sim_reply_json(c->rp, 200, &w);
	nsx_write_gm(gm, &w);
}

void nsx_get_federation_config(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "id", n->cluster_id);
	jsonw_i64(&w, "epoch", 1);
	jsonw_close(&w, '}');
}
