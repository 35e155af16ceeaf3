/* remedy.h - which documented procedure would mend a certificate, and who
 * runs it.  A table: the first row that fits is the answer. */
#ifndef CHECK_CERTS_REMEDY_H
#define CHECK_CERTS_REMEDY_H

#include "lib/judge/judging.h"

/* For a subject that was judged.  Nothing when there is nothing to mend. */
void remedy_choose(const struct judging *j, const struct subject *s, struct remedy *out);

#endif
