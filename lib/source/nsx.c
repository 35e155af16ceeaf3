/* nsx.c - NSX Manager (and Global Manager) as a source: which call is made
 * when, and what becomes of its answer.
 *
 * The first authenticated request travels alone: three at once with a wrong
 * password burn three of the five tries before the account is locked.  After
 * it the calls of the table are made, two at a time where that is faster, a
 * list page by page, and the listeners that the cluster names are probed
 * meanwhile.  The order of the answers does not matter: finish joins them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/form.h"
#include "lib/source/nsx_internal.h"

#define TRUST "/api/v1/trust-management/"
#define WHOLE_PAGES "details=true&page_size=" NSX_PAGE_SIZE
#define MISSING_MAX_BYTES 400

const struct nsx_step_kind nsx_steps[NSX_N_STEPS] = {
	[NSX_VERSION] = { .label = "version", .path = "/api/v1/node/version",
	    .read = nsx_read_version },
	[NSX_CERTIFICATES] = { .label = "certificates",
	    .path = TRUST "certificates", .query = WHOLE_PAGES,
	    .read_row = nsx_read_certificate, .max_rows = NSX_ROWS_MAX, .is_required = true },
	[NSX_CLUSTER] = { .label = "cluster", .path = "/api/v1/cluster",
	    .read = nsx_read_cluster },
	[NSX_VIP] = { .label = "VIP", .path = "/api/v1/cluster/api-virtual-ip",
	    .read = nsx_read_vip, .may_be_absent = true },
	[NSX_PROFILES] = { .label = "certificate profiles",
	    .path = TRUST "certificate-profiles", .since = "3.1.2",
	    .read_row = nsx_read_profile, .max_rows = NSX_SMALL_ROWS_MAX, .may_be_absent = true },
	[NSX_POLICY] = { .label = "policy certificates",
	    .path = "/policy/api/v1/infra/certificates", .query = WHOLE_PAGES, .since = "2.5",
	    .read_row = nsx_read_policy, .max_rows = NSX_ROWS_MAX, .may_be_absent = true },
	/* A Global Manager keeps its Policy objects under another path. */
	[NSX_GLOBAL] = { .label = "global certificates",
	    .path = "/global-manager/api/v1/global-infra/certificates", .query = WHOLE_PAGES,
	    .since = "3.0", .has_elder = true, .elder = NSX_POLICY,
	    .read_row = nsx_read_policy, .max_rows = NSX_ROWS_MAX, .may_be_absent = true },
	[NSX_PRINCIPALS] = { .label = "principal identities",
	    .path = TRUST "principal-identities",
	    .read_row = nsx_read_principal, .max_rows = NSX_SMALL_ROWS_MAX, .may_be_absent = true },
	/* An account may be too small for it; then nobody promises a renewal. */
	[NSX_RENEWAL] = { .label = "automatic renewal",
	    .path = "/policy/api/v1/infra/security-global-config", .since = "4.2.1",
	    .read = nsx_read_renewal, .may_be_absent = true, .may_be_denied = true },
};

/* --- what a step is doing ---------------------------------------------------------- */

/* Is it this step's turn?  Settles those whose turn will never come. */
static bool is_ready(struct nsx *s, size_t i)
{
	const char *version = s->c.inv->sources[s->c.index].version;
	const struct nsx_step_kind *step = &nsx_steps[i];
	enum nsx_call_state elder = step->has_elder ? s->calls[step->elder].state : NSX_ABSENT;
	struct nsx_call *call = &s->calls[i];

	if (call->state != NSX_READY || elder == NSX_READY || elder == NSX_SENT)
		return false;
	if (elder != NSX_ABSENT || !nsx_version_at_least(version, step->since))
		call->state = NSX_ABSENT;
	return call->state == NSX_READY;
}

/* --- requests ------------------------------------------------------------------------ */

const char *nsx_url(struct nsx *s, const char *path, const char *query, const char *cursor)
{
	char encoded[FORM_GROWTH * NSX_CURSOR_MAX_BYTES];
	size_t n;

	buf_reset(&s->url);
	buf_addf(&s->url, "%s%s", s->c.target->url, path);
	if (query != NULL)
		buf_addf(&s->url, "?%s", query);
	if (cursor != NULL) {
		n = form_encode(cursor, strlen(cursor), encoded);
		buf_addf(&s->url, "%ccursor=%.*s", query != NULL ? '&' : '?', (int)n, encoded);
	}
	return buf_str(&s->url);
}

