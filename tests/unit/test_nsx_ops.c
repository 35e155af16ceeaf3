/* test_nsx_ops.c - answers about the operation of NSX: what is told, what is
 * not, and that neither passes for "all is well". */
#include "remediate/nsx_ops.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/unit.h"

/* The reader of a row of the table. */
static ops_read_fn *reader(const char *what)
{
	for (size_t i = 0; i < n_ops_calls; i++)
		if (strcmp(ops_calls[i].what, what) == 0)
			return ops_calls[i].read;
	if (strcmp(what, "validation") == 0)
		return ops_read_validation;
	ck_assert_str_eq(what, "site");
	return ops_read_site;
}

static struct json *parse(const char *text)
{
	char *copy = mem_strdup(text);
	struct err e = { 0 };
	struct json *doc = json_parse(copy, strlen(copy), &e);

	ck_assert_msg(doc != NULL, "%s: %s", text, e.text);
	free(copy);
	return doc;
}

static const char *shown(const char *s)
{
	return s != NULL ? s : "-";
}

/* What was told, one word a fact; to be freed. */
static char *dump(const struct nsx_ops *o)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	buf_addf(&b, "%s %s", shown(o->overall), shown(o->management));
	buf_addf(&b, " allowed %d nodes %zu/%zu %s", o->changes_allowed, o->n_joined, o->n_nodes,
	    shown(o->not_joined));
	buf_addf(&b, " batch %d %zu pending %zu at %lld", o->has_batch, o->n_batch, o->n_pending,
	    (long long)o->batch_start_ms);
	for (size_t i = 0; i < o->n_batch; i++)
		buf_addf(&b, " [%s %s %s<-%s %s %s]", shown(o->batch[i].service),
		    shown(o->batch[i].node), shown(o->batch[i].new_id), shown(o->batch[i].old_id),
		    shown(o->batch[i].status), shown(o->batch[i].message));
	buf_addf(&b, " on %d %d %d", o->upgrading, o->backing_up, o->restoring);
	buf_addf(&b, " valid %s %s", shown(o->validation), shown(o->validation_message));
	buf_addf(&b, " site %d %s %s %s %s %lld", o->has_site, shown(o->site_name),
	    shown(o->site_type), shown(o->site_fqdn), shown(o->site_thumbprint),
	    (long long)o->site_revision);
	return buf_take(&b);
}

#define NO_BATCH " batch 0 0 pending 0 at 0"
#define NO_REST " on -1 -1 -1 valid - - site 0 - - - - -1"
#define NO_CLUSTER "- - allowed -1 nodes 0/0 -"

