/* test_conf.c - the configuration file: what it says, and what it must not. */
#include "lib/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/conf_text.h"
#include "tests/unit/unit.h"

#define DAY_S INT64_C(86400)
#define NSX "[nsx prod]\nurl = https://nsx.example\n"
#define OPSMAN "[opsman tas]\nurl = https://opsman.example\n"
#define IGNORE "[ignore x]\nreason = gone\nuntil = 2027-01-31\n"

static const char sample[] =
	"\xEF\xBB\xBF; the shape of the manual\n"
	"[thresholds]                        ; defaults\n"
	"warning     = 30                    ; days\n"
	"critical    = 7\n"
	"  ca_warning  = 90\n"
	"\tca_critical = 30\r\n"
	"\n"
	"[nsx prod]\n"
	"url         = HTTPS://nsx.example/\n"
	"credentials = /etc/check_certs/credentials.d/prod   ; username=/password=\n"
	"ca_file     = /etc/check_certs/prod-ca.pem\n"
	"pin_sha256  = 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
	"pin_sha256  = 01:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
	"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff\n"
	"probe       = required\n"
	"unused = same\n"
	"validate = yes\n"
	"auth_retry = 2h\n"
	"warning = 45\n"
	"[opsman tas]\n"
	"url         = https://[2001:db8::1]:8443\n"
	"ca_critical = 25%\n"
	"[tls portal]\n"
	"endpoint    = portal.example:443    ; repeatable\n"
	"endpoint    = [::1]\n"
	"endpoint    = fe80::2\n"
	"endpoint    = other.example\n"
	"[files local]\n"
	"path        = /etc/ssl/private/*.pem\n"
	"path = /srv/a;b.pem\n"
	"[ignore old-lb]\n"
	"match       = sha256:AB:12:cd:34ef\n"
	"reason      = decommissioned with CHG-1234; see there\n"
	"until       = 2027-01-31\n"
	"[remediate prod]\n"
	"mode        = approve\n"
	"worker_host = mon1.example\n"
	"procedures  = nsx-apply,  nsx-batch-replace\n"
	"credentials = /etc/check_certs/credentials.d/prod-admin\n"
	"replacement = existing\n"
	"window      = Sat,Sun 02:00-06:00\n"
	"max_per_day = 3\n"
	"managed_by  = none\n"
	"[remediate tas]\n"
	"rotation_stale = 20d\n"
	"errands = all = but one\n"
	"rotation_needs = 3d\n";

START_TEST(reads_the_sample)
{
	struct conf c;
	const struct target *prod, *tas, *portal, *local;

	conf_good(sample, &c);
	ck_assert_uint_eq(c.n_targets, 4);
	prod = &c.targets[0];
	tas = &c.targets[1];
	portal = &c.targets[2];
	local = &c.targets[3];
	ck_assert_str_eq(prod->name, "prod");
	ck_assert_int_eq(prod->kind, SOURCE_NSX);
	ck_assert_str_eq(prod->url, "https://nsx.example");
	ck_assert_str_eq(prod->credentials_path, "/etc/check_certs/credentials.d/prod");
	ck_assert_str_eq(prod->trust.ca_file, "/etc/check_certs/prod-ca.pem");
	ck_assert_uint_eq(prod->trust.n_pins, 2);
	ck_assert_uint_eq(prod->trust.pins[0][1], 0x11);
	ck_assert_uint_eq(prod->trust.pins[1][0], 0x01);
	ck_assert_int_eq(prod->probe, PROBE_REQUIRED);
	ck_assert_int_eq(prod->auth_retry_s, 7200);
	ck_assert_str_eq(tas->url, "https://[2001:db8::1]:8443");
	ck_assert_int_eq(tas->probe, PROBE_NO);
	ck_assert_int_eq(tas->auth_retry_s, 3600);
	ck_assert_uint_eq(portal->n_endpoints, 4);
	ck_assert_str_eq(portal->endpoints[0], "portal.example:443");
	ck_assert_str_eq(portal->endpoints[1], "[::1]:443");
	ck_assert_str_eq(portal->endpoints[2], "[fe80::2]:443");
	ck_assert_str_eq(portal->endpoints[3], "other.example:443");
	ck_assert_uint_eq(local->n_paths, 2);
	ck_assert_str_eq(local->paths[0], "/etc/ssl/private/*.pem");
	ck_assert_str_eq(local->paths[1], "/srv/a;b.pem");
	conf_clear(&c);
}
END_TEST

