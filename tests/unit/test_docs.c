/* test_docs.c - the manual pages say what the tables of keys, options and
 * rules say: nothing is missing, and nothing is left over. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/fileio.h"
#include "lib/conf.h"
#include "lib/judge/evaluate.h"
#include "plugins/options.h"
#include "tests/unit/unit.h"

#define PAGE_MAX_BYTES ((size_t)256 * 1024)
#define ITEMS_MAX 256

/* One ".It" of a page: where it stands, its line, and the text up to the next. */
struct entry {
	char headings[128];      /* of the .Ss it stands in */
	char line[256];          /* after ".It " */
	const char *text;
	size_t n_text;
};

struct page {
	struct buf source;
	struct entry entries[ITEMS_MAX];
	size_t n;
};

static void read_page(const char *name, struct buf *out)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	struct err e = { 0 };

	snprintf(path, sizeof path, "%s/plugins/%s", top != NULL ? top : ".", name);
	buf_init(out, PAGE_MAX_BYTES);
	ck_assert_msg(fileio_read(path, out, &e) == 0, "%s", e.text);
}

/* The line of n characters as a string of its own. */
static void copy_line(char *out, size_t room, const char *s, size_t n)
{
	ck_assert_uint_lt(n, room);
	memcpy(out, s, n);
	out[n] = '\0';
}

static void close_entry(struct page *p, const char *end)
{
	if (p->n > 0 && p->entries[p->n - 1].n_text == 0)
		p->entries[p->n - 1].n_text = (size_t)(end - p->entries[p->n - 1].text);
}

/* Only entries of the outer lists: those that begin with one of the macros. */
static void load_page(struct page *p, const char *name, const char *macro)
{
	char headings[128] = "", start[32];

	*p = (struct page){ .n = 0 };
	read_page(name, &p->source);
	snprintf(start, sizeof start, ".It %s ", macro);
	for (const char *at = buf_str(&p->source), *next; *at != '\0'; at = next) {
		size_t n = strcspn(at, "\n");

		next = at + n + (at[n] == '\n');
		if (strncmp(at, ".Ss ", 4) == 0 || strncmp(at, ".Sh ", 4) == 0) {
			close_entry(p, at);
			copy_line(headings, sizeof headings, at, n);
		} else if (strncmp(at, start, strlen(start)) == 0) {
			close_entry(p, at);
			ck_assert_uint_lt(p->n, ITEMS_MAX);
			strcpy(p->entries[p->n].headings, headings);
			copy_line(p->entries[p->n].line, sizeof p->entries[p->n].line, at + 4,
			    n - 4);
			p->entries[p->n++].text = next;
		}
	}
	close_entry(p, buf_str(&p->source) + p->source.len);
}

static void free_page(struct page *p)
{
	buf_clear(&p->source);
}

static bool text_has(const struct entry *d, const char *needle)
{
	size_t n = strlen(needle);

	for (size_t i = 0; i + n <= d->n_text; i++)
		if (memcmp(d->text + i, needle, n) == 0)
			return true;
	return false;
}

/* --- keys ----------------------------------------------------------------------- */

/* "Cm key No = ..." under a heading that holds "[section]" or "[section ". */
static const struct entry *find_key(const struct page *p, const char *section, const char *key)
{
	char bare[64], named[64], start[64];

	snprintf(bare, sizeof bare, "[%s]", section);
	snprintf(named, sizeof named, "[%s NAME]", section);
	snprintf(start, sizeof start, "Cm %s No = ", key);
	for (size_t i = 0; i < p->n; i++) {
		const struct entry *d = &p->entries[i];

		if ((strstr(d->headings, bare) != NULL || strstr(d->headings, named) != NULL) &&
		    strncmp(d->line, start, strlen(start)) == 0)
			return d;
	}
	return NULL;
}

struct key_check {
	const struct page *page;
	bool seen[ITEMS_MAX];
};

/* Every word of a choice stands in the entry. */
static void check_words(const struct entry *d, const char *type, const char *section,
    const char *key)
{
	char word[64];

	if (strchr(type, '|') == NULL)
		return;
	for (const char *at = type; *at != '\0';) {
		size_t n = strcspn(at, "|");

		copy_line(word, sizeof word, at, n);
		ck_assert_msg(strstr(d->line, word) != NULL || text_has(d, word),
		    "[%s] %s: the word %s is not in the manual", section, key, word);
		at += n + (at[n] == '|');
	}
}

