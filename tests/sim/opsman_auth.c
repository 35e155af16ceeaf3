/* opsman_auth.c - UAA's token endpoint, bearer tokens, and the lock that an
 * Ops Manager has after each boot until somebody gives the passphrase. */
#include "tests/sim/opsman_state.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

struct grant {
	const char *name;
	void (*answer)(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp);
};

static void uaa_error(struct sim_reply *rp, unsigned status, const char *error, const char *description)
{
	struct json_writer w;

	sim_reply_json(rp, status, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "error", error);
	jsonw_str(&w, "error_description", description);
	jsonw_close(&w, '}');
}

static struct opsman_account *find_account(struct opsman_state *s, bool is_client, const char *name)
{
	for (size_t i = 0; i < s->n_accounts; i++)
		if (s->accounts[i].is_client == is_client && strcmp(s->accounts[i].name, name) == 0)
			return &s->accounts[i];
	return NULL;
}

/* base64url without padding, as in a JWT. */
static char *base64url(const unsigned char *bytes, size_t n)
{
	char *text = mem_alloc((n + 2) / 3 * 4 + 1), *p;

	EVP_EncodeBlock((unsigned char *)text, bytes, (int)n);
	for (p = text; *p != '\0' && *p != '='; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	*p = '\0';
	return text;
}

/* Looks like UAA's: header, claims, signature.  Valid is what is in the table. */
static char *make_jwt(const struct opsman_state *s, const struct opsman_account *a, int64_t now_ms)
{
	static const char header[] = "{\"alg\":\"RS256\",\"kid\":\"uaa-jwt-key-1\",\"typ\":\"JWT\"}";
	unsigned char random[48];
	char *claims, *one, *two, *three, *jwt;
	long long now_s = (long long)(now_ms / 1000);

	RAND_bytes(random, sizeof random);
	claims = mem_printf("{\"jti\":\"%02x%02x%02x%02x\",\"client_id\":\"%s\",\"cid\":\"%s\","
	    "\"iat\":%lld,\"exp\":%lld,\"iss\":\"http://localhost:8080/uaa/oauth/token\",\"zid\":\"uaa\","
	    "\"aud\":[\"scim\",\"opsman\",\"clients\",\"uaa\"]}", random[0], random[1], random[2], random[3],
	    a->is_client ? a->name : "opsman", a->is_client ? a->name : "opsman", now_s,
	    now_s + (long long)(s->token_ms / 1000));
	one = base64url((const unsigned char *)header, sizeof header - 1);
	two = base64url((const unsigned char *)claims, strlen(claims));
	three = base64url(random, sizeof random);
	jwt = mem_printf("%s.%s.%s", one, two, three);
	free(claims);
	free(one);
	free(two);
	free(three);
	return jwt;
}

static char *make_opaque(const char *tail)
{
	unsigned char random[16];
	char *text, *out;

	RAND_bytes(random, sizeof random);
	text = base64url(random, sizeof random);
	out = mem_printf("%s%s", text, tail);
	free(text);
	return out;
}

static struct opsman_token *new_token(struct opsman_state *s)
{
	if (s->n_tokens == OPSMAN_TOKENS_MAX) {          /* the oldest one goes */
		free(s->tokens[0].text);
		free(s->tokens[0].refresh);
		memmove(s->tokens, s->tokens + 1, (OPSMAN_TOKENS_MAX - 1) * sizeof s->tokens[0]);
		s->n_tokens--;
	}
	return &s->tokens[s->n_tokens++];
}

static void give_token(struct opsman_state *s, const struct sim_request *rq,
    const struct opsman_account *a, bool with_refresh, struct sim_reply *rp)
{
	struct opsman_token *t = new_token(s);
	char *format = sim_request_form(rq, "token_format");
	bool opaque = format != NULL && strcmp(format, "opaque") == 0;
	struct json_writer w;
	char jti[37];

	free(format);
	sim_uuid(jti);
	*t = (struct opsman_token){ .account = a, .ends_at_ms = rq->now_ms + s->token_ms };
	t->text = opaque ? make_opaque("") : make_jwt(s, a, rq->now_ms);
	t->refresh = with_refresh ? make_opaque("-r") : NULL;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "access_token", t->text);
	jsonw_str(&w, "token_type", "bearer");
	if (t->refresh != NULL)
		jsonw_str(&w, "refresh_token", t->refresh);
	jsonw_i64(&w, "expires_in", s->token_ms / 1000);
	jsonw_str(&w, "scope", a->scopes);
	jsonw_str(&w, "jti", jti);
	jsonw_close(&w, '}');
	snprintf(rp->note, sizeof rp->note, "token for %s", a->name);
}

