/* opsman_state.c - a scenario becomes the state of opsman_sim. */
#include "tests/sim/opsman_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define DAY_S 86400
#define TOKEN_DEFAULT_S 43199
#define STARTING_DEFAULT_S 2

static const char *const phase_words[] = {
	[OPSMAN_BOOTING] = "booting", [OPSMAN_SETUP] = "setup", [OPSMAN_LOCKED] = "locked",
	[OPSMAN_STARTING] = "starting", [OPSMAN_READY] = "ready",
};

/* What a CA and a row may say besides the description of their certificate. */
static const char *const ca_keys[] = {
	"guid", "issuer_text", "active", "created_days_ago", "created_on", "nats", "pem",
	"expires_on", "applied", "signs", NULL
};
static const char *const account_keys[] = { "name", "secret", "scopes", NULL };
static const char *const row_keys[] = { "certificate", "row", "n", "regenerates", "comment", NULL };

const char *opsman_phase_name(enum opsman_phase p)
{
	return phase_words[p];
}

int opsman_phase_parse(const char *word, enum opsman_phase *out)
{
	for (size_t i = 0; i < sizeof phase_words / sizeof phase_words[0]; i++) {
		if (strcmp(word, phase_words[i]) == 0) {
			*out = (enum opsman_phase)i;
			return 0;
		}
	}
	return -1;
}

enum opsman_phase opsman_phase(struct opsman_state *s, int64_t now_ms)
{
	if (s->phase == OPSMAN_STARTING && now_ms >= s->ready_at_ms)
		s->phase = OPSMAN_READY;
	return s->phase;
}

bool opsman_at_least(const struct opsman_state *s, int major, int minor, int patch)
{
	if (s->major != major)
		return s->major > major;
	if (s->minor != minor)
		return s->minor > minor;
	return s->patch >= patch;
}

static void free_ca(struct opsman_ca *ca)
{
	free(ca->guid);
	free(ca->issuer);
	free(ca->pem);
	free(ca->expires_on);
}

void opsman_destroy(void *state)
{
	struct opsman_state *s = state;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_cas; i++)
		free_ca(&s->cas[i]);
	for (size_t i = 0; i < s->n_accounts; i++) {
		free(s->accounts[i].name);
		free(s->accounts[i].secret);
		free(s->accounts[i].scopes);
	}
	for (size_t i = 0; i < s->n_tokens; i++) {
		free(s->tokens[i].text);
		free(s->tokens[i].refresh);
	}
	for (size_t i = 0; i < s->n_rows; i++)
		json_free(s->rows[i].own);
	for (size_t i = 0; i < s->n_products; i++) {
		free(s->products[i].guid);
		free(s->products[i].type);
	}
	for (size_t i = 0; i < s->n_runs; i++)
		opsman_free_run(s->runs[i]);
	json_free(s->pending);
	free(s->version_now);
	free(s->vms);
	free(s->cas);
	free(s->rows);
	free(s->accounts);
	free(s);
}

static int read_created(struct sim *sim, const struct json *d, const char *where,
    struct opsman_ca *ca, struct err *e)
{
	const char *text = NULL;
	int64_t days = -1;

	ca->created_at = ca->cert->not_before_at;
	if (json_opt_str(d, where, "created_on", &text, e) != 0 ||
	    json_opt_i64(d, where, "created_days_ago", &days, e) != 0)
		return -1;
	if (text != NULL && text_to_time(text, &ca->created_at) != 0)
		return err_set(e, ERR_CONFIG, "%s.created_on: no moment: \"%s\"", where, text);
	if (days >= 0)
		ca->created_at = sim_now_ms(sim) / 1000 - days * DAY_S;
	return 0;
}

/* "nats": a certificate, null (the member is sent as null), or absent. */
static int read_nats(struct sim *sim, const struct json *d, const char *where,
    struct opsman_ca *ca, struct err *e)
{
	const struct json *nats = json_get(d, "nats");
	char place[96];

