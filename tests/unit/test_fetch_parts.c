/* test_fetch_parts.c - the pieces of fetch that need no network. */
#include "lib/source/fetch_internal.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *text;
	bool is_url;
	const char *host, *where;      /* NULL: refused */
	int port;
} addresses[] = {
	{ "https://nsx.example", true, "nsx.example", "nsx.example:443", 443 },
	{ "https://nsx.example/", true, "nsx.example", "nsx.example:443", 443 },
	{ "https://nsx.example/api/v1?cursor=a%20b&x=y", true, "nsx.example", "nsx.example:443", 443 },
	{ "https://nsx.example?x", true, "nsx.example", "nsx.example:443", 443 },
	{ "https://nsx.example.:8443/a", true, "nsx.example", "nsx.example.:8443", 8443 },
	{ "https://10.0.0.1:1", true, "10.0.0.1", "10.0.0.1:1", 1 },
	{ "https://[::1]/", true, "::1", "[::1]:443", 443 },
	{ "https://[fe80::1%eth0]:65535/", true, "fe80::1", "[fe80::1%eth0]:65535", 65535 },
	{ "nsx.example:443", false, "nsx.example", "nsx.example:443", 443 },
	{ "nsx.example", false, "nsx.example", "nsx.example:443", 443 },
	{ "[2001:db8::1]:636", false, "2001:db8::1", "[2001:db8::1]:636", 636 },
	{ ".", false, ".", ".:443", 443 },
	{ "HTTPS://nsx.example", true, NULL, NULL, 0 },
	{ "https://", true, NULL, NULL, 0 },
	{ "https://:443/", true, NULL, NULL, 0 },
	{ "https://a:/", true, NULL, NULL, 0 },
	{ "https://a:00000443/", true, NULL, NULL, 0 },
	{ "https://a:-1/", true, NULL, NULL, 0 },
	{ "https://a\\b/", true, NULL, NULL, 0 },
	{ "https://[::1", true, NULL, NULL, 0 },
	{ "https://[]/", true, NULL, NULL, 0 },
	{ "https://[%eth0]/", true, NULL, NULL, 0 },
	{ "https://[::1]x/", true, NULL, NULL, 0 },
	{ "https://a/\x7f", true, NULL, NULL, 0 },
	{ "nsx.example:443/", false, NULL, NULL, 0 },
	{ "user@nsx.example:443", false, NULL, NULL, 0 },
	{ "::1", false, NULL, NULL, 0 },
	{ "", false, NULL, NULL, 0 },
};

START_TEST(address)
{
	struct fetch_address a;
	struct err e = { 0 };
	const int failed = fetch_address_read(&a, addresses[_i].text, addresses[_i].is_url, &e);

	ck_assert_msg((failed != 0) == (addresses[_i].host == NULL), "\"%s\": %s", addresses[_i].text,
	    e.text);
	if (failed) {
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_ptr_null(a.host);
	} else {
		ck_assert_str_eq(a.host, addresses[_i].host);
		ck_assert_str_eq(a.where, addresses[_i].where);
		ck_assert_int_eq(a.port, addresses[_i].port);
	}
	fetch_address_clear(&a);
}
END_TEST

/* --- headers ------------------------------------------------------------------- */

struct reading {
	struct fetch_answer a;
	struct fetch_reader r;
};

static void begin(struct reading *x)
{
	*x = (struct reading){ .a = { .retry_after_s = -1 } };
	buf_init(&x->a.body, 1000);
	x->r.a = &x->a;
}

/* Lines as libcurl hands them over, separated by '\n'. */
static int feed(struct reading *x, const char *lines)
{
	int failed = 0;

	while (*lines != '\0' && !failed) {
		const char *end = strchr(lines, '\n') + 1;

		failed = fetch_read_header(&x->r, lines, (size_t)(end - lines));
		lines = end;
	}
	return failed;
}

#define NOON "Date: Tue, 03 Mar 2026 12:00:00 GMT\r\n"

