/* nsx_rows.c - the certificate objects of a scenario. */
#include "tests/sim/nsx_state.h"

#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"

static const char *const row_keys[] = {
	"id", "display_name", "description", "used_by", "cert", "given", "pem", "details", "policy",
	"has_private_key", "resource_type", "category", "purpose", "validation", "copies", NULL
};

struct word {
	const char *word;
	int value;
};

static const struct word pem_words[] = {
	{ "one-line", NSX_PEM_ONE_LINE }, { "crlf", NSX_PEM_CRLF },
	{ "no-newline", NSX_PEM_NO_NEWLINE }, { "broken", NSX_PEM_BROKEN },
	{ "garbage", NSX_PEM_GARBAGE }, { "empty", NSX_PEM_EMPTY }, { "missing", NSX_PEM_MISSING },
	{ NULL, 0 }
};
static const struct word details_words[] = {
	{ "missing", NSX_DETAILS_MISSING }, { "empty", NSX_DETAILS_EMPTY },
	{ "wrong", NSX_DETAILS_WRONG }, { NULL, 0 }
};

static int read_word(const struct json *j, const char *where, const char *key,
    const struct word *words, int *value, struct err *e)
{
	const char *text = NULL;

	if (json_opt_str(j, where, key, &text, e) != 0)
		return -1;
	for (const struct word *w = words; text != NULL && w->word != NULL; w++) {
		if (strcmp(w->word, text) == 0) {
			*value = w->value;
			return 0;
		}
	}
	if (text == NULL)
		return 0;
	return err_set(e, ERR_CONFIG, "%s.%s: unknown word \"%s\"", where, key, text);
}

/* A node by its name, the word "cluster", or any text as it stands. */
static const char *use_node_id(const struct nsx *n, const struct json *use)
{
	const char *name = json_str(json_get(use, "node"));
	const char *raw = json_str(json_get(use, "node_id"));
	const struct nsx_node *node;

	if (raw != NULL || name == NULL)
		return raw;
	if (strcmp(name, "cluster") == 0)
		return n->cluster_id;
	node = nsx_node_by_name(n, name);
	return node != NULL ? node->uuid : NULL;
}

static int read_use(const struct nsx *n, const struct json *j, const char *where,
    struct nsx_row *row, struct err *e)
{
	static const char *const keys[] = { "node", "node_id", "service_types", NULL };
	const struct json *types = NULL;
	const char *node_id = use_node_id(n, j);
	struct nsx_use *use;

	if (sim_known_keys(j, where, keys, NULL, e) != 0 ||
	    json_want_array(j, where, "service_types", &types, e) != 0)
		return -1;
	if (node_id == NULL)
		return err_set(e, ERR_CONFIG, "%s: want the name of a node, or node_id", where);
	use = nsx_add_use(row, node_id);
	if (use == NULL || json_count(types) > NSX_SERVICES_MAX)
		return err_set(e, ERR_CONFIG, "%s: too many uses", where);
	for (const struct json *t = json_first(types); t != NULL; t = json_next(t)) {
		if (json_str(t) == NULL)
			return err_set(e, ERR_CONFIG, "%s.service_types: want strings", where);
		use->service[use->n_services++] = json_str(t);
	}
	return 0;
}

static int read_uses(const struct nsx *n, const struct json *j, const char *where,
    struct nsx_row *row, struct err *e)
{
	const struct json *list = NULL;

	if (json_opt_array(j, where, "used_by", &list, e) != 0)
		return -1;
	for (const struct json *use = json_first(list); use != NULL; use = json_next(use)) {
		if (read_use(n, use, where, row, e) != 0)
			return -1;
	}
	return 0;
}

