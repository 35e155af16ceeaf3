/* nsx_login.c - logging into an NSX Manager and out of it, and every way in
 * which that is refused.
 *
 * The manager does not tell a wrong password from a locked account, and a
 * second try may be the one that locks it for everybody. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
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

static int load(struct nsx *s, struct err *e)
{
	const char *path = s->c.target->credentials_path;

	if (path == NULL)
		return err_set(e, ERR_CONFIG, "none are configured: name a file with username= and "
		    "password=, or client_cert= and client_key=");
	if (credentials_load(path, &s->credentials, e) < 0)
		return -1;
	if (s->credentials.login == LOGIN_CLIENT)
		return err_set(e, ERR_CONFIG, "%s: NSX takes username= and password=, or "
		    "client_cert= and client_key=", path);
	return source_login_held(&s->c, &s->credentials, e);
}

void nsx_login_open(struct nsx *s)
{
	struct err e = { ERR_NONE, "" };

	if (load(s, &e) < 0)
		nsx_stop(s, &e, "credentials");
	s->login = s->credentials.login == LOGIN_SESSION ? NSX_LOGIN_WANTED : NSX_LOGIN_OPEN;
}

void nsx_login_fill(const struct nsx *s, struct fetch_request *r)
{
	switch (s->credentials.login) {
	case LOGIN_BASIC:
		r->basic_user = &s->credentials.user;
		r->basic_password = &s->credentials.password;
		return;
	case LOGIN_SESSION:
		r->cookie = &s->cookie;
		r->xsrf = &s->xsrf;
		return;
	case LOGIN_CLIENT_CERT:
		r->client_cert_path = s->credentials.client_cert_path;
		r->client_key_path = s->credentials.client_key_path;
		return;
	case LOGIN_NONE:
	case LOGIN_CLIENT:
		return;   /* never asked with: the source has stopped */
	}
}

/* --- sessions ------------------------------------------------------------------------- */

void nsx_session_create(struct nsx *s, struct fetch_request *r)
{
	const struct form_field fields[] = {
		{ "j_username", &s->credentials.user },
		{ "j_password", &s->credentials.password },
	};

	form_build(&s->form, fields, sizeof fields / sizeof fields[0]);
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
	r->url = nsx_url(s, "/api/session/destroy", NULL, NULL);
	nsx_login_fill(s, r);
	r->max_body_bytes = SMALL_MAX_BYTES;
	r->tag = NSX_TAG_LOGOUT;
	s->login = NSX_LOGIN_LEAVING;
}

static void keep_session(struct nsx *s, struct fetch_answer *a)
{
	bool has_cookie = a->cookie.bytes != NULL;
	struct err e = { ERR_NONE, "" };

	if (!has_cookie || a->xsrf.bytes == NULL) {
		err_set(&e, ERR_ANSWER, "HTTP %d without %s: is session login switched on there?",
		    a->status, has_cookie ? "an X-XSRF-TOKEN" : "a session cookie");
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

/* "until FILE changes or 1h has passed", where that is remembered. */
static void add_when(const struct nsx *s, struct buf *out)
{
	char span[TEXT_SPAN_BYTES];

	if (s->c.state_dir == NULL)
		buf_adds(out, "in this run");
	else
		buf_addf(out, "until %s changes or %s has passed", s->c.target->credentials_path,
		    text_from_span(s->c.target->auth_retry_s, span));
}

void nsx_login_refused(struct nsx *s, const struct fetch_answer *a, const struct nsx_refusal *why,
    const char *what)
{
	bool by_cert = s->credentials.login == LOGIN_CLIENT_CERT;
	struct err e = { ERR_NONE, "" };
	struct buf text;

	source_login_refused(&s->c, &s->credentials);
	buf_init(&text, ERR_TEXT_BYTES);
	buf_addf(&text, "%s: not tried again ", by_cert ?
	    "the client certificate was refused, or is that of no principal identity" :
	    "the credentials were refused or the account is locked");
	add_when(s, &text);
	buf_addf(&text, " (HTTP %d%s%s)", a->status, why->message[0] != '\0' ? ", " : "",
	    why->message);
	err_set(&e, ERR_AUTH, "%s", buf_str(&text));
	buf_clear(&text);
	nsx_stop(s, &e, what);
}

/* The check must not go blind exactly when it is needed: what the handshake
 * showed is reported, although nothing more can be asked. */
static void take_expired(struct nsx *s, const struct fetch_answer *a, const char *what)
{
	char *endpoint = endpoint_from_url(s->c.target->url);
	size_t leaf = source_add_chain(&s->c, &a->chain, endpoint, ROLE_LISTENER, NULL);
	struct err e = { ERR_NONE, "" };

	source_expired(&s->c, leaf, endpoint, &e);
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
