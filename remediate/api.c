/* api.c - one call with the account that may change things, and what is known
 * afterwards. */
#include "remediate/api_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/source/endpoint.h"
#include "lib/source/source.h"
#include "remediate/failpoint.h"

#define BODY_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define POINT_BYTES 300

/* --- one exchange ----------------------------------------------------------------- */

void api_exchange(const struct api *a, struct fetch_request *r, const char *path,
    int64_t deadline_ms, struct fetch_answer *answer)
{
	char *url = mem_printf("%s%s", a->target->url, path);
	struct fetch *f;

	*answer = (struct fetch_answer){ .retry_after_s = -1 };
	r->url = url;
	r->family = a->target->family;
	r->trust = &a->target->trust;
	r->lock_path = a->lock_path;
	r->label = a->target->name;
	f = fetch_new(deadline_ms, a->trace, &answer->err);
	if (f != NULL) {
		fetch_start(f, r);
		/* Whatever happens, it is handed back at the deadline. */
		if (fetch_wait(f, INT64_MAX, answer) != 1)
			err_set(&answer->err, ERR_TIMEOUT, "no answer in time");
	}
	fetch_free(f);
	free(url);
}

enum api_outcome api_outcome_of(const struct fetch_answer *answer)
{
	if (answer->err.code != ERR_NONE)
		return answer->was_sent ? API_UNKNOWN : API_NOT_SENT;
	if (answer->status / 100 == 2)
		return API_DONE;
	if (answer->status == 429 || answer->status == 503)
		return API_BUSY;
	if (answer->status / 100 == 4 && answer->status != 408)
		return API_REFUSED;
	return API_UNKNOWN;
}

void api_connection_error(const struct api *a, const struct fetch_answer *answer, struct err *e)
{
	char *endpoint;

	*e = answer->err;
	if (!answer->only_expired)
		return;
	endpoint = endpoint_from_url(a->target->url);
	login_withheld(&answer->chain, endpoint, e);
	free(endpoint);
}

/* --- its outcome ------------------------------------------------------------------- */

static void take_answer(struct api *a, const struct api_request *r, struct fetch_answer *answer,
    struct api_answer *out, bool *again, struct err *e)
{
	out->status = answer->status;
	if (answer->err.code != ERR_NONE) {
		out->outcome = api_outcome_of(answer);
		api_connection_error(a, answer, e);
		return;
	}
	out->date_at = answer->has_date ? answer->date_at : 0;
	out->outcome = a->dialect->outcome(r, answer);
	if (out->outcome == API_DONE) {
		api_login_worked(a);
		out->doc = source_parse_body(&answer->body, NULL);
	} else {
		a->dialect->refused(a, r, answer, out, again, e);
	}
}

/* API_DONE, or the outcome of a call that is not made. */
static enum api_outcome log_in(struct api *a, int64_t deadline_ms, struct err *e)
{
	if (api_login_held(a, e) != 0)
		return API_NOT_SENT;
	return a->dialect->login(a, deadline_ms, e);
}

static void make_call(struct api *a, const struct api_request *c, struct api_answer *out,
    bool *again, struct err *e)
{
	struct fetch_request r = { .verb = c->verb, .json = c->json,
	    .max_body_bytes = BODY_MAX_BYTES };
	struct fetch_answer answer;

	*again = false;
	*out = (struct api_answer){ .outcome = log_in(a, c->deadline_ms, e) };
	if (out->outcome != API_DONE)
		return;
	a->dialect->fill(a, &r);
	api_exchange(a, &r, c->path, c->deadline_ms, &answer);
	take_answer(a, c, &answer, out, again, e);
	fetch_answer_clear(&answer);
}

static void pass_point(const char *when, const struct api_request *c)
{
	static const char *const verbs[] = { [FETCH_GET] = "GET", [FETCH_POST] = "POST",
	    [FETCH_PEEK] = "PEEK", [FETCH_PUT] = "PUT", [FETCH_PATCH] = "PATCH",
	    [FETCH_DELETE] = "DELETE" };
	char name[POINT_BYTES];

	snprintf(name, sizeof name, "api: %s %s %s", when, verbs[c->verb], c->path);
	FAIL_POINT(name);
}

void api_call(struct api *a, enum fetch_verb verb, const char *path, const struct secret *json,
    const char *what, int64_t limit_ms, struct api_answer *out, struct err *e)
{
	const struct api_request c = { verb, path, json, clock_mono_ms() + limit_ms };
	bool again, ignored;

	err_clear(e);
	pass_point("before", &c);
	make_call(a, &c, out, &again, e);
	if (again) {
		api_answer_clear(out);
		err_clear(e);
		make_call(a, &c, out, &ignored, e);
	}
	pass_point("after", &c);
	if (out->outcome == API_UNKNOWN && verb != FETCH_GET)
		err_prefix(e, "it may have been done");
	err_prefix(e, "%s", what);
}

void api_answer_clear(struct api_answer *a)
{
	json_free(a->doc);
	json_free(a->refusal);
	*a = (struct api_answer){ .outcome = API_NOT_SENT };
}

/* --- life ---------------------------------------------------------------------------- */

struct api *api_open(const struct target *t, const char *credentials_path, const char *lock_path,
    const struct trace *trace, struct err *e)
{
	struct api *a = mem_alloc(sizeof *a);

	a->target = t;
	a->dialect = t->kind == SOURCE_OPSMAN ? &api_opsman : &api_nsx;
	a->trace = trace;
	if (a->dialect->load(credentials_path, &a->credentials, e) != 0) {
		credentials_wipe(&a->credentials);
		free(a);
		return NULL;
	}
	a->credentials_path = mem_strdup(credentials_path);
	a->lock_path = mem_strdup(lock_path);
	/* No target's name has a '+': never the file of a reading account. */
	a->account = mem_printf("login-%s+write", t->name);
	return a;
}

void api_remember(struct api *a, const char *dir)
{
	free(a->remember_dir);
	a->remember_dir = mem_strdup(dir);
}

void api_close(struct api *a)
{
	if (a == NULL)
		return;
	if (a->dialect->logout != NULL)
		a->dialect->logout(a);
	credentials_wipe(&a->credentials);
	secret_wipe(&a->cookie);
	secret_wipe(&a->xsrf);
	secret_wipe(&a->token);
	free(a->credentials_path);
	free(a->lock_path);
	free(a->remember_dir);
	free(a->account);
	free(a);
}
