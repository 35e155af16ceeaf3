/* test_material.c - where the new certificate comes from, and what is refused
 * before anything is sent. */
#include "remediate/material.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/model/chain.h"
#include "tests/unit/pki.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define LEAF_NAMES "DNS:nsx.example,IP:192.0.2.7"

static const char *const names[] = { "nsx.example", "192.0.2.7" };
static const struct material_wish wish = { .subject = "CN=nsx.example", .names = names,
	.n_names = 2 };
static struct target target = { .name = (char *)"prod" };

static void setup(void)
{
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	scratch_make();
}

static struct mandate mandate_of(enum replacement kind)
{
	return (struct mandate){ .target = &target, .replacement = kind, .key_type = "ec:P-256",
		.days = 825 };
}

/* --- pem: -------------------------------------------------------------------------- */

struct files { struct pki *ca, *leaf; char *chain, *key; };

static void make_files(struct files *f)
{
	char *leaf, *ca, *both;
	struct pki_options ca_wish = { .common_name = "Test CA", .is_ca = true };

	f->ca = pki_make(&ca_wish);
	f->leaf = pki_make(&(struct pki_options){ .common_name = "nsx.example",
	    .names = LEAF_NAMES, .issuer = f->ca });
	leaf = pki_pem(f->leaf, false);
	ca = pki_pem(f->ca, false);
	both = pki_pem(f->leaf, true);
	f->chain = mem_printf("%s%s", leaf, ca);
	f->key = mem_strdup(strstr(both, "-----BEGIN PRIVATE") != NULL ?
	    strstr(both, "-----BEGIN PRIVATE") : both);
	free(leaf);
	free(ca);
	free(both);
}

static void free_files(struct files *f)
{
	pki_free(f->leaf);
	pki_free(f->ca);
	free(f->chain);
	free(f->key);
}

/* The mandate borrows the paths. */
static struct mandate written(const char *chain, const char *key, unsigned mode)
{
	struct mandate m = mandate_of(REPLACEMENT_PEM);

	m.chain_path = mem_strdup(scratch_text("chain.pem", chain, key == NULL ? mode : 0644));
	m.key_path = key == NULL ? NULL : mem_strdup(scratch_text("key.pem", key, mode));
	return m;
}

static void free_paths(struct mandate *m)
{
	free(m->chain_path);
	free(m->key_path);
}

static void look_fails(struct mandate *m, enum err_code code, const char *words)
{
	struct material mt;

	material_look(m, &mt);
	ck_assert_msg(mt.err.code == code, "%s", mt.err.text);
	ck_assert_msg(strstr(mt.err.text, words) != NULL, "%s", mt.err.text);
	material_clear(&mt);
	free_paths(m);
}

START_TEST(looks_at_the_files)
{
	struct files f;
	struct mandate m;
	struct material mt;
	uint8_t sha256[32];

	make_files(&f);
	m = written(f.chain, f.key, 0600);
	material_look(&m, &mt);
	ck_assert_msg(mt.err.code == ERR_NONE, "%s", mt.err.text);
	ck_assert_int_eq(mt.kind, REPLACEMENT_PEM);
	ck_assert_uint_eq(mt.n_chain, 2);
	pki_sha256(f.leaf, sha256);
	ck_assert_int_eq(memcmp(mt.chain[0]->sha256, sha256, 32), 0);
	material_clear(&mt);
	free_paths(&m);
	free_files(&f);
}
END_TEST

START_TEST(reads_nothing_for_the_others)
{
	static const enum replacement kinds[] = { REPLACEMENT_NONE, REPLACEMENT_EXISTING,
		REPLACEMENT_SELF_SIGNED, REPLACEMENT_COMMAND };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct mandate m = mandate_of(kinds[i]);
		struct material mt;

		material_look(&m, &mt);
		ck_assert_int_eq(mt.kind, kinds[i]);
		ck_assert_int_eq(mt.err.code, ERR_NONE);
		ck_assert_uint_eq(mt.n_chain, 0);
		material_clear(&mt);
	}
}
END_TEST

