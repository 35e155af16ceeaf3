/* nsx_auth.c - three ways to log in, the lock-out, and the request limits. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/text.h"
#include "tests/sim/nsx_call.h"

void nsx_login_refused(struct nsx_call *c)
{
	nsx_error(c->rp, 403, NSX_E_LOGIN,
	    "The credentials were incorrect or the account specified has been locked.");
}

static struct nsx_user *find_user(struct nsx *n, const char *name)
{
	for (size_t i = 0; i < n->n_users; i++) {
		if (strcmp(n->user[i].name, name) == 0)
			return &n->user[i];
	}
	return NULL;
}

/* A failure: the fifth within the reset period locks the account. */
static void count_failure(const struct nsx *n, struct nsx_user *user, int64_t now_ms)
{
	if (now_ms - user->last_failure_ms > n->lockout.reset_s * 1000)
		user->n_failures = 0;
	user->last_failure_ms = now_ms;
	if (++user->n_failures < n->lockout.failures || n->lockout.failures == 0)
		return;
	user->locked_until_ms = now_ms + n->lockout.period_s * 1000;
	user->n_failures = 0;
}

const struct nsx_user *nsx_login(struct nsx *n, const char *name, const char *password,
    int64_t now_ms)
{
	struct nsx_user *user = find_user(n, name);

	if (user == NULL || now_ms < user->locked_until_ms)
		return NULL;
	if (strcmp(user->password, password) != 0) {
		count_failure(n, user, now_ms);
		return NULL;
	}
	user->n_failures = 0;
	return user;
}

static int with_basic(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_user *user = NULL;
	char *name, *password;

	if (sim_request_basic(c->rq, &name, &password) == 0 && n->basic)
		user = nsx_login(n, name, password, c->rq->now_ms);
	free(name);
	if (password != NULL)
		OPENSSL_cleanse(password, strlen(password));
	free(password);
	if (user == NULL) {
		nsx_login_refused(c);
		return -1;
	}
	c->who = user->name;
	c->may_write = user->may_write;
	return 0;
}

static int with_session(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_session *session = nsx_session_of(n, c->rq);
	const char *token = sim_request_header(c->rq, "X-XSRF-TOKEN");

	if (session == NULL || token == NULL || strcmp(session->xsrf, token) != 0) {
		nsx_error(c->rp, 403, NSX_E_XSRF,
		    "The session has expired or the XSRF token is not valid.");
		return -1;
	}
	c->who = session->user->name;
	c->may_write = session->user->may_write;
	return 0;
}

static int with_certificate(struct nsx *n, struct nsx_call *c)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char sha256[2 * EVP_MAX_MD_SIZE + 1];
	unsigned len = 0;

	if (EVP_Digest(c->rq->client_der, c->rq->client_der_len, digest, &len, EVP_sha256(),
	        NULL) != 1)
		len = 0;
	text_hex(digest, len, sha256);
	for (size_t i = 0; i < n->n_identities && n->certificate_login; i++) {
		const struct nsx_identity *pi = &n->identity[i];

		if (strcmp(pi->row->cert->sha256, sha256) != 0)
			continue;
		c->who = pi->name;
		c->may_write = strcmp(pi->role, "enterprise_admin") == 0;
		return 0;
	}
	nsx_error(c->rp, 500, NSX_E_CLIENT_CERT, "The client certificate is not trusted.");
	return -1;
}

/* Credentials win over a client certificate. */
int nsx_authenticate(struct nsx *n, struct nsx_call *c)
{
	if (sim_request_header(c->rq, "Authorization") != NULL)
		return with_basic(n, c);
	if (sim_request_cookie(c->rq, "JSESSIONID") != NULL)
		return with_session(n, c);
	if (c->rq->client_der != NULL)
		return with_certificate(n, c);
	nsx_login_refused(c);
	return -1;
}

static struct nsx_client *client_of(struct nsx *n, const char *name)
{
	for (size_t i = 0; i < n->n_clients; i++) {
		if (strcmp(n->client[i].name, name) == 0)
			return &n->client[i];
	}
	if (n->n_clients == NSX_CLIENTS_MAX)
		n->n_clients = 0;
	n->client[n->n_clients].name = name;
	n->client[n->n_clients].second = -1;
	return &n->client[n->n_clients++];
}

static int too_many(struct nsx *n, struct nsx_call *c, unsigned status, int64_t limit,
    const char *what)
{
	nsx_error(c->rp, status, status == 429 ? NSX_E_RATE : 503,
	    "Client '%s' exceeded request %s of %lld%s.", c->who, what, (long long)limit,
	    strcmp(what, "rate") == 0 ? " per second" : "");
	if (n->limits.retry_after_s > 0)
		sim_reply_header(c->rp, "Retry-After", "%lld", (long long)n->limits.retry_after_s);
	return -1;
}

int nsx_within_limits(struct nsx *n, struct nsx_call *c)
{
	const struct nsx_limits *limits = &n->limits;
	struct nsx_client *client;
	int64_t second = c->rq->now_ms / 1000;

	if (!limits->enforced)
		return 0;
	client = client_of(n, c->who);
	if (client->second != second) {
		client->second = second;
		client->n = 0;
	}
	if (limits->global_concurrency > 0 && c->rq->n_in_flight > limits->global_concurrency)
		return too_many(n, c, 503, limits->global_concurrency, "concurrency");
	if (limits->concurrency > 0 && c->rq->n_in_flight > limits->concurrency)
		return too_many(n, c, 429, limits->concurrency, "concurrency");
	if (limits->rate > 0 && ++client->n > limits->rate)
		return too_many(n, c, 429, limits->rate, "rate");
	return 0;
}
