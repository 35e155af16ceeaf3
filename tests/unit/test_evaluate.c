/* test_evaluate.c - sources, accounting and order of a report, and what holds
 * of every report. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "lib/judge/evaluate.h"
#include "tests/unit/samples.h"

#define NOW SAMPLE_NOW
#define DAYS(n) (NOW + (n) * SAMPLE_DAY)

static void add_issue(struct sample *s, size_t source, enum issue_kind kind, enum err_code code)
{
	struct err e;

	err_set(&e, code, "issue %d %s", (int)kind, err_code_name(code));
	inventory_add_issue(&s->inv, source, kind, &e);
}

/* One NSX target with one certificate that ends after so many days. */
static void open_one(struct sample *s, int64_t days)
{
	sample_open(s, NULL);
	sample_source(&s->inv, "prod", SOURCE_NSX, "4.2.0.0");
	sample_row(&s->inv, sample_fake(&s->inv, DAYS(days)), 0, "x", "API", "nsx-01");
}

static void check_sums(const struct report *r)
{
	const struct counts *c = &r->counts;
	size_t n_counted = 0;

	for (size_t i = 0; i < r->n_sources; i++)
		n_counted += r->sources[i].counted;
	ck_assert_uint_eq(c->ok + c->warning + c->critical + c->unknown + c->ignored, c->total);
	ck_assert_uint_eq(c->total, r->n_items + n_counted);
}

/* --- sources ------------------------------------------------------------------------------ */

static const struct {
	enum issue_kind kind;
	enum err_code code;
	enum state unreachable, timeout;
	const char *id;
	enum state state;
	bool failed;
} issues[] = {
	{ ISSUE_FAILED, ERR_UNREACHABLE, STATE_UNKNOWN, STATE_UNKNOWN, "source-failed",
	    STATE_UNKNOWN, true },
	{ ISSUE_FAILED, ERR_UNREACHABLE, STATE_CRITICAL, STATE_OK, "source-failed", STATE_CRITICAL,
	    true },
	{ ISSUE_FAILED, ERR_UNREACHABLE, STATE_OK, STATE_CRITICAL, "source-failed", STATE_OK,
	    true },
	{ ISSUE_FAILED, ERR_TIMEOUT, STATE_OK, STATE_WARNING, "source-failed", STATE_WARNING,
	    true },
	{ ISSUE_FAILED, ERR_AUTH, STATE_OK, STATE_OK, "source-failed", STATE_UNKNOWN, true },
	{ ISSUE_FAILED, ERR_TLS, STATE_OK, STATE_OK, "source-failed", STATE_UNKNOWN, true },
	{ ISSUE_FAILED, ERR_ANSWER, STATE_OK, STATE_OK, "source-failed", STATE_UNKNOWN, true },
	{ ISSUE_FAILED, ERR_BUSY, STATE_OK, STATE_OK, "source-failed", STATE_UNKNOWN, true },
	{ ISSUE_FAILED, ERR_CONFIG, STATE_OK, STATE_OK, "source-failed", STATE_UNKNOWN, true },
	{ ISSUE_PARTIAL, ERR_ANSWER, STATE_OK, STATE_OK, "partial", STATE_UNKNOWN, true },
	{ ISSUE_PARTIAL, ERR_TIMEOUT, STATE_OK, STATE_CRITICAL, "partial", STATE_CRITICAL, true },
	{ ISSUE_NOTE, ERR_UNREACHABLE, STATE_CRITICAL, STATE_CRITICAL, "partial", STATE_OK, false },
};

START_TEST(test_issue)
{
	const struct source_report *sr;
	struct sample s;

	open_one(&s, 400);
	s.policy.unreachable_state = issues[_i].unreachable;
	s.policy.timeout_state = issues[_i].timeout;
	add_issue(&s, 0, issues[_i].kind, issues[_i].code);
	sample_judge(&s, NOW);
	sr = &s.report.sources[0];
	ck_assert_uint_eq(sr->findings.n, 1);
	ck_assert_str_eq(sr->findings.v[0].id, issues[_i].id);
	ck_assert_int_eq((int)sr->findings.v[0].state, (int)issues[_i].state);
	ck_assert_ptr_nonnull(strstr(sr->findings.v[0].message, err_code_name(issues[_i].code)));
	ck_assert_int_eq((int)sr->state, (int)issues[_i].state);
	ck_assert_int_eq(sr->failed, issues[_i].failed);
	ck_assert_int_eq((int)s.report.state, (int)issues[_i].state);
	ck_assert_uint_eq(s.report.counts.total, issues[_i].failed ? 2 : 1);
	check_sums(&s.report);
	sample_close(&s);
}
END_TEST

