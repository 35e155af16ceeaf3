/* test_collect.c - the loop that runs all sources at once, with sources of
 * the test's own in the places of NSX and Ops Manager. */
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/source/source.h"
#include "tests/unit/https_world.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* How a source of this test behaves. */
enum manners {
	SERIAL,          /* a request after each answer */
	GREEDY,          /* all requests at once */
	SLEEPY,          /* waits first */
	STUCK,           /* waits for an answer that nobody owes it */
	ENDLESS          /* never has enough */
};

static struct manner { enum manners manners; size_t n_requests; } manner;

/* What became of each. */
#define SOURCES_MAX 256
static struct {
	size_t n_fine, n_late, n_failed, n_finished, n_closed, n_foreign;
	size_t n_under_way, n_under_way_max;
} seen[SOURCES_MAX];

struct source {
	struct source_context c;
	size_t n_begun, n_taken;
	int64_t wake_ms;
};

static struct source *fake_open(const struct source_context *c)
{
	struct source *s = mem_alloc(sizeof *s);

	ck_assert_uint_lt(c->index, SOURCES_MAX);
	s->c = *c;
	return s;
}

static enum want fake_next(struct source *s, int64_t now_ms, struct fetch_request *r, int64_t *wake_ms)
{
	const bool may_begin = manner.manners == GREEDY || s->n_begun == s->n_taken;

	if (manner.manners == STUCK)
		return WANT_ANSWER;
	if (manner.manners == SLEEPY && s->wake_ms == 0)
		s->wake_ms = now_ms + 300;
	if (manner.manners == SLEEPY && now_ms < s->wake_ms) {
		*wake_ms = s->wake_ms;
		return WANT_WAKE;
	}
	if (manner.manners != ENDLESS && s->n_taken == manner.n_requests)
		return WANT_NOTHING;
	if (!may_begin || (manner.manners != ENDLESS && s->n_begun == manner.n_requests))
		return WANT_ANSWER;
	r->url = s->c.target->url;
	r->tag = (int)s->n_begun++;
	if (++seen[s->c.index].n_under_way > seen[s->c.index].n_under_way_max)
		seen[s->c.index].n_under_way_max = seen[s->c.index].n_under_way;
	return WANT_REQUEST;
}

static void fake_take(struct source *s, int64_t now_ms, struct fetch_answer *a)
{
	const size_t i = s->c.index;

	(void)now_ms;
	seen[i].n_under_way--;
	seen[i].n_foreign += a->source != i || (size_t)a->tag >= s->n_begun;
	seen[i].n_fine += a->err.code == ERR_NONE;
	seen[i].n_late += a->err.code == ERR_TIMEOUT;
	seen[i].n_failed += a->err.code != ERR_NONE && a->err.code != ERR_TIMEOUT;
	s->n_taken++;
}

static void fake_finish(struct source *s)
{
	seen[s->c.index].n_finished++;
	s->c.inv->sources[s->c.index].complete = s->n_taken == manner.n_requests;
}

static void fake_close(struct source *s)
{
	seen[s->c.index].n_closed++;
	free(s);
}

/* In the places of the real ones, which the linker then leaves out. */
const struct source_ops source_nsx = {
	.kind = SOURCE_NSX, .open = fake_open, .next = fake_next, .take = fake_take,
	.finish = fake_finish, .close = fake_close
};
const struct source_ops source_opsman = {
	.kind = SOURCE_OPSMAN, .open = fake_open, .next = fake_next, .take = fake_take,
	.finish = fake_finish, .close = fake_close
};

/* n targets that poll this URL.  Returns how long it took. */
static int64_t run(const struct manner *m, size_t n, const char *url, int64_t deadline_ms,
    struct inventory *inv)
{
	static struct target targets[SOURCES_MAX];
	static char names[SOURCES_MAX][32];
	const int64_t begun_ms = clock_mono_ms();
	const struct collect_options o = { .deadline_ms = begun_ms + world_ms(deadline_ms),
	    .now_at = clock_wall_s() };
	struct err e = { 0 };

