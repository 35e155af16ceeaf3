/* status.c - how the handler fares: judged, and as a plugin says it. */
#include "remediate/status.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/journal.h"

#define TEXT_BYTES 2048
#define FIRST_LINE_COLUMNS 400
#define LINE_COLUMNS 600
#define APPROVE "remediate_certs approve"
#define MORE_LINE_BYTES 40           /* room for "... and N more" */

/* --- the judgement ----------------------------------------------------------------- */

static const enum state run_states[RUN_N_STATES] = {
	[RUN_PLANNED] = STATE_OK,            /* mode plan: the check itself raises the alarm */
	[RUN_AWAITING_APPROVAL] = STATE_WARNING,
	[RUN_HELD] = STATE_WARNING,
	[RUN_RUNNING] = STATE_OK,
	[RUN_WAITING] = STATE_OK,
	[RUN_BLOCKED] = STATE_CRITICAL,      /* it does not move any more by itself */
	[RUN_FAILED] = STATE_CRITICAL,
	[RUN_DONE] = STATE_OK,
	[RUN_ABANDONED] = STATE_OK,
};

/* The worker begins some messages with the step. */
static bool names_step(const char *message)
{
	return message != NULL && strncmp(message, "step ", strlen("step ")) == 0;
}

void status_of_run(const struct facts *f, struct buf *out)
{
	if (!f->has_run) {
		buf_adds(out, "idle");
		return;
	}
	buf_addf(out, "run %lld %s %s", (long long)f->run_id, f->procedure, f->run_state);
	if (f->steps > 0 && !names_step(f->message))
		buf_addf(out, ", step %lld of %lld", (long long)f->step, (long long)f->steps);
	if (f->message != NULL && *f->message != '\0')
		buf_addf(out, ": %s", f->message);
	if (strcmp(f->run_state, run_state_name(RUN_AWAITING_APPROVAL)) == 0 && f->plan_hash != NULL &&
	    (f->message == NULL || strstr(f->message, APPROVE) == NULL))
		buf_addf(out, " (" APPROVE " %lld --plan %s)", (long long)f->run_id,
		    f->plan_hash);
}

static enum state judge_run(const struct facts *f, const struct status_limits *limits,
    struct buf *out)
{
	enum run_state r;
	int64_t took_s = limits->now_at - f->since_at;
	char span[TEXT_SPAN_BYTES];

	status_of_run(f, out);
	if (!f->has_run)
		return STATE_OK;
	if (!run_state_find(f->run_state, &r)) {
		buf_adds(out, ", a state that this program does not know");
		return STATE_UNKNOWN;
	}
	if ((r != RUN_RUNNING && r != RUN_WAITING) || took_s <= limits->running_s)
		return run_states[r];
	buf_addf(out, ", for %s", text_from_span(took_s, span));
	return state_worst(run_states[r], STATE_WARNING);
}

static enum state judge_facts(const struct facts *f, const struct status_limits *limits,
    struct buf *out)
{
	int64_t age_s = limits->now_at - f->worker_seen_at;
	enum state state = judge_run(f, limits, out);
	char span[TEXT_SPAN_BYTES];

	if (f->breaker_open) {
		buf_adds(out, "; the breaker is open: nothing more is tried until a retry");
		state = state_worst(state, STATE_CRITICAL);
	}
	if (age_s > limits->seen_within_s) {
		buf_addf(out, "; the worker was last there %s ago", text_from_span(age_s, span));
		state = state_worst(state, STATE_UNKNOWN);
	}
	return state;
}

void status_judge(struct status *s, const struct err *why, const struct status_limits *limits)
{
	struct buf text;

	buf_init(&text, TEXT_BYTES);
	s->state = STATE_UNKNOWN;
	if (why != NULL)
		buf_adds(&text, why->text);
	else if (!s->has_facts)
		buf_adds(&text, "the worker has never been there: start remediate_certs run");
	else
		s->state = judge_facts(&s->facts, limits, &text);
	s->text = mem_strdup(buf_str(&text));
	buf_clear(&text);
}

void status_clear(struct status *s)
{
	facts_clear(&s->facts);
	free(s->text);
	s->text = NULL;
}

void status_sort(struct status *all, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct status moved = all[i];
		size_t at = i;

		for (; at > 0 && all[at - 1].state < moved.state; at--)
			all[at] = all[at - 1];
		all[at] = moved;
	}
}

enum state status_worst(const struct status *all, size_t n)
{
	enum state worst = STATE_OK;

	for (size_t i = 0; i < n; i++)
		worst = state_worst(worst, all[i].state);
	return worst;
}

/* --- as a plugin says it ------------------------------------------------------------- */

static bool is_in(const struct status *s, enum run_state wanted)
{
	enum run_state r;

	return s->has_facts && s->facts.has_run && run_state_find(s->facts.run_state, &r) &&
	    r == wanted;
}

