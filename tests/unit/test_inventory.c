/* test_inventory.c - merging, stable indexes, sightings, issues. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/model/inventory.h"
#include "tests/unit/unit.h"

#define MANY 50000

/* A parsed certificate whose digest comes from a number; the digest's other
 * bytes stay zero, so that all fall near each other. */
static struct cert *numbered(uint32_t number)
{
	struct cert *c = mem_alloc(sizeof *c);

	c->form = CERT_PARSED;
	memcpy(c->sha256, &number, sizeof number);
	return c;
}

static struct inventory inv;

static void setup(void)
{
	inventory_init(&inv);
}

static void teardown(void)
{
	inventory_clear(&inv);
}

START_TEST(test_empty)
{
	uint8_t sha256[CERT_SHA256_BYTES] = { 0 };

	ck_assert_uint_eq(inventory_find_cert(&inv, sha256), SIZE_MAX);
	inventory_clear(&inv);
	inventory_clear(&inv);
	ck_assert_uint_eq(inv.n_certs, 0);
}
END_TEST

START_TEST(test_equal_certificates_merge)
{
	size_t a = inventory_add_cert(&inv, numbered(7));
	size_t b = inventory_add_cert(&inv, numbered(8));
	const struct cert *kept = inv.certs[a];

	ck_assert_uint_ne(a, b);
	ck_assert_uint_eq(inventory_add_cert(&inv, numbered(7)), a);
	ck_assert_uint_eq(inv.n_certs, 2);
	ck_assert_ptr_eq(inv.certs[a], kept);
}
END_TEST

START_TEST(test_without_bytes_never_merge)
{
	size_t a = inventory_add_cert(&inv, cert_reported("CN=x", NULL, NULL, 0));
	size_t b = inventory_add_cert(&inv, cert_reported("CN=x", NULL, NULL, 0));
	size_t c = inventory_add_cert(&inv, cert_unreadable("cut off"));
	size_t d = inventory_add_cert(&inv, cert_unreadable("cut off"));
	uint8_t zero[CERT_SHA256_BYTES] = { 0 };

	ck_assert(a != b && b != c && c != d);
	ck_assert_uint_eq(inv.n_certs, 4);
	ck_assert_uint_eq(inventory_find_cert(&inv, zero), SIZE_MAX);
	/* the digest of zeroes is a digest like any other */
	ck_assert_uint_eq(inventory_add_cert(&inv, numbered(0)), 4);
	ck_assert_uint_eq(inventory_find_cert(&inv, zero), 4);
}
END_TEST

START_TEST(test_many)
{
	for (uint32_t i = 0; i < MANY; i++)
		ck_assert_uint_eq(inventory_add_cert(&inv, numbered(i * 2654435761u)), i);
	for (uint32_t i = 0; i < MANY; i++) {
		struct cert *again = numbered(i * 2654435761u);

		ck_assert_uint_eq(inventory_find_cert(&inv, again->sha256), i);
		ck_assert_uint_eq(inventory_add_cert(&inv, again), i);
	}
	ck_assert_uint_eq(inv.n_certs, MANY);
}
END_TEST

/* Digests that begin alike, as somebody might make them on purpose. */
START_TEST(test_colliding_digests)
{
	for (uint8_t i = 0; i < 200; i++) {
		struct cert *c = numbered(1);

		c->sha256[31] = i;
		ck_assert_uint_eq(inventory_add_cert(&inv, c), i);
	}
	ck_assert_uint_eq(inventory_add_cert(&inv, numbered(1)), 0);
	ck_assert_uint_eq(inv.n_certs, 200);
}
END_TEST

START_TEST(test_many_after_unreadable_ones)
{
	for (int i = 0; i < 1000; i++)
		ck_assert_uint_eq(inventory_add_cert(&inv, cert_unreadable("x")), (size_t)i);
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(inventory_add_cert(&inv, numbered(i)), 1000 + i);
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(inventory_add_cert(&inv, numbered(i)), 1000 + i);
}
END_TEST

START_TEST(test_sources)
{
	char name[] = "prod";
	size_t a = inventory_add_source(&inv, name, SOURCE_NSX);
	size_t b = inventory_add_source(&inv, "tas", SOURCE_OPSMAN);

	name[0] = 'X';
	ck_assert_uint_eq(a, 0);
	ck_assert_uint_eq(b, 1);
	ck_assert_str_eq(inv.sources[a].name, "prod");
	ck_assert_int_eq(inv.sources[b].kind, SOURCE_OPSMAN);
	ck_assert_ptr_null(inv.sources[a].version);
	ck_assert(!inv.sources[a].complete && !inv.sources[a].has_skew);
}
END_TEST

