/* sim_log.c - each request, in order, and what became of it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

#define ENTRIES_MAX 100000

struct entry {
	char *method;
	char *target;
	char *note;
	char *faults;
	char address[SIM_ADDRESS_BYTES];
	const char *login;            /* static text */
	int64_t at_ms;                /* simulated */
	int64_t mono_ms;
	int64_t took_ms;              /* -1: not answered yet */
	size_t body_bytes;
	size_t answer_bytes;
	unsigned status;              /* 0: none was sent */
	int n_in_flight;
	bool changed;
};

struct sim_log {
	struct entry *entry;          /* entry[i] has number i + 1 */
	size_t n;
	size_t cap;
};

struct sim_log *sim_log_new(void)
{
	return mem_alloc(sizeof(struct sim_log));
}

void sim_log_free(struct sim_log *log)
{
	if (log == NULL)
		return;
	for (size_t i = 0; i < log->n; i++) {
		free(log->entry[i].method);
		free(log->entry[i].target);
		free(log->entry[i].note);
		free(log->entry[i].faults);
	}
	free(log->entry);
	free(log);
}

/* With what the client introduced itself; never the secret. */
static const char *login_kind(const struct sim_request *rq)
{
	const char *header = sim_request_header(rq, "Authorization");

	if (header != NULL && strncasecmp(header, "Basic ", 6) == 0)
		return "basic";
	if (header != NULL && strncasecmp(header, "Bearer ", 7) == 0)
		return "bearer";
	if (header != NULL)
		return "other";
	if (sim_request_header(rq, "Cookie") != NULL)
		return "cookie";
	return rq->client_der != NULL ? "certificate" : "none";
}

/* The faults that met this request, by name. */
static char *fault_names(const struct sim_hits *hits)
{
	struct buf names;

	if (hits->n == 0)
		return NULL;
	buf_init(&names, 1024);
	for (size_t i = 0; i < hits->n; i++)
		buf_addf(&names, "%s%s", i > 0 ? " " : "", sim_fault_do(hits->fault[i]));
	return buf_take(&names);
}

int64_t sim_log_enter(struct sim_log *log, const struct sim_exchange *x)
{
	struct entry *entry;

	if (log->n == ENTRIES_MAX)
		return 0;
	log->entry = mem_grow(log->entry, &log->cap, log->n + 1, sizeof *log->entry);
	entry = &log->entry[log->n++];
	memset(entry, 0, sizeof *entry);
	entry->method = mem_strdup(x->rq.method);
	entry->target = mem_strdup(x->rq.target);
	entry->faults = fault_names(&x->hits);
	strcpy(entry->address, x->conn->address);
	entry->login = login_kind(&x->rq);
	entry->at_ms = x->rq.now_ms;
	entry->mono_ms = clock_mono_ms();
	entry->took_ms = -1;
	entry->body_bytes = x->rq.body_len;
	entry->n_in_flight = x->rq.n_in_flight;
	return (int64_t)log->n;
}

void sim_log_outcome(struct sim_log *log, int64_t number, const struct sim_exchange *x)
{
	struct entry *entry;

	if (number <= 0 || (size_t)number > log->n)
		return;
	entry = &log->entry[number - 1];
	entry->status = x->rp.lose || x->delivery.reset ? 0 : x->rp.status;
	entry->changed = x->rp.changed;
	entry->answer_bytes = x->rp.body.len;
	entry->note = x->rp.note[0] != '\0' ? mem_strdup(x->rp.note) : NULL;
	entry->took_ms = clock_mono_ms() - entry->mono_ms;
}

static void dump_one(const struct entry *entry, int64_t number, struct json_writer *w)
{
	jsonw_open(w, NULL, '{');
	jsonw_i64(w, "n", number);
	jsonw_i64(w, "at_ms", entry->at_ms);
	jsonw_str(w, "method", entry->method);
	jsonw_str(w, "target", entry->target);
	jsonw_str(w, "address", entry->address);
	jsonw_str(w, "login", entry->login);
	jsonw_i64(w, "body_bytes", (int64_t)entry->body_bytes);
	jsonw_i64(w, "in_flight", entry->n_in_flight);
	jsonw_i64(w, "status", entry->status);
	jsonw_bool(w, "changed", entry->changed);
	jsonw_i64(w, "answer_bytes", (int64_t)entry->answer_bytes);
	if (entry->took_ms >= 0)
		jsonw_i64(w, "took_ms", entry->took_ms);
	else
		jsonw_null(w, "took_ms");
	jsonw_str(w, "faults", entry->faults);
	jsonw_str(w, "note", entry->note);
	jsonw_close(w, '}');
}

void sim_log_dump(const struct sim_log *log, int64_t since, struct json_writer *w)
{
	jsonw_open(w, NULL, '[');
	for (size_t i = since > 0 ? (size_t)since : 0; i < log->n; i++)
		dump_one(&log->entry[i], (int64_t)i + 1, w);
	jsonw_close(w, ']');
}
