/* api.h - calls with the account that may change things, one at a time.
 *
 * Nothing is ever repeated here.  After a call that is not a GET three things
 * can be known: it was done, it was surely not done, or neither. */
#ifndef CHECK_CERTS_API_H
#define CHECK_CERTS_API_H

#include <stdint.h>
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/secret.h"
#include "lib/base/trace.h"
#include "lib/source/fetch.h"
#include "lib/source/target.h"

struct api;

enum api_outcome {
	API_DONE,        /* 2xx */
	API_NOT_SENT,    /* no connection, or not trusted: nothing reached the server */
	API_REFUSED,     /* 4xx but 408, 429: understood, and not done */
	API_BUSY,        /* 429, 503: not done now */
	API_UNKNOWN      /* sent, and no answer that tells: may have been done */
};

struct api_answer {
	enum api_outcome outcome;
	int status;              /* 0: none */
	struct json *doc;        /* owned; of a 2xx; NULL where the body is empty or no JSON */
	int64_t error_code;      /* the product's own; 0: none */
	int64_t date_at;         /* the server's Date; 0: not told */
	struct json *refusal;    /* owned; what an Ops Manager's other answer holds; NULL: no JSON */
};

/* The account's file is read now, and again never; no call is made.  trust is
 * the target's, with the pins of facts beside its own.  Only the worker calls
 * this.  lock_path may be NULL. */
struct api *api_open(const struct target *t, const char *credentials_path, const char *lock_path,
    const struct trace *trace, struct err *e) MUST_USE;
void api_close(struct api *a);    /* ends a session that was made */

/* A login that was refused is not tried again by this api, so that the account
 * is not locked.  With a directory (the worker's own; copied) no other process
 * tries it either, until the credentials file changes or the target's
 * auth_retry has passed. */
void api_remember(struct api *a, const char *dir);

/* One call; path is below the target's url and begins with '/'.  json: the
 * body, or NULL; it may hold a private key and is borrowed.  what is for the
 * error ("apply API to nsx-02").  *e is set unless the outcome is API_DONE.
 * limit_ms is for all of it, a login and the wait for the lock included.
 *
 * A session, or token, that has ended is made anew, once, for a GET.  Anything
 * else is API_REFUSED then, and the next call logs in again.  ERR_AUTH: the
 * login was refused; ERR_TLS also where it was withheld, with the pin that
 * would help.  A GET of an Ops Manager that is locked or starting is API_BUSY. */
void api_call(struct api *a, enum fetch_verb verb, const char *path, const struct secret *json,
    const char *what, int64_t limit_ms, struct api_answer *out, struct err *e);
void api_answer_clear(struct api_answer *a);

#endif
