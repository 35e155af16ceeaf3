/* opsman_pace.c - how changes go, by scenario. */
#include <stdio.h>
#include <string.h>
#include "tests/sim/opsman_write.h"

#define APPLY_DEFAULT_MS 2000
#define CA_DAYS 1460
#define LEAF_DAYS 730
#define LONGEST_S 10000000

const char *const opsman_scenario_keys[] = {
	"version", "state", "passphrase", "starting_s", "dates", "refusals", "token_lifetime_s",
	"cas", "certificates", "users", "clients", "listener", "address", "installations",
	"product_changes", "products", "apply_s", "apply_ms", "apply_results", "apply_fails_at",
	"second_apply", "ca_changes_during_apply", "others_run", "restart_run", "version_after_s",
	"version_then", "safety", "own_created_on", "create_answer", "activate_again",
	"regenerate_again", "rows_change", "run_lists", "ca_changes_pending", "vms_need_recreate",
	"credhub_needs_latest", "parallel", "backdate_s", "ca_days", "leaf_days", "excluded",
	"failed", "warnings", "verifiers", NULL
};

struct choice {
	const char *key, *no, *yes;
	bool *out;
};

static int read_choice(const struct json *scenario, const struct choice *c, struct err *e)
{
	const char *word = NULL;

	if (json_opt_str(scenario, "scenario", c->key, &word, e) != 0)
		return -1;
	*c->out = word != NULL && strcmp(word, c->yes) == 0;
	if (word != NULL && !*c->out && strcmp(word, c->no) != 0)
		return err_set(e, ERR_CONFIG, "scenario.%s: want %s or %s", c->key, c->no, c->yes);
	return 0;
}

static int read_choices(struct opsman_pace *p, const struct json *scenario, struct err *e)
{
	const struct choice choices[] = {
		{ "own_created_on", "upload", "not-before", &p->own_by_not_before },
		{ "create_answer", "flat", "wrapped", &p->wrapped_create },
		{ "activate_again", "accepted", "refused", &p->active_again_refused },
		{ "regenerate_again", "accepted", "refused", &p->repeat_refused },
		{ "run_lists", "updates", "unchanged", &p->listed_unchanged },
		{ "rows_change", "apply", "regenerate", &p->rows_at_regenerate },
		{ "parallel", "served", "lost", &p->lost_in_parallel }
	};

	for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
		if (read_choice(scenario, &choices[i], e) != 0)
			return -1;
	}
	return 0;
}

static int read_flags(struct opsman_pace *p, const struct json *scenario, struct err *e)
{
	const struct {
		const char *key;
		bool *out;
	} flags[] = {
		{ "ca_changes_pending", &p->ca_changes_pending },
		{ "vms_need_recreate", &p->needs_recreate },
		{ "credhub_needs_latest", &p->sticky_credhub }
	};

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		int value = -1;

		if (json_opt_bool(scenario, "scenario", flags[i].key, &value, e) != 0)
			return -1;
		*flags[i].out = value == 1;
	}
	return 0;
}

static int read_numbers(struct opsman_pace *p, const struct json *scenario, struct err *e)
{
	int64_t apply_s = -1, after_s = -1, second = 422;
	const struct {
		const char *key;
		int64_t *out, max;
	} numbers[] = {
		{ "apply_s", &apply_s, LONGEST_S }, { "apply_ms", &p->apply_ms,
		LONGEST_S * 1000LL },
		{ "apply_fails_at", &p->fails_at, 100 }, { "second_apply", &second, 599 },
		{ "version_after_s", &after_s, LONGEST_S }, { "backdate_s", &p->backdate_s,
		LONGEST_S },
		{ "ca_days", &p->ca_days, 36500 }, { "leaf_days", &p->leaf_days, 36500 }
	};

	p->apply_ms = -1;
	p->fails_at = 50;
	p->ca_days = CA_DAYS;
	p->leaf_days = LEAF_DAYS;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (json_opt_i64(scenario, "scenario", numbers[i].key, numbers[i].out, e) != 0)
			return -1;
		if (*numbers[i].out < -1 || *numbers[i].out > numbers[i].max)
			return err_set(e, ERR_CONFIG, "scenario.%s: want 0 to %lld", numbers[i].key,
			    (long long)numbers[i].max);
	}
	if (second != 409 && second != 422)
		return err_set(e, ERR_CONFIG, "scenario.second_apply: want 422 or 409");
	p->second_apply_status = (int)second;
	if (p->apply_ms < 0)
		p->apply_ms = apply_s >= 0 ? apply_s * 1000 : APPLY_DEFAULT_MS;
	p->version_after_ms = after_s >= 0 ? after_s * 1000 : -1;
	return 0;
}

