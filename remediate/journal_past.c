/* journal_past.c - what the rails ask of the past of one target. */
#include "remediate/journal_internal.h"

#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400 };

void past_clear(struct past *p)
{
	free(p->paused_by);
	memset(p, 0, sizeof *p);
}

static int ask_runs(struct journal *j, const char *target, int64_t now_at, struct past *out,
    struct err *e)
{
	sqlite3_stmt *s = journal_use(j, SQL_PAST_RUNS, "ti", target, now_at - DAY_S);
	int found = journal_row(j, s, e);

	if (found > 0) {
		out->n_begun_day = (size_t)sqlite3_column_int64(s, 0);
		out->last_end_at = sqlite3_column_int64(s, 1);
		sqlite3_reset(s);
		s = journal_use(j, SQL_PAST_FAILED, "t", target);
		found = journal_row(j, s, e);
	}
	if (found > 0) {
		out->n_failed_row = (size_t)sqlite3_column_int64(s, 0);
		sqlite3_reset(s);
	}
	return found < 0 ? -1 : 0;
}

static int ask_pause(struct journal *j, const char *target, struct past *out, struct err *e)
{
	sqlite3_stmt *s = journal_use(j, SQL_PAST_PAUSE, "t", target);
	int found = journal_row(j, s, e);

	out->paused = found > 0;
	if (found > 0) {
		out->paused_by = journal_text(s, 0);
		sqlite3_reset(s);
	}
	return found < 0 ? -1 : 0;
}

static int ask_events(struct journal *j, const char *target, struct past *out, struct err *e)
{
	sqlite3_stmt *s = journal_use(j, SQL_PAST_DOWNTIME, "t", target);
	int found = journal_row(j, s, e);

	if (found > 0) {
		out->downtime = sqlite3_column_int64(s, 0);
		out->downtime_at = sqlite3_column_int64(s, 1);
		sqlite3_reset(s);
	}
	if (found >= 0) {
		s = journal_use(j, SQL_PAST_EVENT, "t", target);
		found = journal_row(j, s, e);
	}
	if (found > 0) {
		out->last_event_at = sqlite3_column_int64(s, 0);
		sqlite3_reset(s);
	}
	return found < 0 ? -1 : 0;
}

int journal_past(struct journal *j, const char *target, int64_t now_at, struct past *out,
    struct err *e)
{
	int failed;

	memset(out, 0, sizeof *out);
	if (journal_begin_read(j, e))
		return -1;
	failed = ask_runs(j, target, now_at, out, e) || ask_pause(j, target, out, e) ||
	    ask_events(j, target, out, e);
	if (failed)
		past_clear(out);
	return journal_end_read(j, failed ? -1 : 0);
}