/* Subject and SAN, from what the row is used for. */
void nsx_name_after_uses(struct nsx *n, const struct nsx_row *row, struct sim_spec *spec)
{
	bool name_too = spec->n_san == 0;

	for (size_t i = 0; i < n->n_nodes; i++) {
		const struct nsx_node *node = &n->node[i];
		bool used = false;

		for (size_t u = 0; u < row->n_uses; u++)
			used |= strcmp(row->use[u].node_id, node->uuid) == 0;
		if (!used)
			continue;
		if (spec->cn == NULL)
			spec->cn = node->fqdn;
		if (name_too && spec->n_san + 2 <= SIM_SAN_MAX) {
			spec->san[spec->n_san++] = node->fqdn;
			spec->san[spec->n_san++] = node->ip;
		}
	}
	if (nsx_row_used_for(row, "MGMT_CLUSTER", NULL) && n->vip.set) {
		if (spec->cn == NULL || row->n_uses > 1)
			spec->cn = n->vip.fqdn;
		if (name_too && spec->n_san + 2 <= SIM_SAN_MAX) {
			spec->san[spec->n_san++] = n->vip.fqdn;
			spec->san[spec->n_san++] = n->vip.ip;
		}
	}
	/* All behind one address: that one has to be named as well. */
	if (name_too && spec->n_san > 0 && n->lone_address != NULL && spec->n_san < SIM_SAN_MAX)
		spec->san[spec->n_san++] = n->lone_address;
	if (spec->cn == NULL)
		spec->cn = row->display_name != NULL ? row->display_name : "unnamed";
}

static const char *category_of(const struct nsx_row *row)
{
	if (row->n_uses == 0)
		return row->in_store ? "UNUSED_CERTIFICATE" : "POLICY_CERTIFICATE";
	if (nsx_row_used_for(row, "CLIENT_AUTH", NULL))
		return "PRINCIPAL_IDENTITY_CERTIFICATE";
	return "APPLIANCE_CERTIFICATE";
}

void nsx_recategorize(struct nsx_row *row)
{
	if (!row->category_given)
		row->category = category_of(row);
}

static bool signs_itself(const struct sim_cert *cert)
{
	return cert->issuer == NULL && X509_NAME_cmp(X509_get_subject_name(cert->x509),
	    X509_get_issuer_name(cert->x509)) == 0;
}

void nsx_finish_row(struct nsx *n, struct nsx_row *row)
{
	if (row->id == NULL)
		row->id = nsx_new_id(n);
	if (row->display_name == NULL)
		row->display_name = row->id;
	if (row->resource_type == NULL)
		row->resource_type = row->cert->is_ca ? "certificate_ca" :
		    signs_itself(row->cert) ? "certificate_self_signed" : "certificate_signed";
	row->category_given |= row->category != NULL;
	nsx_recategorize(row);
	row->created_ms = sim_now_ms(n->sim);
	if (row->cert->not_before_at * 1000 < row->created_ms && row->cert->not_before_at > 0)
		row->created_ms = row->cert->not_before_at * 1000;
}

static const struct sim_cert *row_cert(struct nsx *n, const struct json *j, const char *where,
    const struct nsx_row *row, struct err *e)
{
	const char *name = json_str(json_get(j, "cert")), *given = json_str(json_get(j, "given"));
	const struct sim_cert *cert;
	struct sim_spec spec;

	if (name != NULL) {
		cert = sim_shop_find(n->shop, name);
		if (cert == NULL)
			err_set(e, ERR_CONFIG, "%s.cert: no certificate is called \"%s\"", where,
			    name);
		return cert;
	}
	if (given != NULL) {
		cert = sim_shop_adopt(n->shop, given, json_str(json_get(j, "name")), e);
		if (cert == NULL)
			err_prefix(e, "%s.given", where);
		return cert;
	}
	if (sim_spec_read(j, where, sim_now_ms(n->sim) / 1000, clock_wall_s(), &spec, e) != 0)
		return NULL;
	if (spec.issuer != NULL && json_get(j, "chain") == NULL)
		spec.chain = SIM_CHAIN_FULL;
	if (json_get(j, "cn") == NULL || json_get(j, "san") == NULL)
		nsx_name_after_uses(n, row, &spec);
	cert = sim_shop_make(n->shop, &spec, e);
	if (cert == NULL)
		err_prefix(e, "%s", where);
	return cert;
}

static int read_flags(const struct json *j, const char *where, struct nsx_row *row, struct err *e)
{
	const char *policy = NULL;
	int pem = NSX_PEM_NORMAL, details = NSX_DETAILS_NORMAL;

	if (read_word(j, where, "pem", pem_words, &pem, e) != 0 ||
	    read_word(j, where, "details", details_words, &details, e) != 0 ||
	    json_opt_str(j, where, "policy", &policy, e) != 0)
		return -1;
	row->pem = (enum nsx_pem)pem;
	row->details = (enum nsx_details)details;
	if (policy != NULL && strcmp(policy, "both") != 0 && strcmp(policy, "only") != 0)
		return err_set(e, ERR_CONFIG, "%s.policy: want both or only", where);
	row->in_policy = policy != NULL;
	row->in_store = policy == NULL || strcmp(policy, "only") != 0;
	return 0;
}

