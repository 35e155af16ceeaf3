/* err.c - the one error type. */
#include "lib/base/err.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/text.h"

/* Sentences quote names from outside: a cut must not leave half a character. */
static void drop_cut_character(char *text)
{
	size_t len = strlen(text), lead = len;

	while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
		lead--;
	if (lead == 0 || len - lead >= 4)
		return;
	lead--;
	if ((unsigned char)text[lead] >= 0xC0 && text_utf8_len(text + lead, len - lead) == 0)
		text[lead] = '\0';
}

static void store(struct err *e, const char *text, bool was_cut)
{
	memcpy(e->text, text, strlen(text) + 1);
	text_mask_controls(e->text);
	if (was_cut)
		drop_cut_character(e->text);
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];  /* an argument may be e->text itself */
	va_list args;
	int n;

	if (e == NULL)
		return -1;
	va_start(args, fmt);
	n = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	e->code = code;
	store(e, n < 0 ? "error without a text" : text, n >= ERR_TEXT_BYTES);
	return -1;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char text[2 * ERR_TEXT_BYTES + 2];
	va_list args;
	size_t used;
	int n;

	if (e == NULL || e->code == ERR_NONE)
		return -1;
	va_start(args, fmt);
	n = vsnprintf(text, ERR_TEXT_BYTES, fmt, args);
	va_end(args);
	if (n < 0)
		return -1;
	used = strlen(text);
	snprintf(text + used, sizeof text - used, ": %s", e->text);
	used = strlen(text);
	text[ERR_TEXT_BYTES - 1] = '\0';
	store(e, text, used >= ERR_TEXT_BYTES);
	return -1;
}

void err_clear(struct err *e)
{
	if (e == NULL)
		return;
	e->code = ERR_NONE;
	e->text[0] = '\0';
}

const char *err_code_name(enum err_code code)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",
		[ERR_USAGE] = "usage",
		[ERR_CONFIG] = "config",
		[ERR_IO] = "io",
		[ERR_UNREACHABLE] = "unreachable",
		[ERR_TIMEOUT] = "timeout",
		[ERR_TLS] = "tls",
		[ERR_AUTH] = "auth",
		[ERR_ANSWER] = "answer",
		[ERR_REFUSED] = "refused",
		[ERR_BUSY] = "busy",
		[ERR_AMBIGUOUS] = "ambiguous",
	};

	if ((size_t)code >= sizeof names / sizeof names[0])
		return "unknown";
	return names[code];
}
