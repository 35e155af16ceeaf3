/* test_nsx_rows.c - the parsers of the NSX source, fed by themselves: rows of
 * every odd kind, joins in every order, versions, refusals. */
#include <stdio.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/nsx_internal.h"
#include "tests/unit/nsx_manager.h"
#include "tests/unit/unit.h"

#define WHAT "certificates, page 1"
#define MARK "{{"
#define END_2001 "1000000000000"      /* ms; 2001-09-09T01:46:40Z */

struct bench {
	struct world w;
	struct nsx_facts f;
};

static void open_bench(struct bench *b)
{
	memset(b, 0, sizeof *b);
	inventory_init(&b->w.inv);
	b->w.c.inv = &b->w.inv;
	b->w.c.target = &b->w.target;
	b->w.c.index = inventory_add_source(&b->w.inv, "prod", SOURCE_NSX);
	nsx_facts_init(&b->f, &b->w.c);
}

static void close_bench(struct bench *b)
{
	nsx_facts_clear(&b->f);
	inventory_clear(&b->w.inv);
}

/* JSON text with "{{name}}" replaced by that PEM file, as inside a string. */
static char *fill(const char *text)
{
	struct buf out;

	buf_init(&out, SIZE_MAX);
	for (const char *mark; (mark = strstr(text, MARK)) != NULL;) {
		char name[32], *pem;

		ck_assert_int_eq(sscanf(mark, MARK "%30[a-z0-9]", name), 1);
		strcat(name, ".pem");
		pem = nsx_fixture(".", name);
		buf_add(&out, text, (size_t)(mark - text));
		for (const char *p = pem; *p != '\0'; p++)
			buf_adds(&out, *p == '\n' ? "\\n" : (char[]){ *p, '\0' });
		free(pem);
		text = strstr(mark, "}}") + 2;
	}
	buf_adds(&out, text);
	return buf_take(&out);
}

static int read_page(struct bench *b, const char *text, nsx_read_row_fn *read_row, size_t max_rows,
    struct nsx_page *page, struct err *e)
{
	struct buf body;
	int failed;

	buf_init(&body, SIZE_MAX);
	buf_adds(&body, text);
	failed = nsx_read_page(&b->f, &body, WHAT, read_row, max_rows, page, e);
	ck_assert_uint_eq(body.len, 0);
	return failed;
}

/* One page with these rows. */
static void read_rows(struct bench *b, const char *rows, nsx_read_row_fn *read_row)
{
	char *filled = fill(rows), *text = mem_printf("{\"results\":[%s]}", filled);
	struct err e = { ERR_NONE, "" };
	struct nsx_page page;

	ck_assert_msg(
	    read_page(b, text, read_row, NSX_ROWS_MAX, &page, &e) == 0, "%s: %.200s", e.text, text);
	ck_assert_ptr_null(page.cursor);
	free(text);
	free(filled);
}

/* "API/n1 MGMT_CLUSTER/-" */
static char *uses_text(const struct sighting *s)
{
	struct buf out;

	buf_init(&out, SIZE_MAX);
	for (size_t i = 0; i < s->n_uses; i++)
		buf_addf(&out, "%s%s/%s", i > 0 ? " " : "", s->uses[i].service,
		    s->uses[i].node != NULL ? s->uses[i].node : "-");
	return buf_take(&out);
}

/* --- one row ------------------------------------------------------------------------- */

#define PEM "\"pem_encoded\":\"{{api1}}\""
#define BLOCK(body) "-----BEGIN CERTIFICATE-----\\n" body "\\n-----END CERTIFICATE-----\\n"
#define DATE(ms) "\"details\":[{\"not_after\":" ms "}]"
#define GOOD_DETAILS DATE("1798761600000")      /* 2027-01-01, as in the PEM */

