/* cmd_status.c - a plugin about the handler: reads what the worker published,
 * and nothing else. */
#include "remediate/cmd.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/status.h"

#define OUTPUT_BYTES 4096            /* what a monitoring daemon surely reads */
#define REASON_COLUMNS 600

/* A plugin's first line is on standard output, whatever happened. */
static int unknown(struct cmd *c, const char *reason)
{
	buf_adds(&c->out, "REMEDIATION UNKNOWN - ");
	text_clean(&c->out, reason, strcspn(reason, "\n"), REASON_COLUMNS);
	buf_addc(&c->out, '\n');
	return state_exit_code(STATE_UNKNOWN);
}

static void look(const struct cmd *c, const char *target, const struct status_limits *limits,
    struct status *s)
{
	struct err e;
	int found;

	s->target = target;
	facts_init(&s->facts);
	found = facts_load(c->paths.dir, target, &s->facts, &e);
	s->has_facts = found > 0;
	status_judge(s, found < 0 ? &e : NULL, limits);
}

static int report(struct cmd *c, struct status *all, size_t n, const struct status_limits *limits)
{
	status_sort(all, n);
	if (c->command->json)
		status_json(all, n, limits, &c->out);
	else
		status_text(all, n, limits, OUTPUT_BYTES, &c->out);
	return state_exit_code(status_worst(all, n));
}

int cmd_status(struct cmd *c)
{
	const struct status_limits limits = { .now_at = c->now_at,
		.seen_within_s = c->command->seen_within_s, .running_s = c->command->running_s };
	const char *only = c->command->target;
	struct status *all;
	size_t n = 0;
	int status;

	if (cmd_load(c)) {
		status = unknown(c, buf_str(&c->err));
		buf_reset(&c->err);
		return status;
	}
	all = mem_array(c->conf.n_remediates + 1, sizeof *all);
	for (size_t i = 0; i < c->conf.n_remediates; i++)
		if (only == NULL || strcmp(only, c->conf.remediates[i].target) == 0)
			look(c, c->conf.remediates[i].target, &limits, &all[n++]);
	if (n > 0)
		status = report(c, all, n, &limits);
	else
		status = unknown(c, only != NULL ? "the target has no [remediate] section" :
		    "no target has a [remediate] section");
	for (size_t i = 0; i < n; i++)
		status_clear(&all[i]);
	free(all);
	return status;
}
