/* opsman.c - Ops Manager as a source: its version, a token, the list of
 * certificate authorities, the list of deployed certificates.
 *
 *   INFO -> TOKEN -> CAS -> ROWS -> done
 *     \      /  ^     |      |
 *      -> UP    +-----+------+   a token that ends in mid-run: once
 *
 * UP asks a silent or confused Ops Manager which state it is in.  Parallel
 * calls get lost without an error there, whoever makes them: so one request
 * at a time, each under a lock that all our processes share.  The listener's
 * own certificate comes with the first handshake. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/endpoint.h"
#include "lib/source/login.h"
#include "lib/source/opsman_internal.h"

#define SMALL_MAX_BYTES ((size_t)1024 * 1024)
#define CAS_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define ROWS_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define CLAUSE_MAX_BYTES 2048

#define RETRIES_MAX 2            /* of one GET */
#define RETRY_WAIT_MS 1000       /* doubled each time, unless the server names a time */
#define RETRY_WAIT_MAX_S 10      /* who wants us to wait longer is not waited for */

enum phase { PHASE_INFO, PHASE_TOKEN, PHASE_UP, PHASE_CAS, PHASE_ROWS, PHASE_DONE };

#define FIRST_LIST PHASE_CAS
#define N_LISTS (PHASE_DONE - FIRST_LIST)

struct opsman {
	struct source_context c;
	struct credentials cr;
	struct err cr_err;           /* why there are none */
	char *endpoint;              /* "host:port" */
	char *lock_path;             /* NULL: no state directory */
	char *url;                   /* of the request under way */
	enum phase phase;
	enum phase after_login;
	bool in_flight;
	bool renewed;                /* the token was asked for a second time */
	size_t listener;             /* sighting of the leaf that it serves; SIZE_MAX: not seen */
	int n_retries;
	int64_t wake_ms;             /* 0: not waiting */
	int last_status;
	enum phase doubt;            /* which call made us ask for the state */
	struct opsman_login login;
	struct secret token;
	struct opsman_lists lists;
	struct err list_err[N_LISTS];
	bool list_read[N_LISTS];
	struct err failure;          /* what ended the poll early */
	const char *failed_what;
};

static void take_info(struct opsman *o, struct fetch_answer *a);
static void take_token(struct opsman *o, struct fetch_answer *a);
static void take_up(struct opsman *o, struct fetch_answer *a);
static void take_list(struct opsman *o, struct fetch_answer *a);

/* One row a phase. */
static const struct call {
	const char *path;
	const char *what;            /* in messages */
	enum fetch_verb verb;
	bool with_token, repeatable;
	size_t max_body_bytes;
	void (*take)(struct opsman *o, struct fetch_answer *a);
	int (*read)(struct opsman_lists *l, struct buf *body, struct err *e);
	const char *fault;           /* what is known about HTTP 500 here */
} calls[PHASE_DONE] = {
	[PHASE_INFO] = { .path = "/api/v0/info", .what = "info", .repeatable = true,
	    .max_body_bytes = SMALL_MAX_BYTES, .take = take_info },
	[PHASE_TOKEN] = { .path = OPSMAN_TOKEN, .what = "login", .verb = FETCH_POST,
	    .max_body_bytes = SMALL_MAX_BYTES, .take = take_token },
	[PHASE_UP] = { .path = OPSMAN_AVAILABILITY, .what = "state",
	    .max_body_bytes = SMALL_MAX_BYTES, .take = take_up },
	[PHASE_CAS] = { .path = "/api/v0/certificate_authorities",
	    .what = "certificate authorities", .with_token = true, .repeatable = true,
	    .max_body_bytes = CAS_MAX_BYTES, .take = take_list, .read = opsman_read_cas },
	[PHASE_ROWS] = { .path = "/api/v0/deployed/certificates",
	    .what = "deployed certificates", .with_token = true, .repeatable = true,
	    .max_body_bytes = ROWS_MAX_BYTES, .take = take_list, .read = opsman_read_rows,
	    .fault = "known of 2.10.40 to 2.10.42 and mended in 2.10.43" },
};

