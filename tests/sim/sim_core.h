/* sim_core.h - what the files of the core share; products do not include it. */
#ifndef CHECK_CERTS_SIM_CORE_H
#define CHECK_CERTS_SIM_CORE_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include "tests/sim/sim.h"
#include "tests/sim/sim_ready.h"

#define SIM_ADDRESS_BYTES 46          /* INET6_ADDRSTRLEN */
#define SIM_LISTENERS_MAX 256
#define SIM_HITS_MAX 8

/* --- options (sim_options.c) ------------------------------------------------ */

struct sim_options {
	const char *scenario_path;    /* NULL: the product's default */
	const char *ready_path;       /* NULL: the ready line goes to standard output */
	char listen_address[SIM_ADDRESS_BYTES];   /* "": what the scenario says */
	int listen_port;              /* 0: picks one */
	int64_t at_s;                 /* simulated time at start */
};

/* 0: go on; 1: help was asked for; -1: usage error (getopt has said which). */
int sim_options_read(int argc, char **argv, struct sim_options *opt) MUST_USE;
/* "ADDR:PORT", "[ADDR]:PORT", "ADDR" or ":PORT" (then address is ""). */
int sim_listen_read(const char *text, char address[SIM_ADDRESS_BYTES], int *port) MUST_USE;
void sim_options_usage(FILE *out, const char *name);

/* --- a scenario that became a state (sim_world.c) -------------------------- */

struct sim_wanted {                   /* one call of sim_listen() */
	char *address;
	bool main;
	bool down;
};

struct sim_fault_set;
struct sim_log;

struct sim_world {
	struct json *scenario;
	struct sim_shop *shop;
	struct sim_wanted wanted[SIM_LISTENERS_MAX];
	size_t n_wanted;
	void *state;                  /* the product's */
	struct sim_fault_set *faults; /* until entered: then the core's */
	const char *priorities;       /* of GnuTLS; NULL: the usual ones; counts at start only */
	int64_t date_skew_s;          /* what the Date header adds to the real time */
	bool date_simulated;          /* the Date header follows the simulated clock */
};

/* --- one listening socket (sim_listen.c) ------------------------------------- */

struct sim_listener {
	char *address;
	int fd;                       /* -1: closed */
	bool open;                    /* wanted open, the time being right */
	bool shut;                    /* shut down; the accepting thread closes it */
	int64_t closed_until_ms;      /* monotonic; a restart is under way until then */
	int64_t n_accepted;
};

/* A connection under way; the socket context of its MHD connection. */
struct sim_conn {
	struct sim_conn *next;
	struct sim *sim;
	int fd;
	char address[SIM_ADDRESS_BYTES];  /* local */
	int port;
	bool peer_is_local;
	bool handshake_seen;          /* the faults of its handshake have met it */
	bool last;                    /* its listener restarts: this answer is the last one */
};

struct sim {
	const struct sim_product *product;
	struct sim_options opt;
	pthread_mutex_t lock;         /* everything below, unless it says otherwise */
	pthread_cond_t stopped;
	bool stopping;
	struct MHD_Daemon *daemon;    /* set once */
	struct sim_world *world;      /* in force */
	struct sim_world *building;   /* while create() runs */
	struct sim_fault_set *faults;
	struct sim_log *log;
	struct sim_listener listener[SIM_LISTENERS_MAX];
	size_t n_listeners;
	int port;
	int64_t start_mono_ms;        /* set once */
	int64_t advance_ms;
	int64_t date_advance_s;       /* of the advances, what the Date header shares */
	int n_in_flight;
	const struct sim_conn *serving;   /* while a product works: on whose behalf */
	int wake_fd[2];               /* set once; wakes the accepting thread */
	struct sim_conn *conns;
	int *parked;                  /* accepted, never answered; the accepting thread's alone */
	size_t n_parked;
	size_t parked_cap;
	struct sim_ready ready;       /* set once */
};

/* Sleep; false as soon as the simulator ends.  Never with the lock held. */
bool sim_sleep_ms(struct sim *sim, int64_t ms);
void sim_lock(struct sim *sim);
void sim_unlock(struct sim *sim);

/* Seconds since the epoch for the Date header.  Lock held. */
int64_t sim_date_s(const struct sim *sim);

/* --- sim_world.c: lock held, or nobody else there yet ------------------------ */

/* Build a world from scenario text (changed by the parser).  NULL on error. */
struct sim_world *sim_world_new(struct sim *sim, char *text, size_t len, struct err *e) MUST_USE;
void sim_world_free(struct sim *sim, struct sim_world *world);
/* Make it the one in force: listeners, faults, CA file; frees the old one.
 * On -1 the old one stays in force and world is the caller's still. */
int sim_world_enter(struct sim *sim, struct sim_world *world, struct err *e) MUST_USE;

/* --- sim_listen.c ------------------------------------------------------------- */

/* Open what world wants and is not open, then close the rest.  Lock held. */
int sim_listeners_enter(struct sim *sim, const struct sim_world *world, struct err *e) MUST_USE;
void sim_wake(struct sim *sim);
/* Bind and listen, never blocking; the descriptor, or -1 with errno. */
int sim_open_socket(const char *address, int port);
void *sim_accept_loop(void *sim);     /* a thread; until sim->stopping */
void sim_listeners_close(struct sim *sim);
/* "https://address:port" of the main address; free(). */
char *sim_url(const struct sim *sim) MUST_USE;

/* --- sim_tls.c --------------------------------------------------------------- */

