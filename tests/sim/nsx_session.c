/* nsx_session.c - session cookies: each lives on the manager that issued it. */
#include <stdlib.h>
#include <string.h>
#include "tests/sim/nsx_call.h"

static bool alive(const struct nsx *n, const struct nsx_session *s, int64_t now_ms)
{
	return s->id[0] != '\0' && (n->limits.session_timeout_s == 0 ||
	    now_ms - s->used_ms <= n->limits.session_timeout_s * 1000);
}

const struct nsx_session *nsx_session_of(struct nsx *n, const struct sim_request *rq)
{
	const char *id = sim_request_cookie(rq, "JSESSIONID");
	size_t node = nsx_node_at(n, rq->address);

	for (size_t i = 0; id != NULL && i < NSX_SESSIONS_MAX; i++) {
		struct nsx_session *s = &n->session[i];

		if (!alive(n, s, rq->now_ms) || s->node != node || strcmp(s->id, id) != 0)
			continue;
		s->used_ms = rq->now_ms;
		return s;
	}
	return NULL;
}

/* A free place, or that of the session that was used longest ago. */
static struct nsx_session *place(struct nsx *n, int64_t now_ms)
{
	struct nsx_session *oldest = &n->session[0];

	for (size_t i = 0; i < NSX_SESSIONS_MAX; i++) {
		if (!alive(n, &n->session[i], now_ms))
			return &n->session[i];
		if (n->session[i].used_ms < oldest->used_ms)
			oldest = &n->session[i];
	}
	return oldest;
}

/* 32 hex digits: a UUID without its dashes. */
static void new_cookie(char out[33])
{
	char uuid[37];
	size_t len = 0;

	sim_uuid(uuid);
	for (const char *p = uuid; *p != '\0'; p++) {
		if (*p != '-')
			out[len++] = *p >= 'a' ? (char)(*p - 'a' + 'A') : *p;
	}
	out[len] = '\0';
}

void nsx_session_create(struct nsx *n, struct nsx_call *c)
{
	char *name = sim_request_form(c->rq, "j_username");
	char *password = sim_request_form(c->rq, "j_password");
	const struct nsx_user *user = NULL;
	struct nsx_session *s;

	if (name != NULL && password != NULL && n->session_login)
		user = nsx_login(n, name, password, c->rq->now_ms);
	free(name);
	free(password);
	if (user == NULL) {
		nsx_login_refused(c);
		return;
	}
	s = place(n, c->rq->now_ms);
	new_cookie(s->id);
	sim_uuid(s->xsrf);
	s->user = user;
	s->node = nsx_node_at(n, c->rq->address);
	s->used_ms = c->rq->now_ms;
	sim_reply_set(c->rp, 200, NULL);
	sim_reply_header(c->rp, "Set-Cookie",
	    "JSESSIONID=%s; Path=/; Secure; HttpOnly; SameSite=Lax", s->id);
	sim_reply_header(c->rp, "x-xsrf-token", "%s", s->xsrf);
}

void nsx_session_destroy(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_session *found = nsx_session_of(n, c->rq);

	for (size_t i = 0; i < NSX_SESSIONS_MAX; i++) {
		if (&n->session[i] == found)
			memset(&n->session[i], 0, sizeof n->session[i]);
	}
	sim_reply_set(c->rp, 200, NULL);
}
