/* test_render.c - every format over the same reports, byte for byte, and what
 * must hold whatever the report.
 *
 * With GOLDEN_UPDATE set the expected files are rewritten instead
 * (tests/golden/update.sh). */
#include "tests/unit/unit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/fileio.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/render/render.h"
#include "lib/render/summary.h"
#include "tests/unit/samples.h"

#define OUT_MAX ((size_t)64 * 1024 * 1024)

/* --- golden files ------------------------------------------------------------------------ */

static void render_text(const struct report *r, const struct render_options *o, struct buf *out)
{
	renderer_by_name("text")->render(r, o, out);
}

static void render_as_json(const struct report *r, const struct render_options *o, struct buf *out)
{
	renderer_by_name("json")->render(r, o, out);
}

static const char *const trace_lines[] = {
	"GET https://nsx.example/api/v1/node/version 200 0.041 s", "pipe | and <tag>", NULL
};

static const struct golden {
	const char *sample, *file;
	void (*render)(const struct report *r, const struct render_options *o, struct buf *out);
	struct render_options options;
} goldens[] = {
	{ "empty", "empty.txt", render_text, { .max_output_bytes = 4096 } },
	{ "empty", "empty.json", render_as_json, { .max_output_bytes = 4096 } },
	{ "one", "one.txt", render_text, { .max_output_bytes = 4096 } },
	{ "one", "one.json", render_as_json, { .max_output_bytes = 4096 } },
	{ "fine", "fine.txt", render_text, { .max_output_bytes = 4096 } },
	{ "mixed", "mixed.txt", render_text, { .max_output_bytes = 4096 } },
	{ "mixed", "mixed_v.txt", render_text, { .verbosity = 1, .max_output_bytes = 16384 } },
	{ "mixed", "mixed_vv.txt", render_text,
	    { .verbosity = 2, .max_output_bytes = 65536, .trace = trace_lines } },
	{ "mixed", "mixed_each.txt", render_text,
	    { .max_output_bytes = 4096, .perfdata = PERFDATA_EACH } },
	{ "mixed", "mixed_none.txt", render_text,
	    { .max_output_bytes = 4096, .perfdata = PERFDATA_NONE } },
	{ "mixed", "mixed.json", render_as_json, { .max_output_bytes = 4096 } },
	{ "mixed", "mixed.list", render_list, { .max_output_bytes = 4096 } },
	{ "hostile", "hostile.txt", render_text, { .max_output_bytes = 4096 } },
	{ "hostile", "hostile.json", render_as_json, { .max_output_bytes = 4096 } },
	{ "hostile", "hostile.list", render_list, { .max_output_bytes = 4096 } },
	{ "failed", "failed.txt", render_text, { .max_output_bytes = 4096 } },
	{ "failed", "failed.json", render_as_json, { .max_output_bytes = 4096 } },
	{ "failed", "failed.list", render_list, { .max_output_bytes = 4096 } },
	{ "long", "long.txt", render_text, { .max_output_bytes = 4096 } },
	{ "unknown", "unknown.txt", render_text, { .max_output_bytes = 4096 } },
	{ "unknown", "unknown.json", render_as_json, { .max_output_bytes = 4096 } },
	{ "thousands", "thousands.txt", render_text, { .max_output_bytes = 4096 } },
	{ "thousands", "thousands_each.txt", render_text,
	    { .max_output_bytes = 4096, .perfdata = PERFDATA_EACH } },
};

static const struct sample_kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sample_n_kinds; i++)
		if (strcmp(sample_kinds[i].name, name) == 0)
			return &sample_kinds[i];
	ck_abort_msg("no sample %s", name);
	return NULL;
}

static char *golden_path(const char *file)
{
	const char *top = getenv("top_srcdir");

	return mem_printf("%s/tests/golden/%s", top != NULL ? top : ".", file);
}

START_TEST(test_golden)
{
	const struct golden *g = &goldens[_i];
	char *path = golden_path(g->file);
	struct buf out, expected;
	struct sample s;
	struct err e;

	buf_init(&out, OUT_MAX);
	buf_init(&expected, OUT_MAX);
	sample_open(&s, kind_of(g->sample));
	g->render(&s.report, &g->options, &out);
	ck_assert(!out.overflow);
	if (getenv("GOLDEN_UPDATE") != NULL)
		ck_assert_msg(fileio_replace(path, out.data, out.len, 0644, &e) == 0, "%s", e.text);
	ck_assert_msg(fileio_read(path, &expected, &e) == 0, "%s", e.text);
	ck_assert_msg(out.len == expected.len &&
	    memcmp(buf_str(&out), buf_str(&expected), out.len) == 0,
	    "%s differs; what is printed now:\n%s", g->file, buf_str(&out));
	sample_close(&s);
	buf_clear(&out);
	buf_clear(&expected);
	free(path);
}
END_TEST

