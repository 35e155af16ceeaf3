/* prepare.c - what the process does to itself before it reads anything. */
#include "lib/base/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A closed descriptor would be the next file or socket that we open, and a
 * report might go into that.  Standard output is filled with something that
 * cannot be written, so that the loss is noticed. */
static void fill_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

void process_prepare(void)
{
	const struct rlimit none = { 0, 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	fill_descriptors();
	(void)setrlimit(RLIMIT_CORE, &none);
#ifdef __linux__
	/* the limit does not bind a core handler that is a pipe; this does */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	sigemptyset(&ignore.sa_mask);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)umask(077);
}
