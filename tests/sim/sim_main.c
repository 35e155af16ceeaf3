/* sim_main.c - start and end of a simulator. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

#define SCENARIO_MAX_BYTES (64u << 20)

void sim_lock(struct sim *sim)
{
	pthread_mutex_lock(&sim->lock);
}

void sim_unlock(struct sim *sim)
{
	pthread_mutex_unlock(&sim->lock);
}

bool sim_sleep_ms(struct sim *sim, int64_t ms)
{
	int64_t until_ms = clock_mono_ms() + ms;
	struct timespec until = { .tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000 };
	bool go_on;

	sim_lock(sim);
	while (!sim->stopping && ms > 0 &&
	    pthread_cond_timedwait(&sim->stopped, &sim->lock, &until) != ETIMEDOUT)
		;
	go_on = !sim->stopping;
	sim_unlock(sim);
	return go_on;
}

int64_t sim_now_ms(const struct sim *sim)
{
	return sim->opt.at_s * 1000 + (clock_mono_ms() - sim->start_mono_ms) + sim->advance_ms;
}

int64_t sim_date_s(const struct sim *sim)
{
	const struct sim_world *world = sim->world;

	if (world->date_simulated)
		return sim_now_ms(sim) / 1000 + world->date_skew_s;
	return clock_wall_s() + sim->date_advance_s + world->date_skew_s;
}

int sim_port(const struct sim *sim)
{
	return sim->port;
}

static int init(struct sim *sim, const struct sim_product *product, struct err *e)
{
	pthread_condattr_t attr;
	int fds[2];

	sim->product = product;
	sim->start_mono_ms = clock_mono_ms();
	sim->log = sim_log_new();
	if (pipe(fds) != 0)
		return err_set(e, ERR_IO, "pipe: %s", strerror(errno));
	memcpy(sim->wake_fd, fds, sizeof fds);
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(fds[1], F_SETFL, O_NONBLOCK);
	pthread_mutex_init(&sim->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&sim->stopped, &attr);
	pthread_condattr_destroy(&attr);
	return 0;
}

static struct sim_world *first_world(struct sim *sim, struct err *e)
{
	struct sim_world *world = NULL;
	struct buf text;

	buf_init(&text, SCENARIO_MAX_BYTES);
	if (sim->opt.scenario_path == NULL)
		buf_adds(&text, sim->product->default_scenario);
	else if (fileio_read(sim->opt.scenario_path, &text, e) != 0)
		goto out;
	if (text.len > 0)
		world = sim_world_new(sim, text.data, text.len, e);
	else
		err_set(e, ERR_CONFIG, "an empty scenario");
	if (world == NULL)
		err_prefix(e, "%s",
		    sim->opt.scenario_path != NULL ? sim->opt.scenario_path : "default");
out:
	buf_clear(&text);
	return world;
}

static int start_daemon(struct sim *sim, struct err *e)
{
	unsigned flags = MHD_USE_TLS | MHD_USE_INTERNAL_POLLING_THREAD |
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
	    MHD_USE_SUPPRESS_DATE_NO_CLOCK;
	const char *priorities = sim->world->priorities != NULL ? sim->world->priorities : "NORMAL";
	struct MHD_OptionItem trust[] = {
		{ MHD_OPTION_END, 0, NULL }, { MHD_OPTION_END, 0, NULL }
	};
	const struct sim_cert *any =
	    sim->product->serves(sim->world->state, sim->world->wanted[0].address);

	/* Any trust anchor makes GnuTLS ask; what the client shows, a product judges. */
	if (sim->product->asks_client_cert && any != NULL) {
		trust[0].option = MHD_OPTION_HTTPS_MEM_TRUST;
		trust[0].ptr_value = sim_cert_root(any)->leaf_pem;
	}
	sim->daemon = MHD_start_daemon(flags, 0, NULL, NULL, sim_exchange_step, sim,
	    MHD_OPTION_URI_LOG_CALLBACK, sim_exchange_new, sim,
	    MHD_OPTION_NOTIFY_COMPLETED, sim_exchange_done, sim,
	    MHD_OPTION_NOTIFY_CONNECTION, sim_conn_notify, sim,
	    MHD_OPTION_HTTPS_CERT_CALLBACK2, sim_tls_certificate,
	    MHD_OPTION_HTTPS_PRIORITIES, priorities,
	    MHD_OPTION_CONNECTION_TIMEOUT, 30u,
	    MHD_OPTION_CONNECTION_LIMIT, 4096u,
	    MHD_OPTION_ARRAY, trust, MHD_OPTION_END);
	if (sim->daemon == NULL)
		return err_set(e, ERR_IO,
		    "the HTTPS server does not start (tls_priorities \"%s\"?)", priorities);
	return 0;
}

static int say_ready(struct sim *sim, struct err *e)
{
	char *url;
	int status;

	sim_lock(sim);
	url = sim_url(sim);
	sim_unlock(sim);
	status = sim_ready_say(&sim->ready, url, e);
	free(url);
	return status;
}

/* Serve until one of these signals; they are blocked in every thread. */
static int serve(struct sim *sim, const sigset_t *ends, struct err *e)
{
	pthread_t acceptor;
	int signal_number, status;

	if (start_daemon(sim, e) != 0)
		return -1;
	if (pthread_create(&acceptor, NULL, sim_accept_loop, sim) != 0)
		return err_set(e, ERR_IO, "no thread to accept with");
	status = say_ready(sim, e);
	if (status == 0)
		sigwait(ends, &signal_number);
	sim_lock(sim);
	sim->stopping = true;
	pthread_cond_broadcast(&sim->stopped);
	sim_unlock(sim);
	sim_wake(sim);
	pthread_join(acceptor, NULL);
	return status;
}

static void finish(struct sim *sim)
{
	if (sim->daemon != NULL)
		MHD_stop_daemon(sim->daemon);
	sim_listeners_close(sim);
	sim_ready_end(&sim->ready);
	sim_faults_drop(sim->faults);
	sim_world_free(sim, sim->world);
	sim_log_free(sim->log);
	close(sim->wake_fd[0]);
	close(sim->wake_fd[1]);
	pthread_cond_destroy(&sim->stopped);
	pthread_mutex_destroy(&sim->lock);
	free(sim);
}

static int run(struct sim *sim, const sigset_t *ends, struct err *e)
{
	struct sim_world *world = first_world(sim, e);

	if (world == NULL)
		return 3;
	if (sim_ready_init(&sim->ready, sim->product->name, sim->opt.ready_path, e) != 0 ||
	    sim_world_enter(sim, world, e) != 0) {
		sim_world_free(sim, world);
		return 1;
	}
	return serve(sim, ends, e) == 0 ? 0 : 1;
}

int sim_main(const struct sim_product *product, int argc, char **argv)
{
	struct sim *sim = mem_alloc(sizeof *sim);
	struct err e;
	sigset_t ends;
	int status;

	err_clear(&e);
	status = sim_options_read(argc, argv, &sim->opt);
	if (status != 0) {
		sim_options_usage(status > 0 ? stdout : stderr, product->name);
		free(sim);
		return status > 0 ? 0 : 3;
	}
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	status = init(sim, product, &e) == 0 ? run(sim, &ends, &e) : 1;
	if (status != 0)
		fprintf(stderr, "%s: %s\n", product->name, e.text);
	finish(sim);
	return status;
}
