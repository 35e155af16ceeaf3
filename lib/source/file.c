/* file.c - the source [files]: PEM and DER files by name and by pattern. */
#include "lib/source/source.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "lib/base/fileio.h"
#include "lib/base/mem.h"

#define FILE_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define FILES_MAX 20000              /* of one target */

struct file {
	char *path;           /* owned */
	bool is_named;        /* by its own name, not only by a pattern */
};

/* Something that was not read, told at the end: whether it is a gap or a
 * failure depends on what else was found. */
struct gap {
	char *path;           /* owned */
	struct err err;
};

struct source {
	struct source_context c;
	struct file *files;   /* sorted, each path once */
	size_t n_files, cap_files, n_read;
	struct gap *gaps;
	size_t n_gaps, cap_gaps;
	size_t n_found;       /* certificates, unreadable ones included */
	bool is_listed;
};

static void add_gap(struct source *s, const char *path, const struct err *e)
{
	s->gaps = mem_grow(s->gaps, &s->cap_gaps, s->n_gaps + 1, sizeof *s->gaps);
	s->gaps[s->n_gaps].path = mem_strdup(path);
	s->gaps[s->n_gaps++].err = *e;
}

/* --- which files --------------------------------------------------------------- */

static void add_file(struct source *s, const char *path, bool is_named)
{
	s->files = mem_grow(s->files, &s->cap_files, s->n_files + 1, sizeof *s->files);
	s->files[s->n_files].path = mem_strdup(path);
	s->files[s->n_files++].is_named = is_named;
}

static void add_matches(struct source *s, const char *pattern, const glob_t *g)
{
	struct err e = { 0 };
	const size_t room = FILES_MAX - s->n_files;
	const size_t n = g->gl_pathc < room ? g->gl_pathc : room;

	for (size_t i = 0; i < n; i++)
		add_file(s, g->gl_pathv[i], false);
	if (n < g->gl_pathc) {
		err_set(&e, ERR_CONFIG, "more than %d files, the others are not read, narrow the pattern",
		    FILES_MAX);
		add_gap(s, pattern, &e);
	}
}

/* GLOB_ERR tells that a directory cannot be read, and then stops; the second
 * run finds what can be found all the same. */
static void list_pattern(struct source *s, const char *pattern)
{
	struct err e = { 0 };
	glob_t g = { 0 };
	int rc = glob(pattern, GLOB_ERR, NULL, &g);

	if (rc == GLOB_ABORTED) {
		err_set(&e, ERR_IO, "a directory that this pattern leads to cannot be read: %s",
		    strerror(errno));
		add_gap(s, pattern, &e);
		globfree(&g);
		g = (glob_t){ 0 };
		rc = glob(pattern, 0, NULL, &g);
	}
	if (rc == 0) {
		add_matches(s, pattern, &g);
	} else if (e.code == ERR_NONE) {
		err_set(&e, ERR_IO, rc == GLOB_NOMATCH ? "no file matches" : "the pattern is too large");
		add_gap(s, pattern, &e);
	}
	globfree(&g);
}

static int compare_files(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	const int order = strcmp(x->path, y->path);

	return order != 0 ? order : (int)y->is_named - (int)x->is_named;
}

/* A file that several patterns match is read once; to be named counts more. */
static void drop_repeated(struct source *s)
{
	size_t kept = 0;

	qsort(s->files, s->n_files, sizeof *s->files, compare_files);
	for (size_t i = 0; i < s->n_files; i++) {
		if (kept > 0 && strcmp(s->files[kept - 1].path, s->files[i].path) == 0)
			free(s->files[i].path);
		else
			s->files[kept++] = s->files[i];
	}
	s->n_files = kept;
}

static void list_files(struct source *s)
{
	const struct target *t = s->c.target;
	struct stat st;

	for (size_t i = 0; i < t->n_paths; i++) {
		const bool is_pattern = strpbrk(t->paths[i], "*?[") != NULL;

		/* A name may hold a bracket without being meant as a pattern. */
		if (!is_pattern || lstat(t->paths[i], &st) == 0)
			add_file(s, t->paths[i], true);
		else
			list_pattern(s, t->paths[i]);
	}
	if (s->n_files > 0)
		drop_repeated(s);
	s->is_listed = true;
}

/* --- what is in them ------------------------------------------------------------- */

struct reading {
	struct source *s;
	const char *path;
};

static void add_certificate(struct source *s, const char *path, size_t position, struct cert *cert)
{
	const size_t at = inventory_add_cert(s->c.inv, cert);
	struct sighting *seen = inventory_add_sighting(s->c.inv, at, s->c.index, VIA_FILE);

	seen->path = mem_strdup(path);
	seen->position = position;
	s->n_found++;
}

static bool take_block(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	const struct reading *r = ctx;

	add_certificate(r->s, r->path, index, cert != NULL ? cert : cert_unreadable(problem));
	return index + 1 < CERT_PEM_BLOCKS_MAX;
}

