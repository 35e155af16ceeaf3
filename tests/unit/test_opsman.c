/* test_opsman.c - the Ops Manager source as a state machine: which request
 * follows which answer, with no network.  Every drive also checks that no two
 * requests are under way, that each carries the lock, and that only the
 * calls that need it carry a login. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "tests/unit/opsman_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define URL "https://opsman.example"
#define LOG_BYTES 512
#define REPLIES_MAX 6
#define STEPS_MAX 100           /* of one drive: more is a loop without end */

/* Paths and the words that stand for them in a log. */
enum place { INFO, TOKEN, UP, CAS, ROWS, N_PLACES };
static const struct { const char *path, *word, *file; } places[N_PLACES] = {
	[INFO] = { "/api/v0/info", "info", "info.json" },
	[TOKEN] = { "/uaa/oauth/token", "token", NULL },
	[UP] = { "/login/ensure_availability", "up", NULL },
	[CAS] = { "/api/v0/certificate_authorities", "cas", "certificate_authorities.json" },
	[ROWS] = { "/api/v0/deployed/certificates", "rows", "deployed_certificates.json" },
};

/* An answer other than the healthy one, for the nth request to a place (0:
 * every one). */
struct reply {
	enum place place;
	int nth;
	int status;
	const char *body;
	const char *location;
	int64_t retry_after_s;       /* 0: none */
	enum err_code err;           /* no HTTP answer at all */
	bool only_expired;
};

struct drive {
	struct world w;
	struct source *s;
	const struct reply *replies;
	size_t n_replies;
	const char *chain;           /* PEM file of the first handshake; NULL: none */
	bool has_many_handshakes;    /* no connection is used again */
	int n_seen[N_PLACES];
	int n_answers;
	int64_t now_ms;
	char log[LOG_BYTES];
};

static void say(struct drive *d, const char *word)
{
	size_t n = strlen(d->log);

	snprintf(d->log + n, sizeof d->log - n, "%s%s", n > 0 ? " " : "", word);
}

static const char *login_file(enum login login)
{
	return login == LOGIN_CLIENT
	    ? scratch_text("login", "client_id=check:certs\nclient_secret=s&cret\n", 0600)
	    : scratch_text("login", "username=monitor\npassword=p&ss word\n", 0600);
}

static const char *state_dir(void)
{
	return scratch_path(".");
}

static void drive_open(struct drive *d, const char *credentials_path, const char *state)
{
	memset(d, 0, sizeof *d);
	world_open(&d->w, URL, credentials_path, state);
	d->chain = "ui.pem";
	d->now_ms = 1000;
	d->s = source_opsman.open(&d->w.c);
}

static void drive_close(struct drive *d)
{
	source_opsman.close(d->s);
	world_close(&d->w);
}

/* --- requests ------------------------------------------------------------------------ */

static enum place place_of(const char *url)
{
	ck_assert_int_eq(strncmp(url, URL, strlen(URL)), 0);
	for (int i = 0; i < N_PLACES; i++)
		if (strcmp(url + strlen(URL), places[i].path) == 0)
			return i;
	ck_abort_msg("unexpected request: %s", url);
}

static void check_request(struct drive *d, const struct fetch_request *r, enum place place)
{
	char token[32];
	bool is_list = place == CAS || place == ROWS;

	ck_assert_int_eq(r->verb, place == TOKEN ? FETCH_POST : FETCH_GET);
	ck_assert_ptr_eq(r->trust, &d->w.target.trust);
	ck_assert_uint_eq(r->source, d->w.c.index);
	ck_assert_uint_gt(r->max_body_bytes, 0);
	ck_assert_int_eq(r->lock_path != NULL, d->w.c.state_dir != NULL);
	if (r->lock_path != NULL)
		ck_assert_ptr_nonnull(strstr(r->lock_path, "/opsman-opsman.example_443.lock"));
	ck_assert_int_eq(r->form != NULL, place == TOKEN);
	ck_assert_int_eq(r->basic_user != NULL, place == TOKEN);
	ck_assert_int_eq(r->basic_password != NULL, place == TOKEN);
	ck_assert_int_eq(r->bearer != NULL, is_list);
	ck_assert(r->cookie == NULL && r->xsrf == NULL && r->client_cert_path == NULL);
	if (is_list) {
		snprintf(token, sizeof token, "token-%d", d->n_seen[TOKEN]);
		ck_assert_str_eq(r->bearer->bytes, token);
	}
}

