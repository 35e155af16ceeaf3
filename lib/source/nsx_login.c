/* nsx_login.c - logging into an NSX Manager and out of it, and every way in
 * which that is refused.
 *
 * The manager does not tell a wrong password from a locked account, and a
 * second try may be the one that locks it for everybody. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/endpoint.h"
#include "lib/source/form.h"
#include "lib/source/nsx_internal.h"

#define SMALL_MAX_BYTES ((size_t)64 * 1024)

void nsx_stop(struct nsx *s, const struct err *e, const char *what)
{
	if (s->has_stopped)
		return;
	s->has_stopped = true;
	s->problem = *e;
	if (what != NULL)
		err_prefix(&s->problem, "%s", what);
}

/* --- credentials -------------------------------------------------------------------- */

int nsx_credentials_load(const char *path, struct credentials *c, struct err *e)
{
	if (path == NULL)
		return err_set(e, ERR_CONFIG, "none are configured: name a file with username= and "
		    "password=, or client_cert= and client_key=");
	if (credentials_load(path, c, e) < 0)
		return -1;
	if (c->login == LOGIN_CLIENT)
		return err_set(e, ERR_CONFIG, "%s: NSX takes username= and password=, or "
		    "client_cert= and client_key=", path);
	return 0;
}

void nsx_login_open(struct nsx *s)
{
	struct err e = { ERR_NONE, "" };

	if (nsx_credentials_load(s->c.target->credentials_path, &s->credentials, &e) < 0 ||
	    source_login_held(&s->c, &s->credentials, &e) < 0)
		nsx_stop(s, &e, "credentials");
	s->login = s->credentials.login == LOGIN_SESSION ? NSX_LOGIN_WANTED : NSX_LOGIN_OPEN;
}

void nsx_credentials_fill(const struct credentials *c, const struct secret *cookie,
    const struct secret *xsrf, struct fetch_request *r)
{
	switch (c->login) {
	case LOGIN_BASIC:
		r->basic_user = &c->user;
		r->basic_password = &c->password;
		return;
	case LOGIN_SESSION:
		r->cookie = cookie;
		r->xsrf = xsrf;
		return;
	case LOGIN_CLIENT_CERT:
		r->client_cert_path = c->client_cert_path;
		r->client_key_path = c->client_key_path;
		return;
	case LOGIN_NONE:
	case LOGIN_CLIENT:
		return;   /* nsx_credentials_load refuses them */
	}
}

void nsx_login_fill(const struct nsx *s, struct fetch_request *r)
{
	nsx_credentials_fill(&s->credentials, &s->cookie, &s->xsrf, r);
}

/* --- sessions ------------------------------------------------------------------------- */

void nsx_session_form(const struct credentials *c, struct secret *form)
{
	const struct form_field fields[] = {
		{ "j_username", &c->user },
		{ "j_password", &c->password },
	};

	form_build(form, fields, sizeof fields / sizeof fields[0]);
}

void nsx_session_create(struct nsx *s, struct fetch_request *r)
{
	nsx_session_form(&s->credentials, &s->form);
	r->verb = FETCH_POST;
	r->url = nsx_url(s, NSX_SESSION_CREATE, NULL, NULL);
	r->form = &s->form;
	r->max_body_bytes = SMALL_MAX_BYTES;
	r->tag = NSX_TAG_LOGIN;
	s->login = NSX_LOGIN_SENT;
}

void nsx_session_destroy(struct nsx *s, struct fetch_request *r)
{
	r->verb = FETCH_POST;
	r->url = nsx_url(s, NSX_SESSION_DESTROY, NULL, NULL);
	nsx_login_fill(s, r);
	r->max_body_bytes = SMALL_MAX_BYTES;
	r->tag = NSX_TAG_LOGOUT;
	s->login = NSX_LOGIN_LEAVING;
}

int nsx_session_check(const struct fetch_answer *a, struct err *e)
{
	const bool has_cookie = a->cookie.bytes != NULL;

	if (has_cookie && a->xsrf.bytes != NULL)
		return 0;
	return err_set(e, ERR_ANSWER, "HTTP %d without %s: is session login switched on there?",
	    a->status, has_cookie ? "an X-XSRF-TOKEN" : "a session cookie");
}

static void keep_session(struct nsx *s, struct fetch_answer *a)
{
	struct err e = { ERR_NONE, "" };

	if (nsx_session_check(a, &e) != 0) {
		nsx_stop(s, &e, NSX_SESSION_CREATE);
		return;
	}
	secret_wipe(&s->cookie);
	secret_wipe(&s->xsrf);
	s->cookie = a->cookie;
	s->xsrf = a->xsrf;
	a->cookie = a->xsrf = (struct secret){ NULL, 0 };
	s->login = NSX_LOGIN_OPEN;
	s->session++;
	source_login_worked(&s->c);
}

void nsx_session_take(struct nsx *s, struct fetch_answer *a)
{
	struct nsx_refusal why;
	struct err e = { ERR_NONE, "" };

	secret_wipe(&s->form);
	s->login = NSX_LOGIN_LEFT;   /* unless there is a session */
	if (a->err.code != ERR_NONE) {
		nsx_connection_failed(s, a, NSX_SESSION_CREATE);
		return;
	}
	if (a->status / 100 == 2) {
		keep_session(s, a);
		return;
	}
	nsx_read_refusal(a, &why);
	if (nsx_is_login_refusal(a->status, &why)) {
		nsx_login_refused(s, a, &why, NSX_SESSION_CREATE);
		return;
	}
	nsx_refusal_error(a, &why, &e);
	nsx_stop(s, &e, NSX_SESSION_CREATE);
}

/* --- refused, or withheld --------------------------------------------------------------- */

void nsx_login_refused(struct nsx *s, const struct fetch_answer *a, const struct nsx_refusal *why,
    const char *what)
{
	const struct login_guard guard = { .dir = s->c.state_dir,
	    .credentials_path = s->c.target->credentials_path, .retry_s = s->c.target->auth_retry_s };
	struct err e = { ERR_NONE, "" };

	source_login_refused(&s->c, &s->credentials);
	nsx_login_refusal_error(s->credentials.login, &guard, a, why, &e);
	nsx_stop(s, &e, what);
}

/* The check must not go blind exactly when it is needed: what the handshake
 * showed is reported, although nothing more can be asked. */
static void take_expired(struct nsx *s, const struct fetch_answer *a, const char *what)
{
	char *endpoint = endpoint_from_url(s->c.target->url);
	struct err e = { ERR_NONE, "" };

	source_add_chain(&s->c, &a->chain, endpoint, ROLE_LISTENER, NULL);
	login_withheld(&a->chain, endpoint, &e);
	nsx_stop(s, &e, what);
	free(endpoint);
}

void nsx_connection_failed(struct nsx *s, const struct fetch_answer *a, const char *what)
{
	if (a->only_expired)
		take_expired(s, a, what);
	else
		nsx_stop(s, &a->err, what);
}
