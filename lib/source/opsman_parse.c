/* opsman_parse.c - answers of Ops Manager to facts: its version and its list
 * of certificate authorities.
 *
 * Each CA brings one or two PEM certificates, and these are the truth: the
 * dates beside them are a rendering of the first one's, and stand in for it
 * only where it cannot be read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/opsman_internal.h"

#define WHAT "certificate authorities"
#define DATE_ONLY_CHARS 10      /* 2017-01-19 */
#define NATS_SINCE_MAJOR 2
#define NATS_SINCE_MINOR 5

void opsman_lists_init(struct opsman_lists *l, const struct source_context *c)
{
	memset(l, 0, sizeof *l);
	l->c = c;
}

void opsman_lists_clear(struct opsman_lists *l)
{
	for (size_t i = 0; i < l->n_cas; i++)
		free(l->cas[i].guid);
	free(l->cas);
	memset(l, 0, sizeof *l);
}

int opsman_read_texts(const struct json *obj, const char *where, const struct opsman_text *texts,
    size_t n_texts, void *into, struct err *e)
{
	struct err first = { ERR_NONE, "" };

	for (size_t i = 0; i < n_texts; i++) {
		const char **slot = (const char **)(void *)((char *)into + texts[i].offset);
		struct err problem = { ERR_NONE, "" };

		*slot = NULL;
		if (json_opt_str(obj, where, texts[i].key, slot, &problem) < 0 &&
		    first.code == ERR_NONE)
			first = problem;
	}
	if (first.code == ERR_NONE)
		return 0;
	if (e != NULL)
		*e = first;
	return -1;
}

int opsman_read_info(struct buf *body, char **version, struct err *e)
{
	struct json *doc = source_parse_body(body, e);
	const char *text;
	int r = -1;

	*version = NULL;
	if (doc == NULL)
		return -1;
	if (json_want_str(json_get(doc, "info"), "info", "version", &text, e) < 0)
		goto out;
	if (text[0] == '\0' || strlen(text) > OPSMAN_VERSION_MAX_BYTES) {
		err_set(e, ERR_ANSWER, "info.version: empty or too long");
		goto out;
	}
	*version = mem_strdup(text);
	r = 0;
out:
	json_free(doc);
	return r;
}

/* --- one certificate authority ------------------------------------------------- */

struct ca_row {
	const char *guid, *issuer, *created_on, *expires_on, *cert_pem, *nats_cert_pem;
	int active;                  /* -1 not told */
	bool has_created_at, has_expires_at;
	int64_t created_at, expires_at;
	char where[96];              /* for messages */
};

static const struct opsman_text ca_texts[] = {
	{ "guid", offsetof(struct ca_row, guid) },
	{ "issuer", offsetof(struct ca_row, issuer) },
	{ "created_on", offsetof(struct ca_row, created_on) },
	{ "expires_on", offsetof(struct ca_row, expires_on) },
	{ "cert_pem", offsetof(struct ca_row, cert_pem) },
	{ "nats_cert_pem", offsetof(struct ca_row, nats_cert_pem) },
};

/* Which of the two PEM fields of a CA, and what becomes of it. */
struct ca_field {
	const char *key;
	enum role role;
	const char *word;
};
static const struct ca_field root_field = { "cert_pem", ROLE_OM_ROOT_CA, "ROOT_CA" };
static const struct ca_field nats_field = { "nats_cert_pem", ROLE_OM_NATS_CA, "NATS_CA" };

struct pem_walk {
	struct opsman_lists *l;
	const struct ca_row *row;
	const struct ca_field *field;
	size_t cert;                 /* of the first block; SIZE_MAX when it was not read */
	char *problem;               /* why it was not read; owned */
};

static size_t add_sighting(struct opsman_lists *l, const struct ca_row *row, struct cert *cert,
    const struct ca_field *field, size_t position)
{
	size_t index = inventory_add_cert(l->c->inv, cert);
	struct sighting *s = inventory_add_sighting(l->c->inv, index, l->c->index, VIA_API);

	s->role = position == 0 ? field->role : ROLE_CHAIN;
	s->id = mem_strdup(row->guid);
	s->name = mem_strdup(row->issuer);
	s->position = position;
	if (position == 0) {
		s->active = row->active;
		s->has_created_at = row->has_created_at;
		s->created_at = row->created_at;
		sighting_add_use(s, field->word, NULL, NULL);
	}
	l->n_found++;
	return index;
}

