/* cert_fixture.c - the test certificates of tests/fixtures/certs. */
#include "tests/unit/cert_fixture.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/fileio.h"

#define FIXTURE_MAX_BYTES ((size_t)1024 * 1024)

static void fixture_path(const char *name, char *path, size_t n)
{
	const char *top = getenv("top_srcdir");

	snprintf(path, n, "%s/tests/fixtures/certs/%s", top != NULL ? top : ".", name);
}

void fixture_read(const char *name, struct buf *b)
{
	char path[1000];
	struct err e;

	fixture_path(name, path, sizeof path);
	buf_init(b, FIXTURE_MAX_BYTES);
	if (fileio_read(path, b, &e))
		ck_abort_msg("%s", e.text);
}

struct first { struct cert *cert; struct err *e; };

static bool keep_first(void *ctx, size_t index, struct cert *c, const char *problem)
{
	struct first *first = ctx;

	ck_assert_uint_eq(index, 0);
	first->cert = c;
	if (c == NULL)
		err_set(first->e, ERR_ANSWER, "%s", problem);
	return true;
}

struct cert *fixture_cert(const char *name, struct err *e)
{
	struct first first = { .e = e };
	struct buf b;

	fixture_read(name, &b);
	if (strstr(name, ".pem") != NULL)
		ck_assert_uint_eq(cert_read_pem(b.data, b.len, keep_first, &first), 1);
	else
		first.cert = cert_from_der((const unsigned char *)b.data, b.len, e);
	buf_clear(&b);
	return first.cert;
}

void fixture_each(const char *directory, void (*each)(const char *name))
{
	char path[1000], name[400];
	struct dirent **entries;
	int n;

	fixture_path(directory, path, sizeof path);
	n = scandir(path, &entries, NULL, alphasort);
	ck_assert_msg(n > 2, "no files in %s", path);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof name, "%s/%s", directory, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			each(name);
		free(entries[i]);
	}
	free(entries);
}
