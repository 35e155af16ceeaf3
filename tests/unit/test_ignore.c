/* test_ignore.c - exceptions: what they match, until when, and what they do. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/samples.h"

#define NOW SAMPLE_NOW
#define DAYS(n) (NOW + (n) * SAMPLE_DAY)

/* An expired certificate with names of every kind, used by APH and CCP. */
static size_t open_expired(struct sample *s)
{
	struct sample_cert c = { .cn = "lb.example", .issuer = "Example Issuing CA",
		.san = "DNS:www.example,DNS:*.api.example,IP:192.0.2.7,URI:nsx-aph:42",
		    .not_after_at = DAYS(-1) };
	size_t nsx, cert;
	struct sighting *at;

	sample_open(s, NULL);
	nsx = sample_source(&s->inv, "prod", SOURCE_NSX, "4.2.0.0");
	cert = sample_add(&s->inv, &c);
	at = sample_row(&s->inv, cert, nsx, "Old LB", "APH", "nsx-01");
	sighting_add_use(at, "CCP", NULL, NULL);
	sample_row(&s->inv, cert, nsx, "second name", NULL, NULL);
	return cert;
}

static const struct { enum ignore_match match; const char *pattern; bool fits; } matches[] = {
	{ IGNORE_ID, "id-1", true }, { IGNORE_ID, "id-2", true }, { IGNORE_ID, "id-3", false },
	{ IGNORE_ID, "id-", false }, { IGNORE_ID, "ID-1", false }, { IGNORE_ID, "id-*", false },
	{ IGNORE_NAME, "lb.example", true }, { IGNORE_NAME, "*.example", true },
	{ IGNORE_NAME, "www.*", true }, { IGNORE_NAME, "Old LB", true },
	{ IGNORE_NAME, "Old*", true },
	{ IGNORE_NAME, "second n?me", true }, { IGNORE_NAME, "192.0.2.7", true },
	{ IGNORE_NAME, "nsx-aph:*", true }, { IGNORE_NAME, "[lw]*.example", true },
	{ IGNORE_NAME, "example", false }, { IGNORE_NAME, "lb", false },
	{ IGNORE_NAME, "prod", false },
	{ IGNORE_NAME, "Example Issuing CA", false }, { IGNORE_NAME, "", false },
	{ IGNORE_ISSUER, "CN=Example Issuing CA", true }, { IGNORE_ISSUER, "*Issuing*", true },
	{ IGNORE_ISSUER, "Example Issuing CA", false }, { IGNORE_ISSUER, "*lb.example*", false },
	{ IGNORE_SERVICE, "APH", false },                /* CCP is served too */
	{ IGNORE_SERVICE, "API", false },
};

START_TEST(test_match)
{
	struct sample s;
	size_t cert = open_expired(&s);
	const struct item *it;

	sample_ignore(&s.policy, matches[_i].match, matches[_i].pattern, NOW);
	sample_judge(&s, NOW);
	it = sample_item(&s, cert);
	ck_assert_msg(it->ignored == matches[_i].fits, "%d \"%s\"", (int)matches[_i].match,
	    matches[_i].pattern);
	ck_assert_int_eq((int)s.report.state, it->ignored ? STATE_OK : STATE_CRITICAL);
	ck_assert_uint_eq(s.report.counts.ignored, it->ignored);
	ck_assert_uint_eq(s.report.counts.critical, !it->ignored);
	sample_close(&s);
}
END_TEST

START_TEST(test_service)
{
	struct sample s;
	size_t nsx, one, none;

	sample_open(&s, NULL);
	nsx = sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	one = sample_fake(&s.inv, DAYS(-1));
	none = sample_fake(&s.inv, DAYS(-1));
	sample_row(&s.inv, one, nsx, "x", "APH", "nsx-01");
	sample_row(&s.inv, one, nsx, "x", "APH", "nsx-02");
	sample_row(&s.inv, none, nsx, "y", NULL, NULL);
	sample_ignore(&s.policy, IGNORE_SERVICE, "APH", NOW);
	sample_judge(&s, NOW);
	ck_assert(sample_item(&s, one)->ignored);
	ck_assert(!sample_item(&s, none)->ignored);
	sample_close(&s);
}
END_TEST