/* --- answers --------------------------------------------------------------------------- */

static void healthy(const struct drive *d, enum place place, struct fetch_answer *a)
{
	char *body = places[place].file != NULL ? world_fixture("2.10", places[place].file) : NULL;

	if (place == TOKEN)
		body = mem_printf(
		    "{\"access_token\":\"token-%d\",\"token_type\":\"bearer\"}", d->n_seen[TOKEN]);
	world_answer(a, place == UP ? 302 : 200, body);
	if (place == UP)
		strcpy(a->location, URL "/auth/cloudfoundry");
	free(body);
}

static void special(const struct reply *r, struct fetch_answer *a)
{
	world_answer(a, r->status, r->body);
	if (r->location != NULL)
		strcpy(a->location, r->location);
	if (r->retry_after_s > 0)
		a->retry_after_s = r->retry_after_s;
	if (r->err != ERR_NONE)
		err_set(&a->err, r->err, "as the test wants it");
	a->only_expired = r->only_expired;
}

static void answer(struct drive *d, enum place place, struct fetch_answer *a)
{
	const struct reply *found = NULL;

	for (size_t i = 0; i < d->n_replies && d->replies[i].status + d->replies[i].err > 0; i++)
		if (d->replies[i].place == place &&
		    (d->replies[i].nth == 0 || d->replies[i].nth == d->n_seen[place]))
			found = &d->replies[i];
	if (found != NULL)
		special(found, a);
	else
		healthy(d, place, a);
	if ((d->n_answers == 1 || d->has_many_handshakes) && d->chain != NULL &&
	    a->err.code != ERR_UNREACHABLE)
		world_chain(a, d->chain);
}

/* One request, and its answer, or the deadline's. */
static void exchange(struct drive *d, const struct fetch_request *r, bool late)
{
	enum place place = place_of(r->url);
	struct fetch_request again;
	struct fetch_answer a;
	int64_t wake_ms = 0;

	say(d, places[place].word);
	d->n_seen[place]++;
	d->n_answers++;
	check_request(d, r, place);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(
		    source_opsman.next(d->s, d->now_ms + i, &again, &wake_ms), WANT_ANSWER);
	if (late) {
		world_answer(&a, 0, NULL);
		err_set(&a.err, ERR_TIMEOUT, "no answer before the deadline");
	} else {
		answer(d, place, &a);
	}
	a.source = d->w.c.index;
	a.tag = r->tag;
	d->now_ms += 100;
	source_opsman.take(d->s, d->now_ms, &a);
	fetch_answer_clear(&a);
}

/* Until it is done, or the deadline comes with n_answers of them in. */
static void drive(struct drive *d, int n_answers)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		struct fetch_request r;
		int64_t wake_ms = -1;
		char word[32];

		switch (source_opsman.next(d->s, d->now_ms, &r, &wake_ms)) {
		case WANT_REQUEST:
			exchange(d, &r, d->n_answers == n_answers);
			if (d->n_answers > n_answers) {
				source_opsman.finish(d->s);
				return;
			}
			break;
		case WANT_WAKE:
			ck_assert_int_gt(wake_ms, d->now_ms);
			snprintf(word, sizeof word, "%d", (int)(wake_ms - d->now_ms));
			say(d, word);
			d->now_ms = wake_ms;
			break;
		case WANT_ANSWER:
			ck_abort_msg("waits for an answer, and nothing was asked");
		case WANT_NOTHING:
			source_opsman.finish(d->s);
			return;
		}
	}
	ck_abort_msg("no end: %s", d->log);
}

/* --- whole polls ----------------------------------------------------------------------- */

#define HTML "<html><head><title>502 Bad Gateway</title></head></html>"

