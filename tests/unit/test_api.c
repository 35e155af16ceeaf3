/* test_api.c - one call of the handler: what is known afterwards, and how it
 * logs in. */
#include "remediate/api.h"

#include <string.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/unit/api_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define CREATE "POST /api/session/create"
#define SESSION_HEADERS "Set-Cookie: JSESSIONID=0123; Path=/\r\nX-XSRF-TOKEN: tok-en\r\n"
#define STALE "{\"error_code\":98,\"error_message\":\"XSRF token is bad\"}"
#define LOCKED "{\"module_name\":\"common-services\",\"error_code\":403,\"error_message\":" \
	"\"The credentials were incorrect or the account specified has been locked.\"}"
#define MAY_NOT "{\"error_code\":401,\"error_message\":\"User is not authorized.\"}"
#define SOON_MS 8000

static struct api_answer call(struct api *a, enum fetch_verb verb, const char *path, struct err *e)
{
	struct api_answer answer;

	api_call(a, verb, path, NULL, "the test", world_ms(SOON_MS), &answer, e);
	return answer;
}

/* --- outcomes ------------------------------------------------------------------------ */

static const struct {
	int status;
	const char *body;
	enum api_outcome outcome;
	enum err_code code;
	const char *text;
	int64_t error_code;
} outcomes[] = {
	{ 200, "{\"a\":1}", API_DONE, ERR_NONE, "", 0 },
	{ 201, NULL, API_DONE, ERR_NONE, "", 0 },
	{ 200, "<html>", API_DONE, ERR_NONE, "", 0 },
	{ 400, "{\"error_code\":2076,\"error_message\":\"Certificate chain validation failed.\"}",
	    API_REFUSED, ERR_REFUSED, "chain validation failed", 2076 },
	{ 404, NULL, API_REFUSED, ERR_REFUSED, "HTTP 404", 0 },
	{ 409, "<html>conflict</html>", API_REFUSED, ERR_REFUSED, "a web page", 0 },
	{ 412, "{\"error_code\":\"604\"}", API_REFUSED, ERR_REFUSED, "changed it meanwhile", 604 },
	{ 408, NULL, API_UNKNOWN, ERR_REFUSED, "may have been done", 0 },
	{ 429, "{\"error_code\":102}", API_BUSY, ERR_BUSY, "too many requests", 102 },
	{ 503, NULL, API_BUSY, ERR_BUSY, "busy or starting", 0 },
	{ 500, NULL, API_UNKNOWN, ERR_REFUSED, "may have been done", 0 },
	{ 500, "{\"error_code\":607}", API_UNKNOWN, ERR_BUSY, "may have been done", 607 },
	{ 502, NULL, API_UNKNOWN, ERR_REFUSED, "not up behind its gateway", 0 },
	{ 504, "<html>", API_UNKNOWN, ERR_REFUSED, "may have been done", 0 },
	{ 302, NULL, API_UNKNOWN, ERR_ANSWER, "redirected", 0 },
	{ API_CLOSE, NULL, API_UNKNOWN, ERR_UNREACHABLE, "may have been done", 0 },
	{ API_RESET, NULL, API_UNKNOWN, ERR_UNREACHABLE, "may have been done", 0 },
	{ API_HALF, "{\"a\":1}", API_UNKNOWN, ERR_ANSWER, "may have been done", 0 },
};

START_TEST(outcome_is_told)
{
	const struct api_reply replies[] = {
		{ .line = "GET /first", .status = 200 },
		{ .line = "POST /x", .status = outcomes[_i].status, .body = outcomes[_i].body },
	};
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, 2);
	a = api_world_api(&w);
	answer = call(a, FETCH_GET, "/first", &e);
	ck_assert_msg(answer.outcome == API_DONE, "%s", e.text);
	api_answer_clear(&answer);
	answer = call(a, FETCH_POST, "/x?y=z", &e);
	ck_assert_msg(answer.outcome == outcomes[_i].outcome, "%d: outcome %d: %s",
	    outcomes[_i].status, (int)answer.outcome, e.text);
	world_expect(&e, outcomes[_i].code, outcomes[_i].text, "outcome");
	ck_assert_int_eq(answer.status, outcomes[_i].status > 0 ? outcomes[_i].status : 0);
	ck_assert_int_eq(answer.error_code, outcomes[_i].error_code);
	if (e.code != ERR_NONE)
		ck_assert_ptr_eq(strstr(e.text, "the test: "), e.text);
	ck_assert_uint_eq(api_world_count("POST /x"), 1);
	api_answer_clear(&answer);
	api_close(a);
	ck_assert_uint_eq(api_world_count(""), 2);       /* no session, so no goodbye */
	api_world_close(&w);
}
END_TEST

