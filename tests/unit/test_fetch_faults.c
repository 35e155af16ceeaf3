/* test_fetch_faults.c - servers that break, stop, flood or never answer. */
#include "lib/base/clock.h"
#include "tests/unit/https_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_100 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"

static void end_early(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_text(c, HEAD_100 "{\"half\":");
}

static void reset_in_body(struct tls_conn *c)
{
	end_early(c);
	(void)tls_conn_wait(c, 50);                 /* let the first half arrive */
	tls_conn_reset(c);
}

static void end_in_head(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_text(c, "HTTP/1.1 200 OK\r\nContent-Ty");
}

static void end_at_once(struct tls_conn *c)
{
	(void)tls_conn_request(c);
}

static void end_in_chunk(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"half\":");
}

static void bad_chunk(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n");
}

static void say_garbage(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_text(c, "\x01\x02\x03 what?\r\n\r\n\xff\xfe");
}

static void bad_gzip(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_text(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!");
}

static void flood_body(struct tls_conn *c)
{
	static const char piece[4096] = "4ff8\r\n";
	char block[0x4ff8 + 2];

	if (tls_conn_request(c) != 0)
		return;
	memset(block, 'x', sizeof block);
	memcpy(block + sizeof block - 2, "\r\n", 2);
	tls_conn_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 400; i++) {            /* 8 MiB */
		tls_conn_text(c, piece);
		tls_conn_send(c, block, sizeof block);
	}
}

static void announce_much(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{");
	(void)tls_conn_wait(c, 60000);
}

static void flood_headers(struct tls_conn *c)
{
	char line[1002];

	if (tls_conn_request(c) != 0)
		return;
	memset(line, 'h', sizeof line);
	memcpy(line, "X-A: ", 5);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	tls_conn_text(c, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 1000; i++)
		tls_conn_send(c, line, sizeof line);
	tls_conn_text(c, "\r\n");
}

/* A byte every so often: never quite silent, never done. */
static void drip_body(struct tls_conn *c)
{
	if (tls_conn_request(c) != 0)
		return;
	tls_conn_text(c, HEAD_100);
	for (int i = 0; i < 99 && tls_conn_wait(c, 50); i++)
		tls_conn_text(c, " ");
	(void)tls_conn_wait(c, 60000);
}

static void drip_head(struct tls_conn *c)
{
	if (tls_conn_request(c) != 0)
		return;
	tls_conn_text(c, "HTTP/1.1 200 OK\r\n");
	while (tls_conn_wait(c, 50))
		tls_conn_text(c, "X-A: b\r\n");
}

static void say_nothing(struct tls_conn *c)
{
	(void)tls_conn_request(c);
	(void)tls_conn_wait(c, 60000);
}

static const struct {
	const char *comment;
	void (*serve)(struct tls_conn *c);
	enum err_code code;
	const char *text;
	int64_t deadline_ms;               /* 0: it shows itself long before */
} faults[] = {
	{ "half a body, then an orderly end", end_early, ERR_ANSWER, "cut short", 0 },
	{ "half a body, then a reset", reset_in_body, ERR_UNREACHABLE, "reset the connection", 0 },
	{ "half a header", end_in_head, ERR_ANSWER, "cut short in its headers", 0 },
	{ "no answer at all", end_at_once, ERR_UNREACHABLE, "without an answer", 0 },
	{ "half a chunk", end_in_chunk, ERR_ANSWER, "cut short", 0 },
	{ "a chunk that is none", bad_chunk, ERR_ANSWER, "garbled", 0 },
	{ "garbage", say_garbage, ERR_ANSWER, "not HTTP", 0 },
	{ "not gzip", bad_gzip, ERR_ANSWER, "decompressed", 0 },
	{ "a flood", flood_body, ERR_ANSWER, "larger than 1 MiB", 0 },
	{ "a large announcement", announce_much, ERR_ANSWER, "larger than 1 MiB", 0 },
	{ "a flood of headers", flood_headers, ERR_ANSWER, "headers are larger", 0 },
	{ "a body in drops", drip_body, ERR_TIMEOUT, "stopped coming", 0 },
	{ "headers in drops", drip_head, ERR_TIMEOUT, "stopped coming", 0 },
	{ "a request without answer", say_nothing, ERR_TIMEOUT, "no answer to the request in time", 1200 },
};

START_TEST(fault_has_its_sentence)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, faults[_i].serve);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust, .max_body_bytes = 1024 * 1024 },
	    faults[_i].deadline_ms != 0 ? faults[_i].deadline_ms : 8000);

	world_expect(&a.err, faults[_i].code, faults[_i].text, faults[_i].comment);
	world_expect(&a.err, faults[_i].code, world_address(s), "which server it was");
	ck_assert_msg(a.body.len == 0, "%s: half an answer was handed out", faults[_i].comment);
	ck_assert_msg(tls_server_requests(s) == 1, "%s: asked %zu times", faults[_i].comment,
	    tls_server_requests(s));
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* A slow answer that keeps coming is none of these. */
static void serve_slowly(struct tls_conn *c)
{
	char piece[100];

	if (tls_conn_request(c) != 0)
		return;
	memset(piece, 'x', sizeof piece);
	tls_conn_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n");
	for (int i = 0; i < 20; i++) {
		tls_conn_send(c, piece, sizeof piece);
		tls_conn_wait(c, 40);
	}
}

