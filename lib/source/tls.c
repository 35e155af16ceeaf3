/* tls.c - the source [tls]: one handshake with each listener, no request. */
#include "lib/source/source.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define DEFAULT_PORT ":443"

enum { NOT_ASKED, ASKED, SEEN, FAILED };

struct listener {
	char *endpoint;       /* owned; "host:port" */
	int state;
	struct err err;       /* of FAILED */
};

struct source {
	struct source_context c;
	struct listener *v;   /* as many as the target has endpoints */
	size_t n_asked;
};

/* The name a listener is known by: always with its port, and brackets around
 * an IPv6 address. */
static char *full_name(const char *endpoint)
{
	const char *colon = strchr(endpoint, ':');

	if (endpoint[0] == '[')
		return mem_printf("%s%s", endpoint, strstr(endpoint, "]:") != NULL ? "" : DEFAULT_PORT);
	if (colon != NULL && strchr(colon + 1, ':') != NULL)
		return mem_printf("[%s]" DEFAULT_PORT, endpoint);
	return mem_printf("%s%s", endpoint, colon != NULL ? "" : DEFAULT_PORT);
}

static struct source *tls_open(const struct source_context *c)
{
	struct source *s = mem_alloc(sizeof *s);

	s->c = *c;
	s->v = mem_array(c->target->n_endpoints, sizeof *s->v);
	for (size_t i = 0; i < c->target->n_endpoints; i++)
		s->v[i].endpoint = full_name(c->target->endpoints[i]);
	return s;
}

static enum want tls_next(struct source *s, int64_t now_ms, struct fetch_request *r,
    int64_t *wake_ms)
{
	(void)now_ms;
	(void)wake_ms;
	if (s->n_asked == s->c.target->n_endpoints)
		return WANT_NOTHING;
	r->verb = FETCH_PEEK;
	r->url = s->v[s->n_asked].endpoint;
	r->family = s->c.target->family;
	r->tag = (int)s->n_asked;
	s->v[s->n_asked++].state = ASKED;
	return WANT_REQUEST;
}

static void tls_take(struct source *s, int64_t now_ms, struct fetch_answer *a)
{
	struct listener *l = &s->v[a->tag];

	(void)now_ms;
	if (a->err.code != ERR_NONE) {
		l->state = FAILED;
		l->err = a->err;
		return;
	}
	source_add_chain(&s->c, &a->chain, l->endpoint, ROLE_LISTENER, NULL);
	l->state = SEEN;
}

/* One listener that cannot be read is a gap; when none can, the source has
 * failed. */
static void tls_finish(struct source *s)
{
	const size_t n = s->c.target->n_endpoints;
	struct err e = { 0 };
	size_t n_seen = 0;

	for (size_t i = 0; i < n; i++)
		n_seen += s->v[i].state == SEEN;
	for (size_t i = 0; i < n; i++) {
		if (s->v[i].state == SEEN)
			continue;
		if (s->v[i].state != FAILED)
			err_set(&s->v[i].err, ERR_TIMEOUT, "%s: no time was left for it, see the option -t",
			    s->v[i].endpoint);
		source_issue(&s->c, n_seen > 0 ? ISSUE_PARTIAL : ISSUE_FAILED, &s->v[i].err, NULL);
	}
	if (n == 0) {
		err_set(&e, ERR_CONFIG, "no endpoint is given");
		source_issue(&s->c, ISSUE_FAILED, &e, NULL);
	}
	s->c.inv->sources[s->c.index].complete = n > 0 && n_seen == n;
}

static void tls_close(struct source *s)
{
	for (size_t i = 0; i < s->c.target->n_endpoints; i++)
		free(s->v[i].endpoint);
	free(s->v);
	free(s);
}

const struct source_ops source_tls = {
	.kind = SOURCE_TLS, .open = tls_open, .next = tls_next, .take = tls_take,
	.finish = tls_finish, .close = tls_close
};
