/* test_nsx_faults.c - the NSX source when things go wrong: pages that do not
 * end, a manager that is busy, calls that are refused, answers that are not
 * what they should be. */
#include <stdio.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/nsx_internal.h"
#include "tests/unit/nsx_manager.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define VERSION "/api/v1/node/version"
#define CERTIFICATES "/api/v1/trust-management/certificates"
#define CLUSTER "/api/v1/cluster"
#define VIP "/api/v1/cluster/api-virtual-ip"
#define PROFILES "/api/v1/trust-management/certificate-profiles"
#define POLICY "/policy/api/v1/infra/certificates"
#define GLOBAL "/global-manager/api/v1/global-infra/certificates"
#define PRINCIPALS "/api/v1/trust-management/principal-identities"

#define MANY_PAGES ((size_t)NSX_PAGES_MAX + 2)

/* One row that is good enough; the id makes each a certificate of its own. */
#define ROW(id) "{\"id\":\"" id "\",\"details\":[{\"not_after\":1767033095000}]}"
#define PAGE(id, cursor) "{\"results\":[" ROW(id) "],\"cursor\":" cursor "}"

static size_t count_rows(const struct manager *m)
{
	return world_count_role(&m->w, ROLE_NSX_PLATFORM);
}

/* Exactly one issue that is no note, and it says this. */
static void check_only_issue(
    const struct manager *m, enum issue_kind kind, enum err_code code, const char *part)
{
	const struct source_status *s = &m->w.inv.sources[0];
	size_t n = 0;

	for (size_t i = 0; i < s->n_issues; i++) {
		if (s->issues[i].kind == ISSUE_NOTE)
			continue;
		n++;
		ck_assert_msg(s->issues[i].kind == kind && s->issues[i].err.code == code &&
		        strstr(s->issues[i].err.text, part) != NULL,
		    "kind %d code %s: %s", (int)s->issues[i].kind,
		    err_code_name(s->issues[i].err.code), s->issues[i].err.text);
	}
	ck_assert_uint_eq(n, 1);
}

/* --- paging -------------------------------------------------------------------------- */

static const struct {
	const char *pages[4];
	size_t n_asked, n_rows;
	const char *last_query;      /* of the last page asked for */
	const char *issue;           /* NULL: complete */
} lists[] = {
	{ { PAGE("1", "null") }, 1, 1, "page_size=1000\n", NULL },
	{ { "{\"results\":[" ROW("1") "]}" }, 1, 1, "page_size=1000\n", NULL },
	{ { PAGE("1", "\"\"") }, 1, 1, "page_size=1000\n", NULL },
	{ { PAGE("1", "\"0000\"") }, 1, 1, "page_size=1000\n", NULL },
	{ { PAGE("1", "\"00000000000000000000\"") }, 1, 1, "page_size=1000\n", NULL },
	{ { PAGE("1", "\"0001\""), PAGE("2", "null") }, 2, 2, "&cursor=0001\n", NULL },
	{ { PAGE("1", "\"a b&c=d/e?f#g+h%\""), PAGE("2", "null") }, 2, 2,
	    "&cursor=a%20b%26c%3Dd%2Fe%3Ff%23g%2Bh%25\n", NULL },
	{ { PAGE("1", "\"a\""), PAGE("2", "\"b\""), PAGE("3", "\"c\""), PAGE("4", "null") }, 4, 4,
	    "&cursor=c\n", NULL },
	/* an empty page in the middle is no end */
	{ { PAGE("1", "\"a\""), "{\"results\":[],\"cursor\":\"b\"}", PAGE("3", "null") }, 3, 2,
	    "&cursor=b\n", NULL },
	/* the same row on two pages: the list has moved meanwhile */
	{ { PAGE("1", "\"a\""), PAGE("1", "null") }, 2, 1, "&cursor=a\n", NULL },
	{ { PAGE("1", "\"a\""), PAGE("2", "\"a\"") }, 2, 2, "&cursor=a\n",
	    "certificates, page 2 (" CERTIFICATES "): its cursor is that of page 1 again" },
	{ { PAGE("1", "\"a\""), PAGE("2", "\"b\""), PAGE("3", "\"a\"") }, 3, 3, "&cursor=b\n",
	    "certificates, page 3 (" CERTIFICATES "): its cursor is that of page 1 again" },
	{ { PAGE("1", "7") }, 1, 1, "page_size=1000\n", "cursor: want a string, have a number" },
	{ { PAGE("1", "{}") }, 1, 1, "page_size=1000\n", "cursor: want a string, have an object" },
	{ { PAGE("1", "\"a\""), "{\"results\":7}" }, 2, 1, "&cursor=a\n",
	    "certificates, page 2 (" CERTIFICATES "): results: want an array, have a number" },
	{ { "{\"result_count\":3,\"results\":[" ROW("1") "," ROW("2") "]}" }, 1, 2,
	    "page_size=1000\n", "3 announced, 2 read" },
	{ { "{\"result_count\":2,\"results\":[" ROW("1") "],\"cursor\":\"a\"}", PAGE("2", "null") },
	    2, 2, "&cursor=a\n", NULL },
	{ { "{\"result_count\":3,\"results\":[" ROW("1") "],\"cursor\":\"a\"}", PAGE("2", "null") },
	    2, 2, "&cursor=a\n", "3 announced, 2 read" },
	{ { "{\"result_count\":\"x\",\"results\":[" ROW("1") "]}" }, 1, 1, "page_size=1000\n",
	    NULL },
};

