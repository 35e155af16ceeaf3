/* cmd_run.c - the worker, as a subcommand. */
#include "remediate/cmd.h"

#include <string.h>
#include "remediate/cmd_settings.h"
#include "remediate/status.h"
#include "remediate/worker.h"

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

int cmd_run(struct cmd *c)
{
	static const int codes[] = {
		[WORKER_IDLE] = 0, [WORKER_WAITING] = 1, [WORKER_FAILED] = 2 };
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
	cmd_settings_make(c, &s);
	err_clear(&e);
	end = worker_pass(&s.worker, target, &e);
	if (e.code != ERR_NONE)
		(void)cmd_fail(c, &e);
	tell(c, target);
	return codes[end];
}
