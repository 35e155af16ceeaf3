/* state.c - the plugin states: names, exit codes, order. */
#include "lib/judge/state.h"

#include <stddef.h>
#include <strings.h>

static const struct { const char *name, *code; int exit_code; } states[] = {
	[STATE_OK] = { "OK", "0", 0 },
	[STATE_WARNING] = { "WARNING", "1", 1 },
	[STATE_UNKNOWN] = { "UNKNOWN", "3", 3 },
	[STATE_CRITICAL] = { "CRITICAL", "2", 2 },
};

enum state state_worst(enum state a, enum state b)
{
	return a > b ? a : b;
}

const char *state_name(enum state s)
{
	return states[s].name;
}

int state_exit_code(enum state s)
{
	return states[s].exit_code;
}

int state_parse(const char *s, enum state *out)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcasecmp(s, states[i].name) == 0 || strcasecmp(s, states[i].code) == 0) {
			*out = (enum state)i;
			return 0;
		}
	return -1;
}