/* One of three words; absent: the first. */
static int read_word(const struct json *scenario, const char *key, const char *const words[3],
    const char **out, struct err *e)
{
	const char *word = NULL;

	if (json_opt_str(scenario, "scenario", key, &word, e) != 0)
		return -1;
	*out = words[0];
	for (size_t i = 0; i < 3 && word != NULL; i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = words[i];
			return 0;
		}
	}
	if (word == NULL)
		return 0;
	return err_set(e, ERR_CONFIG, "scenario.%s: want %s, %s or %s", key, words[0], words[1],
	    words[2]);
}

static int read_words(struct opsman_pace *p, const struct json *scenario, struct err *e)
{
	static const char *const during[] = { "refused", "kept", "lost" };
	static const char *const restart[] = { "goes-on", "failed", "stale" };
	static const char *const safety[] = { "by-version", "none", "checks" };
	const char *word;
	int major, minor;

	if (read_word(scenario, "ca_changes_during_apply", during, &p->during_apply, e) != 0 ||
	    read_word(scenario, "restart_run", restart, &p->restart_run, e) != 0 ||
	    read_word(scenario, "safety", safety, &word, e) != 0 ||
	    json_opt_str(scenario, "scenario", "version_then", &p->version_then, e) != 0)
		return -1;
	p->safety = word == safety[0] ? -1 : word == safety[2];
	if (p->version_after_ms >= 0 && (p->version_then == NULL ||
	    sscanf(p->version_then, "%d.%d", &major, &minor) != 2))
		return err_set(e, ERR_CONFIG, "scenario.version_after_s: want a version_then");
	return 0;
}

static int read_lists(struct opsman_pace *p, const struct json *scenario, struct err *e)
{
	p->warnings = json_get(scenario, "warnings");
	if (json_opt_array(scenario, "scenario", "apply_results", &p->results, e) != 0 ||
	    json_opt_array(scenario, "scenario", "excluded", &p->excluded, e) != 0 ||
	    json_opt_array(scenario, "scenario", "failed", &p->failed, e) != 0 ||
	    json_opt_array(scenario, "scenario", "verifiers", &p->verifiers, e) != 0)
		return -1;
	for (const struct json *r = json_first(p->results); r != NULL; r = json_next(r)) {
		const char *word = json_str(r);

		if (word == NULL || (strcmp(word, "succeeded") != 0 && strcmp(word, "failed") != 0))
			return err_set(e, ERR_CONFIG,
			    "scenario.apply_results: want succeeded and failed");
	}
	p->results = json_first(p->results);
	return 0;
}

int opsman_read_pace(struct opsman_state *s, const struct json *scenario, struct err *e)
{
	struct opsman_pace *p = &s->pace;

	if (read_numbers(p, scenario, e) != 0 || read_choices(p, scenario, e) != 0 ||
	    read_flags(p, scenario, e) != 0 || read_words(p, scenario, e) != 0 ||
	    read_lists(p, scenario, e) != 0)
		return -1;
	if (p->version_after_ms >= 0)
		p->version_after_ms += sim_now_ms(s->sim);
	s->others_run = json_get(scenario, "others_run");
	if (s->others_run != NULL) {
		int64_t after_s = 0;

		if (json_opt_i64(s->others_run, "others_run", "after_s", &after_s, e) != 0)
			return -1;
		s->others_at_ms = sim_now_ms(s->sim) + after_s * 1000;
	}
	return 0;
}
