/* policy.c - defaults and lookup of what the judgement depends on. */
#include "lib/judge/policy.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400

static struct limit days(int64_t n)
{
	return (struct limit){ .has_time = true, .time_s = n * DAY_S };
}

void policy_init(struct policy *p)
{
	*p = (struct policy){
		.limits = { .warning = days(30), .critical = days(7),
		    .ca_warning = days(90), .ca_critical = days(30) },
		.unreachable_state = STATE_UNKNOWN,
		.timeout_state = STATE_UNKNOWN,
		.min_certs = 1,
		.rotation_stale_s = 14 * DAY_S,
		.rotation_needs_s = 7 * DAY_S,
	};
}

void policy_clear(struct policy *p)
{
	for (size_t i = 0; i < p->n_targets; i++)
		free(p->targets[i].source);
	for (size_t i = 0; i < p->n_ignores; i++) {
		free(p->ignores[i].label);
		free(p->ignores[i].pattern);
		free(p->ignores[i].reason);
	}
	free(p->targets);
	free(p->ignores);
	*p = (struct policy){ 0 };
}

const struct target_policy *policy_for(const struct policy *p, const char *source)
{
	for (size_t i = 0; i < p->n_targets; i++)
		if (strcmp(p->targets[i].source, source) == 0)
			return &p->targets[i];
	return NULL;
}
