/* test_text.c - numbers, durations, spans, hex. */
#include "lib/base/text.h"

#include <locale.h>
#include <string.h>
#include "tests/unit/unit.h"

static const struct { const char *s; int64_t min, max; int failed; int64_t value; } integers[] = {
	{ "0", 0, 9, 0, 0 },
	{ "-0", 0, 9, 0, 0 },
	{ "+5", 0, 9, 0, 5 },
	{ "-5", -9, 9, 0, -5 },
	{ "010", 0, 99, 0, 10 },                 /* ten, not eight */
	{ "9", 0, 9, 0, 9 },
	{ "10", 0, 9, -1, 0 },
	{ "-10", -9, 9, -1, 0 },
	{ "9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX },
	{ "9223372036854775808", INT64_MIN, INT64_MAX, -1, 0 },
	{ "-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN },
	{ "-9223372036854775809", INT64_MIN, INT64_MAX, -1, 0 },
	{ "18446744073709551616", INT64_MIN, INT64_MAX, -1, 0 },
	{ "99999999999999999999999999", INT64_MIN, INT64_MAX, -1, 0 },
	{ "00000000000000000000000000000000000007", 0, 9, 0, 7 },
	{ "", 0, 9, -1, 0 },
	{ "-", 0, 9, -1, 0 },
	{ "+", 0, 9, -1, 0 },
	{ "--5", -9, 9, -1, 0 },
	{ "+-5", -9, 9, -1, 0 },
	{ " 5", 0, 9, -1, 0 },
	{ "5 ", 0, 9, -1, 0 },
	{ "5x", 0, 9, -1, 0 },
	{ "0x5", 0, 9, -1, 0 },
	{ "5.0", 0, 9, -1, 0 },
	{ "1e2", 0, 999, -1, 0 },
	{ "1,000", 0, 9999, -1, 0 },
	{ "\xD9\xA3", 0, 9, -1, 0 },             /* an Arabic-Indic three */
};

START_TEST(test_to_i64)
{
	int64_t value = 77;

	ck_assert_int_eq(text_to_i64(integers[_i].s, integers[_i].min, integers[_i].max, &value),
	    integers[_i].failed);
	ck_assert_int_eq(value, integers[_i].failed ? 77 : integers[_i].value);
}
END_TEST

static const struct { const char *s; int failed; double value; } doubles[] = {
	{ "0", 0, 0 }, { "5", 0, 5 }, { "+5", 0, 5 }, { "-5", 0, -5 }, { "-.5", 0, -0.5 },
	{ ".5", 0, 0.5 }, { "5.", 0, 5 }, { "5.25", 0, 5.25 }, { "010", 0, 10 },
	{ "1e3", 0, 1000 }, { "1E3", 0, 1000 }, { "1e+3", 0, 1000 }, { "125e-3", 0, 0.125 },
	{ "5.e1", 0, 50 }, { ".5e1", 0, 5 }, { "1e308", 0, 1e308 }, { "1e-400", 0, 0 },
	{ "9007199254740993", 0, 9007199254740992.0 },
	{ "", -1, 0 }, { ".", -1, 0 }, { "-", -1, 0 }, { "+.", -1, 0 }, { "e5", -1, 0 },
	{ ".e5", -1, 0 }, { "1e", -1, 0 }, { "1e+", -1, 0 }, { "1e5.5", -1, 0 },
	{ "1..5", -1, 0 }, { "1.5.5", -1, 0 }, { "1e5e5", -1, 0 }, { "--5", -1, 0 },
	{ "1,5", -1, 0 }, { "0x10", -1, 0 }, { "0x1p3", -1, 0 },
	{ "nan", -1, 0 }, { "NaN", -1, 0 }, { "inf", -1, 0 }, { "-inf", -1, 0 },
	{ "infinity", -1, 0 }, { "INF", -1, 0 }, { "nan(1)", -1, 0 },
	{ "1e309", -1, 0 }, { "1e400", -1, 0 }, { "-1e400", -1, 0 }, { "1e99999999999", -1, 0 },
	{ " 5", -1, 0 }, { "5 ", -1, 0 }, { "10abc", -1, 0 }, { "1 0", -1, 0 }, { "5d", -1, 0 },
};

START_TEST(test_to_double)
{
	double value = 77;

	ck_assert_int_eq(text_to_double(doubles[_i].s, &value), doubles[_i].failed);
	ck_assert_double_eq(value, doubles[_i].failed ? 77 : doubles[_i].value);
}
END_TEST

/* So many digits nobody means: the limit, to the character. */
START_TEST(test_long_double)
{
	char digits[200];
	double value = 77;

	memset(digits, '0', sizeof digits);
	digits[127] = '\0';
	ck_assert_int_eq(text_to_double(digits, &value), 0);
	ck_assert_double_eq(value, 0);
	digits[127] = '0';
	digits[128] = '\0';
	ck_assert_int_eq(text_to_double(digits, &value), -1);
	digits[1] = '.';
	ck_assert_int_eq(text_to_double(digits, &value), -1);
}
END_TEST

/* A comma in the locale changes nothing.  Where no such locale is installed,
 * the C locale's point is tested again. */
START_TEST(test_locale)
{
	static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C" };
	double value = 0;

	for (int i = 0; i < UNIT_ROWS(names); i++)
		if (setlocale(LC_ALL, names[i]) != NULL)
			break;
	ck_assert_int_eq(text_to_double("1.5", &value), 0);
	ck_assert_double_eq(value, 1.5);
	ck_assert_int_eq(text_to_double("1,5", &value), -1);
	setlocale(LC_ALL, "C");
}
END_TEST

static const struct {
	const char *s;
	int64_t bare_unit_s;
	int failed;
	int64_t value_s;
} durations[] = {
	{ "3600s", 0, 0, 3600 }, { "90m", 0, 0, 5400 }, { "12h", 0, 0, 43200 },
	{ "30d", 0, 0, 2592000 }, { "4w", 0, 0, 2419200 }, { "3M", 0, 0, 7776000 },
	{ "1y", 0, 0, 31536000 }, { "0s", 0, 0, 0 }, { "007d", 0, 0, 604800 },
	{ "30", 86400, 0, 2592000 }, { "25", 1, 0, 25 }, { "0", 1, 0, 0 },
	{ "30", 0, -1, 0 },                              /* a bare number without a unit */
	{ "30s", 86400, 0, 30 },
	{ "9223372036854775807s", 0, 0, INT64_MAX },
	{ "9223372036854775808s", 0, -1, 0 },
	{ "153722867280912930m", 0, 0, 153722867280912930 * 60 },
	{ "153722867280912931m", 0, -1, 0 },
	{ "9223372036854775807y", 0, -1, 0 },
	{ "9223372036854775807", 2, -1, 0 },
	{ "", 1, -1, 0 }, { "d", 1, -1, 0 }, { "-5d", 1, -1, 0 }, { "+5d", 1, -1, 0 },
	{ "5 d", 1, -1, 0 }, { " 5d", 1, -1, 0 }, { "5d ", 1, -1, 0 }, { "5dd", 1, -1, 0 },
	{ "5D", 1, -1, 0 }, { "5H", 1, -1, 0 }, { "5Y", 1, -1, 0 }, { "5x", 1, -1, 0 },
	{ "1.5h", 1, -1, 0 }, { "1h30m", 1, -1, 0 }, { "0x5d", 1, -1, 0 }, { "1e3s", 1, -1, 0 },
	{ "25%", 1, -1, 0 }, { "5ms", 1, -1, 0 },
};

START_TEST(test_to_duration)
{
	int64_t value_s = 77;

	ck_assert_int_eq(text_to_duration(durations[_i].s, durations[_i].bare_unit_s, &value_s),
	    durations[_i].failed);
	ck_assert_int_eq(value_s, durations[_i].failed ? 77 : durations[_i].value_s);
}
END_TEST

#define DAY INT64_C(86400)

static const struct { int64_t seconds; const char *text; } spans[] = {
	{ 0, "0s" }, { 1, "1s" }, { 7, "7s" }, { 59, "59s" }, { 60, "1m 0s" },
	{ 12 * 60 + 3, "12m 3s" }, { 3599, "59m 59s" }, { 3600, "1h 0m" },
	{ 5 * 3600 + 12 * 60 + 59, "5h 12m" }, { DAY - 1, "23h 59m" },
	{ DAY, "1d 0h" }, { DAY + 3599, "1d 0h" }, { 2 * DAY, "2d 0h" },
	{ 3 * DAY - 1, "2d 23h" }, { 3 * DAY, "3d" }, { 3 * DAY + 3599, "3d" },
	{ 3 * DAY + 3600, "3d 1h" }, { 273600, "3d 4h" }, { 14 * DAY - 1, "13d 23h" },
	{ 14 * DAY, "14d" }, { 14 * DAY + 5 * 3600, "14d" }, { 45 * DAY + 86399, "45d" },
	{ -7, "7s" }, { -273600, "3d 4h" },
	{ INT64_MAX, "106751991167300d" }, { INT64_MIN, "106751991167300d" },
};

START_TEST(test_from_span)
{
	char out[TEXT_SPAN_BYTES];

	ck_assert_ptr_eq(text_from_span(spans[_i].seconds, out), out);
	ck_assert_str_eq(out, spans[_i].text);
}
END_TEST

static const struct { int64_t seconds, days; } floors[] = {
	{ 0, 0 }, { 1, 0 }, { DAY - 1, 0 }, { DAY, 1 }, { 30 * DAY - 1, 29 }, { 30 * DAY, 30 },
	{ -1, -1 }, { -DAY + 1, -1 }, { -DAY, -1 }, { -DAY - 1, -2 }, { -30 * DAY, -30 },
	{ INT64_MAX, 106751991167300 }, { INT64_MIN, -106751991167301 },
};

START_TEST(test_days_floor)
{
	ck_assert_int_eq(text_days_floor(floors[_i].seconds), floors[_i].days);
}
END_TEST

START_TEST(test_hex)
{
	static const uint8_t bytes[] = { 0x00, 0x0f, 0xa5, 0xff };
	char out[2 * sizeof bytes + 1];

	text_hex(bytes, sizeof bytes, out);
	ck_assert_str_eq(out, "000fa5ff");
	text_hex(bytes, 0, out);
	ck_assert_str_eq(out, "");
}
END_TEST

static const struct { const char *s; size_t n; int failed; } hexes[] = {
	{ "a1b2c3", 3, 0 }, { "A1B2C3", 3, 0 }, { "a1B2c3", 3, 0 },
	{ "a1:b2:c3", 3, 0 }, { "A1:B2:C3", 3, 0 },
	{ "", 3, -1 }, { "a1b2", 3, -1 }, { "a1b2c", 3, -1 }, { "a1b2c3d4", 3, -1 },
	{ "a1b2c3d", 3, -1 }, { "a1:b2c3", 3, -1 }, { "a1b2:c3", 3, -1 }, { "a1:b2:c3:", 3, -1 },
	{ ":a1:b2:c3", 3, -1 }, { "a1::b2:c3", 3, -1 }, { "a:1b:2c:3", 3, -1 },
	{ "a1-b2-c3", 3, -1 }, { "a1 b2 c3", 3, -1 }, { "a1b2g3", 3, -1 }, { "0xa1b2c3", 3, -1 },
	{ " a1b2c3", 3, -1 }, { "a1b2c3 ", 3, -1 }, { "a1:b2:c", 3, -1 }, { "a", 3, -1 },
};

START_TEST(test_from_hex)
{
	static const uint8_t want[] = { 0xa1, 0xb2, 0xc3 };
	uint8_t bytes[3];

	ck_assert_int_eq(text_from_hex(hexes[_i].s, bytes, hexes[_i].n), hexes[_i].failed);
	if (!hexes[_i].failed)
		ck_assert_mem_eq(bytes, want, 3);
}
END_TEST

START_TEST(test_from_short_hex)
{
	uint8_t byte = 0;

	ck_assert_int_eq(text_from_hex("7F", &byte, 1), 0);
	ck_assert_uint_eq(byte, 0x7f);
	ck_assert_int_eq(text_from_hex("7F:", &byte, 1), -1);
	ck_assert_int_eq(text_from_hex("", &byte, 0), 0);
	ck_assert_int_eq(text_from_hex("7F", &byte, 0), -1);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, test_to_i64, 0, UNIT_ROWS(integers));
	tcase_add_loop_test(tc, test_to_double, 0, UNIT_ROWS(doubles));
	tcase_add_test(tc, test_long_double);
	tcase_add_test(tc, test_locale);
	tcase_add_loop_test(tc, test_to_duration, 0, UNIT_ROWS(durations));
	tcase_add_loop_test(tc, test_from_span, 0, UNIT_ROWS(spans));
	tcase_add_loop_test(tc, test_days_floor, 0, UNIT_ROWS(floors));
	tcase_add_test(tc, test_hex);
	tcase_add_loop_test(tc, test_from_hex, 0, UNIT_ROWS(hexes));
	tcase_add_test(tc, test_from_short_hex);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