START_TEST(document_is_given)
{
	static const struct api_reply replies[] = {
		{ .line = "GET /x", .status = 200, .body = "{\"a\":\"b\"}" } };
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, 1);
	a = api_world_api(&w);
	answer = call(a, FETCH_GET, "/x", &e);
	ck_assert_str_eq(json_str(json_get(answer.doc, "a")), "b");
	api_answer_clear(&answer);
	ck_assert_ptr_null(answer.doc);
	api_answer_clear(&answer);
	api_close(a);
	api_world_close(&w);
}
END_TEST

START_TEST(silence_ends_at_the_limit)
{
	static const struct api_reply replies[] = { { .line = "PUT /x", .status = API_HANG } };
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, 1);
	a = api_world_api(&w);
	api_call(a, FETCH_PUT, "/x", NULL, "the test", world_ms(700), &answer, &e);
	ck_assert_int_eq(answer.outcome, API_UNKNOWN);
	world_expect(&e, ERR_TIMEOUT, "may have been done", "silence");
	ck_assert_uint_eq(api_world_count("PUT /x"), 1);
	api_close(a);
	api_world_close(&w);
}
END_TEST

START_TEST(nobody_there_is_not_sent)
{
	struct tls_server *gone = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, NULL, 0);
	free(w.target.url);
	w.target.url = mem_strdup(world_url(gone, ""));
	tls_server_stop(gone);
	a = api_world_api(&w);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_NOT_SENT);
	world_expect(&e, ERR_UNREACHABLE, "no connection", "gone");
	ck_assert_ptr_null(strstr(e.text, "may have been done"));
	api_close(a);
	api_world_close(&w);
}
END_TEST

/* A held lock is waited for inside the limit, and nothing was sent. */
START_TEST(lock_is_respected)
{
	const char *path = scratch_path("call.lock");
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;
	int fd = fetch_lock_open(path, &e);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fetch_lock_try(fd, path, &e), 1);
	api_world_open(&w, NULL, 0);
	a = api_open(&w.target, w.credentials, path, NULL, &e);
	ck_assert_ptr_nonnull(a);
	api_call(a, FETCH_POST, "/x", NULL, "the test", 300, &answer, &e);
	ck_assert_int_eq(answer.outcome, API_NOT_SENT);
	world_expect(&e, ERR_TIMEOUT, "held the lock", "lock");
	ck_assert_uint_eq(api_world_count(""), 0);
	close(fd);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_int_eq(answer.status, 404);
	api_close(a);
	api_world_close(&w);
}
END_TEST

/* --- trust ----------------------------------------------------------------------------- */

static const struct {
	const char *comment;
	enum world_cert identity;
	bool with_pin;
	enum api_outcome outcome;
	const char *text;
} trusts[] = {
	{ "unknown issuer", WORLD_SELF, false, API_NOT_SENT, "" },
	{ "unknown issuer, pinned", WORLD_SELF, true, API_DONE, "" },
	{ "another name", WORLD_ELSEWHERE, false, API_NOT_SENT, "" },
	{ "expired", WORLD_EXPIRED, false, API_NOT_SENT, "credentials withheld" },
	{ "expired, pinned", WORLD_EXPIRED, true, API_DONE, "" },
};

START_TEST(trust_comes_first)
{
	struct tls_server *s = world_server(trusts[_i].identity, WORLD_OK, NULL);
	char hex[2 * CERT_SHA256_BYTES + 1], *pin;
	uint8_t sha256[CERT_SHA256_BYTES];
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, NULL, 0);
	free(w.target.url);
	w.target.url = mem_strdup(world_url(s, ""));
	pki_sha256(world.certs[trusts[_i].identity], sha256);
	if (trusts[_i].with_pin) {
		w.target.trust.pins = mem_dup(sha256, sizeof sha256);
		w.target.trust.n_pins = 1;
	}
	a = api_world_api(&w);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_msg(answer.outcome == trusts[_i].outcome, "%s: %s", trusts[_i].comment, e.text);
	if (answer.outcome == API_NOT_SENT)
		world_expect(&e, ERR_TLS, trusts[_i].text, trusts[_i].comment);
	text_hex(sha256, sizeof sha256, hex);
	pin = mem_printf("pin_sha256 = %s", hex);
	ck_assert((strstr(e.text, pin) != NULL) == (trusts[_i].text[0] != '\0'));
	ck_assert_uint_eq(tls_server_bytes(s) > 0, answer.outcome == API_DONE);
	free(pin);
	api_answer_clear(&answer);
	api_close(a);
	tls_server_stop(s);
	api_world_close(&w);
}
END_TEST

