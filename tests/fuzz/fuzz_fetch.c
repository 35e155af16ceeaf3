/* fuzz_fetch.c - what fetch reads without libcurl's help: addresses, and the
 * header lines of an answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/source/fetch_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void read_address(const char *text, bool is_url)
{
	struct err e = { 0 };
	struct fetch_address a;

	if (fetch_address_read(&a, text, is_url, &e) != 0) {
		require(e.code == ERR_CONFIG && a.host == NULL && a.where == NULL);
	} else {
		require(a.port >= 1 && a.port <= 65535);
		require(a.host[0] != '\0');
		require(strpbrk(a.host, "[]/?#@ \t\r\n") == NULL);
		require(strpbrk(a.where, "/?#@ \t\r\n") == NULL);
	}
	fetch_address_clear(&a);
}

static void keep_nothing(void *ctx, int level, const char *text)
{
	(void)ctx;
	(void)level;
	require(strpbrk(text, "\r\n\x1b") == NULL);
}

static void is_text(const char *field, size_t size)
{
	require(memchr(field, '\0', size) != NULL);
}

static void read_headers(const char *p, size_t n)
{
	const struct trace trace = { .level = TRACE_HEADER, .line = keep_nothing };
	struct fetch_answer a = { .retry_after_s = -1 };
	struct fetch_reader r = { .a = &a, .trace = &trace, .label = "fuzz" };

	buf_init(&a.body, 1000);
	while (n > 0 && a.err.code == ERR_NONE) {
		const char *end = memchr(p, '\n', n);
		const size_t line = end != NULL ? (size_t)(end - p) + 1 : n;

		require((fetch_read_header(&r, p, line) == 0) == (a.err.code == ERR_NONE));
		p += line;
		n -= line;
	}
	is_text(a.content_type, sizeof a.content_type);
	is_text(a.location, sizeof a.location);
	is_text(r.retry_after, sizeof r.retry_after);
	require(a.retry_after_s >= -1 && a.retry_after_s <= 86400);
	require(a.cookie.bytes == NULL || strncmp(a.cookie.bytes, "JSESSIONID=", 11) == 0);
	require(a.cookie.bytes == NULL || a.cookie.len > 11);
	fetch_answer_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);

	read_address(text, true);
	read_address(text, false);
	read_headers((const char *)data, size);
	free(text);
	return 0;
}