static const struct { const char *lines; int64_t want_s; } waits[] = {
	{ "HTTP/1.1 503 x\r\n\r\n", -1 },
	{ "HTTP/1.1 503 x\r\nRetry-After: 120\r\n\r\n", 120 },
	{ "HTTP/1.1 503 x\r\nretry-after:\t0 \r\n\r\n", 0 },
	{ "HTTP/1.1 503 x\r\nRetry-After: soon\r\n\r\n", -1 },
	{ "HTTP/1.1 503 x\r\nRetry-After: -5\r\n\r\n", -1 },
	{ "HTTP/1.1 503 x\r\nRetry-After: 99999999\r\n\r\n", 86400 },
	{ "HTTP/1.1 503 x\r\nRetry-After: 99999999999999999999\r\n\r\n", -1 },
	{ "HTTP/1.1 503 x\r\n" NOON "Retry-After: Tue, 03 Mar 2026 12:00:07 GMT\r\n\r\n", 7 },
	{ "HTTP/1.1 503 x\r\nRetry-After: Tue, 03 Mar 2026 12:00:07 GMT\r\n" NOON "\r\n", 7 },
	{ "HTTP/1.1 503 x\r\n" NOON "Retry-After: Tue, 03 Mar 2026 11:00:00 GMT\r\n\r\n", 0 },
	{ "HTTP/1.1 100 x\r\nRetry-After: 120\r\n\r\nHTTP/1.1 200 x\r\n\r\n", -1 },
};

START_TEST(retry_after)
{
	struct reading x;

	begin(&x);
	ck_assert_int_eq(feed(&x, waits[_i].lines), 0);
	ck_assert_msg(x.a.retry_after_s == waits[_i].want_s, "%s: %lld", waits[_i].lines,
	    (long long)x.a.retry_after_s);
	fetch_answer_clear(&x.a);
}
END_TEST

static const struct { const char *line, *want; } cookies[] = {
	{ "Set-Cookie: JSESSIONID=abc\r\n", "JSESSIONID=abc" },
	{ "SET-COOKIE:JSESSIONID=abc;Path=/\r\n", "JSESSIONID=abc" },
	{ "Set-Cookie: JSESSIONID=abc ; Path=/\r\n", "JSESSIONID=abc" },
	{ "Set-Cookie: JSESSIONID=\r\n", NULL },
	{ "Set-Cookie: JSESSIONID\r\n", NULL },
	{ "Set-Cookie: XJSESSIONID=abc\r\n", NULL },
	{ "Set-Cookie: a=1; JSESSIONID=abc\r\n", NULL },
	{ "Set-Cookie:\r\n", NULL },
	{ "X-Set-Cookie: JSESSIONID=abc\r\n", NULL },
	{ "Set-Cookie\r\n", NULL },
};

START_TEST(session_cookie)
{
	struct reading x;

	begin(&x);
	ck_assert_int_eq(feed(&x, "HTTP/1.1 200 OK\r\n"), 0);
	ck_assert_int_eq(feed(&x, cookies[_i].line), 0);
	if (cookies[_i].want == NULL)
		ck_assert_msg(x.a.cookie.bytes == NULL, "%s", cookies[_i].line);
	else
		ck_assert_str_eq(x.a.cookie.bytes, cookies[_i].want);
	fetch_answer_clear(&x.a);
}
END_TEST

/* An interim answer's fields are not the answer's, and trailers are neither. */
START_TEST(only_the_answer_counts)
{
	struct reading x;

	begin(&x);
	ck_assert_int_eq(feed(&x, "HTTP/1.1 103 Early\r\nSet-Cookie: JSESSIONID=early\r\n"
	    "X-XSRF-TOKEN: early\r\nContent-Type: early\r\nLocation: early\r\n" NOON "\r\n"), 0);
	ck_assert(x.r.has_head);
	ck_assert_int_eq(feed(&x, "HTTP/1.1 200 OK\r\n"), 0);
	ck_assert(!x.r.has_head);
	ck_assert_int_eq(feed(&x, "\r\n"), 0);
	ck_assert(x.r.has_head);
	ck_assert_ptr_null(x.a.cookie.bytes);
	ck_assert_ptr_null(x.a.xsrf.bytes);
	ck_assert_str_eq(x.a.content_type, "");
	ck_assert_str_eq(x.a.location, "");
	ck_assert(!x.a.has_date);
	ck_assert_int_eq(fetch_read_body(&x.r, "{}", 2), 0);
	ck_assert_int_eq(feed(&x, "Content-Type: late\r\nSet-Cookie: JSESSIONID=late\r\n"), 0);
	ck_assert_str_eq(x.a.content_type, "");
	ck_assert_ptr_null(x.a.cookie.bytes);
	fetch_answer_clear(&x.a);
}
END_TEST

START_TEST(long_values_are_cut)
{
	char line[3000];
	struct reading x;

	begin(&x);
	memset(line, 'v', sizeof line);
	memcpy(line, "Content-Type: ", 14);
	line[sizeof line - 1] = '\n';
	ck_assert_int_eq(fetch_read_header(&x.r, line, sizeof line), 0);
	ck_assert_uint_eq(strlen(x.a.content_type), sizeof x.a.content_type - 1);
	memcpy(line, "Location:     ", 14);
	ck_assert_int_eq(fetch_read_header(&x.r, line, sizeof line), 0);
	ck_assert_uint_eq(strlen(x.a.location), sizeof x.a.location - 1);
	memcpy(line, "Date:         ", 14);
	ck_assert_int_eq(fetch_read_header(&x.r, line, sizeof line), 0);
	ck_assert(!x.a.has_date);
	fetch_answer_clear(&x.a);
}
END_TEST

