/* test_text_clean.c - names from outside, made fit for output. */
#include "lib/base/text.h"

#include <string.h>
#include "tests/unit/unit.h"

static const struct { const char *s; size_t max; const char *clean; } cleans[] = {
	{ "", 0, "" },
	{ "CN=nsx-02, O=Example", 0, "CN=nsx-02, O=Example" },
	{ "a|b;c<d>e[f]g", 0, "a/b,c(d)e(f)g" },
	{ "[OK] (CRITICAL) <UNKNOWN> (WARNING]", 0, "{OK) {CRITICAL) {UNKNOWN) {WARNING)" },
	{ "(OKAY) (ok) OK (OK", 0, "(OKAY) (ok) OK (OK" },                /* no balls */
	{ "C:\\new\\temp\\x", 0, "C:/new/temp\\x" },
	{ "quotes ' \" ` ~ $ & = \\ stay", 0, "quotes ' \" ` ~ $ & = \\ stay" },
	{ "a\nb\rc\td\x1b[31m\x7f", 0, "a?b?c?d?(31m?" },
	{ "\xC2\x80\xC2\x9F\xC2\xA0", 0, "??\xC2\xA0" },                  /* C1; a no-break space stays */
	{ "M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x98\x80", 0, "M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x98\x80" },
	{ "\xE2\x80\xA8\xE2\x80\xA9", 0, "??" },                          /* line, paragraph separator */
	{ "\xE2\x80\xAE" "cod.exe\xE2\x80\xAC", 0, "?cod.exe?" },         /* right-to-left override */
	{ "\xE2\x81\xA6x\xE2\x81\xA9\xD8\x9C\xE2\x80\x8F", 0, "?x???" },  /* isolates and marks */
	{ "a\xE2\x80\x8B" "b\xE2\x80\x8D" "c\xEF\xBB\xBF" "d\xC2\xAD", 0, "a?b?c?d?" },
	{ "x\xF3\xA0\x81\x81y", 0, "x?y" },                               /* a tag character */
	{ "a\xFFz", 0, "a\\xFFz" },
	{ "\xC3", 0, "\\xC3" },                                           /* cut */
	{ "\xE2\x82", 0, "\\xE2\\x82" },
	{ "\xC0\xAF", 0, "\\xC0\\xAF" },                                  /* overlong '/' */
	{ "\xE0\x80\xAF", 0, "\\xE0\\x80\\xAF" },
	{ "\xED\xA0\x80", 0, "\\xED\\xA0\\x80" },                         /* a surrogate */
	{ "\xF4\x90\x80\x80", 0, "\\xF4\\x90\\x80\\x80" },                /* beyond U+10FFFF */
	{ "\x80", 0, "\\x80" },
	{ "12345", 5, "12345" },
	{ "123456", 5, "12345..." },
	{ "123456", 1, "1..." },
	{ "\xC3\xA4\xC3\xB6\xC3\xBC", 3, "\xC3\xA4\xC3\xB6\xC3\xBC" },    /* characters, not bytes */
	{ "\xC3\xA4\xC3\xB6\xC3\xBC", 2, "\xC3\xA4\xC3\xB6..." },
	{ "ab\xFF", 5, "ab..." },                                         /* four columns, not cut through */
	{ "a\xFF", 5, "a\\xFF" },
};

START_TEST(test_clean)
{
	struct buf out;

	buf_init(&out, 1000);
	text_clean(&out, cleans[_i].s, SIZE_MAX, cleans[_i].max);
	ck_assert_str_eq(buf_str(&out), cleans[_i].clean);
	buf_reset(&out);
	text_clean(&out, cleans[_i].s, strlen(cleans[_i].s), cleans[_i].max);
	ck_assert_str_eq(buf_str(&out), cleans[_i].clean);
	buf_clear(&out);
}
END_TEST

/* The edges of what cannot be seen: the character itself, and whether it is
 * kept. */
