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
#include "remediate/trusted.h"
#include "remediate/view.h"

struct outside;   /* outside.h: the doors to the world */

struct worker_settings {
	const struct conf *conf;
	const struct paths *paths;
	const struct trace *trace;       /* or NULL */
	const char *host;
	bool once;                       /* do not sleep: return RUN_WAITING instead */
	int64_t view_limit_ms;           /* for one look */
	const struct outside *outside;   /* NULL: the real one */
};

struct runner {
	const struct worker_settings *settings;
	const struct mandate *mandate;
	const struct mandate *global;    /* of the Global Manager, where a plan needs it; NULL */
	struct journal *journal;
	struct api *api, *global_api;
	struct trusted trusted;          /* the mandate, with the pins of the change that goes on */
	struct err api_err;              /* why there is no api */
};

/* Open the calls of a target (and of its Global Manager) with the pins that the
 * journal tells of; w has settings, mandate, global and journal.  Without
 * credentials, or when they cannot be read, w->api is NULL and w->api_err says
 * why.  -1: the journal. */
int runner_open(struct runner *w, struct err *e) MUST_USE;
/* The same with given pins, and without a journal. */
void runner_open_with(struct runner *w, const struct pins *pins);
void runner_close(struct runner *w);

/* Accept these pins too, from now on: the calls are opened anew. */
void runner_trust(struct runner *w, const struct pins *more);

/* Was something done, or perhaps?  Then what holds back a beginning does not
 * stop it half-way. */
bool run_is_begun(const struct run *r);

/* The run as it is in the journal now. */
int run_reload(struct journal *j, struct run *r, struct err *e) MUST_USE;

/* One look at the target, with what it costs to see what is wanted (NULL: the
 * usual). */
void runner_look(const struct runner *w, const struct view_wants *wants, struct view *out);

/* Take an open run (state running or waiting, or allowed to begin) as far as
 * it goes: r is brought up to date.  It is looked at
 * here, again and again.  Before every act: the kill switch and the rails.
 * -1: the journal could not be written; nothing was done after that. */
int runner_advance(struct runner *w, struct run *r, struct err *e) MUST_USE;

#endif
