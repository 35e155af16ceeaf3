/* sim_http.c - one request from its first line to its answer. */
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

static bool is_local(const struct sockaddr *peer)
{
	if (peer->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)peer;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	if (peer->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)peer;

		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	}
	return false;
}

static struct sim_conn *conn_new(struct sim *sim, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info;
	struct sim_conn *conn = mem_alloc(sizeof *conn);

	conn->sim = sim;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	conn->fd = info->connect_fd;
	if (!sim_local_address(conn->fd, conn->address, &conn->port))
		conn->address[0] = '\0';
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	conn->peer_is_local = is_local(info->client_addr);
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (info != NULL && info->tls_session != NULL) {
		gnutls_db_set_ptr(info->tls_session, conn);
		/* Name no authorities: any client certificate may be shown. */
		gnutls_certificate_send_x509_rdn_sequence(info->tls_session, 1);
	}
	sim_lock(sim);
	conn->next = sim->conns;
	sim->conns = conn;
	sim_unlock(sim);
	return conn;
}

static void conn_free(struct sim *sim, struct sim_conn *conn)
{
	struct sim_conn **at;

	sim_lock(sim);
	for (at = &sim->conns; *at != NULL && *at != conn; at = &(*at)->next)
		;
	if (*at == conn)
		*at = conn->next;
	sim_unlock(sim);
	free(conn);
}

void sim_conn_notify(void *sim, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = conn_new(sim, connection);
	} else if (*socket_context != NULL) {
		conn_free(sim, *socket_context);
		*socket_context = NULL;
	}
}

void *sim_exchange_new(void *sim, const char *uri, struct MHD_Connection *connection)
{
	struct sim_exchange *x = mem_alloc(sizeof *x);

	x->sim = sim;
	x->connection = connection;
	x->target = mem_strdup(uri);
	x->delivery.cut_at = -1;
	buf_init(&x->body, SIM_REQUEST_MAX_BYTES);
	sim_reply_init(&x->rp);
	return x;
}

void sim_exchange_answered(struct sim_exchange *x)
{
	sim_lock(x->sim);
	if (x->in_flight)
		x->sim->n_in_flight--;
	x->in_flight = false;
	sim_unlock(x->sim);
}

void sim_exchange_done(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode why)
{
	struct sim *sim = cls;
	struct sim_exchange *x = *context;

	(void)connection;
	(void)why;
	if (x == NULL)
		return;
	sim_exchange_answered(x);
	sim_lock(sim);
	sim_hits_drop(&x->hits);
	sim_unlock(sim);
	sim_reply_clear(&x->rp);
	buf_wipe(&x->body);
	free(x->target);
	free(x);
	*context = NULL;
}

static void fill_request(struct sim_exchange *x, const char *method, const char *path)
{
	struct sim_request *rq = &x->rq;

	rq->method = method;
	rq->path = path;
	rq->target = x->target;
	rq->body = buf_str(&x->body);
	rq->body_len = x->body.len;
	rq->address = x->conn->address;
	rq->port = x->conn->port;
	rq->client_der = sim_tls_client(x->connection, &rq->client_der_len);
	rq->connection = x->connection;
}

/* The request is complete: it gets its number, and meets its faults. */
static void enter(struct sim_exchange *x)
{
	struct sim_subject subject = {
		.place = SIM_AT_REQUEST, .method = x->rq.method, .path = x->rq.path,
		.target = x->rq.target, .address = x->conn->address
	};
	const char *const *own = x->sim->product->faults;

	sim_lock(x->sim);
	x->rq.now_ms = sim_now_ms(x->sim);
	x->rq.n_in_flight = x->sim->n_in_flight;
	sim_faults_meet(x->sim->faults, &subject, &x->hits);
	for (size_t i = 0; own != NULL && own[i] != NULL; i++) {
		const struct sim_fault *fault = sim_hits_find(&x->hits, own[i]);

		if (fault != NULL && x->rq.fault.what == NULL) {
			x->rq.fault.what = own[i];
			x->rq.fault.value = sim_fault_value(fault);
		}
	}
	x->log_number = sim_log_enter(x->sim->log, x);
	sim_unlock(x->sim);
}

static void work(struct sim_exchange *x)
{
	sim_lock(x->sim);
	x->rq.now_ms = sim_now_ms(x->sim);
	x->sim->serving = x->conn;
	x->sim->product->handle(x->sim->world->state, &x->rq, &x->rp);
	x->sim->serving = NULL;
	sim_unlock(x->sim);
}

static enum MHD_Result answer(struct sim_exchange *x)
{
	if (strncmp(x->rq.path, "/_sim/", 6) == 0) {
		sim_control(x);
		return sim_deliver(x);
	}
	enter(x);
	sim_act(x, SIM_BEFORE);
	sim_act(x, SIM_INSTEAD);
	if (!x->answered && x->body.overflow)
		sim_reply_set(&x->rp, 413, NULL);
	else if (!x->answered)
		work(x);
	sim_act(x, SIM_AFTER);
	sim_lock(x->sim);
	sim_log_outcome(x->sim->log, x->log_number, x);
	sim_unlock(x->sim);
	return sim_deliver(x);
}

enum MHD_Result sim_exchange_step(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_len, void **context)
{
	struct sim_exchange *x = *context;
	const union MHD_ConnectionInfo *info;

	(void)version;
	if (!x->started) {
		x->started = true;
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
		x->conn = info->socket_context;
		x->in_flight = strncmp(url, "/_sim/", 6) != 0;
		sim_lock(cls);
		x->sim->n_in_flight += x->in_flight;
		sim_unlock(cls);
		return MHD_YES;
	}
	if (*upload_len > 0) {
		/* Beyond the ceiling the bytes are read and forgotten: 413 at the end. */
		(void)buf_add(&x->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	fill_request(x, method, url);
	return answer(x);
}
