/* nsx_body.c - paths and JSON bodies for NSX. */
#include "remediate/nsx_body.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/form.h"

#define GROWTH 6                 /* an escaped byte needs at most so many: \u0001 */
#define AROUND_BYTES 4096        /* keys and brackets */
#define TELLING_BYTES 12         /* so much of a secret is too much */

/* --- bodies ------------------------------------------------------------------------ */

void nsx_body_open(struct nsx_body *b, size_t n_value_bytes)
{
	const size_t room = GROWTH * n_value_bytes + AROUND_BYTES;

	buf_init(&b->text, room);
	buf_reserve(&b->text, room);
	jsonw_init(&b->w, &b->text);
	jsonw_open(&b->w, NULL, '{');
}

void nsx_body_close(struct nsx_body *b, struct secret *json)
{
	jsonw_close(&b->w, '}');
	secret_wipe(json);
	json->len = b->text.len;
	json->bytes = buf_take(&b->text);
}

static bool is_in(const char *text, const char *piece, size_t n)
{
	for (const char *p = strchr(text, *piece); p != NULL; p = strchr(p + 1, *piece))
		if (strncmp(p, piece, n) == 0)
			return true;
	return false;
}

bool nsx_body_tells(const struct secret *secret, const char *text)
{
	const size_t n = secret->len < TELLING_BYTES ? secret->len : TELLING_BYTES;

	for (size_t i = 0; n > 0 && i + n <= secret->len; i++)
		if (is_in(text, secret->bytes + i, n))
			return true;
	return false;
}

void nsx_body_withhold(const struct secret *secret, struct err *e)
{
	if (nsx_body_tells(secret, e->text))
		err_set(e, e->code, "the answer repeats what must not be told, and is withheld");
}

char *nsx_body_id(const struct json *object)
{
	const char *id = json_str(json_get(object, "id"));

	if (id == NULL || id[0] == '\0' || strlen(id) > NSX_ID_MAX_BYTES)
		return NULL;
	return mem_strdup(id);
}

/* --- paths -------------------------------------------------------------------------- */

static void add_encoded(struct buf *path, const char *value)
{
	const size_t n = strlen(value);
	char *encoded = mem_alloc(FORM_GROWTH * n + 1);

	buf_add(path, encoded, form_encode(value, n, encoded));
	free(encoded);
}

void nsx_path_add(struct buf *path, const char *form, const char *first, const char *second)
{
	const char *values[] = { first, second, NULL };
	size_t i = 0;

	for (const char *p = form; *p != '\0'; p++) {
		if (*p == '%' && values[i] != NULL)
			add_encoded(path, values[i++]);
		else
			buf_addc(path, *p);
	}
}

void nsx_path(struct buf *path, const char *form, const char *first, const char *second)
{
	buf_init(path, SIZE_MAX);
	nsx_path_add(path, form, first, second);
}
