/* clock.h - the only place that reads a clock.
 *
 * Judgement gets a wall-clock value once and passes it on as a value;
 * transport reads the monotonic clock when it needs it. */
#ifndef CHECK_CERTS_CLOCK_H
#define CHECK_CERTS_CLOCK_H

#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z, UTC. */
int64_t clock_wall_s(void);

/* Milliseconds of a clock that never goes back; the origin means nothing. */
int64_t clock_mono_ms(void);

#endif