/* However much went wrong with a source, it counts once. */
START_TEST(test_source_counts_once)
{
	struct sample s;

	open_one(&s, 400);
	add_issue(&s, 0, ISSUE_FAILED, ERR_AUTH);
	add_issue(&s, 0, ISSUE_PARTIAL, ERR_ANSWER);
	add_issue(&s, 0, ISSUE_PARTIAL, ERR_ANSWER);
	sample_judge(&s, NOW);
	ck_assert_uint_eq(s.report.sources[0].findings.n, 3);
	ck_assert_uint_eq(s.report.counts.unknown, 1);
	ck_assert_uint_eq(s.report.counts.ok, 1);
	ck_assert_uint_eq(s.report.counts.total, 2);
	sample_close(&s);
}
END_TEST

/* What was seen is judged although the rest failed, and a proven CRITICAL
 * outranks doubt. */
START_TEST(test_failure_hides_nothing)
{
	struct sample s;

	open_one(&s, -1);
	add_issue(&s, 0, ISSUE_PARTIAL, ERR_ANSWER);
	sample_judge(&s, NOW);
	ck_assert_int_eq((int)s.report.state, STATE_CRITICAL);
	ck_assert_uint_eq(s.report.counts.critical, 1);
	ck_assert_uint_eq(s.report.counts.unknown, 1);
	sample_close(&s);
	open_one(&s, 20);
	add_issue(&s, 0, ISSUE_PARTIAL, ERR_ANSWER);
	sample_judge(&s, NOW);
	ck_assert_int_eq((int)s.report.state, STATE_UNKNOWN);
	sample_close(&s);
}
END_TEST

/* A source that shows nothing, or does not say it read everything, is never OK. */
START_TEST(test_silent_source)
{
	struct sample s;

	sample_open(&s, NULL);
	sample_source(&s.inv, "empty", SOURCE_FILES, NULL);
	sample_judge(&s, NOW);
	ck_assert_int_eq((int)s.report.state, STATE_UNKNOWN);
	ck_assert_str_eq(s.report.sources[0].findings.v[0].id, "partial");
	ck_assert_uint_eq(s.report.counts.unknown, 1);
	sample_close(&s);
	open_one(&s, 400);
	s.inv.sources[0].complete = false;
	sample_judge(&s, NOW);
	ck_assert_int_eq((int)s.report.state, STATE_UNKNOWN);
	ck_assert_uint_eq(s.report.counts.total, 2);
	sample_close(&s);
}
END_TEST

static const struct { int64_t skew_s; bool has, given; int state; } skews[] = {
	{ 300, true, false, -1 }, { 301, true, false, STATE_OK }, { -300, true, false, -1 },
	{ -301, true, false, STATE_OK }, { 86400, true, false, STATE_OK },
	{ 86401, true, false, STATE_WARNING }, { -86401, true, false, STATE_WARNING },
	{ 86401, true, true, -1 }, { 86401, false, false, -1 }, { 0, true, false, -1 },
};

START_TEST(test_skew)
{
	const struct finding *f;
	struct sample s;

	open_one(&s, 400);
	s.inv.sources[0].has_skew = skews[_i].has;
	s.inv.sources[0].skew_s = skews[_i].skew_s;
	s.policy.clock_is_given = skews[_i].given;
	sample_judge(&s, NOW);
	f = sample_finding(&s.report.sources[0].findings, "clock-skew");
	ck_assert_int_eq(f == NULL ? -1 : (int)f->state, skews[_i].state);
	ck_assert_int_eq((int)s.report.state, skews[_i].state > 0 ? skews[_i].state : STATE_OK);
	ck_assert_uint_eq(s.report.counts.warning, skews[_i].state == STATE_WARNING);
	ck_assert(f == NULL ||
	    strstr(f->message, skews[_i].skew_s > 0 ? "ahead of" : "behind") != NULL);
	check_sums(&s.report);
	sample_close(&s);
}
END_TEST

