/* test_mandate.c - a [remediate] section as typed values. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/mandate.h"
#include "tests/unit/conf_text.h"

#define TARGET "[nsx prod]\nurl = https://nsx.example\n" \
	"[opsman tas]\nurl = https://opsman.example\n[nsx gm]\nurl = https://gm.example\n"
#define ACTS "worker_host = mon1.example\ncredentials = /etc/check_certs/admin\n"

/* The mandate of the only section of a text. */
static int make(struct conf *c, const char *section, struct mandate *m, struct err *e)
{
	char *text = mem_printf(TARGET "%s", section);

	conf_good(text, c);
	free(text);
	ck_assert_uint_eq(c->n_remediates, 1);
	return mandate_make(c, &c->remediates[0], m, e);
}

START_TEST(test_nothing_said_is_nothing_allowed)
{
	struct conf c;
	struct mandate m;
	struct err e = { 0 };

	ck_assert_int_eq(make(&c, "[remediate prod]\n", &m, &e), 0);
	ck_assert_str_eq(m.target->name, "prod");
	ck_assert_str_eq(mode_name(m.mode), "plan");
	ck_assert_uint_eq(m.n_procedures, 0);
	ck_assert(!mandate_allows(&m, "nsx-apply"));
	ck_assert_int_eq(m.replacement, REPLACEMENT_NONE);
	ck_assert_ptr_null(m.worker_host);
	ck_assert_ptr_null(m.credentials_path);
	ck_assert_ptr_null(m.window);
	ck_assert_str_eq(m.timezone, "UTC");
	ck_assert_int_eq(m.act_on, STATE_WARNING);
	ck_assert_int_eq(m.approval_valid_s, 14 * 86400);
	ck_assert_int_eq(m.max_per_day, 2);
	ck_assert_int_eq(m.cool_down_s, 3600);
	ck_assert_int_eq(m.breaker_after, 2);
	ck_assert_int_eq(m.rollback, ROLLBACK_ASK);
	ck_assert_int_eq(m.keep_old_s, 7 * 86400);
	ck_assert_int_eq(m.downtime_hold_s, 86400);
	ck_assert_int_eq(m.poll_interval_s, 30);
	ck_assert_int_eq(m.start, START_DETACHED);
	ck_assert_str_eq(m.key_type, "rsa:3072");
	ck_assert_int_eq(m.days, 825);
	ck_assert_ptr_null(m.subject);
	ck_assert(m.managed_by_vcf);
	mandate_clear(&m);
	conf_clear(&c);
}
END_TEST

START_TEST(test_everything_said)
{
	struct conf c;
	struct mandate m;
	struct err e = { 0 };

	ck_assert_int_eq(make(&c, "[remediate prod]\nmode = approve\n" ACTS
	    "procedures = nsx-apply, nsx-batch-replace\nreplacement = self-signed\n"
	    "act_on = critical\nwindow = Sat,Sun 02:00-06:00\ntimezone = Europe/Berlin\n"
	    "approvers = certs-approvers\napproval_valid = 2d\nmax_per_day = 9\ncool_down = 0s\n"
	    "breaker_after = 3\nrollback = auto\nkeep_old = 1d\ndowntime_hold = 2h\n"
	    "poll_interval = 1s\nstart = systemd\nkey_type = ec:P-256\nsubject = CN=a,O=b\n"
	    "days = 90\nmanaged_by = none\nglobal_manager = gm\nsite = paris\n"
	    "site_credentials = /etc/check_certs/site\n", &m, &e), 0);
	ck_assert_int_eq(m.mode, MODE_APPROVE);
	ck_assert_uint_eq(m.n_procedures, 2);
	ck_assert(mandate_allows(&m, "nsx-apply") && mandate_allows(&m, "nsx-batch-replace"));
	ck_assert(!mandate_allows(&m, "nsx-host-certificate") && !mandate_allows(&m, "nsx-app"));
	ck_assert_str_eq(m.worker_host, "mon1.example");
	ck_assert_str_eq(m.credentials_path, "/etc/check_certs/admin");
	ck_assert_int_eq(m.act_on, STATE_CRITICAL);
	ck_assert_str_eq(m.window, "Sat,Sun 02:00-06:00");
	ck_assert_str_eq(m.timezone, "Europe/Berlin");
	ck_assert_str_eq(m.approvers, "certs-approvers");
	ck_assert_int_eq(m.approval_valid_s, 2 * 86400);
	ck_assert_int_eq(m.max_per_day, 9);
	ck_assert_int_eq(m.cool_down_s, 0);
	ck_assert_int_eq(m.breaker_after, 3);
	ck_assert_int_eq(m.rollback, ROLLBACK_AUTO);
	ck_assert_int_eq(m.keep_old_s, 86400);
	ck_assert_int_eq(m.downtime_hold_s, 7200);
	ck_assert_int_eq(m.poll_interval_s, 1);
	ck_assert_int_eq(m.start, START_SYSTEMD);
	ck_assert_str_eq(m.key_type, "ec:P-256");
	ck_assert_str_eq(m.subject, "CN=a,O=b");
	ck_assert_int_eq(m.days, 90);
	ck_assert(!m.managed_by_vcf);
	ck_assert_str_eq(m.global_manager, "gm");
	ck_assert_str_eq(m.site, "paris");
	ck_assert_str_eq(m.site_credentials_path, "/etc/check_certs/site");
	mandate_clear(&m);
	conf_clear(&c);
}
END_TEST

