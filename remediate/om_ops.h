/* om_ops.h - what an Ops Manager is doing, as the writing account sees it.
 *
 * Read one call after the other, each under the lock that all our processes
 * share; the parsers are pure.  What is not told stays NULL, 0 or -1. */
#ifndef CHECK_CERTS_OM_OPS_H
#define CHECK_CERTS_OM_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "remediate/api.h"

#define OM_CAS_MAX 50
#define OM_INSTALLATIONS_MAX 200     /* newest first; older ones are not looked at */
#define OM_PRODUCTS_MAX 500

/* One row of GET /api/v0/certificate_authorities. */
struct om_ca {
	char *guid, *issuer;
	int active;                  /* -1 not told */
	bool has_created_at, created_is_day;   /* a date alone: 00:00:00Z of it */
	int64_t created_at;
	bool has_not_after;          /* of its PEM, else expires_on */
	int64_t not_before_at, not_after_at;
	char sha256[65];             /* of the certificate; "" when its PEM cannot be read */
};

enum om_installation_status { OM_RUNNING, OM_SUCCEEDED, OM_FAILED, OM_OTHER };

/* One row of GET /api/v0/installations. */
struct om_installation {
	int64_t id;
	enum om_installation_status status;
	char *status_text, *user;
	bool has_started_at, has_finished_at;
	int64_t started_at, finished_at;       /* the server's clock */
	int all_products;            /* 1: every product took part; 0: a selective one; -1 not told */
};

struct om_change { char *guid, *action; };   /* pending, not "unchanged" */

struct om_ops {
	struct err err;              /* not ERR_NONE: it could not be read, nothing below holds */
	int64_t server_at;           /* its Date, of the last answer; 0 */
	struct om_ca *cas;
	size_t n_cas;
	struct om_installation *installations;   /* newest first */
	size_t n_installations;
	bool has_pending;            /* pending_changes answered */
	struct om_change *pending;
	size_t n_pending;
	char **products;             /* types of deployed products ("cf", "p-bosh", ...) */
	size_t n_products;
	bool has_tkgi;               /* TKGI (PKS) is among them */
	bool has_stale;              /* a product has not taken the Director's last change */
	char *log_line;              /* last line of the running installation's log; NULL */
};

/* The calls (GET only): certificate_authorities, installations,
 * staged/pending_changes, deployed/products; with_log: the end of the log of the
 * newest running installation.  Cannot fail: see err. */
void om_ops_read(struct api *api, bool with_log, int64_t deadline_ms, struct om_ops *out);
void om_ops_clear(struct om_ops *o);

/* The parsers; ERR_ANSWER with the place.  A row that cannot be read is an
 * error of the whole: nothing is decided on half a list. */
int om_read_cas(struct om_ops *o, const struct json *doc, struct err *e) MUST_USE;
int om_read_installations(struct om_ops *o, const struct json *doc, struct err *e) MUST_USE;
int om_read_pending(struct om_ops *o, const struct json *doc, struct err *e) MUST_USE;
int om_read_products(struct om_ops *o, const struct json *doc, struct err *e) MUST_USE;

/* Can it be the name of a CA, and stand in a path as it is? */
bool om_is_guid(const char *text);

const struct om_ca *om_find_ca(const struct om_ops *o, const char *guid);
const struct om_installation *om_find_installation(const struct om_ops *o, int64_t id);

#endif
