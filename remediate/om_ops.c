/* om_ops.c - answers about the operation of an Ops Manager to struct om_ops. */
#include "remediate/om_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/model/cert.h"

#define WORD_MAX_BYTES 255
#define DATE_ONLY_CHARS 10
#define WHERE_BYTES 48

static void clear_rows(struct om_ops *o)
{
	for (size_t i = 0; i < o->n_cas; i++) {
		free(o->cas[i].guid);
		free(o->cas[i].issuer);
	}
	for (size_t i = 0; i < o->n_installations; i++) {
		free(o->installations[i].status_text);
		free(o->installations[i].user);
	}
	for (size_t i = 0; i < o->n_pending; i++) {
		free(o->pending[i].guid);
		free(o->pending[i].action);
	}
	for (size_t i = 0; i < o->n_products; i++)
		free(o->products[i]);
}

void om_ops_clear(struct om_ops *o)
{
	clear_rows(o);
	free(o->cas);
	free(o->installations);
	free(o->pending);
	free(o->products);
	free(o->log_line);
	*o = (struct om_ops){ .n_cas = 0 };
}

/* --- members ------------------------------------------------------------------------ */

static int want_object(const struct json *row, const char *where, struct err *e)
{
	if (json_is_object(row))
		return 0;
	return err_set(e, ERR_ANSWER, "%s: want an object", where);
}

/* A word that is too long is none. */
static int take_word(const struct json *row, const char *where, const char *key, char **out,
    struct err *e)
{
	const char *text;

	if (json_opt_str(row, where, key, &text, e) < 0)
		return -1;
	if (text != NULL && strlen(text) > WORD_MAX_BYTES)
		return err_set(e, ERR_ANSWER, "%s.%s is longer than %d bytes", where, key,
		    WORD_MAX_BYTES);
	free(*out);
	*out = mem_strdup(text);
	return 0;
}

static int need_word(const struct json *row, const char *where, const char *key, char **out,
    struct err *e)
{
	if (take_word(row, where, key, out, e) < 0)
		return -1;
	if (*out == NULL || **out == '\0')
		return err_set(e, ERR_ANSWER, "%s: no %s", where, key);
	return 0;
}

/* *is_day (may be NULL): it was a date alone. */
static int take_time(const struct json *row, const char *where, const char *key, bool *has,
    int64_t *at, bool *is_day, struct err *e)
{
	const char *text;

	*has = false;
	if (json_opt_str(row, where, key, &text, e) < 0)
		return -1;
	if (text == NULL)
		return 0;
	if (text_to_time(text, at) != 0)
		return err_set(e, ERR_ANSWER, "%s.%s is no time: %.40s", where, key, text);
	*has = true;
	if (is_day != NULL)
		*is_day = strlen(text) == DATE_ONLY_CHARS;
	return 0;
}

/* The rows of a list, where it has no more than max. */
static int take_rows(const struct json *list, const char *name, size_t max, size_t *n,
    struct err *e)
{
	*n = json_count(list);
	if (*n > max)
		return err_set(e, ERR_ANSWER, "%s: more than %zu", name, max);
	return 0;
}

/* --- certificate authorities ---------------------------------------------------------- */

bool om_is_guid(const char *text)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	return text != NULL && text[0] != '\0' && strlen(text) <= WORD_MAX_BYTES &&
	    text[strspn(text, allowed)] == '\0';
}

static bool take_first(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	(void)index;
	(void)problem;
	*(struct cert **)ctx = cert;
	return false;
}

/* What the certificate says counts more than the dates beside it. */
static void take_cert(struct om_ca *ca, const char *pem)
{
	struct cert *cert = NULL;

	if (pem != NULL)
		cert_read_pem(pem, strlen(pem), take_first, &cert);
	if (cert == NULL)
		return;
	cert_sha256_hex(cert, ca->sha256);
	ca->has_not_after = cert->has_not_after;
	ca->not_after_at = cert->not_after_at;
	ca->not_before_at = cert->has_not_before ? cert->not_before_at : 0;
	cert_free(cert);
}

