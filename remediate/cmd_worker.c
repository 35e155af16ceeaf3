/* cmd_worker.c - this program again, as the worker of one target. */
#include "remediate/cmd_worker.h"

#include <stdlib.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "remediate/child.h"

#define PATH_MAX_BYTES 4096
#define WORKER_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The very file that is running; else as it was called. */
static char *own_path(const char *self)
{
	char path[PATH_MAX_BYTES];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n > 0 && (size_t)n < sizeof path - 1) {
		path[n] = '\0';
		if (access(path, X_OK) == 0)     /* not so when it was replaced meanwhile */
			return mem_strdup(path);
	}
	return mem_strdup(self);
}

/* A detached worker's directory is "/". */
static char *absolute(const char *path)
{
	char dir[PATH_MAX_BYTES];

	if (path[0] == '/' || getcwd(dir, sizeof dir) == NULL)
		return mem_strdup(path);
	return mem_printf("%s/%s", dir, path);
}

static int64_t start(const struct cmd *c, const char *target, bool detached, struct err *e)
{
	char run[] = "run", option[] = "--target", conf[] = "-f", state_dir[] = "--state-dir";
	char path[] = WORKER_PATH, language[] = "LANG=C";
	char *self = own_path(c->self), *name = mem_strdup(target);
	char *conf_path = absolute(c->command->conf_path), *dir = absolute(c->command->state_dir);
	char *const argv[] = { self, run, option, name, conf, conf_path, state_dir, dir, NULL };
	char *const envp[] = { path, language, NULL };
	struct child worker = { .program = self, .argv = argv, .envp = envp,
		.fds = { -1, detached ? -1 : STDOUT_FILENO, detached ? -1 : STDERR_FILENO } };
	int64_t started = detached ? child_detach(&worker, e) : child_start(&worker, e);

	free(dir);
	free(conf_path);
	free(name);
	free(self);
	return started;
}

int cmd_worker_detach(const struct cmd *c, const char *target, struct err *e)
{
	return (int)start(c, target, true, e);
}

pid_t cmd_worker_start(const struct cmd *c, const char *target, struct err *e)
{
	return (pid_t)start(c, target, false, e);
}
