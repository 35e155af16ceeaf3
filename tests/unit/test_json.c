/* test_json.c - JSON in: what is refused and where, and the typed getters. */
#include "lib/base/json.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/unit.h"

/* Parses a copy of its own size, so that a sanitizer sees a step too far. */
static struct json *parse_bytes(const char *text, size_t len, struct err *e)
{
	char *copy = mem_alloc(len + 1);
	struct json *doc;

	memcpy(copy, text, len);
	doc = json_parse(copy, len, e);
	free(copy);
	return doc;
}

static struct json *parse(const char *text, struct err *e)
{
	return parse_bytes(text, strlen(text), e);
}

static const char *const good[] = {
	"{}", "[]", "null", "true", "0", "-0", "\"\"", " {} ", "\n\t\r[1]\r\n", "\xEF\xBB\xBF{}",
	"[1e308]", "[-1.5e-10]", "[0.5]", "[10]", "[\"\\\\u0000\"]", "[\"\\uD83D\\uDE00\"]",
	"{\"a\":{\"a\":[{}]}}", "[\"<html>\"]", "[1e-400]", "[\"\xFF\"]", "[\"[[[{{{1.\"]",
	"[0.1234567890123456789012345678901234567890123456789012345678901]",
	"[0.123456789012345678901234567890123456789012345678901234567890]",
};

START_TEST(test_good)
{
	struct err e = { 0 };
	struct json *doc = parse(good[_i], &e);

	ck_assert_ptr_nonnull(doc);
	ck_assert_int_eq(e.code, ERR_NONE);
	json_free(doc);
}
END_TEST

static const struct { const char *text, *message; } bad[] = {
	{ "", "nothing instead of JSON" },
	{ " \r\n", "nothing instead of JSON" },
	{ "\xEF\xBB\xBF", "nothing instead of JSON" },
	{ "<html><body>502</body></html>", "HTML instead of JSON at byte 0" },
	{ "\n <!DOCTYPE html>", "HTML instead of JSON at byte 2" },
	{ "\xEF\xBB\xBF<a>", "HTML instead of JSON at byte 3" },
	{ "OK", "not JSON at byte 0" },
	{ "{} {}", "not JSON at byte 3" },
	{ "{}x", "not JSON at byte 2" },
	{ "{\"a\":1", "JSON cut off at byte 6" },
	{ "{\"a\" 1}", "not JSON at byte 5" },
	{ "{a:1}", "not JSON at byte " },
	{ "{'a':1}", "not JSON at byte " },
	{ "[1,]", "not JSON at byte 3" },
	{ "[1 2]", "not JSON at byte 3" },
	{ "[1}", "not JSON at byte 2" },
	{ "[", "JSON cut off at byte 1" },
	{ "[1,2", "JSON cut off at byte 4" },
	{ "{\"a\":[{\"b\":\"c\"}", "JSON cut off at byte 15" },
	{ "{\"a\":\"b\",", "JSON cut off at byte 9" },
	{ "\"abc", "JSON cut off at byte 4" },
	{ "[x,[[", "not JSON at byte 1" },               /* broken before it was cut */
	{ "{\"a\" \"b", "not JSON at byte 5" },
	{ "]", "not JSON at byte 0" },
	{ "[\"abc", "JSON cut off at byte 5" },
	{ "[\"abc\\", "JSON cut off at byte 6" },
	{ "[\"abc\\\"", "JSON cut off at byte 7" },
	{ "[\"\\u12", "JSON cut off at byte 6" },
	{ "[NaN]", "not JSON at byte 1" },
	{ "[nan]", "not JSON at byte 1" },
	{ "[Infinity]", "not JSON at byte 1" },
	{ "[inf]", "not JSON at byte 1" },
	{ "[TRUE]", "not JSON at byte 1" },
	{ "[-]", "not a JSON number at byte 1" },
	{ "[-Infinity]", "not a JSON number at byte 1" },
	{ "[+1]", "not JSON at byte 1" },
	{ "[.5]", "not JSON at byte 1" },
	{ "[5.]", "not a JSON number at byte 1" },
	{ "[1.e5]", "not a JSON number at byte 1" },
	{ "[1e]", "not a JSON number at byte 1" },
	{ "[1e+]", "not a JSON number at byte 1" },
	{ "[010]", "not a JSON number at byte 1" },
	{ "[00]", "not a JSON number at byte 1" },
	{ "[-01]", "not a JSON number at byte 1" },
	{ "[0x10]", "not JSON at byte 2" },
	{ "[1,5,1e400]", "a number out of range at byte 5" },
	{ "[-1e400]", "a number out of range at byte 1" },
	{ "[1e99999999999]", "a number out of range at byte 1" },
	{ "[1234567890123456789012345678901234567890123456789012345678901234]",
	    "a number of too many digits at byte 1" },
	{ "[\"\\x41\"]", "not JSON at byte 2" },
	{ "[\"\\u00g0\"]", "not a JSON escape at byte 2" },
	{ "// comment\n{}", "not JSON at byte 0" },
	{ "\x1f\x8b\x08", "not JSON" },                  /* compressed, unasked */
	{ ")]}',\n{}", "not JSON at byte 0" },
};

