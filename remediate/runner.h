/* runner.h - performs moves: one run as far as it goes now.
 *
 * observe -> move -> intent -> act -> outcome -> look again.  Everything that
 * was learnt before a crash is in the journal; there is no other memory. */
#ifndef CHECK_CERTS_RUNNER_H
#define CHECK_CERTS_RUNNER_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/trace.h"
#include "remediate/journal.h"
#include "remediate/mandate.h"
#include "remediate/paths.h"
#include "remediate/view.h"

struct worker_settings {
	const struct conf *conf;
	const struct paths *paths;
	const struct trace *trace;       /* or NULL */
	const char *host;
	bool once;                       /* do not sleep: return RUN_WAITING instead */
	int64_t view_limit_ms;           /* for one look */
};

struct runner {
	const struct worker_settings *settings;
	const struct mandate *mandate;
	const struct mandate *global;    /* of the Global Manager, where a plan needs it; NULL */
	struct journal *journal;
	struct api *api, *global_api;
};

/* Take an open run (state running or waiting, or allowed to begin) as far as
 * it goes: r is brought up to date.  view is the fresh one that the rails saw;
 * later ones are read here.  Before every act: the kill switch and the rails.
 * -1: the journal could not be written; nothing was done after that. */
int runner_advance(struct runner *w, struct run *r, struct err *e) MUST_USE;

#endif