START_TEST(test_pages)
{
	struct reply replies[4];
	const char *last = NULL;
	struct manager m;

	for (size_t i = 0; i < 4; i++)
		replies[i] =
		    (struct reply){ .path = lists[_i].pages[i] != NULL ? CERTIFICATES : NULL,
			    .nth = (int)i + 1,
			    .status = 200,
			    .body = lists[_i].pages[i] };
	manager_poll(&m, "4.2", replies, 4);
	ck_assert_uint_eq(manager_count(&m, "GET " CERTIFICATES), lists[_i].n_asked);
	ck_assert_uint_eq(count_rows(&m), lists[_i].n_rows);
	for (const char *p = buf_str(&m.log); (p = strstr(p, "GET " CERTIFICATES)) != NULL; p++)
		last = p;
	ck_assert_ptr_nonnull(last);
	last = strstr(last, "page_size=1000");
	if (lists[_i].last_query[0] == '&')
		last += strlen("page_size=1000");
	ck_assert_msg(
	    strncmp(last, lists[_i].last_query, strlen(lists[_i].last_query)) == 0, "%.60s", last);
	ck_assert_int_eq(manager_is_complete(&m), lists[_i].issue == NULL);
	if (lists[_i].issue != NULL)
		check_only_issue(&m, ISSUE_PARTIAL, ERR_ANSWER, lists[_i].issue);
	manager_close(&m);
}
END_TEST

/* A server that always has one more page. */
START_TEST(test_endless_pages)
{
	struct reply *replies = mem_array(MANY_PAGES, sizeof *replies);
	char **bodies = mem_array(MANY_PAGES, sizeof *bodies);
	struct manager m;

	for (size_t i = 0; i < MANY_PAGES; i++) {
		bodies[i] = mem_printf("{\"results\":[],\"cursor\":\"c%zu\"}", i);
		if (i == 0) {
			free(bodies[i]);
			bodies[i] = mem_strdup(PAGE("1", "\"c0\""));
		}
		replies[i] = (struct reply){
			.path = CERTIFICATES, .nth = (int)i + 1, .status = 200, .body = bodies[i]
		};
	}
	manager_poll(&m, "4.2", replies, MANY_PAGES);
	ck_assert_uint_eq(manager_count(&m, "GET " CERTIFICATES), NSX_PAGES_MAX);
	check_only_issue(&m, ISSUE_PARTIAL, ERR_ANSWER, "more than 1000 pages");
	ck_assert_uint_eq(count_rows(&m), 1);
	ck_assert(!manager_is_complete(&m));
	manager_close(&m);
	for (size_t i = 0; i < MANY_PAGES; i++)
		free(bodies[i]);
	free(bodies);
	free(replies);
}
END_TEST

