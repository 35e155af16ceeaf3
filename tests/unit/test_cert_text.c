/* test_cert_text.c - names, serials and alternative names as text. */
#include <stdlib.h>
#include <string.h>
#include "tests/unit/cert_fixture.h"
#include "tests/unit/unit.h"

#define TEXT_MAX_BYTES ((size_t)64 * 1024)

static const struct name_row { const char *file, *subject, *common_name; } name_rows[] = {
	{ "good/rsa-leaf.pem", "CN=nsx-01.example, OU=NSX, O=Example, L=Palo Alto, ST=CA, C=US",
	    "nsx-01.example" },
	{ "good/root.pem", "CN=Example Root CA, O=Example", "Example Root CA" },
	{ "good/name-utf8.pem", "CN=M\xc3\xbcnchen \xe2\x82\xac, O=Example",
	    "M\xc3\xbcnchen \xe2\x82\xac" },
	{ "good/name-teletex.pem", "CN=M\xc3\xbcnchen, O=Example", "M\xc3\xbcnchen" },
	{ "good/name-bmp.pem", "CN=M\xc3\xbc\xe2\x82\xac, O=Example", "M\xc3\xbc\xe2\x82\xac" },
	{ "good/name-universal.pem", "CN=M\xf0\x9f\x98\x80, O=Example", "M\xf0\x9f\x98\x80" },
	{ "good/name-controls.pem", "CN=a\nb\r\tc\x1b[31m\x7f, O=Example", "a\nb\r\tc\x1b[31m\x7f" },
	{ "good/name-hostile.pem", "CN=a|b\\;c\\, O=Evil\\+x=\\\"y\\\" \\<script\\>[OK] \\\\ $(id) `id` #,"
	    " O=Example", "a|b;c, O=Evil+x=\"y\" <script>[OK] \\ $(id) `id` #" },
	{ "good/name-nul.pem", "CN=good.example\xEF\xBF\xBD.evil.example, O=Example",
	    "good.example\xEF\xBF\xBD.evil.example" },
	{ "good/name-two-cn.pem", "CN=last, O=Example, CN=first", "last" },
	{ "good/name-no-cn.pem", "O=Example, C=DE", "" },
	{ "good/name-empty.pem", "", "" },
	{ "good/name-empty-value.pem", "OU=, CN=x", "x" },
	{ "good/name-two-in-one.pem", "CN=alpha + OU=beta, O=Example", "alpha" },
	{ "good/name-unknown-field.pem", "1.3.6.1.4.1.99999.1=#0C0178, CN=x", "x" },
	{ "good/issuer-bmp.pem", "CN=ab", "ab" },
	{ "odd/name-bad-utf8.der", "CN=ab\xff\xfe" "ef, O=Example", "ab\xff\xfe" "ef" },
	{ "odd/name-odd-universal.der", "CN=#1C047FFFFFFF, O=#0C074578616D706C65", "" },
	{ "odd/name-odd-bmp.der",
	    "#30223110300e060355040a0c074578616d706c65310e300c06035504031e0561...", "" },
};

START_TEST(test_names)
{
	const struct name_row *row = &name_rows[_i];
	struct cert *c = fixture_cert(row->file, NULL);
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	cert_subject_text(c, &text);
	ck_assert_str_eq(buf_str(&text), row->subject);
	buf_reset(&text);
	cert_common_name(c, &text);
	ck_assert_str_eq(buf_str(&text), row->common_name);
	buf_clear(&text);
	cert_free(c);
}
END_TEST

START_TEST(test_issuer)
{
	struct cert *c = fixture_cert("good/rsa-leaf.pem", NULL);
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	buf_adds(&text, "by ");
	cert_issuer_text(c, &text);
	ck_assert_str_eq(buf_str(&text), "by CN=Example Root CA, O=Example");
	buf_clear(&text);
	cert_free(c);
}
END_TEST

