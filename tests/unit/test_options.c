/* test_options.c - the command line: what it means, and what it must not. */
#include "plugins/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/unit.h"

#define DAY_S INT64_C(86400)
#define WORDS_MAX 32

/* Parses words parted by blanks; "''" is an empty word. */
static int parse(const char *words, struct options *o, struct err *e)
{
	static char text[512];   /* the options borrow from it */
	char *argv[WORDS_MAX] = { text };
	int argc = 1, n = snprintf(text, sizeof text, "check_certs %s", words);

	ck_assert(n > 0 && (size_t)n < sizeof text);
	for (char *at = strchr(text, ' '); at != NULL && at[1] != '\0'; at = strchr(at + 1, ' ')) {
		*at = '\0';
		ck_assert_int_lt(argc, WORDS_MAX - 1);
		argv[argc++] = at[1] == '\'' ? strchr(text, '\0') : at + 1;
	}
	return options_parse(argc, argv, o, e);
}

static void parse_good(const char *words, struct options *o)
{
	struct err e = { 0 };

	ck_assert_msg(parse(words, o, &e) == 0, "%s: %s", words, e.text);
}

START_TEST(has_defaults)
{
	struct options o;

	parse_good("", &o);
	ck_assert_int_eq(o.action, ACTION_CHECK);
	ck_assert_ptr_null(o.conf_path);
	ck_assert_ptr_null(o.targets);
	ck_assert_int_eq(o.timeout_s, 25);
	ck_assert_str_eq(o.renderer->name, "text");
	ck_assert_uint_eq(o.render.max_output_bytes, 4096);
	ck_assert_int_eq(o.render.verbosity, 0);
	ck_assert_int_eq(o.render.perfdata, PERFDATA_PLAIN);
	ck_assert_int_eq(o.family, FAMILY_ANY);
	ck_assert_int_eq(o.unreachable_state, STATE_UNKNOWN);
	ck_assert_int_eq(o.timeout_state, STATE_UNKNOWN);
	ck_assert_uint_eq(o.min_certs, 1);
	ck_assert_str_eq(o.state_dir, CHECK_CERTS_STATE_DIR);
	ck_assert(!o.has_at && !options_are_quick(&o));
	ck_assert(!o.limits.warning.has_time && !o.limits.critical.has_time);
	options_clear(&o);
}
END_TEST

START_TEST(takes_short_forms)
{
	struct options o;

	parse_good("-f /c -T a,b -w 60 -c 12h -t 5 -o json -vv -v -6", &o);
	ck_assert_str_eq(o.conf_path, "/c");
	ck_assert_str_eq(o.targets, "a,b");
	ck_assert_int_eq(o.limits.warning.time_s, 60 * DAY_S);
	ck_assert_int_eq(o.limits.critical.time_s, DAY_S / 2);
	ck_assert_int_eq(o.timeout_s, 5);
	ck_assert_str_eq(o.renderer->name, "json");
	ck_assert_int_eq(o.render.verbosity, 3);
	ck_assert_int_eq(o.family, FAMILY_6);
	options_clear(&o);
}
END_TEST

START_TEST(takes_long_forms)
{
	struct options o;

	parse_good("--warning=60 --critical 7 --ca-warning=25% --ca-critical=20 "
	    "--unreachable-state=critical --timeout-state 0 --min-certs=12 --perfdata=each "
	    "--max-output=8192 --state-dir=/var/tmp", &o);
	ck_assert_int_eq(o.limits.warning.time_s, 60 * DAY_S);
	ck_assert(o.limits.ca_warning.has_percent);
	ck_assert_int_eq(o.limits.ca_critical.time_s, 20 * DAY_S);
	ck_assert_int_eq(o.unreachable_state, STATE_CRITICAL);
	ck_assert_int_eq(o.timeout_state, STATE_OK);
	ck_assert_uint_eq(o.min_certs, 12);
	ck_assert_int_eq(o.render.perfdata, PERFDATA_EACH);
	ck_assert_uint_eq(o.render.max_output_bytes, 8192);
	ck_assert_str_eq(o.state_dir, "/var/tmp");
	options_clear(&o);
}
END_TEST

