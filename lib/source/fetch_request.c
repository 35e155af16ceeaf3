/* fetch_request.c - what can be said about a request before it is begun. */
#include "lib/source/fetch_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/endpoint.h"

#define SCHEME "https://"
#define DEFAULT_PORT 443
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NAME_CHARACTERS LETTERS "0123456789.-_"
#define V6_CHARACTERS NAME_CHARACTERS ":%"        /* % begins a zone */
#define KEY_MAX_BYTES ((size_t)1024 * 1024)

/* --- addresses ---------------------------------------------------------------- */

/* Length of the host at p with its brackets, or 0. */
static size_t host_length(const char *p)
{
	size_t n;

	if (*p != '[')
		return strspn(p, NAME_CHARACTERS);
	n = p[1] != '%' ? strspn(p + 1, V6_CHARACTERS) : 0;
	return n > 0 && p[n + 1] == ']' ? n + 2 : 0;
}

/* ":port", if there is one; *rest is what follows. */
static int read_port(const char *p, int64_t *port, const char **rest)
{
	char digits[8] = "";
	size_t n;

	*port = DEFAULT_PORT;
	*rest = p;
	if (*p != ':')
		return 0;
	n = strspn(p + 1, "0123456789");
	if (n == 0 || n >= sizeof digits)
		return -1;
	memcpy(digits, p + 1, n);
	*rest = p + 1 + n;
	return text_to_i64(digits, 1, 65535, port);
}

/* The name that certificates know: no brackets, no zone, no last dot. */
static char *bare_host(const char *host, size_t n)
{
	if (host[0] == '[')
		return mem_strndup(host + 1, strcspn(host + 1, "%]"));
	return mem_strndup(host, n > 1 && host[n - 1] == '.' ? n - 1 : n);
}

static bool is_visible_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7f)
			return false;
	return true;
}

int fetch_address_read(struct fetch_address *a, const char *text, bool is_url, struct err *e)
{
	const bool has_scheme = strncmp(text, SCHEME, strlen(SCHEME)) == 0;
	const char *host = text + (is_url && has_scheme ? strlen(SCHEME) : 0), *rest = "";
	const size_t n = host_length(host);
	int64_t port = 0;

	*a = (struct fetch_address){ 0 };
	if (has_scheme != is_url || n == 0 || read_port(host + n, &port, &rest) != 0 ||
	    (*rest != '\0' && !(is_url && strchr("/?", *rest) != NULL)) || !is_visible_ascii(rest) ||
	    strchr(rest, '#') != NULL)
		return err_set(e, ERR_CONFIG, is_url ? "not a URL that can be used, want https://host[:port]/..."
		    : "not the address of a listener, want host:port or [v6]:port");
	a->host = bare_host(host, n);
	a->where = mem_printf("%.*s:%d", (int)n, host, (int)port);
	a->port = (int)port;
	return 0;
}

void fetch_address_clear(struct fetch_address *a)
{
	free(a->host);
	free(a->where);
	*a = (struct fetch_address){ 0 };
}

static int check_family(const char *host, enum family family, struct err *e)
{
	unsigned char address[16];

	if (family == FAMILY_4 && inet_pton(AF_INET6, host, address) == 1)
		return err_set(e, ERR_CONFIG, "this is an IPv6 address, and only IPv4 is allowed");
	if (family == FAMILY_6 && inet_pton(AF_INET, host, address) == 1)
		return err_set(e, ERR_CONFIG, "this is an IPv4 address, and only IPv6 is allowed");
	return 0;
}

/* --- logins -------------------------------------------------------------------- */

static bool is_empty(const struct secret *s)
{
	return s == NULL || s->bytes == NULL;
}

/* What libcurl takes as a C string must be one. */
static bool is_cut(const struct secret *s)
{
	return !is_empty(s) && strlen(s->bytes) != s->len;
}

