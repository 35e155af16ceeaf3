/* test_cert_pem.c - certificates in PEM as it comes: from Windows, from JSON,
 * from cat, between keys and prose. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/cert_fixture.h"
#include "tests/unit/unit.h"

#define TEXT_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* What take was told: 'R' the root, 'L' the leaf, '-' a problem, by block. */
struct seen {
	char blocks[32];
	size_t n;
	char problem[200];         /* the last one */
	size_t stop_after;         /* 0: never */
};

static struct buf root, leaf, text;
static struct cert *root_cert, *leaf_cert;

static void setup(void)
{
	fixture_read("good/root.pem", &root);
	fixture_read("good/ec-leaf.pem", &leaf);
	root_cert = fixture_cert("good/root.pem", NULL);
	leaf_cert = fixture_cert("good/ec-leaf.pem", NULL);
	buf_init(&text, TEXT_MAX_BYTES);
}

static void teardown(void)
{
	buf_clear(&root);
	buf_clear(&leaf);
	buf_clear(&text);
	cert_free(root_cert);
	cert_free(leaf_cert);
}

static bool take(void *ctx, size_t index, struct cert *c, const char *problem)
{
	struct seen *seen = ctx;

	ck_assert_uint_eq(index, seen->n);
	ck_assert((c == NULL) == (problem != NULL));
	ck_assert_uint_lt(seen->n, sizeof seen->blocks - 1);
	seen->blocks[seen->n++] = c == NULL ? '-' : cert_compare(c, root_cert) == 0 ? 'R' :
	    cert_compare(c, leaf_cert) == 0 ? 'L' : '?';
	if (problem != NULL)
		snprintf(seen->problem, sizeof seen->problem, "%s", problem);
	cert_free(c);
	return seen->n != seen->stop_after;
}

/* Exactly the bytes, so that a sanitizer sees a read behind them. */
static struct seen read_bytes(const void *bytes, size_t n)
{
	char *copy = mem_dup(bytes, n);
	struct seen seen = { .n = 0 };

	ck_assert_uint_eq(cert_read_pem(copy, n, take, &seen), seen.n);
	ck_assert_int_eq(cert_looks_like_pem(copy, n), seen.n > 0);
	free(copy);
	return seen;
}

static struct seen read_text(void)
{
	return read_bytes(buf_str(&text), text.len);
}

/* --- shapes -------------------------------------------------------------------------- */

/* The base64 of a file, with these line ends. */
static void add_base64(const struct buf *pem, const char *line_end)
{
	const char *body = strchr(pem->data, '\n') + 1, *end = strstr(body, "-----END");

	for (const char *p = body; p < end; p++) {
		if (*p == '\n')
			buf_adds(&text, line_end);
		else
			buf_addc(&text, *p);
	}
}

static void add_framed(const struct buf *pem, const char *after_begin, const char *line_end,
    const char *before_end, const char *after_end)
{
	buf_addf(&text, BEGIN "%s", after_begin);
	add_base64(pem, line_end);
	buf_addf(&text, "%s" END "%s", before_end, after_end);
}

static const struct shape_row {
	const char *what;
	const char *after_begin, *line_end, *before_end, *after_end;
} shape_rows[] = {
	{ "as OpenSSL writes it", "\n", "\n", "", "\n" },
	{ "CRLF", "\r\n", "\r\n", "", "\r\n" },
	{ "CR alone", "\r", "\r", "", "\r" },
	{ "no last newline", "\n", "\n", "", "" },
	{ "base64 on one line", "\n", "", "\n", "\n" },
	{ "base64 on one line, no last newline", "\n", "", "\n", "" },
	{ "all on one line", "", "", "", "" },
	{ "all on one line, blanks", " ", " ", " ", "" },
	{ "indented", "\n\t  ", "\n\t  ", "\n\t  ", "\n" },
	{ "blank lines", "\n\n", "\n\n", "\n\n", "\n\n" },
	{ "blanks behind the lines", "  \n", "  \n", "", "  \n" },
};

