/* plan_made.h - plans made of worlds (view_world.h), and what is to be said of
 * them.  Everything that is not as wanted fails the test. */
#ifndef CHECK_CERTS_PLAN_MADE_H
#define CHECK_CERTS_PLAN_MADE_H

#include <stdbool.h>
#include "remediate/plan.h"
#include "tests/unit/view_world.h"

struct made {
	struct plan plan;
	enum plan_verdict verdict;
	struct err e;
};

extern const struct plan_request made_unasked;   /* the report alone decides */

/* Judge the world and make a plan at SAMPLE_NOW; without material: what needs
 * no file. */
void made_ask_with(struct view_world *w, const struct material *mt,
    const struct plan_request *request, struct made *out);
void made_ask(struct view_world *w, const struct plan_request *request, struct made *out);

void made_is_ready(const struct made *m);
void made_says(const struct made *m, enum plan_verdict verdict, const char *words);
/* "validate apply:API:node-1 apply:MGMT_CLUSTER:-"; each step is complete. */
void made_has_steps(const struct plan *p, const char *words);
bool made_has_note(const struct plan *p, const char *words);

/* "old" ends in three days and is used by the API of nsx-01; "new" is its
 * successor. */
void made_open_simple(struct view_world *w, const char *version);
/* The same for what the API of every node and the VIP share. */
void made_open_shared(struct view_world *w, const char *version, bool is_self_signed);

/* Ways in which a world may be different. */
void made_set_text(char **text, const char *value);
void made_not_allowed(struct view_world *w);   /* but nsx-host-certificate */
void made_away(struct view_world *w);
void made_partial(struct view_world *w);
void made_pin(struct view_world *w);           /* trusted by pin from now on */
void made_global(struct view_world *w);        /* site paris of the Global Manager gm */

#endif
