/* conf_types.c - configuration values that any program might have: limits,
 * durations, numbers, words, paths, addresses, days. */
#include "lib/conf_types.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/conf_keys.h"
#include "lib/source/endpoint.h"

#define PATH_MAX_BYTES 4095
#define HTTPS "https://"
#define HTTPS_PORT 443
enum { DAY_S = 86400 };

void conf_value_clear(struct conf_value *v)
{
	free(v->text);
	v->text = NULL;
}

void conf_value_set(struct conf_value *v, char *text)
{
	free(v->text);
	v->text = text;
}

/* First character a letter or digit, the others also one of more. */
static bool is_word(const char *s, size_t n, const char *more)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && (i == 0 || strchr(more, s[i]) == NULL))
			return false;
	return n > 0;
}

bool conf_name_is_valid(const char *s)
{
	size_t n = strlen(s);

	return n <= CONF_NAME_MAX && is_word(s, n, "_.-");
}

static int parse_limit(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	return limit_parse(s, k->name, &out->limit, e);
}
const struct conf_type conf_type_limit = { "limit", parse_limit };

static int parse_duration(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	(void)k;
	if (text_to_duration(s, 0, &out->number))
		return err_set(e, ERR_CONFIG,
		    "want a duration such as 30s, 90m, 12h, 7d or 4w, not \"%s\"", s);
	return 0;
}
const struct conf_type conf_type_duration = { "duration", parse_duration };

static int parse_number(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	if (text_to_i64(s, k->min, k->max, &out->number))
		return err_set(e, ERR_CONFIG, "want a whole number from %lld to %lld, not \"%s\"",
		    (long long)k->min, (long long)k->max, s);
	return 0;
}
const struct conf_type conf_type_number = { "number", parse_number };

static int parse_choice(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	size_t n = strlen(s);

	for (const char *word = k->words; *word != '\0'; out->number++) {
		size_t length = strcspn(word, "|");

		if (length == n && memcmp(word, s, n) == 0)
			return 0;
		word += length + (word[length] == '|');
	}
	return err_set(e, ERR_CONFIG, "want one of %s, not \"%s\"", k->words, s);
}
const struct conf_type conf_type_choice = { NULL, parse_choice };

/* The word is part of the format; the code behind it is not there yet, and a
 * listener that was not asked must not look like one that was. */
static int parse_probe(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	if (strcmp(s, "via-nsx") == 0)
		return err_set(e, ERR_CONFIG,
		    "via-nsx is not supported by this version: want yes, no or required");
	return parse_choice(k, s, out, e);
}
const struct conf_type conf_type_probe = { NULL, parse_probe };

/* Whether it must be absolute depends on where it stands: conf.c asks. */
static int parse_path(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	(void)k;
	(void)out;
	if (strlen(s) > PATH_MAX_BYTES)
		return err_set(e, ERR_CONFIG, "the path is longer than %d bytes", PATH_MAX_BYTES);
	return 0;
}
const struct conf_type conf_type_path = { "path", parse_path };

static int bad_endpoint(const char *s, struct err *e)
{
	return err_set(e, ERR_USAGE, "want HOST[:PORT] or [IPV6][:PORT], not \"%s\"", s);
}

/* Digits only: text_to_i64 alone would take a sign. */
static int parse_port(const char *s, unsigned *port)
{
	int64_t n;

	if (!isdigit((unsigned char)*s) || text_to_i64(s, 1, 65535, &n))
		return -1;
	*port = (unsigned)n;
	return 0;
}

int conf_endpoint(const char *s, unsigned default_port, char **out, struct err *e)
{
	bool in_brackets = *s == '[';
	const char *host = in_brackets ? s + 1 : s;
	const char *colon = strchr(s, ':');
	bool is_bare_v6 = !in_brackets && colon != NULL && strchr(colon + 1, ':') != NULL;
	size_t n = is_bare_v6 ? strlen(s) : strcspn(host, in_brackets ? "]" : ":");
	const char *after = host + n;
	unsigned port = default_port;
	char *name;

	*out = NULL;
	if (in_brackets && *after++ != ']')
		return bad_endpoint(s, e);
	if (*after == ':' ? parse_port(after + 1, &port) != 0 : *after != '\0')
		return bad_endpoint(s, e);
	name = mem_strndup(host, n);
	*out = endpoint_from_host(name, port);
	free(name);
	if (*out != NULL && (!in_brackets || **out == '['))
		return 0;
	free(*out);
	*out = NULL;
	return bad_endpoint(s, e);
}