/* Right or wrong, counted; five wrong ones lock the account. */
static bool accepts(struct opsman_state *s, struct opsman_account *a, const char *secret,
    int64_t now_ms, struct sim_reply *rp)
{
	if (a != NULL && now_ms < a->locked_until_ms) {
		uaa_error(rp, 401, "unauthorized",
		    "Your account has been locked because of too many failed attempts to login.");
		return false;
	}
	if (a != NULL && strcmp(a->secret, secret) == 0) {
		a->n_failures = 0;
		return true;
	}
	s->n_refused_logins++;
	if (a != NULL && ++a->n_failures >= OPSMAN_LOGIN_TRIES) {
		a->locked_until_ms = now_ms + OPSMAN_LOCK_OUT_MS;
		a->n_failures = 0;
	}
	uaa_error(rp, 401, a != NULL && a->is_client && !s->old_refusals ? "invalid_client" : "unauthorized",
	    "Bad credentials");
	snprintf(rp->note, sizeof rp->note, "login refused");
	return false;
}

/* The password and refresh grants come from the client "opsman", whose secret is empty. */
static bool from_opsman_client(const struct sim_request *rq, struct sim_reply *rp)
{
	char *client = NULL, *secret = NULL;
	bool good = sim_request_basic(rq, &client, &secret) == 0 && strcmp(client, "opsman") == 0 &&
	    *secret == '\0';

	if (!good)
		uaa_error(rp, 401, "unauthorized", "An Authentication object was not found in the SecurityContext");
	free(client);
	free(secret);
	return good;
}

static void password_grant(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	char *user = sim_request_form(rq, "username"), *password = sim_request_form(rq, "password");
	struct opsman_account *a;

	if (!from_opsman_client(rq, rp))
		goto out;
	if (user == NULL || password == NULL) {
		uaa_error(rp, 400, "invalid_grant", "A username and a password are needed");
		goto out;
	}
	a = find_account(s, false, user);
	if (accepts(s, a, password, rq->now_ms, rp))
		give_token(s, rq, a, true, rp);
out:
	free(user);
	free(password);
}

static void client_grant(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	char *sent_id = NULL, *sent_secret = NULL, *id = NULL, *secret = NULL;
	struct opsman_account *a;

	if (sim_request_basic(rq, &sent_id, &sent_secret) != 0) {
		uaa_error(rp, 401, "unauthorized", "An Authentication object was not found in the SecurityContext");
		return;
	}
	id = sim_percent_decode(sent_id, strlen(sent_id), true);     /* RFC 6749 2.3.1 */
	secret = sim_percent_decode(sent_secret, strlen(sent_secret), true);
	a = find_account(s, true, id);
	if (a == NULL)
		uaa_error(rp, 401, s->old_refusals ? "unauthorized" : "invalid_client", "Bad credentials");
	else if (accepts(s, a, secret, rq->now_ms, rp))
		give_token(s, rq, a, false, rp);
	free(sent_id);
	free(sent_secret);
	free(id);
	free(secret);
}

static void refresh_grant(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	char *refresh = sim_request_form(rq, "refresh_token");

	if (!from_opsman_client(rq, rp))
		goto out;
	for (size_t i = 0; refresh != NULL && i < s->n_tokens; i++) {
		if (s->tokens[i].refresh == NULL || strcmp(s->tokens[i].refresh, refresh) != 0)
			continue;
		give_token(s, rq, s->tokens[i].account, true, rp);
		goto out;
	}
	uaa_error(rp, 401, "invalid_token", "The refresh token is not known");
out:
	free(refresh);
}