/* --- what must hold of every text ------------------------------------------------------------ */

static size_t count_char(const char *s, size_t n, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += s[i] == c;
	return count;
}

/* One assertion a text: each one is a message to the parent process. */
static void check_utf8(const struct buf *out)
{
	size_t i = 0;

	while (i < out->len) {
		size_t n = text_utf8_len(out->data + i, out->len - i);

		if (n == 0 || ((unsigned char)out->data[i] < 0x20 && out->data[i] != '\n'))
			break;
		i += n;
	}
	ck_assert_msg(i == out->len, "not UTF-8, or a control character, at byte %zu", i);
}

static void check_text(const struct buf *out, size_t budget)
{
	const char *end = strchr(out->data, '\n'), *bar = strchr(out->data, '|');
	size_t first = (size_t)(end - out->data);
	size_t text = bar != NULL ? (size_t)(bar - out->data) - 1 : first;

	ck_assert_uint_le(out->len, budget);
	ck_assert_int_eq(out->data[out->len - 1], '\n');
	ck_assert_uint_eq(count_char(out->data, out->len, '|'), bar != NULL);
	ck_assert(bar == NULL || bar < end);
	ck_assert_uint_le(text, SUMMARY_LINE_BYTES);
	ck_assert_uint_eq(count_char(out->data, text, ';'), 0);
	ck_assert_uint_eq(count_char(out->data, out->len, '<'), 0);
	ck_assert_uint_eq(count_char(out->data, out->len, '['), 0);
	check_utf8(out);
}

/* Each sample at every verbosity, with every form of performance data, at
 * budgets down to nothing. */
START_TEST(test_text_properties)
{
	static const size_t budgets[] = { 0, 1, 201, 202, 300, 512, 700, 1000, 4096, 20000 };
	struct sample s;
	struct buf out;

	buf_init(&out, OUT_MAX);
	sample_open(&s, &sample_kinds[_i]);
	for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++)
		for (int v = 0; v < 3 * 4; v++) {
			struct render_options o = { .verbosity = v % 4,
			    .max_output_bytes = budgets[i],
				.perfdata = (enum perfdata)(v / 4), .trace = trace_lines };

			buf_reset(&out);
			render_text(&s.report, &o, &out);
			check_text(&out,
			    budgets[i] > SUMMARY_LINE_BYTES ? budgets[i] : SUMMARY_LINE_BYTES + 1);
		}
	sample_close(&s);
	buf_clear(&out);
}
END_TEST

/* "... and N more": the lines printed and the N make all there are. */
START_TEST(test_cut_is_counted)
{
	static const size_t budgets[] = { 600, 1000, 2000, 4096, 20000 };
	struct render_options o = { .max_output_bytes = SIZE_MAX };
	struct buf all, some;
	struct sample s;

	buf_init(&all, OUT_MAX);
	buf_init(&some, OUT_MAX);
	sample_open(&s, kind_of("thousands"));
	render_text(&s.report, &o, &all);
	ck_assert_ptr_null(strstr(all.data, "... and"));
	for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
		const char *tail;

		o.max_output_bytes = budgets[i];
		buf_reset(&some);
		render_text(&s.report, &o, &some);
		tail = strstr(some.data, "... and ");
		ck_assert_ptr_nonnull(tail);
		ck_assert_int_eq(memcmp(all.data, some.data, (size_t)(tail - some.data)), 0);
		ck_assert_uint_eq(strtoul(tail + 8, NULL, 10) + count_char(some.data, some.len,
		    '\n') - 1,
		    count_char(all.data, all.len, '\n'));
	}
	sample_close(&s);
	buf_clear(&all);
	buf_clear(&some);
}
END_TEST

/* --- performance data ------------------------------------------------------------------ */

static bool is_label(const char *s, size_t n)
{
	return n > 0 && n <= 19 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") >= n;
}

/* "label=value[%|s][;warning[;critical]]", none of them empty. */
static void check_pair(const char *s, size_t n)
{
	const char *equals = memchr(s, '=', n);
	size_t digits;

	ck_assert_ptr_nonnull(equals);
	ck_assert_msg(is_label(s, (size_t)(equals - s)), "label in \"%.*s\"", (int)n, s);
	n -= (size_t)(equals + 1 - s);
	s = equals + 1;
	for (int field = 0; field < 3; field++) {
		digits = strspn(s, "-.0123456789");
		ck_assert_msg(digits > 0, "empty field in \"%.*s\"", (int)n, s);
		if (field == 0 && (s[digits] == '%' || s[digits] == 's'))
			digits++;
		ck_assert_uint_le(digits, n);
		s += digits;
		n -= digits;
		if (n == 0)
			return;
		ck_assert_int_eq(*s, ';');
		s++;
		n--;
	}
	ck_abort_msg("more than three fields");
}

