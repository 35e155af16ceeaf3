/* nsx_write.c - the requests that change something on NSX. */
#include "remediate/nsx_write.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/model/cert.h"
#include "remediate/nsx_body.h"

#define TRUST "/api/v1/trust-management/certificates"
#define SITES "/global-manager/api/v1/global-infra/sites/"

/* One request; its answer is for the caller to clear. */
static enum api_outcome change(struct api *a, enum fetch_verb verb, const char *path,
    const struct secret *body, const char *what, struct api_answer *out, struct err *e)
{
	api_call(a, verb, path, body, what, NSX_WRITE_MS, out, e);
	return out->outcome;
}

/* One whose answer says nothing more than that it was done. */
static enum api_outcome order(struct api *a, enum fetch_verb verb, const char *path,
    const struct secret *body, const char *what, struct err *e)
{
	struct api_answer answer;
	const enum api_outcome outcome = change(a, verb, path, body, what, &answer, e);

	api_answer_clear(&answer);
	return outcome;
}

/* --- import ------------------------------------------------------------------------ */

static bool take_leaf(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	(void)index;
	(void)problem;
	*(struct cert **)ctx = cert;
	return false;
}

/* Is the first certificate of this entry the one with that fingerprint? */
static bool has_leaf(const struct json *entry, const char *sha256)
{
	const char *pem = json_str(json_get(entry, "pem_encoded"));
	char hex[2 * CERT_SHA256_BYTES + 1] = "";
	struct cert *leaf = NULL;

	if (pem != NULL)
		cert_read_pem(pem, strlen(pem), take_leaf, &leaf);
	if (leaf != NULL)
		cert_sha256_hex(leaf, hex);
	cert_free(leaf);
	return strcmp(hex, sha256) == 0;
}

/* A chain comes back as one entry or as several; its leaf need not be first. */
static char *imported_id(const struct json *doc, const char *sha256)
{
	const struct json *results = json_get(doc, "results");
	const struct json *entry = json_is_array(results) ? json_first(results) : NULL;

	for (; entry != NULL; entry = json_next(entry))
		if (has_leaf(entry, sha256))
			return nsx_body_id(entry);
	return NULL;
}

static void write_goods(struct nsx_body *b, const char *name, const struct goods *goods)
{
	const char *key = goods->key_pem.bytes;

	nsx_body_open(b, strlen(name) + goods->chain_pem.len + goods->key_pem.len);
	jsonw_str(&b->w, "display_name", name);
	jsonw_str(&b->w, "pem_encoded", buf_str(&goods->chain_pem));
	if (key != NULL)
		jsonw_str(&b->w, "private_key", key);
}

enum api_outcome nsx_write_import(struct api *a, const char *name, const struct goods *goods,
    char **id, struct err *e)
{
	struct api_answer answer;
	enum api_outcome outcome;
	struct secret json = { NULL, 0 };
	struct nsx_body body;

	*id = NULL;
	write_goods(&body, name, goods);
	nsx_body_close(&body, &json);
	outcome = change(a, FETCH_POST, TRUST "?action=import", &json, "import the certificate",
	    &answer, e);
	if (outcome == API_DONE)
		*id = imported_id(answer.doc, goods->sha256);
	nsx_body_withhold(&goods->key_pem, e);
	api_answer_clear(&answer);
	secret_wipe(&json);
	return outcome;
}

/* --- replacing ---------------------------------------------------------------------- */

enum api_outcome nsx_write_apply(struct api *a, const char *id, const char *service,
    const char *node, struct err *e)
{
	char *what = mem_printf("apply %s%s%s", service, node != NULL ? " to node " : "",
	    node != NULL ? node : "");
	enum api_outcome outcome;
	struct buf path;

	nsx_path(&path, TRUST "/%?action=apply_certificate&service_type=%", id, service);
	if (node != NULL)
		nsx_path_add(&path, "&node_id=%", node, NULL);
	outcome = order(a, FETCH_POST, buf_str(&path), NULL, what, e);
	buf_clear(&path);
	free(what);
	return outcome;
}

