/* test_view.c - one look at a target: a manager in this process is polled and
 * asked what it is doing; and what is found in a view. */
#include "remediate/view.h"

#include <stdio.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/unit/api_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define TRUST "/api/v1/trust-management"
#define STATUS "{\"mgmt_cluster_status\":{\"status\":\"STABLE\"}," \
	"\"detailed_cluster_status\":{\"overall_status\":\"STABLE\"}}"
#define REPLIES_MAX 24
#define LOOK_MS 20000

/* A manager that is the only node, and its own listener. */
struct scene {
	struct api_world w;
	struct api_reply replies[REPLIES_MAX];
	size_t n_replies;
	char *cluster, *certificates;
	char endpoint[32], sha256[2 * CERT_SHA256_BYTES + 1];
	struct mandate mandate;
	struct policy policy;
	struct view view;
};

static void reply(struct scene *s, const char *line, int status, const char *body)
{
	ck_assert_uint_lt(s->n_replies, REPLIES_MAX);
	s->replies[s->n_replies++] = (struct api_reply){ .line = line, .status = status, .body = body };
}

/* Rows that are put in front count more. */
static void reply_usual(struct scene *s)
{
	reply(s, "GET /api/v1/node/version", 200, "{\"product_version\":\"4.2.0.0\"}");
	reply(s, "GET /api/v1/cluster/status", 200, STATUS);
	reply(s, "GET /api/v1/cluster/api-virtual-ip", 200, "{\"ip_address\":\"0.0.0.0\"}");
	reply(s, "GET /api/v1/cluster HTTP", 200, s->cluster);
	reply(s, "GET " TRUST "/certificates/batch-results", 200, "{\"results\":[]}");
	reply(s, "GET " TRUST "/certificates/c-1?action=validate", 200, "{\"status\":\"OK\"}");
	reply(s, "GET " TRUST "/certificates?", 200, s->certificates);
	reply(s, "GET " TRUST "/certificate-profiles", 200, "{\"results\":[]}");
	reply(s, "GET " TRUST "/principal-identities", 200, "{\"results\":[]}");
}

static void make_bodies(struct scene *s, int port)
{
	char *pem = pki_pem(world.certs[WORLD_GOOD], false);
	struct json_writer w;
	struct buf text;

	s->cluster = mem_printf("{\"cluster_id\":\"cl\",\"mgmt_cluster_changes_allowed\":true,\"nodes\":["
	    "{\"node_uuid\":\"n-1\",\"display_name\":\"nsx-01\",\"status\":\"JOINED\","
	    "\"api_listen_addr\":{\"ip_address\":\"127.0.0.1\",\"port\":%d}}]}", port);
	buf_init(&text, SIZE_MAX);
	jsonw_init(&w, &text);
	jsonw_open(&w, NULL, '{');
	jsonw_i64(&w, "result_count", 1);
	jsonw_open(&w, "results", '[');
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "id", "c-1");
	jsonw_str(&w, "display_name", "api");
	jsonw_str(&w, "pem_encoded", pem);
	jsonw_bool(&w, "has_private_key", true);
	buf_adds(&text, ",\"used_by\":[{\"node_id\":\"n-1\",\"service_types\":[\"API\"]}]");
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	s->certificates = buf_take(&text);
	free(pem);
}

static void open_scene(struct scene *s)
{
	uint8_t sha256[CERT_SHA256_BYTES];
	const char *colon;

	memset(s, 0, sizeof *s);
	api_world_open(&s->w, NULL, 0);
	colon = strrchr(s->w.target.url, ':');
	snprintf(s->endpoint, sizeof s->endpoint, "127.0.0.1%s", colon);
	make_bodies(s, atoi(colon + 1));
	pki_sha256(world.certs[WORLD_GOOD], sha256);
	text_hex(sha256, sizeof sha256, s->sha256);
	s->w.target.credentials_path = mem_strdup(scratch_text("reader", API_BASIC_LOGIN, 0600));
	s->w.target.probe = PROBE_NO;          /* the handler looks all the same */
	s->mandate = (struct mandate){ .target = &s->w.target, .site = "site/1" };
	policy_init(&s->policy);
}

