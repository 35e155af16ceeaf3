/* test_state.c - states: order, names, exit codes. */
#include "tests/unit/unit.h"

#include "lib/judge/state.h"

/* From best to worst. */
static const struct { enum state state; const char *name; int exit_code; } order[] = {
	{ STATE_OK, "OK", 0 },
	{ STATE_WARNING, "WARNING", 1 },
	{ STATE_UNKNOWN, "UNKNOWN", 3 },
	{ STATE_CRITICAL, "CRITICAL", 2 },
};

START_TEST(test_worst)
{
	for (int k = 0; k < UNIT_ROWS(order); k++) {
		enum state expected = order[_i > k ? _i : k].state;

		ck_assert_int_eq(state_worst(order[_i].state, order[k].state), expected);
	}
}
END_TEST

START_TEST(test_names)
{
	ck_assert_str_eq(state_name(order[_i].state), order[_i].name);
	ck_assert_int_eq(state_exit_code(order[_i].state), order[_i].exit_code);
}
END_TEST

static const struct { const char *text; int expected; } words[] = {
	{ "ok", STATE_OK }, { "OK", STATE_OK }, { "0", STATE_OK },
	{ "Warning", STATE_WARNING }, { "1", STATE_WARNING },
	{ "critical", STATE_CRITICAL }, { "2", STATE_CRITICAL },
	{ "UNKNOWN", STATE_UNKNOWN }, { "3", STATE_UNKNOWN },
	{ "", -1 }, { "4", -1 }, { "-1", -1 }, { "00", -1 }, { "0 ", -1 }, { " ok", -1 },
	{ "warn", -1 }, { "okay", -1 }, { "WARNING!", -1 },
};

START_TEST(test_parse)
{
	enum state s = STATE_OK;
	int failed = state_parse(words[_i].text, &s);

	ck_assert_msg(failed == (words[_i].expected < 0 ? -1 : 0), "\"%s\"", words[_i].text);
	if (!failed)
		ck_assert_int_eq((int)s, words[_i].expected);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("state");
	TCase *t = tcase_create("state");

	tcase_add_loop_test(t, test_worst, 0, UNIT_ROWS(order));
	tcase_add_loop_test(t, test_names, 0, UNIT_ROWS(order));
	tcase_add_loop_test(t, test_parse, 0, UNIT_ROWS(words));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
