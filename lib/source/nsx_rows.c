/* nsx_rows.c - the certificate objects of NSX, of the trust store and of
 * Policy, to certificates and sightings.
 *
 * The PEM is the truth.  What "details" tells is used only for a block that
 * is missing or cannot be read.  A row that tells nothing is an item all the
 * same, since something that nobody can judge may be expired. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/nsx_internal.h"

#define UNNAMED_USE "(unnamed)"        /* used, and the API does not say for what */
#define UNREADABLE_USE "(unreadable)"  /* perhaps used: it must not pass for unused */

struct block {
	struct cert *cert;       /* owned until it is in the inventory; NULL: see problem */
	char *problem;           /* owned */
};

struct row {
	const struct json *obj;
	const char *id, *name, *category;   /* borrowed */
	const char *what;        /* for remarks: "certificates, page 2" */
	size_t index;            /* in its page */
	char label[32];          /* "results[3]", where it has no name; else unset */
	int has_private_key;
	struct block *blocks;
	size_t n_blocks, cap_blocks;
};

/* "certificates, page 2: results[3] (api-nsx-01): ..." */
static void remark(struct nsx_facts *f, const struct row *r, enum issue_kind kind, struct err *e)
{
	const char *name = json_str(json_get(r->obj, "display_name"));
	struct buf clean;

	if (name == NULL)
		name = json_str(json_get(r->obj, "id"));
	buf_init(&clean, SIZE_MAX);
	text_clean(&clean, name != NULL ? name : "without a name", SIZE_MAX, NSX_NAME_COLUMNS);
	err_prefix(e, "results[%zu] (%s)", r->index, buf_str(&clean));
	source_remark(f->c, &f->remarks, kind, e, r->what);
	buf_clear(&clean);
}

/* --- blocks ------------------------------------------------------------------------ */

static void add_block(struct row *r, struct cert *cert, const char *problem)
{
	r->blocks = mem_grow(r->blocks, &r->cap_blocks, r->n_blocks + 1, sizeof *r->blocks);
	r->blocks[r->n_blocks++] = (struct block){
		cert, cert == NULL ? mem_strdup(problem) : NULL
	};
}

static bool take_block(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	struct row *r = ctx;

	(void)index;
	add_block(r, cert, problem);
	return true;
}

/* The API's times are in milliseconds; rounded down. */
static int64_t seconds_of(int64_t ms)
{
	return ms / 1000 - (ms % 1000 < 0);
}

/* By the object's type; -1 when that does not tell. */
static int type_is_ca(const struct json *obj)
{
	const char *type = json_str(json_get(obj, "resource_type"));
	const char *policy_type = json_str(json_get(obj, "tls_certificate_type"));

	if (policy_type != NULL)
		return strcmp(policy_type, "CERTIFICATE_CA") == 0;
	return type == NULL ? -1 : strcmp(type, "certificate_ca") == 0;
}

/* A member of details as a certificate; NULL when it has no end. */
static struct cert *reported_cert(const struct row *r, const struct json *detail)
{
	int64_t not_before_at, not_after_at;
	bool has_not_before = json_i64(json_get(detail, "not_before"), &not_before_at);
	int is_ca = -1;

	if (!json_i64(json_get(detail, "not_after"), &not_after_at))
		return NULL;
	not_after_at = seconds_of(not_after_at);
	if (has_not_before)
		not_before_at = seconds_of(not_before_at);
	if (json_opt_bool(detail, "", "is_ca", &is_ca, NULL) < 0 || is_ca < 0)
		is_ca = type_is_ca(r->obj);
	return cert_reported(json_str(json_get(detail, "issuer")),
	    has_not_before ? &not_before_at : NULL, &not_after_at, is_ca);
}

/* What the API tells in the place of a block.  It keeps its problem: dates
 * that nobody could check are never OK. */
static void replace_block(struct row *r, size_t i, const struct json *detail)
{
	struct block *b = &r->blocks[i];

	b->cert = reported_cert(r, detail);
	if (b->cert == NULL)
		b->cert = cert_unreadable(b->problem);
	else
		b->cert->problem = mem_strdup(b->problem);
}

/* No PEM at all: one block for each of the details, at least one. */
static void blocks_from_details(struct nsx_facts *f, struct row *r, const struct json *details,
    const char *problem)
{
	const struct json *detail = json_first(details);
	struct err e = { ERR_NONE, "" };

	do {
		add_block(r, NULL, problem);
		detail = json_next(detail);
	} while (detail != NULL && r->n_blocks < CERT_PEM_BLOCKS_MAX);
	if (detail == NULL)
		return;
	err_set(&e, ERR_ANSWER, "more than %u details, the rest was not read", CERT_PEM_BLOCKS_MAX);
	remark(f, r, ISSUE_PARTIAL, &e);
}

