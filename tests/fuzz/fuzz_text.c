/* fuzz_text.c - the parsers and the cleaning of text: whatever comes in, what
 * comes out keeps the promises of the header. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Valid UTF-8 throughout; how many characters. */
static size_t count_characters(const char *s, size_t len)
{
	size_t count = 0;

	for (size_t i = 0, n; i < len; i += n, count++) {
		n = text_utf8_len(s + i, len - i);
		require(n > 0);
	}
	return count;
}

static void clean(const char *s, size_t size, size_t max_columns)
{
	struct buf once, twice;

	buf_init(&once, SIZE_MAX);
	buf_init(&twice, SIZE_MAX);
	text_clean(&once, s, size, max_columns);
	require(strlen(buf_str(&once)) == once.len);
	require(strcspn(buf_str(&once), "|;<>[]\n\r\t\x1b\x7f") == once.len);
	require(max_columns == 0 || count_characters(buf_str(&once), once.len) <= max_columns + 3);
	text_clean(&twice, buf_str(&once), once.len, 0);
	require(strcmp(buf_str(&once), buf_str(&twice)) == 0);
	buf_clear(&once);
	buf_clear(&twice);
}

static void convert(const char *s, size_t size)
{
	struct buf once, twice;

	buf_init(&once, SIZE_MAX);
	buf_init(&twice, SIZE_MAX);
	text_to_utf8(&once, s, size);
	count_characters(buf_str(&once), once.len);
	require(strlen(buf_str(&once)) == once.len);
	text_to_utf8(&twice, buf_str(&once), once.len);
	require(strcmp(buf_str(&once), buf_str(&twice)) == 0);
	buf_clear(&once);
	buf_clear(&twice);
}

static void parse_times(const char *s)
{
	char text[TEXT_TIME_BYTES];
	int64_t at, back;

	if (text_to_time(s, &at) == 0 && at >= 0) {
		require(text_to_time(text_from_time(at, text), &back) == 0 || text[0] == '+');
		require(text[0] == '+' || back == at);
	}
	if (text_to_http_date(s, &at) == 0)
		require(strlen(text_from_time(at, text)) >= 20);
}

static void parse_numbers(const char *s)
{
	char span[TEXT_SPAN_BYTES];
	uint8_t bytes[32];
	int64_t whole, span_s;
	double number;

	if (text_to_i64(s, -1000, 1000, &whole) == 0) {
		require(whole >= -1000 && whole <= 1000);
		require(text_to_double(s, &number) == 0 ? number == (double)whole : strlen(s) > 100);
	}
	if (text_to_double(s, &number) == 0)
		require(isfinite(number));
	if (text_to_duration(s, 1, &span_s) == 0) {
		require(span_s >= 0);
		require(strlen(text_from_span(span_s, span)) > 1);
	}
	if (text_from_hex(s, bytes, sizeof bytes) == 0)
		require(strlen(s) == 64 || strlen(s) == 95);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);

	if (size > 0)
		memcpy(text, data, size);
	clean(text, size, 0);
	clean(text, size, 7);
	clean(text, size, TEXT_COLUMNS_MAX);
	convert(text, size);
	parse_times(text);
	parse_numbers(text);
	text_mask_controls(text);
	require(strcspn(text, "\n\r\t\x1b\x7f") == strlen(text));
	free(text);
	return 0;
}
