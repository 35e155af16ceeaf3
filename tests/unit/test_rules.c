/* test_rules.c - each rule, at its boundaries. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/samples.h"

#define NOW SAMPLE_NOW
#define DAYS(n) (NOW + (n) * SAMPLE_DAY)
#define QUIET (-1)            /* expected: no such finding */

static struct cert *facts(struct sample *s, size_t cert)
{
	return s->inv.certs[cert];
}

static void expect_in(const struct findings *f, const char *id, int state, const char *what)
{
	const struct finding *found = sample_finding(f, id);

	if (state == QUIET) {
		ck_assert_msg(found == NULL, "%s: \"%s\" is found: %s", what, id,
		    found != NULL ? found->message : "");
		return;
	}
	ck_assert_msg(found != NULL, "%s: no \"%s\"", what, id);
	ck_assert_msg((int)found->state == state, "%s: \"%s\" is %s", what, id,
	    state_name(found->state));
}

static void expect(const struct sample *s, size_t cert, const char *id, int state, const char *what)
{
	expect_in(&sample_item(s, cert)->findings, id, state, what);
}

/* --- time ------------------------------------------------------------------------------ */

enum shape { LEAF, IDLE, ROOT, CHAIN_CA, PRESENTED_CA, CBM, FILE_LEAF, OM_LEAF, OM_NATS,
    OM_REPORTED };

/* One certificate of that shape. */
static size_t add_shape(struct sample *s, enum shape shape, int64_t not_after_at)
{
	size_t nsx = sample_source(&s->inv, "prod", SOURCE_NSX, "4.2.0.0");
	size_t om = sample_source(&s->inv, "tas", SOURCE_OPSMAN, "3.0.0");
	size_t files = sample_source(&s->inv, "local", SOURCE_FILES, NULL);
	size_t cert = shape == OM_REPORTED ?
	    inventory_add_cert(&s->inv, cert_reported(NULL, NULL, &not_after_at, 0)) :
	    sample_fake(&s->inv, not_after_at);
	struct sighting *at;

	switch (shape) {
	case LEAF:
		sample_row(&s->inv, cert, nsx, "leaf", "API", "nsx-01");
		break;
	case IDLE:
		sample_row(&s->inv, cert, nsx, "idle", NULL, NULL);
		break;
	case ROOT:
		sample_row(&s->inv, cert, nsx, "root", NULL, NULL);
		facts(s, cert)->is_ca = true;
		break;
	case CHAIN_CA:
		at = sample_served(&s->inv, cert, nsx, "nsx-01:443", NULL, NULL);
		at->role = ROLE_CHAIN;
		at->position = 1;
		facts(s, cert)->is_ca = true;
		break;
	case PRESENTED_CA:
		sample_served(&s->inv, cert, nsx, "nsx-01:443", NULL, NULL);
		facts(s, cert)->is_ca = true;
		break;
	case CBM:
		sample_row(&s->inv, cert, nsx, "corfu", "CBM_CORFU", "nsx-01");
		break;
	case FILE_LEAF:
		at = inventory_add_sighting(&s->inv, cert, files, VIA_FILE);
		at->path = mem_strdup("/etc/ssl/x.pem");
		break;
	case OM_LEAF:
	case OM_REPORTED:
		sample_row(&s->inv, cert, om, "cf", "LEAF", NULL)->role = ROLE_OM_LEAF;
		break;
	case OM_NATS:
		sample_row(&s->inv, cert, om, "cf", "NATS_CA", NULL)->role = ROLE_OM_NATS_CA;
		break;
	}
	return cert;
}

