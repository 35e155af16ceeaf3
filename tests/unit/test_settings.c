/* test_settings.c - command line and configuration file together. */
#include "plugins/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define DAY_S INT64_C(86400)
#define WORDS_MAX 32
#define TWO "[tls a]\nendpoint = a\n[nsx prod]\nurl = https://nsx.example\nwarning = 60\n"

/* Words parted by blanks; "@" stands for a file with this text. */
static int load(const char *words, const char *conf_text, struct conf *c, struct buf *problems)
{
	char text[512], path[256] = "", *argv[WORDS_MAX] = { text };
	struct options o;
	struct err e = { 0 };
	int argc = 1, failed;

	if (conf_text != NULL)
		snprintf(path, sizeof path, "%s", scratch_text("c.conf", conf_text, 0600));
	snprintf(text, sizeof text, "%s", words);
	for (char *at = strtok(text, " "); at != NULL; at = strtok(NULL, " "))
		argv[argc++] = strcmp(at, "@") == 0 ? path : at;
	ck_assert_msg(options_parse(argc, argv, &o, &e) == 0, "%s", e.text);
	conf_init(c);
	buf_init(problems, 65536);
	failed = settings_load(&o, c, problems);
	ck_assert_msg((failed == 0) == (problems->len == 0), "%d: %s", failed, buf_str(problems));
	options_clear(&o);
	return failed;
}

/* What is polled, "kind name where" parted by commas. */
static const struct { const char *words, *conf, *targets; } good[] = {
	{ "-H host", NULL, "tls tls host:443" },
	{ "-H host -p 8443 -H other:1 -H ::1", NULL, "tls tls host:8443 other:1 [::1]:8443" },
	{ "--file a.pem b*.pem", NULL, "files files a.pem b*.pem" },
	{ "--nsx https://nsx.example/", NULL, "nsx nsx.example https://nsx.example" },
	{ "--nsx https://10.0.0.1:8443 --opsman https://10.0.0.1", NULL,
	  "nsx 10.0.0.1_8443 https://10.0.0.1:8443, opsman 10.0.0.1 https://10.0.0.1" },
	{ "--nsx https://[2001:db8::1]", NULL, "nsx 2001_db8__1_ https://[2001:db8::1]" },
	{ "-H h --file f", NULL, "tls tls h:443, files files f" },
	{ "-f @", TWO, "tls a a:443, nsx prod https://nsx.example" },
	{ "-f @ -T prod", TWO, "nsx prod https://nsx.example" },
	{ "-f @ --file f -T files,a", TWO, "tls a a:443, files files f" },
	{ "-f @ --file f", "[thresholds]\nwarning = 40\n", "files files f" },
};

static void describe(const struct conf *c, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_targets; i++) {
		const struct target *t = &c->targets[i];

		n += (size_t)snprintf(out + n, room - n, "%s%s %s", i > 0 ? ", " : "",
		    source_kind_name(t->kind), t->name);
		if (t->url != NULL)
			n += (size_t)snprintf(out + n, room - n, " %s", t->url);
		for (size_t j = 0; j < t->n_endpoints; j++)
			n += (size_t)snprintf(out + n, room - n, " %s", t->endpoints[j]);
		for (size_t j = 0; j < t->n_paths; j++)
			n += (size_t)snprintf(out + n, room - n, " %s", t->paths[j]);
		ck_assert_uint_lt(n, room);
	}
}

START_TEST(loads)
{
	struct conf c;
	struct buf problems;
	char targets[512] = "";

	ck_assert_msg(load(good[_i].words, good[_i].conf, &c, &problems) == 0, "%s",
	    buf_str(&problems));
	describe(&c, targets, sizeof targets);
	ck_assert_str_eq(targets, good[_i].targets);
	buf_clear(&problems);
	conf_clear(&c);
}
END_TEST

static const struct { const char *words, *conf, *problem;
} bad[] = {
	{ "-f /nonexistent/x", NULL, "cannot open /nonexistent/x" },
	{ "-f @", "", "c.conf has no target" },
	{ "-f @", "[nsx a]\n", ":1: section \"nsx a\" needs the key \"url\"" },
	{ "-f @ -T b", TWO, "--target: there is no target \"b\": there is a, prod" },
	{ "-f @ --nsx https://prod", TWO, "there is a target \"prod\" already" },
	{ "-f @ -c 61", TWO, "for a: give both" },
	{ "--nsx https://a --opsman https://a", NULL, "there is a target \"a\" already" },
	{ "-H a:b", NULL, "--hostname: want HOST" },
	{ "--nsx http://a", NULL, "--nsx: url: want https://" },
	{ "--opsman a", NULL, "--opsman: url: want https://" },
	{ "--nsx https://a --pin-sha256 00", NULL, "--pin-sha256: pin_sha256: want the SHA-256" },
	{ "-H a -w 5", NULL,
	    "the limits of --critical and --warning would be the wrong way round for tls" },
};

START_TEST(refuses)
{
	struct conf c;
	struct buf problems;

	ck_assert_int_eq(load(bad[_i].words, bad[_i].conf, &c, &problems), -1);
	ck_assert_msg(strstr(buf_str(&problems), bad[_i].problem) != NULL, "%s",
	    buf_str(&problems));
	buf_clear(&problems);
	conf_clear(&c);
}
END_TEST

