/* check_certs.c - the plugin: poll, judge, report.
 *
 * Reads its options and the configuration, takes the time once, polls every
 * target until the deadline, judges what was seen, writes one report and ends
 * with its state.  Changes nothing anywhere. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/conf.h"
#include "lib/judge/evaluate.h"
#include "lib/render/render.h"
#include "lib/source/source.h"
#include "plugins/extra_opts.h"
#include "plugins/options.h"
#include "plugins/output.h"
#include "plugins/process.h"
#include "plugins/settings.h"
#include "plugins/trace_log.h"

#define OUTPUT_CEILING_BYTES ((size_t)512 * 1024 * 1024)
#define PROBLEMS_MAX_BYTES ((size_t)256 * 1024)
#define WRITE_S 2                  /* after the deadline, for a slow reader */
#define LAST_RESORT_S 3            /* after the deadline, for anything */

/* Judging and writing need a moment of the time that the user gave. */
static int64_t reserve_ms(int64_t timeout_s)
{
	int64_t tenth_ms = timeout_s * 1000 / 10;

	return tenth_ms > 1000 ? 1000 : tenth_ms;
}

static int64_t judged_at(const struct options *o, int64_t now_at)
{
	if (!o->has_at)
		return now_at;
	return o->at_is_relative ? now_at + o->at_s : o->at_s;
}

static int unknown(struct buf *out, const char *lines)
{
	output_unknown(out, lines, OPTIONS_MAX_OUTPUT_BYTES);
	return state_exit_code(STATE_UNKNOWN);
}

static void render(const struct options *o, const struct report *report,
    const struct trace_log *log, struct buf *out)
{
	struct render_options how = o->render;

	how.trace = (const char *const *)log->lines;
	if (o->action == ACTION_LIST)
		render_list(report, &how, out);
	else
		o->renderer->render(report, &how, out);
}

static int check(const struct options *o, struct conf *c, int64_t started_ms, struct buf *out)
{
	int64_t now_at = clock_wall_s();
	char *state_dir = process_state_dir(o->state_dir);
	struct trace_log log;
	struct inventory inv;
	struct report report = { 0 };
	struct err e;
	int status;

	trace_log_init(&log, o->render.verbosity);
	if (state_dir == NULL)
		trace_line(&log.trace, TRACE_REQUEST,
		    "no memory between runs: %s/check cannot be used", o->state_dir);
	settings_add_facts(o->state_dir, c, &log.trace);
	inventory_init(&inv);
	struct collect_options how = {
		.deadline_ms = started_ms + o->timeout_s * 1000 - reserve_ms(o->timeout_s),
		.now_at = now_at, .state_dir = state_dir, .trace = &log.trace,
	};
	if (collect(c->targets, c->n_targets, &how, &inv, &e)) {
		status = unknown(out, e.text);
		goto out;
	}
	evaluate(&inv, &c->policy, judged_at(o, now_at), &report);
	report.run_ms = clock_mono_ms() - started_ms;
	render(o, &report, &log, out);
	status = state_exit_code(report.state);
	if (out->overflow) {
		buf_reset(out);
		status = unknown(out, "the report is too large to be written");
	}
out:
	report_clear(&report);
	inventory_clear(&inv);
	trace_log_clear(&log);
	free(state_dir);
	return status;
}

static int check_config(const struct options *o, const struct conf *c, int failed,
    const char *problems, struct buf *out)
{
	if (failed) {
		buf_adds(out, problems);   /* for a person and an editor: as the file has it */
		return state_exit_code(STATE_UNKNOWN);
	}
	buf_addf(out, "%s: %zu target%s, no problems\n", settings_path(o), c->n_targets,
	    c->n_targets == 1 ? "" : "s");
	return state_exit_code(STATE_OK);
}

static int configured(const struct options *o, int64_t started_ms, struct buf *out)
{
	struct conf c;
	struct buf problems;
	int failed, status;

	conf_init(&c);
	buf_init(&problems, PROBLEMS_MAX_BYTES);
	failed = settings_load(o, &c, &problems);
	if (o->action == ACTION_CHECK_CONFIG)
		status = check_config(o, &c, failed, buf_str(&problems), out);
	else if (failed)
		status = unknown(out, buf_str(&problems));
	else
		status = check(o, &c, started_ms, out);
	buf_clear(&problems);
	conf_clear(&c);
	return status;
}

static int misused(const struct err *e, struct buf *out)
{
	unknown(out, e->text);
	options_usage(out);
	return state_exit_code(STATE_UNKNOWN);
}

static int run(int argc, char **argv, struct options *o, struct watchdog *watch, int64_t started_ms,
    struct buf *out)
{
	struct err e;

	if (options_parse(argc, argv, o, &e))
		return misused(&e, out);
	process_watch(watch, o->timeout_s + LAST_RESORT_S, o->timeout_s, o->timeout_state);
	switch (o->action) {
	case ACTION_HELP:
		options_help(out);
		return state_exit_code(STATE_UNKNOWN);
	case ACTION_VERSION:
		buf_adds(out, "check_certs " CHECK_CERTS_VERSION "\n");
		return state_exit_code(STATE_UNKNOWN);
	default:
		return configured(o, started_ms, out);
	}
}

int main(int argc, char **argv)
{
	int64_t started_ms = clock_mono_ms();
	struct watchdog watch = { 0 };
	struct arguments args = { 0 };
	struct options o = { .timeout_s = OPTIONS_TIMEOUT_S };
	struct buf out;
	struct err e;
	int status;

	process_prepare();
	process_watch(&watch, o.timeout_s + LAST_RESORT_S, o.timeout_s, STATE_UNKNOWN);
	buf_init(&out, OUTPUT_CEILING_BYTES);
	if (extra_opts_expand(argc, argv, &args, &e))
		status = misused(&e, &out);
	else
		status = run((int)args.n, args.v, &o, &watch, started_ms, &out);
	if (output_write(STDOUT_FILENO, buf_str(&out), out.len,
		started_ms + (o.timeout_s + WRITE_S) * 1000, &e))
		status = state_exit_code(STATE_UNKNOWN);
	buf_clear(&out);
	options_clear(&o);
	arguments_clear(&args);
	return status;
}
