/* fuzz_nsx.c - any bytes as the body of each answer of an NSX Manager: as a
 * page of each list, as each single object, and as a refusal; joined then. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/source/nsx_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX_BYTES ((size_t)64 * 1024 * 1024)

static void want(bool fact)
{
	if (!fact)
		abort();
}

static void fill(struct fetch_answer *a, const uint8_t *data, size_t size)
{
	memset(a, 0, sizeof *a);
	a->status = 403;
	buf_init(&a->body, BODY_MAX_BYTES);
	if (size > 0)
		buf_add(&a->body, data, size);
}

static void read_list(
    struct nsx_facts *f, nsx_read_row_fn *read_row, const uint8_t *data, size_t size)
{
	struct err e = { ERR_NONE, "" };
	struct fetch_answer a;
	struct nsx_page page;

	fill(&a, data, size);
	if (nsx_read_page(f, &a.body, "list", read_row, NSX_ROWS_MAX, &page, &e) < 0)
		want(e.code == ERR_ANSWER);
	want(a.body.len == 0);
	free(page.cursor);
	fetch_answer_clear(&a);
}

static int take_nothing(void *ctx, const struct json *element, size_t index, struct err *e)
{
	(void)e;
	want(element != NULL && index == *(size_t *)ctx);
	++*(size_t *)ctx;
	return 0;
}

/* A list read element by element is good exactly when the whole text is. */
static void compare_readers(const uint8_t *data, size_t size)
{
	struct fetch_answer a, b;
	struct json *whole, *list;
	size_t n = 0, n_whole = 0;

	fill(&a, data, size);
	fill(&b, data, size);
	whole = a.body.len > 0 ? json_parse(a.body.data, a.body.len, NULL) : NULL;
	list = b.body.len > 0
	    ? json_parse_list(b.body.data, b.body.len, "results", take_nothing, &n, NULL) : NULL;
	if (json_is_array(json_get(whole, "results")))
		n_whole = json_count(json_get(whole, "results"));
	want((whole != NULL) == (list != NULL));
	want(whole == NULL || n == n_whole);
	json_free(whole);
	json_free(list);
	fetch_answer_clear(&a);
	fetch_answer_clear(&b);
}

static void read_object(struct nsx_facts *f, nsx_read_fn *read, const uint8_t *data, size_t size)
{
	struct err e = { ERR_NONE, "" };
	struct fetch_answer a;
	struct json *doc;

	fill(&a, data, size);
	doc = source_parse_body(&a.body, &e);
	if (doc != NULL && read(f, doc, "object", &e) < 0)
		want(e.code == ERR_ANSWER);
	json_free(doc);
	fetch_answer_clear(&a);
}

static void read_refusal(const uint8_t *data, size_t size)
{
	struct err e = { ERR_NONE, "" };
	struct nsx_refusal why;
	struct fetch_answer a;

	fill(&a, data, size);
	nsx_read_refusal(&a, &why);
	nsx_refusal_error(&a, &why, &e);
	want(e.code == ERR_REFUSED && strchr(e.text, '\n') == NULL);
	fetch_answer_clear(&a);
}

/* The verdict on the first certificate that was read. */
static int read_verdict(struct nsx_facts *f, const struct json *doc, const char *what,
    struct err *e)
{
	(void)what;
	return nsx_read_verdict(f, 0, doc, e);
}

/* Every sighting has a certificate, and what was joined is consistent. */
static void check(const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n_sightings; i++) {
		const struct sighting *s = &inv->sightings[i];

		want(s->cert < inv->n_certs);
		want(s->name != NULL);
		want(s->position == 0 || s->n_uses == 0);
		want(inv->certs[s->cert]->form != CERT_UNREADABLE ||
		    inv->certs[s->cert]->problem != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct target target = { .probe = PROBE_YES };
	struct inventory inv;
	struct source_context c = { .inv = &inv, .target = &target };
	struct nsx_facts f;

	inventory_init(&inv);
	c.index = inventory_add_source(&inv, "fuzz", SOURCE_NSX);
	nsx_facts_init(&f, &c);
	read_object(&f, nsx_read_version, data, size);
	read_object(&f, nsx_read_cluster, data, size);
	read_object(&f, nsx_read_vip, data, size);
	read_object(&f, nsx_read_renewal, data, size);
	read_list(&f, nsx_read_policy, data, size);
	read_list(&f, nsx_read_certificate, data, size);
	read_list(&f, nsx_read_profile, data, size);
	read_list(&f, nsx_read_principal, data, size);
	if (inv.n_sightings > 0)
		read_object(&f, read_verdict, data, size);
	read_refusal(data, size);
	compare_readers(data, size);
	nsx_join(&f, true);
	check(&inv);
	nsx_facts_clear(&f);
	inventory_clear(&inv);
	return 0;
}
