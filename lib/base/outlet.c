/* outlet.c - the one write to standard output. */
#include "lib/base/outlet.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "lib/base/clock.h"

#define DRAIN_MS 1000 /* longest wait for a reader that holds the pipe and does not read */
#define DRAIN_STEP_NS 500000L

#ifndef PIPE_BUF
#define PIPE_BUF _POSIX_PIPE_BUF
#endif

/* Room in the pipe before the deadline?  A write of PIPE_BUF bytes does not
 * block then. */
static int wait_writable(int fd, int64_t deadline_ms, struct err *e)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		int64_t left_ms = deadline_ms - clock_mono_ms();
		int n;

		if (left_ms <= 0)
			return err_set(e, ERR_TIMEOUT, "standard output is not read");
		n = poll(&p, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
		if (n > 0)
			return 0;      /* an error too: write tells which */
		if (n < 0 && errno != EINTR)
			return err_set(e, ERR_IO, "cannot wait for standard output: %s",
			    strerror(errno));
	}
}

static int write_all(int fd, const char *bytes, size_t n, int64_t deadline_ms, struct err *e)
{
	while (n > 0) {
		ssize_t done;

		if (wait_writable(fd, deadline_ms, e))
			return -1;
		done = write(fd, bytes, n < PIPE_BUF ? n : PIPE_BUF);
		if (done < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done < 0)
			return err_set(e, ERR_IO, "cannot write to standard output: %s",
			    strerror(errno));
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

static bool reader_is_gone(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* Until the pipe is empty.  A reader that is gone, or slow, is not our error
 * any more: everything was written. */
static void wait_until_read(int fd, int64_t deadline_ms)
{
	const struct timespec step = { .tv_nsec = DRAIN_STEP_NS };
	int64_t end_ms = clock_mono_ms() + DRAIN_MS;
	struct stat st;
	int left = 0;

	if (fstat(fd, &st) || !S_ISFIFO(st.st_mode))
		return;
	while (ioctl(fd, FIONREAD, &left) == 0 && left > 0 && !reader_is_gone(fd)) {
		int64_t now_ms = clock_mono_ms();

		if (now_ms >= end_ms || now_ms >= deadline_ms)
			return;
		nanosleep(&step, NULL);
	}
}

int output_write(int fd, const char *bytes, size_t n, int64_t deadline_ms, struct err *e)
{
	if (write_all(fd, bytes, n, deadline_ms, e))
		return -1;
	wait_until_read(fd, deadline_ms);
	return 0;
}
