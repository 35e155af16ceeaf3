/* output.c - the sentence for a run that has nothing to report. */
#include "plugins/output.h"

#include <string.h>
#include "lib/base/text.h"

#define FIRST_LINE_COLUMNS 600
#define MORE_LINE_BYTES 40         /* room for "... and N more" */

static size_t count_lines(const char *lines)
{
	size_t n = 0;

	for (const char *at = lines; (at = strchr(at, '\n')) != NULL; at++)
		n++;
	return n;
}

static void add_lines(struct buf *out, const char *lines, size_t max_bytes)
{
	size_t left = count_lines(lines);
	struct buf line;

	buf_init(&line, max_bytes);
	for (const char *at = lines; left > 0; left--) {
		size_t n = strcspn(at, "\n");

		buf_reset(&line);
		text_clean(&line, at, n, 0);
		if (line.overflow || out->len + line.len + 1 + MORE_LINE_BYTES > max_bytes)
			break;
		buf_addf(out, "%s\n", buf_str(&line));
		at += n + 1;
	}
	if (left > 0)
		buf_addf(out, "... and %zu more\n", left);
	buf_clear(&line);
}

void output_unknown(struct buf *out, const char *lines, size_t max_bytes)
{
	size_t n = count_lines(lines);

	buf_adds(out, "CERTS UNKNOWN - ");
	text_clean(out, lines, strcspn(lines, "\n"), FIRST_LINE_COLUMNS);
	if (n <= 1) {
		buf_addc(out, '\n');
		return;
	}
	buf_addf(out, " (and %zu more)\n", n - 1);
	add_lines(out, lines, max_bytes);
}
