/* api_session.c - calls to an NSX Manager: its logins, sessions among them,
 * and its refusals. */
#include "remediate/api_internal.h"

#include "lib/base/clock.h"
#include "lib/source/nsx_api.h"

#define SMALL_MAX_BYTES ((size_t)64 * 1024)
#define LOGOUT_MS 5000

static bool wants_session(const struct api *a)
{
	return a->credentials.login == LOGIN_SESSION;
}

static void forget_session(struct api *a)
{
	secret_wipe(&a->cookie);
	secret_wipe(&a->xsrf);
}

static void refuse(struct api *a, const struct fetch_answer *answer, const struct nsx_refusal *why,
    struct err *e)
{
	const struct login_guard guard = api_login_guard(a);

	nsx_login_refusal_error(a->credentials.login, &guard, answer, why, &a->refused);
	api_login_refused(a);
	*e = a->refused;
}

/* --- sessions ------------------------------------------------------------------- */

static enum api_outcome take_refused_login(struct api *a, struct fetch_answer *answer,
    struct err *e)
{
	struct nsx_refusal why;

	nsx_read_refusal(answer, &why);
	if (nsx_is_login_refusal(answer->status, &why)) {
		refuse(a, answer, &why, e);
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
		return take_refused_login(a, answer, e);
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

static enum api_outcome session_login(struct api *a, int64_t deadline_ms, struct err *e)
{
	if (wants_session(a) && a->cookie.bytes == NULL)
		return make_session(a, deadline_ms, e);
	return API_DONE;
}

static void session_fill(const struct api *a, struct fetch_request *r)
{
	nsx_credentials_fill(&a->credentials, &a->cookie, &a->xsrf, r);
}

/* One that stays open ends by itself: nothing is made of a failure. */
static void session_logout(struct api *a)
{
	struct fetch_request r = { .verb = FETCH_POST, .max_body_bytes = SMALL_MAX_BYTES };
	struct fetch_answer answer;

	if (a->cookie.bytes == NULL)
		return;
	session_fill(a, &r);
	api_exchange(a, &r, NSX_SESSION_DESTROY, clock_mono_ms() + LOGOUT_MS, &answer);
	fetch_answer_clear(&answer);
	forget_session(a);
}

/* --- answers ----------------------------------------------------------------------- */

static enum api_outcome session_outcome(const struct api_request *r,
    const struct fetch_answer *answer)
{
	(void)r;
	return api_outcome_of(answer);
}

/* Does this refusal mean the login? */
static bool is_refused_login(const struct api *a, const struct fetch_answer *answer,
    const struct nsx_refusal *why)
{
	if (wants_session(a) || !nsx_is_login_refusal(answer->status, why))
		return false;
	/* Later on it may be this one call that the account may not make. */
	return !a->is_proven || nsx_is_stale_session(answer->status, why);
}

static void session_refused(struct api *a, const struct api_request *r,
    struct fetch_answer *answer, struct api_answer *out, bool *again, struct err *e)
{
	struct nsx_refusal why;

	nsx_read_refusal(answer, &why);
	out->error_code = why.error_code > 0 ? why.error_code : 0;
	if (is_refused_login(a, answer, &why)) {
		refuse(a, answer, &why, e);
		out->outcome = API_REFUSED;
		return;
	}
	if (r->verb == FETCH_GET)
		nsx_refusal_error(answer, &why, e);
	else
		nsx_change_refusal_error(answer, &why, e);
	if (!wants_session(a) || !nsx_is_stale_session(answer->status, &why))
		return;
	forget_session(a);
	*again = r->verb == FETCH_GET;
	if (!*again)
		err_prefix(e, "the session has ended, and what changes something is not sent again "
		    "by itself");
}

const struct api_dialect api_nsx = {
	.load = nsx_credentials_load, .login = session_login, .fill = session_fill,
	.outcome = session_outcome, .refused = session_refused, .logout = session_logout,
};
