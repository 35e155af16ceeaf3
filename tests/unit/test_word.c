/* test_word.c - words: what is understood, what is refused, and both ways. */
#include "remediate/word.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/unit.h"

#define S "{\"schema\":\"certs_word/1\","
#define EVENT S "\"word\":\"event\",\"target\":\"prod\",\"state\":\"CRITICAL\",\"state_type\":\"HARD\""

static int parse(const char *text, struct word *w, struct err *e)
{
	size_t n = strlen(text);
	char *copy = malloc(n + 1);
	int failed;

	memcpy(copy, text, n + 1);
	memset(e, 0, sizeof *e);
	failed = word_parse(copy, n, w, e);
	free(copy);
	return failed;
}

/* What is printed again is the same text, or what is named. */
static const struct { const char *text, *again; } good[] = {
	{ EVENT "}\n", NULL },
	{ EVENT ",\"attempt\":3,\"host\":\"nsx\",\"service\":\"certs\",\"problem_id\":\"17\","
	  "\"downtime\":0}\n", NULL },
	{ S "\"word\":\"request\",\"target\":\"prod\",\"procedure\":\"nsx-apply\",\"object\":\"77c5\","
	  "\"reason\":\"yearly\"}\n", NULL },
	{ S "\"word\":\"approve\",\"run\":7,\"plan\":\"3fa1\"}\n", NULL },
	{ S "\"word\":\"approve\",\"target\":\"prod\",\"run\":7,\"plan\":\"3fa1\"}\n", NULL },
	{ S "\"word\":\"abandon\",\"run\":9007199254740991}\n", NULL },
	{ S "\"word\":\"retry\",\"run\":1}\n", NULL },
	{ S "\"word\":\"pause\"}\n", NULL },
	{ S "\"word\":\"resume\",\"target\":\"prod\"}\n", NULL },
	{ " { \"word\" : \"pause\", \"schema\" : \"certs_word/1\" } ", S "\"word\":\"pause\"}\n" },
	{ S "\"word\":\"request\",\"target\":\"p\",\"procedure\":\"x\",\"reason\":\"a\\u001b[2Jb\\n\"}",
	  S "\"word\":\"request\",\"target\":\"p\",\"procedure\":\"x\",\"reason\":\"a?[2Jb?\"}\n" },
};

START_TEST(understands)
{
	struct word w;
	struct buf out;
	struct err e;

	ck_assert_msg(parse(good[_i].text, &w, &e) == 0, "%s", e.text);
	buf_init(&out, WORD_MAX_BYTES);
	ck_assert_msg(word_print(&w, &out, &e) == 0, "%s", e.text);
	ck_assert_str_eq(buf_str(&out), good[_i].again != NULL ? good[_i].again : good[_i].text);
	buf_clear(&out);
	word_clear(&w);
}
END_TEST

