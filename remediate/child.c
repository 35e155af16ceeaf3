/* child.c - other programs, started without a shell. */
#include "remediate/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/text.h"

#define START_MS 1500              /* an event has to be answered within two seconds */
#define DESCRIPTORS_MAX 4096       /* looked at where the system does not list them */
#define NOT_STARTED 127

/* Between fork and exec only what a signal handler may call: libcurl may have
 * had threads. */

static void close_on_exec(int fd)
{
	int flags = fd > STDERR_FILENO ? fcntl(fd, F_GETFD) : -1;

	if (flags >= 0)
		(void)fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

/* Libraries open descriptors too, and not all of them mark them. */
static void mark_descriptors(void)
{
	DIR *open_ones = opendir("/proc/self/fd");
	struct dirent *entry;
	int64_t fd;

	if (open_ones == NULL) {
		for (fd = 0; fd < DESCRIPTORS_MAX; fd++)
			close_on_exec((int)fd);
		return;
	}
	while ((entry = readdir(open_ones)) != NULL)
		if (text_to_i64(entry->d_name, 0, INT32_MAX, &fd) == 0)
			close_on_exec((int)fd);
	closedir(open_ones);
}

/* 0, 1 and 2 as wanted.  They are first moved above 2, so that none is
 * overwritten before its turn. */
static bool place_descriptors(const int fds[3])
{
	int moved[3];

	for (int i = 0; i < 3; i++) {
		int fd = fds[i] >= 0 ? fds[i] : open("/dev/null", i == 0 ? O_RDONLY : O_WRONLY);

		moved[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (moved[i] < 0)
			return false;
		if (fds[i] < 0 && fd > STDERR_FILENO)
			close(fd);
	}
	for (int i = 0; i < 3; i++)
		if (dup2(moved[i], i) < 0)
			return false;
	return true;
}

static void default_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGPIPE, &action, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Never returns.  report closes by itself when the program runs; else it
 * carries the reason. */
static void become(const struct child *c, int report)
{
	int cause;

	default_signals();
	if (place_descriptors(c->fds))
		(void)execve(c->program, c->argv, c->envp);
	cause = errno;
	(void)!write(report, &cause, sizeof cause);
	_exit(NOT_STARTED);
}

/* Until the descriptor is closed by the exec, or tells why there was none. */
static int wait_for_exec(int fd, const char *program, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int cause = 0, n;
	ssize_t got;

	do
		n = poll(&p, 1, START_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return err_set(e, ERR_TIMEOUT, "%s did not start in time", program);
	got = read(fd, &cause, sizeof cause);
	if (got == 0)
		return 0;
	return err_set(e, ERR_IO, "cannot run %s: %s", program,
	    strerror(got == (ssize_t)sizeof cause ? cause : errno));
}

static int open_report(int fds[2], struct err *e)
{
	if (pipe(fds))
		return err_set(e, ERR_IO, "cannot make a pipe: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {        /* 0 to 2 belong to the program */
		int high = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);

		close(fds[i]);
		fds[i] = high;
	}
	if (fds[0] >= 0 && fds[1] >= 0)
		return 0;
	err_set(e, ERR_IO, "cannot make a pipe: %s", strerror(errno));
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return -1;
}

static void begin_group(pid_t parent)
{
	(void)setpgid(0, 0);
#ifdef __linux__
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
	if (getppid() != parent)             /* it ended before that was said */
		_exit(NOT_STARTED);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

pid_t child_start(const struct child *c, struct err *e)
{
	pid_t parent = getpid(), pid;
	int report[2], failed;

	mark_descriptors();
	if (open_report(report, e))
		return -1;
	pid = fork();
	if (pid == 0) {
		begin_group(parent);
		become(c, report[1]);
	}
	close(report[1]);
	if (pid < 0)
		failed = err_set(e, ERR_IO, "cannot start a process: %s", strerror(errno));
	else
		failed = wait_for_exec(report[0], c->program, e);
	close(report[0]);
	if (failed && pid > 0) {
		(void)kill(pid, SIGKILL);
		reap(pid);
	}
	return failed ? -1 : pid;
}

/* The first child: a session of its own, and away, so that the second one can
 * never get a terminal. */
static void leave(const struct child *c, int report)
{
	pid_t pid;

	(void)setsid();
	(void)!chdir("/");
	pid = fork();
	if (pid == 0)
		become(c, report);
	if (pid < 0) {
		int cause = errno;

		(void)!write(report, &cause, sizeof cause);
	}
	_exit(0);
}

int child_detach(const struct child *c, struct err *e)
{
	int report[2], failed;
	pid_t pid;

	mark_descriptors();
	if (open_report(report, e))
		return -1;
	pid = fork();
	if (pid == 0)
		leave(c, report[1]);
	close(report[1]);
	if (pid < 0)
		failed = err_set(e, ERR_IO, "cannot start a process: %s", strerror(errno));
	else
		failed = wait_for_exec(report[0], c->program, e);
	close(report[0]);
	if (pid > 0)
		reap(pid);
	return failed;
}
