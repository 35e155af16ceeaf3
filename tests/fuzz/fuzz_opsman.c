/* fuzz_opsman.c - what an Ops Manager may send: any bytes give facts or one
 * sentence.  The first byte says which answer the rest is: l, the list of CAs,
 * a NUL, the deployed list; i, the version; t, a token; e, a refusal. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/opsman_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX_BYTES ((size_t)64 * 1024 * 1024)

static void fill(struct buf *b, const uint8_t *data, size_t size)
{
	buf_init(b, BODY_MAX_BYTES);
	if (size > 0)
		buf_add(b, data, size);
}

static void want(bool fact)
{
	if (!fact)
		abort();
}

/* An error has a sentence, a success none. */
static void check_outcome(int r, const struct err *e)
{
	want(r == 0 || r == -1);
	want((r == 0) == (e->code == ERR_NONE));
	want((r == 0) == (e->text[0] == '\0'));
}

/* Whatever was found can be shown and judged. */
static void check_sightings(const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n_sightings; i++) {
		const struct sighting *s = &inv->sightings[i];
		const struct cert *c;

		want(s->cert < inv->n_certs);
		c = inv->certs[s->cert];
		want(s->role != ROLE_NONE && s->role < ROLE_OM_OTHER + 1);
		want(s->role == ROLE_CHAIN || s->n_uses == 1);
		want(c->form == CERT_UNREADABLE ? c->problem != NULL : c->has_not_after);
	}
	want(inv->sources[0].n_issues <= SOURCE_REMARKS_MAX + 1);
}

static void read_lists(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size > 0 ? memchr(data, '\0', size) : NULL;
	size_t n_cas = cut != NULL ? (size_t)(cut - data) : size;
	struct inventory inv;
	struct source_context c = { .inv = &inv };
	struct opsman_lists lists;
	struct err e = { ERR_NONE, "" };
	struct buf body;

	inventory_init(&inv);
	c.index = inventory_add_source(&inv, "fuzz", SOURCE_OPSMAN);
	inv.sources[0].version = mem_strdup("2.10.1");
	opsman_lists_init(&lists, &c);
	fill(&body, data, n_cas);
	check_outcome(opsman_read_cas(&lists, &body, &e), &e);
	buf_clear(&body);
	if (cut != NULL) {
		err_clear(&e);
		fill(&body, cut + 1, size - n_cas - 1);
		check_outcome(opsman_read_rows(&lists, &body, &e), &e);
		buf_clear(&body);
	}
	want(lists.n_found == inv.n_sightings);
	check_sightings(&inv);
	opsman_lists_clear(&lists);
	inventory_clear(&inv);
}

static void read_info(const uint8_t *data, size_t size)
{
	struct err e = { ERR_NONE, "" };
	char *version = NULL;
	struct buf body;

	fill(&body, data, size);
	check_outcome(opsman_read_info(&body, &version, &e), &e);
	want((version != NULL) == (e.code == ERR_NONE));
	want(version == NULL || strlen(version) <= OPSMAN_VERSION_MAX_BYTES);
	free(version);
	buf_clear(&body);
}

/* What goes into a header ends no line there. */
static void read_token(const uint8_t *data, size_t size)
{
	struct secret token = { NULL, 0 };
	struct err e = { ERR_NONE, "" };
	struct buf body;

	fill(&body, data, size);
	check_outcome(opsman_read_token(&body, &token, NULL, &e), &e);
	want(body.data == NULL);
	want((token.bytes != NULL) == (e.code == ERR_NONE));
	for (size_t i = 0; i < token.len; i++)
		want(token.bytes[i] > ' ' && token.bytes[i] < 0x7F);
	secret_wipe(&token);
}

/* The first byte is half the status. */
static void read_refusal(const uint8_t *data, size_t size)
{
	struct fetch_answer a;
	struct err e = { ERR_NONE, "" };

	if (size == 0)
		return;
	memset(&a, 0, sizeof a);
	a.status = 2 * data[0];
	fill(&a.body, data + 1, size - 1);
	check_outcome(opsman_read_availability(&a, &e), &e);
	err_clear(&e);
	opsman_error_status(&a, "2.10.1", "known", &e);
	want(e.code != ERR_NONE && strpbrk(e.text, "\r\n\t|<>") == NULL);
	buf_clear(&a.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct { char kind; void (*read)(const uint8_t *, size_t); } kinds[] = {
		{ 'l', read_lists }, { 'i', read_info }, { 't', read_token }, { 'e', read_refusal },
	};

	for (size_t i = 0; size > 0 && i < sizeof kinds / sizeof kinds[0]; i++)
		if (data[0] == (uint8_t)kinds[i].kind)
			kinds[i].read(data + 1, size - 1);
	return 0;
}
