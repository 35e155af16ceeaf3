/* option_rows.c - the options of check_certs: the table, and what each does. */
#include "plugins/option_rows.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define TEXT(macro) TEXT_OF(macro)
#define TEXT_OF(text) #text
#define TIMEOUT_MAX_S 3600
#define OUTPUT_MIN_BYTES 512       /* below that the first line does not fit */
#define OUTPUT_MAX_BYTES (1024 * 1024)
#define AT_MAX_S INT64_C(253402300799)   /* the end of the year 9999; and as long a time */

void words_add(struct words *w, const char *word)
{
	w->v = mem_grow(w->v, &w->cap, w->n + 1, sizeof *w->v);
	w->v[w->n++] = word;
}

static int take_word(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "--%s: the value is empty", row->name);
	words_add(cmdline_place(options, row), arg);
	return 0;
}

static int take_limit(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	char *what = mem_printf("--%s", row->name);
	int failed = limit_parse(arg, what, cmdline_place(options, row), e);

	free(what);
	return failed;
}

static int take_timeout(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e)
{
	struct options *o = options;

	if (text_to_i64(arg, 1, TIMEOUT_MAX_S, &o->timeout_s))
		return cmdline_bad_value(row, arg, "a whole number of seconds from 1 to 3600", e);
	return 0;
}

/* The value is not told: who takes -p for the password shall not read it in
 * the monitoring. */
static int take_port(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	struct options *o = options;

	if (text_to_i64(arg, 1, 65535, &o->port))
		return err_set(e, ERR_USAGE, "--%s: want a port from 1 to 65535", row->name);
	return 0;
}

static int take_min_certs(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e)
{
	struct options *o = options;
	int64_t n;

	if (text_to_i64(arg, 1, 1000000, &n))
		return cmdline_bad_value(row, arg, "a whole number from 1 to 1000000", e);
	o->min_certs = (size_t)n;
	return 0;
}

static int take_max_output(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e)
{
	struct options *o = options;
	int64_t n;

	if (text_to_i64(arg, OUTPUT_MIN_BYTES, OUTPUT_MAX_BYTES, &n))
		return cmdline_bad_value(row, arg, "a number of bytes from 512 to 1048576", e);
	o->render.max_output_bytes = (size_t)n;
	return 0;
}

static int take_format(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	struct options *o = options;
	struct buf names;

	o->renderer = renderer_by_name(arg);
	if (o->renderer != NULL)
		return 0;
	buf_init(&names, ERR_TEXT_BYTES);
	renderer_names(&names);
	err_set(e, ERR_USAGE, "--%s: there is no format \"%s\": there is %s", row->name, arg,
	    buf_str(&names));
	buf_clear(&names);
	return -1;
}

static int take_perfdata(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e)
{
	struct options *o = options;
	static const char *const words[] = {
		[PERFDATA_PLAIN] = "plain", [PERFDATA_EACH] = "each", [PERFDATA_NONE] = "none" };

	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(arg, words[i]) == 0) {
			o->render.perfdata = (enum perfdata)i;
			return 0;
		}
	}
	return cmdline_bad_value(row, arg, "plain, each or none", e);
}

static int take_state(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	if (state_parse(arg, cmdline_place(options, row)))
		return cmdline_bad_value(row, arg, "ok, warning, critical, unknown, or 0 to 3", e);
	return 0;
}

/* "+90d" from now, or a moment of its own. */
static int take_at(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	struct options *o = options;
	int failed;

	o->has_at = true;
	o->at_is_relative = *arg == '+';
	if (o->at_is_relative)
		failed = text_to_duration(arg + 1, 0, &o->at_s);
	else
		failed = text_to_time(arg, &o->at_s);
	if (failed || o->at_s > AT_MAX_S)
		return cmdline_bad_value(row, arg,
		    "a time such as 2026-11-25T04:00:00Z, 2026-11-25 or +90d", e);
	return 0;
}

static int take_verbose(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e)
{
	struct options *o = options;

	(void)row;
	(void)arg;
	(void)e;
	o->render.verbosity++;
	return 0;
}

static int take_family(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	struct options *o = options;

	(void)arg;
	(void)e;
	o->family = (enum family)row->value;
	return 0;
}

/* Help wins over everything, then the version: whatever else was asked for. */
static int take_action(void *options, const struct cmdline_row *row, const char *arg, struct err *e)
{
	struct options *o = options;

	(void)arg;
	(void)e;
	if (o->action == ACTION_CHECK || row->value == ACTION_HELP)
		o->action = (enum action)row->value;
	return 0;
}

/* Whole ones were expanded before this table was asked. */
static int take_extra_opts(void *options, const struct cmdline_row *row, const char *arg,
    struct err *e)
{
	(void)options;
	(void)arg;
	return err_set(e, ERR_USAGE, "--%s must be written in full", row->name);
}

#define AT(member) .offset = offsetof(struct options, member)

