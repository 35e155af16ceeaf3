/* test_nsx_login.c - the three ways into an NSX Manager: tried once, proven
 * before anything else, and never seen in a URL (which every poll checks). */
#include <string.h>
#include <unistd.h>
#include "tests/unit/nsx_manager.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define VERSION "/api/v1/node/version"
#define CREATE "/api/session/create"
#define DESTROY "/api/session/destroy"
#define CLUSTER "/api/v1/cluster"
#define CERTIFICATES "/api/v1/trust-management/certificates"
#define LOGIN_MEMORY "login-prod"

static void poll_by(struct manager *m, enum manager_login login, const char *state_dir,
    const struct reply *replies, size_t n_replies)
{
	manager_open(m, "4.2", login, state_dir);
	manager_replies(m, replies, n_replies);
	manager_run(m);
}

static bool starts_with(const struct manager *m, const char *lines)
{
	return strncmp(buf_str(&m->log), lines, strlen(lines)) == 0;
}

static bool is_remembered(void)
{
	return access(scratch_path(LOGIN_MEMORY), F_OK) == 0;
}

static void forget(void)
{
	unlink(scratch_path(LOGIN_MEMORY));
}

/* --- each way, when all is well ------------------------------------------------------ */

START_TEST(test_basic)
{
	struct manager m;

	poll_by(&m, BY_BASIC, NULL, NULL, 0);
	ck_assert(starts_with(&m, "GET " VERSION "\nGET "));
	ck_assert_ptr_null(strstr(buf_str(&m.log), "POST"));
	ck_assert(manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

START_TEST(test_client_certificate)
{
	struct manager m;

	poll_by(&m, BY_CERT, NULL, NULL, 0);
	ck_assert(starts_with(&m, "GET " VERSION "\nGET "));
	ck_assert_ptr_null(strstr(buf_str(&m.log), "POST"));
	ck_assert(manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

START_TEST(test_session)
{
	struct manager m;

	poll_by(&m, BY_SESSION, NULL, NULL, 0);
	ck_assert(starts_with(&m, "POST " CREATE "\nGET " VERSION "\nGET "));
	ck_assert_uint_eq(manager_count(&m, "POST " CREATE), 1);
	ck_assert_uint_eq(manager_count(&m, "POST " DESTROY), 1);
	ck_assert_str_eq(strstr(buf_str(&m.log), "POST " DESTROY), "POST " DESTROY "\n");
	ck_assert(manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

/* --- refused ------------------------------------------------------------------------- */

static const struct {
	enum manager_login login;
	const char *path;        /* of the request that is refused */
	int status;
	const char *body;
	const char *part;
} refusals[] = {
	{ BY_BASIC, VERSION, 403, "@refused-login.json",
	    "version (" VERSION
	    "): the credentials were refused or the account is locked: not tried again" },
	{ BY_BASIC, VERSION, 403, "@refused-login.json",
	    "(HTTP 403, The credentials were incorrect or the account specified has been "
	    "locked.)" },
	{ BY_BASIC, VERSION, 401, "", "the credentials were refused or the account is locked" },
	{ BY_BASIC, VERSION, 403, "@gateway.html", "(HTTP 403, a web page instead of JSON)" },
	{ BY_SESSION, CREATE, 403, "@refused-login.json",
	    CREATE ": the credentials were refused or the account is locked: not tried again" },
	{ BY_SESSION, CREATE, 401, "", "the credentials were refused" },
	{ BY_CERT, VERSION, 403, "", "the client certificate was refused" },
	{ BY_CERT, VERSION, 500, "{\"error_code\":99}", "the client certificate was refused" },
	{ BY_CERT, VERSION, 500, "{\"error_code\":\"99\"}", "the client certificate was refused" },
};

START_TEST(test_refused)
{
	const struct reply replies[] = {
		{ .path = refusals[_i].path,
		    .status = refusals[_i].status,
		    .body = refusals[_i].body },
	};
	struct manager m;

	forget();
	poll_by(&m, refusals[_i].login, scratch_path("."), replies, 1);
	ck_assert_int_eq(m.n_answers, 1);
	ck_assert_msg(world_count_issues(&m.w, ISSUE_FAILED, ERR_AUTH, refusals[_i].part) == 1,
	    "%s", m.w.inv.sources[0].issues[0].err.text);
	ck_assert_uint_eq(world_count_all_issues(&m.w), 1);
	ck_assert_uint_eq(m.w.inv.n_sightings, 0);
	ck_assert(!manager_is_complete(&m));
	ck_assert(is_remembered());
	manager_close(&m);
	forget();
}
END_TEST

/* What happens next time: nothing is sent. */
START_TEST(test_held)
{
	const struct reply replies[] = {
		{ .path = VERSION, .status = 403, .body = "@refused-login.json" }
	};
	struct manager m, again;

	forget();
	poll_by(&m, BY_BASIC, scratch_path("."), replies, 1);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_FAILED, ERR_AUTH, "or 1h 0m has passed"), 1);
	/* The same file: writing it again would change its identity. */
	manager_open(&again, "4.2", BY_NONE, scratch_path("."));
	again.w.target.credentials_path = m.w.target.credentials_path;
	manager_run(&again);
	ck_assert_int_eq(again.n_answers, 0);
	ck_assert_uint_eq(world_count_issues(&again.w, ISSUE_FAILED, ERR_AUTH,
	                      "credentials: the login was refused"),
	    1);
	again.w.target.credentials_path = NULL;
	manager_close(&again);
	manager_close(&m);
	/* A changed file is tried, and one that works is not remembered. */
	poll_by(&m, BY_BASIC, scratch_path("."), NULL, 0);
	ck_assert(manager_is_complete(&m));
	ck_assert(!is_remembered());
	manager_close(&m);
}
END_TEST

START_TEST(test_refused_without_memory)
{
	const struct reply replies[] = { { .path = VERSION, .status = 403 } };
	struct manager m;

	poll_by(&m, BY_BASIC, NULL, replies, 1);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_FAILED, ERR_AUTH,
	                      "not tried again in this run (HTTP 403)"),
	    1);
	manager_close(&m);
}
END_TEST

/* Whatever is wrong with the server is not the password's fault. */
static const struct { int status; const char *body; enum err_code code; } others[] = {
	{ 500, "{\"error_code\":98}", ERR_REFUSED },
	{ 502, "@gateway.html", ERR_REFUSED },
	{ 404, "", ERR_REFUSED },
	{ 302, "", ERR_ANSWER },
	{ 429, "", ERR_BUSY },
	{ 503, "", ERR_BUSY },
	{ 200, "", ERR_ANSWER },     /* and no session */
};

START_TEST(test_session_not_made)
{
	const struct reply replies[] = {
		{ .path = CREATE,
		    .status = others[_i].status,
		    .body = others[_i].body,
		    .has_no_session = true },
	};
	struct manager m;

	forget();
	poll_by(&m, BY_SESSION, scratch_path("."), replies, 1);
	/* A POST is never repeated. */
	ck_assert_str_eq(buf_str(&m.log), "POST " CREATE "\n");
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_FAILED, others[_i].code, CREATE ": HTTP "), 1);
	ck_assert(!is_remembered());
	manager_close(&m);
}
END_TEST