/* Look with the handler's account (or without one), the table being complete. */
static void look(struct scene *s, bool with_api, const struct view_wants *wants)
{
	struct api *api = with_api ? api_world_api(&s->w) : NULL;

	api_world_replies(s->replies, s->n_replies);
	view_read(&s->mandate, &s->policy, api, api, wants, NULL, clock_mono_ms() + world_ms(LOOK_MS),
	    clock_wall_s(), NULL, &s->view);
	api_close(api);
}

static void close_scene(struct scene *s)
{
	view_clear(&s->view);
	api_world_close(&s->w);
	policy_clear(&s->policy);
	free(s->cluster);
	free(s->certificates);
}

START_TEST(everything_is_seen)
{
	char served[2 * CERT_SHA256_BYTES + 1];
	struct scene s;
	size_t row;

	open_scene(&s);
	reply_usual(&s);
	reply(&s, "GET /api/v1/upgrade/status-summary", 200, "{\"overall_upgrade_status\":\"SUCCESS\"}");
	reply(&s, "GET /api/v1/cluster/backups/status", 200, "{\"operation_type\":\"BACKUP\"}");
	look(&s, true, NULL);
	ck_assert_msg(s.view.is_complete, "%s", s.view.poll_err.text);
	ck_assert(s.view.is_reachable);
	ck_assert_int_eq(s.view.poll_err.code, ERR_NONE);
	ck_assert_str_eq(s.view.version, "4.2.0.0");
	ck_assert_uint_eq(s.view.report.n_items, 1);
	ck_assert_ptr_nonnull(s.view.cluster);
	ck_assert_ptr_nonnull(cluster_node(s.view.cluster, "n-1"));
	row = view_find_object(&s.view, "c-1");
	ck_assert_uint_ne(row, SIZE_MAX);
	ck_assert_uint_eq(view_find_leaf(&s.view, s.sha256, true), row);
	ck_assert(view_has_use(&s.view, "c-1", "API", "n-1"));
	ck_assert(view_served(&s.view, s.endpoint, served));
	ck_assert_str_eq(served, s.sha256);
	ck_assert_msg(s.view.ops.err.code == ERR_NONE, "%s", s.view.ops.err.text);
	ck_assert_str_eq(s.view.ops.overall, "STABLE");
	ck_assert_uint_eq(s.view.ops.n_joined, 1);
	ck_assert_int_eq(s.view.ops.changes_allowed, 1);
	ck_assert(s.view.ops.has_batch);
	ck_assert_int_eq(s.view.ops.upgrading, 0);
	ck_assert_int_eq(s.view.ops.backing_up, 1);
	ck_assert_int_eq(s.view.ops.restoring, -1);        /* 404: not told */
	ck_assert_uint_eq(api_world_count("POST "), 0);
	close_scene(&s);
}
END_TEST

START_TEST(old_version_is_not_asked_for_batches)
{
	struct scene s;

	open_scene(&s);
	reply(&s, "GET /api/v1/node/version", 200, "{\"product_version\":\"4.1.2.0\"}");
	reply_usual(&s);
	look(&s, true, NULL);
	ck_assert_int_eq(s.view.ops.err.code, ERR_NONE);
	ck_assert(!s.view.ops.has_batch);
	ck_assert_uint_eq(api_world_count("GET " TRUST "/certificates/batch-results"), 0);
	close_scene(&s);
}
END_TEST

/* A version that is not told may have batches. */
START_TEST(unknown_version_is_asked)
{
	struct scene s;

	open_scene(&s);
	reply(&s, "GET /api/v1/node/version", 500, NULL);
	reply_usual(&s);
	look(&s, true, NULL);
	ck_assert(!s.view.is_complete);
	ck_assert_int_ne(s.view.poll_err.code, ERR_NONE);
	ck_assert(s.view.is_reachable);
	ck_assert(s.view.ops.has_batch);
	close_scene(&s);
}
END_TEST

