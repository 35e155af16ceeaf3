/* nsx_api.h - what everybody who talks to an NSX Manager has to know: its
 * versions, its logins, and what it means when it says no.
 *
 * Shared by the source, which only reads, and the handler, which changes. */
#ifndef CHECK_CERTS_NSX_API_H
#define CHECK_CERTS_NSX_API_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "lib/source/fetch.h"
#include "lib/source/login.h"

#define NSX_SESSION_CREATE "/api/session/create"
#define NSX_SESSION_DESTROY "/api/session/destroy"
#define NSX_CLAUSE_COLUMNS 160           /* of a server's own words in one of our sentences */

/* Is a version ("4.1.0.2.0.21761695"; NULL: unknown) wanted (NULL: any) or
 * newer?  Yes when it cannot be told: the answer will. */
bool nsx_version_at_least(const char *have, const char *wanted);

/* --- logins --------------------------------------------------------------- */

/* credentials_load, for the kinds of login that NSX has. */
int nsx_credentials_load(const char *path, struct credentials *c, struct err *e) MUST_USE;

/* The login of one call.  Cookie and token are those of the session, where
 * the credentials ask for one; all is borrowed. */
void nsx_credentials_fill(const struct credentials *c, const struct secret *cookie,
    const struct secret *xsrf, struct fetch_request *r);

/* The body of POST NSX_SESSION_CREATE; overwrites *form. */
void nsx_session_form(const struct credentials *c, struct secret *form);

/* Does the answer to it bring a session?  ERR_ANSWER. */
int nsx_session_check(const struct fetch_answer *a, struct err *e) MUST_USE;

/* --- refusals ------------------------------------------------------------- */

/* What the body of a refusal says. */
struct nsx_refusal {
	int64_t error_code;                  /* -1 when not told */
	char message[NSX_CLAUSE_COLUMNS * 4 + 4];   /* cleaned; "" when none */
};
void nsx_read_refusal(struct fetch_answer *a, struct nsx_refusal *why);   /* frees the body */

bool nsx_is_busy(int status, const struct nsx_refusal *why);
bool nsx_is_login_refusal(int status, const struct nsx_refusal *why);

/* May a new session help?  A session ends with the one manager that issued
 * it, and its XSRF token can go stale. */
bool nsx_is_stale_session(int status, const struct nsx_refusal *why);

/* *e for an answer that is not 2xx: code, "HTTP 403: ..." and what to do, when
 * something was to be read, or to be changed. */
void nsx_refusal_error(const struct fetch_answer *a, const struct nsx_refusal *why, struct err *e);
void nsx_change_refusal_error(const struct fetch_answer *a, const struct nsx_refusal *why,
    struct err *e);

/* The same for a login that was refused and is not tried again. */
void nsx_login_refusal_error(enum login login, const struct login_guard *guard,
    const struct fetch_answer *a, const struct nsx_refusal *why, struct err *e);

#endif
