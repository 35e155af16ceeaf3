/* form.c - application/x-www-form-urlencoded. */
#include "lib/source/form.h"

#include <string.h>
#include "lib/base/mem.h"

size_t form_encode(const char *s, size_t n, char *out)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char as_is[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	char *to = out;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c != '\0' && strchr(as_is, c) != NULL) {
			*to++ = (char)c;
		} else {
			*to++ = '%';
			*to++ = hex[c >> 4];
			*to++ = hex[c & 15];
		}
	}
	return (size_t)(to - out);
}

void form_build(struct secret *form, const struct form_field *fields, size_t n_fields)
{
	size_t room = 1;
	char *to;

	secret_wipe(form);
	for (size_t i = 0; i < n_fields; i++)
		room += strlen(fields[i].name) + 2 + FORM_GROWTH * fields[i].value->len;
	/* All the room at once: growing would leave copies behind that nobody wipes. */
	form->bytes = to = mem_alloc(room);
	for (size_t i = 0; i < n_fields; i++) {
		size_t n_name = strlen(fields[i].name);

		if (i > 0)
			*to++ = '&';
		memcpy(to, fields[i].name, n_name);
		to += n_name;
		*to++ = '=';
		to += form_encode(fields[i].value->bytes, fields[i].value->len, to);
	}
	form->len = (size_t)(to - form->bytes);
}
