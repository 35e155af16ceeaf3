/* cmdline.h - a command line from a table: one row an option.  The table
 * parses, prints the help, and is what tests hold the manual against.
 *
 * Words are borrowed from argv.  A value is never told in an error unless its
 * row does so: it may be a password for an option that other programs have. */
#ifndef CHECK_CERTS_CMDLINE_H
#define CHECK_CERTS_CMDLINE_H

#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define CMDLINE_ROWS_MAX 64

struct cmdline_row;
/* arg is NULL for an option without a value.  ERR_USAGE. */
typedef int cmdline_take(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e);

struct cmdline_row {
	char letter;             /* 0: none */
	const char *name;        /* the long form */
	const char *arg;         /* what stands for the value in the help; NULL: takes none */
	cmdline_take *take;
	size_t offset;           /* into the options, for a take that serves several rows */
	int value;               /* what such a take stores */
	unsigned commands;       /* bits of the subcommands it is for; 0: all */
	const char *help;
	const char *section;     /* heading before this row; NULL: goes on as above */
};

struct cmdline_table { const struct cmdline_row *rows; size_t n; };   /* n <= CMDLINE_ROWS_MAX */

struct cmdline {
	int rest;                /* index of the first word that is no option; the others follow it */
	uint64_t given;          /* bit i: row i was there */
};

/* Take every option; argv is put in order.  ERR_USAGE. */
int cmdline_parse(const struct cmdline_table *t, int argc, char **argv, void *options,
    struct cmdline *out, struct err *e) MUST_USE;

/* The place of a row in the options. */
void *cmdline_place(void *options, const struct cmdline_row *row);

/* "--name: want <want>, not "<arg>"". */
int cmdline_bad_value(const struct cmdline_row *row, const char *arg, const char *want,
    struct err *e);

/* A take for a const char * at offset; the value is not empty. */
int cmdline_take_text(void *options, const struct cmdline_row *row, const char *arg, struct err *e);

/* All rows, at most 80 columns. */
void cmdline_help(const struct cmdline_table *t, struct buf *out);

/* Words of text from column on, within the width; a line feed at the end.
 * at: how far the line has come. */
void cmdline_add_wrapped(struct buf *out, const char *text, size_t at, size_t column);

#endif