static const struct {
	struct reply replies[REPLIES_MAX];
	const char *log;             /* requests, and waits in ms */
	enum issue_kind kind;
	enum err_code code;
	const char *part;            /* NULL: no issue at all */
	size_t n_issues;
	bool complete;
} polls[] = {
	{ { { 0 } }, "info token cas rows", ISSUE_NOTE, ERR_NONE, NULL, 0, true },

	/* The version is not worth a poll. */
	{ { { .place = INFO, .status = 404, .body = "" } }, "info token cas rows", ISSUE_NOTE,
	    ERR_REFUSED, "version not known: HTTP 404", 1, true },
	{ { { .place = INFO, .status = 500, .body = "{\"errors\":[\"oops\"]}" } },
	    "info token cas rows", ISSUE_NOTE, ERR_REFUSED, "oops", 1, true },
	{ { { .place = INFO, .status = 200, .body = "{\"info\":{}}" } }, "info token cas rows",
	    ISSUE_NOTE, ERR_ANSWER, "version not known", 1, true },
	{ { { .place = INFO, .status = 200, .body = "" } }, "info token cas rows", ISSUE_NOTE,
	    ERR_ANSWER, "the answer is empty", 1, true },

	/* Not there. */
	{ { { .place = INFO, .err = ERR_UNREACHABLE } }, "info", ISSUE_FAILED, ERR_UNREACHABLE,
	    "info: as the test wants it", 1, false },
	{ { { .place = INFO, .err = ERR_TLS } }, "info", ISSUE_FAILED, ERR_TLS,
	    "info: as the test wants it", 1, false },
	{ { { .place = INFO, .err = ERR_TIMEOUT } }, "info", ISSUE_FAILED, ERR_TIMEOUT,
	    "not read: certificate authorities, deployed certificates", 1, false },

	/* Locked, starting, not set up. */
	{ { { .place = INFO, .status = 502, .body = HTML },
	      { .place = UP, .status = 502, .body = HTML } },
	    "info 1000 info 2000 info up", ISSUE_FAILED, ERR_BUSY, "starting or upgrading", 1,
	    false },
	{ { { .place = INFO, .nth = 1, .status = 503, .body = HTML } },
	    "info 1000 info token cas rows", ISSUE_NOTE, ERR_NONE, NULL, 0, true },
	{ { { .place = INFO, .status = 200, .body = HTML },
	      { .place = UP,
	          .status = 200,
	          .body = "Waiting for authentication system to start..." } },
	    "info up", ISSUE_FAILED, ERR_BUSY, "is starting", 1, false },
	{ { { .place = INFO, .status = 302, .body = "", .location = URL "/setup" },
	      { .place = UP, .status = 302, .body = "", .location = URL "/setup" } },
	    "info up", ISSUE_FAILED, ERR_BUSY, "not set up", 1, false },
	{ { { .place = INFO, .status = 200, .body = HTML } }, "info up token cas rows", ISSUE_NOTE,
	    ERR_NONE, NULL, 0, true },
	{ { { .place = TOKEN, .status = 404, .body = "" },
	      { .place = UP, .status = 200, .body = HTML } },
	    "info token up", ISSUE_FAILED, ERR_BUSY,
	    "locked or starting: if that lasts, somebody has to enter the "
	    "decryption passphrase on its web page (/uaa/oauth/token: HTTP 404)",
	    1, false },
	{ { { .place = TOKEN, .status = 502, .body = HTML },
	      { .place = UP, .status = 302, .body = "", .location = URL "/unlock" } },
	    "info token up", ISSUE_FAILED, ERR_BUSY, "Ops Manager is locked", 1, false },
	{ { { .place = TOKEN, .status = 200, .body = HTML },
	      { .place = UP, .status = 503, .body = "" } },
	    "info token up", ISSUE_FAILED, ERR_BUSY, "starting or upgrading", 1, false },
	{ { { .place = TOKEN, .status = 503, .body = "" } }, "info token up", ISSUE_FAILED,
	    ERR_BUSY, "says that it is ready, but its login service may still be starting", 1,
	    false },
	{ { { .place = TOKEN, .status = 500, .body = "{}" },
	      { .place = UP, .err = ERR_UNREACHABLE } },
	    "info token up", ISSUE_FAILED, ERR_BUSY, "locked or starting", 1, false },

	/* Logins: tried once. */
	{ { { .place = TOKEN,
	      .status = 401,
	      .body = "{\"error\":\"unauthorized\",\"error_description\":"
	              "\"Bad credentials\"}" } },
	    "info token", ISSUE_FAILED, ERR_AUTH,
	    "login: refused, HTTP 401: unauthorized, Bad credentials: tried once", 1, false },
	{ { { .place = TOKEN, .status = 400, .body = "{\"error\":\"unsupported_grant_type\"}" } },
	    "info token", ISSUE_FAILED, ERR_AUTH, "HTTP 400: unsupported_grant_type", 1, false },
	{ { { .place = TOKEN, .status = 401, .body = HTML } }, "info token", ISSUE_FAILED, ERR_AUTH,
	    "HTTP 401: a web page", 1, false },
	{ { { .place = TOKEN, .status = 403, .body = "" } }, "info token", ISSUE_FAILED, ERR_AUTH,
	    "HTTP 403", 1, false },
	{ { { .place = TOKEN, .status = 429, .body = "", .retry_after_s = 1 } }, "info token",
	    ISSUE_FAILED, ERR_BUSY, "too many requests", 1, false },
	{ { { .place = TOKEN, .err = ERR_UNREACHABLE } }, "info token", ISSUE_FAILED,
	    ERR_UNREACHABLE, "login: as", 1, false },
	{ { { .place = TOKEN,
	      .status = 200,
	      .body = "{\"access_token\":\"a b\",\"token_type\":\"bearer\"}" } },
	    "info token", ISSUE_FAILED, ERR_ANSWER, "login: token.access_token", 1, false },

	/* A token that ends in mid-run: a new one, once. */
	{ { { .place = CAS, .nth = 1, .status = 401, .body = "" } },
	    "info token cas token cas rows", ISSUE_NOTE, ERR_NONE, NULL, 0, true },
	{ { { .place = ROWS, .nth = 1, .status = 401, .body = "" } },
	    "info token cas rows token rows", ISSUE_NOTE, ERR_NONE, NULL, 0, true },
	{ { { .place = CAS, .status = 401, .body = "{\"errors\":{\"base\":[\"expired\"]}}" } },
	    "info token cas token cas rows", ISSUE_PARTIAL, ERR_AUTH,
	    "certificate authorities: HTTP 401: a new token was refused too (expired)", 1, false },
	{ { { .place = CAS, .nth = 1, .status = 401, .body = "" },
	      { .place = ROWS, .nth = 1, .status = 401, .body = "" } },
	    "info token cas token cas rows", ISSUE_PARTIAL, ERR_AUTH,
	    "deployed certificates: HTTP 401", 1, false },
	{ { { .place = ROWS, .nth = 1, .status = 401, .body = "" },
	      { .place = TOKEN, .nth = 2, .status = 401, .body = "" } },
	    "info token cas rows token", ISSUE_PARTIAL, ERR_AUTH, "not read: deployed certificates",
	    1, false },

	/* One list hides not the other. */
	{ { { .place = CAS, .status = 403, .body = "" } }, "info token cas rows", ISSUE_PARTIAL,
	    ERR_REFUSED, "certificate authorities: HTTP 403: this account may not read it", 1,
	    false },
	{ { { .place = CAS, .status = 404, .body = "" } }, "info token cas rows", ISSUE_PARTIAL,
	    ERR_REFUSED, "HTTP 404, version 2.10.40-build.1", 1, false },
	{ { { .place = CAS, .status = 200, .body = "{\"certificate_authorities\":[]}" } },
	    "info token cas rows", ISSUE_PARTIAL, ERR_ANSWER, "every Ops Manager has a CA", 1,
	    false },
	{ { { .place = CAS, .err = ERR_UNREACHABLE } }, "info token cas rows", ISSUE_PARTIAL,
	    ERR_UNREACHABLE, "certificate authorities: as", 1, false },
	{ { { .place = CAS, .status = 200, .body = HTML } }, "info token cas rows", ISSUE_PARTIAL,
	    ERR_ANSWER, "HTML", 1, false },
	{ { { .place = CAS, .status = 200, .body = "{\"certificate_auth" } }, "info token cas rows",
	    ISSUE_PARTIAL, ERR_ANSWER, "certificate authorities: ", 1, false },
	{ { { .place = ROWS, .status = 200, .body = "{\"certificates\":[]}" } },
	    "info token cas rows", ISSUE_PARTIAL, ERR_ANSWER,
	    "deployed certificates: the list is empty: seen when the root CA has expired", 1,
	    false },
	{ { { .place = ROWS, .status = 500, .body = HTML } }, "info token cas rows", ISSUE_PARTIAL,
	    ERR_REFUSED, "HTTP 500: a fault of the server, known of 2.10.40 to 2.10.42", 1, false },
	{ { { .place = ROWS, .err = ERR_UNREACHABLE } }, "info token cas rows", ISSUE_PARTIAL,
	    ERR_UNREACHABLE, "deployed certificates: as", 1, false },
	{ { { .place = CAS, .status = 403, .body = "" },
	      { .place = ROWS, .status = 403, .body = "" } },
	    "info token cas rows", ISSUE_FAILED, ERR_REFUSED, "restricted_view", 2, false },
	{ { { .place = CAS, .status = 200, .body = "{\"certificate_authorities\":[]}" },
	      { .place = ROWS, .status = 200, .body = "{\"certificates\":[]}" } },
	    "info token cas rows", ISSUE_FAILED, ERR_ANSWER, "list is empty", 2, false },
	{ { { .place = CAS, .err = ERR_TIMEOUT } }, "info token cas", ISSUE_FAILED, ERR_TIMEOUT,
	    "not read: certificate authorities, deployed certificates", 1, false },

	/* Doubts about one CA. */
	{ { { .place = CAS, .status = 200, .body = "{\"certificate_authorities\":[{\"guid\":\"a\","
	    "\"active\":true,\"expires_on\":\"2027-01-01\",\"nats_cert_pem\":\"?\"}]}" } },
	    "info token cas rows", ISSUE_PARTIAL, ERR_ANSWER, "cert_pem is missing", 1, false },

	/* A GET at a bad moment is repeated, at most twice. */
	{ { { .place = CAS, .nth = 1, .status = 503, .body = HTML } },
	    "info token cas 1000 cas rows", ISSUE_NOTE, ERR_NONE, NULL, 0, true },
	{ { { .place = CAS, .nth = 1, .status = 429, .body = "", .retry_after_s = 7 } },
	    "info token cas 7000 cas rows", ISSUE_NOTE, ERR_NONE, NULL, 0, true },
	{ { { .place = CAS, .nth = 1, .status = 429, .body = "", .retry_after_s = 3600 } },
	    "info token cas rows", ISSUE_PARTIAL, ERR_BUSY, "HTTP 429: too many requests", 1,
	    false },
	{ { { .place = ROWS, .status = 502, .body = HTML } },
	    "info token cas rows 1000 rows 2000 rows", ISSUE_PARTIAL, ERR_BUSY,
	    "deployed certificates: HTTP 502: Ops Manager is starting or upgrading", 1, false },
};