static void check_key(void *ctx, const char *section, const char *key, const char *type,
    const char *fallback, const char *help)
{
	struct key_check *c = ctx;
	const struct entry *d = find_key(c->page, section, key);
	char sentence[128];

	(void)help;
	ck_assert_msg(d != NULL, "[%s] %s is not in the manual", section, key);
	c->seen[d - c->page->entries] = true;
	check_words(d, type, section, key);
	if (fallback == NULL) {
		ck_assert_msg(!text_has(d, "The default is"), "[%s] %s has no default", section,
		    key);
		return;
	}
	/* the targets' own limits point to the thresholds, which are checked as well */
	if (strcmp(section, "thresholds") != 0 && strcmp(type, "limit") == 0)
		snprintf(sentence, sizeof sentence, "The default is that of the thresholds.\n");
	else
		snprintf(sentence, sizeof sentence, "The default is\n.Li %s .\n", fallback);
	ck_assert_msg(text_has(d, sentence), "[%s] %s: the manual does not say: %s", section, key,
	    sentence);
}

START_TEST(every_key_is_in_the_manual)
{
	struct page page;
	struct key_check check = { .page = &page };

	load_page(&page, "check_certs.conf.5", "Cm");
	conf_each_key(check_key, &check);
	for (size_t i = 0; i < page.n; i++)
		ck_assert_msg(check.seen[i], "the manual has %s under %s, and no table has",
		    page.entries[i].line, page.entries[i].headings);
	free_page(&page);
}
END_TEST

/* What the manual shows as an example is a file without problems. */
START_TEST(the_example_is_right)
{
	struct page page;
	const char *from, *to;
	struct conf c;
	struct buf problems;

	load_page(&page, "check_certs.conf.5", "Cm");
	from = strstr(buf_str(&page.source), ".Sh EXAMPLES\n.Bd -literal\n");
	ck_assert_ptr_nonnull(from);
	from += strlen(".Sh EXAMPLES\n.Bd -literal\n");
	to = strstr(from, "\n.Ed\n");
	ck_assert_ptr_nonnull(to);
	conf_init(&c);
	buf_init(&problems, 65536);
	ck_assert_msg(conf_parse("example", from, (size_t)(to - from), &c, &problems) == 0, "%s",
	    buf_str(&problems));
	ck_assert_uint_eq(c.n_targets, 4);
	buf_clear(&problems);
	conf_clear(&c);
	free_page(&page);
}
END_TEST

/* --- options ---------------------------------------------------------------------- */

/* Does the entry name this option?  "Fl f , Fl -config Ns = Ns Ar file" */
static bool names_option(const struct entry *d, const char *name)
{
	char flag[64];
	const char *at;

	snprintf(flag, sizeof flag, "Fl %s", name);
	for (at = strstr(d->line, flag); at != NULL; at = strstr(at + 1, flag))
		if (at[strlen(flag)] == ' ' || at[strlen(flag)] == '\0')
			return true;
	return false;
}

static void check_option(void *ctx, char letter, const char *name, const char *arg)
{
	struct key_check *c = ctx;
	const struct entry *d = NULL;
	char flag[64], short_flag[2] = { letter, '\0' };

	snprintf(flag, sizeof flag, "-%s", name);
	for (size_t i = 0; i < c->page->n && d == NULL; i++)
		if (names_option(&c->page->entries[i], flag))
			d = &c->page->entries[i];
	ck_assert_msg(d != NULL, "--%s is not in the manual", name);
	c->seen[d - c->page->entries] = true;
	ck_assert_msg(letter == 0 || names_option(d, short_flag), "-%c is not in the manual",
	    letter);
	ck_assert_msg((strncmp(d->line, "Fl -", 4) != 0) == (letter != 0), "--%s has no letter",
	    name);
	ck_assert_msg((arg != NULL) == (strstr(d->line, "Ns = Ns") != NULL), "--%s and its value",
	    name);
}

START_TEST(every_option_is_in_the_manual)
{
	struct page page;
	struct key_check check = { .page = &page };

	load_page(&page, "check_certs.8", "Fl");
	options_each(check_option, &check);
	for (size_t i = 0; i < page.n; i++)
		ck_assert_msg(check.seen[i], "the manual has %s, and the table has not",
		    page.entries[i].line);
	free_page(&page);
}
END_TEST

struct help_check { const struct buf *help; size_t n; };

static void check_help(void *ctx, char letter, const char *name, const char *arg)
{
	struct help_check *c = ctx;
	char line[128];

	if (letter != 0)
		snprintf(line, sizeof line, "\n  -%c, --%s%s%s", letter, name,
		    arg != NULL ? "=" : " ", arg != NULL ? arg : "");
	else
		snprintf(line, sizeof line, "\n      --%s%s%s", name, arg != NULL ? "=" : " ",
		    arg != NULL ? arg : "");
	ck_assert_msg(strstr(buf_str(c->help), line) != NULL, "--help lacks%s", line);
	c->n++;
}

