/* status.h - how the handler fares at a target, from what the worker
 * published.  Pure: the moment is a value. */
#ifndef CHECK_CERTS_STATUS_H
#define CHECK_CERTS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/judge/state.h"
#include "lib/model/facts.h"

struct status_limits {
	int64_t now_at;
	int64_t seen_within_s;       /* the worker has to have been there */
	int64_t running_s;           /* longer is WARNING */
};

struct status {
	const char *target;          /* borrowed */
	struct facts facts;          /* owned; empty when there are none */
	bool has_facts;
	enum state state;
	char *text;                  /* owned; one clause, not yet cleaned */
};

/* why: the facts could not be read; NULL: they could, or (has_facts false)
 * there are none.  Sets state and text. */
void status_judge(struct status *s, const struct err *why, const struct status_limits *limits);
void status_clear(struct status *s);

/* Worst first; within a state they stay in order. */
void status_sort(struct status *all, size_t n);

/* The plugin's output, with perfdata, at most max_bytes; and one object. */
void status_text(const struct status *all, size_t n, const struct status_limits *limits,
    size_t max_bytes, struct buf *out);
void status_json(const struct status *all, size_t n, const struct status_limits *limits,
    struct buf *out);
enum state status_worst(const struct status *all, size_t n);

/* "run 7 nsx-apply running, step 2 of 5: <message>"; "idle". */
void status_of_run(const struct facts *f, struct buf *out);

#endif
