/* fileio.c - whole files: read with a cap, replace durably. */
#include "lib/base/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/mem.h"

#define READ_BYTES 16384
#define TEMPORARY_TRIES 100

static int io_error(struct err *e, const char *doing, const char *path)
{
	return err_set(e, ERR_IO, "cannot %s %s: %s", doing, path, strerror(errno));
}

static int too_large(struct err *e, const char *path, const struct buf *b)
{
	return err_set(e, ERR_IO, "%s is larger than %zu bytes", path, b->max_bytes);
}

/* One more piece of the file.  1: there may be more, 0: the end, -1: error. */
static int read_some(int fd, const char *path, struct buf *b, struct err *e)
{
	char bytes[READ_BYTES];
	ssize_t n = read(fd, bytes, sizeof bytes);
	int failed = 0;

	if (n < 0 && errno == EINTR)
		return 1;
	if (n < 0)
		return io_error(e, "read", path);
	if (buf_add(b, bytes, (size_t)n))
		failed = too_large(e, path, b);
	mem_wipe(bytes, (size_t)n);  /* the file may be a key */
	return failed ? -1 : n > 0;
}

static int want_regular(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return io_error(e, "read", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_IO, "%s is not a regular file", path);
	return 0;
}

int fileio_read_fd(int fd, const char *path, struct buf *b, struct err *e)
{
	int more;

	do
		more = read_some(fd, path, b, e);
	while (more > 0);
	return more;
}

int fileio_read(const char *path, struct buf *b, struct err *e)
{
	/* Without O_NONBLOCK the open itself waits for a FIFO's writer. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int failed;

	if (fd < 0)
		return io_error(e, "open", path);
	failed = want_regular(fd, path, e);
	if (!failed)
		failed = fileio_read_fd(fd, path, b, e);
	close(fd);
	return failed;
}

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

/* A new file beside path, open for writing; *name is the caller's to free.
 * A crashed process may have left one with our pid: take the next number. */
static int open_temporary(const char *path, unsigned mode, char **name)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	for (int i = 0; i < TEMPORARY_TRIES; i++) {
		int fd;

		*name = mem_printf("%s.tmp.%ld.%d", path, (long)getpid(), i);
		fd = open(*name, flags, (mode_t)mode);
		if (fd >= 0 || errno != EEXIST)
			return fd;
		free(*name);
		*name = NULL;
	}
	errno = EEXIST;
	return -1;
}

/* The rename is durable only once the directory is on the disk too. */
static int sync_directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int fd, failed;

	if (slash == NULL)
		dir = mem_strdup(".");
	else
		dir = mem_strndup(path, slash > path ? (size_t)(slash - path) : 1);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd < 0)
		return -1;
	failed = fsync(fd) && errno != EINVAL;  /* EINVAL: this file system has no such thing */
	close(fd);
	return failed ? -1 : 0;
}

/* Everything on the disk, and the descriptor closed, whatever happens.  mode is
 * set when it is not 0. */
static int write_and_close(int fd, const void *bytes, size_t n, unsigned mode)
{
	int failed = write_all(fd, bytes, n) || (mode != 0 && fchmod(fd, (mode_t)mode)) || fsync(fd);
	int cause = errno;

	if (close(fd) == 0 && !failed)
		return 0;
	if (failed)
		errno = cause;
	return -1;
}

/* From the open temporary file to the durable name. */
static int fill_and_rename(int fd, const char *temporary, const char *path, const void *bytes,
    size_t n, unsigned exact_mode, struct err *e)
{
	int failed = -1;

	if (write_and_close(fd, bytes, n, exact_mode))
		io_error(e, "write", temporary);
	else if (rename(temporary, path))
		io_error(e, "replace", path);
	else
		failed = 0;
	if (failed)
		unlink(temporary);
	else if (sync_directory_of(path))
		failed = io_error(e, "make durable", path);
	return failed;
}

static int replace(const char *path, const void *bytes, size_t n, unsigned mode, bool exactly,
    struct err *e)
{
	char *temporary = NULL;
	int fd = open_temporary(path, mode, &temporary);
	int failed;

	if (fd < 0)
		failed = io_error(e, "create a file beside", path);
	else
		failed = fill_and_rename(fd, temporary, path, bytes, n, exactly ? mode : 0, e);
	free(temporary);
	return failed;
}

int fileio_replace(const char *path, const void *bytes, size_t n, unsigned mode, struct err *e)
{
	return replace(path, bytes, n, mode, false, e);
}

int fileio_publish(const char *path, const void *bytes, size_t n, unsigned mode, struct err *e)
{
	return replace(path, bytes, n, mode, true, e);
}

int fileio_put(const char *dir, const char *stem, const void *bytes, size_t n, unsigned mode,
    struct err *e)
{
	char *temporary = mem_printf("%s/.%s-XXXXXX", dir, stem);
	char *path = NULL;
	int fd = mkstemp(temporary), failed;

	if (fd < 0) {
		failed = io_error(e, "create a file in", dir);
		goto out;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	path = mem_printf("%s/%s", dir, temporary + strlen(dir) + strlen("/."));
	failed = fill_and_rename(fd, temporary, path, bytes, n, mode, e);
out:
	free(temporary);
	free(path);
	return failed;
}