static int read_ca(struct om_ca *ca, const struct json *row, size_t index, struct err *e)
{
	char where[WHERE_BYTES];
	const char *pem;

	ca->active = -1;
	snprintf(where, sizeof where, "certificate_authorities[%zu]", index);
	if (want_object(row, where, e) < 0 || need_word(row, where, "guid", &ca->guid, e) < 0 ||
	    take_word(row, where, "issuer", &ca->issuer, e) < 0 ||
	    json_opt_bool(row, where, "active", &ca->active, e) < 0 ||
	    json_opt_str(row, where, "cert_pem", &pem, e) < 0 ||
	    take_time(row, where, "created_on", &ca->has_created_at, &ca->created_at,
	    &ca->created_is_day, e) < 0 ||
	    take_time(row, where, "expires_on", &ca->has_not_after, &ca->not_after_at, NULL, e) < 0)
		return -1;
	if (!om_is_guid(ca->guid))
		return err_set(e, ERR_ANSWER, "%s.guid cannot be one: %.40s", where, ca->guid);
	take_cert(ca, pem);
	return 0;
}

/* The reference of some versions prints this list under another key. */
static int find_cas(const struct json *doc, const struct json **list, struct err *e)
{
	if (json_is_array(json_get(doc, "errands")) &&
	    json_get(doc, "certificate_authorities") == NULL)
		return json_want_array(doc, "", "errands", list, e);
	return json_want_array(doc, "", "certificate_authorities", list, e);
}

int om_read_cas(struct om_ops *o, const struct json *doc, struct err *e)
{
	const struct json *list, *row;
	size_t n;

	if (find_cas(doc, &list, e) < 0 ||
	    take_rows(list, "certificate_authorities", OM_CAS_MAX, &n, e) < 0)
		return -1;
	if (n == 0)
		return err_set(e, ERR_ANSWER, "there is no certificate authority in the list");
	o->cas = mem_array(n, sizeof *o->cas);
	for (row = json_first(list); row != NULL; row = json_next(row)) {
		struct om_ca *ca = &o->cas[o->n_cas++];

		if (read_ca(ca, row, o->n_cas - 1, e) < 0)
			return -1;
		if (om_find_ca(o, ca->guid) != ca)
			return err_set(e, ERR_ANSWER, "certificate_authorities: %.40s is there twice",
			    ca->guid);
	}
	return 0;
}

const struct om_ca *om_find_ca(const struct om_ops *o, const char *guid)
{
	for (size_t i = 0; guid != NULL && i < o->n_cas; i++)
		if (o->cas[i].guid != NULL && strcmp(o->cas[i].guid, guid) == 0)
			return &o->cas[i];
	return NULL;
}

/* --- installations ---------------------------------------------------------------------- */

static const struct { const char *word; enum om_installation_status status; } statuses[] = {
	{ "running", OM_RUNNING }, { "succeeded", OM_SUCCEEDED }, { "failed", OM_FAILED },
};

static enum om_installation_status status_of(const char *word)
{
	for (size_t i = 0; word != NULL && i < sizeof statuses / sizeof statuses[0]; i++)
		if (strcmp(word, statuses[i].word) == 0)
			return statuses[i].status;
	return OM_OTHER;
}

static bool is_left_out(const char *status)
{
	return strcmp(status, "skipped") == 0 || strcmp(status, "unchanged") == 0;
}

/* One that was left out outweighs one that does not tell, and both all others. */
static int all_took_part(const struct json *row)
{
	static const char *const lists[] = { "additions", "updates", "unchanged" };
	bool is_told = false, is_untold = false;

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		const struct json *list = json_get(row, lists[i]);
		const struct json *product = json_is_array(list) ? json_first(list) : NULL;

		for (; product != NULL; product = json_next(product)) {
			const char *status = json_str(json_get(product, "deployment_status"));

			if (status == NULL)
				is_untold = true;
			else if (is_left_out(status))
				return 0;
			is_told = true;
		}
	}
	return is_told && !is_untold ? 1 : -1;
}

static int read_installation(struct om_installation *i, const struct json *row, size_t index,
    struct err *e)
{
	char where[WHERE_BYTES];