static const struct {
	const char *row;
	const char *forms;           /* of its blocks: p(arsed) r(eported) u(nreadable) */
	const char *id, *name, *uses;
	const char *problem;         /* of the first block that could not be read */
	const char *note, *partial;  /* part of the only such issue; NULL: none */
} rows[] = {
	/* the usual */
	{ "{\"id\":\"i\",\"display_name\":\"n\"," PEM "," GOOD_DETAILS "}", "p", "i", "n", "", NULL,
	    NULL, NULL },
	{ "{\"id\":\"i\"," PEM "}", "p", "i", "i", "", NULL, NULL, NULL },
	{ "{\"id\":\"i\",\"display_name\":\"\"," PEM "}", "p", "i", "i", "", NULL, NULL, NULL },
	{ "{\"id\":\"i\",\"display_name\":null," PEM
	  ",\"details\":null,\"used_by\":null,\"category\":null}",
	    "p", "i", "i", "", NULL, NULL, NULL },
	{ "{\"id\":\"i\",\"pem_encoded\":\"{{shared}}{{issuing}}{{root}}\"}", "ppp", "i", "i", "",
	    NULL, NULL, NULL },
	{ "{" PEM "}", "p", NULL, "results[0]", "", NULL, NULL, NULL },
	{ "{\"unknown\":{\"deep\":[1]}," PEM ",\"id\":\"i\"}", "p", "i", "i", "", NULL, NULL,
	    NULL },

	/* the PEM wins; what details tell is only compared */
	{ "{\"id\":\"i\"," PEM "," DATE(END_2001) "}", "p", "i", "i", "", NULL,
	    "its details say valid until 2001-09-09T01:46:40Z, its PEM 2027-01-01T00:00:00Z",
	    NULL },
	{ "{\"id\":\"i\"," PEM ",\"details\":[]}", "p", "i", "i", "", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM ",\"details\":[{}]}", "p", "i", "i", "", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM ",\"details\":[7,{\"not_after\":\"x\"}]}", "p", "i", "i", "", NULL,
	    NULL, NULL },
	{ "{\"id\":\"i\"," PEM ",\"details\":7}", "p", "i", "i", "", NULL,
	    "details: want an array, have a number", NULL },
	{ "{\"id\":\"i\"," PEM ",\"details\":[{\"not_after\":1},{\"not_after\":1798761600999}]}",
	    "p", "i", "i", "", NULL, NULL, NULL },

	/* no PEM: details stand in */
	{ "{\"id\":\"i\"," DATE(END_2001) "}", "r", "i", "i", "",
	    "no pem_encoded", NULL, NULL },
	{ "{\"id\":\"i\",\"pem_encoded\":null," DATE(END_2001) "}", "r", "i", "i", "",
	    "no pem_encoded", NULL, NULL },
	{ "{\"id\":\"i\",\"pem_encoded\":7," DATE(END_2001) "}", "r", "i", "i", "",
	    "pem_encoded: want a string, have a number", NULL, NULL },
	{ "{\"id\":\"i\",\"pem_encoded\":\"\"," DATE(END_2001) "}", "r", "i", "i", "",
	    "pem_encoded holds no certificate", NULL, NULL },

	/* neither */
	{ "{\"id\":\"i\",\"display_name\":\"n\"}", "u", "i", "n", "", "no pem_encoded", NULL,
	    NULL },
	{ "{\"id\":\"i\",\"pem_encoded\":\"garbage\"}", "u", "i", "i", "",
	    "pem_encoded holds no certificate", NULL, NULL },
	{ "{\"id\":\"i\",\"pem_encoded\":7}", "u", "i", "i", "",
	    "pem_encoded: want a string, have a number", NULL, NULL },
	{ "{\"id\":\"i\",\"details\":[{\"not_before\":1}]}", "u", "i", "i", "", "no pem_encoded",
	    NULL, NULL },
	{ "{\"id\":\"i\",\"details\":[{\"not_after\":\"1\"}]}", "u", "i", "i", "", "no pem_encoded",
	    NULL, NULL },
	{ "{\"id\":\"i\",\"details\":[{\"not_after\":1.5}]}", "u", "i", "i", "", "no pem_encoded",
	    NULL, NULL },
	{ "{\"id\":\"i\",\"details\":[{\"not_after\":1e300}]}", "u", "i", "i", "", "no pem_encoded",
	    NULL, NULL },
	{ "{}", "u", NULL, "results[0]", "", "no pem_encoded", NULL, NULL },
	{ "7", "u", NULL, "results[0]", "", "not an object", NULL, NULL },
	{ "null", "u", NULL, "results[0]", "", "not an object", NULL, NULL },
	{ "[]", "u", NULL, "results[0]", "", "not an object", NULL, NULL },
	{ "\"-----BEGIN CERTIFICATE-----\"", "u", NULL, "results[0]", "", "not an object", NULL,
	    NULL },

	/* a bad block among good ones */
	{ "{\"id\":\"i\",\"pem_encoded\":\"{{shared}}" BLOCK("AAAA") "{{root}}\"}",
	    "pup", "i", "i", "", "", NULL, NULL },
	{ "{\"id\":\"i\",\"pem_encoded\":\"" BLOCK("!!") "{{root}}\"}",
	    "up", "i", "i", "", "base64", NULL, NULL },
	{ "{\"id\":\"i\",\"pem_encoded\":\"" BLOCK("!!") "{{root}}\"," DATE(
	      END_2001) "}",
	    "rp", "i", "i", "", "base64", NULL, NULL },

	/* used_by */
	{ "{\"id\":\"i\"," PEM ",\"used_by\":[]}", "p", "i", "i", "", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM
	  ",\"used_by\":[{\"node_id\":\"n1\",\"service_types\":[\"API\",\"APH_TN\"]},"
	  "{\"node_id\":\"n2\",\"service_types\":[\"API\"]}]}",
	    "p", "i", "i", "API/n1 APH_TN/n1 API/n2", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM
	  ",\"used_by\":[{\"node_id\":\"{name: 'x'}\",\"service_types\":[\"MGMT_PLANE_DNE\"]}]}",
	    "p", "i", "i", "MGMT_PLANE_DNE/{name: 'x'}", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM ",\"used_by\":[{\"service_types\":[\"API\"]}]}", "p", "i", "i",
	    "API/-", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM
	  ",\"used_by\":[{\"node_id\":null,\"service_types\":[\"API\",\"API\"]}]}",
	    "p", "i", "i", "API/-", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM ",\"used_by\":[{\"node_id\":\"n1\",\"service_types\":[]}]}", "p",
	    "i", "i", "(unnamed)/n1", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM ",\"used_by\":[{\"node_id\":\"n1\",\"service_types\":null}]}", "p",
	    "i", "i", "(unnamed)/n1", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM ",\"used_by\":[{\"node_id\":\"n1\"}]}", "p", "i", "i",
	    "(unnamed)/n1", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM
	  ",\"used_by\":[{\"node_id\":\"n1\",\"service_types\":\"API\",\"z\":\"y\"}]}",
	    "p", "i", "i", "API/n1", NULL, NULL, NULL },
	{ "{\"id\":\"i\"," PEM
	  ",\"used_by\":[{\"node_id\":\"n1\",\"service_types\":{\"a\":\"API\"}}]}",
	    "p", "i", "i", "(unreadable)/n1", NULL, NULL, "used_by.service_types: want strings" },
	{ "{\"id\":\"i\"," PEM
	  ",\"used_by\":[{\"node_id\":\"n1\",\"service_types\":[\"API\",7,\"CCP\"]}]}",
	    "p", "i", "i", "API/n1 (unreadable)/n1 CCP/n1", NULL, NULL,
	    "used_by.service_types: want strings" },
	{ "{\"id\":\"i\"," PEM ",\"used_by\":[{\"node_id\":7,\"service_types\":[\"API\"]}]}", "p",
	    "i", "i", "API/-", NULL, NULL, "node_id: want a string, have a number" },
	{ "{\"id\":\"i\"," PEM ",\"used_by\":\"n1\"}", "p", "i", "i", "(unreadable)/-", NULL, NULL,
	    "used_by: want an array, have a string" },
	{ "{\"id\":\"i\"," PEM ",\"used_by\":[7]}", "p", "i", "i", "(unreadable)/-", NULL, NULL,
	    "used_by.service_types: want strings" },
	{ "{\"id\":\"i\"," PEM ",\"used_by\":{}}", "p", "i", "i", "(unreadable)/-", NULL, NULL,
	    "used_by: want an array, have an object" },

	/* fields of a wrong type hide nothing else */
	{ "{\"id\":7,\"display_name\":\"n\"," PEM "}", "p", NULL, "n", "", NULL, NULL,
	    "results[0] (n): id: want a string, have a number" },
	{ "{\"id\":\"i\",\"display_name\":[]," PEM "}", "p", "i", "i", "", NULL, NULL,
	    "results[0] (i): display_name: want a string, have an array" },
	{ "{\"id\":\"i\",\"category\":{}," PEM "}", "p", "i", "i", "", NULL, NULL,
	    "category: want a string" },
	{ "{\"id\":\"i\",\"has_private_key\":\"perhaps\"," PEM "}", "p", "i", "i", "", NULL, NULL,
	    "has_private_key: want true or false" },
};

