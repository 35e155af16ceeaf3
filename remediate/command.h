/* command.h - the command line of remediate_certs: one table of subcommands
 * and one of options, which parse, print --help, and are held against the
 * manual page by a test. */
#ifndef CHECK_CERTS_COMMAND_H
#define CHECK_CERTS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

enum command_id {
	COMMAND_EVENT, COMMAND_REQUEST, COMMAND_PLAN, COMMAND_RUN, COMMAND_APPROVE,
	COMMAND_ABANDON, COMMAND_RETRY, COMMAND_PAUSE, COMMAND_RESUME, COMMAND_STATUS,
	COMMAND_HISTORY, COMMAND_N
};

enum command_info { COMMAND_DOES, COMMAND_VERSION, COMMAND_HELP };

/* What the command line says; the words are borrowed from argv, and NULL when
 * they were not given. */
struct command {
	enum command_id id;
	enum command_info info;
	const char *conf_path;       /* never NULL */
	const char *state_dir;       /* never NULL */
	const char *target;
	const char *state, *state_type, *host, *service, *problem_id;   /* event */
	int64_t attempt, downtime;   /* event; -1: not given */
	const char *procedure, *object, *reason;   /* request */
	int64_t run;                 /* approve, abandon, retry */
	const char *plan_hash;       /* approve */
	bool once;                   /* run */
	bool all;
	int64_t seen_within_s, running_s;   /* status */
	bool json;                   /* plan, status, history */
	int verbosity;
};

/* ERR_USAGE. */
int command_parse(int argc, char **argv, struct command *c, struct err *e) MUST_USE;

const char *command_name(enum command_id id);
void command_help(struct buf *out);        /* at most 80 columns */
void command_usage(struct buf *out);       /* the same in a few lines */

/* For the documentation test: every subcommand; every option with the bits
 * 1 << enum command_id of the subcommands that take it (0: all). */
void command_each(void (*each)(void *ctx, const char *name, const char *help), void *ctx);
void command_each_option(void (*each)(void *ctx, char letter, const char *name, const char *arg,
    unsigned commands), void *ctx);

#endif
