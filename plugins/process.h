/* process.h - the last resort of a run, and its memory between runs. */
#ifndef CHECK_CERTS_PROCESS_H
#define CHECK_CERTS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include "lib/base/prepare.h"
#include "lib/judge/state.h"

/* The last resort behind the run's own deadline; the caller's, zeroed, and in
 * place until the process ends: a signal handler reads it. */
struct watchdog {
	timer_t timer;
	bool is_armed;
	char line[80];
	size_t n;
	int status;
};

/* Whatever happens, the process ends in after_s seconds with one line
 * "CERTS <state> - no result within <timeout_s> s" and that state's exit
 * status.  A further call replaces the one before. */
void process_watch(struct watchdog *w, int64_t after_s, int64_t timeout_s, enum state state);

/* "<dir>/check" when it is, or can be made, a directory that is ours alone;
 * NULL otherwise: everything works without it but the memory between runs.
 * The caller frees it. */
char *process_state_dir(const char *dir);

#endif
