/* test_nsx.c - the NSX source from its first request to its last: each
 * version as recorded, any order of the answers, the deadline at any point,
 * the probes, and the manager whose own certificate has expired. */
#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/nsx_manager.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define N1 "e61c7537-3090-4149-b2b6-19915c20504f"
#define N2 "0b6e4c1d-77aa-4bd2-9f1e-2f0c5a8d1122"
#define CLUSTER "9d4b1c37-5e6f-4a8b-b0c1-72839405a6b7"
#define LIST "?details=true&page_size=1000"

/* --- versions ------------------------------------------------------------------------ */

static const struct {
	const char *directory, *version;
	size_t n_certs, n_platform, n_service, n_chain_in_api, n_listeners;
	const char *asked, *not_asked;
} versions[] = {
	{ "3.1.3", "3.1.3.3.0.18844962", 6, 4, 0, 0, 2,
	    "GET /api/v1/trust-management/certificate-profiles", "PEEK 10.0.0.10:443" },
	{ "4.1", "4.1.0.2.0.21761695", 12, 8, 1, 4, 3,
	    "PEEK 10.0.0.10:443", "GET /global-manager/api/v1/global-infra/certificates" },
	{ "4.2", "4.2.0.0", 8, 6, 0, 2, 5, "PEEK [2001:db8::10]:443", "PEEK 0.0.0.0:443" },
	{ "9.0", "9.0.0.0.24733065", 6, 3, 0, 0, 1, "PEEK [2001:db8::13]:443", "PEEK [::]:443" },
	{ "gm", "4.1.2.3.0.23382408", 6, 2, 1, 2, 1,
	    "GET /global-manager/api/v1/global-infra/certificates", "PEEK [::]:443" },
};

static size_t count_via(const struct world *w, enum role role, enum via via)
{
	size_t n = 0;

	for (size_t i = 0; i < w->inv.n_sightings; i++)
		n += w->inv.sightings[i].role == role && w->inv.sightings[i].via == via;
	return n;
}

START_TEST(test_version)
{
	struct manager m;

	manager_poll(&m, versions[_i].directory, NULL, 0);
	ck_assert_str_eq(m.w.inv.sources[0].version, versions[_i].version);
	ck_assert_uint_eq(world_count_all_issues(&m.w), 0);
	ck_assert(manager_is_complete(&m));
	ck_assert_uint_eq(m.w.inv.n_certs, versions[_i].n_certs);
	ck_assert_uint_eq(count_via(&m.w, ROLE_NSX_PLATFORM, VIA_API), versions[_i].n_platform);
	ck_assert_uint_eq(count_via(&m.w, ROLE_NSX_SERVICE, VIA_API), versions[_i].n_service);
	ck_assert_uint_eq(count_via(&m.w, ROLE_CHAIN, VIA_API), versions[_i].n_chain_in_api);
	ck_assert_uint_eq(count_via(&m.w, ROLE_LISTENER, VIA_TLS), versions[_i].n_listeners);
	ck_assert_uint_eq(manager_count(&m, versions[_i].asked), 1);
	ck_assert_uint_eq(manager_count(&m, versions[_i].not_asked), 0);
	ck_assert_uint_le(m.most_calls, 2);
	ck_assert_uint_le(m.most_peeks, 4);
	for (size_t i = 0; i < m.w.inv.n_certs; i++)
		ck_assert_int_eq(m.w.inv.certs[i]->form, CERT_PARSED);
	manager_close(&m);
}
END_TEST

static const struct {
	const char *version;
	bool is_asked_for_profiles, is_asked_for_policy;
} gates[] = {
	{ "2.4.3.0.0.16050", false, false },
	{ "2.5.1.0.0.15314", false, true },
	{ "3.1.1.0.0.17483", false, true },
	{ "3.1.2.0.0.17883", true, true },
	{ "10.0.0", true, true },
	{ "internal-build", true, true },
};

