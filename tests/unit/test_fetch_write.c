/* test_fetch_write.c - requests that may change something: what is sent, that
 * it is sent once, and whether anything was sent at all. */
#include "tests/unit/https_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"

#define SOON_MS 4000
#define BODY "{\"private_key\":\"a\\nb\"}"
#define LARGE_BYTES 60000          /* of one request that the test's server can hold */

static char body_text[] = BODY;
static const struct secret body = { body_text, sizeof body_text - 1 };

static const struct {
	enum fetch_verb verb;
	const char *name;
	bool has_body;
} changes[] = {
	{ FETCH_POST, "POST", true }, { FETCH_PUT, "PUT", true }, { FETCH_PATCH, "PATCH", true },
	{ FETCH_DELETE, "DELETE", false },
};

static struct fetch_request change_of(int row, const struct tls_server *s)
{
	return (struct fetch_request){ .verb = changes[row].verb, .url = world_url(s, "/x?y=z"),
	    .trust = &world.trust, .json = changes[row].has_body ? &body : NULL };
}

static bool has_line(const char *text, const char *line)
{
	char *whole = mem_printf("\r\n%s\r\n", line);
	const bool found = strstr(text, whole) != NULL;

	free(whole);
	return found;
}

/* --- what is sent ------------------------------------------------------------------- */

START_TEST(change_is_sent)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_request r = change_of(_i, s);
	struct fetch_answer a = world_fetch(&r, SOON_MS);
	char *text = tls_server_last_request(s), *first;

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_int_eq(a.status, 200);
	ck_assert(a.was_sent);
	first = mem_printf("%s /x?y=z HTTP/1.1\r\n", changes[_i].name);
	ck_assert_ptr_eq(strstr(text, first), text);
	ck_assert(has_line(text, "Content-Type: application/json") == changes[_i].has_body);
	ck_assert((strstr(text, "\r\n\r\n" BODY) != NULL) == changes[_i].has_body);
	ck_assert_ptr_null(strstr(text, "Expect"));
	free(first);
	free(text);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

START_TEST(change_without_a_body)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_request r = change_of(_i, s);
	struct fetch_answer a;
	char *text;

	r.json = NULL;
	a = world_fetch(&r, SOON_MS);
	text = tls_server_last_request(s);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert(has_line(text, "Content-Length: 0") == changes[_i].has_body);
	ck_assert_ptr_null(strstr(text, "Content-Type"));
	ck_assert_str_eq(strstr(text, "\r\n\r\n"), "\r\n\r\n");
	free(text);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* No waiting for a "100 Continue" that a simple server never sends. */
START_TEST(large_body_goes_at_once)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct secret large = { mem_alloc(LARGE_BYTES + 1), LARGE_BYTES };
	struct fetch_request r = change_of(0, s);
	struct fetch_answer a;
	char *text;

	memset(large.bytes, 'x', LARGE_BYTES);
	r.json = &large;
	a = world_fetch(&r, SOON_MS);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	text = tls_server_last_request(s);
	ck_assert_ptr_null(strstr(text, "Expect"));
	ck_assert_uint_eq(strspn(strstr(text, "\r\n\r\n") + 4, "x"), LARGE_BYTES);
	free(text);
	secret_wipe(&large);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* The caller may wipe its body as soon as the request has begun. */
START_TEST(body_is_borrowed_only_at_the_start)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_request r = change_of(0, s);
	struct secret mine = { 0 };
	struct err e = { 0 };
	struct fetch_answer a;
	struct fetch *f = fetch_new(clock_mono_ms() + world_ms(SOON_MS), NULL, &e);
	char *text;

	ck_assert_msg(f != NULL, "%s", e.text);
	secret_set(&mine, BODY, strlen(BODY));
	r.json = &mine;
	fetch_start(f, &r);
	secret_wipe(&mine);
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	text = tls_server_last_request(s);
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\n" BODY));
	free(text);
	fetch_answer_clear(&a);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

static const struct { const char *comment; enum fetch_verb verb; bool form, json; } unfit[] = {
	{ "GET with JSON", FETCH_GET, false, true },
	{ "GET with a form", FETCH_GET, true, false },
	{ "DELETE with JSON", FETCH_DELETE, false, true },
	{ "PUT with a form", FETCH_PUT, true, false },
	{ "POST with both", FETCH_POST, true, true },
};

