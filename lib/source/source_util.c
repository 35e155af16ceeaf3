/* source_util.c - what every source needs: chains as sightings, issues, and
 * the guard around logins. */
#include "lib/source/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/fileio.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define LOGIN_FILE_MAX_BYTES 4096

void source_issue(const struct source_context *c, enum issue_kind kind, const struct err *e,
    const char *what)
{
	struct err copy = *e;

	if (what != NULL)
		err_prefix(&copy, "%s", what);
	inventory_add_issue(c->inv, c->index, kind, &copy);
}

size_t source_add_chain(const struct source_context *c, const struct fetch_chain *chain,
    const char *endpoint, enum role role, const struct use *use)
{
	struct err e = { 0 };
	size_t leaf = SIZE_MAX;

	for (size_t i = 0; i < chain->n; i++) {
		struct cert *cert = cert_from_der(chain->v[i].der, chain->v[i].len, &e);
		struct sighting *s;
		size_t at;

		if (cert == NULL)
			cert = cert_unreadable(e.text);
		at = inventory_add_cert(c->inv, cert);
		s = inventory_add_sighting(c->inv, at, c->index, VIA_TLS);
		s->endpoint = mem_strdup(endpoint);
		s->position = i;
		s->role = i == 0 ? role : ROLE_CHAIN;
		if (i == 0)
			leaf = c->inv->n_sightings - 1;
		if (i == 0 && use != NULL)
			sighting_add_use(s, use->service, use->node, use->node_name);
	}
	if (chain->n_cut > 0) {
		err_set(&e, ERR_ANSWER, "%zu certificates of its chain were not read, "
		    "it sends more than %d", chain->n_cut, FETCH_CHAIN_MAX);
		source_issue(c, ISSUE_PARTIAL, &e, endpoint);
	}
	return leaf;
}

void source_remark(const struct source_context *c, struct source_remarks *r, enum issue_kind kind,
    const struct err *e, const char *what)
{
	struct err more = { 0 };

	r->n_gaps += kind != ISSUE_NOTE;
	if (r->n < SOURCE_REMARKS_MAX) {
		source_issue(c, kind, e, what);
	} else if (r->n == SOURCE_REMARKS_MAX) {
		err_set(&more, ERR_ANSWER, "more than %d remarks, the rest is left out",
		    SOURCE_REMARKS_MAX);
		source_issue(c, ISSUE_PARTIAL, &more, what);
		r->n_gaps++;
	}
	r->n++;
}

struct json *source_parse_body(struct buf *body, struct err *e)
{
	struct json *doc = NULL;

	if (body->len > 0)
		doc = json_parse(body->data, body->len, e);
	else
		err_set(e, ERR_ANSWER, "the answer is empty");
	buf_clear(body);
	return doc;
}

void source_expired(const struct source_context *c, size_t leaf, const char *endpoint, struct err *e)
{
	const struct inventory *inv = c->inv;
	char pin[2 * CERT_SHA256_BYTES + 1] = "(its SHA-256)";

	if (leaf != SIZE_MAX && inv->certs[inv->sightings[leaf].cert]->form == CERT_PARSED)
		cert_sha256_hex(inv->certs[inv->sightings[leaf].cert], pin);
	err_set(e, ERR_TLS, "credentials withheld because the certificate of %s has expired: add "
	    "pin_sha256 = %s to poll it until it is replaced", endpoint, pin);
}

/* --- the guard around logins ------------------------------------------------- */

static char *login_path(const struct source_context *c)
{
	return c->state_dir == NULL ? NULL : mem_printf("%s/login-%s", c->state_dir, c->target->name);
}

/* "<identity>\n<epoch>\n": when was this very credential file refused? */
static int read_refusal(const char *path, const char *identity, int64_t *at)
{
	struct err ignored = { 0 };
	struct buf text;
	char *line, *end;
	int found = -1;

	buf_init(&text, LOGIN_FILE_MAX_BYTES);
	if (fileio_read(path, &text, &ignored) != 0 || text.len == 0)
		goto out;
	line = strchr(text.data, '\n');
	end = line != NULL ? strchr(line + 1, '\n') : NULL;
	if (end == NULL)
		goto out;
	*line = *end = '\0';
	if (strcmp(text.data, identity) == 0 && text_to_i64(line + 1, 0, INT64_MAX, at) == 0)
		found = 0;
out:
	buf_clear(&text);
	return found;
}

int source_login_held(const struct source_context *c, const struct credentials *cr, struct err *e)
{
	char *path = login_path(c);
	char then[TEXT_TIME_BYTES], again[TEXT_TIME_BYTES];
	int64_t at = 0;
	int held = 0;

	/* A refusal from the future means that the clock went back: it would
	 * otherwise hold for as long as the clock was wrong. */
	if (path != NULL && read_refusal(path, cr->identity, &at) == 0 && at <= c->now_at &&
	    c->now_at - at < c->target->auth_retry_s)
		held = err_set(e, ERR_AUTH, "the login was refused at %s, it is not tried again before "
		    "%s unless %s changes, so that the account is not locked",
		    text_from_time(at, then), text_from_time(at + c->target->auth_retry_s, again),
		    c->target->credentials_path != NULL ? c->target->credentials_path : "the credentials file");
	free(path);
	return held;
}

void source_login_refused(const struct source_context *c, const struct credentials *cr)
{
	char *path = login_path(c);
	struct err e = { 0 };
	struct buf text;

	if (path == NULL)
		return;
	buf_init(&text, LOGIN_FILE_MAX_BYTES);
	buf_addf(&text, "%s\n%lld\n", cr->identity, (long long)c->now_at);
	if (fileio_replace(path, buf_str(&text), text.len, 0600, &e) != 0)
		source_issue(c, ISSUE_NOTE, &e, "the refused login cannot be remembered");
	buf_clear(&text);
	free(path);
}

void source_login_worked(const struct source_context *c)
{
	char *path = login_path(c);

	if (path != NULL)
		unlink(path);
	free(path);
}
