/* test_remediate_options.c - the command line of the handler: what it means,
 * and what it must not. */
#include "remediate/command.h"

#include <stdio.h>
#include <string.h>
#include "tests/unit/unit.h"

#define WORDS_MAX 32
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Parses words parted by blanks; "''" is an empty word. */
static int parse(const char *words, struct command *c, struct err *e)
{
	static char text[1024];   /* the command borrows from it */
	char *argv[WORDS_MAX] = { text };
	int argc = 1, n = snprintf(text, sizeof text, "remediate_certs %s", words);

	ck_assert(n > 0 && (size_t)n < sizeof text);
	for (char *at = strchr(text, ' '); at != NULL && at[1] != '\0'; at = strchr(at + 1, ' ')) {
		*at = '\0';
		ck_assert_int_lt(argc, WORDS_MAX - 1);
		argv[argc++] = at[1] == '\'' ? strchr(text, '\0') : at + 1;
	}
	return command_parse(argc, argv, c, e);
}

static void parse_good(const char *words, struct command *c)
{
	struct err e = { 0 };

	ck_assert_msg(parse(words, c, &e) == 0, "%s: %s", words, e.text);
}

START_TEST(takes_an_event)
{
	struct command c;

	parse_good("event --target prod --state CRITICAL --state-type HARD --attempt 3 --host h "
	    "--service s --problem-id 12 --downtime 1 --last-state OK --max-attempts 3 "
	    "--changed 1795305600 --event-id 9", &c);
	ck_assert_int_eq(c.id, COMMAND_EVENT);
	ck_assert_str_eq(c.target, "prod");
	ck_assert_str_eq(c.state, "CRITICAL");
	ck_assert_str_eq(c.state_type, "HARD");
	ck_assert_int_eq(c.attempt, 3);
	ck_assert_str_eq(c.host, "h");
	ck_assert_str_eq(c.service, "s");
	ck_assert_str_eq(c.problem_id, "12");
	ck_assert_int_eq(c.downtime, 1);
	ck_assert_str_eq(c.conf_path, CHECK_CERTS_CONF);
	ck_assert_str_eq(c.state_dir, CHECK_CERTS_STATE_DIR);
}
END_TEST

/* What the daemon has no value for is not given, whichever way it says so. */
START_TEST(takes_macros_without_a_value)
{
	struct command c;

	parse_good("event --target prod --state $SERVICESTATE$ --state-type $service.state_type$ "
	    "--host= --service= --attempt $SERVICEATTEMPT$ --downtime= --problem-id $", &c);
	ck_assert_ptr_null(c.state);
	ck_assert_ptr_null(c.state_type);
	ck_assert_ptr_null(c.host);
	ck_assert_ptr_null(c.service);
	ck_assert_int_eq(c.attempt, -1);
	ck_assert_int_eq(c.downtime, -1);
	ck_assert_str_eq(c.problem_id, "$");
}
END_TEST

static const struct { const char *words; enum command_id id; int64_t run; } good[] = {
	{ "request -T prod --procedure nsx-apply --reason audit", COMMAND_REQUEST, 0 },
	{ "plan --target prod -o json", COMMAND_PLAN, 0 },
	{ "-f /c --state-dir /s plan -o text --target=prod", COMMAND_PLAN, 0 },
	{ "run", COMMAND_RUN, 0 },
	{ "run --all --once -vvv", COMMAND_RUN, 0 },
	{ "run --target prod", COMMAND_RUN, 0 },
	{ "approve 7 --plan " HASH, COMMAND_APPROVE, 7 },
	{ "approve --plan " HASH " 7", COMMAND_APPROVE, 7 },
	{ "abandon 9223372036854775807", COMMAND_ABANDON, INT64_MAX },
	{ "retry 1", COMMAND_RETRY, 1 },
	{ "pause", COMMAND_PAUSE, 0 },
	{ "resume -T prod", COMMAND_RESUME, 0 },
	{ "status --seen-within 15m --running-long 1d", COMMAND_STATUS, 0 },
	{ "history -o json", COMMAND_HISTORY, 0 },
};

START_TEST(takes_every_subcommand)
{
	struct command c;

	parse_good(good[_i].words, &c);
	ck_assert_int_eq(c.id, good[_i].id);
	ck_assert_int_eq(c.run, good[_i].run);
	ck_assert_int_eq(c.info, COMMAND_DOES);
}
END_TEST

