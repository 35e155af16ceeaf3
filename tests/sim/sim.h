/* sim.h - the core that the simulators share: options, HTTPS listeners,
 * control interface, log, faults and the virtual clock.
 *
 * A simulator is one struct sim_product and a main() that calls sim_main().
 * The core owns sockets, threads and time; a product owns what the product
 * believes.  All calls into a product are made under one lock, one at a time,
 * so a product needs no lock of its own and must never sleep.
 *
 * The scenario is read with lib/base/json.h, answers are written with its
 * writer.  Everything a client sends is hostile input, here too. */
#ifndef CHECK_CERTS_SIM_H
#define CHECK_CERTS_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "tests/sim/sim_cert.h"

#define SIM_PASSWORD "simulator-only"       /* of every default account */
#define SIM_REQUEST_MAX_BYTES (8u << 20)    /* a larger body is answered with 413 */
#define SIM_REPLY_MAX_BYTES (512u << 20)
#define SIM_REPLY_HEADERS_MAX 24

struct sim;                   /* the core; opaque */

/* A fault that the core does not know itself (a name from the product's own
 * list) and that the request at hand has met. */
struct sim_fault_hit {
	const char *what;             /* "cursor"; NULL: none */
	const struct json *value;     /* the "value" member; may be NULL */
};

/* One request, complete.  Everything is borrowed until handle() returns. */
struct sim_request {
	const char *method;           /* as sent: "GET" */
	const char *path;             /* without the query, percent-decoded */
	const char *target;           /* as sent: "/path?query" */
	const char *body;             /* NUL-terminated; "" when empty */
	size_t body_len;
	const char *address;          /* the local address that was connected to: "127.41.0.11" */
	int port;
	const uint8_t *client_der;    /* the client's certificate; NULL: none shown */
	size_t client_der_len;
	int64_t now_ms;               /* simulated, since the epoch; equals sim_now_ms() */
	int n_in_flight;              /* unanswered requests on all listeners, this one included */
	struct sim_fault_hit fault;
	void *connection;             /* the core's */
};

/* The answer.  The core hands in {status 200, empty body, no headers}. */
struct sim_header {
	char *name;
	char *value;
};
struct sim_reply {
	unsigned status;
	const char *content_type;     /* static text; NULL: no such header */
	struct buf body;
	struct sim_header headers[SIM_REPLY_HEADERS_MAX];
	size_t n_headers;
	bool changed;                 /* this request changed what the product believes */
	bool chunked;                 /* Transfer-Encoding: chunked instead of a Content-Length */
	bool lose;                    /* close the connection instead of answering */
	char note[96];                /* for the log: who asked, what was refused; never a secret */
};

/* POST below /_sim/ that the product adds: the body, complete; the answer is written
 * by w from the top value on.  -1: 400 with *e. */
struct sim_product_control {
	const char *path;             /* "/_sim/event"; NULL ends the list */
	int (*post)(void *state, const struct json *body, struct json_writer *w, struct err *e);
};

struct sim_product {
	const char *name;             /* "nsx_sim" */
	const char *default_scenario; /* JSON; used without --scenario */
	const char *const *faults;    /* further names for a fault's "do"; NULL-ended, or NULL */
	const char *const *keys;      /* top-level scenario keys besides the core's; NULL-ended */
	const struct sim_product_control *controls;   /* NULL: none of its own */
	bool asks_client_cert;        /* the TLS handshake asks for one (and takes none) */

	/* Build the state from a scenario.  Certificates are made with
	 * sim_shop(sim), listeners named with sim_listen().  Called at start and
	 * for each POST /_sim/scenario; on -1 nothing is left behind and the old
	 * state stays.  The scenario outlives the state. */
	int (*create)(struct sim *sim, const struct json *scenario, void **state, struct err *e);

	/* Answer one request (never one below /_sim/). */
	void (*handle)(void *state, const struct sim_request *rq, struct sim_reply *rp);

	/* The product's own error body for a status, for the "status" fault. */
	void (*refuse)(void *state, unsigned status, struct sim_reply *rp);

	/* What this address presents now; NULL: the handshake fails. */
	const struct sim_cert *(*serves)(void *state, const char *address);

	/* Members of the open object for GET /_sim/state: everything believed. */
	void (*dump)(void *state, struct json_writer *w);

	void (*destroy)(void *state);
};

/* Options, scenario, listeners, ready file; serves until SIGTERM or SIGINT.
 * Returns the exit status: 0 ended by signal, 3 usage or a bad scenario,
 * 1 anything else. */
int sim_main(const struct sim_product *product, int argc, char **argv);

/* --- for products, in create() ------------------------------------------- */

/* Listen on this address, all listeners on one port.  main: this is the
 * address of the ready file's url, and --listen ADDR takes its place.
 * address NULL: 127.0.0.1.  down: the address is known but nothing listens
 * there.  Returns the address in force, valid as long as the state. */
const char *sim_listen(struct sim *sim, const char *address, bool main, bool down);

/* The shop of the state being built: certificates live as long as the state. */
struct sim_shop *sim_shop(struct sim *sim);

/* Error unless every member of obj is named in known (or also, may be NULL). */
int sim_known_keys(const struct json *obj, const char *where, const char *const *known,
    const char *const *also, struct err *e) MUST_USE;

/* --- for products, at any time ---------------------------------------------- */

/* Simulated time: --at (or the real time at start), plus what has passed,
 * plus what POST /_sim/clock added.  Work that takes time stores the moment
 * it ends, and is looked at when somebody asks. */
int64_t sim_now_ms(const struct sim *sim);

/* The port of all listeners; 0 before they are bound (in the first create()). */
int sim_port(const struct sim *sim);

/* The service behind an address restarts: its connections are cut now (the one
 * that asks is closed behind its answer) and new ones are refused for so long
 * (real time), then it listens again.  In handle() only. */
void sim_restart_listener(struct sim *sim, const char *address, int64_t down_ms);

/* Lower-case version-4 UUID, random.  out has room for 37. */
void sim_uuid(char out[37]);

/* --- reading a request ----------------------------------------------------------- */

/* Header by name in any case; cookie by name; query argument, percent-decoded
 * ("" when it has no value).  NULL when absent.  Borrowed. */
const char *sim_request_header(const struct sim_request *rq, const char *name);
const char *sim_request_cookie(const struct sim_request *rq, const char *name);
const char *sim_request_query(const struct sim_request *rq, const char *name);

/* A field of an application/x-www-form-urlencoded body; NULL when absent.  free(). */
char *sim_request_form(const struct sim_request *rq, const char *name) MUST_USE;

/* User and password of an Authorization: Basic header; free() both.  -1 when
 * there is none or it cannot be read. */
int sim_request_basic(const struct sim_request *rq, char **user, char **password) MUST_USE;

/* The body as JSON; ERR_ANSWER when it is none.  json_free(). */
struct json *sim_request_json(const struct sim_request *rq, struct err *e) MUST_USE;

/* Percent-decoding of n bytes, '+' as a blank when form is set.  free(). */
char *sim_percent_decode(const char *s, size_t n, bool form) MUST_USE;

/* --- writing a reply ---------------------------------------------------------------- */

/* Start over with this status and content type; the body is empty. */
void sim_reply_set(struct sim_reply *rp, unsigned status, const char *content_type);

/* The same for JSON; w then writes into the body (open the top value yourself). */
void sim_reply_json(struct sim_reply *rp, unsigned status, struct json_writer *w);

/* Add a header; a name that is there already is added again (Set-Cookie). */
void sim_reply_header(struct sim_reply *rp, const char *name, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