static void add_perfdata(const struct status *all, size_t n, const struct status_limits *limits,
    struct buf *out)
{
	static const struct { const char *label; enum run_state state; } counted[] = {
		{ "running", RUN_RUNNING }, { "waiting", RUN_WAITING },
		{ "awaiting_approval", RUN_AWAITING_APPROVAL }, { "held", RUN_HELD },
		{ "blocked", RUN_BLOCKED }, { "failed", RUN_FAILED },
	};
	size_t n_open = 0;
	int64_t oldest_s = -1;

	buf_addf(out, "targets=%zu", n);
	for (size_t k = 0; k < sizeof counted / sizeof counted[0]; k++) {
		size_t n_there = 0;

		for (size_t i = 0; i < n; i++)
			n_there += is_in(&all[i], counted[k].state);
		buf_addf(out, " %s=%zu", counted[k].label, n_there);
	}
	for (size_t i = 0; i < n; i++) {
		int64_t age_s = limits->now_at - all[i].facts.worker_seen_at;

		n_open += all[i].has_facts && all[i].facts.breaker_open;
		if (all[i].has_facts && age_s > oldest_s)
			oldest_s = age_s;
	}
	buf_addf(out, " breakers_open=%zu", n_open);
	if (oldest_s >= 0)
		buf_addf(out, " worker_age=%llds", (long long)oldest_s);
}

static void add_line(struct buf *line, const struct status *s, size_t columns)
{
	struct buf text;

	buf_init(&text, TEXT_BYTES);
	buf_addf(&text, "%s %s", s->target, s->text);
	text_clean(line, buf_str(&text), text.len, columns);
	buf_clear(&text);
}

/* Whole lines, as many as fit. */
static void add_lines(const struct status *all, size_t n, size_t max_bytes, struct buf *out)
{
	struct buf line;
	size_t i;

	buf_init(&line, TEXT_BYTES * 4);
	for (i = 0; i < n; i++) {
		buf_reset(&line);
		buf_addf(&line, "%s ", state_name(all[i].state));
		add_line(&line, &all[i], LINE_COLUMNS);
		if (out->len + line.len + 1 + MORE_LINE_BYTES > max_bytes)
			break;
		buf_addf(out, "%s\n", buf_str(&line));
	}
	if (i < n)
		buf_addf(out, "... and %zu more\n", n - i);
	buf_clear(&line);
}

void status_text(const struct status *all, size_t n, const struct status_limits *limits,
    size_t max_bytes, struct buf *out)
{
	buf_addf(out, "REMEDIATION %s - ", state_name(status_worst(all, n)));
	add_line(out, &all[0], FIRST_LINE_COLUMNS);
	if (n > 1)
		buf_addf(out, " (and %zu more)", n - 1);
	buf_adds(out, " | ");
	add_perfdata(all, n, limits, out);
	buf_addc(out, '\n');
	add_lines(all, n, max_bytes, out);
}

static void write_time(struct json_writer *w, const char *key, int64_t at)
{
	char text[TEXT_TIME_BYTES];

	jsonw_str(w, key, text_from_time(at, text));
}

static void write_run(struct json_writer *w, const struct facts *f)
{
	if (!f->has_run) {
		jsonw_null(w, "run");
		return;
	}
	jsonw_open(w, "run", '{');
	jsonw_i64(w, "id", f->run_id);
	jsonw_str(w, "state", f->run_state);
	jsonw_str(w, "procedure", f->procedure);
	jsonw_i64(w, "step", f->step);
	jsonw_i64(w, "steps", f->steps);
	write_time(w, "since", f->since_at);
	jsonw_str(w, "plan_hash", f->plan_hash);
	jsonw_str(w, "message", f->message);
	jsonw_close(w, '}');
}

static void write_target(struct json_writer *w, const struct status *s)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "target", s->target);
	jsonw_str(w, "state", state_name(s->state));
	jsonw_str(w, "message", s->text);
	if (s->has_facts)
		write_time(w, "worker_seen_at", s->facts.worker_seen_at);
	else
		jsonw_null(w, "worker_seen_at");
	write_run(w, &s->facts);
	jsonw_str(w, "breaker", !s->has_facts ? NULL : s->facts.breaker_open ? "open" : "closed");
	jsonw_close(w, '}');
}

void status_json(const struct status *all, size_t n, const struct status_limits *limits,
    struct buf *out)
{
	struct json_writer w;

	jsonw_init(&w, out);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "schema", "certs_status/1");
	jsonw_str(&w, "state", state_name(status_worst(all, n)));
	write_time(&w, "evaluated_at", limits->now_at);
	jsonw_open(&w, "targets", '[');
	for (size_t i = 0; i < n; i++)
		write_target(&w, &all[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	buf_addc(out, '\n');
}
