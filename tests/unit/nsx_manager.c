/* nsx_manager.c - a manager on paper, for the tests of the NSX source. */
#include "tests/unit/nsx_manager.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/nsx_internal.h"
#include "tests/unit/scratch.h"

#define URL "https://nsx.example"
#define FIXTURE_MAX_BYTES 262144
#define TURNS_MAX 100000
#define DEADLINE_TEXT "no answer before the deadline"

/* Where the recorded answer to a path is. */
static const struct { const char *path, *file; } recorded[] = {
	{ "/api/v1/node/version", "version" },
	{ "/api/v1/trust-management/certificates", "certificates" },
	{ "/api/v1/cluster", "cluster" },
	{ "/api/v1/cluster/api-virtual-ip", "api-virtual-ip" },
	{ "/api/v1/trust-management/certificate-profiles", "certificate-profiles" },
	{ "/policy/api/v1/infra/certificates", "infra-certificates" },
	{ "/global-manager/api/v1/global-infra/certificates", "global-infra-certificates" },
	{ "/api/v1/trust-management/principal-identities", "principal-identities" },
};

static char *read_fixture(const char *directory, const char *name, bool must_be_there)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	struct buf b;
	struct err e = { ERR_NONE, "" };
	int failed;

	snprintf(path, sizeof path, "%s/tests/fixtures/nsx/%s/%s", top != NULL ? top : ".",
	    directory, name);
	buf_init(&b, FIXTURE_MAX_BYTES);
	failed = fileio_read(path, &b, &e);
	ck_assert_msg(!failed || !must_be_there, "%s", e.text);
	if (!failed)
		return buf_take(&b);
	buf_clear(&b);
	return NULL;
}

char *nsx_fixture(const char *directory, const char *name)
{
	return read_fixture(directory, name, true);
}

/* --- birth, end ---------------------------------------------------------------------- */

static const char *credentials_file(enum manager_login login)
{
	char text[1024];

	switch (login) {
	case BY_BASIC:
		return scratch_text("basic", "username=mon&tor\npassword=p@ss w=rd\n", 0600);
	case BY_SESSION:
		return scratch_text(
		    "session", "username=mon&tor\npassword=p@ss w=rd\nlogin=session\n", 0600);
	case BY_CERT:
		snprintf(
		    text, sizeof text, "client_cert=%s\n", scratch_text("cert.pem", "x", 0644));
		snprintf(text + strlen(text), sizeof text - strlen(text), "client_key=%s\n",
		    scratch_text("key.pem", "x", 0600));
		return scratch_text("client", text, 0600);
	case BY_CLIENT:
		return scratch_text("oauth", "client_id=x\nclient_secret=y\n", 0600);
	case BY_NONE:
		break;
	}
	return NULL;
}

void manager_open(
    struct manager *m, const char *version, enum manager_login login, const char *state_dir)
{
	*m = (struct manager){
		.version = version, .n_answers_max = -1, .now_ms = 5000, .elapsed_ms = 150
	};
	inventory_init(&m->w.inv);
	m->w.target.name = mem_strdup("prod");
	m->w.target.kind = SOURCE_NSX;
	m->w.target.url = mem_strdup(URL);
	m->w.target.credentials_path = mem_strdup(credentials_file(login));
	m->w.target.auth_retry_s = 3600;
	m->w.target.probe = PROBE_YES;
	m->w.c.inv = &m->w.inv;
	m->w.c.index = inventory_add_source(&m->w.inv, "prod", SOURCE_NSX);
	m->w.c.target = &m->w.target;
	m->w.c.state_dir = state_dir;
	m->w.c.now_at = world_time("2026-11-22T00:00:00Z");
	buf_init(&m->log, SIZE_MAX);
}

void manager_replies(struct manager *m, const struct reply *replies, size_t n_replies)
{
	m->replies = replies;
	m->n_replies = n_replies;
}

void manager_close(struct manager *m)
{
	source_nsx.close(m->s);
	world_close(&m->w);
	buf_clear(&m->log);
}

/* --- requests ------------------------------------------------------------------------ */

