/* nsx_scenario.c - a scenario becomes a cluster: version, accounts, limits. */
#include "tests/sim/nsx_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

const char nsx_default_scenario[] = "{\"version\":\"4.2\"}";

const char *const nsx_scenario_keys[] = {
	"version", "mode", "null_cursor", "logins", "cluster", "nodes", "vip", "issuers",
	"certificates", "default_certificates", "many", "principal_identities", "transport_nodes",
	"sites", "global_manager_mode", "global_managers", "users", "api_service", "auth_policy",
	"security", "import_splits_chain", "statuses", "apply_answer", "apply_away_ms",
	"apply_settle_ms", "batch_operation_ms", "batch_fails", "host_settle_ms", "crl_ready_ms",
	"auto_renew", "activity", NULL
};

static int read_version(struct nsx *n, const struct json *scenario, struct err *e)
{
	const char *text = NULL;
	int part[3] = { 0, 0, 0 };
	size_t dots = 0;

	if (json_opt_str(scenario, "scenario", "version", &text, e) != 0)
		return -1;
	if (text == NULL)
		text = "4.2";
	if (sscanf(text, "%2d.%2d.%2d", &part[0], &part[1], &part[2]) < 2)
		return err_set(e, ERR_CONFIG, "scenario.version: want 4.2 or 4.2.1, have \"%s\"",
		    text);
	n->version = NSX_VERSION(part[0], part[1], part[2]);
	if (n->version < NSX_VERSION(3, 0, 0) || n->version >= NSX_VERSION(10, 0, 0))
		return err_set(e, ERR_CONFIG, "scenario.version: 3.0 to 9.x, not \"%s\"", text);
	for (const char *p = text; *p != '\0'; p++)
		dots += *p == '.';
	if (dots < 3)
		text = nsx_own(n, mem_printf("%d.%d.%d.0.0.%d", part[0], part[1], part[2],
		    20000000 + n->version));
	n->version_text = text;
	return 0;
}

static int read_mode(struct nsx *n, const struct json *scenario, struct err *e)
{
	const char *mode = NULL;
	int null_cursor = 0;

	if (json_opt_str(scenario, "scenario", "mode", &mode, e) != 0 ||
	    json_opt_str(scenario, "scenario", "global_manager_mode", &n->gm_mode, e) != 0 ||
	    json_opt_bool(scenario, "scenario", "null_cursor", &null_cursor, e) != 0)
		return -1;
	n->null_cursor = null_cursor == 1;
	n->global_manager = mode != NULL && strcmp(mode, "global-manager") == 0;
	if (!n->global_manager && mode != NULL && strcmp(mode, "manager") != 0)
		return err_set(e, ERR_CONFIG, "scenario.mode: want manager or global-manager");
	if (n->gm_mode == NULL)
		n->gm_mode = "ACTIVE";
	return 0;
}

struct number {
	const char *key;
	int64_t *out;
};
struct flag {
	const char *key;
	int *out;
};

/* Numbers and flags of one object; keys that are absent keep their default. */
static int read_settings(const struct json *scenario, const char *key, const struct number *numbers,
    const struct flag *flags, struct err *e)
{
	const struct json *obj = json_get(scenario, key);
	const char *known[16] = { NULL };
	size_t n = 0;

	if (obj == NULL)
		return 0;
	for (const struct number *p = numbers; p->key != NULL; p++) {
		known[n++] = p->key;
		if (json_opt_i64(obj, key, p->key, p->out, e) != 0)
			return -1;
	}
	for (const struct flag *p = flags; p->key != NULL; p++) {
		int value = -1;

		known[n++] = p->key;
		if (json_opt_bool(obj, key, p->key, &value, e) != 0)
			return -1;
		if (value >= 0)
			*p->out = value;
	}
	return sim_known_keys(obj, key, known, NULL, e);
}

