/* nsx_parse.c - answers of an NSX Manager to facts: version, cluster, VIP,
 * principal identities, and the envelope of every list.
 *
 * Fields that a version does not have yet are absent, never an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/endpoint.h"
#include "lib/source/nsx_internal.h"

/* --- version ---------------------------------------------------------------------- */

/* The number at *s, and past the point after it. */
static unsigned long next_number(const char **s)
{
	char *end;
	unsigned long value = strtoul(*s, &end, 10);

	*s = *end == '.' ? end + 1 : "";
	return value;
}

static bool starts_with_digit(const char *s)
{
	return *s >= '0' && *s <= '9';
}

bool nsx_version_at_least(const char *have, const char *wanted)
{
	if (wanted == NULL || have == NULL || !starts_with_digit(have))
		return true;
	while (starts_with_digit(wanted)) {
		unsigned long want = next_number(&wanted);
		unsigned long got = starts_with_digit(have) ? next_number(&have) : 0;

		if (got != want)
			return got > want;
	}
	return true;
}

int nsx_read_version(struct nsx_facts *f, const struct json *doc, const char *what, struct err *e)
{
	struct source_status *status = &f->c->inv->sources[f->c->index];
	const char *product, *node;

	(void)what;
	if (json_opt_str(doc, "", "product_version", &product, e) < 0 ||
	    json_opt_str(doc, "", "node_version", &node, e) < 0)
		return -1;
	if (product == NULL || product[0] == '\0')
		product = node;
	if (product == NULL || product[0] == '\0')
		return err_set(e, ERR_ANSWER, "neither product_version nor node_version there");
	if (strlen(product) > NSX_VERSION_MAX_BYTES)
		return err_set(e, ERR_ANSWER, "product_version is longer than %d bytes",
		    NSX_VERSION_MAX_BYTES);
	free(status->version);
	status->version = mem_strdup(product);
	return 0;
}

/* --- addresses ---------------------------------------------------------------------- */

/* The endpoint that a ServiceEndpoint object names; NULL when none.  Dual
 * stack nodes tell both addresses. */
static char *read_endpoint(struct nsx_facts *f, const struct json *obj)
{
	static const char *const any[] = { "ip_address", "ipv6_address", "fqdn" };
	static const char *const v6_first[] = { "ipv6_address", "ip_address", "fqdn" };
	const char *const *keys = f->c->target->family == FAMILY_6 ? v6_first : any;
	char *endpoint = NULL;
	int64_t port = NSX_API_PORT;

	if (json_opt_i64(obj, "", "port", &port, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < 3 && endpoint == NULL; i++)
		endpoint = endpoint_from_host(json_str(json_get(obj, keys[i])), port);
	if (endpoint != NULL && f->api_port == 0)
		f->api_port = port;
	return endpoint;
}

/* --- cluster ------------------------------------------------------------------------- */

/* api_listen_addr came with 4.0; before, the HTTP entity says the same. */
static const struct json *api_listener(const struct json *node)
{
	const struct json *entity = json_first(json_get(node, "entities"));

	if (json_get(node, "api_listen_addr") != NULL)
		return json_get(node, "api_listen_addr");
	for (; entity != NULL; entity = json_next(entity)) {
		const char *type = json_str(json_get(entity, "entity_type"));

		if (type != NULL && strcmp(type, "HTTP") == 0)
			return entity;
	}
	return NULL;
}

/* What an address member holds, when that is one. */
static void read_addresses(struct cluster_node *node, const struct json *listener)
{
	static const char *const keys[CLUSTER_ADDRESSES_MAX] = { "ip_address", "ipv6_address" };

	for (size_t i = 0; i < CLUSTER_ADDRESSES_MAX; i++) {
		const char *address = json_str(json_get(listener, keys[i]));
		char *endpoint = endpoint_from_host(address, NSX_API_PORT);

		if (endpoint != NULL && endpoint_is_address(address))
			node->addresses[node->n_addresses++] = mem_strdup(address);
		free(endpoint);
	}
}

static void add_node(struct nsx_facts *f, const struct json *obj, const char *id,
    const char *status)
{
	const char *name = json_str(json_get(obj, "display_name"));
	const char *fqdn = json_str(json_get(obj, "fqdn"));
	const struct json *listener = api_listener(obj);
	struct cluster_node *node;

	if (fqdn == NULL)
		fqdn = json_str(json_get(listener, "fqdn"));
	if (name == NULL || name[0] == '\0')
		name = fqdn != NULL && fqdn[0] != '\0' ? fqdn : id;
	node = cluster_add_node(f->cluster, id, name);
	node->endpoint = read_endpoint(f, listener);
	node->fqdn = fqdn != NULL && endpoint_is_name(fqdn) ? mem_strdup(fqdn) : NULL;
	node->status = mem_strdup(status);
	read_addresses(node, listener);
	nsx_ids_add(&f->node_ids, node->id, f->cluster->n_nodes - 1);
}

static int read_node(struct nsx_facts *f, const struct json *obj, size_t index, struct err *e)
{
	const char *id, *status;
	char where[32];

	snprintf(where, sizeof where, "nodes[%zu]", index);
	if (json_want_str(obj, where, "node_uuid", &id, e) < 0 ||
	    json_opt_str(obj, where, "status", &status, e) < 0)
		return -1;
	if (nsx_ids_find(&f->node_ids, id) != SIZE_MAX)
		return 0;
	if (status == NULL || strcmp(status, "REMOVED") != 0)
		add_node(f, obj, id, status);
	return 0;
}

int nsx_read_cluster(struct nsx_facts *f, const struct json *doc, const char *what, struct err *e)
{
	const struct json *nodes, *node;
	const char *cluster_id;
	size_t index = 0;

	if (json_opt_str(doc, "", "cluster_id", &cluster_id, e) < 0 ||
	    json_opt_array(doc, "", "nodes", &nodes, e) < 0)
		return -1;
	if (cluster_id == NULL && nodes == NULL)
		return err_set(e, ERR_ANSWER, "neither cluster_id nor nodes in the answer");
	free(f->cluster->cluster_id);
	f->cluster->cluster_id = mem_strdup(cluster_id);
	if (json_opt_bool(doc, "", "mgmt_cluster_changes_allowed", &f->cluster->changes_allowed,
	    NULL) < 0)
		f->cluster->changes_allowed = -1;
	for (node = json_first(nodes); node != NULL; node = json_next(node), index++) {
		struct err problem = { ERR_NONE, "" };

		if (index >= NSX_NODES_MAX)
			return err_set(e, ERR_ANSWER, "more than %d nodes", NSX_NODES_MAX);
		if (read_node(f, node, index, &problem) < 0)
			source_remark(f->c, &f->remarks, ISSUE_PARTIAL, &problem, what);
	}
	return 0;
}

int nsx_read_vip(struct nsx_facts *f, const struct json *doc, const char *what, struct err *e)
{
	static const char *const keys[] = { "ip_address", "ip6_address" };
	const char *address;
	char *endpoint;

	(void)what;
	if (!json_is_object(doc))
		return err_set(e, ERR_ANSWER, "want an object");
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (json_opt_str(doc, "", keys[i], &address, e) < 0)
			return -1;
		endpoint = endpoint_from_host(address, NSX_API_PORT);
		if (endpoint != NULL && f->cluster->n_vips < CLUSTER_ADDRESSES_MAX)
			f->cluster->vips[f->cluster->n_vips++] = mem_strdup(address);
		free(endpoint);
	}
	return 0;
}

