/* nsx_ops.c - answers about the operation of NSX to struct nsx_ops. */
#include "remediate/nsx_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/model/version.h"

void nsx_ops_init(struct nsx_ops *o)
{
	*o = (struct nsx_ops){ .changes_allowed = -1, .upgrading = -1, .backing_up = -1,
		.restoring = -1, .site_revision = -1 };
}

void nsx_ops_clear(struct nsx_ops *o)
{
	char *const texts[] = { o->overall, o->management, o->not_joined, o->validation_id,
		o->validation, o->validation_message, o->site_thumbprint, o->site_type, o->site_fqdn,
		o->site_name };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		free(texts[i]);
	for (size_t i = 0; i < o->n_batch; i++) {
		struct nsx_batch_result *r = &o->batch[i];
		char *const parts[] = { r->service, r->node, r->new_id, r->old_id, r->status,
			r->message };

		for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
			free(parts[k]);
	}
	for (size_t i = 0; i < o->n_hosts; i++) {
		struct nsx_host *h = &o->hosts[i];
		char *const parts[] = { h->id, h->name, h->status, h->connection, h->deployment };

		for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
			free(parts[k]);
	}
	free(o->batch);
	free(o->hosts);
	nsx_ops_init(o);
}

/* --- members ------------------------------------------------------------------------ */

/* A message may be cut; a word or an id that is too long is none. */
static int take_text(const struct json *obj, const char *where, const char *key, size_t max_bytes,
    char **out, struct err *e)
{
	const char *text;

	if (json_opt_str(obj, where, key, &text, e) < 0)
		return -1;
	if (text != NULL && max_bytes == OPS_ID_MAX_BYTES && strlen(text) > max_bytes)
		return err_set(e, ERR_ANSWER, "%s%s%s is longer than %zu bytes", where,
		    where[0] != '\0' ? "." : "", key, max_bytes);
	free(*out);
	*out = text != NULL ? mem_strndup(text, max_bytes) : NULL;
	return 0;
}

static int take_word(const struct json *obj, const char *where, const char *key, char **out,
    struct err *e)
{
	return take_text(obj, where, key, OPS_ID_MAX_BYTES, out, e);
}

static int want_object(const struct json *doc, const char *where, struct err *e)
{
	if (json_is_object(doc))
		return 0;
	return err_set(e, ERR_ANSWER, "%s%swant an object", where, where[0] != '\0' ? ": " : "");
}

/* -1: not told; 0: one of the words (up to NULL) that mean that nothing goes on. */
static int is_going_on(const char *word, const char *const *at_rest)
{
	if (word == NULL)
		return -1;
	for (; *at_rest != NULL; at_rest++)
		if (strcmp(word, *at_rest) == 0)
			return 0;
	return 1;
}

/* --- the cluster ---------------------------------------------------------------------- */

static int read_status(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	if (want_object(doc, "", e) < 0 ||
	    take_word(json_get(doc, "detailed_cluster_status"), "detailed_cluster_status",
	    "overall_status", &o->overall, e) < 0 ||
	    take_word(json_get(doc, "mgmt_cluster_status"), "mgmt_cluster_status", "status",
	    &o->management, e) < 0)
		return -1;
	if (o->overall == NULL && o->management == NULL)
		return err_set(e, ERR_ANSWER, "neither overall_status nor the status of the "
		    "management cluster there");
	return 0;
}

static void note_not_joined(struct nsx_ops *o, const struct json *node)
{
	static const char *const keys[] = { "display_name", "fqdn", "node_uuid" };
	const char *name = NULL;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0] && (name == NULL || *name == '\0'); i++)
		name = json_str(json_get(node, keys[i]));
	if (o->not_joined == NULL)
		o->not_joined = mem_strndup(name != NULL ? name : "(unnamed)", OPS_ID_MAX_BYTES);
}

static int read_member(struct nsx_ops *o, const struct json *node, size_t index, struct err *e)
{
	const char *status;
	char where[32];

	snprintf(where, sizeof where, "nodes[%zu]", index);
	if (want_object(node, where, e) < 0 || json_opt_str(node, where, "status", &status, e) < 0)
		return -1;
	if (status != NULL && strcmp(status, "REMOVED") == 0)
		return 0;
	o->n_nodes++;
	if (status != NULL && strcmp(status, "JOINED") == 0)
		o->n_joined++;
	else
		note_not_joined(o, node);
	return 0;
}

