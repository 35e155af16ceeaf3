/* test_fetch.c - what is sent, and what is read from a server that behaves. */
#include "lib/base/clock.h"
#include "tests/unit/https_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SOON_MS 4000

static struct secret text_secret(char *text)
{
	return (struct secret){ text, strlen(text) };
}

/* GET from a server that gives this answer. */
static struct fetch_answer get(const char *answer)
{
	struct tls_server *s = world_server(WORLD_GOOD, answer, NULL);
	struct fetch_answer a = world_fetch(&(struct fetch_request){
	    .url = world_url(s, "/x"), .trust = &world.trust, .source = 7, .tag = 9 }, SOON_MS);

	tls_server_stop(s);
	return a;
}

START_TEST(answer_is_read)
{
	struct fetch_answer a = get("HTTP/1.1 404 Not Found\r\n"
	    "content-type: application/json;charset=UTF-8\r\nDATE: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	    "Content-Length: 11\r\n\r\n{\"a\":\"b\"}\r\n");
	struct err e = { 0 };
	struct cert *leaf;
	uint8_t want[32];

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_uint_eq(a.source, 7);
	ck_assert_int_eq(a.tag, 9);
	ck_assert_int_eq(a.status, 404);
	ck_assert_str_eq(a.content_type, "application/json;charset=UTF-8");
	ck_assert_str_eq(buf_str(&a.body), "{\"a\":\"b\"}\r\n");
	ck_assert(a.has_date);
	ck_assert_int_eq(a.date_at, 784111777);
	ck_assert(llabs(a.received_at - clock_wall_s()) <= 5);
	ck_assert_int_eq(a.retry_after_s, -1);
	ck_assert(a.elapsed_ms >= 0 && a.elapsed_ms < SOON_MS);
	ck_assert(!a.only_expired);
	ck_assert_uint_eq(a.chain.n, 1);
	pki_sha256(world.certs[WORLD_GOOD], want);
	leaf = cert_from_der(a.chain.v[0].der, a.chain.v[0].len, &e);
	ck_assert_msg(leaf != NULL, "%s", e.text);
	ck_assert_mem_eq(leaf->sha256, want, sizeof want);
	cert_free(leaf);
	ck_assert_ptr_null(a.cookie.bytes);
	fetch_answer_clear(&a);
}
END_TEST

START_TEST(redirect_is_an_answer)
{
	struct fetch_answer a = get("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/login\r\n"
	    "Content-Length: 0\r\n\r\n");

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_int_eq(a.status, 302);
	ck_assert_str_eq(a.location, "https://127.0.0.1:1/login");
	ck_assert_uint_eq(a.body.len, 0);
	fetch_answer_clear(&a);
}
END_TEST

START_TEST(session_is_kept)
{
	struct fetch_answer a = get("HTTP/1.1 200 OK\r\nSet-Cookie: OTHER=1; Path=/\r\n"
	    "set-cookie: JSESSIONID=0123ABCD; Path=/; Secure; HttpOnly; SameSite=Lax\r\n"
	    "x-xsrf-token: 8f14e45f-ceea\r\nContent-Length: 0\r\n\r\n");

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_str_eq(a.cookie.bytes, "JSESSIONID=0123ABCD");
	ck_assert_str_eq(a.xsrf.bytes, "8f14e45f-ceea");
	fetch_answer_clear(&a);
}
END_TEST

static const char gzip_4000[] =    /* 4000 times 'a' */
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xac\xeb\x5f\xc2"
	"\x18\x3e\x40\x01\x00\x00\x00\x6f\x03\xeb\xbe\x85\x78\xa0\x0f\x00\x00";

static void serve_gzip(struct tls_conn *c)
{
	if (tls_conn_request(c) != 0)
		return;
	tls_conn_text(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 40\r\n\r\n");
	tls_conn_send(c, gzip_4000, sizeof gzip_4000 - 1);
}

/* The ceiling is for what comes out of the decompression. */
START_TEST(gzip_is_unpacked)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, serve_gzip);
	struct fetch_request r = { .url = world_url(s, "/"), .trust = &world.trust };
	struct fetch_answer a = world_fetch(&r, SOON_MS);

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_uint_eq(a.body.len, 4000);
	fetch_answer_clear(&a);
	r.max_body_bytes = 3999;
	a = world_fetch(&r, SOON_MS);
	world_expect(&a.err, ERR_ANSWER, "larger than 3999 bytes", "gzip");
	ck_assert_uint_eq(a.body.len, 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* --- what is sent --------------------------------------------------------------- */

/* Send to a server of ours; what it got, to be freed. */
static char *sent(struct fetch_request *r)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_answer a;
	char *text;

	r->url = world_url(s, "/api/v0/info?a=b");
	r->trust = &world.trust;
	a = world_fetch(r, SOON_MS);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	fetch_answer_clear(&a);
	text = tls_server_last_request(s);
	tls_server_stop(s);
	return text;
}

static void has_line(const char *text, const char *line)
{
	char whole[200];

	snprintf(whole, sizeof whole, "\r\n%s\r\n", line);
	ck_assert_msg(strstr(text, whole) != NULL, "no line \"%s\" in:\n%s", line, text);
}

START_TEST(get_is_plain)
{
	char *text = sent(&(struct fetch_request){ .verb = FETCH_GET });

	ck_assert_ptr_eq(strstr(text, "GET /api/v0/info?a=b HTTP/1.1\r\n"), text);
	has_line(text, "Accept: application/json");
	ck_assert_ptr_null(strstr(text, "Authorization"));
	ck_assert_ptr_null(strstr(text, "Cookie"));
	free(text);
}
END_TEST

START_TEST(basic_goes_at_once)
{
	char user[] = "Aladdin", password[] = "open sesame";
	struct secret u = text_secret(user), p = text_secret(password);
	char *text = sent(&(struct fetch_request){ .basic_user = &u, .basic_password = &p });

	has_line(text, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	free(text);
}
END_TEST

START_TEST(bearer_goes_at_once)
{
	char token[] = "eyJhbGciOi.J9.x-_";
	struct secret t = text_secret(token);
	char *text = sent(&(struct fetch_request){ .bearer = &t });

	has_line(text, "Authorization: Bearer eyJhbGciOi.J9.x-_");
	free(text);
}
END_TEST

START_TEST(session_goes_with_every_call)
{
	char cookie[] = "JSESSIONID=0123", xsrf[] = "tok-en";
	struct secret c = text_secret(cookie), x = text_secret(xsrf);
	char *text = sent(&(struct fetch_request){ .cookie = &c, .xsrf = &x });

	has_line(text, "Cookie: JSESSIONID=0123");
	has_line(text, "X-XSRF-TOKEN: tok-en");
	free(text);
}
END_TEST

START_TEST(post_is_a_form)
{
	char user[] = "id", password[] = "", form[] = "grant_type=password&password=a%00b";
	struct secret u = text_secret(user), p = text_secret(password), b = text_secret(form);
	char *text = sent(&(struct fetch_request){ .verb = FETCH_POST, .form = &b, .basic_user = &u,
	    .basic_password = &p });

	ck_assert_ptr_eq(strstr(text, "POST /api/v0/info?a=b HTTP/1.1\r\n"), text);
	has_line(text, "Content-Type: application/x-www-form-urlencoded");
	has_line(text, "Content-Length: 34");
	has_line(text, "Authorization: Basic aWQ6");
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\ngrant_type=password&password=a%00b"));
	ck_assert_ptr_null(strstr(text, "Expect:"));
	free(text);
}
END_TEST

START_TEST(post_without_a_form)
{
	char *text = sent(&(struct fetch_request){ .verb = FETCH_POST });

	has_line(text, "Content-Length: 0");
	free(text);
}
END_TEST

/* --- what is refused before anything is sent ---------------------------------------- */

static char colon_text[] = "a:b", zero_text[] = "a\0b", fine_text[] = "fine",
    two_lines_text[] = "a\r\nX-Evil: 1";
static const struct secret colon = { colon_text, 3 }, zero = { zero_text, 3 }, fine = { fine_text, 4 },
    two_lines = { two_lines_text, sizeof two_lines_text - 1 }, empty;

static const struct {
	const char *comment, *text;
	enum err_code code;
	struct fetch_request r;
} refused[] = {
	{ "no TLS", "want https://", ERR_CONFIG, { .url = "http://127.0.0.1/" } },
	{ "no URL", "want https://", ERR_CONFIG, { .url = "" } },
	{ "no host", "want https://", ERR_CONFIG, { .url = "https:///x" } },
	{ "login in it", "want https://", ERR_CONFIG, { .url = "https://u:p@127.0.0.1/" } },
	{ "user in it", "want https://", ERR_CONFIG, { .url = "https://u@127.0.0.1/" } },
	{ "fragment", "want https://", ERR_CONFIG, { .url = "https://127.0.0.1/#x" } },
	{ "blank", "want https://", ERR_CONFIG, { .url = "https://127.0.0.1/a b" } },
	{ "line end", "want https://", ERR_CONFIG, { .url = "https://127.0.0.1/a\r\nX: y" } },
	{ "not ASCII", "want https://", ERR_CONFIG, { .url = "https://127.0.0.1/\xc3\xa4" } },
	{ "port 0", "want https://", ERR_CONFIG, { .url = "https://127.0.0.1:0/" } },
	{ "port 65536", "want https://", ERR_CONFIG, { .url = "https://127.0.0.1:65536/" } },
	{ "port that is none", "want https://", ERR_CONFIG, { .url = "https://127.0.0.1:4x/" } },
	{ "open bracket", "want https://", ERR_CONFIG, { .url = "https://[::1/" } },
	{ "a URL to peek at", "want host:port", ERR_CONFIG,
	    { .verb = FETCH_PEEK, .url = "https://127.0.0.1" } },
	{ "a path to peek at", "want host:port", ERR_CONFIG,
	    { .verb = FETCH_PEEK, .url = "127.0.0.1:1/x" } },
	{ "server name", "server name", ERR_CONFIG,
	    { .verb = FETCH_PEEK, .url = "127.0.0.1:1", .sni = "a/b" } },
	{ "IPv6 under -4", "IPv6 address", ERR_CONFIG,
	    { .verb = FETCH_PEEK, .url = "[::1]:1", .family = FAMILY_4 } },
	{ "IPv4 under -6", "IPv4 address", ERR_CONFIG,
	    { .verb = FETCH_PEEK, .url = "127.0.0.1:1", .family = FAMILY_6 } },
	{ "user with colon", "user name", ERR_CONFIG,
	    { .url = "https://127.0.0.1:1/", .basic_user = &colon } },
	{ "user without name", "user name", ERR_CONFIG,
	    { .url = "https://127.0.0.1:1/", .basic_user = &empty } },
	{ "zero in password", "zero byte", ERR_CONFIG,
	    { .url = "https://127.0.0.1:1/", .basic_user = &fine, .basic_password = &zero } },
	{ "token of two lines", "token with control characters", ERR_ANSWER,
	    { .url = "https://127.0.0.1:1/", .bearer = &two_lines } },
	{ "cookie of two lines", "cookie with control characters", ERR_ANSWER,
	    { .url = "https://127.0.0.1:1/", .cookie = &two_lines } },
	{ "empty xsrf", "empty or broken XSRF token", ERR_ANSWER,
	    { .url = "https://127.0.0.1:1/", .xsrf = &empty } },
	{ "no client certificate", "client_cert /nonexistent/c", ERR_CONFIG,
	    { .url = "https://127.0.0.1:1/", .client_cert_path = "/nonexistent/c" } },
};

START_TEST(refused_before_sending)
{
	struct fetch_answer a = world_fetch(&refused[_i].r, SOON_MS);

	world_expect(&a.err, refused[_i].code, refused[_i].text, refused[_i].comment);
	ck_assert_int_eq(a.status, 0);
	fetch_answer_clear(&a);
}
END_TEST

START_TEST(secret_is_not_in_the_sentence)
{
	struct fetch_answer a = world_fetch(&(struct fetch_request){
	    .url = "https://admin:hunter2@127.0.0.1/?token=hunter3" }, SOON_MS);

	ck_assert_int_eq(a.err.code, ERR_CONFIG);
	ck_assert_ptr_null(strstr(a.err.text, "hunter"));
	fetch_answer_clear(&a);
}
END_TEST

/* --- the environment, families, traces ------------------------------------------------ */

START_TEST(environment_is_not_obeyed)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	const char *keys = scratch_path("keys.log");
	struct fetch_answer a;

	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	setenv("SSLKEYLOGFILE", keys, 1);
	a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust }, SOON_MS);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_int_ne(access(keys, F_OK), 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

START_TEST(ipv6_literal)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .address = "::1", .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK });
	char url[64];
	struct fetch_answer a;

	if (s == NULL) {
		printf("# this machine has no IPv6: not tried\n");
		return;
	}
	snprintf(url, sizeof url, "https://[::1]:%d/", tls_server_port(s));
	a = world_fetch(&(struct fetch_request){ .url = url, .trust = &world.trust, .family = FAMILY_6 },
	    SOON_MS);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_int_eq(a.status, 200);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

