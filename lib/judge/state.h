/* state.h - the plugin states, and their one order. */
#ifndef CHECK_CERTS_STATE_H
#define CHECK_CERTS_STATE_H

#include "lib/base/err.h"

/* From best to worst.  What could not be judged may be expired, so UNKNOWN
 * outranks WARNING; a proven CRITICAL outranks doubt.  The values are this
 * order, not exit codes. */
enum state { STATE_OK, STATE_WARNING, STATE_UNKNOWN, STATE_CRITICAL };

enum state state_worst(enum state a, enum state b);
const char *state_name(enum state s);        /* "OK" "WARNING" "UNKNOWN" "CRITICAL" */
int state_exit_code(enum state s);           /* 0 1 3 2 */

/* "ok" "warning" "critical" "unknown" (any case) or 0 to 3, the exit code. */
int state_parse(const char *s, enum state *out) MUST_USE;

#endif
