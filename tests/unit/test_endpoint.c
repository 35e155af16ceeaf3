/* test_endpoint.c - "host:port" from URLs and from what an API tells. */
#include "lib/source/endpoint.h"
#include <string.h>
#include "tests/unit/unit.h"

static const struct { const char *url, *endpoint; } urls[] = {
	{ "https://nsx.example", "nsx.example:443" },
	{ "https://nsx.example:8443", "nsx.example:8443" },
	{ "https://nsx.example/path:1", "nsx.example:443" },
	{ "https://10.0.0.1:9", "10.0.0.1:9" },
	{ "https://[2001:db8::1]", "[2001:db8::1]:443" },
	{ "https://[::1]:8443", "[::1]:8443" },
	{ "https://[::1]:8443/x", "[::1]:8443" },
	{ "nsx.example", "nsx.example:443" },
};

START_TEST(test_url)
{
	char *endpoint = endpoint_from_url(urls[_i].url);

	ck_assert_str_eq(endpoint, urls[_i].endpoint);
	free(endpoint);
}
END_TEST

static const struct { const char *host; int64_t port; const char *endpoint; } hosts[] = {
	{ "10.0.0.1", 443, "10.0.0.1:443" },
	{ "nsx-01.example", 65535, "nsx-01.example:65535" },
	{ "under_score", 1, "under_score:1" },
	{ "2001:db8::1", 443, "[2001:db8::1]:443" },
	{ "::1", 443, "[::1]:443" },
	{ "::ffff:10.0.0.1", 443, "[::ffff:10.0.0.1]:443" },
	/* unset */
	{ NULL, 443, NULL },
	{ "", 443, NULL },
	{ "0.0.0.0", 443, NULL },
	{ "::", 443, NULL },
	{ "0:0:0:0:0:0:0:0", 443, NULL },
	/* no port */
	{ "10.0.0.1", 0, NULL },
	{ "10.0.0.1", -443, NULL },
	{ "10.0.0.1", 65536, NULL },
	{ "10.0.0.1", INT64_MAX, NULL },
	/* neither an address nor a name */
	{ "[::1]", 443, NULL },
	{ "::1%eth0", 443, NULL },
	{ "nsx.example/path", 443, NULL },
	{ "user@nsx.example", 443, NULL },
	{ "nsx.example:8443", 443, NULL },
	{ "nsx .example", 443, NULL },
	{ "-oProxyCommand", 443, NULL },
	{ "n\xc3\xa4x.example", 443, NULL },
	{ "nsx.example\n", 443, NULL },
};

START_TEST(test_host)
{
	char *endpoint = endpoint_from_host(hosts[_i].host, hosts[_i].port);

	if (hosts[_i].endpoint == NULL)
		ck_assert_ptr_null(endpoint);
	else
		ck_assert_str_eq(endpoint, hosts[_i].endpoint);
	free(endpoint);
}
END_TEST

START_TEST(test_long_name)
{
	char name[300];

	memset(name, 'a', sizeof name);
	name[253] = '\0';
	ck_assert(endpoint_is_name(name));
	name[253] = 'a';
	name[254] = '\0';
	ck_assert(!endpoint_is_name(name));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("endpoint");
	TCase *t = tcase_create("endpoint");

	tcase_add_loop_test(t, test_url, 0, UNIT_ROWS(urls));
	tcase_add_loop_test(t, test_host, 0, UNIT_ROWS(hosts));
	tcase_add_test(t, test_long_name);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