struct lines { char text[8192]; int level; };

static void keep_line(void *ctx, int level, const char *text)
{
	struct lines *l = ctx;

	l->level = level > l->level ? level : l->level;
	strncat(l->text, text, sizeof l->text - strlen(l->text) - 1);
	strncat(l->text, "\n", sizeof l->text - strlen(l->text) - 1);
}

static void traced(int level, struct lines *l)
{
	struct tls_server *s = world_server(WORLD_GOOD, "HTTP/1.1 200 OK\r\nX-Shown: \x1b[31mred\r\n"
	    "Set-Cookie: JSESSIONID=hidden1\r\nX-XSRF-Token: hidden2\r\nLocation: /a?code=hidden3\r\n"
	    "Content-Length: 2\r\n\r\n{}", NULL);
	const struct trace trace = { .level = level, .line = keep_line, .ctx = l };
	char user[] = "hidden4", password[] = "hidden5";
	struct secret u = text_secret(user), p = text_secret(password);
	struct fetch_answer a;
	struct err e = { 0 };
	struct fetch *f = fetch_new(clock_mono_ms() + SOON_MS, &trace, &e);

	ck_assert_msg(f != NULL, "%s", e.text);
	fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/path?token=hidden6"), .label = "prod",
	    .trust = &world.trust, .basic_user = &u, .basic_password = &p });
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	fetch_answer_clear(&a);
	fetch_free(f);
	tls_server_stop(s);
}

