/* test_opsman_login.c - what Ops Manager's login service is told, what it
 * answers, and what refusals say. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/opsman_internal.h"
#include "tests/unit/opsman_world.h"
#include "tests/unit/unit.h"

/* --- requests ----------------------------------------------------------------------- */

static const struct {
	enum login login;
	const char *user, *password;
	const char *basic_user, *basic_password, *form;
} logins[] = {
	{ LOGIN_BASIC, "monitor", "simulator-only", "opsman", "",
	    "grant_type=password&username=monitor&password=simulator-only&client_id=opsman&token_"
	    "format=jwt" },
	{ LOGIN_BASIC, "a&b=c", "p+w d%/?#\"'\\\xc3\xa4~", "opsman", "",
	    "grant_type=password&username=a%26b%3Dc&password=p%2Bw%20d%25%2F%3F%23%22%27%5C%C3%A4~"
	    "&client_id=opsman&token_format=jwt" },
	{ LOGIN_CLIENT, "check-certs", "s3cret", "check-certs", "s3cret",
	    "grant_type=client_credentials&token_format=jwt" },
	{ LOGIN_CLIENT, "check:certs", "a:b@c d+e&f=g%", "check%3Acerts",
	    "a%3Ab%40c%20d%2Be%26f%3Dg%25", "grant_type=client_credentials&token_format=jwt" },
};

static void set_credentials(struct credentials *cr, enum login login, const char *user,
    const char *password)
{
	memset(cr, 0, sizeof *cr);
	cr->login = login;
	secret_set(&cr->user, user, strlen(user));
	secret_set(&cr->password, password, strlen(password));
}

START_TEST(request_is_exact)
{
	struct opsman_login l;
	struct credentials cr;
	struct err e = { ERR_NONE, "" };

	memset(&l, 0, sizeof l);
	set_credentials(&cr, logins[_i].login, logins[_i].user, logins[_i].password);
	ck_assert_int_eq(opsman_login_build(&l, &cr, &e), 0);
	ck_assert_str_eq(l.user.bytes, logins[_i].basic_user);
	ck_assert_uint_eq(l.user.len, strlen(logins[_i].basic_user));
	ck_assert_str_eq(l.password.bytes, logins[_i].basic_password);
	ck_assert_uint_eq(l.password.len, strlen(logins[_i].basic_password));
	ck_assert_str_eq(l.form.bytes, logins[_i].form);
	ck_assert_uint_eq(l.form.len, strlen(logins[_i].form));
	opsman_login_wipe(&l);
	ck_assert_ptr_null(l.form.bytes);
	ck_assert_ptr_null(l.user.bytes);
	ck_assert_ptr_null(l.password.bytes);
	credentials_wipe(&cr);
}
END_TEST

START_TEST(other_logins_are_refused)
{
	static const enum login others[] = { LOGIN_NONE, LOGIN_SESSION, LOGIN_CLIENT_CERT };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct opsman_login l;
		struct credentials cr;
		struct err e = { ERR_NONE, "" };

		memset(&l, 0, sizeof l);
		set_credentials(&cr, others[i], "u", "p");
		ck_assert_int_eq(opsman_login_build(&l, &cr, &e), -1);
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_ptr_nonnull(strstr(e.text, "client_id="));
		opsman_login_wipe(&l);
		credentials_wipe(&cr);
	}
}
END_TEST

/* --- tokens ------------------------------------------------------------------------------ */

static const struct { const char *body, *token, *part;
} tokens[] = {
	{ "{\"access_token\":\"eyJhbGciOi.J9-_~+/"
	  "x=\",\"token_type\":\"bearer\",\"refresh_token\":\"r-r\","
	  "\"expires_in\":43199,\"scope\":\"opsman.restricted_view\",\"jti\":\"x\"}",
	    "eyJhbGciOi.J9-_~+/x=", NULL },
	{ "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}", "t", NULL },
	{ "{\"access_token\":\"t\",\"token_type\":\"mac\"}", NULL, "want bearer, have mac" },
	{ "{\"access_token\":\"t\"}", NULL, "token_type" },
	{ "{\"token_type\":\"bearer\"}", NULL, "access_token" },
	{ "{\"access_token\":null,\"token_type\":\"bearer\"}", NULL, "access_token" },
	{ "{\"access_token\":\"\",\"token_type\":\"bearer\"}", NULL, "not one word" },
	{ "{\"access_token\":\"a\\nb\",\"token_type\":\"bearer\"}", NULL, "not one word" },
	{ "{\"access_token\":\"a\\r\\nX-Evil: b\",\"token_type\":\"bearer\"}", NULL,
	    "not one word" },
	{ "{\"access_token\":\"a b\",\"token_type\":\"bearer\"}", NULL, "not one word" },
	{ "[]", NULL, "access_token" },
	{ "", NULL, "empty" },
	{ "{\"access_token\":\"t\",\"token_type\":\"bear", NULL, "" },
};

