/* unit.h - runs one Check suite as a TAP producer. */
#ifndef CHECK_CERTS_UNIT_H
#define CHECK_CERTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/* TAP on standard output.  Returns 0 whatever the tests say: the TAP driver
 * counts the failures, and a non-zero exit would count as one more. */
static inline int unit_run(Suite *s)
{
	SRunner *sr = srunner_create(s);

	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	srunner_free(sr);
	return 0;
}

#endif