START_TEST(trace_of_a_request)
{
	struct lines l = { .text = "" };

	traced(TRACE_REQUEST, &l);
	ck_assert_ptr_eq(strstr(l.text, "prod: GET https://127.0.0.1:"), l.text);
	ck_assert_ptr_nonnull(strstr(l.text, "/path?... 200, 2 bytes, "));
	ck_assert_ptr_null(strstr(l.text, "hidden"));
	ck_assert_int_eq(l.level, TRACE_REQUEST);
}
END_TEST

START_TEST(trace_of_headers)
{
	struct lines l = { .text = "" };

	traced(TRACE_HEADER, &l);
	ck_assert_msg(strstr(l.text, "prod: < HTTP/1.1 200 OK\n") != NULL, "%s", l.text);
	ck_assert_ptr_nonnull(strstr(l.text, "prod: < Set-Cookie: (hidden)\n"));
	ck_assert_ptr_nonnull(strstr(l.text, "prod: < X-XSRF-Token: (hidden)\n"));
	ck_assert_ptr_nonnull(strstr(l.text, "prod: < Location: /a\n"));
	ck_assert_ptr_nonnull(strstr(l.text, "X-Shown: ?"));
	ck_assert_ptr_null(strchr(l.text, '\x1b'));
	for (const char *p = l.text; (p = strstr(p, "hidden")) != NULL; p++)
		ck_assert_msg(p > l.text && p[-1] == '(', "a secret is shown: %s", p);
}
END_TEST