START_TEST(token_is_one_word)
{
	struct secret token = { NULL, 0 };
	struct err e = { ERR_NONE, "" };
	struct buf body;

	buf_init(&body, 4096);
	buf_adds(&body, tokens[_i].body);
	if (tokens[_i].token != NULL) {
		ck_assert_int_eq(opsman_read_token(&body, &token, NULL, &e), 0);
		ck_assert_str_eq(token.bytes, tokens[_i].token);
	} else {
		ck_assert_int_eq(opsman_read_token(&body, &token, NULL, &e), -1);
		ck_assert_int_eq(e.code, ERR_ANSWER);
		ck_assert_msg(strstr(e.text, tokens[_i].part) != NULL, "%s", e.text);
		ck_assert_ptr_null(token.bytes);
	}
	ck_assert_ptr_null(body.data);
	secret_wipe(&token);
}
END_TEST

/* What cannot be read is not told. */
static const struct { const char *json; int64_t life_s; } lives[] = {
	{ "43199", 43199 }, { "0", 0 }, { "-5", 0 }, { "1.5", 0 }, { "\"43199\"", 0 }, { "null", 0 },
	{ "1e300", 0 }, { "[]", 0 },
};

START_TEST(token_tells_its_life)
{
	struct secret token = { NULL, 0 };
	struct err e = { ERR_NONE, "" };
	int64_t life_s = 7;
	struct buf body;

	buf_init(&body, 4096);
	buf_addf(&body, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":%s}",
	    lives[_i].json);
	ck_assert_int_eq(opsman_read_token(&body, &token, &life_s, &e), 0);
	ck_assert_msg(life_s == lives[_i].life_s, "%s: %lld", lives[_i].json, (long long)life_s);
	secret_wipe(&token);
}
END_TEST

/* --- the lock ----------------------------------------------------------------------------- */

static const struct { const char *dir, *endpoint, *path; } locks[] = {
	{ "/v", "opsman.example:443", "/v/opsman-opsman.example_443.lock" },
	{ "/V/x y", "OPSMAN.Example:443", "/V/x y/opsman-opsman.example_443.lock" },
	{ "/v", "[2001:db8::1]:443", "/v/opsman-_2001_db8__1__443.lock" },
	{ "/v", "../../x:1", "/v/opsman-.._.._x_1.lock" },
	{ NULL, "x:1", NULL },
};

START_TEST(lock_is_named_by_the_endpoint)
{
	char *path = opsman_lock_path(locks[_i].dir, locks[_i].endpoint);

	if (locks[_i].path == NULL)
		ck_assert_ptr_null(path);
	else
		ck_assert_str_eq(path, locks[_i].path);
	free(path);
}
END_TEST

START_TEST(token_has_a_ceiling)
{
	struct secret token = { NULL, 0 };
	struct err e = { ERR_NONE, "" };

	for (size_t n = OPSMAN_TOKEN_MAX_BYTES; n <= OPSMAN_TOKEN_MAX_BYTES + 1; n++) {
		char *text = mem_alloc(n + 1);
		struct buf body;

		memset(text, 'x', n);
		buf_init(&body, 65536);
		buf_addf(&body, "{\"access_token\":\"%s\",\"token_type\":\"bearer\"}", text);
		ck_assert_int_eq(
		    opsman_read_token(&body, &token, NULL, &e), n <= OPSMAN_TOKEN_MAX_BYTES ? 0 : -1);
		free(text);
	}
	secret_wipe(&token);
}
END_TEST

/* --- is it up? ------------------------------------------------------------------------------ */

static const struct {
	int status;
	const char *location, *body, *word;   /* word NULL: ready */
} states[] = {
	{ 302, "https://opsman.example/auth/cloudfoundry", "", NULL },
	{ 302, "/auth/cloudfoundry", "", NULL },
	{ 302, "/auth/cloudfoundry?x=1", "", NULL },
	{ 302, "https://opsman.example/setup", "", "not set up" },
	{ 302, "https://opsman.example/unlock", "", "is locked" },
	{ 302, "https://opsman.example/elsewhere", "", "locked or starting" },
	{ 302, "https://opsman.example/x?/auth/cloudfoundry", "", "locked or starting" },
	{ 302, "", "", "locked or starting" },
	{ 200, "", "<html>Waiting for authentication system to start...</html>", "is starting" },
	{ 200, "", "<html>hello</html>", "locked or starting" },
	{ 200, "", "", "locked or starting" },
	{ 502, "", "<html>502 Bad Gateway</html>", "starting or upgrading" },
	{ 503, "", "", "starting or upgrading" },
	{ 404, "", "", "locked or starting" },
	{ 500, "", "", "locked or starting" },
	{ 0, "", "", "locked or starting" },
};

