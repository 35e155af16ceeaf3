/* list.c - --list: one line per certificate, everything seen. */
#include "lib/render/render.h"

#include <stdint.h>
#include <stdio.h>
#include "lib/base/text.h"
#include "lib/render/where.h"

#define MESSAGE_COLUMNS 300

static void add_columns(const char *state, const char *end, const char *left, const char *id,
    struct buf *out)
{
	buf_addf(out, "%-8s  %-20s  %12s  %-8s  ", state, end, left, id[0] != '\0' ? id : "-");
}

static void list_item(const struct report *r, const struct item *it, struct buf *out)
{
	char end[TEXT_TIME_BYTES] = "-", span[TEXT_SPAN_BYTES] = "", id[WHERE_ID_DIGITS + 1];
	char left[TEXT_SPAN_BYTES + 1] = "-";

	if (it->has_left) {
		text_from_time(r->inv->certs[it->cert]->not_after_at, end);
		text_from_span(it->seconds_left, span);
		snprintf(left, sizeof left, "%s%s", it->seconds_left < 0 ? "-" : "", span);
	}
	add_columns(it->ignored ? "IGNORED" : state_name(it->state), end, left,
	    where_id(r, it, id), out);
	for (size_t i = 0; i < it->n_sightings; i++) {
		if (i > 0)
			buf_adds(out, ", ");
		where_sighting(r, &r->inv->sightings[it->sightings[i]], out);
	}
	buf_addc(out, '\n');
}

/* What is missing in the list is part of it. */
static void list_gaps(const struct report *r, size_t source, struct buf *out)
{
	const struct findings *f = &r->sources[source].findings;

	for (size_t i = 0; r->sources[source].counted && i < f->n; i++) {
		add_columns(state_name(f->v[i].state), "-", "-", "", out);
		text_clean(out, r->inv->sources[source].name, SIZE_MAX, TEXT_COLUMNS_MAX);
		buf_adds(out, ": ");
		text_clean(out, f->v[i].message, SIZE_MAX, MESSAGE_COLUMNS);
		buf_addc(out, '\n');
	}
}

void render_list(const struct report *r, const struct render_options *o, struct buf *out)
{
	(void)o;
	for (size_t i = 0; i < r->n_items; i++)
		list_item(r, &r->items[i], out);
	for (size_t i = 0; i < r->n_sources; i++)
		list_gaps(r, i, out);
}
