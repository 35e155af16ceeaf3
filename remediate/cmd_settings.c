/* cmd_settings.c - what the worker is told by a command line. */
#include "remediate/cmd_settings.h"

#include <stdio.h>

#define VIEW_LIMIT_MS 60000          /* for one look at a target */

static void to_standard_error(void *ctx, int level, const char *text)
{
	(void)ctx;
	(void)level;
	fprintf(stderr, "%s\n", text);
}

void cmd_settings_make(const struct cmd *c, struct cmd_settings *s)
{
	*s = (struct cmd_settings){
		.trace = { .level = c->command->verbosity + 1, .line = to_standard_error },
		.worker = { .conf = &c->conf, .paths = &c->paths, .once = c->command->once,
			.view_limit_ms = VIEW_LIMIT_MS },
	};
	s->worker.trace = c->command->verbosity > 0 ? &s->trace : NULL;
	cmd_host(s->host);
	s->worker.host = s->host;
}
