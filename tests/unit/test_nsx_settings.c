/* test_nsx_settings.c - what the NSX source learns besides certificates:
 * nodes, profiles, automatic renewal, and the product's own verdicts. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/nsx_internal.h"
#include "tests/unit/nsx_manager.h"

#define DAY_S INT64_C(86400)
#define SETTING "automatic_appliance_certificate_renewal_"
#define OTHER "automatic_appliance_certificate_replacement_"
#define CONFIG "/policy/api/v1/infra/security-global-config"
#define CERTIFICATES "/api/v1/trust-management/certificates"

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

static struct json *parse(const char *text)
{
	char *copy = mem_strdup(text);
	struct err e = { ERR_NONE, "" };
	struct json *doc = json_parse(copy, strlen(copy), &e);

	ck_assert_msg(doc != NULL, "%s", e.text);
	free(copy);
	return doc;
}

/* --- automatic renewal ---------------------------------------------------------------- */

static const struct {
	const char *body;
	int renews;
	int64_t days;                /* -1: not told */
	const char *error;
} settings[] = {
	{ "{\"" SETTING "enabled\":true,\"" SETTING "lead_time\":31}", 1, 31, NULL },
	{ "{\"" SETTING "enabled\":false,\"" SETTING "lead_time\":60}", 0, 60, NULL },
	{ "{\"" OTHER "enabled\":true,\"" OTHER "lead_time\":45}", 1, 45, NULL },
	{ "{\"" SETTING "enabled\":false,\"" OTHER "enabled\":true}", 0, -1, NULL },
	{ "{\"" SETTING "enabled\":\"true\",\"" SETTING "lead_time\":31}", 1, 31, NULL },
	{ "{}", -1, -1, NULL },
	{ "{\"" SETTING "enabled\":7}", -1, -1, SETTING "enabled" },
	{ "{\"" SETTING "lead_time\":-1}", -1, -1, "no number of days" },
	{ "{\"" SETTING "lead_time\":99999999999}", -1, -1, "no number of days" },
	{ "{\"" SETTING "lead_time\":[]}", -1, -1, "no number of days" },
	{ "[]", -1, -1, "want an object" },
};

START_TEST(test_renewal)
{
	struct json *doc = parse(settings[_i].body);
	struct err e = { ERR_NONE, "" };
	struct bench b;
	int failed;

	open_bench(&b);
	failed = nsx_read_renewal(&b.f, doc, "renewal", &e);
	ck_assert_msg((failed != 0) == (settings[_i].error != NULL), "%s", e.text);
	if (settings[_i].error != NULL)
		ck_assert_msg(strstr(e.text, settings[_i].error) != NULL, "%s", e.text);
	ck_assert_int_eq(b.f.cluster->renews_by_itself, settings[_i].renews);
	ck_assert_int_eq(b.f.cluster->renewal_lead_s,
	    settings[_i].days < 0 ? -1 : settings[_i].days * DAY_S);
	json_free(doc);
	close_bench(&b);
}
END_TEST

/* Asked where the version has it; an account that may not read it, and a
 * manager without it, promise no renewal, and that is all. */
static const struct { const char *version; int status; size_t n_asked; int renews; } asked[] = {
	{ "4.2.0.0", 200, 0, -1 }, { "4.1.2.3", 200, 0, -1 }, { "4.2.1.0", 200, 1, 1 },
	{ "9.0.0.0", 200, 1, 1 }, { "4.2.1.0", 403, 1, -1 }, { "4.2.1.0", 404, 1, -1 },
};

START_TEST(test_asked)
{
	char *version = mem_printf("{\"product_version\":\"%s\"}", asked[_i].version);
	const struct reply replies[] = {
		{ .path = "/api/v1/node/version", .status = 200, .body = version },
		{ .path = CONFIG, .status = asked[_i].status, .body =
		    "{\"" SETTING "enabled\":true,\"" SETTING "lead_time\":31}" },
	};
	struct manager m;

	manager_poll(&m, "4.2", replies, 2);
	ck_assert_uint_eq(manager_count(&m, "GET " CONFIG), asked[_i].n_asked);
	ck_assert_int_eq(m.w.inv.sources[0].cluster->renews_by_itself, asked[_i].renews);
	ck_assert(manager_is_complete(&m));
	ck_assert_uint_eq(world_count_all_issues(&m.w), 0);
	manager_close(&m);
	free(version);
}
END_TEST

/* --- profiles ----------------------------------------------------------------------------- */

