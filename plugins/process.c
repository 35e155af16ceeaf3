/* process.c - the last resort of a run, and its memory between runs. */
#include "plugins/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "lib/base/mem.h"

static void end_with_line(int signal_number, siginfo_t *info, void *context)
{
	const struct watchdog *w = info->si_value.sival_ptr;

	(void)signal_number;
	(void)context;
	if (info->si_code != SI_TIMER)   /* somebody else's SIGALRM carries no line of ours */
		_exit(state_exit_code(STATE_UNKNOWN));
	(void)!write(STDOUT_FILENO, w->line, w->n);
	_exit(w->status);
}

/* Where it cannot be had, the run's own deadline has to do. */
static void arm(struct watchdog *w)
{
	struct sigaction action = { .sa_sigaction = end_with_line, .sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	event.sigev_value.sival_ptr = w;
	sigemptyset(&action.sa_mask);
	w->is_armed = sigaction(SIGALRM, &action, NULL) == 0 &&
	    timer_create(CLOCK_MONOTONIC, &event, &w->timer) == 0;
}

void process_watch(struct watchdog *w, int64_t after_s, int64_t timeout_s, enum state state)
{
	const struct itimerspec never = { 0 };
	const struct itimerspec when = { .it_value = { .tv_sec = (time_t)after_s } };

	if (!w->is_armed)
		arm(w);
	if (!w->is_armed)
		return;
	(void)timer_settime(w->timer, 0, &never, NULL);   /* not while the line changes */
	w->status = state_exit_code(state);
	w->n = (size_t)snprintf(w->line, sizeof w->line, "CERTS %s - no result within %lld s\n",
	    state_name(state), (long long)timeout_s);
	(void)timer_settime(w->timer, 0, &when, NULL);
}

char *process_state_dir(const char *dir)
{
	char *own = mem_printf("%s/check", dir);
	struct stat st;
	bool usable;

	(void)mkdir(own, 0700);   /* it may be there; what is there is looked at */
	usable = lstat(own, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)) && access(own, R_OK | W_OK | X_OK) == 0;
	if (usable)
		return own;
	free(own);
	return NULL;
}