/* left_s: what is left at NOW. */
static const struct {
	enum shape shape;
	int64_t left_s;
	int expired, expiring;
} ends[] = {
	{ LEAF, 30 * SAMPLE_DAY, QUIET, QUIET },
	{ LEAF, 30 * SAMPLE_DAY - 1, QUIET, STATE_WARNING },
	{ LEAF, 7 * SAMPLE_DAY, QUIET, STATE_WARNING },
	{ LEAF, 7 * SAMPLE_DAY - 1, QUIET, STATE_CRITICAL },
	{ LEAF, 1, QUIET, STATE_CRITICAL },
	{ LEAF, 0, QUIET, STATE_CRITICAL },           /* the last second is valid */
	{ LEAF, -1, STATE_CRITICAL, QUIET },
	{ LEAF, -1000 * SAMPLE_DAY, STATE_CRITICAL, QUIET },
	{ IDLE, 30 * SAMPLE_DAY, QUIET, QUIET },
	{ IDLE, 30 * SAMPLE_DAY - 1, QUIET, STATE_OK },
	{ IDLE, 0, QUIET, STATE_OK },
	{ IDLE, -1, STATE_OK, QUIET },
	{ ROOT, 90 * SAMPLE_DAY, QUIET, QUIET },
	{ ROOT, 90 * SAMPLE_DAY - 1, QUIET, STATE_WARNING },
	{ ROOT, 30 * SAMPLE_DAY, QUIET, STATE_WARNING },
	{ ROOT, 30 * SAMPLE_DAY - 1, QUIET, STATE_CRITICAL },
	{ ROOT, -1, STATE_CRITICAL, QUIET },
	{ CHAIN_CA, 90 * SAMPLE_DAY - 1, QUIET, STATE_WARNING },
	{ PRESENTED_CA, 30 * SAMPLE_DAY, QUIET, QUIET },   /* a leaf, whatever it says */
	{ PRESENTED_CA, 30 * SAMPLE_DAY - 1, QUIET, STATE_WARNING },
	{ CBM, 90 * SAMPLE_DAY, QUIET, QUIET },
	{ CBM, 90 * SAMPLE_DAY - 1, QUIET, STATE_WARNING },
	{ CBM, 30 * SAMPLE_DAY - 1, QUIET, STATE_CRITICAL },
	{ FILE_LEAF, 30 * SAMPLE_DAY, QUIET, QUIET },
	{ FILE_LEAF, 30 * SAMPLE_DAY - 1, QUIET, STATE_WARNING },
	{ FILE_LEAF, -1, STATE_CRITICAL, QUIET },
	{ OM_LEAF, 30 * SAMPLE_DAY - 1, QUIET, STATE_WARNING },
	{ OM_NATS, 90 * SAMPLE_DAY - 1, QUIET, STATE_WARNING },
	{ OM_NATS, 90 * SAMPLE_DAY, QUIET, QUIET },
	{ OM_REPORTED, 7 * SAMPLE_DAY - 1, QUIET, STATE_CRITICAL },
	{ OM_REPORTED, -1, STATE_CRITICAL, QUIET },
};

START_TEST(test_end)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	cert = add_shape(&s, ends[_i].shape, NOW + ends[_i].left_s);
	sample_judge(&s, NOW);
	expect(&s, cert, "expired", ends[_i].expired, "row");
	expect(&s, cert, "expiring", ends[_i].expiring, "row");
	expect(&s, cert, "unused", ends[_i].shape == IDLE ? STATE_OK : QUIET, "row");
	ck_assert(sample_item(&s, cert)->has_left);
	ck_assert_int_eq(sample_item(&s, cert)->seconds_left, ends[_i].left_s);
	sample_close(&s);
}
END_TEST

/* Days are rounded down, below zero too. */
START_TEST(test_days_left)
{
	static const struct { int64_t left_s, days; } rows[] = {
		{ 0, 0 }, { 1, 0 }, { SAMPLE_DAY - 1, 0 }, { SAMPLE_DAY, 1 }, { -1, -1 },
		{ -SAMPLE_DAY, -1 }, { -SAMPLE_DAY - 1, -2 },
	};
	struct sample s;

	sample_open(&s, NULL);
	for (int i = 0; i < UNIT_ROWS(rows); i++)
		sample_fake(&s.inv, NOW + rows[i].left_s);
	sample_judge(&s, NOW);
	for (int i = 0; i < UNIT_ROWS(rows); i++)
		ck_assert_int_eq(sample_item(&s, (size_t)i)->days_left, rows[i].days);
	sample_close(&s);
}
END_TEST

static const struct { enum shape shape; int64_t starts_in_s; int state; } starts[] = {
	{ LEAF, 1, STATE_CRITICAL }, { LEAF, 0, QUIET }, { LEAF, -1, QUIET },
	{ LEAF, 10 * SAMPLE_DAY, STATE_CRITICAL },
	{ IDLE, 1, STATE_WARNING }, { ROOT, 1, STATE_WARNING }, { FILE_LEAF, 1, STATE_WARNING },
	{ CHAIN_CA, 1, STATE_CRITICAL }, { PRESENTED_CA, 1, STATE_CRITICAL },
	{ CBM, 1, STATE_CRITICAL },
	{ OM_LEAF, 1, STATE_CRITICAL }, { OM_NATS, 1, STATE_CRITICAL },
	{ OM_REPORTED, 1, QUIET },                    /* has no start that we know */
};

