/* wire_tls.c - TLS over memory, with every byte in our hands. */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "tests/sim/wire.h"

#define REQUEST_MAX_BYTES 65536

SSL_CTX *wire_context(const struct wire *wire, struct err *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	/* Level 0 and every version: a mode says what is on offer. */
	if (ctx == NULL || SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0") != 1 ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) != 1 ||
	    SSL_CTX_use_certificate(ctx, wire->cert->x509) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, wire->cert->key) != 1)
		goto fail;
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	for (const struct sim_cert *c = wire->cert->issuer; c != NULL; c = c->issuer) {
		if (SSL_CTX_add1_chain_cert(ctx, c->x509) != 1)
			goto fail;
	}
	if (wire->mode->prepare != NULL && wire->mode->prepare(wire->mode, wire->number, ctx) != 0)
		goto fail;
	return ctx;
fail:
	err_set(e, ERR_CONFIG, "no TLS with this certificate in this mode: %s",
	    ERR_reason_error_string(ERR_peek_last_error()));
	ERR_clear_error();
	SSL_CTX_free(ctx);
	return NULL;
}

bool wire_send_raw(struct wire_conn *c, const unsigned char *bytes, size_t n)
{
	int64_t speed = c->wire->bytes_per_s;
	size_t piece = speed > 20 ? (size_t)speed / 20 : 1;

	while (n > 0) {
		size_t now = speed == 0 || n < piece ? n : piece;
		ssize_t done = send(c->fd, bytes, now, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		bytes += done;
		n -= (size_t)done;
		if (speed > 0 && !wire_sleep_ms(c->wire, (int64_t)now * 1000 / speed))
			return false;
	}
	return true;
}

/* What TLS wants to say goes out, damaged when the mode says so. */
static bool pump_out(struct wire_conn *c)
{
	unsigned char *bytes = NULL;
	long n = BIO_get_mem_data(c->out, &bytes);
	unsigned char *copy;
	bool up;

	if (n <= 0)
		return true;
	copy = mem_dup(bytes, (size_t)n);
	(void)BIO_reset(c->out);
	if (c->wire->mode->damage != NULL)
		c->wire->mode->damage(c, copy, (size_t)n);
	up = wire_send_raw(c, copy, (size_t)n);
	free(copy);
	return up;
}

static bool pump_in(struct wire_conn *c)
{
	unsigned char bytes[16384];
	ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);

	return n > 0 && BIO_write(c->in, bytes, (int)n) == (int)n;
}

void wire_hear(struct wire_conn *c)
{
	unsigned char bytes[4096];

	(void)recv(c->fd, bytes, sizeof bytes, 0);
}

/* Go on with what returned status; false when it cannot be gone on with. */
static bool more(struct wire_conn *c, int status)
{
	int why = SSL_get_error(c->tls, status);

	return pump_out(c) && why == SSL_ERROR_WANT_READ && pump_in(c);
}

static bool shake_hands(struct wire_conn *c)
{
	int status;

	do {
		ERR_clear_error();
		status = SSL_accept(c->tls);
	} while (status != 1 && more(c, status));
	return status == 1 && pump_out(c);
}

static bool read_header(struct wire_conn *c)
{
	char request[REQUEST_MAX_BYTES + 1];
	size_t len = 0;
	int n;

	while (len < REQUEST_MAX_BYTES) {
		n = SSL_read(c->tls, request + len, (int)(REQUEST_MAX_BYTES - len));
		if (n > 0) {
			len += (size_t)n;
			request[len] = '\0';
			if (strstr(request, "\r\n\r\n") != NULL)
				return true;
		} else if (!more(c, n)) {
			return false;
		}
	}
	return false;
}

bool wire_send(struct wire_conn *c, const char *bytes, size_t n)
{
	while (n > 0) {
		int now = n < 16384 ? (int)n : 16384;

		if (SSL_write(c->tls, bytes, now) != now || !pump_out(c))
			return false;
		bytes += now;
		n -= (size_t)now;
	}
	return true;
}

bool wire_sends(struct wire_conn *c, const char *text)
{
	return wire_send(c, text, strlen(text));
}

static void behave(struct wire_conn *c)
{
	(void)wire_sends(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: 2\r\nConnection: close\r\n\r\n{}");
}

void wire_serve_tls(struct wire_conn *c)
{
	c->tls = SSL_new(c->wire->ctx);
	c->in = BIO_new(BIO_s_mem());
	c->out = BIO_new(BIO_s_mem());
	if (c->tls == NULL || c->in == NULL || c->out == NULL) {
		BIO_free(c->in);
		BIO_free(c->out);
		goto out;
	}
	BIO_set_mem_eof_return(c->in, -1);
	SSL_set_bio(c->tls, c->in, c->out);
	if (!shake_hands(c) || !read_header(c))
		goto out;
	if (c->wire->mode->answer != NULL)
		c->wire->mode->answer(c);
	else
		behave(c);
	if (c->wire->mode->answer == NULL) {
		(void)SSL_shutdown(c->tls);
		(void)pump_out(c);
	}
out:
	ERR_clear_error();
	SSL_free(c->tls);
	c->tls = NULL;
}