static void begin_call(struct nsx *s, size_t i, struct fetch_request *r)
{
	struct nsx_call *call = &s->calls[i];

	r->verb = FETCH_GET;
	r->url = nsx_url(s, nsx_steps[i].path, nsx_steps[i].query,
	    call->n_cursors > 0 ? call->cursors[call->n_cursors - 1] : NULL);
	nsx_login_fill(s, r);
	r->tag = (int)i;
	call->state = NSX_SENT;
	call->session = s->session;
	s->n_calls_sent++;
}

/* How many calls may be under way.  A second one needs a connection of its
 * own, whose handshake costs more than a fast manager's answers. */
static size_t calls_allowed(const struct nsx *s)
{
	return s->is_proven && s->last_call_ms >= NSX_SLOW_MS ? NSX_CALLS_MAX : 1;
}

/* The next call that may be made now; *waiting: one is only held back. */
static bool next_call(struct nsx *s, int64_t now_ms, struct fetch_request *r, bool *waiting)
{
	size_t room = calls_allowed(s);

	*waiting = false;
	for (size_t i = 0; i < NSX_N_STEPS && s->n_calls_sent < room; i++) {
		if (!is_ready(s, i))
			continue;
		*waiting = now_ms < s->hold_until_ms;
		if (!*waiting)
			begin_call(s, i, r);
		return !*waiting;
	}
	return false;
}

static bool is_in_flight(const struct nsx *s)
{
	return s->n_calls_sent > 0 || s->n_probes_sent > s->n_probes_done ||
	    s->n_validations_sent > s->n_validations_done ||
	    s->login == NSX_LOGIN_SENT || s->login == NSX_LOGIN_LEAVING;
}

/* In the order of urgency: the login, calls, handshakes, the goodbye. */
static enum want choose(struct nsx *s, int64_t now_ms, struct fetch_request *r, int64_t *wake_ms)
{
	bool waiting = false;

	if (s->login == NSX_LOGIN_WANTED) {
		nsx_session_create(s, r);
		return WANT_REQUEST;
	}
	if (s->login == NSX_LOGIN_OPEN && next_call(s, now_ms, r, &waiting))
		return WANT_REQUEST;
	if (nsx_probe_next(s, r) || nsx_validate_next(s, r))
		return WANT_REQUEST;
	if (waiting) {
		*wake_ms = s->hold_until_ms;
		return WANT_WAKE;
	}
	if (is_in_flight(s))
		return WANT_ANSWER;
	if (s->login == NSX_LOGIN_OPEN && s->cookie.bytes != NULL) {
		nsx_session_destroy(s, r);
		return WANT_REQUEST;
	}
	return WANT_NOTHING;
}

static enum want nsx_next(struct source *source, int64_t now_ms, struct fetch_request *r,
    int64_t *wake_ms)
{
	struct nsx *s = (struct nsx *)source;

	if (s->has_stopped)
		return is_in_flight(s) ? WANT_ANSWER : WANT_NOTHING;
	*r = (struct fetch_request){
		.family = s->c.target->family,
		.trust = &s->c.target->trust,
		.label = s->c.target->name,
		.source = s->c.index,
	};
	return choose(s, now_ms, r, wake_ms);
}

/* --- answers ------------------------------------------------------------------------------ */

static void nsx_take(struct source *source, int64_t now_ms, struct fetch_answer *a)
{
	struct nsx *s = (struct nsx *)source;

	assert(a->tag >= 0);
	if (a->tag < NSX_N_STEPS)
		nsx_take_call(s, (size_t)a->tag, now_ms, a);
	else if (a->tag == NSX_TAG_LOGIN)
		nsx_session_take(s, a);
	else if (a->tag == NSX_TAG_LOGOUT)
		s->login = NSX_LOGIN_LEFT;   /* a session that stays open ends by itself */
	else if (a->tag < NSX_TAG_PROBE)
		nsx_validate_take(s, (size_t)(a->tag - NSX_TAG_VALIDATE), a);
	else
		nsx_probe_take(s, (size_t)(a->tag - NSX_TAG_PROBE), a);
}

/* --- birth, end ----------------------------------------------------------------------------- */