/* --- the run --------------------------------------------------------------------------- */

START_TEST(test_too_few)
{
	struct sample s;

	sample_open(&s, NULL);
	sample_judge(&s, NOW);
	ck_assert_int_eq((int)s.report.state, STATE_UNKNOWN);    /* no target at all */
	sample_close(&s);
	open_one(&s, 400);
	for (size_t least = 0; least < 4; least++) {
		s.policy.min_certs = least;
		sample_judge(&s, NOW);
		ck_assert_int_eq((int)s.report.state, least > 1 ? STATE_UNKNOWN : STATE_OK);
		ck_assert_uint_eq(s.report.findings.n, least > 1);
		check_sums(&s.report);
	}
	sample_close(&s);
}
END_TEST

/* Without any certificate the user's word on an unreachable target holds. */
START_TEST(test_unreachable_alone)
{
	static const enum state wanted[] = { STATE_OK, STATE_WARNING, STATE_CRITICAL,
	    STATE_UNKNOWN };

	for (int i = 0; i < UNIT_ROWS(wanted); i++) {
		struct sample s;

		sample_open(&s, NULL);
		sample_source(&s.inv, "prod", SOURCE_NSX, NULL);
		s.policy.unreachable_state = wanted[i];
		add_issue(&s, 0, ISSUE_FAILED, ERR_UNREACHABLE);
		sample_judge(&s, NOW);
		ck_assert_int_eq((int)s.report.state, (int)wanted[i]);
		ck_assert_uint_eq(s.report.counts.total, 1);
		sample_close(&s);
	}
}
END_TEST

/* Worst first, then the least time left, then what has no end, ignored last. */
START_TEST(test_order)
{
	/* the place that each is to have */
	static const struct { int64_t days; size_t place; } rows[] = {
		{ 400, 5 }, { -1, 1 }, { 20, 4 }, { 300, 6 /* ignored */ }, { -10, 0 }, { 3, 2 },
	};
	size_t unreadable, nsx;
	struct sample s;

	sample_open(&s, NULL);
	nsx = sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	for (int i = 0; i < UNIT_ROWS(rows); i++)
		sample_row(&s.inv, sample_fake(&s.inv, DAYS(rows[i].days)), nsx,
		    rows[i].days == 300 ? "lb" : "x", "API", NULL);
	unreadable = inventory_add_cert(&s.inv, cert_unreadable("bad"));
	sample_row(&s.inv, unreadable, nsx, "x", "API", NULL);
	sample_ignore(&s.policy, IGNORE_NAME, "lb", NOW);
	sample_judge(&s, NOW);
	for (int i = 0; i < UNIT_ROWS(rows); i++)
		ck_assert_uint_eq(s.report.items[rows[i].place].cert, (size_t)i);
	ck_assert_uint_eq(s.report.items[3].cert, unreadable);
	ck_assert_int_eq((int)s.report.state, STATE_CRITICAL);
	ck_assert_uint_eq(s.report.min_item, 0);
	ck_assert_int_eq(s.report.min_seconds_left, -10 * SAMPLE_DAY);
	check_sums(&s.report);
	sample_close(&s);
}
END_TEST

/* Sightings of an item: API, TLS, file, each in the order of the inventory. */
START_TEST(test_sightings)
{
	static const enum via vias[] = { VIA_FILE, VIA_TLS, VIA_API, VIA_TLS, VIA_API, VIA_FILE };
	static const size_t expected[2][3] = { { 2, 4, 0 }, { 1, 3, 5 } };
	struct sample s;
	size_t a, b;

	sample_open(&s, NULL);
	sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	a = sample_fake(&s.inv, DAYS(100));
	b = sample_fake(&s.inv, DAYS(200));
	for (int i = 0; i < UNIT_ROWS(vias); i++)
		inventory_add_sighting(&s.inv, i % 2 || i == 5 ? b : a, 0, vias[i]);
	sample_judge(&s, NOW);
	ck_assert_uint_eq(sample_item(&s, a)->n_sightings, 3);
	ck_assert_uint_eq(sample_item(&s, b)->n_sightings, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(sample_item(&s, a)->sightings[i], expected[0][i]);
		ck_assert_uint_eq(sample_item(&s, b)->sightings[i], expected[1][i]);
	}
	ck_assert_uint_eq(s.report.sources[0].n_certs, 2);
	sample_close(&s);
}
END_TEST