START_TEST(ceilings)
{
	struct reading x;
	char bytes[600] = { 0 };
	int failed = 0;

	begin(&x);
	ck_assert_int_eq(fetch_read_body(&x.r, bytes, sizeof bytes), 0);
	ck_assert_int_eq(fetch_read_body(&x.r, bytes, sizeof bytes), -1);
	ck_assert_int_eq(x.a.err.code, ERR_ANSWER);
	fetch_answer_clear(&x.a);
	begin(&x);
	memcpy(bytes, "X: y", 4);
	for (size_t i = 0; i < FETCH_HEADERS_MAX_BYTES / sizeof bytes; i++)
		ck_assert_int_eq(fetch_read_header(&x.r, bytes, sizeof bytes), 0);
	for (size_t i = 0; i < 2; i++)
		failed |= fetch_read_header(&x.r, bytes, sizeof bytes);
	ck_assert_int_eq(failed, -1);
	ck_assert_int_eq(x.a.err.code, ERR_ANSWER);
	fetch_answer_clear(&x.a);
}
END_TEST

/* --- keys, words ---------------------------------------------------------------------- */

/* Each of these differs from every other. */
static uint8_t pin_a[1][CERT_SHA256_BYTES] = { { 1 } }, pin_b[1][CERT_SHA256_BYTES] = { { 2 } };
static char file_a[] = "/a", file_b[] = "/b", file_sly[] = "/a\n2:/b";
static const struct trust by_a = { .ca_file = file_a }, by_b = { .ca_file = file_b },
    by_sly = { .ca_file = file_sly }, pinned_a = { .pins = pin_a, .n_pins = 1 },
    pinned_b = { .pins = pin_b, .n_pins = 1 };

static const struct fetch_request different[] = {
	{ .trust = NULL },
	{ .trust = NULL, .source = 1 },
	{ .trust = &by_a },
	{ .trust = &by_b },
	{ .trust = &by_sly },
	{ .trust = &pinned_a },
	{ .trust = &pinned_b },
	{ .trust = &by_a, .client_cert_path = "/a" },
	{ .trust = &by_a, .client_key_path = "/a" },
	{ .trust = &by_a, .client_cert_path = "/a", .client_key_path = "/a" },
	{ .trust = &by_a, .client_cert_path = "/b", .client_key_path = "/a" },
};

START_TEST(pool_keys_differ)
{
	const size_t n = sizeof different / sizeof different[0];

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			char *a = fetch_pool_key(&different[i]), *b = fetch_pool_key(&different[j]);

			ck_assert_msg((strcmp(a, b) == 0) == (i == j), "%zu and %zu: %s", i, j, a);
			free(a);
			free(b);
		}
}
END_TEST

START_TEST(hints)
{
	struct err e = { 0 };

	ck_assert(fetch_hint("error:0A00010B:SSL routines::wrong version number", &e));
	ck_assert_int_eq(e.code, ERR_TLS);
	err_clear(&e);
	ck_assert(!fetch_hint("something else", &e));
	ck_assert_int_eq(e.code, ERR_NONE);
}
END_TEST

START_TEST(every_stage_has_words)
{
	for (int stage = FETCH_STAGE_QUEUE; stage <= FETCH_STAGE_STALLED; stage++) {
		struct err e = { 0 };

		ck_assert_int_eq(fetch_timed_out((enum fetch_stage)stage, "/run/lock", &e), -1);
		ck_assert_int_eq(e.code, ERR_TIMEOUT);
		ck_assert_uint_gt(strlen(e.text), 10);
		ck_assert((strstr(e.text, "/run/lock") != NULL) == (stage == FETCH_STAGE_LOCK));
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("fetch_parts");
	TCase *c = tcase_create("pieces");

	tcase_add_loop_test(c, address, 0, sizeof addresses / sizeof addresses[0]);
	tcase_add_loop_test(c, retry_after, 0, sizeof waits / sizeof waits[0]);
	tcase_add_loop_test(c, session_cookie, 0, sizeof cookies / sizeof cookies[0]);
	tcase_add_test(c, only_the_answer_counts);
	tcase_add_test(c, long_values_are_cut);
	tcase_add_test(c, ceilings);
	tcase_add_test(c, pool_keys_differ);
	tcase_add_test(c, hints);
	tcase_add_test(c, every_stage_has_words);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