/* A CA of the operator's own may come with its issuers behind it. */
static bool take_block(void *ctx, size_t position, struct cert *cert, const char *problem)
{
	struct pem_walk *w = ctx;
	size_t index;

	if (cert == NULL && position == 0) {
		w->problem = mem_strdup(problem);
		return true;
	}
	if (cert == NULL)
		cert = cert_unreadable(problem);
	index = add_sighting(w->l, w->row, cert, w->field, position);
	if (position == 0)
		w->cert = index;
	return true;
}

/* Index of the certificate in a PEM field.  SIZE_MAX when there is none that
 * can be read; then *problem (owned by the caller) says why. */
static size_t read_pem(struct opsman_lists *l, const struct ca_row *row,
    const struct ca_field *field, const char *pem, char **problem)
{
	struct pem_walk w = { l, row, field, SIZE_MAX, NULL };

	*problem = NULL;
	if (pem == NULL)
		*problem = mem_printf("%s is missing", field->key);
	else if (cert_read_pem(pem, strlen(pem), take_block, &w) == 0)
		*problem = mem_printf("%s holds no certificate", field->key);
	else if (w.problem != NULL)
		*problem = mem_printf("%s: %s", field->key, w.problem);
	free(w.problem);
	return w.cert;
}

/* A list that contradicts its own certificate is worth a word: somebody reads
 * the list.  A date alone names the day only. */
static void compare_end(struct opsman_lists *l, const struct ca_row *row, const struct cert *cert)
{
	bool day_only = row->has_expires_at && strlen(row->expires_on) == DATE_ONLY_CHARS;
	int64_t end = cert->not_after_at;
	char told[TEXT_TIME_BYTES], real[TEXT_TIME_BYTES];
	struct err e = { ERR_NONE, "" };

	if (!row->has_expires_at || row->expires_at == end ||
	    (day_only && text_days_floor(row->expires_at) == text_days_floor(end)))
		return;
	err_set(&e, ERR_ANSWER, "%s: expires_on says %s, the certificate %s: judged by the "
	    "certificate", row->where, text_from_time(row->expires_at, told),
	    text_from_time(end, real));
	source_remark(l->c, &l->remarks, ISSUE_NOTE, &e, WHAT);
}

static void remember_ca(struct opsman_lists *l, const char *guid, size_t cert)
{
	if (guid == NULL)
		return;
	l->cas = mem_grow(l->cas, &l->cap_cas, l->n_cas + 1, sizeof *l->cas);
	l->cas[l->n_cas].guid = mem_strdup(guid);
	l->cas[l->n_cas++].cert = cert;
}

/* Dates alone would pass for a healthy certificate; so what they stand in for
 * is said. */
static void add_without_pem(struct opsman_lists *l, const struct ca_row *row, const char *problem)
{
	struct err e = { ERR_NONE, "" };

	if (!row->has_expires_at) {
		add_sighting(l, row, cert_unreadable(problem), &root_field, 0);
		return;
	}
	add_sighting(l, row, cert_reported(row->issuer, NULL, &row->expires_at, 1), &root_field, 0);
	err_set(&e, ERR_ANSWER, "%s: %s: judged by expires_on alone", row->where, problem);
	source_remark(l->c, &l->remarks, ISSUE_PARTIAL, &e, WHAT);
}

static void add_root(struct opsman_lists *l, const struct ca_row *row)
{
	char *problem;
	size_t cert = read_pem(l, row, &root_field, row->cert_pem, &problem);

	if (cert == SIZE_MAX) {
		add_without_pem(l, row, problem);
	} else {
		remember_ca(l, row->guid, cert);
		compare_end(l, row, l->c->inv->certs[cert]);
	}
	free(problem);
}

/* Is the version known, and at least this? */
static bool version_reaches(const char *version, long major, long minor)
{
	char *end;
	long have;

	if (version == NULL)
		return false;
	have = strtol(version, &end, 10);
	if (end == version || *end != '.')
		return false;
	return have > major || (have == major && strtol(end + 1, NULL, 10) >= minor);
}

/* The NATS CA has an end of its own, and the dates beside it are the root
 * CA's.  Older versions do not show it. */
