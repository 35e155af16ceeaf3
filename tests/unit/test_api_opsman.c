/* test_api_opsman.c - one call of the handler to an Ops Manager: what is known
 * afterwards, its tokens, and that no two calls ever overlap. */
#include "remediate/api_internal.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/source/opsman_api.h"
#include "remediate/outside.h"
#include "tests/unit/api_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define SOON_MS 8000
#define CLIENT_LOGIN "client_id=an id\nclient_secret=s+cr&t\n"
#define VIOLATIONS "{\"error\":\"Safety check failed\",\"safety_violations\":[" \
	"{\"violation\":\"certificate authorities latest version is not transitional\"," \
	"\"certificate_names\":[\"/a\"]},{\"violation\":\"second one\"},{\"violation\":\"third one\"}," \
	"{\"violation\":\"fourth one\"}]}"

struct scene {
	struct api_world w;
	struct api *a;
	struct err e;
};

static void open_scene(struct scene *s, const struct api_reply *replies, size_t n)
{
	*s = (struct scene){ .e = { ERR_NONE, "" } };
	api_world_open(&s->w, replies, n);
	api_world_opsman(&s->w);
	s->a = api_world_api(&s->w);
}

static void close_scene(struct scene *s)
{
	api_close(s->a);
	api_world_close(&s->w);
}

static struct api_answer call(struct scene *s, enum fetch_verb verb, const char *path)
{
	struct api_answer answer;

	api_call(s->a, verb, path, NULL, "the test", world_ms(SOON_MS), &answer, &s->e);
	return answer;
}

/* The call, when nothing else of it is looked at. */
static enum api_outcome outcome_of(struct scene *s, enum fetch_verb verb, const char *path)
{
	struct api_answer answer = call(s, verb, path);
	const enum api_outcome outcome = answer.outcome;

	api_answer_clear(&answer);
	return outcome;
}

static void was_sent_with(const char *line, const char *part)
{
	char *text = api_world_request(line);

	ck_assert_msg(strstr(text, part) != NULL, "%s: want %s in:\n%s", line, part, text);
	free(text);
}

/* --- outcomes ------------------------------------------------------------------------ */

static const struct {
	int status;
	const char *body;
	enum api_outcome read, change;
	enum err_code read_code, change_code;
	const char *read_text, *change_text;
} outcomes[] = {
	{ 200, "{\"a\":1}", API_DONE, API_DONE, ERR_NONE, ERR_NONE, "", "" },
	{ 200, NULL, API_DONE, API_DONE, ERR_NONE, ERR_NONE, "", "" },
	{ 207, "{\"warnings\":[\"w\"]}", API_DONE, API_DONE, ERR_NONE, ERR_NONE, "", "" },
	{ 200, "<html>Waiting</html>", API_BUSY, API_UNKNOWN, ERR_BUSY, ERR_ANSWER,
	    "locked or starting", "may have been done" },
	{ 302, NULL, API_BUSY, API_UNKNOWN, ERR_BUSY, ERR_BUSY, "locked or starting",
	    "may have been done" },
	{ 403, "{\"errors\":[\"no\"]}", API_REFUSED, API_REFUSED, ERR_REFUSED, ERR_REFUSED,
	    "opsman.restricted_view", "opsman.restricted_control" },
	{ 404, "{\"errors\":[\"no such guid\"]}", API_REFUSED, API_REFUSED, ERR_REFUSED, ERR_REFUSED,
	    "no such guid", "no such guid" },
	{ 404, "<html>", API_REFUSED, API_REFUSED, ERR_REFUSED, ERR_REFUSED, "a web page",
	    "a web page" },
	{ 422, VIOLATIONS, API_REFUSED, API_REFUSED, ERR_REFUSED, ERR_REFUSED,
	    "HTTP 422 (Safety check failed, certificate authorities latest version is not "
	    "transitional, second one, third one, fourth one)", "second one, third one, fourth one" },
	{ 429, NULL, API_BUSY, API_BUSY, ERR_BUSY, ERR_BUSY, "too many requests",
	    "too many requests" },
	{ 500, "{\"errors\":[\"nested asn\"]}", API_UNKNOWN, API_UNKNOWN, ERR_REFUSED, ERR_REFUSED,
	    "nested asn", "may have been done" },
	{ 500, "<html>", API_UNKNOWN, API_UNKNOWN, ERR_REFUSED, ERR_REFUSED, "a fault",
	    "may have been done" },
	{ 502, "<html>", API_BUSY, API_UNKNOWN, ERR_BUSY, ERR_BUSY, "locked or starting",
	    "may have been done" },
	{ 503, "<html>", API_BUSY, API_BUSY, ERR_BUSY, ERR_BUSY, "locked or starting",
	    "locked or starting" },
	{ 504, NULL, API_BUSY, API_UNKNOWN, ERR_BUSY, ERR_BUSY, "locked or starting",
	    "may have been done" },
	{ API_CLOSE, NULL, API_UNKNOWN, API_UNKNOWN, ERR_UNREACHABLE, ERR_UNREACHABLE, "",
	    "may have been done" },
	{ API_RESET, NULL, API_UNKNOWN, API_UNKNOWN, ERR_UNREACHABLE, ERR_UNREACHABLE, "",
	    "may have been done" },
	{ API_HALF, "{\"a\":1}", API_UNKNOWN, API_UNKNOWN, ERR_ANSWER, ERR_ANSWER, "",
	    "may have been done" },
};

