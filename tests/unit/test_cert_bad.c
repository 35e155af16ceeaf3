/* test_cert_bad.c - what is no certificate is refused with a reason, and
 * bytes changed anywhere never make a fact that X509 does not say. */
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/cert_fixture.h"
#include "tests/unit/cert_oracle.h"
#include "tests/unit/unit.h"

static const struct bad_row { const char *file, *reason; } bad_rows[] = {
	{ "bad/empty.der", "empty" },
	{ "bad/prose.der", "not a certificate in DER" },
	{ "bad/cut.der", "not a certificate in DER" },
	{ "bad/cut-early.der", "not a certificate in DER" },
	{ "bad/tail.der", "1 byte behind the end of the certificate" },
	{ "bad/indefinite.der", "no definite length" },
	{ "bad/outer-set.der", "not a certificate in DER" },
	{ "bad/length-negative.der", "not a certificate in DER" },
	{ "bad/length-short.der", "not a certificate in DER" },
	{ "bad/inner-length-huge.der", "not a certificate in DER" },
	{ "bad/version-is-text.der", "not a certificate in DER" },
	{ "bad/serial-is-text.der", "not a certificate in DER" },
	{ "bad/dates-are-text.der", "not a certificate in DER" },
	{ "bad/date-month-13.der", "notAfter is not a date: \"20261301000000Z\"" },
	{ "bad/date-feb-30.der", "notAfter is not a date: \"260230000000Z\"" },
	{ "bad/date-hour-24.der", "notBefore is not a date: \"260130240000Z\"" },
	{ "bad/date-letters.der", "notBefore is not a date: \"tomorrow?\"" },
	{ "bad/date-no-digits.der", "notAfter is not a date: \"\"" },
	{ "bad/key-is-octets.der", "not a certificate in DER" },
	{ "bad/issuer-no-set.der", "the issuer is not a name" },
	{ "bad/subject-no-set.der", "the subject is not a name" },
	{ "bad/subject-of-numbers.der", "the subject is not a name" },
	{ "bad/constraints-garbage.der", "the extension \"X509v3 Basic Constraints\" cannot be decoded" },
	{ "bad/constraints-twice.der", "two extensions \"X509v3 Basic Constraints\"" },
	{ "bad/usage-garbage.der", "the extension \"X509v3 Key Usage\" cannot be decoded" },
	{ "bad/usage-tail.der", "the extension \"X509v3 Key Usage\" cannot be decoded" },
	{ "bad/ext-usage-garbage.der",
	    "the extension \"X509v3 Extended Key Usage\" cannot be decoded" },
};

START_TEST(test_bad)
{
	const struct bad_row *row = &bad_rows[_i];
	struct err e = { 0 };
	struct cert *c = fixture_cert(row->file, &e);

	ck_assert_ptr_null(c);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_msg(strstr(e.text, row->reason) != NULL, "%s: %s", row->file, e.text);
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

static size_t n_bad_files;

static void count_bad(const char *name)
{
	size_t i = 0;

	while (i < (size_t)UNIT_ROWS(bad_rows) && strcmp(bad_rows[i].file, name) != 0)
		i++;
	ck_assert_msg(i < (size_t)UNIT_ROWS(bad_rows), "%s has no row", name);
	n_bad_files++;
}

START_TEST(test_every_bad_file_has_a_row)
{
	fixture_each("bad", count_bad);
	ck_assert_uint_eq(n_bad_files, (size_t)UNIT_ROWS(bad_rows));
}
END_TEST

/* Exactly n bytes, so that a sanitizer sees a read behind them. */
static struct cert *read_exactly(const unsigned char *der, size_t n, struct err *e)
{
	unsigned char *copy = mem_dup(der, n);
	struct cert *c = cert_from_der(copy, n, e);

	free(copy);
	return c;
}

START_TEST(test_cut_anywhere)
{
	struct cert *whole = fixture_cert("good/rsa-leaf.pem", NULL);

	for (size_t n = 0; n < whole->der_len; n++) {
		struct err e = { 0 };

		ck_assert_ptr_null(read_exactly(whole->der, n, &e));
		ck_assert_int_eq(e.code, ERR_ANSWER);
		ck_assert_str_ne(e.text, "");
	}
	cert_free(whole);
}
END_TEST

START_TEST(test_tail_anyhow)
{
	struct cert *whole = fixture_cert("good/ec-leaf.pem", NULL);
	unsigned char *der = mem_alloc(2 * whole->der_len);
	struct err e = { 0 };

	memcpy(der, whole->der, whole->der_len);
	memcpy(der + whole->der_len, whole->der, whole->der_len);
	ck_assert_ptr_null(read_exactly(der, 2 * whole->der_len, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "behind the end"));
	free(der);
	cert_free(whole);
}
END_TEST

START_TEST(test_too_large)
{
	unsigned char *der = mem_alloc(CERT_DER_MAX_BYTES + 1);
	struct err e = { 0 };

	ck_assert_ptr_null(read_exactly(der, CERT_DER_MAX_BYTES + 1, &e));
	ck_assert_str_eq(e.text, "larger than 65536 bytes");
	free(der);
	ck_assert_ptr_null(cert_from_der(NULL, 0, NULL));
}
END_TEST

/* The bytes as changed: either refused with a reason, or read as X509 reads
 * them, if it does. */
static void read_changed(const unsigned char *der, size_t n, size_t at)
{
	struct err e = { 0 };
	struct cert *c = read_exactly(der, n, &e);
	const char *objection;
	bool refused;

	if (c == NULL) {
		ck_assert_msg(e.code == ERR_ANSWER && e.text[0] != '\0', "byte %zu: no reason", at);
		return;
	}
	objection = oracle_objection(c, &refused);
	ck_assert_msg(objection == NULL, "byte %zu now 0x%02x: not as X509 says: %s", at, der[at],
	    objection);
	cert_free(c);
}

static const char *const changed_files[] = {
	"good/ec-leaf.pem", "good/usage-all.pem", "good/signed-pss-sha256.pem",
	"good/name-two-in-one.pem", "good/ed25519.pem"
};

START_TEST(test_changed_anywhere)
{
	static const unsigned char masks[] = { 0x01, 0xa4, 0x10 };
	struct cert *whole = fixture_cert(changed_files[_i], NULL);

	for (size_t at = 0; at < whole->der_len; at++) {
		unsigned char mask = masks[at % sizeof masks];

		whole->der[at] ^= mask;
		read_changed(whole->der, whole->der_len, at);
		whole->der[at] ^= mask;
	}
	cert_free(whole);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("cert_bad");
	TCase *t = tcase_create("refusals");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_bad, 0, UNIT_ROWS(bad_rows));
	tcase_add_test(t, test_every_bad_file_has_a_row);
	tcase_add_test(t, test_cut_anywhere);
	tcase_add_test(t, test_tail_anyhow);
	tcase_add_test(t, test_too_large);
	tcase_add_loop_test(t, test_changed_anywhere, 0, UNIT_ROWS(changed_files));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
