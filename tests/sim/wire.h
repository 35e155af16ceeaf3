/* wire.h - what the files of wire_sim share: one misbehaving listener.
 *
 * TLS runs over memory, and every byte passes through our hands on its way to
 * the socket: so it can be slowed down, cut, or damaged below TLS. */
#ifndef CHECK_CERTS_WIRE_H
#define CHECK_CERTS_WIRE_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include "lib/base/buf.h"
#include "tests/sim/sim_cert.h"

struct wire_conn;

enum wire_value { WIRE_NO_VALUE, WIRE_NUMBER, WIRE_TEXT };

/* One way to misbehave.  NULL: behave. */
struct wire_mode {
	const char *name;
	const char *what;             /* for --help */
	enum wire_value value;
	int64_t otherwise;            /* the number without a value; 0: a value is needed */
	void (*instead_of_tls)(struct wire_conn *c);
	int (*prepare)(const struct wire_mode *mode, int64_t number, SSL_CTX *ctx);
	void (*damage)(const struct wire_conn *c, unsigned char *bytes, size_t n);
	void (*answer)(struct wire_conn *c);   /* after the request's header; behaves: 200 {} */
};

struct wire {
	const struct wire_mode *mode;
	int64_t number;               /* the mode's value */
	struct buf script;            /* of mode "script" */
	const struct sim_cert *cert;
	SSL_CTX *ctx;
	int listen_fd;
	int64_t bytes_per_s;          /* of everything sent; 0: at once */
	pthread_mutex_t lock;         /* what follows */
	pthread_cond_t changed;
	bool stopping;
	struct wire_conn *conns;
	size_t n_conns;
};

struct wire_conn {
	struct wire_conn *next;
	struct wire *wire;
	int fd;
	SSL *tls;
	BIO *in, *out;                /* of tls */
};

/* --- wire_modes.c ------------------------------------------------------------- */

const struct wire_mode *wire_mode_find(const char *name);
void wire_modes_print(FILE *out);

/* --- wire_tls.c ------------------------------------------------------------------ */

/* A server context for cert; the mode's own demands come on top. */
SSL_CTX *wire_context(const struct wire *wire, struct err *e) MUST_USE;
/* Shake hands, read a request's header, answer, say goodbye. */
void wire_serve_tls(struct wire_conn *c);
/* False when the peer or we have gone. */
bool wire_send(struct wire_conn *c, const char *bytes, size_t n);
bool wire_sends(struct wire_conn *c, const char *text);
/* Bytes as they are, below TLS, at the wire's speed. */
bool wire_send_raw(struct wire_conn *c, const unsigned char *bytes, size_t n);
/* Read until the peer says something, or goes. */
void wire_hear(struct wire_conn *c);

/* --- wire.c --------------------------------------------------------------------------- */

/* False as soon as the listener ends. */
bool wire_sleep_ms(struct wire *wire, int64_t ms);

#endif