START_TEST(outcome_is_told)
{
	const struct api_reply replies[] = {
		API_TOKEN("t", "43199"),
		{ .line = "GET /x", .status = outcomes[_i].status, .body = outcomes[_i].body },
		{ .line = "PUT /x", .status = outcomes[_i].status, .body = outcomes[_i].body },
	};
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_msg(outcome_of(&s, FETCH_GET, "/x") == outcomes[_i].read, "GET %d: %s",
	    outcomes[_i].status, s.e.text);
	world_expect(&s.e, outcomes[_i].read_code, outcomes[_i].read_text, "GET");
	ck_assert_msg(outcome_of(&s, FETCH_PUT, "/x") == outcomes[_i].change, "PUT %d: %s",
	    outcomes[_i].status, s.e.text);
	world_expect(&s.e, outcomes[_i].change_code, outcomes[_i].change_text, "PUT");
	ck_assert_uint_eq(api_world_count("GET /x"), 1);
	ck_assert_uint_eq(api_world_count("PUT /x"), 1);
	ck_assert_uint_eq(api_world_count(API_TOKEN_LINE), 1);
	close_scene(&s);
}
END_TEST

/* The documents of a yes and of a no, and the server's own clock. */
START_TEST(answer_is_given)
{
	static const struct api_reply replies[] = {
		API_TOKEN("t", "43199"),
		{ .line = "GET /yes", .status = 200, .body = "{\"a\":\"b\"}",
		    .headers = "Date: Fri, 01 Jan 2027 00:00:00 GMT\r\n" },
		{ .line = "POST /no", .status = 422, .body = VIOLATIONS },
	};
	struct api_answer answer;
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	answer = call(&s, FETCH_GET, "/yes");
	ck_assert_str_eq(json_str(json_get(answer.doc, "a")), "b");
	ck_assert_int_eq(answer.date_at, 1798761600);
	ck_assert_ptr_null(answer.refusal);
	api_answer_clear(&answer);
	answer = call(&s, FETCH_POST, "/no");
	ck_assert_ptr_null(answer.doc);
	ck_assert_uint_eq(json_count(json_get(answer.refusal, "safety_violations")), 4);
	ck_assert_int_eq(answer.date_at, 0);
	api_answer_clear(&answer);
	ck_assert_ptr_null(answer.refusal);
	close_scene(&s);
}
END_TEST

/* --- tokens --------------------------------------------------------------------------- */

static const struct { const char *login, *basic, *form; } grants[] = {
	{ API_BASIC_LOGIN, "Authorization: Basic b3BzbWFuOg==\r\n",
	    "\r\n\r\ngrant_type=password&username=admin&password=p%40ss%20w%3Drd&client_id=opsman&"
	    "token_format=jwt" },
	{ CLIENT_LOGIN, "Authorization: Basic YW4lMjBpZDpzJTJCY3IlMjZ0\r\n",
	    "\r\n\r\ngrant_type=client_credentials&token_format=jwt" },
};

