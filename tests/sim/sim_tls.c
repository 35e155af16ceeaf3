/* sim_tls.c - which certificate an address presents, and what the client showed. */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "tests/sim/sim_core.h"

bool sim_local_address(int fd, char address[SIM_ADDRESS_BYTES], int *port)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof own;
	char service[8];

	memset(&own, 0, sizeof own);
	if (getsockname(fd, (struct sockaddr *)&own, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&own, len, address, SIM_ADDRESS_BYTES, service,
	    sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return false;
	*port = atoi(service);
	return true;
}

/* Connecting a connected socket to no address makes Linux send a reset at
 * once, without taking the descriptor from under libmicrohttpd. */
void sim_tcp_abort(int fd)
{
	struct sockaddr nowhere;

	memset(&nowhere, 0, sizeof nowhere);
	nowhere.sa_family = AF_UNSPEC;
	(void)connect(fd, &nowhere, sizeof nowhere);
}

/* Copies of what is served now, handed over to GnuTLS: a scenario may replace
 * the original while the handshake is under way. */
struct served {
	char *pem;
	char *key_pem;
};

static struct served copy_served(struct sim *sim, const char *address)
{
	struct served copy = { NULL, NULL };
	const struct sim_cert *cert;
	struct buf pem;

	sim_lock(sim);
	cert = sim->product->serves(sim->world->state, address);
	if (cert != NULL) {
		buf_init(&pem, 1u << 20);
		/* What the inventory shows may be in the wrong order on purpose; GnuTLS
		 * would refuse that, so a listener always serves leaf first. */
		for (const struct sim_cert *c = cert; c != NULL; c = c->issuer) {
			if (c == cert || cert->chain != SIM_CHAIN_LEAF)
				buf_adds(&pem, c->leaf_pem);
		}
		copy.pem = buf_take(&pem);
		copy.key_pem = sim_cert_key_pem(cert);
	}
	sim_unlock(sim);
	return copy;
}

#define SERVED_CHAIN_MAX 16

static int import(const struct served *copy, gnutls_pcert_st **chain, unsigned *n_chain,
    gnutls_privkey_t *key)
{
	gnutls_datum_t pem = { (unsigned char *)copy->pem, (unsigned)strlen(copy->pem) };
	gnutls_datum_t key_pem = { (unsigned char *)copy->key_pem,
		(unsigned)strlen(copy->key_pem) };
	gnutls_pcert_st *list = gnutls_calloc(SERVED_CHAIN_MAX, sizeof *list);
	unsigned n = SERVED_CHAIN_MAX;

	*key = NULL;
	if (list == NULL)
		return -1;
	if (gnutls_pcert_list_import_x509_raw(list, &n, &pem, GNUTLS_X509_FMT_PEM, 0) < 0) {
		gnutls_free(list);
		return -1;
	}
	if (gnutls_privkey_init(key) < 0 ||
	    gnutls_privkey_import_x509_raw(*key, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0) {
		for (unsigned i = 0; i < n; i++)
			gnutls_pcert_deinit(&list[i]);
		gnutls_free(list);
		gnutls_privkey_deinit(*key);
		return -1;
	}
	*chain = list;
	*n_chain = n;
	return 0;
}

/* The faults of a handshake: a pause, or the end of it. */
static bool handshake_faults(struct sim_conn *conn)
{
	struct sim_subject subject = { .place = SIM_AT_HANDSHAKE, .address = conn->address };
	struct sim *sim = conn->sim;
	const struct sim_fault *delay;
	struct sim_hits hits;
	int64_t pause_ms = 0;
	bool reset, end;

	/* GnuTLS may ask again for the same handshake. */
	if (conn->handshake_seen)
		return true;
	conn->handshake_seen = true;
	sim_lock(sim);
	sim_faults_meet(sim->faults, &subject, &hits);
	delay = sim_hits_find(&hits, "delay");
	if (delay != NULL)
		(void)json_i64(sim_fault_value(delay), &pause_ms);
	reset = sim_hits_find(&hits, "reset") != NULL;
	end = sim_hits_find(&hits, "close") != NULL;
	sim_hits_drop(&hits);
	sim_unlock(sim);
	if (pause_ms > 0 && !sim_sleep_ms(sim, pause_ms))
		return false;
	if (reset)
		sim_tcp_abort(conn->fd);
	else if (end)
		shutdown(conn->fd, SHUT_RDWR);
	return !reset && !end;
}

int sim_tls_certificate(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
    gnutls_pcert_st **pcert, unsigned int *n_pcert, gnutls_ocsp_data_st **ocsp,
    unsigned int *n_ocsp, gnutls_privkey_t *key, unsigned int *flags)
{
	/* sim_conn_notify() stored it: the callback itself has no closure. */
	struct sim_conn *conn = gnutls_db_get_ptr(session);
	struct served copy = { NULL, NULL };
	int status = -1;

	(void)info;
	*ocsp = NULL;
	*n_ocsp = 0;
	if (conn == NULL || !handshake_faults(conn))
		return -1;
	copy = copy_served(conn->sim, conn->address);
	if (copy.pem != NULL && copy.key_pem != NULL)
		status = import(&copy, pcert, n_pcert, key);
	if (status == 0)
		*flags = GNUTLS_CERT_RETR_DEINIT_ALL;
	free(copy.pem);
	free(copy.key_pem);
	return status;
}

const uint8_t *sim_tls_client(struct MHD_Connection *connection, size_t *len)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	const gnutls_datum_t *chain = NULL;
	unsigned n = 0;

	*len = 0;
	if (info != NULL && info->tls_session != NULL)
		chain = gnutls_certificate_get_peers(info->tls_session, &n);
	if (chain == NULL || n == 0)
		return NULL;
	*len = chain[0].size;
	return chain[0].data;
}