static void move_to(struct opsman *o, enum phase phase)
{
	o->phase = phase;
	o->n_retries = 0;
	o->wake_ms = 0;
}

/* Ends the poll; what was read so far stays. */
static void fail(struct opsman *o, const struct err *e, const char *what)
{
	o->failure = *e;
	o->failed_what = what;
	move_to(o, PHASE_DONE);
}

static struct source_status *status_of(const struct opsman *o)
{
	return &o->c.inv->sources[o->c.index];
}

/* --- version, and whether it is up --------------------------------------------- */

static void begin_login(struct opsman *o)
{
	struct err e = o->cr_err;

	if (e.code == ERR_NONE && source_login_held(&o->c, &o->cr, &e) == 0 &&
	    opsman_login_build(&o->login, &o->cr, &e) == 0)
		move_to(o, PHASE_TOKEN);
	else
		fail(o, &e, calls[PHASE_TOKEN].what);
}

static void ask_state(struct opsman *o)
{
	o->doubt = o->phase;
	move_to(o, PHASE_UP);
}

static void take_info(struct opsman *o, struct fetch_answer *a)
{
	struct err e = { ERR_NONE, "" };
	bool known;

	if (opsman_is_down(a)) {
		ask_state(o);
		return;
	}
	known = a->status == 200 && opsman_read_info(&a->body, &status_of(o)->version, &e) == 0;
	if (a->status != 200)
		opsman_error_status(a, NULL, NULL, &e);
	if (!known)
		source_issue(&o->c, ISSUE_NOTE, &e, "version not known");
	begin_login(o);
}

static void take_up(struct opsman *o, struct fetch_answer *a)
{
	const struct call *doubtful = &calls[o->doubt];
	struct err e = { ERR_NONE, "" };
	struct err state = { ERR_NONE, "" };

	if (opsman_read_availability(a, &state) < 0)
		err_set(&e, ERR_BUSY, "%s (%s: HTTP %d)", state.text, doubtful->path,
		    o->last_status);
	else if (o->doubt == PHASE_TOKEN)
		err_set(&e, ERR_BUSY, "Ops Manager says that it is ready, but its login service "
		    "may still be starting (%s: HTTP %d)", doubtful->path, o->last_status);
	if (e.code != ERR_NONE)
		fail(o, &e, doubtful->what);
	else
		begin_login(o);
}

/* --- login ----------------------------------------------------------------------- */

static void take_refused_login(struct opsman *o, struct fetch_answer *a)
{
	struct err e = { ERR_NONE, "" };

	source_login_refused(&o->c, &o->cr);
	opsman_login_refusal_error(a, o->c.target->credentials_path, &e);
	fail(o, &e, calls[PHASE_TOKEN].what);
}

static void take_token(struct opsman *o, struct fetch_answer *a)
{
	struct err e = { ERR_NONE, "" };

	if (opsman_is_login_refusal(a->status)) {
		take_refused_login(o, a);
	} else if (a->status == 429) {
		opsman_error_status(a, NULL, NULL, &e);
		fail(o, &e, calls[PHASE_TOKEN].what);
	} else if (a->status != 200 || opsman_is_html(a)) {
		ask_state(o);
	} else if (opsman_read_token(&a->body, &o->token, NULL, &e) < 0) {
		fail(o, &e, calls[PHASE_TOKEN].what);
	} else {
		source_login_worked(&o->c);
		move_to(o, o->after_login);
	}
}

/* --- the two lists ----------------------------------------------------------------- */

static void take_list(struct opsman *o, struct fetch_answer *a)
{
	const struct call *call = &calls[o->phase];
	struct err *e = &o->list_err[o->phase - FIRST_LIST];

	if (a->status == 401 && !o->renewed) {
		o->renewed = true;
		o->after_login = o->phase;
		begin_login(o);
		return;
	}
	if (a->status == 200)
		o->list_read[o->phase - FIRST_LIST] = call->read(&o->lists, &a->body, e) == 0;
	else
		opsman_error_status(a, status_of(o)->version, call->fault, e);
	move_to(o, o->phase + 1);
}