/* --- logins ------------------------------------------------------------------------------ */

START_TEST(basic_login_is_sent)
{
	static const struct api_reply replies[] = { { .line = "DELETE /x", .status = 200 } };
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;
	char *text;

	api_world_open(&w, replies, 1);
	a = api_world_api(&w);
	answer = call(a, FETCH_DELETE, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_DONE);
	text = api_world_request("DELETE /x");
	ck_assert_ptr_nonnull(strstr(text, "Authorization: Basic YWRtaW46cEBzcyB3PXJk\r\n"));
	free(text);
	api_answer_clear(&answer);
	api_close(a);
	api_world_close(&w);
}
END_TEST

static const struct { int status; const char *body; } refused_logins[] = {
	{ 403, LOCKED }, { 401, NULL }, { 403, NULL }, { 500, "{\"error_code\":99}" },
};

/* Tried once: not in this process, and not by the next one. */
START_TEST(refused_login_is_final)
{
	const struct api_reply replies[] = { { .line = "POST /x",
	    .status = refused_logins[_i].status, .body = refused_logins[_i].body } };
	const char *dir = scratch_path(".");
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, 1);
	a = api_world_api(&w);
	api_remember(a, dir);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_REFUSED);
	world_expect(&e, ERR_AUTH, "not tried again", "first");
	answer = call(a, FETCH_GET, "/y", &e);
	ck_assert_int_eq(answer.outcome, API_NOT_SENT);
	world_expect(&e, ERR_AUTH, "not tried again", "second");
	api_close(a);
	a = api_world_api(&w);
	api_remember(a, dir);
	answer = call(a, FETCH_GET, "/y", &e);
	ck_assert_int_eq(answer.outcome, API_NOT_SENT);
	world_expect(&e, ERR_AUTH, "account is not locked", "next process");
	api_close(a);
	ck_assert_uint_eq(api_world_count(""), 1);
	ck_assert_int_eq(unlink(scratch_path("login-prod+write")), 0);
	api_world_close(&w);
}
END_TEST

/* A changed file may try; what worked is not held. */
START_TEST(changed_credentials_are_tried)
{
	static const struct api_reply replies[] = {
		{ .line = "GET /x", .nth = 1, .status = 403, .body = LOCKED },
		{ .line = "GET /x", .nth = 2, .status = 200, .body = "{}" },
	};
	const char *dir = scratch_path(".");
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, 2);
	a = api_world_api(&w);
	api_remember(a, dir);
	answer = call(a, FETCH_GET, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_REFUSED);
	api_close(a);
	api_world_login(&w, "username=admin\npassword=the right one\n");
	a = api_world_api(&w);
	api_remember(a, dir);
	answer = call(a, FETCH_GET, "/x", &e);
	ck_assert_msg(answer.outcome == API_DONE, "%s", e.text);
	api_answer_clear(&answer);
	ck_assert_int_ne(access(scratch_path("login-prod+write"), F_OK), 0);
	api_close(a);
	api_world_close(&w);
}
END_TEST

/* What a proven account may not do is no refused login. */
START_TEST(missing_right_is_told)
{
	static const struct api_reply replies[] = {
		{ .line = "GET /x", .status = 200 },
		{ .line = "POST /x", .status = 403, .body = MAY_NOT },
	};
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, 2);
	a = api_world_api(&w);
	answer = call(a, FETCH_GET, "/x", &e);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_REFUSED);
	world_expect(&e, ERR_REFUSED, "enterprise_admin", "role");
	answer = call(a, FETCH_GET, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_DONE);
	api_close(a);
	api_world_close(&w);
}
END_TEST

static const struct {
	const char *comment, *text;
	enum err_code code;
} unusable[] = {
	{ "OAuth client", "client_id=x\nclient_secret=y\n", ERR_CONFIG },
	{ "nonsense", "hello\n", ERR_CONFIG },
};

