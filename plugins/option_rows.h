/* option_rows.h - the table of options; private to options.c. */
#ifndef CHECK_CERTS_OPTION_ROWS_H
#define CHECK_CERTS_OPTION_ROWS_H

#include <stddef.h>
#include "plugins/options.h"

struct option_row;
typedef int option_take(struct options *o, const struct option_row *row, const char *arg,
    struct err *e);

struct option_row {
	char letter;             /* 0: none */
	const char *name;        /* the long form */
	const char *arg;         /* what stands for the value in --help; NULL: takes none */
	option_take *take;       /* arg is NULL for an option without one */
	size_t offset;           /* into struct options, for a take that serves several rows */
	int value;               /* what such a take stores */
	const char *help;
	const char *section;     /* heading before this row; NULL: goes on as above */
};

/* One more word; borrowed. */
void words_add(struct words *w, const char *word);

extern const struct option_row option_rows[];
extern const size_t n_option_rows;

#endif