START_TEST(takes_the_limits_of_status)
{
	struct command c;

	parse_good("status", &c);
	ck_assert_int_eq(c.seen_within_s, 3600);
	ck_assert_int_eq(c.running_s, 4 * 3600);
	ck_assert(!c.json);
	parse_good("status --seen-within 15m --running-long 90 -o json", &c);
	ck_assert_int_eq(c.seen_within_s, 900);
	ck_assert_int_eq(c.running_s, 90);
	ck_assert(c.json);
}
END_TEST

static const struct { const char *words, *reason; } bad[] = {
	{ "", "which subcommand?" },
	{ "-v", "which subcommand?" },
	{ "apply", "no subcommand \"apply\"" },
	{ "event --state CRITICAL", "event needs --target" },
	{ "event --target $_SERVICECERTS$", "event needs --target" },
	{ "event --target prod --attempt three", "--attempt: want a whole number" },
	{ "event --target prod --downtime -1", "--downtime: want a whole number" },
	{ "event --target prod --output text", "--output is not for event" },
	{ "event --target prod extra", "unexpected argument \"extra\"" },
	{ "event --target prod --password x", "unknown option --password" },
	{ "event --target prod --password=geheim", "unknown option --password" },
	{ "event -q", "unknown option -q" },
	{ "event --target", "--target needs a value" },
	{ "run --once=1", "--once takes no value" },
	{ "request --target prod --reason x", "needs --procedure" },
	{ "request --target prod --procedure nsx-apply", "needs --reason" },
	{ "request --procedure nsx-apply --reason x", "needs --target" },
	{ "request --target prod --procedure '' --reason x", "--procedure: the value is empty" },
	{ "plan", "plan needs --target" },
	{ "plan --target prod -o xml", "want text or json" },
	{ "run --all --target prod", "exclude each other" },
	{ "approve", "needs the number of a run" },
	{ "approve 7", "needs --plan" },
	{ "approve 7 --plan abc", "want the 64 hex digits" },
	{ "approve 7 --plan x" HASH, "want the 64 hex digits" },
	{ "approve 0 --plan " HASH, "want the number of a run, not \"0\"" },
	{ "approve x --plan " HASH, "want the number of a run" },
	{ "abandon 7 8", "unexpected argument \"8\"" },
	{ "abandon 7 --plan " HASH, "--plan is not for abandon" },
	{ "retry 7 --target prod", "--target is not for retry" },
	{ "pause 7", "unexpected argument \"7\"" },
	{ "status --seen-within soon", "want a duration" },
	{ "history --once", "--once is not for history" },
};

START_TEST(refuses)
{
	struct command c;
	struct err e = { 0 };

	ck_assert_int_eq(parse(bad[_i].words, &c, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_msg(strstr(e.text, bad[_i].reason) != NULL, "%s: %s", bad[_i].words, e.text);
	ck_assert_msg(strstr(e.text, "geheim") == NULL, "%s", e.text);
}
END_TEST

START_TEST(help_wins)
{
	struct command c;

	parse_good("-V -h", &c);
	ck_assert_int_eq(c.info, COMMAND_HELP);
	parse_good("nonsense --help --version", &c);
	ck_assert_int_eq(c.info, COMMAND_HELP);
	parse_good("--version", &c);
	ck_assert_int_eq(c.info, COMMAND_VERSION);
}
END_TEST

static void check_width(const struct buf *text)
{
	for (const char *at = buf_str(text); *at != '\0'; at += strcspn(at, "\n") + 1)
		ck_assert_msg(strcspn(at, "\n") <= 80, "%.*s", (int)strcspn(at, "\n"), at);
}

static void check_in_help(void *ctx, const char *name, const char *help)
{
	char start[64];

	(void)help;
	snprintf(start, sizeof start, "\n  %-9s", name);
	ck_assert_msg(strstr(buf_str(ctx), start) != NULL, "--help lacks %s", name);
	snprintf(start, sizeof start, " remediate_certs %s ", name);
	ck_assert_msg(strstr(buf_str(ctx), start) != NULL, "the usage lacks %s", name);
}

START_TEST(tells_how_it_is_called)
{
	struct buf help;

	buf_init(&help, 65536);
	command_help(&help);
	check_width(&help);
	command_each(check_in_help, &help);
	buf_clear(&help);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("remediate_options");
	TCase *t = tcase_create("remediate_options");

	tcase_add_test(t, takes_an_event);
	tcase_add_test(t, takes_macros_without_a_value);
	tcase_add_loop_test(t, takes_every_subcommand, 0, UNIT_ROWS(good));
	tcase_add_test(t, takes_the_limits_of_status);
	tcase_add_loop_test(t, refuses, 0, UNIT_ROWS(bad));
	tcase_add_test(t, help_wins);
	tcase_add_test(t, tells_how_it_is_called);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