START_TEST(every_option_is_in_the_help)
{
	struct buf help;
	struct help_check check = { &help, 0 };
	size_t n = 0;

	buf_init(&help, 65536);
	options_help(&help);
	options_each(check_help, &check);
	for (const char *at = buf_str(&help); (at = strchr(at, '\n')) != NULL; at++)
		n += strncmp(at, "\n  -", 4) == 0 || strncmp(at, "\n      --", 9) == 0;
	ck_assert_uint_eq(n, check.n);
	buf_clear(&help);
}
END_TEST

/* A default that the manual gives is the one that --help gives, and the other
 * way round: "(default X)" there, "The default is X" here. */
struct default_check { const struct page *page; const char *help; };

static void check_default(void *ctx, char letter, const char *name, const char *arg)
{
	const struct default_check *c = ctx;
	char flag[64], value[128];
	const char *at, *end;
	const struct entry *d = NULL;

	(void)letter;
	if (arg == NULL || strcmp(name, "config") == 0 || strcmp(name, "state-dir") == 0)
		return;   /* the paths are the build's */
	snprintf(flag, sizeof flag, "--%s=", name);
	at = strstr(c->help, flag);
	ck_assert_ptr_nonnull(at);
	end = strstr(at, "\n  -") != NULL ? strstr(at, "\n  -") : at + strlen(at);
	if (strstr(at, "\n      --") != NULL && strstr(at, "\n      --") < end)
		end = strstr(at, "\n      --");
	at = strstr(at, "(default ");
	if (at == NULL || at > end)
		return;
	at += strlen("(default ");
	at += strspn(at, " \n");
	copy_line(value, sizeof value, at, strcspn(at, ")\n"));
	snprintf(flag, sizeof flag, "-%s", name);
	for (size_t i = 0; i < c->page->n && d == NULL; i++)
		if (names_option(&c->page->entries[i], flag))
			d = &c->page->entries[i];
	ck_assert_ptr_nonnull(d);
	ck_assert_msg(text_has(d, value) && text_has(d, "default"), "--%s: default %s", name,
	    value);
}

START_TEST(defaults_agree)
{
	struct page page;
	struct buf help;
	struct default_check check = { .page = &page };

	load_page(&page, "check_certs.8", "Fl");
	buf_init(&help, 65536);
	options_help(&help);
	check.help = buf_str(&help);
	options_each(check_default, &check);
	buf_clear(&help);
	free_page(&page);
}
END_TEST

/* --- findings ----------------------------------------------------------------------- */

START_TEST(every_finding_is_in_the_manual)
{
	struct page page;
	size_t n_rules = 0, n_words = 0;

	load_page(&page, "check_certs.8", "Cm");
	for (const char *const *id = evaluate_rule_ids(); *id != NULL; id++, n_rules++) {
		bool found = false;

		for (size_t i = 0; i < page.n && !found; i++) {
			const char *at = strstr(page.entries[i].line, *id);

			found = at != NULL && at[-1] == ' ' &&
			    (at[strlen(*id)] == ' ' || at[strlen(*id)] == '\0');
		}
		ck_assert_msg(found, "the finding %s is not in the manual", *id);
	}
	for (size_t i = 0; i < page.n; i++)
		for (const char *at = page.entries[i].line; at != NULL; at = strchr(at + 1, ','))
			n_words++;
	ck_assert_msg(n_words == n_rules, "the manual has %zu findings, the table %zu", n_words,
	    n_rules);
	free_page(&page);
}
END_TEST

/* Every format of -o stands in its entry. */
START_TEST(every_format_is_in_the_manual)
{
	struct page page;
	struct buf names;
	const struct entry *d = NULL;
	char *word;

	load_page(&page, "check_certs.8", "Fl");
	for (size_t i = 0; i < page.n && d == NULL; i++)
		if (names_option(&page.entries[i], "-output"))
			d = &page.entries[i];
	ck_assert_ptr_nonnull(d);
	buf_init(&names, 1024);
	renderer_names(&names);
	for (word = strtok(names.data, ", "); word != NULL; word = strtok(NULL, ", "))
		ck_assert_msg(text_has(d, word), "the format %s is not in the manual", word);
	buf_clear(&names);
	free_page(&page);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("docs");
	TCase *t = tcase_create("docs");

	tcase_add_test(t, every_key_is_in_the_manual);
	tcase_add_test(t, the_example_is_right);
	tcase_add_test(t, every_option_is_in_the_manual);
	tcase_add_test(t, every_option_is_in_the_help);
	tcase_add_test(t, defaults_agree);
	tcase_add_test(t, every_finding_is_in_the_manual);
	tcase_add_test(t, every_format_is_in_the_manual);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
