/* fuzz_nsx_ops.c - any bytes as each answer about the operation of NSX. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/buf.h"
#include "remediate/nsx_ops.h"

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

/* What must hold of whatever was read. */
static void check(const struct nsx_ops *o, int failed, const struct err *e)
{
	size_t n_ended = 0;

	want(failed == 0 || e->code == ERR_ANSWER);
	want(o->n_joined <= o->n_nodes && o->n_nodes <= OPS_NODES_MAX);
	want(failed != 0 || (o->n_joined == o->n_nodes) == (o->not_joined == NULL));
	want(o->n_batch <= OPS_BATCH_MAX && o->n_pending <= o->n_batch);
	for (size_t i = 0; failed == 0 && i < o->n_batch; i++)
		n_ended += o->batch[i].status != NULL && (strcmp(o->batch[i].status, "OK") == 0 ||
		    strcmp(o->batch[i].status, "ERROR") == 0 || strcmp(o->batch[i].status, "ABORTED") == 0);
	want(failed != 0 || n_ended + o->n_pending == o->n_batch);
	want(o->changes_allowed >= -1 && o->changes_allowed <= 1);
	want(o->upgrading >= -1 && o->upgrading <= 1);
	want(o->n_hosts <= OPS_HOSTS_MAX);
	for (size_t i = 0; failed == 0 && i < o->n_hosts; i++)
		want(o->hosts[i].id != NULL && o->hosts[i].id[0] != '\0');
}

static void read_hosts(const struct json *doc)
{
	struct err e = { ERR_NONE, "" };
	const char *cursor = NULL;
	struct nsx_ops o;

	nsx_ops_init(&o);
	check(&o, ops_read_hosts(&o, doc, &cursor, &e), &e);
	want(cursor == NULL || cursor[0] != '\0' || e.code != ERR_NONE);
	for (size_t i = 0; i < o.n_hosts && i < 2; i++)
		if (ops_read_host_status(&o.hosts[i], doc, &e) < 0)
			want(e.code == ERR_ANSWER);
	nsx_ops_clear(&o);
}

static void read_with(ops_read_fn *read, const struct json *doc)
{
	struct err e = { ERR_NONE, "" };
	struct nsx_ops o;

	nsx_ops_init(&o);
	check(&o, read(&o, doc, &e), &e);
	nsx_ops_clear(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *doc = parse(data, size);

	for (size_t i = 0; i < n_ops_calls; i++)
		read_with(ops_calls[i].read, doc);
	read_with(ops_read_validation, doc);
	read_with(ops_read_site, doc);
	read_hosts(doc);
	json_free(doc);
	return 0;
}
