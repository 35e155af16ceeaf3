/* sim_wire.c - answers that libmicrohttpd would never send: composed here and
 * written into the TLS session of the connection, whose own thread we are. */
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

#define HEAD_MAX_BYTES 65536
#define WRITE_PATIENCE_MS 200

static gnutls_session_t session_of(const struct sim_exchange *x)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	return info != NULL ? info->tls_session : NULL;
}

/* True when all was written; false when the peer or the simulator has gone. */
static bool put(struct sim_exchange *x, gnutls_session_t tls, const char *bytes, size_t n)
{
	struct pollfd ready = { .fd = x->conn->fd, .events = POLLOUT };
	ssize_t done;

	while (n > 0) {
		done = gnutls_record_send(tls, bytes, n < 16384 ? n : 16384);
		if (done == GNUTLS_E_AGAIN || done == GNUTLS_E_INTERRUPTED) {
			if (!sim_sleep_ms(x->sim, 0))
				return false;
			(void)poll(&ready, 1, WRITE_PATIENCE_MS);
			continue;
		}
		if (done <= 0)
			return false;
		bytes += done;
		n -= (size_t)done;
	}
	return true;
}

/* At a speed; 0: at once. */
static bool put_slowly(struct sim_exchange *x, gnutls_session_t tls, const char *bytes, size_t n,
    int64_t bytes_per_s)
{
	int64_t pause_ms;
	size_t now;

	if (bytes_per_s <= 0)
		return put(x, tls, bytes, n);
	while (n > 0) {
		now = sim_piece(bytes_per_s, &pause_ms);
		now = n < now ? n : now;
		if (!put(x, tls, bytes, now) || !sim_sleep_ms(x->sim, pause_ms))
			return false;
		bytes += now;
		n -= now;
	}
	return true;
}

static void compose_head(const struct sim_exchange *x, struct buf *head)
{
	const struct sim_reply *rp = &x->rp;

	buf_addf(head, "HTTP/1.1 %u %s\r\n", rp->status, rp->status == 200 ? "OK" : "Answer");
	if (rp->content_type != NULL)
		buf_addf(head, "Content-Type: %s\r\n", rp->content_type);
	for (size_t i = 0; i < rp->n_headers; i++)
		buf_addf(head, "%s: %s\r\n", rp->headers[i].name, rp->headers[i].value);
}

static bool put_endless(struct sim_exchange *x, gnutls_session_t tls, int64_t bytes)
{
	char line[1024];

	memset(line, 'a', sizeof line);
	memcpy(line, "X-Filler: ", 10);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	for (; bytes > 0; bytes -= (int64_t)sizeof line) {
		if (!put(x, tls, line, sizeof line))
			return false;
	}
	return true;
}

void sim_wire_answer(struct sim_exchange *x)
{
	const struct sim_delivery *how = &x->delivery;
	gnutls_session_t tls = session_of(x);
	int64_t length = (int64_t)x->rp.body.len + how->length_off_by;
	struct buf head;
	bool up = tls != NULL;

	buf_init(&head, HEAD_MAX_BYTES);
	if (up && how->raw != NULL) {
		(void)put(x, tls, how->raw, strlen(how->raw));
		return;
	}
	compose_head(x, &head);
	if (up && how->endless_header_bytes > 0) {
		up = put(x, tls, head.data, head.len) &&
		    put_endless(x, tls, how->endless_header_bytes);
		buf_reset(&head);
	}
	buf_addf(&head, "Content-Length: %lld\r\nConnection: close\r\n\r\n",
	    (long long)(length > 0 ? length : 0));
	if (up)
		up = put_slowly(x, tls, head.data, head.len, how->header_bytes_per_s);
	sim_exchange_answered(x);
	if (up)
		(void)put_slowly(x, tls, buf_str(&x->rp.body), x->rp.body.len, how->bytes_per_s);
	buf_clear(&head);
}
