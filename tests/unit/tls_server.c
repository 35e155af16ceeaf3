/* tls_server.c - small TLS servers inside a test. */
#include "tests/unit/tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define REQUEST_MAX 65536

struct tls_server {
	struct tls_server_options o;
	SSL_CTX *ctx;
	int fd, port;
	pthread_t acceptor, workers[CONNECTIONS_MAX];
	int fds[CONNECTIONS_MAX];    /* of the workers; -1: closed */
	pthread_mutex_t mutex;       /* for what follows, and fds */
	bool stopping;
	size_t n_connections, n_requests, n_bytes;
	char last[REQUEST_MAX + 1];
};

struct start { struct tls_server *server; size_t nth; };

static void need(bool works, const char *what)
{
	if (works)
		return;
	perror(what);
	abort();
}

/* --- one connection ------------------------------------------------------------ */

static int read_some(struct tls_conn *c, char *to, size_t n)
{
	const int got = c->ssl != NULL ? SSL_read(c->ssl, to, (int)n) : (int)recv(c->fd, to, n, 0);

	if (got <= 0)
		return -1;
	pthread_mutex_lock(&c->server->mutex);
	c->server->n_bytes += (size_t)got;
	pthread_mutex_unlock(&c->server->mutex);
	return got;
}

static size_t body_length(const char *head)
{
	const char *line = strstr(head, "\r\nContent-Length:");

	return line != NULL ? strtoul(line + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

int tls_conn_request(struct tls_conn *c)
{
	char *text = calloc(1, REQUEST_MAX + 1), *end = NULL;
	size_t n = 0;
	int got = 0;

	need(text != NULL, "memory");
	while (n < REQUEST_MAX && (end == NULL || n < (size_t)(end - text) + 4 + body_length(text))) {
		got = read_some(c, text + n, REQUEST_MAX - n);
		if (got < 0)
			break;
		n += (size_t)got;
		end = strstr(text, "\r\n\r\n");
	}
	if (got >= 0) {
		pthread_mutex_lock(&c->server->mutex);
		c->server->n_requests++;
		memcpy(c->server->last, text, n + 1);
		pthread_mutex_unlock(&c->server->mutex);
	}
	free(text);
	return got < 0 ? -1 : 0;
}

void tls_conn_send(struct tls_conn *c, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		const int piece = n > 16384 ? 16384 : (int)n;
		const int sent = c->ssl != NULL ? SSL_write(c->ssl, p, piece)
		    : (int)send(c->fd, p, (size_t)piece, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

void tls_conn_text(struct tls_conn *c, const char *text)
{
	tls_conn_send(c, text, strlen(text));
}

void tls_conn_reset(struct tls_conn *c)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	if (c->ssl != NULL)
		SSL_set_quiet_shutdown(c->ssl, 1);
}

bool tls_conn_wait(struct tls_conn *c, unsigned ms)
{
	bool stopping = false;

	for (; ms > 0 && !stopping; ms -= ms < 10 ? ms : 10) {
		poll(NULL, 0, ms < 10 ? (int)ms : 10);
		pthread_mutex_lock(&c->server->mutex);
		stopping = c->server->stopping;
		pthread_mutex_unlock(&c->server->mutex);
	}
	return !stopping;
}

static void answer_all(struct tls_conn *c)
{
	while (tls_conn_request(c) == 0)
		tls_conn_text(c, c->server->o.answer);
}

static void serve(struct tls_conn *c)
{
	struct tls_server *s = c->server;

	(void)tls_conn_wait(c, s->o.delay_ms);
	if (s->ctx != NULL) {
		c->ssl = SSL_new(s->ctx);
		need(c->ssl != NULL && SSL_set_fd(c->ssl, c->fd), "SSL_new");
		if (SSL_accept(c->ssl) != 1)
			return;
	}
	if (s->o.serve != NULL)
		s->o.serve(c);
	else if (s->o.answer != NULL)
		answer_all(c);
	if (c->ssl != NULL)
		SSL_shutdown(c->ssl);
}

static void *work(void *arg)
{
	struct start *start = arg;
	struct tls_server *s = start->server;
	struct tls_conn c = { .server = s, .nth = start->nth };

	free(start);
	pthread_mutex_lock(&s->mutex);
	c.fd = s->fds[c.nth];
	pthread_mutex_unlock(&s->mutex);
	serve(&c);
	SSL_free(c.ssl);
	pthread_mutex_lock(&s->mutex);
	close(c.fd);
	s->fds[c.nth] = -1;
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

/* --- the server -------------------------------------------------------------------- */

static void *accept_all(void *arg)
{
	struct tls_server *s = arg;

	for (;;) {
		const int fd = accept(s->fd, NULL, NULL);
		struct start *start = calloc(1, sizeof *start);

		need(start != NULL, "memory");
		pthread_mutex_lock(&s->mutex);
		if (fd < 0 || s->stopping || s->n_connections == CONNECTIONS_MAX) {
			pthread_mutex_unlock(&s->mutex);
			free(start);
			if (fd >= 0)
				close(fd);
			return NULL;
		}
		*start = (struct start){ s, s->n_connections };
		s->fds[s->n_connections] = fd;
		need(pthread_create(&s->workers[s->n_connections], NULL, work, start) == 0, "thread");
		s->n_connections++;
		pthread_mutex_unlock(&s->mutex);
	}
}

static int accept_any(int ok, X509_STORE_CTX *store_ctx)
{
	(void)ok;
	(void)store_ctx;
	return 1;
}

static SSL_CTX *make_ctx(const struct tls_server_options *o)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	need(ctx != NULL && SSL_CTX_use_certificate(ctx, o->identity->cert) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, o->identity->key) == 1, "server context");
	if (o->issuer != NULL)
		need(SSL_CTX_add1_chain_cert(ctx, o->issuer->cert) == 1, "chain");
	for (size_t i = 0; i < o->n_more; i++)
		need(SSL_CTX_add1_chain_cert(ctx, o->more[i]->cert) == 1, "chain");
	if (o->only_version != 0) {
		SSL_CTX_set_min_proto_version(ctx, o->only_version);
		SSL_CTX_set_max_proto_version(ctx, o->only_version);
		SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0");
	}
	if (o->on_name != NULL) {
		SSL_CTX_set_tlsext_servername_callback(ctx, o->on_name);
		SSL_CTX_set_tlsext_servername_arg(ctx, o->on_name_arg);
	}
	if (o->demands_client_cert)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
	else if (o->asks_client_cert)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, accept_any);
	return ctx;
}

static int listen_on(const char *address, int *port)
{
	const bool is_v6 = strchr(address, ':') != NULL;
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr *sa = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
	socklen_t n = is_v6 ? sizeof v6 : sizeof v4;
	const int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (inet_pton(sa->sa_family, address, is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1 ||
	    bind(fd, sa, n) != 0 || listen(fd, 512) != 0 || getsockname(fd, sa, &n) != 0) {
		close(fd);
		return -1;
	}
	*port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
	return fd;
}

struct tls_server *tls_server_start(const struct tls_server_options *o)
{
	struct tls_server *s = calloc(1, sizeof *s);

	need(s != NULL, "memory");
	signal(SIGPIPE, SIG_IGN);
	s->o = *o;
	s->fd = listen_on(o->address != NULL ? o->address : "127.0.0.1", &s->port);
	if (s->fd < 0) {
		free(s);
		return NULL;
	}
	if (o->identity != NULL)
		s->ctx = make_ctx(o);
	pthread_mutex_init(&s->mutex, NULL);
	need(pthread_create(&s->acceptor, NULL, accept_all, s) == 0, "thread");
	return s;
}

int tls_server_port(const struct tls_server *s)
{
	return s->port;
}

void tls_server_stop(struct tls_server *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->mutex);
	s->stopping = true;
	for (size_t i = 0; i < s->n_connections; i++)
		if (s->fds[i] >= 0)
			shutdown(s->fds[i], SHUT_RDWR);
	pthread_mutex_unlock(&s->mutex);
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->acceptor, NULL);
	for (size_t i = 0; i < s->n_connections; i++)
		pthread_join(s->workers[i], NULL);
	close(s->fd);
	pthread_mutex_destroy(&s->mutex);
	SSL_CTX_free(s->ctx);
	free(s);
}

static size_t locked_value(struct tls_server *s, const size_t *value)
{
	size_t n;

	pthread_mutex_lock(&s->mutex);
	n = *value;
	pthread_mutex_unlock(&s->mutex);
	return n;
}

size_t tls_server_connections(struct tls_server *s)
{
	return locked_value(s, &s->n_connections);
}

size_t tls_server_requests(struct tls_server *s)
{
	return locked_value(s, &s->n_requests);
}

size_t tls_server_bytes(struct tls_server *s)
{
	return locked_value(s, &s->n_bytes);
}

char *tls_server_last_request(struct tls_server *s)
{
	char *copy;

	pthread_mutex_lock(&s->mutex);
	copy = strdup(s->last);
	pthread_mutex_unlock(&s->mutex);
	need(copy != NULL, "memory");
	return copy;
}
