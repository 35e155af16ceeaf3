/* nsx_answer.c - what becomes of the answer to a call: read, asked again,
 * found absent, or lost with a sentence. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/nsx_internal.h"

/* "certificates, page 2 (/api/v1/trust-management/certificates)" */
static void describe(const struct nsx *s, size_t i, char what[NSX_WHAT_BYTES])
{
	const struct nsx_step_kind *step = &nsx_steps[i];
	struct buf text;

	buf_init(&text, NSX_WHAT_BYTES - 1);
	buf_adds(&text, step->label);
	if (s->calls[i].n_cursors > 0 || (step->read_row != NULL && step->query != NULL))
		buf_addf(&text, ", page %zu", s->calls[i].n_cursors + 1);
	buf_addf(&text, " (%s)", step->path);
	memcpy(what, buf_str(&text), text.len + 1);
	buf_clear(&text);
}

/* A step that failed; what it read before stays. */
static void lose(struct nsx *s, size_t i, const struct err *e)
{
	bool nothing = nsx_steps[i].is_required && s->facts.n_leafs == 0;
	char what[NSX_WHAT_BYTES];

	s->calls[i].state = NSX_LOST;
	s->facts.remarks.n_gaps++;
	describe(s, i, what);
	if (nothing && !s->is_proven)
		nsx_stop(s, e, what);   /* the others would fail in the same way */
	else
		source_issue(&s->c, nothing ? ISSUE_FAILED : ISSUE_PARTIAL, e, what);
}

/* --- answers that are none ------------------------------------------------------------- */

/* No HTTP answer at all. */
static void take_nothing(struct nsx *s, size_t i, const struct fetch_answer *a)
{
	char what[NSX_WHAT_BYTES];

	describe(s, i, what);
	if (!s->is_proven) {
		nsx_connection_failed(s, a, what);
	} else if (a->err.code == ERR_TIMEOUT) {
		s->calls[i].state = NSX_LATE;
		s->late = a->err;
	} else {
		lose(s, i, &a->err);
	}
}

/* The limits are those of the account, so every call waits. */
static bool wait_for(struct nsx *s, size_t i, int64_t now_ms, const struct fetch_answer *a,
    const struct nsx_refusal *why)
{
	struct nsx_call *call = &s->calls[i];
	int64_t wait_ms = (int64_t)NSX_FIRST_WAIT_MS << call->n_tries;

	if (!nsx_is_busy(a->status, why) || a->retry_after_s > NSX_LONGEST_WAIT_S)
		return false;
	if (++call->n_tries >= NSX_TRIES_MAX)
		return false;
	if (a->retry_after_s > 0)
		wait_ms = a->retry_after_s * 1000;
	if (now_ms + wait_ms > s->hold_until_ms)
		s->hold_until_ms = now_ms + wait_ms;
	nsx_refusal_error(a, why, &s->busy);
	call->state = NSX_READY;
	return true;
}

/* Calls that were under way with the old session are only made again. */
static bool renew_session(struct nsx *s, size_t i, int status, const struct nsx_refusal *why)
{
	if (s->credentials.login != LOGIN_SESSION || !nsx_is_stale_session(status, why))
		return false;
	if (s->calls[i].session == s->session) {
		if (s->session >= NSX_SESSIONS_MAX)
			return false;
		if (s->login == NSX_LOGIN_OPEN)
			s->login = NSX_LOGIN_WANTED;
	}
	s->calls[i].state = NSX_READY;
	return true;
}

/* With a session the login has been a request of its own. */
static bool is_first_login(const struct nsx *s)
{
	return !s->is_proven && s->credentials.login != LOGIN_SESSION;
}

static void take_refusal(struct nsx *s, size_t i, int64_t now_ms, struct fetch_answer *a)
{
	struct err e = { ERR_NONE, "" };
	char what[NSX_WHAT_BYTES];
	struct nsx_refusal why;

	nsx_read_refusal(a, &why);
	if (wait_for(s, i, now_ms, a, &why) || renew_session(s, i, a->status, &why))
		return;
	if (is_first_login(s) && nsx_is_login_refusal(a->status, &why)) {
		describe(s, i, what);
		nsx_login_refused(s, a, &why, what);
		return;
	}
	if ((a->status == 404 && nsx_steps[i].may_be_absent) ||
	    (a->status == 403 && nsx_steps[i].may_be_denied)) {
		s->calls[i].state = NSX_ABSENT;
		return;
	}
	nsx_refusal_error(a, &why, &e);
	lose(s, i, &e);
}