/* Was there a handshake that was trusted? */
static bool is_reached(const struct reply *first)
{
	return first->place != INFO || (first->err != ERR_UNREACHABLE && first->err != ERR_TLS);
}

START_TEST(poll_goes_as_it_must)
{
	struct drive d;

	drive_open(&d, login_file(LOGIN_CLIENT), NULL);
	d.replies = polls[_i].replies;
	d.n_replies = REPLIES_MAX;
	drive(&d, STEPS_MAX);
	ck_assert_str_eq(d.log, polls[_i].log);
	ck_assert_uint_eq(world_count_all_issues(&d.w), polls[_i].n_issues);
	if (polls[_i].part != NULL)
		ck_assert_msg(world_count_issues(&d.w, polls[_i].kind, polls[_i].code,
		                  polls[_i].part) == polls[_i].n_issues,
		    "%s", d.w.inv.sources[0].issues[0].err.text);
	ck_assert_int_eq(d.w.inv.sources[0].complete, polls[_i].complete);
	ck_assert_uint_eq(world_count_role(&d.w, ROLE_OM_UI), is_reached(&polls[_i].replies[0]));
	drive_close(&d);
}
END_TEST

START_TEST(healthy_poll_holds_everything)
{
	struct drive d;
	const struct sighting *s;

	drive_open(&d, login_file(LOGIN_CLIENT), NULL);
	drive(&d, STEPS_MAX);
	ck_assert_str_eq(d.w.inv.sources[0].version, "2.10.40-build.1");
	ck_assert_uint_eq(d.w.inv.n_certs, 1 + 2 + 6);
	ck_assert_uint_eq(world_count_role(&d.w, ROLE_OM_ROOT_CA), 2);
	s = &d.w.inv.sightings[0];
	ck_assert_int_eq(s->role, ROLE_OM_UI);
	ck_assert_int_eq(s->via, VIA_TLS);
	ck_assert_str_eq(s->endpoint, "opsman.example:443");
	ck_assert_str_eq(s->uses[0].service, "OM_UI");
	drive_close(&d);
}
END_TEST

