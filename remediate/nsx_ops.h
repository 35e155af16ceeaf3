/* nsx_ops.h - what NSX is doing, as its API tells: answers to struct nsx_ops.
 *
 * The readers do no I/O.  What an answer does not tell stays NULL or -1; what
 * it tells in a way that nobody documented is ERR_ANSWER, or counts as going
 * on: it must never pass for "all is well". */
#ifndef CHECK_CERTS_NSX_OPS_H
#define CHECK_CERTS_NSX_OPS_H

#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "remediate/view.h"

#define OPS_NODES_MAX 64
#define OPS_BATCH_MAX 10000
#define OPS_HOSTS_MAX 20000
#define OPS_PAGES_MAX 100
#define OPS_ID_MAX_BYTES 255
#define OPS_TEXT_MAX_BYTES 1024      /* of a message; the rest is cut */

void nsx_ops_init(struct nsx_ops *o);      /* nothing is told */
void nsx_ops_clear(struct nsx_ops *o);

/* A row for each call that is always made, in its order. */
typedef int ops_read_fn(struct nsx_ops *o, const struct json *doc, struct err *e) MUST_USE;
struct ops_call {
	const char *what;            /* in messages */
	const char *path;
	int since;                   /* VERSION(); 0: every one */
	bool may_be_absent;          /* 404 only means that this version does not tell */
	ops_read_fn *read;
};
extern const struct ops_call ops_calls[];
extern const size_t n_ops_calls;

/* GET .../certificates/{id}?action=validate */
ops_read_fn ops_read_validation;
/* GET /global-manager/api/v1/global-infra/sites/{id} */
ops_read_fn ops_read_site;
/* One page of GET /api/v1/transport-nodes; *cursor: of the next one, borrowed
 * from doc, NULL at the end. */
int ops_read_hosts(struct nsx_ops *o, const struct json *doc, const char **cursor,
    struct err *e) MUST_USE;
/* GET /api/v1/transport-nodes/{id}/status of one of them. */
int ops_read_host_status(struct nsx_host *h, const struct json *doc, struct err *e) MUST_USE;

/* All of it, until deadline_ms (monotonic).  global may be NULL: then there is
 * no site.  site: its id there; NULL: none.  Cannot fail: o->err. */
void nsx_ops_read(struct nsx_ops *o, struct api *api, struct api *global, const char *version,
    const char *site, const struct view_wants *wants, int64_t deadline_ms);

#endif
