/* test_extra_opts.c - options from a file that plugins share. */
#include "plugins/extra_opts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define WORDS_MAX 32

/* The words with one blank between them, for comparing. */
static char *joined(const struct arguments *a, size_t from)
{
	struct buf b;

	buf_init(&b, 65536);
	for (size_t i = from; i < a->n; i++)
		buf_addf(&b, "%s%s", i > from ? " " : "", a->v[i]);
	buf_adds(&b, "");
	return b.data != NULL ? buf_take(&b) : strdup("");
}

/* --- the text of a file ------------------------------------------------------- */

#define SHARED \
	"# options of every plugin on this host\n" \
	"[check_http]\n" \
	"this is not = for us, nor is\n" \
	"that line without an equals sign\n" \
	"[ check_certs ]\n" \
	"; ours\n" \
	"warning = 30,25%\n" \
	"  H =  portal.example \n" \
	"v=\n" \
	"list =   # a flag\n" \
	"credentials = /etc/a#b;c\r\n" \
	"[check_disk]\n" \
	"w = 20%\n" \
	"[check_certs]\n" \
	"critical = 7"

static const struct { const char *section, *words, *comment;
} sections[] = {
	{ "check_certs",
	    "--warning=30,25% -H portal.example -v --list --credentials=/etc/a#b;c --critical=7",
	    "sections add up" },
	{ "check_disk", "-w 20%", "another one" },
};

START_TEST(reads_a_section)
{
	struct arguments a = { 0 };
	struct err e = { 0 };
	char *words;

	ck_assert_msg(extra_opts_read("f.ini", SHARED, strlen(SHARED), sections[_i].section, &a,
	    &e) == 0,
	    "%s", e.text);
	words = joined(&a, 0);
	ck_assert_msg(strcmp(words, sections[_i].words) == 0, "%s: %s", sections[_i].comment,
	    words);
	free(words);
	arguments_clear(&a);
}
END_TEST

static const struct { const char *text, *problem; } bad[] = {
	{ "", "f.ini has no options in a section \"check_certs\"" },
	{ "[other]\na = b\n", "f.ini has no options in a section \"check_certs\"" },
	{ "[check_certs]\n# nothing\n", "f.ini has no options in a section \"check_certs\"" },
	{ "[check_certs\na = b\n", "f.ini has no options in a section \"check_certs\"" },
	{ "a = b\n[check_certs]\nc = d\n", "f.ini:1: text before the first section" },
	{ "[check_certs]\n\nwarning\n", "f.ini:3: want \"option = value\"" },
	{ "[check_certs]\n= 3\n", "f.ini:2: this is not the name of an option" },
	{ "[check_certs]\nwarn ing = 3\n", "f.ini:2: this is not the name of an option" },
	{ "[check_certs]\n--warning = 3\n", "f.ini:2: this is not the name of an option" },
	{ "[check_certs]\nextra-opts = again\n", "f.ini:2: extra-opts cannot stand in a file" },
};

START_TEST(refuses_bad_text)
{
	struct arguments a = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(extra_opts_read("f.ini", bad[_i].text, strlen(bad[_i].text), "check_certs",
	    &a, &e),
	    -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.text, bad[_i].problem) != NULL, "%s", e.text);
	arguments_clear(&a);
}
END_TEST

START_TEST(refuses_nul_bytes)
{
	static const char text[] = "[check_certs]\na = b\0c\n";
	struct arguments a = { 0 };
	struct err e = { 0 };

	ck_assert_int_eq(extra_opts_read("f.ini", text, sizeof text - 1, "check_certs", &a, &e),
	    -1);
	ck_assert_ptr_nonnull(strstr(e.text, "NUL"));
	arguments_clear(&a);
}
END_TEST

/* --- the command line ----------------------------------------------------------- */

/* Words parted by blanks, "@@" in one stands for the file; what comes out
 * after the program's name, or the error. */
static char *expanded(const char *words, const char *file, int *failed)
{
	char text[1024] = "", *argv[WORDS_MAX] = { text };
	struct arguments a = { 0 };
	struct err e = { 0 };
	char *out;
	int argc = 0;

	for (const char *at = words; *at != '\0'; at++) {
		size_t n = strlen(text);

		if (at[0] == '@' && at[1] == '@') {
			snprintf(text + n, sizeof text - n, "@%s", file);
			at++;
		} else {
			snprintf(text + n, sizeof text - n, "%c", *at);
		}
	}
	for (char *at = strtok(text, " "); at != NULL; at = strtok(NULL, " "))
		argv[argc++] = at;
	*failed = extra_opts_expand(argc, argv, &a, &e);
	if (!*failed) {
		ck_assert_str_eq(a.v[0], "check_certs");
		ck_assert_ptr_null(a.v[a.n]);
	}
	out = *failed ? strdup(e.text) : joined(&a, 1);
	arguments_clear(&a);
	return out;
}

