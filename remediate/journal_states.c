/* journal_states.c - what changes about a run that is there. */
#include "remediate/journal_internal.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

static int no_run(int64_t run, const char *wanted, struct err *e)
{
	return err_set(e, ERR_IO, "the journal has no %srun %lld", wanted, (long long)run);
}

/* One line about a run, for the history of its target. */
static int tell(struct journal *j, int64_t run, const char *who, const char *text, int64_t at,
    struct err *e)
{
	struct journal_line line = { .at = at, .kind = "run", .who = who, .text = text, .run = run,
		.step = -1 };
	char *target;
	int failed = journal_target(j, SQL_TARGET_OF_RUN, run, &target, e);

	line.target = target;
	if (!failed)
		failed = journal_add_entry(j, &line, e);
	free(target);
	return failed;
}

int journal_tell_state(struct journal *j, int64_t run, enum run_state state, const char *message,
    int64_t at, struct err *e)
{
	char *text = mem_printf("%s%s%s", run_state_name(state), message != NULL ? ": " : "",
	    message != NULL ? message : "");
	int failed = tell(j, run, NULL, text, at, e);

	free(text);
	return failed;
}

/* --- state ---------------------------------------------------------------------------- */

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* 1: as it is already, 0: not so, -1: no such run. */
static int is_so(struct journal *j, int64_t run, enum run_state state, const char *message,
    struct err *e)
{
	sqlite3_stmt *s = journal_use(j, SQL_STATE_OF_RUN, "i", run);
	int found = journal_row(j, s, e), same;

	if (found <= 0)
		return found < 0 ? -1 : no_run(run, "", e);
	same = is_same((const char *)sqlite3_column_text(s, 0), run_state_name(state)) &&
	    is_same((const char *)sqlite3_column_text(s, 1), message);
	sqlite3_reset(s);
	return same;
}

static int set_run(struct journal *j, int64_t run, enum run_state state, const char *message,
    int64_t at, struct err *e)
{
	int64_t begun_at = state == RUN_RUNNING ? at : 0, ended_at = run_is_open(state) ? 0 : at;

	if (journal_tell_state(j, run, state, message, at, e))
		return -1;
	return journal_do(j, journal_use(j, SQL_SET_RUN, "itit" "iiii", run, run_state_name(state),
	    (int64_t)run_is_open(state), message, at, begun_at, ended_at, journal_last_id(j)),
	    NULL, e);
}

int journal_set_run(struct journal *j, int64_t run, enum run_state state, const char *message,
    int64_t at, struct err *e)
{
	int same;

	if (journal_begin(j, e))
		return -1;
	same = is_so(j, run, state, message, e);
	if (same == 0 && set_run(j, run, state, message, at, e))
		same = -1;
	if (same != 0) {
		journal_undo(j);
		return same < 0 ? -1 : 0;
	}
	return JOURNAL_COMMIT(j, "state", e);
}

/* --- approval, and what its steps bind -------------------------------------------------- */

/* Finish a transaction with one UPDATE of an open run and a line about it. */
static int changed(struct journal *j, sqlite3_stmt *s, int64_t run, const char *who,
    const char *text, int64_t at, struct err *e)
{
	int n, failed = journal_do(j, s, &n, e);

	if (!failed && n == 0)
		failed = no_run(run, "open ", e);
	return failed ? -1 : tell(j, run, who, text, at, e);
}

int journal_approve(struct journal *j, int64_t run, const char *by, int64_t at, struct err *e)
{
	if (journal_begin(j, e))
		return -1;
	if (changed(j, journal_use(j, SQL_APPROVE, "iti", run, by, at), run, by, "approved", at, e)) {
		journal_undo(j);
		return -1;
	}
	return JOURNAL_COMMIT(j, "approval", e);
}

int journal_bind(struct journal *j, int64_t run, const char *new_id, const char *new_sha256,
    int64_t at, struct err *e)
{
	char *text = mem_printf("the new certificate is %s (%s)", new_id != NULL ? new_id : "not named",
	    new_sha256 != NULL ? new_sha256 : "fingerprint not known");
	int failed = journal_begin(j, e);

	if (failed)
		goto out;
	failed = changed(j, journal_use(j, SQL_BIND, "itti", run, new_id, new_sha256, at), run, NULL,
	    text, at, e);
	if (failed)
		journal_undo(j);
	else
		failed = JOURNAL_COMMIT(j, "binding", e);
out:
	free(text);
	return failed;
}
