/* opsman_leafs.c - which certificates are made again, by whom they are signed, and what
 * the answer says about those that are not. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/opsman_write.h"

#define DAY_S 86400
#define SERVICES_CA "/services/tls_ca"
#define BOSH_DNS_CA "/opsmgr/bosh_dns/tls_ca"

static const char *text_of(const struct opsman_row *row, const char *key)
{
	const char *text = json_str(json_get(row->given, key));

	return text != NULL ? text : "";
}

static bool is_credhub(const struct opsman_row *row)
{
	return strcmp(text_of(row, "location"), "credhub") == 0;
}

static bool is_configurable(const struct opsman_row *row)
{
	int flag = -1;

	return json_opt_bool(row->given, "", "configurable", &flag, NULL) == 0 && flag == 1;
}

/* Name of a row for the lists of the scenario: its path, or its property. */
static const char *name_of(const struct opsman_row *row)
{
	return is_credhub(row) ? text_of(row, "variable_path") : text_of(row, "property_reference");
}

static bool is_listed(const struct json *list, const struct opsman_row *row)
{
	for (const struct json *m = json_first(list); m != NULL; m = json_next(m)) {
		if (json_str(m) != NULL && strcmp(json_str(m), name_of(row)) == 0)
			return true;
	}
	return false;
}

/* The row of the CA that has signed this one; NULL: it is none of the list. */
static const struct opsman_row *row_of_issuer(const struct opsman_state *s,
    const struct sim_cert *cert)
{
	for (size_t i = 0; i < s->n_rows; i++) {
		if (cert->issuer != NULL && s->rows[i].cert == cert->issuer)
			return &s->rows[i];
	}
	return NULL;
}

static bool is_of_services(const struct opsman_state *s, const struct opsman_row *row)
{
	const struct opsman_row *issuer = row_of_issuer(s, row->cert);

	return strncmp(text_of(row, "variable_path"), "/services/tls_", 14) == 0 ||
	    (issuer != NULL && strcmp(text_of(issuer, "variable_path"), SERVICES_CA) == 0);
}

static bool has_own_procedure(const struct opsman_state *s, const struct opsman_row *row)
{
	static const char *const patterns[] = {
		"/p-bosh/service-instance_*/pxc_*", "/p-bosh/service-instance_*/tls_certificate",
		"/p-bosh/service-instance_*/redis_certificate"
	};

	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		if (fnmatch(patterns[i], text_of(row, "variable_path"), 0) == 0)
			return true;
	}
	return !opsman_at_least(s, 2, 7, 0) && strcmp(text_of(row, "variable_path"),
	    BOSH_DNS_CA) == 0;
}

/* Why it is left alone, by its class; NULL: it is not. */
static const char *why_left_alone(const struct opsman_state *s, const struct opsman_row *row)
{
	if (is_of_services(s, row))
		return "it belongs to the Services TLS CA";
	if (has_own_procedure(s, row))
		return "it is rotated by its tile";
	if (strstr(text_of(row, "property_reference"), "saml_service_provider") != NULL)
		return "it is Ops Manager's own for SAML";
	return NULL;
}

bool opsman_regenerates(const struct opsman_state *s, const struct opsman_row *row)
{
	if (row->cert == NULL || row->n == 0 || row->cert->is_ca)
		return false;
	if (row->regenerates >= 0)
		return row->regenerates == 1;
	return !is_configurable(row) && why_left_alone(s, row) == NULL;
}

int opsman_ca_of(const struct opsman_state *s, const struct sim_cert *cert)
{
	for (size_t i = 0; i < s->n_cas && cert != NULL; i++) {
		if (s->cas[i].cert == cert || s->cas[i].nats == cert)
			return (int)i;
	}
	return -1;
}

/* --- making one ---------------------------------------------------------------- */

/* Of a CredHub CA its latest version, of the NATS CA the active CA's; else the active CA. */
static const struct sim_cert *signer_of(const struct opsman_state *s, const struct opsman_row *row)
{
	const struct opsman_row *issuer = row_of_issuer(s, row->cert);
	const struct opsman_ca *active = &s->cas[opsman_active_ca(s)];
	int ca = opsman_ca_of(s, row->cert->issuer);

	if (issuer != NULL)
		return issuer->staged != NULL ? issuer->staged : issuer->cert;
	if (ca >= 0 && row->cert->issuer == s->cas[ca].nats && active->nats != NULL)
		return active->nats;
	return active->cert;
}

static const struct sim_cert *make_again(struct opsman_state *s, const struct opsman_row *row)
{
	int64_t now_s = sim_now_ms(s->sim) / 1000, days = s->pace.leaf_days;
	const struct sim_cert *issuer = NULL;

	if (row->cert->is_ca) {
		days = s->pace.ca_days;
	} else {
		issuer = signer_of(s, row);
		if (strncmp(text_of(row, "variable_path"), "/opsmgr/bosh_dns/", 17) == 0)
			days /= 2;
	}
	return sim_shop_reissue(s->shop, row->cert, issuer, NULL, now_s - s->pace.backdate_s,
	    now_s + days * DAY_S, NULL);
}

enum fate { LEFT_OUT, DONE, EXCLUDED, NOT_DONE, N_FATES };

