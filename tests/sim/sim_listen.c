/* sim_listen.c - the listening sockets.
 *
 * We accept ourselves and hand the connection to libmicrohttpd: so one daemon
 * serves every address, a listener can go away and come back on its port, and
 * what happens before TLS is in our hands. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

#define PORT_TRIES 64
#define BACKLOG 512

void sim_wake(struct sim *sim)
{
	ssize_t n = write(sim->wake_fd[1], "", 1);

	(void)n;   /* a full pipe wakes as well */
}

int sim_open_socket(const char *address, int port)
{
	struct addrinfo hints, *found = NULL;
	char *service;
	int fd = -1, on = 1, saved;

	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
	service = mem_printf("%d", port);
	if (getaddrinfo(address, service, &hints, &found) != 0)
		found = NULL;
	free(service);
	errno = EADDRNOTAVAIL;
	if (found == NULL)
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
	    bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)) {
		saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static struct sim_listener *find(struct sim *sim, const char *address)
{
	for (size_t i = 0; i < sim->n_listeners; i++) {
		if (strcmp(sim->listener[i].address, address) == 0)
			return &sim->listener[i];
	}
	return NULL;
}

static struct sim_listener *find_or_add(struct sim *sim, const char *address, struct err *e)
{
	struct sim_listener *l = find(sim, address);

	if (l != NULL)
		return l;
	if (sim->n_listeners == SIM_LISTENERS_MAX) {
		err_set(e, ERR_CONFIG, "more than %d addresses", SIM_LISTENERS_MAX);
		return NULL;
	}
	l = &sim->listener[sim->n_listeners++];
	memset(l, 0, sizeof *l);
	l->address = mem_strdup(address);
	l->fd = -1;
	return l;
}

/* The accepting thread closes a descriptor, nobody else: it may be in poll().
 * Shut down, a listening socket refuses from this moment on. */
static void shut(struct sim_listener *l)
{
	if (l->fd < 0)
		return;
	shutdown(l->fd, SHUT_RDWR);
	l->shut = true;
}

static bool wanted(const struct sim_world *world, const char *address)
{
	for (size_t i = 0; i < world->n_wanted; i++) {
		if (strcmp(world->wanted[i].address, address) == 0)
			return !world->wanted[i].down;
	}
	return false;
}

/* Open every wanted address on this port; -1 with errno, having opened some. */
static int open_wanted(struct sim *sim, const struct sim_world *world, int port,
    const char **failed, struct err *e)
{
	struct sim_listener *l;
	int own;
	char address[SIM_ADDRESS_BYTES];

	for (size_t i = 0; i < world->n_wanted; i++) {
		*failed = world->wanted[i].address;
		l = find_or_add(sim, world->wanted[i].address, e);
		if (l == NULL)
			return -1;
		if (world->wanted[i].down)
			continue;
		if (l->fd < 0)
			l->fd = sim_open_socket(l->address, port);
		if (l->fd < 0)
			return -1;
		l->open = true;
		if (port == 0 && sim_local_address(l->fd, address, &own))
			port = own;
	}
	*failed = NULL;
	sim->port = port;
	return 0;
}

/* Only before the accepting thread runs. */
static void close_all(struct sim *sim)
{
	for (size_t i = 0; i < sim->n_listeners; i++) {
		if (sim->listener[i].fd >= 0)
			close(sim->listener[i].fd);
		sim->listener[i].fd = -1;
		sim->listener[i].open = false;
	}
}

/* A port that is free on the first address may be taken on another: try again. */
static int open_first(struct sim *sim, const struct sim_world *world, struct err *e)
{
	const char *failed = NULL;

	for (int i = 0; i < PORT_TRIES; i++) {
		if (open_wanted(sim, world, sim->opt.listen_port, &failed, e) == 0)
			return 0;
		close_all(sim);
		if (sim->opt.listen_port != 0 || errno != EADDRINUSE)
			break;
	}
	return err_set(e, ERR_IO, "cannot listen on %s port %d: %s", failed,
	    sim->opt.listen_port, strerror(errno));
}

int sim_listeners_enter(struct sim *sim, const struct sim_world *world, struct err *e)
{
	const char *failed = NULL;
	int status = 0;

	if (sim->port == 0)
		return open_first(sim, world, e);
	if (open_wanted(sim, world, sim->port, &failed, e) != 0) {
		status = err_set(e, ERR_IO, "cannot listen on %s port %d: %s", failed, sim->port,
		    strerror(errno));
		world = sim->world;
	}
	for (size_t i = 0; i < sim->n_listeners; i++) {
		struct sim_listener *l = &sim->listener[i];

		if (l->open && !wanted(world, l->address)) {
			l->open = false;
			shut(l);
		}
	}
	sim_wake(sim);
	return status;
}

void sim_restart_listener(struct sim *sim, const char *address, int64_t down_ms)
{
	struct sim_listener *l = find(sim, address);

	if (l == NULL || !l->open)
		return;
	l->closed_until_ms = clock_mono_ms() + down_ms;
	shut(l);
	for (struct sim_conn *c = sim->conns; c != NULL; c = c->next) {
		if (strcmp(c->address, address) != 0)
			continue;
		if (c == sim->serving)
			c->last = true;
		else
			shutdown(c->fd, SHUT_RDWR);
	}
	sim_wake(sim);
}

char *sim_url(const struct sim *sim)
{
	const char *address = sim->world->wanted[0].address;

	for (size_t i = 0; i < sim->world->n_wanted; i++) {
		if (sim->world->wanted[i].main)
			address = sim->world->wanted[i].address;
	}
	if (strchr(address, ':') != NULL)
		return mem_printf("https://[%s]:%d", address, sim->port);
	return mem_printf("https://%s:%d", address, sim->port);
}

void sim_listeners_close(struct sim *sim)
{
	close_all(sim);
	for (size_t i = 0; i < sim->n_listeners; i++)
		free(sim->listener[i].address);
	for (size_t i = 0; i < sim->n_parked; i++)
		close(sim->parked[i]);
	free(sim->parked);
	sim->n_listeners = 0;
}