START_TEST(test_shapes)
{
	const struct shape_row *row = &shape_rows[_i];
	struct seen seen;

	add_framed(&root, row->after_begin, row->line_end, row->before_end, row->after_end);
	add_framed(&leaf, row->after_begin, row->line_end, row->before_end, row->after_end);
	seen = read_text();
	ck_assert_msg(strcmp(seen.blocks, "RL") == 0, "%s: %s %s", row->what, seen.blocks, seen.problem);
}
END_TEST

/* Lengths around OpenSSL's own line buffers. */
START_TEST(test_line_lengths)
{
	struct seen seen;
	size_t column = 0;
	static const size_t lengths[] = { 1, 3, 63, 65, 76, 253, 254, 255, 256, 1000 };

	buf_adds(&text, BEGIN "\n");
	for (const char *p = strchr(leaf.data, '\n') + 1; *p != '-'; p++) {
		if (*p == '\n')
			continue;
		buf_addc(&text, *p);
		if (++column % lengths[_i] == 0)
			buf_addc(&text, '\n');
	}
	buf_adds(&text, "\n" END "\n");
	seen = read_text();
	ck_assert_str_eq(seen.blocks, "L");
}
END_TEST

static const struct around_row { const char *what, *before, *between, *after; } around_rows[] = {
	{ "prose", "Subject: CN=root\n\tsome text - with dashes -----\n", "\n# the leaf:\n", "bye" },
	{ "bag attributes", "Bag Attributes\n    friendlyName: x\nKey Attributes: <No Attributes>\n",
	    "Bag Attributes: <Empty Attributes>\n", "" },
	{ "byte order mark", "\xEF\xBB\xBF", "", "" },
	{ "NUL bytes do not end the text", "a", "\n", "" },
	{ "a private key", "-----BEGIN PRIVATE KEY-----\n!not base64: not looked at!\n"
	    "-----END PRIVATE KEY-----\n", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
	    "DEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", "" },
	{ "a private key cut off", "", "-----BEGIN EC PRIVATE KEY-----\nMHcC\n", "" },
	{ "requests and lists", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
	    "-----END CERTIFICATE REQUEST-----\n",
	    "-----BEGIN X509 CRL-----\nAA\n-----END X509 CRL-----\n",
	    "-----BEGIN PKCS7-----\nAA\n-----END PKCS7-----\n" },
	{ "an END too many", "-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", END },
	{ "a comment", "# -----BEGIN CERTIFICATE-----\n# MIIB\n# -----END CERTIFICATE-----\n", "", "" },
	{ "not quite a marker",
	    "-----BEGIN CERTIFICATE----\n------BEGIN CERTIFICATE-----\n-----BEGIN\n",
	    "-----BEGIN -----\n----- BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE" },
};

START_TEST(test_around)
{
	const struct around_row *row = &around_rows[_i];
	struct seen seen;

	buf_adds(&text, row->before);
	if (row->before[0] == 'a')
		buf_add(&text, "\0\0\n", 3);
	buf_add(&text, root.data, root.len);
	buf_adds(&text, row->between);
	buf_add(&text, leaf.data, leaf.len);
	buf_adds(&text, row->after);
	seen = read_text();
	ck_assert_msg(strcmp(seen.blocks, "RL") == 0, "%s: %s %s", row->what, seen.blocks, seen.problem);
}
END_TEST

/* cat a.pem b.pem, where a.pem has no last newline. */
START_TEST(test_end_and_begin_on_one_line)
{
	struct seen seen;

	buf_add(&text, root.data, root.len - 1);
	buf_add(&text, leaf.data, leaf.len);
	seen = read_text();
	ck_assert_str_eq(seen.blocks, "RL");
}
END_TEST

static const char *const labels[] = { "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE" };

START_TEST(test_labels)
{
	struct seen seen;

	buf_addf(&text, "-----BEGIN %s-----\n", labels[_i]);
	add_base64(&leaf, "\n");
	buf_addf(&text, "-----END %s-----\n", labels[_i]);
	seen = read_text();
	ck_assert_str_eq(seen.blocks, "L");
}
END_TEST