START_TEST(test_asks_only_what_the_version_has)
{
	char *body =
	    mem_printf("{\"node_version\":\"%s\",\"product_version\":null}", gates[_i].version);
	const struct reply replies[] = {
		{ .path = "/api/v1/node/version", .status = 200, .body = body }
	};
	struct manager m;

	manager_poll(&m, "4.2", replies, 1);
	ck_assert_str_eq(m.w.inv.sources[0].version, gates[_i].version);
	ck_assert_uint_eq(manager_count(&m, "GET /api/v1/trust-management/certificate-profiles"),
	    gates[_i].is_asked_for_profiles);
	ck_assert_uint_eq(manager_count(&m, "GET /policy/api/v1/infra/certificates"),
	    gates[_i].is_asked_for_policy);
	ck_assert(manager_is_complete(&m));
	manager_close(&m);
	free(body);
}
END_TEST

/* A second connection is opened only where it is worth its handshake. */
START_TEST(test_calls_at_once)
{
	static const struct { int64_t elapsed_ms; size_t most; } speeds[] = {
		{ 0, 1 }, { 99, 1 }, { 100, 2 }, { 20000, 2 },
	};

	for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
		struct manager m;

		manager_open(&m, "3.1.3", BY_BASIC, NULL);
		m.elapsed_ms = speeds[i].elapsed_ms;
		manager_run(&m);
		ck_assert_uint_eq(m.most_calls, speeds[i].most);
		ck_assert(manager_is_complete(&m));
		manager_close(&m);
	}
}
END_TEST

/* --- what a sighting tells ----------------------------------------------------------- */

static const struct sighting *sighting_of(const struct manager *m, const char *id)
{
	const struct sighting *s = world_sighting(&m->w, id, 0);

	ck_assert_msg(s != NULL, "no sighting of %s", id);
	return s;
}

static void check_use(
    const struct sighting *s, size_t i, const char *service, const char *node, const char *name)
{
	ck_assert_uint_lt(i, s->n_uses);
	ck_assert_str_eq(s->uses[i].service, service);
	ck_assert_str_eq(s->uses[i].node, node);
	if (name == NULL)
		ck_assert_ptr_null(s->uses[i].node_name);
	else
		ck_assert_str_eq(s->uses[i].node_name, name);
}

START_TEST(test_shared_certificate)
{
	const char *id = "42000000-0000-4000-8000-000000000001";
	const struct sighting *s;
	struct manager m;

	manager_poll(&m, "4.2", NULL, 0);
	s = sighting_of(&m, id);
	ck_assert_str_eq(s->name, "nsx-shared");
	ck_assert_str_eq(s->category, "APPLIANCE_CERTIFICATE");
	ck_assert_int_eq(s->has_private_key, 1);
	ck_assert_uint_eq(s->position, 0);
	ck_assert_uint_eq(s->n_uses, 4);
	check_use(s, 0, "API", N1, "nsx-01");
	check_use(s, 1, "API", N2, "nsx-02");
	check_use(s, 3, "MGMT_CLUSTER", CLUSTER, "cluster");
	ck_assert_int_eq(world_sighting(&m.w, id, 1)->role, ROLE_CHAIN);
	ck_assert_uint_eq(world_sighting(&m.w, id, 1)->n_uses, 0);
	ck_assert_int_eq(world_sighting(&m.w, id, 1)->has_private_key, -1);
	ck_assert_uint_eq(world_sighting(&m.w, id, 2)->position, 2);
	s = sighting_of(&m, "42000000-0000-4000-8000-000000000002");
	ck_assert_uint_eq(s->n_uses, 3);
	check_use(s, 2, "CCP", N1, "nsx-01");
	ck_assert_int_eq(
	    sighting_of(&m, "42000000-0000-4000-8000-000000000005")->has_private_key, 0);
	manager_close(&m);
}
END_TEST

