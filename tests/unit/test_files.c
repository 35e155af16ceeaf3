/* test_files.c - the source [files]: what is read, what is told. */
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/source/source.h"
#include "tests/unit/https_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *pem_of(enum world_cert which)
{
	return pki_pem(world.certs[which], false);
}

static void poll_files(const char *const *patterns, size_t n, struct inventory *inv)
{
	char name[] = "local", *paths[8];
	const struct target t = { .name = name, .kind = SOURCE_FILES, .paths = paths, .n_paths = n };
	const struct collect_options o = { .deadline_ms = clock_mono_ms() + 10000,
	    .now_at = clock_wall_s() };
	struct err e = { 0 };

	ck_assert_uint_le(n, 8);
	for (size_t i = 0; i < n; i++)
		paths[i] = mem_strdup(patterns[i]);
	inventory_init(inv);
	ck_assert_msg(collect(&t, 1, &o, inv, &e) == 0, "%s", e.text);
	for (size_t i = 0; i < n; i++)
		free(paths[i]);
}

/* The only issue, with its kind and a part of its sentence. */
static void only_issue(const struct inventory *inv, enum issue_kind kind, const char *text)
{
	ck_assert_msg(inv->sources[0].n_issues == 1, "%zu issues: %s", inv->sources[0].n_issues,
	    inv->sources[0].n_issues > 0 ? inv->sources[0].issues[0].err.text : "");
	ck_assert_msg(inv->sources[0].issues[0].kind == kind &&
	    strstr(inv->sources[0].issues[0].err.text, text) != NULL, "kind %d: %s",
	    (int)inv->sources[0].issues[0].kind, inv->sources[0].issues[0].err.text);
}

START_TEST(bundle_with_garbage)
{
	char *a = pem_of(WORLD_GOOD), *b = pem_of(WORLD_CA);
	char *text = mem_printf("garbage\n%s-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n%s", a, b);
	const char *path = scratch_text("bundle.pem", text, 0644);
	struct inventory inv;

	poll_files(&path, 1, &inv);
	ck_assert_uint_eq(inv.n_sightings, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(inv.sightings[i].path, path);
		ck_assert_uint_eq(inv.sightings[i].position, i);
		ck_assert_int_eq(inv.sightings[i].via, VIA_FILE);
		ck_assert_int_eq(inv.certs[inv.sightings[i].cert]->form,
		    i == 1 ? CERT_UNREADABLE : CERT_PARSED);
	}
	ck_assert_ptr_nonnull(inv.certs[inv.sightings[1].cert]->problem);
	ck_assert_uint_eq(inv.sources[0].n_issues, 0);
	ck_assert_uint_eq(inv.sources[0].n_requests, 0);
	ck_assert(inv.sources[0].complete);
	inventory_clear(&inv);
	free(text);
	free(a);
	free(b);
}
END_TEST

START_TEST(der_file)
{
	unsigned char *der = NULL;
	const int n = i2d_X509(world.certs[WORLD_GOOD]->cert, &der);
	const char *path = scratch_bytes("good.der", der, (size_t)n, 0644);
	uint8_t sha256[CERT_SHA256_BYTES];
	struct inventory inv;

	poll_files(&path, 1, &inv);
	pki_sha256(world.certs[WORLD_GOOD], sha256);
	ck_assert_uint_eq(inv.n_sightings, 1);
	ck_assert_uint_eq(inventory_find_cert(&inv, sha256), 0);
	inventory_clear(&inv);
	path = scratch_bytes("cut.der", der, (size_t)n - 5, 0644);
	poll_files(&path, 1, &inv);
	ck_assert_uint_eq(inv.n_sightings, 1);
	ck_assert_int_eq(inv.certs[0]->form, CERT_UNREADABLE);
	inventory_clear(&inv);
	OPENSSL_free(der);
}
END_TEST