START_TEST(unfit_body_is_refused)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .verb = unfit[_i].verb,
	    .url = world_url(s, "/"), .trust = &world.trust, .form = unfit[_i].form ? &body : NULL,
	    .json = unfit[_i].json ? &body : NULL }, SOON_MS);

	world_expect(&a.err, ERR_CONFIG, "takes no such body", unfit[_i].comment);
	ck_assert(!a.was_sent);
	ck_assert_uint_eq(tls_server_connections(s), 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* --- once --------------------------------------------------------------------------- */

/* Answers once on the first connection; whatever comes later is taken, and
 * the connection closed without a byte. */
static void take_silently(struct tls_conn *c)
{
	if (c->nth == 0 && tls_conn_request(c) == 0)
		tls_conn_text(c, WORLD_OK);
	(void)tls_conn_request(c);
}

static struct fetch_answer next(struct fetch *f, const struct fetch_request *r)
{
	struct fetch_answer a;

	fetch_start(f, r);
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	return a;
}

START_TEST(change_is_never_repeated)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, take_silently);
	struct fetch_request get = { .url = world_url(s, "/"), .trust = &world.trust },
	    change = change_of(_i, s);
	struct err e = { 0 };
	struct fetch *f = fetch_new(clock_mono_ms() + world_ms(SOON_MS), NULL, &e);
	struct fetch_answer a;

	ck_assert_msg(f != NULL, "%s", e.text);
	a = next(f, &get);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	fetch_answer_clear(&a);
	a = next(f, &change);
	world_expect(&a.err, ERR_UNREACHABLE, "", changes[_i].name);
	ck_assert(a.was_sent);
	ck_assert_uint_eq(a.chain.n, 1);           /* a handshake of its own */
	ck_assert_uint_eq(tls_server_connections(s), 2);
	ck_assert_uint_eq(tls_server_requests(s), 2);
	fetch_answer_clear(&a);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

/* --- was it sent? ------------------------------------------------------------------- */

static void reset_at_once(struct tls_conn *c)
{
	tls_conn_reset(c);
}

static void take_and_reset(struct tls_conn *c)
{
	(void)tls_conn_request(c);
	tls_conn_reset(c);
}

static void take_and_wait(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		(void)tls_conn_wait(c, 60000);
}

static void answer_half(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":");
}

static const struct {
	const char *comment;
	enum world_cert identity;          /* WORLD_N: raw, without TLS */
	void (*serve)(struct tls_conn *c);
	enum err_code code;
	bool was_sent;
} ends[] = {
	{ "no TLS", WORLD_N, reset_at_once, ERR_UNREACHABLE, false },
	{ "not trusted", WORLD_SELF, take_and_wait, ERR_TLS, false },
	{ "another name", WORLD_ELSEWHERE, take_and_wait, ERR_TLS, false },
	{ "expired", WORLD_EXPIRED, take_and_wait, ERR_TLS, false },
	{ "reset after it", WORLD_GOOD, take_and_reset, ERR_UNREACHABLE, true },
	{ "no answer in time", WORLD_GOOD, take_and_wait, ERR_TIMEOUT, true },
	{ "half an answer", WORLD_GOOD, answer_half, ERR_ANSWER, true },
};

START_TEST(sent_or_not_is_known)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = ends[_i].identity < WORLD_N ? world.certs[ends[_i].identity] : NULL,
	    .serve = ends[_i].serve });
	struct fetch_request r = change_of(0, s);
	struct fetch_answer a = world_fetch(&r, ends[_i].code == ERR_TIMEOUT ? 500 : SOON_MS);

	world_expect(&a.err, ends[_i].code, "", ends[_i].comment);
	ck_assert_msg(a.was_sent == ends[_i].was_sent, "%s: was_sent %d", ends[_i].comment,
	    a.was_sent);
	ck_assert_int_eq(a.status, 0);
	ck_assert_uint_eq(a.body.len, 0);
	ck_assert_uint_le(tls_server_requests(s), ends[_i].was_sent ? 1 : 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

START_TEST(no_connection_is_not_sent)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_request r = change_of(_i, s);
	struct fetch_answer a;

	tls_server_stop(s);                        /* the port is closed now */
	a = world_fetch(&r, SOON_MS);
	world_expect(&a.err, ERR_UNREACHABLE, "no connection", changes[_i].name);
	ck_assert(!a.was_sent);
	fetch_answer_clear(&a);
}
END_TEST

/* A peek has nothing to send. */
START_TEST(peek_sends_nothing)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .verb = FETCH_PEEK,
	    .url = world_address(s) }, SOON_MS);

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert(!a.was_sent);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("fetch_write");
	TCase *t = tcase_create("fetch_write");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, world_make, world_remove);
	tcase_add_loop_test(t, change_is_sent, 0, UNIT_ROWS(changes));
	tcase_add_loop_test(t, change_without_a_body, 0, UNIT_ROWS(changes));
	tcase_add_test(t, large_body_goes_at_once);
	tcase_add_test(t, body_is_borrowed_only_at_the_start);
	tcase_add_loop_test(t, unfit_body_is_refused, 0, UNIT_ROWS(unfit));
	tcase_add_loop_test(t, change_is_never_repeated, 0, UNIT_ROWS(changes));
	tcase_add_loop_test(t, sent_or_not_is_known, 0, UNIT_ROWS(ends));
	tcase_add_loop_test(t, no_connection_is_not_sent, 0, UNIT_ROWS(changes));
	tcase_add_test(t, peek_sends_nothing);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
