/* sim_spec.c - the description of a certificate in a scenario. */
#include "tests/sim/sim_cert.h"

#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tests/sim/sim.h"

#define DAY_S 86400
#define DEFAULT_DAYS 365

const char *const sim_spec_keys[] = {
	"name", "cn", "o", "ou", "c", "san", "days_left", "hours_left", "seconds_left",
	"not_after", "not_before", "valid_days", "key", "sig", "issuer", "ca", "chain",
	"eku", "ku", "cdp", "serial", "comment", NULL
};

struct word {
	const char *word;
	int value;
};

static const struct word chain_words[] = {
	{ "leaf", SIM_CHAIN_LEAF }, { "full", SIM_CHAIN_FULL },
	{ "no-root", SIM_CHAIN_NO_ROOT }, { "reversed", SIM_CHAIN_REVERSED }, { NULL, 0 }
};

void sim_spec_init(struct sim_spec *spec, int64_t now_s, int64_t real_s)
{
	memset(spec, 0, sizeof *spec);
	spec->not_before_at = (real_s < now_s ? real_s : now_s) - 3600;
	spec->not_after_at = now_s + (int64_t)DEFAULT_DAYS * DAY_S;
	spec->key = "rsa:2048";
	spec->sig = "sha256";
}

static int read_list(const struct json *d, const char *where, const char *key,
    const char **out, size_t max, size_t *n, struct err *e)
{
	const struct json *list = NULL;

	if (json_opt_array(d, where, key, &list, e) != 0)
		return -1;
	for (const struct json *item = json_first(list); item != NULL; item = json_next(item)) {
		if (json_str(item) == NULL)
			return err_set(e, ERR_CONFIG, "%s.%s: want strings", where, key);
		if (*n == max)
			return err_set(e, ERR_CONFIG, "%s.%s: more than %zu", where, key, max);
		out[(*n)++] = json_str(item);
	}
	return 0;
}

static int read_moment(const struct json *d, const char *where, const char *key,
    int64_t *at, bool *given, struct err *e)
{
	const char *text = NULL;

	if (json_opt_str(d, where, key, &text, e) != 0)
		return -1;
	*given = text != NULL;
	if (text != NULL && text_to_time(text, at) != 0)
		return err_set(e, ERR_CONFIG, "%s.%s: no moment: \"%s\"", where, key, text);
	return 0;
}

/* days_left, hours_left and seconds_left add up; not_after names the end itself. */
static int read_end(const struct json *d, const char *where, int64_t now_s,
    struct sim_spec *spec, struct err *e)
{
	static const struct {
		const char *key;
		int64_t unit_s;
	} parts[] = { { "days_left", DAY_S }, { "hours_left", 3600 }, { "seconds_left", 1 } };
	int64_t end_at = now_s, n;
	bool given = false, named;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (json_get(d, parts[i].key) == NULL)
			continue;
		n = 0;
		if (json_opt_i64(d, where, parts[i].key, &n, e) != 0)
			return -1;
		if (n > INT64_C(400000000000) / parts[i].unit_s ||
		    n < -INT64_C(400000000000) / parts[i].unit_s)
			return err_set(e, ERR_CONFIG, "%s.%s: too far away", where, parts[i].key);
		end_at += n * parts[i].unit_s;
		given = true;
	}
	if (read_moment(d, where, "not_after", &spec->not_after_at, &named, e) != 0)
		return -1;
	if (given && named)
		return err_set(e, ERR_CONFIG, "%s: not_after and a time left at once", where);
	if (given)
		spec->not_after_at = end_at;
	return 0;
}

