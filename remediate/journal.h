/* journal.h - the durable record of words, runs and steps: SQLite, rollback
 * journal, synchronous=EXTRA.  SQL and nothing else.
 *
 * A record is committed before the act that it announces, and no transaction
 * is open across a request.  It holds ids and fingerprints; never a key, a
 * token, or a certificate.  It is evidence of intent, not of success.  Every
 * function is one transaction, retried while another process has the file
 * (at most JOURNAL_BUSY_MS), and fails with ERR_IO: then nothing may be done. */
#ifndef CHECK_CERTS_JOURNAL_H
#define CHECK_CERTS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "remediate/spool.h"

#define JOURNAL_BUSY_MS 10000

/* The outcome of a word that counts; any other outcome is why it does not. */
#define JOURNAL_RECORDED "recorded"

/* finding of a run that only deletes what an earlier one replaced (plan_cleanup). */
#define RUN_CLEANUP "unused"

enum run_state {
	RUN_PLANNED,             /* mode plan: shown, and that is all */
	RUN_AWAITING_APPROVAL,
	RUN_HELD,                /* a rail says: not now */
	RUN_RUNNING,
	RUN_WAITING,             /* a step was done and is not seen yet */
	RUN_BLOCKED,             /* a person must look; retry or abandon */
	RUN_FAILED, RUN_DONE, RUN_ABANDONED,     /* ended */
	RUN_N_STATES
};
const char *run_state_name(enum run_state s);    /* "awaiting-approval" */
bool run_state_find(const char *name, enum run_state *out);
bool run_is_open(enum run_state s);

/* All strings owned; NULL where there is none. */
struct run {
	int64_t id;              /* 0: no run */
	char *target, *procedure, *finding, *object;
	char *plan_json, *plan_hash;
	enum run_state state;
	char *message;           /* why it is in this state, one sentence */
	char *mode;              /* that it was planned under */
	int64_t request_word;    /* a person's request; 0: the poll found it */
	int64_t rollback_of;
	int64_t created_at, changed_at, begun_at, ended_at;   /* 0: not yet */
	char *approved_by;
	int64_t approved_at;     /* 0: not */
	int64_t retried_at;      /* when a person last said retry; 0: not */
	char *new_id, *new_sha256, *old_sha256;   /* bound by its steps */
	size_t n_steps, n_verified;
	size_t n_acted;          /* acted on, or perhaps: an intent that was not taken back */
};

enum step_state { STEP_NONE, STEP_INTENT, STEP_ACTED, STEP_VERIFIED, STEP_N_STATES };
const char *step_state_name(enum step_state s);

struct step_record {
	size_t seq;              /* from 0, as in the plan */
	enum step_state state;
	int64_t intent_at, acted_at, verified_at;   /* 0: not */
	unsigned tries;          /* intents written */
	char *snapshot;          /* JSON; NULL */
	char *sha256;            /* of the goods prepared; NULL */
	char *made;              /* id of what its act made (an installation); NULL */
	char *said;              /* outcome of the last act or look, one clause */
};

/* What the rails ask of the past of one target. */
struct past {
	size_t n_begun_day;      /* runs begun (cleanups and rollbacks apart) since now - 24 h */
	int64_t last_end_at;     /* of a run that acted; 0: none */
	size_t n_failed_row;     /* runs that failed or blocked since the last done one or breaker reset */
	bool paused;             /* the target, or everything */
	char *paused_by;         /* owned */
	int64_t downtime;        /* depth, by the last event that told one; 0 */
	int64_t downtime_at;     /* when that was said */
	int64_t last_event_at;
};
void past_clear(struct past *p);

/* A line of the audit trail. */
struct journal_entry {
	int64_t id, at;
	const char *target, *kind, *who, *text;   /* kind: word run step call verdict rail */
	int64_t run;             /* 0: none */
	int64_t step;            /* -1: none */
};

struct journal;
/* Makes the file (mode 0600) and its tables when they are not there; refuses a
 * newer schema, another user's or another program's file, and a damaged one.
 * read_only: for history and status of a running worker; nothing is made. */
int journal_open(const char *path, bool read_only, struct journal **j, struct err *e) MUST_USE;
void journal_close(struct journal *j);

/* A word, once: the same file name again is no second one.  outcome: what
 * became of it (JOURNAL_RECORDED, or why not).  Pause, resume, downtime and the
 * breaker's reset by retry are kept from here.  *id of the word.  A file that
 * was no word is kept too, with its error. */