START_TEST(takes_quick_targets)
{
	struct options o;

	parse_good("-H a -H b:8443 --hostname ::1 -p 444 --file x.pem y.pem z.pem --nsx https://n "
	    "--credentials c --ca-file d --pin-sha256 e", &o);
	ck_assert(options_are_quick(&o));
	ck_assert_uint_eq(o.hosts.n, 3);
	ck_assert_str_eq(o.hosts.v[1], "b:8443");
	ck_assert_int_eq(o.port, 444);
	ck_assert_uint_eq(o.files.n, 3);
	ck_assert_str_eq(o.files.v[2], "z.pem");
	ck_assert_str_eq(o.nsx_url, "https://n");
	ck_assert_str_eq(o.credentials, "c");
	ck_assert_str_eq(o.ca_file, "d");
	ck_assert_uint_eq(o.pins.n, 1);
	options_clear(&o);
}
END_TEST

static const struct { const char *words; bool is_relative; int64_t at_s; } times[] = {
	{ "--at 2026-11-25T04:00:00Z", false, INT64_C(1795579200) },
	{ "--at 2026-11-25", false, INT64_C(1795564800) },
	{ "--at +90d", true, 90 * DAY_S },
	{ "--at=+0s", true, 0 },
};

START_TEST(takes_a_time)
{
	struct options o;

	parse_good(times[_i].words, &o);
	ck_assert(o.has_at);
	ck_assert_int_eq(o.at_is_relative, times[_i].is_relative);
	ck_assert_int_eq(o.at_s, times[_i].at_s);
	options_clear(&o);
}
END_TEST

static const struct { const char *words; enum action action; } actions[] = {
	{ "--help", ACTION_HELP },
	{ "-h -V", ACTION_HELP },
	{ "-V --help", ACTION_HELP },
	{ "-V", ACTION_VERSION },
	{ "--list --file x", ACTION_LIST },
	{ "--check-config -f x", ACTION_CHECK_CONFIG },
	{ "--credentials x --help", ACTION_HELP },
};

START_TEST(knows_what_to_do)
{
	struct options o;

	parse_good(actions[_i].words, &o);
	ck_assert_int_eq(o.action, actions[_i].action);
	options_clear(&o);
}
END_TEST

static const struct { const char *words, *problem; } bad[] = {
	{ "--frobnicate", "unknown option --frobnicate" },
	{ "--password=hunter2", "unknown option --password" },
	{ "-x", "unknown option -x" },
	{ "-w", "--warning needs a value" },
	{ "--warning", "--warning needs a value" },
	{ "--list=yes", "--list takes no value" },
	{ "--ca", "unknown option --ca" },             /* three options begin so */
	{ "leftover", "unexpected argument \"leftover\"" },
	{ "-w 10:5", "--warning: " },
	{ "-w ''", "--warning: " },
	{ "-c 1 0", "unexpected argument" },
	{ "--critical 0x10", "--critical: \"0x10\"" },
	{ "--ca-warning nan", "--ca-warning: \"nan\"" },
	{ "-t 0", "--timeout: want" },
	{ "-t 3601", "--timeout: want" },
	{ "-t 10s", "--timeout: want" },
	{ "-t ''", "--timeout: want" },
	{ "-t 9999999999999999999", "--timeout: want" },
	{ "-H a -p 0", "--port: want a port" },
	{ "-H a -p 65536", "--port: want a port" },
	{ "-p 443", "--port is for -H" },
	{ "-H ''", "--hostname: the value is empty" },
	{ "-f ''", "--config: the value is empty" },
	{ "-o yaml", "there is no format \"yaml\": there is text, json" },
	{ "--perfdata some", "--perfdata: want plain, each or none" },
	{ "--max-output 511", "--max-output: want" },
	{ "--max-output 1048577", "--max-output: want" },
	{ "--min-certs 0", "--min-certs: want" },
	{ "--unreachable-state 4", "--unreachable-state: want ok" },
	{ "--timeout-state bad", "--timeout-state: want ok" },
	{ "--at tomorrow", "--at: want a time" },
	{ "--at 2026-02-30", "--at: want a time" },
	{ "--at +90", "--at: want a time" },
	{ "--at +", "--at: want a time" },
	{ "--at +99999999999y", "--at: want a time" },
	{ "--at -5d", "--at: want a time" },
	{ "--credentials c", "are for --nsx and --opsman" },
	{ "-H a --ca-file c", "are for --nsx and --opsman" },
	{ "--nsx a --opsman b --pin-sha256 c", "would be for both" },
	{ "--check-config -H a", "--check-config reads a configuration file" },
	{ "--extra-opt=x", "--extra-opts must be written in full" },
};

