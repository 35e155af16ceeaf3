/* fetch.h - HTTPS calls and handshakes, many at once, one deadline.
 *
 * The only user of libcurl.  One multi handle runs two kinds of work: a call
 * (GET, or the POST of a login; the handler's writes), and a peek: a handshake
 * with no request and no credential that returns the chain presented.
 * Nothing is ever repeated here; a request that is not a GET goes over a connection of its own,
 * because libcurl repeats a POST by itself on a reused one that closed.
 * https only, TLS 1.2 or newer (peeks: anything), HTTP/1.1, no redirects, no
 * proxy, no cookies, no key log from the environment.
 *
 * A connection is used again only by requests of the same source that trust
 * and log in alike: libcurl does not know what our verify callback trusts. */
#ifndef CHECK_CERTS_FETCH_H
#define CHECK_CERTS_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "lib/base/trace.h"
#include "lib/source/target.h"

#define FETCH_BODY_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define FETCH_CHAIN_MAX 20
#define FETCH_CONNECT_MS 10000
#define FETCH_RUNNING_MAX 400   /* descriptors end at 1024; further requests wait for a place */

/* An answer that has begun and is slower than this for so long is given up.
 * Before its first byte only the deadline counts: a busy manager thinks long. */
#define FETCH_STALL_BYTES_PER_S 64
#define FETCH_STALL_S 8

enum fetch_verb { FETCH_GET, FETCH_POST, FETCH_PEEK, FETCH_PUT, FETCH_PATCH, FETCH_DELETE };

/* Borrowed for the duration of fetch_start only; trust alone must outlive the
 * request. */
struct fetch_request {
	enum fetch_verb verb;
	const char *url;               /* https://...; FETCH_PEEK: "host:port" or "[v6]:port" */
	enum family family;
	const struct trust *trust;     /* must outlive the request; NULL: the system store */
	const char *sni;               /* FETCH_PEEK: name to send; NULL: the host when it is a name */
	/* at most one of these logins; all borrowed */
	const struct secret *basic_user, *basic_password;
	const struct secret *bearer;
	const struct secret *cookie, *xsrf;   /* "JSESSIONID=..." and X-XSRF-TOKEN */
	const char *client_cert_path, *client_key_path;
	/* at most one body; none: an empty one */
	const struct secret *form;     /* FETCH_POST: application/x-www-form-urlencoded */
	const struct secret *json;     /* POST, PUT, PATCH: application/json; may hold a key */
	size_t max_body_bytes;         /* after decompression; 0: FETCH_BODY_MAX_BYTES */
	const char *lock_path;         /* hold an exclusive flock on this file meanwhile; NULL: none */
	const char *label;             /* for the trace: the target's name; NULL: none */
	size_t source;                 /* handed back: which source asked */
	int tag;                       /* handed back: the source's own */
};

struct fetch_chain {
	size_t n;
	struct { unsigned char *der; size_t len; } v[FETCH_CHAIN_MAX];   /* leaf first; owned */
	size_t n_cut;                  /* presented beyond FETCH_CHAIN_MAX, and not kept */
};

struct fetch_answer {
	size_t source;
	int tag;
	struct err err;                /* ERR_NONE when HTTP answered, whatever the status, */
	                               /* or a peek has a chain */
	int status;                    /* HTTP status; 0 for a peek or when none came */
	char content_type[128];        /* "" when none */
	char location[256];            /* "" when none */
	struct buf body;               /* empty whenever err is set: half an answer is none */
	bool has_date;
	int64_t date_at;               /* server's Date */
	int64_t received_at;           /* our wall clock when the headers came */
	int64_t retry_after_s;         /* -1 when none; dates are turned into seconds */
	struct secret cookie, xsrf;    /* a session login's */
	struct fetch_chain chain;      /* of this request's handshake; empty on a reused connection */
	bool only_expired;             /* trust failed, and only because the leaf has expired */
	bool was_sent;                 /* a part of it may have left; false: surely nothing */
	int64_t elapsed_ms;
};

struct fetch;

/* deadline_ms is of clock_mono_ms(); trace may be NULL.  NULL, ERR_IO when
 * libcurl cannot be set up. */
struct fetch *fetch_new(int64_t deadline_ms, const struct trace *trace, struct err *e) MUST_USE;
void fetch_free(struct fetch *f);

/* Begin.  Never blocks and never fails: a request that cannot be begun (bad
 * URL, missing CA file) comes back from fetch_wait with its err set. */
void fetch_start(struct fetch *f, const struct fetch_request *r);

/* Number of requests begun and not yet handed back. */
size_t fetch_pending(const struct fetch *f);

/* Wait until an answer is there, wake_ms (monotonic; INT64_MAX: none) or the
 * deadline has come.  1: *a is filled (fetch_answer_clear afterwards); 0: no
 * answer in time.  At the deadline every pending request is handed back, one
 * a call, with ERR_TIMEOUT. */
int fetch_wait(struct fetch *f, int64_t wake_ms, struct fetch_answer *a);

void fetch_answer_clear(struct fetch_answer *a);

/* Frees what is inside; a chain that was cleared is an empty one. */
void fetch_chain_clear(struct fetch_chain *c);

#endif