START_TEST(without_an_account_only_the_poll)
{
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	look(&s, false, NULL);
	ck_assert(s.view.is_complete);
	world_expect(&s.view.ops.err, ERR_CONFIG, "was not asked", "no account");
	ck_assert_int_eq(s.view.ops.changes_allowed, -1);
	ck_assert_uint_eq(api_world_count("GET /api/v1/cluster/status"), 0);
	close_scene(&s);
}
END_TEST

START_TEST(nobody_there)
{
	struct tls_server *gone = world_server(WORLD_GOOD, WORLD_OK, NULL);
	char served[2 * CERT_SHA256_BYTES + 1];
	struct scene s;

	open_scene(&s);
	free(s.w.target.url);
	s.w.target.url = mem_strdup(world_url(gone, ""));
	tls_server_stop(gone);
	look(&s, true, NULL);
	ck_assert(!s.view.is_reachable);
	ck_assert(!s.view.is_complete);
	world_expect(&s.view.poll_err, ERR_UNREACHABLE, "", "poll");
	world_expect(&s.view.ops.err, ERR_UNREACHABLE, "cluster status", "operation");
	ck_assert_uint_eq(view_find_object(&s.view, "c-1"), SIZE_MAX);
	ck_assert(!view_served(&s.view, s.endpoint, served));
	close_scene(&s);
}
END_TEST

/* What cannot be read is never "nothing goes on". */
static const struct {
	struct api_reply reply;
	enum err_code code;
	const char *text;
} unread[] = {
	{ { "GET /api/v1/cluster/status", 0, 404, NULL, NULL }, ERR_REFUSED, "cluster status: HTTP 404" },
	{ { "GET /api/v1/cluster/status", 0, 200, "<html>", NULL }, ERR_ANSWER, "no JSON" },
	{ { "GET /api/v1/cluster/status", 0, 200, "{}", NULL }, ERR_ANSWER, "cluster status: " },
	{ { "GET /api/v1/cluster/status", 0, 503, NULL, NULL }, ERR_BUSY, "cluster status" },
	{ { "GET /api/v1/cluster/status", 0, API_HALF, STATUS, NULL }, ERR_ANSWER, "cluster status" },
	{ { "GET " TRUST "/certificates/batch-results", 0, 500, NULL, NULL }, ERR_REFUSED,
	    "results of the last batch: HTTP 500" },
	{ { "GET " TRUST "/certificates/batch-results", 0, 200, "{\"results\":3}", NULL }, ERR_ANSWER,
	    "results of the last batch: " },
	{ { "GET /api/v1/upgrade/status-summary", 0, 403, NULL, NULL }, ERR_REFUSED, "upgrade" },
	{ { "GET /api/v1/cluster/backups/status", 0, API_CLOSE, NULL, NULL }, ERR_UNREACHABLE, "backup" },
	{ { "GET /api/v1/cluster/restore/status", 0, 200, "[]", NULL }, ERR_ANSWER, "restore: " },
};

START_TEST(unread_operation_is_told)
{
	struct scene s;

	open_scene(&s);
	s.replies[s.n_replies++] = unread[_i].reply;
	reply_usual(&s);
	look(&s, true, NULL);
	ck_assert(s.view.is_complete);
	world_expect(&s.view.ops.err, unread[_i].code, unread[_i].text, unread[_i].reply.line);
	close_scene(&s);
}
END_TEST

START_TEST(absent_calls_tell_nothing)
{
	struct scene s;

	open_scene(&s);
	reply(&s, "GET " TRUST "/certificates/batch-results", 404, NULL);
	reply_usual(&s);
	look(&s, true, NULL);
	ck_assert_int_eq(s.view.ops.err.code, ERR_NONE);
	ck_assert(!s.view.ops.has_batch);
	ck_assert_int_eq(s.view.ops.upgrading, -1);
	close_scene(&s);
}
END_TEST

/* --- what is asked for ------------------------------------------------------------------- */