	for (const struct json *m = json_first(d); m != NULL && nats == NULL; m = json_next(m))
		ca->nats_is_null = ca->nats_is_null || strcmp(json_key(m), "nats") == 0;
	if (nats == NULL)
		return 0;
	snprintf(place, sizeof place, "%s.nats", where);
	if (sim_known_keys(nats, place, sim_spec_keys, NULL, e) != 0)
		return -1;
	ca->nats = sim_make_cert(sim, nats, place, e);
	return ca->nats == NULL ? -1 : 0;
}

static int read_ca(struct sim *sim, const struct json *d, size_t i, struct opsman_ca *ca, struct err *e)
{
	const char *guid = NULL, *issuer = NULL, *pem = NULL, *expires_on = NULL;
	char where[48], made[24];
	int active = -1, applied = -1, signs = -1;

	snprintf(where, sizeof where, "cas[%zu]", i);
	snprintf(made, sizeof made, "%020zx", (size_t)0xca000001u + i);
	if (sim_known_keys(d, where, ca_keys, sim_spec_keys, e) != 0 ||
	    json_opt_str(d, where, "guid", &guid, e) != 0 ||
	    json_opt_str(d, where, "issuer_text", &issuer, e) != 0 ||
	    json_opt_str(d, where, "pem", &pem, e) != 0 ||
	    json_opt_str(d, where, "expires_on", &expires_on, e) != 0 ||
	    json_opt_bool(d, where, "active", &active, e) != 0 ||
	    json_opt_bool(d, where, "applied", &applied, e) != 0 ||
	    json_opt_bool(d, where, "signs", &signs, e) != 0)
		return -1;
	ca->not_applied = applied == 0;
	ca->signs = signs == 1;
	ca->guid = mem_strdup(guid != NULL ? guid : made);
	ca->issuer = mem_strdup(issuer != NULL ? issuer : "Pivotal");
	ca->pem = mem_strdup(pem);
	ca->expires_on = mem_strdup(expires_on);
	ca->active = active < 0 ? i == 0 : active == 1;
	ca->cert = sim_make_cert(sim, d, where, e);
	if (ca->cert == NULL || read_created(sim, d, where, ca, e) != 0)
		return -1;
	return read_nats(sim, d, where, ca, e);
}

static int read_cas(struct sim *sim, const struct json *list, struct opsman_state *s, struct err *e)
{
	if (json_count(list) > OPSMAN_CAS_MAX)
		return err_set(e, ERR_CONFIG, "cas: more than %d", OPSMAN_CAS_MAX);
	s->cas = mem_array(OPSMAN_CAS_MAX, sizeof *s->cas);
	for (const struct json *d = json_first(list); d != NULL; d = json_next(d)) {
		s->n_cas++;
		if (read_ca(sim, d, s->n_cas - 1, &s->cas[s->n_cas - 1], e) != 0)
			return -1;
	}
	return 0;
}

static int read_row(struct sim *sim, const struct json *d, size_t i, struct opsman_row *row, struct err *e)
{
	const struct json *cert = json_get(d, "certificate");
	char where[48];
	int64_t n = 1;

	row->regenerates = -1;
	snprintf(where, sizeof where, "certificates[%zu]", i);
	if (sim_known_keys(d, where, row_keys, NULL, e) != 0 ||
	    json_opt_i64(d, where, "n", &n, e) != 0 ||
	    json_opt_bool(d, where, "regenerates", &row->regenerates, e) != 0)
		return -1;
	if (n < 1 || n > 100000)
		return err_set(e, ERR_CONFIG, "%s.n: want 1 to 100000", where);
	row->n = (int)n;
	row->given = json_get(d, "row");
	if (cert == NULL)
		return 0;
	if (sim_known_keys(cert, where, sim_spec_keys, NULL, e) != 0)
		return -1;
	row->cert = sim_make_cert(sim, cert, where, e);
	return row->cert == NULL ? -1 : 0;
}