/* One of the details should tell the leaf's end. */
static void compare_end(struct nsx_facts *f, const struct row *r, const struct json *details)
{
	const struct cert *leaf = r->blocks[0].cert;
	char told[TEXT_TIME_BYTES], real[TEXT_TIME_BYTES];
	struct err e = { ERR_NONE, "" };
	int64_t first = 0, at;
	size_t n_told = 0;

	for (const struct json *d = json_first(details); d != NULL; d = json_next(d)) {
		if (!json_i64(json_get(d, "not_after"), &at))
			continue;
		if (seconds_of(at) == leaf->not_after_at)
			return;
		first = n_told++ == 0 ? seconds_of(at) : first;
	}
	if (n_told == 0)
		return;
	err_set(&e, ERR_ANSWER, "its details say valid until %s, its PEM %s: judged by the PEM",
	    text_from_time(first, told), text_from_time(leaf->not_after_at, real));
	remark(f, r, ISSUE_NOTE, &e);
}

/* The blocks of the PEM, or why there is none. */
static void read_pem(struct row *r, struct err *why)
{
	const char *pem;

	if (!json_is_object(r->obj)) {
		err_set(why, ERR_ANSWER, "not an object");
		return;
	}
	if (json_opt_str(r->obj, "", "pem_encoded", &pem, why) < 0)
		return;
	if (pem == NULL) {
		err_set(why, ERR_ANSWER, "no pem_encoded");
		return;
	}
	if (cert_read_pem(pem, strlen(pem), take_block, r) == 0)
		err_set(why, ERR_ANSWER, "pem_encoded holds no certificate");
}

static void read_blocks(struct nsx_facts *f, struct row *r)
{
	struct err e = { ERR_NONE, "" };
	const struct json *details, *detail;

	if (json_opt_array(r->obj, "", "details", &details, &e) < 0)
		remark(f, r, ISSUE_NOTE, &e);
	read_pem(r, &e);
	if (r->n_blocks == 0)
		blocks_from_details(f, r, details, e.text);
	detail = json_first(details);
	for (size_t i = 0; i < r->n_blocks; i++, detail = json_next(detail))
		if (r->blocks[i].cert == NULL)
			replace_block(r, i, detail);
	if (r->blocks[0].cert->form == CERT_PARSED)
		compare_end(f, r, details);
}

/* --- fields -------------------------------------------------------------------------- */

/* Neither an object that is none nor a field of a wrong type hides the rest. */
static const char *read_text(struct nsx_facts *f, const struct row *r, const char *key)
{
	struct err e = { ERR_NONE, "" };
	const char *text;

	if (json_opt_str(r->obj, "", key, &text, &e) < 0)
		remark(f, r, ISSUE_PARTIAL, &e);
	return text != NULL && text[0] != '\0' ? text : NULL;
}

static void read_row(struct nsx_facts *f, const struct json *obj, size_t index, const char *what,
    struct row *r)
{
	struct err e = { ERR_NONE, "" };

	*r = (struct row){ .obj = obj, .what = what, .index = index, .has_private_key = -1 };
	r->id = read_text(f, r, "id");
	r->name = read_text(f, r, "display_name");
	r->category = read_text(f, r, "category");
	if (r->name == NULL && r->id == NULL)
		snprintf(r->label, sizeof r->label, "results[%zu]", index);
	if (r->name == NULL)
		r->name = r->id != NULL ? r->id : r->label;
	if (json_opt_bool(obj, "", "has_private_key", &r->has_private_key, &e) < 0)
		remark(f, r, ISSUE_PARTIAL, &e);
	read_blocks(f, r);
}

static void clear_row(struct row *r)
{
	for (size_t i = 0; i < r->n_blocks; i++) {
		cert_free(r->blocks[i].cert);
		free(r->blocks[i].problem);
	}
	free(r->blocks);
}

/* --- uses ------------------------------------------------------------------------------ */

/* False, and told, when there are too many. */
static bool add_use(struct nsx_facts *f, const struct row *r, struct sighting *s,
    const char *service, const char *node)
{
	struct err e = { ERR_NONE, "" };

	if (s->n_uses < NSX_USES_MAX) {
		sighting_add_use(s, service, node, NULL);
		return true;
	}
	err_set(&e, ERR_ANSWER, "used_by: more than %d uses", NSX_USES_MAX);
	remark(f, r, ISSUE_PARTIAL, &e);
	return false;
}

/* What cannot be read is a use all the same: the certificate must not pass
 * for an unused one. */
static bool add_unreadable_use(struct nsx_facts *f, const struct row *r, struct sighting *s,
    const char *node, struct err *e)
{
	remark(f, r, ISSUE_PARTIAL, e);
	return add_use(f, r, s, UNREADABLE_USE, node);
}

static bool add_service(struct nsx_facts *f, const struct row *r, struct sighting *s,
    const struct json *service, const char *node)
{
	struct err e = { ERR_NONE, "" };

	if (json_is_string(service))
		return add_use(f, r, s, json_str(service), node);
	err_set(&e, ERR_ANSWER, "used_by.service_types: want strings");
	return add_unreadable_use(f, r, s, node, &e);
}