START_TEST(test_session_not_reached)
{
	const struct reply replies[] = { { .path = CREATE, .err = ERR_UNREACHABLE } };
	struct manager m;

	poll_by(&m, BY_SESSION, NULL, replies, 1);
	ck_assert_int_eq(m.n_answers, 1);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_FAILED, ERR_UNREACHABLE, CREATE), 1);
	manager_close(&m);
}
END_TEST

START_TEST(test_session_with_expired_certificate)
{
	const struct reply replies[] = {
		{ .path = CREATE, .err = ERR_TLS, .chain = "old.pem", .is_only_expired = true },
	};
	struct manager m;

	poll_by(&m, BY_SESSION, NULL, replies, 1);
	ck_assert_int_eq(m.n_answers, 1);
	ck_assert_uint_eq(m.w.inv.n_sightings, 1);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_FAILED, ERR_TLS, "pin_sha256"), 1);
	manager_close(&m);
}
END_TEST

/* --- a session that is lost ---------------------------------------------------------- */

static const struct {
	struct reply reply;
	size_t n_sessions;
	bool is_read;            /* in the end */
} losses[] = {
	{ { .path = CLUSTER, .nth = 1, .status = 403, .body = "{\"error_code\":98}" }, 2, true },
	{ { .path = CLUSTER, .nth = 1, .status = 403, .body = "{\"error_code\":\"98\"}" }, 2,
	    true },
	{ { .path = CLUSTER, .nth = 1, .status = 403, .body = "@refused-login.json" }, 2, true },
	{ { .path = CLUSTER, .nth = 1, .status = 401, .body = "" }, 2, true },
	{ { .path = VERSION, .nth = 1, .status = 403, .body = "{\"error_code\":98}" }, 2, true },
	/* only once */
	{ { .path = CLUSTER, .status = 403, .body = "{\"error_code\":98}" }, 2, false },
	/* a missing permission is no lost session */
	{ { .path = CLUSTER, .status = 403, .body = "@forbidden.json" }, 1, false },
	{ { .path = CLUSTER, .status = 403, .body = "" }, 1, false },
};

