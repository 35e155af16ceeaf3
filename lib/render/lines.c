/* lines.c - the long text: one line for each thing worth saying, worst first. */
#include "lib/render/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/render/where.h"

#define MESSAGE_COLUMNS 300
#define REASON_COLUMNS 100

/* --- one line of each kind ------------------------------------------------------------ */

static void add_message(struct buf *out, const char *message)
{
	text_clean(out, message, SIZE_MAX, MESSAGE_COLUMNS);
}

static void write_run(const struct report *r, const struct render_options *o, const struct line *l,
    struct buf *out)
{
	(void)r;
	(void)o;
	buf_addf(out, "%s ", state_name(l->finding->state));
	add_message(out, l->finding->message);
}

static void write_source(const struct report *r, const struct render_options *o,
    const struct line *l, struct buf *out)
{
	(void)o;
	buf_addf(out, "%s ", state_name(l->finding->state));
	text_clean(out, r->inv->sources[l->index].name, SIZE_MAX, TEXT_COLUMNS_MAX);
	buf_adds(out, ": ");
	add_message(out, l->finding->message);
}

static bool tells_end(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].id, "expired") == 0 || strcmp(f->v[i].id, "expiring") == 0)
			return true;
	return false;
}

/* What is found, and, unless something worse is to say, when it ends. */
static void add_findings(const struct report *r, const struct item *it, int verbosity,
    struct buf *out)
{
	bool all = verbosity > 0 || it->state == STATE_OK;
	const char *separator = " ";

	if (all && it->has_left && !tells_end(&it->findings)) {
		buf_adds(out, separator);
		where_end(r, it, out);
		separator = ", ";
	}
	for (size_t i = 0; i < it->findings.n; i++) {
		if (!all && it->findings.v[i].state == STATE_OK)
			continue;
		buf_adds(out, separator);
		add_message(out, it->findings.v[i].message);
		separator = ", ";
	}
}

static void add_ignored(const struct item *it, struct buf *out)
{
	const char *reason = it->ignored_reason != NULL ? it->ignored_reason : "";

	buf_adds(out, " (ignore ");
	text_clean(out, it->ignored_by != NULL ? it->ignored_by : "", SIZE_MAX, TEXT_COLUMNS_MAX);
	buf_adds(out, ": ");
	text_clean(out, reason, SIZE_MAX, REASON_COLUMNS);
	buf_addc(out, ')');
}

/* A person is told what to do; a program only needs to be named. */
static void add_remedy(const struct remedy *m, struct buf *out)
{
	if (m->procedure == NULL || actor_name(m->by) == NULL)
		return;
	buf_addf(out, " -> %s: ", actor_name(m->by));
	if (m->by == ACTOR_REMEDIATE || m->detail == NULL)
		buf_adds(out, m->procedure);
	else
		add_message(out, m->detail);
}

static void write_item(const struct report *r, const struct render_options *o, const struct line *l,
    struct buf *out)
{
	const struct item *it = &r->items[l->index];
	char id[WHERE_ID_DIGITS + 1];

	buf_addf(out, "%s ", it->ignored ? "IGNORED" : state_name(it->state));
	where_place(r, it, out);
	where_label(r, it, out);
	add_findings(r, it, o->verbosity, out);
	if (where_id(r, it, id)[0] != '\0')
		buf_addf(out, " %s", id);
	if (it->ignored)
		add_ignored(it, out);
	add_remedy(&it->remedy, out);
}

static void write_by_design(const struct report *r, const struct render_options *o,
    const struct line *l, struct buf *out)
{
	const struct source_status *s = &r->inv->sources[l->index];

	(void)o;
	text_clean(out, s->name, SIZE_MAX, TEXT_COLUMNS_MAX);
	buf_addf(out, ": %zu certificate%s of hosts that no API shows", s->unreadable_by_design,
	    s->unreadable_by_design == 1 ? "" : "s");
}

static void write_statistics(const struct report *r, const struct render_options *o,
    const struct line *l, struct buf *out)
{
	const struct source_status *s = &r->inv->sources[l->index];

	(void)o;
	text_clean(out, s->name, SIZE_MAX, TEXT_COLUMNS_MAX);
	buf_addf(out, ": %s", source_kind_name(s->kind));
	if (s->version != NULL) {
		buf_addc(out, ' ');
		text_clean(out, s->version, SIZE_MAX, TEXT_COLUMNS_MAX);
	}
	buf_addf(out, ", certificates %zu, requests %zu, %lld ms", r->sources[l->index].n_certs,
	    s->n_requests, (long long)s->elapsed_ms);
}

static void write_trace(const struct report *r, const struct render_options *o,
    const struct line *l, struct buf *out)
{
	(void)r;
	(void)o;
	add_message(out, l->text);
}

/* --- which lines, in which order --------------------------------------------------------- */

static void add_line(struct lines *out, struct line l)
{
	out->v = mem_grow(out->v, &out->cap, out->n + 1, sizeof *out->v);
	out->v[out->n++] = l;
}

static void collect_findings(const struct report *r, enum state s, struct lines *out)
{
	for (size_t i = 0; i < r->findings.n; i++)
		if (r->findings.v[i].state == s)
			add_line(out, (struct line){ .write = write_run,
			    .finding = &r->findings.v[i] });
	for (size_t i = 0; i < r->n_sources; i++) {
		const struct findings *f = &r->sources[i].findings;

		for (size_t k = 0; k < f->n; k++)
			if (f->v[k].state == s)
				add_line(out, (struct line){ .write = write_source, .index = i,
				    .finding = &f->v[k] });
	}
}

static bool some_failed(const struct report *r)
{
	for (size_t i = 0; i < r->n_sources; i++)
		if (r->sources[i].failed && r->sources[i].state == STATE_OK)
			return true;
	return false;
}

/* Items are sorted already; *next is the first one not yet taken. */
static void collect_items(const struct report *r, enum state s, size_t *next, struct lines *out)
{
	for (; *next < r->n_items && r->items[*next].state == s; ++*next)
		add_line(out, (struct line){ .write = write_item, .index = *next });
}

static void collect_sources(const struct report *r, int verbosity, struct lines *out)
{
	for (size_t i = 0; i < r->n_sources; i++)
		if (r->inv->sources[i].unreadable_by_design > 0)
			add_line(out, (struct line){ .write = write_by_design, .index = i });
	for (size_t i = 0; verbosity > 1 && i < r->n_sources; i++)
		add_line(out, (struct line){ .write = write_statistics, .index = i });
}

void lines_collect(const struct report *r, const struct render_options *o, struct lines *out)
{
	static const enum state order[] = { STATE_CRITICAL, STATE_UNKNOWN, STATE_WARNING };
	size_t next = 0;

	*out = (struct lines){ 0 };
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		collect_findings(r, order[i], out);
		collect_items(r, order[i], &next, out);
	}
	/* a failure that the user calls OK is still told */
	if (o->verbosity > 0 || some_failed(r))
		collect_findings(r, STATE_OK, out);
	if (o->verbosity == 0)
		return;
	collect_items(r, STATE_OK, &next, out);
	collect_sources(r, o->verbosity, out);
	for (size_t i = 0; o->verbosity > 1 && o->trace != NULL && o->trace[i] != NULL; i++)
		add_line(out, (struct line){ .write = write_trace, .text = o->trace[i] });
}

void lines_clear(struct lines *l)
{
	free(l->v);
	*l = (struct lines){ 0 };
}
