/* fetch_lock.c - the lock that is held around a call, across processes. */
#include "lib/source/fetch_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

int fetch_lock_open(const char *path, struct err *e)
{
	const int common = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, O_RDWR | O_CREAT | common, 0666);
	int cause = errno;

	/* The file may be another user's: to lock it, reading is enough. */
	if (fd < 0 && (cause == EACCES || cause == EROFS || cause == EPERM))
		fd = open(path, O_RDONLY | common);
	if (fd < 0)
		return err_set(e, ERR_IO, "cannot open the lock %s: %s", path, strerror(cause));
	return fd;
}

int fetch_lock_try(int fd, const char *path, struct err *e)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	if (errno == EWOULDBLOCK || errno == EINTR)
		return 0;
	return err_set(e, ERR_IO, "cannot lock %s: %s", path, strerror(errno));
}
