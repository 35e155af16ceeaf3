/* perfdata.c - the numbers behind the '|'. */
#include "lib/render/perfdata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define LABEL_DIGITS_MIN 8
#define LABEL_DIGITS_MAX 17    /* "c_" and these make 19, as much as RRD tells apart */
#define HEX_BYTES (2 * CERT_SHA256_BYTES + 1)
#define PAIR_MAX_BYTES 128

static void add_count(struct buf *out, const char *label, size_t n)
{
	buf_addf(out, " %s=%zu", label, n);
}

/* value / 10^digits, with a point whatever the locale. */
static void add_fixed(struct buf *out, int64_t value, int digits)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	unsigned long long unit = 1;

	for (int i = 0; i < digits; i++)
		unit *= 10;
	buf_addf(out, "%s%llu.%0*llu", value < 0 ? "-" : "", (unsigned long long)magnitude / unit,
	    digits, (unsigned long long)magnitude % unit);
}

/* ";warning;critical": the second only behind the first. */
static void add_day_limits(struct buf *out, const struct item *it)
{
	int64_t warning = limit_days(&it->warning), critical = limit_days(&it->critical);

	if (warning < 0)
		return;
	buf_addf(out, ";%lld", (long long)warning);
	if (critical >= 0)
		buf_addf(out, ";%lld", (long long)critical);
}

static void add_share_limits(struct buf *out, const struct item *it)
{
	if (!it->warning.has_percent)
		return;
	buf_addc(out, ';');
	add_fixed(out, llround(it->warning.percent * 100), 2);
	if (!it->critical.has_percent)
		return;
	buf_addc(out, ';');
	add_fixed(out, llround(it->critical.percent * 100), 2);
}

static void add_minima(const struct report *r, struct buf *out)
{
	if (r->has_min_left) {
		buf_addf(out, " min_days_left=%lld",
		    (long long)text_days_floor(r->min_seconds_left));
		add_day_limits(out, &r->items[r->min_item]);
	}
	if (r->has_min_life) {
		buf_adds(out, " min_life_left=");
		add_fixed(out, r->min_life_percent_hundredths, 2);
		buf_addc(out, '%');
		add_share_limits(out, &r->items[r->min_life_item]);
	}
}

/* A run without any request has no request time, and one whose time was not
 * taken no run time. */
static void add_times(const struct report *r, struct buf *out)
{
	size_t n_requests = 0;

	for (size_t i = 0; i < r->n_sources; i++)
		n_requests += r->inv->sources[i].n_requests;
	if (n_requests > 0) {
		buf_adds(out, " api_time=");
		add_fixed(out, r->api_ms, 3);
		buf_addc(out, 's');
	}
	if (r->run_ms > 0) {
		buf_adds(out, " time=");
		add_fixed(out, r->run_ms, 3);
		buf_addc(out, 's');
	}
}

void perfdata_totals(const struct report *r, struct buf *out)
{
	buf_addf(out, "certs_total=%zu", r->counts.total);
	add_count(out, "certs_ok", r->counts.ok);
	add_count(out, "certs_warning", r->counts.warning);
	add_count(out, "certs_critical", r->counts.critical);
	add_count(out, "certs_unknown", r->counts.unknown);
	add_count(out, "certs_ignored", r->counts.ignored);
	add_minima(r, out);
	add_count(out, "expired", r->n_expired);
	add_count(out, "not_yet_valid", r->n_not_yet_valid);
	add_count(out, "invalid", r->n_invalid);
	add_count(out, "unused", r->n_unused);
	add_count(out, "drift", r->n_drift);
	add_times(r, out);
}

/* --- one value per certificate ----------------------------------------------------- */

struct label {
	size_t item;
	char hex[HEX_BYTES];
	size_t n_digits;
};

static int compare_labels(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->hex, ((const struct label *)b)->hex);
}

static int compare_places(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	return (x->item > y->item) - (x->item < y->item);
}

static size_t common_digits(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

/* As many digits as tell it from the neighbours of a sorted list. */
static void choose_digits(struct label *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t digits = LABEL_DIGITS_MIN;

		if (i > 0 && common_digits(labels[i - 1].hex, labels[i].hex) >= digits)
			digits = common_digits(labels[i - 1].hex, labels[i].hex) + 1;
		if (i + 1 < n && common_digits(labels[i].hex, labels[i + 1].hex) >= digits)
			digits = common_digits(labels[i].hex, labels[i + 1].hex) + 1;
		labels[i].n_digits = digits < LABEL_DIGITS_MAX ? digits : LABEL_DIGITS_MAX;
	}
}

static struct label *make_labels(const struct report *r, size_t *n)
{
	struct label *labels = mem_array(r->n_items, sizeof *labels);

	*n = 0;
	for (size_t i = 0; i < r->n_items; i++) {
		const struct item *it = &r->items[i];
		const struct cert *c = r->inv->certs[it->cert];

		if (it->ignored || it->is_unused || !it->has_left || c->form != CERT_PARSED)
			continue;
		labels[*n].item = i;
		cert_sha256_hex(c, labels[(*n)++].hex);
	}
	qsort(labels, *n, sizeof *labels, compare_labels);
	choose_digits(labels, *n);
	qsort(labels, *n, sizeof *labels, compare_places);
	return labels;
}

size_t perfdata_each(const struct report *r, size_t max_bytes, struct buf *out)
{
	size_t n, i, room = max_bytes;
	struct label *labels = make_labels(r, &n);
	struct buf pair;

	buf_init(&pair, PAIR_MAX_BYTES);
	for (i = 0; i < n; i++) {
		const struct item *it = &r->items[labels[i].item];

		buf_reset(&pair);
		buf_addf(&pair, " c_%.*s=%lld", (int)labels[i].n_digits, labels[i].hex,
		    (long long)it->days_left);
		add_day_limits(&pair, it);
		if (pair.len > room)
			break;
		buf_add(out, pair.data, pair.len);
		room -= pair.len;
	}
	free(labels);
	buf_clear(&pair);
	return n - i;
}
