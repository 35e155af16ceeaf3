/* opsman_products.c - the products, their VMs, and the lists of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/opsman_write.h"

#define VMS_DEFAULT 2
#define VMS_MAX 500

/* What a product says to the simulator alone, in its member "sim". */
static const char *const sim_keys[] = {
	"vms", "service_instances", "errand", "errand_by_default", "comment", NULL
};

struct wish {
	int64_t vms, service_instances;
};

int opsman_product_by_guid(const struct opsman_state *s, const char *guid)
{
	for (size_t i = 0; guid != NULL && i < s->n_products; i++) {
		if (strcmp(s->products[i].guid, guid) == 0)
			return (int)i;
	}
	return -1;
}

bool opsman_has_tkgi(const struct opsman_state *s)
{
	for (size_t i = 0; i < s->n_products; i++) {
		if (strcmp(s->products[i].type, "pivotal-container-service") == 0)
			return true;
	}
	return false;
}

/* "p-bosh-0123456789abcdef" is a p-bosh. */
static char *type_of(const char *guid)
{
	const char *dash = strrchr(guid, '-');

	return dash != NULL ? mem_strndup(guid, (size_t)(dash - guid)) : mem_strdup(guid);
}

static int add_product(struct opsman_state *s, const char *guid, const char *type,
    const struct json *given, struct err *e)
{
	struct opsman_product *p = &s->products[s->n_products];

	if (s->n_products == OPSMAN_PRODUCTS_MAX)
		return err_set(e, ERR_CONFIG, "more than %d products", OPSMAN_PRODUCTS_MAX);
	p->guid = mem_strdup(guid);
	p->type = type != NULL ? mem_strdup(type) : type_of(guid);
	p->given = given;
	s->n_products++;
	return 0;
}

/* Without a list of products: those that the rows name, after a Director. */
static int products_of_rows(struct opsman_state *s, struct err *e)
{
	if (add_product(s, "p-bosh-0123456789abcdef", "p-bosh", NULL, e) != 0)
		return -1;
	for (size_t i = 0; i < s->n_rows; i++) {
		const char *guid = json_str(json_get(s->rows[i].given, "product_guid"));

		if (guid == NULL || *guid == '\0' || strcmp(guid, "ops_manager") == 0 ||
		    strncmp(guid, "p-bosh-", 7) == 0 || opsman_product_by_guid(s, guid) >= 0)
			continue;
		if (add_product(s, guid, NULL, NULL, e) != 0)
			return -1;
	}
	return 0;
}

static int read_list(struct opsman_state *s, const struct json *list, struct err *e)
{
	for (const struct json *d = json_first(list); d != NULL; d = json_next(d)) {
		const char *guid = NULL, *type = NULL;

		if (json_want_str(d, "products", "guid", &guid, e) != 0 ||
		    json_opt_str(d, "products", "type", &type, e) != 0 ||
		    add_product(s, guid, type, d, e) != 0)
			return -1;
	}
	return 0;
}

static int read_wish(struct opsman_product *p, struct wish *wish, struct err *e)
{
	const struct json *d = json_get(p->given, "sim");
	int by_default = -1;

	wish->vms = strcmp(p->type, "p-bosh") == 0 ? 1 : VMS_DEFAULT;
	wish->service_instances = 0;
	if (d != NULL && (sim_known_keys(d, "products.sim", sim_keys, NULL, e) != 0 ||
	    json_opt_i64(d, "products.sim", "vms", &wish->vms, e) != 0 ||
	    json_opt_i64(d, "products.sim", "service_instances", &wish->service_instances,
	    e) != 0 ||
	    json_opt_str(d, "products.sim", "errand", &p->errand, e) != 0 ||
	    json_opt_bool(d, "products.sim", "errand_by_default", &by_default, e) != 0))
		return -1;
	if (wish->vms < 0 || wish->vms > VMS_MAX || wish->service_instances < 0 ||
	    wish->service_instances > VMS_MAX)
		return err_set(e, ERR_CONFIG, "products.sim: want 0 to %d VMs", VMS_MAX);
	if (wish->service_instances > 0 && p->errand == NULL)
		p->errand = "upgrade-all-service-instances";
	p->errand_by_default = by_default != 0;
	return 0;
}

