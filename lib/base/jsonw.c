/* jsonw.c - the streaming JSON writer. */
#include "lib/base/json.h"

#include <stdint.h>
#include <string.h>
#include "lib/base/text.h"

void jsonw_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out };
}

static void put_escaped(struct buf *out, char c)
{
	static const struct { char c; const char *text; } names[] = {
		{ '"', "\\\"" }, { '\\', "\\\\" }, { '\n', "\\n" }, { '\r', "\\r" },
		{ '\t', "\\t" }, { '\b', "\\b" }, { '\f', "\\f" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].c == c) {
			buf_adds(out, names[i].text);
			return;
		}
	buf_addf(out, "\\u%04x", (unsigned char)c);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static size_t plain_run(const char *s, size_t n)
{
	size_t run = 0;

	while (run < n && is_plain((unsigned char)s[run]))
		run++;
	return run;
}

/* One character that is not plain; the bytes it took. */
static size_t put_special(struct buf *out, const char *s, size_t n)
{
	size_t len = text_utf8_len(s, n);

	if (len == 1)
		put_escaped(out, *s);
	else
		text_to_utf8(out, s, len > 0 ? len : 1);
	return len > 0 ? len : 1;
}

static void put_string(struct buf *out, const char *s)
{
	size_t len = strlen(s);

	buf_addc(out, '"');
	for (size_t i = 0; i < len;) {
		size_t run = plain_run(s + i, len - i);

		if (run > 0)
			buf_add(out, s + i, run);
		else
			run = put_special(out, s + i, len - i);
		i += run;
	}
	buf_addc(out, '"');
}

/* The comma before, and the key. */
static void begin_value(struct json_writer *w, const char *key)
{
	if (w->some[w->depth])
		buf_addc(w->out, ',');
	w->some[w->depth] = true;
	if (key != NULL) {
		put_string(w->out, key);
		buf_addc(w->out, ':');
	}
}

void jsonw_open(struct json_writer *w, const char *key, char bracket)
{
	begin_value(w, key);
	buf_addc(w->out, bracket);
	if (w->depth + 1 < JSON_WRITE_DEPTH)
		w->some[++w->depth] = false;
	else
		w->out->overflow = true;  /* seen by the caller's one check at the end */
}

void jsonw_close(struct json_writer *w, char bracket)
{
	if (w->depth > 0)
		w->depth--;
	else
		w->out->overflow = true;
	buf_addc(w->out, bracket);
}

void jsonw_str(struct json_writer *w, const char *key, const char *value)
{
	if (value == NULL) {
		jsonw_null(w, key);
		return;
	}
	begin_value(w, key);
	put_string(w->out, value);
}

void jsonw_i64(struct json_writer *w, const char *key, int64_t value)
{
	begin_value(w, key);
	buf_addf(w->out, "%lld", (long long)value);
}

void jsonw_fixed(struct json_writer *w, const char *key, int64_t thousandths)
{
	uint64_t magnitude = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
	unsigned rest = (unsigned)(magnitude % 1000);
	int digits = 3;

	begin_value(w, key);
	buf_addf(w->out, "%s%llu", thousandths < 0 ? "-" : "",
	    (unsigned long long)(magnitude / 1000));
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	buf_addf(w->out, ".%0*u", digits, rest);
}

void jsonw_bool(struct json_writer *w, const char *key, bool value)
{
	begin_value(w, key);
	buf_adds(w->out, value ? "true" : "false");
}

void jsonw_null(struct json_writer *w, const char *key)
{
	begin_value(w, key);
	buf_adds(w->out, "null");
}
