/* source.h - where certificates come from: the interface of a source, and the
 * loop that runs all of them at once.
 *
 * A source does no I/O.  It is a small state machine: next says what it wants
 * now, take gives it an answer, finish lets it join what it learnt.  Paging,
 * token refresh and retries are its states, so it is tested by feeding it
 * recorded answers.  A new source is one file and one row in source.c. */
#ifndef CHECK_CERTS_SOURCE_H
#define CHECK_CERTS_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include "lib/model/inventory.h"
#include "lib/source/fetch.h"
#include "lib/source/target.h"

enum want {
	WANT_REQUEST,     /* *r is filled: begin it, then ask again */
	WANT_ANSWER,      /* nothing to begin until one of my answers comes */
	WANT_WAKE,        /* nothing until *wake_ms (monotonic), or one of my answers */
	WANT_NOTHING      /* done: no request pending, none to come */
};

struct json;
struct source;        /* each kind has its own struct behind this */

struct source_context {
	struct inventory *inv;     /* sightings and issues go here, as they are learnt */
	size_t index;              /* of this source, in inv->sources and in answers */
	const struct target *target;
	const char *state_dir;     /* writable directory of the checks' own, or NULL */
	int64_t now_at;            /* real wall clock of this run */
};

struct source_ops {
	enum source_kind kind;
	struct source *(*open)(const struct source_context *c);   /* cannot fail: a source that is not able says so in take/finish as an issue */
	enum want (*next)(struct source *s, int64_t now_ms, struct fetch_request *r, int64_t *wake_ms);
	void (*take)(struct source *s, int64_t now_ms, struct fetch_answer *a);  /* may take a->chain and a->body by emptying them */
	void (*finish)(struct source *s);   /* once, after the last answer or at the deadline: join names, mark complete */
	void (*close)(struct source *s);
};

extern const struct source_ops source_nsx, source_opsman, source_tls, source_files;

struct collect_options {
	int64_t deadline_ms;       /* monotonic */
	int64_t now_at;            /* wall clock */
	const char *state_dir;     /* or NULL */
	const struct trace *trace; /* or NULL */
};

/* Poll all targets at the same time into inv (initialised, empty): one source
 * per target, in order.  What was not read is an issue of its source; only
 * "libcurl cannot be set up" is an error. */
int collect(const struct target *targets, size_t n_targets, const struct collect_options *o,
    struct inventory *inv, struct err *e) MUST_USE;

/* Helpers that every source shares (source_util.c). */

/* Add the chain of a handshake as sightings: the leaf with role and use (use
 * may be NULL), then its issuers as ROLE_CHAIN.  Returns the index of the
 * leaf's sighting, or SIZE_MAX for an empty chain. */
size_t source_add_chain(const struct source_context *c, const struct fetch_chain *chain,
    const char *endpoint, enum role role, const struct use *use);

/* Record an issue with the target-independent prefix "what: ". */
void source_issue(const struct source_context *c, enum issue_kind kind, const struct err *e, const char *what);

/* Issues about single rows of an answer, of which a server can make any
 * number: after SOURCE_REMARKS_MAX only the numbers go on.  Anything but a
 * note makes the poll incomplete. */
#define SOURCE_REMARKS_MAX 20
struct source_remarks {
	size_t n_gaps;     /* something is missing or doubtful, told or not */
	size_t n;          /* remarks, told or not */
};
void source_remark(const struct source_context *c, struct source_remarks *r, enum issue_kind kind,
    const struct err *e, const char *what);

/* A whole body as JSON; frees the body, which can be large.  ERR_ANSWER. */
struct json *source_parse_body(struct buf *body, struct err *e) MUST_USE;

/* What a target says of the far side: the URL's host, and the certificates of
 * its CA file, into its source_status.  A CA file that cannot be used is told
 * by the connection that needs it; where a pin is set, none is used. */
void source_note_target(const struct source_context *c);

/* The guard of login.h around this target's login.  Needs state_dir; without
 * one, nothing is remembered. */
int source_login_held(const struct source_context *c, const struct credentials *cr, struct err *e) MUST_USE;
void source_login_refused(const struct source_context *c, const struct credentials *cr);
void source_login_worked(const struct source_context *c);

#endif
