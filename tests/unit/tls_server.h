/* tls_server.h - small TLS servers inside a test, each with the manners that
 * the test wants.  One thread accepts, one serves each connection. */
#ifndef CHECK_CERTS_TLS_SERVER_H
#define CHECK_CERTS_TLS_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include "tests/unit/pki.h"

struct tls_server;

/* One accepted connection, in its thread. */
struct tls_conn {
	struct tls_server *server;
	int fd;
	SSL *ssl;                    /* NULL when the server is raw */
	size_t nth;                  /* 0 is the server's first connection */
};

struct tls_server_options {
	const char *address;         /* NULL: 127.0.0.1 */
	const struct pki *identity;  /* NULL: raw, serve gets the bare socket */
	const struct pki *issuer;    /* sent along; may be NULL */
	const struct pki *const *more;   /* sent along after it */
	size_t n_more;
	int only_version;            /* TLS1_2_VERSION ...; 0: any */
	bool demands_client_cert;    /* any certificate will do */
	bool asks_client_cert;       /* the same, and goes on without one */
	unsigned delay_ms;           /* before the handshake */
	int (*on_name)(SSL *ssl, int *alert, void *arg);   /* sees the server name asked for */
	void *on_name_arg;
	const char *answer;          /* to every request, when serve is NULL */
	void (*serve)(struct tls_conn *c);
};

/* NULL when the address cannot be had (IPv6 is off). */
struct tls_server *tls_server_start(const struct tls_server_options *o);
int tls_server_port(const struct tls_server *s);
void tls_server_stop(struct tls_server *s);  /* NULL is fine; ends its connections */

/* What has been seen so far. */
size_t tls_server_connections(struct tls_server *s);
size_t tls_server_requests(struct tls_server *s);
size_t tls_server_bytes(struct tls_server *s);       /* of application data */
/* A copy of the last request (free it), "" when there was none. */
char *tls_server_last_request(struct tls_server *s);

/* For serve: read one request with its body.  -1: the client has gone. */
int tls_conn_request(struct tls_conn *c);
void tls_conn_send(struct tls_conn *c, const void *bytes, size_t n);
void tls_conn_text(struct tls_conn *c, const char *text);
void tls_conn_reset(struct tls_conn *c);             /* RST instead of an orderly end */
bool tls_conn_wait(struct tls_conn *c, unsigned ms);  /* false, and at once: the server is stopped */

#endif
