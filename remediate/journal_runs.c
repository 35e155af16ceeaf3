/* journal_runs.c - runs: made, looked up, moved from state to state. */
#include "remediate/journal_internal.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

/* In the order of enum run_state. */
static const struct { const char *name; bool is_open; } states[RUN_N_STATES] = {
	{ "planned", true }, { "awaiting-approval", true }, { "held", true }, { "running", true },
	{ "waiting", true }, { "blocked", true }, { "failed", false }, { "done", false },
	{ "abandoned", false },
};

const char *run_state_name(enum run_state s)
{
	return states[s].name;
}

bool run_state_find(const char *name, enum run_state *out)
{
	for (int i = 0; i < RUN_N_STATES; i++) {
		*out = (enum run_state)i;
		if (strcmp(states[i].name, name) == 0)
			return true;
	}
	return false;
}

bool run_is_open(enum run_state s)
{
	return states[s].is_open;
}

void run_init(struct run *r)
{
	memset(r, 0, sizeof *r);
}

void run_clear(struct run *r)
{
	char *const owned[] = { r->target, r->procedure, r->finding, r->object, r->plan_json,
		r->plan_hash, r->message, r->mode, r->approved_by, r->new_id, r->new_sha256,
		r->old_sha256 };

	for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
		free(owned[i]);
	run_init(r);
}

void runs_free(struct run *runs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_clear(&runs[i]);
	free(runs);
}

/* --- looked up ---------------------------------------------------------------------- */

/* A state that this version does not know is one that a person must look at. */
static enum run_state state_of(sqlite3_stmt *s, int column)
{
	const char *name = (const char *)sqlite3_column_text(s, column);
	enum run_state state;

	return name != NULL && run_state_find(name, &state) ? state : RUN_BLOCKED;
}

/* The columns of RUN_COLUMNS. */
static void read_run(sqlite3_stmt *s, struct run *r)
{
	char **const texts[] = { &r->target, &r->procedure, &r->finding, &r->object, &r->plan_json,
		&r->plan_hash };
	int64_t *const numbers[] = { &r->request_word, &r->rollback_of, &r->created_at,
		&r->changed_at, &r->begun_at, &r->ended_at };
	int column = 0;

	run_init(r);
	r->id = sqlite3_column_int64(s, column++);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = journal_text(s, column++);
	r->state = state_of(s, column++);
	r->message = journal_text(s, column++);
	r->mode = journal_text(s, column++);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		*numbers[i] = sqlite3_column_int64(s, column++);
	r->approved_by = journal_text(s, column++);
	r->approved_at = sqlite3_column_int64(s, column++);
	r->new_id = journal_text(s, column++);
	r->new_sha256 = journal_text(s, column++);
	r->old_sha256 = journal_text(s, column++);
	r->n_steps = (size_t)sqlite3_column_int64(s, column++);
	r->n_verified = (size_t)sqlite3_column_int64(s, column++);
	r->n_acted = (size_t)sqlite3_column_int64(s, column++);
	r->retried_at = sqlite3_column_int64(s, column);
}

/* The first row of a statement, or a run with id 0. */
static int one_run(struct journal *j, sqlite3_stmt *s, struct run *r, struct err *e)
{
	int found = journal_row(j, s, e);

	if (found > 0) {
		read_run(s, r);
		sqlite3_reset(s);
	}
	return found < 0 ? -1 : 0;
}

static int all_runs(struct journal *j, sqlite3_stmt *s, struct run **runs, size_t *n,
    struct err *e)
{
	size_t cap = 0;
	int more;

	while ((more = journal_row(j, s, e)) > 0) {
		*runs = mem_grow(*runs, &cap, *n + 1, sizeof **runs);
		read_run(s, &(*runs)[(*n)++]);
	}
	if (more == 0)
		return 0;
	runs_free(*runs, *n);
	*runs = NULL;
	*n = 0;
	return -1;
}