START_TEST(test_huge_name)
{
	struct cert *c = fixture_cert("good/name-huge.pem", NULL);
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	cert_common_name(c, &text);
	ck_assert_uint_eq(text.len, 10240);
	ck_assert_uint_eq(strspn(buf_str(&text), "x"), 10240);
	buf_clear(&text);
	buf_init(&text, 1000);     /* the caller's ceiling holds */
	cert_subject_text(c, &text);
	ck_assert(text.overflow);
	buf_clear(&text);
	cert_free(c);
}
END_TEST

static const struct serial_row { const char *file, *serial; } serial_rows[] = {
	{ "good/root.pem", "1001" },
	{ "good/serial-zero.pem", "00" },
	{ "good/serial-negative.pem", "-8f01" },
	{ "good/serial-20-octets.pem", "fedcba98765432100123456789abcdef01234567" },
	{ "good/serial-64-octets.pem", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
};

START_TEST(test_serial)
{
	struct cert *c = fixture_cert(serial_rows[_i].file, NULL);
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	cert_serial_hex(c, &text);
	ck_assert_str_eq(buf_str(&text), serial_rows[_i].serial);
	buf_clear(&text);
	cert_free(c);
}
END_TEST

static void append(void *ctx, const char *name)
{
	buf_addf(ctx, "%s\n", name);
}

static const struct alt_row { const char *file, *names; } alt_rows[] = {
	{ "good/rsa-leaf.pem", "nsx-01.example\nnsx-01\n192.0.2.7\n" },
	{ "good/no-extensions.pem", "" },
	{ "good/v1.pem", "" },
	{ "good/usage-empty.pem", "" },
	{ "good/san-nul.pem", "a\xEF\xBF\xBD" "b\n" },
	{ "good/san-odd-address.pem", "xy\n" },
	{ "good/san-garbage.pem", "" },
	{ "good/name-empty.pem", "nsx-01.example\n" },
};

START_TEST(test_alternative_names)
{
	struct cert *c = fixture_cert(alt_rows[_i].file, NULL);
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	cert_each_name(c, append, &text);
	ck_assert_str_eq(buf_str(&text), alt_rows[_i].names);
	buf_clear(&text);
	cert_free(c);
}
END_TEST

START_TEST(test_many_names)
{
	static const char end[] = "10.0.0.19\n2001:db8::1\n::ffff:192.0.2.1\nhttps://a.example/b?c=d\n";
	struct cert *c = fixture_cert("good/san-many.pem", NULL);
	struct buf text;
	size_t lines = 0;

	buf_init(&text, TEXT_MAX_BYTES);
	cert_each_name(c, append, &text);
	for (const char *p = buf_str(&text); (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_uint_eq(lines, 60 + 20 + 3);   /* not the e-mail address, not the object id */
	ck_assert_int_eq(strncmp(buf_str(&text), "host-00.example\nhost-01.example\n", 32), 0);
	ck_assert_str_eq(buf_str(&text) + text.len - (sizeof end - 1), end);
	buf_clear(&text);
	cert_free(c);
}
END_TEST

START_TEST(test_names_of_what_has_none)
{
	struct cert *c = cert_unreadable("cut off");
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	cert_each_name(c, append, &text);
	ck_assert_uint_eq(text.len, 0);
	buf_clear(&text);
	cert_free(c);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("cert_text");
	TCase *t = tcase_create("texts");

	tcase_add_loop_test(t, test_names, 0, UNIT_ROWS(name_rows));
	tcase_add_test(t, test_issuer);
	tcase_add_test(t, test_huge_name);
	tcase_add_loop_test(t, test_serial, 0, UNIT_ROWS(serial_rows));
	tcase_add_loop_test(t, test_alternative_names, 0, UNIT_ROWS(alt_rows));
	tcase_add_test(t, test_many_names);
	tcase_add_test(t, test_names_of_what_has_none);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
