/* cmd_run.c - the worker, as a subcommand. */
#include "remediate/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "lib/base/mem.h"
#include "remediate/cmd_settings.h"
#include "remediate/cmd_worker.h"
#include "remediate/status.h"
#include "remediate/worker.h"

#define FAILED 2

/* How it stands now, a line a target. */
static void tell(struct cmd *c, const char *only)
{
	struct facts f;
	struct buf text;
	struct err e;

	buf_init(&text, ERR_TEXT_BYTES * 4);
	for (size_t i = 0; i < c->conf.n_remediates; i++) {
		const char *target = c->conf.remediates[i].target;

		if (only != NULL && strcmp(only, target) != 0)
			continue;
		facts_init(&f);
		buf_reset(&text);
		if (facts_load(c->paths.dir, target, &f, &e) > 0) {
			buf_addf(&text, "%s: ", target);
			status_of_run(&f, &text);
			cmd_say(&c->out, buf_str(&text));
			buf_addc(&c->out, '\n');
		}
		facts_clear(&f);
	}
	buf_clear(&text);
}

/* Its exit status; one that was killed has failed. */
static int end_of(pid_t worker)
{
	int status = 0;

	while (waitpid(worker, &status, 0) < 0)
		if (errno != EINTR)
			return FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

/* A worker each, side by side: a rotation of hours at one target must not keep
 * a certificate of another waiting.  The worst of their ends. */
static int run_each(struct cmd *c)
{
	size_t n = c->conf.n_remediates;
	pid_t *workers = mem_array(n, sizeof *workers);
	int worst = 0;
	struct err e;

	for (size_t i = 0; i < n; i++) {
		workers[i] = cmd_worker_start(c, c->conf.remediates[i].target, &e);
		if (workers[i] >= 0)
			continue;
		(void)cmd_fail(c, &e);
		worst = FAILED;
	}
	for (size_t i = 0; i < n; i++) {
		int code = workers[i] >= 0 ? end_of(workers[i]) : FAILED;

		worst = code > worst ? code : worst;
	}
	free(workers);
	return worst;
}

int cmd_run(struct cmd *c)
{
	static const int codes[] = {
		[WORKER_IDLE] = 0, [WORKER_WAITING] = 1, [WORKER_FAILED] = FAILED };
	const char *target = c->command->target;
	struct cmd_settings s;
	enum worker_end end;
	struct err e;

	if (cmd_load(c))
		return EXIT_MISUSE;
	if (target != NULL && cmd_section(c, target) == NULL) {
		err_set(&e, ERR_USAGE, "%s has no section [remediate %s]", c->command->conf_path,
		    target);
		return cmd_fail(c, &e);
	}
	if (paths_prepare(&c->paths, &e))
		return cmd_fail(c, &e);
	if (target == NULL && !c->command->once && c->conf.n_remediates > 1)
		return run_each(c);
	cmd_settings_make(c, &s);
	err_clear(&e);
	end = worker_pass(&s.worker, target, &e);
	if (e.code != ERR_NONE)
		(void)cmd_fail(c, &e);
	tell(c, target);
	return codes[end];
}
