/* test_cert.c - a certificate's facts: as OpenSSL's full X509 says, and as
 * they were put in. */
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/fileio.h"
#include "lib/base/text.h"
#include "tests/unit/cert_fixture.h"
#include "tests/unit/cert_oracle.h"
#include "tests/unit/unit.h"

#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define BUNDLE_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* --- agreement with the full X509 ------------------------------------------------ */

static void agree_with_x509(const char *name)
{
	struct err e = { 0 };
	struct cert *c = fixture_cert(name, &e);
	const char *objection;
	bool refused;

	ck_assert_msg(c != NULL, "%s: %s", name, e.text);
	ck_assert_msg(ERR_peek_error() == 0, "%s: left an error in OpenSSL's queue", name);
	ck_assert_int_eq(c->form, CERT_PARSED);
	objection = oracle_objection(c, &refused);
	ck_assert_msg(objection == NULL, "%s: not as X509 says: %s", name, objection);
	ck_assert_msg(refused == (strstr(name, "odd/name") != NULL), "%s: refused by OpenSSL: %d",
	    name, refused);
	ERR_clear_error();         /* the oracle's own */
	cert_free(c);
}

START_TEST(test_good_as_x509)
{
	fixture_each("good", agree_with_x509);
}
END_TEST

START_TEST(test_odd_as_x509)
{
	fixture_each("odd", agree_with_x509);
}
END_TEST

static bool agree_in_bundle(void *ctx, size_t index, struct cert *c, const char *problem)
{
	const char *objection;
	bool refused;

	(void)ctx;
	ck_assert_msg(c != NULL, "block %zu: %s", index, problem);
	objection = oracle_objection(c, &refused);
	ck_assert_msg(objection == NULL && !refused, "block %zu: not as X509 says: %s", index, objection);
	cert_free(c);
	return true;
}

/* Real certificates of every age and make, where the system has some. */
START_TEST(test_system_bundle_as_x509)
{
	struct buf b;
	struct err e;

	if (access(SYSTEM_BUNDLE, R_OK) != 0)
		return;
	buf_init(&b, BUNDLE_MAX_BYTES);
	ck_assert_int_eq(fileio_read(SYSTEM_BUNDLE, &b, &e), 0);
	ck_assert_uint_gt(cert_read_pem(b.data, b.len, agree_in_bundle, NULL), 0);
	buf_clear(&b);
}
END_TEST

/* --- what was put in --------------------------------------------------------------- */

static const struct key_row {
	const char *file, *text;
	enum cert_key kind;
	int bits;
} key_rows[] = {
	{ "good/rsa-leaf.pem", "RSA 2048", CERT_KEY_RSA, 2048 },
	{ "good/rsa-1024.pem", "RSA 1024", CERT_KEY_RSA, 1024 },
	{ "good/rsa-4096.pem", "RSA 4096", CERT_KEY_RSA, 4096 },
	{ "good/rsa-pss-key.pem", "RSA-PSS 2048", CERT_KEY_RSA, 2048 },
	{ "good/dsa.pem", "DSA 1024", CERT_KEY_DSA, 1024 },
	{ "good/ec-leaf.pem", "EC P-256", CERT_KEY_EC, 256 },
	{ "good/ec-p192.pem", "EC P-192", CERT_KEY_EC, 192 },
	{ "good/ec-p224.pem", "EC P-224", CERT_KEY_EC, 224 },
	{ "good/ec-p384.pem", "EC P-384", CERT_KEY_EC, 384 },
	{ "good/ec-p521.pem", "EC P-521", CERT_KEY_EC, 521 },
	{ "good/ec-secp256k1.pem", "EC secp256k1", CERT_KEY_EC, 256 },
	{ "good/ec-brainpool256.pem", "EC brainpoolP256r1", CERT_KEY_EC, 256 },
	{ "good/ec-brainpool384.pem", "EC brainpoolP384r1", CERT_KEY_EC, 384 },
	{ "good/ec-brainpool512.pem", "EC brainpoolP512r1", CERT_KEY_EC, 512 },
	{ "good/ec-binary.pem", "EC K-233", CERT_KEY_EC, 232 },
	{ "good/ec-compressed.pem", "EC P-256", CERT_KEY_EC, 256 },
	{ "good/ec-described.pem", "EC P-256", CERT_KEY_EC, 256 },
	{ "good/ec-sm2.pem", "EC SM2", CERT_KEY_EC, 256 },
	{ "good/ed25519.pem", "ED25519", CERT_KEY_OTHER, 256 },
	{ "good/ed448.pem", "ED448", CERT_KEY_OTHER, 456 },
	{ "good/x25519.pem", "X25519", CERT_KEY_OTHER, 253 },
	{ "good/key-of-unknown-kind.pem", "", CERT_KEY_OTHER, 0 },
	{ "good/key-is-noise.pem", "RSA", CERT_KEY_RSA, 0 },
	{ "odd/point-off-curve.der", "EC P-256", CERT_KEY_EC, 256 },
};