START_TEST(test_perfdata_grammar)
{
	struct render_options o = { .max_output_bytes = 1000000, .perfdata = PERFDATA_EACH };
	struct sample s;
	struct buf out;
	const char *at;

	buf_init(&out, OUT_MAX);
	sample_open(&s, &sample_kinds[_i]);
	render_text(&s.report, &o, &out);
	at = strstr(out.data, " | ");
	ck_assert_ptr_nonnull(at);
	for (at += 3; ; at++) {
		size_t n = strcspn(at, " \n");

		check_pair(at, n);
		at += n;
		if (*at == '\n')
			break;
	}
	sample_close(&s);
	buf_clear(&out);
}
END_TEST

/* Two certificates whose fingerprints begin alike get longer labels. */
START_TEST(test_labels_differ)
{
	struct render_options o = { .max_output_bytes = 4096, .perfdata = PERFDATA_EACH };
	struct sample s;
	struct buf out;

	buf_init(&out, OUT_MAX);
	sample_open(&s, kind_of("fine"));
	memcpy(s.inv.certs[1]->sha256, s.inv.certs[0]->sha256, 5);
	s.inv.certs[0]->sha256[5] = 0x10;
	s.inv.certs[1]->sha256[5] = 0x20;
	sample_judge(&s, SAMPLE_NOW);
	render_text(&s.report, &o, &out);
	ck_assert_ptr_nonnull(strstr(out.data, "1=74;30;7 c_"));
	ck_assert_ptr_nonnull(strstr(out.data, "2=300;30;7\n"));
	sample_close(&s);
	buf_clear(&out);
}
END_TEST

static const struct { const char *warning, *critical, *min_days, *min_life; } limits[] = {
	{ "30", "7", " min_days_left=74;30;7 ", " min_life_left=16.85% " },
	{ "36h", "12h", " min_days_left=74;2;1 ", " min_life_left=16.85% " },
	{ "25%", "10%", " min_days_left=74 ", " min_life_left=16.85%;25.00;10.00 " },
	{ "25%", "7", " min_days_left=74 ", " min_life_left=16.85%;25.00 " },
	{ "30,12.5%", "@0:3", " min_days_left=74;30 ", " min_life_left=16.85%;12.50 " },
};

START_TEST(test_perfdata_limits)
{
	struct render_options o = { .max_output_bytes = 4096 };
	struct sample s;
	struct buf out;
	struct err e;

	buf_init(&out, OUT_MAX);
	sample_open(&s, kind_of("fine"));
	ck_assert_int_eq(limit_parse(limits[_i].warning, "w", &s.policy.limits.warning, &e), 0);
	ck_assert_int_eq(limit_parse(limits[_i].critical, "c", &s.policy.limits.critical, &e), 0);
	sample_judge(&s, SAMPLE_NOW);
	render_text(&s.report, &o, &out);
	ck_assert_ptr_nonnull(strstr(out.data, limits[_i].min_days));
	ck_assert_ptr_nonnull(strstr(out.data, limits[_i].min_life));
	sample_close(&s);
	buf_clear(&out);
}
END_TEST

/* --- JSON ------------------------------------------------------------------------------ */

static int64_t number(const struct json *obj, const char *key)
{
	int64_t value = -1;

	ck_assert_msg(json_i64(json_get(obj, key), &value), "%s is no whole number", key);
	return value;
}

/* The counts again, from what the document says of each certificate and source. */
static void check_sums(const struct json *doc)
{
	static const char *const words[] = { "ok", "warning", "critical", "unknown", "ignored" };
	static const char *const states[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
	const struct json *counts = json_get(doc, "counts");
	int64_t seen[5] = { 0 }, sum = 0;

	for (const struct json *c = json_first(json_get(doc, "certificates")); c; c = json_next(c))
		for (int i = 0; i < 4; i++) {
			bool here = strcmp(json_str(json_get(c, "state")), states[i]) == 0;

			if (here)
				seen[json_get(c, "ignored") != NULL ? 4 : i]++;
		}
	for (const struct json *s = json_first(json_get(doc, "sources")); s; s = json_next(s))
		for (int i = 1; i < 4; i++)
			seen[i] += strcmp(json_str(json_get(s, "state")), states[i]) == 0;
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(number(counts, words[i]), seen[i]);
		sum += seen[i];
	}
	ck_assert_int_eq(number(counts, "total"), sum);
}

