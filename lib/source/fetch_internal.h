/* fetch_internal.h - what the files of fetch share.
 *
 * fetch_queue.c runs transfers from fetch_start to fetch_wait: places, locks,
 * stalls, the deadline.  fetch.c is the wire below it and libcurl's only user.
 * fetch_request.c says beforehand what is wrong with a request, fetch_answer.c
 * reads headers and body into an answer, fetch_words.c says what went wrong;
 * none of these needs a network.  fetch_lock.c is the lock around a call;
 * verdict.c looks at the certificates. */
#ifndef CHECK_CERTS_FETCH_INTERNAL_H
#define CHECK_CERTS_FETCH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/source/fetch.h"
#include "lib/source/verdict.h"

struct fetch_wire;                 /* all connections */
struct fetch_call;                 /* what the wire keeps of one request */

#define FETCH_HEADERS_MAX_BYTES ((size_t)256 * 1024)   /* all header lines of one answer */
#define FETCH_LOCK_TRY_MS 25                           /* between two looks at a lock */

/* The limits that tests make small. */
struct fetch_limits {
	int64_t connect_ms;              /* name, connection and handshake */
	int64_t stall_ms;
	size_t stall_bytes_per_s;
	size_t n_running_max;
};

/* fetch_new with limits of one's own (copied). */
struct fetch *fetch_new_limited(int64_t deadline_ms, const struct trace *trace,
    const struct fetch_limits *limits, struct err *e) MUST_USE;

/* --- fetch_request.c: before it is begun -------------------------------- */

struct fetch_address {
	char *host;                      /* owned; a name or address, without brackets */
	char *where;                     /* owned; "host:port", "[v6]:port" */
	int port;
};

/* The place that a URL ("https://host[:port]/...") or a listener's address
 * ("host[:port]") names; the port is 443 when there is none.  Strict: no
 * login in it, no fragment, no blanks, ASCII only.  ERR_CONFIG.
 * fetch_address_clear always. */
int fetch_address_read(struct fetch_address *a, const char *text, bool is_url,
    struct err *e) MUST_USE;
void fetch_address_clear(struct fetch_address *a);

/* Family, body, login and files of a request to host.  ERR_CONFIG, or ERR_ANSWER
 * when what a login gave cannot be sent. */
int fetch_request_check(const struct fetch_request *r, const char *host, struct err *e) MUST_USE;

/* "name: value", or "name:" without one; overwrites *line. */
void fetch_header_line(struct secret *line, const char *name, const struct secret *value);

/* Requests with equal keys may use each other's connections.  A new string;
 * NULL when there are too many pins to tell. */
char *fetch_pool_key(const struct fetch_request *r) MUST_USE;

/* --- fetch_answer.c: bytes in, answer out -------------------------------- */

struct fetch_reader {
	struct fetch_answer *a;          /* filled as lines come */
	const struct trace *trace;       /* header lines go here; may be NULL */
	const char *label;               /* for the trace; may be NULL */
	size_t header_bytes;
	size_t n_body_bytes;
	char retry_after[64];            /* as it came: its meaning may hang on a later Date */
	bool has_head;                   /* the empty line after the headers has come */
};

/* One header line as libcurl hands it over: status lines, fields, the empty
 * line at the end, trailers.  -1 with a->err set: stop. */
int fetch_read_header(struct fetch_reader *r, const char *line, size_t n) MUST_USE;

/* A piece of the (decompressed) body.  -1 with a->err set: stop. */
int fetch_read_body(struct fetch_reader *r, const void *bytes, size_t n) MUST_USE;

/* "answer larger than N MiB", whose ceiling is that of a->body. */
int fetch_too_large(struct fetch_answer *a);

/* One line for -vv: who, verb, URL without its query, outcome, bytes, time. */
void fetch_trace_answer(const struct trace *t, const char *label, const char *verb,
    const char *url, const struct fetch_answer *a, size_t n_bytes);

/* --- fetch_words.c: what went wrong ------------------------------------- */

/* How far a request had come when its time was up. */
enum fetch_stage {
	FETCH_STAGE_QUEUE, FETCH_STAGE_LOCK, FETCH_STAGE_NAME, FETCH_STAGE_CONNECT,
	FETCH_STAGE_HANDSHAKE, FETCH_STAGE_REQUEST, FETCH_STAGE_ANSWER, FETCH_STAGE_STALLED
};

/* Sets ERR_TIMEOUT; returns -1.  lock_path is for FETCH_STAGE_LOCK. */
int fetch_timed_out(enum fetch_stage stage, const char *lock_path, struct err *e);

/* Sets *e and returns true when the libraries' own words name the cause. */
bool fetch_hint(const char *detail, struct err *e);

/* --- fetch_lock.c --------------------------------------------------------- */

/* Open (create) the lock file.  The descriptor, or -1 with ERR_IO. */
int fetch_lock_open(const char *path, struct err *e) MUST_USE;

/* 1: ours now, until the descriptor is closed; 0: somebody else's; -1: ERR_IO. */
int fetch_lock_try(int fd, const char *path, struct err *e) MUST_USE;

/* --- fetch_queue.c: one request from fetch_start until it is handed back --- */

enum fetch_phase { PHASE_QUEUED, PHASE_RUNNING, PHASE_DONE };

struct fetch_transfer {
	enum fetch_phase phase;
	enum fetch_verb verb;
	char *url;                       /* owned; for the trace */
	char *label;                     /* owned; may be NULL */
	struct fetch_address address;
	char *lock_path;                 /* owned; NULL: none */
	int lock_fd;                     /* -1: not open */
	struct fetch_call *call;         /* owned; NULL before fetch_wire_open and when done */
	struct verdict verdict;
	struct fetch_reader reader;
	struct fetch_answer answer;
	int64_t begun_ms;
	int64_t window_ms;               /* begin of the current stall window; 0: no byte came yet */
	size_t window_bytes;             /* what had come by then */
};

/* --- fetch.c: the wire -------------------------------------------------------- */

struct fetch_wire *fetch_wire_new(struct err *e) MUST_USE;
void fetch_wire_free(struct fetch_wire *w);

/* Set a request up without beginning it.  -1 with t->answer.err set. */
int fetch_wire_open(struct fetch_wire *w, struct fetch_transfer *t, const struct fetch_request *r,
    const struct fetch_limits *limits) MUST_USE;

/* -1 with t->answer.err set. */
int fetch_wire_begin(struct fetch_wire *w, struct fetch_transfer *t) MUST_USE;

/* Move whatever can be moved without waiting. */
void fetch_wire_move(struct fetch_wire *w);

/* A transfer that has ended since, its answer's err and status set; NULL when
 * there is none.  To be closed before the next is asked for. */
struct fetch_transfer *fetch_wire_ended(struct fetch_wire *w);

/* How far it has come. */
enum fetch_stage fetch_wire_stage(const struct fetch_transfer *t);

/* End it, whatever its state; wipes what it was given. */
void fetch_wire_close(struct fetch_wire *w, struct fetch_transfer *t);

/* Wait until something can be moved, at most so long. */
void fetch_wire_wait(struct fetch_wire *w, int64_t ms);

#endif