static enum fate fate_of_ca(struct opsman_state *s, const struct opsman_row *row,
    const struct json *exclude, const char **why)
{
	bool services = strcmp(text_of(row, "variable_path"), SERVICES_CA) == 0;

	if (!row->cert->is_ca || !is_credhub(row) || is_configurable(row))
		return LEFT_OUT;
	*why = "it is excluded from the rotation";
	if (exclude == NULL && is_of_services(s, row))
		return EXCLUDED;
	if (is_listed(exclude, row) || has_own_procedure(s, row))
		return EXCLUDED;
	s->services_rotated |= services;
	return DONE;
}

static enum fate fate_of_leaf(const struct opsman_state *s, const struct opsman_row *row,
    const char **why)
{
	if (row->cert->is_ca || is_configurable(row))
		return row->regenerates == 1 ? DONE : LEFT_OUT;
	*why = why_left_alone(s, row);
	if (opsman_regenerates(s, row))
		return DONE;
	if (*why == NULL)
		*why = "it is excluded from the rotation";
	return EXCLUDED;
}

/* As the scenario says of single ones. */
static enum fate as_told(const struct opsman_state *s, const struct opsman_row *row, enum fate fate,
    const char **why)
{
	if (fate != DONE)
		return fate;
	if (is_listed(s->pace.excluded, row)) {
		*why = "it is excluded from the rotation";
		return EXCLUDED;
	}
	if (is_listed(s->pace.failed, row)) {
		*why = "the variable could not be generated";
		return NOT_DONE;
	}
	return DONE;
}

static void put_one(struct json_writer *w, const struct opsman_row *row, const char *why)
{
	static const char *const keys[] = {
		"location", "product_guid", "property_reference", "variable_path"
	};

	jsonw_open(w, NULL, '{');
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const char *text = json_str(json_get(row->given, keys[i]));

		jsonw_str(w, keys[i], text != NULL || i > 0 ? text : "ops_manager");
	}
	jsonw_str(w, "reason", why);
	jsonw_close(w, '}');
}

static enum fate remake_one(struct opsman_state *s, struct opsman_row *row, enum opsman_pick pick,
    const struct json *exclude, const char **why)
{
	const struct sim_cert *fresh;
	enum fate fate;

	*why = NULL;
	if (row->cert == NULL || row->n == 0)
		return LEFT_OUT;
	fate = pick == OPSMAN_LEAFS ? fate_of_leaf(s, row, why) : fate_of_ca(s, row, exclude, why);
	fate = as_told(s, row, fate, why);
	if (fate != DONE)
		return fate;
	*why = "its issuer cannot sign";
	fresh = make_again(s, row);
	if (fresh == NULL)
		return NOT_DONE;
	*why = NULL;
	if (pick == OPSMAN_LEAFS)
		row->staged = fresh;
	else
		row->next = fresh;
	return DONE;
}

void opsman_remake(struct opsman_state *s, enum opsman_pick pick, const struct json *exclude,
    struct json_writer *w, const char *done, const char *failed)
{
	const char *const keys[N_FATES] = {
		[DONE] = done, [EXCLUDED] = "excluded", [NOT_DONE] = failed
	};
	enum fate *fate = mem_array(s->n_rows + 1, sizeof *fate);
	const char **why = mem_array(s->n_rows + 1, sizeof *why);

	for (size_t i = 0; i < s->n_rows; i++)
		fate[i] = remake_one(s, &s->rows[i], pick, exclude, &why[i]);
	if (pick == OPSMAN_LEAFS)
		s->signer = opsman_active_ca(s);
	jsonw_open(w, "certificates", '{');
	for (int f = DONE; f < N_FATES; f++) {
		jsonw_open(w, keys[f], '[');
		for (size_t i = 0; i < s->n_rows; i++) {
			if ((int)fate[i] == f)
				put_one(w, &s->rows[i], why[i]);
		}
		jsonw_close(w, ']');
	}
	jsonw_close(w, '}');
	free(fate);
	free(why);
}

/* --- CAs in the rows ------------------------------------------------------------ */

void opsman_promote_cas(struct opsman_state *s)
{
	for (size_t i = 0; i < s->n_rows; i++) {
		if (s->rows[i].next != NULL)
			s->rows[i].staged = s->rows[i].next;
		s->rows[i].next = NULL;
	}
}

static struct opsman_row *row_of_root(struct opsman_state *s, const char *guid)
{
	for (size_t i = 0; i < s->n_rows; i++) {
		const char *name = text_of(&s->rows[i], "property_reference");

		if (strncmp(name, ".properties.root_ca.", 20) == 0 &&
		    (guid == NULL || strcmp(name + 20, guid) == 0))
			return &s->rows[i];
	}
	return NULL;
}

void opsman_row_of_ca(struct opsman_state *s, const struct opsman_ca *ca, bool comes)
{
	struct opsman_row *row = row_of_root(s, comes ? NULL : ca->guid);
	char *text;

	if (row == NULL)
		return;                 /* this version does not list them */
	if (!comes) {
		row->goes = true;
		return;
	}
	row = &s->rows[s->n_rows++];
	text = mem_printf("{\"property_reference\":\".properties.root_ca.%s\",\"property_type\":"
	    "\"ca_certificate\",\"product_guid\":\"ops_manager\",\"is_ca\":true}", ca->guid);
	row->own = json_parse(text, strlen(text), NULL);
	free(text);
	row->given = row->own;
	row->cert = ca->cert;
	row->n = 1;
	row->regenerates = -1;
	row->product = (int)s->director;
	row->comes = true;
}
