/* nsx_csr.c - the calls about certificate signing requests. */
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/text.h"
#include "tests/sim/nsx_write.h"

#define DAYS_DEFAULT 825              /* and the most for a certificate that is no CA */
#define DAYS_MAX 36500

static const char *csr_id(const void *item)
{
	return ((const struct nsx_csr *)item)->id;
}

static const char *csr_name(const void *item)
{
	return ((const struct nsx_csr *)item)->display_name;
}

static void write_csr(struct nsx *n, struct nsx_call *c, const void *item, struct json_writer *w)
{
	const struct nsx_csr *csr = item;

	(void)n;
	(void)c;
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "resource_type", "Csr");
	jsonw_str(w, "id", csr->id);
	jsonw_str(w, "display_name", csr->display_name);
	jsonw_str(w, "pem_encoded", csr->pem);
	jsonw_str(w, "algorithm", csr->algorithm);
	jsonw_i64(w, "key_size", csr->key_size);
	jsonw_bool(w, "is_ca", csr->is_ca);
	jsonw_i64(w, "_create_time", csr->created_ms);
	jsonw_i64(w, "_revision", 0);
	jsonw_close(w, '}');
}

void nsx_get_csrs(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list list = { .id = csr_id, .name = csr_name, .write = write_csr };

	for (size_t i = 0; i < n->n_csrs; i++)
		nsx_list_add(&list, &n->csr[i]);
	nsx_list_answer(n, c, &list);
}

/* NULL: answered. */
static struct nsx_csr *find(struct nsx *n, struct nsx_call *c)
{
	for (size_t i = 0; i < n->n_csrs; i++) {
		if (strcmp(n->csr[i].id, c->arg[0]) == 0)
			return &n->csr[i];
	}
	nsx_not_found(c->rp, c->arg[0]);
	return NULL;
}

void nsx_get_csr(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_csr *csr = find(n, c);
	struct json_writer w;

	if (csr == NULL)
		return;
	sim_reply_json(c->rp, 200, &w);
	write_csr(n, c, csr, &w);
}

/* NULL: answered.  *body_out (may be NULL) gets the body. */
static struct nsx_csr *make(struct nsx *n, struct nsx_call *c, bool extended,
    struct json **body_out)
{
	struct nsx_csr *csr = NULL;
	struct json *body;
	struct err e;

	err_clear(&e);
	body = sim_request_json(c->rq, &e);
	if (body != NULL)
		csr = nsx_csr_make(n, body, extended, &e);
	if (csr == NULL)
		nsx_bad_request(c, e.text);
	if (csr != NULL && body_out != NULL)
		*body_out = body;
	else
		json_free(body);
	return csr;
}

static void create(struct nsx *n, struct nsx_call *c, bool extended)
{
	const struct nsx_csr *csr = make(n, c, extended, NULL);
	struct json_writer w;

	if (csr == NULL)
		return;
	c->rp->changed = true;
	sim_reply_json(c->rp, n->pace.sdk_statuses ? 200 : 201, &w);
	write_csr(n, c, csr, &w);
}

/* From 4.2 on the plain call takes extensions itself. */
void nsx_create_csr(struct nsx *n, struct nsx_call *c)
{
	create(n, c, n->version >= NSX_VERSION(4, 2, 0));
}

void nsx_create_extended_csr(struct nsx *n, struct nsx_call *c)
{
	create(n, c, true);
}

static void drop(struct nsx *n, struct nsx_csr *csr)
{
	size_t i = (size_t)(csr - n->csr);

	free(csr->pem);
	X509_free(csr->template);
	memmove(csr, csr + 1, (n->n_csrs - i - 1) * sizeof *csr);
	n->n_csrs--;
}

void nsx_delete_csr(struct nsx *n, struct nsx_call *c)
{
	struct nsx_csr *csr = find(n, c);

	if (csr == NULL)
		return;
	drop(n, csr);
	c->rp->changed = true;
	nsx_done(n, c);
}

/* --- a certificate from it --------------------------------------------------- */

/* -1: answered. */
static int check_days(struct nsx_call *c, const struct nsx_csr *csr, int64_t days)
{
	if (days >= 1 && days <= (csr->is_ca ? DAYS_MAX : DAYS_DEFAULT))
		return 0;
	nsx_bad_request(c, csr->is_ca ? "days_valid: want 1 to 36500" :
	    "days_valid: want 1 to 825 for a certificate that is no CA");
	return -1;
}

/* -1: answered. */
static int sign(struct nsx *n, struct nsx_call *c, const struct nsx_csr *csr, int64_t days)
{
	const struct sim_cert *cert;
	struct nsx_row *row;
	struct json_writer w;
	struct err e;

	err_clear(&e);
	if (check_days(c, csr, days) != 0)
		return -1;
	cert = nsx_csr_sign(n, csr, days, &e);
	if (cert == NULL) {
		nsx_bad_request(c, e.text);
		return -1;
	}
	row = nsx_new_row(n, cert, csr->display_name, true);
	row->purpose = csr->is_ca ? "signing-ca" : NULL;
	c->rp->changed = true;
	sim_reply_json(c->rp, 200, &w);
	nsx_write_row(n, c, row, &w);
	return 0;
}

void nsx_self_sign_csr(struct nsx *n, struct nsx_call *c)
{
	const char *text = sim_request_query(c->rq, "days_valid");
	const struct nsx_csr *csr = find(n, c);
	int64_t days = DAYS_DEFAULT;

	if (csr == NULL)
		return;
	if (text != NULL && text_to_i64(text, 0, INT32_MAX, &days) != 0)
		nsx_bad_request(c, "days_valid: want a number");
	else
		(void)sign(n, c, csr, days);
}

/* CSR and certificate in one call; no CSR is left behind, whatever comes of it. */
void nsx_self_sign_at_once(struct nsx *n, struct nsx_call *c)
{
	struct json *body = NULL;
	struct nsx_csr *csr = make(n, c, true, &body);
	int64_t days = DAYS_DEFAULT;
	struct err e;

	err_clear(&e);
	if (csr == NULL)
		return;
	if (json_opt_i64(body, "body", "days_valid", &days, &e) != 0)
		nsx_bad_request(c, e.text);
	else
		(void)sign(n, c, csr, days);
	drop(n, csr);
	json_free(body);
}

/* What a CA made of it; the key never left. */
void nsx_import_for_csr(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_csr *csr = find(n, c);
	struct nsx_upload up = { 0 };

	if (csr == NULL)
		return;
	if (nsx_read_upload(n, c, false, csr->key, &up) == 0)
		nsx_store_upload(n, c, &up);
	nsx_upload_clear(&up);
}
