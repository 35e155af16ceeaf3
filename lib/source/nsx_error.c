/* nsx_error.c - what an NSX Manager means when it says no.
 *
 * A gateway in front of it may answer with a web page or with nothing, so
 * nothing here needs the body to be JSON. */
#include "lib/source/nsx_api.h"

#include <string.h>
#include "lib/base/json.h"
#include "lib/base/text.h"
#include "lib/source/source.h"

/* error_code values that something is done about. */
enum {
	CODE_STALE_XSRF = 98,
	CODE_CLIENT_CERT = 99,       /* with 500: the client certificate is not trusted */
	CODE_BAD_LOGIN = 403,
	CODE_DATASTORE_BUSY = 607    /* with 500: the datastore changes its layout */
};

static void clean_message(const char *text, struct nsx_refusal *why)
{
	struct buf clean;

	buf_init(&clean, sizeof why->message - 1);
	text_clean(&clean, text, SIZE_MAX, NSX_CLAUSE_COLUMNS);
	memcpy(why->message, buf_str(&clean), clean.len + 1);
	buf_clear(&clean);
}

/* Some servers quote the number. */
static int64_t read_code(const struct json *code)
{
	int64_t value = -1;

	if (json_is_string(code) && text_to_i64(json_str(code), 0, INT32_MAX, &value) < 0)
		return -1;
	if (json_is_number(code) && !json_i64(code, &value))
		return -1;
	return value;
}

void nsx_read_refusal(struct fetch_answer *a, struct nsx_refusal *why)
{
	const char *start = buf_str(&a->body) + strspn(buf_str(&a->body), " \t\r\n");
	const char *message;
	struct json *doc;

	*why = (struct nsx_refusal){ .error_code = -1 };
	if (*start == '<')
		clean_message("a web page instead of JSON", why);
	doc = source_parse_body(&a->body, NULL);
	message = json_str(json_get(doc, "error_message"));
	if (message != NULL)
		clean_message(message, why);
	why->error_code = read_code(json_get(doc, "error_code"));
	json_free(doc);
}

bool nsx_is_busy(int status, const struct nsx_refusal *why)
{
	return status == 429 || status == 503 ||
	    (status == 500 && why->error_code == CODE_DATASTORE_BUSY);
}

bool nsx_is_login_refusal(int status, const struct nsx_refusal *why)
{
	return status == 401 || status == 403 ||
	    (status == 500 && why->error_code == CODE_CLIENT_CERT);
}

bool nsx_is_stale_session(int status, const struct nsx_refusal *why)
{
	return status == 401 || (status == 403 &&
	    (why->error_code == CODE_STALE_XSRF || why->error_code == CODE_BAD_LOGIN));
}

/* What to make of a status; the first row that fits. */
struct meaning {
	int from, to;
	enum err_code code;
	const char *advice;
};

#define MEANS_ELSEWHERE { 300, 399, ERR_ANSWER, \
	"redirected, not followed: set url to the manager itself" }
#define MEANS_LOGIN { 401, 401, ERR_REFUSED, "the login does not count for this call" }
#define MEANS_BUSY \
	{ 429, 429, ERR_BUSY, "the manager is busy: too many requests" }, \
	{ 503, 503, ERR_BUSY, "the manager is busy or starting" }, \
	{ 502, 504, ERR_REFUSED, "the manager's API is not up behind its gateway" }
#define MEANS_NO { 0, 999, ERR_REFUSED, NULL }

static const struct meaning when_read[] = {
	MEANS_ELSEWHERE, MEANS_LOGIN,
	{ 403, 403, ERR_REFUSED, "the account may not read this: give it a role that reads "
	    "certificates, such as auditor" },
	{ 404, 404, ERR_REFUSED, "not there: is url that of an NSX Manager?" },
	MEANS_BUSY, MEANS_NO
};

static const struct meaning when_changed[] = {
	MEANS_ELSEWHERE, MEANS_LOGIN,
	{ 403, 403, ERR_REFUSED, "the account may not change this: give it a role that replaces "
	    "certificates, such as enterprise_admin" },
	{ 404, 404, ERR_REFUSED, "not there: gone meanwhile, or this version lacks it" },
	{ 412, 412, ERR_REFUSED, "somebody else has changed it meanwhile" },
	MEANS_BUSY, MEANS_NO
};

static void refusal_error(const struct meaning *m, const struct fetch_answer *a,
    const struct nsx_refusal *why, struct err *e)
{
	bool is_redirect = a->status / 100 == 3 && a->location[0] != '\0';
	const char *said = is_redirect ? a->location : why->message;
	struct buf text;

	while (a->status < m->from || a->status > m->to)
		m++;    /* ends: the last row fits every status */
	buf_init(&text, ERR_TEXT_BYTES);
	buf_addf(&text, "HTTP %d", a->status);
	if (said[0] != '\0')
		buf_addf(&text, " (%s)", said);
	if (m->advice != NULL)
		buf_addf(&text, ": %s", m->advice);
	err_set(e, nsx_is_busy(a->status, why) ? ERR_BUSY : m->code, "%s", buf_str(&text));
	buf_clear(&text);
}

void nsx_refusal_error(const struct fetch_answer *a, const struct nsx_refusal *why, struct err *e)
{
	refusal_error(when_read, a, why, e);
}

void nsx_change_refusal_error(const struct fetch_answer *a, const struct nsx_refusal *why,
    struct err *e)
{
	refusal_error(when_changed, a, why, e);
}

/* "until FILE changes or 1h has passed", where that is remembered. */
static void add_when(const struct login_guard *guard, struct buf *out)
{
	char span[TEXT_SPAN_BYTES];

	if (guard->dir == NULL)
		buf_adds(out, "in this run");
	else
		buf_addf(out, "until %s changes or %s has passed", guard->credentials_path,
		    text_from_span(guard->retry_s, span));
}

void nsx_login_refusal_error(enum login login, const struct login_guard *guard,
    const struct fetch_answer *a, const struct nsx_refusal *why, struct err *e)
{
	struct buf text;

	buf_init(&text, ERR_TEXT_BYTES);
	buf_addf(&text, "%s: not tried again ", login == LOGIN_CLIENT_CERT ?
	    "the client certificate was refused, or is that of no principal identity" :
	    "the credentials were refused or the account is locked");
	add_when(guard, &text);
	buf_addf(&text, " (HTTP %d%s%s)", a->status, why->message[0] != '\0' ? ", " : "",
	    why->message);
	err_set(e, ERR_AUTH, "%s", buf_str(&text));
	buf_clear(&text);
}
