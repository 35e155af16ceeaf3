/* opsman_runs.c - the list of installations, one of them, and its log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/opsman_write.h"

static const char *const status_words[] = {
	[OPSMAN_RUNNING] = "running", [OPSMAN_SUCCEEDED] = "succeeded", [OPSMAN_FAILED] = "failed",
};
static const char *const part_words[] = {
	[OPSMAN_PENDING] = "pending", [OPSMAN_DEPLOYING] = "running",
	[OPSMAN_DEPLOYED] = "successful",
	[OPSMAN_BROKEN] = "failed", [OPSMAN_SKIPPED] = "skipped",
};

/* With milliseconds; 0: null. */
static void put_ms(struct json_writer *w, const char *key, int64_t at_ms)
{
	char text[TEXT_TIME_BYTES], full[TEXT_TIME_BYTES + 8];

	if (at_ms == 0) {
		jsonw_null(w, key);
		return;
	}
	text_from_time(at_ms / 1000, text);
	text[strcspn(text, "Z")] = '\0';
	snprintf(full, sizeof full, "%s.%03dZ", text, (int)(at_ms % 1000));
	jsonw_str(w, key, full);
}

static bool took_part(const struct opsman_run *run, size_t p)
{
	return (run->products & OPSMAN_BIT(p)) != 0;
}

static void put_part(const struct opsman_state *s, const struct opsman_run *run, size_t p,
    struct json_writer *w, const char *change)
{
	const struct opsman_product *product = &s->products[p];
	enum opsman_part part = took_part(run, p) ? run->part[p] : OPSMAN_SKIPPED;

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "identifier", product->type);
	jsonw_str(w, "label", product->type);
	jsonw_str(w, "guid", product->guid);
	jsonw_str(w, "change_type", change);
	if (opsman_at_least(s, 2, 2, 0)) {
		jsonw_str(w, "deployment_status", part_words[part]);
		put_ms(w, "started_at", run->part_ms[p]);
		jsonw_i64(w, "deploy_order", (int64_t)p);
	}
	jsonw_close(w, '}');
}

/* The products of the run under "updates", unless the scenario takes a change of CAs
 * for none; the others under "unchanged". */
static void put_parts(const struct opsman_state *s, const struct opsman_run *run,
    struct json_writer *w, const char *key, bool updates)
{
	jsonw_open(w, key, '[');
	for (size_t p = 0; p < s->n_products; p++) {
		if ((took_part(run, p) && !s->pace.listed_unchanged) == updates)
			put_part(s, run, p, w, updates ? "update" : "unchanged");
	}
	jsonw_close(w, ']');
}

static void put_nothing(struct json_writer *w, const char *key)
{
	jsonw_open(w, key, '[');
	jsonw_close(w, ']');
}

static void put_run(const struct opsman_state *s, const struct opsman_run *run,
    struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_i64(w, "id", run->id);
	jsonw_str(w, "user_name", run->user);
	put_ms(w, "started_at", run->started_ms);
	put_ms(w, "finished_at", run->finished_ms);
	jsonw_str(w, "status", status_words[run->status]);
	put_nothing(w, "additions");
	put_nothing(w, "deletions");
	put_parts(s, run, w, "updates", true);
	put_parts(s, run, w, "unchanged", false);
	jsonw_close(w, '}');
}

/* "started_s_ago" is that long before the scenario was entered. */
static bool put_ago(const struct opsman_state *s, const struct json *m, struct json_writer *w)
{
	int64_t ago_s = 0;

	if (!json_i64(m, &ago_s))
		return false;
	if (strcmp(json_key(m), "started_s_ago") == 0)
		put_ms(w, "started_at", s->entered_ms - ago_s * 1000);
	else if (strcmp(json_key(m), "finished_s_ago") == 0)
		put_ms(w, "finished_at", s->entered_ms - ago_s * 1000);
	else
		return false;
	return true;
}

static void put_given(const struct opsman_state *s, const struct json *row, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	for (const struct json *m = json_first(row); m != NULL; m = json_next(m)) {
		if (!put_ago(s, m, w))
			opsman_copy(w, json_key(m), row, m);
	}
	jsonw_close(w, '}');
}

/* One that ended a month before the scenario: all products. */
static void put_first(const struct opsman_state *s, struct json_writer *w)
{
	static char user[] = "admin";
	struct opsman_run run = { .id = 1, .user = user, .status = OPSMAN_SUCCEEDED,
	    .products = UINT64_MAX, .started_ms = s->entered_ms - INT64_C(30) * 86400000 };

	run.finished_ms = run.started_ms + 3600000;
	for (size_t p = 0; p < s->n_products; p++) {
		run.part[p] = OPSMAN_DEPLOYED;
		run.part_ms[p] = run.started_ms;
	}
	put_run(s, &run, w);
}

static int64_t number(const struct sim_request *rq, const char *key, int64_t otherwise)
{
	const char *text = sim_request_query(rq, key);
	int64_t n = otherwise;

	if (text != NULL && text_to_i64(text, 1, 1000000, &n) != 0)
		n = otherwise;
	return n;
}

struct page {
	int64_t first, end, at;
};