START_TEST(one_token_for_all_calls)
{
	static const struct api_reply replies[] = {
		API_TOKEN("tok-en", "43199"),
		{ .line = "GET /x", .status = 200 }, { .line = "POST /x", .status = 200 },
		{ .line = "DELETE /x", .status = 200 },
	};
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	api_close(s.a);
	api_world_login(&s.w, grants[_i].login);
	s.a = api_world_api(&s.w);
	ck_assert_uint_eq(api_world_count(""), 0);        /* no call is made by opening */
	ck_assert_msg(outcome_of(&s, FETCH_GET, "/x") == API_DONE, "%s", s.e.text);
	ck_assert_int_eq(outcome_of(&s, FETCH_POST, "/x"), API_DONE);
	ck_assert_int_eq(outcome_of(&s, FETCH_DELETE, "/x"), API_DONE);
	was_sent_with(API_TOKEN_LINE, grants[_i].basic);
	was_sent_with(API_TOKEN_LINE, grants[_i].form);
	was_sent_with("GET /x", "Authorization: Bearer tok-en\r\n");
	was_sent_with("POST /x", "Authorization: Bearer tok-en\r\n");
	was_sent_with("DELETE /x", "Authorization: Bearer tok-en\r\n");
	api_close(s.a);
	s.a = NULL;
	ck_assert_uint_eq(api_world_count(""), 4);        /* and there is nothing to end */
	close_scene(&s);
}
END_TEST

/* Four fifths of its life, whatever that is; a token that tells none has no end. */
static const struct { const char *life; int64_t renew_after_ms; } lives[] = {
	{ "43199", INT64_C(34559200) }, { "10", 8000 }, { "0", 0 }, { "\"x\"", 0 },
	{ "9007199254740991", 0 },
};

START_TEST(token_has_a_life)
{
	char *body = mem_printf("{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":%s}",
	    lives[_i].life);
	const struct api_reply replies[] = {
		{ .line = API_TOKEN_LINE, .status = 200, .body = body },
		{ .line = "GET /x", .status = 200 },
	};
	const int64_t before_ms = clock_mono_ms();
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_int_eq(outcome_of(&s, FETCH_GET, "/x"), API_DONE);
	if (lives[_i].renew_after_ms == 0) {
		ck_assert_int_eq(s.a->token_renew_ms, 0);
	} else {
		ck_assert_int_ge(s.a->token_renew_ms, before_ms + lives[_i].renew_after_ms);
		ck_assert_int_le(s.a->token_renew_ms, clock_mono_ms() + lives[_i].renew_after_ms);
	}
	close_scene(&s);
	free(body);
}
END_TEST

/* Before it ends another one is asked for, for a change too. */
START_TEST(token_is_renewed_early)
{
	static const enum fetch_verb verbs[] = { FETCH_GET, FETCH_POST };
	static const struct api_reply replies[] = {
		{ .line = API_TOKEN_LINE, .nth = 1, .status = 200, .body =
		    "{\"access_token\":\"first\",\"token_type\":\"bearer\",\"expires_in\":43199}" },
		API_TOKEN("second", "43199"),
		{ .line = "GET /x", .status = 200 }, { .line = "POST /x", .status = 200 },
	};
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_int_eq(outcome_of(&s, verbs[_i], "/x"), API_DONE);
	was_sent_with("", "Bearer first\r\n");
	s.a->token_renew_ms = clock_mono_ms();
	ck_assert_int_eq(outcome_of(&s, verbs[_i], "/x"), API_DONE);
	was_sent_with("", "Bearer second\r\n");
	ck_assert_int_gt(s.a->token_renew_ms, clock_mono_ms() + 1000000);
	ck_assert_uint_eq(api_world_count(API_TOKEN_LINE), 2);
	close_scene(&s);
}
END_TEST

/* It ends in mid-run: a look goes on with a new one. */
START_TEST(get_survives_the_end_of_its_token)
{
	static const struct api_reply replies[] = {
		API_TOKEN("t", "43199"),
		{ .line = "GET /x", .nth = 2, .status = 401 },
		{ .line = "GET /x", .status = 200, .body = "{}" },
	};
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_int_eq(outcome_of(&s, FETCH_GET, "/x"), API_DONE);
	ck_assert_msg(outcome_of(&s, FETCH_GET, "/x") == API_DONE, "%s", s.e.text);
	ck_assert_int_eq(s.e.code, ERR_NONE);
	ck_assert_uint_eq(api_world_count("GET /x"), 3);
	ck_assert_uint_eq(api_world_count(API_TOKEN_LINE), 2);
	close_scene(&s);
}
END_TEST

START_TEST(one_new_token_a_call)
{
	static const struct api_reply replies[] = {
		API_TOKEN("t", "43199"), { .line = "GET /x", .status = 401, .body =
		    "{\"errors\":{\"base\":[\"Unable to successfully verify the access token\"]}}" },
	};
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_int_eq(outcome_of(&s, FETCH_GET, "/x"), API_REFUSED);
	world_expect(&s.e, ERR_REFUSED, "Unable to successfully verify", "401 twice");
	ck_assert_uint_eq(api_world_count("GET /x"), 2);
	ck_assert_uint_eq(api_world_count(API_TOKEN_LINE), 2);
	close_scene(&s);
}
END_TEST