/* Files without a certificate: what was named must hold one. */
static const struct { const char *comment, *name, *text, *sentence; } empties[] = {
	{ "a key", "only.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	    "no certificate" },
	{ "text", "readme.txt", "hello\n", "no certificate" },
	{ "nothing", "empty.pem", "", "empty" },
};

START_TEST(named_or_matched)
{
	const char *path = scratch_text(empties[_i].name, empties[_i].text, 0644);
	char *good = pem_of(WORLD_GOOD), *pattern = mem_printf("%s*", path);
	const char *two[2] = { pattern, scratch_text("named-good.pem", good, 0644) };
	struct inventory inv;

	poll_files(&path, 1, &inv);
	only_issue(&inv, ISSUE_FAILED, empties[_i].sentence);
	only_issue(&inv, ISSUE_FAILED, path);
	ck_assert(!inv.sources[0].complete);
	inventory_clear(&inv);
	poll_files(two, 2, &inv);
	only_issue(&inv, ISSUE_NOTE, empties[_i].sentence);
	ck_assert(inv.sources[0].complete);
	inventory_clear(&inv);
	two[0] = path;
	poll_files(two, 2, &inv);
	only_issue(&inv, ISSUE_PARTIAL, empties[_i].sentence);
	ck_assert(!inv.sources[0].complete);
	inventory_clear(&inv);
	free(pattern);
	free(good);
}
END_TEST

START_TEST(only_notes_is_a_failure)
{
	const char *path = scratch_text("note-1.txt", "hello\n", 0644);
	char *pattern = mem_printf("%.*s*.txt", (int)(strlen(path) - strlen("1.txt")), path);
	const char *patterns[1] = { pattern };
	struct inventory inv;

	poll_files(patterns, 1, &inv);
	ck_assert_uint_eq(inv.n_sightings, 0);
	ck_assert(inventory_source_failed(&inv, 0));
	ck_assert(!inv.sources[0].complete);
	inventory_clear(&inv);
	free(pattern);
}
END_TEST

START_TEST(pattern_without_a_match)
{
	char *pattern = mem_printf("%s*", scratch_path("nothing-like-this"));
	char *good = pem_of(WORLD_GOOD);
	const char *patterns[2] = { pattern, scratch_text("match.pem", good, 0644) };
	struct inventory inv;

	poll_files(patterns, 2, &inv);
	ck_assert_uint_eq(inv.n_sightings, 1);
	only_issue(&inv, ISSUE_PARTIAL, pattern);
	inventory_clear(&inv);
	poll_files(patterns, 1, &inv);
	only_issue(&inv, ISSUE_FAILED, "no file matches");
	inventory_clear(&inv);
	free(pattern);
	free(good);
}
END_TEST

START_TEST(missing_file)
{
	const char *path = scratch_path("missing.pem");
	struct inventory inv;

	poll_files(&path, 1, &inv);
	only_issue(&inv, ISSUE_FAILED, "missing.pem: No such file");
	inventory_clear(&inv);
}
END_TEST

START_TEST(not_a_file)
{
	char *directory = mem_strdup(scratch_path("dir")), *fifo = mem_strdup(scratch_path("fifo"));
	char *good = pem_of(WORLD_GOOD);
	const char *two[2] = { directory, scratch_text("beside.pem", good, 0644) };
	struct inventory inv;

	ck_assert_int_eq(mkdir(directory, 0755), 0);
	ck_assert_int_eq(mkfifo(fifo, 0644), 0);
	poll_files(two, 2, &inv);
	only_issue(&inv, ISSUE_PARTIAL, "directory");
	inventory_clear(&inv);
	two[0] = fifo;
	poll_files(two, 2, &inv);          /* a FIFO must not make us wait */
	only_issue(&inv, ISSUE_PARTIAL, "not a regular file");
	inventory_clear(&inv);
	rmdir(directory);
	unlink(fifo);
	free(directory);
	free(fifo);
	free(good);
}
END_TEST

START_TEST(once_each)
{
	char *good = pem_of(WORLD_GOOD);
	const char *path = scratch_text("once.pem", good, 0644);
	char *pattern = mem_printf("%.*s?.pem", (int)(strlen(path) - strlen("e.pem")), path);
	const char *patterns[4] = { pattern, path, path, pattern };
	struct inventory inv;

	poll_files(patterns, 4, &inv);
	ck_assert_uint_eq(inv.n_sightings, 1);
	ck_assert_uint_eq(inv.sources[0].n_issues, 0);
	inventory_clear(&inv);
	free(pattern);
	free(good);
}
END_TEST

/* A name that looks like a pattern, and is one file's name. */
START_TEST(bracket_in_a_name)
{
	char *good = pem_of(WORLD_GOOD);
	const char *path = scratch_text("a[1].pem", good, 0644);
	struct inventory inv;

	poll_files(&path, 1, &inv);
	ck_assert_uint_eq(inv.n_sightings, 1);
	inventory_clear(&inv);
	free(good);
}
END_TEST

START_TEST(wrapped_is_not_passed_over)
{
	const char *path = scratch_text("store.p7b", "-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n",
	    0644);
	struct inventory inv;

	poll_files(&path, 1, &inv);
	ck_assert_uint_eq(inv.n_sightings, 1);
	ck_assert_int_eq(inv.certs[0]->form, CERT_UNREADABLE);
	ck_assert_ptr_nonnull(strstr(inv.certs[0]->problem, "openssl pkcs7"));
	inventory_clear(&inv);
}
END_TEST

START_TEST(half_a_block)
{
	char *good = pem_of(WORLD_GOOD), *half = mem_strndup(good, strlen(good) / 2);
	const char *path = scratch_text("half.pem", half, 0644);
	struct inventory inv;

	poll_files(&path, 1, &inv);
	ck_assert_uint_eq(inv.n_sightings, 1);
	ck_assert_int_eq(inv.certs[0]->form, CERT_UNREADABLE);
	inventory_clear(&inv);
	free(half);
	free(good);
}
END_TEST

static bool reads_the_other(const void *arg)
{
	struct inventory inv;

	poll_files(arg, 2, &inv);
	return inv.n_sightings == 1 && inv.sources[0].n_issues == 1 &&
	    inv.sources[0].issues[0].kind == ISSUE_PARTIAL &&
	    strstr(inv.sources[0].issues[0].err.text, "closed.pem") != NULL;
}

START_TEST(unreadable_file)
{
	char *good = pem_of(WORLD_GOOD);
	const char *two[2] = { scratch_text("closed.pem", good, 0000), scratch_text("open.pem", good, 0644) };

	ck_assert(world_as_nobody(reads_the_other, two));
	free(good);
}
END_TEST

/* What can be found beside a closed directory is read. */
static bool tells_of_the_directory(const void *arg)
{
	struct inventory inv;

	poll_files(arg, 1, &inv);
	return inv.n_sightings == 1 && inv.sources[0].n_issues == 1 && !inv.sources[0].complete &&
	    strstr(inv.sources[0].issues[0].err.text, "directory that this pattern leads to") != NULL;
}

START_TEST(closed_directory)
{
	char *good = pem_of(WORLD_GOOD);
	char *closed = mem_strdup(scratch_path("sub-closed")), *open = mem_strdup(scratch_path("sub-open"));
	const char *file, *pattern;

	ck_assert(mkdir(closed, 0700) == 0 && mkdir(open, 0755) == 0);
	file = scratch_text("sub-open/a.crt", good, 0644);
	chmod(closed, 0);
	pattern = scratch_path("sub-*/*.crt");
	ck_assert(world_as_nobody(tells_of_the_directory, &pattern));
	unlink(file);
	rmdir(open);
	rmdir(closed);
	free(open);
	free(closed);
	free(good);
}
END_TEST

START_TEST(too_large)
{
	const char *path = scratch_text("large.pem", "", 0644);
	struct inventory inv;

	ck_assert_int_eq(truncate(path, 64L * 1024 * 1024 + 1), 0);
	poll_files(&path, 1, &inv);
	only_issue(&inv, ISSUE_FAILED, "larger than 67108864 bytes");
	inventory_clear(&inv);
	unlink(path);
}
END_TEST

START_TEST(no_path)
{
	struct inventory inv;

	poll_files(NULL, 0, &inv);
	ck_assert(inventory_source_failed(&inv, 0));
	inventory_clear(&inv);
}
END_TEST

/* Nothing is read after the deadline, and that is told. */
START_TEST(deadline)
{
	char *good = pem_of(WORLD_GOOD), *path = mem_strdup(scratch_text("late.pem", good, 0644));
	char name[] = "local";
	const struct target t = { .name = name, .kind = SOURCE_FILES, .paths = &path, .n_paths = 1 };
	const struct collect_options o = { .deadline_ms = clock_mono_ms() - 1 };
	struct inventory inv;
	struct err e = { 0 };

	inventory_init(&inv);
	ck_assert_int_eq(collect(&t, 1, &o, &inv, &e), 0);
	ck_assert_uint_eq(inv.n_sightings, 0);
	only_issue(&inv, ISSUE_FAILED, "before the time was up");
	ck_assert_int_eq(inv.sources[0].issues[0].err.code, ERR_TIMEOUT);
	inventory_clear(&inv);
	free(path);
	free(good);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("files");
	TCase *c = tcase_create("files");

	tcase_add_unchecked_fixture(c, world_make, world_remove);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, bundle_with_garbage);
	tcase_add_test(c, der_file);
	tcase_add_loop_test(c, named_or_matched, 0, sizeof empties / sizeof empties[0]);
	tcase_add_test(c, only_notes_is_a_failure);
	tcase_add_test(c, pattern_without_a_match);
	tcase_add_test(c, missing_file);
	tcase_add_test(c, not_a_file);
	tcase_add_test(c, once_each);
	tcase_add_test(c, bracket_in_a_name);
	tcase_add_test(c, wrapped_is_not_passed_over);
	tcase_add_test(c, half_a_block);
	tcase_add_test(c, unreadable_file);
	tcase_add_test(c, closed_directory);
	tcase_add_test(c, too_large);
	tcase_add_test(c, no_path);
	tcase_add_test(c, deadline);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
