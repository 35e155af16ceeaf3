/* test_fileio.c - whole files: read with a cap, replace durably. */
#include "lib/base/fileio.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

static const struct { size_t size, cap; int failed; } sizes[] = {
	{ 0, 0, 0 }, { 0, 10, 0 }, { 1, 0, -1 }, { 10, 10, 0 }, { 11, 10, -1 },
	{ 16384, 16384, 0 }, { 16385, 16384, -1 }, { 100000, 1000000, 0 }, { 100000, 99999, -1 },
};

START_TEST(test_read)
{
	static char bytes[100000];
	const char *path;
	struct buf b;
	struct err e = { 0 };

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 % 251);
	path = scratch_bytes("sized", bytes, sizes[_i].size, 0600);
	buf_init(&b, sizes[_i].cap);
	ck_assert_int_eq(fileio_read(path, &b, &e), sizes[_i].failed);
	if (sizes[_i].failed) {
		ck_assert_int_eq(e.code, ERR_IO);
		ck_assert_ptr_nonnull(strstr(e.text, "/sized is larger than "));
	} else {
		ck_assert_uint_eq(b.len, sizes[_i].size);
		ck_assert(b.len == 0 || memcmp(b.data, bytes, b.len) == 0);
	}
	buf_clear(&b);
}
END_TEST

START_TEST(test_read_appends)
{
	struct buf b;
	struct err e = { 0 };

	buf_init(&b, 100);
	ck_assert_int_eq(fileio_read(scratch_text("one", "abc", 0600), &b, &e), 0);
	ck_assert_int_eq(fileio_read(scratch_text("two", "def", 0600), &b, &e), 0);
	ck_assert_str_eq(buf_str(&b), "abcdef");
	buf_clear(&b);
}
END_TEST

/* What is no regular file is refused at once: no test here may hang. */
START_TEST(test_read_refusals)
{
	struct { const char *path, *message; } rows[] = {
		{ scratch_path("absent"), "/absent: No such file or directory" },
		{ scratch_path("fifo"), "/fifo is not a regular file" },
		{ scratch_path("."), "/. is not a regular file" },
		{ "/dev/null", "/dev/null is not a regular file" },
		{ "/dev/zero", "/dev/zero is not a regular file" },
		{ "", "cannot open : No such file or directory" },
	};
	struct buf b;

	unlink(scratch_path("fifo"));
	ck_assert_int_eq(mkfifo(rows[1].path, 0600), 0);
	buf_init(&b, 100);
	for (int i = 0; i < UNIT_ROWS(rows); i++) {
		struct err e = { 0 };

		ck_assert_int_eq(fileio_read(rows[i].path, &b, &e), -1);
		ck_assert_int_eq(e.code, ERR_IO);
		ck_assert_msg(strstr(e.text, rows[i].message) != NULL, "row %d: %s", i, e.text);
		ck_assert_uint_eq(b.len, 0);
	}
	buf_clear(&b);
	unlink(scratch_path("fifo"));
}
END_TEST

/* A file without a size of its own is read to its end all the same. */
START_TEST(test_read_proc)
{
	struct buf b;
	struct err e = { 0 };

	buf_init(&b, 65536);
	ck_assert_int_eq(fileio_read("/proc/self/status", &b, &e), 0);
	ck_assert_uint_gt(b.len, 0);
	buf_clear(&b);
}
END_TEST

static void check_content(const char *path, const char *want)
{
	struct buf b;
	struct err e = { 0 };

	buf_init(&b, 100);
	ck_assert_int_eq(fileio_read(path, &b, &e), 0);
	ck_assert_str_eq(buf_str(&b), want);
	buf_clear(&b);
}

START_TEST(test_replace)
{
	const char *path = scratch_path("facts");
	int before = scratch_count();
	struct err e = { 0 };
	struct stat st;

	umask(022);
	ck_assert_int_eq(fileio_replace(path, "one", 3, 0644, &e), 0);
	check_content(path, "one");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0644);
	ck_assert_int_eq(fileio_replace(path, "second", 6, 0600, &e), 0);
	check_content(path, "second");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(fileio_replace(path, NULL, 0, 0600, &e), 0);
	check_content(path, "");
	ck_assert_int_eq(scratch_count(), before + 1);  /* no temporary file stays */
	unlink(path);
}
END_TEST

/* A reader who has the old file open keeps it whole. */
START_TEST(test_replace_is_atomic)
{
	const char *path = scratch_text("open", "old content", 0600);
	int fd = open(path, O_RDONLY);
	char bytes[20] = "";
	struct err e = { 0 };

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fileio_replace(path, "new", 3, 0600, &e), 0);
	ck_assert_int_eq(read(fd, bytes, sizeof bytes - 1), 11);
	ck_assert_str_eq(bytes, "old content");
	close(fd);
	check_content(path, "new");
}
END_TEST