static int read_policies(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct number no_numbers[] = { { NULL, NULL } };
	const struct flag no_flags[] = { { NULL, NULL } };
	const struct flag logins[] = { { "basic", &n->basic }, { "session", &n->session_login },
		{ "certificate", &n->certificate_login }, { NULL, NULL } };
	const struct number limits[] = { { "client_api_rate_limit", &n->limits.rate },
		{ "client_api_concurrency_limit", &n->limits.concurrency },
		{ "global_api_concurrency_limit", &n->limits.global_concurrency },
		{ "connection_timeout", &n->limits.connection_timeout_s },
		{ "session_timeout", &n->limits.session_timeout_s },
		{ "retry_after_s", &n->limits.retry_after_s }, { NULL, NULL } };
	const struct flag enforced[] = { { "enforced", &n->limits.enforced }, { NULL, NULL } };
	const struct number lockout[] = { { "api_max_auth_failures", &n->lockout.failures },
		{ "api_failed_auth_reset_period", &n->lockout.reset_s },
		{ "api_failed_auth_lockout_period", &n->lockout.period_s }, { NULL, NULL } };
	const struct number lead[] = {
		{ "renewal_lead_time", &n->security.lead_days }, { NULL, NULL }
	};
	const struct flag security[] = { { "crl_checking_enabled", &n->security.crl_checking },
		{ "ca_signed_only", &n->security.ca_signed_only },
		{ "eku_checking_enabled", &n->security.eku_checking },
		{ "renewal_enabled", &n->security.renewal },
		{ "guide_names", &n->security.guide_names }, { NULL, NULL } };

	if (read_settings(scenario, "logins", no_numbers, logins, e) != 0 ||
	    read_settings(scenario, "api_service", limits, enforced, e) != 0 ||
	    read_settings(scenario, "auth_policy", lockout, no_flags, e) != 0)
		return -1;
	return read_settings(scenario, "security", lead, security, e);
}

static int read_users(struct nsx *n, const struct json *scenario, struct err *e)
{
	static const char *const keys[] = { "name", "password", "role", NULL };
	const struct json *list = NULL;
	const char *role;

	if (json_opt_array(scenario, "scenario", "users", &list, e) != 0)
		return -1;
	for (const struct json *u = json_first(list); u != NULL; u = json_next(u)) {
		struct nsx_user *user = &n->user[n->n_users];

		if (n->n_users == NSX_USERS_MAX)
			return err_set(e, ERR_CONFIG, "more than %d users", NSX_USERS_MAX);
		if (sim_known_keys(u, "users", keys, NULL, e) != 0 ||
		    json_want_str(u, "users", "name", &user->name, e) != 0 ||
		    json_opt_str(u, "users", "password", &user->password, e) != 0 ||
		    json_opt_str(u, "users", "role", &role, e) != 0)
			return -1;
		if (user->password == NULL)
			user->password = SIM_PASSWORD;
		user->may_write = role != NULL && strcmp(role, "enterprise_admin") == 0;
		n->n_users++;
	}
	if (list == NULL) {
		n->user[0].name = "admin";
		n->user[0].may_write = true;
		n->user[1].name = "audit";
		n->user[0].password = n->user[1].password = SIM_PASSWORD;
		n->n_users = 2;
	}
	return 0;
}

struct nsx *nsx_from_scenario(struct sim *sim, const struct json *scenario, struct err *e)
{
	struct nsx *n = mem_alloc(sizeof *n);

	n->sim = sim;
	n->shop = sim_shop(sim);
	n->basic = n->session_login = n->certificate_login = 1;
	n->limits = (struct nsx_limits){ 100, 40, 199, 30, 1800, 0, 0 };
	n->lockout = (struct nsx_lockout){ 5, 900, 900 };
	n->security = (struct nsx_security){ 1, 0, 0, 1, 31, 0 };
	if (read_version(n, scenario, e) == 0 && read_mode(n, scenario, e) == 0 &&
	    read_policies(n, scenario, e) == 0 && read_users(n, scenario, e) == 0 &&
	    nsx_read_pace(n, scenario, e) == 0 && nsx_read_nodes(n, scenario, e) == 0 &&
	    nsx_read_rows(n, scenario, e) == 0 && nsx_read_others(n, scenario, e) == 0 &&
	    nsx_read_federation(n, scenario, e) == 0)
		return n;
	nsx_free(n);
	return NULL;
}