START_TEST(state_has_a_word)
{
	struct fetch_answer a;
	struct err e = { ERR_NONE, "" };

	world_answer(&a, states[_i].status, states[_i].body);
	strcpy(a.location, states[_i].location);
	if (states[_i].word == NULL) {
		ck_assert_int_eq(opsman_read_availability(&a, &e), 0);
	} else {
		ck_assert_int_eq(opsman_read_availability(&a, &e), -1);
		ck_assert_int_eq(e.code, ERR_BUSY);
		ck_assert_msg(strstr(e.text, states[_i].word) != NULL, "%s", e.text);
	}
	buf_clear(&a.body);
}
END_TEST

/* --- refusals ----------------------------------------------------------------------------------
 */

static const struct { const char *body, *clause;
} clauses[] = {
	{ "{\"errors\":{\"errors\":[\"Set-up is not complete\"]}}", "Set-up is not complete" },
	{ "{\"errors\":{\"base\":[\"Unable to successfully verify the access token with UAA.  "
	  "Error: "
	  "'CF::UAA::InvalidToken - error response'\"]}}",
	    "Unable to successfully verify the access token with UAA.  Error: "
	    "'CF::UAA::InvalidToken - error response'" },
	{ "{\"error\":\"Your UAA access token has expired\"}",
	    "Your UAA access token has expired" },
	{ "{\"errors\":[\"Certificate with specified guid not found\"]}",
	    "Certificate with specified guid not found" },
	{ "{\"error\":\"unauthorized\",\"error_description\":\"Bad credentials\"}",
	    "unauthorized, Bad credentials" },
	{ "{\"error\":\"no\",\"safety_violations\":[{\"violation\":\"v1\",\"certificate_names\":["
	  "\"c\"]}]}",
	    "no, v1" },
	{ "{\"error\":\"no\",\"safety_violations\":[{\"violation\":\"v1\"},{\"violation\":\"v2\"},"
	  "{\"violation\":\"v3\"},{\"violation\":\"v4\"}]}",
	    "no, v1, v2, v3, v4" },
	{ "{\"errors\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}", "a, b, c" },
	{ "{\"errors\":[[[[[[[\"deep\"]]]]]]]}", "" },
	{ "{\"errors\":[]}", "" },
	{ "{\"errors\":[1,null,{}]}", "" },
	{ "\"plain\"", "plain" },
	{ "[\"one\"]", "one" },
	{ "{\"errors\":[\"a|b;c\\n<d>\\u001b[0m\"]}", "a/b,c?(d)?(0m" },
	{ "<html><title>502</title></html>", "a web page instead of an API answer" },
	{ "\r\n <!DOCTYPE html>", "a web page instead of an API answer" },
	{ "not json at all", "" },
	{ "", "" },
	{ "{\"errors\":[\"cut", "" },
};

START_TEST(clause_of_a_refusal)
{
	struct fetch_answer a;
	struct buf out;

	world_answer(&a, 422, clauses[_i].body);
	buf_init(&out, 4096);
	opsman_error_clause(&a, &out);
	ck_assert_str_eq(buf_str(&out), clauses[_i].clause);
	buf_clear(&out);
	buf_clear(&a.body);
}
END_TEST

/* What the handler is told, when it read and when it changed. */
static const struct {
	int status;
	const char *body;
	enum err_code read, change;
	const char *read_part, *change_part;
} answers[] = {
	{ 200, "<html>", ERR_BUSY, ERR_ANSWER, "locked or starting", "whether it was done" },
	{ 302, "", ERR_BUSY, ERR_BUSY, "locked or starting", "locked or starting" },
	{ 401, "", ERR_REFUSED, ERR_REFUSED, "token does not count", "token does not count" },
	{ 403, "", ERR_REFUSED, ERR_REFUSED, "restricted_view", "restricted_control" },
	{ 404, "{\"errors\":[\"no such guid\"]}", ERR_REFUSED, ERR_REFUSED, "(no such guid)",
	    "gone meanwhile" },
	{ 422, "{\"errors\":[\"Installation is incomplete.\"]}", ERR_REFUSED, ERR_REFUSED,
	    "HTTP 422 (Installation is incomplete.)", "HTTP 422 (Installation is incomplete.)" },
	{ 429, "", ERR_BUSY, ERR_BUSY, "too many requests", "too many requests" },
	{ 500, "<html>", ERR_REFUSED, ERR_REFUSED, "a fault of the server", "a fault of the server" },
	{ 502, "<html>", ERR_BUSY, ERR_BUSY, "locked or starting", "locked or starting" },
};