/* What a crash of a process with our pid left behind is in nobody's way. */
START_TEST(test_replace_beside_leftovers)
{
	char name[64];
	const char *leftover;
	struct err e = { 0 };

	snprintf(name, sizeof name, "left.tmp.%ld.0", (long)getpid());
	leftover = scratch_text(name, "half", 0600);
	ck_assert_int_eq(fileio_replace(scratch_path("left"), "whole", 5, 0600, &e), 0);
	check_content(scratch_path("left"), "whole");
	check_content(leftover, "half");
	unlink(leftover);
	unlink(scratch_path("left"));
}
END_TEST

START_TEST(test_replace_refusals)
{
	int before = scratch_count();
	struct err e = { 0 };

	ck_assert_int_eq(fileio_replace(scratch_path("no/such"), "x", 1, 0600, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_ptr_nonnull(strstr(e.text, "No such file or directory"));
	err_clear(&e);
	ck_assert_int_eq(mkdir(scratch_path("dir"), 0700), 0);
	ck_assert_int_eq(fileio_replace(scratch_path("dir"), "x", 1, 0600, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "cannot replace "));
	ck_assert_int_eq(scratch_count(), before + 1);
	rmdir(scratch_path("dir"));
}
END_TEST

/* A write that fails half way leaves the old file and nothing else.  The limit
 * on the file size stands for the full disk. */
START_TEST(test_replace_full_disk)
{
	static char bytes[8192];
	const char *path = scratch_text("kept", "old", 0600);
	struct rlimit before_limit, limit;
	int before = scratch_count(), failed;
	struct err e = { 0 };

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before_limit), 0);
	limit = before_limit;
	limit.rlim_cur = 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	failed = fileio_replace(path, bytes, sizeof bytes, 0600, &e);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before_limit), 0);
	ck_assert_int_eq(failed, -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_ptr_nonnull(strstr(e.text, "cannot write "));
	check_content(path, "old");
	ck_assert_int_eq(scratch_count(), before);
}
END_TEST

START_TEST(test_replace_link)
{
	const char *target = scratch_text("target", "kept", 0600), *link = scratch_path("link");
	struct err e = { 0 };

	ck_assert_int_eq(symlink(target, link), 0);
	ck_assert_int_eq(fileio_replace(link, "new", 3, 0600, &e), 0);
	check_content(link, "new");
	check_content(target, "kept");  /* the link was replaced, not followed */
}
END_TEST

/* Readable for others although the umask says no. */
START_TEST(test_publish)
{
	const char *path = scratch_path("published");
	struct err e = { 0 };
	struct stat st;

	umask(077);
	ck_assert_int_eq(fileio_publish(path, "one", 3, 0644, &e), 0);
	check_content(path, "one");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0644);
	unlink(path);
}
END_TEST

/* The name of the only entry of a directory. */
static void only_entry(const char *path, char name[256])
{
	DIR *d = opendir(path);
	struct dirent *entry;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, 256, "%s", entry->d_name);
		n++;
	}
	closedir(d);
	ck_assert_int_eq(n, 1);
}

START_TEST(test_put)
{
	const char *dir = scratch_path("watched");
	char name[256], path[300];
	struct err e = { 0 };
	struct stat st;

	umask(077);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(fileio_put(dir, "stem", "text", 4, 0640, &e), 0);
	only_entry(dir, name);
	ck_assert_msg(strncmp(name, "stem-", 5) == 0 && strlen(name) == 11, "%s", name);
	snprintf(path, sizeof path, "watched/%s", name);
	check_content(scratch_path(path), "text");
	ck_assert_int_eq(stat(scratch_path(path), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	unlink(scratch_path(path));
	rmdir(dir);
	ck_assert_int_eq(fileio_put(dir, "stem", "text", 4, 0640, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("fileio");
	TCase *tc = tcase_create("fileio");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_loop_test(tc, test_read, 0, UNIT_ROWS(sizes));
	tcase_add_test(tc, test_read_appends);
	tcase_add_test(tc, test_read_refusals);
	if (access("/proc/self/status", R_OK) == 0)
		tcase_add_test(tc, test_read_proc);
	tcase_add_test(tc, test_replace);
	tcase_add_test(tc, test_replace_is_atomic);
	tcase_add_test(tc, test_replace_beside_leftovers);
	tcase_add_test(tc, test_replace_refusals);
	tcase_add_test(tc, test_replace_full_disk);
	tcase_add_test(tc, test_replace_link);
	tcase_add_test(tc, test_publish);
	tcase_add_test(tc, test_put);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