/* What was read before the deadline stays, and one issue says what is not. */
static const struct {
	int n_answers;
	const char *log;
	enum issue_kind kind;
	size_t n_certs;
	const char *part;
} deadlines[] = {
	{ 0, "info", ISSUE_FAILED, 0,
	    "info: no answer before the deadline; not read: certificate authorities, "
	    "deployed certificates" },
	{ 1, "info token", ISSUE_FAILED, 1,
	    "login: no answer before the deadline; not read: certificate authorities, "
	    "deployed certificates" },
	{ 2, "info token cas", ISSUE_FAILED, 1,
	    "certificate authorities: no answer before the deadline; not read: "
	    "certificate authorities, deployed certificates" },
	{ 3, "info token cas rows", ISSUE_PARTIAL, 3,
	    "deployed certificates: no answer before the deadline; "
	    "not read: deployed certificates" },
};

START_TEST(deadline_keeps_what_was_read)
{
	struct drive d;

	drive_open(&d, login_file(LOGIN_CLIENT), NULL);
	drive(&d, deadlines[_i].n_answers);
	ck_assert_str_eq(d.log, deadlines[_i].log);
	ck_assert_uint_eq(d.w.inv.n_certs, deadlines[_i].n_certs);
	ck_assert_uint_eq(world_count_all_issues(&d.w), 1);
	ck_assert_uint_eq(
	    world_count_issues(&d.w, deadlines[_i].kind, ERR_TIMEOUT, deadlines[_i].part), 1);
	ck_assert(!d.w.inv.sources[0].complete);
	drive_close(&d);
}
END_TEST

