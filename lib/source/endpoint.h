/* endpoint.h - "host:port" and "[v6]:port" from what a configuration or a
 * remote API tells.  Nothing is looked up. */
#ifndef CHECK_CERTS_ENDPOINT_H
#define CHECK_CERTS_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"

/* The endpoint of an https URL, as a string of its own; port 443 unless told. */
char *endpoint_from_url(const char *url) MUST_USE;

/* From the host and port that an API tells, which need not be either.  NULL
 * when the host is unset (NULL, "", "0.0.0.0", "::"), is neither an address
 * nor a name, or the port is none. */
char *endpoint_from_host(const char *host, int64_t port) MUST_USE;

/* "host" of "host:port", "v6" of "[v6]:port", as a string of its own. */
char *endpoint_host(const char *endpoint) MUST_USE;

/* An IPv4 or IPv6 address? */
bool endpoint_is_address(const char *s);

/* Could this be a DNS name?  (An IPv4 address could.) */
bool endpoint_is_name(const char *s);

#endif