/* --- rows of the small lists ------------------------------------------------------------ */

static int read_principal(const struct json *row, const char *where, struct nsx_principal *p,
    struct err *e)
{
	const char *id, *name, *node_id, *certificate_id;

	if (!json_is_object(row))
		return err_set(e, ERR_ANSWER, "%s: want an object", where);
	if (json_opt_str(row, where, "id", &id, e) < 0 ||
	    json_opt_str(row, where, "name", &name, e) < 0 ||
	    json_opt_str(row, where, "node_id", &node_id, e) < 0 ||
	    json_opt_str(row, where, "certificate_id", &certificate_id, e) < 0)
		return -1;
	p->name = mem_strdup(name != NULL ? name : id);
	p->node_id = mem_strdup(node_id);
	p->certificate_id = mem_strdup(certificate_id);
	return 0;
}

void nsx_read_principal(struct nsx_facts *f, const struct json *row, size_t index, const char *what)
{
	struct nsx_principal *p;
	struct err e = { ERR_NONE, "" };
	char where[48];

	snprintf(where, sizeof where, "results[%zu]", index);
	f->principals = mem_grow(f->principals, &f->cap_principals, f->n_principals + 1,
	    sizeof *f->principals);
	p = &f->principals[f->n_principals];
	if (read_principal(row, where, p, &e) < 0)
		source_remark(f->c, &f->remarks, ISSUE_PARTIAL, &e, what);
	else
		f->n_principals++;
}

/* --- the envelope ---------------------------------------------------------------------- */

struct page_reader {
	struct nsx_facts *f;
	const char *what;
	nsx_read_row_fn *read_row;
	size_t max_rows;
	struct nsx_page *page;
};

static int take_row(void *ctx, const struct json *row, size_t index, struct err *e)
{
	struct page_reader *r = ctx;

	if (index >= r->max_rows)
		return err_set(e, ERR_ANSWER, "more rows than are read from one list");
	r->read_row(r->f, row, index, r->what);
	r->page->n_rows = index + 1;
	return 0;
}

/* What stands around the rows. */
static int read_envelope(const struct json *doc, struct nsx_page *page, struct err *e)
{
	const struct json *results;
	const char *cursor;

	if (!json_is_object(doc))
		return err_set(e, ERR_ANSWER, "want an object with results");
	if (json_want_array(doc, "", "results", &results, e) < 0)
		return -1;
	if (!json_i64(json_get(doc, "result_count"), &page->n_announced))
		page->n_announced = -1;
	if (json_opt_str(doc, "", "cursor", &cursor, e) < 0)
		return -1;
	/* The null cursor has no documented length, but begins like this. */
	if (cursor != NULL && cursor[0] != '\0' && strncmp(cursor, "0000", 4) != 0)
		page->cursor = mem_strdup(cursor);
	return 0;
}

int nsx_read_page(struct nsx_facts *f, struct buf *body, const char *what,
    nsx_read_row_fn *read_row, size_t max_rows, struct nsx_page *page, struct err *e)
{
	struct page_reader r = { f, what, read_row, max_rows, page };
	struct json *doc;
	int failed = -1;

	*page = (struct nsx_page){ .n_announced = -1 };
	if (body->len == 0)
		return err_set(e, ERR_ANSWER, "the answer is empty");
	doc = json_parse_list(body->data, body->len, "results", take_row, &r, e);
	buf_clear(body);
	if (doc != NULL)
		failed = read_envelope(doc, page, e);
	json_free(doc);
	return failed;
}