static void check_keys(const struct json *obj, const char *keys)
{
	const struct json *member = json_first(obj);
	char *copy = mem_strdup(keys), *save = NULL;

	for (char *k = strtok_r(copy, " ", &save); k != NULL; k = strtok_r(NULL, " ", &save)) {
		ck_assert_msg(member != NULL, "%s is missing", k);
		ck_assert_str_eq(json_key(member), k);
		member = json_next(member);
	}
	free(copy);
}

static void check_sighting(const struct json *s)
{
	const char *via = json_str(json_get(s, "via"));

	if (strcmp(via, "api") == 0)
		check_keys(s, "source kind via id name uses");
	else if (strcmp(via, "tls") == 0)
		check_keys(s, "source kind via endpoint");
	else
		check_keys(s, "source kind via path index");
}

/* Keys in the order of the contract, null instead of absent. */
static void check_shape(const struct json *doc)
{
	check_keys(doc, "schema state evaluated_at summary counts sources certificates");
	check_keys(json_get(doc, "counts"), "total ok warning critical unknown ignored");
	for (const struct json *s = json_first(json_get(doc, "sources")); s; s = json_next(s))
		check_keys(s, "name kind state version certificates requests seconds findings "
		    "unreadable_by_design");
	for (const struct json *c = json_first(json_get(doc, "certificates")); c;
	    c = json_next(c)) {
		check_keys(c,
		    "sha256 subject issuer serial names not_before not_after seconds_left "
		    "days_left is_ca key signature state findings sightings remedy");
		check_keys(json_get(c, "remedy"), "procedure by detail");
		for (const struct json *f = json_first(json_get(c, "findings")); f;
		    f = json_next(f))
			check_keys(f, "id state message");
		for (const struct json *s = json_first(json_get(c, "sightings")); s;
		    s = json_next(s))
			check_sighting(s);
	}
}

START_TEST(test_json)
{
	struct render_options o = { .max_output_bytes = 1 };
	struct json *doc;
	struct sample s;
	struct buf out;
	struct err e;

	buf_init(&out, OUT_MAX);
	sample_open(&s, &sample_kinds[_i]);
	render_as_json(&s.report, &o, &out);
	ck_assert_int_eq(out.data[out.len - 1], '\n');
	ck_assert_uint_eq(count_char(out.data, out.len, '\n'), 1);
	check_utf8(&out);
	doc = json_parse(out.data, out.len, &e);
	ck_assert_msg(doc != NULL, "%s", e.text);
	check_shape(doc);
	check_sums(doc);
	json_free(doc);
	sample_close(&s);
	buf_clear(&out);
}
END_TEST

/* --- the table and --list -------------------------------------------------------------- */

START_TEST(test_formats)
{
	struct buf out;

	buf_init(&out, 100);
	renderer_names(&out);
	ck_assert_str_eq(buf_str(&out), "text, json");
	ck_assert_str_eq(renderer_by_name("json")->name, "json");
	ck_assert_ptr_null(renderer_by_name("yaml"));
	ck_assert_ptr_null(renderer_by_name(""));
	buf_clear(&out);
}
END_TEST

START_TEST(test_list)
{
	struct render_options o = { .max_output_bytes = 4096 };
	struct sample s;
	struct buf out;
	size_t n_gaps = 0;

	buf_init(&out, OUT_MAX);
	sample_open(&s, &sample_kinds[_i]);
	render_list(&s.report, &o, &out);
	for (size_t i = 0; i < s.report.n_sources; i++)
		n_gaps += s.report.sources[i].counted ? s.report.sources[i].findings.n : 0;
	ck_assert_uint_eq(count_char(buf_str(&out), out.len, '\n'), s.report.n_items + n_gaps);
	check_utf8(&out);
	sample_close(&s);
	buf_clear(&out);
}
END_TEST

static Suite *make_suite(void)
{
	int n_samples = (int)sample_n_kinds;
	Suite *s = suite_create("render");
	TCase *t = tcase_create("render");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_golden, 0, UNIT_ROWS(goldens));
	tcase_add_loop_test(t, test_text_properties, 0, n_samples);
	tcase_add_test(t, test_cut_is_counted);
	tcase_add_loop_test(t, test_perfdata_grammar, 0, n_samples);
	tcase_add_test(t, test_labels_differ);
	tcase_add_loop_test(t, test_perfdata_limits, 0, UNIT_ROWS(limits));
	tcase_add_loop_test(t, test_json, 0, n_samples);
	tcase_add_test(t, test_formats);
	tcase_add_loop_test(t, test_list, 0, n_samples);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