/* The ids are an interface: none is lost, none is there twice. */
START_TEST(test_ids)
{
	static const char *const known[] = { "expired", "expiring", "not-yet-valid", "unreadable",
		"weak-key", "weak-signature", "leaf-is-ca", "usage-unfit", "chain-order",
		"chain-broken", "chain-untrusted", "name-mismatch", "rejected",
		"no-private-key", "renewal-overdue", "unused", "served-differs",
		"source-failed",
		"partial", "rotation-unfinished", "deadline-passed", "clock-skew", "ignore-ended" };
	const char *const *ids = evaluate_rule_ids();
	size_t n = 0;

	for (; ids[n] != NULL; n++)
		for (size_t i = 0; i < n; i++)
			ck_assert_str_ne(ids[i], ids[n]);
	ck_assert_uint_eq(n, sizeof known / sizeof known[0]);
	for (int i = 0; i < UNIT_ROWS(known); i++) {
		size_t at = 0;

		while (at < n && strcmp(ids[at], known[i]) != 0)
			at++;
		ck_assert_msg(at < n, "%s", known[i]);
	}
}
END_TEST

/* --- random inventories ---------------------------------------------------------------- */

/* Always the same numbers for the same seed. */
struct dice { uint64_t state; };

static unsigned roll(struct dice *d, unsigned sides)
{
	d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(d->state >> 33) % sides;
}

static size_t random_cert(struct sample *s, struct dice *d)
{
	int64_t end = DAYS((int64_t)roll(d, 500) - 100) + roll(d, 86400);
	struct cert *c;
	size_t cert;

	if (roll(d, 10) == 0)
		return inventory_add_cert(&s->inv, cert_unreadable("bad"));
	if (roll(d, 10) == 0)
		return inventory_add_cert(&s->inv,
		    cert_reported("CN=x", NULL, roll(d, 3) ? &end : NULL, 0));
	cert = sample_fake(&s->inv, end);
	c = s->inv.certs[cert];
	c->is_ca = roll(d, 4) == 0;
	c->self_issued = roll(d, 2) == 0;
	c->has_basic_constraints = c->is_ca || roll(d, 2) == 0;
	c->key_bits = roll(d, 5) == 0 ? 1024 : 2048;
	c->signature_digest = (enum cert_digest)roll(d, 4);
	c->not_before_at = end - (int64_t)roll(d, 1000) * SAMPLE_DAY;
	return cert;
}

static void random_sighting(struct sample *s, struct dice *d, size_t cert)
{
	static const char *const services[] = { "API", "MGMT_CLUSTER", "APH", "CBM_CORFU",
	    "CLIENT_AUTH", "NEW" };
	static const char *const nodes[] = { "nsx-01", "nsx-02", NULL };
	const char *service = roll(d, 3) ? services[roll(d, 6)] : NULL;
	const char *node = nodes[roll(d, 3)];
	size_t source = roll(d, (unsigned)s->inv.n_sources);
	struct sighting *at;

	if (s->inv.sources[source].kind == SOURCE_FILES) {
		at = inventory_add_sighting(&s->inv, cert, source, VIA_FILE);
		at->path = mem_strdup("/etc/x.pem");
	} else if (s->inv.sources[source].kind == SOURCE_TLS || roll(d, 3) == 0) {
		at = sample_served(&s->inv, cert, source, "host:443", service, node);
		at->position = roll(d, 3) == 0;
		at->role = at->position > 0 ? ROLE_CHAIN : ROLE_LISTENER;
	} else {
		at = sample_row(&s->inv, cert, source, "x", service, node);
		at->by_policy = roll(d, 8) == 0;
		at->by_principal = roll(d, 8) == 0;
		at->role = s->inv.sources[source].kind == SOURCE_OPSMAN ?
		    (enum role)(ROLE_OM_ROOT_CA + roll(d, 9)) : ROLE_NSX_PLATFORM;
		at->active = (int)roll(d, 3) - 1;
	}
}

