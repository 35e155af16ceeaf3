/* opsman_write.c - the requests that change something on an Ops Manager. */
#include "remediate/opsman_write.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "remediate/nsx_body.h"
#include "remediate/om_ops.h"

#define CAS "/api/v0/certificate_authorities"
#define INSTALLATIONS "/api/v0/installations"
#define DIRECTOR "/api/v0/staged/director/properties"
#define DIRECTOR_BOX "bosh_director_recreate_on_next_deploy"
#define CHANGES "/api/v0/staged/pending_changes"
#define ERRANDS_MAX_BYTES 100000
#define WRITE_MS 180000          /* for one request: it is busy with every leaf at times */

/* --- one request ------------------------------------------------------------------ */

static enum api_outcome change(struct api *a, enum fetch_verb verb, const char *path,
    const struct secret *body, const char *what, struct api_answer *out, struct om_said *said,
    struct err *e)
{
	*said = (struct om_said){ NULL, 0 };
	api_call(a, verb, path, body, what, WRITE_MS, out, e);
	om_said_read(said, out->outcome == API_DONE ? out->doc : out->refusal);
	return out->outcome;
}

/* With an empty object for a body; answered by nothing more than that it was done. */
static enum api_outcome order(struct api *a, const char *path, const char *what,
    struct om_said *said, struct err *e)
{
	struct secret json = { NULL, 0 };
	struct api_answer answer;
	enum api_outcome outcome;

	secret_set(&json, "{}", 2);
	outcome = change(a, FETCH_POST, path, &json, what, &answer, said, e);
	api_answer_clear(&answer);
	secret_wipe(&json);
	return outcome;
}

/* --- certificate authorities --------------------------------------------------------- */

/* The new one comes flat, or as the one row of a list. */
static char *new_guid(const struct json *doc)
{
	const struct json *rows = json_get(doc, "certificate_authorities");
	const struct json *ca = json_is_array(rows) && json_count(rows) == 1 ? json_first(rows) : doc;
	const char *guid = json_str(json_get(ca, "guid"));

	return guid != NULL && om_is_guid(guid) ? mem_strdup(guid) : NULL;
}

static enum api_outcome make_ca(struct api *a, const char *path, const struct secret *json,
    const char *what, char **guid, struct om_said *said, struct err *e)
{
	struct api_answer answer;
	const enum api_outcome outcome = change(a, FETCH_POST, path, json, what, &answer, said, e);

	*guid = outcome == API_DONE ? new_guid(answer.doc) : NULL;
	api_answer_clear(&answer);
	return outcome;
}

enum api_outcome opsman_write_generate(struct api *a, char **guid, struct om_said *said,
    struct err *e)
{
	struct secret json = { NULL, 0 };
	enum api_outcome outcome;

	secret_set(&json, "{}", 2);
	outcome = make_ca(a, CAS "/generate", &json, "generate a certificate authority", guid, said,
	    e);
	secret_wipe(&json);
	return outcome;
}

enum api_outcome opsman_write_create(struct api *a, const struct goods *goods, char **guid,
    struct om_said *said, struct err *e)
{
	struct secret json = { NULL, 0 };
	enum api_outcome outcome;
	struct nsx_body b;

	nsx_body_open(&b, goods->chain_pem.len + goods->key_pem.len);
	jsonw_str(&b.w, "cert_pem", buf_str(&goods->chain_pem));
	jsonw_str(&b.w, "private_key_pem", goods->key_pem.bytes);
	nsx_body_close(&b, &json);
	outcome = make_ca(a, CAS, &json, "hand over the certificate authority", guid, said, e);
	nsx_body_withhold(&goods->key_pem, e);
	if (said->text != NULL && nsx_body_tells(&goods->key_pem, said->text)) {
		free(said->text);
		said->text = mem_strdup("the answer repeats what must not be told, and is withheld");
	}
	secret_wipe(&json);
	return outcome;
}

/* A guid that is none would name another call: "//activate" is sent by nobody. */
static enum api_outcome refuse_guid(const char *what, struct om_said *said, struct err *e)
{
	*said = (struct om_said){ NULL, 0 };
	err_set(e, ERR_CONFIG, "%s: not sent, because this is no guid of one", what);
	return API_NOT_SENT;
}

enum api_outcome opsman_write_activate(struct api *a, const char *guid, struct om_said *said,
    struct err *e)
{
	static const char what[] = "activate the certificate authority";
	enum api_outcome outcome;
	char *path;

	if (!om_is_guid(guid))
		return refuse_guid(what, said, e);
	path = mem_printf(CAS "/%s/activate", guid);
	outcome = order(a, path, what, said, e);
	free(path);
	return outcome;
}

enum api_outcome opsman_write_regenerate(struct api *a, struct om_said *said, struct err *e)
{
	return order(a, CAS "/active/regenerate", "make the leaf certificates again", said, e);
}

enum api_outcome opsman_write_delete(struct api *a, const char *guid, struct om_said *said,
    struct err *e)
{
	static const char what[] = "delete the certificate authority";
	struct api_answer answer;
	enum api_outcome outcome;
	char *path;

	if (!om_is_guid(guid))
		return refuse_guid(what, said, e);
	path = mem_printf(CAS "/%s", guid);
	outcome = change(a, FETCH_DELETE, path, NULL, what, &answer, said, e);
	/* Without words it is the call that is not known, and nothing was deleted. */
	if (outcome == API_REFUSED && answer.status == 404 && answer.refusal != NULL) {
		outcome = API_DONE;
		err_clear(e);
	}
	api_answer_clear(&answer);
	free(path);
	return outcome;
}