static const struct {
	const char *row;
	int per_cluster, server, client, key, unique;
	int64_t replacement_s;
} profiles[] = {
	{ "{\"service_type\":\"X\"}", -1, -1, -1, -1, -1, -1 },
	{ "{\"service_type\":\"X\",\"cluster_certificate\":true,\"extended_key_usage\":[\"SERVER\"],"
	    "\"requires_private_key\":true,\"unique_use\":false,\"replacement_duration\":60}",
	    1, 1, 0, 1, 0, 60 },
	{ "{\"service_type\":\"X\",\"cluster_certificate\":\"false\","
	    "\"extended_key_usage\":[\"CLIENT\",\"SERVER\",\"NEW\",7]}", 0, 1, 1, -1, -1, -1 },
	{ "{\"service_type\":\"X\",\"extended_key_usage\":[],\"replacement_duration\":-5}",
	    -1, 0, 0, -1, -1, -1 },
	{ "{\"service_type\":\"X\",\"extended_key_usage\":\"SERVER\",\"unique_use\":[],"
	    "\"requires_private_key\":{},\"certificate_class\":4}", -1, -1, -1, -1, -1, -1 },
};

START_TEST(test_profile)
{
	struct json *doc = parse(profiles[_i].row);
	const struct cluster_profile *p;
	struct bench b;

	open_bench(&b);
	nsx_read_profile(&b.f, doc, 0, "profiles");
	p = cluster_profile(b.f.cluster, "X");
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->per_cluster, profiles[_i].per_cluster);
	ck_assert_int_eq(p->wants_server, profiles[_i].server);
	ck_assert_int_eq(p->wants_client, profiles[_i].client);
	ck_assert_int_eq(p->requires_private_key, profiles[_i].key);
	ck_assert_int_eq(p->unique_use, profiles[_i].unique);
	ck_assert_int_eq(p->replacement_s, profiles[_i].replacement_s);
	ck_assert_ptr_null(p->certificate_class);
	ck_assert_ptr_null(cluster_profile(b.f.cluster, "Y"));
	json_free(doc);
	close_bench(&b);
}
END_TEST

START_TEST(test_too_many_profiles)
{
	char row[64];
	struct bench b;

	open_bench(&b);
	for (size_t i = 0; i <= NSX_PROFILES_MAX; i++) {
		struct json *doc;

		snprintf(row, sizeof row, "{\"service_type\":\"S%zu\"}", i);
		doc = parse(row);
		nsx_read_profile(&b.f, doc, i, "profiles");
		json_free(doc);
	}
	ck_assert_uint_eq(b.f.cluster->n_profiles, NSX_PROFILES_MAX);
	ck_assert_uint_eq(b.f.remarks.n_gaps, 1);
	close_bench(&b);
}
END_TEST

/* --- the cluster ----------------------------------------------------------------------------- */

START_TEST(test_cluster)
{
	struct json *doc = parse("{\"cluster_id\":\"c\",\"mgmt_cluster_changes_allowed\":false,"
	    "\"nodes\":[{\"node_uuid\":\"a\",\"display_name\":\"one\",\"fqdn\":\"one.example\","
	    "\"status\":\"JOINED\",\"api_listen_addr\":{\"ip_address\":\"192.0.2.1\","
	    "\"ipv6_address\":\"2001:db8::1\",\"port\":443}},"
	    "{\"node_uuid\":\"b\",\"status\":\"JOINING\",\"fqdn\":\"not a name\","
	    "\"entities\":[{\"entity_type\":\"HTTP\",\"ip_address\":\"0.0.0.0\",\"port\":443}]}]}");
	struct err e = { ERR_NONE, "" };
	const struct cluster_node *n;
	struct bench b;

	open_bench(&b);
	ck_assert_int_eq(b.f.cluster->changes_allowed, -1);
	ck_assert_int_eq(nsx_read_cluster(&b.f, doc, "cluster", &e), 0);
	ck_assert_int_eq(b.f.cluster->changes_allowed, 0);
	n = cluster_node(b.f.cluster, "a");
	ck_assert_str_eq(n->fqdn, "one.example");
	ck_assert_str_eq(n->status, "JOINED");
	ck_assert_uint_eq(n->n_addresses, 2);
	ck_assert_str_eq(n->addresses[1], "2001:db8::1");
	n = cluster_node(b.f.cluster, "b");
	ck_assert_ptr_null(n->fqdn);
	ck_assert_uint_eq(n->n_addresses, 0);
	ck_assert_str_eq(n->status, "JOINING");
	ck_assert_ptr_null(cluster_node(b.f.cluster, "c"));
	ck_assert_ptr_null(cluster_node(NULL, "a"));
	json_free(doc);
	close_bench(&b);
}
END_TEST