START_TEST(applies_switches)
{
	struct conf c;
	struct buf problems;

	ck_assert_int_eq(load(
		"-f @ -w 50 -c 3 --unreachable-state 2 --timeout-state 1 --min-certs 9 --at +1d -6",
		TWO, &c, &problems),
	    0);
	ck_assert_int_eq(c.policy.unreachable_state, STATE_CRITICAL);
	ck_assert_int_eq(c.policy.timeout_state, STATE_WARNING);
	ck_assert_uint_eq(c.policy.min_certs, 9);
	ck_assert(c.policy.clock_is_given);
	ck_assert_int_eq(c.policy.limits.warning.time_s, 50 * DAY_S);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(c.targets[i].family, FAMILY_6);
		ck_assert_int_eq(c.policy.targets[i].limits.warning.time_s, 50 * DAY_S);
		ck_assert_int_eq(c.policy.targets[i].limits.critical.time_s, 3 * DAY_S);
		ck_assert_int_eq(c.policy.targets[i].limits.ca_warning.time_s, 90 * DAY_S);
	}
	buf_clear(&problems);
	conf_clear(&c);
}
END_TEST

START_TEST(sets_trust_of_a_quick_target)
{
	struct conf c;
	struct buf problems;

	ck_assert_int_eq(load("--opsman https://om --credentials cr --ca-file ca.pem --pin-sha256 "
			      "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
			     NULL, &c, &problems),
	    0);
	ck_assert_str_eq(c.targets[0].credentials_path, "cr");
	ck_assert_str_eq(c.targets[0].trust.ca_file, "ca.pem");
	ck_assert_uint_eq(c.targets[0].trust.n_pins, 1);
	ck_assert_uint_eq(c.targets[0].trust.pins[0][10], 0xaa);
	buf_clear(&problems);
	conf_clear(&c);
}
END_TEST

/* --- pins that the worker publishes --------------------------------------------------- */

#define OLD "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NEW "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define PINNED "[nsx prod]\nurl = https://nsx.example\npin_sha256 = " OLD "\n" \
	"[nsx other]\nurl = https://other.example\n"
#define FACTS(target, pins) "{\"schema\":\"certs_facts/1\",\"target\":\"" target "\"," \
	"\"worker_seen_at\":\"2026-11-22T00:00:00Z\",\"pins\":[" pins "],\"run\":null," \
	"\"breaker\":\"closed\"}\n"

static void keep_line(void *ctx, int level, const char *text)
{
	ck_assert_int_eq(level, TRACE_REQUEST);
	snprintf(ctx, 512, "%s", text);
}

static const struct { const char *facts; unsigned mode; size_t n_pins; const char *said; } published[] = {
	{ NULL, 0, 1, "" },
	{ FACTS("prod", ""), 0644, 1, "" },
	{ FACTS("prod", "\"" OLD "\""), 0644, 1, "" },
	{ FACTS("prod", "\"" OLD "\",\"" NEW "\""), 0644, 2, "" },
	{ FACTS("prod", "\"" NEW "\""), 0664, 1, "prod: no pins of a change that goes on: " },
	{ FACTS("prod", "\"" NEW "\""), 0646, 1, "can be changed by others" },
	{ FACTS("other", "\"" NEW "\""), 0644, 1, "is about another target" },
	{ FACTS("prod", "\"" NEW "\",\"12\""), 0644, 1, "want 64 hex digits" },
	{ "garbage", 0644, 1, "/public/prod.json: not JSON" },
};

START_TEST(adds_published_pins)
{
	char said[512] = "";
	const struct trace trace = { .level = TRACE_REQUEST, .line = keep_line, .ctx = said };
	struct conf c;
	struct buf problems;

	ck_assert_int_eq(chmod(scratch_path("."), 0700), 0);
	ck_assert(mkdir(scratch_path("public"), 0755) == 0 || errno == EEXIST);
	unlink(scratch_path("public/prod.json"));
	if (published[_i].facts != NULL)
		scratch_text("public/prod.json", published[_i].facts, published[_i].mode);
	ck_assert_int_eq(load("-f @", PINNED, &c, &problems), 0);
	settings_add_facts(scratch_path("."), &c, &trace);
	ck_assert_uint_eq(c.targets[0].trust.n_pins, published[_i].n_pins);
	ck_assert_uint_eq(c.targets[0].trust.pins[0][1], 0x11);
	if (published[_i].n_pins > 1)
		ck_assert_uint_eq(c.targets[0].trust.pins[1][1], 0xee);
	ck_assert_msg(published[_i].said[0] == '\0' ? said[0] == '\0' :
	    strstr(said, published[_i].said) != NULL, "%s", said);
	unlink(scratch_path("public/prod.json"));
	buf_clear(&problems);
	conf_clear(&c);
}
END_TEST

/* What is trusted by a CA is not suddenly trusted by a pin. */
START_TEST(adds_no_pin_where_there_is_none)
{
	struct conf c;
	struct buf problems;

	ck_assert(mkdir(scratch_path("public"), 0755) == 0 || errno == EEXIST);
	scratch_text("public/other.json", FACTS("other", "\"" NEW "\""), 0644);
	ck_assert_int_eq(load("-f @", PINNED, &c, &problems), 0);
	settings_add_facts(scratch_path("."), &c, NULL);
	ck_assert_uint_eq(c.targets[1].trust.n_pins, 0);
	unlink(scratch_path("public/other.json"));
	buf_clear(&problems);
	conf_clear(&c);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("settings");
	TCase *t = tcase_create("settings");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_add_loop_test(t, loads, 0, UNIT_ROWS(good));
	tcase_add_loop_test(t, refuses, 0, UNIT_ROWS(bad));
	tcase_add_test(t, applies_switches);
	tcase_add_test(t, sets_trust_of_a_quick_target);
	tcase_add_loop_test(t, adds_published_pins, 0, UNIT_ROWS(published));
	tcase_add_test(t, adds_no_pin_where_there_is_none);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