/* --- what happens to any request ------------------------------------------------------ */

/* The listener that we talk to serves a certificate of Ops Manager's own, and
 * no list is sure to show it.  A chain that was not trusted may be somebody
 * else's. */
static void note_listener(struct opsman *o, const struct fetch_answer *a)
{
	char service[] = "OM_UI";
	const struct use use = { service, NULL, NULL };

	if (o->listener != SIZE_MAX || a->chain.n == 0 ||
	    (a->err.code == ERR_TLS && !a->only_expired))
		return;
	o->listener = source_add_chain(&o->c, &a->chain, o->endpoint, ROLE_OM_UI, &use);
}

/* A GET that came at a bad moment is repeated, a few times. */
static bool put_off(struct opsman *o, int64_t now_ms, const struct fetch_answer *a)
{
	int64_t wait_ms = (int64_t)RETRY_WAIT_MS << o->n_retries;

	if (!calls[o->phase].repeatable || o->n_retries >= RETRIES_MAX ||
	    (a->status != 429 && a->status != 502 && a->status != 503) ||
	    a->retry_after_s > RETRY_WAIT_MAX_S)
		return false;
	if (a->retry_after_s > 0)
		wait_ms = a->retry_after_s * 1000;
	o->wake_ms = now_ms + wait_ms;
	o->n_retries++;
	return true;
}

/* No answer came.  One list must not hide the other, unless time is up. */
static void take_nothing(struct opsman *o, const struct fetch_answer *a)
{
	struct err e = a->err;

	if (o->phase >= FIRST_LIST && !a->only_expired && e.code != ERR_TIMEOUT) {
		o->list_err[o->phase - FIRST_LIST] = e;
		move_to(o, o->phase + 1);
		return;
	}
	if (a->only_expired)
		login_withheld(&a->chain, o->endpoint, &e);
	else if (o->phase == PHASE_UP)
		err_set(&e, ERR_BUSY, "Ops Manager is locked or starting (%s: HTTP %d), and %s "
		    "gave no answer: %s", calls[o->doubt].path, o->last_status,
		    calls[PHASE_UP].path, a->err.text);
	fail(o, &e, calls[o->phase].what);
}

static void opsman_take(struct source *s, int64_t now_ms, struct fetch_answer *a)
{
	struct opsman *o = (struct opsman *)s;

	assert(o->in_flight);
	o->in_flight = false;
	opsman_login_wipe(&o->login);
	note_listener(o, a);
	if (a->err.code != ERR_NONE) {
		take_nothing(o, a);
	} else if (!put_off(o, now_ms, a)) {
		if (o->phase != PHASE_UP)
			o->last_status = a->status;
		calls[o->phase].take(o, a);
	}
}

/* --- requests ------------------------------------------------------------------------- */

static void fill_request(struct opsman *o, struct fetch_request *r)
{
	const struct call *call = &calls[o->phase];

	free(o->url);
	o->url = mem_printf("%s%s", o->c.target->url, call->path);
	memset(r, 0, sizeof *r);
	r->verb = call->verb;
	r->url = o->url;
	r->family = o->c.target->family;
	r->trust = &o->c.target->trust;
	r->max_body_bytes = call->max_body_bytes;
	r->lock_path = o->lock_path;
	r->source = o->c.index;
	r->tag = (int)o->phase;
	if (call->with_token)
		r->bearer = &o->token;
	if (o->phase == PHASE_TOKEN) {
		r->basic_user = &o->login.user;
		r->basic_password = &o->login.password;
		r->form = &o->login.form;
	}
}