static int parse_endpoint(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	char *endpoint;

	(void)k;
	if (conf_endpoint(s, HTTPS_PORT, &endpoint, e))
		return -1;
	conf_value_set(out, endpoint);
	return 0;
}
const struct conf_type conf_type_endpoint = { "host:port", parse_endpoint };

/* What was written is not told: there may be a password in it. */
static int parse_url(const struct conf_key *k, const char *s, struct conf_value *out, struct err *e)
{
	size_t n = strlen(s);
	char *host, *endpoint = NULL;
	int failed = -1;

	(void)k;
	if (strncasecmp(s, HTTPS, strlen(HTTPS)) != 0)
		return err_set(e, ERR_CONFIG, "want https://HOST[:PORT]");
	while (s[n - 1] == '/' && n > strlen(HTTPS))
		n--;
	host = mem_strndup(s + strlen(HTTPS), n - strlen(HTTPS));
	if (strpbrk(host, "/?#@") != NULL) {
		err_set(e, ERR_CONFIG, "want https://HOST[:PORT] without user, path or query");
		goto out;
	}
	/* a bare IPv6 address is an endpoint, but not part of a URL */
	if (conf_endpoint(host, HTTPS_PORT, &endpoint, e) || (*host != '[' && *endpoint == '[')) {
		err_set(e, ERR_CONFIG, "want https://HOST[:PORT] or https://[IPV6][:PORT]");
		goto out;
	}
	conf_value_set(out, mem_printf(HTTPS "%s", host));
	failed = 0;
out:
	free(host);
	free(endpoint);
	return failed;
}
const struct conf_type conf_type_url = { "URL", parse_url };

static int parse_fingerprint(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	(void)k;
	if (text_from_hex(s, out->sha256, sizeof out->sha256))
		return err_set(e, ERR_CONFIG,
		    "want the SHA-256 of a certificate, 64 hex digits with or without colons");
	return 0;
}
const struct conf_type conf_type_fingerprint = { "SHA-256", parse_fingerprint };

static int parse_text(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	(void)k;
	(void)s;
	(void)out;
	(void)e;
	return 0;   /* what it may hold, the reader of lines has checked */
}
const struct conf_type conf_type_text = { "text", parse_text };

/* The last second of that day, so that the day itself is inside. */
static int parse_day(const struct conf_key *k, const char *s, struct conf_value *out, struct err *e)
{
	(void)k;
	if (strlen(s) != strlen("2027-01-31") || text_to_time(s, &out->number))
		return err_set(e, ERR_CONFIG, "want a day such as 2027-01-31, not \"%s\"", s);
	out->number += DAY_S - 1;
	return 0;
}
const struct conf_type conf_type_day = { "day", parse_day };

static int parse_host(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	(void)k;
	(void)out;
	if (!endpoint_is_name(s))
		return err_set(e, ERR_CONFIG, "want a host name, not \"%s\"", s);
	return 0;
}
const struct conf_type conf_type_host = { "host", parse_host };

static int parse_group(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	const char *rest = *s == '_' ? s + 1 : s;   /* service accounts of some systems begin so */

	(void)k;
	(void)out;
	if (!is_word(rest, strlen(rest), "_.-"))
		return err_set(e, ERR_CONFIG, "want the name of a group, not \"%s\"", s);
	return 0;
}
const struct conf_type conf_type_group = { "group", parse_group };

static int parse_target(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	(void)k;
	(void)out;
	if (!conf_name_is_valid(s))
		return err_set(e, ERR_CONFIG, "want the name of a target, not \"%s\"", s);
	return 0;
}
const struct conf_type conf_type_target = { "target", parse_target };