static void check_forms(const struct bench *b, const char *forms)
{
	static const char letters[] = {
		[CERT_PARSED] = 'p', [CERT_REPORTED] = 'r', [CERT_UNREADABLE] = 'u'
	};

	ck_assert_uint_eq(b->w.inv.n_sightings, strlen(forms));
	for (size_t i = 0; i < b->w.inv.n_sightings; i++) {
		const struct sighting *s = &b->w.inv.sightings[i];

		ck_assert_int_eq(letters[world_cert(&b->w, s)->form], forms[i]);
		ck_assert_int_eq(s->role, i == 0 ? ROLE_NSX_PLATFORM : ROLE_CHAIN);
		ck_assert_uint_eq(s->position, i);
		ck_assert_int_eq(s->via, VIA_API);
		ck_assert(i == 0 || s->n_uses == 0);
	}
}

static void check_problem(const struct bench *b, const char *part)
{
	for (size_t i = 0; i < b->w.inv.n_certs; i++) {
		const struct cert *c = b->w.inv.certs[i];

		if (c->form == CERT_PARSED)
			continue;
		ck_assert_ptr_nonnull(part);
		ck_assert_msg(strstr(c->problem, part) != NULL, "%s", c->problem);
		return;
	}
	ck_assert_ptr_null(part);
}

static void check_issue(const struct bench *b, enum issue_kind kind, const char *part)
{
	const struct source_status *s = &b->w.inv.sources[0];
	size_t n = 0;

	for (size_t i = 0; i < s->n_issues; i++)
		n += s->issues[i].kind == kind;
	ck_assert_uint_eq(n, part != NULL);
	if (part != NULL)
		ck_assert_msg(world_count_issues(&b->w, kind, ERR_ANSWER, part) == 1, "%s",
		    s->issues[0].err.text);
}

START_TEST(test_row)
{
	const struct sighting *s;
	struct bench b;
	char *uses;

	open_bench(&b);
	read_rows(&b, rows[_i].row, nsx_read_certificate);
	check_forms(&b, rows[_i].forms);
	check_problem(&b, rows[_i].problem);
	check_issue(&b, ISSUE_NOTE, rows[_i].note);
	check_issue(&b, ISSUE_PARTIAL, rows[_i].partial);
	ck_assert_uint_eq(b.f.remarks.n_gaps, rows[_i].partial != NULL);
	s = &b.w.inv.sightings[0];
	if (rows[_i].id == NULL)
		ck_assert_ptr_null(s->id);
	else
		ck_assert_str_eq(s->id, rows[_i].id);
	ck_assert_str_eq(s->name, rows[_i].name);
	uses = uses_text(s);
	ck_assert_str_eq(uses, rows[_i].uses);
	free(uses);
	close_bench(&b);
}
END_TEST