START_TEST(test_start)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	cert = add_shape(&s, starts[_i].shape, DAYS(400));
	facts(&s, cert)->not_before_at = NOW + starts[_i].starts_in_s;
	sample_judge(&s, NOW);
	expect(&s, cert, "not-yet-valid", starts[_i].state, "row");
	sample_close(&s);
}
END_TEST

/* A principal identity makes a row one in use. */
START_TEST(test_start_by_principal)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	cert = add_shape(&s, IDLE, DAYS(400));
	facts(&s, cert)->not_before_at = NOW + 1;
	s.inv.sightings[0].by_principal = true;
	sample_judge(&s, NOW);
	expect(&s, cert, "not-yet-valid", STATE_CRITICAL, "by_principal");
	sample_close(&s);
}
END_TEST

/* --- unreadable -------------------------------------------------------------------------- */

/* Dates that an API tells instead of the bytes it should have sent: they may
 * prove the worst, never that all is well, and the worst is said first. */
START_TEST(test_unreadable_but_told)
{
	struct sample s;
	size_t nsx, fine, gone;
	int64_t fine_end = DAYS(100), gone_end = DAYS(-1);

	sample_open(&s, NULL);
	nsx = sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	fine = inventory_add_cert(&s.inv, cert_reported("CN=x", NULL, &fine_end, 0));
	gone = inventory_add_cert(&s.inv, cert_reported("CN=y", NULL, &gone_end, 0));
	for (size_t i = 0; i < s.inv.n_certs; i++) {
		s.inv.certs[i]->problem = mem_strdup("no PEM");
		sample_row(&s.inv, i, nsx, "x", "API", "nsx-01");
	}
	sample_judge(&s, NOW);
	expect(&s, fine, "unreadable", STATE_UNKNOWN, "fine as told");
	ck_assert_int_eq(sample_item(&s, fine)->state, STATE_UNKNOWN);
	expect(&s, gone, "unreadable", STATE_UNKNOWN, "expired as told");
	ck_assert_int_eq(sample_item(&s, gone)->state, STATE_CRITICAL);
	ck_assert_str_eq(sample_item(&s, gone)->findings.v[0].id, "expired");
	ck_assert_ptr_nonnull(strstr(sample_item(&s, fine)->remedy.detail, "cannot be watched"));
	ck_assert_str_eq(sample_item(&s, gone)->remedy.procedure, "nsx-apply");
	sample_close(&s);
}
END_TEST

START_TEST(test_unreadable)
{
	struct sample s;
	size_t nsx, bad, dateless, blind, seeing;
	int64_t end = DAYS(100);
	struct err e;

	sample_open(&s, NULL);
	nsx = sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	bad = inventory_add_cert(&s.inv, cert_unreadable("the body is not base64"));
	dateless = inventory_add_cert(&s.inv, cert_reported("CN=x", NULL, NULL, 0));
	blind = inventory_add_cert(&s.inv, cert_reported("CN=x", NULL, &end, 0));
	seeing = sample_fake(&s.inv, DAYS(1000));
	for (size_t i = 0; i < s.inv.n_certs; i++)
		sample_row(&s.inv, i, nsx, "x", "API", "nsx-01");
	sample_judge(&s, NOW);
	expect(&s, bad, "unreadable", STATE_UNKNOWN, "bad");
	expect(&s, dateless, "unreadable", STATE_UNKNOWN, "dateless");
	expect(&s, blind, "unreadable", QUIET, "limits are times");
	ck_assert(!sample_item(&s, dateless)->has_left);
	ck_assert_int_eq(limit_parse("25%", "w", &s.policy.limits.warning, &e), 0);
	sample_judge(&s, NOW);
	expect(&s, blind, "unreadable", STATE_UNKNOWN, "the limit is a share");
	expect(&s, seeing, "unreadable", QUIET, "seeing");
	ck_assert_int_eq(limit_parse("25%,10", "w", &s.policy.limits.warning, &e), 0);
	sample_judge(&s, NOW);
	expect(&s, blind, "unreadable", QUIET, "a time stands in for the share");
	sample_close(&s);
}
END_TEST

/* --- limits of several sources --------------------------------------------------------------- */