	snprintf(where, sizeof where, "installations[%zu]", index);
	if (want_object(row, where, e) < 0 || json_opt_i64(row, where, "id", &i->id, e) < 0 ||
	    take_word(row, where, "status", &i->status_text, e) < 0 ||
	    take_word(row, where, "user_name", &i->user, e) < 0 ||
	    take_time(row, where, "started_at", &i->has_started_at, &i->started_at, NULL, e) < 0 ||
	    take_time(row, where, "finished_at", &i->has_finished_at, &i->finished_at, NULL, e) < 0)
		return -1;
	if (i->id <= 0)
		return err_set(e, ERR_ANSWER, "%s: no id", where);
	i->status = status_of(i->status_text);
	i->all_products = all_took_part(row);
	return 0;
}

/* Only the newest one counts as running, so their order must be beyond doubt. */
int om_read_installations(struct om_ops *o, const struct json *doc, struct err *e)
{
	const struct json *list, *row;

	if (json_want_array(doc, "", "installations", &list, e) < 0)
		return -1;
	o->installations = mem_array(OM_INSTALLATIONS_MAX, sizeof *o->installations);
	for (row = json_first(list); row != NULL && o->n_installations < OM_INSTALLATIONS_MAX;
	    row = json_next(row)) {
		struct om_installation *i = &o->installations[o->n_installations++];

		if (read_installation(i, row, o->n_installations - 1, e) < 0)
			return -1;
		if (o->n_installations > 1 && i[-1].id <= i->id)
			return err_set(e, ERR_ANSWER, "installations: %lld comes before %lld, so the "
			    "newest is not first", (long long)i[-1].id, (long long)i->id);
	}
	return 0;
}

const struct om_installation *om_find_installation(const struct om_ops *o, int64_t id)
{
	for (size_t i = 0; i < o->n_installations; i++)
		if (o->installations[i].id == id)
			return &o->installations[i];
	return NULL;
}

/* --- products ------------------------------------------------------------------------------ */

int om_read_pending(struct om_ops *o, const struct json *doc, struct err *e)
{
	const struct json *list, *row;
	char where[WHERE_BYTES];
	size_t n, index = 0;

	if (json_want_array(doc, "", "product_changes", &list, e) < 0 ||
	    take_rows(list, "product_changes", OM_PRODUCTS_MAX, &n, e) < 0)
		return -1;
	o->pending = mem_array(n, sizeof *o->pending);
	for (row = json_first(list); row != NULL; row = json_next(row), index++) {
		struct om_change *c = &o->pending[o->n_pending++];

		snprintf(where, sizeof where, "product_changes[%zu]", index);
		if (want_object(row, where, e) < 0 || need_word(row, where, "guid", &c->guid, e) < 0 ||
		    need_word(row, where, "action", &c->action, e) < 0)
			return -1;
		if (strcmp(c->action, "unchanged") == 0) {
			free(c->guid);
			free(c->action);
			*c = (struct om_change){ NULL, NULL };
			o->n_pending--;
		}
	}
	o->has_pending = true;
	return 0;
}

/* "stale": products that have not taken what the Director was given last. */
static int read_stale(struct om_ops *o, const struct json *row, const char *where, struct err *e)
{
	const struct json *parents;

	if (json_opt_array(json_get(row, "stale"), where, "parent_products_deployed_more_recently",
	    &parents, e) < 0)
		return -1;
	if (json_count(parents) > 0)
		o->has_stale = true;
	return 0;
}

static bool is_tkgi(const char *type)
{
	return strcmp(type, "pivotal-container-service") == 0;
}

int om_read_products(struct om_ops *o, const struct json *doc, struct err *e)
{
	const struct json *row;
	char where[WHERE_BYTES];
	size_t n, index = 0;

	if (!json_is_array(doc))
		return err_set(e, ERR_ANSWER, "want a list of products");
	if (take_rows(doc, "products", OM_PRODUCTS_MAX, &n, e) < 0)
		return -1;
	o->products = mem_array(n, sizeof *o->products);
	for (row = json_first(doc); row != NULL; row = json_next(row), index++) {
		char **type = &o->products[o->n_products++];

		snprintf(where, sizeof where, "products[%zu]", index);
		if (want_object(row, where, e) < 0 || need_word(row, where, "type", type, e) < 0 ||
		    read_stale(o, row, where, e) < 0)
			return -1;
		if (is_tkgi(*type))
			o->has_tkgi = true;
	}
	return 0;
}
