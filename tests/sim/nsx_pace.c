/* nsx_pace.c - how changes go, by scenario, and with which status they are answered. */
#include <string.h>
#include "tests/sim/nsx_write.h"

#define AWAY_MS 300
#define SETTLE_MS 1000
#define LONGEST_MS 86400000

static int read_times(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct {
		const char *key;
		int64_t *out;
	} times[] = {
		{ "apply_away_ms", &n->pace.apply_away_ms },
		{ "apply_settle_ms", &n->pace.apply_settle_ms },
		{ "batch_operation_ms", &n->pace.batch_operation_ms },
		{ "host_settle_ms", &n->pace.host_settle_ms },
		{ "crl_ready_ms", &n->pace.crl_ready_ms }
	};

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		if (json_opt_i64(scenario, "scenario", times[i].key, times[i].out, e) != 0)
			return -1;
		if (*times[i].out < -1 || *times[i].out > LONGEST_MS)
			return err_set(e, ERR_CONFIG, "scenario.%s: want 0 to %d", times[i].key,
			    LONGEST_MS);
	}
	return 0;
}

/* One of two words: 0 or 1.  Absent leaves *out alone. */
static int read_choice(const struct json *scenario, const char *key, const char *no,
    const char *yes, int *out, struct err *e)
{
	const char *word = NULL;

	if (json_opt_str(scenario, "scenario", key, &word, e) != 0)
		return -1;
	if (word == NULL)
		return 0;
	*out = strcmp(word, yes) == 0;
	if (!*out && strcmp(word, no) != 0)
		return err_set(e, ERR_CONFIG, "scenario.%s: want %s or %s", key, no, yes);
	return 0;
}

static int read_flag(const struct json *scenario, const char *key, int *out, struct err *e)
{
	int value = -1;

	if (json_opt_bool(scenario, "scenario", key, &value, e) != 0)
		return -1;
	*out = value == 1;
	return 0;
}

static int read_fails(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct json *list = NULL;

	if (json_opt_array(scenario, "scenario", "batch_fails", &list, e) != 0)
		return -1;
	for (const struct json *j = json_first(list); j != NULL; j = json_next(j)) {
		if (json_str(j) == NULL || n->pace.n_batch_fails == NSX_SERVICES_MAX)
			return err_set(e, ERR_CONFIG,
			    "scenario.batch_fails: want a few service types");
		n->pace.batch_fails[n->pace.n_batch_fails++] = json_str(j);
	}
	return 0;
}

/* One kind of other work: what the scenario says of it, or that there is none. */
static int read_work(const struct json *activity, const char *key, const char *none,
    const char **out, struct err *e)
{
	const char *word = NULL;

	if (json_opt_str(activity, "activity", key, &word, e) != 0)
		return -1;
	*out = word != NULL ? word : none;
	return 0;
}

static int read_activity(struct nsx *n, const struct json *scenario, struct err *e)
{
	static const char *const keys[] = { "upgrade", "backup", "restore", NULL };
	const struct json *activity = json_get(scenario, "activity");

	if (activity != NULL && sim_known_keys(activity, "activity", keys, NULL, e) != 0)
		return -1;
	return read_work(activity, "upgrade", "NOT_STARTED", &n->pace.upgrade, e) != 0 ||
	    read_work(activity, "backup", "NONE", &n->pace.backup, e) != 0 ||
	    read_work(activity, "restore", "INITIAL", &n->pace.restore, e) != 0 ? -1 : 0;
}

int nsx_read_pace(struct nsx *n, const struct json *scenario, struct err *e)
{
	n->pace.apply_away_ms = AWAY_MS;
	n->pace.apply_settle_ms = n->pace.host_settle_ms = n->pace.batch_operation_ms = SETTLE_MS;
	n->pace.crl_ready_ms = -1;
	n->pace.sdk_statuses = n->version >= NSX_VERSION(9, 0, 0);
	if (read_times(n, scenario, e) != 0 || read_fails(n, scenario, e) != 0 ||
	    read_activity(n, scenario, e) != 0 ||
	    read_flag(scenario, "import_splits_chain", &n->pace.splits_chain, e) != 0 ||
	    read_flag(scenario, "auto_renew", &n->pace.auto_renew, e) != 0)
		return -1;
	if (read_choice(scenario, "apply_answer", "before", "lost", &n->pace.lost_answer, e) != 0)
		return -1;
	return read_choice(scenario, "statuses", "docs", "sdk", &n->pace.sdk_statuses, e);
}

void nsx_done(struct nsx *n, struct nsx_call *c)
{
	sim_reply_set(c->rp, n->pace.sdk_statuses ? 204 : 200, NULL);
}

void nsx_bad_request(struct nsx_call *c, const char *why)
{
	nsx_error(c->rp, 400, NSX_E_PARAMETER, "Field level validation errors: {%s}", why);
}
