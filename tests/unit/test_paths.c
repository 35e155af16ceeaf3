/* test_paths.c - the state directory: made, refused, published into. */
#include "remediate/paths.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "remediate/publish.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define SPOOL_MODE 03770

static struct paths p;

static void setup(void)
{
	scratch_make();
	paths_init(&p, scratch_path("."));
}

static void teardown(void)
{
	paths_clear(&p);
	scratch_remove();
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	ck_assert_msg(lstat(path, &st) == 0, "%s", path);
	return st.st_mode & 07777;
}

START_TEST(names)
{
	struct paths q;
	char *facts, *lock;

	paths_init(&q, "/var/lib/x");
	facts = paths_facts(&q, "prod");
	lock = paths_lock(&q, "prod");
	ck_assert_str_eq(q.spool, "/var/lib/x/spool");
	ck_assert_str_eq(q.journal, "/var/lib/x/private/remediation.db");
	ck_assert_str_eq(facts, "/var/lib/x/public/prod.json");
	ck_assert_str_eq(lock, "/var/lib/x/private/prod.lock");
	free(facts);
	free(lock);
	paths_clear(&q);
	paths_clear(&q);
}
END_TEST

/* The rights do not depend on the umask, and what is there is left as it is. */
START_TEST(makes)
{
	struct err e = { 0 };

	umask(077);
	ck_assert_msg(paths_prepare(&p, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(mode_of(p.spool), SPOOL_MODE);
	ck_assert_uint_eq(mode_of(p.public), 0755);
	ck_assert_uint_eq(mode_of(p.private), 0700);
	ck_assert_int_eq(chmod(p.spool, 03730), 0);
	ck_assert_int_eq(paths_prepare(&p, &e), 0);
	ck_assert_uint_eq(mode_of(p.spool), 03730);
}
END_TEST

/* Shared with check_certs: made as it makes it, and only where it is asked for. */
START_TEST(lock_directory)
{
	struct err e = { 0 };

	umask(022);
	ck_assert_int_eq(paths_prepare(&p, &e), 0);
	ck_assert_int_eq(access(p.check, F_OK), -1);
	ck_assert_msg(paths_prepare_check(&p, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(mode_of(p.check), 0700);
	ck_assert_int_eq(chmod(p.check, 0755), 0);
	ck_assert_int_eq(paths_prepare_check(&p, &e), 0);
	ck_assert_int_eq(chmod(p.check, 0775), 0);
	ck_assert_int_eq(paths_prepare_check(&p, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.text, "run: chmod 0700 "));
	ck_assert_int_eq(rmdir(p.check), 0);
	ck_assert_int_eq(symlink(p.private, p.check), 0);
	ck_assert_int_eq(paths_prepare_check(&p, &e), -1);
	ck_assert_int_eq(unlink(p.check), 0);
}
END_TEST

/* Which directory gets which rights, and what has to be run then. */
static const struct { const char *name; unsigned mode; const char *message; } bad[] = {
	{ "private", 0750, "run: chmod 0700 " }, { "private", 0701, "run: chmod 0700 " },
	{ "public", 0775, "run: chmod 0755 " }, { "public", 01777, "run: chmod 0755 " },
	{ "spool", 0777, "run: chmod +t " }, { "spool", 02770, "run: chmod +t " },
	{ ".", 0777, "run: chmod +t " },
};

START_TEST(refuses_rights)
{
	const char *path = scratch_path(bad[_i].name);
	struct err e = { 0 };

	umask(077);
	ck_assert_int_eq(paths_prepare(&p, &e), 0);
	ck_assert_int_eq(chmod(path, (mode_t)bad[_i].mode), 0);
	ck_assert_int_eq(paths_prepare(&p, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.text, bad[_i].message) != NULL, "%s", e.text);
	chmod(scratch_path("."), 0700);
	chmod(path, strcmp(bad[_i].name, "spool") == 0 ? SPOOL_MODE :
	    strcmp(bad[_i].name, "public") == 0 ? 0755 : 0700);
	ck_assert_int_eq(paths_prepare(&p, &e), 0);
}
END_TEST

START_TEST(refuses_kinds)
{
	struct paths q;
	struct err e = { 0 };

	paths_init(&q, scratch_path("absent"));
	ck_assert_int_eq(paths_prepare(&q, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	paths_clear(&q);
	paths_init(&q, scratch_text("file", "", 0600));
	ck_assert_int_eq(paths_prepare(&q, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	paths_clear(&q);
	unlink(scratch_path("file"));
}
END_TEST

/* A link or a file that somebody has put there first. */
START_TEST(refuses_a_link)
{
	char *private = p.private;
	struct err e = { 0 };

	ck_assert_int_eq(paths_prepare(&p, &e), 0);
	ck_assert_int_eq(rmdir(private), 0);
	ck_assert_int_eq(symlink("public", private), 0);
	ck_assert_int_eq(paths_prepare(&p, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "is not a directory"));
	unlink(private);
	if (geteuid() == 0) {
		ck_assert_int_eq(mkdir(private, 0700), 0);
		ck_assert_int_eq(chown(private, 12345, (gid_t)-1), 0);
		ck_assert_int_eq(paths_prepare(&p, &e), -1);
		ck_assert_ptr_nonnull(strstr(e.text, "belongs to another user (uid 12345"));
		rmdir(private);
	}
}
END_TEST

START_TEST(publishes)
{
	struct facts f, read;
	struct err e = { 0 };
	char target[] = "prod";

	umask(077);
	ck_assert_int_eq(paths_prepare(&p, &e), 0);
	facts_init(&f);
	f.target = target;
	f.n_pins = 1;
	memset(f.pins[0], 0xab, sizeof f.pins[0]);
	ck_assert_msg(publish_facts(&p, &f, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(mode_of(scratch_path("public/prod.json")), 0644);
	ck_assert_int_eq(facts_load(scratch_path("."), "prod", &read, &e), 1);
	ck_assert_uint_eq(read.n_pins, 1);
	facts_clear(&read);
	f.n_pins = 0;
	ck_assert_int_eq(publish_facts(&p, &f, &e), 0);
	ck_assert_int_eq(facts_load(scratch_path("."), "prod", &read, &e), 1);
	ck_assert_uint_eq(read.n_pins, 0);
	facts_clear(&read);
	unlink(scratch_path("public/prod.json"));
}
END_TEST

START_TEST(too_much_to_publish)
{
	static char message[FACTS_MAX_BYTES];
	char target[] = "prod", name[] = "x";
	struct facts f;
	struct err e = { 0 };

	ck_assert_int_eq(paths_prepare(&p, &e), 0);
	memset(message, 'm', sizeof message - 1);
	facts_init(&f);
	f.target = target;
	f.has_run = true;
	f.run_state = f.procedure = name;
	f.message = message;
	ck_assert_int_eq(publish_facts(&p, &f, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_int_eq(access(scratch_path("public/prod.json"), F_OK), -1);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("paths");
	TCase *tc = tcase_create("paths");

	tcase_add_unchecked_fixture(tc, setup, teardown);
	tcase_add_test(tc, names);
	tcase_add_test(tc, makes);
	tcase_add_test(tc, lock_directory);
	tcase_add_loop_test(tc, refuses_rights, 0, UNIT_ROWS(bad));
	tcase_add_test(tc, refuses_kinds);
	tcase_add_test(tc, refuses_a_link);
	tcase_add_test(tc, publishes);
	tcase_add_test(tc, too_much_to_publish);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