/* The bad ones of the table among good ones: all are items. */
START_TEST(test_rows_together)
{
	struct bench b;
	struct buf all;

	open_bench(&b);
	buf_init(&all, SIZE_MAX);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		buf_addf(&all, "%s%s", i > 0 ? "," : "",
		    strstr(rows[i].row, "\"i\"") != NULL ? "{}" : rows[i].row);
	read_rows(&b, buf_str(&all), nsx_read_certificate);
	ck_assert_uint_eq(world_count_role(&b.w, ROLE_NSX_PLATFORM), sizeof rows / sizeof rows[0]);
	buf_clear(&all);
	close_bench(&b);
}
END_TEST

START_TEST(test_private_key)
{
	static const struct { const char *value; int expected; } values[] = {
		{ "true", 1 },
		{ "false", 0 },
		{ "\"true\"", 1 },
		{ "\"false\"", 0 },
		{ "null", -1 },
		{ "7", -1 },
	};

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		char *row =
		    mem_printf("{\"id\":\"i\",\"has_private_key\":%s," PEM "}", values[i].value);
		struct bench b;

		open_bench(&b);
		read_rows(&b, row, nsx_read_certificate);
		ck_assert_int_eq(b.w.inv.sightings[0].has_private_key, values[i].expected);
		close_bench(&b);
		free(row);
	}
}
END_TEST

