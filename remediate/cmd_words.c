/* cmd_words.c - what a person says: request, approve, abandon, retry, pause,
 * resume. */
#include "remediate/cmd.h"

#include <string.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "remediate/spool.h"

/* Where words go when nobody has made the directories yet. */
static int need_spool(const struct cmd *c, struct err *e)
{
	return access(c->paths.spool, F_OK) == 0 ? 0 : paths_prepare(&c->paths, e);
}

int cmd_put(const struct cmd *c, const struct word *w, struct err *e)
{
	return need_spool(c, e) ? -1 : spool_put(c->paths.spool, w, e);
}

static enum word_kind kind_of(enum command_id id)
{
	switch (id) {
	case COMMAND_REQUEST:
		return WORD_REQUEST;
	case COMMAND_APPROVE:
		return WORD_APPROVE;
	case COMMAND_ABANDON:
		return WORD_ABANDON;
	case COMMAND_RETRY:
		return WORD_RETRY;
	case COMMAND_PAUSE:
		return WORD_PAUSE;
	default:
		return WORD_RESUME;
	}
}

static void fill(const struct command *c, struct word *w)
{
	word_init(w);
	w->kind = kind_of(c->id);
	w->target = mem_strdup(c->target);
	w->procedure = mem_strdup(c->procedure);
	w->object = mem_strdup(c->object);
	w->reason = mem_strdup(c->reason);
	w->run = c->run;
	w->plan_hash = mem_strdup(c->plan_hash);
}

/* What the worker would refuse anyway is told to the person who is still here. */
static int check(const struct cmd *c, struct err *e)
{
	const struct command *cmd = c->command;
	struct mandate m;
	int failed;

	if (cmd->target == NULL)
		return 0;
	failed = cmd_mandate(c, cmd->target, &m, e);
	if (!failed && cmd->id == COMMAND_REQUEST && !mandate_allows(&m, cmd->procedure))
		failed = err_set(e, ERR_USAGE,
		    "%s: procedures of [remediate %s] does not have %s: nothing else may be done there",
		    c->command->conf_path, cmd->target, cmd->procedure);
	mandate_clear(&m);
	return failed;
}

static void answer(struct cmd *c)
{
	const struct command *cmd = c->command;

	buf_addf(&c->out, "%s", command_name(cmd->id));
	if (cmd->run != 0)
		buf_addf(&c->out, " %lld", (long long)cmd->run);
	if (cmd->target != NULL)
		buf_addf(&c->out, " %s", cmd->target);
	else if (cmd->id == COMMAND_PAUSE || cmd->id == COMMAND_RESUME)
		buf_adds(&c->out, " everything");
	buf_adds(&c->out, ": noted; the worker reads it before its next step\n");
}

int cmd_word(struct cmd *c)
{
	struct word w;
	struct err e;
	int failed;

	if (cmd_load(c))
		return EXIT_MISUSE;
	if (check(c, &e))
		return cmd_fail(c, &e);
	fill(c->command, &w);
	failed = cmd_put(c, &w, &e);
	word_clear(&w);
	if (failed)
		return cmd_fail(c, &e);
	answer(c);
	return 0;
}
