/* fetch.c - the wire: libcurl's only user. */
#include "lib/source/fetch_internal.h"

#include <curl/curl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define HEADERS_MAX 5

struct fetch_call {
	CURL *easy;
	bool lacking;                      /* libcurl refused one of our options */
	bool is_begun;
	bool is_connected;                 /* the handshake is next, or done */
	bool has_login;                    /* of any kind, a client certificate included */
	/* libcurl borrows the nodes of a header list, so ours can be wiped. */
	struct secret header_lines[HEADERS_MAX];
	struct curl_slist headers[HEADERS_MAX];
	size_t n_headers;
	struct secret body;                /* libcurl borrows it, so that it can be wiped */
	struct curl_slist *connect_to;
	char detail[CURL_ERROR_SIZE];      /* libcurl's own words */
};

/* Connections that requests with this key may use again. */
struct pool {
	char *key;
	CURLSH *share;
};

struct fetch_wire {
	CURLM *multi;
	struct pool *pools;
	size_t n_pools, cap_pools;
	struct sigaction before;           /* what SIGPIPE did */
};

/* --- callbacks ------------------------------------------------------------------ */

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	struct fetch_transfer *t = arg;

	return fetch_read_header(&t->reader, line, size * n) == 0 ? size * n : 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct fetch_transfer *t = arg;

	return fetch_read_body(&t->reader, bytes, size * n) == 0 ? size * n : 0;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ssl_ctx, void *arg)
{
	struct fetch_transfer *t = arg;

	(void)easy;
	t->call->is_connected = true;
	if (verdict_install(ssl_ctx, &t->verdict, &t->answer.err) != 0)
		return CURLE_ABORTED_BY_CALLBACK;
	return CURLE_OK;
}

/* The connection is there and trusted, and the request goes out next. */
static int on_send(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct fetch_transfer *t = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	t->answer.was_sent = true;
	return CURL_PREREQFUNC_OK;
}

/* --- setting up: an option that cannot be set is found at the end ------------------ */

static void set_number(struct fetch_call *c, CURLoption option, long value)
{
	c->lacking |= curl_easy_setopt(c->easy, option, value) != CURLE_OK;
}

static void set_size(struct fetch_call *c, CURLoption option, size_t value)
{
	c->lacking |= curl_easy_setopt(c->easy, option, (curl_off_t)value) != CURLE_OK;
}

static void set_text(struct fetch_call *c, CURLoption option, const char *value)
{
	c->lacking |= curl_easy_setopt(c->easy, option, value) != CURLE_OK;
}

static void set_pointer(struct fetch_call *c, CURLoption option, void *value)
{
	c->lacking |= curl_easy_setopt(c->easy, option, value) != CURLE_OK;
}

static const struct { CURLoption option; long value; } common_numbers[] = {
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_NOSIGNAL, 1 },             /* it would switch SIGPIPE off and on at every step */
	{ CURLOPT_SSL_SESSIONID_CACHE, 0 },  /* every handshake shows its certificate */
#if LIBCURL_VERSION_NUM >= 0x075700
	{ CURLOPT_QUICK_EXIT, 1 },           /* a silent DNS server must not hold the end up */
	{ CURLOPT_CA_CACHE_TIMEOUT, 0 },     /* that cache serves all connections alike */
#endif
};

static const struct { CURLoption option; const char *value; } common_texts[] = {
	{ CURLOPT_PROTOCOLS_STR, "https" },
	{ CURLOPT_PROXY, "" },
	{ CURLOPT_NOPROXY, "*" },
	{ CURLOPT_USERAGENT, "check_certs" },
	{ CURLOPT_CAINFO, NULL },            /* what is trusted is verdict.c's business */
	{ CURLOPT_CAPATH, NULL },
	{ CURLOPT_KEYPASSWD, "" },           /* never ask on the terminal */
};

static void set_common(struct fetch_transfer *t, const struct fetch_limits *limits,
    enum family family)
{
	static const long families[] = {
		[FAMILY_ANY] = CURL_IPRESOLVE_WHATEVER, [FAMILY_4] = CURL_IPRESOLVE_V4,
		[FAMILY_6] = CURL_IPRESOLVE_V6
	};
	struct fetch_call *c = t->call;

