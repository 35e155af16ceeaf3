/* test_json_list.c - a long array read element by element gives the same as
 * the document read whole. */
#include "lib/base/json.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/unit.h"

#define KEY "results"

/* The value as text again, to compare with. */
static void print(const struct json *n, struct buf *out)
{
	int64_t number;

	if (json_is_string(n))
		buf_addf(out, "\"%s\"", json_str(n));
	else if (json_i64(n, &number))
		buf_addf(out, "%lld", (long long)number);
	else if (json_is_object(n) || json_is_array(n))
		buf_addc(out, json_is_object(n) ? '{' : '[');
	else
		buf_adds(out, n == NULL ? "nothing" : "other");
	for (const struct json *child = json_first(n); child != NULL; child = json_next(child)) {
		if (json_key(child) != NULL)
			buf_addf(out, "%s:", json_key(child));
		print(child, out);
		buf_addc(out, ',');
	}
	if (json_is_object(n) || json_is_array(n))
		buf_addc(out, json_is_object(n) ? '}' : ']');
}

static int collect(void *ctx, const struct json *element, size_t index, struct err *e)
{
	struct buf *out = ctx;

	(void)e;
	buf_addf(out, "%zu=", index);
	print(element, out);
	buf_addc(out, '\n');
	return 0;
}

/* A copy of its own size, so that a sanitizer sees a step too far. */
static struct json *parse_list(const char *text, size_t len, struct buf *out, struct err *e)
{
	char *copy = mem_alloc(len + 1);
	struct json *doc;

	memcpy(copy, text, len);
	doc = json_parse_list(copy, len, KEY, collect, out, e);
	free(copy);
	return doc;
}

/* All but the elements of the array. */
static void print_members(const struct json *doc, struct buf *out)
{
	const struct json *m = json_is_object(doc) ? json_first(doc) : NULL;

	for (; m != NULL; m = json_next(m)) {
		buf_addf(out, "%s:", json_key(m));
		if (m != json_get(doc, KEY) || !json_is_array(m))
			print(m, out);
	}
}

/* What json_parse says of the same text: elements, and the rest. */
static bool parse_whole(const char *text, size_t len, struct buf *elements, struct buf *rest)
{
	char *copy = mem_alloc(len + 1);
	const struct json *array;
	struct json *doc;
	size_t index = 0;

	memcpy(copy, text, len);
	doc = json_parse(copy, len, NULL);
	free(copy);
	array = json_get(doc, KEY);
	for (const struct json *el = json_first(array); json_is_array(array) && el != NULL;
	    el = json_next(el))
		collect(elements, el, index++, NULL);
	print_members(doc, rest);
	json_free(doc);
	return doc != NULL;
}

static void check_same(const char *text, size_t len)
{
	struct buf elements, whole, rest, list_rest;
	struct err e = { 0 };
	struct json *doc;
	bool good;

	buf_init(&elements, SIZE_MAX);
	buf_init(&whole, SIZE_MAX);
	buf_init(&rest, SIZE_MAX);
	buf_init(&list_rest, SIZE_MAX);
	doc = parse_list(text, len, &elements, &e);
	good = parse_whole(text, len, &whole, &rest);
	ck_assert_msg((doc != NULL) == good, "%.*s", (int)len, text);
	ck_assert_int_eq(e.code, good ? ERR_NONE : ERR_ANSWER);
	if (good)
		ck_assert_str_eq(buf_str(&elements), buf_str(&whole));
	print_members(doc, &list_rest);
	if (good)
		ck_assert_str_eq(buf_str(&list_rest), buf_str(&rest));
	json_free(doc);
	buf_clear(&elements);
	buf_clear(&whole);
	buf_clear(&rest);
	buf_clear(&list_rest);
}

