/* lock.c - one worker at a target. */
#include "remediate/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/text.h"

#define PID_BYTES 24

/* What is written in the file is for people: the lock itself is the kernel's. */
static int busy(int fd, const char *path, struct err *e)
{
	char text[PID_BYTES] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	int64_t pid = 0;

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (text_to_i64(text, 1, INT32_MAX, &pid))
		return err_set(e, ERR_BUSY, "another worker has %s", path);
	return err_set(e, ERR_BUSY, "another worker (process %lld) has %s", (long long)pid, path);
}

static int write_pid(int fd)
{
	char text[PID_BYTES];
	int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	return ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n ? -1 : 0;
}

static int take(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return err_set(e, ERR_IO, "%s is not a regular file", path);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			return busy(fd, path, e);
		return err_set(e, ERR_IO, "cannot lock %s: %s", path, strerror(errno));
	}
	if (write_pid(fd))
		return err_set(e, ERR_IO, "cannot write %s: %s", path, strerror(errno));
	return 0;
}

int lock_take(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);

	if (fd < 0)
		return err_set(e, ERR_IO, "cannot open the lock %s: %s", path, strerror(errno));
	if (take(fd, path, e) == 0)
		return fd;
	close(fd);
	return -1;
}