static void random_sample(struct sample *s, struct dice *d)
{
	static const enum source_kind kinds[] = { SOURCE_NSX, SOURCE_NSX, SOURCE_OPSMAN, SOURCE_TLS,
	    SOURCE_FILES };

	sample_open(s, NULL);
	for (int i = 0; i < UNIT_ROWS(kinds); i++) {
		char *name = mem_printf("source-%d", i);
		size_t source = sample_source(&s->inv, name, kinds[i],
		    roll(d, 2) ? "4.2.0.0" : NULL);

		if (roll(d, 5) == 0)
			add_issue(s, source, (enum issue_kind)roll(d, 3),
			    (enum err_code)(1 + roll(d, 11)));
		s->inv.sources[source].complete = roll(d, 5) != 0;
		free(name);
	}
	for (unsigned n = roll(d, 40); n > 0; n--) {
		size_t cert = random_cert(s, d);

		for (unsigned k = roll(d, 4); k > 0; k--)
			random_sighting(s, d, cert);
	}
	if (roll(d, 2) == 0)
		sample_ignore(&s->policy, IGNORE_SERVICE, "APH", DAYS(roll(d, 200)));
}

/* The state of the whole is the worst of what it was made of. */
static void check_state(const struct report *r)
{
	enum state worst = STATE_OK;

	for (size_t i = 0; i < r->n_items; i++) {
		enum state of_item = STATE_OK;

		for (size_t k = 0; k < r->items[i].findings.n; k++)
			of_item = state_worst(of_item, r->items[i].findings.v[k].state);
		ck_assert_int_eq((int)r->items[i].state,
		    r->items[i].ignored ? STATE_OK : (int)of_item);
		worst = state_worst(worst, r->items[i].state);
	}
	for (size_t i = 0; i < r->n_sources; i++)
		worst = state_worst(worst, r->sources[i].state);
	for (size_t i = 0; i < r->findings.n; i++)
		worst = state_worst(worst, r->findings.v[i].state);
	ck_assert_int_eq((int)r->state, (int)worst);
}

START_TEST(test_sums)
{
	struct dice d = { (uint64_t)_i };
	struct sample s;

	random_sample(&s, &d);
	sample_judge(&s, NOW);
	check_sums(&s.report);
	check_state(&s.report);
	for (size_t i = 1; i < s.report.n_items; i++)
		ck_assert(s.report.items[i - 1].state >= s.report.items[i].state);
	for (size_t i = 0; i < s.report.n_items; i++) {
		const struct item *it = &s.report.items[i];

		ck_assert((it->remedy.procedure != NULL) ==
		    (it->state != STATE_OK && it->n_sightings > 0));
		ck_assert((it->remedy.procedure != NULL) == (it->remedy.detail != NULL));
	}
	sample_close(&s);
}
END_TEST

static bool starts_later(const struct cert *c, int64_t now_at)
{
	return c->has_not_before && now_at < c->not_before_at;
}

/* Time passing never improves anything, a certificate becoming valid apart. */
START_TEST(test_time_never_improves)
{
	struct dice d = { 1000 + (uint64_t)_i };
	struct sample s;
	enum state *before;

	random_sample(&s, &d);
	before = mem_array(s.inv.n_certs, sizeof *before);
	for (int64_t now_at = DAYS(-300); now_at < DAYS(500); now_at += 7 * SAMPLE_DAY + 3601) {
		sample_judge(&s, now_at);
		for (size_t i = 0; i < s.report.n_items; i++) {
			const struct item *it = &s.report.items[i];

			ck_assert_msg(it->state >= before[it->cert], "certificate %zu", it->cert);
			if (starts_later(s.inv.certs[it->cert], now_at))
				before[it->cert] = STATE_OK;
			else
				before[it->cert] = it->state;
		}
	}
	free(before);
	sample_close(&s);
}
END_TEST

