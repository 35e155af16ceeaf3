/* test_tls_source.c - the source [tls]: listeners as sightings. */
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/source/source.h"
#include "tests/unit/https_world.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static void poll_listeners(char **endpoints, size_t n, int64_t deadline_ms, struct inventory *inv)
{
	char name[] = "portal";
	const struct target t = { .name = name, .kind = SOURCE_TLS, .endpoints = endpoints,
	    .n_endpoints = n };
	const struct collect_options o = { .deadline_ms = clock_mono_ms() + world_ms(deadline_ms),
	    .now_at = clock_wall_s() };
	struct err e = { 0 };

	inventory_init(inv);
	ck_assert_msg(collect(&t, 1, &o, inv, &e) == 0, "%s", e.text);
}

START_TEST(chain_becomes_sightings)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_UNDER_MIDDLE], .issuer = world.certs[WORLD_MIDDLE_CA] });
	char *endpoint = mem_strdup(world_address(s));
	uint8_t sha256[CERT_SHA256_BYTES];
	struct inventory inv;

	poll_listeners(&endpoint, 1, 5000, &inv);
	ck_assert(inv.sources[0].complete);
	ck_assert_uint_eq(inv.sources[0].n_issues, 0);
	ck_assert_uint_eq(inv.sources[0].n_requests, 1);
	ck_assert_uint_eq(inv.n_certs, 2);
	ck_assert_uint_eq(inv.n_sightings, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct sighting *at = &inv.sightings[i];

		pki_sha256(world.certs[i == 0 ? WORLD_UNDER_MIDDLE : WORLD_MIDDLE_CA], sha256);
		ck_assert_uint_eq(inventory_find_cert(&inv, sha256), at->cert);
		ck_assert_int_eq(at->via, VIA_TLS);
		ck_assert_int_eq(at->role, i == 0 ? ROLE_LISTENER : ROLE_CHAIN);
		ck_assert_str_eq(at->endpoint, endpoint);
		ck_assert_uint_eq(at->position, i);
		ck_assert_uint_eq(at->n_uses, 0);
		ck_assert_ptr_null(at->path);
	}
	inventory_clear(&inv);
	free(endpoint);
	tls_server_stop(s);
}
END_TEST

/* One gap among those that work; a failure when none does. */
START_TEST(gap_or_failure)
{
	struct tls_server *s = world_server(WORLD_EXPIRED, NULL, NULL);
	char *endpoints[2] = { mem_strdup(world_address(s)), mem_strdup("127.0.0.1:1") };
	struct inventory inv;

	poll_listeners(endpoints, 2, 5000, &inv);
	ck_assert_uint_eq(inv.n_sightings, 1);
	ck_assert_uint_eq(inv.sources[0].n_issues, 1);
	ck_assert_int_eq(inv.sources[0].issues[0].kind, ISSUE_PARTIAL);
	world_expect(&inv.sources[0].issues[0].err, ERR_UNREACHABLE, "127.0.0.1:1: ", "the closed port");
	ck_assert(!inv.sources[0].complete);
	ck_assert(!inventory_source_failed(&inv, 0));
	inventory_clear(&inv);
	poll_listeners(&endpoints[1], 1, 5000, &inv);
	ck_assert_uint_eq(inv.n_sightings, 0);
	ck_assert_uint_eq(inv.sources[0].n_issues, 1);
	ck_assert_int_eq(inv.sources[0].issues[0].kind, ISSUE_FAILED);
	ck_assert(inventory_source_failed(&inv, 0));
	inventory_clear(&inv);
	free(endpoints[0]);
	free(endpoints[1]);
	tls_server_stop(s);
}
END_TEST

START_TEST(no_endpoint)
{
	struct inventory inv;

	poll_listeners(NULL, 0, 1000, &inv);
	ck_assert(inventory_source_failed(&inv, 0));
	ck_assert(!inv.sources[0].complete);
	inventory_clear(&inv);
}
END_TEST

/* More than may be under way at once: each is asked, and each only once. */
START_TEST(many_endpoints)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .delay_ms = 100 });
	char *endpoints[120];
	struct inventory inv;

	for (size_t i = 0; i < 120; i++)
		endpoints[i] = mem_strdup(world_address(s));
	poll_listeners(endpoints, 120, 20000, &inv);
	ck_assert_uint_eq(inv.n_sightings, 120);
	ck_assert_uint_eq(inv.n_certs, 1);
	ck_assert_uint_eq(tls_server_connections(s), 120);
	ck_assert(inv.sources[0].complete);
	inventory_clear(&inv);
	for (size_t i = 0; i < 120; i++)
		free(endpoints[i]);
	tls_server_stop(s);
}
END_TEST

static void mute(struct tls_conn *c)
{
	(void)tls_conn_wait(c, 60000);
}

/* At the deadline those that hang and those not yet asked are all named. */
START_TEST(deadline_names_each)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){ .serve = mute });
	char *endpoints[60];
	size_t n_unasked = 0;
	struct inventory inv;

	for (size_t i = 0; i < 60; i++)
		endpoints[i] = mem_strdup(world_address(s));
	poll_listeners(endpoints, 60, 400, &inv);
	ck_assert_uint_eq(inv.sources[0].n_issues, 60);
	for (size_t i = 0; i < 60; i++) {
		world_expect(&inv.sources[0].issues[i].err, ERR_TIMEOUT, endpoints[i], "a mute listener");
		n_unasked += strstr(inv.sources[0].issues[i].err.text, "no time was left") != NULL;
	}
	ck_assert_uint_eq(n_unasked, 10);
	inventory_clear(&inv);
	for (size_t i = 0; i < 60; i++)
		free(endpoints[i]);
	tls_server_stop(s);
}
END_TEST

static const struct { const char *given, *shown; } names[] = {
	{ "127.0.0.1", "127.0.0.1:443: " },
	{ "::1", "[::1]:443: " },
	{ "[::1]", "[::1]:443: " },
	{ "[::1]:1", "[::1]:1: " },
	{ "127.0.0.1:1", "127.0.0.1:1: " },
};

/* Whatever answers there: the name in the sentence, or of the sighting. */
START_TEST(names_are_whole)
{
	char *endpoint = mem_strdup(names[_i].given);
	struct inventory inv;

	poll_listeners(&endpoint, 1, 1000, &inv);
	if (inv.n_sightings > 0)
		ck_assert_ptr_eq(strstr(names[_i].shown, inv.sightings[0].endpoint), names[_i].shown);
	else
		ck_assert_msg(strstr(inv.sources[0].issues[0].err.text, names[_i].shown) ==
		    inv.sources[0].issues[0].err.text, "%s", inv.sources[0].issues[0].err.text);
	inventory_clear(&inv);
	free(endpoint);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("tls_source");
	TCase *c = tcase_create("listeners");

	tcase_add_unchecked_fixture(c, world_make, world_remove);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, chain_becomes_sightings);
	tcase_add_test(c, gap_or_failure);
	tcase_add_test(c, no_endpoint);
	tcase_add_test(c, many_endpoints);
	tcase_add_test(c, deadline_names_each);
	tcase_add_loop_test(c, names_are_whole, 0, sizeof names / sizeof names[0]);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
