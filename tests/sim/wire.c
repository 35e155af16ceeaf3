/* wire.c - wire_sim: one listener that misbehaves in one chosen way, below HTTP
 * or below TLS.  It knows nothing about the products. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/sim_core.h"
#include "tests/sim/wire.h"

#define SCRIPT_MAX_BYTES (64u << 20)

struct options {
	char address[SIM_ADDRESS_BYTES];
	int port;
	const char *ready_path;
	const char *cert_json;        /* a description, as in a scenario */
	const char *mode;
	const char *value;
};

static void usage(FILE *out)
{
	fputs("usage: wire_sim [--listen ADDR:PORT] [--ready-file FILE] [--certificate JSON]\n"
	    "                MODE [VALUE]\n"
	    "  --certificate JSON     what to present, as described in README.md: one certificate\n"
	    "                         or an array whose last is presented\n", out);
	wire_modes_print(out);
}

static int read_options(int argc, char **argv, struct options *opt)
{
	static const struct option longs[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "ready-file", required_argument, NULL, 'r' },
		{ "certificate", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int c, bad = 0;

	memset(opt, 0, sizeof *opt);
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 'l')
			bad |= sim_listen_read(optarg, opt->address, &opt->port);
		else if (c == 'r')
			opt->ready_path = optarg;
		else if (c == 'c')
			opt->cert_json = optarg;
		else if (c == 'h')
			return 1;
		else
			bad = -1;
	}
	if (opt->address[0] == '\0')
		strcpy(opt->address, "127.0.0.1");
	if (bad != 0 || optind >= argc || optind + 2 < argc)
		return -1;
	opt->mode = argv[optind];
	opt->value = optind + 1 < argc ? argv[optind + 1] : NULL;
	return 0;
}

static int read_value(struct wire *wire, const struct options *opt, struct err *e)
{
	const struct wire_mode *mode = wire->mode;

	wire->number = mode->otherwise;
	if (opt->value == NULL && mode->value == WIRE_TEXT)
		return err_set(e, ERR_USAGE, "mode %s wants a value", mode->name);
	if (opt->value == NULL)
		return 0;
	if (mode->value == WIRE_TEXT)
		return fileio_read(opt->value, &wire->script, e);
	if (mode->value == WIRE_NUMBER && text_to_i64(opt->value, 0, 1 << 30, &wire->number) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "mode %s: bad value \"%s\"", mode->name, opt->value);
}

/* The last certificate of the description; the others may be its issuers. */
static const struct sim_cert *make_certs(struct sim_shop *shop, const struct json *doc,
    const struct options *opt, struct err *e)
{
	const struct json *d = json_is_array(doc) ? json_first(doc) : doc;
	const struct sim_cert *cert = NULL;
	int64_t now_s = clock_wall_s();
	struct sim_spec spec;

	do {
		if (sim_spec_read(d, "certificate", now_s, now_s, &spec, e) != 0)
			return NULL;
		if (spec.cn == NULL)
			spec.cn = "wire.sim.example";
		if (json_get(d, "san") == NULL && spec.ca != SIM_CA_TRUE) {
			spec.san[spec.n_san++] = spec.cn;
			spec.san[spec.n_san++] = opt->address;
		}
		cert = sim_shop_make(shop, &spec, e);
		d = json_is_array(doc) ? json_next(d) : NULL;
	} while (cert != NULL && d != NULL);
	return cert;
}

bool wire_sleep_ms(struct wire *wire, int64_t ms)
{
	int64_t until_ms = clock_mono_ms() + ms;
	struct timespec until = { .tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000 };
	bool go_on;

	pthread_mutex_lock(&wire->lock);
	while (!wire->stopping && clock_mono_ms() < until_ms &&
	    pthread_cond_timedwait(&wire->changed, &wire->lock, &until) != ETIMEDOUT)
		;
	go_on = !wire->stopping;
	pthread_mutex_unlock(&wire->lock);
	return go_on;
}