START_TEST(refuses_files_of_others)
{
	struct files f;
	struct mandate m;

	make_files(&f);
	m = written(f.chain, f.key, 0604);
	look_fails(&m, ERR_CONFIG, "can be read by every user; run: chmod 0600");
	m = written(f.chain, f.key, 0600);
	ck_assert_int_eq(chmod(m.chain_path, 0666), 0);
	look_fails(&m, ERR_CONFIG, "can be changed by others; run: chmod go-w");
	ck_assert_int_eq(chmod(scratch_path("chain.pem"), 0644), 0);
	ck_assert_int_eq(symlink(scratch_path("key.pem"), scratch_path("link")), 0);
	m = written(f.chain, f.key, 0600);
	free(m.key_path);
	m.key_path = mem_strdup(scratch_path("link"));
	look_fails(&m, ERR_CONFIG, "symbolic link");
	/* with the key in it the chain's own file is a secret */
	m = written(f.chain, NULL, 0644);
	look_fails(&m, ERR_CONFIG, "can be read by every user");
	ck_assert_int_eq(unlink(scratch_path("link")), 0);
	free_files(&f);
}
END_TEST

START_TEST(refuses_what_does_not_fit_together)
{
	struct files f, other;
	struct mandate m;
	char *long_chain = mem_strdup(""), *longer;

	make_files(&f);
	make_files(&other);
	m = written(f.chain, other.key, 0600);
	look_fails(&m, ERR_REFUSED, "key.pem");
	m = written(f.key, f.key, 0600);
	look_fails(&m, ERR_CONFIG, "holds no certificate");
	m = written(f.chain, f.chain, 0600);
	look_fails(&m, ERR_CONFIG, "no private key");
	m = written("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", f.key, 0600);
	look_fails(&m, ERR_CONFIG, "certificate 1: ");
	for (int i = 0; i < 6; i++) {
		longer = mem_printf("%s%s", long_chain, f.chain);
		free(long_chain);
		long_chain = longer;
	}
	m = written(long_chain, f.key, 0600);
	look_fails(&m, ERR_CONFIG, "more than 10 certificates");
	free(long_chain);
	free_files(&other);
	free_files(&f);
}
END_TEST

START_TEST(refuses_what_is_not_there)
{
	struct mandate m = mandate_of(REPLACEMENT_PEM);

	m.chain_path = mem_strdup(scratch_path("missing"));
	look_fails(&m, ERR_CONFIG, "cannot open");
}
END_TEST

/* --- the goods ----------------------------------------------------------------------- */

static void issue_fails(const struct mandate *m, const struct material_wish *w, enum err_code code,
    const char *words)
{
	struct goods goods;
	struct err e = { 0 };

	ck_assert_int_eq(material_issue(m, w, clock_wall_s(), &goods, &e), -1);
	ck_assert_msg(e.code == code, "%s", e.text);
	ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text);
	ck_assert_ptr_null(goods.key_pem.bytes);
	ck_assert_uint_eq(goods.chain_pem.len, 0);
	ck_assert_str_eq(goods.sha256, "");
}

/* The key belongs to the chain, and the chain is in order and clean. */
static void check_goods(const struct goods *g, size_t n_certs)
{
	struct material mt = { .kind = REPLACEMENT_NONE };
	struct chain *c;
	struct err e;
	char hex[65];

	ck_assert_msg(material_take(&mt, "goods", buf_str(&g->chain_pem), g->chain_pem.len, &e) == 0,
	    "%s", e.text);
	ck_assert_uint_eq(mt.n_chain, n_certs);
	ck_assert_ptr_null(strchr(buf_str(&g->chain_pem), '\r'));
	ck_assert_ptr_null(strstr(buf_str(&g->chain_pem), "PRIVATE"));
	cert_sha256_hex(mt.chain[0], hex);
	ck_assert_str_eq(g->sha256, hex);
	c = chain_open((const struct cert *const *)mt.chain, mt.n_chain, &e);
	ck_assert_msg(c != NULL, "%s", e.text);
	ck_assert_msg(chain_key_matches(c, &g->key_pem, &e) == 0, "%s", e.text);
	chain_close(c);
	material_clear(&mt);
}