/* Refused for certain, and sent once: the next call has a new token. */
START_TEST(change_does_not_survive_it)
{
	static const struct api_reply replies[] = {
		API_TOKEN("t", "43199"),
		{ .line = "POST /x", .nth = 1, .status = 401 },
		{ .line = "POST /x", .nth = 2, .status = 200 },
	};
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_int_eq(outcome_of(&s, FETCH_POST, "/x"), API_REFUSED);
	world_expect(&s.e, ERR_REFUSED, "not sent again", "401");
	ck_assert_ptr_null(strstr(s.e.text, "may have been done"));
	ck_assert_uint_eq(api_world_count("POST /x"), 1);
	ck_assert_uint_eq(api_world_count(API_TOKEN_LINE), 1);
	ck_assert_int_eq(outcome_of(&s, FETCH_POST, "/x"), API_DONE);
	ck_assert_uint_eq(api_world_count(API_TOKEN_LINE), 2);
	close_scene(&s);
}
END_TEST

/* --- logins that do not come about --------------------------------------------------------- */

static const struct { int status; const char *body, *text; } refused_logins[] = {
	{ 401, "{\"error\":\"unauthorized\",\"error_description\":\"Bad credentials\"}",
	    "Bad credentials" },
	{ 400, "{\"error\":\"unsupported_grant_type\"}", "unsupported_grant_type" },
	{ 403, NULL, "HTTP 403" },
	{ 401, "<html>", "a web page" },
};

/* Tried once: not in this process, and not by the next one. */
START_TEST(refused_login_is_final)
{
	const struct api_reply replies[] = { { .line = API_TOKEN_LINE,
	    .status = refused_logins[_i].status, .body = refused_logins[_i].body } };
	const char *dir = scratch_path(".");
	struct scene s;

	open_scene(&s, replies, 1);
	api_remember(s.a, dir);
	ck_assert_int_eq(outcome_of(&s, FETCH_POST, "/x"), API_REFUSED);
	world_expect(&s.e, ERR_AUTH, refused_logins[_i].text, "first");
	world_expect(&s.e, ERR_AUTH, "tried once", "first");
	ck_assert_ptr_null(strstr(s.e.text, "p@ss"));
	ck_assert_int_eq(outcome_of(&s, FETCH_GET, "/y"), API_NOT_SENT);
	world_expect(&s.e, ERR_AUTH, "tried once", "second");
	api_close(s.a);
	s.a = api_world_api(&s.w);
	api_remember(s.a, dir);
	ck_assert_int_eq(outcome_of(&s, FETCH_GET, "/y"), API_NOT_SENT);
	world_expect(&s.e, ERR_AUTH, "account is not locked", "next process");
	ck_assert_uint_eq(api_world_count(""), 1);
	ck_assert_int_eq(unlink(scratch_path("login-prod+write")), 0);
	close_scene(&s);
}
END_TEST

START_TEST(changed_credentials_are_tried)
{
	static const struct api_reply replies[] = {
		{ .line = API_TOKEN_LINE, .nth = 1, .status = 401 },
		API_TOKEN("t", "43199"), { .line = "GET /x", .status = 200 },
	};
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	api_remember(s.a, scratch_path("."));
	ck_assert_int_eq(outcome_of(&s, FETCH_GET, "/x"), API_REFUSED);
	api_close(s.a);
	api_world_login(&s.w, CLIENT_LOGIN);
	s.a = api_world_api(&s.w);
	api_remember(s.a, scratch_path("."));
	ck_assert_msg(outcome_of(&s, FETCH_GET, "/x") == API_DONE, "%s", s.e.text);
	ck_assert_int_ne(access(scratch_path("login-prod+write"), F_OK), 0);
	close_scene(&s);
}
END_TEST