START_TEST(slow_is_not_stalled)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, serve_slowly);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust }, 8000);

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_uint_eq(a.body.len, 2000);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* Thinking before the first byte is no stall either. */
static void think_first(struct tls_conn *c)
{
	if (tls_conn_request(c) != 0)
		return;
	(void)tls_conn_wait(c, 700);
	tls_conn_text(c, WORLD_OK);
}

START_TEST(thinking_is_not_stalled)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, think_first);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust }, 8000);

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_int_ge(a.elapsed_ms, 700);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* --- no TLS server there ---------------------------------------------------------- */

static void greet(struct tls_conn *c)
{
	tls_conn_text(c, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
	(void)tls_conn_wait(c, 300);
}

static void answer_in_clear(struct tls_conn *c)
{
	char bytes[512];

	if (recv(c->fd, bytes, sizeof bytes, 0) > 0)
		tls_conn_text(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
}

static void mute(struct tls_conn *c)
{
	char bytes[512];

	while (recv(c->fd, bytes, sizeof bytes, 0) > 0)
		;
}

static void hang_up(struct tls_conn *c)
{
	(void)c;
}

static const struct {
	const char *comment;
	void (*serve)(struct tls_conn *c);
	enum err_code code;
	const char *text;
} no_tls[] = {
	{ "SSH", greet, ERR_TLS, "speaks no TLS" },
	{ "HTTP in clear", answer_in_clear, ERR_TLS, "speaks no TLS" },
	{ "a mute port", mute, ERR_TIMEOUT, "TLS handshake did not end in time" },
	{ "a port that hangs up", hang_up, ERR_UNREACHABLE, "the connection" },
};

START_TEST(no_tls_there)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){ .serve = no_tls[_i].serve });
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust }, 500);

	world_expect(&a.err, no_tls[_i].code, no_tls[_i].text, no_tls[_i].comment);
	fetch_answer_clear(&a);
	a = world_fetch(&(struct fetch_request){ .verb = FETCH_PEEK, .url = world_address(s) }, 500);
	world_expect(&a.err, no_tls[_i].code, no_tls[_i].text, no_tls[_i].comment);
	ck_assert_uint_eq(a.chain.n, 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

START_TEST(nobody_listens)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	const char *url = world_url(s, "/");
	struct fetch_answer a;

	tls_server_stop(s);
	a = world_fetch(&(struct fetch_request){ .url = url, .trust = &world.trust }, 2000);
	world_expect(&a.err, ERR_UNREACHABLE, "Connection refused", "a closed port");
	fetch_answer_clear(&a);
}
END_TEST

/* The limit for connecting is not the deadline. */
START_TEST(connect_limit)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){ .serve = mute });
	struct fetch_limits limits = world.limits;
	const int64_t begun_ms = clock_mono_ms();
	struct err e = { 0 };
	struct fetch_answer a;
	struct fetch *f;

	limits.connect_ms = world_ms(300);
	f = fetch_new_limited(begun_ms + world_ms(8000), NULL, &limits, &e);
	fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust });
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	world_expect(&a.err, ERR_TIMEOUT, "TLS handshake did not end in time", "connect limit");
	ck_assert_int_lt(clock_mono_ms() - begun_ms, world_ms(4000));
	fetch_answer_clear(&a);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