START_TEST(nothing_to_wait_for)
{
	struct err e = { 0 };
	struct fetch_answer a;
	const int64_t begun_ms = clock_mono_ms();
	struct fetch *f = fetch_new(begun_ms + 1000, NULL, &e);

	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 0);
	ck_assert_int_lt(clock_mono_ms() - begun_ms, 500);
	ck_assert_int_eq(fetch_wait(f, begun_ms + 100, &a), 0);
	ck_assert_int_ge(clock_mono_ms() - begun_ms, 100);
	ck_assert_int_eq(fetch_wait(f, begun_ms + 60000, &a), 0);
	ck_assert_int_ge(clock_mono_ms() - begun_ms, 1000);
	fetch_free(f);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("fetch");
	TCase *c = tcase_create("calls");

	tcase_add_unchecked_fixture(c, world_make, world_remove);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, answer_is_read);
	tcase_add_test(c, redirect_is_an_answer);
	tcase_add_test(c, session_is_kept);
	tcase_add_test(c, gzip_is_unpacked);
	tcase_add_test(c, get_is_plain);
	tcase_add_test(c, basic_goes_at_once);
	tcase_add_test(c, bearer_goes_at_once);
	tcase_add_test(c, session_goes_with_every_call);
	tcase_add_test(c, post_is_a_form);
	tcase_add_test(c, post_without_a_form);
	tcase_add_loop_test(c, refused_before_sending, 0, sizeof refused / sizeof refused[0]);
	tcase_add_test(c, secret_is_not_in_the_sentence);
	tcase_add_test(c, environment_is_not_obeyed);
	tcase_add_test(c, ipv6_literal);
	tcase_add_test(c, trace_of_a_request);
	tcase_add_test(c, trace_of_headers);
	tcase_add_test(c, nothing_to_wait_for);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
