/* nsx_write.h - calls that change something: what they share, and the calls themselves. */
#ifndef CHECK_CERTS_NSX_WRITE_H
#define CHECK_CERTS_NSX_WRITE_H

#include <openssl/evp.h>
#include "tests/sim/nsx_call.h"

/* --- nsx_pace.c: answers whose status follows the scenario --------------- */

/* Success without a body: 200, or 204 as the SDKs say. */
void nsx_done(struct nsx *n, struct nsx_call *c);
/* 400 with this reason. */
void nsx_bad_request(struct nsx_call *c, const char *why);

/* --- nsx_profiles.c: what each service type demands ---------------------- */

struct nsx_profile {
	const char *service;
	const char *name;
	int appliances;
	bool cluster;                 /* one certificate for all of it: no node_id */
	bool client_too;              /* extended key usage besides SERVER */
	bool unique;
	const char *class;            /* REST, RPC, CBM, FEDERATION */
	const char *affected;
	int order;
	int duration_s;
	int since;
	int until;                    /* 0: still there */
};
/* NULL: this appliance has none for that service. */
const struct nsx_profile *nsx_profile(const struct nsx *n, const char *service);

/* --- nsx_validate.c ------------------------------------------------------ */

struct nsx_verdict {
	const char *status;           /* OK, REJECTED, ERROR, CRL_NOT_READY */
	const char *text;
};
void nsx_judge(const struct nsx *n, const struct nsx_row *row, bool as_client,
    struct nsx_verdict *v);
/* The certificate of the trust store that has signed x; NULL: none has. */
const struct nsx_row *nsx_issuer_in_store(const struct nsx *n, X509 *x);

/* --- nsx_candidate.c: may this certificate serve that? ------------------- */

/* node_id is NULL exactly for a cluster profile.  -1: *e says why not. */
int nsx_fits(const struct nsx *n, const struct nsx_row *row, const struct nsx_profile *p,
    const char *node_id, struct err *e) MUST_USE;

/* --- nsx_work.c: one change at a time, and what it does to the cluster --- */

/* -1: answered, since something else is under way or the cluster is not well. */
int nsx_may_change(struct nsx *n, struct nsx_call *c) MUST_USE;
/* The service has its certificate from this row (NULL: from none) now: the uses
 * move, listeners restart, the cluster settles.  node_id: one of the state's
 * strings; NULL for a cluster profile.  True when the listener at asked_at restarts. */
bool nsx_install(struct nsx *n, struct nsx_row *row, const struct nsx_profile *p,
    const char *node_id, const char *asked_at);
/* What became due since the last look: operations of a batch, renewals. */
void nsx_tick(struct nsx *n);

/* --- nsx_upload.c: a certificate in a body ------------------------------- */

struct nsx_upload {
	struct json *doc;             /* the strings are borrowed from it */
	const char *display_name, *description, *purpose;
	const struct sim_cert *cert;  /* with its chain */
	bool has_key;
};
/* The body as TrustObjectData, checked as NSX does; key_must_be_there: a host's.
 * csr_key (may be NULL): the key is this one, and none may come along.
 * -1: answered.  Clear it in any case. */
int nsx_read_upload(struct nsx *n, struct nsx_call *c, bool key_must_be_there, EVP_PKEY *csr_key,
    struct nsx_upload *up) MUST_USE;
void nsx_upload_clear(struct nsx_upload *up);
/* Put it into the trust store, and answer with the list of what that gave. */
void nsx_store_upload(struct nsx *n, struct nsx_call *c, const struct nsx_upload *up);

/* --- nsx_row_make.c: rows that were not there before --------------------- */

/* In the trust store, named name (copied; NULL: as its id). */
struct nsx_row *nsx_new_row(struct nsx *n, const struct sim_cert *cert, const char *name,
    bool has_private_key);
/* The same self-signed certificate again, as long as the old one was; NULL with *e. */
struct nsx_row *nsx_fresh_copy(struct nsx *n, const struct nsx_row *old, struct err *e) MUST_USE;
/* Does it verify by its own key? */
bool nsx_is_self_signed(const struct sim_cert *cert);

/* --- nsx_batch.c --------------------------------------------------------- */

bool nsx_batch_pending(const struct nsx *n);
/* An empty batch; then every use of old that has a profile becomes an operation.
 * Returns how many there were. */
void nsx_batch_begin(struct nsx *n);
size_t nsx_batch_add(struct nsx *n, const struct nsx_row *old, const struct nsx_row *fresh);
/* In processing order, the first begins now. */
void nsx_batch_start(struct nsx *n);
void nsx_batch_tick(struct nsx *n);
/* What is pending will not be done any more. */
void nsx_batch_abort(struct nsx *n);
const char *nsx_operation_status(const struct nsx_operation *op);

/* --- nsx_renew.c --------------------------------------------------------- */

void nsx_renew_tick(struct nsx *n);

/* --- nsx_csr_make.c ------------------------------------------------------ */

/* What a CSR's body asks for; -1: *e says what is wrong with it.  Owned by the state. */
struct nsx_csr *nsx_csr_make(struct nsx *n, const struct json *body, bool extended, struct err *e)
    MUST_USE;
/* Signed by its own key, from now on for so many days. */
const struct sim_cert *nsx_csr_sign(struct nsx *n, const struct nsx_csr *csr, int64_t days,
    struct err *e) MUST_USE;

/* --- nsx_federation.c ---------------------------------------------------- */

struct nsx_site *nsx_site_by_id(struct nsx *n, const char *id);
struct nsx_gm *nsx_gm_by_id(struct nsx *n, const char *id);
void nsx_write_gm_site(const struct nsx_site *site, struct json_writer *w);
void nsx_write_gm(const struct nsx_gm *gm, struct json_writer *w);

/* --- nsx_dump.c: the part of /_sim/state that changes are about ---------- */

void nsx_dump_changes(const struct nsx *n, struct json_writer *w);

/* --- the calls, by file ------------------------------------------------------------ */

/* nsx_import.c */
nsx_handler nsx_import, nsx_delete_certificate;
/* nsx_apply.c */
nsx_handler nsx_apply, nsx_set_cluster_certificate, nsx_clear_cluster_certificate,
    nsx_apply_to_http, nsx_set_pi, nsx_set_proxy;
/* nsx_batch_calls.c */
nsx_handler nsx_batch_replace, nsx_get_batch_results, nsx_delete_batch_results;
/* nsx_renew.c */
nsx_handler nsx_renew_appliances;
/* nsx_host.c */
nsx_handler nsx_replace_host;
/* nsx_csr.c */
nsx_handler nsx_get_csrs, nsx_get_csr, nsx_create_csr, nsx_create_extended_csr, nsx_delete_csr,
    nsx_self_sign_csr, nsx_self_sign_at_once, nsx_import_for_csr;
/* nsx_site_update.c */
nsx_handler nsx_update_site, nsx_update_gm;
/* nsx_activity.c */
nsx_handler nsx_get_upgrade_status, nsx_get_backup_status, nsx_get_restore_status;

#endif