START_TEST(fills_the_policy)
{
	struct conf c;
	const struct target_policy *prod, *tas;
	const struct ignore *ignore;

	conf_good(sample, &c);
	ck_assert_uint_eq(c.policy.n_targets, 4);
	prod = policy_for(&c.policy, "prod");
	tas = policy_for(&c.policy, "tas");
	ck_assert_ptr_nonnull(prod);
	ck_assert_ptr_nonnull(tas);
	ck_assert_int_eq(prod->limits.warning.time_s, 45 * DAY_S);
	ck_assert_int_eq(prod->limits.critical.time_s, 7 * DAY_S);
	ck_assert_int_eq(tas->limits.warning.time_s, 30 * DAY_S);
	ck_assert_int_eq(tas->limits.ca_warning.time_s, 90 * DAY_S);
	ck_assert(tas->limits.ca_critical.has_percent && !tas->limits.ca_critical.has_time);
	ck_assert(prod->unused_same);
	ck_assert(!tas->unused_same);
	ck_assert(prod->not_by_vcf);
	ck_assert(!tas->not_by_vcf);
	ck_assert(c.targets[0].validate);
	ck_assert_int_eq(prod->rotation_stale_s, 14 * DAY_S);
	ck_assert_int_eq(tas->rotation_stale_s, 20 * DAY_S);
	ck_assert_int_eq(prod->rotation_needs_s, 7 * DAY_S);
	ck_assert_int_eq(tas->rotation_needs_s, 3 * DAY_S);
	ck_assert_uint_eq(c.policy.n_ignores, 1);
	ignore = &c.policy.ignores[0];
	ck_assert_str_eq(ignore->label, "old-lb");
	ck_assert_int_eq(ignore->match, IGNORE_SHA256);
	ck_assert_str_eq(ignore->pattern, "ab12cd34ef");
	ck_assert_str_eq(ignore->reason, "decommissioned with CHG-1234; see there");
	ck_assert_int_eq(ignore->until_at, INT64_C(1801439999));   /* 2027-01-31T23:59:59Z */
	conf_clear(&c);
}
END_TEST

START_TEST(keeps_remediate_as_text)
{
	struct conf c;

	conf_good(sample, &c);
	ck_assert_uint_eq(c.n_remediates, 2);
	ck_assert_str_eq(c.remediates[0].target, "prod");
	ck_assert_uint_eq(c.remediates[0].n_pairs, 8);
	ck_assert_str_eq(c.remediates[0].pairs[2].key, "procedures");
	ck_assert_str_eq(c.remediates[0].pairs[2].value, "nsx-apply nsx-batch-replace");
	ck_assert_str_eq(c.remediates[1].pairs[1].key, "errands");
	ck_assert_str_eq(c.remediates[1].pairs[1].value, "all = but one");
	conf_clear(&c);
}
END_TEST

START_TEST(thresholds_may_come_last)
{
	struct conf c;

	conf_good(NSX "critical = 10\n" "[thresholds]\nwarning = 60\n", &c);
	ck_assert_int_eq(c.policy.targets[0].limits.warning.time_s, 60 * DAY_S);
	ck_assert_int_eq(c.policy.targets[0].limits.critical.time_s, 10 * DAY_S);
	ck_assert_int_eq(c.policy.targets[0].limits.ca_warning.time_s, 90 * DAY_S);
	conf_clear(&c);
}
END_TEST

/* Values that are taken; each stands in the section named. */
static const struct { const char *section, *key, *value; } good_values[] = {
	{ NSX "critical = 90m\n", "warning", "12h" },
	{ NSX, "warning", "30,25%" },
	{ NSX, "warning", "@0:30" },
	{ NSX, "probe", "no" },
	{ NSX, "auth_retry", "0s" },
	{ "[ignore x]\nreason = r\nuntil = 2020-02-29\n", "match", "id:77c5dc5c" },
	{ IGNORE, "match", "name:old-*" },
	{ IGNORE, "match", "issuer:*Example CA*" },
	{ IGNORE, "match", "service:CBM_CORFU" },
	{ IGNORE, "match", "sha256:ab12cd34" },
	{ NSX "[remediate prod]\n", "procedures", "" },
	{ NSX "[remediate prod]\n", "replacement", "existing:77c5" },
	{ NSX "[remediate prod]\n", "replacement", "pem:/a.pem  key:/a.key" },
	{ NSX "[remediate prod]\n", "replacement", "pem:/a.pem" },
	{ NSX "[remediate prod]\n", "replacement", "self-signed" },
	{ NSX "[remediate prod]\n", "replacement", "command:/usr/local/bin/sign" },
	{ NSX "[remediate prod]\n", "window", "02:00-06:00" },
	{ NSX "[remediate prod]\n", "window", "Mon-Fri,Sun 22:00-04:00" },
	{ NSX "[remediate prod]\n", "window", "sat 00:00-24:00" },
	{ NSX "[remediate prod]\n", "timezone", "UTC" },
	{ NSX "[remediate prod]\n", "start", "systemd" },
	{ NSX "[remediate prod]\n", "key_type", "ec:P-256" },
	{ NSX "[remediate prod]\n", "subject", "CN=nsx.example,O=Example" },
	{ NSX "[remediate prod]\n", "approvers", "_certs-approvers" },
	{ NSX "[remediate prod]\n", "poll_interval", "0s" },
	{ NSX "[remediate prod]\n", "managed_by", "none" },
	{ NSX "[remediate prod]\n", "global_manager", "prod" },
	{ OPSMAN "[remediate tas]\n", "recreate_vms", "yes" },
	{ OPSMAN "[remediate tas]\n", "procedures", "opsman-ca-rotation opsman-regenerate" },
	{ OPSMAN "[remediate tas]\nworker_host = m\n", "mode", "auto" },
};