START_TEST(issues_from_files)
{
	struct files f;
	struct mandate m;
	struct goods goods;
	struct err e;

	make_files(&f);
	m = written(f.chain, f.key, 0600);
	ck_assert_msg(material_issue(&m, &wish, clock_wall_s(), &goods, &e) == 0, "%s", e.text);
	check_goods(&goods, 2);
	goods_wipe(&goods);
	ck_assert_ptr_null(goods.key_pem.bytes);
	free_paths(&m);
	free_files(&f);
}
END_TEST

START_TEST(issues_a_self_signed_one)
{
	struct mandate m = mandate_of(REPLACEMENT_SELF_SIGNED);
	struct goods goods;
	struct err e;

	ck_assert_msg(material_issue(&m, &wish, clock_wall_s(), &goods, &e) == 0, "%s", e.text);
	check_goods(&goods, 1);
	goods_wipe(&goods);
}
END_TEST

/* The system would refuse to write a single byte to a file. */
START_TEST(writes_no_file)
{
	struct mandate m = mandate_of(REPLACEMENT_SELF_SIGNED);
	struct rlimit limit, none;
	struct goods goods;
	struct err e;
	int failed, before = scratch_count();

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = limit.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	failed = material_issue(&m, &wish, clock_wall_s(), &goods, &e);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_msg(!failed, "%s", e.text);
	ck_assert_int_eq(scratch_count(), before);
	goods_wipe(&goods);
}
END_TEST

/* The subject of the old one is taken over byte by byte. */
START_TEST(takes_over_the_old_subject)
{
	struct mandate m = mandate_of(REPLACEMENT_SELF_SIGNED);
	struct material old = { .kind = REPLACEMENT_NONE }, fresh = old;
	struct material_wish w = wish;
	struct files f;
	struct goods goods;
	struct err e;

	make_files(&f);
	ck_assert_int_eq(material_take(&old, "old", f.chain, strlen(f.chain), &e), 0);
	w.subject = NULL;
	w.old = old.chain[0];
	ck_assert_msg(material_issue(&m, &w, clock_wall_s(), &goods, &e) == 0, "%s", e.text);
	ck_assert_int_eq(material_take(&fresh, "new", buf_str(&goods.chain_pem), goods.chain_pem.len,
	    &e), 0);
	ck_assert_uint_eq(fresh.chain[0]->subject_der.n, old.chain[0]->subject_der.n);
	ck_assert_int_eq(memcmp(fresh.chain[0]->subject_der.p, old.chain[0]->subject_der.p,
	    fresh.chain[0]->subject_der.n), 0);
	material_clear(&fresh);
	material_clear(&old);
	goods_wipe(&goods);
	free_files(&f);
}
END_TEST

/* --- command: ------------------------------------------------------------------------- */

/* An issuer that answers with a file, whatever the request. */
static struct mandate issuer_of(const char *answer)
{
	struct mandate m = mandate_of(REPLACEMENT_COMMAND);
	char script[512];

	snprintf(script, sizeof script, "#!/bin/sh\ncat > %s\ncat %s\n", scratch_path("request"),
	    scratch_text("answer", answer, 0600));
	m.program = mem_strdup(scratch_text("issuer", script, 0700));
	return m;
}

START_TEST(asks_the_program)
{
	struct mandate m = mandate_of(REPLACEMENT_COMMAND);
	char script[1024];
	struct goods goods;
	struct err e = { 0 };
	struct stat st;
	int failed;

	snprintf(script, sizeof script,
	    "#!/bin/sh\ncat > %s.csr\nopenssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
	    "-nodes -keyout %s.key -out %s.crt -subj '/CN=CA' 2>/dev/null\n"
	    "openssl x509 -req -in %s.csr -CA %s.crt -CAkey %s.key -CAcreateserial "
	    "-copy_extensions copyall -days 30 2>/dev/null\ncat %s.crt\n",
	    scratch_path("ca"), scratch_path("ca"), scratch_path("ca"), scratch_path("ca"),
	    scratch_path("ca"), scratch_path("ca"), scratch_path("ca"));
	m.program = mem_strdup(scratch_text("issuer", script, 0700));
	failed = material_issue(&m, &wish, clock_wall_s(), &goods, &e);
	ck_assert_msg(!failed, "%s", e.text);
	check_goods(&goods, 2);
	ck_assert_int_eq(stat(scratch_path("ca.csr"), &st), 0);
	goods_wipe(&goods);
	free(m.program);
}
END_TEST