	manner = *m;
	memset(seen, 0, sizeof seen);
	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof names[i], "t%zu", i);
		targets[i] = (struct target){ .name = names[i], .url = (char *)(uintptr_t)url,
		    .kind = i % 2 == 0 ? SOURCE_NSX : SOURCE_OPSMAN, .trust = world.trust };
	}
	inventory_init(inv);
	ck_assert_msg(collect(targets, n, &o, inv, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(inv->n_sources, n);
	for (size_t i = 0; i < n; i++) {
		ck_assert_str_eq(inv->sources[i].name, names[i]);
		ck_assert_int_eq(inv->sources[i].kind, targets[i].kind);
		ck_assert_uint_eq(seen[i].n_finished, 1);
		ck_assert_uint_eq(seen[i].n_closed, 1);
		ck_assert_uint_eq(seen[i].n_foreign, 0);
	}
	return clock_mono_ms() - begun_ms;
}

START_TEST(answers_come_to_who_asked)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct inventory inv;

	run(&(struct manner){ SERIAL, 3 }, 4, world_url(s, "/"), 5000, &inv);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(seen[i].n_fine, 3);
		ck_assert_uint_eq(inv.sources[i].n_requests, 3);
		ck_assert_uint_eq(inv.sources[i].n_issues, 0);
		ck_assert(inv.sources[i].complete);
		ck_assert(!inv.sources[i].has_skew);
	}
	ck_assert_uint_eq(tls_server_connections(s), 4);   /* each its own, used again */
	inventory_clear(&inv);
	tls_server_stop(s);
}
END_TEST

START_TEST(nobody_to_ask)
{
	struct inventory inv;

	ck_assert_int_lt(run(&(struct manner){ SERIAL, 1 }, 0, "", 3000, &inv), 1000);
	inventory_clear(&inv);
}
END_TEST

/* 200 targets that need 300 ms each: all at once, or it is a minute. */
START_TEST(all_at_once)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK, .delay_ms = 300 });
	const size_t n = world.is_slow ? 20 : 200;
	struct inventory inv;
	const int64_t took_ms = run(&(struct manner){ SERIAL, 1 }, n, world_url(s, "/"), 40000, &inv);

	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(seen[i].n_fine, 1);
		ck_assert_int_ge(inv.sources[i].elapsed_ms, 250);
	}
	ck_assert_int_lt(took_ms, world_ms(30000));
	inventory_clear(&inv);
	tls_server_stop(s);
}
END_TEST

START_TEST(no_source_takes_more_than_its_share)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK, .delay_ms = 20 });
	struct inventory inv;

	run(&(struct manner){ GREEDY, 10 }, 2, world_url(s, "/"), 5000, &inv);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_uint_eq(seen[i].n_fine, 10);
		ck_assert_uint_eq(seen[i].n_under_way_max, 4);
	}
	inventory_clear(&inv);
	tls_server_stop(s);
}
END_TEST

START_TEST(wakes_are_kept)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct inventory inv;
	const int64_t took_ms = run(&(struct manner){ SLEEPY, 1 }, 2, world_url(s, "/"), 5000, &inv);

	ck_assert_int_ge(took_ms, 300);
	ck_assert_int_lt(took_ms, world_ms(3000));
	ck_assert_uint_eq(seen[0].n_fine, 1);
	ck_assert_uint_eq(seen[1].n_fine, 1);
	inventory_clear(&inv);
	tls_server_stop(s);
}
END_TEST

/* A source that waits for nothing must not hold the others until the end. */
START_TEST(stuck_source_is_told)
{
	struct inventory inv;

	ck_assert_int_lt(run(&(struct manner){ STUCK, 1 }, 1, "https://127.0.0.1:1/", 5000, &inv), world_ms(1000));
	ck_assert_uint_eq(inv.sources[0].n_issues, 1);
	ck_assert_int_eq(inv.sources[0].issues[0].kind, ISSUE_PARTIAL);
	ck_assert(!inv.sources[0].complete);
	inventory_clear(&inv);
}
END_TEST

static void answer_late(struct tls_conn *c)
{
	if (c->nth == 0) {
		while (tls_conn_request(c) == 0)
			tls_conn_text(c, WORLD_OK);
		return;
	}
	(void)tls_conn_request(c);
	(void)tls_conn_wait(c, 60000);
}

