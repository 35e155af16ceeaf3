/* test_view_opsman.c - one look at an Ops Manager: the poll by the reading
 * account, what goes on there by the writing one, one call at a time. */
#include "remediate/view.h"

#include <string.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/unit/api_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define REPLIES_MAX 24
#define LOOK_MS 20000
#define DATE "Date: Fri, 01 Jan 2027 00:00:00 GMT\r\n"
#define RUNNING "{\"installations\":[{\"id\":7,\"status\":\"running\"}," \
	"{\"id\":3,\"status\":\"running\"}]}"
#define LOGS "GET /api/v0/installations/7/logs"

struct scene {
	struct api_world w;
	struct api_reply replies[REPLIES_MAX];
	size_t n_replies;
	char *cas;
	struct mandate mandate;
	struct policy policy;
	struct view view;
};

static void reply(struct scene *s, const char *line, int status, const char *body)
{
	ck_assert_uint_lt(s->n_replies, REPLIES_MAX);
	s->replies[s->n_replies++] = (struct api_reply){ .line = line, .status = status, .body = body };
}

/* Rows that are put in front count more. */
static void reply_usual(struct scene *s)
{
	static const struct api_reply token = API_TOKEN("t", "43199");

	reply(s, "GET /api/v0/info", 200, "{\"info\":{\"version\":\"2.10.40-build.1\"}}");
	s->replies[s->n_replies++] = token;
	reply(s, "GET /api/v0/certificate_authorities", 200, s->cas);
	reply(s, "GET /api/v0/deployed/certificates", 200, "{\"certificates\":[{\"configurable\":false,"
	    "\"is_ca\":false,\"product_guid\":\"cf-1\",\"location\":\"credhub\","
	    "\"variable_path\":\"/cf/x\",\"valid_until\":\"2099-01-01T00:00:00Z\"}]}");
	reply(s, "GET /api/v0/installations HTTP", 200, "{\"installations\":[{\"id\":7,"
	    "\"status\":\"succeeded\"}]}");
	reply(s, "GET /api/v0/staged/pending_changes", 200,
	    "{\"product_changes\":[{\"guid\":\"cf-1\",\"action\":\"update\"}]}");
	s->replies[s->n_replies++] = (struct api_reply){ .line = "GET /api/v0/deployed/products",
		.status = 200, .headers = DATE, .body = "[{\"type\":\"p-bosh\"},{\"type\":\"cf\"}]" };
}

static char *make_cas(void)
{
	char *pem = pki_pem(world.certs[WORLD_CA], false);
	struct json_writer w;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	jsonw_init(&w, &text);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "certificate_authorities", '[');
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "guid", "f7bc");
	jsonw_bool(&w, "active", true);
	jsonw_str(&w, "created_on", "2026-01-01T00:00:00Z");
	jsonw_str(&w, "cert_pem", pem);
	jsonw_str(&w, "nats_cert_pem", pem);
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	free(pem);
	return buf_take(&text);
}

static void open_scene(struct scene *s)
{
	memset(s, 0, sizeof *s);
	api_world_open(&s->w, NULL, 0);
	api_world_opsman(&s->w);
	s->cas = make_cas();
	s->w.target.credentials_path = mem_strdup(scratch_text("reader", API_BASIC_LOGIN, 0600));
	s->mandate = (struct mandate){ .target = &s->w.target };
	policy_init(&s->policy);
}

static void look(struct scene *s, bool with_api, const struct view_wants *wants)
{
	struct api *api = with_api ? api_world_api(&s->w) : NULL;

	api_world_replies(s->replies, s->n_replies);
	view_read(&s->mandate, &s->policy, api, NULL, wants, scratch_path("."),
	    clock_mono_ms() + world_ms(LOOK_MS), clock_wall_s(), NULL, &s->view);
	api_close(api);
}

static void close_scene(struct scene *s)
{
	view_clear(&s->view);
	api_world_close(&s->w);
	policy_clear(&s->policy);
	free(s->cas);
}

