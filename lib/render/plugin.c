/* plugin.c - the text that monitoring plugins print.
 *
 * Performance data stands on the first line only, and no other line has a
 * '|': that is the one form that Nagios and Icinga read alike.  The whole
 * stays under a budget, since Nagios loses what is above 4096 bytes. */
#include "lib/render/formats.h"

#include <stdint.h>
#include "lib/render/lines.h"
#include "lib/render/perfdata.h"
#include "lib/render/summary.h"

#define TEXT_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define LINE_MAX_BYTES ((size_t)64 * 1024)
#define TAIL_BYTES 80          /* room for either of the two closing lines */

/* A budget below the first line alone would say nothing. */
#define BUDGET_LEAST (SUMMARY_LINE_BYTES + 1)

/* Appends " | " and the numbers, when the totals fit into room; one value per
 * certificate takes at most half of what is left, the rest is for the lines.
 * Returns the number of certificates that found no room. */
static size_t add_perfdata(const struct report *r, enum perfdata which, size_t room,
    struct buf *out)
{
	struct buf numbers;
	size_t n_left_out = 0;

	buf_init(&numbers, TEXT_MAX_BYTES);
	buf_adds(&numbers, " | ");
	if (which != PERFDATA_NONE)
		perfdata_totals(r, &numbers);
	if (which == PERFDATA_EACH)
		n_left_out = perfdata_each(r, numbers.len < room ? (room - numbers.len) / 2 : 0,
		    &numbers);
	if (which != PERFDATA_NONE && numbers.len <= room)
		buf_add(out, numbers.data, numbers.len);
	buf_clear(&numbers);
	return n_left_out;
}

/* Lines as long as they fit, with room for the word about the others. */
static void add_lines(const struct report *r, const struct render_options *o, size_t budget,
    struct buf *out)
{
	struct lines lines;
	struct buf line;
	size_t i;

	buf_init(&line, LINE_MAX_BYTES);
	lines_collect(r, o, &lines);
	for (i = 0; i < lines.n; i++) {
		size_t tail = i + 1 < lines.n ? TAIL_BYTES : 0;

		buf_reset(&line);
		lines.v[i].write(r, o, &lines.v[i], &line);
		buf_addc(&line, '\n');
		if (out->len + line.len + tail > budget)
			break;
		buf_add(out, line.data, line.len);
	}
	if (i < lines.n && out->len + TAIL_BYTES <= budget)
		buf_addf(out, "... and %zu more (use -o json or --max-output)\n", lines.n - i);
	lines_clear(&lines);
	buf_clear(&line);
}

void render_plugin(const struct report *r, const struct render_options *o, struct buf *out)
{
	size_t budget = o->max_output_bytes > BUDGET_LEAST ? o->max_output_bytes : BUDGET_LEAST;
	size_t n_left_out, tail;
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	summary_prefix(r, &text);
	summary_add(r, SUMMARY_LINE_BYTES - text.len, &text);
	n_left_out = add_perfdata(r, o->perfdata, budget - 1 - text.len, &text);
	buf_addc(&text, '\n');
	tail = n_left_out > 0 ? TAIL_BYTES : 0;
	add_lines(r, o, budget > tail ? budget - tail : 0, &text);
	if (n_left_out > 0 && text.len + TAIL_BYTES <= budget)
		buf_addf(&text, "... and perfdata of %zu more (use --max-output)\n", n_left_out);
	buf_add(out, text.data, text.len);
	buf_clear(&text);
}
