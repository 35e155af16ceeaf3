/* command.c - the command line of remediate_certs. */
#include "remediate/command.h"

#include <string.h>
#include "lib/base/text.h"
#include "remediate/command_rows.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define HELP_COLUMN 11
#define SEEN_WITHIN_S 3600
#define RUNNING_S (4 * 3600)
#define HASH_DIGITS 64

static const struct command_kind {
	const char *name;
	const char *words;           /* how it is called */
	bool wants_run;              /* the number of a run follows */
	bool wants_target;
	const char *help;
} kinds[COMMAND_N] = {
	[COMMAND_EVENT] = { "event", "--target NAME --state S --state-type T [MACRO...]", false, true,
	    "the event handler: note what the monitoring saw, start the worker, return" },
	[COMMAND_REQUEST] = { "request", "-T NAME --procedure P [--object ID] --reason TEXT",
	    false, true, "ask for a change that no alarm asks for" },
	[COMMAND_PLAN] = { "plan", "--target NAME [-o text|json]", false, true,
	    "look, and print what would be done, step by step; changes nothing" },
	[COMMAND_RUN] = { "run", "[--target NAME | --all] [--once]", false, false,
	    "the worker: take words, resume what is open, look, perform what is allowed" },
	[COMMAND_APPROVE] = { "approve", "RUN --plan HASH", true, false,
	    "allow a run that waits for it to carry out that very plan" },
	[COMMAND_ABANDON] = { "abandon", "RUN", true, false, "give a run up" },
	[COMMAND_RETRY] = { "retry", "RUN", true, false,
	    "let a blocked run go on; closes the breaker" },
	[COMMAND_PAUSE] = { "pause", "[--target NAME]", false, false,
	    "the kill switch: nothing is changed from the next step on" },
	[COMMAND_RESUME] = { "resume", "[--target NAME]", false, false, "the end of a pause" },
	[COMMAND_STATUS] = { "status", "[--target NAME] [-o text|json]", false, false,
	    "a plugin: is the handler well, and does it wait for somebody?" },
	[COMMAND_HISTORY] = { "history", "[--target NAME] [-o text|json]", false, false,
	    "every word, run, step, call and verdict" },
};

const char *command_name(enum command_id id)
{
	return kinds[id].name;
}

static int find_kind(const char *word, enum command_id *id, struct err *e)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strcmp(kinds[i].name, word) == 0) {
			*id = (enum command_id)i;
			return 0;
		}
	}
	return err_set(e, ERR_USAGE, "there is no subcommand \"%s\"", word);
}

/* An option that another subcommand has would silently do nothing here. */
static int check_rows(const struct command *c, uint64_t given, struct err *e)
{
	for (size_t i = 0; i < command_table.n; i++) {
		const struct cmdline_row *row = &command_table.rows[i];

		if ((given >> i & 1) && row->commands != 0 && !(row->commands >> c->id & 1))
			return err_set(e, ERR_USAGE, "--%s is not for %s", row->name,
			    kinds[c->id].name);
	}
	return 0;
}

static int take_words(const struct command_kind *k, int n, char *const *words, struct command *c,
    struct err *e)
{
	if (n > k->wants_run)
		return err_set(e, ERR_USAGE, "unexpected argument \"%s\"", words[k->wants_run]);
	if (!k->wants_run)
		return 0;
	if (n == 0)
		return err_set(e, ERR_USAGE, "%s needs the number of a run", k->name);
	if (text_to_i64(words[0], 1, INT64_MAX, &c->run))
		return err_set(e, ERR_USAGE, "%s: want the number of a run, not \"%s\"", k->name,
		    words[0]);
	return 0;
}

static bool is_hash(const char *s)
{
	return strlen(s) == HASH_DIGITS && strspn(s, "0123456789abcdef") == HASH_DIGITS;
}

/* What a subcommand cannot do without. */
static int check_complete(const struct command *c, struct err *e)
{
	const struct command_kind *k = &kinds[c->id];

	if (k->wants_target && c->target == NULL)
		return err_set(e, ERR_USAGE, "%s needs --target", k->name);
	if (c->id == COMMAND_REQUEST && c->procedure == NULL)
		return err_set(e, ERR_USAGE, "request needs --procedure");
	if (c->id == COMMAND_REQUEST && c->reason == NULL)
		return err_set(e, ERR_USAGE, "request needs --reason: it stands in the history");
	if (c->id == COMMAND_APPROVE && c->plan_hash == NULL)
		return err_set(e, ERR_USAGE,
		    "approve needs --plan: the hash of the plan that you have read");
	if (c->id == COMMAND_APPROVE && !is_hash(c->plan_hash))
		return err_set(e, ERR_USAGE, "--plan: want the %d hex digits that plan and status "
		    "show", HASH_DIGITS);
	if (c->id == COMMAND_RUN && c->all && c->target != NULL)
		return err_set(e, ERR_USAGE, "--all and --target exclude each other");
	return 0;
}

static int take_rest(int n, char *const *words, uint64_t given, struct command *c, struct err *e)
{
	if (n == 0)
		return err_set(e, ERR_USAGE, "which subcommand?");
	if (find_kind(words[0], &c->id, e) || check_rows(c, given, e))
		return -1;
	if (take_words(&kinds[c->id], n - 1, words + 1, c, e))
		return -1;
	return check_complete(c, e);
}

int command_parse(int argc, char **argv, struct command *c, struct err *e)
{
	struct cmdline line;

	*c = (struct command){
		.conf_path = CHECK_CERTS_CONF, .state_dir = CHECK_CERTS_STATE_DIR,
		.attempt = -1, .downtime = -1,
		.seen_within_s = SEEN_WITHIN_S, .running_s = RUNNING_S,
	};
	if (cmdline_parse(&command_table, argc, argv, c, &line, e))
		return -1;
	if (c->info != COMMAND_DOES)
		return 0;
	return take_rest(argc - line.rest, argv + line.rest, line.given, c, e);
}

void command_usage(struct buf *out)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		buf_addf(out, "%s remediate_certs %s %s\n", i == 0 ? "usage:" : "      ", kinds[i].name,
		    kinds[i].words);
}

void command_help(struct buf *out)
{
	buf_adds(out, "remediate_certs " CHECK_CERTS_VERSION
	    " - mends what check_certs reports, step by step\n\n");
	command_usage(out);
	buf_adds(out, "\nSubcommands\n");
	for (size_t i = 0; i < COUNT(kinds); i++) {
		buf_addf(out, "  %-*s", HELP_COLUMN - 2, kinds[i].name);
		cmdline_add_wrapped(out, kinds[i].help, HELP_COLUMN, HELP_COLUMN);
	}
	cmdline_help(&command_table, out);
	buf_adds(out, "\nExit status: run: 0 done or idle, 1 waiting or blocked, 2 failed; plan: 1 when\n"
	    "a rail refuses; status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; all: 3 misuse.\n"
	    "More in remediate_certs(8) and check_certs.conf(5).\n");
}

void command_each(void (*each)(void *ctx, const char *name, const char *help), void *ctx)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		each(ctx, kinds[i].name, kinds[i].help);
}

void command_each_option(void (*each)(void *ctx, char letter, const char *name, const char *arg,
    unsigned commands), void *ctx)
{
	for (size_t i = 0; i < command_table.n; i++) {
		const struct cmdline_row *row = &command_table.rows[i];

		each(ctx, row->letter, row->name, row->arg, row->commands);
	}
}