/* The deadline may also come while nothing is under way. */
START_TEST(deadline_while_waiting)
{
	static const struct reply busy[] = { { .place = CAS, .status = 503, .body = "" } };
	struct fetch_request r;
	int64_t wake_ms;
	struct drive d;

	drive_open(&d, login_file(LOGIN_CLIENT), NULL);
	source_opsman.finish(d.s);
	ck_assert_uint_eq(world_count_issues(&d.w, ISSUE_FAILED, ERR_TIMEOUT,
	                      "info: the deadline came before it could "
	                      "be asked; not read: certificate authorities, deployed certificates"),
	    1);
	drive_close(&d);

	drive_open(&d, login_file(LOGIN_CLIENT), NULL);
	d.replies = busy;
	d.n_replies = 1;
	while (source_opsman.next(d.s, d.now_ms, &r, &wake_ms) == WANT_REQUEST)
		exchange(&d, &r, false);
	source_opsman.finish(d.s);
	ck_assert_uint_eq(world_count_issues(&d.w, ISSUE_FAILED, ERR_TIMEOUT,
	                      "certificate authorities: the deadline "
	                      "came before it could be asked again"),
	    1);
	drive_close(&d);
}
END_TEST

/* --- logins -------------------------------------------------------------------------------- */

static const struct { enum login login; const char *user, *password, *form;
} grants[] = {
	{ LOGIN_BASIC, "opsman", "",
	    "grant_type=password&username=monitor&password=p%26ss%20word&client_id=opsman"
	    "&token_format=jwt" },
	{ LOGIN_CLIENT, "check%3Acerts", "s%26cret",
	    "grant_type=client_credentials&token_format=jwt" },
};