static void read_pem(struct source *s, const char *path, const struct buf *text)
{
	struct reading r = { s, path };
	struct err e = { 0 };
	const size_t n = cert_read_pem(text->data, text->len, take_block, &r);

	if (n == 0)
		add_certificate(s, path, 0, cert_unreadable("a certificate begins and does not end"));
	if (n < CERT_PEM_BLOCKS_MAX)
		return;
	err_set(&e, ERR_ANSWER, "only the first %d certificates were read, split the file",
	    CERT_PEM_BLOCKS_MAX);
	add_gap(s, path, &e);
}

/* Nothing to judge: what a person named must hold a certificate, what a
 * pattern happened to match need not. */
static void add_nothing(struct source *s, const struct file *f, const char *why)
{
	struct err e = { 0 };

	err_set(&e, ERR_CONFIG, "%s", why);
	if (f->is_named)
		add_gap(s, f->path, &e);
	else
		source_issue(&s->c, ISSUE_NOTE, &e, f->path);
}

/* DER begins with a SEQUENCE, and so does a key or a PKCS#12 store: what
 * cannot be told apart from a broken certificate is not passed over. */
static void read_der(struct source *s, const struct file *f, const struct buf *bytes)
{
	const unsigned char *der = (const unsigned char *)bytes->data;
	struct err e = { 0 };
	struct cert *cert;

	if (bytes->len == 0 || der[0] != 0x30) {
		add_nothing(s, f, bytes->len == 0 ? "the file is empty" : "it holds no certificate");
		return;
	}
	cert = cert_from_der(der, bytes->len, &e);
	if (cert == NULL) {
		err_prefix(&e, "neither PEM nor a certificate in DER");
		cert = cert_unreadable(e.text);
	}
	add_certificate(s, f->path, 0, cert);
}

/* Certificates that are there, in a wrapping that is not read here. */
static bool is_wrapped(const struct buf *text)
{
	static const char *const marks[] = { "-----BEGIN PKCS7", "-----BEGIN CMS" };

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (strstr(buf_str(text), marks[i]) != NULL)
			return true;
	return false;
}

static void read_file(struct source *s, const struct file *f)
{
	struct err e = { 0 };
	struct buf text;
	struct stat st;

	if (stat(f->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		add_nothing(s, f, S_ISDIR(st.st_mode) ? "it is a directory, name its files, as in DIR/*.pem"
		    : "it is not a regular file");
		return;
	}
	buf_init(&text, FILE_MAX_BYTES);
	if (fileio_read(f->path, &text, &e) != 0)
		add_gap(s, NULL, &e);              /* the sentence names the file */
	else if (text.len > 0 && cert_looks_like_pem(text.data, text.len))
		read_pem(s, f->path, &text);
	else if (is_wrapped(&text))
		add_certificate(s, f->path, 0, cert_unreadable("a PKCS#7 file is not read, "
		    "convert it with: openssl pkcs7 -print_certs"));
	else
		read_der(s, f, &text);
	buf_wipe(&text);                       /* it may be a key */
}

/* --- the source -------------------------------------------------------------------- */

static struct source *files_open(const struct source_context *c)
{
	struct source *s = mem_alloc(sizeof *s);

	s->c = *c;
	return s;
}

/* One file at a time: between them the others' answers are looked after. */
static enum want files_next(struct source *s, int64_t now_ms, struct fetch_request *r,
    int64_t *wake_ms)
{
	(void)r;
	if (!s->is_listed)
		list_files(s);
	if (s->n_read == s->n_files)
		return WANT_NOTHING;
	read_file(s, &s->files[s->n_read++]);
	*wake_ms = now_ms;
	return WANT_WAKE;
}

static void files_take(struct source *s, int64_t now_ms, struct fetch_answer *a)
{
	(void)s;
	(void)now_ms;
	(void)a;
}

static void files_finish(struct source *s)
{
	struct err e = { 0 };

	if (!s->is_listed || s->n_read < s->n_files) {
		err_set(&e, ERR_TIMEOUT, "only %zu of %zu files were read before the time was up, see the "
		    "option -t", s->n_read, s->n_files);
		add_gap(s, NULL, &e);
	}
	for (size_t i = 0; i < s->n_gaps; i++)
		source_issue(&s->c, s->n_found > 0 ? ISSUE_PARTIAL : ISSUE_FAILED, &s->gaps[i].err,
		    s->gaps[i].path);
	if (s->n_found == 0 && s->n_gaps == 0) {
		err_set(&e, ERR_CONFIG, "no certificate was found in %zu files, see path", s->n_files);
		source_issue(&s->c, ISSUE_FAILED, &e, NULL);
	}
	s->c.inv->sources[s->c.index].complete = s->n_gaps == 0 && s->n_found > 0;
}

static void files_close(struct source *s)
{
	for (size_t i = 0; i < s->n_files; i++)
		free(s->files[i].path);
	free(s->files);
	for (size_t i = 0; i < s->n_gaps; i++)
		free(s->gaps[i].path);
	free(s->gaps);
	free(s);
}

const struct source_ops source_files = {
	.kind = SOURCE_FILES, .open = files_open, .next = files_next, .take = files_take,
	.finish = files_finish, .close = files_close
};