START_TEST(test_long_cursor)
{
	char *cursor = mem_alloc(NSX_CURSOR_MAX_BYTES + 2), *body;
	struct reply replies[1] = { { .path = CERTIFICATES, .nth = 1, .status = 200 } };

	for (size_t n = NSX_CURSOR_MAX_BYTES; n <= NSX_CURSOR_MAX_BYTES + 1; n++) {
		bool is_short = n == NSX_CURSOR_MAX_BYTES;
		struct manager m;

		memset(cursor, '&', n);
		cursor[n] = '\0';
		replies[0].body = body = mem_printf(PAGE("1", "\"%s\""), cursor);
		manager_poll(&m, "3.1.3", replies, 1);
		ck_assert_uint_eq(manager_count(&m, "GET " CERTIFICATES), is_short ? 2 : 1);
		if (!is_short)
			check_only_issue(
			    &m, ISSUE_PARTIAL, ERR_ANSWER, "the cursor is longer than 2048 bytes");
		manager_close(&m);
		free(body);
	}
	free(cursor);
}
END_TEST

/* The other lists have pages too. */
START_TEST(test_pages_of_other_lists)
{
	static const char *const paths[] = { POLICY, PROFILES, PRINCIPALS };
	const struct reply replies[] = {
		{ .path = paths[_i],
		    .nth = 1,
		    .status = 200,
		    .body = "{\"results\":[],\"cursor\":\"more\"}" },
		{ .path = paths[_i], .nth = 2, .status = 503, .retry_after_s = 3600 },
	};
	struct manager m;

	manager_poll(&m, "4.2", replies, 2);
	ck_assert_uint_eq(manager_count(&m, "GET /x"), 0);
	ck_assert_ptr_nonnull(strstr(buf_str(&m.log), "cursor=more"));
	check_only_issue(&m, ISSUE_PARTIAL, ERR_BUSY, ", page 2 (");
	manager_close(&m);
}
END_TEST

/* --- busy ---------------------------------------------------------------------------- */

static const struct {
	struct reply replies[5];
	int64_t waited_ms;
	size_t n_asked;          /* for the first page of the trust store */
	enum err_code code;      /* ERR_NONE: read in the end */
} busies[] = {
	{ { { .path = CERTIFICATES, .nth = 1, .status = 429, .body = "@rate-limit.json" } }, 500, 2,
	    ERR_NONE },
	{ { { .path = CERTIFICATES, .nth = 1, .status = 503, .body = "@gateway.html" } }, 500, 2,
	    ERR_NONE },
	{ { { .path = CERTIFICATES, .nth = 1, .status = 500, .body = "@datastore-busy.json" } },
	    500, 2, ERR_NONE },
	{ { { .path = CERTIFICATES, .nth = 1, .status = 429, .retry_after_s = 7 } }, 7000, 2,
	    ERR_NONE },
	{ { { .path = CERTIFICATES, .nth = 1, .status = 503, .retry_after_s = 1 },
	      { .path = CERTIFICATES, .nth = 2, .status = 503 } },
	    1000 + 1000, 3, ERR_NONE },
	{ { { .path = CERTIFICATES, .nth = 1, .status = 429 },
	      { .path = CERTIFICATES, .nth = 2, .status = 429 },
	      { .path = CERTIFICATES, .nth = 3, .status = 429 },
	      { .path = CERTIFICATES, .nth = 4, .status = 429 } },
	    500 + 1000 + 2000 + 4000, 5, ERR_NONE },
	{ { { .path = CERTIFICATES, .status = 429, .body = "@rate-limit.json" } }, 7500, 5,
	    ERR_BUSY },
	{ { { .path = CERTIFICATES, .status = 503, .retry_after_s = 21 } }, 0, 1, ERR_BUSY },
	{ { { .path = CERTIFICATES, .status = 503, .retry_after_s = INT64_MAX } }, 0, 1, ERR_BUSY },
	/* another 500 is no reason to wait */
	{ { { .path = CERTIFICATES, .status = 500, .body = "{\"error_code\":99999}" } }, 0, 1,
	    ERR_REFUSED },
};

