/* login.h - when a login must not be tried: the same one was refused before,
 * or the listener's certificate has expired. */
#ifndef CHECK_CERTS_LOGIN_H
#define CHECK_CERTS_LOGIN_H

#include <stdint.h>
#include "lib/base/err.h"
#include "lib/source/fetch.h"

/* Whose refusals are remembered where; everything is borrowed. */
struct login_guard {
	const char *dir;                 /* writable; NULL: nothing is remembered */
	const char *account;             /* name of the account's file there */
	const char *credentials_path;    /* for the sentences; may be NULL */
	int64_t retry_s;                 /* so long a refusal counts */
	int64_t now_at;
};

/* A refused login is not tried again until the credentials file, whose
 * identity is given, changes or retry_s has passed.  ERR_AUTH with the
 * sentence when it must not be tried now. */
int login_held(const struct login_guard *g, const char *identity, struct err *e) MUST_USE;
int login_refused(const struct login_guard *g, const char *identity, struct err *e) MUST_USE;
void login_worked(const struct login_guard *g);

/* *e for a listener whose own certificate has expired (fetch_answer's
 * only_expired): what was withheld, and the pin that lets it go on.  Returns -1. */
int login_withheld(const struct fetch_chain *chain, const char *endpoint, struct err *e);

#endif