static const struct { const char *s; bool kept; } edges[] = {
	{ "\x1F", false }, { " ", true }, { "~", true }, { "\x7F", false },
	{ "\xC2\x80", false }, { "\xC2\x9F", false }, { "\xC2\xA0", true },
	{ "\xC2\xAC", true }, { "\xC2\xAD", false }, { "\xC2\xAE", true },            /* U+00AD */
	{ "\xCD\x8E", true }, { "\xCD\x8F", false }, { "\xCD\x90", true },            /* U+034F */
	{ "\xD8\x9B", true }, { "\xD8\x9C", false }, { "\xD8\x9D", true },            /* U+061C */
	{ "\xE1\xA0\x8A", true }, { "\xE1\xA0\x8B", false },                         /* U+180B */
	{ "\xE1\xA0\x8F", false }, { "\xE1\xA0\x90", true },                         /* U+180F */
	{ "\xE2\x80\x8A", true }, { "\xE2\x80\x8B", false },                         /* U+200B */
	{ "\xE2\x80\x8F", false }, { "\xE2\x80\x90", true },                         /* U+200F */
	{ "\xE2\x80\xA7", true }, { "\xE2\x80\xA8", false },                         /* U+2028 */
	{ "\xE2\x80\xAE", false }, { "\xE2\x80\xAF", true },                         /* U+202E */
	{ "\xE2\x81\x9F", true }, { "\xE2\x81\xA0", false },                         /* U+2060 */
	{ "\xE2\x81\xAF", false }, { "\xE2\x81\xB0", true },                         /* U+206F */
	{ "\xEF\xB7\xBF", true }, { "\xEF\xB8\x80", false },                         /* U+FE00 */
	{ "\xEF\xB8\x8F", false }, { "\xEF\xB8\x90", true },                         /* U+FE0F */
	{ "\xEF\xBB\xBE", true }, { "\xEF\xBB\xBF", false }, { "\xEF\xBC\x80", true }, /* U+FEFF */
	{ "\xEF\xBF\xB8", true }, { "\xEF\xBF\xB9", false },                         /* U+FFF9 */
	{ "\xEF\xBF\xBB", false }, { "\xEF\xBF\xBC", true },                         /* U+FFFB */
	{ "\xF3\x9F\xBF\xBF", true }, { "\xF3\xA0\x80\x80", false },                /* U+E0000 */
	{ "\xF3\xA0\xBF\xBF", false }, { "\xF3\xA1\x80\x80", true },                /* U+E0FFF */
};

START_TEST(test_edges)
{
	struct buf out;

	buf_init(&out, 100);
	text_clean(&out, edges[_i].s, SIZE_MAX, 0);
	ck_assert_str_eq(buf_str(&out), edges[_i].kept ? edges[_i].s : "?");
	buf_clear(&out);
}
END_TEST

/* Whatever a single byte or character is, its clean form is valid UTF-8, has
 * none of the forbidden characters, and cleaning it again changes nothing. */
START_TEST(test_clean_every_byte)
{
	struct buf once, twice;

	buf_init(&once, 100000);
	buf_init(&twice, 100000);
	for (int c = 0; c < 256; c++) {
		char bytes[3] = { 'a', (char)c, 'z' };

		text_clean(&once, bytes, 3, 0);
	}
	text_clean(&twice, buf_str(&once), once.len, 0);
	ck_assert_str_eq(buf_str(&once), buf_str(&twice));
	ck_assert_uint_eq(strlen(buf_str(&once)), once.len);
	ck_assert_uint_eq(strcspn(buf_str(&once), "|;<>[]\n\r\t\x1b\x7f"), once.len);
	for (size_t i = 0, n; i < once.len; i += n) {
		n = text_utf8_len(once.data + i, once.len - i);
		ck_assert_uint_ne(n, 0);
	}
	buf_clear(&once);
	buf_clear(&twice);
}
END_TEST