START_TEST(test_busy)
{
	struct manager m;

	manager_open(&m, "4.2", BY_BASIC, NULL);
	m.w.target.probe = PROBE_NO;
	manager_replies(&m, busies[_i].replies, 5);
	manager_run(&m);
	/* Waiting ends a little earlier than it would: answers take time. */
	ck_assert_int_le(m.waited_ms, busies[_i].waited_ms);
	ck_assert_int_ge(m.waited_ms, busies[_i].waited_ms - 100);
	ck_assert_uint_eq(manager_count(&m, "GET " CERTIFICATES), busies[_i].n_asked);
	if (busies[_i].code != ERR_NONE)
		check_only_issue(&m, ISSUE_FAILED, busies[_i].code,
		    "certificates, page 1 (" CERTIFICATES "): HTTP ");
	else
		ck_assert_uint_eq(world_count_all_issues(&m.w), 0);
	ck_assert_int_eq(manager_is_complete(&m), busies[_i].code == ERR_NONE);
	manager_close(&m);
}
END_TEST

/* The login is not proven by "too many requests": still one at a time. */
START_TEST(test_busy_at_first)
{
	const struct reply replies[] = {
		{ .path = VERSION, .nth = 1, .status = 429 },
		{ .path = VERSION, .nth = 2, .status = 503 },
	};
	struct manager m;

	manager_poll(&m, "4.2", replies, 2);
	ck_assert_ptr_eq(strstr(buf_str(&m.log), "GET " CERTIFICATES),
	    buf_str(&m.log) + 3 * strlen("GET " VERSION "\n"));
	ck_assert(manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

/* While it waits nothing else is asked either. */
START_TEST(test_busy_holds_every_call)
{
	const struct reply replies[] = {
		{ .path = CLUSTER, .nth = 1, .status = 429, .retry_after_s = 5 }
	};
	struct manager m;

	manager_open(&m, "4.2", BY_BASIC, NULL);
	m.n_answers_max = 3;     /* version, certificates, 429 */
	manager_replies(&m, replies, 1);
	manager_run(&m);
	ck_assert_uint_eq(manager_count(&m, "GET " PRINCIPALS), 0);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_PARTIAL, ERR_TIMEOUT,
	    "(HTTP 429: the manager is busy: too many requests)"), 1);
	manager_close(&m);
}
END_TEST

/* It was busy once, but that is not why the time ran out. */
START_TEST(test_busy_long_ago)
{
	const struct reply replies[] = { { .path = CLUSTER, .nth = 1, .status = 429 } };
	struct manager m;

	manager_open(&m, "4.2", BY_BASIC, NULL);
	m.n_answers_max = 5;     /* version, certificates, 429, two more */
	manager_replies(&m, replies, 1);
	manager_run(&m);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_PARTIAL, ERR_TIMEOUT, "not read before the deadline"),
	    1);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_PARTIAL, ERR_TIMEOUT, "busy"), 0);
	manager_close(&m);
}
END_TEST

/* --- refused ------------------------------------------------------------------------- */

