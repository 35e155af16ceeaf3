/* om_ops_read.c - asks an Ops Manager what it is doing, call by call. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/om_ops.h"

#define CALL_MS 60000
#define LOG_COLUMNS_MAX 200

struct reading {
	struct om_ops *o;
	struct api *api;
	int64_t deadline_ms;
};

/* A row for each call that is always made, in its order. */
static const struct om_call {
	const char *what;            /* in messages */
	const char *path;
	bool may_be_absent;          /* 404 only means that this version does not tell */
	int (*read)(struct om_ops *o, const struct json *doc, struct err *e);
} calls[] = {
	{ "certificate authorities", "/api/v0/certificate_authorities", false, om_read_cas },
	{ "installations", "/api/v0/installations", false, om_read_installations },
	{ "pending changes", "/api/v0/staged/pending_changes", true, om_read_pending },
	{ "deployed products", "/api/v0/deployed/products", false, om_read_products },
};

/* API_DONE: answer->doc is there.  Otherwise *e says why not. */
static enum api_outcome get(struct reading *r, const char *path, const char *what,
    struct api_answer *answer, struct err *e)
{
	const int64_t left_ms = r->deadline_ms - clock_mono_ms();

	*answer = (struct api_answer){ .outcome = API_NOT_SENT };
	if (left_ms <= 0) {
		err_set(e, ERR_TIMEOUT, "%s: not read before the deadline", what);
		return API_NOT_SENT;
	}
	api_call(r->api, FETCH_GET, path, NULL, what, left_ms < CALL_MS ? left_ms : CALL_MS, answer,
	    e);
	if (answer->date_at != 0)
		r->o->server_at = answer->date_at;
	if (answer->outcome == API_DONE && answer->doc == NULL) {
		err_set(e, ERR_ANSWER, "%s: the answer is no JSON", what);
		return API_UNKNOWN;
	}
	return answer->outcome;
}

/* -1: o->err is set, and nothing more is asked. */
static int read_one(struct reading *r, const struct om_call *c)
{
	struct err *e = &r->o->err;
	struct api_answer answer;
	int failed = -1;

	if (get(r, c->path, c->what, &answer, e) == API_DONE) {
		failed = c->read(r->o, answer.doc, e);
		if (failed)
			err_prefix(e, "%s", c->what);
	} else if (c->may_be_absent && answer.outcome == API_REFUSED && answer.status == 404) {
		err_clear(e);
		failed = 0;
	}
	api_answer_clear(&answer);
	return failed;
}

/* --- the log ------------------------------------------------------------------------- */

/* The last line with something in it, which may be megabytes behind the first. */
static char *last_line(const char *log)
{
	size_t end = strlen(log), begin;
	struct buf line;
	char *text;

	while (end > 0 && strchr(" \t\r\n", log[end - 1]) != NULL)
		end--;
	for (begin = end; begin > 0 && strchr("\r\n", log[begin - 1]) == NULL; begin--)
		;
	while (begin < end && strchr(" \t", log[begin]) != NULL)
		begin++;
	if (begin == end)
		return NULL;
	buf_init(&line, SIZE_MAX);
	text_clean(&line, log + begin, end - begin, LOG_COLUMNS_MAX);
	text = buf_take(&line);
	buf_clear(&line);
	return text;
}

/* Only to be shown: that it cannot be read, or is too long, is no error. */
static void read_log(struct reading *r)
{
	const struct om_installation *newest = &r->o->installations[0];
	struct err ignored = { ERR_NONE, "" };
	struct api_answer answer;
	const char *log;
	char *path;

	if (r->o->n_installations == 0 || newest->status != OM_RUNNING)
		return;
	path = mem_printf("/api/v0/installations/%lld/logs", (long long)newest->id);
	if (get(r, path, "log", &answer, &ignored) == API_DONE) {
		log = json_str(json_get(answer.doc, "logs"));
		r->o->log_line = log != NULL ? last_line(log) : NULL;
	}
	api_answer_clear(&answer);
	free(path);
}

void om_ops_read(struct api *api, bool with_log, int64_t deadline_ms, struct om_ops *out)
{
	struct reading r = { out, api, deadline_ms };

	*out = (struct om_ops){ .server_at = 0 };
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (read_one(&r, &calls[i]) != 0)
			return;
	if (with_log)
		read_log(&r);
}
