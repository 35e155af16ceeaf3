/* source_util.c - what every source needs: chains as sightings, issues, and
 * the guard around logins. */
#include "lib/source/source.h"

#include <stdlib.h>
#include "lib/base/fileio.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/source/endpoint.h"
#include "lib/source/login.h"

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

/* --- the target's own facts ---------------------------------------------------- */

static struct anchors *read_ca_file(const char *path)
{
	struct err ignored = { 0 };
	struct anchors *a = NULL;
	struct buf text;

	buf_init(&text, TRUST_CA_FILE_MAX_BYTES);
	if (fileio_read(path, &text, &ignored) == 0)
		a = anchors_read(buf_str(&text), text.len, &ignored);
	buf_clear(&text);
	return a;
}

void source_note_target(const struct source_context *c)
{
	struct source_status *s = &c->inv->sources[c->index];
	const struct trust *t = &c->target->trust;
	char *endpoint;

	if (c->target->url != NULL) {
		endpoint = endpoint_from_url(c->target->url);
		s->host = endpoint_host(endpoint);
		free(endpoint);
	}
	if (t->ca_file != NULL && t->n_pins == 0)
		s->anchors = read_ca_file(t->ca_file);
}

/* --- the guard around logins ------------------------------------------------- */

static char *account_of(const struct source_context *c)
{
	return mem_printf("login-%s", c->target->name);
}

static struct login_guard guard_of(const struct source_context *c, const char *account)
{
	return (struct login_guard){ .dir = c->state_dir, .account = account,
	    .credentials_path = c->target->credentials_path, .retry_s = c->target->auth_retry_s,
	    .now_at = c->now_at };
}

int source_login_held(const struct source_context *c, const struct credentials *cr, struct err *e)
{
	char *account = account_of(c);
	const struct login_guard guard = guard_of(c, account);
	const int held = login_held(&guard, cr->identity, e);

	free(account);
	return held;
}

void source_login_refused(const struct source_context *c, const struct credentials *cr)
{
	char *account = account_of(c);
	const struct login_guard guard = guard_of(c, account);
	struct err e = { 0 };

	if (login_refused(&guard, cr->identity, &e) != 0)
		source_issue(c, ISSUE_NOTE, &e, "the refused login cannot be remembered");
	free(account);
}

void source_login_worked(const struct source_context *c)
{
	char *account = account_of(c);
	const struct login_guard guard = guard_of(c, account);

	login_worked(&guard);
	free(account);
}
