/* failpoint.c - places where a test may end the worker. */
#include "remediate/failpoint.h"

#ifdef FAIL_POINTS

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

/* CHECK_CERTS_FAIL_LOG: what a sweep passed, one name a line, so that it knows
 * which places there are. */
static void tell(const char *name)
{
	const char *path = getenv("CHECK_CERTS_FAIL_LOG");
	int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	char *line;

	if (fd < 0)
		return;
	line = mem_printf("%s\n", name);
	(void)!write(fd, line, strlen(line));
	free(line);
	close(fd);
}

/* 0: none. */
static int64_t wanted(void)
{
	const char *text = getenv("CHECK_CERTS_FAIL_AT");
	int64_t n;

	return text != NULL && text_to_i64(text, 1, INT32_MAX, &n) == 0 ? n : 0;
}

void fail_point(const char *name)
{
	static int64_t n_passed, fail_at = -1;

	if (fail_at < 0)
		fail_at = wanted();
	tell(name);
	if (++n_passed == fail_at)
		(void)kill(getpid(), SIGKILL);
}

#endif