START_TEST(test_sha256)
{
	char hex[2 * CERT_SHA256_BYTES + 1];
	struct sample s;
	size_t cert = open_expired(&s), bad;

	cert_sha256_hex(s.inv.certs[cert], hex);
	for (size_t n = 8; n <= 64; n += 28) {
		for (int wrong = 0; wrong < 2; wrong++) {
			char *prefix = mem_strndup(hex, n);

			if (wrong)
				prefix[n - 1] = prefix[n - 1] == '0' ? '1' : '0';
			s.policy.n_ignores = 0;
			sample_ignore(&s.policy, IGNORE_SHA256, prefix, NOW);
			sample_judge(&s, NOW);
			ck_assert_int_eq(sample_item(&s, cert)->ignored, !wrong);
			for (size_t i = 0; i < s.policy.n_ignores; i++) {
				free(s.policy.ignores[i].label);
				free(s.policy.ignores[i].pattern);
				free(s.policy.ignores[i].reason);
			}
			s.policy.n_ignores = 0;
			free(prefix);
		}
	}
	/* zeroes stand for "not known", and no pattern means that */
	bad = inventory_add_cert(&s.inv, cert_unreadable("bad"));
	sample_row(&s.inv, bad, 0, "bad", NULL, NULL);
	sample_ignore(&s.policy, IGNORE_SHA256, "00000000", NOW);
	sample_judge(&s, NOW);
	ck_assert(!sample_item(&s, bad)->ignored);
	sample_close(&s);
}
END_TEST

/* The last second is included; after it a note says why the alarm is back. */
START_TEST(test_until)
{
	struct sample s;
	size_t cert = open_expired(&s);
	const struct finding *note;

	sample_ignore(&s.policy, IGNORE_ID, "id-1", NOW);
	sample_judge(&s, NOW);
	ck_assert(sample_item(&s, cert)->ignored);
	ck_assert_ptr_null(sample_finding(&sample_item(&s, cert)->findings, "ignore-ended"));
	sample_judge(&s, NOW + 1);
	ck_assert(!sample_item(&s, cert)->ignored);
	note = sample_finding(&sample_item(&s, cert)->findings, "ignore-ended");
	ck_assert_ptr_nonnull(note);
	ck_assert_int_eq((int)note->state, STATE_OK);
	ck_assert_str_eq(note->message, "ignore old-lb ended 2026-11-22T00:00:00Z");
	ck_assert_int_eq((int)s.report.state, STATE_CRITICAL);
	sample_close(&s);
}
END_TEST

/* One that holds is enough, in whatever order they stand. */
START_TEST(test_one_holds)
{
	struct sample s;
	size_t cert = open_expired(&s);

	sample_ignore(&s.policy, IGNORE_ID, "id-1", NOW - (_i == 0));
	sample_ignore(&s.policy, IGNORE_ID, "id-2", NOW - (_i == 1));
	sample_judge(&s, NOW);
	ck_assert(sample_item(&s, cert)->ignored);
	ck_assert_str_eq(sample_item(&s, cert)->ignored_reason, "decommissioned with CHG-1234");
	ck_assert_ptr_null(sample_finding(&sample_item(&s, cert)->findings, "ignore-ended"));
	sample_close(&s);
}
END_TEST

/* Ignoring takes away the alarm, the numbers and the remedy, not the facts. */
START_TEST(test_effect)
{
	struct sample s;
	size_t cert = open_expired(&s);
	const struct item *it;

	sample_ignore(&s.policy, IGNORE_NAME, "lb.*", NOW);
	sample_judge(&s, NOW);
	it = sample_item(&s, cert);
	ck_assert_int_eq((int)it->state, STATE_OK);
	ck_assert_str_eq(it->ignored_by, "old-lb");
	ck_assert_int_eq((int)sample_finding(&it->findings, "expired")->state, STATE_CRITICAL);
	ck_assert_ptr_null(it->remedy.procedure);
	ck_assert_uint_eq(s.report.n_expired, 0);
	ck_assert(!s.report.has_min_left);
	ck_assert_uint_eq(s.report.counts.total, 1);
	ck_assert_uint_eq(s.report.counts.ok, 0);
	sample_close(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("ignore");
	TCase *t = tcase_create("ignore");

	tcase_add_loop_test(t, test_match, 0, UNIT_ROWS(matches));
	tcase_add_test(t, test_service);
	tcase_add_test(t, test_sha256);
	tcase_add_test(t, test_until);
	tcase_add_loop_test(t, test_one_holds, 0, 2);
	tcase_add_test(t, test_effect);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
