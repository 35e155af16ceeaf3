/* nsx_ops_read.c - asks NSX what it is doing, call by call. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/model/version.h"
#include "remediate/nsx_body.h"
#include "remediate/nsx_ops.h"

#define CALL_MS 30000
#define CERTIFICATES "/api/v1/trust-management/certificates/"
#define HOSTS "/api/v1/transport-nodes"
#define SITES "/global-manager/api/v1/global-infra/sites/"

struct reading {
	struct nsx_ops *o;
	struct api *api, *global;
	int64_t deadline_ms;
};

/* API_DONE: answer->doc is there.  Otherwise o->err says why not. */
static enum api_outcome get(struct reading *r, struct api *api, const char *path, const char *what,
    struct api_answer *answer)
{
	const int64_t left_ms = r->deadline_ms - clock_mono_ms();
	struct err *e = &r->o->err;

	*answer = (struct api_answer){ .outcome = API_NOT_SENT };
	if (left_ms <= 0) {
		err_set(e, ERR_TIMEOUT, "%s: not read before the deadline", what);
		return API_NOT_SENT;
	}
	api_call(api, FETCH_GET, path, NULL, what, left_ms < CALL_MS ? left_ms : CALL_MS, answer, e);
	if (answer->outcome == API_DONE && answer->doc == NULL) {
		err_set(e, ERR_ANSWER, "%s: the answer is no JSON", what);
		return API_UNKNOWN;
	}
	return answer->outcome;
}

static bool is_absent(const struct api_answer *answer)
{
	return answer->outcome == API_REFUSED && answer->status == 404;
}

/* -1: o->err is set, and nothing more is asked. */
static int read_one(struct reading *r, const struct ops_call *c)
{
	struct err *e = &r->o->err;
	struct api_answer answer;
	int failed = -1;

	if (get(r, r->api, c->path, c->what, &answer) == API_DONE) {
		failed = c->read(r->o, answer.doc, e);
		if (failed)
			err_prefix(e, "%s", c->what);
	} else if (c->may_be_absent && is_absent(&answer)) {
		err_clear(e);
		failed = 0;
	}
	api_answer_clear(&answer);
	return failed;
}

static int read_always(struct reading *r, const char *version)
{
	const int number = version_number(version);

	for (size_t i = 0; i < n_ops_calls; i++) {
		/* A version that is not known is asked: its answer will tell. */
		if (number != 0 && number < ops_calls[i].since)
			continue;
		if (read_one(r, &ops_calls[i]) != 0)
			return -1;
	}
	return 0;
}

/* --- validation ---------------------------------------------------------------------- */

/* A refusal is an answer: there is no verdict, and these are its words. */
static int read_validation(struct reading *r, const char *id)
{
	struct err *e = &r->o->err;
	struct api_answer answer;
	enum api_outcome outcome;
	struct buf path;
	int failed = -1;

	r->o->validation_id = mem_strdup(id);
	nsx_path(&path, CERTIFICATES "%?action=validate", id, NULL);
	outcome = get(r, r->api, buf_str(&path), "validation of the certificate", &answer);
	if (outcome == API_DONE) {
		failed = ops_read_validation(r->o, answer.doc, e);
	} else if (outcome == API_REFUSED && e->code == ERR_REFUSED) {
		r->o->validation_message = mem_strdup(e->text);
		err_clear(e);
		failed = 0;
	}
	api_answer_clear(&answer);
	buf_clear(&path);
	return failed;
}

/* --- transport nodes -------------------------------------------------------------------- */

static int read_page(struct reading *r, char **next)
{
	struct api_answer answer;
	const char *cursor = NULL;
	struct buf path;
	int failed = -1;

	nsx_path(&path, HOSTS "?page_size=1000", NULL, NULL);
	if (*next != NULL)
		nsx_path_add(&path, "&cursor=%", *next, NULL);
	if (get(r, r->api, buf_str(&path), "transport nodes", &answer) == API_DONE) {
		failed = ops_read_hosts(r->o, answer.doc, &cursor, &r->o->err);
		if (failed)
			err_prefix(&r->o->err, "transport nodes");
	}
	free(*next);
	*next = mem_strdup(cursor);
	api_answer_clear(&answer);
	buf_clear(&path);
	return failed;
}

static int read_host_status(struct reading *r, struct nsx_host *h)
{
	struct err *e = &r->o->err;
	struct api_answer answer;
	enum api_outcome outcome;
	struct buf path;
	int failed = -1;

	nsx_path(&path, HOSTS "/%/status", h->id, NULL);
	outcome = get(r, r->api, buf_str(&path), "status of a transport node", &answer);
	if (outcome == API_DONE) {
		failed = ops_read_host_status(h, answer.doc, e);
	} else if (outcome == API_REFUSED && e->code == ERR_REFUSED) {
		err_clear(e);                /* this one does not tell */
		failed = 0;
	}
	api_answer_clear(&answer);
	buf_clear(&path);
	return failed;
}

static int read_hosts(struct reading *r, const char *only)
{
	char *next = NULL;
	int n_pages = 0;

	do {
		if (read_page(r, &next) != 0)
			return -1;
	} while (next != NULL && ++n_pages < OPS_PAGES_MAX);
	if (next != NULL) {
		free(next);
		return err_set(&r->o->err, ERR_ANSWER, "transport nodes: more than %d pages",
		    OPS_PAGES_MAX);
	}
	for (size_t i = 0; i < r->o->n_hosts; i++) {
		struct nsx_host *h = &r->o->hosts[i];

		if ((only == NULL || strcmp(only, h->id) == 0) && read_host_status(r, h) != 0)
			return -1;
	}
	return 0;
}

/* --- the site ------------------------------------------------------------------------------ */

static int read_site(struct reading *r, const char *site)
{
	struct err *e = &r->o->err;
	struct api_answer answer;
	struct buf path;
	int failed = -1;

	nsx_path(&path, SITES "%", site, NULL);
	if (get(r, r->global, buf_str(&path), "the site on the Global Manager", &answer) == API_DONE) {
		failed = ops_read_site(r->o, answer.doc, e);
		if (failed)
			err_prefix(e, "the site on the Global Manager");
	} else if (is_absent(&answer)) {
		err_clear(e);
		failed = 0;
	}
	api_answer_clear(&answer);
	buf_clear(&path);
	return failed;
}

void nsx_ops_read(struct nsx_ops *o, struct api *api, struct api *global, const char *version,
    const char *site, const struct view_wants *wants, int64_t deadline_ms)
{
	static const struct view_wants nothing;
	struct reading r = { o, api, global, deadline_ms };

	if (wants == NULL)
		wants = &nothing;
	nsx_ops_init(o);
	if (read_always(&r, version) != 0)
		return;
	if (wants->validate_id != NULL && read_validation(&r, wants->validate_id) != 0)
		return;
	if (wants->hosts && read_hosts(&r, wants->host) != 0)
		return;
	if (wants->site && global != NULL && site != NULL)
		read_site(&r, site);
}