START_TEST(test_headers)
{
	struct seen seen;

	buf_adds(&text, BEGIN "\nComment: made by hand\nX-Other: a - b\n\n");
	add_base64(&leaf, "\n");
	buf_adds(&text, END "\n" BEGIN "\r\nComment: x\r\n\r\n");
	add_base64(&root, "\r\n");
	buf_adds(&text, END "\r\n");
	seen = read_text();
	ck_assert_str_eq(seen.blocks, "LR");
}
END_TEST

/* --- broken blocks --------------------------------------------------------------------- */

static const struct broken_row { const char *block, *problem; } broken_rows[] = {
	{ BEGIN "\n" END "\n", "empty" },
	{ BEGIN "\n  \n\n" END "\n", "empty" },
	{ BEGIN "\nMIIB!$%\n" END "\n", "not base64" },
	{ BEGIN "\nMII\n" END "\n", "not base64" },
	{ BEGIN "\nMIIB-AAA\n" END "\n", "not base64" },
	{ BEGIN "\\nMIIBAAAA\\n" END "\n", "not base64" },
	{ BEGIN "\nAA==AAAA\n" END "\n", "not base64" },
	{ BEGIN "\nAAAA\n" END "\n", "not a certificate in DER" },
	{ BEGIN "\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,00\n\nAAAA\n" END "\n", "not a certificate" },
	{ BEGIN "\nComment: and nothing else\n" END "\n", "empty" },
	{ BEGIN "\nAAAA\n-----END X509 CERTIFICATE-----\n", "BEGIN and END lines do not match" },
	{ BEGIN "\nAAAA\n-----END PRIVATE KEY-----\n", "BEGIN and END lines do not match" },
	{ BEGIN "\nAAAA\n", "no END line before the next BEGIN" },
	{ BEGIN "\nMIIB\n-----END CERTIFICATE\n", "no END line before the next BEGIN" },
};

/* A broken block is reported, and hides neither neighbour. */
START_TEST(test_broken)
{
	const struct broken_row *row = &broken_rows[_i];
	struct seen seen;

	buf_add(&text, root.data, root.len);
	buf_adds(&text, row->block);
	buf_add(&text, leaf.data, leaf.len);
	seen = read_text();
	ck_assert_msg(strcmp(seen.blocks, "R-L") == 0, "%s: %s", row->block, seen.blocks);
	ck_assert_msg(strstr(seen.problem, row->problem) != NULL, "%s: %s", row->block, seen.problem);
}
END_TEST

START_TEST(test_cut_anywhere)
{
	size_t begin_end = strlen(BEGIN), end = leaf.len - 1;

	for (size_t n = 0; n < leaf.len; n++) {
		struct seen seen = read_bytes(leaf.data, n);

		if (n < begin_end)
			ck_assert_uint_eq(seen.n, 0);
		else if (n < end)
			ck_assert_str_eq(seen.problem, "cut off: no END line");
		else
			ck_assert_str_eq(seen.blocks, "L");
	}
}
END_TEST

START_TEST(test_trust_settings)
{
	struct buf trusted;
	struct seen seen;

	fixture_read("trusted.pem", &trusted);
	seen = read_bytes(trusted.data, trusted.len);
	ck_assert_str_eq(seen.blocks, "R");   /* the settings are no part of it */
	/* the same bytes under the plain label have a tail */
	for (char *p; (p = strstr(trusted.data, "TRUSTED ")) != NULL;)
		memmove(p, p + 8, strlen(p + 8) + 1);
	seen = read_bytes(trusted.data, strlen(trusted.data));
	ck_assert_str_eq(seen.blocks, "-");
	ck_assert_ptr_nonnull(strstr(seen.problem, "behind the end"));
	buf_clear(&trusted);
}
END_TEST

/* --- limits ------------------------------------------------------------------------------ */

START_TEST(test_nothing)
{
	struct seen seen = { .n = 0 };

	ck_assert_uint_eq(cert_read_pem(NULL, 0, take, &seen), 0);
	ck_assert(!cert_looks_like_pem(NULL, 0));
	ck_assert_uint_eq(read_bytes("prose", 5).n, 0);
}
END_TEST