static int read_cluster(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	const struct json *nodes, *node;
	size_t index = 0;

	if (want_object(doc, "", e) < 0 || json_want_array(doc, "", "nodes", &nodes, e) < 0 ||
	    json_opt_bool(doc, "", "mgmt_cluster_changes_allowed", &o->changes_allowed, e) < 0)
		return -1;
	for (node = json_first(nodes); node != NULL; node = json_next(node), index++) {
		if (index >= OPS_NODES_MAX)
			return err_set(e, ERR_ANSWER, "more than %d nodes", OPS_NODES_MAX);
		if (read_member(o, node, index, e) < 0)
			return -1;
	}
	return 0;
}

/* --- what goes on ---------------------------------------------------------------------- */

/* What has no status that says that it is over is not over. */
static bool is_pending(const struct nsx_batch_result *r)
{
	static const char *const ended[] = { "OK", "ERROR", "ABORTED", NULL };

	return is_going_on(r->status, ended) != 0;
}

static int read_result(struct nsx_ops *o, const struct json *row, size_t index, struct err *e)
{
	struct nsx_batch_result *r = &o->batch[o->n_batch++];
	char where[32];

	snprintf(where, sizeof where, "results[%zu]", index);
	if (want_object(row, where, e) < 0 ||
	    take_word(row, where, "service_type", &r->service, e) < 0 ||
	    take_word(row, where, "node_id", &r->node, e) < 0 ||
	    take_word(row, where, "certificate_id", &r->new_id, e) < 0 ||
	    take_word(row, where, "old_certificate_id", &r->old_id, e) < 0 ||
	    take_word(row, where, "status", &r->status, e) < 0 ||
	    take_text(row, where, "message", OPS_TEXT_MAX_BYTES, &r->message, e) < 0)
		return -1;
	o->n_pending += is_pending(r);
	return 0;
}

static int read_batch(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	const struct json *results, *row;
	int64_t n_told = -1;
	size_t n;

	if (want_object(doc, "", e) < 0 || json_opt_array(doc, "", "results", &results, e) < 0 ||
	    json_opt_i64(doc, "", "result_count", &n_told, e) < 0 ||
	    json_opt_i64(doc, "", "start_time", &o->batch_start_ms, e) < 0)
		return -1;
	n = json_count(results);
	if (n > OPS_BATCH_MAX)
		return err_set(e, ERR_ANSWER, "more than %d results", OPS_BATCH_MAX);
	if (n_told > (int64_t)n)
		return err_set(e, ERR_ANSWER, "only %zu of %lld results are there", n, (long long)n_told);
	o->batch = mem_array(n, sizeof *o->batch);
	row = json_first(results);
	for (size_t i = 0; i < n; i++, row = json_next(row))
		if (read_result(o, row, i, e) < 0)
			return -1;
	o->has_batch = true;
	return 0;
}

static int read_upgrade(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	static const char *const at_rest[] = { "NOT_STARTED", "SUCCESS", "FAILED", NULL };
	const char *word;

	if (want_object(doc, "", e) < 0 ||
	    json_opt_str(doc, "", "overall_upgrade_status", &word, e) < 0)
		return -1;
	o->upgrading = is_going_on(word, at_rest);
	return 0;
}

static int read_backup(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	static const char *const at_rest[] = { "NONE", NULL };
	const char *word;

	if (want_object(doc, "", e) < 0 || json_opt_str(doc, "", "operation_type", &word, e) < 0)
		return -1;
	o->backing_up = is_going_on(word, at_rest);
	return 0;
}

static int read_restore(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	static const char *const at_rest[] = { "INITIAL", "SUCCESS", "FAILED", "ABORTED", NULL };
	const char *word;

	if (want_object(doc, "", e) < 0 ||
	    json_opt_str(json_get(doc, "status"), "status", "value", &word, e) < 0)
		return -1;
	o->restoring = is_going_on(word, at_rest);
	return 0;
}