/* Whose name stands in the URL? */
static const struct { const char *host, *vip, *name; bool is_vip; } urls[] = {
	{ "nsx.example", "192.0.2.9", "nsx.example", false },
	{ "one.example", "192.0.2.9", NULL, false },
	{ "ONE.example", "192.0.2.9", NULL, false },
	{ "one", "192.0.2.9", NULL, false },
	{ "192.0.2.9", "192.0.2.9", NULL, true },
	{ "192.0.2.1", "192.0.2.9", NULL, false },
	{ "nsx.example", NULL, NULL, false },
	{ NULL, "192.0.2.9", NULL, false },
};

START_TEST(test_url)
{
	struct cluster_facts *c;
	struct bench b;

	open_bench(&b);
	c = b.f.cluster;
	b.w.inv.sources[0].host = mem_strdup(urls[_i].host);
	cluster_add_node(c, "a", "one")->fqdn = mem_strdup("one.example");
	if (urls[_i].vip != NULL)
		c->vips[c->n_vips++] = mem_strdup(urls[_i].vip);
	nsx_join(&b.f, true);
	ck_assert_pstr_eq(c->url_name, urls[_i].name);
	ck_assert_int_eq(c->url_is_vip, urls[_i].is_vip);
	close_bench(&b);
}
END_TEST

/* --- validation ---------------------------------------------------------------------------------- */

static void poll_validating(struct manager *m, const struct reply *replies, size_t n, bool wanted)
{
	manager_open(m, "4.2", BY_BASIC, NULL);
	m->w.target.validate = wanted;
	manager_replies(m, replies, n);
	manager_run(m);
}

static size_t count_validations(const struct manager *m)
{
	size_t n = 0;

	for (const char *p = buf_str(&m->log); (p = strstr(p, "?action=validate")) != NULL; p++)
		n++;
	return n;
}

/* The only object in use with a path that the replies can name. */
static char *path_of_first(const struct manager *m)
{
	const char *at = strstr(buf_str(&m->log), "?action=validate"), *start = at;

	ck_assert_ptr_nonnull(at);
	while (start > buf_str(&m->log) && start[-1] != ' ')
		start--;
	return mem_strndup(start, (size_t)(at - start));
}

static const struct sighting *validated(const struct manager *m, const char *path)
{
	for (size_t i = 0; i < m->w.inv.n_sightings; i++) {
		const struct sighting *s = &m->w.inv.sightings[i];

		if (s->id != NULL && s->position == 0 &&
		    strcmp(path + strlen(CERTIFICATES) + 1, s->id) == 0)
			return s;
	}
	ck_abort_msg("%s is nowhere", path);
}

static const struct {
	int status;
	const char *body;
	enum err_code err;
	enum product_verdict verdict;
	const char *message, *issue;   /* NULL: none */
	bool goes_on;
} verdicts[] = {
	{ 200, "{\"status\":\"OK\"}", ERR_NONE, PRODUCT_OK, NULL, NULL, true },
	{ 200, "{\"status\":\"REJECTED\",\"error_message\":\"no; <good>\"}", ERR_NONE,
	    PRODUCT_REJECTED, "no, (good)", NULL, true },
	{ 200, "{\"status\":\"CRL_NOT_READY\"}", ERR_NONE, PRODUCT_CRL_NOT_READY, NULL, NULL, true },
	{ 200, "{\"status\":\"ERROR\",\"error_message\":\"x\"}", ERR_NONE, PRODUCT_ERROR, "x",
	    NULL, true },
	{ 200, "{\"status\":\"FINE\"}", ERR_NONE, PRODUCT_SILENT, NULL, "\"FINE\" is not known",
	    true },
	{ 200, "{}", ERR_NONE, PRODUCT_SILENT, NULL, "status", true },
	{ 200, "<html>", ERR_NONE, PRODUCT_SILENT, NULL, "validation", true },
	{ 200, "", ERR_NONE, PRODUCT_SILENT, NULL, "empty", true },
	{ 404, "{}", ERR_NONE, PRODUCT_SILENT, NULL, NULL, true },
	{ 403, "{}", ERR_NONE, PRODUCT_SILENT, NULL, "not validated", false },
	{ 503, "{}", ERR_NONE, PRODUCT_SILENT, NULL, "not validated", false },
	{ 0, NULL, ERR_UNREACHABLE, PRODUCT_SILENT, NULL, "not validated", false },
};

