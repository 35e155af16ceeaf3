/* nsx_many.c - as many certificates as a measurement needs. */
#include "tests/sim/nsx_state.h"

#include "lib/base/clock.h"
#include "lib/base/mem.h"

#define DAY_S 86400
#define MANY_MAX 200000

struct many {
	int64_t count;
	int64_t days_from, days_to;   /* spread evenly */
	const char *issuer;
	const char *service;          /* each is used for it; NULL: unused */
	const char *key[8];
	size_t n_keys;
};

static int read_keys(const struct json *j, struct many *many, struct err *e)
{
	const struct json *list = NULL;

	if (json_opt_array(j, "many", "keys", &list, e) != 0)
		return -1;
	for (const struct json *k = json_first(list); k != NULL; k = json_next(k)) {
		if (json_str(k) == NULL || many->n_keys == sizeof many->key / sizeof many->key[0])
			return err_set(e, ERR_CONFIG, "many.keys: want a few strings");
		many->key[many->n_keys++] = json_str(k);
	}
	if (many->n_keys == 0) {
		many->key[many->n_keys++] = "rsa:2048";
		many->key[many->n_keys++] = "ec:P-256";
	}
	return 0;
}

static int read_many(const struct json *j, struct many *many, struct err *e)
{
	static const char *const keys[] = {
		"count", "days_from", "days_to", "issuer", "service", "keys", "comment", NULL
	};

	many->days_from = 100;
	many->days_to = 800;
	if (sim_known_keys(j, "many", keys, NULL, e) != 0 ||
	    json_opt_i64(j, "many", "count", &many->count, e) != 0 ||
	    json_opt_i64(j, "many", "days_from", &many->days_from, e) != 0 ||
	    json_opt_i64(j, "many", "days_to", &many->days_to, e) != 0 ||
	    json_opt_str(j, "many", "issuer", &many->issuer, e) != 0 ||
	    json_opt_str(j, "many", "service", &many->service, e) != 0)
		return -1;
	if (many->count < 1 || many->count > MANY_MAX || many->days_from < -10000 ||
	    many->days_to < many->days_from || many->days_to > 100000)
		return err_set(e, ERR_CONFIG,
		    "many: want a count up to %d, and days_from <= days_to", MANY_MAX);
	return read_keys(j, many, e);
}

/* One EC authority signs them all: that is quick. */
static int make_issuer(struct nsx *n, struct many *many, struct err *e)
{
	struct sim_spec spec;

	if (many->issuer != NULL)
		return 0;
	many->issuer = "bulk-ca";
	sim_spec_init(&spec, sim_now_ms(n->sim) / 1000, clock_wall_s());
	spec.name = many->issuer;
	spec.cn = "Bulk CA";
	spec.key = "ec:P-256";
	spec.ca = SIM_CA_TRUE;
	spec.not_after_at += (int64_t)36500 * DAY_S;
	return sim_shop_make(n->shop, &spec, e) != NULL ? 0 : -1;
}

static int make_one(struct nsx *n, const struct many *many, int64_t i, struct err *e)
{
	int64_t span_s = (many->days_to - many->days_from) * DAY_S;
	struct nsx_row *row = nsx_add_row(n);
	struct sim_spec spec;
	struct nsx_use *use;

	sim_spec_init(&spec, sim_now_ms(n->sim) / 1000, clock_wall_s());
	row->display_name = nsx_own(n, mem_printf("bulk-%05lld", (long long)i));
	spec.cn = nsx_own(n, mem_printf("host-%05lld.bulk.example", (long long)i));
	spec.san[spec.n_san++] = spec.cn;
	spec.o = "Bulk";
	spec.key = many->key[(size_t)i % many->n_keys];
	spec.bulk = true;
	spec.issuer = many->issuer;
	spec.not_after_at = sim_now_ms(n->sim) / 1000 + many->days_from * DAY_S +
	    span_s * i / many->count;
	if (spec.not_before_at >= spec.not_after_at)
		spec.not_before_at = spec.not_after_at - DAY_S;
	if (many->service != NULL) {
		use = nsx_add_use(row, n->node[(size_t)i % n->n_nodes].uuid);
		use->service[use->n_services++] = many->service;
	}
	row->cert = sim_shop_make(n->shop, &spec, e);
	if (row->cert == NULL)
		return err_prefix(e, "many");
	row->has_private_key = true;
	nsx_finish_row(n, row);
	return 0;
}

int nsx_read_many(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct json *j = json_get(scenario, "many");
	struct many many = { 0 };

	if (j == NULL)
		return 0;
	if (read_many(j, &many, e) != 0 || make_issuer(n, &many, e) != 0)
		return -1;
	for (int64_t i = 0; i < many.count; i++) {
		if (make_one(n, &many, i, e) != 0)
			return -1;
	}
	return 0;
}
