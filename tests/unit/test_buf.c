/* test_buf.c - growable bytes with a ceiling. */
#include "lib/base/buf.h"

#include <stdint.h>
#include <string.h>
#include "tests/unit/unit.h"

START_TEST(test_empty)
{
	struct buf b;
	char *taken;

	buf_init(&b, 10);
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert_uint_eq(b.len, 0);
	buf_reset(&b);
	buf_wipe(&b);
	buf_init(&b, 10);
	taken = buf_take(&b);
	ck_assert_str_eq(taken, "");
	free(taken);
	buf_clear(&b);
	buf_clear(&b);
}
END_TEST

START_TEST(test_appends)
{
	struct buf b;

	buf_init(&b, 100);
	ck_assert_int_eq(buf_add(&b, NULL, 0), 0);
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert_int_eq(buf_addf(&b, "%s", ""), 0);
	ck_assert_int_eq(buf_adds(&b, "ab"), 0);
	ck_assert_int_eq(buf_addc(&b, 'c'), 0);
	ck_assert_int_eq(buf_addf(&b, "%d-%s", 7, "x"), 0);
	ck_assert_int_eq(buf_add(&b, "y\0z", 3), 0);
	ck_assert_uint_eq(b.len, 9);
	ck_assert_mem_eq(b.data, "abc7-xy\0z", 10);  /* the NUL at the end too */
	buf_clear(&b);
}
END_TEST

static const struct { size_t max, first, second; bool fits; } ceilings[] = {
	{ 0, 0, 0, true },
	{ 0, 0, 1, false },
	{ 1, 1, 0, true },
	{ 1, 1, 1, false },
	{ 63, 0, 63, true },      /* the first room, to the byte */
	{ 64, 0, 64, true },
	{ 64, 0, 65, false },
	{ 64, 64, 1, false },
	{ 200, 100, 100, true },
	{ 200, 100, 101, false },
	{ 5000, 1, 4999, true },
	{ 5000, 1, 5000, false },
};

START_TEST(test_ceiling)
{
	char bytes[6000];
	struct buf b;

	memset(bytes, 'x', sizeof bytes);
	buf_init(&b, ceilings[_i].max);
	ck_assert_int_eq(buf_add(&b, bytes, ceilings[_i].first), 0);
	ck_assert_int_eq(buf_add(&b, bytes, ceilings[_i].second), ceilings[_i].fits ? 0 : -1);
	ck_assert(b.overflow == !ceilings[_i].fits);
	ck_assert_uint_eq(b.len, ceilings[_i].first + (ceilings[_i].fits ? ceilings[_i].second : 0));
	ck_assert_uint_eq(strlen(buf_str(&b)), b.len);
	ck_assert_uint_le(b.cap, ceilings[_i].max + 1);
	buf_clear(&b);
}
END_TEST

/* After an overflow nothing more goes in, not even what would have fitted. */
START_TEST(test_overflow_stays)
{
	struct buf b;

	buf_init(&b, 5);
	ck_assert_int_eq(buf_adds(&b, "abc"), 0);
	ck_assert_int_eq(buf_addf(&b, "%s", "def"), -1);
	ck_assert_int_eq(buf_addc(&b, 'd'), -1);
	ck_assert_int_eq(buf_add(&b, NULL, 0), -1);
	ck_assert_int_eq(buf_addf(&b, "%s", ""), -1);
	ck_assert_str_eq(buf_str(&b), "abc");
	buf_reset(&b);
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert(!b.overflow);
	ck_assert_int_eq(buf_adds(&b, "12345"), 0);
	buf_clear(&b);
}
END_TEST

START_TEST(test_length_overflow)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	ck_assert_int_eq(buf_adds(&b, "abc"), 0);
	ck_assert_int_eq(buf_add(&b, "x", SIZE_MAX - 3), -1);
	ck_assert_str_eq(buf_str(&b), "abc");
	buf_clear(&b);
}
END_TEST

START_TEST(test_take)
{
	struct buf b;
	char *taken;

	buf_init(&b, 5);
	ck_assert_int_eq(buf_adds(&b, "abc"), 0);
	taken = buf_take(&b);
	ck_assert_str_eq(taken, "abc");
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert_int_eq(buf_adds(&b, "12345"), 0);  /* the ceiling is still there */
	ck_assert_int_eq(buf_addc(&b, '6'), -1);
	ck_assert_str_eq(taken, "abc");
	free(taken);
	buf_wipe(&b);
	ck_assert_ptr_null(b.data);
	ck_assert_int_eq(buf_adds(&b, "12345"), 0);
	buf_clear(&b);
}
END_TEST

START_TEST(test_many_small)
{
	struct buf b;

	buf_init(&b, 100000);
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(buf_addc(&b, (char)('a' + i % 26)), 0);
	ck_assert_int_eq(buf_addc(&b, 'x'), -1);
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(b.data[i], 'a' + i % 26);
	buf_clear(&b);
}
END_TEST

/* What is reserved is not moved: a wipe reaches all of it. */
START_TEST(test_reserve)
{
	struct buf b;
	const char *where;

	buf_init(&b, 1000);
	ck_assert_int_eq(buf_adds(&b, "ab"), 0);
	buf_reserve(&b, 900);
	ck_assert_str_eq(buf_str(&b), "ab");
	where = b.data;
	while (b.len < 900)
		ck_assert_int_eq(buf_addc(&b, 'x'), 0);
	ck_assert_ptr_eq(b.data, where);
	buf_reserve(&b, 10);
	ck_assert_uint_eq(b.len, 900);
	buf_reserve(&b, 1001);
	ck_assert(!b.overflow);
	ck_assert_int_eq(buf_addc(&b, 'y'), 0);
	buf_clear(&b);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("buf");
	TCase *tc = tcase_create("buf");

	tcase_add_test(tc, test_empty);
	tcase_add_test(tc, test_appends);
	tcase_add_loop_test(tc, test_ceiling, 0, UNIT_ROWS(ceilings));
	tcase_add_test(tc, test_overflow_stays);
	tcase_add_test(tc, test_length_overflow);
	tcase_add_test(tc, test_take);
	tcase_add_test(tc, test_many_small);
	tcase_add_test(tc, test_reserve);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
