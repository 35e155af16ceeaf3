/* spool.c - words in: one file each, whose owner is the speaker.
 *
 * Whoever may write into the directory may put anything there, under any name.
 * Nothing is opened before it was seen to be a plain file, nothing is waited
 * for, and nothing is believed of a file but what fstat(2) tells of the one
 * that is open. */
#include "remediate/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/fileio.h"
#include "lib/base/mem.h"

#define WORD_MODE 0640             /* the worker may be another user of the same group */
#define NAMES_MAX ((size_t)20000)  /* looked at in one pass */
#define TEMPORARY_KEPT_S 3600

int spool_put(const char *spool, const struct word *w, struct err *e)
{
	struct buf text;
	char *stem = mem_printf("%lld-%ld-%s", (long long)clock_wall_s(), (long)getpid(),
	    word_kind_name(w->kind));
	int failed;

	buf_init(&text, WORD_MAX_BYTES);
	failed = word_print(w, &text, e);
	if (!failed)
		failed = fileio_put(spool, stem, text.data, text.len, WORD_MODE, e);
	buf_clear(&text);
	free(stem);
	return failed;
}

bool spool_has_words(const char *spool)
{
	DIR *d = opendir(spool);
	struct dirent *entry;
	bool found = false;

	if (d == NULL)
		return false;
	while (!found && (entry = readdir(d)) != NULL)
		found = entry->d_name[0] != '.';
	closedir(d);
	return found;
}

/* --- names, oldest first --------------------------------------------------------- */

struct name {
	char *name;              /* owned */
	struct stat st;          /* of the name itself, links not followed */
};

struct names {
	struct name *v;
	size_t n, cap;
};

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i].name);
	free(names->v);
}

static int compare_age(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	const struct timespec *p = &x->st.st_ctim, *q = &y->st.st_ctim;

	if (p->tv_sec != q->tv_sec)
		return p->tv_sec < q->tv_sec ? -1 : 1;
	if (p->tv_nsec != q->tv_nsec)
		return p->tv_nsec < q->tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool is_itself(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Left behind by somebody who was killed while speaking. */
static void drop_old_temporary(int dir, const char *name, const struct stat *st)
{
	if (!S_ISDIR(st->st_mode) && clock_wall_s() - (int64_t)st->st_ctim.tv_sec > TEMPORARY_KEPT_S)
		(void)unlinkat(dir, name, 0);
}

static void read_names(DIR *d, struct names *names)
{
	struct dirent *entry;
	struct stat st;

	while (names->n < NAMES_MAX && (entry = readdir(d)) != NULL) {
		if (is_itself(entry->d_name) ||
		    fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (entry->d_name[0] == '.') {
			drop_old_temporary(dirfd(d), entry->d_name, &st);
			continue;
		}
		names->v = mem_grow(names->v, &names->cap, names->n + 1, sizeof names->v[0]);
		names->v[names->n].name = mem_strdup(entry->d_name);
		names->v[names->n++].st = st;
	}
	if (names->n > 0)
		qsort(names->v, names->n, sizeof names->v[0], compare_age);
}

/* --- one file ---------------------------------------------------------------------- */

/* Not a fault of the file: another time. */
static bool is_passing(int cause)
{
	return cause == EMFILE || cause == ENFILE || cause == ENOMEM || cause == EAGAIN ||
	    cause == EINTR;
}

static int check_file(const struct stat *st, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_ANSWER, "not a regular file");
	if (st->st_nlink != 1)
		return err_set(e, ERR_ANSWER, "a file with more than one name");
	if (st->st_size > WORD_MAX_BYTES)
		return err_set(e, ERR_ANSWER, "longer than %d bytes", WORD_MAX_BYTES);
	return 0;
}

static int parse_file(int fd, struct spoken *s, struct err *e)
{
	struct buf text;
	int failed;

	buf_init(&text, WORD_MAX_BYTES);
	failed = fileio_read_fd(fd, "the file", &text, e);
	if (!failed && text.len == 0)
		failed = err_set(e, ERR_ANSWER, "empty");
	else if (!failed)
		failed = word_parse(text.data, text.len, &s->word, e);
	buf_clear(&text);
	return failed;
}

/* From the descriptor: the name may mean something else by now. */
static int take_open_file(int fd, struct spoken *s, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_set(e, ERR_IO, "cannot be looked at: %s", strerror(errno));
	s->uid = st.st_uid;
	s->at = (int64_t)st.st_ctim.tv_sec;
	return check_file(&st, e) ? -1 : parse_file(fd, s, e);
}

/* false: it is gone, or cannot be told now. */
static bool take_file(int dir, const struct name *name, struct spoken *s)
{
	int fd;

	memset(s, 0, sizeof *s);
	word_init(&s->word);
	s->uid = name->st.st_uid;
	s->at = (int64_t)name->st.st_ctim.tv_sec;
	if (!S_ISREG(name->st.st_mode)) {   /* opening a device may do something */
		check_file(&name->st, &s->err);
		goto out;
	}
	fd = openat(dir, name->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || is_passing(errno)))
		return false;
	if (fd < 0) {
		err_set(&s->err, ERR_IO, "cannot be opened: %s", strerror(errno));
		goto out;
	}
	(void)!take_open_file(fd, s, &s->err);   /* what is wrong goes along */
	close(fd);
out:
	s->name = mem_strdup(name->name);
	s->user = speaker_name(s->uid);
	return true;
}

int spool_list(const char *spool, struct spoken **words, size_t *n, struct err *e)
{
	struct names names = { 0 };
	DIR *d = opendir(spool);
	size_t n_wanted;

	*words = NULL;
	*n = 0;
	if (d == NULL)
		return err_set(e, ERR_IO, "cannot read the spool %s: %s", spool, strerror(errno));
	read_names(d, &names);
	n_wanted = names.n < SPOOL_WORDS_MAX ? names.n : SPOOL_WORDS_MAX;
	*words = mem_array(n_wanted, sizeof **words);
	for (size_t i = 0; i < n_wanted; i++)
		*n += take_file(dirfd(d), &names.v[i], &(*words)[*n]);
	names_free(&names);
	closedir(d);
	return 0;
}

void spool_free(struct spoken *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(words[i].name);
		free(words[i].user);
		word_clear(&words[i].word);
	}
	free(words);
}

int spool_drop(const char *spool, const char *name, struct err *e)
{
	char *path = mem_printf("%s/%s", spool, name);
	int failed;

	if (*name == '\0' || is_itself(name) || strchr(name, '/') != NULL)
		failed = err_set(e, ERR_IO, "\"%s\" is no name of a file in the spool", name);
	else if (remove(path) == 0 || errno == ENOENT)
		failed = 0;
	else
		failed = err_set(e, ERR_IO, "cannot remove %s: %s", path, strerror(errno));
	free(path);
	return failed;
}
