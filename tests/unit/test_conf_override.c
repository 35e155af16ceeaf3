/* test_conf_override.c - what the command line may set, select and override. */
#include "lib/conf.h"

#include <stdlib.h>
#include <string.h>
#include "tests/unit/conf_text.h"
#include "tests/unit/unit.h"

#define DAY_S INT64_C(86400)

START_TEST(sets_one_value)
{
	struct conf c;
	struct target *t;
	struct err e = { 0 };

	conf_init(&c);
	t = conf_add_target(&c, SOURCE_FILES, "files");
	ck_assert_int_eq(conf_set_target(t, NULL, "path", "relative/*.pem", &e), 0);
	ck_assert_str_eq(t->paths[0], "relative/*.pem");
	ck_assert_int_eq(conf_set_target(t, NULL, "url", "https://a", &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_int_eq(conf_set_target(t, NULL, "warning", "30", &e), -1);
	ck_assert_int_eq(conf_set_target(t, &c.policy.targets[0].limits, "warning", "60", &e), 0);
	ck_assert_int_eq(c.policy.targets[0].limits.warning.time_s, 60 * DAY_S);
	t = conf_add_target(&c, SOURCE_NSX, "nsx");
	ck_assert_int_eq(t->probe, PROBE_YES);
	ck_assert_int_eq(conf_set_target(t, NULL, "unused", "same", &e), -1);
	ck_assert_int_eq(conf_set_target(t, NULL, "url", "http://a", &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	conf_clear(&c);
}
END_TEST

#define FOUR "[tls a]\nendpoint=a\n[tls b]\nendpoint=b\n[tls c]\nendpoint=c\n[tls d]\nendpoint=d\n"

static const struct { const char *names, *kept, *problem; } selections[] = {
	{ "a", "a", NULL },
	{ "d,b", "bd", NULL },
	{ "b,b", "b", NULL },
	{ "a,b,c,d", "abcd", NULL },
	{ "e", NULL, "there is no target \"e\": there is a, b, c, d" },
	{ "", NULL, "there is no target \"\"" },
	{ "a,", NULL, "there is no target \"\"" },
	{ "a,bb", NULL, "there is no target \"bb\"" },
};

START_TEST(selects_targets)
{
	struct conf c;
	struct err e = { 0 };
	char kept[8] = "";
	int failed;

	conf_good(FOUR, &c);
	failed = conf_select(&c, selections[_i].names, &e);
	ck_assert_int_eq(failed, selections[_i].kept != NULL ? 0 : -1);
	if (failed) {
		ck_assert_ptr_nonnull(strstr(e.text, selections[_i].problem));
	} else {
		for (size_t i = 0; i < c.n_targets; i++) {
			strcat(kept, c.targets[i].name);
			ck_assert_str_eq(c.targets[i].name, c.policy.targets[i].source);
		}
		ck_assert_uint_eq(c.n_targets, c.policy.n_targets);
		ck_assert_str_eq(kept, selections[_i].kept);
	}
	conf_clear(&c);
}
END_TEST

START_TEST(the_command_line_beats_every_section)
{
	struct conf c;
	struct err e = { 0 };
	struct limits given = { 0 };

	conf_good("[tls a]\nendpoint = a\nwarning = 60\ncritical = 20\n[tls b]\nendpoint = b\n",
	    &c);
	ck_assert_int_eq(limit_parse("40", "--warning", &given.warning, &e), 0);
	ck_assert_int_eq(conf_override_limits(&c, &given, &e), 0);
	ck_assert_int_eq(c.policy.targets[0].limits.warning.time_s, 40 * DAY_S);
	ck_assert_int_eq(c.policy.targets[0].limits.critical.time_s, 20 * DAY_S);
	ck_assert_int_eq(c.policy.targets[1].limits.warning.time_s, 40 * DAY_S);
	ck_assert_int_eq(limit_parse("15", "--warning", &given.warning, &e), 0);
	ck_assert_int_eq(conf_override_limits(&c, &given, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "for a: give both"));
	ck_assert_int_eq(limit_parse("5", "--critical", &given.critical, &e), 0);
	ck_assert_int_eq(conf_override_limits(&c, &given, &e), 0);
	conf_clear(&c);
}
END_TEST

static const struct { const char *s; unsigned port; const char *out; } endpoints[] = {
	{ "host", 443, "host:443" },
	{ "host", 8443, "host:8443" },
	{ "host:1", 443, "host:1" },
	{ "192.0.2.1:65535", 443, "192.0.2.1:65535" },
	{ "::1", 443, "[::1]:443" },
	{ "2001:DB8::1", 9, "[2001:DB8::1]:9" },
	{ "[::1]:8443", 443, "[::1]:8443" },
	{ "::ffff:192.0.2.1", 443, "[::ffff:192.0.2.1]:443" },
	{ "a_b-c.example", 443, "a_b-c.example:443" },
	{ "", 443, NULL },
	{ "a:", 443, NULL },
	{ "a:x", 443, NULL },
	{ "a:1x", 443, NULL },
	{ "[]:443", 443, NULL },
	{ "[::1]x", 443, NULL },
	{ "a:1:2", 443, NULL },
	{ "user@a", 443, NULL },
	{ "a/b", 443, NULL },
};

START_TEST(reads_endpoints)
{
	char *out;
	struct err e = { 0 };
	int failed = conf_endpoint(endpoints[_i].s, endpoints[_i].port, &out, &e);

	if (endpoints[_i].out == NULL) {
		ck_assert_int_eq(failed, -1);
		ck_assert_ptr_null(out);
		ck_assert_int_eq(e.code, ERR_USAGE);
	} else {
		ck_assert_int_eq(failed, 0);
		ck_assert_str_eq(out, endpoints[_i].out);
	}
	free(out);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("conf_override");
	TCase *t = tcase_create("conf_override");

	tcase_add_test(t, sets_one_value);
	tcase_add_loop_test(t, selects_targets, 0, UNIT_ROWS(selections));
	tcase_add_test(t, the_command_line_beats_every_section);
	tcase_add_loop_test(t, reads_endpoints, 0, UNIT_ROWS(endpoints));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
