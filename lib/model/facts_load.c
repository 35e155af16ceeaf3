/* facts_load.c - the facts of a target from the state directory.
 *
 * What is read here widens trust, so each name on the way is opened without
 * following a link, and has to belong to somebody who may say it: the one who
 * owns the directory of facts (the worker), root, or us.  That directory in
 * turn stands in one that nobody else may write. */
#include "lib/model/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/fileio.h"
#include "lib/base/mem.h"

#define PUBLIC "public"

/* A place on the way: what is open there, and whose it is. */
struct place {
	char *path;
	int fd;
	struct stat st;
};

static void place_close(struct place *p)
{
	if (p->fd >= 0)
		close(p->fd);
	free(p->path);
}

/* As facts_load: 1, 0, -1. */
static int place_open(struct place *p, int flags, int in, const char *name, struct err *e)
{
	p->fd = openat(in, name, flags | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (p->fd < 0 && errno == ENOENT)
		return 0;
	if (p->fd < 0)
		return err_set(e, ERR_IO, "cannot open %s: %s", p->path, strerror(errno));
	if (fstat(p->fd, &p->st))
		return err_set(e, ERR_IO, "cannot look at %s: %s", p->path, strerror(errno));
	if (p->st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, ERR_CONFIG, "%s can be changed by others; run: chmod go-w %s",
		    p->path, p->path);
	return 1;
}

static bool is_trusted(uid_t owner, uid_t publisher)
{
	return owner == 0 || owner == geteuid() || owner == publisher;
}

static int check_owner(const struct place *p, uid_t publisher, struct err *e)
{
	if (is_trusted(p->st.st_uid, publisher))
		return 0;
	return err_set(e, ERR_CONFIG,
	    "%s belongs to another user (uid %lu) than the facts in it should", p->path,
	    (unsigned long)p->st.st_uid);
}

static int read_file(const struct place *file, const char *target, struct facts *f, struct err *e)
{
	struct buf text;
	int failed;

	if (!S_ISREG(file->st.st_mode))
		return err_set(e, ERR_CONFIG, "%s is not a regular file", file->path);
	buf_init(&text, FACTS_MAX_BYTES);
	failed = fileio_read_fd(file->fd, file->path, &text, e);
	if (!failed && text.len == 0)
		failed = err_set(e, ERR_ANSWER, "%s is empty", file->path);
	else if (!failed && facts_parse(text.data, text.len, f, e))
		failed = err_prefix(e, "%s", file->path);
	buf_clear(&text);
	if (failed || strcmp(f->target, target) == 0)
		return failed ? -1 : 1;
	err_set(e, ERR_ANSWER, "%s is about another target, \"%s\"", file->path, f->target);
	facts_clear(f);
	return -1;
}

int facts_load(const char *dir, const char *target, struct facts *f, struct err *e)
{
	char *name = mem_printf("%s.json", target);
	struct place top = { .path = mem_strdup(dir), .fd = -1 };
	struct place public = { .path = mem_printf("%s/" PUBLIC, dir), .fd = -1 };
	struct place file = { .path = mem_printf("%s/" PUBLIC "/%s", dir, name), .fd = -1 };
	int found = -1;

	facts_init(f);
	if (*target == '.' || *target == '\0' || strchr(target, '/') != NULL) {
		err_set(e, ERR_CONFIG, "\"%s\" cannot be the name of a target", target);
		goto out;
	}
	found = place_open(&top, O_DIRECTORY, AT_FDCWD, dir, e);
	if (found > 0)
		found = place_open(&public, O_DIRECTORY | O_NOFOLLOW, top.fd, PUBLIC, e);
	if (found > 0 && check_owner(&top, public.st.st_uid, e))
		found = -1;
	if (found > 0)
		found = place_open(&file, O_NOFOLLOW, public.fd, name, e);
	if (found > 0 && check_owner(&file, public.st.st_uid, e))
		found = -1;
	if (found > 0)
		found = read_file(&file, target, f, e);
out:
	place_close(&top);
	place_close(&public);
	place_close(&file);
	free(name);
	return found;
}
