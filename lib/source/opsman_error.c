/* opsman_error.c - what a refusal of Ops Manager says, in one clause.
 *
 * Its API answers errors as a list, as lists inside an object, as a string,
 * as a web page of the server in front of it, or with nothing at all. */
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include "lib/base/json.h"
#include "lib/base/text.h"
#include "lib/source/opsman_api.h"

#define CLAUSE_MAX_BYTES 2048
#define MESSAGES_MAX 3     /* the rest is seldom another reason */
#define VIOLATIONS_MAX 12  /* but of a safety check each one is */
#define NESTING_MAX 4
#define VERSION_COLUMNS 64

/* Members that hold a reason. */
static const char *const reason_keys[] = {
	"error", "error_description", "errors", "violation", "safety_violations"
};

struct messages {
	struct buf *out;
	size_t n, max;
};

static void add_message(struct messages *m, const char *text)
{
	if (text[0] == '\0')
		return;
	if (m->n++ > 0)
		buf_adds(m->out, ", ");
	text_clean(m->out, text, SIZE_MAX, OPSMAN_CLAUSE_COLUMNS);
}

/* An object is either an answer, whose reasons have known keys, or a set of
 * lists by field name ("base"). */
static void collect_messages(struct messages *m, const struct json *n, int depth)
{
	size_t n_before = m->n;

	if (n == NULL || depth > NESTING_MAX || m->n >= m->max)
		return;
	if (json_is_string(n)) {
		add_message(m, json_str(n));
		return;
	}
	for (size_t i = 0; i < sizeof reason_keys / sizeof reason_keys[0]; i++)
		collect_messages(m, json_get(n, reason_keys[i]), depth + 1);
	if (m->n > n_before)
		return;
	for (const struct json *child = json_first(n); child != NULL; child = json_next(child))
		collect_messages(m, child, depth + 1);
}

bool opsman_is_html(const struct fetch_answer *a)
{
	const char *text = buf_str(&a->body);

	return text[strspn(text, " \t\r\n")] == '<';
}

bool opsman_is_down(const struct fetch_answer *a)
{
	return opsman_is_html(a) || (a->status >= 300 && a->status < 400) ||
	    (a->status >= 502 && a->status <= 504);
}

void opsman_error_clause(struct fetch_answer *a, struct buf *out)
{
	struct messages m = { out, 0, MESSAGES_MAX };
	struct json *doc;

	if (a->body.len == 0)
		return;
	if (opsman_is_html(a)) {
		buf_adds(out, "a web page instead of an API answer");
		return;
	}
	doc = json_parse(a->body.data, a->body.len, NULL);
	if (doc == NULL)
		return;
	if (json_get(doc, "safety_violations") != NULL)
		m.max = VIOLATIONS_MAX;
	collect_messages(&m, doc, 0);
	json_free(doc);
}

/* What a status means here, and what to do about it; the first row that fits. */
struct meaning {
	int from, to;
	enum err_code code;
	const char *advice;
};

#define MEANS_ELSEWHERE \
	{ 300, 399, ERR_BUSY, "Ops Manager sends us elsewhere; it may be locked or starting" }
#define MEANS_MAY_NOT_READ \
	{ 403, 403, ERR_REFUSED, "this account may not read it; its client or user needs the scope " \
	    "opsman.restricted_view" }
#define MEANS_BUSY { 429, 429, ERR_BUSY, "too many requests" }
#define MEANS_FAULT { 500, 599, ERR_REFUSED, "a fault of the server" }
#define MEANS_GONE \
	{ 404, 404, ERR_REFUSED, "not there: gone meanwhile, or this version lacks it" }
#define MEANS_DOWN { 502, 504, ERR_BUSY, "Ops Manager is locked or starting" }
#define MEANS_NO { INT_MIN, INT_MAX, ERR_REFUSED, NULL }

static const struct meaning of_a_list[] = {
	MEANS_ELSEWHERE,
	{ 401, 401, ERR_AUTH, "a new token was refused too" },
	MEANS_MAY_NOT_READ,
	{ 404, 404, ERR_REFUSED, "this Ops Manager does not know the call, which came with 1.10" },
	MEANS_BUSY,
	{ 502, 504, ERR_BUSY, "Ops Manager is starting or upgrading" },
	MEANS_FAULT,
	{ 200, 299, ERR_ANSWER, "an answer without the list" },
	MEANS_NO
};

static const struct meaning when_read[] = {
	{ 200, 299, ERR_BUSY, "Ops Manager is locked or starting" },
	MEANS_ELSEWHERE,
	{ 401, 401, ERR_REFUSED, "the token does not count for this call" },
	MEANS_MAY_NOT_READ, MEANS_GONE, MEANS_BUSY, MEANS_DOWN, MEANS_FAULT, MEANS_NO
};

static const struct meaning when_changed[] = {
	{ 200, 299, ERR_ANSWER, "whether it was done is not told" },
	MEANS_ELSEWHERE,
	{ 401, 401, ERR_REFUSED, "the token does not count for this call" },
	{ 403, 403, ERR_REFUSED, "this account may not change it; its client or user needs the scope "
	    "opsman.restricted_control, or more" },
	MEANS_GONE, MEANS_BUSY, MEANS_DOWN, MEANS_FAULT, MEANS_NO
};

static void status_error(const struct meaning *m, struct fetch_answer *a, const char *version,
    const char *fault, struct err *e)
{
	struct buf clause;
	struct buf told;

	while (a->status < m->from || a->status > m->to)
		m++;    /* ends: the last row fits every status */
	buf_init(&clause, CLAUSE_MAX_BYTES);
	buf_init(&told, CLAUSE_MAX_BYTES);
	opsman_error_clause(a, &clause);
	buf_addf(&told, "HTTP %d", a->status);
	if (a->location[0] != '\0') {
		buf_adds(&clause, clause.len > 0 ? ", to " : "to ");
		text_clean(&clause, a->location, strcspn(a->location, "?#"), OPSMAN_CLAUSE_COLUMNS);
	}
	if (a->status == 404 && version != NULL) {
		buf_adds(&told, ", version ");
		text_clean(&told, version, SIZE_MAX, VERSION_COLUMNS);
	}
	if (m->advice != NULL)
		buf_addf(&told, ": %s", m->advice);
	if (a->status == 500 && fault != NULL)
		buf_addf(&told, ", %s", fault);
	if (clause.len > 0)
		buf_addf(&told, " (%s)", buf_str(&clause));
	err_set(e, m->code, "%s", buf_str(&told));
	buf_clear(&clause);
	buf_clear(&told);
}

void opsman_error_status(struct fetch_answer *a, const char *version, const char *fault,
    struct err *e)
{
	status_error(of_a_list, a, version, fault, e);
}

void opsman_refusal_error(struct fetch_answer *a, struct err *e)
{
	status_error(when_read, a, NULL, NULL, e);
}

void opsman_change_refusal_error(struct fetch_answer *a, struct err *e)
{
	status_error(when_changed, a, NULL, NULL, e);
}