START_TEST(test_key)
{
	const struct key_row *row = &key_rows[_i];
	struct cert *c = fixture_cert(row->file, NULL);
	struct buf text;

	buf_init(&text, 100);
	cert_key_text(c, &text);
	ck_assert_str_eq(buf_str(&text), row->text);
	ck_assert_int_eq(c->key_kind, row->kind);
	ck_assert_int_eq(c->key_bits, row->bits);
	buf_clear(&text);
	cert_free(c);
}
END_TEST

static const struct signature_row {
	const char *file, *text;
	enum cert_digest digest;
} signature_rows[] = {
	{ "good/rsa-leaf.pem", "sha256WithRSAEncryption", CERT_DIGEST_OTHER },
	{ "good/ec-leaf.pem", "ecdsa-with-SHA256", CERT_DIGEST_OTHER },
	{ "good/signed-md5.pem", "md5WithRSAEncryption", CERT_DIGEST_MD5 },
	{ "good/signed-sha1.pem", "sha1WithRSAEncryption", CERT_DIGEST_SHA1 },
	{ "good/signed-sha512.pem", "sha512WithRSAEncryption", CERT_DIGEST_OTHER },
	{ "good/signed-ecdsa-sha1.pem", "ecdsa-with-SHA1", CERT_DIGEST_SHA1 },
	{ "good/signed-ecdsa-sha3.pem", "ecdsa_with_SHA3-256", CERT_DIGEST_OTHER },
	{ "good/signed-pss-sha256.pem", "rsassaPss", CERT_DIGEST_OTHER },
	{ "good/signed-pss-sha1.pem", "rsassaPss", CERT_DIGEST_SHA1 },
	{ "good/ed25519.pem", "ED25519", CERT_DIGEST_OTHER },
	{ "good/signed-in-unknown-way.pem", "", CERT_DIGEST_UNKNOWN },
};

START_TEST(test_signature)
{
	const struct signature_row *row = &signature_rows[_i];
	struct cert *c = fixture_cert(row->file, NULL);
	struct buf text;

	buf_init(&text, 100);
	cert_signature_text(c, &text);
	ck_assert_str_eq(buf_str(&text), row->text);
	ck_assert_int_eq(c->signature_digest, row->digest);
	buf_clear(&text);
	cert_free(c);
}
END_TEST