static void check_secrets(const struct fetch_request *r)
{
	static const char *const secrets[] = { "p@ss", "p%40ss", "mon", "JSESSIONID", "token-" };

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		ck_assert_msg(strstr(r->url, secrets[i]) == NULL, "%s in %s", secrets[i], r->url);
}

static void check_login(const struct manager *m, const struct fetch_request *r)
{
	int n_logins = (r->basic_user != NULL) + (r->cookie != NULL) +
	    (r->client_cert_path != NULL) + (r->form != NULL);
	char cookie[48];

	ck_assert_ptr_null(r->bearer);
	ck_assert_int_eq(n_logins, r->verb == FETCH_PEEK ? 0 : 1);
	ck_assert(r->basic_user == NULL || strcmp(r->basic_user->bytes, "mon&tor") == 0);
	ck_assert(r->basic_password == NULL || strcmp(r->basic_password->bytes, "p@ss w=rd") == 0);
	ck_assert((r->client_cert_path == NULL) == (r->client_key_path == NULL));
	ck_assert((r->cookie == NULL) == (r->xsrf == NULL));
	if (r->form != NULL)
		ck_assert_str_eq(r->form->bytes, "j_username=mon%26tor&j_password=p%40ss%20w%3Drd");
	if (r->cookie != NULL) {
		snprintf(cookie, sizeof cookie, "JSESSIONID=%zu", m->n_logins);
		ck_assert_str_eq(r->cookie->bytes, cookie);
		ck_assert_ptr_nonnull(r->xsrf->bytes);
	}
}

/* Requests of each kind that are under way. */
static void count_pending(struct manager *m)
{
	size_t n_calls = 0, n_peeks = 0;

	for (size_t i = 0; i < m->n_pending; i++)
		*(m->pending[i].is_peek ? &n_peeks : &n_calls) += 1;
	m->most_calls = n_calls > m->most_calls ? n_calls : m->most_calls;
	m->most_peeks = n_peeks > m->most_peeks ? n_peeks : m->most_peeks;
	ck_assert_msg(
	    n_calls <= 1 || m->n_answers > 0, "two requests before the first was answered");
}

static void add_pending(struct manager *m, const struct fetch_request *r)
{
	static const char *const verbs[] = { "GET", "POST", "PEEK" };
	bool is_peek = r->verb == FETCH_PEEK;
	const char *target = is_peek ? r->url : r->url + strlen(URL);
	size_t i = m->n_pending++;
	char *line;

	ck_assert_uint_lt(i, MANAGER_PENDING_MAX);
	ck_assert(is_peek || strncmp(r->url, URL, strlen(URL)) == 0);
	ck_assert_uint_eq(r->source, m->w.c.index);
	check_secrets(r);
	check_login(m, r);
	line = mem_printf("%s %s%s%s\n", verbs[r->verb], target, r->sni != NULL ? "?sni=" : "",
	    r->sni != NULL ? r->sni : "");
	buf_adds(&m->log, line);
	free(line);
	m->pending[i].target = mem_strdup(target);
	m->pending[i].path = mem_strndup(target, strcspn(target, "?"));
	line = mem_printf("%s %s", verbs[r->verb], m->pending[i].path);
	m->pending[i].nth = (int)manager_count(m, line);
	free(line);
	m->pending[i].tag = r->tag;
	m->pending[i].is_peek = is_peek;
	count_pending(m);
}

/* "GET /api/v1/cluster" stands for that path alone, with or without a query. */
size_t manager_count(const struct manager *m, const char *line)
{
	size_t n = 0, n_line = strlen(line);

	for (const char *p = buf_str(&m->log); *p != '\0'; p = strchr(p, '\n') + 1)
		n += strncmp(p, line, n_line) == 0 && strchr("?\n", p[n_line]) != NULL;
	return n;
}

/* --- answers ------------------------------------------------------------------------- */

static void answer_session(struct manager *m, struct fetch_answer *a)
{
	char text[32];

	m->n_logins++;
	snprintf(text, sizeof text, "JSESSIONID=%zu", m->n_logins);
	secret_set(&a->cookie, text, strlen(text));
	secret_set(&a->xsrf, "token-1", strlen("token-1"));
}