static int read_rows(struct sim *sim, const struct json *list, struct opsman_state *s, struct err *e)
{
	s->rows = mem_array(json_count(list) + OPSMAN_CAS_MAX, sizeof *s->rows);
	for (const struct json *d = json_first(list); d != NULL; d = json_next(d)) {
		if (read_row(sim, d, s->n_rows, &s->rows[s->n_rows], e) != 0)
			return -1;
		s->n_rows++;
	}
	return 0;
}

static int read_account(const struct json *d, const char *where, bool is_client,
    struct opsman_account *a, struct err *e)
{
	const char *name = NULL, *secret = NULL, *scopes = NULL;

	if (sim_known_keys(d, where, account_keys, NULL, e) != 0 ||
	    json_want_str(d, where, "name", &name, e) != 0 ||
	    json_opt_str(d, where, "secret", &secret, e) != 0 ||
	    json_opt_str(d, where, "scopes", &scopes, e) != 0)
		return -1;
	a->is_client = is_client;
	a->name = mem_strdup(name);
	a->secret = mem_strdup(secret != NULL ? secret : SIM_PASSWORD);
	a->scopes = mem_strdup(scopes != NULL ? scopes : "opsman.admin");
	return 0;
}

static void default_account(struct opsman_account *a, bool is_client, const char *name, const char *scopes)
{
	a->is_client = is_client;
	a->name = mem_strdup(name);
	a->secret = mem_strdup(SIM_PASSWORD);
	a->scopes = mem_strdup(scopes);
}

/* "users" and "clients"; without either, admin and the client "monitor". */
static int read_accounts(const struct json *scenario, struct opsman_state *s, struct err *e)
{
	const struct json *users = json_get(scenario, "users"), *clients = json_get(scenario, "clients");

	s->accounts = mem_array(json_count(users) + json_count(clients) + 2, sizeof *s->accounts);
	for (const struct json *d = json_first(users); d != NULL; d = json_next(d))
		if (read_account(d, "users", false, &s->accounts[s->n_accounts++], e) != 0)
			return -1;
	for (const struct json *d = json_first(clients); d != NULL; d = json_next(d))
		if (read_account(d, "clients", true, &s->accounts[s->n_accounts++], e) != 0)
			return -1;
	if (users == NULL)
		default_account(&s->accounts[s->n_accounts++], false, "admin", "opsman.admin scim.me uaa.admin clients.admin");
	if (clients == NULL)
		default_account(&s->accounts[s->n_accounts++], true, "monitor", "opsman.restricted_view");
	return 0;
}

static int read_times(const struct json *scenario, struct opsman_state *s, struct err *e)
{
	int64_t token_s = TOKEN_DEFAULT_S, starting_s = STARTING_DEFAULT_S;

	if (json_opt_i64(scenario, "scenario", "token_lifetime_s", &token_s, e) != 0 ||
	    json_opt_i64(scenario, "scenario", "starting_s", &starting_s, e) != 0)
		return -1;
	if (token_s < 0 || token_s > 10000000 || starting_s < 0 || starting_s > 10000000)
		return err_set(e, ERR_CONFIG, "scenario: a time of 0 to 10000000 seconds is wanted");
	s->token_ms = token_s * 1000;
	s->starting_ms = starting_s * 1000;
	s->ready_at_ms = sim_now_ms(s->sim) + s->starting_ms;
	return 0;
}

int opsman_read_version(struct opsman_state *s, const char *text)
{
	int major, minor, patch = 0;
	char *copy;

	if (sscanf(text, "%d.%d.%d", &major, &minor, &patch) < 2)
		return -1;
	s->major = major;
	s->minor = minor;
	s->patch = patch;
	copy = mem_strdup(text);        /* before the old one goes: it may be text itself */
	free(s->version_now);
	s->version = s->version_now = copy;
	return 0;
}

