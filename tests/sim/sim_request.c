/* sim_request.c - reading a request. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/sim_core.h"

const char *sim_request_header(const struct sim_request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, name);
}

const char *sim_request_cookie(const struct sim_request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->connection, MHD_COOKIE_KIND, name);
}

struct query_search {
	const char *name;
	const char *value;
};

static enum MHD_Result look(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct query_search *search = cls;

	(void)kind;
	if (strcmp(key, search->name) != 0)
		return MHD_YES;
	search->value = value != NULL ? value : "";
	return MHD_NO;
}

/* Arguments are case-sensitive, which MHD_lookup_connection_value() is not. */
const char *sim_request_query(const struct sim_request *rq, const char *name)
{
	struct query_search search = { name, NULL };

	MHD_get_connection_values(rq->connection, MHD_GET_ARGUMENT_KIND, look, &search);
	return search.value;
}

char *sim_percent_decode(const char *s, size_t n, bool form)
{
	char *out = mem_alloc(n + 1), pair[3] = "";
	size_t len = 0;
	uint8_t byte;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%' && i + 2 < n)
			memcpy(pair, s + i + 1, 2);
		if (s[i] == '%' && i + 2 < n && text_from_hex(pair, &byte, 1) == 0) {
			out[len++] = (char)byte;
			i += 2;
		} else {
			out[len++] = form && s[i] == '+' ? ' ' : s[i];
		}
	}
	return out;
}

char *sim_request_form(const struct sim_request *rq, const char *name)
{
	const char *p = rq->body, *end = rq->body + rq->body_len;
	size_t name_len = strlen(name);

	while (p < end) {
		const char *stop = memchr(p, '&', (size_t)(end - p));

		if (stop == NULL)
			stop = end;
		if ((size_t)(stop - p) > name_len && p[name_len] == '=' &&
		    memcmp(p, name, name_len) == 0) {
			p += name_len + 1;
			return sim_percent_decode(p, (size_t)(stop - p), true);
		}
		p = stop + 1;
	}
	return NULL;
}

int sim_request_basic(const struct sim_request *rq, char **user, char **password)
{
	const char *header = sim_request_header(rq, "Authorization");
	unsigned char *bytes = NULL;
	const char *colon;
	size_t n;
	int len, status = -1;

	*user = *password = NULL;
	if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
		return -1;
	header += 6;
	n = strlen(header);
	if (n == 0 || n % 4 != 0 || n > 8192)
		return -1;
	bytes = mem_alloc(n + 1);
	len = EVP_DecodeBlock(bytes, (const unsigned char *)header, (int)n);
	colon = len > 0 ? strchr((const char *)bytes, ':') : NULL;
	if (colon != NULL) {
		/* The padding decodes to NUL bytes: the texts end there. */
		*user = mem_strndup((const char *)bytes, (size_t)(colon - (const char *)bytes));
		*password = mem_strdup(colon + 1);
		status = 0;
	}
	free(bytes);
	return status;
}

struct json *sim_request_json(const struct sim_request *rq, struct err *e)
{
	char *text = mem_strndup(rq->body, rq->body_len);
	struct json *doc = json_parse(text, rq->body_len, e);

	free(text);
	return doc;
}
