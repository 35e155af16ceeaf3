/* move.h - what to do next about one step.  Pure: journal, observation and
 * clock in, one move out.  Crash recovery and normal operation are the same
 * decision.
 *
 *   journal    observation                          move
 *   none       goal                                 MOVE_VERIFIED
 *   none       ready                                MOVE_ACT
 *   none       busy, unreachable                    MOVE_WAIT, bounded
 *   none       neither                              MOVE_STOP
 *   intent     goal                                 MOVE_VERIFIED
 *   intent     busy, unreachable                    MOVE_WAIT, bounded
 *   intent     ready|neither|failed; once           MOVE_STOP
 *   intent     ready|neither|failed; traceable      one new: MOVE_ADOPT; more: MOVE_STOP
 *   intent     ready; none new                      MOVE_WAIT for settle_s, then MOVE_ACT,
 *                                                   bounded
 *   intent     failed; none new                     MOVE_STOP
 *   intent     neither; none new                    MOVE_WAIT, bounded: somebody else may have
 *                                                   changed it, and is not fought
 *   acted      goal                                 MOVE_VERIFIED
 *   acted      failed                               MOVE_STOP (rollback may be offered)
 *   acted      anything else, inside verify_s       MOVE_WAIT
 *   acted      anything else, time is up            MOVE_STOP (rollback may be offered)
 *   verified   -                                    never asked; see move_undone
 */
#ifndef CHECK_CERTS_MOVE_H
#define CHECK_CERTS_MOVE_H

#include <stdbool.h>
#include <stdint.h>
#include "remediate/journal.h"
#include "remediate/step.h"

enum move { MOVE_ACT, MOVE_ADOPT, MOVE_VERIFIED, MOVE_WAIT, MOVE_STOP };

struct move_input {
	enum step_state state;
	enum verb verb;
	enum seen seen;
	size_t n_new;
	unsigned tries;            /* intents written so far */
	int64_t now_at;
	int64_t since_at;          /* of the state: intent_at, acted_at; none: first look at this step */
	int64_t verify_s;          /* how long the effect may take to show, and a busy target to be ready */
	int64_t settle_s;          /* how long what a lost request made may take to show */
};

#define MOVE_TRIES_MAX 3

/* *reason: static storage, why (for MOVE_STOP and MOVE_WAIT); never NULL. */
enum move next_move(const struct move_input *in, const char **reason);

const char *move_name(enum move m);

/* A step that was verified, seen again: did something undo it?  Then the run
 * stops: nobody fights.  What cannot be told now is no proof. */
bool move_undone(enum seen seen);

#endif