static void answer_recorded(struct manager *m, size_t i, struct fetch_answer *a)
{
	bool has_cursor = strstr(m->pending[i].target, "cursor=") != NULL;
	char *body = NULL, name[64];

	for (size_t k = 0; k < sizeof recorded / sizeof recorded[0]; k++) {
		if (strcmp(recorded[k].path, m->pending[i].path) != 0)
			continue;
		snprintf(name, sizeof name, "%s%s.json", recorded[k].file, has_cursor ? "-2" : "");
		body = read_fixture(m->version, name, false);
	}
	if (body == NULL)
		body = nsx_fixture(".", "not-found.json");
	else
		a->status = 200;
	buf_adds(&a->body, body);
	free(body);
}

static bool add_to_chain(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	struct fetch_chain *chain = ctx;

	ck_assert_msg(cert != NULL, "%s", problem);
	chain->v[index].der = mem_dup(cert->der, cert->der_len);
	chain->v[index].len = cert->der_len;
	chain->n = index + 1;
	cert_free(cert);
	return true;
}

static void set_chain(struct fetch_answer *a, const char *name)
{
	char *pem = nsx_fixture(".", name);

	ck_assert_uint_gt(cert_read_pem(pem, strlen(pem), add_to_chain, &a->chain), 0);
	free(pem);
}

static const struct reply *find_reply(const struct manager *m, size_t i)
{
	for (size_t k = 0; k < m->n_replies; k++) {
		const struct reply *r = &m->replies[k];

		if (r->path != NULL && strcmp(r->path, m->pending[i].path) == 0 &&
		    (r->nth == 0 || r->nth == m->pending[i].nth))
			return r;
	}
	return NULL;
}

static void answer_reply(struct manager *m, const struct reply *r, size_t i, struct fetch_answer *a)
{
	bool is_file = r->body != NULL && r->body[0] == '@';
	char *body = is_file ? nsx_fixture(".", r->body + 1) : mem_strdup(r->body);

	a->status = r->status;
	buf_adds(&a->body, body != NULL ? body : "");
	free(body);
	if (r->retry_after_s != 0)
		a->retry_after_s = r->retry_after_s;
	if (r->err != ERR_NONE)
		err_set(&a->err, r->err, "as the test wants it");
	if (r->location != NULL)
		snprintf(a->location, sizeof a->location, "%s", r->location);
	if (r->chain != NULL)
		set_chain(a, r->chain);
	a->only_expired = r->is_only_expired;
	if (r->status == 200 && !r->has_no_session &&
	    strcmp(m->pending[i].path, "/api/session/create") == 0)
		answer_session(m, a);
}

static void answer_as_usual(struct manager *m, size_t i, struct fetch_answer *a)
{
	if (m->pending[i].is_peek) {
		set_chain(a, "shared-chain.pem");
		a->status = 0;
	} else if (strcmp(m->pending[i].path, "/api/session/create") == 0) {
		a->status = 200;
		answer_session(m, a);
	} else if (strcmp(m->pending[i].path, "/api/session/destroy") == 0) {
		a->status = 200;
	} else {
		answer_recorded(m, i, a);
	}
}

static void forget_pending(struct manager *m, size_t i)
{
	free(m->pending[i].path);
	free(m->pending[i].target);
	m->n_pending--;
	for (; i < m->n_pending; i++)
		m->pending[i] = m->pending[i + 1];
}

static void give(struct manager *m, size_t i, bool late)
{
	const struct reply *r = find_reply(m, i);
	struct fetch_answer a;

	world_answer(&a, 404, NULL);
	a.source = m->w.c.index;
	a.tag = m->pending[i].tag;
	a.elapsed_ms = m->elapsed_ms;
	if (late) {
		a.status = 0;
		err_set(&a.err, ERR_TIMEOUT, DEADLINE_TEXT);
	} else if (r != NULL) {
		answer_reply(m, r, i, &a);
	} else {
		answer_as_usual(m, i, &a);
	}
	forget_pending(m, i);
	m->n_answers++;
	m->now_ms += 10;
	source_nsx.take(m->s, m->now_ms, &a);
	fetch_answer_clear(&a);
}

/* --- the loop ------------------------------------------------------------------------ */

