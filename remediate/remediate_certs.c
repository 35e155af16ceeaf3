/* remediate_certs.c - the handler: mends what check_certs reports.
 *
 * Reads its command line and does one subcommand.  Only the worker (run) ever
 * opens the account that may change things. */
#include <stdint.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/outlet.h"
#include "lib/base/prepare.h"
#include "remediate/cmd.h"

#define OUTPUT_CEILING_BYTES ((size_t)64 * 1024 * 1024)
#define WRITE_MS 5000

static int (*const commands[COMMAND_N])(struct cmd *c) = {
	[COMMAND_EVENT] = cmd_event,
	[COMMAND_REQUEST] = cmd_word,
	[COMMAND_PLAN] = cmd_plan,
	[COMMAND_RUN] = cmd_run,
	[COMMAND_APPROVE] = cmd_word,
	[COMMAND_ABANDON] = cmd_word,
	[COMMAND_RETRY] = cmd_word,
	[COMMAND_PAUSE] = cmd_word,
	[COMMAND_RESUME] = cmd_word,
	[COMMAND_STATUS] = cmd_status,
	[COMMAND_HISTORY] = cmd_history,
};

static int misused(struct cmd *c, const struct err *e)
{
	int status = cmd_fail(c, e);

	command_usage(&c->err);
	return status;
}

static int run(int argc, char **argv, struct command *command, struct cmd *c)
{
	struct err e;

	if (command_parse(argc, argv, command, &e))
		return misused(c, &e);
	switch (command->info) {
	case COMMAND_HELP:
		command_help(&c->out);
		return EXIT_MISUSE;
	case COMMAND_VERSION:
		buf_adds(&c->out, "remediate_certs " CHECK_CERTS_VERSION "\n");
		return EXIT_MISUSE;
	default:
		paths_init(&c->paths, command->state_dir);
		return commands[command->id](c);
	}
}

/* Both streams; a loss of what was to be said is an error of its own. */
static int say(const struct cmd *c, int status)
{
	int64_t deadline_ms = clock_mono_ms() + WRITE_MS;
	struct err e;

	if (c->err.len > 0 &&
	    output_write(STDERR_FILENO, buf_str(&c->err), c->err.len, deadline_ms, &e))
		status = status != 0 ? status : EXIT_MISUSE;
	if (c->out.len > 0 &&
	    output_write(STDOUT_FILENO, buf_str(&c->out), c->out.len, deadline_ms, &e))
		status = status != 0 ? status : EXIT_MISUSE;
	return status;
}

int main(int argc, char **argv)
{
	struct command command = { .conf_path = CHECK_CERTS_CONF };
	struct cmd c = { .command = &command, .self = argc > 0 ? argv[0] : "remediate_certs" };
	int status;

	process_prepare();
	c.now_at = clock_wall_s();
	conf_init(&c.conf);
	buf_init(&c.out, OUTPUT_CEILING_BYTES);
	buf_init(&c.err, OUTPUT_CEILING_BYTES);
	status = say(&c, run(argc, argv, &command, &c));
	buf_clear(&c.err);
	buf_clear(&c.out);
	paths_clear(&c.paths);
	conf_clear(&c.conf);
	return status;
}
