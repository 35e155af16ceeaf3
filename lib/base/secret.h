/* secret.h - passwords, tokens and cookies: loaded from a file, wiped, never
 * printed.
 *
 * Wiping overwrites our copy.  It cannot reach copies in registers, in
 * libcurl's handles (it keeps the credentials of a transfer until the handle
 * is freed) or in pages the kernel moved. */
#ifndef CHECK_CERTS_SECRET_H
#define CHECK_CERTS_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"

struct secret {
	char *bytes;     /* owned, NUL-terminated; NULL when absent */
	size_t len;
};

/* Copy the bytes in; what was there is wiped. */
void secret_set(struct secret *s, const char *bytes, size_t len);

/* Wipe and free; NULL inside is fine. */
void secret_wipe(struct secret *s);

/* How a target is logged into. */
enum login {
	LOGIN_NONE,             /* no credentials file was named */
	LOGIN_BASIC,            /* username=, password= */
	LOGIN_SESSION,          /* the same with login=session: NSX session cookie + XSRF */
	LOGIN_CLIENT_CERT,      /* client_cert=, client_key= (paths) */
	LOGIN_CLIENT            /* client_id=, client_secret= (OAuth2) */
};

struct credentials {
	enum login login;
	struct secret user;          /* username or client_id */
	struct secret password;      /* password or client_secret */
	char *client_cert_path;      /* owned */
	char *client_key_path;       /* owned */
	char identity[64];           /* of the file: device, inode, size, mtime; changes with it */
};

/* Read a credentials file: "key=value" lines, '#' and ';' comments, blanks
 * around key and value trimmed, no value empty.
 * ERR_CONFIG, with the chmod or chown to run, when it is not a regular file
 * (O_NOFOLLOW), not owned by root or the effective user, readable by others,
 * or writable by group or others; when a key is unknown, double, or the
 * needed partner is missing; when larger than 64 KiB.  A client_key file
 * must pass the same test.  Fills *c (zeroed first); credentials_wipe always. */
int credentials_load(const char *path, struct credentials *c, struct err *e) MUST_USE;
void credentials_wipe(struct credentials *c);

/* The rights test alone, on an open descriptor; path is for the message.
 * secret = also refuse "readable by others". */
int secret_check_fd(int fd, const char *path, bool secret, struct err *e) MUST_USE;

#endif