START_TEST(everything_is_seen)
{
	const struct view_wants wants = { .log = _i == 1 };
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	look(&s, true, _i == 2 ? NULL : &wants);
	ck_assert_msg(s.view.is_complete, "%s", s.view.poll_err.text);
	ck_assert(s.view.is_reachable);
	ck_assert_str_eq(s.view.version, "2.10.40-build.1");
	ck_assert_msg(s.view.om.err.code == ERR_NONE, "%s", s.view.om.err.text);
	ck_assert_int_eq(s.view.ops.err.code, ERR_NONE);
	ck_assert_int_eq(s.view.om.server_at, 1798761600);
	ck_assert_uint_eq(s.view.om.n_cas, 1);
	ck_assert_uint_eq(strlen(s.view.om.cas[0].sha256), 64);
	ck_assert_uint_eq(s.view.om.n_installations, 1);
	ck_assert(s.view.om.has_pending && s.view.om.n_pending == 1);
	ck_assert_uint_eq(s.view.om.n_products, 2);
	ck_assert_ptr_null(s.view.om.log_line);          /* nothing runs, whatever is wanted */
	ck_assert_uint_eq(api_world_count("POST "), 2);  /* a token for each account */
	ck_assert_uint_eq(api_world_count("GET /api/v0/installations/"), 0);
	ck_assert_uint_eq(api_world_count("GET /api/v1/cluster"), 0);
	close_scene(&s);
}
END_TEST

START_TEST(without_an_account_only_the_poll)
{
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	look(&s, false, NULL);
	ck_assert(s.view.is_complete);
	world_expect(&s.view.om.err, ERR_CONFIG, "was not asked", "no account");
	ck_assert_uint_eq(api_world_count("GET /api/v0/installations"), 0);
	close_scene(&s);
}
END_TEST

/* Before 2.2 there is no list of changes; it is not told then. */
START_TEST(old_version_does_not_tell_changes)
{
	struct scene s;

	open_scene(&s);
	reply(&s, "GET /api/v0/staged/pending_changes", 404, NULL);
	reply_usual(&s);
	look(&s, true, NULL);
	ck_assert_msg(s.view.om.err.code == ERR_NONE, "%s", s.view.om.err.text);
	ck_assert(!s.view.om.has_pending);
	ck_assert_uint_eq(s.view.om.n_products, 2);
	close_scene(&s);
}
END_TEST

/* What cannot be read is never "nothing goes on". */
static const struct {
	struct api_reply reply;
	enum err_code code;
	const char *text;
} unread[] = {
	{ { "GET /api/v0/installations HTTP", 0, 404, NULL, NULL }, ERR_REFUSED,
	    "installations: HTTP 404" },
	{ { "GET /api/v0/installations HTTP", 0, 200, "<html>", NULL }, ERR_BUSY,
	    "installations: HTTP 200: Ops Manager is locked or starting" },
	{ { "GET /api/v0/installations HTTP", 0, 302, NULL, NULL }, ERR_BUSY, "locked or starting" },
	{ { "GET /api/v0/installations HTTP", 0, 200, "", NULL }, ERR_ANSWER, "no JSON" },
	{ { "GET /api/v0/installations HTTP", 0, 200, "{}", NULL }, ERR_ANSWER, "installations: " },
	{ { "GET /api/v0/installations HTTP", 0, 403, NULL, NULL }, ERR_REFUSED,
	    "opsman.restricted_view" },
	{ { "GET /api/v0/staged/pending_changes", 0, 500, NULL, NULL }, ERR_REFUSED,
	    "pending changes: HTTP 500" },
	{ { "GET /api/v0/staged/pending_changes", 0, 200, "[]", NULL }, ERR_ANSWER,
	    "pending changes: " },
	{ { "GET /api/v0/deployed/products", 0, 404, NULL, NULL }, ERR_REFUSED, "deployed products" },
	{ { "GET /api/v0/deployed/products", 0, API_CLOSE, NULL, NULL }, ERR_UNREACHABLE,
	    "deployed products" },
};

START_TEST(unread_operation_is_told)
{
	struct scene s;

	open_scene(&s);
	s.replies[s.n_replies++] = unread[_i].reply;
	reply_usual(&s);
	look(&s, true, NULL);
	ck_assert(s.view.is_complete);
	world_expect(&s.view.om.err, unread[_i].code, unread[_i].text, unread[_i].reply.line);
	close_scene(&s);
}
END_TEST

/* Locked: the poll and the look say so, with one word for a person. */
START_TEST(locked_one_says_so)
{
	struct scene s;

	open_scene(&s);
	reply(&s, "POST /uaa/oauth/token", 502, "<html>");
	reply(&s, "GET /login/ensure_availability", 502, "<html>");
	look(&s, true, NULL);
	ck_assert(!s.view.is_complete);
	world_expect(&s.view.om.err, ERR_BUSY, "locked or starting", "look");
	ck_assert_ptr_eq(strstr(s.view.om.err.text, "certificate authorities: "),
	    s.view.om.err.text);
	close_scene(&s);
}
END_TEST

