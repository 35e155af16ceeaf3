/* fetch_answer.c - header lines and body bytes into an answer. */
#include "lib/source/fetch_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/clock.h"
#include "lib/base/text.h"

#define SHOWN_COLUMNS 300              /* of one header line, in the trace */
#define RETRY_AFTER_MAX_S 86400
#define SESSION_COOKIE "JSESSIONID="

void fetch_chain_clear(struct fetch_chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].der);
	*c = (struct fetch_chain){ 0 };
}

void fetch_answer_clear(struct fetch_answer *a)
{
	buf_wipe(&a->body);                /* a token may be in it */
	secret_wipe(&a->cookie);
	secret_wipe(&a->xsrf);
	fetch_chain_clear(&a->chain);
}

/* --- header fields --------------------------------------------------------- */

struct slice { const char *p; size_t n; };

static struct slice trimmed(const char *p, size_t n)
{
	while (n > 0 && strchr(" \t\r\n", p[n - 1]) != NULL)
		n--;
	for (; n > 0 && (*p == ' ' || *p == '\t'); n--)
		p++;
	return (struct slice){ p, n };
}

static void keep_text(char *to, size_t size, struct slice value)
{
	snprintf(to, size, "%.*s", (int)(value.n < size ? value.n : size - 1), value.p);
}

static void on_content_type(struct fetch_reader *r, struct slice value)
{
	keep_text(r->a->content_type, sizeof r->a->content_type, value);
}

static void on_location(struct fetch_reader *r, struct slice value)
{
	keep_text(r->a->location, sizeof r->a->location, value);
}

static void on_date(struct fetch_reader *r, struct slice value)
{
	char text[64];

	keep_text(text, sizeof text, value);
	r->a->has_date = text_to_http_date(text, &r->a->date_at) == 0;
}

static void on_retry_after(struct fetch_reader *r, struct slice value)
{
	keep_text(r->retry_after, sizeof r->retry_after, value);
}

static void on_cookie(struct fetch_reader *r, struct slice value)
{
	const size_t name = strlen(SESSION_COOKIE);
	const char *end = memchr(value.p, ';', value.n);
	struct slice pair = trimmed(value.p, end != NULL ? (size_t)(end - value.p) : value.n);

	if (pair.n > name && memcmp(pair.p, SESSION_COOKIE, name) == 0)
		secret_set(&r->a->cookie, pair.p, pair.n);
}

static void on_xsrf(struct fetch_reader *r, struct slice value)
{
	if (value.n > 0)
		secret_set(&r->a->xsrf, value.p, value.n);
}

enum shown { SHOW_ALL, SHOW_PATH, SHOW_NAME };

/* What is read, and what of it the trace may show. */
static const struct field {
	const char *name;
	void (*read)(struct fetch_reader *r, struct slice value);
	enum shown shown;
} fields[] = {
	{ "Content-Type",        on_content_type, SHOW_ALL },
	{ "Date",                on_date,         SHOW_ALL },
	{ "Location",            on_location,     SHOW_PATH },
	{ "Retry-After",         on_retry_after,  SHOW_ALL },
	{ "Set-Cookie",          on_cookie,       SHOW_NAME },
	{ "X-XSRF-TOKEN",        on_xsrf,         SHOW_NAME },
	{ "Authorization",       NULL,            SHOW_NAME },
	{ "Authentication-Info", NULL,            SHOW_NAME },
	{ "Cookie",              NULL,            SHOW_NAME },
	{ "Set-Cookie2",         NULL,            SHOW_NAME },
};

static const struct field *find_field(struct slice name)
{
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strlen(fields[i].name) == name.n &&
		    strncasecmp(fields[i].name, name.p, name.n) == 0)
			return &fields[i];
	return NULL;
}

static void show_header(const struct fetch_reader *r, const struct field *f, struct slice line,
    struct slice name)
{
	const enum shown shown = f != NULL ? f->shown : SHOW_ALL;
	const char *query = memchr(line.p, '?', line.n);
	struct buf text;

