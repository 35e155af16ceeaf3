/* command_rows.h - the table of options; private to command.c. */
#ifndef CHECK_CERTS_COMMAND_ROWS_H
#define CHECK_CERTS_COMMAND_ROWS_H

#include "lib/base/cmdline.h"
#include "remediate/command.h"

extern const struct cmdline_table command_table;   /* for a struct command */

#endif
