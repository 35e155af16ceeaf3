/* test_source_util.c - chains as sightings, issues, the guard around logins. */
#include "lib/base/mem.h"
#include "lib/source/source.h"
#include "tests/unit/https_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1800000000
#define HOUR 3600

static char target_name[] = "prod", credentials_path[] = "/etc/check_certs/prod", state_dir[512];
static struct target target = { .name = target_name, .credentials_path = credentials_path,
    .auth_retry_s = HOUR };
static struct inventory inv;
static struct source_context context;

static void begin(void)
{
	inventory_init(&inv);
	context = (struct source_context){ .inv = &inv, .target = &target, .now_at = NOW,
	    .state_dir = state_dir };
	context.index = inventory_add_source(&inv, "prod", SOURCE_NSX);
	snprintf(state_dir, sizeof state_dir, "%s", scratch_path("state"));
	mkdir(state_dir, 0755);
}

static void end(void)
{
	unlink(scratch_path("state/login-prod"));
	rmdir(state_dir);
	inventory_clear(&inv);
}

/* --- chains ------------------------------------------------------------------------ */

static void add_der(struct fetch_chain *chain, enum world_cert which)
{
	unsigned char *der = NULL;
	const int n = i2d_X509(world.certs[which]->cert, &der);

	chain->v[chain->n].der = mem_dup(der, (size_t)n);
	chain->v[chain->n++].len = (size_t)n;
	OPENSSL_free(der);
}

START_TEST(chain)
{
	char service[] = "API", node[] = "e61c", node_name[] = "nsx-02";
	const struct use use = { service, node, node_name };
	struct fetch_chain c = { 0 };
	size_t leaf;

	begin();
	inventory_add_sighting(&inv, inventory_add_cert(&inv, cert_unreadable("x")), 0, VIA_API);
	add_der(&c, WORLD_GOOD);
	add_der(&c, WORLD_MIDDLE_CA);
	c.v[1].len--;                      /* now it is none */
	add_der(&c, WORLD_CA);
	c.n_cut = 3;
	leaf = source_add_chain(&context, &c, "nsx-02:443", ROLE_NSX_PLATFORM, &use);
	ck_assert_uint_eq(leaf, 1);
	ck_assert_uint_eq(inv.n_sightings, 4);
	ck_assert_int_eq(inv.sightings[1].role, ROLE_NSX_PLATFORM);
	ck_assert_uint_eq(inv.sightings[1].n_uses, 1);
	ck_assert_str_eq(inv.sightings[1].uses[0].service, "API");
	ck_assert_str_eq(inv.sightings[1].uses[0].node, "e61c");
	ck_assert_str_eq(inv.sightings[1].uses[0].node_name, "nsx-02");
	ck_assert_int_eq(inv.certs[inv.sightings[2].cert]->form, CERT_UNREADABLE);
	ck_assert_int_eq(inv.sightings[2].role, ROLE_CHAIN);
	ck_assert_uint_eq(inv.sightings[3].position, 2);
	ck_assert_uint_eq(inv.sightings[3].n_uses, 0);
	ck_assert_str_eq(inv.sightings[3].endpoint, "nsx-02:443");
	ck_assert_uint_eq(inv.sources[0].n_issues, 1);
	ck_assert_int_eq(inv.sources[0].issues[0].kind, ISSUE_PARTIAL);
	world_expect(&inv.sources[0].issues[0].err, ERR_ANSWER, "nsx-02:443: 3 certificates", "cut");
	fetch_chain_clear(&c);
	ck_assert_uint_eq(c.n, 0);
	end();
}
END_TEST

START_TEST(empty_chain)
{
	const struct fetch_chain c = { 0 };

	begin();
	ck_assert_uint_eq(source_add_chain(&context, &c, "a:1", ROLE_LISTENER, NULL), SIZE_MAX);
	ck_assert_uint_eq(inv.n_sightings, 0);
	end();
}
END_TEST

START_TEST(issue)
{
	struct err e = { ERR_TIMEOUT, "no answer" };

	begin();
	source_issue(&context, ISSUE_PARTIAL, &e, "certificates, page 2");
	source_issue(&context, ISSUE_NOTE, &e, NULL);
	ck_assert_str_eq(inv.sources[0].issues[0].err.text, "certificates, page 2: no answer");
	ck_assert_int_eq(inv.sources[0].issues[0].err.code, ERR_TIMEOUT);
	ck_assert_str_eq(inv.sources[0].issues[1].err.text, "no answer");
	ck_assert_str_eq(e.text, "no answer");
	end();
}
END_TEST

