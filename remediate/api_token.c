/* api_token.c - calls to an Ops Manager: its tokens, and its refusals. */
#include "remediate/api_internal.h"

#include <stdlib.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/source/opsman_api.h"

#define SMALL_MAX_BYTES ((size_t)1024 * 1024)
#define RENEW_AT_PERCENT 80      /* of its life: it must not end in mid-call */

static int token_load(const char *path, struct credentials *c, struct err *e)
{
	struct opsman_login login = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	int failed = 0;

	*c = (struct credentials){ .login = LOGIN_NONE };
	if (path != NULL)
		failed = credentials_load(path, c, e);
	if (!failed)
		failed = opsman_login_build(&login, c, e);
	opsman_login_wipe(&login);
	if (failed)
		err_prefix(e, "credentials");
	return failed;
}

/* --- a token --------------------------------------------------------------------- */

static void forget_token(struct api *a)
{
	secret_wipe(&a->token);
	a->token_renew_ms = 0;
}

static void note_life(struct api *a, int64_t life_s)
{
	/* One that says it counts for a century may as well not tell. */
	if (life_s > 0 && life_s < INT64_MAX / 2000)
		a->token_renew_ms = clock_mono_ms() + life_s * 10 * RENEW_AT_PERCENT;
}

/* Something else than the login service has answered: in which state is it? */
static enum api_outcome ask_state(struct api *a, int status, int64_t deadline_ms, struct err *e)
{
	struct fetch_request r = { .verb = FETCH_GET, .max_body_bytes = SMALL_MAX_BYTES };
	struct err state = { ERR_NONE, "" };
	struct fetch_answer answer;

	api_exchange(a, &r, OPSMAN_AVAILABILITY, deadline_ms, &answer);
	if (answer.err.code != ERR_NONE)
		err_set(e, ERR_BUSY, "Ops Manager is locked or starting (HTTP %d), and %s gave no "
		    "answer: %s", status, OPSMAN_AVAILABILITY, answer.err.text);
	else if (opsman_read_availability(&answer, &state) != 0)
		err_set(e, ERR_BUSY, "Ops Manager is locked or starting (HTTP %d): %s", status,
		    state.text);
	else
		err_set(e, ERR_BUSY, "Ops Manager says that it is ready, but its login service may "
		    "still be locked or starting (HTTP %d)", status);
	fetch_answer_clear(&answer);
	return API_BUSY;
}

static enum api_outcome take_token(struct api *a, struct fetch_answer *answer,
    int64_t deadline_ms, struct err *e)
{
	int64_t life_s = 0;

	if (answer->err.code != ERR_NONE) {
		api_connection_error(a, answer, e);
		return API_NOT_SENT;
	}
	if (opsman_is_login_refusal(answer->status)) {
		opsman_login_refusal_error(answer, a->credentials_path, &a->refused);
		api_login_refused(a);
		*e = a->refused;
		return API_REFUSED;
	}
	if (answer->status == 429) {
		opsman_refusal_error(answer, e);
		return API_BUSY;
	}
	if (answer->status != 200 || opsman_is_html(answer))
		return ask_state(a, answer->status, deadline_ms, e);
	if (opsman_read_token(&answer->body, &a->token, &life_s, e) != 0)
		return API_NOT_SENT;
	note_life(a, life_s);
	api_login_worked(a);
	return API_DONE;
}

static enum api_outcome make_token(struct api *a, int64_t deadline_ms, struct err *e)
{
	struct fetch_request r = { .verb = FETCH_POST, .max_body_bytes = SMALL_MAX_BYTES };
	struct opsman_login login = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	enum api_outcome outcome = API_NOT_SENT;
	struct fetch_answer answer;

	forget_token(a);
	if (opsman_login_build(&login, &a->credentials, e) == 0) {
		r.basic_user = &login.user;
		r.basic_password = &login.password;
		r.form = &login.form;
		api_exchange(a, &r, OPSMAN_TOKEN, deadline_ms, &answer);
		outcome = take_token(a, &answer, deadline_ms, e);
		buf_wipe(&answer.body);
		fetch_answer_clear(&answer);
	}
	opsman_login_wipe(&login);
	if (outcome != API_DONE)
		err_prefix(e, "%s", OPSMAN_TOKEN);
	return outcome;
}

static enum api_outcome token_login(struct api *a, int64_t deadline_ms, struct err *e)
{
	if (a->token.bytes == NULL ||
	    (a->token_renew_ms != 0 && clock_mono_ms() >= a->token_renew_ms))
		return make_token(a, deadline_ms, e);
	return API_DONE;
}

static void token_fill(const struct api *a, struct fetch_request *r)
{
	r->bearer = &a->token;
}

/* --- answers ----------------------------------------------------------------------- */

/* A web page that stands in for the answer says nothing about a change. */
static enum api_outcome token_outcome(const struct api_request *r,
    const struct fetch_answer *answer)
{
	const enum api_outcome by_status = api_outcome_of(answer);

	if (!opsman_is_down(answer) || answer->status / 100 == 4 || answer->status == 500)
		return by_status;
	if (r->verb == FETCH_GET)
		return API_BUSY;
	return by_status == API_DONE ? API_UNKNOWN : by_status;
}

static void keep_refusal(const struct fetch_answer *answer, struct api_answer *out)
{
	const size_t n = answer->body.len;
	char *copy;

	if (n == 0 || n > SMALL_MAX_BYTES || opsman_is_html(answer))
		return;
	copy = mem_dup(buf_str(&answer->body), n + 1);
	out->refusal = json_parse(copy, n, NULL);
	free(copy);
}

static void token_refused(struct api *a, const struct api_request *r, struct fetch_answer *answer,
    struct api_answer *out, bool *again, struct err *e)
{
	keep_refusal(answer, out);
	if (r->verb == FETCH_GET)
		opsman_refusal_error(answer, e);
	else
		opsman_change_refusal_error(answer, e);
	if (answer->status != 401)
		return;
	forget_token(a);
	*again = r->verb == FETCH_GET;
	if (!*again)
		err_prefix(e, "the token has ended, and what changes something is not sent again by "
		    "itself");
}

const struct api_dialect api_opsman = {
	.load = token_load, .login = token_login, .fill = token_fill, .outcome = token_outcome,
	.refused = token_refused,
};
