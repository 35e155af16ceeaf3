/* opsman_rows.c - Ops Manager's list of deployed certificates to sightings.
 *
 * A row has dates and a place, and no certificate.  Its place is not unique:
 * rows come twice.  What kind of certificate it is, and so how it would be
 * renewed, is told by its name and its flags together; the table below is
 * the one place that knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/opsman_internal.h"

#define WHAT "deployed certificates"

#define OPS_MANAGER "ops_manager"
#define CREDHUB "credhub"
#define ROOT_CA_PREFIX ".properties.root_ca."
#define SERVICE_INSTANCE "/p-bosh/service-instance_"

struct row {
	const char *location, *product, *property, *property_type, *variable;
	const char *issuer, *valid_from, *valid_until, *procedure;
	const char *name;            /* variable path or else property reference; "" when neither */
	int configurable, is_ca;     /* -1 not told; is_ca is settled by settle_is_ca */
	bool has_from, has_until;
	int64_t from_at, until_at;
	size_t index;                /* place in the list */
	bool duplicate;
	char *problem;               /* owned; NULL: fine */
};

static const struct opsman_text row_texts[] = {
	{ "location", offsetof(struct row, location) },
	{ "product_guid", offsetof(struct row, product) },
	{ "property_reference", offsetof(struct row, property) },
	{ "property_type", offsetof(struct row, property_type) },
	{ "variable_path", offsetof(struct row, variable) },
	{ "issuer", offsetof(struct row, issuer) },
	{ "valid_from", offsetof(struct row, valid_from) },
	{ "valid_until", offsetof(struct row, valid_until) },
	{ "rotation_procedure_name", offsetof(struct row, procedure) },
};

/* --- what kind of certificate -------------------------------------------------- */

enum flag { ANY, NO, YES };

/* The first row that fits decides.  NULL and ANY fit everything; part is
 * looked for behind the prefix. */
static const struct cert_class {
	const char *location;
	const char *exact, *prefix, *part;   /* of the name */
	enum flag is_ca, configurable;
	enum role role;
	const char *word;                    /* the use shown */
} classes[] = {
	{ .prefix = ROOT_CA_PREFIX, .role = ROLE_OM_ROOT_CA, .word = "ROOT_CA" },
	/* CredHub's own procedure renews these, not the CA calls of Ops Manager. */
	{ .exact = "/services/tls_ca", .role = ROLE_OM_SERVICES_CA, .word = "SERVICES_CA" },
	{ .exact = "/services/tls_leaf", .role = ROLE_OM_OTHER, .word = "SERVICES_LEAF" },
	/* Made anew by switching SAML off and on. */
	{ .part = "saml_service_provider", .role = ROLE_OM_SAML, .word = "SAML" },
	/* Only the tile that made them can renew these. */
	{ .prefix = SERVICE_INSTANCE, .part = "/pxc_", .role = ROLE_OM_OTHER, .word = "TILE" },
	{ .prefix = SERVICE_INSTANCE, .part = "/tls_certificate",
	    .role = ROLE_OM_OTHER, .word = "TILE" },
	{ .prefix = SERVICE_INSTANCE, .part = "/redis_certificate",
	    .role = ROLE_OM_OTHER, .word = "TILE" },
	{ .location = OPS_MANAGER, .part = "nats", .is_ca = YES,
	    .role = ROLE_OM_NATS_CA, .word = "NATS_CA" },
	/* An operator's CA is a person's to renew.  2.7 to 2.9 called some of
	 * CredHub's own CAs configurable: there a person has to look as well. */
	{ .is_ca = YES, .configurable = YES,
	    .role = ROLE_OM_CONFIGURABLE, .word = "CONFIGURABLE_CA" },
	{ .location = CREDHUB, .is_ca = YES, .role = ROLE_OM_CREDHUB_CA, .word = "CREDHUB_CA" },
	{ .is_ca = YES, .role = ROLE_OM_OTHER, .word = "CA" },
	{ .configurable = YES, .role = ROLE_OM_CONFIGURABLE, .word = "CONFIGURABLE_LEAF" },
	{ .configurable = NO, .role = ROLE_OM_LEAF, .word = "LEAF" },
	{ .role = ROLE_OM_OTHER, .word = "OTHER" },
};

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), n_tail = strlen(tail);

	return n >= n_tail && strcmp(s + n - n_tail, tail) == 0;
}

/* The flag is no proof: it came with 2.7, and real servers set it for
 * /services/tls_leaf.  So a name that says leaf is believed, and where there
 * is no flag, a name that says CA. */