/* The number of the next installation is above all that the scenario lists. */
static void number_runs(struct opsman_state *s)
{
	const struct json *list = json_get(s->scenario, "installations");
	int64_t id;

	s->next_run_id = list == NULL ? 2 : 1;
	for (const struct json *m = json_first(list); m != NULL; m = json_next(m)) {
		if (json_i64(json_get(m, "id"), &id) && id >= s->next_run_id)
			s->next_run_id = id + 1;
	}
}

/* What changes are about; the CAs and the rows are there. */
static int read_changes(const struct json *scenario, struct opsman_state *s, struct err *e)
{
	struct opsman_order order;

	s->shop = sim_shop(s->sim);
	s->entered_ms = sim_now_ms(s->sim);
	s->n_given_cas = s->n_cas;
	number_runs(s);
	if (opsman_read_pace(s, scenario, e) != 0 || opsman_read_products(s, scenario, e) != 0)
		return -1;
	if (s->others_run == NULL)
		return 0;
	return opsman_read_others(s, s->others_run, &order, e);
}

static int read_words(const struct json *scenario, struct opsman_state *s, struct err *e)
{
	const char *phase = NULL, *dates = NULL, *refusals = NULL;

	s->version = "2.10.40-build.1";
	s->passphrase = "simulator-passphrase";
	if (json_opt_str(scenario, "scenario", "state", &phase, e) != 0 ||
	    json_opt_str(scenario, "scenario", "dates", &dates, e) != 0 ||
	    json_opt_str(scenario, "scenario", "refusals", &refusals, e) != 0)
		return -1;
	if (json_str(json_get(scenario, "version")) != NULL)
		s->version = json_str(json_get(scenario, "version"));
	if (json_str(json_get(scenario, "passphrase")) != NULL)
		s->passphrase = json_str(json_get(scenario, "passphrase"));
	if (opsman_read_version(s, s->version) != 0)
		return err_set(e, ERR_CONFIG, "scenario.version: no version: \"%s\"", s->version);
	s->phase = OPSMAN_READY;
	if (phase != NULL && opsman_phase_parse(phase, &s->phase) != 0)
		return err_set(e, ERR_CONFIG, "scenario.state: want booting, setup, locked, starting or ready");
	s->dates_only = dates != NULL && strcmp(dates, "date") == 0;
	s->old_refusals = refusals != NULL && strcmp(refusals, "old") == 0;
	return 0;
}

static int read_listener(const struct json *scenario, struct opsman_state *s, struct err *e)
{
	static const char fallback[] =
	    "{\"cn\":\"opsman.example\",\"san\":[\"opsman.example\",\"127.0.0.1\",\"localhost\"],\"days_left\":300}";
	const struct json *d = json_get(scenario, "listener");
	struct json *made = NULL;
	char text[sizeof fallback];

	memcpy(text, fallback, sizeof fallback);
	if (d == NULL)
		d = made = json_parse(text, sizeof fallback - 1, e);
	if (d != NULL && sim_known_keys(d, "listener", sim_spec_keys, NULL, e) == 0)
		s->listener = sim_make_cert(s->sim, d, "listener", e);
	json_free(made);
	return s->listener == NULL ? -1 : 0;
}

int opsman_create(struct sim *sim, const struct json *scenario, void **state, struct err *e)
{
	struct opsman_state *s = mem_alloc(sizeof *s);

	*state = NULL;
	s->sim = sim;
	s->scenario = scenario;
	if (read_words(scenario, s, e) != 0 || read_times(scenario, s, e) != 0 ||
	    read_accounts(scenario, s, e) != 0 ||
	    read_cas(sim, json_get(scenario, "cas"), s, e) != 0 ||
	    read_rows(sim, json_get(scenario, "certificates"), s, e) != 0 ||
	    read_changes(scenario, s, e) != 0 || read_listener(scenario, s, e) != 0) {
		opsman_destroy(s);
		return -1;
	}
	sim_listen(sim, json_str(json_get(scenario, "address")), true, false);
	*state = s;
	return 0;
}
