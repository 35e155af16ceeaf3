/* plan.h - what would be done about one finding: ordered steps, or why not.
 *
 * plan_make is pure: report, mandate, material and clock in, plan out.  A plan
 * is made of words and ids only, so that it can be shown, hashed, journalled,
 * and taken up by another process later: what the runner performs is what was
 * read back from the journal. */
#ifndef CHECK_CERTS_PLAN_H
#define CHECK_CERTS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "remediate/mandate.h"
#include "remediate/material.h"
#include "remediate/view.h"

#define PLAN_STEPS_MAX 64
#define PLAN_USES_MAX 256           /* of one step */
#define PLAN_NOTES_MAX 64
#define PLAN_HASH_BYTES 65          /* 64 hex digits and NUL */

/* A (service, node) that shall have the new certificate; node and endpoint
 * NULL: one per cluster, no handshake.  All strings owned. */
struct plan_use {
	char *service, *node, *node_name, *endpoint;
};

/* One step.  All strings owned; NULL where the kind of step has no such thing. */
struct plan_step {
	char *kind;              /* name of a row of the table in step.h */
	char *service, *node, *node_name;   /* apply; node is a transport node for a host */
	char *old_id, *new_id;   /* new_id NULL: what an earlier step of this run made */
	char *endpoint;          /* "host:port" that shall serve the new one; NULL: no handshake */
	char *sni;
	char *call;              /* the exact call, for people: "POST /api/v1/..." */
	char *why;               /* one clause */
	int64_t verify_s;        /* how long its effect may take to show */
	int64_t unit;            /* 1, 2 ...: begun only inside a window, then finished; 0: no units */
	struct plan_use *uses;   /* batch-replace: all that change over together */
	size_t n_uses, cap_uses;
};

struct plan {
	char *target, *procedure;
	char *finding;           /* id of the finding that it mends; "request": a person asked */
	char *object;            /* id of the certificate (CA, transport node) to be replaced */
	char *object_name, *old_sha256;     /* sha256 NULL when nobody can know it */
	char *new_id, *new_sha256;          /* of the replacement; NULL: made on the way */
	char *summary;           /* one sentence for the one on call, without times that move */
	struct plan_step *steps;
	size_t n_steps, cap_steps;
	char **notes;            /* what a person has to know or do besides */
	size_t n_notes, cap_notes;
	bool needs_pin;          /* our own way to the API is by pin, and its leaf changes */
	char *version;           /* of the product, when a change of it in mid-run stops; else NULL */
	bool is_rollback;
	int64_t rollback_of;     /* run; 0: none */
};

enum plan_verdict {
	PLAN_READY,              /* *plan is complete */
	PLAN_NOTHING,            /* nothing here is ours to mend: why is in e too */
	PLAN_REFUSED             /* something is, and it must not or cannot be done: see e */
};

/* What is to be mended: the worst finding that is ours, or what a person asked for. */
struct plan_request {
	const char *procedure;   /* NULL: as the report's remedy says */
	const char *object;      /* NULL: whichever is worst */
	int64_t rollback_of;     /* 0; else: put plan_rollback's steps together */
};

/* The plan for one target.  Goes through the items of the report that are ours
 * (remedy.by is ACTOR_REMEDIATE, the state is at least act_on, the procedure is
 * allowed), worst first, and answers for the first that can be mended;
 * PLAN_REFUSED with the reason of the worst when none can.  material is what
 * `replacement` gives (material.h).  Pure. */
enum plan_verdict plan_make(const struct view *view, const struct mandate *m,
    const struct material *material, const struct plan_request *request, int64_t now_at,
    struct plan *out, struct err *e);

/* Deletes of certificates that a run replaced and nobody uses, one plan each:
 * PLAN_NOTHING while keep_old has not passed since done_at. */
enum plan_verdict plan_cleanup(const struct view *view, const struct mandate *m, const char *old_id,
    const char *old_sha256, int64_t done_at, int64_t now_at, struct plan *out, struct err *e);

/* The documented apply of the old certificate, for the steps of a run that did
 * their work, last first.  PLAN_REFUSED where the old one is gone, has no
 * private key, or is no better. */
enum plan_verdict plan_rollback(const struct view *view, const struct plan *done,
    const bool *was_acted, int64_t run, int64_t now_at, struct plan *out, struct err *e);

void plan_init(struct plan *p);
void plan_clear(struct plan *p);
void plan_step_clear(struct plan_step *s);
struct plan_step *plan_add_step(struct plan *p, const char *kind);   /* valid until the next */
struct plan_use *plan_add_use(struct plan_step *s, const char *service);   /* the same */
void plan_add_note(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The plan as JSON (an object; key for use inside another), and back.
 * plan_read: ERR_ANSWER.  print then read gives an equal plan. */
void plan_write(const struct plan *p, struct json_writer *w, const char *key);
int plan_read(const struct json *doc, struct plan *p, struct err *e) MUST_USE;

/* SHA-256 of the plan's JSON: what an approval is bound to.  Two polls of an
 * unchanged world give the same hash. */
void plan_hash(const struct plan *p, char out[PLAN_HASH_BYTES]);

#endif
