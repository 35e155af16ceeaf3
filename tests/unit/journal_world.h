/* journal_world.h - a journal in a directory of its own, and what is said and
 * begun there. */
#ifndef CHECK_CERTS_JOURNAL_WORLD_H
#define CHECK_CERTS_JOURNAL_WORLD_H

#include "remediate/journal.h"

const char *journal_world_path(void);          /* of its file, in the scratch directory */
struct journal *journal_world_open(void);      /* to write; fails the test */

/* Say a word about "prod" (run 0: of the target; downtime -1: none is told). */
int64_t journal_world_say(struct journal *j, const char *name, enum word_kind kind, int64_t run,
    int64_t downtime, int64_t at, const char *outcome);

/* A run for "prod" with n steps, as the worker would plan it. */
int64_t journal_world_run(struct journal *j, const char *finding, int64_t rollback_of, size_t n,
    int64_t at);

/* Intent, act and verification of one step. */
void journal_world_step(struct journal *j, int64_t run, size_t seq, int64_t at);

void journal_world_set(struct journal *j, int64_t run, enum run_state state, int64_t at);

#endif