static const struct { const char *what, *text, *facts; } told[] = {
	{ "cluster status", "{\"mgmt_cluster_status\":{\"status\":\"STABLE\"},"
	    "\"detailed_cluster_status\":{\"overall_status\":\"DEGRADED\"}}",
	    "DEGRADED STABLE allowed -1 nodes 0/0 -" NO_BATCH NO_REST },
	{ "cluster status", "{\"mgmt_cluster_status\":{\"status\":\"UNSTABLE\"}}",
	    "- UNSTABLE allowed -1 nodes 0/0 -" NO_BATCH NO_REST },
	{ "cluster", "{\"mgmt_cluster_changes_allowed\":true,\"nodes\":["
	    "{\"node_uuid\":\"a\",\"status\":\"JOINED\"},{\"node_uuid\":\"b\",\"status\":\"JOINED\"}]}",
	    "- - allowed 1 nodes 2/2 -" NO_BATCH NO_REST },
	{ "cluster", "{\"mgmt_cluster_changes_allowed\":\"false\",\"nodes\":["
	    "{\"node_uuid\":\"a\",\"status\":\"JOINED\"},"
	    "{\"node_uuid\":\"b\",\"fqdn\":\"b.example\",\"status\":\"JOINING\"},"
	    "{\"node_uuid\":\"c\",\"status\":\"REMOVED\"},{\"node_uuid\":\"d\"}]}",
	    "- - allowed 0 nodes 1/3 b.example" NO_BATCH NO_REST },
	{ "cluster", "{\"nodes\":[{}]}", "- - allowed -1 nodes 0/1 (unnamed)" NO_BATCH NO_REST },
	{ "results of the last batch", "{\"results\":[],\"result_count\":0}",
	    NO_CLUSTER " batch 1 0 pending 0 at 0" NO_REST },
	{ "results of the last batch", "{}", NO_CLUSTER " batch 1 0 pending 0 at 0" NO_REST },
	{ "results of the last batch", "{\"start_time\":1760000000000,\"result_count\":5,\"results\":["
	    "{\"status\":\"OK\",\"service_type\":\"API\",\"node_id\":\"n\",\"certificate_id\":\"new\","
	    "\"old_certificate_id\":\"old\",\"message\":\"\"},{\"status\":\"PENDING\"},"
	    "{\"status\":\"ERROR\",\"message\":\"no key\"},{},{\"status\":\"WHATEVER\"}]}",
	    NO_CLUSTER " batch 1 5 pending 3 at 1760000000000 [API n new<-old OK ] [- - -<-- PENDING -]"
	    " [- - -<-- ERROR no key] [- - -<-- - -] [- - -<-- WHATEVER -]" NO_REST },
	{ "validation", "{\"status\":\"OK\"}",
	    NO_CLUSTER NO_BATCH " on -1 -1 -1 valid OK - site 0 - - - - -1" },
	{ "validation", "{\"status\":\"REJECTED\",\"error_message\":\"KeyUsage\"}",
	    NO_CLUSTER NO_BATCH " on -1 -1 -1 valid REJECTED KeyUsage site 0 - - - - -1" },
	{ "validation", "{}", NO_CLUSTER NO_BATCH NO_REST },
	{ "site", "{\"display_name\":\"West\",\"site_type\":\"ONPREM_LM\",\"_revision\":4,"
	    "\"site_connection_info\":[{\"fqdn\":\"lm.example\",\"thumbprint\":\"ab12\"},"
	    "{\"fqdn\":\"other\"}]}",
	    NO_CLUSTER NO_BATCH " on -1 -1 -1 valid - - site 1 West ONPREM_LM lm.example ab12 4" },
	{ "site", "{}", NO_CLUSTER NO_BATCH " on -1 -1 -1 valid - - site 1 - - - - -1" },
};

START_TEST(answer_is_read)
{
	struct err e = { 0 };
	struct json *doc = parse(told[_i].text);
	struct nsx_ops o;
	char *facts;

	nsx_ops_init(&o);
	ck_assert_msg(reader(told[_i].what)(&o, doc, &e) == 0, "%s: %s", told[_i].text, e.text);
	facts = dump(&o);
	ck_assert_str_eq(facts, told[_i].facts);
	free(facts);
	json_free(doc);
	nsx_ops_clear(&o);
	facts = dump(&o);
	ck_assert_str_eq(facts, NO_CLUSTER NO_BATCH NO_REST);
	free(facts);
}
END_TEST

static const struct { const char *what, *text; int is_on; } going_on[] = {
	{ "upgrade", "{\"overall_upgrade_status\":\"NOT_STARTED\"}", 0 },
	{ "upgrade", "{\"overall_upgrade_status\":\"SUCCESS\"}", 0 },
	{ "upgrade", "{\"overall_upgrade_status\":\"FAILED\"}", 0 },
	{ "upgrade", "{\"overall_upgrade_status\":\"IN_PROGRESS\"}", 1 },
	{ "upgrade", "{\"overall_upgrade_status\":\"PAUSED\"}", 1 },
	{ "upgrade", "{\"overall_upgrade_status\":\"SOMETHING_NEW\"}", 1 },
	{ "upgrade", "{}", -1 },
	{ "backup", "{\"operation_type\":\"NONE\"}", 0 },
	{ "backup", "{\"operation_type\":\"BACKUP\",\"current_step\":\"x\"}", 1 },
	{ "backup", "{\"operation_type\":null}", -1 },
	{ "restore", "{\"status\":{\"value\":\"INITIAL\"}}", 0 },
	{ "restore", "{\"status\":{\"value\":\"SUCCESS\"}}", 0 },
	{ "restore", "{\"status\":{\"value\":\"ABORTED\"}}", 0 },
	{ "restore", "{\"status\":{\"value\":\"RUNNING\"}}", 1 },
	{ "restore", "{\"status\":{\"value\":\"SUSPENDED_FOR_USER_ACTION\"}}", 1 },
	{ "restore", "{\"status\":{}}", -1 },
	{ "restore", "{}", -1 },
};