static size_t choose(const struct manager *m)
{
	switch (m->order) {
	case LAST_IN_FIRST_OUT:
		return m->n_pending - 1;
	case BY_TURNS:
		return m->n_answers % 2 == 1 ? 0 : m->n_pending - 1;
	case FIRST_IN_FIRST_OUT:
		break;
	}
	return 0;
}

/* Ask until it wants to wait. */
static enum want ask(struct manager *m, int64_t *wake_ms)
{
	struct fetch_request r;
	enum want want;

	memset(&r, 0, sizeof r);
	while ((want = source_nsx.next(m->s, m->now_ms, &r, wake_ms)) == WANT_REQUEST)
		add_pending(m, &r);
	return want;
}

static bool turn(struct manager *m)
{
	int64_t wake_ms = INT64_MAX;
	enum want want = ask(m, &wake_ms);

	if (want == WANT_NOTHING) {
		ck_assert_uint_eq(m->n_pending, 0);
		return false;
	}
	if (m->n_answers == m->n_answers_max)
		return false;
	if (m->n_pending > 0) {
		give(m, choose(m), false);
		return true;
	}
	ck_assert_int_eq(want, WANT_WAKE);
	ck_assert_int_gt(wake_ms, m->now_ms);
	m->waited_ms += wake_ms - m->now_ms;
	m->now_ms = wake_ms;
	return true;
}

void manager_run(struct manager *m)
{
	int n_turns = 0;

	m->s = source_nsx.open(&m->w.c);
	while (turn(m))
		ck_assert_int_lt(++n_turns, TURNS_MAX);
	while (m->n_pending > 0)
		give(m, 0, true);
	source_nsx.finish(m->s);
}

void manager_poll(
    struct manager *m, const char *version, const struct reply *replies, size_t n_replies)
{
	manager_open(m, version, BY_BASIC, NULL);
	manager_replies(m, replies, n_replies);
	manager_run(m);
}

bool manager_is_complete(const struct manager *m)
{
	return m->w.inv.sources[m->w.c.index].complete;
}

/* --- what came of it ----------------------------------------------------------------- */

static const char *shown(const char *s)
{
	return s != NULL ? s : "-";
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *cert_line(const struct cert *c)
{
	char hex[2 * CERT_SHA256_BYTES + 1], time[TEXT_TIME_BYTES];

	cert_sha256_hex(c, hex);
	return mem_printf("%d %.8s %s %s", (int)c->form, hex,
	    c->has_not_after ? text_from_time(c->not_after_at, time) : "-", shown(c->problem));
}

static char *sighting_line(const struct inventory *inv, const struct sighting *s)
{
	char *cert = cert_line(inv->certs[s->cert]), *line;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	buf_addf(&b, "%s %s pos %zu id %s name %s at %s key %d cat %s policy %d principal %d [%s]",
	    via_name(s->via), shown(role_name(s->role)), s->position, shown(s->id), shown(s->name),
	    shown(s->endpoint), s->has_private_key, shown(s->category), s->by_policy,
	    s->by_principal, cert);
	for (size_t i = 0; i < s->n_uses; i++)
		buf_addf(&b, " %s/%s/%s", s->uses[i].service, shown(s->uses[i].node),
		    shown(s->uses[i].node_name));
	free(cert);
	line = buf_take(&b);
	return line;
}

char *manager_dump(const struct manager *m)
{
	const struct inventory *inv = &m->w.inv;
	const struct source_status *status = &inv->sources[m->w.c.index];
	size_t n = inv->n_sightings + status->n_issues;
	char **lines = mem_array(n, sizeof *lines);
	struct buf b;

	for (size_t i = 0; i < inv->n_sightings; i++)
		lines[i] = sighting_line(inv, &inv->sightings[i]);
	for (size_t i = 0; i < status->n_issues; i++)
		lines[inv->n_sightings + i] = mem_printf("issue %d %s", (int)status->issues[i].kind,
		    status->issues[i].err.text);
	qsort(lines, n, sizeof *lines, compare_lines);
	buf_init(&b, SIZE_MAX);
	buf_addf(&b, "version %s complete %d certs %zu\n", shown(status->version), status->complete,
	    inv->n_certs);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&b, "%s\n", lines[i]);
		free(lines[i]);
	}
	free(lines);
	return buf_take(&b);
}
