/* test_remediate_docs.c - the manual of the handler says what its tables of
 * subcommands, options, rails and procedures say: nothing is missing, and
 * nothing is left over. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/fileio.h"
#include "lib/conf.h"
#include "remediate/command.h"
#include "remediate/rails.h"
#include "tests/unit/unit.h"

#define PAGE_MAX_BYTES ((size_t)256 * 1024)

static void read_page(struct buf *out)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	struct err e = { 0 };

	snprintf(path, sizeof path, "%s/remediate/remediate_certs.8", top != NULL ? top : ".");
	buf_init(out, PAGE_MAX_BYTES);
	ck_assert_msg(fileio_read(path, out, &e) == 0, "%s", e.text);
}

/* The text of a ".Sh" or ".Ss", up to the next heading of its kind. */
static char *section(const struct buf *page, const char *heading)
{
	char start[64], next[8];
	const char *from, *to;

	snprintf(start, sizeof start, "\n%s\n", heading);
	snprintf(next, sizeof next, "\n%.3s ", heading);
	from = strstr(buf_str(page), start);
	ck_assert_msg(from != NULL, "the manual has no %s", heading);
	from += strlen(start) - 1;
	to = strstr(from, next);
	ck_assert_ptr_nonnull(to);
	return strndup(from, (size_t)(to - from) + 1);
}

/* The entry ".It <line>" and what follows it, up to the next; a new string. */
static char *entry(const char *text, const char *line)
{
	char start[160];
	const char *from, *to;

	snprintf(start, sizeof start, "\n.It %s\n", line);
	from = strstr(text, start);
	if (from == NULL)
		return NULL;
	from += strlen(start);
	to = strstr(from - 1, "\n.It ");
	return to == NULL ? strdup(from) : strndup(from, (size_t)(to - from) + 1);
}

static size_t count_entries(const char *text)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, "\n.It ")) != NULL; at++)
		n++;
	return n;
}

struct counted { const char *text; const struct buf *page; size_t n; };

static void check_command(void *ctx, const char *name, const char *help)
{
	struct counted *c = ctx;
	char line[64];
	char *found;

	(void)help;
	snprintf(line, sizeof line, "Cm %s", name);
	found = entry(c->text, line);
	ck_assert_msg(found != NULL, "%s is not in the manual", name);
	free(found);
	c->n++;
}

START_TEST(every_subcommand_is_in_the_manual)
{
	struct buf page;
	char *text;
	struct counted c;

	read_page(&page);
	text = section(&page, ".Sh SUBCOMMANDS");
	c = (struct counted){ .text = text };
	command_each(check_command, &c);
	ck_assert_uint_eq(count_entries(text), c.n);
	free(text);
	buf_clear(&page);
}
END_TEST

static void check_option(void *ctx, char letter, const char *name, const char *arg,
    unsigned commands)
{
	struct counted *c = ctx;
	char with[96], without[128];

	(void)commands;
	if (letter != 0)
		snprintf(with, sizeof with, "\n.It Fl %c , Fl -%s", letter, name);
	else
		snprintf(with, sizeof with, "\n.It Fl -%s", name);
	snprintf(without, sizeof without, "%s%s", with, arg != NULL ? " Ns = Ns Ar " : "\n");
	ck_assert_msg(strstr(c->text, without) != NULL, "the manual lacks%s", without);
	c->n++;
}

START_TEST(every_option_is_in_the_manual)
{
	struct buf page;
	char *text;
	struct counted c;

	read_page(&page);
	text = section(&page, ".Sh OPTIONS");
	c = (struct counted){ .text = text };
	command_each_option(check_option, &c);
	ck_assert_uint_eq(count_entries(text), c.n);
	free(text);
	buf_clear(&page);
}
END_TEST

/* An option of one subcommand stands under its heading. */
static void check_place(void *ctx, char letter, const char *name, const char *arg,
    unsigned commands)
{
	const struct counted *c = ctx;
	char heading[64], line[96];

	(void)letter;
	(void)arg;
	for (int id = 0; id < COMMAND_N; id++) {
		char *text;

		if (commands != 1u << id)
			continue;
		snprintf(heading, sizeof heading, ".Ss %s", command_name((enum command_id)id));
		text = section(c->page, heading);
		snprintf(line, sizeof line, "Fl -%s", name);
		ck_assert_msg(strstr(text, line) != NULL, "--%s is not under %s", name, heading);
		free(text);
	}
}