START_TEST(refuses)
{
	struct options o;
	struct err e = { 0 };

	ck_assert_msg(parse(bad[_i].words, &o, &e) == -1, "%s was taken", bad[_i].words);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_msg(strstr(e.text, bad[_i].problem) != NULL, "%s: %s", bad[_i].words, e.text);
	options_clear(&o);
}
END_TEST

/* Who takes another plugin's options for ours shall not read a password in
 * the monitoring. */
START_TEST(tells_no_secret)
{
	static const char *const words[] = { "--password=hunter2", "-H a -p hunter2", "-xhunter2" };
	struct options o;
	struct err e = { 0 };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		ck_assert_int_eq(parse(words[i], &o, &e), -1);
		ck_assert_msg(strstr(e.text, "hunter2") == NULL, "%s", e.text);
		options_clear(&o);
	}
}
END_TEST

/* The paths are whatever the build was configured with, and as long. */
static bool has_path(const char *line, size_t n)
{
	const char *conf = strstr(line, CHECK_CERTS_CONF),
		   *dir = strstr(line, CHECK_CERTS_STATE_DIR);

	return (conf != NULL && conf < line + n) || (dir != NULL && dir < line + n);
}

START_TEST(help_is_narrow)
{
	struct buf help;
	size_t lines = 0;

	buf_init(&help, 65536);
	options_help(&help);
	for (const char *at = buf_str(&help); *at != '\0'; lines++) {
		size_t n = strcspn(at, "\n");

		ck_assert_msg(n <= 80 || has_path(at, n), "%.*s", (int)n, at);
		ck_assert_msg(n == 0 || at[n - 1] != ' ', "a blank at the end: %.*s", (int)n, at);
		at += n + (at[n] == '\n');
	}
	ck_assert_uint_gt(lines, 40);
	buf_clear(&help);
}
END_TEST

START_TEST(usage_is_short)
{
	struct buf usage;
	size_t lines = 0;

	buf_init(&usage, 65536);
	options_usage(&usage);
	for (const char *at = buf_str(&usage); *at != '\0'; lines++) {
		size_t n = strcspn(at, "\n");

		ck_assert_uint_le(n, 80);
		at += n + (at[n] == '\n');
	}
	ck_assert_uint_le(lines, 4);
	buf_clear(&usage);
}
END_TEST

static void count_row(void *ctx, char letter, const char *name, const char *arg)
{
	size_t *seen = ctx;

	(void)arg;
	ck_assert_msg(letter == 0 || seen[(unsigned char)letter]++ == 0, "-%c twice", letter);
	ck_assert_uint_gt(strlen(name), 1);
}

START_TEST(no_letter_twice)
{
	size_t seen[256] = { 0 };

	options_each(count_row, seen);
	for (const char *letter = "fTwctovHp46Vh"; *letter != '\0'; letter++)
		ck_assert_msg(seen[(unsigned char)*letter] == 1, "-%c is missing", *letter);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("options");
	TCase *t = tcase_create("options");

	tcase_add_test(t, has_defaults);
	tcase_add_test(t, takes_short_forms);
	tcase_add_test(t, takes_long_forms);
	tcase_add_test(t, takes_quick_targets);
	tcase_add_loop_test(t, takes_a_time, 0, UNIT_ROWS(times));
	tcase_add_loop_test(t, knows_what_to_do, 0, UNIT_ROWS(actions));
	tcase_add_loop_test(t, refuses, 0, UNIT_ROWS(bad));
	tcase_add_test(t, tells_no_secret);
	tcase_add_test(t, help_is_narrow);
	tcase_add_test(t, usage_is_short);
	tcase_add_test(t, no_letter_twice);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
