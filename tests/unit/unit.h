/* unit.h - what every unit test shares. */
#ifndef CHECK_CERTS_UNIT_H
#define CHECK_CERTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/* Rows of a table, as tcase_add_loop_test wants them. */
#define UNIT_ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Run one suite as a TAP producer on standard output.  Returns 0 whatever the
 * tests say: the TAP driver counts the failures, and a non-zero exit would
 * count as one more. */
int unit_run(Suite *s);

#endif