static bool on_page(struct page *page)
{
	bool in = page->at >= page->first && page->at < page->end;

	page->at++;
	return in;
}

/* Newest first: those begun here, then those of the scenario as they stand there. */
void opsman_get_installations(struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp)
{
	const struct json *list = json_get(s->scenario, "installations");
	bool paged = opsman_at_least(s, 3, 0, 0);
	int64_t size = paged ? number(rq, "per_page", INT32_MAX) : INT32_MAX;
	struct page page = { .first = ((paged ? number(rq, "page_num", 1) : 1) - 1) * size };
	struct json_writer w;

	page.end = page.first + size;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "installations", '[');
	for (size_t i = s->n_runs; i-- > 0;) {
		if (on_page(&page))
			put_run(s, s->runs[i], &w);
	}
	for (const struct json *m = json_first(list); m != NULL; m = json_next(m)) {
		if (on_page(&page))
			put_given(s, m, &w);
	}
	if (list == NULL && on_page(&page))
		put_first(s, &w);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

/* --- one of them ------------------------------------------------------------------ */

static const struct opsman_run *find_run(const struct opsman_state *s, int64_t id)
{
	for (size_t i = 0; i < s->n_runs; i++) {
		if (s->runs[i]->id == id)
			return s->runs[i];
	}
	return NULL;
}

static const struct json *find_given(const struct opsman_state *s, int64_t id)
{
	const struct json *list = json_get(s->scenario, "installations");
	int64_t n;

	for (const struct json *m = json_first(list); m != NULL; m = json_next(m)) {
		if (json_i64(json_get(m, "id"), &n) && n == id)
			return m;
	}
	return NULL;
}

/* The text so far. */
static void write_log(const struct opsman_state *s, const struct opsman_run *run, struct buf *out,
    const char *prefix)
{
	for (size_t p = 0; p < s->n_products; p++) {
		const char *guid = s->products[p].guid;

		if ((run->products & OPSMAN_BIT(p)) == 0 || run->part[p] == OPSMAN_PENDING ||
		    run->part[p] == OPSMAN_SKIPPED)
			continue;
		buf_addf(out, "%s===== Running \"bosh -d %s deploy\"\n", prefix, guid);
		if (run->part[p] == OPSMAN_DEPLOYED)
			buf_addf(out, "%s===== Finished \"bosh -d %s deploy\"; Exit Status: 0\n",
			    prefix,
			    guid);
	}
	if (run->status == OPSMAN_FAILED)
		buf_addf(out, "%sError: %s\n%sExited with 1.\n", prefix, run->why, prefix);
}

static void put_logs(const struct opsman_state *s, const struct opsman_run *run,
    struct sim_reply *rp)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, 1u << 20);
	if (run != NULL)
		write_log(s, run, &text, "");
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "logs", buf_str(&text));
	jsonw_close(&w, '}');
	buf_clear(&text);
}

static void put_status(const struct opsman_state *s, const struct opsman_run *run,
    const struct json *given, struct sim_reply *rp)
{
	struct json_writer w;

	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "status", run != NULL ? status_words[run->status] :
	    given != NULL ? json_str(json_get(given, "status")) : status_words[OPSMAN_SUCCEEDED]);
	if (run != NULL && opsman_at_least(s, 2, 2, 0)) {
		put_ms(&w, "started_at", run->started_ms);
		put_ms(&w, "finished_at", run->finished_ms);
		jsonw_str(&w, "user_name", run->user);
	}
	jsonw_close(&w, '}');
}

/* "/api/v0/installations/ID" and ".../ID/logs". */
void opsman_get_installation(struct opsman_state *s, const struct sim_request *rq,
    struct sim_reply *rp)
{
	const char *rest = rq->path + strlen("/api/v0/installations/");
	size_t digits = strcspn(rest, "/");
	char *text = mem_strndup(rest, digits);
	const struct opsman_run *run;
	const struct json *given;
	int64_t id = 0;
	bool logs = rest[digits] != '\0';
	bool is_number = text_to_i64(text, 1, INT64_MAX, &id) == 0;

	free(text);
	run = find_run(s, id);
	given = find_given(s, id);
	if (!is_number)
		sim_reply_set(rp, 404, "text/html");
	else if (run == NULL && given == NULL &&
	    (id != 1 || json_get(s->scenario, "installations") != NULL))
		opsman_error(rp, 404, "Installation with specified id not found");
	else if (logs)
		put_logs(s, run, rp);
	else
		put_status(s, run, given, rp);
}

/* Server-sent events: what there is so far, and the end once there is one. */
void opsman_current_log(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	const struct opsman_run *run = s->n_runs > 0 ? s->runs[s->n_runs - 1] : NULL;

	(void)rq;
	if (run == NULL) {
		opsman_error(rp, 404, "There is no installation");
		return;
	}
	sim_reply_set(rp, 200, "text/event-stream");
	rp->chunked = true;
	write_log(s, run, &rp->body, "data:");
	if (run->status != OPSMAN_RUNNING)
		buf_addf(&rp->body, "\nevent:exit\ndata:{\"type\":\"exit\",\"code\":%d}\n\n",
		    run->status == OPSMAN_SUCCEEDED ? 0 : 1);
}