/* Every finding of the certificates before is still there, and as bad. */
static void check_kept(const struct sample *s, const struct report *before)
{
	for (size_t i = 0; i < before->n_items; i++) {
		const struct item *old = &before->items[i], *now = sample_item(s, old->cert);

		ck_assert(now->state >= old->state);
		for (size_t k = 0; k < old->findings.n; k++) {
			const struct finding *f = sample_finding(&now->findings,
			    old->findings.v[k].id);

			ck_assert_msg(f != NULL, "\"%s\" is hidden", old->findings.v[k].id);
			ck_assert(f->state >= old->findings.v[k].state);
		}
	}
}

/* A further certificate, whatever it is, hides nothing of the others.  (A
 * further root CA is the beginning of a rotation, and is left out.) */
START_TEST(test_adding_hides_nothing)
{
	struct dice d = { 2000 + (uint64_t)_i };
	struct report before;
	struct sample s;

	random_sample(&s, &d);
	for (int i = 0; i < 10; i++) {
		size_t cert;

		sample_judge(&s, NOW);
		before = s.report;
		s.report = (struct report){ 0 };
		cert = random_cert(&s, &d);
		random_sighting(&s, &d, cert);
		s.inv.sightings[s.inv.n_sightings - 1].active = -1;
		sample_judge(&s, NOW);
		check_kept(&s, &before);
		report_clear(&before);
	}
	sample_close(&s);
}
END_TEST

/* The same in, the same out. */
START_TEST(test_pure)
{
	struct dice d = { 3000 + (uint64_t)_i };
	struct report first;
	struct sample s;

	random_sample(&s, &d);
	sample_judge(&s, NOW);
	first = s.report;
	s.report = (struct report){ 0 };
	sample_judge(&s, NOW);
	ck_assert_int_eq(memcmp(&first.counts, &s.report.counts, sizeof first.counts), 0);
	for (size_t i = 0; i < first.n_items; i++) {
		ck_assert_uint_eq(first.items[i].cert, s.report.items[i].cert);
		ck_assert_int_eq((int)first.items[i].state, (int)s.report.items[i].state);
	}
	report_clear(&first);
	sample_close(&s);
}
END_TEST

/* Large: every certificate judged, none twice. */
START_TEST(test_large)
{
	enum { N = 50000 };
	struct sample s;
	size_t nsx;

	sample_open(&s, NULL);
	nsx = sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	for (int64_t i = 0; i < N; i++) {
		size_t cert = sample_fake(&s.inv, DAYS(i % 400) + i);

		sample_row(&s.inv, cert, nsx, "x", "API", "nsx-01");
		if (i % 5 == 0)
			sample_served(&s.inv, cert, nsx, "nsx-01:443", "API", "nsx-01");
	}
	sample_judge(&s, NOW);
	ck_assert_uint_eq(s.report.counts.total, N);
	ck_assert_uint_eq(s.report.counts.critical, N / 400 * 7);
	ck_assert_uint_eq(s.report.counts.warning, N / 400 * 23);
	check_sums(&s.report);
	sample_close(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("evaluate");
	TCase *t = tcase_create("evaluate");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_issue, 0, UNIT_ROWS(issues));
	tcase_add_test(t, test_source_counts_once);
	tcase_add_test(t, test_failure_hides_nothing);
	tcase_add_test(t, test_silent_source);
	tcase_add_loop_test(t, test_skew, 0, UNIT_ROWS(skews));
	tcase_add_test(t, test_too_few);
	tcase_add_test(t, test_unreachable_alone);
	tcase_add_test(t, test_order);
	tcase_add_test(t, test_sightings);
	tcase_add_test(t, test_ids);
	tcase_add_loop_test(t, test_sums, 0, 100);
	tcase_add_loop_test(t, test_time_never_improves, 0, 25);
	tcase_add_loop_test(t, test_adding_hides_nothing, 0, 50);
	tcase_add_loop_test(t, test_pure, 0, 10);
	tcase_add_test(t, test_large);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