START_TEST(test_policy_and_principals)
{
	const struct sighting *s;
	struct manager m;

	manager_poll(&m, "4.1", NULL, 0);
	s = sighting_of(&m, "41000000-0000-4000-8000-000000000007");
	ck_assert(s->by_policy);
	ck_assert_int_eq(s->role, ROLE_NSX_PLATFORM);
	ck_assert_ptr_null(world_sighting(&m.w, "shop", 0));
	s = sighting_of(&m, "vpn");
	ck_assert_int_eq(s->role, ROLE_NSX_SERVICE);
	ck_assert_int_eq(s->has_private_key, 1);
	ck_assert_int_eq(world_sighting(&m.w, "vpn", 2)->role, ROLE_CHAIN);
	s = sighting_of(&m, "41000000-0000-4000-8000-000000000006");
	ck_assert(s->by_principal);
	ck_assert(!s->by_policy);
	ck_assert_uint_eq(s->n_uses, 2);
	check_use(s, 0, "CLIENT_AUTH",
	    "{name: 'automation',node_id: 'auto-1',role: enterprise_admin}", NULL);
	check_use(s, 1, "CLIENT_AUTH", "auto-1", "automation");
	ck_assert(!sighting_of(&m, "41000000-0000-4000-8000-000000000001")->by_principal);
	manager_close(&m);
}
END_TEST

START_TEST(test_names_of_old_nodes)
{
	struct manager m;

	manager_poll(&m, "3.1.3", NULL, 0);
	check_use(sighting_of(&m, "11111111-0000-4000-8000-000000000001"), 0, "API", N1, "nsx-01");
	check_use(sighting_of(&m, "11111111-0000-4000-8000-000000000002"), 0, "API", N2,
	    "nsx-02.example");
	check_use(sighting_of(&m, "11111111-0000-4000-8000-000000000003"), 1, "Cluster Certificate",
	    CLUSTER, "cluster");
	ck_assert_int_eq(
	    sighting_of(&m, "11111111-0000-4000-8000-000000000001")->has_private_key, -1);
	manager_close(&m);
}
END_TEST

/* Without the cluster answer a profile still tells that a service has one
 * certificate per cluster. */
START_TEST(test_names_by_profile)
{
	const struct reply replies[] = { { .path = "/api/v1/cluster", .status = 500 } };
	struct manager m;

	manager_poll(&m, "4.1", replies, 1);
	check_use(sighting_of(&m, "41000000-0000-4000-8000-000000000003"), 0, "MGMT_CLUSTER",
	    CLUSTER, "cluster");
	check_use(sighting_of(&m, "41000000-0000-4000-8000-000000000001"), 0, "API", N1, NULL);
	manager_close(&m);
}
END_TEST

/* --- order --------------------------------------------------------------------------- */

/* Property: the order in which the answers come makes no difference. */
START_TEST(test_any_order)
{
	char *expected = NULL;

	for (int order = FIRST_IN_FIRST_OUT; order <= BY_TURNS; order++) {
		struct manager m;
		char *dump;

		manager_open(&m, versions[_i].directory, BY_BASIC, NULL);
		m.order = (enum manager_order)order;
		manager_run(&m);
		dump = manager_dump(&m);
		if (expected != NULL)
			ck_assert_str_eq(dump, expected);
		else
			expected = mem_strdup(dump);
		free(dump);
		manager_close(&m);
	}
	free(expected);
}
END_TEST

/* Policy before or after the trust store: the join sees both. */
START_TEST(test_policy_first)
{
	const struct reply replies[] = {
		{ .path = "/api/v1/trust-management/certificates", .nth = 1, .status = 429 },
		{ .path = "/api/v1/trust-management/certificates", .nth = 2, .status = 429 },
		{ .path = "/api/v1/trust-management/certificates", .nth = 3, .status = 429 },
	};
	struct manager late, early;
	char *expected, *dump;

	manager_poll(&early, "4.1", NULL, 0);
	expected = manager_dump(&early);
	manager_poll(&late, "4.1", replies, 3);
	dump = manager_dump(&late);
	ck_assert_str_eq(dump, expected);
	free(dump);
	free(expected);
	manager_close(&late);
	manager_close(&early);
}
END_TEST

/* --- deadline ------------------------------------------------------------------------ */

static int count_answers(const char *directory, enum manager_login login)
{
	struct manager m;
	int n;

	manager_open(&m, directory, login, NULL);
	manager_run(&m);
	n = m.n_answers;
	manager_close(&m);
	return n;
}

