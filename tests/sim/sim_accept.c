/* sim_accept.c - the thread that accepts, and what can go wrong right there. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

static const char plain_answer[] =
	"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
	"<html><body>This listener speaks plain HTTP.</body></html>\r\n";

/* Bring the sockets in line with what is wanted now, and note which to poll.
 * Returns how long to wait at most, -1 for ever. */
static int refresh(struct sim *sim, struct pollfd *set, size_t *owner, nfds_t *n)
{
	int64_t now_ms = clock_mono_ms();
	int wait_ms = -1;

	for (size_t i = 0; i < sim->n_listeners; i++) {
		struct sim_listener *l = &sim->listener[i];
		bool due = l->closed_until_ms <= now_ms;

		if (l->shut) {
			close(l->fd);
			l->fd = -1;
			l->shut = false;
		}
		if (l->open && due && l->fd < 0)
			l->fd = sim_open_socket(l->address, sim->port);
		if (l->open && (!due || l->fd < 0))
			wait_ms = 20;
		if (l->fd < 0)
			continue;
		owner[*n] = i;
		set[*n].fd = l->fd;
		set[(*n)++].events = POLLIN;
	}
	return wait_ms;
}

/* Keep a connection open that will never be answered. */
static void park(struct sim *sim, int fd)
{
	sim->parked = mem_grow(sim->parked, &sim->parked_cap, sim->n_parked + 1, sizeof(int));
	sim->parked[sim->n_parked++] = fd;
}

/* True when a fault took the connection. */
static bool connect_fault(struct sim *sim, int fd, const char *address)
{
	struct sim_subject subject = { .place = SIM_AT_CONNECT, .address = address };
	struct sim_hits hits;
	const char *what;

	sim_lock(sim);
	sim_faults_meet(sim->faults, &subject, &hits);
	what = hits.n > 0 ? sim_fault_do(hits.fault[0]) : NULL;
	if (what != NULL && strcmp(what, "reset") == 0)
		sim_tcp_abort(fd);
	if (what != NULL && strcmp(what, "plain") == 0) {
		(void)send(fd, plain_answer, sizeof plain_answer - 1, MSG_NOSIGNAL);
		shutdown(fd, SHUT_WR);
	}
	if (what != NULL && (strcmp(what, "plain") == 0 || strcmp(what, "silent") == 0))
		park(sim, fd);
	else if (what != NULL)
		close(fd);
	sim_hits_drop(&hits);
	sim_unlock(sim);
	return what != NULL;
}

static void accept_one(struct sim *sim, size_t i, int listening)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;
	char address[SIM_ADDRESS_BYTES];
	int fd, port;

	memset(&peer, 0, sizeof peer);
	fd = accept(listening, (struct sockaddr *)&peer, &len);
	if (fd < 0)
		return;
	sim_lock(sim);
	sim->listener[i].n_accepted++;
	sim_unlock(sim);
	if (!sim_local_address(fd, address, &port))
		close(fd);
	else if (!connect_fault(sim, fd, address))
		(void)MHD_add_connection(sim->daemon, fd, (struct sockaddr *)&peer, len);
}

static void drain(int fd)
{
	char bytes[64];

	while (read(fd, bytes, sizeof bytes) > 0)
		;
}

void *sim_accept_loop(void *arg)
{
	struct sim *sim = arg;
	struct pollfd set[SIM_LISTENERS_MAX + 1];
	size_t owner[SIM_LISTENERS_MAX + 1];
	int wait_ms;
	nfds_t n;

	for (;;) {
		n = 1;
		memset(set, 0, sizeof set);
		set[0].fd = sim->wake_fd[0];
		set[0].events = POLLIN;
		sim_lock(sim);
		if (sim->stopping) {
			sim_unlock(sim);
			return NULL;
		}
		wait_ms = refresh(sim, set, owner, &n);
		sim_unlock(sim);
		if (poll(set, n, wait_ms) < 0 && errno != EINTR)
			return NULL;
		if (set[0].revents != 0)
			drain(sim->wake_fd[0]);
		for (nfds_t i = 1; i < n; i++) {
			if (set[i].revents & POLLIN)
				accept_one(sim, owner[i], set[i].fd);
		}
	}
}