static const struct {
	const char *path;
	int status;
	const char *body;
	enum issue_kind kind;    /* ISSUE_NOTE: nothing is said */
	enum err_code code;
	const char *part;
} refusals[] = {
	{ CERTIFICATES, 403, "@forbidden.json", ISSUE_FAILED, ERR_REFUSED,
	    "certificates, page 1 (" CERTIFICATES
	    "): HTTP 403 (The user does not have permission" },
	{ CERTIFICATES, 403, "@forbidden.json", ISSUE_FAILED, ERR_REFUSED, "auditor" },
	{ CERTIFICATES, 401, "", ISSUE_FAILED, ERR_REFUSED, "HTTP 401" },
	{ CERTIFICATES, 404, "@not-found.json", ISSUE_FAILED, ERR_REFUSED,
	    "is url that of an NSX Manager?" },
	{ CERTIFICATES, 500, "@gateway.html", ISSUE_FAILED, ERR_REFUSED,
	    "HTTP 500 (a web page instead of JSON)" },
	{ CERTIFICATES, 502, "", ISSUE_FAILED, ERR_REFUSED,
	    "HTTP 502: the manager's API is not up" },
	{ CERTIFICATES, 302, "", ISSUE_FAILED, ERR_ANSWER, "redirected" },
	{ CLUSTER, 403, "@refused-login.json", ISSUE_PARTIAL, ERR_REFUSED,
	    "cluster (" CLUSTER "): HTTP 403 (The credentials were incorrect" },
	{ CLUSTER, 404, "@not-found.json", ISSUE_PARTIAL, ERR_REFUSED,
	    "cluster (" CLUSTER "): HTTP 404" },
	{ VIP, 404, "", ISSUE_NOTE, ERR_NONE, NULL },
	{ VIP, 403, "", ISSUE_PARTIAL, ERR_REFUSED, "VIP (" VIP "): HTTP 403" },
	{ PROFILES, 404, "@not-found.json", ISSUE_NOTE, ERR_NONE, NULL },
	{ PROFILES, 500, "{\"error_code\":[]}", ISSUE_PARTIAL, ERR_REFUSED,
	    "certificate profiles (" PROFILES "): HTTP 500" },
	{ POLICY, 404, "", ISSUE_NOTE, ERR_NONE, NULL },
	{ POLICY, 403, "@forbidden.json", ISSUE_PARTIAL, ERR_REFUSED,
	    "policy certificates, page 1 (" POLICY "): HTTP 403" },
	{ POLICY, 400, "{\"error_message\":\"bad | <b> page_size\\u0007\"}", ISSUE_PARTIAL,
	    ERR_REFUSED, "HTTP 400 (bad / (b) page_size?)" },
	{ PRINCIPALS, 404, "", ISSUE_NOTE, ERR_NONE, NULL },
	{ PRINCIPALS, 504, "", ISSUE_PARTIAL, ERR_REFUSED,
	    "principal identities (" PRINCIPALS "): HTTP 504: the manager's API is not up" },
	{ VERSION, 404, "", ISSUE_PARTIAL, ERR_REFUSED, "version (" VERSION "): HTTP 404" },
	{ VERSION, 500, "", ISSUE_PARTIAL, ERR_REFUSED, "version (" VERSION "): HTTP 500" },
};

START_TEST(test_refused)
{
	const struct reply replies[] = {
		{ .path = refusals[_i].path,
		    .status = refusals[_i].status,
		    .body = refusals[_i].body },
	};
	bool is_lost = refusals[_i].kind == ISSUE_FAILED;
	struct manager m;

	manager_poll(&m, "4.2", replies, 1);
	if (refusals[_i].kind == ISSUE_NOTE)
		ck_assert_uint_eq(world_count_all_issues(&m.w), 0);
	else
		check_only_issue(&m, refusals[_i].kind, refusals[_i].code, refusals[_i].part);
	ck_assert_int_eq(manager_is_complete(&m), refusals[_i].kind == ISSUE_NOTE);
	ck_assert_uint_eq(count_rows(&m), is_lost ? 0 : 6);
	/* Whatever fails, the rest is read: its listeners are. */
	if (strcmp(refusals[_i].path, CLUSTER) != 0)
		ck_assert_uint_ge(world_count_role(&m.w, ROLE_LISTENER), 3);
	manager_close(&m);
}
END_TEST

START_TEST(test_redirect_is_named)
{
	const struct reply replies[] = {
		{ .path = CLUSTER, .status = 307, .location = "https://other.example/api" },
	};
	struct manager m;

	manager_poll(&m, "4.2", replies, 1);
	check_only_issue(
	    &m, ISSUE_PARTIAL, ERR_ANSWER, "HTTP 307 (https://other.example/api): redirected");
	manager_close(&m);
}
END_TEST

