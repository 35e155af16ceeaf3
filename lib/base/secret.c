/* secret.c - passwords, tokens and cookies. */
#include "lib/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/buf.h"
#include "lib/base/mem.h"

#define FILE_MAX_BYTES 65536

void secret_set(struct secret *s, const char *bytes, size_t len)
{
	char *copy = bytes == NULL ? NULL : mem_alloc(len + 1);

	if (copy != NULL)
		memcpy(copy, bytes, len);
	secret_wipe(s);
	s->bytes = copy;
	s->len = copy == NULL ? 0 : len;
}

void secret_wipe(struct secret *s)
{
	if (s->bytes != NULL)
		mem_wipe(s->bytes, s->len);
	free(s->bytes);
	*s = (struct secret){ 0 };
}

/* The rights a file may keep: its group's reading, if it had that. */
static unsigned mode_to_set(mode_t mode)
{
	return mode & S_IRGRP ? 0640 : 0600;
}

int secret_check_fd(int fd, const char *path, bool secret, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_set(e, ERR_CONFIG, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_CONFIG, "%s is not a regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e, ERR_CONFIG,
		    "%s belongs to another user (uid %lu), who could change it; run: chown %lu %s",
		    path, (unsigned long)st.st_uid, (unsigned long)geteuid(), path);
	if (secret && (st.st_mode & S_IROTH))
		return err_set(e, ERR_CONFIG, "%s can be read by every user; run: chmod %04o %s",
		    path, mode_to_set(st.st_mode), path);
	if (!(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	if (secret)
		return err_set(e, ERR_CONFIG, "%s can be changed by others; run: chmod %04o %s",
		    path, mode_to_set(st.st_mode), path);
	return err_set(e, ERR_CONFIG, "%s can be changed by others; run: chmod go-w %s",
	    path, path);
}

/* Open for reading after the rights test; -1 with an error. */
static int open_secret(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ELOOP)
		return err_set(e, ERR_CONFIG, "%s is a symbolic link; name the file itself", path);
	if (fd < 0)
		return err_set(e, ERR_CONFIG, "cannot open %s: %s", path, strerror(errno));
	if (secret_check_fd(fd, path, true, e)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The whole file into text, which has room for one byte more than allowed. */
static int read_file(int fd, const char *path, char *text, size_t *len, struct err *e)
{
	ssize_t n;

	*len = 0;
	do {
		n = read(fd, text + *len, FILE_MAX_BYTES + 1 - *len);
		if (n > 0)
			*len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return err_set(e, ERR_CONFIG, "cannot read %s: %s", path, strerror(errno));
	if (*len > FILE_MAX_BYTES)
		return err_set(e, ERR_CONFIG, "%s is larger than %d bytes", path, FILE_MAX_BYTES);
	text[*len] = '\0';
	if (strlen(text) != *len)
		return err_set(e, ERR_CONFIG, "%s holds a NUL byte", path);
	return 0;
}

enum key { USERNAME, PASSWORD, CLIENT_CERT, CLIENT_KEY, CLIENT_ID, CLIENT_SECRET, LOGIN, N_KEYS };

static const char *const key_names[N_KEYS] = {
	[USERNAME] = "username",
	[PASSWORD] = "password",
	[CLIENT_CERT] = "client_cert",
	[CLIENT_KEY] = "client_key",
	[CLIENT_ID] = "client_id",
	[CLIENT_SECRET] = "client_secret",
	[LOGIN] = "login",
};

/* The kinds of login, each by the two keys it needs. */
static const struct { enum key first, second; enum login login; } pairs[] = {
	{ USERNAME, PASSWORD, LOGIN_BASIC },
	{ CLIENT_CERT, CLIENT_KEY, LOGIN_CLIENT_CERT },
	{ CLIENT_ID, CLIENT_SECRET, LOGIN_CLIENT },
};

static const char blanks[] = " \t\r";

/* Cut blanks off both ends, in place. */
static char *trim(char *s)
{
	size_t n;

	s += strspn(s, blanks);
	n = strlen(s);
	while (n > 0 && strchr(blanks, s[n - 1]) != NULL)
		n--;
	s[n] = '\0';
	return s;
}

/* One line into values.  What stands in it is never repeated in a message:
 * a line that is wrong may be a password on its own. */
static int parse_line(char *line, const char *values[N_KEYS], struct err *e)
{
	char *equals, *value;
	int key = 0;

	line = trim(line);
	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	equals = strchr(line, '=');
	if (equals == NULL)
		return err_set(e, ERR_CONFIG, "want key=value");
	*equals = '\0';
	line = trim(line);
	value = trim(equals + 1);
	while (key < N_KEYS && strcmp(line, key_names[key]) != 0)
		key++;
	if (key == N_KEYS)
		return err_set(e, ERR_CONFIG, "unknown key; known are username, password, login, "
		    "client_id, client_secret, client_cert, client_key");
	if (values[key] != NULL)
		return err_set(e, ERR_CONFIG, "second %s", key_names[key]);
	if (*value == '\0')
		return err_set(e, ERR_CONFIG, "%s is empty", key_names[key]);
	values[key] = value;
	return 0;
}

static int parse_lines(char *text, const char *path, const char *values[N_KEYS], struct err *e)
{
	unsigned number = 1;

	for (char *line = text, *next; line != NULL; line = next, number++) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (parse_line(line, values, e))
			return err_prefix(e, "%s:%u", path, number);
	}
	return 0;
}

/* Exactly one complete pair; its row in *pair. */
static int choose_pair(const char *const values[N_KEYS], size_t *pair, struct err *e)
{
	size_t n_found = 0;

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		bool first = values[pairs[i].first] != NULL;
		bool second = values[pairs[i].second] != NULL;

		if (!first && !second)
			continue;
		if (first != second)
			return err_set(e, ERR_CONFIG, "%s needs %s beside it",
			    key_names[first ? pairs[i].first : pairs[i].second],
			    key_names[first ? pairs[i].second : pairs[i].first]);
		*pair = i;
		n_found++;
	}
	if (n_found == 1)
		return 0;
	return err_set(e, ERR_CONFIG, n_found == 0 ?
	    "no login; want username= and password=, or client_id= and client_secret=, "
	    "or client_cert= and client_key=" : "more than one login; keep one pair of keys");
}

static int choose_login(const char *const values[N_KEYS], struct credentials *c, struct err *e)
{
	const char *word = values[LOGIN];

	if (word == NULL)
		return 0;
	if (c->login != LOGIN_BASIC)
		return err_set(e, ERR_CONFIG, "login is only for username and password");
	if (strcmp(word, "session") == 0)
		c->login = LOGIN_SESSION;
	else if (strcmp(word, "basic") != 0)
		return err_set(e, ERR_CONFIG, "login: want basic or session");
	return 0;
}

static int check_key_file(const char *path, struct err *e)
{
	int fd = open_secret(path, e);

	if (fd < 0)
		return err_prefix(e, "client_key");
	close(fd);
	return 0;
}

static int take_values(const char *const values[N_KEYS], struct credentials *c, struct err *e)
{
	const char *first, *second;
	size_t pair = 0;

	if (choose_pair(values, &pair, e))
		return -1;
	c->login = pairs[pair].login;
	first = values[pairs[pair].first];
	second = values[pairs[pair].second];
	if (c->login == LOGIN_CLIENT_CERT) {
		c->client_cert_path = mem_strdup(first);
		c->client_key_path = mem_strdup(second);
		if (check_key_file(second, e))
			return -1;
	} else {
		secret_set(&c->user, first, strlen(first));
		secret_set(&c->password, second, strlen(second));
	}
	return choose_login(values, c, e);
}

/* In hex, so that the longest fits. */
static void identify(int fd, char identity[64])
{
	struct stat st;

	if (fstat(fd, &st))
		return;
	snprintf(identity, 64, "%llx:%llx:%llu:%lld.%09ld", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino, (unsigned long long)st.st_size,
	    (long long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec);
}

int credentials_load(const char *path, struct credentials *c, struct err *e)
{
	const char *values[N_KEYS] = { NULL };
	char *text = NULL;
	size_t len;
	int failed = -1, fd;

	*c = (struct credentials){ .login = LOGIN_NONE };
	fd = open_secret(path, e);
	if (fd < 0)
		return -1;
	text = mem_alloc(FILE_MAX_BYTES + 2);
	identify(fd, c->identity);
	if (read_file(fd, path, text, &len, e) || parse_lines(text, path, values, e))
		goto out;
	failed = take_values((const char *const *)values, c, e);
	if (failed)
		err_prefix(e, "%s", path);
out:
	mem_wipe(text, FILE_MAX_BYTES + 2);
	free(text);
	close(fd);
	if (failed)
		credentials_wipe(c);
	return failed;
}

void credentials_wipe(struct credentials *c)
{
	secret_wipe(&c->user);
	secret_wipe(&c->password);
	free(c->client_cert_path);
	free(c->client_key_path);
	*c = (struct credentials){ .login = LOGIN_NONE };
}
