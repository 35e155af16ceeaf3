/* text_clean.c - names and messages from outside, made fit for output. */
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

/* Characters that reorder, hide or break a line of text: C0, DEL and C1
 * controls, bidi controls, zero-width and other invisible ones. */
static const struct { uint32_t first, last; } unseen[] = {
	{ 0x0000, 0x001F }, { 0x007F, 0x009F }, { 0x00AD, 0x00AD }, { 0x034F, 0x034F },
	{ 0x061C, 0x061C }, { 0x180B, 0x180F }, { 0x200B, 0x200F }, { 0x2028, 0x202E },
	{ 0x2060, 0x206F }, { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB },
	{ 0xE0000, 0xE0FFF },
};

/* Characters that schedulers and their web pages take for syntax. */
static const char syntax[] = "|;<>[]", harmless[] = "/,()()";

static bool is_unseen(uint32_t character)
{
	for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
		if (character >= unseen[i].first && character <= unseen[i].last)
			return true;
	return false;
}

/* Valid UTF-8 of n bytes at s. */
static uint32_t decode(const char *s, size_t n)
{
	static const unsigned char lead_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t character = (unsigned char)s[0] & lead_bits[n];

	for (size_t i = 1; i < n; i++)
		character = character << 6 | ((unsigned char)s[i] & 0x3F);
	return character;
}

size_t text_utf8_len(const char *s, size_t n)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead;
	uint32_t character;
	size_t len;

	if (n == 0)
		return 0;
	lead = (unsigned char)s[0];
	if (lead < 0x80)
		return 1;
	len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
	if (lead < 0xC0 || lead >= 0xF8 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if (((unsigned char)s[i] & 0xC0) != 0x80)
			return 0;
	character = decode(s, len);
	if (character < smallest[len] || character > 0x10FFFF ||
	    (character >= 0xD800 && character <= 0xDFFF))
		return 0;
	return len;
}

/* Icinga Web draws a coloured ball for "[OK]" and "(OK)", and a new line or a
 * tab for a backslash before n or t. */
static char redrawn(const char *s, size_t n)
{
	static const char *const states[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

	if (*s == '\\' && n > 1 && (s[1] == 'n' || s[1] == 't'))
		return '/';
	if (strchr("([<", *s) == NULL)
		return '\0';
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		size_t len = strlen(states[i]);

		if (n > len + 1 && memcmp(s + 1, states[i], len) == 0 &&
		    strchr(")]>", s[len + 1]) != NULL)
			return '{';
	}
	return '\0';
}

/* What stands for the character at s, of n bytes (0: not UTF-8), in out; n_rest
 * bytes are there in all. */
static size_t clean_one(const char *s, size_t n, size_t n_rest, char out[8])
{
	const char *found;
	char other;

	if (n == 0)
		return (size_t)snprintf(out, 8, "\\x%02X", (unsigned char)*s);
	if (is_unseen(decode(s, n))) {
		out[0] = '?';
		return 1;
	}
	other = n == 1 ? redrawn(s, n_rest) : '\0';
	if (other != '\0') {
		out[0] = other;
		return 1;
	}
	found = n == 1 ? strchr(syntax, *s) : NULL;
	if (found != NULL) {
		out[0] = harmless[found - syntax];
		return 1;
	}
	memcpy(out, s, n);
	return n;
}

void text_clean(struct buf *out, const char *s, size_t len, size_t max_columns)
{
	size_t columns = 0;

	if (len == SIZE_MAX)
		len = strlen(s);
	for (size_t i = 0; i < len;) {
		size_t n = text_utf8_len(s + i, len - i);
		char clean[8];
		size_t n_clean = clean_one(s + i, n, len - i, clean);

		columns += n == 0 ? n_clean : 1;
		if (max_columns > 0 && columns > max_columns) {
			buf_adds(out, "...");
			return;
		}
		buf_add(out, clean, n_clean);
		i += n == 0 ? 1 : n;
	}
}

void text_to_utf8(struct buf *out, const char *s, size_t len)
{
	if (len == SIZE_MAX)
		len = strlen(s);
	for (size_t i = 0; i < len;) {
		size_t n = text_utf8_len(s + i, len - i);

		if (n == 0 || s[i] == '\0')
			buf_adds(out, "\xEF\xBF\xBD");
		else
			buf_add(out, s + i, n);
		i += n == 0 ? 1 : n;
	}
}

void text_mask_controls(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7F)
			*s = '?';
}
