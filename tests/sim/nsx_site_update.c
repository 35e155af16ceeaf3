/* nsx_site_update.c - the Global Manager is told by which thumbprint it knows a site,
 * or another Global Manager. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_write.h"

#define THUMBPRINT_CHARS 64

/* One element of site_connection_info or connection_info. */
struct connection {
	const char *fqdn, *username, *password, *thumbprint;
};

static bool is_thumbprint(const char *text)
{
	return strlen(text) == THUMBPRINT_CHARS &&
	    strspn(text, "0123456789abcdef") == THUMBPRINT_CHARS;
}

static int read_connection(const struct json *body, const char *key, struct connection *out,
    struct err *e)
{
	static const char *const keys[] = {
		"fqdn", "username", "password", "thumbprint", "site_uuid", "site_uiid", NULL
	};
	const struct json *list = NULL, *first;

	if (json_want_array(body, "body", key, &list, e) != 0)
		return -1;
	first = json_first(list);
	if (first == NULL)
		return err_set(e, ERR_ANSWER, "%s is empty", key);
	for (const struct json *j = first; j != NULL; j = json_next(j)) {
		if (sim_known_keys(j, key, keys, NULL, e) != 0)
			return -1;
	}
	if (json_want_str(first, key, "fqdn", &out->fqdn, e) != 0 ||
	    json_want_str(first, key, "username", &out->username, e) != 0 ||
	    json_want_str(first, key, "password", &out->password, e) != 0 ||
	    json_want_str(first, key, "thumbprint", &out->thumbprint, e) != 0)
		return -1;
	if (!is_thumbprint(out->thumbprint))
		return err_set(e, ERR_ANSWER,
		    "%s.thumbprint: want 64 lower-case hex digits without colons", key);
	return 0;
}

/* A PUT names the revision that it has read; a PATCH need not. */
static int check_revision(struct nsx_call *c, const struct json *body, int64_t revision)
{
	int64_t given = -1;

	if (strcmp(c->rq->method, "PATCH") == 0 && json_get(body, "_revision") == NULL)
		return 0;
	if (json_i64(json_get(body, "_revision"), &given) && given == revision)
		return 0;
	nsx_error(c->rp, 412, 412, "The object %s is present in the system with another revision. "
	    "Read it again and send its _revision.", c->arg[0]);
	return -1;
}

static int only_on_active(struct nsx *n, struct nsx_call *c)
{
	if (strcmp(n->gm_mode, "ACTIVE") == 0)
		return 0;
	nsx_error(c->rp, 400, NSX_E_PARAMETER,
	    "This operation is only supported on the active Global Manager.");
	return -1;
}

/* The body, once it is allowed at all; NULL: answered. */
static struct json *read_body(struct nsx *n, struct nsx_call *c, int64_t revision)
{
	struct json *body;
	struct err e;

	err_clear(&e);
	if (only_on_active(n, c) != 0)
		return NULL;
	body = sim_request_json(c->rq, &e);
	if (body == NULL || !json_is_object(body))
		nsx_bad_request(c, "the body is no JSON object");
	else if (check_revision(c, body, revision) == 0)
		return body;
	json_free_wiped(body);
	return NULL;
}

static bool differs(const char *wanted, const char *given)
{
	return wanted != NULL && strcmp(wanted, given) != 0;
}

/* What the scenario says of the Local Manager; without a word, anything is right. */
static int check_site(struct nsx *n, struct nsx_call *c, const struct nsx_site *site,
    const struct connection *to)
{
	struct nsx_probe probe = { 0 };
	bool wrong = differs(site->expected, to->thumbprint);

	if (differs(site->username, to->username) || differs(site->password, to->password)) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "The credentials of site %s were not accepted by %.200s.", site->name,
		    to->fqdn);
		return -1;
	}
	if (site->lm_address != NULL) {
		nsx_probe(n, site->lm_address, site->lm_port, &probe);
		wrong |= probe.leaf == NULL || strcmp(probe.leaf->sha256, to->thumbprint) != 0;
		nsx_probe_clear(&probe);
	}
	if (wrong)
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "The thumbprint does not match the certificate of %.200s.", to->fqdn);
	return wrong ? -1 : 0;
}

static void remember(char **given, const char *thumbprint, int64_t *n_updates, int64_t *revision)
{
	free(*given);
	*given = mem_strdup(thumbprint);
	++*n_updates;
	++*revision;
}

void nsx_update_site(struct nsx *n, struct nsx_call *c)
{
	struct nsx_site *site = nsx_site_by_id(n, c->arg[0]);
	struct connection to;
	struct json *body;
	struct json_writer w;
	struct err e;

	err_clear(&e);
	if (site == NULL) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	body = read_body(n, c, site->revision);
	if (body == NULL)
		return;
	if (read_connection(body, "site_connection_info", &to, &e) != 0) {
		nsx_bad_request(c, e.text);
	} else if (check_site(n, c, site, &to) == 0) {
		remember(&site->given, to.thumbprint, &site->n_updates, &site->revision);
		c->rp->changed = true;
		sim_reply_json(c->rp, 200, &w);
		nsx_write_gm_site(site, &w);
	}
	json_free_wiped(body);
}

void nsx_update_gm(struct nsx *n, struct nsx_call *c)
{
	struct nsx_gm *gm = nsx_gm_by_id(n, c->arg[0]);
	struct connection to;
	struct json *body;
	struct json_writer w;
	struct err e;

	err_clear(&e);
	if (gm == NULL) {
		nsx_not_found(c->rp, c->arg[0]);
		return;
	}
	body = read_body(n, c, gm->revision);
	if (body == NULL)
		return;
	if (read_connection(body, "connection_info", &to, &e) != 0) {
		nsx_bad_request(c, e.text);
	} else if (json_str(json_get(body, "mode")) == NULL ||
	    strcmp(json_str(json_get(body, "mode")), gm->mode) != 0) {
		nsx_bad_request(c, "mode: this call does not switch a manager over");
	} else {
		remember(&gm->given, to.thumbprint, &gm->n_updates, &gm->revision);
		c->rp->changed = true;
		sim_reply_json(c->rp, 200, &w);
		nsx_write_gm(gm, &w);
	}
	json_free_wiped(body);
}