static void leave(struct wire_conn *c)
{
	struct wire *wire = c->wire;
	struct wire_conn **at;

	pthread_mutex_lock(&wire->lock);
	for (at = &wire->conns; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	close(c->fd);
	wire->n_conns--;
	pthread_cond_broadcast(&wire->changed);
	pthread_mutex_unlock(&wire->lock);
	free(c);
}

static void *serve_one(void *arg)
{
	struct wire_conn *c = arg;

	if (c->wire->mode->instead_of_tls != NULL)
		c->wire->mode->instead_of_tls(c);
	else
		wire_serve_tls(c);
	leave(c);
	return NULL;
}

static void enter(struct wire *wire, int fd)
{
	struct wire_conn *c = mem_alloc(sizeof *c);
	pthread_t thread;

	c->wire = wire;
	c->fd = fd;
	pthread_mutex_lock(&wire->lock);
	c->next = wire->conns;
	wire->conns = c;
	wire->n_conns++;
	pthread_mutex_unlock(&wire->lock);
	if (pthread_create(&thread, NULL, serve_one, c) == 0)
		pthread_detach(thread);
	else
		leave(c);
}

/* A thread of its own; ends when the listening socket is shut down. */
static void *accept_loop(void *arg)
{
	struct wire *wire = arg;
	struct pollfd ready = { .fd = wire->listen_fd, .events = POLLIN };
	int fd;

	while (poll(&ready, 1, -1) > 0 && (ready.revents & (POLLHUP | POLLERR)) == 0) {
		fd = accept(wire->listen_fd, NULL, NULL);
		if (fd >= 0)
			enter(wire, fd);
	}
	return NULL;
}

/* Cut every connection, and wait until their threads have left. */
static void stop(struct wire *wire)
{
	pthread_mutex_lock(&wire->lock);
	wire->stopping = true;
	for (struct wire_conn *c = wire->conns; c != NULL; c = c->next)
		shutdown(c->fd, SHUT_RDWR);
	pthread_cond_broadcast(&wire->changed);
	while (wire->n_conns > 0)
		pthread_cond_wait(&wire->changed, &wire->lock);
	pthread_mutex_unlock(&wire->lock);
}

static int serve(struct wire *wire, const struct options *opt, struct sim_ready *ready,
    struct err *e)
{
	const struct sim_cert *root = sim_cert_root(wire->cert);
	char address[SIM_ADDRESS_BYTES];
	pthread_t acceptor;
	int port = opt->port, status, signal_number;
	sigset_t ends;
	char *url;

	if (!sim_local_address(wire->listen_fd, address, &port))
		return err_set(e, ERR_IO, "the listening socket has no address");
	url = mem_printf(strchr(address, ':') != NULL ? "https://[%s]:%d" : "https://%s:%d",
	    address, port);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	status = sim_ready_ca(ready, root->leaf_pem, strlen(root->leaf_pem), e);
	if (status == 0 && pthread_create(&acceptor, NULL, accept_loop, wire) != 0)
		status = err_set(e, ERR_IO, "no thread to accept with");
	if (status == 0) {
		status = sim_ready_say(ready, url, e);
		if (status == 0)
			sigwait(&ends, &signal_number);
		shutdown(wire->listen_fd, SHUT_RDWR);
		pthread_join(acceptor, NULL);
		stop(wire);
	}
	free(url);
	return status;
}

static int start(struct wire *wire, const struct options *opt, struct sim_shop *shop, struct err *e)
{
	char *text = mem_strdup(opt->cert_json != NULL ? opt->cert_json : "{}");
	struct json *doc = json_parse(text, strlen(text), e);

	free(text);
	wire->mode = wire_mode_find(opt->mode);
	if (doc == NULL)
		return err_prefix(e, "--certificate");
	if (wire->mode == NULL)
		err_set(e, ERR_USAGE, "no such mode: %s", opt->mode);
	else if (read_value(wire, opt, e) == 0)
		wire->cert = make_certs(shop, doc, opt, e);
	json_free(doc);
	if (wire->cert == NULL)
		return -1;
	if (strcmp(wire->mode->name, "slow") == 0)
		wire->bytes_per_s = wire->number;
	wire->ctx = wire_context(wire, e);
	if (wire->ctx == NULL)
		return -1;
	wire->listen_fd = sim_open_socket(opt->address, opt->port);
	if (wire->listen_fd < 0)
		return err_set(e, ERR_IO, "cannot listen on %s: %s", opt->address, strerror(errno));
	return 0;
}

static void init(struct wire *wire)
{
	pthread_condattr_t attr;

	wire->listen_fd = -1;
	buf_init(&wire->script, SCRIPT_MAX_BYTES);
	pthread_mutex_init(&wire->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&wire->changed, &attr);
	pthread_condattr_destroy(&attr);
}

int main(int argc, char **argv)
{
	struct sim_ready ready = { NULL, NULL, NULL };
	struct sim_shop *shop = NULL;
	struct wire wire = { .listen_fd = -1 };
	struct options opt;
	struct err e;
	int status = read_options(argc, argv, &opt);

	if (status != 0) {
		usage(status > 0 ? stdout : stderr);
		return status > 0 ? 0 : 3;
	}
	err_clear(&e);
	init(&wire);
	shop = sim_shop_new();
	status = start(&wire, &opt, shop, &e) != 0 ? 3 :
	    sim_ready_init(&ready, "wire_sim", opt.ready_path, &e) != 0 ||
	    serve(&wire, &opt, &ready, &e) != 0;
	if (status != 0)
		fprintf(stderr, "wire_sim: %s\n", e.text);
	sim_ready_end(&ready);
	if (wire.listen_fd >= 0)
		close(wire.listen_fd);
	SSL_CTX_free(wire.ctx);
	sim_shop_free(shop);
	buf_clear(&wire.script);
	pthread_cond_destroy(&wire.changed);
	pthread_mutex_destroy(&wire.lock);
	return status;
}
