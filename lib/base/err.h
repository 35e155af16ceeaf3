/* err.h - the one error type: a code, and one bounded sentence.
 *
 * A fallible function returns int (0 / -1) or a pointer (NULL) and takes a
 * struct err * last.  The error lives on the caller's stack, so reporting one
 * cannot fail.  It is set where it is detected, with the fact that matters,
 * and gains context on the way up by prefixing ("prod: certificates, page 2:
 * ...").  One line, no full stop, no function names, never a secret. */
#ifndef CHECK_CERTS_ERR_H
#define CHECK_CERTS_ERR_H

#include <stdarg.h>

#define ERR_TEXT_BYTES 512

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Each code exists because somebody acts on it. */
enum err_code {
	ERR_NONE = 0,
	ERR_USAGE,        /* the command line */
	ERR_CONFIG,       /* the configuration file, a credential or CA file */
	ERR_IO,           /* a local file or directory */
	ERR_UNREACHABLE,  /* name, route, connection, reset */
	ERR_TIMEOUT,      /* the deadline, or a stalled peer */
	ERR_TLS,          /* the peer is not who it must be */
	ERR_AUTH,         /* login refused: never try again by itself */
	ERR_ANSWER,       /* the answer was not understood */
	ERR_REFUSED,      /* the server understood and said no */
	ERR_BUSY,         /* locked, starting, rate limit, somebody else at work */
	ERR_AMBIGUOUS     /* more than one reading; a person must look */
};

struct err {
	enum err_code code;
	char text[ERR_TEXT_BYTES];
};

/* Set *e (may be NULL: then nothing is stored).  Always returns -1, so that
 * "return err_set(e, ...)" reads well.  Control characters that came in with
 * an argument are stored as '?'; text beyond ERR_TEXT_BYTES - 1 is cut. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Put context in front: "<context>: <text>".  Always returns -1.  Keeps the
 * code.  No effect on an e without an error. */
int err_prefix(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Back to "no error". */
void err_clear(struct err *e);

/* A stable lower-case word for a code ("unreachable"), for traces and tests. */
const char *err_code_name(enum err_code code);

#endif
