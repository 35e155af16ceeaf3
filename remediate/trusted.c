/* trusted.c - the pins of a change. */
#include "remediate/trusted.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/plan_text.h"

#define RUNS_LOOKED_AT 16   /* back to the last one that was done */

bool pins_have(const struct pins *p, const char *sha256)
{
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->sha256[i], sha256) == 0)
			return true;
	}
	return false;
}

void pins_add(struct pins *p, const char *sha256)
{
	uint8_t bytes[CERT_SHA256_BYTES];

	if (sha256 == NULL || p->n == FACTS_PINS_MAX || pins_have(p, sha256) ||
	    text_from_hex(sha256, bytes, sizeof bytes) != 0)
		return;
	text_hex(bytes, sizeof bytes, p->sha256[p->n++]);
}

/* Both, as the run bound them or its plan knew them. */
static void add_run(struct pins *out, const struct run *r, const struct plan *p, bool old)
{
	pins_add(out, r->new_sha256);
	pins_add(out, p->new_sha256);
	if (old)
		pins_add(out, p->old_sha256);
}

/* true: no older run matters. */
static bool take_run(struct pins *out, const struct run *r)
{
	struct plan p;
	struct err e = { ERR_NONE, "" };
	bool is_last = false;

	plan_init(&p);
	if (r->plan_json == NULL || plan_from_text(r->plan_json, &p, &e) != 0 || !p.needs_pin)
		goto out;
	is_last = r->state == RUN_DONE;
	if (is_last || run_is_open(r->state) || r->n_acted > 0)
		add_run(out, r, &p, !is_last);
out:
	plan_clear(&p);
	return is_last;
}

int pins_of_target(struct journal *j, const char *target, struct pins *out, struct err *e)
{
	struct run *runs;
	size_t n;

	memset(out, 0, sizeof *out);
	if (journal_runs(j, target, RUNS_LOOKED_AT, &runs, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n && !take_run(out, &runs[i]); i++)
		continue;
	runs_free(runs, n);
	return 0;
}

void trusted_init(struct trusted *t, const struct mandate *m, const struct pins *pins)
{
	struct trust *trust = &t->target.trust;

	t->mandate = *m;
	t->target = *m->target;
	t->pins = *pins;
	t->mandate.target = &t->target;
	trust->pins = mem_array(trust->n_pins + pins->n, sizeof *trust->pins);
	for (size_t i = 0; i < trust->n_pins; i++)
		memcpy(trust->pins[i], m->target->trust.pins[i], CERT_SHA256_BYTES);
	for (size_t i = 0; trust->n_pins > 0 && i < pins->n; i++) {
		if (text_from_hex(pins->sha256[i], trust->pins[trust->n_pins],
		    CERT_SHA256_BYTES) == 0)
			trust->n_pins++;
	}
}

void trusted_clear(struct trusted *t)
{
	free(t->target.trust.pins);
	memset(t, 0, sizeof *t);
}
