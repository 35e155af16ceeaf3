/* opsman_event.c - what happens besides: Ops Manager restarts and is locked, tokens end,
 * somebody applies or stages changes, the version changes.  A fault on a request and a
 * control call are the two ways to it. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/opsman_write.h"

const char *const opsman_events[] = { "lock", "end-tokens", "apply", "stage", "version", NULL };

/* What the restart does to the installation that is under way. */
static void hit_run(struct opsman_state *s, const char *how)
{
	struct opsman_run *run = opsman_running(s);

	if (run == NULL || strcmp(how, "goes-on") == 0)
		return;
	if (strcmp(how, "stale") == 0) {
		run->stale = true;
		return;
	}
	run->why = "Ops Manager was restarted";
	opsman_end_run(s, run, OPSMAN_FAILED, sim_now_ms(s->sim));
}

static int event_lock(struct opsman_state *s, const struct json *value, struct err *e)
{
	static const char *const keys[] = { "boot_s", "run", NULL };
	const char *how = s->pace.restart_run;
	int64_t boot_s = 0;

	if (value != NULL && (sim_known_keys(value, "lock", keys, NULL, e) != 0 ||
	    json_opt_i64(value, "lock", "boot_s", &boot_s, e) != 0 ||
	    json_opt_str(value, "lock", "run", &how, e) != 0))
		return -1;
	hit_run(s, how != NULL ? how : s->pace.restart_run);
	s->phase = boot_s > 0 ? OPSMAN_BOOTING : OPSMAN_LOCKED;
	s->locks_at_ms = boot_s > 0 ? sim_now_ms(s->sim) + boot_s * 1000 : 0;
	return 0;
}

static int event_end_tokens(struct opsman_state *s, const struct json *value, struct err *e)
{
	(void)value;
	(void)e;
	opsman_end_tokens(s);
	return 0;
}

static int event_apply(struct opsman_state *s, const struct json *value, struct err *e)
{
	static char nothing[] = "{}";
	char text[sizeof nothing];
	struct json *none;
	int status;

	if (value != NULL)
		return opsman_others_run(s, value, e);
	memcpy(text, nothing, sizeof nothing);
	none = json_parse(text, sizeof nothing - 1, e);
	status = opsman_others_run(s, none, e);
	json_free(none);
	return status;
}

/* A copy of the list: the fault or the body that it came in does not stay. */
static int event_stage(struct opsman_state *s, const struct json *value, struct err *e)
{
	struct json *copy;
	struct json_writer w;
	struct buf text;
	char *copied;
	size_t len;

	if (!json_is_array(value))
		return err_set(e, ERR_CONFIG, "stage: want the entries of pending_changes");
	buf_init(&text, SIM_REQUEST_MAX_BYTES);
	jsonw_init(&w, &text);
	opsman_copy(&w, NULL, NULL, value);
	len = text.len;
	copied = buf_take(&text);
	copy = json_parse(copied, len, e);
	free(copied);
	if (copy == NULL)
		return -1;
	json_free(s->pending);
	s->pending = copy;
	for (size_t i = 0; i < s->n_products; i++)
		s->products[i].foreign_deployed = false;
	return 0;
}

static int event_version(struct opsman_state *s, const struct json *value, struct err *e)
{
	if (json_str(value) == NULL || opsman_read_version(s, json_str(value)) != 0)
		return err_set(e, ERR_CONFIG, "version: want one");
	return 0;
}

int opsman_event(struct opsman_state *s, const char *what, const struct json *value, struct err *e)
{
	static int (*const events[])(struct opsman_state *s, const struct json *value,
	    struct err *e) = {
		event_lock, event_end_tokens, event_apply, event_stage, event_version
	};

	for (size_t i = 0; opsman_events[i] != NULL; i++) {
		if (strcmp(opsman_events[i], what) == 0)
			return events[i](s, value, e);
	}
	return err_set(e, ERR_CONFIG, "no such event: \"%s\"", what);
}

int opsman_post_event(void *state, const struct json *body, struct json_writer *w, struct err *e)
{
	static const char *const keys[] = { "do", "value", NULL };
	const char *what = NULL;

	opsman_tick(state);
	if (sim_known_keys(body, "event", keys, NULL, e) != 0 ||
	    json_want_str(body, "event", "do", &what, e) != 0 ||
	    opsman_event(state, what, json_get(body, "value"), e) != 0)
		return -1;
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "did", what);
	jsonw_close(w, '}');
	return 0;
}