START_TEST(every_option_is_in_its_place)
{
	struct buf page;
	struct counted c = { .page = &page };

	read_page(&page);
	buf_adds(&page, "\n.Ss end\n");
	command_each_option(check_place, &c);
	buf_clear(&page);
}
END_TEST

START_TEST(every_rail_is_in_the_manual)
{
	static const char *const asked[] = { [RAIL_ONCE] = "Asked once.\n",
		[RAIL_EACH_UNIT] = "Asked once, and before each unit.\n",
		[RAIL_EACH_ACT] = "Asked before each change.\n" };
	struct buf page;
	char *text;

	read_page(&page);
	text = section(&page, ".Sh RAILS");
	for (size_t i = 0; i < rails_n(); i++) {
		const struct rail *r = rails_at(i);
		char line[64];
		char *found;

		snprintf(line, sizeof line, "Cm %s", r->name);
		found = entry(text, line);
		ck_assert_msg(found != NULL, "the rail %s is not in the manual", r->name);
		ck_assert_msg((strstr(found, "Technical.\n") != NULL) == r->is_technical, "%s: is "
		    "it technical?", r->name);
		ck_assert_msg(strstr(found, asked[r->when]) != NULL, "%s: when is it asked?",
		    r->name);
		free(found);
	}
	ck_assert_uint_eq(count_entries(text), rails_n());
	free(text);
	buf_clear(&page);
}
END_TEST

/* A procedure is what the configuration takes as one. */
static bool is_procedure(const char *name)
{
	char text[512];
	struct conf c;
	struct buf problems;
	bool taken;

	snprintf(text, sizeof text, "[%s t]\nurl = https://t.example\ncredentials = /c\n"
	    "[remediate t]\nprocedures = %s\n", strncmp(name, "ops", 3) == 0 ? "opsman" : "nsx", name);
	conf_init(&c);
	buf_init(&problems, 4096);
	taken = conf_parse("test", text, strlen(text), &c, &problems) == 0;
	buf_clear(&problems);
	conf_clear(&c);
	return taken;
}

START_TEST(the_procedures_are_those_of_the_configuration)
{
	struct buf page;
	char *text;
	size_t n = 0;

	read_page(&page);
	text = section(&page, ".Sh PROCEDURES");
	for (const char *at = text; (at = strstr(at, "\n.It Cm ")) != NULL; at++) {
		char name[64];

		ck_assert_int_eq(sscanf(at, "\n.It Cm %63s", name), 1);
		ck_assert_msg(is_procedure(name) == (strcmp(name, "manual") != 0), "%s", name);
		n++;
	}
	ck_assert_uint_eq(n, 7);
	free(text);
	buf_clear(&page);
}
END_TEST

/* A default that --help gives is in the manual. */
START_TEST(defaults_agree)
{
	static const char *const defaults[] = { "text", "1h", "4h" };
	struct buf page, help;
	char line[64];

	read_page(&page);
	buf_init(&help, 65536);
	command_help(&help);
	for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
		snprintf(line, sizeof line, "(default %s)", defaults[i]);
		ck_assert_msg(strstr(buf_str(&help), line) != NULL, "%s", line);
		snprintf(line, sizeof line, "The default is\n.Li %s .\n", defaults[i]);
		ck_assert_msg(strstr(buf_str(&page), line) != NULL, "%s", line);
	}
	buf_clear(&help);
	buf_clear(&page);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("remediate_docs");
	TCase *t = tcase_create("remediate_docs");

	tcase_add_test(t, every_subcommand_is_in_the_manual);
	tcase_add_test(t, every_option_is_in_the_manual);
	tcase_add_test(t, every_option_is_in_its_place);
	tcase_add_test(t, every_rail_is_in_the_manual);
	tcase_add_test(t, the_procedures_are_those_of_the_configuration);
	tcase_add_test(t, defaults_agree);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