static const struct {
	const char *value;
	enum replacement kind;
	const char *id, *chain, *key, *program;
} replacements[] = {
	{ "existing", REPLACEMENT_EXISTING, NULL, NULL, NULL, NULL },
	{ "existing:77c5-dc5c", REPLACEMENT_EXISTING, "77c5-dc5c", NULL, NULL, NULL },
	{ "pem:/etc/x.pem", REPLACEMENT_PEM, NULL, "/etc/x.pem", NULL, NULL },
	{ "pem:/etc/x.pem  key:/etc/x.key", REPLACEMENT_PEM, NULL, "/etc/x.pem", "/etc/x.key",
	  NULL },
	{ "self-signed", REPLACEMENT_SELF_SIGNED, NULL, NULL, NULL, NULL },
	{ "command:/usr/local/bin/issue", REPLACEMENT_COMMAND, NULL, NULL, NULL,
	  "/usr/local/bin/issue" },
};

static void same(const char *have, const char *want)
{
	ck_assert_msg((have == NULL) == (want == NULL) &&
	    (want == NULL || strcmp(have, want) == 0), "%s, not %s", have != NULL ? have : "none",
	    want != NULL ? want : "none");
}

START_TEST(test_replacements)
{
	char *section = mem_printf("[remediate prod]\nreplacement = %s\n", replacements[_i].value);
	struct conf c;
	struct mandate m;
	struct err e = { 0 };

	ck_assert_int_eq(make(&c, section, &m, &e), 0);
	ck_assert_int_eq(m.replacement, replacements[_i].kind);
	same(m.replacement_id, replacements[_i].id);
	same(m.chain_path, replacements[_i].chain);
	same(m.key_path, replacements[_i].key);
	same(m.program, replacements[_i].program);
	mandate_clear(&m);
	conf_clear(&c);
	free(section);
}
END_TEST

/* lib/conf sees a part of these itself: then the text is no configuration. */
static const struct { const char *section, *words; } refusals[] = {
	{ "[remediate prod]\nmode = auto\nworker_host = a.example\nreplacement = existing\n",
	  "mode auto needs credentials" },
	{ "[remediate prod]\nmode = approve\n" ACTS "replacement = existing\n",
	  "mode approve needs approvers" },
	{ "[remediate prod]\nglobal_manager = gm\nsite_credentials = /x\n",
	  "global_manager needs site too" },
	{ "[remediate prod]\nglobal_manager = gm\nsite = paris\n",
	  "global_manager needs site_credentials too" },
};

START_TEST(test_refusals)
{
	struct conf c;
	struct mandate m;
	struct err e = { 0 };

	ck_assert_int_eq(make(&c, refusals[_i].section, &m, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.text, refusals[_i].words) != NULL, "%s", e.text);
	ck_assert_msg(strstr(e.text, "remediate prod: ") == e.text, "%s", e.text);
	ck_assert_ptr_null(m.target);
	conf_clear(&c);
}
END_TEST

