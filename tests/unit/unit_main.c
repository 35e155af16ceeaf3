/* unit_main.c - runs one Check suite as a TAP producer. */
#include "tests/unit/unit.h"

int unit_run(Suite *s)
{
	SRunner *sr = srunner_create(s);

	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	srunner_free(sr);
	return 0;
}
