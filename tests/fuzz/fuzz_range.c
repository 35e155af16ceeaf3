/* fuzz_range.c - limits and ranges from arbitrary text.  What is accepted must
 * keep the promises of the header. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "lib/base/mem.h"
#include "lib/judge/range.h"

#define TEXT_MAX 4096
#define DAY INT64_C(86400)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

static void try_range(const char *text)
{
	struct range r;
	struct err e;

	if (range_parse(text, &r, &e)) {
		require(e.code == ERR_USAGE);
		return;
	}
	require(!isnan(r.start) && !isnan(r.end) && r.start <= r.end);
	require(range_alerts(&r, r.start) == r.inside || isinf(r.start));
	require(range_alerts(&r, r.end) == r.inside || isinf(r.end));
}

static void try_limit(const char *text)
{
	struct limit l, twice = { .has_time = false };
	struct err e;

	if (limit_parse(text, "limit", &l, &e)) {
		require(e.code == ERR_USAGE && !l.has_time && !l.has_percent && !l.has_range);
		return;
	}
	require(l.has_time || l.has_percent || l.has_range);
	require(!l.has_range || (!l.has_time && !l.has_percent));
	require(!l.has_percent || (l.percent >= 0 && l.percent <= 100));
	require(!l.has_time || limit_alerts(&l, l.time_s - 1, -1));
	require(!l.has_time || l.has_percent || !limit_alerts(&l, l.time_s, -1));
	require(limit_pair_is_sane(&l, &l));
	require(limit_days(&l) >= -1);
	limit_merge(&twice, &l);
	limit_merge(&twice, &l);
	for (int64_t left_s = -2 * DAY; left_s < 200 * DAY; left_s += 13 * DAY + 7)
		require(limit_alerts(&l, left_s, 400 * DAY) == limit_alerts(&twice, left_s, 400 * DAY));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size > TEXT_MAX)
		return 0;
	text = mem_strndup((const char *)data, size);
	try_range(text);
	try_limit(text);
	free(text);
	return 0;
}
