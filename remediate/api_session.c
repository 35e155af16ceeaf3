/* api_session.c - the login of the handler's calls.
 *
 * The product does not tell a wrong password from a locked account, and locks
 * it for everybody after a few tries: a refusal is final. */
#include "remediate/api_internal.h"

#include <stdlib.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"

#define SMALL_MAX_BYTES ((size_t)64 * 1024)
#define LOGOUT_MS 5000

static struct login_guard guard_of(const struct api *a)
{
	return (struct login_guard){ .dir = a->remember_dir, .account = a->account,
	    .credentials_path = a->credentials_path, .retry_s = a->target->auth_retry_s,
	    .now_at = clock_wall_s() };
}

static bool wants_session(const struct api *a)
{
	return a->credentials.login == LOGIN_SESSION;
}

static void forget_session(struct api *a)
{
	secret_wipe(&a->cookie);
	secret_wipe(&a->xsrf);
}

void api_login_worked(struct api *a)
{
	const struct login_guard guard = guard_of(a);

	if (!a->is_proven)
		login_worked(&guard);
	a->is_proven = true;
}

/* The refusal counts in this process whether or not it can be written down. */
static void refuse(struct api *a, const struct fetch_answer *answer, const struct nsx_refusal *why)
{
	const struct login_guard guard = guard_of(a);
	struct err e = { ERR_NONE, "" };

	nsx_login_refusal_error(a->credentials.login, &guard, answer, why, &a->refused);
	if (login_refused(&guard, a->credentials.identity, &e) != 0)
		trace_line(a->trace, TRACE_REQUEST, "%s: the refused login cannot be remembered: %s",
		    a->target->name, e.text);
}

bool api_login_refused(struct api *a, const struct fetch_answer *answer,
    const struct nsx_refusal *why, struct err *e)
{
	if (wants_session(a) || !nsx_is_login_refusal(answer->status, why))
		return false;
	/* Later on it may be this one call that the account may not make. */
	if (a->is_proven && !nsx_is_stale_session(answer->status, why))
		return false;
	refuse(a, answer, why);
	*e = a->refused;
	return true;
}

bool api_session_ended(struct api *a, int status, const struct nsx_refusal *why)
{
	if (!wants_session(a) || !nsx_is_stale_session(status, why))
		return false;
	forget_session(a);
	return true;
}

/* --- sessions ------------------------------------------------------------------- */

static enum api_outcome take_refusal(struct api *a, struct fetch_answer *answer, struct err *e)
{
	struct nsx_refusal why;

	nsx_read_refusal(answer, &why);
	if (nsx_is_login_refusal(answer->status, &why)) {
		refuse(a, answer, &why);
		*e = a->refused;
		return API_REFUSED;
	}
	nsx_change_refusal_error(answer, &why, e);
	return nsx_is_busy(answer->status, &why) ? API_BUSY : API_NOT_SENT;
}

/* Whatever becomes of the login, the call that wants it is not made unless
 * this is API_DONE. */
static enum api_outcome take_session(struct api *a, struct fetch_answer *answer, struct err *e)
{
	if (answer->err.code != ERR_NONE) {
		api_connection_error(a, answer, e);
		return API_NOT_SENT;
	}
	if (answer->status / 100 != 2)
		return take_refusal(a, answer, e);
	if (nsx_session_check(answer, e) != 0)
		return API_NOT_SENT;
	a->cookie = answer->cookie;
	a->xsrf = answer->xsrf;
	answer->cookie = answer->xsrf = (struct secret){ NULL, 0 };
	api_login_worked(a);
	return API_DONE;
}

static enum api_outcome make_session(struct api *a, int64_t deadline_ms, struct err *e)
{
	struct fetch_request r = { .verb = FETCH_POST, .max_body_bytes = SMALL_MAX_BYTES };
	struct secret form = { NULL, 0 };
	struct fetch_answer answer;
	enum api_outcome outcome;

	nsx_session_form(&a->credentials, &form);
	r.form = &form;
	api_exchange(a, &r, NSX_SESSION_CREATE, deadline_ms, &answer);
	secret_wipe(&form);
	outcome = take_session(a, &answer, e);
	if (outcome != API_DONE)
		err_prefix(e, "%s", NSX_SESSION_CREATE);
	fetch_answer_clear(&answer);
	return outcome;
}

enum api_outcome api_login(struct api *a, int64_t deadline_ms, struct err *e)
{
	const struct login_guard guard = guard_of(a);

	if (a->refused.code != ERR_NONE) {
		*e = a->refused;
		return API_NOT_SENT;
	}
	if (!a->is_proven && login_held(&guard, a->credentials.identity, e) != 0)
		return API_NOT_SENT;
	if (wants_session(a) && a->cookie.bytes == NULL)
		return make_session(a, deadline_ms, e);
	return API_DONE;
}

/* One that stays open ends by itself: nothing is made of a failure. */
void api_logout(struct api *a)
{
	struct fetch_request r = { .verb = FETCH_POST, .max_body_bytes = SMALL_MAX_BYTES };
	struct fetch_answer answer;

	if (a->cookie.bytes == NULL)
		return;
	nsx_credentials_fill(&a->credentials, &a->cookie, &a->xsrf, &r);
	api_exchange(a, &r, NSX_SESSION_DESTROY, clock_mono_ms() + LOGOUT_MS, &answer);
	fetch_answer_clear(&answer);
	forget_session(a);
}