/* A page in the middle is lost: the rows before it stay. */
START_TEST(test_second_page_refused)
{
	const struct reply replies[] = { { .path = CERTIFICATES, .nth = 2, .status = 500 } };
	struct manager m;

	manager_poll(&m, "3.1.3", replies, 1);
	check_only_issue(
	    &m, ISSUE_PARTIAL, ERR_REFUSED, "certificates, page 2 (" CERTIFICATES "): HTTP 500");
	ck_assert_uint_eq(count_rows(&m), 2);
	manager_close(&m);
}
END_TEST

/* Nothing but refusals, none of them of the login: given up after two. */
START_TEST(test_all_refused)
{
	const struct reply replies[] = {
		{ .path = VERSION, .status = 502, .body = "@gateway.html" },
		{ .path = CERTIFICATES, .status = 502, .body = "@gateway.html" },
	};
	struct manager m;

	manager_poll(&m, "4.2", replies, 2);
	ck_assert_int_eq(m.n_answers, 2);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_FAILED, ERR_REFUSED, "certificates, page 1"), 1);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_PARTIAL, ERR_REFUSED, "version"), 1);
	ck_assert_uint_eq(world_count_all_issues(&m.w), 2);
	manager_close(&m);
}
END_TEST

/* --- no answer ----------------------------------------------------------------------- */

static const struct { enum err_code code; } losses[] = {
	{ ERR_UNREACHABLE },
	{ ERR_TLS },
	{ ERR_ANSWER },
	{ ERR_TIMEOUT },
	{ ERR_AUTH },
	{ ERR_CONFIG },
};

START_TEST(test_first_call_lost)
{
	const struct reply replies[] = { { .path = VERSION, .err = losses[_i].code } };
	struct manager m;

	manager_poll(&m, "4.2", replies, 1);
	ck_assert_int_eq(m.n_answers, 1);
	check_only_issue(
	    &m, ISSUE_FAILED, losses[_i].code, "version (" VERSION "): as the test wants it");
	manager_close(&m);
}
END_TEST

START_TEST(test_later_call_lost)
{
	static const char *const paths[] = { CERTIFICATES, CLUSTER, VIP, PROFILES, POLICY,
		PRINCIPALS };

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		const struct reply replies[] = { { .path = paths[i], .err = losses[_i].code } };
		bool late = losses[_i].code == ERR_TIMEOUT;
		struct manager m;

		manager_poll(&m, "4.2", replies, 1);
		check_only_issue(&m, i == 0 ? ISSUE_FAILED : ISSUE_PARTIAL, losses[_i].code,
		    late ? "not read before the deadline: " : paths[i]);
		ck_assert(!manager_is_complete(&m));
		ck_assert_uint_eq(manager_count(&m, "GET " PRINCIPALS), 1);
		manager_close(&m);
	}
}
END_TEST

/* --- not what it should be ----------------------------------------------------------- */

static const struct { const char *body, *part; } garbage[] = {
	{ "", "the answer is empty" },
	{ "@gateway.html", "HTML instead of JSON" },
	{ "{\"results\":[", "JSON cut off" },
	{ "nothing", "not JSON" },
	{ "[]", "" },
	{ "\"text\"", "" },
	{ "7", "" },
	{ "null", "" },
	{ "{}", "" },
	{ "{\"results\":null,\"cluster_id\":null,\"product_version\":null}", "" },
	{ "{\"results\":{},\"cluster_id\":{},\"ip_address\":{},\"product_version\":{}}",
	    "have an object" },
	{ "{\"results\":\"x\",\"cluster_id\":7,\"ip_address\":7,\"product_version\":7}",
	    ": want a" },
};

