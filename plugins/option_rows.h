/* option_rows.h - the table of options; private to options.c. */
#ifndef CHECK_CERTS_OPTION_ROWS_H
#define CHECK_CERTS_OPTION_ROWS_H

#include <stddef.h>
#include "lib/base/cmdline.h"
#include "plugins/options.h"

/* One more word; borrowed. */
void words_add(struct words *w, const char *word);

extern const struct cmdline_table option_table;   /* for a struct options */

#endif