START_TEST(test_session_lost)
{
	struct manager m;

	poll_by(&m, BY_SESSION, NULL, &losses[_i].reply, 1);
	ck_assert_uint_eq(manager_count(&m, "POST " CREATE), losses[_i].n_sessions);
	ck_assert_uint_eq(manager_count(&m, "POST " DESTROY), 1);
	ck_assert_int_eq(manager_is_complete(&m), losses[_i].is_read);
	if (!losses[_i].is_read)
		ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_PARTIAL, ERR_REFUSED,
		                      "cluster (" CLUSTER "): HTTP 403"),
		    1);
	ck_assert_uint_eq(world_count_all_issues(&m.w), losses[_i].is_read ? 0 : 1);
	manager_close(&m);
}
END_TEST

/* The session was made, so the password is good, whatever the next call says. */
START_TEST(test_session_without_permission)
{
	const struct reply replies[] = {
		{ .path = VERSION, .status = 403, .body = "@forbidden.json" },
	};
	struct manager m;

	forget();
	poll_by(&m, BY_SESSION, scratch_path("."), replies, 1);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_PARTIAL, ERR_REFUSED, "version (" VERSION "): HTTP"), 1);
	ck_assert_uint_eq(world_count_all_issues(&m.w), 1);
	ck_assert_uint_eq(world_count_role(&m.w, ROLE_NSX_PLATFORM), 6);
	ck_assert(!is_remembered());
	manager_close(&m);
}
END_TEST

/* Two calls were under way when it was lost: one new session serves both. */
START_TEST(test_session_lost_by_two)
{
	const struct reply replies[] = {
		{ .path = CLUSTER, .nth = 1, .status = 403, .body = "{\"error_code\":98}" },
		{ .path = CERTIFICATES, .nth = 1, .status = 403, .body = "{\"error_code\":98}" },
	};

	for (int order = FIRST_IN_FIRST_OUT; order <= BY_TURNS; order++) {
		struct manager m;

		manager_open(&m, "4.2", BY_SESSION, NULL);
		m.order = (enum manager_order)order;
		manager_replies(&m, replies, 2);
		manager_run(&m);
		ck_assert_uint_eq(manager_count(&m, "POST " CREATE), 2);
		ck_assert_uint_eq(manager_count(&m, "GET " CLUSTER), 2);
		ck_assert_uint_eq(manager_count(&m, "GET " CERTIFICATES), 2);
		ck_assert(manager_is_complete(&m));
		manager_close(&m);
	}
}
END_TEST