const struct ops_call ops_calls[] = {
	{ "cluster status", "/api/v1/cluster/status", 0, false, read_status },
	{ "cluster", "/api/v1/cluster", 0, false, read_cluster },
	{ "results of the last batch", "/api/v1/trust-management/certificates/batch-results",
	    VERSION(4, 2, 0), true, read_batch },
	{ "upgrade", "/api/v1/upgrade/status-summary", 0, true, read_upgrade },
	{ "backup", "/api/v1/cluster/backups/status", 0, true, read_backup },
	{ "restore", "/api/v1/cluster/restore/status", 0, true, read_restore },
};
const size_t n_ops_calls = sizeof ops_calls / sizeof ops_calls[0];

/* --- what is asked for ------------------------------------------------------------------- */

int ops_read_validation(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	if (want_object(doc, "", e) < 0 || take_word(doc, "", "status", &o->validation, e) < 0)
		return -1;
	return take_text(doc, "", "error_message", OPS_TEXT_MAX_BYTES, &o->validation_message, e);
}

/* The Global Manager forgets most of the connection after onboarding. */
static int read_connection(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	const struct json *infos, *info;

	if (json_opt_array(doc, "", "site_connection_info", &infos, e) < 0)
		return -1;
	for (info = json_first(infos); info != NULL; info = json_next(info)) {
		if (want_object(info, "site_connection_info", e) < 0)
			return -1;
		if (o->site_thumbprint != NULL)
			continue;
		if (take_word(info, "site_connection_info", "fqdn", &o->site_fqdn, e) < 0 ||
		    take_word(info, "site_connection_info", "thumbprint", &o->site_thumbprint, e) < 0)
			return -1;
	}
	return 0;
}

int ops_read_site(struct nsx_ops *o, const struct json *doc, struct err *e)
{
	if (want_object(doc, "", e) < 0 || take_word(doc, "", "site_type", &o->site_type, e) < 0 ||
	    take_word(doc, "", "display_name", &o->site_name, e) < 0 ||
	    json_opt_i64(doc, "", "_revision", &o->site_revision, e) < 0 ||
	    read_connection(o, doc, e) < 0)
		return -1;
	o->has_site = true;
	return 0;
}

/* --- transport nodes ----------------------------------------------------------------------- */

static int read_host(struct nsx_host *h, const struct json *row, size_t index, struct err *e)
{
	const struct json *deployment = json_get(row, "node_deployment_info");
	char where[32];

	snprintf(where, sizeof where, "results[%zu]", index);
	if (want_object(row, where, e) < 0 || take_word(row, where, "node_id", &h->id, e) < 0 ||
	    (h->id == NULL && take_word(row, where, "id", &h->id, e) < 0) ||
	    take_word(row, where, "display_name", &h->name, e) < 0 ||
	    take_word(deployment, where, "resource_type", &h->deployment, e) < 0)
		return -1;
	if (h->id == NULL || h->id[0] == '\0')
		return err_set(e, ERR_ANSWER, "%s: neither node_id nor id", where);
	return 0;
}

int ops_read_hosts(struct nsx_ops *o, const struct json *doc, const char **cursor, struct err *e)
{
	const struct json *results, *row;
	size_t cap = o->n_hosts, n, index = 0;

	*cursor = NULL;
	if (want_object(doc, "", e) < 0 || json_want_array(doc, "", "results", &results, e) < 0 ||
	    json_opt_str(doc, "", "cursor", cursor, e) < 0)
		return -1;
	n = json_count(results);
	if (n > OPS_HOSTS_MAX || o->n_hosts + n > OPS_HOSTS_MAX)
		return err_set(e, ERR_ANSWER, "more than %d transport nodes", OPS_HOSTS_MAX);
	o->hosts = mem_grow(o->hosts, &cap, o->n_hosts + n, sizeof *o->hosts);
	for (row = json_first(results); row != NULL; row = json_next(row), index++) {
		if (read_host(&o->hosts[o->n_hosts++], row, index, e) < 0)
			return -1;
	}
	/* The null cursor has no documented length, but begins like this. */
	if (*cursor != NULL && (**cursor == '\0' || strncmp(*cursor, "0000", 4) == 0))
		*cursor = NULL;
	return 0;
}

int ops_read_host_status(struct nsx_host *h, const struct json *doc, struct err *e)
{
	if (want_object(doc, "", e) < 0 || take_word(doc, "", "status", &h->status, e) < 0)
		return -1;
	return take_word(doc, "", "mgmt_connection_status", &h->connection, e);
}
