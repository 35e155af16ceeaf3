/* opsman_login.c - what is said to and heard from Ops Manager's login
 * service (UAA): the form of a token request, the token, a refusal, and whether
 * the service is up at all. */
#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/source/form.h"
#include "lib/source/opsman_api.h"

#define PASSWORD_CLIENT "opsman"   /* the client that users log in with; its secret is empty */
#define LOCK_NAME_MAX 200
#define CLAUSE_MAX_BYTES 2048

char *opsman_lock_path(const char *dir, const char *endpoint)
{
	char *path;

	if (dir == NULL)
		return NULL;
	path = mem_printf("%s/opsman-%.*s.lock", dir, LOCK_NAME_MAX, endpoint);
	for (char *p = path + strlen(dir) + 1; *p != '\0'; p++) {
		*p = (char)tolower((unsigned char)*p);
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", *p) == NULL)
			*p = '_';
	}
	return path;
}

/* --- what is sent ------------------------------------------------------------- */

/* A word of the protocol in the shape of a secret; never to be wiped. */
static struct secret word(const char *text)
{
	return (struct secret){ (char *)text, strlen(text) };
}

/* Some releases of UAA want ID and secret encoded inside Basic too, as RFC
 * 6749 2.3.1 has it; where nothing needs encoding both readings agree. */
static void encode(struct secret *out, const struct secret *plain)
{
	secret_wipe(out);
	out->bytes = mem_alloc(FORM_GROWTH * plain->len + 1);
	out->len = form_encode(plain->bytes, plain->len, out->bytes);
}

static void build_client(struct opsman_login *l, const struct credentials *cr)
{
	const struct secret grant = word("client_credentials"), format = word("jwt");
	const struct form_field fields[] = {
		{ "grant_type", &grant }, { "token_format", &format },
	};

	encode(&l->user, &cr->user);
	encode(&l->password, &cr->password);
	form_build(&l->form, fields, sizeof fields / sizeof fields[0]);
}

static void build_password(struct opsman_login *l, const struct credentials *cr)
{
	const struct secret grant = word("password"), format = word("jwt");
	const struct secret client = word(PASSWORD_CLIENT);
	const struct form_field fields[] = {
		{ "grant_type", &grant }, { "username", &cr->user }, { "password", &cr->password },
		{ "client_id", &client }, { "token_format", &format },
	};

	secret_set(&l->user, PASSWORD_CLIENT, strlen(PASSWORD_CLIENT));
	secret_set(&l->password, "", 0);
	form_build(&l->form, fields, sizeof fields / sizeof fields[0]);
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
		return err_set(e, ERR_CONFIG, "no credentials are configured: name a file with "
		    "client_id= and client_secret=, or username= and password=");
	case LOGIN_SESSION:
	case LOGIN_CLIENT_CERT:
		break;
	}
	return err_set(e, ERR_CONFIG, "Ops Manager takes client_id= and client_secret=, or "
	    "username= and password=, in the credentials file, and no other login");
}

void opsman_login_wipe(struct opsman_login *l)
{
	secret_wipe(&l->user);
	secret_wipe(&l->password);
	secret_wipe(&l->form);
}

/* --- the token ----------------------------------------------------------------- */

/* RFC 6750 2.1, b64token: anything else would not survive in a header. */
static bool is_token(const char *s)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
	size_t n = strlen(s);

	return n > 0 && n <= OPSMAN_TOKEN_MAX_BYTES && strspn(s, allowed) == n;
}

/* A life that cannot be read is as good as none: the token's end is told by a
 * refusal too. */
static void take_life(const struct json *doc, int64_t *life_s)
{
	if (!json_i64(json_get(doc, "expires_in"), life_s) || *life_s < 0)
		*life_s = 0;
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
		return err_set(e, ERR_ANSWER,
		    "token.access_token: not one word that a header can carry");
	secret_set(token, text, strlen(text));
	return 0;
}

/* Not by source_parse_body: that frees without wiping. */
int opsman_read_token(struct buf *body, struct secret *token, int64_t *life_s, struct err *e)
{
	struct json *doc = NULL;
	int r = -1;

	if (body->len == 0)
		err_set(e, ERR_ANSWER, "the answer is empty");
	else
		doc = json_parse(body->data, body->len, e);
	if (doc != NULL)
		r = take_token(doc, token, e);
	if (r == 0 && life_s != NULL)
		take_life(doc, life_s);
	json_free_wiped(doc);
	buf_wipe(body);
	return r;
}

bool opsman_is_login_refusal(int status)
{
	return status >= 400 && status < 500 && status != 404 && status != 408 && status != 429;
}

void opsman_login_refusal_error(struct fetch_answer *a, const char *credentials_path,
    struct err *e)
{
	struct buf clause;

	buf_init(&clause, CLAUSE_MAX_BYTES);
	opsman_error_clause(a, &clause);
	err_set(e, ERR_AUTH, "refused, HTTP %d%s%s: tried once, because too many refusals lock "
	    "the account; correct %s", a->status, clause.len > 0 ? ": " : "", buf_str(&clause),
	    credentials_path);
	buf_clear(&clause);
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
	{ 300, 399, "/setup",
	    "Ops Manager is not set up: finish its installation on its web page" },
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