static bool has_issue(const struct manager *m, enum issue_kind kind)
{
	const struct source_status *s = &m->w.inv.sources[0];

	for (size_t i = 0; i < s->n_issues; i++)
		if (s->issues[i].kind == kind)
			return true;
	return false;
}

/* Property: whenever the deadline comes, what was read stays, nothing is
 * called complete, and it is said. */
static void check_deadline(const char *directory, enum manager_login login, int n_all)
{
	size_t n_before = 0;

	for (int k = 0; k <= n_all; k++) {
		bool is_done;
		struct manager m;

		manager_open(&m, directory, login, NULL);
		m.n_answers_max = k;
		manager_run(&m);
		/* A session's end, and listeners that nobody requires, may be missing. */
		is_done = manager_is_complete(&m);
		ck_assert_msg(
		    k < n_all || is_done, "%s: not complete after all answers", directory);
		ck_assert_uint_ge(count_via(&m.w, ROLE_NSX_PLATFORM, VIA_API), n_before);
		n_before = count_via(&m.w, ROLE_NSX_PLATFORM, VIA_API);
		ck_assert_int_eq(has_issue(&m, ISSUE_FAILED), n_before == 0);
		ck_assert_int_eq(has_issue(&m, ISSUE_PARTIAL), !is_done && n_before > 0);
		manager_close(&m);
	}
}

START_TEST(test_deadline)
{
	check_deadline(
	    versions[_i].directory, BY_BASIC, count_answers(versions[_i].directory, BY_BASIC));
	check_deadline(
	    versions[_i].directory, BY_SESSION, count_answers(versions[_i].directory, BY_SESSION));
}
END_TEST

START_TEST(test_deadline_names_what_is_missing)
{
	struct manager m;

	manager_open(&m, "3.1.3", BY_BASIC, NULL);
	m.n_answers_max = 2;     /* version, page 1 */
	manager_run(&m);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_PARTIAL, ERR_TIMEOUT,
	        "not read before the deadline: certificates from page 2 on, cluster, VIP, "
	        "certificate profiles, policy certificates, "
	        "principal identities (no answer before the deadline)"),
	    1);
	ck_assert_uint_eq(world_count_all_issues(&m.w), 1);
	manager_close(&m);
}
END_TEST

START_TEST(test_deadline_before_anything)
{
	struct manager m;

	manager_open(&m, "4.2", BY_BASIC, NULL);
	m.n_answers_max = 0;
	manager_run(&m);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_FAILED, ERR_TIMEOUT,
	    "version (/api/v1/node/version): no answer before the deadline"), 1);
	manager_close(&m);
}
END_TEST

