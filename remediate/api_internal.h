/* api_internal.h - what the files of api share.
 *
 * api.c makes a call and says what is known afterwards; api_login.c keeps
 * account of logins that were refused.  What differs from product to product
 * is a dialect: api_session.c is that of NSX, api_token.c that of Ops Manager. */
#ifndef CHECK_CERTS_API_INTERNAL_H
#define CHECK_CERTS_API_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/secret.h"
#include "lib/source/login.h"
#include "remediate/api.h"

/* A call as it was asked for; all is borrowed. */
struct api_request {
	enum fetch_verb verb;
	const char *path;
	const struct secret *json;
	int64_t deadline_ms;
};

struct api_dialect {
	/* credentials_load, for the kinds of login that the product has. */
	int (*load)(const char *path, struct credentials *c, struct err *e);

	/* Make sure that there is something to log in with.  API_DONE, or the
	 * outcome of a call that is not made. */
	enum api_outcome (*login)(struct api *a, int64_t deadline_ms, struct err *e);
	void (*fill)(const struct api *a, struct fetch_request *r);

	/* What is known after an answer that came. */
	enum api_outcome (*outcome)(const struct api_request *r, const struct fetch_answer *answer);

	/* It was not API_DONE: *e, and what else it tells into *out.  *again: what
	 * it was logged in with had ended and is forgotten, and the same call may
	 * be made with another one. */
	void (*refused)(struct api *a, const struct api_request *r, struct fetch_answer *answer,
	    struct api_answer *out, bool *again, struct err *e);

	void (*logout)(struct api *a);   /* at the server too; NULL: nothing to say there */
};

extern const struct api_dialect api_nsx, api_opsman;

struct api {
	const struct target *target;     /* borrowed */
	const struct api_dialect *dialect;
	char *lock_path;                 /* owned; NULL: none */
	const struct trace *trace;
	struct credentials credentials;
	char *credentials_path;          /* owned */
	char *remember_dir, *account;    /* owned; see struct login_guard */
	struct secret cookie, xsrf;      /* of the session; empty: there is none */
	struct secret token;             /* empty: there is none */
	int64_t token_renew_ms;          /* from then on it is not used; 0: it has no known end */
	bool is_proven;                  /* the login has worked */
	struct err refused;              /* it was refused: nothing is sent any more */
};

/* One request from begin to end, with what is common to all; its login is
 * filled in by the caller.  fetch_answer_clear afterwards. */
void api_exchange(const struct api *a, struct fetch_request *r, const char *path,
    int64_t deadline_ms, struct fetch_answer *answer);

/* What is known after a request, going by its status alone. */
enum api_outcome api_outcome_of(const struct fetch_answer *answer);

/* Why no answer came, as the user is told; ERR_TLS with the pin that would
 * help where only the certificate's date is wrong. */
void api_connection_error(const struct api *a, const struct fetch_answer *answer, struct err *e);

/* --- api_login.c --------------------------------------------------------------- */

/* May the login be tried?  ERR_AUTH. */
int api_login_held(const struct api *a, struct err *e) MUST_USE;
struct login_guard api_login_guard(const struct api *a);

/* It was accepted. */
void api_login_worked(struct api *a);

/* It was refused, and a->refused says why: never tried again. */
void api_login_refused(struct api *a);

#endif