START_TEST(test_verdict)
{
	struct reply reply = { .status = verdicts[_i].status, .body = verdicts[_i].body,
		.err = verdicts[_i].err };
	const struct sighting *s;
	struct manager m;
	size_t n_all;
	char *path;

	poll_validating(&m, NULL, 0, true);
	n_all = count_validations(&m);
	ck_assert_uint_gt(n_all, 1);
	path = path_of_first(&m);
	manager_close(&m);
	reply.path = path;
	poll_validating(&m, &reply, 1, true);
	s = validated(&m, path);
	ck_assert_int_eq(s->verdict, verdicts[_i].verdict);
	ck_assert_pstr_eq(s->verdict_message, verdicts[_i].message);
	ck_assert_uint_eq(count_validations(&m), verdicts[_i].goes_on ? n_all : 1);
	ck_assert_int_eq(manager_is_complete(&m), verdicts[_i].issue == NULL);
	ck_assert_uint_eq(world_count_all_issues(&m.w), verdicts[_i].issue != NULL);
	if (verdicts[_i].issue != NULL)
		ck_assert_msg(strstr(m.w.inv.sources[0].issues[0].err.text, verdicts[_i].issue),
		    "%s", m.w.inv.sources[0].issues[0].err.text);
	free(path);
	manager_close(&m);
}
END_TEST

START_TEST(test_not_wanted)
{
	struct manager m;

	poll_validating(&m, NULL, 0, false);
	ck_assert_uint_eq(count_validations(&m), 0);
	manager_close(&m);
}
END_TEST

/* More in use than are asked about. */
START_TEST(test_cap)
{
	struct reply reply = { .path = CERTIFICATES, .status = 200 };
	struct manager m;
	struct buf body;

	buf_init(&body, SIZE_MAX);
	for (int i = 0; i < NSX_VALIDATIONS_MAX + 3; i++)
		buf_addf(&body, "%s{\"id\":\"id %d\",\"used_by\":[{\"node_id\":\"n\","
		    "\"service_types\":[\"%s\"]}],\"details\":[{\"not_after\":1999999999000}]}",
		    i == 0 ? "{\"results\":[" : ",", i, i == 0 ? "CLIENT_AUTH" : "API");
	buf_adds(&body, "]}");
	reply.body = buf_str(&body);
	poll_validating(&m, &reply, 1, true);
	ck_assert_uint_eq(count_validations(&m), NSX_VALIDATIONS_MAX);
	ck_assert_ptr_null(strstr(buf_str(&m.log), "id%200?"));
	ck_assert_ptr_nonnull(strstr(buf_str(&m.log), "/id%201?action=validate"));
	ck_assert_uint_eq(world_count_all_issues(&m.w), 1);
	ck_assert_int_eq(m.w.inv.sources[0].issues[0].kind, ISSUE_NOTE);
	ck_assert_ptr_nonnull(strstr(m.w.inv.sources[0].issues[0].err.text, "2 certificates"));
	manager_close(&m);
	buf_clear(&body);
}
END_TEST

/* The deadline at any point: never silently fewer verdicts. */
START_TEST(test_deadline)
{
	bool was_complete = false;

	for (int n = 1; n < 40 && !was_complete; n++) {
		struct manager m;
		size_t n_told = 0;

		manager_open(&m, "4.2", BY_BASIC, NULL);
		m.w.target.validate = true;
		m.w.target.probe = PROBE_NO;
		m.n_answers_max = n;
		manager_run(&m);
		for (size_t i = 0; i < m.w.inv.sources[0].n_issues; i++)
			n_told += m.w.inv.sources[0].issues[i].kind != ISSUE_NOTE;
		was_complete = manager_is_complete(&m);
		ck_assert_int_eq(was_complete, n_told == 0);
		manager_close(&m);
	}
	ck_assert(was_complete);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("nsx_settings");
	TCase *t = tcase_create("nsx_settings");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_renewal, 0, UNIT_ROWS(settings));
	tcase_add_loop_test(t, test_asked, 0, UNIT_ROWS(asked));
	tcase_add_loop_test(t, test_profile, 0, UNIT_ROWS(profiles));
	tcase_add_test(t, test_too_many_profiles);
	tcase_add_test(t, test_cluster);
	tcase_add_loop_test(t, test_url, 0, UNIT_ROWS(urls));
	tcase_add_loop_test(t, test_verdict, 0, UNIT_ROWS(verdicts));
	tcase_add_test(t, test_not_wanted);
	tcase_add_test(t, test_cap);
	tcase_add_test(t, test_deadline);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