START_TEST(takes_good_values)
{
	char text[512];
	struct conf c;

	snprintf(text, sizeof text, "%s%s = %s\n", good_values[_i].section, good_values[_i].key,
	    good_values[_i].value);
	conf_good(text, &c);
	conf_clear(&c);
}
END_TEST

START_TEST(tells_all_problems_in_order)
{
	static const char text[] =
		"[nsx a]\n"
		"probe = maybe\n"
		"[tls b]\n"
		"port = 1\n"
		"[remediate c]\n"
		"mode = auto\n";
	struct conf c;
	char *problems = conf_problems(text, strlen(text), &c);

	ck_assert_str_eq(problems,
	    "t.conf:1: section \"nsx a\" needs the key \"url\"\n"
	    "t.conf:2: probe: want one of yes|no|required|via-nsx, not \"maybe\"\n"
	    "t.conf:3: section \"tls b\" needs the key \"endpoint\"\n"
	    "t.conf:4: section \"tls\" has no key \"port\"\n"
	    "t.conf:5: there is no section \"nsx c\" or \"opsman c\" in this file\n");
	free(problems);
	conf_clear(&c);
}
END_TEST

START_TEST(tells_no_password)
{
	static const char text[] = "[nsx a]\nurl = https://u:hunter2@a\n"
	    "[nsx b]\nurl = http://u:hunter2@b\n";
	struct conf c;
	char *problems = conf_problems(text, strlen(text), &c);

	ck_assert_ptr_nonnull(problems);
	ck_assert_ptr_null(strstr(problems, "hunter2"));
	free(problems);
	conf_clear(&c);
}
END_TEST

START_TEST(one_refused_header_is_one_problem)
{
	static const char text[] = "[nsx a/b]\nurl = https://a\nnonsense = 1\n";
	struct conf c;
	char *problems = conf_problems(text, strlen(text), &c);

	ck_assert_ptr_nonnull(problems);
	ck_assert_ptr_null(strstr(problems, ":2:"));
	ck_assert_ptr_null(strstr(problems, ":3:"));
	free(problems);
	conf_clear(&c);
}
END_TEST

/* inih would cut the line, or join it to the one before. */
START_TEST(refuses_what_inih_would_change)
{
	char text[600] = NSX "ca_file = /";
	char *problems;
	struct conf c;

	memset(text + strlen(text), 'a', 250);
	strcat(text, "\nprobe = yes\n");
	problems = conf_problems(text, strlen(text), &c);
	ck_assert_ptr_nonnull(problems);
	ck_assert_ptr_nonnull(strstr(problems,
	    "t.conf:3: the line has 261 bytes, at most 199 are read"));
	ck_assert_ptr_null(strstr(problems, ":4:"));
	free(problems);
	conf_clear(&c);
	conf_good(NSX "    ca_file = /a\n    probe = no\n", &c);
	ck_assert_str_eq(c.targets[0].url, "https://nsx.example");
	ck_assert_str_eq(c.targets[0].trust.ca_file, "/a");
	ck_assert_int_eq(c.targets[0].probe, PROBE_NO);
	conf_clear(&c);
}
END_TEST

START_TEST(takes_the_longest_line)
{
	char text[600] = NSX "ca_file = /";
	struct conf c;

	memset(text + strlen(text), 'a', 199 - strlen("ca_file = /"));
	strcat(text, "\r\n; a comment may be longer ");
	memset(text + strlen(text), 'c', 220);
	strcat(text, "\nprobe = no");
	conf_good(text, &c);
	ck_assert_uint_eq(strlen(c.targets[0].trust.ca_file), 199 - strlen("ca_file = "));
	ck_assert_int_eq(c.targets[0].probe, PROBE_NO);
	conf_clear(&c);
}
END_TEST