	for (size_t i = 0; i < sizeof common_numbers / sizeof common_numbers[0]; i++)
		set_number(c, common_numbers[i].option, common_numbers[i].value);
	for (size_t i = 0; i < sizeof common_texts / sizeof common_texts[0]; i++)
		set_text(c, common_texts[i].option, common_texts[i].value);
	set_number(c, CURLOPT_IPRESOLVE, families[family]);
	set_number(c, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect_ms);
	set_pointer(c, CURLOPT_ERRORBUFFER, c->detail);
	set_pointer(c, CURLOPT_PRIVATE, t);
	set_pointer(c, CURLOPT_SSL_CTX_DATA, t);
	c->lacking |= curl_easy_setopt(c->easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) != CURLE_OK;
}

/* A connection of its own: none from before, and none to leave behind. */
static void set_alone(struct fetch_call *c)
{
	set_number(c, CURLOPT_FRESH_CONNECT, 1);
	set_number(c, CURLOPT_FORBID_REUSE, 1);
}

/* To send another name than the one to connect to, the URL gets that name and
 * the connection is led elsewhere. */
static void set_listener(struct fetch_call *c, const struct fetch_address *to, const char *sni)
{
	char *url = sni != NULL ? mem_printf("https://%s:%d/", sni, to->port)
	    : mem_printf("https://%s/", to->where);
	char *way = mem_printf("::%s", to->where);

	if (sni != NULL) {
		c->connect_to = curl_slist_append(NULL, way);
		set_pointer(c, CURLOPT_CONNECT_TO, c->connect_to);
	}
	set_text(c, CURLOPT_URL, url);
	free(url);
	free(way);
}

static void set_peek(struct fetch_transfer *t, const struct fetch_request *r)
{
	struct fetch_call *c = t->call;

	set_listener(c, &t->address, r->sni);
	set_alone(c);
	set_number(c, CURLOPT_CONNECT_ONLY, 1);
	set_number(c, CURLOPT_SSL_ENABLE_ALPN, 0);   /* it need not speak HTTP */
	set_number(c, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_0);
	set_number(c, CURLOPT_SSL_VERIFYPEER, 0);
	set_number(c, CURLOPT_SSL_VERIFYHOST, 0);
}

static void add_header(struct fetch_call *c, const char *name, const struct secret *value)
{
	struct curl_slist *node = &c->headers[c->n_headers];

	fetch_header_line(&c->header_lines[c->n_headers], name, value);
	node->data = c->header_lines[c->n_headers].bytes;
	if (c->n_headers++ > 0)
		node[-1].next = node;
}

static void add_fixed_header(struct fetch_call *c, const char *name, const char *value)
{
	char *text = mem_strdup(value);

	add_header(c, name, value != NULL ? &(struct secret){ text, strlen(text) } : NULL);
	free(text);
}

static void set_headers(struct fetch_call *c, const struct fetch_request *r)
{
	add_fixed_header(c, "Accept", "application/json");
	if (r->verb != FETCH_GET) {
		/* libcurl calls even an empty body a form */
		if (r->form == NULL)
			add_fixed_header(c, "Content-Type", r->json != NULL ? "application/json" : NULL);
		add_fixed_header(c, "Expect", NULL);   /* else a large body is held back, or sent twice */
	}
	if (r->cookie != NULL)
		add_header(c, "Cookie", r->cookie);
	if (r->xsrf != NULL)
		add_header(c, "X-XSRF-TOKEN", r->xsrf);
	set_pointer(c, CURLOPT_HTTPHEADER, c->headers);
}