START_TEST(test_garbage)
{
	static const struct { const char *path; enum issue_kind kind; } calls[] = {
		{ CERTIFICATES, ISSUE_FAILED },
		{ VERSION, ISSUE_PARTIAL },
		{ CLUSTER, ISSUE_PARTIAL },
		{ VIP, ISSUE_PARTIAL },
		{ PROFILES, ISSUE_PARTIAL },
		{ POLICY, ISSUE_PARTIAL },
		{ PRINCIPALS, ISSUE_PARTIAL },
	};

	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		const struct reply replies[] = {
			{ .path = calls[i].path, .status = 200, .body = garbage[_i].body }
		};
		bool is_unset_vip = strcmp(calls[i].path, VIP) == 0 && garbage[_i].body[0] == '{' &&
		    strstr(garbage[_i].body, "ip_address") == NULL;
		struct manager m;

		manager_poll(&m, "4.2", replies, 1);
		if (is_unset_vip && strstr(garbage[_i].part, "JSON") == NULL) {
			ck_assert(manager_is_complete(&m));
		} else {
			check_only_issue(&m, calls[i].kind, ERR_ANSWER, garbage[_i].part);
			check_only_issue(&m, calls[i].kind, ERR_ANSWER, calls[i].path);
		}
		manager_close(&m);
	}
}
END_TEST

START_TEST(test_too_deep)
{
	char *body = mem_alloc(10001);
	struct reply replies[] = { { .path = CLUSTER, .status = 200 } };
	struct manager m;

	memset(body, '[', 10000);
	replies[0].body = body;
	manager_poll(&m, "4.2", replies, 1);
	check_only_issue(
	    &m, ISSUE_PARTIAL, ERR_ANSWER, "cluster (" CLUSTER "): JSON nested too deeply");
	manager_close(&m);
	free(body);
}
END_TEST

START_TEST(test_empty_trust_store)
{
	const struct reply replies[] = {
		{ .path = CERTIFICATES,
		    .status = 200,
		    .body = "{\"results\":[],\"result_count\":0}" },
	};
	struct manager m;

	manager_poll(&m, "4.2", replies, 1);
	check_only_issue(&m, ISSUE_FAILED, ERR_ANSWER, "the list is empty");
	ck_assert(!manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

/* Every cut of every recorded answer: no crash, and never complete. */
START_TEST(test_half_answers)
{
	static const struct { const char *path, *file; } answers[] = {
		{ CERTIFICATES, "certificates.json" },
		{ CLUSTER, "cluster.json" },
		{ POLICY, "infra-certificates.json" },
		{ PRINCIPALS, "principal-identities.json" },
		{ PROFILES, "certificate-profiles.json" },
		{ VERSION, "version.json" },
		{ VIP, "api-virtual-ip.json" },
	};
	char *body = nsx_fixture("4.1", answers[_i].file);
	size_t n = strlen(body), step = n / 40 + 1;

	for (size_t cut = n - 2; cut >= step; cut -= step) {
		struct reply replies[] = {
			{ .path = answers[_i].path, .status = 200, .body = body }
		};
		struct manager m;

		body[cut] = '\0';
		manager_poll(&m, "4.1", replies, 1);
		ck_assert(!manager_is_complete(&m));
		manager_close(&m);
	}
	free(body);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("nsx_faults");
	TCase *t = tcase_create("nsx_faults");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_pages, 0, UNIT_ROWS(lists));
	tcase_add_test(t, test_endless_pages);
	tcase_add_test(t, test_long_cursor);
	tcase_add_loop_test(t, test_pages_of_other_lists, 0, 3);
	tcase_add_loop_test(t, test_busy, 0, UNIT_ROWS(busies));
	tcase_add_test(t, test_busy_at_first);
	tcase_add_test(t, test_busy_holds_every_call);
	tcase_add_test(t, test_busy_long_ago);
	tcase_add_loop_test(t, test_refused, 0, UNIT_ROWS(refusals));
	tcase_add_test(t, test_redirect_is_named);
	tcase_add_test(t, test_second_page_refused);
	tcase_add_test(t, test_all_refused);
	tcase_add_loop_test(t, test_first_call_lost, 0, UNIT_ROWS(losses));
	tcase_add_loop_test(t, test_later_call_lost, 0, UNIT_ROWS(losses));
	tcase_add_loop_test(t, test_garbage, 0, UNIT_ROWS(garbage));
	tcase_add_test(t, test_too_deep);
	tcase_add_test(t, test_empty_trust_store);
	tcase_add_loop_test(t, test_half_answers, 0, 7);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