static const struct date_row { const char *file, *not_before, *not_after; } date_rows[] = {
	{ "good/date-year-1.pem", "0001-01-01T00:00:00Z", "2028-12-31T23:59:59Z" },
	{ "good/date-year-9999.pem", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z" },
	{ "good/date-100-years.pem", "2026-01-01T00:00:00Z", "2126-01-01T00:00:00Z" },
	{ "good/date-1950.pem", "1950-01-01T00:00:00Z", "2028-12-31T23:59:59Z" },
	{ "good/date-2049.pem", "2026-01-01T00:00:00Z", "2049-12-31T23:59:59Z" },
	{ "good/date-2050.pem", "2026-01-01T00:00:00Z", "2050-01-01T00:00:00Z" },
	{ "good/date-1970.pem", "1970-01-01T00:00:00Z", "2028-12-31T23:59:59Z" },
	{ "good/date-1969.pem", "1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z" },
	{ "good/date-leap-day.pem", "2000-02-29T12:00:00Z", "2028-02-29T23:59:59Z" },
	{ "good/date-2038.pem", "2026-01-01T00:00:00Z", "2038-01-19T03:14:08Z" },
	{ "good/date-backwards.pem", "2030-01-01T00:00:00Z", "2025-01-01T00:00:00Z" },
};

START_TEST(test_dates)
{
	const struct date_row *row = &date_rows[_i];
	struct cert *c = fixture_cert(row->file, NULL);
	char text[TEXT_TIME_BYTES];

	ck_assert(c->has_not_before && c->has_not_after);
	ck_assert_str_eq(text_from_time(c->not_before_at, text), row->not_before);
	ck_assert_str_eq(text_from_time(c->not_after_at, text), row->not_after);
	cert_free(c);
}
END_TEST

enum { NO = 0, YES = 1 };
#define ALL_KU (CERT_KU_DIGITAL_SIGNATURE | CERT_KU_KEY_ENCIPHERMENT | CERT_KU_KEY_AGREEMENT | \
    CERT_KU_CERT_SIGN | CERT_KU_OTHER)
#define ALL_EKU (CERT_EKU_SERVER | CERT_EKU_CLIENT | CERT_EKU_ANY | CERT_EKU_OTHER)

static const struct usage_row {
	const char *file;
	bool has_constraints, is_ca, has_ku;
	unsigned ku;
	bool has_eku;
	unsigned eku;
} usage_rows[] = {
	{ "good/root.pem", YES, YES, YES, CERT_KU_CERT_SIGN | CERT_KU_OTHER, NO, 0 },
	{ "good/rsa-leaf.pem", YES, NO, YES, CERT_KU_DIGITAL_SIGNATURE | CERT_KU_KEY_ENCIPHERMENT, YES,
	    CERT_EKU_SERVER | CERT_EKU_CLIENT },
	{ "good/leaf-is-ca.pem", YES, YES, NO, 0, NO, 0 },
	{ "good/v1.pem", NO, NO, NO, 0, NO, 0 },
	{ "good/no-extensions.pem", NO, NO, NO, 0, NO, 0 },
	{ "good/ca-absent.pem", NO, NO, YES, CERT_KU_DIGITAL_SIGNATURE, NO, 0 },
	{ "good/ca-false.pem", YES, NO, NO, 0, NO, 0 },
	{ "good/usage-all.pem", NO, NO, YES, ALL_KU, YES, ALL_EKU },
	{ "good/usage-agreement.pem", NO, NO, YES, CERT_KU_KEY_AGREEMENT, NO, 0 },
	{ "good/usage-client.pem", NO, NO, NO, 0, YES, CERT_EKU_CLIENT },
	{ "good/usage-code.pem", NO, NO, NO, 0, YES, CERT_EKU_OTHER },
	{ "good/usage-any.pem", NO, NO, NO, 0, YES, CERT_EKU_ANY },
	{ "good/usage-empty.pem", NO, NO, YES, 0, YES, 0 },
};

START_TEST(test_usage)
{
	const struct usage_row *row = &usage_rows[_i];
	struct cert *c = fixture_cert(row->file, NULL);

	ck_assert_int_eq(c->has_basic_constraints, row->has_constraints);
	ck_assert_int_eq(c->is_ca, row->is_ca);
	ck_assert_int_eq(c->has_key_usage, row->has_ku);
	ck_assert_uint_eq(c->key_usage, row->ku);
	ck_assert_int_eq(c->has_ext_key_usage, row->has_eku);
	ck_assert_uint_eq(c->ext_key_usage, row->eku);
	cert_free(c);
}
END_TEST

static const struct issue_row { const char *file; bool self_issued; } issue_rows[] = {
	{ "good/root.pem", true },
	{ "good/self-signed.pem", true },
	{ "good/rsa-leaf.pem", false },
	{ "good/issuer-otherwise-written.pem", true },
	{ "good/issuer-bmp.pem", true },
	{ "good/issuer-nearly.pem", false },
	{ "good/name-empty.pem", false },
};

