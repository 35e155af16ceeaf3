/* api_internal.h - what the files of api share.
 *
 * api.c makes a call and says what is known afterwards; api_session.c is the
 * login: sessions, and what becomes of a refused one. */
#ifndef CHECK_CERTS_API_INTERNAL_H
#define CHECK_CERTS_API_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/secret.h"
#include "lib/source/login.h"
#include "lib/source/nsx_api.h"
#include "remediate/api.h"

struct api {
	const struct target *target;     /* borrowed */
	char *lock_path;                 /* owned; NULL: none */
	const struct trace *trace;
	struct credentials credentials;
	char *credentials_path;          /* owned */
	char *remember_dir, *account;    /* owned; see struct login_guard */
	struct secret cookie, xsrf;      /* of the session; empty: there is none */
	bool is_proven;                  /* the login has worked */
	struct err refused;              /* it was refused: nothing is sent any more */
};

/* One request from begin to end, with what is common to all; its login is
 * filled in by the caller.  fetch_answer_clear afterwards. */
void api_exchange(const struct api *a, struct fetch_request *r, const char *path,
    int64_t deadline_ms, struct fetch_answer *answer);

/* What is known after a request, going by its answer alone. */
enum api_outcome api_outcome_of(const struct fetch_answer *answer);

/* Why no answer came, as the user is told; ERR_TLS with the pin that would
 * help where only the certificate's date is wrong. */
void api_connection_error(const struct api *a, const struct fetch_answer *answer, struct err *e);

/* --- api_session.c ----------------------------------------------------------- */

/* Make sure that there is something to log in with: a session is made where
 * one is wanted.  API_DONE, or the outcome of a call that is not made. */
enum api_outcome api_login(struct api *a, int64_t deadline_ms, struct err *e) MUST_USE;

/* A call was answered in full. */
void api_login_worked(struct api *a);

/* Does this refusal mean the login?  Then it is never tried again; *e. */
bool api_login_refused(struct api *a, const struct fetch_answer *answer,
    const struct nsx_refusal *why, struct err *e);

/* Has the session ended?  Then it is forgotten. */
bool api_session_ended(struct api *a, int status, const struct nsx_refusal *why);

/* End it at the server too. */
void api_logout(struct api *a);

#endif
