/* cmd.h - one subcommand: what it is given, and where its words go. */
#ifndef CHECK_CERTS_CMD_H
#define CHECK_CERTS_CMD_H

#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/conf.h"
#include "remediate/command.h"
#include "remediate/mandate.h"
#include "remediate/paths.h"
#include "remediate/word.h"

#define CMD_HOST_BYTES 256
#define EXIT_MISUSE 3            /* command line, configuration, or a file that cannot be written */

struct cmd {
	const struct command *command;
	const char *self;        /* how this program was called */
	int64_t now_at;
	struct conf conf;
	struct paths paths;
	struct buf out, err;     /* standard output and standard error */
};

/* The subcommands, by group.  The exit status. */
int cmd_event(struct cmd *c);
int cmd_word(struct cmd *c);         /* request approve abandon retry pause resume */
int cmd_plan(struct cmd *c);
int cmd_run(struct cmd *c);
int cmd_status(struct cmd *c);
int cmd_history(struct cmd *c);

/* Read the configuration file.  -1: problems are in c->err, or, for a plugin,
 * to be taken from there. */
int cmd_load(struct cmd *c) MUST_USE;

/* The [remediate] section of a target; NULL: it has none. */
const struct remediate_conf *cmd_section(const struct cmd *c, const char *target);

/* The same as a mandate; ERR_USAGE: no such section.  mandate_clear always. */
int cmd_mandate(const struct cmd *c, const char *target, struct mandate *m, struct err *e)
    MUST_USE;

/* A word into the spool, whose directory is made when it is not there. */
int cmd_put(const struct cmd *c, const struct word *w, struct err *e) MUST_USE;

/* "remediate_certs: <text>" on standard error, cleaned; EXIT_MISUSE. */
int cmd_fail(struct cmd *c, const struct err *e);

/* Name of this machine, "" when it has none. */
void cmd_host(char out[CMD_HOST_BYTES]);

/* A name or message from outside, and a line of it, on standard output. */
void cmd_say(struct buf *out, const char *text);

#endif