START_TEST(validation_is_asked_for)
{
	const struct view_wants wants = { .validate_id = "new/1" };
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	reply(&s, "GET " TRUST "/certificates/new%2F1?action=validate", 200,
	    "{\"status\":\"REJECTED\",\"error_message\":\"KeyUsage\"}");
	look(&s, true, &wants);
	ck_assert_msg(s.view.ops.err.code == ERR_NONE, "%s", s.view.ops.err.text);
	ck_assert_str_eq(s.view.ops.validation_id, "new/1");
	ck_assert_str_eq(s.view.ops.validation, "REJECTED");
	ck_assert_str_eq(s.view.ops.validation_message, "KeyUsage");
	close_scene(&s);
}
END_TEST

START_TEST(refused_validation_is_no_verdict)
{
	const struct view_wants wants = { .validate_id = "gone" };
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	look(&s, true, &wants);
	ck_assert_int_eq(s.view.ops.err.code, ERR_NONE);
	ck_assert_ptr_null(s.view.ops.validation);
	ck_assert_ptr_nonnull(strstr(s.view.ops.validation_message, "HTTP 404"));
	close_scene(&s);
}
END_TEST

static void reply_hosts(struct scene *s)
{
	reply(s, "GET /api/v1/transport-nodes?page_size=1000&cursor=a%2Fb", 200,
	    "{\"results\":[{\"node_id\":\"tn-2\",\"display_name\":\"esx-2\"}]}");
	reply(s, "GET /api/v1/transport-nodes?", 200,
	    "{\"cursor\":\"a/b\",\"results\":[{\"node_id\":\"tn-1\",\"display_name\":\"esx-1\"}]}");
	reply(s, "GET /api/v1/transport-nodes/tn-2/status", 200,
	    "{\"status\":\"UP\",\"mgmt_connection_status\":\"UP\"}");
}

START_TEST(hosts_are_asked_for)
{
	const struct view_wants wants = { .hosts = true, .host = _i == 1 ? "tn-2" : NULL };
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	reply_hosts(&s);
	look(&s, true, &wants);
	ck_assert_msg(s.view.ops.err.code == ERR_NONE, "%s", s.view.ops.err.text);
	ck_assert_uint_eq(s.view.ops.n_hosts, 2);
	ck_assert_ptr_null(s.view.ops.hosts[0].status);    /* 404: not told */
	ck_assert_str_eq(s.view.ops.hosts[1].status, "UP");
	ck_assert_uint_eq(api_world_count("GET /api/v1/transport-nodes/tn-1/status"), _i == 0);
	ck_assert_uint_eq(api_world_count("GET /api/v1/transport-nodes/tn-2/status"), 1);
	close_scene(&s);
}
END_TEST

START_TEST(pages_without_end)
{
	const struct view_wants wants = { .hosts = true };
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	reply(&s, "GET /api/v1/transport-nodes?", 200, "{\"cursor\":\"again\",\"results\":[]}");
	look(&s, true, &wants);
	world_expect(&s.view.ops.err, ERR_ANSWER, "more than 100 pages", "hosts");
	close_scene(&s);
}
END_TEST

START_TEST(site_is_asked_for)
{
	const struct view_wants wants = { .site = true };
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	reply(&s, "GET /global-manager/api/v1/global-infra/sites/site%2F1", 200,
	    "{\"display_name\":\"West\",\"_revision\":4,\"site_connection_info\":"
	    "[{\"fqdn\":\"lm.example\",\"thumbprint\":\"ab12\"}]}");
	look(&s, true, &wants);
	ck_assert_msg(s.view.ops.err.code == ERR_NONE, "%s", s.view.ops.err.text);
	ck_assert(s.view.ops.has_site);
	ck_assert_str_eq(s.view.ops.site_thumbprint, "ab12");
	ck_assert_int_eq(s.view.ops.site_revision, 4);
	close_scene(&s);
}
END_TEST

START_TEST(site_may_be_missing)
{
	const struct view_wants wants = { .site = true };
	struct scene s;

	open_scene(&s);
	reply_usual(&s);
	look(&s, true, &wants);
	ck_assert_int_eq(s.view.ops.err.code, ERR_NONE);
	ck_assert(!s.view.ops.has_site);
	close_scene(&s);
}
END_TEST