START_TEST(what_goes_on_is_told)
{
	struct err e = { 0 };
	struct json *doc = parse(going_on[_i].text);
	struct nsx_ops o;
	int is_on;

	nsx_ops_init(&o);
	ck_assert_int_eq(reader(going_on[_i].what)(&o, doc, &e), 0);
	is_on = strcmp(going_on[_i].what, "upgrade") == 0 ? o.upgrading
	    : strcmp(going_on[_i].what, "backup") == 0 ? o.backing_up : o.restoring;
	ck_assert_msg(is_on == going_on[_i].is_on, "%s: %d", going_on[_i].text, is_on);
	json_free(doc);
	nsx_ops_clear(&o);
}
END_TEST

static const struct { const char *what, *text, *sentence; } garbled[] = {
	{ "cluster status", "[]", "want an object" },
	{ "cluster status", "{}", "neither overall_status" },
	{ "cluster status", "{\"mgmt_cluster_status\":{\"status\":1}}", "mgmt_cluster_status.status" },
	{ "cluster", "{}", "nodes" },
	{ "cluster", "{\"nodes\":{}}", "nodes" },
	{ "cluster", "{\"nodes\":[7]}", "nodes[0]: want an object" },
	{ "cluster", "{\"nodes\":[{\"status\":true}]}", "nodes[0].status" },
	{ "cluster", "{\"nodes\":[],\"mgmt_cluster_changes_allowed\":\"perhaps\"}", "changes_allowed" },
	{ "results of the last batch", "[]", "want an object" },
	{ "results of the last batch", "{\"results\":7}", "results" },
	{ "results of the last batch", "{\"results\":[[]]}", "results[0]: want an object" },
	{ "results of the last batch", "{\"results\":[{\"status\":{}}]}", "results[0].status" },
	{ "results of the last batch", "{\"results\":[{}],\"result_count\":2}", "only 1 of 2" },
	{ "upgrade", "{\"overall_upgrade_status\":3}", "overall_upgrade_status" },
	{ "backup", "7", "want an object" },
	{ "restore", "{\"status\":{\"value\":[]}}", "status.value" },
	{ "validation", "{\"status\":[]}", "status" },
	{ "site", "{\"site_connection_info\":{}}", "site_connection_info" },
	{ "site", "{\"site_connection_info\":[1]}", "site_connection_info: want an object" },
	{ "site", "{\"_revision\":\"x\"}", "_revision" },
};

START_TEST(garbled_answer_is_an_error)
{
	struct err e = { 0 };
	struct json *doc = parse(garbled[_i].text);
	struct nsx_ops o;

	nsx_ops_init(&o);
	ck_assert_msg(reader(garbled[_i].what)(&o, doc, &e) == -1, "%s", garbled[_i].text);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_msg(strstr(e.text, garbled[_i].sentence) != NULL, "%s", e.text);
	json_free(doc);
	nsx_ops_clear(&o);
}
END_TEST

/* "{"key":[element, element, ...]}", with further members. */
static char *many(const char *key, const char *element, size_t n)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	buf_addf(&b, "{\"%s\":[", key);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i > 0 ? "," : "", element);
	buf_adds(&b, "]}");
	return buf_take(&b);
}

static const struct { const char *what, *key, *element; size_t max; } ceilings[] = {
	{ "cluster", "nodes", "{}", OPS_NODES_MAX },
	{ "results of the last batch", "results", "{}", OPS_BATCH_MAX },
};

START_TEST(ceiling_holds)
{
	for (size_t over = 0; over < 2; over++) {
		char *text = many(ceilings[_i].key, ceilings[_i].element, ceilings[_i].max + over);
		struct json *doc = parse(text);
		struct err e = { 0 };
		struct nsx_ops o;

		nsx_ops_init(&o);
		ck_assert_int_eq(reader(ceilings[_i].what)(&o, doc, &e), over == 0 ? 0 : -1);
		json_free(doc);
		free(text);
		nsx_ops_clear(&o);
	}
}
END_TEST