/* No login, and no refusal either: the next call asks again. */
static const struct {
	const char *comment;
	struct api_reply token, state;
	enum api_outcome outcome;
	enum err_code code;
	const char *text;
} no_tokens[] = {
	{ "nothing behind the gateway", { .status = 502, .body = "<html>" }, { .status = 502 },
	    API_BUSY, ERR_BUSY, "locked or starting (HTTP 502): Ops Manager is starting or upgrading" },
	{ "not deployed yet", { .status = 404, .body = "not found" },
	    { .status = 302, .headers = "Location: https://opsman.example/unlock\r\n" },
	    API_BUSY, ERR_BUSY, "locked or starting (HTTP 404): Ops Manager is locked" },
	{ "sent elsewhere", { .status = 302 }, { .status = API_CLOSE },
	    API_BUSY, ERR_BUSY, "locked or starting (HTTP 302), and /login/ensure_availability gave" },
	{ "a page", { .status = 200, .body = "<html>" },
	    { .status = 200, .body = "<p>Waiting for authentication system to start" },
	    API_BUSY, ERR_BUSY, "locked or starting (HTTP 200): Ops Manager is starting" },
	{ "says that it is ready", { .status = 503 },
	    { .status = 302, .headers = "Location: /auth/cloudfoundry\r\n" },
	    API_BUSY, ERR_BUSY, "may still be locked or starting" },
	{ "too many", { .status = 429 }, { .status = 500 }, API_BUSY, ERR_BUSY, "too many requests" },
	{ "no token", { .status = 200, .body = "{\"token_type\":\"bearer\"}" }, { .status = 500 },
	    API_NOT_SENT, ERR_ANSWER, "access_token" },
	{ "another kind of token", { .status = 200, .body =
	    "{\"access_token\":\"t\",\"token_type\":\"mac\"}" }, { .status = 500 },
	    API_NOT_SENT, ERR_ANSWER, "want bearer" },
	{ "no answer", { .status = API_RESET }, { .status = 500 }, API_NOT_SENT, ERR_UNREACHABLE, "" },
};

START_TEST(without_a_token_nothing_is_sent)
{
	struct api_reply replies[] = { no_tokens[_i].token, no_tokens[_i].state };
	struct scene s;

	replies[0].line = API_TOKEN_LINE;
	replies[1].line = "GET /login/ensure_availability";
	open_scene(&s, replies, UNIT_ROWS(replies));
	api_remember(s.a, scratch_path("."));
	for (size_t n = 1; n <= 2; n++) {
		ck_assert_msg(outcome_of(&s, FETCH_POST, "/x") == no_tokens[_i].outcome, "%s: %s",
		    no_tokens[_i].comment, s.e.text);
		world_expect(&s.e, no_tokens[_i].code, no_tokens[_i].text, no_tokens[_i].comment);
		world_expect(&s.e, no_tokens[_i].code, "/uaa/oauth/token: ", no_tokens[_i].comment);
		ck_assert_ptr_null(strstr(s.e.text, "may have been done"));
		ck_assert_uint_eq(api_world_count(API_TOKEN_LINE), n);
	}
	ck_assert_uint_eq(api_world_count("POST /x"), 0);
	ck_assert_int_ne(access(scratch_path("login-prod+write"), F_OK), 0);
	close_scene(&s);
}
END_TEST

static const struct { const char *comment, *text, *says; } unusable[] = {
	{ "a session", API_SESSION_LOGIN, "no other login" },
	{ "a certificate", "client_cert=/nowhere\nclient_key=/nowhere\n", "" },
	{ "nonsense", "hello\n", "" },
};

START_TEST(unusable_credentials)
{
	struct scene s;

	open_scene(&s, NULL, 0);
	api_world_login(&s.w, unusable[_i].text);
	ck_assert_ptr_null(api_open(&s.w.target, s.w.credentials, NULL, NULL, &s.e));
	world_expect(&s.e, ERR_CONFIG, unusable[_i].says, unusable[_i].comment);
	ck_assert_ptr_null(api_open(&s.w.target, NULL, NULL, NULL, &s.e));
	world_expect(&s.e, ERR_CONFIG, "no credentials are configured", "none");
	close_scene(&s);
}
END_TEST

/* --- one at a time ------------------------------------------------------------------------ */

static struct api *open_locked(struct scene *s)
{
	const char *colon = strrchr(s->w.target.url, '/') + 1;
	char *path = opsman_lock_path(scratch_path("."), colon);
	struct api *a = api_open(&s->w.target, s->w.credentials, path, NULL, &s->e);

	ck_assert_msg(a != NULL, "%s", s->e.text);
	free(path);
	return a;
}

/* Another process whose call the server does not answer. */
static pid_t start_long_call(struct scene *s)
{
	pid_t pid = fork();
	struct api_answer answer;

	ck_assert_int_ge(pid, 0);
	if (pid != 0)
		return pid;
	s->a = open_locked(s);
	api_call(s->a, FETCH_GET, "/long", NULL, "the other", world_ms(60000), &answer, &s->e);
	_exit(0);
}