/* Sections as lib/conf would never hand them over. */
START_TEST(test_sections_made_elsewhere)
{
	static const struct conf_pair rows[] = {
		{ (char *)"mode", (char *)"yes" }, { (char *)"cool_down", (char *)"soon" },
		{ (char *)"days", (char *)"-1" }, { (char *)"replacement", (char *)"magic" },
		{ (char *)"act_on", (char *)"never" },
	};
	struct conf_pair pair = rows[_i];
	struct remediate_conf section = { .target = (char *)"prod", .pairs = &pair, .n_pairs = 1 };
	struct conf c;
	struct mandate m;
	struct err e = { 0 };

	conf_good(TARGET, &c);
	ck_assert_int_eq(mandate_make(&c, &section, &m, &e), -1);
	ck_assert_msg(strstr(e.text, pair.key) != NULL, "%s", e.text);
	section.target = (char *)"nobody";
	ck_assert_int_eq(mandate_make(&c, &section, &m, &e), -1);
	ck_assert_msg(strstr(e.text, "no such target") != NULL, "%s", e.text);
	conf_clear(&c);
}
END_TEST

/* Where the new certificate comes from is a question for NSX alone. */
START_TEST(test_opsman_needs_no_replacement)
{
	struct conf c;
	struct mandate m;
	struct err e = { 0 };

	ck_assert_int_eq(make(&c, "[remediate tas]\nmode = auto\n" ACTS
	    "procedures = opsman-regenerate\n", &m, &e), 0);
	ck_assert_int_eq(m.mode, MODE_AUTO);
	ck_assert(mandate_allows(&m, "opsman-regenerate"));
	mandate_clear(&m);
	conf_clear(&c);
}
END_TEST

START_TEST(test_opsman_keys)
{
	struct conf c;
	struct mandate m;
	struct err e = { 0 };

	ck_assert_int_eq(make(&c, "[remediate tas]\n", &m, &e), 0);
	ck_assert(!m.approval_by_unit && !m.apply_pending && !m.leafs_handled);
	ck_assert_int_eq(m.recreate_vms, -1);
	ck_assert_ptr_null(m.errands);
	ck_assert_int_eq(m.rotation_needs_s, 7 * 86400);
	ck_assert_int_eq(m.rotation_stale_s, 14 * 86400);
	mandate_clear(&m);
	conf_clear(&c);
	ck_assert_int_eq(make(&c, "[remediate tas]\napproval = unit\napply_pending = yes\n"
	    "leafs_handled = yes\nrecreate_vms = no\nerrands = none\nrotation_needs = 3d\n"
	    "rotation_stale = 20d\n", &m, &e), 0);
	ck_assert(m.approval_by_unit && m.apply_pending && m.leafs_handled);
	ck_assert_int_eq(m.recreate_vms, 0);
	ck_assert_str_eq(m.errands, "none");
	ck_assert_int_eq(m.rotation_needs_s, 3 * 86400);
	ck_assert_int_eq(m.rotation_stale_s, 20 * 86400);
	mandate_clear(&m);
	conf_clear(&c);
	ck_assert_int_eq(make(&c, "[remediate tas]\nrecreate_vms = yes\n", &m, &e), 0);
	ck_assert_int_eq(m.recreate_vms, 1);
	mandate_clear(&m);
	conf_clear(&c);
	ck_assert_int_eq(make(&c, "[remediate tas]\nerrands = some\n", &m, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "errands: \"some\" is none of its values"));
	conf_clear(&c);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("mandate");
	TCase *t = tcase_create("mandate");

	tcase_add_test(t, test_nothing_said_is_nothing_allowed);
	tcase_add_test(t, test_everything_said);
	tcase_add_loop_test(t, test_replacements, 0, UNIT_ROWS(replacements));
	tcase_add_loop_test(t, test_refusals, 0, UNIT_ROWS(refusals));
	tcase_add_loop_test(t, test_sections_made_elsewhere, 0, 5);
	tcase_add_test(t, test_opsman_needs_no_replacement);
	tcase_add_test(t, test_opsman_keys);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