START_TEST(test_issues)
{
	struct err e = { 0 };
	size_t a = inventory_add_source(&inv, "prod", SOURCE_NSX);
	size_t b = inventory_add_source(&inv, "tas", SOURCE_OPSMAN);

	err_set(&e, ERR_TIMEOUT, "no answer");
	ck_assert(!inventory_source_failed(&inv, a));
	inventory_add_issue(&inv, a, ISSUE_NOTE, &e);
	inventory_add_issue(&inv, a, ISSUE_PARTIAL, &e);
	ck_assert(!inventory_source_failed(&inv, a));
	inventory_add_issue(&inv, a, ISSUE_FAILED, &e);
	ck_assert(inventory_source_failed(&inv, a));
	ck_assert(!inventory_source_failed(&inv, b));
	ck_assert_uint_eq(inv.sources[a].n_issues, 3);
	ck_assert_int_eq(inv.sources[a].issues[1].kind, ISSUE_PARTIAL);
	ck_assert_int_eq(inv.sources[a].issues[2].err.code, ERR_TIMEOUT);
	ck_assert_str_eq(inv.sources[a].issues[2].err.text, "no answer");
}
END_TEST

START_TEST(test_sighting)
{
	struct sighting *s = inventory_add_sighting(&inv, 3, 2, VIA_TLS);

	ck_assert_uint_eq(s->cert, 3);
	ck_assert_uint_eq(s->source, 2);
	ck_assert_int_eq(s->via, VIA_TLS);
	ck_assert_int_eq(s->role, ROLE_NONE);
	ck_assert_int_eq(s->has_private_key, -1);
	ck_assert_int_eq(s->active, -1);
	ck_assert_ptr_null(s->id);
	ck_assert_uint_eq(s->n_uses, 0);
	s->id = mem_strdup("77c5");
	s->endpoint = mem_strdup("[::1]:443");
	for (size_t i = 1; i < 100; i++)
		inventory_add_sighting(&inv, i, 0, VIA_API);
	ck_assert_str_eq(inv.sightings[0].id, "77c5");
	ck_assert_uint_eq(inv.n_sightings, 100);
	ck_assert_uint_eq(inv.sightings[99].cert, 99);
}
END_TEST

START_TEST(test_uses)
{
	struct sighting *s = inventory_add_sighting(&inv, 0, 0, VIA_API);
	char node[] = "e61c";

	sighting_add_use(s, "API", node, NULL);
	sighting_add_use(s, "API", NULL, NULL);
	sighting_add_use(s, "MGMT_CLUSTER", "e61c", NULL);
	node[0] = 'X';
	ck_assert_uint_eq(s->n_uses, 3);
	ck_assert_str_eq(s->uses[0].node, "e61c");
	ck_assert_ptr_null(s->uses[1].node);
	sighting_add_use(s, "API", "e61c", "nsx-02");     /* known: but now it has a name */
	sighting_add_use(s, "API", NULL, "nobody");
	sighting_add_use(s, "API", "e61c", "other");
	ck_assert_uint_eq(s->n_uses, 3);
	ck_assert_str_eq(s->uses[0].node_name, "nsx-02");
	ck_assert_str_eq(s->uses[1].node_name, "nobody");
	ck_assert_ptr_null(s->uses[2].node_name);
}
END_TEST

/* A hostile answer: time in proportion, nothing lost. */
START_TEST(test_very_many_uses)
{
	struct sighting *s = inventory_add_sighting(&inv, 0, 0, VIA_API);
	char node[20];

	for (int i = 0; i < MANY; i++) {
		snprintf(node, sizeof node, "%d", i);
		sighting_add_use(s, "API", node, NULL);
	}
	ck_assert_uint_eq(s->n_uses, MANY);
}
END_TEST

START_TEST(test_words)
{
	ck_assert_str_eq(source_kind_name(SOURCE_NSX), "nsx");
	ck_assert_str_eq(source_kind_name(SOURCE_OPSMAN), "opsman");
	ck_assert_str_eq(source_kind_name(SOURCE_TLS), "tls");
	ck_assert_str_eq(source_kind_name(SOURCE_FILES), "files");
	ck_assert_str_eq(via_name(VIA_API), "api");
	ck_assert_str_eq(via_name(VIA_TLS), "tls");
	ck_assert_str_eq(via_name(VIA_FILE), "file");
	ck_assert_ptr_null(role_name(ROLE_NONE));
	ck_assert_str_eq(role_name(ROLE_OM_ROOT_CA), "root-ca");
	for (int a = ROLE_NSX_PLATFORM; a <= ROLE_OM_OTHER; a++)
		for (int b = a + 1; b <= ROLE_OM_OTHER; b++)
			ck_assert_str_ne(role_name((enum role)a), role_name((enum role)b));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("inventory");
	TCase *t = tcase_create("inventory");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_empty);
	tcase_add_test(t, test_equal_certificates_merge);
	tcase_add_test(t, test_without_bytes_never_merge);
	tcase_add_test(t, test_many);
	tcase_add_test(t, test_colliding_digests);
	tcase_add_test(t, test_many_after_unreadable_ones);
	tcase_add_test(t, test_sources);
	tcase_add_test(t, test_issues);
	tcase_add_test(t, test_sighting);
	tcase_add_test(t, test_uses);
	tcase_add_test(t, test_very_many_uses);
	tcase_add_test(t, test_words);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
