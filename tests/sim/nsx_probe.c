/* nsx_probe.c - NSX shakes hands with a listener and reports its certificate.
 *
 * Only loopback is ever connected to; any other address has no route.  Its own
 * listeners it answers for without a handshake, since the call is served under
 * the lock that such a handshake would wait for. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_call.h"

#define PATIENCE_MS 2000

void nsx_probe_clear(struct nsx_probe *probe)
{
	free(probe->pem);
	sim_cert_free(probe->leaf);
	memset(probe, 0, sizeof *probe);
}

static char *pem_of(X509 *const *chain, size_t n)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes = NULL, *pem;
	long len;

	for (size_t i = 0; i < n; i++)
		PEM_write_bio_X509(out, chain[i]);
	len = BIO_get_mem_data(out, &bytes);
	pem = mem_strndup(bytes, len > 0 ? (size_t)len : 0);
	BIO_free(out);
	return pem;
}

static void own_listener(const struct sim_cert *cert, struct nsx_probe *out)
{
	out->result = "SUCCESS";
	out->leaf = sim_cert_of(cert->x509);
	out->pem = out->leaf != NULL ? mem_strdup(cert->pem) : NULL;
}

static int connect_to(const char *address, int64_t port, const char **result)
{
	struct sockaddr_in to;
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	int fd;

	memset(&to, 0, sizeof to);
	to.sin_family = AF_INET;
	to.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    ntohl(to.sin_addr.s_addr) >> 24 != 127) {
		*result = "NO_ROUTE_TO_HOST";
		return -1;
	}
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		*result = errno == ECONNREFUSED ? "CONNECTION_REFUSED" : "CONNECTION_TIMEOUT";
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static void shake_hands(int fd, struct nsx_probe *out)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *tls = ctx != NULL ? SSL_new(ctx) : NULL;
	STACK_OF(X509) *chain = NULL;
	X509 *list[16];
	size_t n = 0;

	out->result = "CONNECTION_TIMEOUT";
	if (tls == NULL || SSL_set_fd(tls, fd) != 1)
		goto out;
	/* A listener that refuses us afterwards has shown its certificate all the same. */
	(void)SSL_connect(tls);
	chain = SSL_get_peer_cert_chain(tls);
	for (; chain != NULL && (int)n < sk_X509_num(chain) && n < 16; n++)
		list[n] = sk_X509_value(chain, (int)n);
	if (n == 0)
		goto out;
	out->result = "SUCCESS";
	out->leaf = sim_cert_of(list[0]);
	out->pem = out->leaf != NULL ? pem_of(list, n) : NULL;
out:
	ERR_clear_error();
	SSL_free(tls);
	SSL_CTX_free(ctx);
}

void nsx_probe(struct nsx *n, const char *address, int64_t port, struct nsx_probe *out)
{
	const struct sim_cert *own = port == sim_port(n->sim) ? nsx_serves(n, address) : NULL;
	int fd;

	if (own != NULL) {
		own_listener(own, out);
		return;
	}
	fd = connect_to(address, port, &out->result);
	if (fd < 0)
		return;
	shake_hands(fd, out);
	close(fd);
}