/* --- the log ------------------------------------------------------------------------------- */

static const struct { int status; const char *body, *line; } logs[] = {
	{ 200, "{\"logs\":\"first\\nlast one\"}", "last one" },
	{ 200, "{\"logs\":\"first\\n  Updating instance cf/0 | 50%\\r\\n\\n \"}",
	    "Updating instance cf/0 / 50%" },
	{ 200, "{\"logs\":\"only\"}", "only" },
	{ 200, "{\"logs\":\"\\u001b[1mbold\"}", "?(1mbold" },
	{ 200, "{\"logs\":\" \\n\\n\"}", NULL }, { 200, "{\"logs\":\"\"}", NULL },
	{ 200, "{\"logs\":7}", NULL }, { 200, "{}", NULL }, { 200, "<html>", NULL },
	{ 404, "{\"errors\":[\"gone\"]}", NULL }, { API_CLOSE, NULL, NULL },
};

/* Only to be shown: nothing of it is an error. */
START_TEST(last_line_of_the_log)
{
	const struct view_wants wants = { .log = true };
	struct scene s;

	open_scene(&s);
	reply(&s, "GET /api/v0/installations HTTP", 200, RUNNING);
	reply(&s, LOGS, logs[_i].status, logs[_i].body);
	reply_usual(&s);
	look(&s, true, &wants);
	ck_assert_msg(s.view.om.err.code == ERR_NONE, "%s", s.view.om.err.text);
	if (logs[_i].line == NULL)
		ck_assert_msg(s.view.om.log_line == NULL, "%s", s.view.om.log_line);
	else
		ck_assert_str_eq(s.view.om.log_line, logs[_i].line);
	ck_assert_uint_eq(api_world_count(LOGS), 1);
	ck_assert_uint_eq(api_world_count("GET /api/v0/installations/3"), 0);
	close_scene(&s);
}
END_TEST

START_TEST(log_is_asked_for)
{
	struct scene s;

	open_scene(&s);
	reply(&s, "GET /api/v0/installations HTTP", 200, RUNNING);
	reply_usual(&s);
	look(&s, true, NULL);
	ck_assert_int_eq(s.view.om.err.code, ERR_NONE);
	ck_assert_uint_eq(api_world_count(LOGS), 0);
	close_scene(&s);
}
END_TEST

/* A log of hours: its end is shown, and one beyond all bounds is not. */
static const struct { size_t n_bytes; bool is_read; } sizes[] = {
	{ (size_t)4 * 1024 * 1024, true }, { (size_t)17 * 1024 * 1024, false },
};

START_TEST(long_log)
{
	const struct view_wants wants = { .log = true };
	const size_t n = sizes[_i].n_bytes;
	struct scene s;
	struct buf body;

	buf_init(&body, SIZE_MAX);
	buf_adds(&body, "{\"logs\":\"");
	while (body.len < n)
		buf_adds(&body, "Task 1234 | 12:34:56 | Updating instance diego_cell\\n");
	buf_adds(&body, "the end\\n\"}");
	open_scene(&s);
	reply(&s, "GET /api/v0/installations HTTP", 200, RUNNING);
	reply(&s, LOGS, 200, buf_str(&body));
	reply_usual(&s);
	look(&s, true, &wants);
	ck_assert_msg(s.view.om.err.code == ERR_NONE, "%s", s.view.om.err.text);
	ck_assert(sizes[_i].is_read == (s.view.om.log_line != NULL));
	if (sizes[_i].is_read)
		ck_assert_str_eq(s.view.om.log_line, "the end");
	close_scene(&s);
	buf_clear(&body);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("view_opsman");
	TCase *t = tcase_create("view_opsman");

	tcase_set_timeout(t, 240);
	tcase_add_unchecked_fixture(t, world_make, world_remove);
	tcase_add_loop_test(t, everything_is_seen, 0, 3);
	tcase_add_test(t, without_an_account_only_the_poll);
	tcase_add_test(t, old_version_does_not_tell_changes);
	tcase_add_loop_test(t, unread_operation_is_told, 0, UNIT_ROWS(unread));
	tcase_add_test(t, locked_one_says_so);
	tcase_add_loop_test(t, last_line_of_the_log, 0, UNIT_ROWS(logs));
	tcase_add_test(t, log_is_asked_for);
	tcase_add_loop_test(t, long_log, 0, UNIT_ROWS(sizes));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
