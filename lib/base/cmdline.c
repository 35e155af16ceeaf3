/* cmdline.c - a command line from a table: reading it, and telling how it is
 * written. */
#include "lib/base/cmdline.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define ROW_BASE 256               /* getopt's value for a row: above every character */
#define HELP_COLUMN 27
#define HELP_WIDTH 80

/* The table in getopt's two forms. */
struct getopt_forms {
	char *letters;
	struct option *names;
};

static void make_forms(const struct cmdline_table *t, struct getopt_forms *f)
{
	size_t n = 0;

	f->letters = mem_alloc(2 * t->n + 2);
	f->names = mem_array(t->n + 1, sizeof *f->names);
	f->letters[n++] = ':';         /* tell a missing value from an unknown option */
	for (size_t i = 0; i < t->n; i++) {
		const struct cmdline_row *row = &t->rows[i];

		f->names[i].name = row->name;
		f->names[i].has_arg = row->arg != NULL ? required_argument : no_argument;
		f->names[i].val = ROW_BASE + (int)i;
		if (row->letter == 0)
			continue;
		f->letters[n++] = row->letter;
		if (row->arg != NULL)
			f->letters[n++] = ':';
	}
}

static const struct cmdline_row *row_of(const struct cmdline_table *t, int value)
{
	if (value >= ROW_BASE)
		return &t->rows[value - ROW_BASE];
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].letter != 0 && t->rows[i].letter == value)
			return &t->rows[i];
	return NULL;
}

/* What getopt did not take. */
static int refuse_option(const struct cmdline_table *t, int outcome, const char *word,
    struct err *e)
{
	const struct cmdline_row *row = row_of(t, optopt);

	if (row != NULL)
		return err_set(e, ERR_USAGE,
		    outcome == ':' ? "--%s needs a value" : "--%s takes no value", row->name);
	if (optopt != 0)
		return err_set(e, ERR_USAGE, "unknown option -%c", optopt);
	return err_set(e, ERR_USAGE, "unknown option %.*s", (int)strcspn(word, "="), word);
}

int cmdline_parse(const struct cmdline_table *t, int argc, char **argv, void *options,
    struct cmdline *out, struct err *e)
{
	struct getopt_forms f;
	int value, failed = 0;

	*out = (struct cmdline){ 0 };
	make_forms(t, &f);
	optind = 0;                    /* from the start, whoever used getopt before */
	opterr = 0;
	while (!failed && (value = getopt_long(argc, argv, f.letters, f.names, NULL)) != -1) {
		const struct cmdline_row *row =
		    value == ':' || value == '?' ? NULL : row_of(t, value);

		if (row == NULL) {
			failed = refuse_option(t, value, argv[optind - 1], e);
			break;
		}
		failed = row->take(options, row, optarg, e);
		out->given |= UINT64_C(1) << (row - t->rows);
	}
	out->rest = optind;
	free(f.letters);
	free(f.names);
	return failed;
}

void *cmdline_place(void *options, const struct cmdline_row *row)
{
	return (char *)options + row->offset;
}

int cmdline_bad_value(const struct cmdline_row *row, const char *arg, const char *want,
    struct err *e)
{
	return err_set(e, ERR_USAGE, "--%s: want %s, not \"%s\"", row->name, want, arg);
}

int cmdline_take_text(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	const char **text = cmdline_place(options, row);

	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "--%s: the value is empty", row->name);
	*text = arg;
	return 0;
}

void cmdline_add_wrapped(struct buf *out, const char *text, size_t at, size_t column)
{
	for (const char *word = text; *word != '\0'; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");
		bool is_first = word == text;

		if (!is_first && at + 1 + n > HELP_WIDTH) {
			buf_addf(out, "\n%*s", (int)column, "");
			at = column;
			is_first = true;
		}
		buf_addf(out, "%s%.*s", is_first ? "" : " ", (int)n, word);
		at += n + !is_first;
		word += n;
	}
	buf_addc(out, '\n');
}

static void add_row(struct buf *out, const struct cmdline_row *row)
{
	size_t start = out->len, at;

	if (row->section != NULL) {
		buf_addc(out, '\n');
		cmdline_add_wrapped(out, row->section, 0, 0);
		start = out->len;
	}
	if (row->letter != 0)
		buf_addf(out, "  -%c, ", row->letter);
	else
		buf_adds(out, "      ");
	buf_addf(out, "--%s%s%s", row->name, row->arg != NULL ? "=" : "",
	    row->arg != NULL ? row->arg : "");
	at = out->len - start;
	if (at + 2 > HELP_COLUMN) {
		buf_addc(out, '\n');
		at = 0;
	}
	buf_addf(out, "%*s", (int)(HELP_COLUMN - at), "");
	cmdline_add_wrapped(out, row->help, HELP_COLUMN, HELP_COLUMN);
}

void cmdline_help(const struct cmdline_table *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++)
		add_row(out, &t->rows[i]);
}