START_TEST(both_grants_are_sent)
{
	struct fetch_request r;
	int64_t wake_ms;
	struct drive d;

	drive_open(&d, login_file(grants[_i].login), NULL);
	ck_assert_int_eq(source_opsman.next(d.s, 0, &r, &wake_ms), WANT_REQUEST);
	exchange(&d, &r, false);
	ck_assert_int_eq(source_opsman.next(d.s, 0, &r, &wake_ms), WANT_REQUEST);
	ck_assert_str_eq(r.url, URL "/uaa/oauth/token");
	ck_assert_str_eq(r.basic_user->bytes, grants[_i].user);
	ck_assert_str_eq(r.basic_password->bytes, grants[_i].password);
	ck_assert_str_eq(r.form->bytes, grants[_i].form);
	exchange(&d, &r, false);
	ck_assert_ptr_null(r.basic_password->bytes);
	ck_assert_ptr_null(r.form->bytes);
	drive(&d, STEPS_MAX);
	ck_assert_str_eq(d.log, "info token cas rows");
	ck_assert(d.w.inv.sources[0].complete);
	drive_close(&d);
}
END_TEST

/* With a state directory a refused login is remembered, and every request
 * carries the lock of this Ops Manager. */
START_TEST(refused_login_is_not_tried_again)
{
	static const struct reply refused[] = {
		{ .place = TOKEN, .status = 401, .body = "{\"error\":\"unauthorized\"}" }
	};
	static const char *const logs[] = { "info token", "info" };
	const char *path = login_file(LOGIN_BASIC);

	for (size_t i = 0; i < 2; i++) {
		struct drive d;

		drive_open(&d, path, state_dir());
		d.replies = refused;
		d.n_replies = 1;
		drive(&d, STEPS_MAX);
		ck_assert_str_eq(d.log, logs[i]);
		ck_assert_uint_eq(world_count_issues(&d.w, ISSUE_FAILED, ERR_AUTH, "login: "), 1);
		ck_assert_uint_eq(world_count_role(&d.w, ROLE_OM_UI), 1);
		drive_close(&d);
	}
}
END_TEST

/* A changed file is tried, and what works is no longer held against it. */
START_TEST(login_that_works_again)
{
	static const struct reply refused[] = { { .place = TOKEN, .status = 401, .body = "" } };
	static const char *const logs[] = { "info token", "info token cas rows" };

	for (size_t i = 0; i < 2; i++) {
		const char *path = scratch_text("login", i == 0 ? "username=a\npassword=wrong\n" :
		    "username=a\npassword=right one\n", 0600);
		struct drive d;

		drive_open(&d, path, state_dir());
		d.replies = refused;
		d.n_replies = i == 0;
		drive(&d, STEPS_MAX);
		ck_assert_str_eq(d.log, logs[i]);
		drive_close(&d);
		ck_assert_int_eq(access(scratch_path("login-tas"), F_OK), i == 0 ? 0 : -1);
	}
}
END_TEST

START_TEST(every_request_carries_the_lock)
{
	struct drive d;

	drive_open(&d, login_file(LOGIN_CLIENT), state_dir());
	drive(&d, STEPS_MAX);
	ck_assert_str_eq(d.log, "info token cas rows");
	drive_close(&d);
}
END_TEST

static const struct { const char *url, *lock; } locks[] = {
	{ "https://opsman.example", "/s/opsman-opsman.example_443.lock" },
	{ "https://OPSMAN.example:443", "/s/opsman-opsman.example_443.lock" },
	{ "https://opsman.example:8443", "/s/opsman-opsman.example_8443.lock" },
	{ "https://[::1]", "/s/opsman-___1__443.lock" },
	{ "https://[::1]:8443", "/s/opsman-___1__8443.lock" },
	{ "https://127.0.0.1:1", "/s/opsman-127.0.0.1_1.lock" },
	{ "https://a/../../b", "/s/opsman-a_443.lock" },
};

START_TEST(lock_is_of_host_and_port)
{
	struct world w;
	struct source *s;
	struct fetch_request r;
	int64_t wake_ms;

	world_open(&w, locks[_i].url, NULL, "/s");
	s = source_opsman.open(&w.c);
	ck_assert_int_eq(source_opsman.next(s, 0, &r, &wake_ms), WANT_REQUEST);
	ck_assert_str_eq(r.lock_path, locks[_i].lock);
	source_opsman.close(s);
	world_close(&w);
}
END_TEST