static int settle_is_ca(const struct row *r)
{
	if (strncmp(r->name, ROOT_CA_PREFIX, strlen(ROOT_CA_PREFIX)) == 0)
		return 1;
	if (ends_with(r->name, "leaf"))
		return 0;
	if (r->is_ca != -1)
		return r->is_ca;
	return ends_with(r->name, "_ca") || ends_with(r->name, "-ca") ||
	    (r->property_type != NULL && strcmp(r->property_type, "ca_certificate") == 0);
}

static bool flag_fits(enum flag want, int have)
{
	return want == ANY || have == (want == YES);
}

static bool name_fits(const struct cert_class *k, const char *name)
{
	size_t n_prefix = k->prefix != NULL ? strlen(k->prefix) : 0;

	if (k->exact != NULL && strcmp(name, k->exact) != 0)
		return false;
	if (n_prefix > 0 && strncmp(name, k->prefix, n_prefix) != 0)
		return false;
	return k->part == NULL || strstr(name + n_prefix, k->part) != NULL;
}

static bool fits(const struct cert_class *k, const struct row *r)
{
	return (k->location == NULL || strcmp(k->location, r->location) == 0) &&
	    name_fits(k, r->name) && flag_fits(k->is_ca, r->is_ca) &&
	    flag_fits(k->configurable, r->configurable);
}

/* A place that is not known says nothing about how its certificates are
 * renewed, so it is shown as it came. */
static struct cert_class classify(const struct row *r)
{
	const struct cert_class *k = classes;

	if (r->location == NULL)
		return (struct cert_class){ .role = ROLE_OM_OTHER, .word = "OTHER" };
	if (strcmp(r->location, OPS_MANAGER) != 0 && strcmp(r->location, CREDHUB) != 0)
		return (struct cert_class){ .role = ROLE_OM_OTHER, .word = r->location };
	while (!fits(k, r))
		k++;    /* ends: the last class fits everything */
	return *k;
}

/* --- one row ---------------------------------------------------------------------- */

static int read_date(const char *key, const char *text, bool *has, int64_t *at, struct err *e)
{
	if (text == NULL)
		return 0;
	if (text_to_time(text, at) < 0)
		return err_set(e, ERR_ANSWER, "%s is not a date: %.40s", key, text);
	*has = true;
	return 0;
}

static int read_fields(const struct json *obj, struct row *r, struct err *e)
{
	char where[32];
	int bad;

	snprintf(where, sizeof where, "row %zu", r->index);
	bad = opsman_read_texts(obj, where, row_texts, sizeof row_texts / sizeof row_texts[0],
	    r, e);
	if (r->product != NULL && r->product[0] == '\0')
		r->product = NULL;
	r->name = r->variable != NULL ? r->variable : r->property != NULL ? r->property : "";
	if (bad < 0 || json_opt_bool(obj, where, "configurable", &r->configurable, e) < 0 ||
	    json_opt_bool(obj, where, "is_ca", &r->is_ca, e) < 0 ||
	    read_date("valid_from", r->valid_from, &r->has_from, &r->from_at, e) < 0)
		return -1;
	return read_date("valid_until", r->valid_until, &r->has_until, &r->until_at, e);
}

/* Whatever is wrong with a row stays with that row. */
static void read_row(const struct json *obj, size_t index, struct row *r)
{
	struct err e = { ERR_NONE, "" };

	memset(r, 0, sizeof *r);
	r->index = index;
	r->configurable = r->is_ca = -1;
	r->name = "";
	if (!json_is_object(obj))
		r->problem = mem_printf("row %zu is not an object", index);
	else if (read_fields(obj, r, &e) < 0)
		r->problem = mem_strdup(e.text);
	r->is_ca = settle_is_ca(r);
}

/* --- rows that come twice ------------------------------------------------------------ */

static int compare_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* What a row is known by, and until when it is valid. */
static int compare_identity(const struct row *a, const struct row *b)
{
	int r = compare_text(a->location, b->location);

	if (r == 0)
		r = strcmp(a->name, b->name);
	if (r == 0)
		r = compare_text(a->product, b->product);
	if (r == 0)
		r = (a->has_until > b->has_until) - (a->has_until < b->has_until);
	if (r == 0)
		r = (a->until_at > b->until_at) - (a->until_at < b->until_at);
	return r;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
	int r = compare_identity(x, y);

	return r != 0 ? r : (x->index > y->index) - (x->index < y->index);
}

