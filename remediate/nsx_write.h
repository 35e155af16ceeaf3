/* nsx_write.h - the requests that change something on NSX: one function a
 * call, nothing else sends them.  None is ever repeated here.  Every one says
 * how much is known afterwards (api.h); *e is set unless API_DONE.
 *
 * Paths and shapes: NSX REST API reference, "Trust Management". */
#ifndef CHECK_CERTS_NSX_WRITE_H
#define CHECK_CERTS_NSX_WRITE_H

#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "remediate/api.h"
#include "remediate/material.h"

/* POST /api/v1/trust-management/certificates?action=import.  On API_DONE *id
 * (the caller frees) is the entry whose leaf has the fingerprint of the goods,
 * never simply the first; NULL when the answer has none.  Traceable. */
enum api_outcome nsx_write_import(struct api *a, const char *name, const struct goods *goods,
    char **id, struct err *e);

/* POST /api/v1/trust-management/certificates/{id}?action=apply_certificate
 * &service_type=S[&node_id=N].  node NULL: one per cluster.  Repeatable. */
enum api_outcome nsx_write_apply(struct api *a, const char *id, const char *service,
    const char *node, struct err *e);

/* POST /api/v1/trust-management/certificates/action/batch-replace (4.2).
 * new_id NULL: NSX makes a self-signed one.  Traceable by batch-results. */
enum api_outcome nsx_write_batch_replace(struct api *a, const char *old_id, const char *new_id,
    struct err *e);

/* POST /api/v1/trust-management/certificates/action/replace-host-certificate/
 * {transport-node-id} (4.1).  Once: no API shows the leaf. */
enum api_outcome nsx_write_replace_host(struct api *a, const char *host_id, const char *name,
    const struct goods *goods, struct err *e);

/* POST /api/v1/trust-management/csrs-extended (before 4.2; /csrs from 4.2),
 * then POST .../csrs/{id}?action=self_sign&days_valid=N: a self-signed
 * certificate whose key NSX keeps.  *id: the certificate's, or NULL.
 * Traceable: its display name is `name`, or it is new since the snapshot. */
enum api_outcome nsx_write_self_sign(struct api *a, const char *version, const char *name,
    const struct material_wish *wish, const char *key_type, int64_t days, char **id, struct err *e);

/* DELETE /api/v1/trust-management/certificates/{id}.  404 is API_DONE.
 * Repeatable. */
enum api_outcome nsx_write_delete(struct api *a, const char *id, struct err *e);

/* PATCH /global-manager/api/v1/global-infra/sites/{site} with a new
 * thumbprint; fqdn, user and password of the Local Manager go along, since the
 * Global Manager forgets them.  Repeatable. */
struct nsx_site { const char *id, *display_name, *site_type, *fqdn, *thumbprint, *site_uuid;
	const struct secret *user, *password; };
enum api_outcome nsx_write_site_thumbprint(struct api *global, const struct nsx_site *site,
    struct err *e);

#endif
