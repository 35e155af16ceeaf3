/* cmd_history.c - the audit trail: every word, run, step, call and verdict. */
#include "remediate/cmd.h"

#include <errno.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "lib/base/outlet.h"
#include "lib/base/text.h"
#include "remediate/journal.h"

#define FLUSH_BYTES ((size_t)64 * 1024)
#define WRITE_MS 60000               /* for a reader that pages */

struct trail {
	struct cmd *cmd;
	struct json_writer json;
	struct err err;                /* standard output could not be written */
};

/* The trail may be long: what is written leaves the memory. */
static void flush(struct trail *t)
{
	struct buf *out = &t->cmd->out;

	if (out->len < FLUSH_BYTES)
		return;
	if (t->err.code == ERR_NONE)
		(void)!output_write(STDOUT_FILENO, buf_str(out), out->len,
		    clock_mono_ms() + WRITE_MS, &t->err);
	buf_reset(out);
}

static void say_entry(void *ctx, const struct journal_entry *entry)
{
	struct trail *t = ctx;
	struct buf *out = &t->cmd->out;
	char at[TEXT_TIME_BYTES];

	buf_addf(out, "%s ", text_from_time(entry->at, at));
	cmd_say(out, entry->target != NULL ? entry->target : "-");
	if (entry->run != 0)
		buf_addf(out, " run %lld", (long long)entry->run);
	if (entry->step >= 0)
		buf_addf(out, " step %lld", (long long)entry->step + 1);
	buf_addf(out, " %s", entry->kind);
	if (entry->who != NULL) {
		buf_adds(out, " by ");
		cmd_say(out, entry->who);
	}
	buf_adds(out, ": ");
	cmd_say(out, entry->text != NULL ? entry->text : "");
	buf_addc(out, '\n');
	flush(t);
}

static void write_entry(void *ctx, const struct journal_entry *entry)
{
	struct trail *t = ctx;
	char at[TEXT_TIME_BYTES];

	jsonw_open(&t->json, NULL, '{');
	jsonw_i64(&t->json, "id", entry->id);
	jsonw_str(&t->json, "at", text_from_time(entry->at, at));
	jsonw_str(&t->json, "target", entry->target);
	jsonw_str(&t->json, "kind", entry->kind);
	jsonw_str(&t->json, "who", entry->who);
	if (entry->run != 0)
		jsonw_i64(&t->json, "run", entry->run);
	else
		jsonw_null(&t->json, "run");
	if (entry->step >= 0)
		jsonw_i64(&t->json, "step", entry->step + 1);
	else
		jsonw_null(&t->json, "step");
	jsonw_str(&t->json, "text", entry->text);
	jsonw_close(&t->json, '}');
	flush(t);
}

/* No journal yet is an empty trail, not an error. */
static int read_trail(struct cmd *c, struct trail *t, struct err *e)
{
	struct journal *j = NULL;
	int failed;

	if (access(c->paths.journal, F_OK) != 0 && errno == ENOENT)
		return 0;
	if (journal_open(c->paths.journal, true, &j, e))
		return -1;
	failed = journal_each(j, c->command->target, 0, c->command->json ? write_entry : say_entry,
	    t, e);
	journal_close(j);
	return failed;
}

int cmd_history(struct cmd *c)
{
	struct trail t = { .cmd = c };
	struct err e;
	int failed;

	jsonw_init(&t.json, &c->out);
	if (c->command->json) {
		jsonw_open(&t.json, NULL, '{');
		jsonw_str(&t.json, "schema", "certs_history/1");
		jsonw_open(&t.json, "entries", '[');
	}
	failed = read_trail(c, &t, &e);
	if (c->command->json) {
		jsonw_close(&t.json, ']');
		jsonw_close(&t.json, '}');
		buf_addc(&c->out, '\n');
	}
	if (failed)
		return cmd_fail(c, &e);
	if (t.err.code != ERR_NONE)
		return cmd_fail(c, &t.err);
	return 0;
}
