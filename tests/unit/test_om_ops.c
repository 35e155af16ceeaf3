/* test_om_ops.c - answers about the operation of an Ops Manager, read. */
#include "remediate/om_ops.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/unit/pki.h"
#include "tests/unit/unit.h"

typedef int read_fn(struct om_ops *o, const struct json *doc, struct err *e);

static struct json *parse(const char *body)
{
	char *text = mem_strdup(body);
	struct err e = { 0 };
	struct json *doc = json_parse(text, strlen(text), &e);

	ck_assert_msg(doc != NULL, "%s: %s", body, e.text);
	free(text);
	return doc;
}

static int64_t at(const char *text)
{
	int64_t t;

	ck_assert_int_eq(text_to_time(text, &t), 0);
	return t;
}

/* Read a body that must be good. */
static void read_good(struct om_ops *o, read_fn *read, const char *body)
{
	struct json *doc = parse(body);
	struct err e = { 0 };

	*o = (struct om_ops){ .server_at = 0 };
	ck_assert_msg(read(o, doc, &e) == 0, "%s: %s", body, e.text);
	json_free(doc);
}

/* --- certificate authorities ------------------------------------------------------------- */

START_TEST(authorities)
{
	struct om_ops o;

	read_good(&o, om_read_cas, "{\"certificate_authorities\":["
	    "{\"guid\":\"f7bc\",\"issuer\":\"Pivotal\",\"created_on\":\"2019-04-24T04:17:05Z\","
	    "\"expires_on\":\"2023-04-24T04:17:05Z\",\"active\":true,\"cert_pem\":\"x\"},"
	    "{\"guid\":\"A_-9\",\"created_on\":\"2017-01-19\",\"expires_on\":\"2021-01-19\","
	    "\"active\":\"false\",\"cert_pem\":null},{\"guid\":\"n\",\"active\":null}]}");
	ck_assert_uint_eq(o.n_cas, 3);
	ck_assert_str_eq(o.cas[0].guid, "f7bc");
	ck_assert_str_eq(o.cas[0].issuer, "Pivotal");
	ck_assert(o.cas[0].active == 1 && o.cas[1].active == 0 && o.cas[2].active == -1);
	ck_assert(o.cas[0].has_created_at && !o.cas[0].created_is_day);
	ck_assert_int_eq(o.cas[0].created_at, at("2019-04-24T04:17:05Z"));
	ck_assert(o.cas[1].has_created_at && o.cas[1].created_is_day);
	ck_assert_int_eq(o.cas[1].created_at, at("2017-01-19T00:00:00Z"));
	ck_assert(o.cas[1].has_not_after && o.cas[1].not_after_at == at("2021-01-19"));
	ck_assert(!o.cas[2].has_created_at && !o.cas[2].has_not_after);
	ck_assert_str_eq(o.cas[0].sha256, "");
	ck_assert_ptr_null(o.cas[1].issuer);
	ck_assert_ptr_eq(om_find_ca(&o, "A_-9"), &o.cas[1]);
	ck_assert_ptr_null(om_find_ca(&o, "gone"));
	ck_assert_ptr_null(om_find_ca(&o, NULL));
	om_ops_clear(&o);
	om_ops_clear(&o);
}
END_TEST

/* Its own dates count more than those beside it. */
START_TEST(authority_with_its_certificate)
{
	struct pki_options wish = { .common_name = "OM CA", .is_ca = true };
	struct pki *ca = pki_make(&wish);
	char *pem = pki_pem(ca, false), hex[65];
	uint8_t sha256[32];
	struct json_writer w;
	struct om_ops o;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	jsonw_init(&w, &text);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "errands", '[');        /* as the reference of some versions has it */
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "guid", "a");
	jsonw_str(&w, "expires_on", "2001-01-01");
	jsonw_str(&w, "cert_pem", pem);
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	read_good(&o, om_read_cas, buf_str(&text));
	pki_sha256(ca, sha256);
	text_hex(sha256, sizeof sha256, hex);
	ck_assert_str_eq(o.cas[0].sha256, hex);
	ck_assert(o.cas[0].has_not_after && o.cas[0].not_after_at > at("2001-01-02"));
	ck_assert_int_lt(o.cas[0].not_before_at, o.cas[0].not_after_at);
	om_ops_clear(&o);
	buf_clear(&text);
	free(pem);
	pki_free(ca);
}
END_TEST

