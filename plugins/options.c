/* options.c - the command line of check_certs: reading it, and telling how it
 * is written. */
#include "plugins/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "plugins/option_rows.h"

#define ROW_BASE 256               /* getopt's value for a row: above every character */
#define HELP_COLUMN 27
#define HELP_WIDTH 80

/* The table in getopt's two forms. */
struct getopt_forms {
	char *letters;
	struct option *names;
};

static void make_forms(struct getopt_forms *f)
{
	size_t n = 0;

	f->letters = mem_alloc(2 * n_option_rows + 2);
	f->names = mem_array(n_option_rows + 1, sizeof *f->names);
	f->letters[n++] = ':';         /* tell a missing value from an unknown option */
	for (size_t i = 0; i < n_option_rows; i++) {
		const struct option_row *row = &option_rows[i];

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

static const struct option_row *row_of(int value)
{
	if (value >= ROW_BASE)
		return &option_rows[value - ROW_BASE];
	for (size_t i = 0; i < n_option_rows; i++)
		if (option_rows[i].letter != 0 && option_rows[i].letter == value)
			return &option_rows[i];
	return NULL;
}

/* What getopt did not take.  A value is never told: it may be a password for
 * an option that other plugins have. */
static int refuse_option(int outcome, const char *word, struct err *e)
{
	const struct option_row *row = row_of(optopt);

	if (row != NULL)
		return err_set(e, ERR_USAGE,
		    outcome == ':' ? "--%s needs a value" : "--%s takes no value", row->name);
	if (optopt != 0)
		return err_set(e, ERR_USAGE, "unknown option -%c", optopt);
	return err_set(e, ERR_USAGE, "unknown option %.*s", (int)strcspn(word, "="), word);
}

static int take_options(int argc, char **argv, const struct getopt_forms *f, struct options *o,
    struct err *e)
{
	int value;

	optind = 0;                    /* from the start, whoever used getopt before */
	opterr = 0;
	while ((value = getopt_long(argc, argv, f->letters, f->names, NULL)) != -1) {
		const struct option_row *row = value == ':' || value == '?' ? NULL : row_of(value);

		if (row == NULL)
			return refuse_option(value, argv[optind - 1], e);
		if (row->take(o, row, optarg, e))
			return -1;
	}
	return 0;
}

/* A shell makes several words of --file *.pem; anything else does not belong. */
static int take_rest(int argc, char **argv, struct options *o, struct err *e)
{
	for (int i = optind; i < argc; i++) {
		if (o->files.n == 0)
			return err_set(e, ERR_USAGE, "unexpected argument \"%s\"", argv[i]);
		words_add(&o->files, argv[i]);
	}
	return 0;
}

bool options_are_quick(const struct options *o)
{
	return o->hosts.n > 0 || o->files.n > 0 || o->nsx_url != NULL || o->opsman_url != NULL;
}

/* Options that mean nothing without, or together with, another one. */
static int check_together(const struct options *o, struct err *e)
{
	bool has_trust = o->credentials != NULL || o->ca_file != NULL || o->pins.n > 0;

	if (o->port != 0 && o->hosts.n == 0)
		return err_set(e, ERR_USAGE, "--port is for -H");
	if (has_trust && o->nsx_url == NULL && o->opsman_url == NULL)
		return err_set(e, ERR_USAGE,
		    "--credentials, --ca-file and --pin-sha256 are for --nsx and --opsman: "
		    "a target of the configuration file has keys of the same names");
	if (has_trust && o->nsx_url != NULL && o->opsman_url != NULL)
		return err_set(e, ERR_USAGE,
		    "--credentials, --ca-file and --pin-sha256 would be for both --nsx and "
		    "--opsman: write a configuration file");
	if (o->action == ACTION_CHECK_CONFIG && options_are_quick(o))
		return err_set(e, ERR_USAGE,
		    "--check-config reads a configuration file, and nothing else");
	return 0;
}

int options_parse(int argc, char **argv, struct options *o, struct err *e)
{
	struct getopt_forms forms;
	int failed;

	*o = (struct options){
		.timeout_s = OPTIONS_TIMEOUT_S,
		.renderer = renderer_by_name("text"),
		.render = { .max_output_bytes = OPTIONS_MAX_OUTPUT_BYTES },
		.unreachable_state = STATE_UNKNOWN,
		.timeout_state = STATE_UNKNOWN,
		.min_certs = 1,
		.state_dir = CHECK_CERTS_STATE_DIR,
	};
	make_forms(&forms);
	failed = take_options(argc, argv, &forms, o, e);
	if (!failed)
		failed = take_rest(argc, argv, o, e);
	if (!failed && o->action != ACTION_HELP && o->action != ACTION_VERSION)
		failed = check_together(o, e);
	free(forms.letters);
	free(forms.names);
	return failed;
}

void options_clear(struct options *o)
{
	free(o->hosts.v);
	free(o->files.v);
	free(o->pins.v);
	*o = (struct options){ 0 };
}

/* Text in words from column on, within the width.  at: where the line stands. */
static void add_wrapped(struct buf *out, const char *text, size_t at, size_t column)
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

static void add_row(struct buf *out, const struct option_row *row)
{
	size_t start = out->len, at;

	if (row->section != NULL) {
		buf_addc(out, '\n');
		add_wrapped(out, row->section, 0, 0);
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
	add_wrapped(out, row->help, HELP_COLUMN, HELP_COLUMN);
}

void options_usage(struct buf *out)
{
	buf_adds(out, "usage: check_certs [OPTION...] [-f FILE] [-T NAME[,NAME...]]\n"
	    "       check_certs [OPTION...] -H HOST[:PORT]... | --file PATH...\n"
	    "       check_certs [OPTION...] --nsx URL | --opsman URL\n");
}

void options_help(struct buf *out)
{
	buf_adds(out, "check_certs " CHECK_CERTS_VERSION
	    " - watches certificates: NSX, Ops Manager, listeners, files\n\n");
	options_usage(out);
	for (size_t i = 0; i < n_option_rows; i++)
		add_row(out, &option_rows[i]);
	buf_adds(out, "\nFormats: ");
	renderer_names(out);
	buf_adds(out, ".\nExit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n"
	    "More in check_certs(8) and check_certs.conf(5).\n");
}

void options_each(void (*each)(void *ctx, char short_name, const char *long_name, const char *arg),
    void *ctx)
{
	for (size_t i = 0; i < n_option_rows; i++)
		each(ctx, option_rows[i].letter, option_rows[i].name, option_rows[i].arg);
}