static void add_nats(struct opsman_lists *l, const struct ca_row *row)
{
	const char *version = l->c->inv->sources[l->c->index].version;
	struct err e = { ERR_NONE, "" };
	char *problem;

	if (row->nats_cert_pem != NULL && row->nats_cert_pem[0] != '\0') {
		if (read_pem(l, row, &nats_field, row->nats_cert_pem, &problem) == SIZE_MAX)
			add_sighting(l, row, cert_unreadable(problem), &nats_field, 0);
		free(problem);
	} else if (row->active == 1 &&
	    version_reaches(version, NATS_SINCE_MAJOR, NATS_SINCE_MINOR)) {
		err_set(&e, ERR_ANSWER, "%s: no nats_cert_pem beside the active CA: the "
		    "BOSH NATS CA is not watched", row->where);
		source_remark(l->c, &l->remarks, ISSUE_NOTE, &e, WHAT);
	}
}

static bool read_date(const char *text, int64_t *at)
{
	return text != NULL && text_to_time(text, at) == 0;
}

/* What is wrong with the fields beside the PEM, if anything.  They decide who
 * is active and which CA is the newer one. */
static int read_fields(const struct json *obj, struct ca_row *row, struct err *e)
{
	int bad = opsman_read_texts(obj, row->where, ca_texts,
	    sizeof ca_texts / sizeof ca_texts[0], row, e);

	if (json_opt_bool(obj, row->where, "active", &row->active, e) < 0)
		bad = -1;
	row->has_created_at = read_date(row->created_on, &row->created_at);
	row->has_expires_at = read_date(row->expires_on, &row->expires_at);
	if (bad < 0)
		return -1;
	if (row->guid == NULL || row->active == -1)
		return err_set(e, ERR_ANSWER, "%s: %s is missing", row->where,
		    row->guid == NULL ? "guid" : "active");
	if (row->created_on != NULL && !row->has_created_at)
		return err_set(e, ERR_ANSWER, "%s: created_on is not a date: %.40s", row->where,
		    row->created_on);
	if (row->expires_on != NULL && !row->has_expires_at)
		return err_set(e, ERR_ANSWER, "%s: expires_on is not a date: %.40s", row->where,
		    row->expires_on);
	return 0;
}

/* Adds one CA; 1 when it is the active one. */
static size_t add_ca(struct opsman_lists *l, const struct json *obj, size_t index)
{
	struct ca_row row = { .active = -1 };
	const char *guid = json_str(json_get(obj, "guid"));
	struct err e = { ERR_NONE, "" };

	if (guid != NULL)
		snprintf(row.where, sizeof row.where, "entry %zu (%.40s)", index, guid);
	else
		snprintf(row.where, sizeof row.where, "entry %zu", index);
	if (!json_is_object(obj)) {
		add_sighting(l, &row, cert_unreadable("not an object"), &root_field, 0);
		return 0;
	}
	if (read_fields(obj, &row, &e) < 0)
		source_remark(l->c, &l->remarks, ISSUE_PARTIAL, &e, WHAT);
	add_root(l, &row);
	add_nats(l, &row);
	return row.active == 1;
}

static int read_list(struct opsman_lists *l, const struct json *doc, struct err *e)
{
	const struct json *list, *obj;
	struct err doubt = { ERR_NONE, "" };
	size_t n, n_active = 0, i = 0;

	if (json_want_array(doc, "answer", "certificate_authorities", &list, e) < 0)
		return -1;
	n = json_count(list);
	if (n == 0)
		return err_set(e, ERR_ANSWER, "the list is empty, and every Ops Manager has a CA");
	for (obj = json_first(list); obj != NULL && i < OPSMAN_CAS_MAX; obj = json_next(obj))
		n_active += add_ca(l, obj, i++);
	if (i < n) {
		err_set(&doubt, ERR_ANSWER, "%zu entries: only the first %zu were read", n, i);
		source_remark(l->c, &l->remarks, ISSUE_PARTIAL, &doubt, WHAT);
	}
	if (n_active != 1) {
		err_set(&doubt, ERR_AMBIGUOUS, "%zu of %zu are active, and one must be: do not "
		    "rotate, look at the certificate authorities of this Ops Manager", n_active, n);
		source_remark(l->c, &l->remarks, ISSUE_PARTIAL, &doubt, WHAT);
	}
	return 0;
}

int opsman_read_cas(struct opsman_lists *l, struct buf *body, struct err *e)
{
	struct json *doc = source_parse_body(body, e);
	int r = doc != NULL ? read_list(l, doc, e) : -1;

	json_free(doc);
	return r;
}