START_TEST(test_self_issued)
{
	struct cert *c = fixture_cert(issue_rows[_i].file, NULL);

	ck_assert_int_eq(c->self_issued, issue_rows[_i].self_issued);
	cert_free(c);
}
END_TEST

/* --- what has no bytes ------------------------------------------------------------------ */

START_TEST(test_reported)
{
	int64_t from = -1, to = 253402300799;
	struct cert *c = cert_reported("CN=ops", &from, &to, 1);
	struct buf text;

	ck_assert_int_eq(c->form, CERT_REPORTED);
	ck_assert(c->has_not_before && c->not_before_at == from);
	ck_assert(c->has_not_after && c->not_after_at == to);
	ck_assert(c->is_ca);
	ck_assert_ptr_null(c->der);
	buf_init(&text, 100);
	cert_issuer_text(c, &text);
	ck_assert_str_eq(buf_str(&text), "CN=ops");
	buf_reset(&text);
	cert_subject_text(c, &text);
	cert_common_name(c, &text);
	cert_serial_hex(c, &text);
	cert_key_text(c, &text);
	cert_signature_text(c, &text);
	ck_assert_str_eq(buf_str(&text), "");
	buf_clear(&text);
	cert_free(c);
}
END_TEST

START_TEST(test_reported_without_dates)
{
	struct cert *c = cert_reported(NULL, NULL, NULL, -1);

	ck_assert(!c->has_not_before && !c->has_not_after && !c->is_ca);
	ck_assert_ptr_null(c->reported_issuer);
	cert_free(c);
}
END_TEST

START_TEST(test_unreadable)
{
	char reason[] = "cut off";
	struct cert *c = cert_unreadable(reason);
	struct buf text;

	reason[0] = 'X';
	ck_assert_int_eq(c->form, CERT_UNREADABLE);
	ck_assert_str_eq(c->problem, "cut off");
	buf_init(&text, 100);
	cert_issuer_text(c, &text);
	cert_serial_hex(c, &text);
	ck_assert_uint_eq(text.len, 0);
	buf_clear(&text);
	cert_free(c);
	cert_free(NULL);
}
END_TEST

START_TEST(test_identity)
{
	struct cert *a = fixture_cert("good/root.pem", NULL), *b = fixture_cert("good/ec-root.pem", NULL);
	struct cert *again = fixture_cert("good/root.pem", NULL);
	char hex[2 * CERT_SHA256_BYTES + 1], first[3];

	ck_assert_int_eq(cert_compare(a, again), 0);
	ck_assert_int_ne(cert_compare(a, b), 0);
	ck_assert_int_eq(cert_compare(a, b), -cert_compare(b, a));
	cert_sha256_hex(a, hex);
	ck_assert_uint_eq(strlen(hex), 64);
	snprintf(first, sizeof first, "%02x", a->sha256[0]);
	ck_assert_int_eq(strncmp(hex, first, 2), 0);
	cert_free(a);
	cert_free(b);
	cert_free(again);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("cert");
	TCase *t = tcase_create("facts");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_good_as_x509);
	tcase_add_test(t, test_odd_as_x509);
	tcase_add_test(t, test_system_bundle_as_x509);
	tcase_add_loop_test(t, test_key, 0, UNIT_ROWS(key_rows));
	tcase_add_loop_test(t, test_signature, 0, UNIT_ROWS(signature_rows));
	tcase_add_loop_test(t, test_dates, 0, UNIT_ROWS(date_rows));
	tcase_add_loop_test(t, test_usage, 0, UNIT_ROWS(usage_rows));
	tcase_add_loop_test(t, test_self_issued, 0, UNIT_ROWS(issue_rows));
	tcase_add_test(t, test_reported);
	tcase_add_test(t, test_reported_without_dates);
	tcase_add_test(t, test_unreadable);
	tcase_add_test(t, test_identity);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
