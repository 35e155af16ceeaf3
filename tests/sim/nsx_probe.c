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
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/nsx_call.h"

#define PATIENCE_MS 2000

void nsx_probe_clear(struct nsx_probe *probe)
{
	free(probe->pem);
	free(probe->leaf.leaf_pem);
	X509_free(probe->leaf.x509);
	memset(probe, 0, sizeof *probe);
}

static int64_t seconds_of(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;

	(void)ASN1_TIME_diff(&days, &seconds, epoch, t);
	ASN1_TIME_free(epoch);
	return (int64_t)days * 86400 + seconds;
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

/* Facts of a certificate that somebody else made. */
static void take_leaf(X509 *x, struct sim_cert *leaf)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	X509_up_ref(x);
	leaf->x509 = x;
	leaf->key = X509_get0_pubkey(x);
	leaf->leaf_pem = pem_of(&x, 1);
	leaf->not_before_at = seconds_of(X509_get0_notBefore(x));
	leaf->not_after_at = seconds_of(X509_get0_notAfter(x));
	leaf->is_ca = X509_check_ca(x) == 1;
	if (X509_digest(x, EVP_sha256(), digest, &n) == 1)
		text_hex(digest, n, leaf->sha256);
}

static void own_listener(const struct sim_cert *cert, struct nsx_probe *out)
{
	out->result = "SUCCESS";
	out->pem = mem_strdup(cert->pem);
	take_leaf(cert->x509, &out->leaf);
}

static int connect_to(const char *address, int64_t port, const char **result)
{
	struct sockaddr_in to;
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	int fd;

	memset(&to, 0, sizeof to);
	to.sin_family = AF_INET;
	to.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || ntohl(to.sin_addr.s_addr) >> 24 != 127) {
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
	out->pem = pem_of(list, n);
	take_leaf(list[0], &out->leaf);
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