/* A full backlog: the kernel does not even answer the SYN. */
START_TEST(unresponsive_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fds[4], fd = socket(AF_INET, SOCK_STREAM, 0);
	struct fetch_answer a;
	char url[64];

	ck_assert(bind(fd, (struct sockaddr *)&at, n) == 0 && listen(fd, 0) == 0 &&
	    getsockname(fd, (struct sockaddr *)&at, &n) == 0);
	for (size_t i = 0; i < 4; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		ck_assert_int_ge(fds[i], 0);
		(void)connect(fds[i], (struct sockaddr *)&at, n);
	}
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", ntohs(at.sin_port));
	a = world_fetch(&(struct fetch_request){ .url = url, .trust = &world.trust }, 400);
	world_expect(&a.err, ERR_TIMEOUT, "no connection in time", "a full backlog");
	fetch_answer_clear(&a);
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	close(fd);
}
END_TEST

/* --- the deadline --------------------------------------------------------------------- */

START_TEST(deadline_hands_everything_back)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, say_nothing);
	struct tls_server *quick = world_server(WORLD_GOOD, WORLD_OK, NULL);
	const int64_t begun_ms = clock_mono_ms();
	size_t n_late = 0, n_fine = 0;
	struct err e = { 0 };
	struct fetch_answer a;
	struct fetch *f = fetch_new_limited(begun_ms + world_ms(600), NULL, &world.limits, &e);

	for (int i = 0; i < 5; i++)
		fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust,
		    .tag = i });
	fetch_start(f, &(struct fetch_request){ .url = world_url(quick, "/"), .trust = &world.trust });
	while (fetch_wait(f, INT64_MAX, &a) == 1) {
		n_fine += a.err.code == ERR_NONE;
		n_late += a.err.code == ERR_TIMEOUT;
		fetch_answer_clear(&a);
	}
	ck_assert_uint_eq(n_fine, 1);
	ck_assert_uint_eq(n_late, 5);
	ck_assert_int_ge(clock_mono_ms() - begun_ms, world_ms(600));
	ck_assert_int_lt(clock_mono_ms() - begun_ms, world_ms(2000));
	fetch_start(f, &(struct fetch_request){ .url = world_url(quick, "/"), .trust = &world.trust });
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	world_expect(&a.err, ERR_TIMEOUT, "its turn did not come in time", "begun too late");
	ck_assert_uint_eq(tls_server_connections(quick), 1);
	fetch_answer_clear(&a);
	fetch_free(f);
	tls_server_stop(quick);
	tls_server_stop(s);
}
END_TEST

START_TEST(free_while_pending)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, say_nothing);
	struct err e = { 0 };
	struct fetch_answer a;
	struct fetch *f = fetch_new_limited(clock_mono_ms() + world_ms(5000), NULL, &world.limits,
	    &e);

	for (int i = 0; i < 3; i++)
		fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust });
	ck_assert_int_eq(fetch_wait(f, clock_mono_ms() + 100, &a), 0);
	fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust });
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

/* The server's threads sleep meanwhile. */
START_TEST(waiting_costs_nothing)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, say_nothing);
	struct rusage before, after;
	struct err e = { 0 };
	struct fetch_answer a;
	struct fetch *f = fetch_new_limited(clock_mono_ms() + world_ms(5000), NULL, &world.limits,
	    &e);
	double cpu_ms;

	fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust });
	ck_assert_int_eq(fetch_wait(f, clock_mono_ms() + world_ms(300), &a), 0);  /* shake hands */
	getrusage(RUSAGE_SELF, &before);
	ck_assert_int_eq(fetch_wait(f, clock_mono_ms() + 700, &a), 0);
	getrusage(RUSAGE_SELF, &after);
	cpu_ms = 1e3 * (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
	    1e-3 * (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec);
	ck_assert_msg(cpu_ms < (double)world_ms(150), "%g ms of CPU in 700 ms of waiting", cpu_ms);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("fetch_faults");
	TCase *c = tcase_create("faults");

	tcase_add_unchecked_fixture(c, world_make, world_remove);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, fault_has_its_sentence, 0, sizeof faults / sizeof faults[0]);
	tcase_add_test(c, slow_is_not_stalled);
	tcase_add_test(c, thinking_is_not_stalled);
	tcase_add_loop_test(c, no_tls_there, 0, sizeof no_tls / sizeof no_tls[0]);
	tcase_add_test(c, nobody_listens);
	tcase_add_test(c, connect_limit);
	tcase_add_test(c, unresponsive_port);
	tcase_add_test(c, deadline_hands_everything_back);
	tcase_add_test(c, free_while_pending);
	tcase_add_test(c, waiting_costs_nothing);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
