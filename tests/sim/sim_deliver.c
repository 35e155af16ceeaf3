/* sim_deliver.c - sending the answer, whole and at once or not. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

#define BLOCK_BYTES 32768

/* A body on its way, read by libmicrohttpd in the connection's thread. */
struct body {
	struct sim *sim;
	struct sim_exchange *exchange;   /* lives as long as the body is read */
	int fd;
	char *bytes;                  /* owned; NULL: filler */
	uint64_t len;
	uint64_t end;                 /* the connection ends here when that is before len */
	bool reset;                   /* ... with a reset */
	int64_t bytes_per_s;
};

static void body_free(void *cls)
{
	struct body *body = cls;

	free(body->bytes);
	free(body);
}

/* {"filler":"xxxx..."} of any length. */
static char filler_at(uint64_t pos, uint64_t len)
{
	static const char head[] = "{\"filler\":\"";

	if (pos < sizeof head - 1)
		return head[pos];
	if (pos + 2 >= len)
		return pos + 1 == len ? '}' : '"';
	return 'x';
}

static void copy_body(const struct body *body, uint64_t pos, char *out, size_t n)
{
	if (body->bytes != NULL) {
		memcpy(out, body->bytes + pos, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = filler_at(pos + i, body->len);
}

size_t sim_piece(int64_t bytes_per_s, int64_t *pause_ms)
{
	size_t piece = bytes_per_s > 20 ? (size_t)bytes_per_s / 20 : 1;

	*pause_ms = (int64_t)piece * 1000 / bytes_per_s;
	return piece;
}

static ssize_t read_body(void *cls, uint64_t pos, char *out, size_t max)
{
	struct body *body = cls;
	uint64_t left = body->end > pos ? body->end - pos : 0;

	if (left == 0 && body->end == body->len)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (left == 0) {
		if (body->reset)
			sim_tcp_abort(body->fd);
		return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	if (body->bytes_per_s > 0) {
		int64_t pause_ms;
		size_t piece = sim_piece(body->bytes_per_s, &pause_ms);

		max = max < piece ? max : piece;
		if (!sim_sleep_ms(body->sim, pause_ms))
			return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	if (left <= max) {
		max = (size_t)left;
		sim_exchange_answered(body->exchange);
	}
	copy_body(body, pos, out, max);
	return (ssize_t)max;
}

static struct MHD_Response *make_response(struct sim_exchange *x)
{
	const struct sim_delivery *how = &x->delivery;
	struct body *body;
	size_t len = x->rp.body.len;
	bool plain = how->cut_at < 0 && how->bytes_per_s == 0 && how->filler_bytes == 0;
	char *bytes = how->filler_bytes > 0 ? NULL : buf_take(&x->rp.body);

	if (plain && !x->rp.chunked)
		return MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
	body = mem_alloc(sizeof *body);
	body->sim = x->sim;
	body->exchange = x;
	body->fd = x->conn->fd;
	body->bytes = bytes;
	body->len = bytes == NULL ? (uint64_t)how->filler_bytes : len;
	body->end = how->cut_at >= 0 && (uint64_t)how->cut_at < body->len ?
	    (uint64_t)how->cut_at : body->len;
	body->reset = how->reset;
	body->bytes_per_s = how->bytes_per_s;
	return MHD_create_response_from_callback(x->rp.chunked ? MHD_SIZE_UNKNOWN : body->len,
	    BLOCK_BYTES, read_body, body, body_free);
}

static void add_date(struct sim_exchange *x)
{
	time_t at;
	struct tm tm;
	char text[64];

	sim_lock(x->sim);
	at = (time_t)sim_date_s(x->sim);
	sim_unlock(x->sim);
	if (gmtime_r(&at, &tm) != NULL &&
	    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0)
		sim_reply_header(&x->rp, "Date", "%s", text);
}

static bool is_wire(const struct sim_delivery *how)
{
	return how->raw != NULL || how->length_off_by != 0 || how->header_bytes_per_s > 0 ||
	    how->endless_header_bytes > 0;
}

/* An answer that is slow on purpose is in flight until its last byte.  Any
 * other is counted as answered before it is sent: the library tells its end
 * only after the client may have asked again. */
static bool is_slow(const struct sim_delivery *how)
{
	return how->bytes_per_s > 0 || how->header_bytes_per_s > 0 || how->endless_header_bytes > 0;
}

enum MHD_Result sim_deliver(struct sim_exchange *x)
{
	struct MHD_Response *response;
	enum MHD_Result queued;

	if (!is_slow(&x->delivery))
		sim_exchange_answered(x);
	if (x->delivery.restart_ms > 0) {
		sim_lock(x->sim);
		x->sim->serving = x->conn;
		sim_restart_listener(x->sim, x->conn->address, x->delivery.restart_ms);
		x->sim->serving = NULL;
		sim_unlock(x->sim);
	}
	if (x->rp.lose)
		return MHD_NO;
	if (x->delivery.reset && x->delivery.cut_at == 0) {
		sim_tcp_abort(x->conn->fd);
		return MHD_NO;
	}
	if (x->conn->last)
		sim_reply_header(&x->rp, "Connection", "close");
	add_date(x);
	if (is_wire(&x->delivery)) {
		sim_wire_answer(x);
		return MHD_NO;
	}
	response = make_response(x);
	if (response == NULL)
		return MHD_NO;
	if (x->rp.content_type != NULL)
		MHD_add_response_header(response, "Content-Type", x->rp.content_type);
	for (size_t i = 0; i < x->rp.n_headers; i++)
		MHD_add_response_header(response, x->rp.headers[i].name, x->rp.headers[i].value);
	queued = MHD_queue_response(x->connection, x->rp.status, response);
	MHD_destroy_response(response);
	return queued;
}