START_TEST(unusable_credentials)
{
	struct err e = { 0 };
	struct api_world w;

	api_world_open(&w, NULL, 0);
	api_world_login(&w, unusable[_i].text);
	ck_assert_ptr_null(api_open(&w.target, w.credentials, NULL, NULL, &e));
	world_expect(&e, unusable[_i].code, "", unusable[_i].comment);
	ck_assert_ptr_null(api_open(&w.target, NULL, NULL, NULL, &e));
	world_expect(&e, ERR_CONFIG, "none are configured", "none");
	api_close(NULL);
	api_world_close(&w);
}
END_TEST

START_TEST(client_certificate)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .demands_client_cert = true, .answer = WORLD_OK });
	char *login = mem_printf("client_cert=%s\nclient_key=%s\n", world.files[WORLD_SELF],
	    world.files[WORLD_SELF]), *text;
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, NULL, 0);
	free(w.target.url);
	w.target.url = mem_strdup(world_url(s, ""));
	api_world_login(&w, login);
	a = api_world_api(&w);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_msg(answer.outcome == API_DONE, "%s", e.text);
	text = tls_server_last_request(s);
	ck_assert_ptr_null(strstr(text, "Authorization"));
	free(text);
	free(login);
	api_answer_clear(&answer);
	api_close(a);
	tls_server_stop(s);
	api_world_close(&w);
}
END_TEST

/* --- sessions ---------------------------------------------------------------------------- */

START_TEST(session_is_made_once)
{
	static const struct api_reply replies[] = {
		{ .line = CREATE, .status = 200, .headers = SESSION_HEADERS },
		{ .line = "POST /api/session/destroy", .status = 200 },
		{ .line = "GET /x", .status = 200 }, { .line = "POST /x", .status = 200 },
	};
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;
	char *text;

	api_world_open(&w, replies, UNIT_ROWS(replies));
	api_world_login(&w, API_SESSION_LOGIN);
	a = api_world_api(&w);
	ck_assert_uint_eq(api_world_count(""), 0);        /* no call is made by opening */
	answer = call(a, FETCH_GET, "/x", &e);
	ck_assert_msg(answer.outcome == API_DONE, "%s", e.text);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_DONE);
	text = api_world_request("POST /x");
	ck_assert_ptr_nonnull(strstr(text, "Cookie: JSESSIONID=0123\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "X-XSRF-TOKEN: tok-en\r\n"));
	ck_assert_ptr_null(strstr(text, "Authorization"));
	free(text);
	text = api_world_request(CREATE);
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nj_username=admin&j_password=p%40ss%20w%3Drd"));
	free(text);
	api_close(a);
	ck_assert_uint_eq(api_world_count(CREATE), 1);
	ck_assert_uint_eq(api_world_count("POST /api/session/destroy"), 1);
	api_world_close(&w);
}
END_TEST

static const struct { int status; const char *body; } stale_sessions[] = {
	{ 403, STALE }, { 403, LOCKED }, { 401, NULL },
};

START_TEST(get_survives_the_end_of_its_session)
{
	const struct api_reply replies[] = {
		{ .line = CREATE, .status = 200, .headers = SESSION_HEADERS },
		{ .line = "GET /x", .nth = 1, .status = stale_sessions[_i].status,
		    .body = stale_sessions[_i].body },
		{ .line = "GET /x", .nth = 2, .status = 200, .body = "{}" },
	};
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, UNIT_ROWS(replies));
	api_world_login(&w, API_SESSION_LOGIN);
	a = api_world_api(&w);
	answer = call(a, FETCH_GET, "/x", &e);
	ck_assert_msg(answer.outcome == API_DONE, "%s", e.text);
	ck_assert_int_eq(e.code, ERR_NONE);
	api_answer_clear(&answer);
	ck_assert_uint_eq(api_world_count(CREATE), 2);
	ck_assert_uint_eq(api_world_count("GET /x"), 2);
	api_close(a);
	api_world_close(&w);
}
END_TEST

/* Refused for certain, and sent once: the next call logs in again. */
START_TEST(change_does_not_survive_it)
{
	const struct api_reply replies[] = {
		{ .line = CREATE, .status = 200, .headers = SESSION_HEADERS },
		{ .line = "POST /x", .nth = 1, .status = stale_sessions[_i].status,
		    .body = stale_sessions[_i].body },
		{ .line = "POST /x", .nth = 2, .status = 200 },
	};
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, UNIT_ROWS(replies));
	api_world_login(&w, API_SESSION_LOGIN);
	a = api_world_api(&w);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_REFUSED);
	world_expect(&e, ERR_REFUSED, "not sent again", "stale");
	ck_assert_uint_eq(api_world_count("POST /x"), 1);
	ck_assert_uint_eq(api_world_count(CREATE), 1);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_DONE);
	ck_assert_uint_eq(api_world_count(CREATE), 2);
	api_close(a);
	api_world_close(&w);
}
END_TEST