/* What came from a server must not become a second header line of ours. */
static int check_value(const struct secret *s, const char *what, struct err *e)
{
	if (s == NULL)
		return 0;
	if (is_empty(s) || s->len == 0 || is_cut(s))
		return err_set(e, ERR_ANSWER, "the login gave an empty or broken %s", what);
	for (size_t i = 0; i < s->len; i++)
		if ((unsigned char)s->bytes[i] < ' ' || s->bytes[i] == 0x7f)
			return err_set(e, ERR_ANSWER, "the login gave a %s with control characters", what);
	return 0;
}

static int check_login(const struct fetch_request *r, struct err *e)
{
	if (r->basic_user != NULL && (is_empty(r->basic_user) || is_cut(r->basic_user) ||
	    strchr(r->basic_user->bytes, ':') != NULL))
		return err_set(e, ERR_CONFIG, "a user name that holds ':' or nothing cannot log in");
	if (is_cut(r->basic_password))
		return err_set(e, ERR_CONFIG, "a password that holds a zero byte cannot be sent");
	if (check_value(r->bearer, "token", e) != 0 || check_value(r->cookie, "cookie", e) != 0 ||
	    check_value(r->xsrf, "XSRF token", e) != 0)
		return -1;
	return 0;
}

/* A body that would not be sent must not be taken for one that was. */
static int check_body(const struct fetch_request *r, struct err *e)
{
	const bool takes_json = r->verb == FETCH_POST || r->verb == FETCH_PUT ||
	    r->verb == FETCH_PATCH;

	if ((r->form != NULL && (r->verb != FETCH_POST || r->json != NULL)) ||
	    (r->json != NULL && !takes_json))
		return err_set(e, ERR_CONFIG, "this kind of request takes no such body");
	return 0;
}

static int check_readable(const char *path, const char *key, struct err *e)
{
	if (path != NULL && access(path, R_OK) != 0)
		return err_set(e, ERR_CONFIG, "%s %s cannot be read", key, path);
	return 0;
}

int fetch_request_check(const struct fetch_request *r, const char *host, struct err *e)
{
	if (check_family(host, r->family, e) != 0 || check_body(r, e) != 0)
		return -1;
	if (r->verb == FETCH_PEEK && r->sni != NULL && !endpoint_is_name(r->sni))
		return err_set(e, ERR_CONFIG, "\"%s\" cannot be sent as a server name", r->sni);
	if (r->verb == FETCH_PEEK)
		return 0;
	if (r->trust != NULL && r->trust->n_pins == 0 &&
	    check_readable(r->trust->ca_file, "ca_file", e) != 0)
		return -1;
	if (check_readable(r->client_cert_path, "client_cert", e) != 0 ||
	    check_readable(r->client_key_path, "client_key", e) != 0)
		return -1;
	return check_login(r, e);
}

void fetch_header_line(struct secret *line, const char *name, const struct secret *value)
{
	struct buf text;

	buf_init(&text, SIZE_MAX);
	buf_adds(&text, name);
	buf_addc(&text, ':');
	if (value != NULL) {
		buf_addc(&text, ' ');
		buf_add(&text, value->bytes, value->len);
	}
	secret_set(line, buf_str(&text), text.len);
	buf_wipe(&text);
}

/* --- who may use whose connection --------------------------------------------- */

static void add_text(struct buf *key, const char *s)
{
	buf_addf(key, "%zu:%s\n", s != NULL ? strlen(s) : 0, s != NULL ? s : "");
}

char *fetch_pool_key(const struct fetch_request *r)
{
	char hex[2 * CERT_SHA256_BYTES + 1];
	struct buf key;

	buf_init(&key, KEY_MAX_BYTES);
	buf_addf(&key, "%zu\n", r->source);
	add_text(&key, r->client_cert_path);
	add_text(&key, r->client_key_path);
	if (r->trust != NULL)
		add_text(&key, r->trust->ca_file);
	for (size_t i = 0; r->trust != NULL && i < r->trust->n_pins; i++) {
		text_hex(r->trust->pins[i], CERT_SHA256_BYTES, hex);
		add_text(&key, hex);
	}
	return key.overflow ? NULL : buf_take(&key);
}
