/* test_mem.c - allocation that cannot fail, and what happens when it must. */
#include "lib/base/mem.h"

#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/unit.h"

START_TEST(test_zeroed)
{
	unsigned char *p = mem_alloc(100), *q = mem_array(10, 10), *empty = mem_alloc(0);
	static const unsigned char zeroes[100];

	ck_assert_mem_eq(p, zeroes, 100);
	ck_assert_mem_eq(q, zeroes, 100);
	ck_assert_ptr_nonnull(empty);
	free(p);
	free(q);
	free(empty);
}
END_TEST

START_TEST(test_grow)
{
	size_t cap = 0;
	int *numbers = NULL;

	for (size_t n = 0; n < 1000; n++) {
		numbers = mem_grow(numbers, &cap, n + 1, sizeof *numbers);
		ck_assert_uint_ge(cap, n + 1);
		for (size_t i = n; i < cap; i++)
			ck_assert_int_eq(numbers[i], 0);
		numbers[n] = (int)n + 1;
	}
	for (size_t n = 0; n < 1000; n++)
		ck_assert_int_eq(numbers[n], (int)n + 1);
	ck_assert_ptr_eq(mem_grow(numbers, &cap, 1, sizeof *numbers), numbers);
	ck_assert_uint_le(cap, 2000);
	free(numbers);
}
END_TEST

START_TEST(test_copies)
{
	static const struct { const char *s; size_t n; const char *copy; } rows[] = {
		{ "abc", 0, "" }, { "abc", 2, "ab" }, { "abc", 3, "abc" }, { "abc", 9, "abc" },
		{ "", 5, "" }, { "abc", SIZE_MAX, "abc" },
	};

	for (int i = 0; i < UNIT_ROWS(rows); i++) {
		char *copy = mem_strndup(rows[i].s, rows[i].n);

		ck_assert_str_eq(copy, rows[i].copy);
		free(copy);
	}
	ck_assert_ptr_null(mem_strdup(NULL));
	ck_assert_ptr_null(mem_strndup(NULL, 3));
	ck_assert_ptr_null(mem_dup(NULL, 3));
}
END_TEST

START_TEST(test_more_copies)
{
	char *text = mem_strdup("abc"), *bytes = mem_dup("a\0b", 3);
	char *formatted = mem_printf("%s-%05d", "x", 42), *empty = mem_printf("%s", "");

	ck_assert_str_eq(text, "abc");
	ck_assert_mem_eq(bytes, "a\0b", 3);
	ck_assert_str_eq(formatted, "x-00042");
	ck_assert_str_eq(empty, "");
	free(text);
	free(bytes);
	free(formatted);
	free(empty);
}
END_TEST

START_TEST(test_wipe)
{
	char bytes[8] = "secret";

	mem_wipe(bytes + 1, 3);
	ck_assert_mem_eq(bytes, "s\0\0\0et", 7);
	mem_wipe(bytes, 0);
	ck_assert_int_eq(bytes[0], 's');
	mem_wipe(NULL, 0);
}
END_TEST

static void overflow_array(void)
{
	free(mem_array(SIZE_MAX / 2, 3));
}

static void overflow_grow(void)
{
	size_t cap = 0;

	free(mem_grow(NULL, &cap, SIZE_MAX / 2, 16));
}

static void overflow_text(void)
{
	free(mem_strndup("never read to its end", SIZE_MAX));
	free(mem_array(SIZE_MAX, SIZE_MAX));
}

static void (*const overflows[])(void) = { overflow_array, overflow_grow, overflow_text };

/* The line and the exit status are what a scheduler sees. */
START_TEST(test_out_of_memory)
{
	int ends[2], status;
	char text[100] = "";
	ssize_t n, total = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		overflows[_i]();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], text + total, sizeof text - 1 - (size_t)total)) > 0)
		total += n;
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	ck_assert_str_eq(text, "CERTS UNKNOWN - out of memory\n");
	ck_assert_int_eq(total, (ssize_t)strlen(text));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("mem");
	TCase *tc = tcase_create("mem");

	tcase_add_test(tc, test_zeroed);
	tcase_add_test(tc, test_grow);
	tcase_add_test(tc, test_copies);
	tcase_add_test(tc, test_more_copies);
	tcase_add_test(tc, test_wipe);
	tcase_add_loop_test(tc, test_out_of_memory, 0, UNIT_ROWS(overflows));
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