/* --- answers ------------------------------------------------------------------------------ */

/* 1: there is a next page, whose cursor is taken over; 0: none. */
static int turn_page(struct nsx_call *call, char **cursor, struct err *e)
{
	if (*cursor == NULL)
		return 0;
	if (strlen(*cursor) > NSX_CURSOR_MAX_BYTES)
		return err_set(e, ERR_ANSWER, "the cursor is longer than %d bytes",
		    NSX_CURSOR_MAX_BYTES);
	for (size_t i = 0; i < call->n_cursors; i++)
		if (strcmp(call->cursors[i], *cursor) == 0)
			return err_set(e, ERR_ANSWER, "its cursor is that of page %zu again, "
			    "so the rest of the list was not read", i + 1);
	if (call->n_cursors + 1 >= NSX_PAGES_MAX)
		return err_set(e, ERR_ANSWER, "more than %d pages, the rest was not read",
		    NSX_PAGES_MAX);
	call->cursors = mem_grow(call->cursors, &call->cap_cursors, call->n_cursors + 1,
	    sizeof *call->cursors);
	call->cursors[call->n_cursors++] = *cursor;
	*cursor = NULL;
	return 1;
}

/* The end of a list: was that all? */
static int check_end(const struct nsx_call *call, const struct nsx_step_kind *step, struct err *e)
{
	if (step->is_required && call->n_rows == 0)
		return err_set(e, ERR_ANSWER, "the list is empty, which that of a manager never "
		    "is: may the account read it?");
	if (step->is_required && (int64_t)call->n_rows < call->n_announced)
		return err_set(e, ERR_ANSWER, "%lld announced, %zu read: the list is not complete",
		    (long long)call->n_announced, call->n_rows);
	return 0;
}

/* JSON with a good status: the login is good. */
static void prove(struct nsx *s)
{
	if (!s->is_proven)
		source_login_worked(&s->c);
	s->is_proven = true;
	err_clear(&s->busy);
}

static int take_page(struct nsx *s, size_t i, struct buf *body, const char *what, struct err *e)
{
	const struct nsx_step_kind *step = &nsx_steps[i];
	struct nsx_call *call = &s->calls[i];
	struct nsx_page page;
	int failed, more;

	failed = nsx_read_page(&s->facts, body, what, step->read_row, step->max_rows - call->n_rows,
	    &page, e);
	call->n_rows += page.n_rows;
	if (call->n_cursors == 0)
		call->n_announced = page.n_announced;
	if (!failed || page.n_rows > 0)
		prove(s);
	if (failed)
		return -1;
	more = turn_page(call, &page.cursor, e);
	free(page.cursor);
	call->state = more > 0 ? NSX_READY : NSX_READ;
	return more != 0 ? (more > 0 ? 0 : -1) : check_end(call, step, e);
}

static int take_object(struct nsx *s, size_t i, struct buf *body, const char *what, struct err *e)
{
	struct json *doc = source_parse_body(body, e);
	int failed;

	if (doc == NULL)
		return -1;
	prove(s);
	failed = nsx_steps[i].read(&s->facts, doc, what, e);
	s->calls[i].state = NSX_READ;
	json_free(doc);
	return failed;
}

static void take_document(struct nsx *s, size_t i, struct buf *body)
{
	struct err e = { ERR_NONE, "" };
	char what[NSX_WHAT_BYTES];
	int failed;

	describe(s, i, what);
	s->calls[i].n_tries = 0;
	if (nsx_steps[i].read_row != NULL)
		failed = take_page(s, i, body, what, &e);
	else
		failed = take_object(s, i, body, what, &e);
	if (failed)
		lose(s, i, &e);
}

void nsx_take_call(struct nsx *s, size_t i, int64_t now_ms, struct fetch_answer *a)
{
	assert(s->calls[i].state == NSX_SENT && s->n_calls_sent > 0);
	s->n_calls_sent--;
	s->last_call_ms = a->elapsed_ms;
	if (a->err.code != ERR_NONE)
		take_nothing(s, i, a);
	else if (a->status / 100 != 2)
		take_refusal(s, i, now_ms, a);
	else
		take_document(s, i, &a->body);
	nsx_probe_plan(s);
}
