/* scratch.c - a directory of its own for tests that need files. */
#include "tests/unit/scratch.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_PATHS 8

static char directory[PATH_MAX / 2];

void scratch_make(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(directory, sizeof directory, "%s/certs-unit.XXXXXX",
	    base != NULL && base[0] == '/' ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void each_entry(void (*act)(const char *path), int *count)
{
	DIR *d = opendir(directory);

	*count = 0;
	if (d == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		++*count;
		act(scratch_path(entry->d_name));
	}
	closedir(d);
}

static void remove_one(const char *path)
{
	remove(path);
}

static void keep_one(const char *path)
{
	(void)path;
}

void scratch_remove(void)
{
	int count;

	each_entry(remove_one, &count);
	rmdir(directory);
}

int scratch_count(void)
{
	int count;

	each_entry(keep_one, &count);
	return count;
}

const char *scratch_path(const char *name)
{
	static char paths[N_PATHS][PATH_MAX];
	static int next;
	char *path = paths[next];

	next = (next + 1) % N_PATHS;
	snprintf(path, PATH_MAX, "%s/%s", directory, name);
	return path;
}

const char *scratch_bytes(const char *name, const void *bytes, size_t n, unsigned mode)
{
	const char *path = scratch_path(name);
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	ck_assert_int_eq(fchmod(fd, (mode_t)mode), 0);
	close(fd);
	return path;
}

const char *scratch_text(const char *name, const char *text, unsigned mode)
{
	return scratch_bytes(name, text, strlen(text), mode);
}
