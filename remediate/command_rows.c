/* command_rows.c - the options of remediate_certs: the table, and what each
 * does. */
#include "remediate/command_rows.h"

#include <string.h>
#include "lib/base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define COUNT_MAX 1000000          /* of attempts, of downtimes */

/* A macro that the daemon has no value for comes empty, or as it was written. */
static bool is_given(const char *arg)
{
	size_t n = strlen(arg);

	return n > 0 && !(n >= 2 && arg[0] == '$' && arg[n - 1] == '$');
}

static int take_macro(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	const char **text = cmdline_place(options, row);

	(void)e;
	*text = is_given(arg) ? arg : NULL;
	return 0;
}

static int take_count(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	int64_t *n = cmdline_place(options, row);

	*n = -1;
	if (is_given(arg) && text_to_i64(arg, 0, COUNT_MAX, n))
		return cmdline_bad_value(row, arg, "a whole number", e);
	return 0;
}

/* What a daemon may also tell: it is of no use here, and no mistake. */
static int take_nothing(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e)
{
	(void)options;
	(void)row;
	(void)arg;
	(void)e;
	return 0;
}

static int take_span(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	if (text_to_duration(arg, 1, cmdline_place(options, row)))
		return cmdline_bad_value(row, arg, "a duration such as 15m, 2h or 1d", e);
	return 0;
}

static int take_format(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	struct command *c = options;

	c->json = strcmp(arg, "json") == 0;
	if (!c->json && strcmp(arg, "text") != 0)
		return cmdline_bad_value(row, arg, "text or json", e);
	return 0;
}

static int take_flag(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	bool *flag = cmdline_place(options, row);

	(void)arg;
	(void)e;
	*flag = true;
	return 0;
}

static int take_verbose(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e)
{
	struct command *c = options;

	(void)row;
	(void)arg;
	(void)e;
	c->verbosity++;
	return 0;
}

/* Help wins over the version. */
static int take_info(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	struct command *c = options;

	(void)arg;
	(void)e;
	if (c->info == COMMAND_DOES || row->value == COMMAND_HELP)
		c->info = (enum command_info)row->value;
	return 0;
}

#define AT(member) .offset = offsetof(struct command, member)
#define FOR(name) (1u << COMMAND_##name)
#define SPEAKERS (FOR(EVENT) | FOR(REQUEST) | FOR(PAUSE) | FOR(RESUME))
#define LOOKERS (FOR(PLAN) | FOR(STATUS) | FOR(HISTORY))

static const struct cmdline_row rows[] = {
	{ .section = "All subcommands", .letter = 'f', .name = "config", .arg = "FILE",
	  .take = cmdline_take_text, AT(conf_path),
	  .help = "configuration file (default " CHECK_CERTS_CONF ")" },
	{ .name = "state-dir", .arg = "DIR", .take = cmdline_take_text, AT(state_dir),
	  .help = "where words and facts are (default " CHECK_CERTS_STATE_DIR ")" },
	{ .letter = 'v', .name = "verbose", .take = take_verbose,
	  .help = "tell of requests, -vvv also of headers, on standard error" },
	{ .letter = 'V', .name = "version", .take = take_info, .value = COMMAND_VERSION,
	  .help = "print the version; exit status 3" },
	{ .letter = 'h', .name = "help", .take = take_info, .value = COMMAND_HELP,
	  .help = "print this; exit status 3" },

	{ .section = "Several", .letter = 'T', .name = "target", .arg = "NAME", .take = take_macro,
	  AT(target), .commands = SPEAKERS | LOOKERS | FOR(RUN),
	  .help = "a target of the configuration file" },
	{ .letter = 'o', .name = "output", .arg = "FORMAT", .take = take_format, .commands = LOOKERS,
	  .help = "text or json (default text)" },

	{ .section = "event: what the daemon tells; a macro without a value is \"not given\"",
	  .name = "state", .arg = "STATE", .take = take_macro, AT(state), .commands = FOR(EVENT),
	  .help = "OK, WARNING, CRITICAL, UNKNOWN, or 0 to 3" },
	{ .name = "state-type", .arg = "TYPE", .take = take_macro, AT(state_type),
	  .commands = FOR(EVENT), .help = "SOFT or HARD; also 0 or 1" },
	{ .name = "attempt", .arg = "N", .take = take_count, AT(attempt), .commands = FOR(EVENT),
	  .help = "number of the check attempt" },
	{ .name = "host", .arg = "HOST", .take = take_macro, AT(host), .commands = FOR(EVENT),
	  .help = "host of the service" },
	{ .name = "service", .arg = "NAME", .take = take_macro, AT(service), .commands = FOR(EVENT),
	  .help = "the service" },
	{ .name = "problem-id", .arg = "ID", .take = take_macro, AT(problem_id),
	  .commands = FOR(EVENT), .help = "the daemon's number of the problem" },
	{ .name = "downtime", .arg = "N", .take = take_count, AT(downtime), .commands = FOR(EVENT),
	  .help = "depth of downtimes; above 0 holds changes back" },
	{ .name = "last-state", .arg = "STATE", .take = take_nothing, .commands = FOR(EVENT),
	  .help = "taken, and not used" },
	{ .name = "max-attempts", .arg = "N", .take = take_nothing, .commands = FOR(EVENT),
	  .help = "taken, and not used" },
	{ .name = "changed", .arg = "TIME", .take = take_nothing, .commands = FOR(EVENT),
	  .help = "taken, and not used" },
	{ .name = "event-id", .arg = "ID", .take = take_nothing, .commands = FOR(EVENT),
	  .help = "taken, and not used" },

	{ .section = "request", .name = "procedure", .arg = "NAME", .take = cmdline_take_text,
	  AT(procedure), .commands = FOR(REQUEST), .help = "what shall be done" },
	{ .name = "object", .arg = "ID", .take = cmdline_take_text, AT(object),
	  .commands = FOR(REQUEST),
	  .help = "certificate or transport node it is about (default: the one most in need)" },
	{ .name = "reason", .arg = "TEXT", .take = cmdline_take_text, AT(reason),
	  .commands = FOR(REQUEST), .help = "why; stands in the history" },

	{ .section = "approve", .name = "plan", .arg = "HASH", .take = cmdline_take_text,
	  AT(plan_hash), .commands = FOR(APPROVE),
	  .help = "hash of the plan that is approved, as plan and status show it" },

	{ .section = "run", .name = "once", .take = take_flag, AT(once), .commands = FOR(RUN),
	  .help = "go as far as is possible without waiting" },
	{ .name = "all", .take = take_flag, AT(all), .commands = FOR(RUN),
	  .help = "every target (as without --target)" },

	{ .section = "status", .name = "seen-within", .arg = "SPAN", .take = take_span,
	  AT(seen_within_s), .commands = FOR(STATUS),
	  .help = "UNKNOWN when the worker was not there for longer (default 1h)" },
	{ .name = "running-long", .arg = "SPAN", .take = take_span, AT(running_s),
	  .commands = FOR(STATUS), .help = "WARNING when a run takes longer (default 4h)" },
};
_Static_assert(COUNT(rows) <= CMDLINE_ROWS_MAX, "raise CMDLINE_ROWS_MAX");

const struct cmdline_table command_table = { rows, COUNT(rows) };