int journal_add_word(struct journal *j, const struct spoken *w, const char *outcome, int64_t *id,
    struct err *e) MUST_USE;

/* Requests of persons that were neither closed nor answered by a run (an
 * abandoned one is no answer) yet, oldest first. */
struct request { int64_t word; char *target, *procedure, *object, *reason, *user; };
int journal_requests(struct journal *j, const char *target, struct request **r, size_t *n,
    struct err *e) MUST_USE;
void requests_free(struct request *r, size_t n);
int journal_close_request(struct journal *j, int64_t word, const char *outcome, int64_t at,
    struct err *e) MUST_USE;

/* A new run with its whole plan, and one STEP_NONE record a step.  r->id is set.
 * While another of the target is open, only a rollback may begin. */
int journal_add_run(struct journal *j, struct run *r, int64_t at, struct err *e) MUST_USE;

/* The open run of a target (the youngest rollback first); id 0 when there is none. */
int journal_open_run(struct journal *j, const char *target, struct run *r, struct err *e) MUST_USE;
int journal_get_run(struct journal *j, int64_t id, struct run *r, struct err *e) MUST_USE;
/* The newest runs (any state) of a target (NULL: all), newest first. */
int journal_runs(struct journal *j, const char *target, size_t max, struct run **runs, size_t *n,
    struct err *e) MUST_USE;
void run_init(struct run *r);
void run_clear(struct run *r);
void runs_free(struct run *runs, size_t n);

/* A run's state and sentence; sets begun_at on the first RUN_RUNNING and
 * ended_at on an end.  The same state and sentence again writes nothing. */
int journal_set_run(struct journal *j, int64_t run, enum run_state state, const char *message,
    int64_t at, struct err *e) MUST_USE;
int journal_approve(struct journal *j, int64_t run, const char *by, int64_t at, struct err *e)
    MUST_USE;
/* A person looked and says: again.  Steps that are not verified are as if they
 * had not been tried, with all their tries and their time. */
int journal_retry(struct journal *j, int64_t run, const char *said, int64_t at, struct err *e)
    MUST_USE;
int journal_bind(struct journal *j, int64_t run, const char *new_id, const char *new_sha256,
    int64_t at, struct err *e) MUST_USE;

int journal_steps(struct journal *j, int64_t run, struct step_record **steps, size_t *n,
    struct err *e) MUST_USE;
void steps_free(struct step_record *steps, size_t n);

/* INTENT, with the snapshot and the fingerprint of what was prepared: before
 * the act. */
int journal_intent(struct journal *j, int64_t run, size_t seq, const char *snapshot,
    const char *sha256, const char *call, int64_t at, struct err *e) MUST_USE;
/* ACTED: the request was sent; said is its outcome. */
int journal_acted(struct journal *j, int64_t run, size_t seq, const char *said, int64_t at,
    struct err *e) MUST_USE;
/* What the act of a step made, as soon as it is known; kept until another try. */
int journal_made(struct journal *j, int64_t run, size_t seq, const char *made, int64_t at,
    struct err *e) MUST_USE;
/* Back to NONE: the request surely did nothing (refused, not sent). */
int journal_not_acted(struct journal *j, int64_t run, size_t seq, const char *said, int64_t at,
    struct err *e) MUST_USE;
int journal_verified(struct journal *j, int64_t run, size_t seq, const char *said, int64_t at,
    struct err *e) MUST_USE;

/* Any other line of the trail: a rail's no, a verdict. */
int journal_note(struct journal *j, const char *target, int64_t run, const char *kind,
    const char *text, int64_t at, struct err *e) MUST_USE;

int journal_past(struct journal *j, const char *target, int64_t now_at, struct past *out,
    struct err *e) MUST_USE;

/* Runs that are done, replaced a certificate, and whose old one was not yet
 * cleaned up (no delete run done for it). */
int journal_cleanups(struct journal *j, const char *target, struct run **runs, size_t *n,
    struct err *e) MUST_USE;

/* The trail, oldest first; since: entries with a larger id; target NULL: all.
 * No transaction is open while each() is called: it may take its time. */
typedef void journal_entry_fn(void *ctx, const struct journal_entry *entry);
int journal_each(struct journal *j, const char *target, int64_t since, journal_entry_fn *each,
    void *ctx, struct err *e) MUST_USE;

#endif