/* A poll that never got its turn. */
START_TEST(test_never_asked)
{
	struct manager m;

	manager_open(&m, "4.2", BY_BASIC, NULL);
	m.s = source_nsx.open(&m.w.c);
	source_nsx.finish(m.s);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_FAILED, ERR_TIMEOUT,
	    "not read before the deadline: version, certificates, cluster"), 1);
	ck_assert(!manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

/* --- probes -------------------------------------------------------------------------- */

static void poll_probing(struct manager *m, enum probe probe, enum family family,
    const struct reply *replies, size_t n_replies)
{
	manager_open(m, "4.2", BY_BASIC, NULL);
	m->w.target.probe = probe;
	m->w.target.family = family;
	manager_replies(m, replies, n_replies);
	manager_run(m);
}

static size_t count_peeks(const struct manager *m)
{
	size_t n = 0;

	for (const char *p = buf_str(&m->log); (p = strstr(p, "PEEK ")) != NULL; p++)
		n++;
	return n;
}

START_TEST(test_probe_no)
{
	struct manager m;

	poll_probing(&m, PROBE_NO, FAMILY_ANY, NULL, 0);
	ck_assert_uint_eq(count_peeks(&m), 0);
	ck_assert(manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

START_TEST(test_probe_uses)
{
	size_t n_found = 0;
	struct manager m;

	poll_probing(&m, PROBE_YES, FAMILY_ANY, NULL, 0);
	for (size_t i = 0; i < m.w.inv.n_sightings; i++) {
		const struct sighting *s = &m.w.inv.sightings[i];

		if (s->via != VIA_TLS || s->role != ROLE_LISTENER)
			continue;
		n_found++;
		ck_assert_uint_eq(s->n_uses, 1);
		if (strcmp(s->endpoint, "10.0.0.12:443") == 0)
			check_use(s, 0, "API", N2, "nsx-02");
		if (strcmp(s->endpoint, "[2001:db8::10]:443") == 0)
			check_use(s, 0, "MGMT_CLUSTER", CLUSTER, "cluster");
	}
	ck_assert_uint_eq(n_found, 5);
	manager_close(&m);
}
END_TEST

/* An older node tells its listeners as entities, and not only its API's. */
START_TEST(test_probe_entity)
{
	struct manager m;

	manager_poll(&m, "3.1.3", NULL, 0);
	ck_assert_uint_eq(manager_count(&m, "PEEK 10.0.0.12:443"), 1);
	ck_assert_uint_eq(manager_count(&m, "PEEK 10.0.0.99:9000"), 0);
	manager_close(&m);
}
END_TEST

START_TEST(test_probe_sni)
{
	struct manager m;

	poll_probing(&m, PROBE_YES, FAMILY_ANY, NULL, 0);
	ck_assert_ptr_nonnull(strstr(buf_str(&m.log), "PEEK 10.0.0.11:443?sni=nsx-01.example\n"));
	ck_assert_ptr_nonnull(strstr(buf_str(&m.log), "PEEK 10.0.0.10:443\n"));
	manager_close(&m);
}
END_TEST

START_TEST(test_probe_unreachable)
{
	const struct reply replies[] = { { .path = "10.0.0.12:443", .err = ERR_UNREACHABLE } };
	enum probe probes[] = { PROBE_YES, PROBE_REQUIRED };
	enum issue_kind kinds[] = { ISSUE_NOTE, ISSUE_PARTIAL };

	for (size_t i = 0; i < 2; i++) {
		struct manager m;

		poll_probing(&m, probes[i], FAMILY_ANY, replies, 1);
		ck_assert_uint_eq(world_count_issues(&m.w, kinds[i], ERR_UNREACHABLE,
		    "probe of nsx-02: 10.0.0.12:443: as the test wants it"), 1);
		ck_assert_uint_eq(world_count_all_issues(&m.w), 1);
		ck_assert_int_eq(manager_is_complete(&m), probes[i] == PROBE_YES);
		ck_assert_uint_eq(count_via(&m.w, ROLE_LISTENER, VIA_TLS), 4);
		manager_close(&m);
	}
}
END_TEST

/* A handshake that ends well and shows nothing. */
START_TEST(test_probe_empty)
{
	const struct reply replies[] = { { .path = "10.0.0.12:443" } };
	struct manager m;

	poll_probing(&m, PROBE_YES, FAMILY_ANY, replies, 1);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_NOTE, ERR_TLS,
	                      "probe of nsx-02: 10.0.0.12:443: no certificate in the handshake"),
	    1);
	manager_close(&m);
}
END_TEST

START_TEST(test_probe_late)
{
	struct manager m;

	manager_open(&m, "4.2", BY_BASIC, NULL);
	m.w.target.probe = PROBE_REQUIRED;
	m.n_answers_max = 7;     /* every call but the last, no handshake */
	manager_run(&m);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_PARTIAL, ERR_TIMEOUT, "probe of nsx-01: 10.0.0.11:443"),
	    0);
	ck_assert_uint_gt(world_count_issues(&m.w, ISSUE_PARTIAL, ERR_TIMEOUT, "10.0.0.10:443"), 0);
	ck_assert_uint_gt(
	    world_count_issues(&m.w, ISSUE_PARTIAL, ERR_TIMEOUT, "[2001:db8::10]:443"), 0);
	ck_assert(!manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

#define LISTENS(address)                                                                           \
	"{\"cluster_id\":\"c\",\"nodes\":[{\"node_uuid\":\"n\",\"display_name\":\"one\","          \
	"\"api_listen_addr\":" address "}]}"

static const struct {
	const char *cluster;
	enum family family;
	const char *peek;        /* NULL: none, and a note says so */
} listeners[] = {
	{ LISTENS("{\"ip_address\":\"10.1.1.1\",\"port\":8443}"), FAMILY_ANY,
	    "PEEK 10.1.1.1:8443" },
	{ LISTENS("{\"ip_address\":\"10.1.1.1\"}"), FAMILY_ANY, "PEEK 10.1.1.1:443" },
	{ LISTENS("{\"ip_address\":\"10.1.1.1\",\"ipv6_address\":\"2001:db8::1\"}"), FAMILY_ANY,
	    "PEEK 10.1.1.1:443" },
	{ LISTENS("{\"ip_address\":\"10.1.1.1\",\"ipv6_address\":\"2001:db8::1\"}"), FAMILY_6,
	    "PEEK [2001:db8::1]:443" },
	{ LISTENS("{\"ip_address\":\"10.1.1.1\"}"), FAMILY_6, "PEEK 10.1.1.1:443" },
	{ LISTENS("{\"ip_address\":null,\"fqdn\":\"one.example\",\"port\":443}"), FAMILY_ANY,
	    "PEEK one.example:443" },
	{ LISTENS("{\"ip_address\":\"0.0.0.0\",\"ipv6_address\":\"::\"}"), FAMILY_ANY, NULL },
	{ LISTENS("{\"ip_address\":\"10.1.1.1/../x\"}"), FAMILY_ANY, NULL },
	{ LISTENS("{\"ip_address\":\"10.1.1.1\",\"port\":0}"), FAMILY_ANY, NULL },
	{ LISTENS("{\"ip_address\":\"10.1.1.1\",\"port\":\"443\"}"), FAMILY_ANY, NULL },
	{ LISTENS("{\"ip_address\":7}"), FAMILY_ANY, NULL },
	{ LISTENS("7"), FAMILY_ANY, NULL },
	{ LISTENS("null"), FAMILY_ANY, NULL },
	{ "{\"cluster_id\":\"c\",\"nodes\":[]}", FAMILY_ANY, NULL },
	{ "{\"cluster_id\":\"c\"}", FAMILY_ANY, NULL },
	{ "{\"nodes\":[{\"node_uuid\":\"n\",\"status\":\"REMOVED\","
	  "\"api_listen_addr\":{\"ip_address\":\"10.1.1.1\"}}]}",
	    FAMILY_ANY, NULL },
};

START_TEST(test_listener)
{
	const struct reply replies[] = {
		{ .path = "/api/v1/cluster", .status = 200, .body = listeners[_i].cluster },
		{ .path = "/api/v1/cluster/api-virtual-ip", .status = 404 },
	};
	struct manager m;

	poll_probing(&m, PROBE_YES, listeners[_i].family, replies, 2);
	ck_assert_uint_eq(count_peeks(&m), listeners[_i].peek != NULL);
	if (listeners[_i].peek != NULL)
		ck_assert_uint_eq(manager_count(&m, listeners[_i].peek), 1);
	else
		ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_NOTE, ERR_ANSWER, "probed"), 1);
	ck_assert(manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

/* The API tells the VIP's address only; it listens where the nodes do. */
static const struct {
	const char *cluster, *peek;
} vips[] = {
	{ LISTENS("{\"ip_address\":\"10.1.1.1\",\"port\":8443}"), "PEEK 10.9.9.9:8443" },
	{ LISTENS("{\"ip_address\":\"10.1.1.1\"}"), "PEEK 10.9.9.9:443" },
	{ LISTENS("{\"port\":8443}"), "PEEK 10.9.9.9:443" },
	{ "{\"cluster_id\":\"c\"}", "PEEK 10.9.9.9:443" },
	{ "[]", "PEEK 10.9.9.9:443" },
};

START_TEST(test_vip_port)
{
	const struct reply replies[] = {
		{ .path = "/api/v1/cluster", .status = 200, .body = vips[_i].cluster },
		{ .path = "/api/v1/cluster/api-virtual-ip", .status = 200,
		    .body = "{\"ip_address\":\"10.9.9.9\"}" },
	};
	struct manager m;

	poll_probing(&m, PROBE_YES, FAMILY_ANY, replies, 2);
	ck_assert_uint_eq(manager_count(&m, vips[_i].peek), 1);
	manager_close(&m);
}
END_TEST

/* --- the API's own certificate has expired ------------------------------------------- */

START_TEST(test_expired)
{
	const struct reply replies[] = {
		{ .path = "/api/v1/node/version",
		    .err = ERR_TLS,
		    .chain = "old.pem",
		    .is_only_expired = true },
	};
	char hex[2 * CERT_SHA256_BYTES + 1];
	const struct sighting *s;
	struct manager m;

	manager_poll(&m, "4.2", replies, 1);
	ck_assert_str_eq(buf_str(&m.log), "GET /api/v1/node/version\n");
	ck_assert_uint_eq(m.w.inv.n_sightings, 1);
	s = &m.w.inv.sightings[0];
	ck_assert_str_eq(s->endpoint, "nsx.example:443");
	ck_assert_int_eq(s->via, VIA_TLS);
	ck_assert_int_eq(s->role, ROLE_LISTENER);
	cert_sha256_hex(m.w.inv.certs[s->cert], hex);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_FAILED, ERR_TLS, "withheld"), 1);
	ck_assert_uint_eq(world_count_issues(&m.w, ISSUE_FAILED, ERR_TLS, hex), 1);
	ck_assert(!manager_is_complete(&m));
	manager_close(&m);
}
END_TEST