/* The strictest of the targets where a certificate is seen. */
START_TEST(test_strictest)
{
	static const char *const warnings[] = { "30", "60", "10" };
	struct sample s;
	struct err e;
	size_t cert;

	sample_open(&s, NULL);
	s.policy.targets = mem_array(3, sizeof *s.policy.targets);
	s.policy.n_targets = 3;
	cert = sample_fake(&s.inv, DAYS(45));
	for (size_t i = 0; i < 3; i++) {
		char *name = mem_printf("t%zu", i);

		s.policy.targets[2 - i].source = name;        /* another order than the sources */
		s.policy.targets[2 - i].limits = s.policy.limits;
		ck_assert_int_eq(limit_parse(warnings[i], "w",
		    &s.policy.targets[2 - i].limits.warning, &e), 0);
		sample_row(&s.inv, cert, sample_source(&s.inv, name, SOURCE_NSX, "4.2"), "x", "API",
		    NULL);
	}
	sample_judge(&s, NOW);
	expect(&s, cert, "expiring", STATE_WARNING, "60 days alert");
	ck_assert_int_eq(limit_days(&sample_item(&s, cert)->warning), 60);
	ck_assert_int_eq(limit_days(&sample_item(&s, cert)->critical), 7);
	facts(&s, cert)->not_after_at = DAYS(60);
	sample_judge(&s, NOW);
	expect(&s, cert, "expiring", QUIET, "none alerts");
	sample_close(&s);
}
END_TEST

/* --- unused -------------------------------------------------------------------------------- */

enum spoil {
	AS_IS, USED, POLICY, PRINCIPAL, SERVED, IN_FILE, IS_CA, UNUSED_SAME, PATCHY, INCOMPLETE,
	ISSUER,
	NOTED, POLICY_ROLE, NO_BYTES
};
static const struct { enum spoil spoil; bool unused; } unused[] = {
	{ AS_IS, true }, { NOTED, true }, { USED, false }, { POLICY, false }, { PRINCIPAL, false },
	{ SERVED, false }, { IN_FILE, false }, { IS_CA, false }, { UNUSED_SAME, false },
	{ PATCHY, false }, { INCOMPLETE, false }, { ISSUER, false }, { POLICY_ROLE, false },
	{ NO_BYTES, false },
};

static void spoil(struct sample *s, size_t cert, enum spoil how)
{
	struct sighting *row = &s->inv.sightings[0];
	struct err e;

	err_set(&e, ERR_TIMEOUT, "page 2 was not read");
	if (how == USED)
		sighting_add_use(row, "SOMETHING_NEW", NULL, NULL);
	else if (how == SERVED)
		sample_served(&s->inv, cert, 0, "nsx-01:443", NULL, NULL);
	else if (how == IN_FILE)
		inventory_add_sighting(&s->inv, cert, 2, VIA_FILE)->path = mem_strdup("/x.pem");
	else if (how == PATCHY || how == NOTED)
		inventory_add_issue(&s->inv, 0, how == PATCHY ? ISSUE_PARTIAL : ISSUE_NOTE, &e);
	row->by_policy = how == POLICY;
	row->by_principal = how == PRINCIPAL;
	row->position = how == ISSUER;
	row->role = how == POLICY_ROLE ? ROLE_NSX_SERVICE : row->role;
	s->inv.sources[0].complete = how != INCOMPLETE;
	facts(s, cert)->is_ca = how == IS_CA;
	facts(s, cert)->form = how == NO_BYTES ? CERT_REPORTED : CERT_PARSED;
	s->policy.targets[0].unused_same = how == UNUSED_SAME;
}

START_TEST(test_unused)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	s.policy.targets = mem_array(1, sizeof *s.policy.targets);
	s.policy.n_targets = 1;
	s.policy.targets[0].source = mem_strdup("prod");
	s.policy.targets[0].limits = s.policy.limits;
	cert = add_shape(&s, IDLE, NOW - 1);
	spoil(&s, cert, unused[_i].spoil);
	sample_judge(&s, NOW);
	ck_assert_int_eq(sample_item(&s, cert)->is_unused, unused[_i].unused);
	expect(&s, cert, "unused", unused[_i].unused ? STATE_OK : QUIET, "row");
	expect(&s, cert, "expired", unused[_i].unused ? STATE_OK : STATE_CRITICAL, "row");
	ck_assert_int_eq((int)s.report.n_unused, unused[_i].unused);
	ck_assert_int_eq((int)s.report.n_expired, !unused[_i].unused);
	ck_assert_int_eq(s.report.has_min_left, !unused[_i].unused);
	sample_close(&s);
}
END_TEST