static const struct { const char *text, *message; } bad[] = {
	{ "", "nothing instead of JSON" },
	{ "[]", "want an object" },
	{ "\"pause\"", "want an object" },
	{ "{}", "schema" },
	{ "{\"schema\":\"certs_word/2\",\"word\":\"pause\"}", "schema: want certs_word/1" },
	{ "{\"schema\":1,\"word\":\"pause\"}", "schema: want a string" },
	{ S "\"word\":\"delete\"}", "there is no word \"delete\"" },
	{ S "\"word\":\"PAUSE\"}", "there is no word" },
	{ S "\"word\":\"pause\",\"word\":\"resume\"}", "is there twice" },
	{ S "\"schema\":\"certs_word/1\",\"word\":\"resume\"}", "is there twice" },
	{ S "\"word\":\"pause\",\"target\":\"a\",\"target\":\"b\"}", "target: is there twice" },
	{ S "\"word\":\"pause\",\"target\":null}", "target: want a string" },
	{ S "\"word\":\"pause\",\"user\":\"root\"}", "unknown key \"user\"" },
	{ S "\"word\":\"pause\",\"at\":1}", "unknown key \"at\"" },
	{ S "\"word\":\"pause\",\"run\":1}", "run has no place in the word \"pause\"" },
	{ S "\"word\":\"retry\",\"run\":1,\"plan\":\"x\"}", "plan has no place" },
	{ S "\"word\":\"retry\"}", "the word \"retry\" needs run" },
	{ S "\"word\":\"retry\",\"run\":0}", "run: want a whole number from 1" },
	{ S "\"word\":\"retry\",\"run\":-1}", "run: want a whole number" },
	{ S "\"word\":\"retry\",\"run\":1.5}", "run: want a whole number" },
	{ S "\"word\":\"retry\",\"run\":\"1\"}", "run: want a whole number" },
	{ S "\"word\":\"retry\",\"run\":9007199254740993}", "run: want a whole number" },
	{ S "\"word\":\"approve\",\"run\":1}", "needs plan" },
	{ S "\"word\":\"approve\",\"run\":1,\"plan\":\"\"}", "needs plan" },
	{ S "\"word\":\"approve\",\"plan\":\"3f\"}", "needs run" },
	{ S "\"word\":\"approve\",\"run\":1,\"plan\":{}}", "plan: want a string" },
	{ S "\"word\":\"request\",\"target\":\"p\",\"procedure\":\"x\"}", "needs reason" },
	{ S "\"word\":\"request\",\"procedure\":\"x\",\"reason\":\"y\"}", "needs target" },
	{ S "\"word\":\"event\",\"target\":\"prod\",\"state\":\"OK\"}", "needs state_type" },
	{ EVENT ",\"attempt\":-1}", "attempt: want a whole number from 0" },
	{ EVENT ",\"downtime\":-5}", "downtime: want a whole number from 0" },
	{ EVENT ",\"host\":[\"a\"]}", "host: want a string" },
	{ EVENT "} x", "not JSON" },
	{ EVENT, "cut off" },
};

START_TEST(refuses)
{
	struct word w, empty;
	struct err e;

	ck_assert_int_eq(parse(bad[_i].text, &w, &e), -1);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_msg(strstr(e.text, bad[_i].message) != NULL, "%s", e.text);
	word_init(&empty);
	ck_assert_mem_eq(&w, &empty, sizeof w);   /* nothing of it is left */
}
END_TEST

/* One byte more than allowed is one too many, both ways. */
START_TEST(lengths)
{
	char text[WORD_TEXT_MAX + 2], json[WORD_MAX_BYTES];
	struct word w, heard;
	struct buf out;
	struct err e;

	memset(text, 'r', sizeof text);
	text[WORD_TEXT_MAX + 1] = '\0';
	for (int over = 0; over <= 1; over++) {
		text[WORD_TEXT_MAX + over] = '\0';
		snprintf(json, sizeof json,
		    S "\"word\":\"pause\",\"target\":\"%s\"}\n", text);
		word_init(&w);
		w.kind = WORD_PAUSE;
		w.target = text;
		buf_init(&out, WORD_MAX_BYTES);
		ck_assert_int_eq(word_print(&w, &out, &e), -over);
		if (over)
			ck_assert_int_eq(e.code, ERR_USAGE);
		else
			ck_assert_str_eq(buf_str(&out), json);
		buf_clear(&out);
		ck_assert_int_eq(parse(json, &heard, &e), -over);
		word_clear(&heard);
		text[WORD_TEXT_MAX] = 'r';
	}
}
END_TEST

/* Strings that are short, and long once they are escaped. */
START_TEST(too_long_as_json)
{
	char text[WORD_TEXT_MAX + 1];
	struct word w;
	struct buf out;
	struct err e;

	memset(text, '\001', WORD_TEXT_MAX);
	text[WORD_TEXT_MAX] = '\0';
	word_init(&w);
	w.kind = WORD_REQUEST;
	w.target = w.procedure = w.reason = text;
	buf_init(&out, 65536);
	ck_assert_int_eq(word_print(&w, &out, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	buf_clear(&out);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(word_kind_name(WORD_EVENT), "event");
	ck_assert_str_eq(word_kind_name(WORD_RESUME), "resume");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("word");
	TCase *tc = tcase_create("word");

	tcase_add_loop_test(tc, understands, 0, UNIT_ROWS(good));
	tcase_add_loop_test(tc, refuses, 0, UNIT_ROWS(bad));
	tcase_add_test(tc, lengths);
	tcase_add_test(tc, too_long_as_json);
	tcase_add_test(tc, names);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