/* Not trusted for another reason: somebody else's chain is not reported. */
START_TEST(test_not_trusted)
{
	const struct reply replies[] = {
		{ .path = "/api/v1/node/version", .err = ERR_TLS, .chain = "shared-chain.pem" },
	};
	struct manager m;

	manager_poll(&m, "4.2", replies, 1);
	ck_assert_uint_eq(m.w.inv.n_sightings, 0);
	ck_assert_int_eq(m.n_answers, 1);
	ck_assert_uint_eq(
	    world_count_issues(&m.w, ISSUE_FAILED, ERR_TLS, "as the test wants it"), 1);
	ck_assert_uint_eq(world_count_all_issues(&m.w), 1);
	manager_close(&m);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("nsx");
	TCase *t = tcase_create("nsx");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_version, 0, UNIT_ROWS(versions));
	tcase_add_loop_test(t, test_asks_only_what_the_version_has, 0, UNIT_ROWS(gates));
	tcase_add_test(t, test_calls_at_once);
	tcase_add_test(t, test_shared_certificate);
	tcase_add_test(t, test_policy_and_principals);
	tcase_add_test(t, test_names_of_old_nodes);
	tcase_add_test(t, test_names_by_profile);
	tcase_add_loop_test(t, test_any_order, 0, UNIT_ROWS(versions));
	tcase_add_test(t, test_policy_first);
	tcase_add_loop_test(t, test_deadline, 0, UNIT_ROWS(versions));
	tcase_add_test(t, test_deadline_names_what_is_missing);
	tcase_add_test(t, test_deadline_before_anything);
	tcase_add_test(t, test_never_asked);
	tcase_add_test(t, test_probe_no);
	tcase_add_test(t, test_probe_uses);
	tcase_add_test(t, test_probe_entity);
	tcase_add_test(t, test_probe_sni);
	tcase_add_test(t, test_probe_unreachable);
	tcase_add_test(t, test_probe_empty);
	tcase_add_test(t, test_probe_late);
	tcase_add_loop_test(t, test_listener, 0, UNIT_ROWS(listeners));
	tcase_add_loop_test(t, test_vip_port, 0, UNIT_ROWS(vips));
	tcase_add_test(t, test_expired);
	tcase_add_test(t, test_not_trusted);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
