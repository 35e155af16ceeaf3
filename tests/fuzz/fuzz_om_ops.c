/* fuzz_om_ops.c - any bytes as each answer about the operation of an Ops
 * Manager, and as what an answer to a change tells. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/buf.h"
#include "remediate/om_ops.h"
#include "remediate/opsman_write.h"

#define SAID_LONGEST 9000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void want(bool fact)
{
	if (!fact)
		abort();
}

static struct json *parse(const uint8_t *data, size_t size)
{
	struct json *doc = NULL;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	if (size > 0)
		buf_add(&text, data, size);
	if (text.len > 0)
		doc = json_parse(text.data, text.len, NULL);
	buf_clear(&text);
	return doc;
}

static void check_cas(const struct om_ops *o)
{
	want(o->n_cas > 0);
	for (size_t i = 0; i < o->n_cas; i++) {
		const struct om_ca *ca = &o->cas[i];

		want(om_is_guid(ca->guid) && om_find_ca(o, ca->guid) == ca);
		want(ca->active >= -1 && ca->active <= 1);
		want(ca->has_created_at || !ca->created_is_day);
		want(strlen(ca->sha256) == 0 || strlen(ca->sha256) == 64);
		want(ca->sha256[0] == '\0' || ca->has_not_after);
	}
}

static void check_installations(const struct om_ops *o)
{
	for (size_t i = 0; i < o->n_installations; i++) {
		const struct om_installation *in = &o->installations[i];

		want(in->id > 0 && om_find_installation(o, in->id) == in);
		want(i == 0 || in[-1].id > in->id);
		want(in->all_products >= -1 && in->all_products <= 1);
		want(in->status == OM_OTHER || in->status_text != NULL);
	}
}

static void check_pending(const struct om_ops *o)
{
	want(o->has_pending);
	for (size_t i = 0; i < o->n_pending; i++)
		want(o->pending[i].guid[0] != '\0' && strcmp(o->pending[i].action, "unchanged") != 0);
}

static void check_products(const struct om_ops *o)
{
	for (size_t i = 0; i < o->n_products; i++)
		want(o->products[i][0] != '\0');
}

static const struct {
	int (*read)(struct om_ops *o, const struct json *doc, struct err *e);
	void (*check)(const struct om_ops *o);
} readers[] = {
	{ om_read_cas, check_cas }, { om_read_installations, check_installations },
	{ om_read_pending, check_pending }, { om_read_products, check_products },
};

static void read_ops(const struct json *doc)
{
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
		struct om_ops o = { .server_at = 0 };
		struct err e = { ERR_NONE, "" };
		int failed = readers[i].read(&o, doc, &e);

		want(failed == 0 || e.code == ERR_ANSWER);
		want(o.n_cas <= OM_CAS_MAX && o.n_installations <= OM_INSTALLATIONS_MAX);
		want(o.n_pending <= OM_PRODUCTS_MAX && o.n_products <= OM_PRODUCTS_MAX);
		if (failed == 0)
			readers[i].check(&o);
		om_ops_clear(&o);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *doc = parse(data, size);
	struct om_said said;

	read_ops(doc);
	om_said_read(&said, doc);
	want(said.n_failed == 0 || said.text != NULL);
	want(said.text == NULL || (said.text[0] != '\0' && strlen(said.text) < SAID_LONGEST));
	om_said_clear(&said);
	json_free(doc);
	return 0;
}
