/* test_spool.c - words in: put, listed in order, and what is no word. */
#include "remediate/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define PAUSE "{\"schema\":\"certs_word/1\",\"word\":\"pause\"}"
#define STRANGER 12345

static const char *spool(void)
{
	return scratch_path(".");
}

static int put(enum word_kind kind, int64_t run)
{
	struct word w;
	struct err e = { 0 };

	word_init(&w);
	w.kind = kind;
	w.run = run;
	return spool_put(spool(), &w, &e);
}

static struct spoken *list(size_t *n)
{
	struct spoken *words;
	struct err e = { 0 };

	ck_assert_msg(spool_list(spool(), &words, n, &e) == 0, "%s", e.text);
	return words;
}

static void drop(const char *name)
{
	struct err e = { 0 };

	ck_assert_msg(spool_drop(spool(), name, &e) == 0, "%s", e.text);
}

START_TEST(put_and_listed)
{
	int64_t before_at = clock_wall_s();
	struct spoken *words;
	struct passwd *me = getpwuid(geteuid());
	struct stat st;
	size_t n;

	umask(077);
	ck_assert(!spool_has_words(spool()));
	ck_assert_int_eq(put(WORD_RETRY, 7), 0);
	ck_assert(spool_has_words(spool()));
	words = list(&n);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(words[0].err.code, ERR_NONE);
	ck_assert_int_eq(words[0].word.kind, WORD_RETRY);
	ck_assert_int_eq(words[0].word.run, 7);
	ck_assert_uint_eq(words[0].uid, geteuid());
	if (me != NULL)
		ck_assert_str_eq(words[0].user, me->pw_name);
	ck_assert_int_ge(words[0].at, before_at - 1);   /* the kernel's clock is a little coarse */
	ck_assert_int_le(words[0].at, clock_wall_s());
	ck_assert_int_eq(stat(scratch_path(words[0].name), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0640);
	ck_assert(spool_has_words(spool()));   /* it stays until it is dropped */
	drop(words[0].name);
	drop(words[0].name);
	ck_assert(!spool_has_words(spool()));
	spool_free(words, n);
	ck_assert_int_eq(scratch_count(), 0);
}
END_TEST

/* By the time that the kernel tells, not by name. */
START_TEST(oldest_first)
{
	const char *const names[] = { "c", "a", "b" };
	struct timespec last = { 0 };
	struct spoken *words;
	size_t n;

	for (int i = 0; i < UNIT_ROWS(names); i++) {
		const char *path = scratch_text(names[i], PAUSE, 0640);
		struct stat st;

		do {   /* until the kernel's clock, which ticks, tells another time */
			ck_assert_int_eq(chmod(path, 0640), 0);
			ck_assert_int_eq(stat(path, &st), 0);
		} while (st.st_ctim.tv_sec == last.tv_sec && st.st_ctim.tv_nsec == last.tv_nsec);
		last = st.st_ctim;
	}
	words = list(&n);
	ck_assert_uint_eq(n, 3);
	for (int i = 0; i < UNIT_ROWS(names); i++)
		ck_assert_str_eq(words[i].name, names[i]);
	spool_free(words, n);
}
END_TEST

START_TEST(incomplete_words_are_not_put)
{
	ck_assert_int_eq(put(WORD_EVENT, 0), -1);
	ck_assert_int_eq(scratch_count(), 0);
}
END_TEST

/* --- what is no word ------------------------------------------------------------------ */

static void make_fifo(const char *path)
{
	ck_assert_int_eq(mkfifo(path, 0666), 0);
}

static void make_link(const char *path)
{
	ck_assert_int_eq(symlink("good", path), 0);
}

static void make_dangling(const char *path)
{
	ck_assert_int_eq(symlink("nowhere", path), 0);
}

static void make_directory(const char *path)
{
	ck_assert_int_eq(mkdir(path, 0777), 0);
}

static void make_second_name(const char *path)
{
	ck_assert_int_eq(link(scratch_text(".first", PAUSE, 0640), path), 0);
}

static void make_huge(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);

	ck_assert_int_eq(ftruncate(fd, (off_t)1 << 40), 0);   /* a hole: it takes no room */
	close(fd);
}