START_TEST(test_bad)
{
	struct err e = { 0 };

	ck_assert_ptr_null(parse(bad[_i].text, &e));
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_int_eq(strncmp(e.text, bad[_i].message, strlen(bad[_i].message)), 0);
	ck_assert_ptr_null(parse(bad[_i].text, NULL));
}
END_TEST

static const struct { const char *text; size_t len; const char *message; } nuls[] = {
	{ "{}\0", 3, "NUL byte at byte 2" },
	{ "{}\0{}", 5, "NUL byte at byte 2" },
	{ "[\"a\0b\"]", 7, "NUL byte at byte 3" },
	{ "[\"a\\\0b\"]", 8, "NUL byte at byte 4" },
	{ "\0", 1, "NUL byte at byte 0" },
	{ "[\"\\u0\0\"]", 8, "NUL byte at byte 5" },
};

START_TEST(test_nul_bytes)
{
	struct err e = { 0 };

	ck_assert_ptr_null(parse_bytes(nuls[_i].text, nuls[_i].len, &e));
	ck_assert_str_eq(e.text, nuls[_i].message);
}
END_TEST

/* depth brackets, then the same number back. */
static struct json *parse_nested(size_t depth, bool close, struct err *e)
{
	char *text = mem_alloc(2 * depth + 1);
	struct json *doc;

	memset(text, '[', depth);
	if (close)
		memset(text + depth, ']', depth);
	doc = json_parse(text, strlen(text), e);
	free(text);
	return doc;
}

START_TEST(test_depth)
{
	struct err e = { 0 };
	struct json *doc = parse_nested(JSON_DEPTH_MAX, true, &e);

	ck_assert_ptr_nonnull(doc);
	json_free(doc);
	ck_assert_ptr_null(parse_nested(JSON_DEPTH_MAX + 1, true, &e));
	ck_assert_str_eq(e.text, "JSON nested too deeply at byte 100");
	ck_assert_ptr_null(parse_nested(10000, true, &e));
	ck_assert_str_eq(e.text, "JSON nested too deeply at byte 100");
	ck_assert_ptr_null(parse_nested(5000000, false, &e));
	ck_assert_str_eq(e.text, "JSON nested too deeply at byte 100");
}
END_TEST

/* Wide is not deep. */
START_TEST(test_wide)
{
	struct buf text;
	struct err e = { 0 };
	struct json *doc;

	buf_init(&text, 1000000);
	ck_assert_int_eq(buf_addc(&text, '['), 0);
	for (int i = 0; i < 20000; i++)
		ck_assert_int_eq(buf_adds(&text, "[{}],"), 0);
	ck_assert_int_eq(buf_adds(&text, "[]]"), 0);
	doc = json_parse(text.data, text.len, &e);
	ck_assert_ptr_nonnull(doc);
	ck_assert_uint_eq(json_count(doc), 20001);
	json_free(doc);
	buf_clear(&text);
}
END_TEST

