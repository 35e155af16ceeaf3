/* issuer.h - the program that turns a signing request into a chain (ACME,
 * Vault, AD CS ...).
 *
 * It gets the request on standard input, a clean environment (PATH, LANG,
 * CHECK_CERTS_TARGET), no shell, no open descriptor besides 0, 1 and 2, its
 * own process group; it must answer with PEM on standard output within the
 * time limit, at most ISSUER_OUTPUT_MAX bytes.  What it says on standard error
 * ends up, cleaned and cut, in the error.  SIGPIPE must be ignored here. */
#ifndef CHECK_CERTS_ISSUER_H
#define CHECK_CERTS_ISSUER_H

#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define ISSUER_OUTPUT_MAX ((size_t)256 * 1024)
#define ISSUER_LIMIT_S 300

/* ERR_CONFIG: the program cannot be run, or others may write it; ERR_TIMEOUT;
 * ERR_REFUSED: it failed, with its words. */
int issuer_run(const char *program, const char *target, const struct buf *request, int64_t limit_s,
    struct buf *chain_pem, struct err *e) MUST_USE;

#endif
