/* nsx_validate.c - what NSX itself says of certificates in use: one call for
 * each, so only where the configuration asks for it, and not for all. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/form.h"
#include "lib/source/nsx_internal.h"

#define PATH "/api/v1/trust-management/certificates/"
#define QUERY "action=validate"
#define SINCE "3.0.2"
#define WHAT "validation"

/* Uses of other people's certificates, which NSX only knows. */
static const char *const foreign[] = { "CLIENT_AUTH", "Client Authentication", "COMPUTE_MANAGER" };

static bool is_foreign(const struct use *u)
{
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
		if (strcmp(u->service, foreign[i]) == 0)
			return true;
	return false;
}

static bool is_wanted(const struct nsx *s, const struct sighting *at)
{
	if (at->source != s->c.index || at->role != ROLE_NSX_PLATFORM || at->id == NULL ||
	    strlen(at->id) > NSX_ID_MAX_BYTES)
		return false;
	for (size_t i = 0; i < at->n_uses; i++)
		if (!is_foreign(&at->uses[i]))
			return true;
	return false;
}

static void plan(struct nsx *s)
{
	const struct inventory *inv = s->c.inv;
	struct err e = { ERR_NONE, "" };
	size_t n_more = 0;

	for (size_t i = 0; i < inv->n_sightings; i++) {
		if (!is_wanted(s, &inv->sightings[i]))
			continue;
		if (s->n_validations < NSX_VALIDATIONS_MAX)
			s->validations[s->n_validations++] = i;
		else
			n_more++;
	}
	if (n_more == 0)
		return;
	err_set(&e, ERR_ANSWER, "%zu certificates in use were not asked about: at most %d in a run",
	    n_more, NSX_VALIDATIONS_MAX);
	source_issue(&s->c, ISSUE_NOTE, &e, WHAT);
}

/* Are the calls of the table over? */
static bool is_settled(const struct nsx *s)
{
	for (size_t i = 0; i < NSX_N_STEPS; i++)
		if (s->calls[i].state == NSX_READY || s->calls[i].state == NSX_SENT)
			return false;
	return s->login == NSX_LOGIN_OPEN;
}

bool nsx_validate_next(struct nsx *s, struct fetch_request *r)
{
	const char *version = s->c.inv->sources[s->c.index].version;
	char id[FORM_GROWTH * NSX_ID_MAX_BYTES + 1];
	const struct sighting *at;
	char *path;

	if (!s->c.target->validate || !is_settled(s) || !nsx_version_at_least(version, SINCE))
		return false;
	if (!s->are_validations_planned)
		plan(s);
	s->are_validations_planned = true;
	if (s->n_validations_sent == s->n_validations ||
	    s->n_validations_sent > s->n_validations_done)
		return false;
	at = &s->c.inv->sightings[s->validations[s->n_validations_sent]];
	id[form_encode(at->id, strlen(at->id), id)] = '\0';
	path = mem_printf(PATH "%s", id);
	r->verb = FETCH_GET;
	r->url = nsx_url(s, path, QUERY, NULL);
	nsx_login_fill(s, r);
	r->tag = NSX_TAG_VALIDATE + (int)s->n_validations_sent++;
	free(path);
	return true;
}

/* The rest is not asked either: it would be told the same. */
static void give_up(struct nsx *s, const struct err *e)
{
	struct err copy = *e;
	size_t n_left = s->n_validations - s->n_validations_done + 1;

	err_prefix(&copy, "%zu of %zu certificates in use were not validated", n_left,
	    s->n_validations);
	s->facts.remarks.n_gaps++;
	source_issue(&s->c, ISSUE_PARTIAL, &copy, WHAT);
	s->n_validations = s->n_validations_sent = s->n_validations_done;
}

static int read_body(struct nsx *s, size_t i, struct fetch_answer *a, struct err *e)
{
	struct json *doc = source_parse_body(&a->body, e);
	int failed;

	if (doc == NULL)
		return -1;
	failed = nsx_read_verdict(&s->facts, s->validations[i], doc, e);
	json_free(doc);
	return failed;
}

void nsx_validate_take(struct nsx *s, size_t i, struct fetch_answer *a)
{
	struct err e = a->err;
	struct nsx_refusal why;

	s->n_validations_done++;
	if (e.code != ERR_NONE) {
		give_up(s, &e);
	} else if (a->status == 404) {
		return;   /* deleted meanwhile */
	} else if (a->status / 100 != 2) {
		nsx_read_refusal(a, &why);
		nsx_refusal_error(a, &why, &e);
		give_up(s, &e);
	} else if (read_body(s, i, a, &e)) {
		s->facts.remarks.n_gaps++;
		source_issue(&s->c, ISSUE_PARTIAL, &e, WHAT);
	}
}

void nsx_validate_finish(struct nsx *s)
{
	struct err e = { ERR_NONE, "" };

	if (s->has_stopped || s->n_validations_done == s->n_validations)
		return;
	s->n_validations_done++;
	err_set(&e, ERR_TIMEOUT, "not asked before the deadline");
	give_up(s, &e);
}
