/* endpoint.c - "host:port" and "[v6]:port". */
#include "lib/source/endpoint.h"

#include <arpa/inet.h>
#include <string.h>
#include "lib/base/mem.h"

#define SCHEME "https://"
#define NAME_MAX_BYTES 253

char *endpoint_from_url(const char *url)
{
	const char *host = strncmp(url, SCHEME, strlen(SCHEME)) == 0 ? url + strlen(SCHEME) : url;
	size_t n = strcspn(host, "/?#");
	const char *bracket = memchr(host, ']', n);     /* "[::1]": its colons name no port */
	size_t n_address = bracket != NULL ? (size_t)(bracket - host) : 0;
	bool has_port = memchr(host + n_address, ':', n - n_address) != NULL;

	return mem_printf("%.*s%s", (int)n, host, has_port ? "" : ":443");
}

bool endpoint_is_name(const char *s)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
	size_t n = strlen(s);

	return n > 0 && n <= NAME_MAX_BYTES && s[0] != '-' && strspn(s, allowed) == n;
}

static bool is_all_zero(const unsigned char *bytes, size_t n)
{
	while (n > 0 && bytes[n - 1] == 0)
		n--;
	return n == 0;
}

char *endpoint_from_host(const char *host, int64_t port)
{
	unsigned char address[16];

	if (host == NULL || port < 1 || port > UINT16_MAX)
		return NULL;
	if (inet_pton(AF_INET6, host, address) == 1)
		return is_all_zero(address, 16) ? NULL : mem_printf("[%s]:%d", host, (int)port);
	if (inet_pton(AF_INET, host, address) == 1 && is_all_zero(address, 4))
		return NULL;
	return endpoint_is_name(host) ? mem_printf("%s:%d", host, (int)port) : NULL;
}

char *endpoint_host(const char *endpoint)
{
	const char *colon = strrchr(endpoint, ':');
	size_t n = colon != NULL ? (size_t)(colon - endpoint) : strlen(endpoint);

	if (n >= 2 && endpoint[0] == '[' && endpoint[n - 1] == ']')
		return mem_strndup(endpoint + 1, n - 2);
	return mem_strndup(endpoint, n);
}

bool endpoint_is_address(const char *s)
{
	unsigned char address[16];

	return inet_pton(AF_INET, s, address) == 1 || inet_pton(AF_INET6, s, address) == 1;
}