/* The new session is refused: what was read stays, the rest is named. */
START_TEST(test_session_not_renewed)
{
	const struct reply replies[] = {
		{ .path = CLUSTER, .nth = 1, .status = 403, .body = "{\"error_code\":98}" },
		{ .path = CREATE, .nth = 2, .status = 403, .body = "@refused-login.json" },
	};
	struct manager m;

	poll_by(&m, BY_SESSION, NULL, replies, 2);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_PARTIAL, ERR_AUTH, "the credentials were refused"), 1);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_PARTIAL, ERR_AUTH, "not read: cluster, "), 1);
	ck_assert_uint_eq(world_count_role(&m.w, ROLE_NSX_PLATFORM), 6);
	ck_assert_uint_eq(manager_count(&m, "POST " DESTROY), 0);
	ck_assert(!manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

/* A session that cannot be ended ends by itself. */
START_TEST(test_logout_fails)
{
	const struct reply replies[] = { { .path = DESTROY, .status = 500 } };
	const struct reply lost[] = { { .path = DESTROY, .err = ERR_UNREACHABLE } };
	struct manager m;

	poll_by(&m, BY_SESSION, NULL, replies, 1);
	ck_assert(manager_is_complete(&m));
	manager_close(&m);
	poll_by(&m, BY_SESSION, NULL, lost, 1);
	ck_assert(manager_is_complete(&m));
	ck_assert_uint_eq(world_count_all_issues(&m.w), 0);
	manager_close(&m);
}
END_TEST

/* --- credentials that cannot be used ------------------------------------------------- */

static void check_unusable(struct manager *m, const char *part)
{
	manager_run(m);
	ck_assert_int_eq(m->n_answers, 0);
	ck_assert_uint_eq(world_count_issues(&m->w, ISSUE_FAILED, ERR_CONFIG, part), 1);
	ck_assert_uint_eq(world_count_all_issues(&m->w), 1);
	ck_assert(!manager_is_complete(m));
	manager_close(m);
}

START_TEST(test_unusable)
{
	struct manager m;

	manager_open(&m, "4.2", BY_NONE, NULL);
	check_unusable(
	    &m, "credentials: none are configured: name a file with username= and password=");
	manager_open(&m, "4.2", BY_CLIENT, NULL);
	check_unusable(&m, "NSX takes username= and password=, or client_cert= and client_key=");
	manager_open(&m, "4.2", BY_NONE, NULL);
	m.w.target.credentials_path =
	    strdup(scratch_text("open", "username=a\npassword=b\n", 0644));
	check_unusable(&m, "chmod");
	manager_open(&m, "4.2", BY_NONE, NULL);
	m.w.target.credentials_path = strdup(scratch_path("absent"));
	check_unusable(&m, "cannot open");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("nsx_login");
	TCase *t = tcase_create("nsx_login");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_basic);
	tcase_add_test(t, test_client_certificate);
	tcase_add_test(t, test_session);
	tcase_add_loop_test(t, test_refused, 0, UNIT_ROWS(refusals));
	tcase_add_test(t, test_held);
	tcase_add_test(t, test_refused_without_memory);
	tcase_add_loop_test(t, test_session_not_made, 0, UNIT_ROWS(others));
	tcase_add_test(t, test_session_not_reached);
	tcase_add_test(t, test_session_with_expired_certificate);
	tcase_add_loop_test(t, test_session_lost, 0, UNIT_ROWS(losses));
	tcase_add_test(t, test_session_without_permission);
	tcase_add_test(t, test_session_lost_by_two);
	tcase_add_test(t, test_session_not_renewed);
	tcase_add_test(t, test_logout_fails);
	tcase_add_test(t, test_unusable);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
