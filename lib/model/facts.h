/* facts.h - what the worker publishes about a target: public/TARGET.json.
 *
 * {"schema":"certs_facts/1","target":"prod","worker_seen_at":"...Z",
 *  "pins":["<64 hex>"],"run":{"id":7,"state":"running","procedure":"nsx-apply",
 *  "step":2,"steps":5,"since":"...Z","plan_hash":"...","message":"..."}|null,
 *  "breaker":"closed"|"open"}
 *
 * status, check_certs and the HTML page read only this.  Pins are accepted in
 * addition to those of the configuration, while a change goes on. */
#ifndef CHECK_CERTS_FACTS_H
#define CHECK_CERTS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/model/cert.h"

#define FACTS_MAX_BYTES ((size_t)64 * 1024)
#define FACTS_PINS_MAX 8

struct facts {
	char *target;            /* all strings owned */
	int64_t worker_seen_at;
	uint8_t pins[FACTS_PINS_MAX][CERT_SHA256_BYTES];
	size_t n_pins;
	bool has_run;
	int64_t run_id, step, steps, since_at;   /* step: 1 is the first; 0: not begun */
	char *run_state, *procedure, *plan_hash, *message;
	bool breaker_open;
};

void facts_init(struct facts *f);
void facts_clear(struct facts *f);

/* The file's text, with a last line feed. */
void facts_print(const struct facts *f, struct buf *out);

/* ERR_ANSWER with the place; text[len] must be NUL and may be changed. */
int facts_parse(char *text, size_t len, struct facts *f, struct err *e) MUST_USE;

/* DIR/public/TARGET.json.  A regular file that only its owner, root or
 * us may write; 1: read; 0: there is none; -1: ERR_IO, ERR_ANSWER, ERR_CONFIG. */
int facts_load(const char *dir, const char *target, struct facts *f, struct err *e) MUST_USE;

#endif