/* Only the end becomes a note. */
START_TEST(test_unused_is_judged_else)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	cert = add_shape(&s, IDLE, NOW - 1);
	facts(&s, cert)->key_bits = 1024;
	sample_judge(&s, NOW);
	expect(&s, cert, "weak-key", STATE_WARNING, "unused");
	expect(&s, cert, "expired", STATE_OK, "unused");
	ck_assert_int_eq((int)sample_item(&s, cert)->state, STATE_WARNING);
	sample_close(&s);
}
END_TEST

/* --- keys and signatures --------------------------------------------------------------- */

static const struct { enum cert_key kind; int bits, state; } keys[] = {
	{ CERT_KEY_RSA, 2048, QUIET }, { CERT_KEY_RSA, 2047, STATE_WARNING },
	{ CERT_KEY_RSA, 512, STATE_WARNING }, { CERT_KEY_RSA, 16384, QUIET },
	{ CERT_KEY_RSA, 0, STATE_UNKNOWN },
	{ CERT_KEY_EC, 224, QUIET }, { CERT_KEY_EC, 223, STATE_WARNING },
	{ CERT_KEY_EC, 256, QUIET },
	{ CERT_KEY_EC, 0, STATE_UNKNOWN },
	{ CERT_KEY_OTHER, 0, QUIET }, { CERT_KEY_OTHER, 253, QUIET },
	{ CERT_KEY_UNKNOWN, 0, QUIET },
};

START_TEST(test_key)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	cert = add_shape(&s, LEAF, DAYS(400));
	facts(&s, cert)->key_kind = keys[_i].kind;
	facts(&s, cert)->key_bits = keys[_i].bits;
	sample_judge(&s, NOW);
	expect(&s, cert, "weak-key", keys[_i].state, "row");
	sample_close(&s);
}
END_TEST

static const struct {
	enum cert_digest digest;
	bool self_issued, is_ca;
	int state;
} signatures[] = {
	{ CERT_DIGEST_OTHER, false, false, QUIET },
	{ CERT_DIGEST_SHA1, false, false, STATE_WARNING },
	{ CERT_DIGEST_MD5, false, false, STATE_WARNING },
	{ CERT_DIGEST_UNKNOWN, false, false, STATE_UNKNOWN },
	{ CERT_DIGEST_SHA1, true, true, QUIET },          /* a root's own signature */
	{ CERT_DIGEST_MD5, true, true, QUIET },
	{ CERT_DIGEST_SHA1, false, true, STATE_WARNING }, /* an intermediate CA */
	{ CERT_DIGEST_SHA1, true, false, STATE_WARNING }, /* a self-signed leaf */
};

START_TEST(test_signature)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	cert = add_shape(&s, LEAF, DAYS(400));
	facts(&s, cert)->signature_digest = signatures[_i].digest;
	facts(&s, cert)->self_issued = signatures[_i].self_issued;
	facts(&s, cert)->is_ca = signatures[_i].is_ca;
	sample_judge(&s, NOW);
	expect(&s, cert, "weak-signature", signatures[_i].state, "row");
	sample_close(&s);
}
END_TEST

/* What an API only tells the dates of has no key to judge. */
START_TEST(test_reported_has_no_key)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	cert = add_shape(&s, OM_REPORTED, DAYS(400));
	sample_judge(&s, NOW);
	ck_assert_uint_eq(sample_item(&s, cert)->findings.n, 0);
	sample_close(&s);
}
END_TEST

static const struct { const char *service; bool is_ca, has_constraints; int state; } leafs[] = {
	{ "API", false, true, QUIET }, { "API", true, true, STATE_WARNING },
	{ "API", false, false, STATE_OK },
	{ "MGMT_CLUSTER", true, true, STATE_WARNING }, { "APH", true, true, STATE_WARNING },
	{ "APH_TN", true, true, STATE_WARNING }, { "CCP", true, true, STATE_WARNING },
	{ "CBM_CORFU", true, true, STATE_WARNING },
	{ "LOCAL_MANAGER", true, true, QUIET }, { "CLIENT_AUTH", true, true, QUIET },
	{ "KEY_REFERENCED", true, true, QUIET }, { NULL, true, true, QUIET },
	{ NULL, false, false, QUIET },
};

