/* opsman_login.c - what is said to and heard from Ops Manager's login
 * service (UAA): the form of a token request, the token, and whether the
 * service is up at all. */
#include <limits.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "lib/source/opsman_internal.h"

#define PASSWORD_CLIENT "opsman"   /* the client that users log in with; its secret is empty */

/* The password form, around the two values. */
static const char form_user[] = "grant_type=password&username=";
static const char form_password[] = "&password=";
static const char form_end[] = "&client_id=" PASSWORD_CLIENT "&token_format=jwt";
static const char form_client[] = "grant_type=client_credentials&token_format=jwt";

/* Append to s, which has room, as application/x-www-form-urlencoded. */
static void add_encoded(struct secret *s, const struct secret *plain)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char as_is[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~*";

	for (size_t i = 0; i < plain->len; i++) {
		unsigned char c = (unsigned char)plain->bytes[i];

		if (c == ' ') {
			s->bytes[s->len++] = '+';
		} else if (c != '\0' && strchr(as_is, c) != NULL) {
			s->bytes[s->len++] = (char)c;
		} else {
			s->bytes[s->len++] = '%';
			s->bytes[s->len++] = hex[c >> 4];
			s->bytes[s->len++] = hex[c & 0xF];
		}
	}
}

static void add_text(struct secret *s, const char *text)
{
	size_t n = strlen(text);

	memcpy(s->bytes + s->len, text, n);
	s->len += n;
}

/* Room for n bytes from the start: growing would leave copies behind that
 * nobody wipes. */
static void reserve(struct secret *s, size_t n)
{
	secret_wipe(s);
	s->bytes = mem_alloc(n + 1);
	s->len = 0;
}

/* Some releases of UAA want ID and secret encoded inside Basic too, as RFC
 * 6749 2.3.1 has it; where nothing needs encoding both readings agree. */
static void build_client(struct opsman_login *l, const struct credentials *cr)
{
	reserve(&l->user, 3 * cr->user.len);
	add_encoded(&l->user, &cr->user);
	reserve(&l->password, 3 * cr->password.len);
	add_encoded(&l->password, &cr->password);
	secret_set(&l->form, form_client, strlen(form_client));
}

static void build_password(struct opsman_login *l, const struct credentials *cr)
{
	secret_set(&l->user, PASSWORD_CLIENT, strlen(PASSWORD_CLIENT));
	secret_set(&l->password, "", 0);
	reserve(&l->form, sizeof form_user + sizeof form_password + sizeof form_end +
	    3 * (cr->user.len + cr->password.len));
	add_text(&l->form, form_user);
	add_encoded(&l->form, &cr->user);
	add_text(&l->form, form_password);
	add_encoded(&l->form, &cr->password);
	add_text(&l->form, form_end);
}

int opsman_login_build(struct opsman_login *l, const struct credentials *cr, struct err *e)
{
	switch (cr->login) {
	case LOGIN_CLIENT:
		build_client(l, cr);
		return 0;
	case LOGIN_BASIC:
		build_password(l, cr);
		return 0;
	case LOGIN_NONE:
		return err_set(e, ERR_CONFIG, "no credentials are configured: name a file with client_id= and "
		    "client_secret=, or username= and password=");
	case LOGIN_SESSION:
	case LOGIN_CLIENT_CERT:
		break;
	}
	return err_set(e, ERR_CONFIG, "Ops Manager takes client_id= and client_secret=, or username= and "
	    "password=, in the credentials file, and no other login");
}

void opsman_login_wipe(struct opsman_login *l)
{
	secret_wipe(&l->user);
	secret_wipe(&l->password);
	secret_wipe(&l->form);
}

/* RFC 6750 2.1, b64token: anything else would not survive in a header. */
static bool is_token(const char *s)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
	size_t n = strlen(s);

	return n > 0 && n <= OPSMAN_TOKEN_MAX_BYTES && strspn(s, allowed) == n;
}

static int take_token(const struct json *doc, struct secret *token, struct err *e)
{
	const char *text, *type;

	if (json_want_str(doc, "token", "access_token", &text, e) < 0 ||
	    json_want_str(doc, "token", "token_type", &type, e) < 0)
		return -1;
	if (strcasecmp(type, "bearer") != 0)
		return err_set(e, ERR_ANSWER, "token.token_type: want bearer, have %.40s", type);
	if (!is_token(text))
		return err_set(e, ERR_ANSWER, "token.access_token: not one word that a header can carry");
	secret_set(token, text, strlen(text));
	return 0;
}

int opsman_read_token(struct buf *body, struct secret *token, struct err *e)
{
	struct json *doc = opsman_parse_body(body, e);
	int r = doc != NULL ? take_token(doc, token, e) : -1;

	json_free_wiped(doc);
	buf_wipe(body);
	return r;
}

/* --- is it up? -------------------------------------------------------------- */

#define ASK_LATER "ask again in some minutes"
#define UNLOCK "somebody has to enter the decryption passphrase on its web page"

/* Answers of GET /login/ensure_availability, the first that fits.  sign is
 * how the Location ends (3xx) or what the page holds; NULL: any.  That a
 * locked one leads to /unlock is not documented: without it the last row says
 * the same less precisely. */
static const struct availability {
	int from, to;
	const char *sign;
	const char *sentence;   /* NULL: ready */
} availabilities[] = {
	{ 300, 399, "/auth/cloudfoundry", NULL },
	{ 300, 399, "/setup", "Ops Manager is not set up: finish its installation on its web page" },
	{ 300, 399, "/unlock", "Ops Manager is locked: " UNLOCK },
	{ 200, 200, "Waiting for authentication system to start",
	    "Ops Manager is starting, its login service is not up yet: " ASK_LATER },
	{ 502, 503, NULL, "Ops Manager is starting or upgrading: " ASK_LATER },
	{ INT_MIN, INT_MAX, NULL, "Ops Manager is locked or starting: if that lasts, " UNLOCK },
};

/* A query after the path says nothing about the state. */
static bool ends_with(const char *location, const char *tail)
{
	size_t n = strcspn(location, "?#");
	size_t n_tail = strlen(tail);

	return n >= n_tail && strncmp(location + n - n_tail, tail, n_tail) == 0;
}

static bool fits(const struct availability *v, const struct fetch_answer *a)
{
	if (a->status < v->from || a->status > v->to)
		return false;
	if (v->sign == NULL)
		return true;
	if (a->status == 200)
		return strstr(buf_str(&a->body), v->sign) != NULL;
	return ends_with(a->location, v->sign);
}

int opsman_read_availability(const struct fetch_answer *a, struct err *e)
{
	const struct availability *v = availabilities;

	while (!fits(v, a))
		v++;    /* ends: the last row fits everything */
	if (v->sentence == NULL)
		return 0;
	return err_set(e, ERR_BUSY, "%s", v->sentence);
}