static bool add_services(struct nsx_facts *f, const struct row *r, struct sighting *s,
    const struct json *use)
{
	const struct json *services = json_get(use, "service_types");
	const struct json *item = json_first(services);
	struct err e = { ERR_NONE, "" };
	const char *node;
	bool go_on = true;

	if (json_opt_str(use, "used_by", "node_id", &node, &e) < 0)
		remark(f, r, ISSUE_PARTIAL, &e);
	if (!json_is_object(use) || (services != NULL && !json_is_array(services)))
		return add_service(f, r, s, services, node);
	if (item == NULL)
		return add_use(f, r, s, UNNAMED_USE, node);
	for (; item != NULL && go_on; item = json_next(item))
		go_on = add_service(f, r, s, item, node);
	return go_on;
}

static void add_uses(struct nsx_facts *f, const struct row *r, struct sighting *s)
{
	struct err e = { ERR_NONE, "" };
	const struct json *used_by, *use;
	bool go_on = true;

	if (json_opt_array(r->obj, "", "used_by", &used_by, &e) < 0)
		add_unreadable_use(f, r, s, NULL, &e);
	for (use = json_first(used_by); use != NULL && go_on; use = json_next(use))
		go_on = add_services(f, r, s, use);
}

/* --- the trust store --------------------------------------------------------------------- */

/* Rows move to another page when the list changes while it is read. */
static bool is_same(const struct cert *a, const struct row *r)
{
	const struct cert *b = r->blocks[0].cert;

	if (a->form != b->form)
		return false;
	if (a->form == CERT_PARSED)
		return cert_compare(a, b) == 0;
	return a->has_not_after == b->has_not_after && a->not_after_at == b->not_after_at;
}

static void add_sighting(struct nsx_facts *f, struct row *r, size_t position)
{
	struct inventory *inv = f->c->inv;
	struct cert *cert = r->blocks[position].cert;
	struct sighting *s;

	r->blocks[position].cert = NULL;
	s = inventory_add_sighting(inv, inventory_add_cert(inv, cert), f->c->index, VIA_API);
	s->role = position == 0 ? ROLE_NSX_PLATFORM : ROLE_CHAIN;
	s->position = position;
	s->id = mem_strdup(r->id);
	s->name = mem_strdup(r->name);
	s->category = mem_strdup(r->category);
	if (position > 0)
		return;
	s->has_private_key = r->has_private_key;
	add_uses(f, r, s);
	if (s->id != NULL)
		nsx_ids_add(&f->leaf_ids, s->id, inv->n_sightings - 1);
	f->n_leafs++;
}

void nsx_read_certificate(struct nsx_facts *f, const struct json *obj, size_t index,
    const char *what)
{
	struct inventory *inv = f->c->inv;
	struct err e = { ERR_NONE, "" };
	struct row r;
	size_t known;

	read_row(f, obj, index, what, &r);
	known = nsx_ids_find(&f->leaf_ids, r.id);
	if (known != SIZE_MAX && is_same(inv->certs[inv->sightings[known].cert], &r)) {
		add_uses(f, &r, &inv->sightings[known]);
		goto out;
	}
	if (known != SIZE_MAX) {
		err_set(&e, ERR_ANSWER, "its id is that of another certificate too");
		remark(f, &r, ISSUE_NOTE, &e);
	}
	for (size_t i = 0; i < r.n_blocks; i++)
		add_sighting(f, &r, i);
out:
	clear_row(&r);
}

/* --- Policy ----------------------------------------------------------------------------------- */

static void add_policy(struct nsx_facts *f, struct row *r, size_t position)
{
	struct nsx_policy_cert *p;

	f->policies = mem_grow(f->policies, &f->cap_policies, f->n_policies + 1,
	    sizeof *f->policies);
	p = &f->policies[f->n_policies];
	p->cert = inventory_add_cert(f->c->inv, r->blocks[position].cert);
	r->blocks[position].cert = NULL;
	p->position = position;
	p->id = mem_strdup(r->id);
	p->name = mem_strdup(r->name);
	p->category = mem_strdup(r->category);
	p->has_private_key = r->has_private_key;
	if (position == 0 && p->id != NULL)
		nsx_ids_add(&f->policy_ids, p->id, f->n_policies);
	f->n_policies++;
}

void nsx_read_policy(struct nsx_facts *f, const struct json *obj, size_t index, const char *what)
{
	const struct inventory *inv = f->c->inv;
	struct row r;
	size_t known;

	read_row(f, obj, index, what, &r);
	known = nsx_ids_find(&f->policy_ids, r.id);
	if (known == SIZE_MAX || !is_same(inv->certs[f->policies[known].cert], &r))
		for (size_t i = 0; i < r.n_blocks; i++)
			add_policy(f, &r, i);
	clear_row(&r);
}