START_TEST(test_leaf_is_ca)
{
	struct sample s;
	size_t cert, nsx;

	sample_open(&s, NULL);
	nsx = sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	cert = sample_fake(&s.inv, DAYS(400));
	sample_row(&s.inv, cert, nsx, "x", leafs[_i].service, "nsx-01");
	facts(&s, cert)->is_ca = leafs[_i].is_ca;
	facts(&s, cert)->has_basic_constraints = leafs[_i].has_constraints;
	sample_judge(&s, NOW);
	expect(&s, cert, "leaf-is-ca", leafs[_i].state, "row");
	sample_close(&s);
}
END_TEST

START_TEST(test_leaf_is_ca_by_shape)
{
	static const struct { enum shape shape; int state; } rows[] = {
		{ PRESENTED_CA, STATE_WARNING }, { CHAIN_CA, QUIET }, { ROOT, QUIET },
		{ OM_NATS, QUIET },
		{ FILE_LEAF, QUIET }, { OM_LEAF, QUIET },
	};

	for (int i = 0; i < UNIT_ROWS(rows); i++) {
		struct sample s;
		size_t cert;

		sample_open(&s, NULL);
		cert = add_shape(&s, rows[i].shape, DAYS(400));
		facts(&s, cert)->is_ca = true;
		sample_judge(&s, NOW);
		expect(&s, cert, "leaf-is-ca", rows[i].state, "shape");
		sample_close(&s);
	}
}
END_TEST

/* --- served-differs -------------------------------------------------------------------- */

/* A: what the inventory has for (row_service, row_node); B: what a listener
 * shows where (service, node) was expected. */
static const struct {
	const char *comment;
	const char *row_service, *row_node, *service, *node;
	bool same;                /* the listener shows A */
	int64_t served_left_days;
	int state;
} served[] = {
	{ "same", "API", "nsx-01", "API", "nsx-01", true, 400, QUIET },
	{ "differs", "API", "nsx-01", "API", "nsx-01", false, 400, STATE_WARNING },
	{ "at the limit", "API", "nsx-01", "API", "nsx-01", false, 30, STATE_WARNING },
	{ "ends soon", "API", "nsx-01", "API", "nsx-01", false, 29, STATE_CRITICAL },
	{ "expired", "API", "nsx-01", "API", "nsx-01", false, -1, STATE_CRITICAL },
	{ "no row for the node", "API", "nsx-02", "API", "nsx-01", false, -1, QUIET },
	{ "no row for the service", "APH", "nsx-01", "API", "nsx-01", false, -1, QUIET },
	{ "VIP by node", "MGMT_CLUSTER", "nsx-01", "MGMT_CLUSTER", "nsx-01", false, 400,
	    STATE_WARNING },
	{ "VIP by cluster", "MGMT_CLUSTER", "cluster", "MGMT_CLUSTER", "nsx-01", false, 400,
	    STATE_WARNING },
	{ "VIP without node", "MGMT_CLUSTER", "cluster", "MGMT_CLUSTER", NULL, false, 400,
	    STATE_WARNING },
	{ "VIP same", "MGMT_CLUSTER", "cluster", "MGMT_CLUSTER", NULL, true, 400, QUIET },
	{ "API without node", "API", NULL, "API", NULL, false, 400, STATE_WARNING },
	{ "plain listener", "API", "nsx-01", NULL, NULL, false, -1, QUIET },
};

START_TEST(test_served)
{
	struct sample s;
	size_t nsx, a, b;
	const struct finding *f;

	sample_open(&s, NULL);
	nsx = sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	a = sample_fake(&s.inv, DAYS(served[_i].same ? served[_i].served_left_days : 500));
	sample_row(&s.inv, a, nsx, "expected one", served[_i].row_service, served[_i].row_node);
	b = served[_i].same ? a : sample_fake(&s.inv, DAYS(served[_i].served_left_days));
	sample_served(&s.inv, b, nsx, "nsx-01.example:443", served[_i].service, served[_i].node);
	sample_judge(&s, NOW);
	expect(&s, b, "served-differs", served[_i].state, served[_i].comment);
	if (!served[_i].same)
		expect(&s, a, "served-differs", QUIET, "the expected one");
	ck_assert_int_eq((int)s.report.n_drift, served[_i].state != QUIET);
	f = sample_finding(&sample_item(&s, b)->findings, "served-differs");
	if (f != NULL) {
		ck_assert_ptr_nonnull(strstr(f->message, "nsx-01.example:443 serves "));
		ck_assert_ptr_nonnull(strstr(f->message, "\"expected one\" (9e3779b9)"));
	}
	sample_close(&s);
}
END_TEST

