/* https_world.h - the certificates and the small helpers that the tests of
 * the network share. */
#ifndef CHECK_CERTS_HTTPS_WORLD_H
#define CHECK_CERTS_HTTPS_WORLD_H

#include "lib/source/fetch_internal.h"
#include "tests/unit/pki.h"
#include "tests/unit/tls_server.h"

#define WORLD_OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

enum world_cert {
	WORLD_CA, WORLD_OTHER_CA, WORLD_OLD_CA,
	WORLD_GOOD,               /* for localhost, 127.0.0.1 and ::1, by CA, as all below */
	WORLD_EXPIRED,
	WORLD_FUTURE,
	WORLD_ELSEWHERE,          /* for another name */
	WORLD_EXPIRED_ELSEWHERE,
	WORLD_UNDER_OLD_CA,       /* itself valid */
	WORLD_MIDDLE_CA,
	WORLD_UNDER_MIDDLE,
	WORLD_SELF,               /* signed by itself */
	WORLD_SELF_EXPIRED,
	WORLD_N
};

struct world {
	struct pki *certs[WORLD_N];
	char *files[WORLD_N];             /* PEM of each alone */
	struct trust trust;               /* by the file of WORLD_CA */
	struct fetch_limits limits;       /* that let a test end soon */
	bool is_slow;                     /* valgrind: everything takes many times as long */
};

extern struct world world;

/* For an unchecked fixture: they make and remove the scratch directory too. */
void world_make(void);
void world_remove(void);

/* A server with one of the certificates, on 127.0.0.1. */
struct tls_server *world_server(enum world_cert identity, const char *answer,
    void (*serve)(struct tls_conn *c));

/* "https://127.0.0.1:port" + path; "127.0.0.1:port".  Borrowed; the last
 * eight answers stay valid. */
const char *world_url(const struct tls_server *s, const char *path);
const char *world_address(const struct tls_server *s);

/* So long on a machine that is not slow. */
int64_t world_ms(int64_t ms);

/* One request from begin to end, with a deadline in world_ms.  Clear the
 * answer. */
struct fetch_answer world_fetch(const struct fetch_request *r, int64_t deadline_ms);

/* What check says when it is not root who asks: it runs in a child. */
bool world_as_nobody(bool (*check)(const void *arg), const void *arg);

/* The error has this code, and its sentence holds that text ("" for any). */
void world_expect(const struct err *e, enum err_code code, const char *text, const char *comment);

#endif
