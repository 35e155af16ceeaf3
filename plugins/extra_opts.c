/* extra_opts.c - --extra-opts: options from a shared file. */
#include "plugins/extra_opts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "lib/base/secret.h"
#include "lib/base/slice.h"

#define OPTION "--extra-opts"
#define KEY_MAX 64

/* Where the plugins of a distribution look, in this order. */
static const char *const default_files[] = {
	"/usr/local/etc/monitoring-plugins/monitoring-plugins.ini",
	"/usr/local/etc/monitoring-plugins.ini",
	"/etc/monitoring-plugins/monitoring-plugins.ini",
	"/etc/monitoring-plugins.ini",
	"/etc/nagios/plugins.ini",
	"/usr/local/nagios/etc/plugins.ini",
	"/usr/local/etc/nagios/plugins.ini",
	"/etc/opt/nagios/plugins.ini",
	"/etc/nagios-plugins.ini",
	"/usr/local/etc/nagios-plugins.ini",
	"/etc/opt/nagios-plugins.ini",
};
static const char *const names_in_path[] = { "monitoring-plugins.ini", "plugins.ini",
	"nagios-plugins.ini" };

/* Takes the word. */
static void add_word(struct arguments *a, char *word)
{
	a->v = mem_grow(a->v, &a->cap, a->n + 2, sizeof *a->v);
	a->v[a->n++] = word;
	a->v[a->n] = NULL;
}

void arguments_clear(struct arguments *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a->v);
	*a = (struct arguments){ 0 };
}

/* A comment after a value begins with a blank and '#' or ';'. */
static struct slice without_comment(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] == '#' || s.p[i] == ';') &&
		    (i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			return slice_trim(s.p, i);
	return s;
}

static bool is_key(struct slice key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!isalnum((unsigned char)key.p[i]) && (key.p[i] != '-' || i == 0))
			return false;
	return key.n > 0 && key.n <= KEY_MAX;
}

/* One "key = value" as it would stand on the command line. */
static int take_line(const char *name, size_t line, struct slice s, struct arguments *out,
    struct err *e)
{
	const char *equals = memchr(s.p, '=', s.n);
	struct slice key, value;

	if (equals == NULL)
		return err_set(e, ERR_CONFIG,
		    "%s:%zu: want \"option = value\", or \"option =\" for one without", name, line);
	key = slice_trim(s.p, (size_t)(equals - s.p));
	value = without_comment(slice_trim(equals + 1, s.n - (size_t)(equals + 1 - s.p)));
	if (!is_key(key))
		return err_set(e, ERR_CONFIG, "%s:%zu: this is not the name of an option", name,
		    line);
	if (slice_is(key, &OPTION[2]))
		return err_set(e, ERR_CONFIG, "%s:%zu: extra-opts cannot stand in a file", name,
		    line);
	if (key.n == 1) {
		add_word(out, mem_printf("-%c", *key.p));
		if (value.n > 0)
			add_word(out, mem_strndup(value.p, value.n));
	} else {
		add_word(out, mem_printf("--%.*s%s%.*s", (int)key.n, key.p, value.n > 0 ? "=" : "",
		    (int)value.n, value.p));
	}
	return 0;
}

static bool is_header_of(struct slice s, const char *section)
{
	const char *close = memchr(s.p, ']', s.n);

	return close != NULL && slice_is(slice_trim(s.p + 1, (size_t)(close - s.p) - 1), section);
}

int extra_opts_read(const char *name, const char *text, size_t n, const char *section,
    struct arguments *out, struct err *e)
{
	bool any_header = false, ours = false;
	size_t before = out->n, line = 0;
	const char *at = text;
	struct slice s;

	if (memchr(text, '\0', n) != NULL)
		return err_set(e, ERR_CONFIG, "%s holds a NUL byte", name);
	while (slice_next_line(&at, text + n, &s)) {
		line++;
		if (s.n == 0 || *s.p == '#' || *s.p == ';')
			continue;
		if (*s.p == '[') {
			any_header = true;
			ours = is_header_of(s, section);
			continue;
		}
		if (!any_header)
			return err_set(e, ERR_CONFIG, "%s:%zu: text before the first section", name,
			    line);
		if (ours && take_line(name, line, s, out, e))  /* others are other plugins' */
			return -1;
	}
	if (out->n == before)
		return err_set(e, ERR_CONFIG, "%s has no options in a section \"%s\"", name,
		    section);
	return 0;
}