/* An id that is cut would be another one; a message may be. */
START_TEST(long_texts)
{
	char *id = mem_alloc(OPS_TEXT_MAX_BYTES + 10), *text;
	struct err e = { 0 };
	struct json *doc;
	struct nsx_ops o;

	memset(id, 'x', OPS_TEXT_MAX_BYTES + 9);
	nsx_ops_init(&o);
	text = mem_printf("{\"results\":[{\"message\":\"%s\"}]}", id);
	doc = parse(text);
	ck_assert_int_eq(reader("results of the last batch")(&o, doc, &e), 0);
	ck_assert_uint_eq(strlen(o.batch[0].message), OPS_TEXT_MAX_BYTES);
	json_free(doc);
	free(text);
	nsx_ops_clear(&o);
	text = mem_printf("{\"results\":[{\"certificate_id\":\"%s\"}]}", id);
	doc = parse(text);
	ck_assert_int_eq(reader("results of the last batch")(&o, doc, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "results[0].certificate_id is longer than 255 bytes"));
	json_free(doc);
	free(text);
	free(id);
	nsx_ops_clear(&o);
}
END_TEST

/* --- transport nodes -------------------------------------------------------------------- */

START_TEST(hosts_are_read_page_by_page)
{
	static const char first[] = "{\"cursor\":\"next\",\"results\":[{\"id\":\"policy-1\","
	    "\"node_id\":\"tn-1\",\"display_name\":\"esx-1\","
	    "\"node_deployment_info\":{\"resource_type\":\"HostNode\"}}]}";
	static const char second[] = "{\"cursor\":\"0000000\",\"results\":[{\"id\":\"tn-2\"}]}";
	struct json *docs[] = { parse(first), parse(second),
		parse("{\"status\":\"UP\",\"mgmt_connection_status\":\"DOWN\"}") };
	struct err e = { 0 };
	const char *cursor;
	struct nsx_ops o;

	nsx_ops_init(&o);
	ck_assert_int_eq(ops_read_hosts(&o, docs[0], &cursor, &e), 0);
	ck_assert_str_eq(cursor, "next");
	ck_assert_int_eq(ops_read_hosts(&o, docs[1], &cursor, &e), 0);
	ck_assert_ptr_null(cursor);
	ck_assert_uint_eq(o.n_hosts, 2);
	ck_assert_str_eq(o.hosts[0].id, "tn-1");
	ck_assert_str_eq(o.hosts[0].name, "esx-1");
	ck_assert_str_eq(o.hosts[0].deployment, "HostNode");
	ck_assert_ptr_null(o.hosts[0].status);
	ck_assert_str_eq(o.hosts[1].id, "tn-2");
	ck_assert_ptr_null(o.hosts[1].name);
	ck_assert_int_eq(ops_read_host_status(&o.hosts[1], docs[2], &e), 0);
	ck_assert_str_eq(o.hosts[1].status, "UP");
	ck_assert_str_eq(o.hosts[1].connection, "DOWN");
	for (size_t i = 0; i < 3; i++)
		json_free(docs[i]);
	nsx_ops_clear(&o);
}
END_TEST

static const char *const garbled_hosts[] = {
	"{}", "[]", "{\"results\":[{}]}", "{\"results\":[1]}", "{\"results\":[{\"node_id\":\"\"}]}",
	"{\"results\":[],\"cursor\":1}", "{\"results\":[{\"node_id\":\"a\",\"display_name\":1}]}",
};

START_TEST(garbled_hosts_are_an_error)
{
	struct json *doc = parse(garbled_hosts[_i]);
	struct err e = { 0 };
	const char *cursor;
	struct nsx_ops o;

	nsx_ops_init(&o);
	ck_assert_msg(ops_read_hosts(&o, doc, &cursor, &e) == -1, "%s", garbled_hosts[_i]);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	json_free(doc);
	nsx_ops_clear(&o);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("nsx_ops");
	TCase *t = tcase_create("nsx_ops");

	tcase_add_loop_test(t, answer_is_read, 0, UNIT_ROWS(told));
	tcase_add_loop_test(t, what_goes_on_is_told, 0, UNIT_ROWS(going_on));
	tcase_add_loop_test(t, garbled_answer_is_an_error, 0, UNIT_ROWS(garbled));
	tcase_add_loop_test(t, ceiling_holds, 0, UNIT_ROWS(ceilings));
	tcase_add_test(t, long_texts);
	tcase_add_test(t, hosts_are_read_page_by_page);
	tcase_add_loop_test(t, garbled_hosts_are_an_error, 0, UNIT_ROWS(garbled_hosts));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
