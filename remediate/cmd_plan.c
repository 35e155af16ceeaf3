/* cmd_plan.c - what would be done, step by step, and what would hold it. */
#include "remediate/cmd.h"

#include "lib/base/json.h"
#include "lib/base/text.h"
#include "remediate/cmd_settings.h"
#include "remediate/worker.h"

#define EXIT_REFUSED 1

static const char *const verdicts[] = {
	[PLAN_READY] = "ready", [PLAN_NOTHING] = "nothing", [PLAN_REFUSED] = "refused" };
static const char *const rail_verdicts[] = {
	[RAIL_PASS] = "pass", [RAIL_HOLD] = "hold", [RAIL_REFUSE] = "refuse" };

/* --- text ------------------------------------------------------------------------- */

/* "<start><text>" as a line of its own; nothing without a text. */
static void line(struct buf *out, const char *start, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	buf_adds(out, start);
	cmd_say(out, text);
	buf_addc(out, '\n');
}

static void say_step(struct buf *out, const struct plan_step *s, size_t number)
{
	buf_addf(out, "%3zu. ", number);
	cmd_say(out, s->kind);
	if (s->service != NULL) {
		buf_addc(out, ' ');
		cmd_say(out, s->service);
	}
	if (s->node_name != NULL || s->node != NULL) {
		buf_addc(out, ' ');
		cmd_say(out, s->node_name != NULL ? s->node_name : s->node);
	}
	buf_addc(out, '\n');
	line(out, "     ", s->call);
	line(out, "     ", s->why);
	line(out, "     then served by ", s->endpoint);
}

static void say_rail(struct buf *out, const struct rail_says *r)
{
	char until[TEXT_TIME_BYTES];

	buf_addf(out, "%s by %s: ", r->verdict == RAIL_REFUSE ? "refused" : "held", r->rail);
	cmd_say(out, r->reason);
	if (r->until_at != 0)
		buf_addf(out, " (until %s)", text_from_time(r->until_at, until));
	buf_addc(out, '\n');
}

static void say_plan(struct buf *out, const struct worker_plan *p)
{
	const struct plan *plan = &p->plan;

	buf_addf(out, "%s: %s mends %s", plan->target, plan->procedure, plan->finding);
	line(out, " of ", plan->object_name != NULL ? plan->object_name : plan->object);
	line(out, "", plan->summary);
	for (size_t i = 0; i < plan->n_steps; i++)
		say_step(out, &plan->steps[i], i + 1);
	for (size_t i = 0; i < plan->n_notes; i++)
		line(out, "note: ", plan->notes[i]);
	for (size_t i = 0; i < p->n_says; i++)
		say_rail(out, &p->says[i]);
	if (p->n_says == 0)
		buf_adds(out, "no rail holds it\n");
	buf_addf(out, "plan %s\n", p->hash);
}

static void say(struct buf *out, const char *target, const struct worker_plan *p)
{
	if (p->verdict == PLAN_READY) {
		say_plan(out, p);
		return;
	}
	buf_addf(out, "%s: %s", target, p->verdict == PLAN_NOTHING ? "nothing to do" : "refused");
	if (p->err.code != ERR_NONE) {
		buf_adds(out, ": ");
		cmd_say(out, p->err.text);
	}
	buf_addc(out, '\n');
}

/* --- JSON --------------------------------------------------------------------------- */

static void write_rail(struct json_writer *w, const struct rail_says *r)
{
	char until[TEXT_TIME_BYTES];

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "rail", r->rail);
	jsonw_str(w, "verdict", rail_verdicts[r->verdict]);
	jsonw_bool(w, "technical", r->is_technical);
	jsonw_str(w, "reason", r->reason);
	jsonw_str(w, "until", r->until_at != 0 ? text_from_time(r->until_at, until) : NULL);
	jsonw_close(w, '}');
}

static void write_json(struct buf *out, const char *target, const struct worker_plan *p)
{
	bool is_ready = p->verdict == PLAN_READY;
	struct json_writer w;

	jsonw_init(&w, out);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "schema", "certs_plan/1");
	jsonw_str(&w, "target", target);
	jsonw_str(&w, "verdict", verdicts[p->verdict]);
	jsonw_str(&w, "reason", p->err.code != ERR_NONE ? p->err.text : NULL);
	jsonw_str(&w, "hash", is_ready ? p->hash : NULL);
	if (is_ready)
		plan_write(&p->plan, &w, "plan");
	else
		jsonw_null(&w, "plan");
	jsonw_open(&w, "rails", '[');
	for (size_t i = 0; i < p->n_says; i++)
		write_rail(&w, &p->says[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	buf_addc(out, '\n');
}

/* --- the subcommand ------------------------------------------------------------------- */

/* What a person, a window or a mode can change is no refusal. */
static int exit_status(const struct worker_plan *p)
{
	if (p->verdict == PLAN_REFUSED)
		return EXIT_REFUSED;
	for (size_t i = 0; i < p->n_says; i++)
		if (p->says[i].is_technical && p->says[i].verdict != RAIL_PASS)
			return EXIT_REFUSED;
	return 0;
}

static int plan(struct cmd *c, const struct mandate *m)
{
	struct worker_plan p = { .verdict = PLAN_NOTHING };
	struct cmd_settings s;
	struct err e;
	int status;

	cmd_settings_make(c, &s);
	if (worker_plan(&s.worker, m, &p, &e)) {
		status = cmd_fail(c, &e);
	} else {
		status = exit_status(&p);
		if (c->command->json)
			write_json(&c->out, c->command->target, &p);
		else
			say(&c->out, c->command->target, &p);
	}
	worker_plan_clear(&p);
	return status;
}

int cmd_plan(struct cmd *c)
{
	struct mandate m;
	struct err e;
	int status;

	if (cmd_load(c))
		return EXIT_MISUSE;
	if (cmd_mandate(c, c->command->target, &m, &e))
		status = cmd_fail(c, &e);
	else
		status = plan(c, &m);
	mandate_clear(&m);
	return status;
}
