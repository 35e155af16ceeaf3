/* test_jsonw.c - the JSON writer; what it writes, the reader must read. */
#include "lib/base/json.h"

#include <string.h>
#include "lib/base/text.h"
#include "tests/unit/unit.h"

START_TEST(test_shape)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, 1000);
	jsonw_init(&w, &out);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "schema", "x/1");
	jsonw_null(&w, "gone");
	jsonw_str(&w, "none", NULL);
	jsonw_open(&w, "list", '[');
	jsonw_i64(&w, NULL, -3);
	jsonw_bool(&w, NULL, true);
	jsonw_open(&w, NULL, '{');
	jsonw_close(&w, '}');
	jsonw_open(&w, NULL, '[');
	jsonw_close(&w, ']');
	jsonw_close(&w, ']');
	jsonw_bool(&w, "last", false);
	jsonw_close(&w, '}');
	ck_assert_str_eq(buf_str(&out),
	    "{\"schema\":\"x/1\",\"gone\":null,\"none\":null,"
	    "\"list\":[-3,true,{},[]],\"last\":false}");
	ck_assert(!out.overflow);
	buf_clear(&out);
}
END_TEST

static const struct { const char *value, *text; } strings[] = {
	{ "", "\"\"" },
	{ "plain", "\"plain\"" },
	{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
	{ "\n\r\t\b\f", "\"\\n\\r\\t\\b\\f\"" },
	{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
	{ "M\xC3\xBCller \xF0\x9F\x98\x80", "\"M\xC3\xBCller \xF0\x9F\x98\x80\"" },
	{ "a\xFF\xC3", "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"" },
	{ "|<>;[]", "\"|<>;[]\"" },
};

START_TEST(test_strings)
{
	struct json_writer w;
	struct buf out, utf8;
	struct json *back;
	struct err e = { 0 };

	buf_init(&out, 1000);
	buf_init(&utf8, 1000);
	jsonw_init(&w, &out);
	jsonw_str(&w, NULL, strings[_i].value);
	ck_assert_str_eq(buf_str(&out), strings[_i].text);
	back = json_parse(out.data, out.len, &e);
	text_to_utf8(&utf8, strings[_i].value, SIZE_MAX);
	ck_assert_str_eq(json_str(back), buf_str(&utf8));
	json_free(back);
	buf_clear(&out);
	buf_clear(&utf8);
}
END_TEST

/* Keys come from outside too. */
START_TEST(test_hostile_key)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, 1000);
	jsonw_init(&w, &out);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "a\"\n", 1);
	jsonw_close(&w, '}');
	ck_assert_str_eq(buf_str(&out), "{\"a\\\"\\n\":1}");
	buf_clear(&out);
}
END_TEST

static const struct { int64_t thousandths; const char *text; } fixeds[] = {
	{ 0, "0" }, { 1, "0.001" }, { 10, "0.01" }, { 100, "0.1" }, { 410, "0.41" },
	{ 999, "0.999" }, { 1000, "1" }, { 1001, "1.001" }, { 25000, "25" }, { 12340, "12.34" },
	{ -1, "-0.001" }, { -410, "-0.41" }, { -2500, "-2.5" },
	{ INT64_MAX, "9223372036854775.807" }, { INT64_MIN, "-9223372036854775.808" },
};

START_TEST(test_fixed)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, 100);
	jsonw_init(&w, &out);
	jsonw_fixed(&w, NULL, fixeds[_i].thousandths);
	ck_assert_str_eq(buf_str(&out), fixeds[_i].text);
	buf_clear(&out);
}
END_TEST

START_TEST(test_extreme_integers)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, 100);
	jsonw_init(&w, &out);
	jsonw_open(&w, NULL, '[');
	jsonw_i64(&w, NULL, INT64_MIN);
	jsonw_i64(&w, NULL, INT64_MAX);
	jsonw_close(&w, ']');
	ck_assert_str_eq(buf_str(&out), "[-9223372036854775808,9223372036854775807]");
	buf_clear(&out);
}
END_TEST

static int nest(int depth, struct buf *out)
{
	struct json_writer w;

	buf_init(out, 1000);
	jsonw_init(&w, out);
	for (int i = 0; i < depth; i++)
		jsonw_open(&w, NULL, '[');
	for (int i = 0; i < depth; i++)
		jsonw_close(&w, ']');
	return out->overflow ? -1 : 0;
}

/* Too deep, or closed too often: the one check at the end sees it. */
START_TEST(test_depth)
{
	struct json_writer w;
	struct buf out;

	ck_assert_int_eq(nest(JSON_WRITE_DEPTH - 1, &out), 0);
	buf_clear(&out);
	ck_assert_int_eq(nest(JSON_WRITE_DEPTH, &out), -1);
	buf_clear(&out);
	ck_assert_int_eq(nest(JSON_WRITE_DEPTH * 5, &out), -1);
	buf_clear(&out);
	buf_init(&out, 100);
	jsonw_init(&w, &out);
	jsonw_close(&w, '}');
	ck_assert(out.overflow);
	buf_clear(&out);
}
END_TEST

START_TEST(test_ceiling)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, 10);
	jsonw_init(&w, &out);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "key", "a value that is too long");
	jsonw_close(&w, '}');
	ck_assert(out.overflow);
	ck_assert_uint_le(out.len, 10);
	buf_clear(&out);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("jsonw");
	TCase *tc = tcase_create("jsonw");

	tcase_add_test(tc, test_shape);
	tcase_add_loop_test(tc, test_strings, 0, UNIT_ROWS(strings));
	tcase_add_test(tc, test_hostile_key);
	tcase_add_loop_test(tc, test_fixed, 0, UNIT_ROWS(fixeds));
	tcase_add_test(tc, test_extreme_integers);
	tcase_add_test(tc, test_depth);
	tcase_add_test(tc, test_ceiling);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