static const struct { const char *text; bool is; } guids[] = {
	{ "f7bc18f34f2a7a9403c3", true }, { "A_-z09", true }, { "", false }, { NULL, false },
	{ "a/b", false }, { "..", false }, { "a b", false }, { "a%2f", false }, { "a\n", false },
};

START_TEST(guid_or_not)
{
	ck_assert(om_is_guid(guids[_i].text) == guids[_i].is);
}
END_TEST

/* --- installations ------------------------------------------------------------------------- */

START_TEST(installations)
{
	struct om_ops o;

	read_good(&o, om_read_installations, "{\"installations\":["
	    "{\"id\":7,\"user_name\":\"admin\",\"started_at\":\"2017-05-24T23:38:37.316Z\","
	    "\"finished_at\":null,\"status\":\"running\"},"
	    "{\"id\":5,\"status\":\"succeeded\",\"finished_at\":\"2017-05-24T01:00:00Z\"},"
	    "{\"id\":4,\"status\":\"failed\"},{\"id\":2,\"status\":\"paused\"},{\"id\":1}]}");
	ck_assert_uint_eq(o.n_installations, 5);
	ck_assert_int_eq(o.installations[0].id, 7);
	ck_assert_str_eq(o.installations[0].user, "admin");
	ck_assert(o.installations[0].has_started_at && !o.installations[0].has_finished_at);
	ck_assert_int_eq(o.installations[0].started_at, at("2017-05-24T23:38:37Z"));
	ck_assert(o.installations[1].has_finished_at && !o.installations[1].has_started_at);
	ck_assert_int_eq(o.installations[0].status, OM_RUNNING);
	ck_assert_int_eq(o.installations[1].status, OM_SUCCEEDED);
	ck_assert_int_eq(o.installations[2].status, OM_FAILED);
	ck_assert_int_eq(o.installations[3].status, OM_OTHER);
	ck_assert_str_eq(o.installations[3].status_text, "paused");
	ck_assert_int_eq(o.installations[4].status, OM_OTHER);
	ck_assert_ptr_null(o.installations[4].status_text);
	ck_assert_int_eq(o.installations[0].all_products, -1);
	ck_assert_ptr_eq(om_find_installation(&o, 4), &o.installations[2]);
	ck_assert_ptr_null(om_find_installation(&o, 3));
	om_ops_clear(&o);
}
END_TEST

static const struct { const char *lists; int all; } parts[] = {
	{ "\"updates\":[],\"unchanged\":[],\"additions\":[]", -1 },
	{ "\"updates\":[{\"deployment_status\":\"successful\"}],\"unchanged\":[]", 1 },
	{ "\"updates\":[{\"deployment_status\":\"successful\"}],"
	    "\"unchanged\":[{\"deployment_status\":\"successful\"}]", 1 },
	{ "\"updates\":[{\"deployment_status\":\"pending\"}],"
	    "\"additions\":[{\"deployment_status\":\"running\"}]", 1 },
	{ "\"updates\":[{\"deployment_status\":\"successful\"}],"
	    "\"unchanged\":[{\"deployment_status\":\"skipped\"}]", 0 },
	{ "\"unchanged\":[{\"deployment_status\":\"unchanged\"}]", 0 },
	{ "\"updates\":[{}],\"unchanged\":[{\"deployment_status\":\"skipped\"}]", 0 },
	{ "\"updates\":[{\"deployment_status\":\"successful\"},{\"deployment_status\":null}]", -1 },
	{ "\"updates\":[{}]", -1 }, { "\"updates\":7", -1 }, { "\"updates\":[1]", -1 },
	{ "\"deletions\":[{\"deployment_status\":\"skipped\"}],"
	    "\"updates\":[{\"deployment_status\":\"failed\"}]", 1 },
};

START_TEST(who_took_part)
{
	char *body = mem_printf("{\"installations\":[{\"id\":1,%s}]}", parts[_i].lists);
	struct om_ops o;

	read_good(&o, om_read_installations, body);
	ck_assert_msg(o.installations[0].all_products == parts[_i].all, "%s: %d", body,
	    o.installations[0].all_products);
	om_ops_clear(&o);
	free(body);
}
END_TEST