enum api_outcome nsx_write_batch_replace(struct api *a, const char *old_id, const char *new_id,
    struct err *e)
{
	struct secret json = { NULL, 0 };
	enum api_outcome outcome;
	struct nsx_body b;

	nsx_body_open(&b, strlen(old_id) + (new_id != NULL ? strlen(new_id) : 0));
	jsonw_open(&b.w, "certificate_replacements", '[');
	jsonw_open(&b.w, NULL, '{');
	jsonw_str(&b.w, "old_certificate_id", old_id);
	if (new_id != NULL)
		jsonw_str(&b.w, "new_certificate_id", new_id);
	jsonw_close(&b.w, '}');
	jsonw_close(&b.w, ']');
	nsx_body_close(&b, &json);
	outcome = order(a, FETCH_POST, TRUST "/action/batch-replace", &json, "batch-replace", e);
	secret_wipe(&json);
	return outcome;
}

enum api_outcome nsx_write_replace_host(struct api *a, const char *host_id, const char *name,
    const struct goods *goods, struct err *e)
{
	struct secret json = { NULL, 0 };
	enum api_outcome outcome;
	struct nsx_body body;
	struct buf path;

	nsx_path(&path, TRUST "/action/replace-host-certificate/%", host_id, NULL);
	write_goods(&body, name, goods);
	nsx_body_close(&body, &json);
	outcome = order(a, FETCH_POST, buf_str(&path), &json, "replace the host's certificate", e);
	nsx_body_withhold(&goods->key_pem, e);
	secret_wipe(&json);
	buf_clear(&path);
	return outcome;
}

/* --- after it ------------------------------------------------------------------------ */

enum api_outcome nsx_write_delete(struct api *a, const char *id, struct err *e)
{
	struct api_answer answer;
	enum api_outcome outcome;
	struct buf path;

	nsx_path(&path, TRUST "/%", id, NULL);
	outcome = change(a, FETCH_DELETE, buf_str(&path), NULL, "delete the certificate", &answer, e);
	if (outcome == API_REFUSED && answer.status == 404) {
		outcome = API_DONE;
		err_clear(e);
	}
	api_answer_clear(&answer);
	buf_clear(&path);
	return outcome;
}

static size_t length_of(const char *s)
{
	return s != NULL ? strlen(s) : 0;
}

static void write_site(struct nsx_body *b, const struct nsx_site *site)
{
	const struct { const char *key, *value; } outer[] = {
		{ "display_name", site->display_name }, { "site_type", site->site_type },
	}, inner[] = {
		{ "fqdn", site->fqdn }, { "username", site->user->bytes },
		{ "password", site->password->bytes }, { "thumbprint", site->thumbprint },
		{ "site_uuid", site->site_uuid },
	};
	const size_t n_outer = sizeof outer / sizeof outer[0], n_inner = sizeof inner / sizeof inner[0];
	size_t room = 0;

	for (size_t i = 0; i < n_outer; i++)
		room += length_of(outer[i].value);
	for (size_t i = 0; i < n_inner; i++)
		room += length_of(inner[i].value);
	nsx_body_open(b, room);
	for (size_t i = 0; i < n_outer; i++)
		if (outer[i].value != NULL)
			jsonw_str(&b->w, outer[i].key, outer[i].value);
	jsonw_open(&b->w, "site_connection_info", '[');
	jsonw_open(&b->w, NULL, '{');
	for (size_t i = 0; i < n_inner; i++)
		if (inner[i].value != NULL)
			jsonw_str(&b->w, inner[i].key, inner[i].value);
	jsonw_close(&b->w, '}');
	jsonw_close(&b->w, ']');
}

enum api_outcome nsx_write_site_thumbprint(struct api *global, const struct nsx_site *site,
    struct err *e)
{
	struct secret json = { NULL, 0 };
	enum api_outcome outcome;
	struct nsx_body body;
	struct buf path;

	nsx_path(&path, SITES "%", site->id, NULL);
	write_site(&body, site);
	nsx_body_close(&body, &json);
	outcome = order(global, FETCH_PATCH, buf_str(&path), &json, "update the site's thumbprint", e);
	nsx_body_withhold(site->password, e);
	secret_wipe(&json);
	buf_clear(&path);
	return outcome;
}