static int make_vms(struct opsman_state *s, int product, struct err *e)
{
	struct wish wish;
	size_t n;

	if (read_wish(&s->products[product], &wish, e) != 0)
		return -1;
	n = (size_t)(wish.vms + wish.service_instances);
	s->vms = mem_resize(s->vms, (s->n_vms + n + 1) * sizeof *s->vms);
	for (size_t i = 0; i < n; i++) {
		struct opsman_vm *vm = &s->vms[s->n_vms++];

		memset(vm, 0, sizeof *vm);
		vm->product = product;
		vm->of_service = i >= (size_t)wish.vms;
		vm->signers = opsman_signers(s, product);
		for (size_t c = 0; c < s->n_cas; c++)
			vm->trusts |= s->cas[c].not_applied ? 0 : OPSMAN_BIT(c);
	}
	return 0;
}

/* Rows of nobody, and those of Ops Manager itself, come with the Director. */
static void join_rows(struct opsman_state *s)
{
	for (size_t i = 0; i < s->n_rows; i++) {
		int p = opsman_product_by_guid(s,
		    json_str(json_get(s->rows[i].given, "product_guid")));

		s->rows[i].product = p >= 0 ? p : (int)s->director;
	}
}

/* Who signs the leafs: as the scenario says, or the issuer of the first leaf. */
static int first_signer(const struct opsman_state *s)
{
	for (size_t i = 0; i < s->n_cas; i++) {
		if (s->cas[i].signs)
			return (int)i;
	}
	for (size_t i = 0; i < s->n_rows; i++) {
		int ca = opsman_regenerates(s, &s->rows[i]) ?
		    opsman_ca_of(s, s->rows[i].cert->issuer) : -1;

		if (ca >= 0)
			return ca;
	}
	return opsman_active_ca(s);
}

int opsman_read_products(struct opsman_state *s, const struct json *scenario, struct err *e)
{
	const struct json *list = NULL;

	if (json_opt_array(scenario, "scenario", "products", &list, e) != 0 ||
	    (list != NULL ? read_list(s, list, e) : products_of_rows(s, e)) != 0)
		return -1;
	for (size_t i = s->n_products; i-- > 0;) {
		if (strcmp(s->products[i].type, "p-bosh") == 0)
			s->director = i;
	}
	if (s->n_products == 0)
		return err_set(e, ERR_CONFIG, "products: want the Director at least");
	join_rows(s);
	s->signer = first_signer(s);
	for (size_t i = 0; i < s->n_products; i++) {
		if (make_vms(s, (int)i, e) != 0)
			return -1;
	}
	return 0;
}

/* --- the calls --------------------------------------------------------------- */

/* A later deployment of the Director that this product did not take part in. */
static bool is_stale(const struct opsman_state *s, const struct opsman_product *p)
{
	return opsman_at_least(s, 2, 5, 0) &&
	    p->deployed_order < s->products[s->director].deployed_order;
}

static void put_stale(const struct opsman_state *s, struct json_writer *w)
{
	jsonw_open(w, "stale", '{');
	jsonw_open(w, "parent_products_deployed_more_recently", '[');
	jsonw_str(w, NULL, s->products[s->director].guid);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

/* As the scenario has it, but for "stale" once something was deployed. */
static void put_given(const struct opsman_state *s, const struct opsman_product *p,
    struct json_writer *w, bool deployed)
{
	for (const struct json *m = json_first(p->given); m != NULL; m = json_next(m)) {
		bool stale = strcmp(json_key(m), "stale") == 0;

		if (strcmp(json_key(m), "sim") == 0 ||
		    (stale && (!deployed || s->n_deployments > 0)))
			continue;
		opsman_copy(w, json_key(m), p->given, m);
	}
}

static void put_product(const struct opsman_state *s, const struct opsman_product *p,
    struct json_writer *w, bool deployed)
{
	jsonw_open(w, NULL, '{');
	if (p->given != NULL) {
		put_given(s, p, w, deployed);
	} else {
		jsonw_str(w, "guid", p->guid);
		jsonw_str(w, "type", p->type);
		jsonw_str(w, "installation_name", strcmp(p->type, "p-bosh") == 0 ? p->type :
		    p->guid);
		jsonw_str(w, "product_version", "1.0.0");
	}
	if (deployed && is_stale(s, p))
		put_stale(s, w);
	jsonw_close(w, '}');
}

static void answer(const struct opsman_state *s, struct sim_reply *rp, bool deployed)
{
	struct json_writer w;

	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '[');
	for (size_t i = 0; i < s->n_products; i++)
		put_product(s, &s->products[i], &w, deployed);
	jsonw_close(&w, ']');
}

void opsman_deployed_products(struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp)
{
	(void)rq;
	answer(s, rp, true);
}

void opsman_staged_products(struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp)
{
	(void)rq;
	answer(s, rp, false);
}