/* Without a login the listener's certificate is still told. */
START_TEST(without_credentials)
{
	const struct { const char *path, *part;
	} rows[] = {
		{ NULL, "login: no credentials are configured" },
		{ scratch_text("open", "username=a\npassword=b\n", 0644), "login: credentials: " },
		{ scratch_text("session", "username=a\npassword=b\nlogin=session\n", 0600),
		    "login: Ops Manager takes" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct drive d;

		drive_open(&d, rows[i].path, NULL);
		drive(&d, STEPS_MAX);
		ck_assert_str_eq(d.log, "info");
		ck_assert_uint_eq(
		    world_count_issues(&d.w, ISSUE_FAILED, ERR_CONFIG, rows[i].part), 1);
		ck_assert_uint_eq(world_count_all_issues(&d.w), 1);
		ck_assert_uint_eq(world_count_role(&d.w, ROLE_OM_UI), 1);
		drive_close(&d);
	}
}
END_TEST

/* --- the listener's own certificate ----------------------------------------------------------- */

START_TEST(expired_listener_is_told_and_gets_no_credentials)
{
	static const struct reply expired[] = {
		{ .place = INFO, .err = ERR_TLS, .only_expired = true }
	};
	char pin[2 * CERT_SHA256_BYTES + 1];
	struct drive d;

	drive_open(&d, login_file(LOGIN_CLIENT), NULL);
	d.replies = expired;
	d.n_replies = 1;
	d.chain = "ui-expired.pem";
	drive(&d, STEPS_MAX);
	ck_assert_str_eq(d.log, "info");
	ck_assert_uint_eq(world_count_role(&d.w, ROLE_OM_UI), 1);
	cert_sha256_hex(d.w.inv.certs[0], pin);
	ck_assert_uint_eq(
	    world_count_issues(&d.w, ISSUE_FAILED, ERR_TLS, "opsman.example:443 has expired"), 1);
	ck_assert_uint_eq(world_count_issues(&d.w, ISSUE_FAILED, ERR_TLS, pin), 1);
	ck_assert_uint_eq(world_count_all_issues(&d.w), 1);
	drive_close(&d);
}
END_TEST

/* Whoever is not trusted may be anybody: not shown as Ops Manager's. */
START_TEST(untrusted_chain_is_not_ours)
{
	static const struct reply untrusted[] = { { .place = INFO, .err = ERR_TLS } };
	struct drive d;

	drive_open(&d, login_file(LOGIN_CLIENT), NULL);
	d.replies = untrusted;
	d.n_replies = 1;
	drive(&d, STEPS_MAX);
	ck_assert_uint_eq(d.w.inv.n_sightings, 0);
	drive_close(&d);
}
END_TEST

/* The same listener is one sighting, however often it is connected to. */
START_TEST(later_handshakes_add_nothing)
{
	static const struct reply expired[] = {
		{ .place = CAS, .err = ERR_TLS, .only_expired = true }
	};
	struct drive d;

	drive_open(&d, login_file(LOGIN_CLIENT), NULL);
	d.replies = expired;
	d.n_replies = 1;
	d.has_many_handshakes = true;
	drive(&d, STEPS_MAX);
	ck_assert_str_eq(d.log, "info token cas");
	ck_assert_uint_eq(world_count_role(&d.w, ROLE_OM_UI), 1);
	ck_assert_uint_eq(world_count_issues(&d.w, ISSUE_FAILED, ERR_TLS, "has expired"), 1);
	drive_close(&d);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("opsman");
	TCase *t = tcase_create("machine");

	tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
	tcase_add_loop_test(t, poll_goes_as_it_must, 0, UNIT_ROWS(polls));
	tcase_add_test(t, healthy_poll_holds_everything);
	tcase_add_loop_test(t, deadline_keeps_what_was_read, 0, UNIT_ROWS(deadlines));
	tcase_add_test(t, deadline_while_waiting);
	tcase_add_loop_test(t, both_grants_are_sent, 0, UNIT_ROWS(grants));
	tcase_add_test(t, refused_login_is_not_tried_again);
	tcase_add_test(t, login_that_works_again);
	tcase_add_test(t, every_request_carries_the_lock);
	tcase_add_loop_test(t, lock_is_of_host_and_port, 0, UNIT_ROWS(locks));
	tcase_add_test(t, without_credentials);
	tcase_add_test(t, expired_listener_is_told_and_gets_no_credentials);
	tcase_add_test(t, untrusted_chain_is_not_ours);
	tcase_add_test(t, later_handshakes_add_nothing);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