/* Another target's inventory is no evidence; of two rows for one use, either
 * is fine; a row that could not be read proves nothing. */
START_TEST(test_served_evidence)
{
	struct sample s;
	size_t prod, lab, a, b, c;

	sample_open(&s, NULL);
	prod = sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	lab = sample_source(&s.inv, "lab", SOURCE_NSX, "4.2.0.0");
	a = sample_fake(&s.inv, DAYS(500));
	b = sample_fake(&s.inv, DAYS(500));
	c = inventory_add_cert(&s.inv, cert_unreadable("bad"));
	sample_row(&s.inv, a, lab, "a", "API", "nsx-01");
	sample_served(&s.inv, b, prod, "nsx-01:443", "API", "nsx-01");
	sample_judge(&s, NOW);
	expect(&s, b, "served-differs", QUIET, "another target");
	sample_row(&s.inv, c, prod, "c", "API", "nsx-01");
	sample_judge(&s, NOW);
	expect(&s, b, "served-differs", QUIET, "an unreadable row");
	sample_row(&s.inv, a, prod, "a", "API", "nsx-01");
	sample_judge(&s, NOW);
	expect(&s, b, "served-differs", STATE_WARNING, "another certificate");
	sample_row(&s.inv, b, prod, "b", "API", "nsx-01");
	sample_judge(&s, NOW);
	expect(&s, b, "served-differs", QUIET, "one of two rows");
	sample_close(&s);
}
END_TEST

/* --- rotation-unfinished --------------------------------------------------------------- */

static struct sighting *add_ca(struct sample *s, size_t om, int active, int64_t created_at)
{
	struct sighting *at = sample_row(&s->inv, sample_fake(&s->inv, DAYS(1000)), om, "VMware",
	    "ROOT_CA", NULL);

	facts(s, at->cert)->is_ca = true;
	at->role = ROLE_OM_ROOT_CA;
	at->active = active;
	at->has_created_at = true;
	at->created_at = created_at;
	return at;
}

/* The active CA and another one, when each was made, seen from NOW. */
static const struct {
	const char *comment, *words;
	int64_t active_created_s, other_created_s;
	int other_active, state;
} rotations[] = {
	{ "newer, fresh", "", -900 * SAMPLE_DAY, -14 * SAMPLE_DAY, 0, QUIET },
	{ "newer, stale", "never activated", -900 * SAMPLE_DAY, -14 * SAMPLE_DAY - 1, 0,
	    STATE_WARNING },
	{ "older, fresh", "", -14 * SAMPLE_DAY, -900 * SAMPLE_DAY, 0, QUIET },
	{ "older, stale", "never deleted", -14 * SAMPLE_DAY - 1, -900 * SAMPLE_DAY, 0,
	    STATE_WARNING },
	{ "not told", "", -900 * SAMPLE_DAY, -100 * SAMPLE_DAY, -1, QUIET },
	{ "both active", "", -900 * SAMPLE_DAY, -100 * SAMPLE_DAY, 1, QUIET },
};

START_TEST(test_rotation)
{
	const struct finding *f;
	struct sample s;
	size_t om, active, other;

	sample_open(&s, NULL);
	om = sample_source(&s.inv, "tas", SOURCE_OPSMAN, "3.0.0");
	active = add_ca(&s, om, 1, NOW + rotations[_i].active_created_s)->cert;
	other = add_ca(&s, om, rotations[_i].other_active,
	    NOW + rotations[_i].other_created_s)->cert;
	sample_judge(&s, NOW);
	expect(&s, other, "rotation-unfinished", rotations[_i].state, rotations[_i].comment);
	expect(&s, active, "rotation-unfinished", QUIET, "the active one");
	f = sample_finding(&sample_item(&s, other)->findings, "rotation-unfinished");
	ck_assert(f == NULL || strstr(f->message, rotations[_i].words) != NULL);
	sample_close(&s);
}
END_TEST

/* The time comes from the target's policy; a list without an active CA, or
 * without dates, is told too. */