/* Of equal rows the first in the list stays.  Rows that are known by nothing,
 * or could not be read, are never called equal. */
static void mark_duplicates(struct row *rows, size_t n)
{
	struct row **sorted = mem_array(n, sizeof *sorted);
	size_t n_sorted = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].problem == NULL && rows[i].name[0] != '\0')
			sorted[n_sorted++] = &rows[i];
	qsort(sorted, n_sorted, sizeof *sorted, compare_rows);
	for (size_t i = 1; i < n_sorted; i++)
		sorted[i]->duplicate = compare_identity(sorted[i - 1], sorted[i]) == 0;
	free(sorted);
}

/* --- into the inventory --------------------------------------------------------------- */

/* The certificate of the CA list that this row means, or SIZE_MAX. */
static size_t find_ca(const struct opsman_lists *l, const struct row *r)
{
	const char *guid;

	if (r->problem != NULL || strncmp(r->name, ROOT_CA_PREFIX, strlen(ROOT_CA_PREFIX)) != 0)
		return SIZE_MAX;
	guid = r->name + strlen(ROOT_CA_PREFIX);
	for (size_t i = 0; i < l->n_cas; i++)
		if (strcmp(l->cas[i].guid, guid) == 0)
			return l->cas[i].cert;
	return SIZE_MAX;
}

static void compare_end(struct opsman_lists *l, const struct row *r, const struct cert *cert)
{
	char told[TEXT_TIME_BYTES], real[TEXT_TIME_BYTES];
	struct err e = { ERR_NONE, "" };

	if (!r->has_until || r->until_at == cert->not_after_at)
		return;
	err_set(&e, ERR_ANSWER, "row %zu (%.80s) says valid until %s, the certificate %s: judged "
	    "by the certificate", r->index, r->name, text_from_time(r->until_at, told),
	    text_from_time(cert->not_after_at, real));
	source_remark(l->c, &l->remarks, ISSUE_NOTE, &e, WHAT);
}

static struct cert *new_cert(const struct row *r)
{
	if (r->problem != NULL)
		return cert_unreadable(r->problem);
	if (!r->has_until)
		return cert_unreadable("the row has no valid_until");
	return cert_reported(r->issuer, r->has_from ? &r->from_at : NULL, &r->until_at, r->is_ca);
}

static void add_row(struct opsman_lists *l, const struct row *r)
{
	const struct source_context *c = l->c;
	struct cert_class k = classify(r);
	size_t cert = find_ca(l, r);
	struct sighting *s;

	if (cert != SIZE_MAX)
		compare_end(l, r, c->inv->certs[cert]);
	else
		cert = inventory_add_cert(c->inv, new_cert(r));
	s = inventory_add_sighting(c->inv, cert, c->index, VIA_API);
	s->role = k.role;
	s->id = r->name[0] != '\0' ? mem_strdup(r->name) : NULL;
	s->name = mem_strdup(r->product);
	s->procedure = mem_strdup(r->procedure);
	sighting_add_use(s, k.word, NULL, r->product);
	l->n_found++;
}

static void read_rows(struct opsman_lists *l, const struct json *list, size_t n_told)
{
	size_t n = n_told < OPSMAN_ROWS_MAX ? n_told : OPSMAN_ROWS_MAX;
	struct row *rows = mem_array(n, sizeof *rows);
	const struct json *obj = json_first(list);
	struct err e = { ERR_NONE, "" };

	for (size_t i = 0; i < n; i++, obj = json_next(obj))
		read_row(obj, i, &rows[i]);
	mark_duplicates(rows, n);
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].duplicate)
			add_row(l, &rows[i]);
		free(rows[i].problem);
	}
	free(rows);
	if (n < n_told) {
		err_set(&e, ERR_ANSWER, "%zu rows: only the first %zu were read", n_told, n);
		source_remark(l->c, &l->remarks, ISSUE_PARTIAL, &e, WHAT);
	}
}

int opsman_read_rows(struct opsman_lists *l, struct buf *body, struct err *e)
{
	struct json *doc = source_parse_body(body, e);
	const struct json *list;
	int r = -1;

	if (doc == NULL)
		return -1;
	if (json_want_array(doc, "answer", "certificates", &list, e) < 0)
		goto out;
	if (json_count(list) == 0) {
		err_set(e, ERR_ANSWER, "the list is empty: seen when the root CA has expired; "
		    "look at the certificates page of Ops Manager");
		goto out;
	}
	read_rows(l, list, json_count(list));
	r = 0;
out:
	json_free(doc);
	return r;
}
