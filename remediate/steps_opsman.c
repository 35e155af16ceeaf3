/* steps_opsman.c - the kinds of step on an Ops Manager, and what they share. */
#include "remediate/steps_opsman.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define SHOWN_WITHIN_S 600      /* what was answered with success is in the lists by then */
#define DATE_GRAIN_S 2          /* the server's Date has whole seconds */

const struct step_kind steps_opsman[] = {
	{ .name = "ca-generate", .verb = VERB_TRACEABLE, .title = "generate a new CA",
	  .observe = observe_generate, .snapshot = snapshot_cas, .act = act_generate },
	{ .name = "ca-create", .verb = VERB_TRACEABLE, .title = "hand over the new CA",
	  .observe = observe_create, .snapshot = snapshot_cas, .prepare = prepare_create,
	  .act = act_create },
	{ .name = "apply-changes", .verb = VERB_TRACEABLE, .title = "Apply Changes",
	  .wants = wants_log, .observe = observe_apply_changes,
	  .snapshot = snapshot_installations, .binds_step = true, .act = act_apply_changes },
	{ .name = "ca-activate", .verb = VERB_REPEATABLE, .title = "activate the new CA",
	  .observe = observe_activate, .snapshot = snapshot_time, .act = act_activate },
	{ .name = "ca-regenerate", .verb = VERB_REPEATABLE, .title = "make the leafs anew",
	  .observe = observe_regenerate, .snapshot = snapshot_leafs, .act = act_regenerate },
	{ .name = "leafs-new", .verb = VERB_READ, .title = "see that every leaf is new",
	  .observe = observe_leafs_new },
	{ .name = "ca-delete", .verb = VERB_REPEATABLE, .title = "delete the old CA",
	  .observe = observe_ca_delete, .snapshot = snapshot_time, .act = act_ca_delete },
	{ .name = "ca-single", .verb = VERB_READ, .title = "see that the new CA is alone",
	  .observe = observe_single },
};
const size_t n_steps_opsman = sizeof steps_opsman / sizeof steps_opsman[0];

/* --- looking ------------------------------------------------------------------------ */

bool om_can_see(const struct view *v, struct observation *o)
{
	if (v->om.err.code == ERR_NONE)
		return true;
	observe_say(o, SEEN_UNREACHABLE, "what Ops Manager is doing is not known: %.400s",
	    v->om.err.text);
	return false;
}

void om_say_running(const struct view *v, const struct om_installation *in,
    struct observation *o)
{
	char since[TEXT_TIME_BYTES];

	observe_say(o, SEEN_BUSY, "installation %lld of %.60s is running since %s%s%.300s",
	    (long long)in->id, in->user != NULL ? in->user : "somebody",
	    in->has_started_at ? text_from_time(in->started_at, since) : "a time not told",
	    v->om.log_line != NULL ? ", last words: " : "",
	    v->om.log_line != NULL ? v->om.log_line : "");
}

bool om_is_quiet(const struct view *v, struct observation *o)
{
	const struct om_installation *running = om_running(&v->om);

	if (running != NULL)
		om_say_running(v, running, o);
	return running == NULL;
}

void om_say_not_yet(const struct step_context *c, struct observation *o, const char *text)
{
	const struct step_record *r = c->record;

	if (r != NULL && r->state == STEP_ACTED && c->now_at - r->acted_at > SHOWN_WITHIN_S)
		observe_say(o, SEEN_FAILED, "the server has said that it was done, and %.400s",
		    text);
	else
		observe_say(o, SEEN_READY, "%.400s", text);
}

bool om_is_answered(const struct step_context *c)
{
	return c->record != NULL &&
	    (c->record->state == STEP_ACTED || c->record->state == STEP_VERIFIED);
}

bool om_rotates(const struct step_context *c)
{
	return strcmp(c->plan->procedure, "opsman-ca-rotation") == 0;
}

const char *om_signer(const struct step_context *c)
{
	return om_rotates(c) ? step_new_id(c) : c->plan->object;
}

/* --- what was, before --------------------------------------------------------------- */

bool om_was_there(const struct json *snapshot, const char *list, const char *value)
{
	const struct json *n = json_first(json_get(snapshot, list));

	for (; n != NULL; n = json_next(n))
		if (json_str(n) != NULL && strcmp(json_str(n), value) == 0)
			return true;
	return false;
}

static struct json *parse_snapshot(const struct step_record *r)
{
	struct json *doc;
	char *text;

	if (r->snapshot == NULL)
		return NULL;
	text = mem_strdup(r->snapshot);
	doc = json_parse(text, strlen(text), NULL);
	free(text);
	return doc;
}

struct json *om_snapshot_of(const struct step_context *c, const char *kind)
{
	for (size_t i = 0; c->records != NULL && i < c->n_records && i < c->plan->n_steps; i++)
		if (strcmp(c->plan->steps[i].kind, kind) == 0)
			return parse_snapshot(&c->records[i]);
	return NULL;
}

/* The server's clock before the act, and how long ours has run until its end
 * was known: a difference that no clock's error is in. */
static bool done_at(const struct step_record *r, int64_t *at)
{
	int64_t end_at = r->acted_at != 0 ? r->acted_at : r->verified_at;
	struct json *before = parse_snapshot(r);
	int64_t server_at = 0;
	bool known = r->intent_at != 0 && end_at >= r->intent_at &&
	    json_i64(json_get(before, "server_at"), &server_at) && server_at > 0;

	json_free(before);
	*at = server_at + (end_at - r->intent_at) + DATE_GRAIN_S;
	return known;
}

bool om_changed_at(const struct step_context *c, int64_t *at)
{
	size_t i = (size_t)(c->step - c->plan->steps);

	while (i-- > 0) {
		if (strncmp(c->plan->steps[i].kind, "ca-", 3) != 0)
			continue;
		return c->records != NULL && i < c->n_records && done_at(&c->records[i], at);
	}
	return false;
}

SNAPSHOT(snapshot_time)
{
	struct json_writer w;

	(void)c;
	jsonw_init(&w, json);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "server_at", v->om.server_at);
	jsonw_close(&w, '}');
}

/* --- what was said ------------------------------------------------------------------ */

enum api_outcome om_tell(enum api_outcome outcome, struct om_said *said, const char *what,
    struct err *e)
{
	const char *text = said->text != NULL ? said->text : "which ones is not told";

	if (outcome == API_DONE && said->n_failed > 0) {
		err_set(e, ERR_REFUSED, "%s was done in part only, %zu certificate%s failed: %.300s",
		    what, said->n_failed, said->n_failed == 1 ? "" : "s", text);
		outcome = API_REFUSED;
	} else if (outcome == API_DONE && said->text != NULL) {
		err_set(e, ERR_NONE, "%s", said->text);
	}
	om_said_clear(said);
	return outcome;
}
