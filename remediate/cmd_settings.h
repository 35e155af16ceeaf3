/* cmd_settings.h - what the worker is told by a command line. */
#ifndef CHECK_CERTS_CMD_SETTINGS_H
#define CHECK_CERTS_CMD_SETTINGS_H

#include "lib/base/trace.h"
#include "remediate/cmd.h"
#include "remediate/runner.h"

/* Points into itself: it stays where it is. */
struct cmd_settings {
	struct worker_settings worker;
	struct trace trace;
	char host[CMD_HOST_BYTES];
};

void cmd_settings_make(const struct cmd *c, struct cmd_settings *s);

#endif