static void make_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void make_empty(const char *path)
{
	make_text(path, "");
}

static void make_garbage(const char *path)
{
	make_text(path, "\001\002 not json");
}

static void make_unknown(const char *path)
{
	make_text(path, "{\"schema\":\"certs_word/1\",\"word\":\"pause\",\"uid\":0}");
}

static const struct { void (*make)(const char *path); const char *message; } odd[] = {
	{ make_fifo, "not a regular file" }, { make_link, "not a regular file" },
	{ make_dangling, "not a regular file" }, { make_directory, "not a regular file" },
	{ make_second_name, "more than one name" }, { make_huge, "longer than 4096" },
	{ make_empty, "empty" }, { make_garbage, "not JSON" }, { make_unknown, "unknown key" },
};

/* Beside a good word; it is told, stops nobody, and can be dropped. */
START_TEST(no_words)
{
	const char *name = "name with \033[2J\n\"$(x)' and \377";
	const char *path = scratch_path(name);
	struct spoken *words;
	size_t n, bad;

	odd[_i].make(path);
	scratch_text("good", PAUSE, 0640);
	words = list(&n);
	ck_assert_uint_eq(n, 2);
	bad = strcmp(words[0].name, "good") == 0 ? 1 : 0;
	ck_assert_str_eq(words[bad].name, name);
	ck_assert_int_ne(words[bad].err.code, ERR_NONE);
	ck_assert_msg(strstr(words[bad].err.text, odd[_i].message) != NULL, "%s",
	    words[bad].err.text);
	ck_assert_int_eq(words[1 - bad].err.code, ERR_NONE);
	drop(name);
	drop("good");
	unlink(scratch_path(".first"));
	spool_free(words, n);
	ck_assert_int_eq(scratch_count(), 0);
}
END_TEST

START_TEST(only_names_in_it_are_dropped)
{
	const char *const names[] = { "", ".", "..", "../x", "/etc/passwd", "a/b" };
	struct err e;

	for (int i = 0; i < UNIT_ROWS(names); i++) {
		ck_assert_int_eq(spool_drop(spool(), names[i], &e), -1);
		ck_assert_int_eq(e.code, ERR_IO);
	}
}
END_TEST

/* What is being written is not there yet; what was left behind goes. */
START_TEST(temporary_files)
{
	struct spoken *words;
	size_t n;

	scratch_text(".young", "{\"sch", 0600);
	ck_assert(!spool_has_words(spool()));
	words = list(&n);
	ck_assert_uint_eq(n, 0);
	spool_free(words, n);
	ck_assert_int_eq(scratch_count(), 1);
}
END_TEST