START_TEST(refuses_nul_bytes)
{
	static const char text[] = NSX "probe = no\0 = yes\nunused = same\n";
	struct conf c;
	char *problems = conf_problems(text, sizeof text - 1, &c);

	ck_assert_str_eq(problems, "t.conf:3: a control character\n");
	free(problems);
	conf_clear(&c);
}
END_TEST

START_TEST(an_empty_file_has_no_target)
{
	struct conf c;

	conf_good("", &c);
	ck_assert_uint_eq(c.n_targets, 0);
	conf_clear(&c);
}
END_TEST

START_TEST(counts_problems_beyond_the_limit)
{
	char text[4096] = "";
	struct conf c;
	char *problems;

	for (int i = 0; i < CONF_PROBLEMS_MAX + 7; i++)
		strcat(text, "[x y]\n");
	problems = conf_problems(text, strlen(text), &c);
	ck_assert_ptr_nonnull(problems);
	ck_assert_ptr_nonnull(strstr(problems, "t.conf: and 7 more problems\n"));
	free(problems);
	conf_clear(&c);
}
END_TEST

START_TEST(many_sections_end_somewhere)
{
	size_t room = (CONF_SECTIONS_MAX + 2) * 64;
	char *text = malloc(room), *problems;
	size_t n = 0;
	struct conf c;

	for (int i = 0; i <= CONF_SECTIONS_MAX; i++)
		n += (size_t)snprintf(text + n, room - n, "[tls a%d]\nendpoint = a\n", i);
	problems = conf_problems(text, n, &c);
	ck_assert_str_eq(problems, "t.conf:10001: more than 5000 sections\n");
	ck_assert_uint_eq(c.n_targets, CONF_SECTIONS_MAX);
	free(problems);
	free(text);
	conf_clear(&c);
}
END_TEST

/* A default that the parser itself would refuse would be a lie in the manual. */
static void try_default(void *ctx, const char *section, const char *key, const char *type,
    const char *fallback, const char *help)
{
	const char *const targets[] = {
		"[nsx a]\nurl = https://a\n", "[opsman a]\nurl = https://a\n" };
	size_t *n = ctx;
	bool is_good = fallback == NULL;

	ck_assert(*section != '\0' && *key != '\0' && *type != '\0');
	ck_assert_msg(strlen(help) > 5, "%s has no help", key);
	++*n;
	for (size_t i = 0; i < 2 && !is_good; i++) {
		char text[512];
		struct conf c;
		char *problems;

		if (strcmp(section, "remediate") == 0)
			snprintf(text, sizeof text, "%s[remediate a]\n%s = %s\n", targets[i], key,
			    fallback);
		else if (strcmp(section, "thresholds") == 0)
			snprintf(text, sizeof text, "[thresholds]\n%s = %s\n", key, fallback);
		else
			snprintf(text, sizeof text, "[%s a]\nurl = https://a\nendpoint = a\n"
			    "path = /a\n%s = %s\n", section, key, fallback);
		problems = conf_problems(text, strlen(text), &c);
		/* of the three keys of the last form, two belong to other kinds */
		is_good = problems == NULL || strstr(problems, key) == NULL;
		free(problems);
		conf_clear(&c);
	}
	ck_assert_msg(is_good, "[%s] %s = %s", section, key, fallback);
}

START_TEST(the_table_is_complete)
{
	size_t n = 0;

	conf_each_key(try_default, &n);
	ck_assert_uint_gt(n, 60);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("conf");
	TCase *t = tcase_create("conf");

	tcase_add_test(t, reads_the_sample);
	tcase_add_test(t, fills_the_policy);
	tcase_add_test(t, keeps_remediate_as_text);
	tcase_add_test(t, thresholds_may_come_last);
	tcase_add_loop_test(t, takes_good_values, 0, UNIT_ROWS(good_values));
	tcase_add_test(t, tells_all_problems_in_order);
	tcase_add_test(t, tells_no_password);
	tcase_add_test(t, one_refused_header_is_one_problem);
	tcase_add_test(t, refuses_what_inih_would_change);
	tcase_add_test(t, takes_the_longest_line);
	tcase_add_test(t, refuses_nul_bytes);
	tcase_add_test(t, an_empty_file_has_no_target);
	tcase_add_test(t, counts_problems_beyond_the_limit);
	tcase_add_test(t, many_sections_end_somewhere);
	tcase_add_test(t, the_table_is_complete);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