/* The first connection's source gets its answer; the others' time ends. */
START_TEST(deadline_keeps_what_was_read)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, answer_late);
	size_t n_fine = 0, n_late = 0;
	struct inventory inv;
	const int64_t took_ms = run(&(struct manner){ SERIAL, 1 }, 3, world_url(s, "/"), 700, &inv);

	for (size_t i = 0; i < 3; i++) {
		n_fine += seen[i].n_fine;
		n_late += seen[i].n_late;
		ck_assert_uint_eq(seen[i].n_fine + seen[i].n_late, 1);
	}
	ck_assert_uint_eq(n_fine, 1);
	ck_assert_uint_eq(n_late, 2);
	ck_assert_int_ge(took_ms, world_ms(700));
	ck_assert_int_lt(took_ms, world_ms(2500));
	inventory_clear(&inv);
	tls_server_stop(s);
}
END_TEST

START_TEST(deadline_ends_the_endless)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK });
	struct inventory inv;
	const int64_t took_ms = run(&(struct manner){ ENDLESS, 0 }, 1, world_url(s, "/"), 400, &inv);

	ck_assert_int_lt(took_ms, world_ms(2000));
	ck_assert_uint_gt(seen[0].n_fine, 1);
	ck_assert_uint_eq(inv.sources[0].n_requests, seen[0].n_fine + seen[0].n_late);
	ck_assert_uint_eq(inv.sources[0].n_issues, 1);
	ck_assert_int_eq(inv.sources[0].issues[0].err.code, ERR_TIMEOUT);
	inventory_clear(&inv);
	tls_server_stop(s);
}
END_TEST

/* The largest difference counts, whichever its sign. */
static void serve_dates(struct tls_conn *c)
{
	static const int64_t skews_s[] = { 10, -5000, 200 };

	for (size_t i = 0; tls_conn_request(c) == 0; i++) {
		const time_t at = (time_t)(clock_wall_s() + skews_s[i % 3]);
		struct tm tm;
		char text[200], date[64];

		gmtime_r(&at, &tm);
		strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Length: 2\r\n\r\n{}", date);
		tls_conn_text(c, text);
	}
}

START_TEST(skew_is_the_largest)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, serve_dates);
	struct inventory inv;

	run(&(struct manner){ SERIAL, 3 }, 1, world_url(s, "/"), 5000, &inv);
	ck_assert(inv.sources[0].has_skew);
	ck_assert_msg(inv.sources[0].skew_s <= -4995 && inv.sources[0].skew_s >= -5005, "%lld",
	    (long long)inv.sources[0].skew_s);
	inventory_clear(&inv);
	tls_server_stop(s);
}
END_TEST

START_TEST(broken_target_hides_nobody)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	char path[] = "/nonexistent/ca.pem", *url = mem_strdup(world_url(s, "/"));
	const struct target targets[2] = {
		{ .name = path, .kind = SOURCE_NSX, .url = url, .trust = { .ca_file = path } },
		{ .name = path, .kind = SOURCE_NSX, .url = url, .trust = world.trust },
	};
	const struct collect_options o = { .deadline_ms = clock_mono_ms() + world_ms(5000) };
	struct inventory inv;
	struct err e = { 0 };

	manner = (struct manner){ SERIAL, 1 };
	inventory_init(&inv);
	ck_assert_int_eq(collect(targets, 2, &o, &inv, &e), 0);
	ck_assert_uint_eq(seen[0].n_failed, 1);
	ck_assert_uint_eq(seen[1].n_fine, 1);
	inventory_clear(&inv);
	tls_server_stop(s);
	free(url);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("collect");
	TCase *c = tcase_create("loop");

	tcase_add_unchecked_fixture(c, world_make, world_remove);
	tcase_set_timeout(c, 120);
	tcase_add_test(c, answers_come_to_who_asked);
	tcase_add_test(c, nobody_to_ask);
	tcase_add_test(c, all_at_once);
	tcase_add_test(c, no_source_takes_more_than_its_share);
	tcase_add_test(c, wakes_are_kept);
	tcase_add_test(c, stuck_source_is_told);
	tcase_add_test(c, deadline_keeps_what_was_read);
	tcase_add_test(c, deadline_ends_the_endless);
	tcase_add_test(c, skew_is_the_largest);
	tcase_add_test(c, broken_target_hides_nobody);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