/* Without a word about the beginning, one that fits before any end. */
static int read_begin(const struct json *d, const char *where, struct sim_spec *spec, struct err *e)
{
	int64_t days = 0;
	bool named;

	if (read_moment(d, where, "not_before", &spec->not_before_at, &named, e) != 0 ||
	    json_opt_i64(d, where, "valid_days", &days, e) != 0)
		return -1;
	if (days < 0 || days > 4000000 || (named && days > 0))
		return err_set(e, ERR_CONFIG, "%s: want not_before, or 1 to 4000000 valid_days",
		    where);
	if (days > 0)
		spec->not_before_at = spec->not_after_at - days * DAY_S;
	else if (!named && spec->not_before_at >= spec->not_after_at)
		spec->not_before_at = spec->not_after_at - DAY_S;
	return 0;
}

static int read_ca(const struct json *d, const char *where, struct sim_spec *spec, struct err *e)
{
	const char *word = json_str(json_get(d, "ca"));
	int value = -1;

	if (word != NULL && strcmp(word, "absent") == 0) {
		spec->ca = SIM_CA_ABSENT;
		return 0;
	}
	if (json_opt_bool(d, where, "ca", &value, e) != 0)
		return -1;
	if (value >= 0)
		spec->ca = value ? SIM_CA_TRUE : SIM_CA_FALSE;
	return 0;
}

static int read_chain(const struct json *d, const char *where, struct sim_spec *spec, struct err *e)
{
	const char *text = json_str(json_get(d, "chain"));
	int value = -1;

	if (text == NULL) {
		if (json_opt_bool(d, where, "chain", &value, e) != 0)
			return -1;
		spec->chain = value == 1 ? SIM_CHAIN_FULL : SIM_CHAIN_LEAF;
		return 0;
	}
	for (const struct word *w = chain_words; w->word != NULL; w++) {
		if (strcmp(w->word, text) == 0) {
			spec->chain = (enum sim_chain)w->value;
			return 0;
		}
	}
	return err_set(e, ERR_CONFIG, "%s.chain: want true, false, leaf, full, no-root, reversed",
	    where);
}

static int read_texts(const struct json *d, const char *where, struct sim_spec *spec, struct err *e)
{
	const struct {
		const char *key;
		const char **out;
	} texts[] = {
		{ "name", &spec->name }, { "cn", &spec->cn }, { "o", &spec->o },
		{ "ou", &spec->ou }, { "c", &spec->c }, { "key", &spec->key },
		{ "sig", &spec->sig }, { "issuer", &spec->issuer }, { "cdp", &spec->cdp },
		{ "serial", &spec->serial },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *text = NULL;

		if (json_opt_str(d, where, texts[i].key, &text, e) != 0)
			return -1;
		if (text != NULL)
			*texts[i].out = text;
	}
	if (spec->issuer != NULL && strcmp(spec->issuer, "self") == 0)
		spec->issuer = NULL;
	return 0;
}

int sim_spec_read(const struct json *d, const char *where, int64_t now_s, int64_t real_s,
    struct sim_spec *spec, struct err *e)
{
	sim_spec_init(spec, now_s, real_s);
	if (read_texts(d, where, spec, e) != 0 ||
	    read_list(d, where, "san", spec->san, SIM_SAN_MAX, &spec->n_san, e) != 0 ||
	    read_list(d, where, "eku", spec->eku, SIM_USAGES_MAX, &spec->n_eku, e) != 0 ||
	    read_list(d, where, "ku", spec->ku, SIM_USAGES_MAX, &spec->n_ku, e) != 0 ||
	    read_end(d, where, now_s, spec, e) != 0 || read_begin(d, where, spec, e) != 0 ||
	    read_ca(d, where, spec, e) != 0 || read_chain(d, where, spec, e) != 0)
		return -1;
	return 0;
}

const struct sim_cert *sim_make_cert(struct sim *sim, const struct json *description,
    const char *where, struct err *e)
{
	struct sim_spec spec;
	const struct sim_cert *cert;

	if (sim_spec_read(description, where, sim_now_ms(sim) / 1000, clock_wall_s(), &spec,
	    e) != 0)
		return NULL;
	cert = sim_shop_make(sim_shop(sim), &spec, e);
	if (cert == NULL)
		err_prefix(e, "%s", where);
	return cert;
}