static const struct cmdline_row rows[] = {
	{ .section = "What to check", .letter = 'f', .name = "config", .arg = "FILE",
	  .take = cmdline_take_text, AT(conf_path),
	  .help = "configuration file (default " CHECK_CERTS_CONF ")" },
	{ .letter = 'T', .name = "target", .arg = "NAME[,NAME...]", .take = cmdline_take_text,
	  AT(targets),
	  .help = "only these targets of the file (default: all)" },
	{ .letter = 'H', .name = "hostname", .arg = "HOST[:PORT]", .take = take_word, AT(hosts),
	  .help = "the certificate that this listener presents; repeatable" },
	{ .letter = 'p', .name = "port", .arg = "PORT", .take = take_port,
	  .help = "port of a -H without one (default 443)" },
	{ .letter = '4', .name = "use-ipv4", .take = take_family, .value = FAMILY_4,
	  .help = "connect over IPv4 only" },
	{ .letter = '6', .name = "use-ipv6", .take = take_family, .value = FAMILY_6,
	  .help = "connect over IPv6 only" },
	{ .name = "file", .arg = "PATH", .take = take_word, AT(files),
	  .help = "certificates in a PEM or DER file, or a glob; repeatable" },
	{ .name = "nsx", .arg = "URL", .take = cmdline_take_text, AT(nsx_url),
	  .help = "every certificate that this NSX Manager knows" },
	{ .name = "opsman", .arg = "URL", .take = cmdline_take_text, AT(opsman_url),
	  .help = "every certificate that this Ops Manager knows" },

	{ .section = "How to log in and whom to trust (for --nsx and --opsman)",
	  .name = "credentials", .arg = "FILE", .take = cmdline_take_text, AT(credentials),
	  .help = "file with username= and password=, client_id= and client_secret=, or "
	  "client_cert= and client_key=" },
	{ .name = "ca-file", .arg = "FILE", .take = cmdline_take_text, AT(ca_file),
	  .help = "PEM file with the CA to trust (default: the system's)" },
	{ .name = "pin-sha256", .arg = "HEX", .take = take_word, AT(pins),
	  .help = "fingerprint of the server's certificate, trusted instead of CA, name and date; "
	  "repeatable" },

	{ .section = "Limits (LIMIT: 30, 30d, 12h, 4w, 25%, 30,25% or a plugin range on days left)",
	  .letter = 'w', .name = "warning", .arg = "LIMIT", .take = take_limit, AT(limits.warning),
	  .help = "WARNING with less time left (default 30)" },
	{ .letter = 'c', .name = "critical", .arg = "LIMIT", .take = take_limit,
	  AT(limits.critical),
	  .help = "CRITICAL with less time left (default 7)" },
	{ .name = "ca-warning", .arg = "LIMIT", .take = take_limit, AT(limits.ca_warning),
	  .help = "the same for CA certificates (default 90)" },
	{ .name = "ca-critical", .arg = "LIMIT", .take = take_limit, AT(limits.ca_critical),
	  .help = "the same for CA certificates (default 30)" },
	{ .name = "min-certs", .arg = "N", .take = take_min_certs,
	  .help = "UNKNOWN with fewer certificates than that (default 1)" },
	{ .name = "unreachable-state", .arg = "STATE", .take = take_state, AT(unreachable_state),
	  .help = "state of a target that could not be read (default unknown)" },
	{ .name = "timeout-state", .arg = "STATE", .take = take_state, AT(timeout_state),
	  .help = "state of a target that ran out of time (default unknown)" },
	{ .name = "at", .arg = "TIME", .take = take_at,
	  .help = "judge as of that moment: 2026-11-25T04:00:00Z, or +90d from now" },

	{ .section = "Output and the rest", .letter = 'o', .name = "output", .arg = "FORMAT",
	  .take = take_format,
	  .help = "one of the formats named below (default text)" },
	{ .letter = 'v', .name = "verbose", .take = take_verbose,
	  .help = "-v all certificates, -vv also requests, -vvv also headers (on standard error)" },
	{ .name = "perfdata", .arg = "KIND", .take = take_perfdata,
	  .help = "plain, each (one value a certificate) or none (default plain)" },
	{ .name = "max-output", .arg = "BYTES", .take = take_max_output,
	  .help = "length of the text output (default " TEXT(OPTIONS_MAX_OUTPUT_BYTES) ")" },
	{ .letter = 't', .name = "timeout", .arg = "SECONDS", .take = take_timeout,
	  .help = "for the whole run, 1 to 3600 (default " TEXT(OPTIONS_TIMEOUT_S) ")" },
	{ .name = "state-dir", .arg = "DIR", .take = cmdline_take_text, AT(state_dir),
	  .help = "memory between runs (default " CHECK_CERTS_STATE_DIR ")" },
	{ .name = "extra-opts", .arg = "[SECTION][@FILE]", .take = take_extra_opts,
	  .help = "further options from a file of the monitoring plugins" },
	{ .name = "list", .take = take_action, .value = ACTION_LIST,
	  .help = "one line a certificate, whatever its state" },
	{ .name = "check-config", .take = take_action, .value = ACTION_CHECK_CONFIG,
	  .help = "only read the configuration file and tell its problems" },
	{ .letter = 'V', .name = "version", .take = take_action, .value = ACTION_VERSION,
	  .help = "print the version; exit status 3" },
	{ .letter = 'h', .name = "help", .take = take_action, .value = ACTION_HELP,
	  .help = "print this; exit status 3" },
};

_Static_assert(COUNT(rows) <= CMDLINE_ROWS_MAX, "raise CMDLINE_ROWS_MAX");

const struct cmdline_table option_table = { rows, COUNT(rows) };
