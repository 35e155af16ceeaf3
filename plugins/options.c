/* options.c - the command line of check_certs: reading it, and telling how it
 * is written. */
#include "plugins/options.h"

#include <stdlib.h>
#include "plugins/option_rows.h"

/* A shell makes several words of --file *.pem; anything else does not belong. */
static int take_rest(int argc, char **argv, int rest, struct options *o, struct err *e)
{
	for (int i = rest; i < argc; i++) {
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
	struct cmdline line;
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
	failed = cmdline_parse(&option_table, argc, argv, o, &line, e);
	if (!failed)
		failed = take_rest(argc, argv, line.rest, o, e);
	if (!failed && o->action != ACTION_HELP && o->action != ACTION_VERSION)
		failed = check_together(o, e);
	return failed;
}

void options_clear(struct options *o)
{
	free(o->hosts.v);
	free(o->files.v);
	free(o->pins.v);
	*o = (struct options){ 0 };
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
	cmdline_help(&option_table, out);
	buf_adds(out, "\nFormats: ");
	renderer_names(out);
	buf_adds(out, ".\nExit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n"
	    "More in check_certs(8) and check_certs.conf(5).\n");
}

void options_each(void (*each)(void *ctx, char short_name, const char *long_name, const char *arg),
    void *ctx)
{
	for (size_t i = 0; i < option_table.n; i++) {
		const struct cmdline_row *row = &option_table.rows[i];

		each(ctx, row->letter, row->name, row->arg);
	}
}