START_TEST(no_spool)
{
	const char *absent = scratch_path("absent");
	struct spoken *words;
	struct word w;
	struct err e = { 0 };
	size_t n;

	word_init(&w);
	w.kind = WORD_PAUSE;
	ck_assert(!spool_has_words(absent));
	ck_assert_int_eq(spool_list(absent, &words, &n, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
	ck_assert_ptr_null(words);
	ck_assert_int_eq(spool_put(absent, &w, &e), -1);
	ck_assert_int_eq(e.code, ERR_IO);
}
END_TEST

/* The rest stays for the next pass. */
START_TEST(very_many)
{
	char name[32];
	struct spoken *words;
	size_t n;

	for (int i = 0; i < SPOOL_WORDS_MAX + 5; i++) {
		snprintf(name, sizeof name, "w%d", i);
		scratch_text(name, PAUSE, 0640);
	}
	words = list(&n);
	ck_assert_uint_eq(n, SPOOL_WORDS_MAX);
	for (size_t i = 0; i < n; i++)
		drop(words[i].name);
	spool_free(words, n);
	words = list(&n);
	ck_assert_uint_eq(n, 5);
	spool_free(words, n);
}
END_TEST

/* Several speak at once: nothing is lost, and nothing is half. */
START_TEST(many_speakers)
{
	enum { SPEAKERS = 4, EACH = 25 };
	pid_t pids[SPEAKERS];
	struct spoken *words;
	size_t n;

	for (int i = 0; i < SPEAKERS; i++) {
		pids[i] = fork();
		ck_assert_int_ge(pids[i], 0);
		if (pids[i] == 0) {
			for (int k = 0; k < EACH; k++)
				if (put(WORD_RETRY, 1 + i * EACH + k))
					_exit(1);
			_exit(0);
		}
	}
	for (int i = 0; i < SPEAKERS; i++) {
		int status;

		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	words = list(&n);
	ck_assert_uint_eq(n, SPEAKERS * EACH);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(words[i].err.code, ERR_NONE);
	spool_free(words, n);
}
END_TEST

/* As root: who spoke is the file's owner, whatever his name. */
START_TEST(another_speaker)
{
	struct spoken *words;
	size_t n;

	ck_assert_int_eq(chown(scratch_text("w", PAUSE, 0600), STRANGER, (gid_t)-1), 0);
	words = list(&n);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(words[0].uid, STRANGER);
	if (getpwuid(STRANGER) == NULL)
		ck_assert_str_eq(words[0].user, "uid 12345");
	spool_free(words, n);
}
END_TEST

/* As somebody who may not read it: told, and the others are heard. */
START_TEST(unreadable)
{
	struct spoken *words;
	struct err e = { 0 };
	size_t n;
	pid_t pid;
	int status;

	scratch_text("secret", PAUSE, 0000);
	scratch_text("good", PAUSE, 0644);
	ck_assert_int_eq(chmod(spool(), 0755), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if ((geteuid() == 0 && setuid(STRANGER) != 0) ||
		    spool_list(spool(), &words, &n, &e) || n != 2)
			_exit(1);
		_exit((words[0].err.code == ERR_NONE) == (words[1].err.code == ERR_NONE));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(groups)
{
	struct passwd *me = getpwuid(geteuid());
	struct group *mine = me != NULL ? getgrgid(me->pw_gid) : NULL;
	bool is_member = true;
	struct err e = { 0 };

	ck_assert_int_eq(speaker_is_member(geteuid(), "no-such-group", &is_member, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert(!is_member);
	if (mine != NULL) {   /* by the primary group */
		char *name = strdup(mine->gr_name);

		ck_assert_int_eq(speaker_is_member(geteuid(), name, &is_member, &e), 0);
		ck_assert(is_member);
		if (getpwuid(STRANGER) == NULL) {
			ck_assert_int_eq(speaker_is_member(STRANGER, name, &is_member, &e), 0);
			ck_assert(!is_member);
		}
		free(name);
	}
}
END_TEST

/* "group:x:1:alice,..." of a line; false: nobody is named there. */
static bool first_member(char *line, const char **group, const char **member)
{
	char *at = line;

	*group = line;
	for (int i = 0; i < 3; i++) {
		at = strchr(at, ':');
		if (at == NULL)
			return false;
		*at++ = '\0';
	}
	at[strcspn(at, ",\n")] = '\0';
	*member = at;
	return *at != '\0';
}

/* Every group of this machine that names a member: he is in it. */
START_TEST(group_lists)
{
	FILE *f = fopen("/etc/group", "r");
	char line[4096];

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f) != NULL) {
		const char *group, *member;
		struct passwd *user;
		bool is_member = false;
		struct err e = { 0 };

		if (!first_member(line, &group, &member) || (user = getpwnam(member)) == NULL)
			continue;
		ck_assert_int_eq(speaker_is_member(user->pw_uid, group, &is_member, &e), 0);
		ck_assert_msg(is_member, "%s in %s", member, group);
	}
	fclose(f);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("spool");
	TCase *tc = tcase_create("spool");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, put_and_listed);
	tcase_add_test(tc, oldest_first);
	tcase_add_test(tc, incomplete_words_are_not_put);
	tcase_add_loop_test(tc, no_words, 0, UNIT_ROWS(odd));
	tcase_add_test(tc, only_names_in_it_are_dropped);
	tcase_add_test(tc, temporary_files);
	tcase_add_test(tc, no_spool);
	tcase_add_test(tc, very_many);
	tcase_add_test(tc, many_speakers);
	if (geteuid() == 0)
		tcase_add_test(tc, another_speaker);
	tcase_add_test(tc, unreadable);
	tcase_add_test(tc, groups);
	if (access("/etc/group", R_OK) == 0)
		tcase_add_test(tc, group_lists);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
