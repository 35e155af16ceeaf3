/* nsx_row_json.c - a certificate object, as the trust store and the policy list show it. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_call.h"

#define WRONG_DAYS 3650

const char *nsx_row_id(const void *item)
{
	return ((const struct nsx_row *)item)->id;
}

const char *nsx_row_name(const void *item)
{
	return ((const struct nsx_row *)item)->display_name;
}

/* One line of base64 instead of 64 columns. */
static void add_one_line(struct buf *out, const char *pem)
{
	bool in_base64 = false;

	for (const char *line = pem; *line != '\0';) {
		size_t n = strcspn(line, "\n");
		bool marker = strncmp(line, "-----", 5) == 0;

		if (marker && in_base64)
			buf_addc(out, '\n');
		buf_add(out, line, n);
		if (marker)
			buf_addc(out, '\n');
		in_base64 = !marker;
		line += n + (line[n] == '\n');
	}
}

static void add_crlf(struct buf *out, const char *pem)
{
	for (; *pem != '\0'; pem++) {
		if (*pem == '\n')
			buf_addc(out, '\r');
		buf_addc(out, *pem);
	}
}

/* A character in the middle that base64 does not know. */
static void add_broken(struct buf *out, const char *pem)
{
	buf_adds(out, pem);
	out->data[out->len / 2] = '!';
	out->data[out->len / 2 + 1] = '*';
}

static void write_pem(const struct nsx_row *row, struct json_writer *w)
{
	const char *pem = row->cert->pem;
	struct buf text;

	if (row->pem == NSX_PEM_MISSING)
		return;
	buf_init(&text, 1u << 22);
	switch (row->pem) {
	case NSX_PEM_ONE_LINE:
		add_one_line(&text, pem);
		break;
	case NSX_PEM_CRLF:
		add_crlf(&text, pem);
		break;
	case NSX_PEM_NO_NEWLINE:
		buf_add(&text, pem, strlen(pem) - 1);
		break;
	case NSX_PEM_BROKEN:
		add_broken(&text, pem);
		break;
	case NSX_PEM_GARBAGE:
		buf_addf(&text, "Bag Attributes\n    friendlyName: x\n%sand more text\n", pem);
		break;
	case NSX_PEM_LEAF:
		buf_adds(&text, row->cert->leaf_pem);
		break;
	case NSX_PEM_EMPTY:
	case NSX_PEM_MISSING:
		break;
	case NSX_PEM_NORMAL:
		buf_adds(&text, pem);
		break;
	}
	jsonw_str(w, "pem_encoded", buf_str(&text));
	buf_clear(&text);
}

static void write_uses(const struct nsx_row *row, struct json_writer *w)
{
	jsonw_open(w, "used_by", '[');
	for (size_t i = 0; i < row->n_uses; i++) {
		const struct nsx_use *use = &row->use[i];

		jsonw_open(w, NULL, '{');
		jsonw_str(w, "node_id", use->node_id);
		jsonw_open(w, "service_types", '[');
		for (size_t s = 0; s < use->n_services; s++)
			jsonw_str(w, NULL, use->service[s]);
		jsonw_close(w, ']');
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void write_details(const struct nsx *n, const struct nsx_call *c, const struct nsx_row *row,
    struct json_writer *w)
{
	const char *asked = sim_request_query(c->rq, "details");
	size_t blocks = row->pem == NSX_PEM_LEAF ? 1 : sim_cert_blocks(row->cert);

	if (asked == NULL || strcmp(asked, "true") != 0 || row->details == NSX_DETAILS_MISSING)
		return;
	jsonw_open(w, "details", '[');
	for (size_t i = 0; row->details != NSX_DETAILS_EMPTY && i < blocks; i++)
		nsx_write_x509(n, NULL, sim_cert_block(row->cert, i),
		    row->details == NSX_DETAILS_WRONG ? WRONG_DAYS : 0, w);
	jsonw_close(w, ']');
}

/* What both lists have in common. */
static void write_common(const struct nsx *n, const struct nsx_call *c, const struct nsx_row *row,
    struct json_writer *w)
{
	jsonw_str(w, "id", row->id);
	jsonw_str(w, "display_name", row->display_name);
	if (row->description != NULL)
		jsonw_str(w, "description", row->description);
	write_pem(row, w);
	write_details(n, c, row, w);
	if (n->version >= NSX_VERSION(4, 0, 0)) {
		jsonw_bool(w, "has_private_key", row->has_private_key);
		if (row->purpose != NULL)
			jsonw_str(w, "purpose", row->purpose);
	}
	if (n->version >= NSX_VERSION(4, 2, 0))
		jsonw_str(w, "category", row->category);
	jsonw_open(w, "tags", '[');
	jsonw_close(w, ']');
}

static void write_audit(const struct nsx_row *row, struct json_writer *w)
{
	jsonw_str(w, "_create_user", "system");
	jsonw_i64(w, "_create_time", row->created_ms);
	jsonw_str(w, "_last_modified_user", "system");
	jsonw_i64(w, "_last_modified_time", row->created_ms);
	jsonw_bool(w, "_system_owned", false);
	jsonw_str(w, "_protection", "NOT_PROTECTED");
	jsonw_i64(w, "_revision", 0);
}

void nsx_write_row(struct nsx *n, struct nsx_call *c, const void *item, struct json_writer *w)
{
	const struct nsx_row *row = item;

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", row->resource_type);
	write_common(n, c, row, w);
	write_uses(row, w);
	if (n->version >= NSX_VERSION(4, 1, 0))
		jsonw_str(w, "leaf_certificate_sha_256_thumbprint", row->cert->sha256);
	write_audit(row, w);
	jsonw_close(w, '}');
}

/* certificate_self_signed is TlsCertificate type CERTIFICATE_SELF_SIGNED here. */
static void write_policy_type(const struct nsx_row *row, struct json_writer *w)
{
	char type[64];
	size_t i;

	for (i = 0; i + 1 < sizeof type && row->resource_type[i] != '\0'; i++) {
		char c = row->resource_type[i];

		type[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	type[i] = '\0';
	jsonw_str(w, "tls_certificate_type", type);
}

void nsx_write_policy_row(struct nsx *n, struct nsx_call *c, const void *item,
    struct json_writer *w)
{
	const struct nsx_row *row = item;
	char *path = mem_printf("%s/certificates/%s",
	    n->global_manager ? "/global-infra" : "/infra", row->id);

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", "TlsCertificate");
	write_common(n, c, row, w);
	write_policy_type(row, w);
	jsonw_str(w, "path", path);
	jsonw_str(w, "relative_path", row->id);
	jsonw_str(w, "parent_path", n->global_manager ? "/global-infra" : "/infra");
	jsonw_str(w, "unique_id", row->id);
	jsonw_bool(w, "marked_for_delete", false);
	jsonw_bool(w, "overridden", false);
	write_audit(row, w);
	jsonw_close(w, '}');
	free(path);
}