int journal_open_run(struct journal *j, const char *target, struct run *r, struct err *e)
{
	run_init(r);
	if (journal_begin_read(j, e))
		return -1;
	return journal_end_read(j, one_run(j, journal_use(j, SQL_OPEN_RUN, "t", target), r, e));
}

int journal_get_run(struct journal *j, int64_t id, struct run *r, struct err *e)
{
	run_init(r);
	if (journal_begin_read(j, e))
		return -1;
	return journal_end_read(j, one_run(j, journal_use(j, SQL_GET_RUN, "i", id), r, e));
}

int journal_runs(struct journal *j, const char *target, size_t max, struct run **runs, size_t *n,
    struct err *e)
{
	sqlite3_stmt *s;

	*runs = NULL;
	*n = 0;
	if (journal_begin_read(j, e))
		return -1;
	s = journal_use(j, SQL_RUNS, "ti", target, max < INT32_MAX ? (int64_t)max : INT32_MAX);
	return journal_end_read(j, all_runs(j, s, runs, n, e));
}

int journal_cleanups(struct journal *j, const char *target, struct run **runs, size_t *n,
    struct err *e)
{
	*runs = NULL;
	*n = 0;
	if (journal_begin_read(j, e))
		return -1;
	return journal_end_read(j,
	    all_runs(j, journal_use(j, SQL_CLEANUPS, "t", target), runs, n, e));
}

/* --- made --------------------------------------------------------------------------- */

static int refuse_second(struct journal *j, const struct run *r, struct err *e)
{
	sqlite3_stmt *s;
	int found;

	if (r->rollback_of != 0 || !run_is_open(r->state))
		return 0;
	s = journal_use(j, SQL_OTHER_OPEN_RUN, "t", r->target);
	found = journal_row(j, s, e);
	if (found <= 0)
		return found;
	err_set(e, ERR_IO, "run %lld of %s is still open", (long long)sqlite3_column_int64(s, 0),
	    r->target);
	sqlite3_reset(s);
	return -1;
}

static int insert_run(struct journal *j, const struct run *r, int64_t *id, struct err *e)
{
	int failed = journal_do(j, journal_use(j, SQL_ADD_RUN, "ttttttt" "itt" "iii" "ii" "ttt",
	    r->target, r->procedure, r->finding, r->object, r->plan_json, r->plan_hash,
	    run_state_name(r->state), (int64_t)run_is_open(r->state), r->message, r->mode,
	    r->request_word, r->rollback_of, r->created_at, r->begun_at, r->ended_at,
	    r->old_sha256, r->new_id, r->new_sha256), NULL, e);

	*id = sqlite3_last_insert_rowid(j->db);
	return failed;
}

static int add_run(struct journal *j, struct run *r, struct err *e)
{
	char *text = mem_printf("%s for %s%s%s%s%s", r->procedure,
	    r->finding != NULL ? r->finding : "a request", r->object != NULL ? " of " : "",
	    r->object != NULL ? r->object : "", r->message != NULL ? ", " : "",
	    r->message != NULL ? r->message : "");
	int failed = refuse_second(j, r, e) || insert_run(j, r, &r->id, e);

	for (size_t i = 0; i < r->n_steps && !failed; i++)
		failed = journal_do(j, journal_use(j, SQL_ADD_STEP, "ii", r->id, (int64_t)i), NULL, e);
	if (!failed)
		failed = journal_tell_state(j, r->id, r->state, text, r->created_at, e);
	free(text);
	return failed ? -1 : 0;
}

int journal_add_run(struct journal *j, struct run *r, int64_t at, struct err *e)
{
	r->created_at = r->changed_at = at;
	r->begun_at = r->state == RUN_RUNNING ? at : 0;
	r->ended_at = run_is_open(r->state) ? 0 : at;
	if (journal_begin(j, e))
		return -1;
	if (add_run(j, r, e)) {
		r->id = 0;
		journal_undo(j);
		return -1;
	}
	if (JOURNAL_COMMIT(j, "run", e)) {
		r->id = 0;
		return -1;
	}
	return 0;
}
