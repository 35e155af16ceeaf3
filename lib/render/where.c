/* where.c - how a certificate is named in lines for people. */
#include "lib/render/where.h"

#include <stdint.h>
#include <string.h>
#include "lib/base/text.h"

#define NODE_COLUMNS 40
#define UUID_CHARS 36
#define UUID_SHOWN 8
#define USES_SHOWN 8

static void add_clean(struct buf *out, const char *s, size_t max_columns)
{
	text_clean(out, s, SIZE_MAX, max_columns);
}

/* An id of a node says little; its start is enough to tell it from others. */
static void add_node(struct buf *out, const struct use *u)
{
	const char *node = u->node_name != NULL ? u->node_name : u->node;
	bool is_uuid = u->node_name == NULL && node != NULL && strlen(node) == UUID_CHARS &&
	    strspn(node, "0123456789abcdefABCDEF-") == UUID_CHARS;

	if (node == NULL || node[0] == '\0')
		return;
	buf_addc(out, '/');
	text_clean(out, node, is_uuid ? UUID_SHOWN : SIZE_MAX, NODE_COLUMNS);
}

static void add_use(struct buf *out, const char *source, const struct use *u)
{
	add_clean(out, source, NODE_COLUMNS);
	add_node(out, u);
	buf_addc(out, ' ');
	add_clean(out, u->service[0] != '\0' ? u->service : "?", NODE_COLUMNS);
}

static void add_spot(struct buf *out, const struct report *r, const struct sighting *s)
{
	add_clean(out, r->inv->sources[s->source].name, NODE_COLUMNS);
	if (s->endpoint != NULL || s->path != NULL) {
		buf_addc(out, ' ');
		add_clean(out, s->endpoint != NULL ? s->endpoint : s->path, TEXT_COLUMNS_MAX);
	} else if (role_name(s->role) != NULL) {
		buf_addf(out, " %s", role_name(s->role));
	}
	if (s->position > 0)
		buf_addf(out, " #%zu", s->position);
}

/* What an API says it is used for names it best; sightings are in the order
 * API, TLS, file. */
static const struct sighting *main_sighting(const struct report *r, const struct item *it)
{
	for (size_t i = 0; i < it->n_sightings; i++)
		if (r->inv->sightings[it->sightings[i]].n_uses > 0)
			return &r->inv->sightings[it->sightings[i]];
	return it->n_sightings > 0 ? &r->inv->sightings[it->sightings[0]] : NULL;
}

/* Of NSX only: two lists of Ops Manager name the same use. */
static size_t count_uses(const struct report *r, const struct item *it)
{
	size_t n = 0;

	for (size_t i = 0; i < it->n_sightings; i++) {
		const struct sighting *s = &r->inv->sightings[it->sightings[i]];

		if (s->via == VIA_API && r->inv->sources[s->source].kind == SOURCE_NSX)
			n += s->n_uses;
	}
	return n;
}

void where_place(const struct report *r, const struct item *it, struct buf *out)
{
	const struct sighting *s = main_sighting(r, it);
	size_t n_uses = count_uses(r, it);

	if (s == NULL)
		buf_adds(out, "a certificate");
	else if (s->n_uses > 0)
		add_use(out, r->inv->sources[s->source].name, &s->uses[0]);
	else
		add_spot(out, r, s);
	if (n_uses > 1)
		buf_addf(out, " +%zu", n_uses - 1);
}

/* In Ops Manager the id is the name that people know; NULL: it has none. */
static const char *api_name(const struct report *r, const struct sighting *s)
{
	bool has_name = s->name != NULL && s->name[0] != '\0';

	if (s->via != VIA_API)
		return NULL;
	return has_name && r->inv->sources[s->source].kind != SOURCE_OPSMAN ? s->name : s->id;
}

/* Quotes inside are made single, so that where a name ends can be seen. */
static void add_quoted(struct buf *out, const char *name)
{
	size_t start;

	buf_adds(out, " \"");
	start = out->len;
	add_clean(out, name, TEXT_COLUMNS_MAX);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '"')
			out->data[i] = '\'';
	buf_addc(out, '"');
}

static void add_label(const struct report *r, const struct sighting *s, struct buf *out)
{
	const char *name = api_name(r, s);
	struct buf cn;

	buf_init(&cn, CERT_DER_MAX_BYTES);
	if (name == NULL && s->n_uses > 0)
		name = s->endpoint;
	if (name == NULL) {
		cert_common_name(r->inv->certs[s->cert], &cn);
		name = buf_str(&cn);
	}
	if (name[0] != '\0')
		add_quoted(out, name);
	buf_clear(&cn);
}

void where_label(const struct report *r, const struct item *it, struct buf *out)
{
	const struct sighting *s = main_sighting(r, it);

	if (s != NULL)
		add_label(r, s, out);
}

const char *where_id(const struct report *r, const struct item *it, char out[WHERE_ID_DIGITS + 1])
{
	const struct cert *c = r->inv->certs[it->cert];

	out[0] = '\0';
	if (c->form == CERT_PARSED)
		text_hex(c->sha256, WHERE_ID_DIGITS / 2, out);
	return out;
}

void where_sighting(const struct report *r, const struct sighting *s, struct buf *out)
{
	const char *source = r->inv->sources[s->source].name;

	for (size_t i = 0; i < s->n_uses && i < USES_SHOWN; i++) {
		if (i > 0)
			buf_adds(out, ", ");
		add_use(out, source, &s->uses[i]);
	}
	if (s->n_uses > USES_SHOWN)
		buf_addf(out, ", +%zu", s->n_uses - USES_SHOWN);
	if (s->n_uses == 0)
		add_spot(out, r, s);
	add_label(r, s, out);
}

void where_end(const struct report *r, const struct item *it, struct buf *out)
{
	char end[TEXT_TIME_BYTES], span[TEXT_SPAN_BYTES];
	bool is_over = it->seconds_left < 0;

	text_from_time(r->inv->certs[it->cert]->not_after_at, end);
	text_from_span(it->seconds_left, span);
	buf_addf(out, "%s %s (%s%s)", is_over ? "expired" : "expires", end, span,
	    is_over ? " ago" : "");
}