static int read_row(struct nsx *n, const struct json *j, const char *where, struct err *e)
{
	struct nsx_row *row = nsx_add_row(n);
	int key = -1;

	if (sim_known_keys(j, where, row_keys, sim_spec_keys, e) != 0 ||
	    json_opt_str(j, where, "id", &row->id, e) != 0 ||
	    json_opt_str(j, where, "display_name", &row->display_name, e) != 0 ||
	    json_opt_str(j, where, "description", &row->description, e) != 0 ||
	    json_opt_str(j, where, "resource_type", &row->resource_type, e) != 0 ||
	    json_opt_str(j, where, "category", &row->category, e) != 0 ||
	    json_opt_str(j, where, "purpose", &row->purpose, e) != 0 ||
	    json_opt_str(j, where, "validation", &row->validation, e) != 0 ||
	    json_opt_bool(j, where, "has_private_key", &key, e) != 0 ||
	    read_flags(j, where, row, e) != 0 || read_uses(n, j, where, row, e) != 0)
		return -1;
	row->cert = row_cert(n, j, where, row, e);
	if (row->cert == NULL)
		return -1;
	row->has_private_key = key >= 0 ? key == 1 : !row->cert->is_ca;
	nsx_finish_row(n, row);
	return 0;
}

/* The same certificate again, as further objects with ids of their own. */
static int copy_row(struct nsx *n, const struct json *j, const char *where, struct err *e)
{
	const struct nsx_row *first = n->row[n->n_rows - 1];
	int64_t copies = 1;

	if (json_opt_i64(j, where, "copies", &copies, e) != 0)
		return -1;
	if (copies < 1 || copies > 100000)
		return err_set(e, ERR_CONFIG, "%s.copies: want 1 to 100000", where);
	for (; copies > 1; copies--) {
		struct nsx_row *row = nsx_add_row(n);

		memcpy(row, first, sizeof *row);
		sim_uuid(row->alarm_id);
		row->use = NULL;
		row->n_uses = 0;
		row->id = nsx_new_id(n);
	}
	return 0;
}

static int read_issuers(struct nsx *n, const struct json *scenario, struct err *e)
{
	static const char *const also[] = { "listed", NULL };
	const struct json *list = NULL;
	int listed;

	if (json_opt_array(scenario, "scenario", "issuers", &list, e) != 0)
		return -1;
	for (const struct json *j = json_first(list); j != NULL; j = json_next(j)) {
		const struct sim_cert *cert;
		struct nsx_row *row;

		if (sim_known_keys(j, "issuers", sim_spec_keys, also, e) != 0 ||
		    json_opt_bool(j, "issuers", "listed", &listed, e) != 0)
			return -1;
		cert = sim_make_cert(n->sim, j, "issuers", e);
		if (cert == NULL)
			return -1;
		if (listed != 1)
			continue;
		row = nsx_add_row(n);
		row->cert = cert;
		row->display_name = cert->name;
		nsx_finish_row(n, row);
	}
	return 0;
}

int nsx_read_rows(struct nsx *n, const struct json *scenario, struct err *e)
{
	const struct json *list = NULL;
	int defaults = -1;
	size_t i = 0;

	if (read_issuers(n, scenario, e) != 0 ||
	    json_opt_array(scenario, "scenario", "certificates", &list, e) != 0 ||
	    json_opt_bool(scenario, "scenario", "default_certificates", &defaults, e) != 0)
		return -1;
	for (const struct json *j = json_first(list); j != NULL; j = json_next(j)) {
		char *where = mem_printf("certificates[%zu]", i++);
		int status = read_row(n, j, where, e) != 0 || copy_row(n, j, where, e) != 0;

		nsx_own(n, where);
		if (status != 0)
			return -1;
	}
	if (defaults == 0)
		return nsx_read_many(n, scenario, e);
	return nsx_default_rows(n, e) != 0 ? -1 : nsx_read_many(n, scenario, e);
}