static enum want opsman_next(struct source *s, int64_t now_ms, struct fetch_request *r,
    int64_t *wake_ms)
{
	struct opsman *o = (struct opsman *)s;

	if (o->in_flight)
		return WANT_ANSWER;
	if (o->phase == PHASE_DONE)
		return WANT_NOTHING;
	if (now_ms < o->wake_ms) {
		*wake_ms = o->wake_ms;
		return WANT_WAKE;
	}
	o->wake_ms = 0;
	fill_request(o, r);
	o->in_flight = true;
	return WANT_REQUEST;
}

/* --- birth, end --------------------------------------------------------------------------- */

static struct source *opsman_open(const struct source_context *c)
{
	struct opsman *o = mem_alloc(sizeof *o);

	o->c = *c;
	o->phase = PHASE_INFO;
	o->after_login = FIRST_LIST;
	o->listener = SIZE_MAX;
	o->endpoint = endpoint_from_url(c->target->url);
	o->lock_path = opsman_lock_path(c->state_dir, o->endpoint);
	opsman_lists_init(&o->lists, &o->c);
	/* Without credentials the listener's certificate can still be told. */
	if (c->target->credentials_path != NULL &&
	    credentials_load(c->target->credentials_path, &o->cr, &o->cr_err) < 0)
		err_prefix(&o->cr_err, "credentials");
	return (struct source *)o;
}

/* "certificate authorities, deployed certificates": what there is no word of. */
static void add_missing(const struct opsman *o, struct buf *out)
{
	for (int i = 0; i < N_LISTS; i++) {
		if (o->list_read[i] || o->list_err[i].code != ERR_NONE)
			continue;
		buf_addf(out, "%s%s", out->len > 0 ? ", " : "; not read: ",
		    calls[FIRST_LIST + i].what);
	}
}

static void tell_failure(struct opsman *o, enum issue_kind kind)
{
	struct err e = { ERR_NONE, "" };
	struct buf missing;

	buf_init(&missing, CLAUSE_MAX_BYTES);
	if (kind == ISSUE_PARTIAL || o->failure.code == ERR_TIMEOUT)
		add_missing(o, &missing);
	err_set(&e, o->failure.code, "%s%s", o->failure.text, buf_str(&missing));
	source_issue(&o->c, kind, &e, o->failed_what);
	buf_clear(&missing);
}

/* The deadline came while nothing of ours was under way. */
static void fail_late(struct opsman *o)
{
	struct err e = { ERR_NONE, "" };

	if (o->wake_ms != 0)
		err_set(&e, ERR_TIMEOUT, "the deadline came before it could be asked again");
	else
		err_set(&e, ERR_TIMEOUT, "the deadline came before it could be asked");
	fail(o, &e, calls[o->phase].what);
}

static void opsman_finish(struct source *s)
{
	struct opsman *o = (struct opsman *)s;
	enum issue_kind kind = o->lists.n_found > 0 ? ISSUE_PARTIAL : ISSUE_FAILED;
	bool complete = o->lists.remarks.n_gaps == 0;

	if (o->phase != PHASE_DONE)
		fail_late(o);
	if (o->failure.code != ERR_NONE)
		tell_failure(o, kind);
	for (int i = 0; i < N_LISTS; i++) {
		if (o->list_err[i].code != ERR_NONE)
			source_issue(&o->c, kind, &o->list_err[i], calls[FIRST_LIST + i].what);
		complete = complete && o->list_read[i];
	}
	status_of(o)->complete = complete;
}

static void opsman_close(struct source *s)
{
	struct opsman *o = (struct opsman *)s;

	if (o == NULL)
		return;
	opsman_login_wipe(&o->login);
	secret_wipe(&o->token);
	credentials_wipe(&o->cr);
	opsman_lists_clear(&o->lists);
	free(o->endpoint);
	free(o->lock_path);
	free(o->url);
	free(o);
}

const struct source_ops source_opsman = {
	.kind = SOURCE_OPSMAN,
	.open = opsman_open,
	.next = opsman_next,
	.take = opsman_take,
	.finish = opsman_finish,
	.close = opsman_close,
};
