/* nsx_import.c - into the trust store, and out of it. */
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_write.h"

#define BLOCKS_MAX 16

/* A CA that is there already is not listed twice. */
static struct nsx_row *ca_row(struct nsx *n, struct nsx_call *c, const struct sim_cert *cert,
    const char *name)
{
	for (size_t i = 0; i < n->n_rows; i++) {
		if (n->row[i]->in_store && strcmp(n->row[i]->cert->sha256, cert->sha256) == 0)
			return n->row[i];
	}
	c->rp->changed = true;
	return nsx_new_row(n, cert, name, false);
}

static struct nsx_row *leaf_row(struct nsx *n, const struct nsx_upload *up)
{
	struct nsx_row *row = nsx_new_row(n, up->cert, up->display_name, up->has_key);

	if (up->description != NULL)
		row->description = nsx_own(n, mem_strdup(up->description));
	if (up->purpose != NULL && up->purpose[0] != '\0')
		row->purpose = nsx_own(n, mem_strdup(up->purpose));
	if (n->pace.splits_chain && up->cert->issuer != NULL)
		row->pem = NSX_PEM_LEAF;
	return row;
}

/* Where chains are split, the root comes first and the leaf last. */
static size_t make_rows(struct nsx *n, struct nsx_call *c, const struct nsx_upload *up,
    struct nsx_row **rows)
{
	size_t blocks = n->pace.splits_chain ? sim_cert_blocks(up->cert) : 1, count = 0;

	for (size_t i = blocks; i > 1; i--)
		rows[count++] = ca_row(n, c, sim_cert_block(up->cert, i - 1), up->display_name);
	rows[count++] = leaf_row(n, up);
	c->rp->changed = true;
	return count;
}

void nsx_store_upload(struct nsx *n, struct nsx_call *c, const struct nsx_upload *up)
{
	struct nsx_row *rows[BLOCKS_MAX];
	size_t count = make_rows(n, c, up, rows);
	struct json_writer w;

	sim_reply_json(c->rp, n->pace.sdk_statuses ? 200 : 201, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "results", '[');
	for (size_t i = 0; i < count; i++)
		nsx_write_row(n, c, rows[i], &w);
	jsonw_close(&w, ']');
	jsonw_i64(&w, "result_count", (int64_t)count);
	jsonw_close(&w, '}');
}

void nsx_import(struct nsx *n, struct nsx_call *c)
{
	struct nsx_upload up = { 0 };

	if (nsx_read_upload(n, c, false, NULL, &up) == 0)
		nsx_store_upload(n, c, &up);
	nsx_upload_clear(&up);
}

static bool has_identity(const struct nsx *n, const struct nsx_row *row)
{
	for (size_t i = 0; i < n->n_identities; i++) {
		if (n->identity[i].row == row)
			return true;
	}
	return false;
}

/* The private key goes with it. */
void nsx_delete_certificate(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_row *row = nsx_row_by_id(n, c->arg[0]);

	if (row == NULL || !row->in_store) {
		nsx_not_found(c->rp, c->arg[0]);
	} else if (row->n_uses > 0 || has_identity(n, row)) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "Certificate '%s' is in use and cannot be deleted.", row->id);
	} else if (row->in_policy) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "Certificate '%s' belongs to the policy and is deleted there.", row->id);
	} else {
		nsx_drop_row(n, row);
		c->rp->changed = true;
		nsx_done(n, c);
	}
}