/* --- the guard ------------------------------------------------------------------------ */

static const struct credentials mine = { .identity = "8 15 100 1700000000" },
    changed = { .identity = "8 15 101 1700009999" };

/* Refused at NOW; is it held at another time, for which credentials? */
static const struct {
	const char *comment;
	int64_t after_s;
	const struct credentials *cr;
	bool held;
} guards[] = {
	{ "at once", 0, &mine, true },
	{ "a second before the end", HOUR - 1, &mine, true },
	{ "at the end", HOUR, &mine, false },
	{ "long after", 1000 * HOUR, &mine, false },
	{ "the file has changed", 1, &changed, false },
	{ "the clock went back", -1000 * HOUR, &mine, false },
};

START_TEST(guard)
{
	struct err e = { 0 };

	begin();
	ck_assert_int_eq(source_login_held(&context, &mine, &e), 0);
	source_login_refused(&context, &mine);
	ck_assert_uint_eq(inv.sources[0].n_issues, 0);
	context.now_at = NOW + guards[_i].after_s;
	ck_assert_msg((source_login_held(&context, guards[_i].cr, &e) != 0) == guards[_i].held, "%s",
	    guards[_i].comment);
	if (guards[_i].held) {
		world_expect(&e, ERR_AUTH, "2027-01-15T08:00:00Z", "when it was");
		world_expect(&e, ERR_AUTH, "2027-01-15T09:00:00Z", "when it is tried again");
		world_expect(&e, ERR_AUTH, credentials_path, "what to change");
	}
	source_login_worked(&context);
	context.now_at = NOW;
	err_clear(&e);
	ck_assert_int_eq(source_login_held(&context, &mine, &e), 0);
	end();
}
END_TEST

static const char *const broken[] = { "", "8 15 100 1700000000", "8 15 100 1700000000\n",
    "8 15 100 1700000000\nsoon\n", "8 15 100 1700000000\n-1\n", "8 15 100 1700000000\n1800000000",
    "\n\n\n" };

/* What cannot be read holds nobody: one more try, and it is written anew. */
START_TEST(broken_guard_file)
{
	struct err e = { 0 };

	begin();
	scratch_text("state/login-prod", broken[_i], 0600);
	ck_assert_msg(source_login_held(&context, &mine, &e) == 0, "%s", broken[_i]);
	source_login_refused(&context, &mine);
	ck_assert_int_ne(source_login_held(&context, &mine, &e), 0);
	end();
}
END_TEST

START_TEST(no_state_directory)
{
	struct err e = { 0 };

	begin();
	context.state_dir = NULL;
	source_login_refused(&context, &mine);
	ck_assert_int_eq(source_login_held(&context, &mine, &e), 0);
	source_login_worked(&context);
	ck_assert_uint_eq(inv.sources[0].n_issues, 0);
	context.state_dir = "/nonexistent";
	source_login_refused(&context, &mine);
	ck_assert_int_eq(source_login_held(&context, &mine, &e), 0);
	ck_assert_uint_eq(inv.sources[0].n_issues, 1);
	ck_assert_int_eq(inv.sources[0].issues[0].kind, ISSUE_NOTE);
	end();
}
END_TEST

START_TEST(target_owns_everything)
{
	struct target t = { .name = mem_strdup("n"), .url = mem_strdup("u"),
	    .credentials_path = mem_strdup("c"), .n_endpoints = 2, .n_paths = 1 };

	t.trust.ca_file = mem_strdup("f");
	t.trust.pins = mem_array(2, sizeof *t.trust.pins);
	t.trust.n_pins = 2;
	t.endpoints = mem_array(2, sizeof *t.endpoints);
	t.endpoints[0] = mem_strdup("a");
	t.endpoints[1] = mem_strdup("b");
	t.paths = mem_array(1, sizeof *t.paths);
	t.paths[0] = mem_strdup("p");
	target_clear(&t);                  /* a leak is what the sanitizer would tell */
	ck_assert_ptr_null(t.name);
	ck_assert_uint_eq(t.n_endpoints, 0);
	target_clear(&t);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("source_util");
	TCase *c = tcase_create("helpers");

	tcase_add_unchecked_fixture(c, world_make, world_remove);
	tcase_add_test(c, chain);
	tcase_add_test(c, empty_chain);
	tcase_add_test(c, issue);
	tcase_add_loop_test(c, guard, 0, sizeof guards / sizeof guards[0]);
	tcase_add_loop_test(c, broken_guard_file, 0, sizeof broken / sizeof broken[0]);
	tcase_add_test(c, no_state_directory);
	tcase_add_test(c, target_owns_everything);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
