/* opsman_api.h - what everybody who talks to an Ops Manager has to know: its
 * login service, the lock around calls, and what it means when it says no.
 *
 * Shared by the source, which only reads, and the handler, which changes. */
#ifndef CHECK_CERTS_OPSMAN_API_H
#define CHECK_CERTS_OPSMAN_API_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "lib/source/fetch.h"

#define OPSMAN_TOKEN "/uaa/oauth/token"
#define OPSMAN_AVAILABILITY "/login/ensure_availability"
#define OPSMAN_CLAUSE_COLUMNS 160        /* of a server's own words in one of our sentences */
#define OPSMAN_TOKEN_MAX_BYTES 16384

/* Parallel calls get lost there without an error, whoever makes them: the file
 * that each of ours locks.  One for each Ops Manager ("host:port"), not target:
 * two targets may name the same.  dir NULL: NULL.  The caller frees. */
char *opsman_lock_path(const char *dir, const char *endpoint) MUST_USE;

/* --- login ------------------------------------------------------------- */

/* What one POST OPSMAN_TOKEN carries. */
struct opsman_login {
	struct secret user, password;   /* for Basic */
	struct secret form;
};

/* ERR_CONFIG when these credentials cannot log into an Ops Manager. */
int opsman_login_build(struct opsman_login *l, const struct credentials *cr,
    struct err *e) MUST_USE;
void opsman_login_wipe(struct opsman_login *l);

/* The token out of the answer 200; wipes the body.  *life_s (may be NULL): how
 * long it counts, 0 when that is not told.  ERR_ANSWER. */
int opsman_read_token(struct buf *body, struct secret *token, int64_t *life_s,
    struct err *e) MUST_USE;

/* Does this status of OPSMAN_TOKEN mean the password?  Any no of the login
 * service does that is not known to mean something else, so that it is never
 * tried again on the ground of a status that nobody expected. */
bool opsman_is_login_refusal(int status);

/* *e for it: tried once, and which file to correct. */
void opsman_login_refusal_error(struct fetch_answer *a, const char *credentials_path,
    struct err *e);

/* What GET OPSMAN_AVAILABILITY tells.  0: ready; -1 with ERR_BUSY, the
 * state in a word ("not set up", "starting", "locked") and what to do. */
int opsman_read_availability(const struct fetch_answer *a, struct err *e) MUST_USE;

/* --- refusals ------------------------------------------------------------ */

/* Is it a web page, whatever was asked for? */
bool opsman_is_html(const struct fetch_answer *a);

/* Does the server in front of it answer in its place, or send us elsewhere? */
bool opsman_is_down(const struct fetch_answer *a);

/* What the body of a refusal says, cleaned and cut, appended to out: any of
 * {"errors":[...]}, {"errors":{"x":[...]}}, {"error":"...",
 * "error_description":"..."}, {"safety_violations":[...]}, a string, a web
 * page, nothing.  Changes the body's bytes. */
void opsman_error_clause(struct fetch_answer *a, struct buf *out);

/* *e for an answer that is not 200: code, "HTTP 403: ..." and what to do.
 * version may be NULL, and so may fault: what is known about HTTP 500 here. */
void opsman_error_status(struct fetch_answer *a, const char *version, const char *fault,
    struct err *e);

/* The same for the handler's calls: when something was to be read, or to be
 * changed. */
void opsman_refusal_error(struct fetch_answer *a, struct err *e);
void opsman_change_refusal_error(struct fetch_answer *a, struct err *e);

#endif
