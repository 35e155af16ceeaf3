/* sim_world.c - a scenario becomes a state. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

static const char *const core_keys[] = {
	"comment", "faults", "date_skew_s", "date", "tls_priorities", NULL
};

static bool in_list(const char *const *list, const char *word)
{
	for (; list != NULL && *list != NULL; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

int sim_known_keys(const struct json *obj, const char *where, const char *const *known,
    const char *const *also, struct err *e)
{
	if (!json_is_object(obj))
		return err_set(e, ERR_CONFIG, "%s: want an object", where);
	for (const struct json *m = json_first(obj); m != NULL; m = json_next(m)) {
		if (!in_list(known, json_key(m)) && !in_list(also, json_key(m)))
			return err_set(e, ERR_CONFIG, "%s: unknown key \"%s\"", where, json_key(m));
	}
	return 0;
}

const char *sim_listen(struct sim *sim, const char *address, bool main, bool down)
{
	struct sim_world *world = sim->building;
	struct sim_wanted *wanted;

	if (main && sim->opt.listen_address[0] != '\0')
		address = sim->opt.listen_address;
	if (address == NULL)
		address = "127.0.0.1";
	for (size_t i = 0; i < world->n_wanted; i++) {
		if (strcmp(world->wanted[i].address, address) == 0) {
			world->wanted[i].main |= main;
			return world->wanted[i].address;
		}
	}
	if (world->n_wanted == SIM_LISTENERS_MAX)
		return world->wanted[0].address;
	wanted = &world->wanted[world->n_wanted++];
	wanted->address = mem_strdup(address);
	wanted->main = main;
	wanted->down = down;
	return wanted->address;
}

struct sim_shop *sim_shop(struct sim *sim)
{
	return sim->building != NULL ? sim->building->shop : sim->world->shop;
}

/* Faults refer to their document, and may outlive the scenario: they get one
 * of their own. */
static int read_faults(struct sim *sim, struct sim_world *world, const char *text, size_t len,
    struct err *e)
{
	char *copy = mem_strndup(text, len);
	struct json *doc = json_parse(copy, len, e);

	free(copy);
	if (doc == NULL)
		return -1;
	world->faults = sim_faults_new(sim->product, doc, json_get(doc, "faults"), e);
	if (world->faults == NULL) {
		json_free(doc);
		return -1;
	}
	return 0;
}

static int read_core(struct sim *sim, struct sim_world *world, struct err *e)
{
	const char *date = NULL;

	if (sim_known_keys(world->scenario, "scenario", core_keys, sim->product->keys, e) != 0 ||
	    json_opt_i64(world->scenario, "scenario", "date_skew_s", &world->date_skew_s, e) != 0 ||
	    json_opt_str(world->scenario, "scenario", "date", &date, e) != 0 ||
	    json_opt_str(world->scenario, "scenario", "tls_priorities", &world->priorities, e) != 0)
		return -1;
	world->date_simulated = date != NULL && strcmp(date, "simulated") == 0;
	if (!world->date_simulated && date != NULL && strcmp(date, "real") != 0)
		return err_set(e, ERR_CONFIG, "scenario.date: want \"real\" or \"simulated\"");
	return 0;
}

struct sim_world *sim_world_new(struct sim *sim, char *text, size_t len, struct err *e)
{
	struct sim_world *world = mem_alloc(sizeof *world);
	int status = -1;

	world->shop = sim_shop_new();
	sim->building = world;
	if (read_faults(sim, world, text, len, e) != 0)
		goto out;
	world->scenario = json_parse(text, len, e);
	if (world->scenario == NULL || read_core(sim, world, e) != 0)
		goto out;
	if (sim->product->create(sim, world->scenario, &world->state, e) != 0)
		goto out;
	if (world->n_wanted == 0)
		err_set(e, ERR_CONFIG, "the scenario has no listener");
	else
		status = 0;
out:
	sim->building = NULL;
	if (status == 0)
		return world;
	sim_world_free(sim, world);
	return NULL;
}

void sim_world_free(struct sim *sim, struct sim_world *world)
{
	if (world == NULL)
		return;
	if (world->state != NULL)
		sim->product->destroy(world->state);
	for (size_t i = 0; i < world->n_wanted; i++)
		free(world->wanted[i].address);
	sim_faults_drop(world->faults);
	sim_shop_free(world->shop);
	json_free(world->scenario);
	free(world);
}

/* What verifies the listeners: the root of everything that is served. */
static int write_ca(struct sim *sim, const struct sim_world *world, struct err *e)
{
	const struct sim_cert *cert, *root;
	struct buf pem;
	int status;

	buf_init(&pem, 1u << 22);
	for (size_t i = 0; i < world->n_wanted; i++) {
		cert = sim->product->serves(world->state, world->wanted[i].address);
		root = cert != NULL ? sim_cert_root(cert) : NULL;
		if (root != NULL && (pem.len == 0 || strstr(pem.data, root->leaf_pem) == NULL))
			buf_adds(&pem, root->leaf_pem);
	}
	status = sim_ready_ca(&sim->ready, buf_str(&pem), pem.len, e);
	buf_clear(&pem);
	return status;
}

int sim_world_enter(struct sim *sim, struct sim_world *world, struct err *e)
{
	struct sim_world *old = sim->world;

	if (sim_listeners_enter(sim, world, e) != 0 || write_ca(sim, world, e) != 0)
		return -1;
	sim->world = world;
	sim_faults_drop(sim->faults);
	sim->faults = world->faults;
	world->faults = NULL;
	sim_world_free(sim, old);
	return 0;
}
