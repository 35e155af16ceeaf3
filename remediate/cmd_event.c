/* cmd_event.c - the event handler: mine or not, one word into the spool, and
 * the worker started.  No network, no journal, no credential. */
#include "remediate/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "remediate/cmd_worker.h"
#include "remediate/spool.h"

#define NOT_GIVEN "not-given"        /* an event's word holds both of its states */

/* --- mine or not ------------------------------------------------------------------- */

/* What the daemon did not say is no reason to stay away: the worker looks for itself. */
static int read_state(const struct command *c, enum state *state, bool *is_hard, struct err *e)
{
	*state = STATE_CRITICAL;
	*is_hard = true;
	if (c->state != NULL && state_parse(c->state, state))
		return err_set(e, ERR_USAGE, "--state: want OK, WARNING, CRITICAL, UNKNOWN or 0 to 3, "
		    "not \"%s\"", c->state);
	if (c->state_type == NULL)
		return 0;
	*is_hard = strcasecmp(c->state_type, "HARD") == 0 || strcmp(c->state_type, "1") == 0;
	if (!*is_hard && strcasecmp(c->state_type, "SOFT") != 0 && strcmp(c->state_type, "0") != 0)
		return err_set(e, ERR_USAGE, "--state-type: want SOFT or HARD, not \"%s\"",
		    c->state_type);
	return 0;
}

static bool is_this_host(const struct mandate *m)
{
	char host[CMD_HOST_BYTES];

	cmd_host(host);
	return m->worker_host == NULL || strcasecmp(m->worker_host, host) == 0;
}

/* Why there is nothing to do; NULL: it is ours. */
static const char *not_ours(const struct mandate *m, enum state state, bool is_hard)
{
	if (!is_hard)
		return "the state is soft";
	if (state == STATE_OK)
		return "the state is OK";
	if (state == STATE_UNKNOWN)
		return "the state is UNKNOWN, which no certificate's end is";
	if (state == STATE_WARNING && m->act_on == STATE_CRITICAL)
		return "act_on is critical";
	if (!is_this_host(m))
		return "worker_host is another machine";
	return NULL;
}

/* --- the word --------------------------------------------------------------------------- */

static int put_word(const struct cmd *c, struct err *e)
{
	const struct command *cmd = c->command;
	struct word w;
	int failed;

	word_init(&w);
	w.kind = WORD_EVENT;
	w.target = mem_strdup(cmd->target);
	w.state = mem_strdup(cmd->state != NULL ? cmd->state : NOT_GIVEN);
	w.state_type = mem_strdup(cmd->state_type != NULL ? cmd->state_type : NOT_GIVEN);
	w.host = mem_strdup(cmd->host);
	w.service = mem_strdup(cmd->service);
	w.problem_id = mem_strdup(cmd->problem_id);
	w.attempt = cmd->attempt;
	w.downtime = cmd->downtime;
	failed = cmd_put(c, &w, e);
	word_clear(&w);
	return failed;
}

static int take(struct cmd *c, const struct mandate *m)
{
	const char *target = c->command->target;
	struct err e;

	if (put_word(c, &e))
		return cmd_fail(c, &e);
	if (m->start != START_DETACHED) {
		buf_addf(&c->out, "%s: noted\n", target);
		return 0;
	}
	if (cmd_worker_detach(c, target, &e)) {
		/* the word is safe: whatever runs the worker next finds it */
		(void)cmd_fail(c, &e);
		buf_addf(&c->out, "%s: noted; no worker was started\n", target);
		return 0;
	}
	buf_addf(&c->out, "%s: noted, worker started\n", target);
	return 0;
}

int cmd_event(struct cmd *c)
{
	const char *target = c->command->target, *reason;
	enum state state;
	struct mandate m;
	struct err e;
	bool is_hard;
	int status = 0;

	if (read_state(c->command, &state, &is_hard, &e))
		return cmd_fail(c, &e);
	if (cmd_load(c))
		return EXIT_MISUSE;
	if (cmd_section(c, target) == NULL) {
		cmd_say(&c->out, target);
		buf_adds(&c->out, ": nothing to do: it has no [remediate] section\n");
		return 0;
	}
	if (cmd_mandate(c, target, &m, &e))
		status = cmd_fail(c, &e);
	else if ((reason = not_ours(&m, state, is_hard)) != NULL)
		buf_addf(&c->out, "%s: nothing to do: %s\n", target, reason);
	else
		status = take(c, &m);
	mandate_clear(&m);
	return status;
}