void opsman_token_post(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	static const struct grant grants[] = {
		{ "password", password_grant }, { "client_credentials", client_grant },
		{ "refresh_token", refresh_grant },
	};
	char *name = NULL;

	if (opsman_phase(s, rq->now_ms) != OPSMAN_READY) {     /* UAA does not run yet */
		sim_reply_set(rp, 404, "text/html");
		return;
	}
	if (strcmp(rq->method, "POST") != 0) {
		uaa_error(rp, 405, "method_not_allowed", "Request method is not supported");
		return;
	}
	name = sim_request_form(rq, "grant_type");
	for (size_t i = 0; name != NULL && i < sizeof grants / sizeof grants[0]; i++) {
		if (strcmp(grants[i].name, name) == 0) {
			grants[i].answer(s, rq, rp);
			free(name);
			return;
		}
	}
	uaa_error(rp, 400, "unsupported_grant_type", "Unsupported grant type");
	free(name);
}

void opsman_end_tokens(struct opsman_state *s)
{
	for (size_t i = 0; i < s->n_tokens; i++)
		s->tokens[i].ends_at_ms = 0;
}

void opsman_refuse_token(struct sim_reply *rp, unsigned status, const char *text)
{
	struct json_writer w;

	sim_reply_json(rp, status, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "errors", '{');
	jsonw_open(&w, "base", '[');
	jsonw_str(&w, NULL, text);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	jsonw_close(&w, '}');
}

static const struct opsman_token *find_token(const struct opsman_state *s, const struct sim_request *rq)
{
	const char *sent = sim_request_header(rq, "Authorization");

	if (sent == NULL || strncmp(sent, "Bearer ", 7) != 0)
		return NULL;
	for (size_t i = 0; i < s->n_tokens; i++)
		if (strcmp(s->tokens[i].text, sent + 7) == 0 && rq->now_ms < s->tokens[i].ends_at_ms)
			return &s->tokens[i];
	return NULL;
}

void opsman_invalid_token(struct sim_reply *rp)
{
	opsman_refuse_token(rp, 401, "Unable to successfully verify the access token with UAA.  Error: "
	    "'CF::UAA::InvalidToken - error response'");
}

/* The scopes that only look end in "_view". */
bool opsman_may_write(const struct opsman_account *a, struct sim_reply *rp)
{
	if (strstr(a->scopes, "opsman.admin") != NULL || strstr(a->scopes, "_control") != NULL)
		return true;
	opsman_refuse_token(rp, 403, "The access token does not have a scope that allows this");
	return false;
}

const struct opsman_account *opsman_who(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	const struct opsman_token *t = find_token(s, rq);

	if (t == NULL) {
		opsman_invalid_token(rp);
		return NULL;
	}
	if (strstr(t->account->scopes, "opsman.") == NULL) {
		opsman_refuse_token(rp, 403, "The access token does not have a scope that allows this");
		return NULL;
	}
	snprintf(rp->note, sizeof rp->note, "%s", t->account->name);
	return t->account;
}

void opsman_unlock(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json *body = sim_request_json(rq, NULL);
	const char *given = json_str(json_get(body, "passphrase"));

	if (given == NULL || strcmp(given, s->passphrase) != 0) {
		opsman_error(rp, 403, "Incorrect decryption passphrase");
	} else {
		struct json_writer w;

		if (s->phase == OPSMAN_LOCKED) {
			s->phase = OPSMAN_STARTING;
			s->ready_at_ms = rq->now_ms + s->starting_ms;
			s->acts.unlock++;
			rp->changed = true;
		}
		sim_reply_json(rp, 200, &w);
		jsonw_open(&w, NULL, '{');
		jsonw_close(&w, '}');
	}
	json_free(body);
}

void opsman_availability(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	static const char *const places[] = {
		[OPSMAN_SETUP] = "/setup", [OPSMAN_LOCKED] = "/unlock", [OPSMAN_READY] = "/auth/cloudfoundry",
	};
	enum opsman_phase phase = opsman_phase(s, rq->now_ms);

	if (phase == OPSMAN_STARTING) {
		sim_reply_set(rp, 200, "text/html; charset=utf-8");
		buf_adds(&rp->body, "<html><body>Waiting for authentication system to start...</body></html>\n");
		return;
	}
	sim_reply_set(rp, 302, "text/html; charset=utf-8");
	sim_reply_header(rp, "Location", "https://%s:%d%s", rq->address, rq->port, places[phase]);
}