static void set_login(struct fetch_call *c, const struct fetch_request *r)
{
	if (r->basic_user != NULL) {
		const bool has_password = r->basic_password != NULL && r->basic_password->bytes != NULL;

		set_number(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		set_text(c, CURLOPT_USERNAME, r->basic_user->bytes);
		set_text(c, CURLOPT_PASSWORD, has_password ? r->basic_password->bytes : "");
	}
	if (r->bearer != NULL) {
		set_number(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		set_text(c, CURLOPT_XOAUTH2_BEARER, r->bearer->bytes);
	}
	c->has_login = r->client_cert_path != NULL || r->basic_user != NULL || r->bearer != NULL ||
	    r->cookie != NULL;
	set_text(c, CURLOPT_SSLCERT, r->client_cert_path);
	set_text(c, CURLOPT_SSLKEY, r->client_key_path);
}

/* What each verb is to libcurl; GET is its default. */
static const struct { bool has_body; const char *name; } verbs[] = {
	[FETCH_POST]   = { true, NULL },
	[FETCH_PUT]    = { true, "PUT" },
	[FETCH_PATCH]  = { true, "PATCH" },
	[FETCH_DELETE] = { false, "DELETE" },
};

/* libcurl repeats by itself what went over a connection used before that
 * turns out to be closed.  What may change something gets its own. */
static void set_change(struct fetch_call *c, const struct fetch_request *r)
{
	const struct secret *body = r->json != NULL ? r->json : r->form;

	set_alone(c);
	if (verbs[r->verb].has_body) {
		if (body != NULL && body->bytes != NULL)
			secret_set(&c->body, body->bytes, body->len);
		else
			secret_set(&c->body, "", 0);
		set_number(c, CURLOPT_POST, 1);
		set_size(c, CURLOPT_POSTFIELDSIZE_LARGE, c->body.len);
		set_pointer(c, CURLOPT_POSTFIELDS, c->body.bytes);
	}
	if (verbs[r->verb].name != NULL)
		set_text(c, CURLOPT_CUSTOMREQUEST, verbs[r->verb].name);
}

static struct pool *find_pool(struct fetch_wire *w, const char *key)
{
	for (size_t i = 0; i < w->n_pools; i++)
		if (strcmp(w->pools[i].key, key) == 0)
			return &w->pools[i];
	return NULL;
}

/* libcurl compares neither what our callback trusts nor who asked: whoever
 * differs in either gets connections of its own.  NULL: cannot be had. */
static CURLSH *share_for(struct fetch_wire *w, const struct fetch_request *r)
{
	char *key = fetch_pool_key(r);
	struct pool *p = key != NULL ? find_pool(w, key) : NULL;

	if (key == NULL || p != NULL) {
		free(key);
		return p != NULL ? p->share : NULL;
	}
	w->pools = mem_grow(w->pools, &w->cap_pools, w->n_pools + 1, sizeof *w->pools);
	p = &w->pools[w->n_pools++];
	p->key = key;
	p->share = curl_share_init();
	if (curl_share_setopt(p->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK) {
		curl_share_cleanup(p->share);
		p->share = NULL;
	}
	return p->share;
}

static void set_call(struct fetch_wire *w, struct fetch_transfer *t, const struct fetch_request *r)
{
	static const struct trust system_store;
	struct fetch_call *c = t->call;
	CURLSH *share = share_for(w, r);

	t->verdict.trust = r->trust != NULL ? r->trust : &system_store;
	t->verdict.host = t->address.host;
	c->lacking |= share == NULL;
	set_pointer(c, CURLOPT_SHARE, share);
	set_text(c, CURLOPT_URL, r->url);
	set_number(c, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	/* The callback decides; these make libcurl refuse if it were not there. */
	set_number(c, CURLOPT_SSL_VERIFYPEER, 1);
	set_number(c, CURLOPT_SSL_VERIFYHOST, t->verdict.trust->n_pins > 0 ? 0 : 2);
	set_text(c, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
	set_size(c, CURLOPT_MAXFILESIZE_LARGE, t->answer.body.max_bytes);
	c->lacking |= curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header) != CURLE_OK;
	c->lacking |= curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK;
	set_pointer(c, CURLOPT_HEADERDATA, t);
	set_pointer(c, CURLOPT_WRITEDATA, t);
	c->lacking |= curl_easy_setopt(c->easy, CURLOPT_PREREQFUNCTION, on_send) != CURLE_OK;
	set_pointer(c, CURLOPT_PREREQDATA, t);
	if (r->verb != FETCH_GET)
		set_change(c, r);
	set_headers(c, r);
	set_login(c, r);
}

int fetch_wire_open(struct fetch_wire *w, struct fetch_transfer *t, const struct fetch_request *r,
    const struct fetch_limits *limits)
{
	struct fetch_call *c = t->call = mem_alloc(sizeof *c);

	c->easy = curl_easy_init();
	if (c->easy == NULL)
		return err_set(&t->answer.err, ERR_IO, "libcurl cannot begin a request");
	set_common(t, limits, r->family);
	if (r->verb == FETCH_PEEK)
		set_peek(t, r);
	else
		set_call(w, t, r);
	if (c->lacking)
		return err_set(&t->answer.err, ERR_IO, "this libcurl lacks what is needed here: %s",
		    curl_version());
	return 0;
}

/* --- the end of a request ------------------------------------------------------------ */

static const struct { CURLcode rc; enum err_code code; const char *sentence; } curl_errors[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, ERR_UNREACHABLE, "no address for this name, check it and the DNS" },
	{ CURLE_COULDNT_CONNECT, ERR_UNREACHABLE, "no connection" },
	{ CURLE_GOT_NOTHING, ERR_UNREACHABLE, "it closed the connection without an answer" },
	{ CURLE_SEND_ERROR, ERR_UNREACHABLE, "the connection broke while the request was sent" },
	{ CURLE_RECV_ERROR, ERR_UNREACHABLE, "the connection broke before the answer was complete" },
	{ CURLE_PARTIAL_FILE, ERR_ANSWER, "the answer is cut short" },
	{ CURLE_WEIRD_SERVER_REPLY, ERR_ANSWER, "it answers something that is not HTTP" },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERR_ANSWER, "it answers something that is not HTTP" },
	{ CURLE_BAD_CONTENT_ENCODING, ERR_ANSWER, "the answer cannot be decompressed" },
	{ CURLE_SSL_CONNECT_ERROR, ERR_TLS, "the TLS handshake failed" },
	{ CURLE_PEER_FAILED_VERIFICATION, ERR_TLS, "its certificate does not verify" },
	{ CURLE_SSL_CIPHER, ERR_TLS, "no cipher in common" },
	{ CURLE_SSL_CERTPROBLEM, ERR_CONFIG, "client_cert or client_key cannot be used" },
};

static bool has_reached(const struct fetch_transfer *t, CURLINFO point)
{
	curl_off_t us = 0;

	return curl_easy_getinfo(t->call->easy, point, &us) == CURLE_OK && us > 0;
}

enum fetch_stage fetch_wire_stage(const struct fetch_transfer *t)
{
	if (has_reached(t, CURLINFO_STARTTRANSFER_TIME_T))
		return FETCH_STAGE_ANSWER;
	if (has_reached(t, CURLINFO_PRETRANSFER_TIME_T))
		return FETCH_STAGE_REQUEST;
	if (t->call->is_connected)
		return FETCH_STAGE_HANDSHAKE;
	return has_reached(t, CURLINFO_NAMELOOKUP_TIME_T) ? FETCH_STAGE_CONNECT : FETCH_STAGE_NAME;
}

static void set_curl_error(struct fetch_transfer *t, CURLcode rc)
{
	const char *detail = t->call->detail[0] != '\0' ? t->call->detail : curl_easy_strerror(rc);
	struct err *e = &t->answer.err;
	long cause = 0;

	if (rc == CURLE_COULDNT_CONNECT) {
		curl_easy_getinfo(t->call->easy, CURLINFO_OS_ERRNO, &cause);
		detail = cause != 0 ? strerror((int)cause) : detail;
	}
	/* With TLS 1.3 its alert may be lost behind what we have sent already.
	 * Many listeners ask without need: who logs in otherwise is not told. */
	if (t->verdict.wants_client_cert && !t->call->has_login &&
	    !has_reached(t, CURLINFO_STARTTRANSFER_TIME_T)) {
		err_set(e, ERR_AUTH, "it asked for a client certificate and ended the connection without one, "
		    "see client_cert (%s)", detail);
		return;
	}
	if (fetch_hint(detail, e))
		return;
	for (size_t i = 0; i < sizeof curl_errors / sizeof curl_errors[0]; i++)
		if (curl_errors[i].rc == rc) {
			err_set(e, curl_errors[i].code, "%s (%s)", curl_errors[i].sentence, detail);
			return;
		}
	err_set(e, ERR_UNREACHABLE, "%s", detail);
}

/* What libcurl's word means here.  What a callback or the verdict has said
 * comes first: libcurl only knows that somebody stopped it. */
static void judge(struct fetch_transfer *t, CURLcode rc)
{
	struct fetch_answer *a = &t->answer;
	long status = 0;

	if (a->err.code != ERR_NONE)
		return;
	if (t->verdict.outcome == VERDICT_REFUSED || t->verdict.outcome == VERDICT_ONLY_EXPIRED)
		err_set(&a->err, ERR_TLS, "%s", t->verdict.reason);
	else if (t->verb == FETCH_PEEK && t->verdict.chain.n > 0)
		return;
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		fetch_timed_out(fetch_wire_stage(t), NULL, &a->err);
	else if (rc == CURLE_FILESIZE_EXCEEDED)
		fetch_too_large(a);
	else if (rc != CURLE_OK)
		set_curl_error(t, rc);
	else if (t->verb == FETCH_PEEK)
		err_set(&a->err, ERR_ANSWER, "the handshake showed no certificate");
	else if (!t->reader.has_head)      /* libcurl takes the end of the connection for the end of it */
		err_set(&a->err, ERR_ANSWER, "the answer is cut short in its headers");
	else if (curl_easy_getinfo(t->call->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		a->status = (int)status;
}

/* --- moving -------------------------------------------------------------------------- */

int fetch_wire_begin(struct fetch_wire *w, struct fetch_transfer *t)
{
	if (curl_multi_add_handle(w->multi, t->call->easy) != CURLM_OK)
		return err_set(&t->answer.err, ERR_IO, "libcurl cannot begin a request");
	t->call->is_begun = true;
	return 0;
}

void fetch_wire_move(struct fetch_wire *w)
{
	int n_running = 0;

	curl_multi_perform(w->multi, &n_running);
}

struct fetch_transfer *fetch_wire_ended(struct fetch_wire *w)
{
	struct fetch_transfer *t;
	char *private = NULL;
	int n_left = 0;
	CURLMsg *m;

	do
		m = curl_multi_info_read(w->multi, &n_left);
	while (m != NULL && m->msg != CURLMSG_DONE);
	if (m == NULL || curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private) != CURLE_OK)
		return NULL;
	t = (struct fetch_transfer *)(void *)private;
	judge(t, m->data.result);
	return t;
}

void fetch_wire_wait(struct fetch_wire *w, int64_t ms)
{
	const int timeout_ms = ms < INT_MAX ? (int)ms : INT_MAX;

	/* When libcurl cannot wait, the loop must not spin. */
	if (curl_multi_poll(w->multi, NULL, 0, timeout_ms, NULL) != CURLM_OK)
		poll(NULL, 0, timeout_ms < 10 ? timeout_ms : 10);
}

void fetch_wire_close(struct fetch_wire *w, struct fetch_transfer *t)
{
	struct fetch_call *c = t->call;

	if (c == NULL)
		return;
	if (c->is_begun)
		curl_multi_remove_handle(w->multi, c->easy);
	curl_easy_cleanup(c->easy);
	for (size_t i = 0; i < c->n_headers; i++)
		secret_wipe(&c->header_lines[i]);
	secret_wipe(&c->body);
	curl_slist_free_all(c->connect_to);
	free(c);
	t->call = NULL;
}

/* --- life ------------------------------------------------------------------------------ */

struct fetch_wire *fetch_wire_new(struct err *e)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct fetch_wire *w;
	CURLM *multi = NULL;

	/* Else every connection's keys go to a file that the environment names. */
	unsetenv("SSLKEYLOGFILE");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
		multi = curl_multi_init();
		if (multi == NULL)
			curl_global_cleanup();
	}
	if (multi == NULL) {
		err_set(e, ERR_IO, "libcurl cannot be set up");
		return NULL;
	}
	w = mem_alloc(sizeof *w);
	w->multi = multi;
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, &w->before);
	return w;
}

void fetch_wire_free(struct fetch_wire *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n_pools; i++) {
		curl_share_cleanup(w->pools[i].share);
		free(w->pools[i].key);
	}
	free(w->pools);
	curl_multi_cleanup(w->multi);
	curl_global_cleanup();
	sigaction(SIGPIPE, &w->before, NULL);
	free(w);
}
