/* paths.c - the state directory of the handler. */
#include "remediate/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/mem.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define STICKY 01000       /* S_ISVTX, which plain POSIX does not name */

void paths_init(struct paths *p, const char *dir)
{
	p->dir = mem_strdup(dir);
	p->spool = mem_printf("%s/spool", dir);
	p->public = mem_printf("%s/public", dir);
	p->private = mem_printf("%s/private", dir);
	p->journal = mem_printf("%s/remediation.db", p->private);
	p->check = mem_printf("%s/check", dir);
}

void paths_clear(struct paths *p)
{
	free(p->dir);
	free(p->spool);
	free(p->public);
	free(p->private);
	free(p->journal);
	free(p->check);
	memset(p, 0, sizeof *p);
}

char *paths_facts(const struct paths *p, const char *target)
{
	return mem_printf("%s/%s.json", p->public, target);
}

char *paths_lock(const struct paths *p, const char *target)
{
	return mem_printf("%s/%s.lock", p->private, target);
}

/* --- what has to be there ---------------------------------------------------------- */

/* How a directory is made, and what is refused of one that is there. */
struct rights {
	mode_t mode;             /* of a new one */
	mode_t refused;          /* bits that must not be set */
	bool sticky_will_do;     /* unless it is sticky: nobody removes what is another's */
};

static int check_rights(const char *path, const struct stat *st, const struct rights *want,
    struct err *e)
{
	if (!(st->st_mode & want->refused) || (want->sticky_will_do && (st->st_mode & STICKY)))
		return 0;
	if (want->sticky_will_do)
		return err_set(e, ERR_CONFIG,
		    "others could remove or rename what is in %s; run: chmod +t %s", path, path);
	return err_set(e, ERR_CONFIG, "%s is open to others; run: chmod %04o %s", path,
	    (unsigned)want->mode, path);
}

/* Whoever owns a directory can change what is in it. */
static int check_owner(const char *path, const struct stat *st, bool root_will_do, struct err *e)
{
	unsigned long owner = (unsigned long)st->st_uid, us = (unsigned long)geteuid();

	if (owner == us || (root_will_do && owner == 0))
		return 0;
	return err_set(e, ERR_CONFIG,
	    "%s belongs to another user (uid %lu, we are %lu): run this as that user, or once: "
	    "chown %lu %s", path, owner, us, us, path);
}

/* The directory entry has to survive a crash as its journal does. */
static int sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 || (fsync(fd) && errno != EINVAL);

	if (fd >= 0)
		close(fd);
	return failed ? -1 : 0;
}

/* chmod: the umask may have taken bits away. */
static int make(const char *dir, const char *path, mode_t mode, struct err *e)
{
	if (mkdir(path, mode & 0700))
		return errno == EEXIST ? 0 :
		    err_set(e, ERR_IO, "cannot make %s: %s", path, strerror(errno));
	if (chmod(path, mode) || sync_directory(dir))
		return err_set(e, ERR_IO, "cannot make %s: %s", path, strerror(errno));
	return 0;
}

static int prepare(const char *dir, const char *path, const struct rights *want, struct err *e)
{
	struct stat st;

	if (make(dir, path, want->mode, e))
		return -1;
	if (lstat(path, &st))
		return err_set(e, ERR_IO, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_CONFIG, "%s is not a directory", path);
	if (check_owner(path, &st, false, e))
		return -1;
	return check_rights(path, &st, want, e);
}

/* It may be a link; what matters is who can replace what is in it. */
static int check_top(const char *dir, struct err *e)
{
	static const struct rights top = { 0755, OTHERS_WRITE, true };
	struct stat st;

	if (stat(dir, &st))
		return err_set(e, ERR_IO, "cannot use the state directory %s: %s", dir,
		    strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_CONFIG, "%s is not a directory", dir);
	return check_owner(dir, &st, true, e) ? -1 : check_rights(dir, &st, &top, e);
}

int paths_prepare(const struct paths *p, struct err *e)
{
	static const struct rights spool = { 03770, OTHERS_WRITE, true };
	static const struct rights public = { 0755, OTHERS_WRITE, false };
	static const struct rights private = { 0700, S_IRWXG | S_IRWXO, false };

	if (check_top(p->dir, e) || prepare(p->dir, p->spool, &spool, e) ||
	    prepare(p->dir, p->public, &public, e))
		return -1;
	return prepare(p->dir, p->private, &private, e);
}

int paths_prepare_check(const struct paths *p, struct err *e)
{
	static const struct rights check = { 0700, OTHERS_WRITE, false };

	return prepare(p->dir, p->check, &check, e);
}