/* --- Apply Changes --------------------------------------------------------------------- */

/* Is there a box for the Director's own VM (2.9)?  A key that is not known may be
 * refused. */
static bool has_director_box(struct api *a)
{
	struct err ignored = { ERR_NONE, "" };
	struct api_answer answer;
	bool has;

	api_call(a, FETCH_GET, DIRECTOR, NULL, "", WRITE_MS, &answer, &ignored);
	has = json_get(json_get(answer.doc, "director_configuration"), DIRECTOR_BOX) != NULL;
	api_answer_clear(&answer);
	return has;
}

enum api_outcome opsman_write_recreate(struct api *a, struct err *e)
{
	const bool with_director = has_director_box(a);
	struct om_said ignored = { NULL, 0 };
	struct secret json = { NULL, 0 };
	struct api_answer answer;
	enum api_outcome outcome;
	struct nsx_body b;

	nsx_body_open(&b, 0);
	jsonw_open(&b.w, "director_configuration", '{');
	jsonw_bool(&b.w, "bosh_recreate_on_next_deploy", true);
	if (with_director)
		jsonw_bool(&b.w, DIRECTOR_BOX, true);
	jsonw_close(&b.w, '}');
	nsx_body_close(&b, &json);
	outcome = change(a, FETCH_PUT, DIRECTOR, &json, "recreate every VM with the next Apply "
	    "Changes", &answer, &ignored, e);
	om_said_clear(&ignored);
	api_answer_clear(&answer);
	secret_wipe(&json);
	return outcome;
}

/* The errands of one product that run after it was deployed. */
static void write_errands_of(struct nsx_body *b, const struct json *product, bool run)
{
	const struct json *errands = json_get(product, "errands");
	const struct json *errand = json_is_array(errands) ? json_first(errands) : NULL;

	jsonw_open(&b->w, json_str(json_get(product, "guid")), '{');
	jsonw_open(&b->w, "run_post_deploy", '{');
	for (; errand != NULL; errand = json_next(errand)) {
		const char *name = json_str(json_get(errand, "name"));

		if (name != NULL && json_get(errand, "post_deploy") != NULL)
			jsonw_bool(&b->w, name, run);
	}
	jsonw_close(&b->w, '}');
	jsonw_close(&b->w, '}');
}

static int write_errands(struct nsx_body *b, const struct json *doc, bool run, struct err *e)
{
	const struct json *products, *product;
	const char *guid;

	if (json_want_array(doc, "", "product_changes", &products, e) < 0)
		return -1;
	jsonw_open(&b->w, "errands", '{');
	for (product = json_first(products); product != NULL; product = json_next(product)) {
		if (json_want_str(product, "product_changes", "guid", &guid, e) < 0)
			return -1;
		write_errands_of(b, product, run);
	}
	jsonw_close(&b->w, '}');
	return 0;
}

/* errands are named in the list of changes; without it they cannot be chosen,
 * and nothing is applied. */
static int add_errands(struct api *a, struct nsx_body *b, const char *errands, struct err *e)
{
	struct api_answer answer;
	int failed = -1;

	api_call(a, FETCH_GET, CHANGES, NULL, "the errands", WRITE_MS, &answer, e);
	if (answer.outcome == API_DONE)
		failed = write_errands(b, answer.doc, strcmp(errands, "all") == 0, e);
	if (!failed && (b->text.overflow || b->text.len + 1 > b->text.max_bytes))
		failed = err_set(e, ERR_ANSWER, "they are too many");
	if (failed)
		err_prefix(e, "nothing was applied, because which errands there are could not be "
		    "read");
	api_answer_clear(&answer);
	return failed;
}

static int64_t installation_id(const struct json *doc)
{
	int64_t id;

	return json_i64(json_get(json_get(doc, "install"), "id"), &id) && id > 0 ? id : 0;
}

/* What was refused, product by product, is part of the sentence. */
static void tell_why(const struct om_said *said, struct err *e)
{
	const struct err refused = *e;

	if (said->text != NULL)
		err_set(e, refused.code, "%s: %s", refused.text, said->text);
}

enum api_outcome opsman_write_apply(struct api *a, const char *errands, int64_t *id, struct err *e)
{
	enum api_outcome outcome = API_NOT_SENT;
	struct om_said said = { NULL, 0 };
	struct secret json = { NULL, 0 };
	struct api_answer answer;
	struct nsx_body b;
	int failed = 0;

	*id = 0;
	nsx_body_open(&b, ERRANDS_MAX_BYTES);
	jsonw_str(&b.w, "deploy_products", "all");
	jsonw_bool(&b.w, "ignore_warnings", false);
	if (errands != NULL)
		failed = add_errands(a, &b, errands, e);
	if (failed) {
		buf_clear(&b.text);
		return outcome;
	}
	nsx_body_close(&b, &json);
	outcome = change(a, FETCH_POST, INSTALLATIONS, &json, "Apply Changes", &answer, &said, e);
	if (outcome == API_DONE)
		*id = installation_id(answer.doc);
	else
		tell_why(&said, e);
	om_said_clear(&said);
	api_answer_clear(&answer);
	secret_wipe(&json);
	return outcome;
}