static const char *const texts[] = {
	"{\"results\":[1,2,{\"a\":[\"]\",\"}\"]}],\"cursor\":\"x\"}",
	"{\"cursor\":\"x\",\"results\":[]}",
	" { \"results\" : [ \n 1 \t , \r {} ] , \"z\" : 7 } ",
	"\xEF\xBB\xBF{\"results\":[null,true,\"\\u0000\\\"]\"]}",
	"{\"results\":[[[],[1]],{\"results\":[3]}]}",
	/* not where it should be, or not what it should be */
	"{\"a\":{\"results\":[1]},\"results\":[2]}",
	"{\"a\":[\"results\",[1]],\"b\":\"results\"}",
	"{\"a\":\"results\",\"b\":[1]}",
	"{\"results\":{\"results\":[1]}}",
	"{\"results\":7}",
	"{\"results\":null}",
	"{\"results\":\"[1]\"}",
	"{}",
	"[]",
	"7",
	"\"results\"",
	"[{\"results\":[1]}]",
	"{\"xresults\":[1],\"result\":[2],\"Results\":[3]}",
	/* twice, and escaped */
	"{\"results\":[1],\"results\":[2]}",
	"{\"\\u0072esults\":[1,2]}",
	"{\"a\\\"results\":[1],\"results\":[2]}",
	"{\"\\\\\":\"\\\\\",\"results\":[\"\\\\\"]}",
	/* wrong */
	"",
	" ",
	"<html>",
	"{\"results\":[1,]}",
	"{\"results\":[,1]}",
	"{\"results\":[1 2]}",
	"{\"results\":[1}",
	"{\"results\":[1",
	"{\"results\":[",
	"{\"results\":[1,",
	"{\"results\":[\"",
	"{\"results\":[1]",
	"{\"results\":[1],",
	"{\"results\":[1]]",
	"{\"results\":[1]}x",
	"{\"results\":[1]}}",
	"{\"results\":[1],}",
	"{\"results\":[1]\"a\":2}",
	"{\"results\" [1]}",
	"{results:[1]}",
	"{\"results\":[\xEF\xBB\xBF"
	"1]}",
	"{\"results\":[1,\xEF\xBB\xBF"
	"2]}",
	"{\"results\":[01]}",
	"{\"results\":[nul]}",
	"{\"results\":[{\"a\":}]}",
	"{\"results\":[\x01"
	"1]}",
};

START_TEST(test_same)
{
	check_same(texts[_i], strlen(texts[_i]));
}
END_TEST

/* Property: the same for every cut of every text, and for each byte changed. */
START_TEST(test_same_when_broken)
{
	static const char bytes[] = "[]{},:\"\\0 \x01\xEF";
	char *copy = mem_strdup(texts[_i]);
	size_t len = strlen(copy);

	for (size_t i = 0; i < len; i++)
		check_same(texts[_i], i);
	for (size_t i = 0; i < len; i++) {
		for (size_t k = 0; k < sizeof bytes; k++) {
			copy[i] = bytes[k];
			check_same(copy, len);
		}
		copy[i] = texts[_i][i];
	}
	free(copy);
}
END_TEST

/* What json_parse would not be asked twice for: where the mistake is. */
static const struct { const char *text, *message; size_t n_taken; } mistakes[] = {
	{ "{\"results\":[1,2,]}", "not JSON at byte 16", 2 },
	{ "{\"results\":[1,2", "JSON cut off at byte 15", 2 },
	{ "{\"results\":[1,2],\"a\":}", "not JSON at byte 21", 2 },
	{ "{\"results\":[1,{\"a\":\"", "JSON cut off at byte 20", 1 },
	{ "{\"results\":[1,2]", "JSON cut off at byte 16", 2 },
	{ "{\"results\":[1,2] 7}", "not JSON at byte 17", 2 },
};

START_TEST(test_mistake)
{
	const char *text = mistakes[_i].text;
	struct err e = { 0 };
	struct buf out;
	size_t n = 0;

	buf_init(&out, SIZE_MAX);
	ck_assert_ptr_null(parse_list(text, strlen(text), &out, &e));
	ck_assert_str_eq(e.text, mistakes[_i].message);
	for (const char *p = buf_str(&out); (p = strchr(p, '\n')) != NULL; p++)
		n++;
	ck_assert_uint_eq(n, mistakes[_i].n_taken);
	buf_clear(&out);
}
END_TEST

static int stop_at_two(void *ctx, const struct json *element, size_t index, struct err *e)
{
	(void)element;
	*(size_t *)ctx = index + 1;
	return index == 1 ? err_set(e, ERR_BUSY, "enough") : 0;
}

START_TEST(test_stop)
{
	static const char *const stopped[] = { "{\"results\":[1,2,3]}",
		"{\"\\u0072esults\":[1,2,3]}" };

	for (size_t i = 0; i < 2; i++) {
		char *text = mem_strdup(stopped[i]);
		struct err e = { 0 };
		size_t n = 0;

		ck_assert_ptr_null(json_parse_list(text, strlen(text), KEY, stop_at_two, &n, &e));
		ck_assert_uint_eq(n, 2);
		ck_assert_int_eq(e.code, ERR_BUSY);
		free(text);
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("json_list");
	TCase *t = tcase_create("json_list");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_same, 0, UNIT_ROWS(texts));
	tcase_add_loop_test(t, test_same_when_broken, 0, UNIT_ROWS(texts));
	tcase_add_loop_test(t, test_mistake, 0, UNIT_ROWS(mistakes));
	tcase_add_test(t, test_stop);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