/* The deadline is for the whole look. */
START_TEST(look_ends_in_time)
{
	const int64_t begun_ms = clock_mono_ms();
	struct scene s;
	struct api *api;

	open_scene(&s);
	reply(&s, "GET /api/v1/cluster/status", API_HANG, NULL);
	reply_usual(&s);
	api_world_replies(s.replies, s.n_replies);
	api = api_world_api(&s.w);
	view_read(&s.mandate, &s.policy, api, NULL, NULL, NULL, begun_ms + world_ms(3000),
	    clock_wall_s(), NULL, &s.view);
	api_close(api);
	ck_assert(s.view.is_complete);
	world_expect(&s.view.ops.err, ERR_TIMEOUT, "cluster status", "silence");
	ck_assert_int_lt(clock_mono_ms() - begun_ms, world_ms(9000));
	close_scene(&s);
}
END_TEST

/* --- what is found --------------------------------------------------------------------- */

START_TEST(rows_are_told_from_other_sightings)
{
	char served[2 * CERT_SHA256_BYTES + 1] = "";
	struct scene s;
	struct sighting *other;
	size_t row;

	open_scene(&s);
	reply_usual(&s);
	look(&s, true, NULL);
	row = view_find_object(&s.view, "c-1");
	other = inventory_add_sighting(&s.view.inv, s.view.inv.sightings[row].cert, 0, VIA_API);
	other->role = ROLE_NSX_SERVICE;
	other->id = mem_strdup("policy-1");
	ck_assert_uint_eq(view_find_object(&s.view, "policy-1"), SIZE_MAX);
	ck_assert_uint_eq(view_find_object(&s.view, "c"), SIZE_MAX);
	s.view.inv.sightings[row].has_private_key = 0;
	ck_assert_uint_eq(view_find_leaf(&s.view, s.sha256, true), SIZE_MAX);
	ck_assert_uint_eq(view_find_leaf(&s.view, s.sha256, false), row);
	s.view.inv.sightings[row].has_private_key = -1;    /* before 4.0 */
	ck_assert_uint_eq(view_find_leaf(&s.view, s.sha256, true), row);
	other = inventory_add_sighting(&s.view.inv, s.view.inv.sightings[row].cert, 0, VIA_API);
	other->role = ROLE_NSX_PLATFORM;
	other->id = mem_strdup("c-2");
	other->has_private_key = 1;
	ck_assert_uint_eq(view_find_leaf(&s.view, s.sha256, true), s.view.inv.n_sightings - 1);
	s.sha256[0] = s.sha256[0] == '0' ? '1' : '0';
	ck_assert_uint_eq(view_find_leaf(&s.view, s.sha256, false), SIZE_MAX);
	ck_assert(view_has_use(&s.view, "c-1", "API", NULL));
	ck_assert(!view_has_use(&s.view, "c-1", "API", "n-2"));
	ck_assert(!view_has_use(&s.view, "c-1", "APH", NULL));
	ck_assert(!view_has_use(&s.view, "c-2", "API", NULL));
	ck_assert(!view_has_use(&s.view, "c-3", "API", NULL));
	ck_assert(!view_served(&s.view, "127.0.0.1:1", served));
	ck_assert_str_eq(served, "");
	close_scene(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("view");
	TCase *t = tcase_create("view");

	tcase_set_timeout(t, 300);
	tcase_add_unchecked_fixture(t, world_make, world_remove);
	tcase_add_test(t, everything_is_seen);
	tcase_add_test(t, old_version_is_not_asked_for_batches);
	tcase_add_test(t, unknown_version_is_asked);
	tcase_add_test(t, without_an_account_only_the_poll);
	tcase_add_test(t, nobody_there);
	tcase_add_loop_test(t, unread_operation_is_told, 0, UNIT_ROWS(unread));
	tcase_add_test(t, absent_calls_tell_nothing);
	tcase_add_test(t, validation_is_asked_for);
	tcase_add_test(t, refused_validation_is_no_verdict);
	tcase_add_loop_test(t, hosts_are_asked_for, 0, 2);
	tcase_add_test(t, pages_without_end);
	tcase_add_test(t, site_is_asked_for);
	tcase_add_test(t, site_may_be_missing);
	tcase_add_test(t, look_ends_in_time);
	tcase_add_test(t, rows_are_told_from_other_sightings);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