START_TEST(refuses_a_chain_for_another_key)
{
	struct files f;
	struct mandate m;

	make_files(&f);
	m = issuer_of(f.chain);
	issue_fails(&m, &wish, ERR_REFUSED, "key");
	free(m.program);
	m = issuer_of("no certificate at all\n");
	issue_fails(&m, &wish, ERR_REFUSED, "holds no certificate");
	free(m.program);
	m = issuer_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	issue_fails(&m, &wish, ERR_REFUSED, "certificate 1: ");
	free(m.program);
	free_files(&f);
}
END_TEST

/* --- what a replacement must not be ------------------------------------------------------ */

/* A leaf from these options under the CA, as files. */
static void check_bad(const struct pki_options *options, const char *const *wanted, size_t n_wanted,
    const char *words)
{
	struct pki_options o = *options;
	struct material_wish w = { .names = wanted, .n_names = n_wanted };
	struct files f;
	struct mandate m;
	char *leaf, *ca, *chain, *both;

	make_files(&f);
	pki_free(f.leaf);
	o.issuer = f.ca;
	f.leaf = pki_make(&o);
	leaf = pki_pem(f.leaf, false);
	ca = pki_pem(f.ca, false);
	chain = mem_printf("%s%s", leaf, ca);
	both = pki_pem(f.leaf, true);
	m = written(chain, both, 0600);
	issue_fails(&m, &w, ERR_REFUSED, words);
	free_paths(&m);
	free(both);
	free(chain);
	free(ca);
	free(leaf);
	free_files(&f);
}

START_TEST(refuses_an_unfit_certificate)
{
	static const char *const other[] = { "nsx.example", "vip.example" };

	check_bad(&(struct pki_options){ .common_name = "nsx.example", .names = LEAF_NAMES }, other, 2,
	    "does not cover vip.example");
	check_bad(&(struct pki_options){ .common_name = "nsx.example", .names = LEAF_NAMES,
	    .is_ca = true }, names, 2, "leaf-is-ca");
	check_bad(&(struct pki_options){ .common_name = "nsx.example", .names = LEAF_NAMES,
	    .from_s = -7200, .until_s = -3600 }, names, 2, "expired");
}
END_TEST

START_TEST(refuses_a_chain_in_disorder)
{
	struct files f;
	struct mandate m;
	char *leaf, *ca, *chain;

	make_files(&f);
	leaf = pki_pem(f.leaf, false);
	ca = pki_pem(f.ca, false);
	chain = mem_printf("%s%s%s", leaf, ca, leaf);
	m = written(chain, f.key, 0600);
	issue_fails(&m, &wish, ERR_REFUSED, "chain-");
	free_paths(&m);
	free(chain);
	free(ca);
	free(leaf);
	free_files(&f);
}
END_TEST

START_TEST(issues_nothing_for_the_others)
{
	struct mandate m = mandate_of(REPLACEMENT_EXISTING);

	issue_fails(&m, &wish, ERR_CONFIG, "prod: replacement names nothing");
	m = mandate_of(REPLACEMENT_COMMAND);
	m.program = (char *)"/nonexistent/issuer";
	issue_fails(&m, &wish, ERR_CONFIG, "/nonexistent/issuer");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("material");
	TCase *t = tcase_create("material");

	tcase_add_unchecked_fixture(t, setup, scratch_remove);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, looks_at_the_files);
	tcase_add_test(t, reads_nothing_for_the_others);
	tcase_add_test(t, refuses_files_of_others);
	tcase_add_test(t, refuses_what_does_not_fit_together);
	tcase_add_test(t, refuses_what_is_not_there);
	tcase_add_test(t, issues_from_files);
	tcase_add_test(t, issues_a_self_signed_one);
	tcase_add_test(t, writes_no_file);
	tcase_add_test(t, takes_over_the_old_subject);
	tcase_add_test(t, asks_the_program);
	tcase_add_test(t, refuses_a_chain_for_another_key);
	tcase_add_test(t, refuses_an_unfit_certificate);
	tcase_add_test(t, refuses_a_chain_in_disorder);
	tcase_add_test(t, issues_nothing_for_the_others);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