	if (r->trace == NULL || r->trace->level < TRACE_HEADER)
		return;
	buf_init(&text, (size_t)4 * SHOWN_COLUMNS + 16);
	if (shown == SHOW_NAME)
		line = name;
	else if (shown == SHOW_PATH && query != NULL)
		line.n = (size_t)(query - line.p);
	text_clean(&text, line.p, line.n, SHOWN_COLUMNS);
	trace_line(r->trace, TRACE_HEADER, "%s: < %s%s", r->label != NULL ? r->label : "-",
	    buf_str(&text), shown == SHOW_NAME ? ": (hidden)" : "");
	buf_clear(&text);
}

/* Every status line begins anew: what an interim answer said is not the
 * answer's. */
static void on_status_line(struct fetch_reader *r)
{
	struct fetch_answer *a = r->a;

	r->has_head = false;
	a->content_type[0] = a->location[0] = r->retry_after[0] = '\0';
	a->has_date = false;
	a->retry_after_s = -1;
	secret_wipe(&a->cookie);
	secret_wipe(&a->xsrf);
	a->received_at = clock_wall_s();
}

/* Seconds, or a date: then the server's own clock decides when it is told. */
static void settle_retry_after(struct fetch_reader *r)
{
	struct fetch_answer *a = r->a;
	int64_t at = 0, s = -1;

	if (r->retry_after[0] == '\0')
		return;
	if (text_to_i64(r->retry_after, 0, INT32_MAX, &s) != 0) {
		if (text_to_http_date(r->retry_after, &at) != 0)
			return;
		s = at - (a->has_date ? a->date_at : a->received_at);
	}
	if (s > RETRY_AFTER_MAX_S)
		s = RETRY_AFTER_MAX_S;
	a->retry_after_s = s < 0 ? 0 : s;
}

int fetch_read_header(struct fetch_reader *r, const char *bytes, size_t n)
{
	struct slice line = trimmed(bytes, n), name = line;
	const struct field *f = NULL;
	const char *colon;

	r->header_bytes += n;
	if (r->header_bytes > FETCH_HEADERS_MAX_BYTES)
		return err_set(&r->a->err, ERR_ANSWER, "the answer's headers are larger than %zu KiB",
		    FETCH_HEADERS_MAX_BYTES / 1024);
	if (r->n_body_bytes > 0)           /* trailers */
		return 0;
	if (line.n == 0) {
		settle_retry_after(r);
		r->has_head = true;
		return 0;
	}
	if (line.n >= 5 && memcmp(line.p, "HTTP/", 5) == 0)
		on_status_line(r);
	colon = memchr(line.p, ':', line.n);
	if (colon != NULL) {
		name.n = (size_t)(colon - line.p);
		f = find_field(name);
	}
	show_header(r, f, line, name);
	if (f != NULL && f->read != NULL)
		f->read(r, trimmed(colon + 1, line.n - name.n - 1));
	return 0;
}

/* --- body -------------------------------------------------------------------- */

int fetch_too_large(struct fetch_answer *a)
{
	const size_t max = a->body.max_bytes, mib = (size_t)1024 * 1024;

	if (max % mib == 0)
		return err_set(&a->err, ERR_ANSWER, "the answer is larger than %zu MiB", max / mib);
	return err_set(&a->err, ERR_ANSWER, "the answer is larger than %zu bytes", max);
}

int fetch_read_body(struct fetch_reader *r, const void *bytes, size_t n)
{
	r->n_body_bytes += n;
	if (buf_add(&r->a->body, bytes, n) == 0)
		return 0;
	return fetch_too_large(r->a);
}

/* --- trace -------------------------------------------------------------------- */

void fetch_trace_answer(const struct trace *t, const char *label, const char *verb,
    const char *url, const struct fetch_answer *a, size_t n_bytes)
{
	const int path = (int)strcspn(url, "?");
	char outcome[32] = "handshake done";

	if (t == NULL || t->level < TRACE_REQUEST)
		return;
	if (a->err.code != ERR_NONE)
		snprintf(outcome, sizeof outcome, "failed (%s)", err_code_name(a->err.code));
	else if (a->status != 0)
		snprintf(outcome, sizeof outcome, "%d", a->status);
	trace_line(t, TRACE_REQUEST, "%s: %s %.*s%s %s, %zu bytes, %lld ms%s%s",
	    label != NULL ? label : "-", verb, path, url, url[path] != '\0' ? "?..." : "", outcome,
	    n_bytes, (long long)a->elapsed_ms, a->err.code != ERR_NONE ? ": " : "", a->err.text);
}
