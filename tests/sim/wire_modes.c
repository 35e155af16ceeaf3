/* wire_modes.c - the ways in which a listener can misbehave. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "tests/sim/sim_core.h"
#include "tests/sim/wire.h"

#define LINE_BYTES 1024

/* --- before or instead of TLS ------------------------------------------------ */

static void reset_at_once(struct wire_conn *c)
{
	sim_tcp_abort(c->fd);
}

static void close_at_once(struct wire_conn *c)
{
	(void)c;
}

static void stay_silent(struct wire_conn *c)
{
	while (wire_sleep_ms(c->wire, 1000))
		;
}

static void reset_after_hello(struct wire_conn *c)
{
	wire_hear(c);
	sim_tcp_abort(c->fd);
}

static void speak_plain(struct wire_conn *c)
{
	static const char text[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n"
	    "Connection: close\r\n\r\n<html><body>Plain HTTP here.</body></html>\r\n";

	(void)wire_send_raw(c, (const unsigned char *)text, sizeof text - 1);
	wire_hear(c);
}

static void speak_garbage(struct wire_conn *c)
{
	unsigned char noise[512];

	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (unsigned char)(i * 167 + 13);
	(void)wire_send_raw(c, noise, sizeof noise);
	wire_hear(c);
}

/* --- the handshake --------------------------------------------------------------- */

static int only_version(SSL_CTX *ctx, int version)
{
	return SSL_CTX_set_min_proto_version(ctx, version) == 1 &&
	    SSL_CTX_set_max_proto_version(ctx, version) == 1 ? 0 : -1;
}

static int prepare_tls10(const struct wire_mode *mode, int64_t number, SSL_CTX *ctx)
{
	(void)mode;
	(void)number;
	return only_version(ctx, TLS1_VERSION);
}

static int prepare_tls11(const struct wire_mode *mode, int64_t number, SSL_CTX *ctx)
{
	(void)mode;
	(void)number;
	return only_version(ctx, TLS1_1_VERSION);
}

/* Certificates travel in the clear up to TLS 1.2, which the damage needs. */
static int prepare_tls12(const struct wire_mode *mode, int64_t number, SSL_CTX *ctx)
{
	(void)mode;
	(void)number;
	return only_version(ctx, TLS1_2_VERSION);
}

static int demand_certificate(SSL_CTX *ctx, int version)
{
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return only_version(ctx, version);
}

static int prepare_demand12(const struct wire_mode *mode, int64_t number, SSL_CTX *ctx)
{
	(void)mode;
	(void)number;
	return demand_certificate(ctx, TLS1_2_VERSION);
}

static int prepare_demand13(const struct wire_mode *mode, int64_t number, SSL_CTX *ctx)
{
	(void)mode;
	(void)number;
	return demand_certificate(ctx, TLS1_3_VERSION);
}

/* The certificate again and again, as if it were a chain. */
static int prepare_long_chain(const struct wire_mode *mode, int64_t number, SSL_CTX *ctx)
{
	X509 *own = SSL_CTX_get0_certificate(ctx);

	(void)mode;
	for (int64_t i = 1; i < number; i++) {
		if (SSL_CTX_add1_chain_cert(ctx, own) != 1)
			return -1;
	}
	return 0;
}

/* Where the certificate stands in bytes on their way out; NULL: not there. */
static unsigned char *find_der(const struct wire_conn *c, unsigned char *bytes, size_t n)
{
	const struct sim_cert *cert = c->wire->cert;

	for (size_t i = 0; i + cert->der_len <= n; i++) {
		if (bytes[i] == cert->der[0] && memcmp(bytes + i, cert->der, cert->der_len) == 0)
			return bytes + i;
	}
	return NULL;
}

/* The inner SEQUENCE is none any more: no parser can take it. */
static void damage_form(const struct wire_conn *c, unsigned char *bytes, size_t n)
{
	unsigned char *der = find_der(c, bytes, n);

	if (der != NULL)
		der[4] = 0x07;
}

/* The signature's last byte. */
static void damage_signature(const struct wire_conn *c, unsigned char *bytes, size_t n)
{
	unsigned char *der = find_der(c, bytes, n);

	if (der != NULL)
		der[c->wire->cert->der_len - 1] ^= 0x01;
}

/* Both dates become letters: a certificate that parses, with dates that do not. */
static void damage_dates(const struct wire_conn *c, unsigned char *bytes, size_t n)
{
	unsigned char *der = find_der(c, bytes, n);

	for (size_t i = 0; der != NULL && i + 15 <= c->wire->cert->der_len; i++) {
		if (der[i] == 0x17 && der[i + 1] == 13 && der[i + 14] == 'Z')
			memset(der + i + 2, 'x', 12);
	}
}

/* --- the answer ---------------------------------------------------------------------- */

static void answer_reset(struct wire_conn *c)
{
	sim_tcp_abort(c->fd);
}

static void answer_half_then_reset(struct wire_conn *c)
{
	(void)wire_sends(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: 1000\r\n\r\n{\"results\":[");
	(void)wire_sleep_ms(c->wire, 50);
	sim_tcp_abort(c->fd);
}

static void answer_false_length(struct wire_conn *c)
{
	char header[160];

	snprintf(header, sizeof header, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %lld\r\n\r\n{\"results\":[]}", (long long)c->wire->number);
	(void)wire_sends(c, header);
}

static void answer_cut_header(struct wire_conn *c)
{
	(void)wire_sends(c, "HTTP/1.1 200 OK\r\nContent-Ty");
}

static void answer_nonsense(struct wire_conn *c)
{
	(void)wire_sends(c, "HTTP/9.9 banana\r\n\r\n");
}

static void answer_endless_header(struct wire_conn *c)
{
	char line[LINE_BYTES];

	memset(line, 'a', sizeof line);
	memcpy(line, "X-Filler: ", 10);
	memcpy(line + sizeof line - 2, "\r\n", 2);
	if (!wire_sends(c, "HTTP/1.1 200 OK\r\n"))
		return;
	while (wire_send(c, line, sizeof line))
		;
}

static void answer_endless_body(struct wire_conn *c)
{
	char line[LINE_BYTES];

	memset(line, ' ', sizeof line);
	if (!wire_sends(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"))
		return;
	while (wire_send(c, line, sizeof line))
		;
}

static void answer_script(struct wire_conn *c)
{
	(void)wire_send(c, buf_str(&c->wire->script), c->wire->script.len);
}

static void answer_no_goodbye(struct wire_conn *c)
{
	(void)wire_sends(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}");
}

static const struct wire_mode modes[] = {
	{ .name = "ok", .what = "a listener that behaves: 200 {}" },
	{ .name = "reset", .what = "resets each connection at once",
	    .instead_of_tls = reset_at_once },
	{ .name = "close", .what = "closes each connection at once",
	    .instead_of_tls = close_at_once },
	{ .name = "silent", .what = "accepts and says nothing", .instead_of_tls = stay_silent },
	{ .name = "plain", .what = "speaks HTTP without TLS", .instead_of_tls = speak_plain },
	{ .name = "garbage", .what = "sends noise instead of TLS",
	    .instead_of_tls = speak_garbage },
	{ .name = "reset-after-hello", .what = "resets after the client's first message",
	    .instead_of_tls = reset_after_hello },
	{ .name = "slow", .what = "everything at so many bytes a second (1)",
	    .value = WIRE_NUMBER, .otherwise = 1 },
	{ .name = "tls10", .what = "TLS 1.0 only", .prepare = prepare_tls10 },
	{ .name = "tls11", .what = "TLS 1.1 only", .prepare = prepare_tls11 },
	{ .name = "tls12", .what = "TLS 1.2 only", .prepare = prepare_tls12 },
	{ .name = "demand-certificate-12", .what = "TLS 1.2, demands a client certificate",
	    .prepare = prepare_demand12 },
	{ .name = "demand-certificate-13", .what = "TLS 1.3, demands a client certificate",
	    .prepare = prepare_demand13 },
	{ .name = "long-chain", .what = "its certificate so many times (100)",
	    .value = WIRE_NUMBER, .otherwise = 100, .prepare = prepare_long_chain },
	{ .name = "malformed-certificate", .what = "a certificate that no parser takes",
	    .prepare = prepare_tls12, .damage = damage_form },
	{ .name = "malformed-dates", .what = "a certificate whose dates are none",
	    .prepare = prepare_tls12, .damage = damage_dates },
	{ .name = "false-signature", .what = "a certificate with a wrong signature",
	    .prepare = prepare_tls12, .damage = damage_signature },
	{ .name = "reset-after-request", .what = "resets instead of an answer",
	    .answer = answer_reset },
	{ .name = "reset-half-body", .what = "resets in the middle of the body",
	    .answer = answer_half_then_reset },
	{ .name = "false-length", .what = "Content-Length says so much (1000), the body has 14",
	    .value = WIRE_NUMBER, .otherwise = 1000, .answer = answer_false_length },
	{ .name = "cut-header", .what = "ends within a header line", .answer = answer_cut_header },
	{ .name = "nonsense", .what = "a status line that is none", .answer = answer_nonsense },
	{ .name = "endless-header", .what = "header lines without end",
	    .answer = answer_endless_header },
	{ .name = "endless-body", .what = "a body without length and end",
	    .answer = answer_endless_body },
	{ .name = "no-goodbye", .what = "a body without length, cut without TLS's goodbye",
	    .answer = answer_no_goodbye },
	{ .name = "script", .what = "the bytes of this file are the answer",
	    .value = WIRE_TEXT, .answer = answer_script },
};

#define N_MODES (sizeof modes / sizeof modes[0])

const struct wire_mode *wire_mode_find(const char *name)
{
	for (size_t i = 0; i < N_MODES; i++) {
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	}
	return NULL;
}

void wire_modes_print(FILE *out)
{
	for (size_t i = 0; i < N_MODES; i++)
		fprintf(out, "  %-22s %s\n", modes[i].name, modes[i].what);
}
