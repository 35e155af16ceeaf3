/* summary.c - the one sentence that says it all. */
#include "lib/render/summary.h"

#include <stdint.h>
#include <string.h>
#include "lib/base/text.h"
#include "lib/render/render.h"
#include "lib/render/where.h"

#define TEXT_MAX_BYTES ((size_t)64 * 1024)
#define ELLIPSIS "..."

void summary_prefix(const struct report *r, struct buf *out)
{
	buf_addf(out, "CERTS %s - ", state_name(r->state));
}

static void add_counts(const struct report *r, struct buf *out)
{
	buf_addf(out, ", %zu critical, %zu warning, %zu unknown, %zu ok, %zu ignored",
	    r->counts.critical, r->counts.warning, r->counts.unknown, r->counts.ok,
	    r->counts.ignored);
}

static void add_id(const struct report *r, const struct item *it, struct buf *out)
{
	char id[WHERE_ID_DIGITS + 1];

	if (where_id(r, it, id)[0] != '\0')
		buf_addf(out, " (%s)", id);
}

/* The first of the worst; rules tell the end of a certificate before the rest. */
static const struct finding *worst_finding(const struct findings *f, enum state s)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].state == s)
			return &f->v[i];
	return NULL;
}

static void add_phrase(const struct item *it, const struct finding *f, struct buf *out)
{
	char span[TEXT_SPAN_BYTES];

	if (strcmp(f->id, "expiring") == 0)
		buf_addf(out, "expires in %s", text_from_span(it->seconds_left, span));
	else if (strcmp(f->id, "expired") == 0)
		buf_addf(out, "expired %s ago", text_from_span(it->seconds_left, span));
	else
		text_clean(out, f->message, SIZE_MAX, 0);
}

static bool add_worst_item(const struct report *r, struct buf *out)
{
	const struct item *it = r->items;
	const struct finding *f;

	if (r->n_items == 0 || it->state != r->state || it->ignored)
		return false;
	f = worst_finding(&it->findings, r->state);
	if (f == NULL)
		return false;
	where_place(r, it, out);
	buf_addc(out, ' ');
	add_phrase(it, f, out);
	add_id(r, it, out);
	return true;
}

static bool add_worst_source(const struct report *r, struct buf *out)
{
	for (size_t i = 0; i < r->n_sources; i++) {
		const struct source_report *s = &r->sources[i];
		const struct finding *f = worst_finding(&s->findings, r->state);

		if (!s->counted || s->state != r->state || f == NULL)
			continue;
		text_clean(out, r->inv->sources[i].name, SIZE_MAX, TEXT_COLUMNS_MAX);
		buf_adds(out, ": ");
		text_clean(out, f->message, SIZE_MAX, 0);
		return true;
	}
	return false;
}

static bool add_worst_of_run(const struct report *r, struct buf *out)
{
	const struct finding *f = worst_finding(&r->findings, r->state);

	if (f != NULL)
		text_clean(out, f->message, SIZE_MAX, 0);
	return f != NULL;
}

static void add_all_fine(const struct report *r, struct buf *out)
{
	const struct item *next = r->has_min_left ? &r->items[r->min_item] : NULL;
	size_t n = r->n_items - r->counts.ignored;
	char span[TEXT_SPAN_BYTES];

	buf_addf(out, "%zu certificate%s fine", n, n == 1 ? "" : "s");
	if (next == NULL)
		return;
	buf_adds(out, ", next to end: ");
	where_place(r, next, out);
	buf_addf(out, " in %s", text_from_span(next->seconds_left, span));
	add_id(r, next, out);
}

/* A target that was not read hides more than one row that was not understood,
 * and comes first where both are UNKNOWN; so it does where the user called
 * such a failure OK. */
static void add_head(const struct report *r, struct buf *out)
{
	bool item_first = r->state == STATE_CRITICAL || r->state == STATE_WARNING;

	if (item_first && add_worst_item(r, out))
		return;
	if (add_worst_source(r, out) || add_worst_of_run(r, out))
		return;
	if (r->state == STATE_OK)
		add_all_fine(r, out);
	else
		add_worst_item(r, out);
}

/* At most max bytes of s, not cut inside a character. */
static void add_cut(struct buf *out, const char *s, size_t max)
{
	size_t n = strlen(s);

	if (n <= max) {
		buf_add(out, s, n);
		return;
	}
	if (max < sizeof ELLIPSIS)
		return;
	for (n = max - (sizeof ELLIPSIS - 1); n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80;)
		n--;
	buf_add(out, s, n);
	buf_adds(out, ELLIPSIS);
}

void summary_add(const struct report *r, size_t max_bytes, struct buf *out)
{
	struct buf head, counts;

	buf_init(&head, TEXT_MAX_BYTES);
	buf_init(&counts, TEXT_MAX_BYTES);
	add_head(r, &head);
	add_counts(r, &counts);
	if (counts.len < max_bytes)
		add_cut(out, buf_str(&head), max_bytes - counts.len);
	add_cut(out, buf_str(&counts), max_bytes);
	buf_clear(&head);
	buf_clear(&counts);
}

void render_summary(const struct report *r, struct buf *out)
{
	struct buf prefix;

	buf_init(&prefix, TEXT_MAX_BYTES);
	summary_prefix(r, &prefix);
	summary_add(r, SUMMARY_LINE_BYTES - prefix.len, out);
	buf_clear(&prefix);
}