static void await_request(const char *line)
{
	const int64_t deadline_ms = clock_mono_ms() + world_ms(SOON_MS);
	const struct timespec pause = { .tv_nsec = 2000000 };

	while (api_world_count(line) == 0) {
		ck_assert_msg(clock_mono_ms() < deadline_ms, "%s did not come", line);
		nanosleep(&pause, NULL);
	}
}

/* Also while a token is asked for: nothing of ours goes out beside another call. */
START_TEST(two_processes_never_overlap)
{
	static const struct api_reply replies[] = {
		API_TOKEN("t", "43199"), { .line = "GET /long", .status = API_HANG },
		{ .line = "POST /x", .status = 200 },
	};
	struct api_answer answer;
	struct scene s;
	pid_t pid;

	open_scene(&s, replies, UNIT_ROWS(replies));
	api_close(s.a);
	s.a = NULL;
	pid = start_long_call(&s);
	await_request("GET /long");
	s.a = open_locked(&s);
	api_call(s.a, FETCH_POST, "/x", NULL, "the test", 300, &answer, &s.e);
	ck_assert_int_eq(answer.outcome, API_NOT_SENT);
	world_expect(&s.e, ERR_TIMEOUT, "held the lock", "lock");
	ck_assert_uint_eq(api_world_count(""), 2);       /* both of them the other's */
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_msg(outcome_of(&s, FETCH_POST, "/x") == API_DONE, "%s", s.e.text);
	ck_assert_uint_eq(api_world_count("POST /x"), 1);
	close_scene(&s);
}
END_TEST

/* The worker's calls are kept apart from those of check_certs, or are not made. */
START_TEST(worker_shares_the_lock)
{
	struct paths paths;
	const struct worker_settings settings = { .paths = &paths };
	struct mandate m = { .target = NULL };
	struct err e = { 0 };
	struct scene s;
	char *want;

	open_scene(&s, NULL, 0);
	api_close(s.a);
	paths_init(&paths, scratch_path("."));
	m.target = &s.w.target;
	m.credentials_path = s.w.credentials;
	want = opsman_lock_path(paths.check, strrchr(s.w.target.url, '/') + 1);
	s.a = outside_real.open(NULL, &settings, &m, &e);
	ck_assert_msg(s.a != NULL, "%s", e.text);
	ck_assert_str_eq(s.a->lock_path, want);
	outside_real.close(NULL, s.a);
	ck_assert_int_eq(rmdir(paths.check), 0);
	scratch_text("check", "in the way", 0600);
	s.a = outside_real.open(NULL, &settings, &m, &e);
	ck_assert_ptr_null(s.a);
	world_expect(&e, ERR_CONFIG, "the lock around calls", "no directory");
	s.w.target.kind = SOURCE_NSX;
	s.a = outside_real.open(NULL, &settings, &m, &e);
	ck_assert_msg(s.a != NULL && s.a->lock_path == NULL, "%s", e.text);
	ck_assert_int_eq(unlink(paths.check), 0);
	free(want);
	paths_clear(&paths);
	close_scene(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("api_opsman");
	TCase *t = tcase_create("api_opsman");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, world_make, world_remove);
	tcase_add_loop_test(t, outcome_is_told, 0, UNIT_ROWS(outcomes));
	tcase_add_test(t, answer_is_given);
	tcase_add_loop_test(t, one_token_for_all_calls, 0, UNIT_ROWS(grants));
	tcase_add_loop_test(t, token_has_a_life, 0, UNIT_ROWS(lives));
	tcase_add_loop_test(t, token_is_renewed_early, 0, 2);
	tcase_add_test(t, get_survives_the_end_of_its_token);
	tcase_add_test(t, one_new_token_a_call);
	tcase_add_test(t, change_does_not_survive_it);
	tcase_add_loop_test(t, refused_login_is_final, 0, UNIT_ROWS(refused_logins));
	tcase_add_test(t, changed_credentials_are_tried);
	tcase_add_loop_test(t, without_a_token_nothing_is_sent, 0, UNIT_ROWS(no_tokens));
	tcase_add_loop_test(t, unusable_credentials, 0, UNIT_ROWS(unusable));
	tcase_add_test(t, two_processes_never_overlap);
	tcase_add_test(t, worker_shares_the_lock);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