/* Old ones are not looked at, not even for mistakes. */
START_TEST(many_installations)
{
	struct om_ops o;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	buf_adds(&text, "{\"installations\":[");
	for (int id = 1000; id > 0; id--)
		buf_addf(&text, "{\"id\":%d},", id);
	buf_adds(&text, "{\"id\":\"x\"}]}");
	read_good(&o, om_read_installations, buf_str(&text));
	ck_assert_uint_eq(o.n_installations, OM_INSTALLATIONS_MAX);
	ck_assert_int_eq(o.installations[0].id, 1000);
	om_ops_clear(&o);
	buf_clear(&text);
}
END_TEST

/* --- products --------------------------------------------------------------------------------- */

START_TEST(pending_changes)
{
	struct om_ops o;

	read_good(&o, om_read_pending, "{\"product_changes\":["
	    "{\"guid\":\"p-bosh-1\",\"action\":\"unchanged\"},"
	    "{\"guid\":\"cf-1\",\"action\":\"update\",\"errands\":[]},"
	    "{\"guid\":\"x-1\",\"action\":\"unchanged\"},{\"guid\":\"y-1\",\"action\":\"dance\"}]}");
	ck_assert(o.has_pending);
	ck_assert_uint_eq(o.n_pending, 2);
	ck_assert_str_eq(o.pending[0].guid, "cf-1");
	ck_assert_str_eq(o.pending[0].action, "update");
	ck_assert_str_eq(o.pending[1].action, "dance");
	om_ops_clear(&o);
	read_good(&o, om_read_pending, "{\"product_changes\":[]}");
	ck_assert(o.has_pending && o.n_pending == 0);
	om_ops_clear(&o);
}
END_TEST

static const struct { const char *body; size_t n; bool tkgi, stale; } products[] = {
	{ "[]", 0, false, false },
	{ "[{\"type\":\"p-bosh\"},{\"type\":\"cf\",\"stale\":{"
	    "\"parent_products_deployed_more_recently\":[]}}]", 2, false, false },
	{ "[{\"type\":\"pivotal-container-service\",\"stale\":null}]", 1, true, false },
	{ "[{\"type\":\"cf\",\"stale\":{\"parent_products_deployed_more_recently\":[\"p-bosh-1\"]}},"
	    "{\"type\":\"x\"}]", 2, false, true },
};

START_TEST(deployed_products)
{
	struct om_ops o;

	read_good(&o, om_read_products, products[_i].body);
	ck_assert_uint_eq(o.n_products, products[_i].n);
	ck_assert(o.has_tkgi == products[_i].tkgi && o.has_stale == products[_i].stale);
	om_ops_clear(&o);
}
END_TEST

/* --- what cannot be read ------------------------------------------------------------ */

#define LONG_TEXT "0123456789012345678901234567890123456789012345678901234567890123456789" \
	"0123456789012345678901234567890123456789012345678901234567890123456789" \
	"0123456789012345678901234567890123456789012345678901234567890123456789" \
	"0123456789012345678901234567890123456789012345678901234567890123456789"

static const struct { read_fn *read; const char *body, *place; } bad[] = {
	{ om_read_cas, "[]", "certificate_authorities" },
	{ om_read_cas, "{}", "certificate_authorities" },
	{ om_read_cas, "{\"certificate_authorities\":{}}", "certificate_authorities: want" },
	{ om_read_cas, "{\"certificate_authorities\":[]}", "no certificate authority" },
	{ om_read_cas, "{\"certificate_authorities\":[7]}", "certificate_authorities[0]: want an" },
	{ om_read_cas, "{\"certificate_authorities\":[{\"guid\":\"a\"},{}]}",
	    "certificate_authorities[1]: no guid" },
	{ om_read_cas, "{\"certificate_authorities\":[{\"guid\":\"a/b\"}]}", "cannot be one: a/b" },
	{ om_read_cas, "{\"certificate_authorities\":[{\"guid\":\"" LONG_TEXT "\"}]}", "longer" },
	{ om_read_cas, "{\"certificate_authorities\":[{\"guid\":\"a\"},{\"guid\":\"a\"}]}", "twice" },
	{ om_read_cas, "{\"certificate_authorities\":[{\"guid\":\"a\",\"active\":\"yes\"}]}",
	    "certificate_authorities[0].active" },
	{ om_read_cas, "{\"certificate_authorities\":[{\"guid\":\"a\",\"created_on\":\"soon\"}]}",
	    "created_on is no time: soon" },
	{ om_read_cas, "{\"certificate_authorities\":[{\"guid\":\"a\",\"expires_on\":7}]}",
	    "expires_on" },
	{ om_read_cas, "{\"certificate_authorities\":[{\"guid\":\"a\",\"cert_pem\":{}}]}", "cert_pem" },
	{ om_read_installations, "{}", "installations" },
	{ om_read_installations, "{\"installations\":[{}]}", "installations[0]: no id" },
	{ om_read_installations, "{\"installations\":[{\"id\":0}]}", "no id" },
	{ om_read_installations, "{\"installations\":[{\"id\":\"3\"}]}", "id" },
	{ om_read_installations, "{\"installations\":[{\"id\":3,\"status\":1}]}", "status" },
	{ om_read_installations, "{\"installations\":[{\"id\":3,\"started_at\":\"x\"}]}",
	    "installations[0].started_at is no time" },
	{ om_read_installations, "{\"installations\":[{\"id\":1},{\"id\":2}]}", "newest is not first" },
	{ om_read_installations, "{\"installations\":[{\"id\":2},{\"id\":2}]}", "newest is not first" },
	{ om_read_pending, "{}", "product_changes" },
	{ om_read_pending, "{\"product_changes\":[{\"action\":\"update\"}]}", "[0]: no guid" },
	{ om_read_pending, "{\"product_changes\":[{\"guid\":\"a\"}]}", "[0]: no action" },
	{ om_read_pending, "{\"product_changes\":[null]}", "want an object" },
	{ om_read_products, "{}", "a list of products" },
	{ om_read_products, "[{\"guid\":\"x\"}]", "products[0]: no type" },
	{ om_read_products, "[{\"type\":\"x\",\"stale\":{"
	    "\"parent_products_deployed_more_recently\":7}}]", "parent_products" },
};