static struct source *nsx_open(const struct source_context *c)
{
	struct nsx *s = mem_alloc(sizeof *s);

	s->c = *c;
	s->hold_until_ms = INT64_MIN;
	for (size_t i = 0; i < NSX_N_STEPS; i++)
		s->calls[i].n_announced = -1;
	buf_init(&s->url, SIZE_MAX);
	nsx_facts_init(&s->facts, &s->c);
	nsx_login_open(s);
	return (struct source *)s;
}

/* "certificates from page 2 on, cluster": the calls that have no end yet. */
static void list_missing(struct nsx *s, struct buf *list)
{
	for (size_t i = 0; i < NSX_N_STEPS; i++) {
		enum nsx_call_state state = s->calls[i].state;

		if (!is_ready(s, i) && state != NSX_SENT && state != NSX_LATE)
			continue;
		buf_addf(list, "%s%s", list->len > 0 ? ", " : "", nsx_steps[i].label);
		if (s->calls[i].n_cursors > 0)
			buf_addf(list, " from page %zu on", s->calls[i].n_cursors + 1);
	}
}

/* The deadline came first. */
static void tell_late(struct nsx *s, const struct buf *missing)
{
	bool nothing = s->facts.n_leafs == 0 && s->calls[NSX_CERTIFICATES].state != NSX_LOST;
	const char *reason = s->busy.code != ERR_NONE ? s->busy.text : s->late.text;
	struct err e = { ERR_NONE, "" };

	s->facts.remarks.n_gaps++;
	err_set(&e, ERR_TIMEOUT, "not read before the deadline: %s%s%s%s", buf_str(missing),
	    reason[0] != '\0' ? " (" : "", reason, reason[0] != '\0' ? ")" : "");
	source_issue(&s->c, nothing ? ISSUE_FAILED : ISSUE_PARTIAL, &e, NULL);
}

/* We gave up. */
static void tell_problem(struct nsx *s, const struct buf *missing)
{
	bool some = s->facts.n_leafs > 0;
	const char *list = some ? buf_str(missing) : "";
	struct err e = { ERR_NONE, "" };

	err_set(&e, s->problem.code, "%s%s%s", s->problem.text,
	    list[0] != '\0' ? ", not read: " : "", list);
	source_issue(&s->c, some ? ISSUE_PARTIAL : ISSUE_FAILED, &e, NULL);
}

static void nsx_finish(struct source *source)
{
	struct nsx *s = (struct nsx *)source;
	struct buf missing;

	nsx_join(&s->facts, s->calls[NSX_CERTIFICATES].state == NSX_READ);
	nsx_probe_finish(s);
	nsx_validate_finish(s);
	buf_init(&missing, MISSING_MAX_BYTES);
	list_missing(s, &missing);
	if (s->has_stopped)
		tell_problem(s, &missing);
	else if (missing.len > 0)
		tell_late(s, &missing);
	s->c.inv->sources[s->c.index].complete = !s->has_stopped && s->facts.remarks.n_gaps == 0;
	buf_clear(&missing);
}

static void clear_calls(struct nsx *s)
{
	for (size_t i = 0; i < NSX_N_STEPS; i++) {
		for (size_t k = 0; k < s->calls[i].n_cursors; k++)
			free(s->calls[i].cursors[k]);
		free(s->calls[i].cursors);
	}
}

static void clear_probes(struct nsx *s)
{
	for (size_t i = 0; i < s->n_probes; i++) {
		struct nsx_probe *p = &s->probes[i];

		free(p->endpoint);
		free(p->sni);
		free(p->service);
		free(p->node);
		free(p->name);
	}
	free(s->probes);
}

static void nsx_close(struct source *source)
{
	struct nsx *s = (struct nsx *)source;

	if (s == NULL)
		return;
	secret_wipe(&s->form);
	secret_wipe(&s->cookie);
	secret_wipe(&s->xsrf);
	credentials_wipe(&s->credentials);
	clear_calls(s);
	clear_probes(s);
	nsx_facts_clear(&s->facts);
	buf_clear(&s->url);
	free(s);
}

const struct source_ops source_nsx = {
	.kind = SOURCE_NSX,
	.open = nsx_open,
	.next = nsx_next,
	.take = nsx_take,
	.finish = nsx_finish,
	.close = nsx_close,
};