/* A server that never likes the token is asked twice, not for ever. */
START_TEST(one_new_session_a_call)
{
	static const struct api_reply replies[] = {
		{ .line = CREATE, .status = 200, .headers = SESSION_HEADERS },
		{ .line = "GET /x", .status = 403, .body = STALE },
	};
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	api_world_open(&w, replies, UNIT_ROWS(replies));
	api_world_login(&w, API_SESSION_LOGIN);
	a = api_world_api(&w);
	answer = call(a, FETCH_GET, "/x", &e);
	ck_assert_int_eq(answer.outcome, API_REFUSED);
	ck_assert_uint_eq(api_world_count("GET /x"), 2);
	ck_assert_uint_eq(api_world_count(CREATE), 2);
	api_close(a);
	api_world_close(&w);
}
END_TEST

static const struct {
	const char *comment;
	struct api_reply create;
	enum api_outcome outcome;
	enum err_code code;
	const char *text;
	size_t n_tries;                /* of two calls */
} no_sessions[] = {
	{ "refused", { .status = 403, .body = LOCKED }, API_REFUSED, ERR_AUTH, "not tried again", 1 },
	{ "busy", { .status = 503 }, API_BUSY, ERR_BUSY, "busy or starting", 2 },
	{ "no cookie", { .status = 200 }, API_NOT_SENT, ERR_ANSWER, "session cookie", 2 },
	{ "closed", { .status = API_CLOSE }, API_NOT_SENT, ERR_UNREACHABLE, "", 2 },
	{ "an error", { .status = 500 }, API_NOT_SENT, ERR_REFUSED, "HTTP 500", 2 },
};

/* Whatever happened to the login, the change was not sent. */
START_TEST(without_a_session_nothing_is_sent)
{
	struct api_reply reply = no_sessions[_i].create;
	struct err e = { 0 };
	struct api_world w;
	struct api_answer answer;
	struct api *a;

	reply.line = CREATE;
	api_world_open(&w, &reply, 1);
	api_world_login(&w, API_SESSION_LOGIN);
	a = api_world_api(&w);
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_msg(answer.outcome == no_sessions[_i].outcome, "%s: %d", no_sessions[_i].comment,
	    (int)answer.outcome);
	world_expect(&e, no_sessions[_i].code, no_sessions[_i].text, no_sessions[_i].comment);
	ck_assert_ptr_null(strstr(e.text, "p@ss"));
	answer = call(a, FETCH_POST, "/x", &e);
	ck_assert_int_ne(answer.outcome, API_DONE);
	ck_assert_uint_eq(api_world_count("POST /x"), 0);
	ck_assert_uint_eq(api_world_count(CREATE), no_sessions[_i].n_tries);
	api_close(a);
	api_world_close(&w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("api");
	TCase *t = tcase_create("api");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, world_make, world_remove);
	tcase_add_loop_test(t, outcome_is_told, 0, UNIT_ROWS(outcomes));
	tcase_add_test(t, document_is_given);
	tcase_add_test(t, silence_ends_at_the_limit);
	tcase_add_test(t, nobody_there_is_not_sent);
	tcase_add_test(t, lock_is_respected);
	tcase_add_loop_test(t, trust_comes_first, 0, UNIT_ROWS(trusts));
	tcase_add_test(t, basic_login_is_sent);
	tcase_add_loop_test(t, refused_login_is_final, 0, UNIT_ROWS(refused_logins));
	tcase_add_test(t, changed_credentials_are_tried);
	tcase_add_test(t, missing_right_is_told);
	tcase_add_loop_test(t, unusable_credentials, 0, UNIT_ROWS(unusable));
	tcase_add_test(t, client_certificate);
	tcase_add_test(t, session_is_made_once);
	tcase_add_loop_test(t, get_survives_the_end_of_its_session, 0, UNIT_ROWS(stale_sessions));
	tcase_add_loop_test(t, change_does_not_survive_it, 0, UNIT_ROWS(stale_sessions));
	tcase_add_test(t, one_new_session_a_call);
	tcase_add_loop_test(t, without_a_session_nothing_is_sent, 0, UNIT_ROWS(no_sessions));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
