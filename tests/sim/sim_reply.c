/* sim_reply.c - writing a reply. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

#define HEADER_MAX_BYTES 4096

void sim_reply_init(struct sim_reply *rp)
{
	memset(rp, 0, sizeof *rp);
	rp->status = 200;
	buf_init(&rp->body, SIM_REPLY_MAX_BYTES);
}

void sim_reply_clear(struct sim_reply *rp)
{
	for (size_t i = 0; i < rp->n_headers; i++) {
		free(rp->headers[i].name);
		free(rp->headers[i].value);
	}
	rp->n_headers = 0;
	buf_clear(&rp->body);
}

void sim_reply_set(struct sim_reply *rp, unsigned status, const char *content_type)
{
	rp->status = status;
	rp->content_type = content_type;
	buf_reset(&rp->body);
}

void sim_reply_json(struct sim_reply *rp, unsigned status, struct json_writer *w)
{
	sim_reply_set(rp, status, "application/json");
	jsonw_init(w, &rp->body);
}

void sim_reply_header(struct sim_reply *rp, const char *name, const char *fmt, ...)
{
	struct sim_header *header;
	char value[HEADER_MAX_BYTES];
	va_list args;

	if (rp->n_headers == SIM_REPLY_HEADERS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(value, sizeof value, fmt, args);
	va_end(args);
	header = &rp->headers[rp->n_headers++];
	header->name = mem_strdup(name);
	header->value = mem_strdup(value);
}