/* A variable that may name a file: not when we run with more rights than our
 * caller has. */
static const char *variable(const char *name)
{
	const char *value;

	if (getuid() != geteuid() || getgid() != getegid())
		return NULL;
	value = getenv(name);
	return value != NULL && *value != '\0' ? value : NULL;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* The first file there is in a list of directories parted by colons. */
static char *find_in_path(const char *path)
{
	for (const char *dir = path; *dir != '\0'; dir += strspn(dir, ":")) {
		size_t n = strcspn(dir, ":");

		for (size_t i = 0; n > 0 && i < sizeof names_in_path / sizeof names_in_path[0];
		     i++) {
			char *file = mem_printf("%.*s/%s", (int)n, dir, names_in_path[i]);

			if (exists(file))
				return file;
			free(file);
		}
		dir += n;
	}
	return NULL;
}

static char *find_file(void)
{
	const char *file = variable("MP_CONFIG_FILE");
	const char *path = variable("NAGIOS_CONFIG_PATH");
	char *found = NULL;

	if (file != NULL)
		return mem_strdup(file);
	if (path != NULL)
		found = find_in_path(path);
	for (size_t i = 0; found == NULL && i < sizeof default_files / sizeof default_files[0]; i++)
		if (exists(default_files[i]))
			found = mem_strdup(default_files[i]);
	return found;
}

static int read_text(const char *path, struct buf *text, struct err *e)
{
	int fd, failed;

	if (strcmp(path, "-") == 0)
		return fileio_read_fd(STDIN_FILENO, "standard input", text, e);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP)
		return err_set(e, ERR_CONFIG, "%s is a symbolic link: name the file itself", path);
	if (fd < 0)
		return err_set(e, ERR_CONFIG, "cannot open %s: %s", path, strerror(errno));
	failed = secret_check_fd(fd, path, false, e);
	if (!failed)
		failed = fileio_read_fd(fd, path, text, e);
	close(fd);
	return failed;
}

/* "[SECTION][@FILE]" */
static int take_locator(const char *locator, struct arguments *out, struct err *e)
{
	const char *at = strchr(locator, '@');
	size_t n = at != NULL ? (size_t)(at - locator) : strlen(locator);
	char *section = n > 0 ? mem_strndup(locator, n) : mem_strdup(EXTRA_OPTS_SECTION);
	char *path = at != NULL ? mem_strdup(at + 1) : find_file();
	struct buf text;
	int failed = -1;

	buf_init(&text, EXTRA_OPTS_MAX_BYTES);
	if (path == NULL)
		err_set(e, ERR_CONFIG,
		    "there is no file with plugin options (name one: section@file)");
	else if (read_text(path, &text, e) == 0)
		failed = extra_opts_read(path, buf_str(&text), text.len, section, out, e);
	buf_clear(&text);
	free(path);
	free(section);
	return failed;
}

/* Does this word ask for extra options?  Then *value is what follows '='. */
static bool is_option(const char *word, const char **value)
{
	size_t n = strlen(OPTION);

	if (strncmp(word, OPTION, n) != 0 || (word[n] != '\0' && word[n] != '='))
		return false;
	*value = word[n] == '=' ? word + n + 1 : NULL;
	return true;
}

static int expand(int argc, char *const *argv, struct arguments *from_files, struct arguments *own,
    struct err *e)
{
	const char *value;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {   /* from here on nothing is an option */
			for (; i < argc; i++)
				add_word(own, mem_strdup(argv[i]));
			break;
		}
		if (!is_option(argv[i], &value)) {
			add_word(own, mem_strdup(argv[i]));
			continue;
		}
		if (value == NULL && i + 1 < argc && argv[i + 1][0] != '-')
			value = argv[++i];
		if (take_locator(value != NULL ? value : "", from_files, e))
			return err_prefix(e, OPTION);
	}
	return 0;
}

int extra_opts_expand(int argc, char *const *argv, struct arguments *out, struct err *e)
{
	struct arguments own = { 0 };
	int failed;

	add_word(out, mem_strdup(argc > 0 ? argv[0] : EXTRA_OPTS_SECTION));
	failed = expand(argc, argv, out, &own, e);
	for (size_t i = 0; i < own.n; i++)
		add_word(out, mem_strdup(own.v[i]));
	arguments_clear(&own);
	return failed;
}