START_TEST(test_rotation_odd)
{
	struct sample s;
	size_t om, cert;

	sample_open(&s, NULL);
	s.policy.rotation_stale_s = 10;
	om = sample_source(&s.inv, "tas", SOURCE_OPSMAN, "3.0.0");
	cert = add_ca(&s, om, 0, NOW - 11)->cert;
	sample_judge(&s, NOW);
	expect(&s, cert, "rotation-unfinished", STATE_WARNING, "none active");
	sample_judge(&s, NOW - 1);
	expect(&s, cert, "rotation-unfinished", QUIET, "not yet");
	s.inv.sightings[0].has_created_at = false;      /* its notBefore stands in */
	sample_judge(&s, NOW - 365 * SAMPLE_DAY + 10);
	expect(&s, cert, "rotation-unfinished", QUIET, "by notBefore, fresh");
	sample_judge(&s, NOW - 365 * SAMPLE_DAY + 11);
	expect(&s, cert, "rotation-unfinished", STATE_WARNING, "by notBefore, stale");
	facts(&s, cert)->has_not_before = false;
	sample_judge(&s, NOW);
	expect(&s, cert, "rotation-unfinished", STATE_WARNING, "no dates at all");
	sample_close(&s);
}
END_TEST

/* --- deadline-passed ------------------------------------------------------------------- */

static const struct {
	const char *comment;
	enum role role;
	int active;
	int64_t left_s;
	int state;
} deadlines[] = {
	{ "in time", ROLE_OM_ROOT_CA, 1, 7 * SAMPLE_DAY, QUIET },
	{ "a second too late", ROLE_OM_ROOT_CA, 1, 7 * SAMPLE_DAY - 1, STATE_CRITICAL },
	{ "its last second", ROLE_OM_ROOT_CA, 1, 0, STATE_CRITICAL },
	{ "expired: told by another", ROLE_OM_ROOT_CA, 1, -1, QUIET },
	{ "the NATS CA", ROLE_OM_NATS_CA, 1, 7 * SAMPLE_DAY - 1, STATE_CRITICAL },
	{ "inactive", ROLE_OM_ROOT_CA, 0, SAMPLE_DAY, QUIET },
	{ "not told", ROLE_OM_ROOT_CA, -1, SAMPLE_DAY, QUIET },
	{ "a leaf", ROLE_OM_LEAF, 1, SAMPLE_DAY, QUIET },
};

START_TEST(test_deadline)
{
	struct sighting *at;
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	s.policy.limits.ca_warning = s.policy.limits.ca_critical = (struct limit){ .has_time = true };
	cert = sample_fake(&s.inv, NOW + deadlines[_i].left_s);
	at = sample_row(&s.inv, cert, sample_source(&s.inv, "tas", SOURCE_OPSMAN, "3.0.0"), "VMware",
	    "ROOT_CA", NULL);
	at->role = deadlines[_i].role;
	at->active = deadlines[_i].active;
	sample_judge(&s, NOW);
	expect(&s, cert, "deadline-passed", deadlines[_i].state, deadlines[_i].comment);
	s.policy.rotation_needs_s = 0;
	sample_judge(&s, NOW);
	expect(&s, cert, "deadline-passed", QUIET, "a rotation needs no time");
	sample_close(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("rules");
	TCase *t = tcase_create("rules");

	tcase_add_loop_test(t, test_end, 0, UNIT_ROWS(ends));
	tcase_add_test(t, test_days_left);
	tcase_add_loop_test(t, test_start, 0, UNIT_ROWS(starts));
	tcase_add_test(t, test_start_by_principal);
	tcase_add_test(t, test_unreadable);
	tcase_add_test(t, test_unreadable_but_told);
	tcase_add_test(t, test_strictest);
	tcase_add_loop_test(t, test_unused, 0, UNIT_ROWS(unused));
	tcase_add_test(t, test_unused_is_judged_else);
	tcase_add_loop_test(t, test_key, 0, UNIT_ROWS(keys));
	tcase_add_loop_test(t, test_signature, 0, UNIT_ROWS(signatures));
	tcase_add_test(t, test_reported_has_no_key);
	tcase_add_loop_test(t, test_leaf_is_ca, 0, UNIT_ROWS(leafs));
	tcase_add_test(t, test_leaf_is_ca_by_shape);
	tcase_add_loop_test(t, test_served, 0, UNIT_ROWS(served));
	tcase_add_test(t, test_served_evidence);
	tcase_add_loop_test(t, test_rotation, 0, UNIT_ROWS(rotations));
	tcase_add_test(t, test_rotation_odd);
	tcase_add_loop_test(t, test_deadline, 0, UNIT_ROWS(deadlines));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