START_TEST(half_a_list_is_none)
{
	struct json *doc = parse(bad[_i].body);
	struct om_ops o = { .server_at = 0 };
	struct err e = { 0 };

	ck_assert_int_eq(bad[_i].read(&o, doc, &e), -1);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_msg(strstr(e.text, bad[_i].place) != NULL, "%s: %s", bad[_i].body, e.text);
	om_ops_clear(&o);
	json_free(doc);
}
END_TEST

static const struct { read_fn *read; const char *open, *row, *close; int max; } ceilings[] = {
	{ om_read_cas, "{\"certificate_authorities\":[", "{\"guid\":\"g%d\"}", "]}", OM_CAS_MAX },
	{ om_read_pending, "{\"product_changes\":[", "{\"guid\":\"g%d\",\"action\":\"update\"}", "]}",
	    OM_PRODUCTS_MAX },
	{ om_read_products, "[", "{\"type\":\"t%d\"}", "]", OM_PRODUCTS_MAX },
};

START_TEST(lists_have_a_ceiling)
{
	for (int n = ceilings[_i].max; n <= ceilings[_i].max + 1; n++) {
		struct om_ops o = { .server_at = 0 };
		struct err e = { 0 };
		struct json *doc;
		struct buf text;

		buf_init(&text, SIZE_MAX);
		buf_adds(&text, ceilings[_i].open);
		for (int i = 0; i < n; i++) {
			char row[64];
			const char *number = strchr(ceilings[_i].row, '%');

			snprintf(row, sizeof row, "%.*s%d%s", (int)(number - ceilings[_i].row),
			    ceilings[_i].row, i, number + 2);
			buf_addf(&text, "%s%s", i > 0 ? "," : "", row);
		}
		buf_adds(&text, ceilings[_i].close);
		doc = parse(buf_str(&text));
		ck_assert_int_eq(ceilings[_i].read(&o, doc, &e), n <= ceilings[_i].max ? 0 : -1);
		om_ops_clear(&o);
		json_free(doc);
		buf_clear(&text);
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("om_ops");
	TCase *t = tcase_create("om_ops");

	tcase_add_test(t, authorities);
	tcase_add_test(t, authority_with_its_certificate);
	tcase_add_loop_test(t, guid_or_not, 0, UNIT_ROWS(guids));
	tcase_add_test(t, installations);
	tcase_add_loop_test(t, who_took_part, 0, UNIT_ROWS(parts));
	tcase_add_test(t, many_installations);
	tcase_add_test(t, pending_changes);
	tcase_add_loop_test(t, deployed_products, 0, UNIT_ROWS(products));
	tcase_add_loop_test(t, half_a_list_is_none, 0, UNIT_ROWS(bad));
	tcase_add_loop_test(t, lists_have_a_ceiling, 0, UNIT_ROWS(ceilings));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