START_TEST(refusal_of_the_handler)
{
	struct err e = { ERR_NONE, "" };
	struct fetch_answer a;

	world_answer(&a, answers[_i].status, answers[_i].body);
	opsman_refusal_error(&a, &e);
	ck_assert_msg(e.code == answers[_i].read && strstr(e.text, answers[_i].read_part) != NULL,
	    "%d: %s", answers[_i].status, e.text);
	buf_clear(&a.body);
	world_answer(&a, answers[_i].status, answers[_i].body);
	opsman_change_refusal_error(&a, &e);
	ck_assert_msg(e.code == answers[_i].change && strstr(e.text, answers[_i].change_part) != NULL,
	    "%d: %s", answers[_i].status, e.text);
	buf_clear(&a.body);
}
END_TEST

START_TEST(clause_has_a_ceiling)
{
	struct fetch_answer a;
	struct buf out;
	char *text = mem_alloc(10001);

	memset(text, 'x', 10000);
	world_answer(&a, 500, NULL);
	buf_addf(&a.body, "{\"errors\":[\"%s\",\"%s\",\"%s\",\"%s\"]}", text, text, text, text);
	free(text);
	buf_init(&out, 4096);
	opsman_error_clause(&a, &out);
	ck_assert_uint_gt(out.len, OPSMAN_CLAUSE_COLUMNS);
	ck_assert_uint_lt(out.len, 3 * (OPSMAN_CLAUSE_COLUMNS + 8));
	buf_clear(&out);
	buf_clear(&a.body);
}
END_TEST

static const struct {
	int status;
	const char *body, *location, *version;
	enum err_code code;
	const char *part;
} statuses[] = {
	{ 401, "", "", NULL, ERR_AUTH, "HTTP 401: a new token was refused too" },
	{ 403, "{\"errors\":[\"no\"]}", "", NULL, ERR_REFUSED, "opsman.restricted_view (no)" },
	{ 404, "", "", "1.9.1", ERR_REFUSED,
	    "HTTP 404, version 1.9.1: this Ops Manager does not know the call, which came with "
	    "1.10" },
	{ 404, "", "", NULL, ERR_REFUSED,
	    "HTTP 404: this Ops Manager does not know the call, which came with 1.10" },
	{ 302, "", "https://opsman.example/login?state=abc", NULL, ERR_BUSY,
	    "locked or starting (to https://opsman.example/login)" },
	{ 429, "", "", NULL, ERR_BUSY, "too many requests" },
	{ 500, "<html>", "", NULL, ERR_REFUSED, "HTTP 500: a fault of the server (a web page" },
	{ 502, "<html>", "", NULL, ERR_BUSY, "starting or upgrading" },
	{ 503, "", "", NULL, ERR_BUSY, "starting or upgrading" },
	{ 204, "", "", NULL, ERR_ANSWER, "HTTP 204: an answer without the list" },
	{ 418, "", "", NULL, ERR_REFUSED, "HTTP 418" },
	{ 999, "", "", NULL, ERR_REFUSED, "HTTP 999" },
};

START_TEST(status_says_what_to_do)
{
	struct fetch_answer a;
	struct err e = { ERR_NONE, "" };

	world_answer(&a, statuses[_i].status, statuses[_i].body);
	strcpy(a.location, statuses[_i].location);
	opsman_error_status(&a, statuses[_i].version, NULL, &e);
	ck_assert_int_eq(e.code, statuses[_i].code);
	ck_assert_msg(strstr(e.text, statuses[_i].part) != NULL, "%s", e.text);
	ck_assert_ptr_null(strstr(e.text, "state="));
	buf_clear(&a.body);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("opsman_login");
	TCase *t = tcase_create("login");

	tcase_add_loop_test(t, request_is_exact, 0, UNIT_ROWS(logins));
	tcase_add_test(t, other_logins_are_refused);
	tcase_add_loop_test(t, token_is_one_word, 0, UNIT_ROWS(tokens));
	tcase_add_loop_test(t, token_tells_its_life, 0, UNIT_ROWS(lives));
	tcase_add_loop_test(t, lock_is_named_by_the_endpoint, 0, UNIT_ROWS(locks));
	tcase_add_test(t, token_has_a_ceiling);
	tcase_add_loop_test(t, state_has_a_word, 0, UNIT_ROWS(states));
	tcase_add_loop_test(t, clause_of_a_refusal, 0, UNIT_ROWS(clauses));
	tcase_add_loop_test(t, refusal_of_the_handler, 0, UNIT_ROWS(answers));
	tcase_add_test(t, clause_has_a_ceiling);
	tcase_add_loop_test(t, status_says_what_to_do, 0, UNIT_ROWS(statuses));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