START_TEST(test_stop)
{
	struct seen seen = { .stop_after = 2 };

	for (int i = 0; i < 5; i++)
		buf_add(&text, leaf.data, leaf.len);
	ck_assert_uint_eq(cert_read_pem(buf_str(&text), text.len, take, &seen), 2);
}
END_TEST

static bool count(void *ctx, size_t index, struct cert *c, const char *problem)
{
	size_t *n = ctx;

	if (index == CERT_PEM_BLOCKS_MAX)
		ck_assert_str_eq(problem, "more than 20000 certificates: the rest was not read");
	else
		ck_assert_str_eq(problem, "empty");
	ck_assert_ptr_null(c);
	(*n)++;
	return true;
}

START_TEST(test_too_many_blocks)
{
	size_t n = 0;

	for (size_t i = 0; i < CERT_PEM_BLOCKS_MAX; i++)
		buf_adds(&text, BEGIN END);
	ck_assert_uint_eq(cert_read_pem(buf_str(&text), text.len, count, &n), CERT_PEM_BLOCKS_MAX);
	for (size_t i = 0; i < 100; i++)
		buf_adds(&text, BEGIN END);
	n = 0;
	ck_assert_uint_eq(cert_read_pem(buf_str(&text), text.len, count, &n), CERT_PEM_BLOCKS_MAX + 1);
	ck_assert_uint_eq(n, CERT_PEM_BLOCKS_MAX + 1);
}
END_TEST

START_TEST(test_too_large_block)
{
	struct seen seen;

	buf_adds(&text, BEGIN "\n");
	for (int i = 0; i < 90000; i++)
		buf_addc(&text, 'A');
	buf_adds(&text, "\n" END "\n" BEGIN "\n");
	for (int i = 0; i < 200000; i++)
		buf_addc(&text, ' ');
	buf_adds(&text, "\n" END "\n");
	buf_add(&text, leaf.data, leaf.len);
	seen = read_text();
	ck_assert_str_eq(seen.blocks, "--L");
	ck_assert_ptr_nonnull(strstr(seen.problem, "larger than 131072 bytes of text"));
}
END_TEST

/* Pieces that make a careless search look again and again from the start.
 * Four MiB of each are done in a moment, or the test's time is over. */
static const char *const garbage[] = {
	"-", "-----", "-----BEGIN ", "-----BEGIN CERTIFICATE", "-----END CERTIFICATE-----",
	"-----BEGIN PRIVATE KEY-----", " ", "\n-----BEGIN X-----", "A", "\n",
	"                                        -----BEGIN -----"
};

static void double_text(void)
{
	char *copy = mem_dup(text.data, text.len);

	buf_add(&text, copy, text.len);
	free(copy);
}

START_TEST(test_garbage_in_linear_time)
{
	struct seen seen;

	for (int i = 0; i < 1024; i++)
		buf_adds(&text, garbage[_i]);
	while (text.len < (size_t)4 * 1024 * 1024)
		double_text();
	buf_adds(&text, "\n");
	buf_add(&text, leaf.data, leaf.len);
	seen = read_text();
	ck_assert_uint_ge(seen.n, 1);
	ck_assert_int_eq(seen.blocks[seen.n - 1], 'L');
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("cert_pem");
	TCase *t = tcase_create("pem");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_shapes, 0, UNIT_ROWS(shape_rows));
	tcase_add_loop_test(t, test_line_lengths, 0, 10);
	tcase_add_loop_test(t, test_around, 0, UNIT_ROWS(around_rows));
	tcase_add_test(t, test_end_and_begin_on_one_line);
	tcase_add_loop_test(t, test_labels, 0, UNIT_ROWS(labels));
	tcase_add_test(t, test_headers);
	tcase_add_loop_test(t, test_broken, 0, UNIT_ROWS(broken_rows));
	tcase_add_test(t, test_cut_anywhere);
	tcase_add_test(t, test_trust_settings);
	tcase_add_test(t, test_nothing);
	tcase_add_test(t, test_stop);
	tcase_add_test(t, test_too_many_blocks);
	tcase_add_test(t, test_too_large_block);
	tcase_add_loop_test(t, test_garbage_in_linear_time, 0, UNIT_ROWS(garbage));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