START_TEST(test_clean_length)
{
	struct buf out;

	buf_init(&out, 100);
	text_clean(&out, "a\0b", 3, 0);
	ck_assert_str_eq(buf_str(&out), "a?b");
	buf_reset(&out);
	text_clean(&out, "ab\xC3\xA4", 3, 0);           /* the length cuts the character */
	ck_assert_str_eq(buf_str(&out), "ab\\xC3");
	buf_clear(&out);
	buf_init(&out, 4);
	text_clean(&out, "abc\xC3\xA4" "d", SIZE_MAX, 0);  /* whole characters or nothing */
	ck_assert_str_eq(buf_str(&out), "abc");
	ck_assert(out.overflow);
	buf_clear(&out);
}
END_TEST

static const struct { const char *s; size_t len; const char *utf8; } utf8s[] = {
	{ "", SIZE_MAX, "" },
	{ "M\xC3\xBCller|<>\n", SIZE_MAX, "M\xC3\xBCller|<>\n" },   /* only what is not UTF-8 */
	{ "a\xFFz", SIZE_MAX, "a\xEF\xBF\xBDz" },
	{ "\xC0\x80", SIZE_MAX, "\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "\xED\xB0\x80", SIZE_MAX, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "x\xE2\x82", SIZE_MAX, "x\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "\xE2\x28\xA1", SIZE_MAX, "\xEF\xBF\xBD(\xEF\xBF\xBD" },
	{ "a\0b", 3, "a\xEF\xBF\xBD" "b" },
	{ "abc", 1, "a" },
};

START_TEST(test_to_utf8)
{
	struct buf out;

	buf_init(&out, 1000);
	text_to_utf8(&out, utf8s[_i].s, utf8s[_i].len);
	ck_assert_str_eq(buf_str(&out), utf8s[_i].utf8);
	buf_clear(&out);
}
END_TEST

static const struct { const char *s; size_t n, len; } characters[] = {
	{ "a", 1, 1 }, { "", 0, 0 }, { "\0", 1, 1 }, { "\x7F", 1, 1 },
	{ "\xC2\x80", 2, 2 }, { "\xDF\xBF", 2, 2 }, { "\xC2\x80", 1, 0 },
	{ "\xC1\xBF", 2, 0 }, { "\xC2\x7F", 2, 0 }, { "\xC2\xC0", 2, 0 },
	{ "\xE0\xA0\x80", 3, 3 }, { "\xE0\x9F\xBF", 3, 0 }, { "\xED\x9F\xBF", 3, 3 },
	{ "\xED\xA0\x80", 3, 0 }, { "\xED\xBF\xBF", 3, 0 }, { "\xEE\x80\x80", 3, 3 },
	{ "\xEF\xBF\xBF", 3, 3 }, { "\xEF\xBF\xBF", 2, 0 },
	{ "\xF0\x90\x80\x80", 4, 4 }, { "\xF0\x8F\xBF\xBF", 4, 0 }, { "\xF4\x8F\xBF\xBF", 4, 4 },
	{ "\xF4\x90\x80\x80", 4, 0 }, { "\xF5\x80\x80\x80", 4, 0 }, { "\xF0\x90\x80\x80", 3, 0 },
	{ "\xF8\x88\x80\x80\x80", 5, 0 }, { "\xFE", 1, 0 }, { "\xFF", 1, 0 }, { "\xBF", 1, 0 },
};

START_TEST(test_utf8_len)
{
	ck_assert_uint_eq(text_utf8_len(characters[_i].s, characters[_i].n), characters[_i].len);
}
END_TEST

START_TEST(test_mask_controls)
{
	char text[] = "a\x01\x1f\n \x7f\xC3\xA4|";

	text_mask_controls(text);
	ck_assert_str_eq(text, "a??? ?\xC3\xA4|");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("text_clean");
	TCase *tc = tcase_create("text_clean");

	tcase_add_loop_test(tc, test_clean, 0, UNIT_ROWS(cleans));
	tcase_add_loop_test(tc, test_edges, 0, UNIT_ROWS(edges));
	tcase_add_test(tc, test_clean_every_byte);
	tcase_add_test(tc, test_clean_length);
	tcase_add_loop_test(tc, test_to_utf8, 0, UNIT_ROWS(utf8s));
	tcase_add_loop_test(tc, test_utf8_len, 0, UNIT_ROWS(characters));
	tcase_add_test(tc, test_mask_controls);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