int sim_tls_certificate(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
    gnutls_pcert_st **pcert, unsigned int *n_pcert, gnutls_ocsp_data_st **ocsp,
    unsigned int *n_ocsp, gnutls_privkey_t *key, unsigned int *flags);
/* The client's certificate; NULL when it showed none. */
const uint8_t *sim_tls_client(struct MHD_Connection *connection, size_t *len);
/* Abort a connection: the peer sees a reset at once; the descriptor stays open. */
void sim_tcp_abort(int fd);
/* The local address of a socket; false when it has none. */
bool sim_local_address(int fd, char address[SIM_ADDRESS_BYTES], int *port);

/* --- sim_fault.c, sim_act.c: faults ------------------------------------------------ */

enum sim_fault_place { SIM_AT_CONNECT, SIM_AT_HANDSHAKE, SIM_AT_REQUEST };

struct sim_fault;                     /* one entry of the list */
struct sim_hits {                     /* those that apply to the thing at hand */
	struct sim_fault_set *set;    /* a reference */
	const struct sim_fault *fault[SIM_HITS_MAX];
	size_t n;
};
struct sim_subject {
	enum sim_fault_place place;
	const char *method;           /* requests only, as are path and target */
	const char *path;
	const char *target;
	const char *address;
};

/* Read a list; ERR_CONFIG.  doc is kept (and freed with the set) on success. */
struct sim_fault_set *sim_faults_new(const struct sim_product *product, struct json *doc,
    const struct json *list, struct err *e) MUST_USE;
void sim_faults_drop(struct sim_fault_set *set);    /* a reference less; NULL is fine */
size_t sim_faults_count(const struct sim_fault_set *set);
/* Count the subject against every fault, and collect those whose turn it is.
 * Lock held, here and for sim_hits_drop(). */
void sim_faults_meet(struct sim_fault_set *set, const struct sim_subject *subject,
    struct sim_hits *hits);
void sim_hits_drop(struct sim_hits *hits);
const char *sim_fault_do(const struct sim_fault *fault);
const struct json *sim_fault_value(const struct sim_fault *fault);
/* The one of this name among the hits; NULL: none. */
const struct sim_fault *sim_hits_find(const struct sim_hits *hits, const char *what);

/* --- one request on its way (sim_http.c, sim_act.c, sim_deliver.c) ------------- */

struct sim_delivery {
	bool reset;                   /* abort the connection ... */
	int64_t cut_at;               /* ... or close it after so many body bytes; -1: whole */
	int64_t bytes_per_s;          /* body at this speed; 0: at once */
	int64_t header_bytes_per_s;   /* the header at this speed; 0: at once */
	int64_t length_off_by;        /* Content-Length says that much more */
	int64_t endless_header_bytes; /* header lines up to so many bytes; 0: none */
	int64_t filler_bytes;         /* the body is a JSON string of so many bytes */
	const char *raw;              /* these bytes are the whole answer */
	int64_t restart_ms;           /* the listener restarts behind the answer; 0: no */
};

struct sim_exchange {
	struct sim *sim;
	struct MHD_Connection *connection;
	const struct sim_conn *conn;
	char *target;
	struct buf body;
	bool started;
	bool in_flight;               /* counted in sim->n_in_flight */
	struct sim_request rq;
	struct sim_reply rp;
	struct sim_hits hits;
	struct sim_delivery delivery;
	bool answered;                /* a fault has answered in the product's place */
	int64_t log_number;           /* 0: not in the log */
};

enum sim_stage { SIM_BEFORE, SIM_INSTEAD, SIM_AFTER };
/* Let the faults of this stage act. */
void sim_act(struct sim_exchange *x, enum sim_stage stage);
/* Is there a core fault of this name for this place, and does the value fit? */
int sim_act_check(enum sim_fault_place place, const char *what, const struct json *value,
    bool *known, struct err *e) MUST_USE;

void *sim_exchange_new(void *sim, const char *uri, struct MHD_Connection *connection);
enum MHD_Result sim_exchange_step(void *sim, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_len, void **x);
/* The client may hold the whole answer from now on, and ask anew: what it asked
 * is no longer in flight.  May be said more than once. */
void sim_exchange_answered(struct sim_exchange *x);
void sim_exchange_done(void *sim, struct MHD_Connection *connection, void **x,
    enum MHD_RequestTerminationCode why);
void sim_conn_notify(void *sim, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode what);

/* Send x->rp the way x->delivery says. */
enum MHD_Result sim_deliver(struct sim_exchange *x);
/* How many bytes to send before which pause, for this speed. */
size_t sim_piece(int64_t bytes_per_s, int64_t *pause_ms);

void sim_reply_init(struct sim_reply *rp);
void sim_reply_clear(struct sim_reply *rp);

/* --- sim_wire.c: past MHD, into the TLS session itself -------------------------- */

/* Write an answer of our own composition; the caller then closes the connection. */
void sim_wire_answer(struct sim_exchange *x);

/* --- sim_control.c ------------------------------------------------------------------- */

void sim_control(struct sim_exchange *x);

/* --- sim_log.c: lock held --------------------------------------------------------------- */

struct sim_log *sim_log_new(void) MUST_USE;
void sim_log_free(struct sim_log *log);
/* Enter a request when it is complete; returns its number, from 1. */
int64_t sim_log_enter(struct sim_log *log, const struct sim_exchange *x);
/* What became of it. */
void sim_log_outcome(struct sim_log *log, int64_t number, const struct sim_exchange *x);
/* All entries with a number above since, as one array. */
void sim_log_dump(const struct sim_log *log, int64_t since, struct json_writer *w);

#endif
