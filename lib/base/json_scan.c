/* json_scan.c - the pass over a JSON text before cJSON reads it. */
#include "lib/base/json_scan.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "lib/base/json.h"
#include "lib/base/text.h"

/* cJSON copies a number into a fixed buffer and misreads a longer one. */
#define NUMBER_MAX_CHARS 63

static int refuse(struct err *e, const char *what, size_t offset)
{
	return err_set(e, ERR_ANSWER, "%s at byte %zu", what, offset);
}

/* The four hex digits of "\uXXXX" at s, or -1.  Stops at the text's NUL. */
static int32_t escaped_unit(const char *s)
{
	uint8_t bytes[2];
	char digits[5] = "";

	if (s[0] != '\\' || s[1] != 'u')
		return -1;
	strncpy(digits, s + 2, 4);
	if (text_from_hex(digits, bytes, 2))
		return -1;
	return bytes[0] << 8 | bytes[1];
}

/* The escape at s; how many characters it has, 0 when it is none (cJSON makes
 * a NUL of "\\u00g0").  A NUL would end the C string early, and half a
 * surrogate pair would make cJSON refuse the whole document. */
static size_t mend_escape(char *s)
{
	int32_t unit = escaped_unit(s), next;

	if (unit < 0 && s[1] == 'u' && strnlen(s, 6) == 6)
		return 0;
	if (unit < 0)
		return strnlen(s, 2);
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		next = escaped_unit(s + 6);
		if (next >= 0xDC00 && next <= 0xDFFF)
			return 12;
	}
	if (unit == 0 || (unit >= 0xD800 && unit <= 0xDFFF))
		memcpy(s + 2, "fffd", 4);
	return 6;
}

/* From the opening quote to after the closing one, or to the NUL before it. */
static int scan_string(char *text, size_t *at, bool *closed, struct err *e)
{
	for (++*at;;) {
		size_t n;

		*at += strcspn(text + *at, "\\\"");
		if (text[*at] != '\\')
			break;
		n = mend_escape(text + *at);
		if (n == 0)
			return refuse(e, "not a JSON escape", *at);
		*at += n;
	}
	*closed = text[*at] == '"';
	*at += *closed ? 1 : 0;
	return 0;
}

static const char *skip_digits(const char *s)
{
	while (*s >= '0' && *s <= '9')
		s++;
	return s;
}

/* The grammar of RFC 8259; the first character after the number, or NULL. */
static const char *number_end(const char *s, bool *has_exponent)
{
	const char *digits;

	s += *s == '-';
	digits = s;
	s = skip_digits(s);
	if (s == digits || (*digits == '0' && s > digits + 1))
		return NULL;
	if (*s == '.') {
		digits = ++s;
		s = skip_digits(s);
		if (s == digits)
			return NULL;
	}
	*has_exponent = *s == 'e' || *s == 'E';
	if (*has_exponent) {
		s++;
		s += *s == '+' || *s == '-';
		digits = s;
		s = skip_digits(s);
		if (s == digits)
			return NULL;
	}
	return s;
}

static int scan_number(const char *text, size_t *at, struct err *e)
{
	char number[NUMBER_MAX_CHARS + 1];
	bool has_exponent = false;
	const char *end = number_end(text + *at, &has_exponent);
	size_t n = end == NULL ? 0 : (size_t)(end - text) - *at;
	double value;

	if (end == NULL)
		return refuse(e, "not a JSON number", *at);
	if (n > NUMBER_MAX_CHARS)
		return refuse(e, "a number of too many digits", *at);
	memcpy(number, text + *at, n);
	number[n] = '\0';
	if (has_exponent && text_to_double(number, &value))
		return refuse(e, "a number out of range", *at);
	*at += n;
	return 0;
}

int json_scan(char *text, size_t len, size_t *open_at, struct err *e)
{
	size_t depth = 0, at = 0;
	bool closed = true;

	while (at < len) {
		char c = text[at];

		*open_at = at + 1;
		if (c == '\0')
			return refuse(e, "NUL byte", at);
		if (c == '"') {
			if (scan_string(text, &at, &closed, e))
				return -1;
			continue;
		}
		if (c == '-' || (c >= '0' && c <= '9')) {
			if (scan_number(text, &at, e))
				return -1;
			continue;
		}
		if ((c == '[' || c == '{') && ++depth > JSON_DEPTH_MAX)
			return refuse(e, "JSON nested too deeply", at);
		if ((c == ']' || c == '}') && depth > 0)
			depth--;
		at++;
	}
	if (closed)
		*open_at = depth > 0 ? len - 1 : SIZE_MAX;
	return 0;
}