/* What stands in for a certificate: dates in seconds, rounded down. */
START_TEST(test_reported)
{
	static const struct {
		const char *details;
		int64_t at;
		bool has_from;
		int64_t from_at;
		bool is_ca;
	} cases[] = {
		{ "{\"not_after\":1000000000999,\"not_before\":-1}", 1000000000, true, -1, false },
		{ "{\"not_after\":-1001,\"is_ca\":true}", -2, false, 0, true },
		{ "{\"not_after\":253402300799999,\"is_ca\":\"true\"}", 253402300799, false, 0,
		    true },
		{ "{\"not_after\":0,\"not_before\":\"x\",\"is_ca\":7}", 0, false, 0, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *row = mem_printf("{\"id\":\"i\",\"details\":[%s]}", cases[i].details);
		const struct cert *c;
		struct bench b;

		open_bench(&b);
		read_rows(&b, row, nsx_read_certificate);
		c = b.w.inv.certs[0];
		ck_assert_int_eq(c->form, CERT_REPORTED);
		ck_assert(c->has_not_after);
		ck_assert_int_eq(c->not_after_at, cases[i].at);
		ck_assert_int_eq(c->has_not_before, cases[i].has_from);
		ck_assert_int_eq(c->not_before_at, cases[i].from_at);
		ck_assert_int_eq(c->is_ca, cases[i].is_ca);
		close_bench(&b);
		free(row);
	}
}
END_TEST

/* Each block has its own place among the details. */
START_TEST(test_reported_block)
{
	struct bench b;

	open_bench(&b);
	read_rows(&b, "{\"id\":\"i\",\"pem_encoded\":\"{{shared}}" BLOCK("!!") "\","
	    "\"details\":[{\"not_after\":1000},{\"not_after\":2000},{\"not_after\":3000}]}",
	    nsx_read_certificate);
	ck_assert_uint_eq(b.w.inv.n_certs, 2);
	ck_assert_int_eq(b.w.inv.certs[1]->form, CERT_REPORTED);
	ck_assert_int_eq(b.w.inv.certs[1]->not_after_at, 2);
	close_bench(&b);
}
END_TEST

/* A CA by the type of its row alone. */
START_TEST(test_reported_type)
{
	static const struct { const char *type; bool is_ca; } types[] = {
		{ "\"resource_type\":\"certificate_ca\"", true },
		{ "\"resource_type\":\"certificate_signed\"", false },
		{ "\"resource_type\":\"x\",\"tls_certificate_type\":\"CERTIFICATE_CA\"",
		    true },
		{ "\"tls_certificate_type\":\"CERTIFICATE_SELF_SIGNED\"", false },
		{ "\"resource_type\":7", false },
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		char *row = mem_printf("{%s," DATE("1") "}", types[i].type);
		struct bench b;

		open_bench(&b);
		read_rows(&b, row, nsx_read_certificate);
		ck_assert_int_eq(b.w.inv.certs[0]->is_ca, types[i].is_ca);
		close_bench(&b);
		free(row);
	}
}
END_TEST

/* --- ids that come twice ------------------------------------------------------------- */

static const struct { const char *rows; size_t n_leafs; const char *uses, *note; } doubles[] = {
	{ "{\"id\":\"i\"," PEM ",\"used_by\":[{\"node_id\":\"n1\",\"service_types\":[\"API\"]}]},"
	  "{\"id\":\"i\"," PEM ",\"used_by\":[{\"node_id\":\"n2\",\"service_types\":[\"API\"]}]}",
	    1, "API/n1 API/n2", NULL },
	{ "{\"id\":\"i\"," PEM "},{\"id\":\"i\",\"pem_encoded\":\"{{api2}}\"}", 2, "",
	    "results[1] (i): its id is that of another certificate too" },
	{ "{\"id\":\"i\"},{\"id\":\"i\"}", 1, "", NULL },
	{ "{\"id\":\"i\"},{\"id\":\"i\"," PEM "}", 2, "", "results[1] (i): its id" },
	{ "{\"id\":\"a\"," PEM "},{\"id\":\"b\"," PEM "}", 2, "", NULL },
	{ "{" PEM "},{" PEM "}", 2, "", NULL },
};

START_TEST(test_double)
{
	struct bench b;
	char *uses;

	open_bench(&b);
	read_rows(&b, doubles[_i].rows, nsx_read_certificate);
	ck_assert_uint_eq(world_count_role(&b.w, ROLE_NSX_PLATFORM), doubles[_i].n_leafs);
	uses = uses_text(&b.w.inv.sightings[0]);
	ck_assert_str_eq(uses, doubles[_i].uses);
	free(uses);
	check_issue(&b, ISSUE_NOTE, doubles[_i].note);
	close_bench(&b);
}
END_TEST

/* --- too much ------------------------------------------------------------------------ */

START_TEST(test_many_uses)
{
	struct buf row;
	struct bench b;

	open_bench(&b);
	buf_init(&row, SIZE_MAX);
	buf_adds(&row, "{\"id\":\"i\"," PEM ",\"used_by\":[");
	for (int i = 0; i < NSX_USES_MAX + 10; i++)
		buf_addf(&row, "%s{\"node_id\":\"n%d\",\"service_types\":[\"API\"]}",
		    i > 0 ? "," : "", i);
	buf_adds(&row, "]}");
	read_rows(&b, buf_str(&row), nsx_read_certificate);
	ck_assert_uint_eq(b.w.inv.sightings[0].n_uses, NSX_USES_MAX);
	check_issue(&b, ISSUE_PARTIAL, "used_by: more than 256 uses");
	buf_clear(&row);
	close_bench(&b);
}
END_TEST

START_TEST(test_many_remarks)
{
	struct buf all;
	struct bench b;

	open_bench(&b);
	buf_init(&all, SIZE_MAX);
	for (int i = 0; i < 100; i++)
		buf_addf(
		    &all, "%s{\"id\":%d,\"details\":[{\"not_after\":1}]}", i > 0 ? "," : "", i);
	read_rows(&b, buf_str(&all), nsx_read_certificate);
	ck_assert_uint_eq(world_count_role(&b.w, ROLE_NSX_PLATFORM), 100);
	ck_assert_uint_eq(world_count_all_issues(&b.w), SOURCE_REMARKS_MAX + 1);
	ck_assert_uint_ge(b.f.remarks.n_gaps, 100);
	buf_clear(&all);
	close_bench(&b);
}
END_TEST

START_TEST(test_many_rows)
{
	const char *text = "{\"results\":[{},{},{}],\"cursor\":\"more\"}";
	struct err e = { ERR_NONE, "" };
	struct nsx_page page;
	struct bench b;

	open_bench(&b);
	ck_assert_int_eq(read_page(&b, text, nsx_read_certificate, 2, &page, &e), -1);
	ck_assert_uint_eq(page.n_rows, 2);
	ck_assert_ptr_null(page.cursor);
	ck_assert_str_eq(e.text, "more rows than are read from one list");
	ck_assert_int_eq(read_page(&b, text, nsx_read_certificate, 3, &page, &e), 0);
	ck_assert_str_eq(page.cursor, "more");
	free(page.cursor);
	close_bench(&b);
}
END_TEST

/* What comes before a mistake is read, and told to be a part. */
START_TEST(test_rows_before_a_mistake)
{
	struct err e = { ERR_NONE, "" };
	struct nsx_page page;
	struct bench b;

	open_bench(&b);
	ck_assert_int_eq(
	    read_page(&b, "{\"results\":[{},{},", nsx_read_certificate, 9, &page, &e), -1);
	ck_assert_uint_eq(page.n_rows, 2);
	ck_assert_uint_eq(world_count_role(&b.w, ROLE_NSX_PLATFORM), 2);
	ck_assert_str_eq(e.text, "JSON cut off at byte 18");
	close_bench(&b);
}
END_TEST

/* Names from outside in messages: cleaned, and cut. */
START_TEST(test_hostile_name)
{
	struct buf row;
	struct bench b;

	open_bench(&b);
	buf_init(&row, SIZE_MAX);
	buf_adds(&row, "{\"id\":7," PEM ",\"display_name\":\"a|b\\n<i>;\\u0000\\u202e");
	for (int i = 0; i < 10000; i++)
		buf_adds(&row, "\xc3\xa4");
	buf_adds(&row, "\"}");
	read_rows(&b, buf_str(&row), nsx_read_certificate);
	check_issue(&b, ISSUE_PARTIAL, "results[0] (a/b?(i),");
	ck_assert_uint_lt(strlen(b.w.inv.sources[0].issues[0].err.text), 300);
	ck_assert_uint_gt(strlen(b.w.inv.sightings[0].name), 20000);
	buf_clear(&row);
	close_bench(&b);
}
END_TEST

/* --- joins --------------------------------------------------------------------------- */

#define STORE_ROWS \
	"{\"id\":\"s1\"," PEM "},{\"id\":\"s2\",\"pem_encoded\":\"{{shared}}{{issuing}}\"}"
#define POLICY_ROWS \
	"{\"id\":\"p1\",\"display_name\":\"one\"," PEM "}," \
	"{\"id\":\"p2\",\"has_private_key\":true,\"category\":\"POLICY_CERTIFICATE\"," \
	"\"pem_encoded\":\"{{vip}}{{issuing}}\"}," \
	"{\"id\":\"p3\",\"pem_encoded\":\"{{shared}}{{issuing}}{{root}}\"}," \
	"{\"id\":\"p2\",\"pem_encoded\":\"{{vip}}\"}," \
	"{\"id\":\"p4\",\"pem_encoded\":\"{{issuing}}\"},{\"id\":\"p5\"}"
#define PRINCIPAL_ROWS \
	"{\"id\":\"x\",\"name\":\"robot\",\"node_id\":\"r1\",\"certificate_id\":\"s2\"}," \
	"{\"id\":\"y\",\"node_id\":\"r2\",\"certificate_id\":\"s2\"}," \
	"{\"id\":\"z\",\"certificate_id\":null}," \
	"{\"id\":\"w\",\"name\":\"gone\",\"certificate_id\":\"nowhere\"}"

static void check_joined(struct bench *b)
{
	const struct sighting *s;
	char *uses;

	nsx_join(&b->f, true);
	ck_assert(world_sighting(&b->w, "s1", 0)->by_policy);
	ck_assert_ptr_null(world_sighting(&b->w, "p1", 0));
	s = world_sighting(&b->w, "p2", 0);
	ck_assert_int_eq(s->role, ROLE_NSX_SERVICE);
	ck_assert_str_eq(s->category, "POLICY_CERTIFICATE");
	ck_assert_int_eq(s->has_private_key, 1);
	ck_assert_int_eq(world_sighting(&b->w, "p2", 1)->role, ROLE_CHAIN);
	ck_assert_int_eq(world_sighting(&b->w, "p2", 1)->has_private_key, -1);
	ck_assert_ptr_null(world_sighting(&b->w, "p2", 2));
	/* Of a copy only what the trust store does not have. */
	ck_assert(world_sighting(&b->w, "s2", 0)->by_policy);
	ck_assert_uint_eq(world_sighting(&b->w, "p3", 0)->position, 2);
	ck_assert_ptr_null(world_sighting(&b->w, "p3", 1));
	/* One that the trust store only has as an issuer, and one without a PEM. */
	ck_assert_int_eq(world_sighting(&b->w, "p4", 0)->role, ROLE_NSX_SERVICE);
	ck_assert_int_eq(world_cert(&b->w, world_sighting(&b->w, "p5", 0))->form, CERT_UNREADABLE);
	s = world_sighting(&b->w, "s2", 0);
	ck_assert(s->by_principal);
	uses = uses_text(s);
	ck_assert_str_eq(uses, "CLIENT_AUTH/r1 CLIENT_AUTH/r2");
	free(uses);
	ck_assert_str_eq(s->uses[0].node_name, "robot");
	ck_assert_str_eq(s->uses[1].node_name, "y");
	ck_assert(!world_sighting(&b->w, "s1", 0)->by_principal);
	ck_assert_uint_eq(world_count_issues(&b->w, ISSUE_NOTE, ERR_ANSWER,
	    "gone uses certificate nowhere, which the trust store does not list"), 1);
	ck_assert_uint_eq(world_count_all_issues(&b->w), 1);
}

START_TEST(test_join)
{
	static const struct { const char *rows; nsx_read_row_fn *read; } parts[] = {
		{ STORE_ROWS, nsx_read_certificate },
		{ POLICY_ROWS, nsx_read_policy },
		{ PRINCIPAL_ROWS, nsx_read_principal },
	};
	static const int orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	struct bench b;

	open_bench(&b);
	for (size_t i = 0; i < 3; i++)
		read_rows(&b, parts[orders[_i][i]].rows, parts[orders[_i][i]].read);
	check_joined(&b);
	close_bench(&b);
}
END_TEST

/* Another manager's copy is none of ours. */
START_TEST(test_join_of_another_source)
{
	struct sighting *s;
	struct bench b;
	size_t other;

	open_bench(&b);
	read_rows(&b, POLICY_ROWS, nsx_read_policy);
	other = inventory_add_source(&b.w.inv, "other", SOURCE_NSX);
	s = inventory_add_sighting(&b.w.inv, b.f.policies[0].cert, other, VIA_API);
	s->role = ROLE_NSX_PLATFORM;
	sighting_add_use(s, "MGMT_CLUSTER", "c", NULL);
	b.f.cluster->cluster_id = mem_strdup("c");
	nsx_join(&b.f, true);
	s = &b.w.inv.sightings[0];
	ck_assert_uint_eq(s->source, other);
	ck_assert(!s->by_policy);
	ck_assert_ptr_null(s->uses[0].node_name);
	ck_assert_int_eq(world_sighting(&b.w, "p1", 0)->role, ROLE_NSX_SERVICE);
	close_bench(&b);
}
END_TEST

/* While a page of it is missing, nothing can be called missing from it. */
START_TEST(test_join_of_a_part)
{
	struct bench b;

	open_bench(&b);
	read_rows(&b, PRINCIPAL_ROWS, nsx_read_principal);
	nsx_join(&b.f, false);
	ck_assert_uint_eq(world_count_all_issues(&b.w), 0);
	close_bench(&b);
}
END_TEST

static const struct { const char *row; nsx_read_row_fn *read; const char *part; } small_rows[] = {
	{ "7", nsx_read_principal, "results[0]: want an object" },
	{ "{\"certificate_id\":7}", nsx_read_principal,
	    "results[0].certificate_id: want a string" },
	{ "{\"name\":[]}", nsx_read_principal, "results[0].name: want a string" },
	{ "{\"certificate_id\":\"c\",\"name\":null,\"node_id\":null}", nsx_read_principal, NULL },
	{ "7", nsx_read_profile, "results[0].service_type: want a string" },
	{ "{\"service_type\":\"API\",\"cluster_certificate\":\"yes\"}", nsx_read_profile,
	    "results[0].cluster_certificate: want true or false" },
	{ "{\"service_type\":\"API\"},{\"service_type\":\"API\",\"cluster_certificate\":true},"
	  "{\"service_type\":\"API\",\"cluster_certificate\":\"true\"}",
	    nsx_read_profile, NULL },
};

START_TEST(test_small_row)
{
	struct bench b;

	open_bench(&b);
	read_rows(&b, small_rows[_i].row, small_rows[_i].read);
	check_issue(&b, ISSUE_PARTIAL, small_rows[_i].part);
	nsx_join(&b.f, false);
	close_bench(&b);
}
END_TEST

static const struct { const char *body; size_t n_nodes; const char *error, *part; } clusters[] = {
	{ "{\"cluster_id\":\"c\",\"nodes\":[{\"node_uuid\":\"a\"},"
	  "{\"node_uuid\":\"b\",\"fqdn\":\"b.example\"}]}",
	    2, NULL, NULL },
	{ "{\"nodes\":[{\"node_uuid\":\"a\"},{\"node_uuid\":\"a\"}]}", 1, NULL, NULL },
	{ "{\"nodes\":[{\"node_uuid\":\"a\",\"status\":\"REMOVED\"},"
	  "{\"node_uuid\":\"b\",\"status\":\"JOINING\"}]}",
	    1, NULL, NULL },
	{ "{\"nodes\":[{\"node_uuid\":7},{\"node_uuid\":\"b\"}]}", 1, NULL,
	    "nodes[0].node_uuid: want a string, have a number" },
	{ "{\"nodes\":[{\"display_name\":\"x\"},{\"node_uuid\":\"b\"}]}", 1, NULL,
	    "nodes[0].node_uuid: want a string" },
	{ "{\"nodes\":[null]}", 0, NULL, "nodes[0].node_uuid" },
	{ "{\"nodes\":[{\"node_uuid\":\"a\",\"status\":7}]}", 0, NULL,
	    "nodes[0].status: want a string" },
	{ "{\"nodes\":{}}", 0, "nodes: want an array, have an object", NULL },
	{ "{\"cluster_id\":7}", 0, "cluster_id: want a string, have a number", NULL },
	{ "{}", 0, "neither cluster_id nor nodes", NULL },
};

START_TEST(test_cluster)
{
	char *text = mem_strdup(clusters[_i].body);
	struct err e = { ERR_NONE, "" };
	struct json *doc = json_parse(text, strlen(text), &e);
	struct bench b;
	int failed;

	open_bench(&b);
	failed = nsx_read_cluster(&b.f, doc, "cluster", &e);
	ck_assert_int_eq(failed != 0, clusters[_i].error != NULL);
	ck_assert_uint_eq(b.f.cluster->n_nodes, clusters[_i].n_nodes);
	if (clusters[_i].error != NULL)
		ck_assert_msg(strstr(e.text, clusters[_i].error) != NULL, "%s", e.text);
	check_issue(&b, ISSUE_PARTIAL, clusters[_i].part);
	json_free(doc);
	free(text);
	close_bench(&b);
}
END_TEST

START_TEST(test_too_many_nodes)
{
	struct err e = { ERR_NONE, "" };
	struct json *doc;
	struct bench b;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	for (int i = 0; i <= NSX_NODES_MAX; i++)
		buf_addf(&text, "%s{\"node_uuid\":\"%d\"}", i == 0 ? "{\"nodes\":[" : ",", i);
	buf_adds(&text, "]}");
	doc = json_parse(text.data, text.len, &e);
	open_bench(&b);
	ck_assert_int_eq(nsx_read_cluster(&b.f, doc, "cluster", &e), -1);
	ck_assert_str_eq(e.text, "more than 64 nodes");
	ck_assert_uint_eq(b.f.cluster->n_nodes, NSX_NODES_MAX);
	json_free(doc);
	buf_clear(&text);
	close_bench(&b);
}
END_TEST

/* --- versions, refusals, ids --------------------------------------------------------- */

static const struct { const char *have, *wanted; bool is_enough; } versions[] = {
	{ "4.1.0.2.0.21761695", "3.1.2", true },
	{ "3.1.2", "3.1.2", true },
	{ "3.1.2.0.0.1", "3.1.2", true },
	{ "3.1.1.9.9.9", "3.1.2", false },
	{ "3.1", "3.1.2", false },
	{ "3.2", "3.1.2", true },
	{ "3", "3.0", true },
	{ "2.10.0", "2.5", true },
	{ "2.4.99", "2.5", false },
	{ "10.0", "4.2", true },
	{ "9.0.0.0.24733065", "4.2.1", true },
	{ "4.2-build7", "4.2", true },
	{ "4.1-build7", "4.2", false },
	{ NULL, "4.2", true },
	{ "", "4.2", true },
	{ "unknown", "4.2", true },
	{ "1.0", NULL, true },
	{ "99999999999999999999999.1", "4.2", true },
};

START_TEST(test_version_at_least)
{
	ck_assert_int_eq(
	    nsx_version_at_least(versions[_i].have, versions[_i].wanted), versions[_i].is_enough);
}
END_TEST

static const struct { const char *body; int64_t code; const char *message; } refusals[] = {
	{ "", -1, "" },
	{ "{\"error_code\":98,\"error_message\":\"token\"}", 98, "token" },
	{ "{\"error_code\":\"607\",\"httpStatus\":\"X\"}", 607, "" },
	{ "{\"error_code\":\"x\",\"error_message\":7}", -1, "" },
	{ "{\"error_code\":-5}", -5, "" },
	{ "{\"error_code\":1.5}", -1, "" },
	{ "{\"error_code\":null,\"error_message\":null}", -1, "" },
	{ "{\"error_message\":\"a|b;<c>\\n\"}", -1, "a/b,(c)?" },
	{ "<html>", -1, "a web page instead of JSON" },
	{ " \r\n <html>", -1, "a web page instead of JSON" },
	{ "[]", -1, "" },
	{ "no healthy upstream", -1, "" },
};

START_TEST(test_refusal)
{
	struct fetch_answer a;
	struct nsx_refusal why;

	world_answer(&a, 403, refusals[_i].body);
	nsx_read_refusal(&a, &why);
	ck_assert_int_eq(why.error_code, refusals[_i].code);
	ck_assert_str_eq(why.message, refusals[_i].message);
	ck_assert_uint_eq(a.body.len, 0);
	fetch_answer_clear(&a);
}
END_TEST

START_TEST(test_long_refusal)
{
	struct fetch_answer a;
	struct nsx_refusal why;
	struct err e = { ERR_NONE, "" };

	world_answer(&a, 403, "{\"error_message\":\"");
	for (int i = 0; i < 5000; i++)
		buf_adds(&a.body, "\xe2\x82\xac");
	buf_adds(&a.body, "\"}");
	nsx_read_refusal(&a, &why);
	ck_assert_uint_lt(strlen(why.message), sizeof why.message);
	ck_assert_str_eq(why.message + strlen(why.message) - 3, "...");
	nsx_refusal_error(&a, &why, &e);
	ck_assert_int_eq(e.code, ERR_REFUSED);
	fetch_answer_clear(&a);
}
END_TEST

START_TEST(test_ids)
{
	enum { N = 5000 };
	struct nsx_ids ids = { NULL, 0, 0 };
	char **keys = mem_array(N, sizeof *keys);

	ck_assert_uint_eq(nsx_ids_find(&ids, "x"), SIZE_MAX);
	ck_assert_uint_eq(nsx_ids_find(&ids, NULL), SIZE_MAX);
	for (size_t i = 0; i < N; i++) {
		keys[i] = mem_printf("id-%zu", i);
		nsx_ids_add(&ids, keys[i], i);
		nsx_ids_add(&ids, keys[i], i + 1);      /* the first counts */
	}
	ck_assert_uint_eq(ids.n, N);
	for (size_t i = 0; i < N; i++)
		ck_assert_uint_eq(nsx_ids_find(&ids, keys[i]), i);
	ck_assert_uint_eq(nsx_ids_find(&ids, "id-5000"), SIZE_MAX);
	nsx_ids_add(&ids, "", 7);
	ck_assert_uint_eq(nsx_ids_find(&ids, ""), 7);
	nsx_ids_clear(&ids);
	for (size_t i = 0; i < N; i++)
		free(keys[i]);
	free(keys);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("nsx_rows");
	TCase *t = tcase_create("nsx_rows");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_row, 0, UNIT_ROWS(rows));
	tcase_add_test(t, test_rows_together);
	tcase_add_test(t, test_private_key);
	tcase_add_test(t, test_reported);
	tcase_add_test(t, test_reported_block);
	tcase_add_test(t, test_reported_type);
	tcase_add_loop_test(t, test_double, 0, UNIT_ROWS(doubles));
	tcase_add_test(t, test_many_uses);
	tcase_add_test(t, test_many_remarks);
	tcase_add_test(t, test_many_rows);
	tcase_add_test(t, test_rows_before_a_mistake);
	tcase_add_test(t, test_hostile_name);
	tcase_add_loop_test(t, test_join, 0, 6);
	tcase_add_test(t, test_join_of_another_source);
	tcase_add_test(t, test_join_of_a_part);
	tcase_add_loop_test(t, test_small_row, 0, UNIT_ROWS(small_rows));
	tcase_add_loop_test(t, test_cluster, 0, UNIT_ROWS(clusters));
	tcase_add_test(t, test_too_many_nodes);
	tcase_add_loop_test(t, test_version_at_least, 0, UNIT_ROWS(versions));
	tcase_add_loop_test(t, test_refusal, 0, UNIT_ROWS(refusals));
	tcase_add_test(t, test_long_refusal);
	tcase_add_test(t, test_ids);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