static const struct { const char *words, *out;
} expansions[] = {
	{ "check_certs", "" },
	{ "check_certs -w 30 --file x", "-w 30 --file x" },
	{ "check_certs -w 60 --extra-opts=@@", "--warning=30 -v -w 60" },
	{ "check_certs --extra-opts=@@ -w 60", "--warning=30 -v -w 60" },
	{ "check_certs --extra-opts @@ -w 60", "--warning=30 -v -w 60" },
	{ "check_certs --extra-opts=second@@", "--critical=3" },
	{ "check_certs -4 --extra-opts second@@ --extra-opts=@@ -6",
	    "--critical=3 --warning=30 -v -4 -6" },
	{ "check_certs -- --extra-opts=@x", "-- --extra-opts=@x" },
	{ "check_certs --extra-optsx", "--extra-optsx" },
};

#define TWO "[check_certs]\nwarning = 30\nv =\n[second]\ncritical = 3\n"

START_TEST(expands)
{
	int failed;
	char *out = expanded(expansions[_i].words, scratch_text("two.ini", TWO, 0644), &failed);

	ck_assert_msg(failed == 0, "%s", out);
	ck_assert_str_eq(out, expansions[_i].out);
	free(out);
}
END_TEST

START_TEST(looks_where_the_environment_says)
{
	char path[256];
	int failed;
	char *out;

	ck_assert_int_eq(mkdir(scratch_path("etc"), 0700), 0);
	scratch_text("etc/plugins.ini", "[check_certs]\nwarning = 1\n", 0600);
	snprintf(path, sizeof path, "/nonexistent::%s", scratch_path("etc"));
	setenv("NAGIOS_CONFIG_PATH", path, 1);
	unsetenv("MP_CONFIG_FILE");
	out = expanded("check_certs --extra-opts -v", "", &failed);
	ck_assert_str_eq(out, "--warning=1 -v");
	free(out);
	setenv("MP_CONFIG_FILE", scratch_text("mp.ini", "[check_certs]\nwarning = 2\n", 0600), 1);
	out = expanded("check_certs --extra-opts", "", &failed);
	ck_assert_str_eq(out, "--warning=2");
	free(out);
	unsetenv("MP_CONFIG_FILE");
	unsetenv("NAGIOS_CONFIG_PATH");
}
END_TEST

/* --- the file itself ---------------------------------------------------------------- */

static void check_refused(const char *file, const char *sentence)
{
	int failed;
	char *out = expanded("check_certs --extra-opts=@@", file, &failed);

	ck_assert_int_eq(failed, -1);
	ck_assert_msg(strncmp(out, "--extra-opts: ", 14) == 0, "%s", out);
	ck_assert_msg(strstr(out, sentence) != NULL, "%s", out);
	free(out);
}

static const unsigned bad_modes[] = { 0660, 0646, 0666 };

START_TEST(refuses_a_file_that_others_may_write)
{
	check_refused(scratch_text("bad.ini", TWO, bad_modes[_i]), "chmod");
}
END_TEST

START_TEST(refuses_what_is_no_file)
{
	const char *link = scratch_path("link.ini"), *fifo = scratch_path("fifo.ini");
	const char *large = scratch_text("large.ini", TWO, 0600);

	ck_assert_int_eq(symlink(scratch_text("real.ini", TWO, 0600), link), 0);
	check_refused(link, "is a symbolic link");
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	check_refused(fifo, "not a regular file");
	check_refused("/nonexistent/plugins.ini", "cannot open");
	check_refused("/", "not a regular file");
	ck_assert_int_eq(truncate(large, (off_t)EXTRA_OPTS_MAX_BYTES + 1), 0);
	check_refused(large, "larger than 1048576 bytes");
}
END_TEST

START_TEST(reads_standard_input)
{
	int fd = open(scratch_text("stdin.ini", TWO, 0666), O_RDONLY), failed;
	char *out;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	out = expanded("check_certs --extra-opts=second@@ -v", "-", &failed);
	ck_assert_str_eq(out, "--critical=3 -v");
	free(out);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("extra_opts");
	TCase *t = tcase_create("extra_opts");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_add_loop_test(t, reads_a_section, 0, UNIT_ROWS(sections));
	tcase_add_loop_test(t, refuses_bad_text, 0, UNIT_ROWS(bad));
	tcase_add_test(t, refuses_nul_bytes);
	tcase_add_loop_test(t, expands, 0, UNIT_ROWS(expansions));
	tcase_add_test(t, looks_where_the_environment_says);
	tcase_add_loop_test(t, refuses_a_file_that_others_may_write, 0, UNIT_ROWS(bad_modes));
	tcase_add_test(t, refuses_what_is_no_file);
	tcase_add_test(t, reads_standard_input);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