static const struct { const char *text, *value; } strings[] = {
	{ "\"a\\u0000b\"", "a\xEF\xBF\xBD" "b" },
	{ "\"\\u0000\"", "\xEF\xBF\xBD" },
	{ "\"\\\\u0000\"", "\\u0000" },                       /* an escaped backslash */
	{ "\"\\\\\\u0000\"", "\\\xEF\xBF\xBD" },
	{ "\"\\\\\\\\u0000\"", "\\\\u0000" },
	{ "\"\\\"\\u0000\\\"\"", "\"\xEF\xBF\xBD\"" },
	{ "\"\\u0041\\u00e4\\u20AC\"", "A\xC3\xA4\xE2\x82\xAC" },
	{ "\"\\uD83D\\uDE00\"", "\xF0\x9F\x98\x80" },
	{ "\"\\ud83d\"", "\xEF\xBF\xBD" },                    /* halves of a pair */
	{ "\"\\ude00x\"", "\xEF\xBF\xBDx" },
	{ "\"\\ud83dx\\ude00\"", "\xEF\xBF\xBDx\xEF\xBF\xBD" },
	{ "\"\\ud83d\\ud83d\\ude00\"", "\xEF\xBF\xBD\xF0\x9F\x98\x80" },
	{ "\"\\ud800\\udc00\\udbff\\udfff\"", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF" },
	{ "\"\\ud7ff\\ue000\"", "\xED\x9F\xBF\xEE\x80\x80" },
	{ "\"\\ud800\"", "\xEF\xBF\xBD" }, { "\"\\udbff\"", "\xEF\xBF\xBD" },
	{ "\"\\udc00\"", "\xEF\xBF\xBD" }, { "\"\\udfff\"", "\xEF\xBF\xBD" },
	{ "\"\\ud83d\\udbff\"", "\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "\"\\ud83d\\ue000\"", "\xEF\xBF\xBD\xEE\x80\x80" },
	{ "\"\\ue000\\udc00\"", "\xEE\x80\x80\xEF\xBF\xBD" },
	{ "\"\\ud83dxude00\"", "\xEF\xBF\xBDxude00" },
	{ "\"\\n0000\"", "\n0000" },
	{ "\"\\ud83d\\u0041\"", "\xEF\xBF\xBD" "A" },
	{ "\"\\ud83d\\u0000\"", "\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "\"\\n\\r\\t\\b\\f\\/\\\\\\\"\"", "\n\r\t\b\f/\\\"" },
	{ "\"line\nbreak\"", "line\nbreak" },                 /* some servers do not escape it */
	{ "\"\xFF\"", "\xFF" },                               /* cleaned where it is written */
	{ "1", NULL }, { "null", NULL }, { "[]", NULL }, { "true", NULL },
};

START_TEST(test_strings)
{
	struct err e = { 0 };
	struct json *doc = parse(strings[_i].text, &e);

	ck_assert_ptr_nonnull(doc);
	if (strings[_i].value == NULL)
		ck_assert_ptr_null(json_str(doc));
	else
		ck_assert_str_eq(json_str(doc), strings[_i].value);
	json_free_wiped(doc);
}
END_TEST

static const struct { const char *text; bool whole; int64_t value; } numbers[] = {
	{ "0", true, 0 }, { "-0", true, 0 }, { "1", true, 1 }, { "-1", true, -1 },
	{ "2147483648", true, 2147483648 },                   /* beyond cJSON's int */
	{ "1795579200000", true, 1795579200000 },
	{ "1.0", true, 1 }, { "1e3", true, 1000 }, { "15e-1", false, 0 }, { "0.5", false, 0 },
	{ "-0.5", false, 0 }, { "1e-400", true, 0 },
	{ "9007199254740991", true, 9007199254740991 },
	{ "-9007199254740991", true, -9007199254740991 },
	{ "9007199254740992", false, 0 },                     /* cannot be told from ...993 */
	{ "9007199254740993", false, 0 },
	{ "-9007199254740992", false, 0 },
	{ "1e308", false, 0 },
	{ "\"1\"", false, 0 }, { "true", false, 0 }, { "null", false, 0 }, { "[1]", false, 0 },
};

START_TEST(test_i64)
{
	struct err e = { 0 };
	struct json *doc = parse(numbers[_i].text, &e);
	int64_t value = 77;

	ck_assert_ptr_nonnull(doc);
	ck_assert(json_i64(doc, &value) == numbers[_i].whole);
	ck_assert_int_eq(value, numbers[_i].whole ? numbers[_i].value : 77);
	json_free(doc);
}
END_TEST

START_TEST(test_null_is_nothing)
{
	int64_t value = 77;

	ck_assert(!json_is_object(NULL) && !json_is_array(NULL));
	ck_assert(!json_is_string(NULL) && !json_is_number(NULL));
	ck_assert_ptr_null(json_get(NULL, "a"));
	ck_assert_ptr_null(json_first(NULL));
	ck_assert_ptr_null(json_next(NULL));
	ck_assert_ptr_null(json_key(NULL));
	ck_assert_ptr_null(json_str(NULL));
	ck_assert_uint_eq(json_count(NULL), 0);
	ck_assert(!json_i64(NULL, &value));
	ck_assert_int_eq(value, 77);
	json_free(NULL);
	json_free_wiped(NULL);
}
END_TEST

START_TEST(test_walk)
{
	struct err e = { 0 };
	struct json *doc = parse("{\"id\":\"x\",\"ID\":2,\"id\":3,\"null\":null,"
	    "\"list\":[1,[2]]}", &e);
	const struct json *n = json_first(doc);

	ck_assert(json_is_object(doc) && !json_is_array(doc));
	ck_assert_uint_eq(json_count(doc), 5);
	ck_assert_str_eq(json_key(n), "id");
	ck_assert_str_eq(json_key(json_next(n)), "ID");
	ck_assert(json_is_string(json_get(doc, "id")));       /* the first of two */
	ck_assert(json_is_number(json_get(doc, "ID")));       /* case counts */
	ck_assert_ptr_null(json_get(doc, "Id"));
	ck_assert_ptr_null(json_get(doc, "null"));
	ck_assert_ptr_null(json_get(doc, ""));
	n = json_get(doc, "list");
	ck_assert(json_is_array(n));
	ck_assert_uint_eq(json_count(n), 2);
	ck_assert_ptr_null(json_get(n, "0"));
	n = json_next(json_first(n));
	ck_assert_ptr_null(json_key(n));
	ck_assert_uint_eq(json_count(n), 1);
	ck_assert_ptr_null(json_next(n));
	ck_assert_ptr_null(json_first(json_first(n)));
	json_free_wiped(doc);
}
END_TEST

static const char *const document = "{\"s\":\"text\",\"n\":1,\"f\":1.5,\"big\":1e300,\"t\":true,"
    "\"u\":false,\"qt\":\"true\",\"qf\":\"false\",\"a\":[1],\"o\":{},\"z\":null,\"e\":\"\"}";

/* key, and the message of each getter: NULL when it takes the value. */
static const struct { const char *key, *str, *i64, *boolean, *array; } typed[] = {
	{ "s", NULL, "have a string", "have a string", "have a string" },
	{ "e", NULL, "have a string", "have a string", "have a string" },
	{ "n", "have a number", NULL, "have a number", "have a number" },
	{ "f", "have a number", "have 1.5", "have a number", "have a number" },
	{ "big", "have a number", "have 1.0000000000000001e+300", "have a number", "have a number" },
	{ "t", "have true", "have true", NULL, "have true" },
	{ "u", "have false", "have false", NULL, "have false" },
	{ "qt", NULL, "have a string", NULL, "have a string" },
	{ "qf", NULL, "have a string", NULL, "have a string" },
	{ "a", "have an array", "have an array", "have an array", NULL },
	{ "o", "have an object", "have an object", "have an object", "have an object" },
	{ "z", NULL, NULL, NULL, NULL },
	{ "absent", NULL, NULL, NULL, NULL },
};

static void check_outcome(int failed, const struct err *e, const char *key, const char *message)
{
	char start[40];

	ck_assert_int_eq(failed, message == NULL ? 0 : -1);
	if (message == NULL)
		return;
	snprintf(start, sizeof start, "results[3].%s: want ", key);
	ck_assert_int_eq(e->code, ERR_ANSWER);
	ck_assert_int_eq(strncmp(e->text, start, strlen(start)), 0);
	ck_assert_ptr_nonnull(strstr(e->text, message));
}

START_TEST(test_typed)
{
	const char *key = typed[_i].key, *s = "unset";
	const struct json *array = NULL;
	struct err e = { 0 };
	struct json *doc = parse(document, &e);
	int64_t number = 77;
	int boolean = 5, failed;

	failed = json_opt_str(doc, "results[3]", key, &s, &e);
	check_outcome(failed, &e, key, typed[_i].str);
	failed = json_opt_i64(doc, "results[3]", key, &number, &e);
	check_outcome(failed, &e, key, typed[_i].i64);
	ck_assert_int_eq(number, strcmp(key, "n") == 0 ? 1 : 77);
	failed = json_opt_bool(doc, "results[3]", key, &boolean, &e);
	check_outcome(failed, &e, key, typed[_i].boolean);
	failed = json_opt_array(doc, "results[3]", key, &array, &e);
	check_outcome(failed, &e, key, typed[_i].array);
	ck_assert((array != NULL) == (strcmp(key, "a") == 0));
	json_free(doc);
}
END_TEST

static const struct { const char *key; int boolean; } booleans[] = {
	{ "t", 1 }, { "u", 0 }, { "qt", 1 }, { "qf", 0 }, { "z", -1 }, { "absent", -1 },
};

START_TEST(test_bool)
{
	struct err e = { 0 };
	struct json *doc = parse(document, &e);
	int boolean = 5;

	ck_assert_int_eq(json_opt_bool(doc, "", booleans[_i].key, &boolean, &e), 0);
	ck_assert_int_eq(boolean, booleans[_i].boolean);
	json_free(doc);
}
END_TEST

static const struct { const char *key, *str_message, *array_message; } wanted[] = {
	{ "s", NULL, "x.s: want an array, have a string" },
	{ "e", NULL, "x.e: want an array, have a string" },
	{ "a", "x.a: want a string, have an array", NULL },
	{ "z", "x.z: want a string, have null", "x.z: want an array, have null" },
	{ "absent", "x.absent: want a string, have nothing", "x.absent: want an array, have nothing" },
};

START_TEST(test_want)
{
	const struct json *array;
	const char *s;
	struct err e = { 0 };
	struct json *doc = parse(document, &e);
	int failed = json_want_str(doc, "x", wanted[_i].key, &s, &e);

	ck_assert_int_eq(failed, wanted[_i].str_message ? -1 : 0);
	ck_assert_str_eq(e.text, wanted[_i].str_message ? wanted[_i].str_message : "");
	err_clear(&e);
	failed = json_want_array(doc, "x", wanted[_i].key, &array, &e);
	ck_assert_int_eq(failed, wanted[_i].array_message ? -1 : 0);
	ck_assert_str_eq(e.text, wanted[_i].array_message ? wanted[_i].array_message : "");
	json_free(doc);
}
END_TEST

/* A list where an object should be, and no place to name. */
START_TEST(test_want_of_another_kind)
{
	struct err e = { 0 };
	struct json *doc = parse("[]", &e);
	const char *s;

	ck_assert_int_eq(json_want_str(doc, "", "id", &s, &e), -1);
	ck_assert_str_eq(e.text, "id: want a string, have nothing");
	ck_assert_ptr_null(s);
	ck_assert_int_eq(json_want_str(NULL, "page", "id", &s, &e), -1);
	ck_assert_str_eq(e.text, "page.id: want a string, have nothing");
	json_free(doc);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("json");
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, test_good, 0, UNIT_ROWS(good));
	tcase_add_loop_test(tc, test_bad, 0, UNIT_ROWS(bad));
	tcase_add_loop_test(tc, test_nul_bytes, 0, UNIT_ROWS(nuls));
	tcase_add_test(tc, test_depth);
	tcase_add_test(tc, test_wide);
	tcase_add_loop_test(tc, test_strings, 0, UNIT_ROWS(strings));
	tcase_add_loop_test(tc, test_i64, 0, UNIT_ROWS(numbers));
	tcase_add_test(tc, test_null_is_nothing);
	tcase_add_test(tc, test_walk);
	tcase_add_loop_test(tc, test_typed, 0, UNIT_ROWS(typed));
	tcase_add_loop_test(tc, test_bool, 0, UNIT_ROWS(booleans));
	tcase_add_loop_test(tc, test_want, 0, UNIT_ROWS(wanted));
	tcase_add_test(tc, test_want_of_another_kind);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
