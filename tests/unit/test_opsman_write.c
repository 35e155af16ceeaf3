/* test_opsman_write.c - each request that changes something on an Ops Manager:
 * what is sent, that it is sent once, and what is made of the answer. */
#include "remediate/opsman_write.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/api_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define CAS "/api/v0/certificate_authorities"
#define GUID "f7bc18f34f2a7a9403c3"
#define KEY "-----BEGIN RSA PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\n" \
	"-----END RSA PRIVATE KEY-----\n"
#define REPLIES_MAX 8

struct scene {
	struct api_world w;
	struct api_reply replies[REPLIES_MAX];
	struct api *a;
	struct goods goods;
	struct om_said said;
	struct err e;
};

static void open_scene(struct scene *s, const struct api_reply *replies, size_t n)
{
	static const struct api_reply token = API_TOKEN("t", "43199");

	*s = (struct scene){ .e = { ERR_NONE, "" } };
	ck_assert_uint_lt(n, REPLIES_MAX);
	s->replies[0] = token;
	if (n > 0)
		memcpy(&s->replies[1], replies, n * sizeof *replies);
	api_world_open(&s->w, s->replies, n + 1);
	api_world_opsman(&s->w);
	s->a = api_world_api(&s->w);
	buf_init(&s->goods.chain_pem, SIZE_MAX);
	buf_adds(&s->goods.chain_pem, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
	secret_set(&s->goods.key_pem, KEY, strlen(KEY));
}

static void close_scene(struct scene *s)
{
	om_said_clear(&s->said);
	api_close(s->a);
	api_world_close(&s->w);
	buf_clear(&s->goods.chain_pem);
	secret_wipe(&s->goods.key_pem);
}

/* The JSON body of the last request that began so; json_free it. */
static struct json *body_of(const char *line)
{
	char *text = api_world_request(line), *body = strstr(text, "\r\n\r\n");
	struct err e = { 0 };
	struct json *doc;

	ck_assert_ptr_nonnull(body);
	doc = json_parse(body + 4, strlen(body + 4), &e);
	ck_assert_msg(doc != NULL, "%s", e.text);
	free(text);
	return doc;
}

static void body_is(const char *line, const char *want)
{
	char *text = api_world_request(line), *body = strstr(text, "\r\n\r\n");

	ck_assert_ptr_nonnull(body);
	ck_assert_str_eq(body + 4, want);
	free(text);
}

/* --- every call, every outcome ------------------------------------------------------------- */

static enum api_outcome do_generate(struct scene *s)
{
	char *guid = NULL;
	const enum api_outcome outcome = opsman_write_generate(s->a, &guid, &s->said, &s->e);

	free(guid);
	return outcome;
}

static enum api_outcome do_create(struct scene *s)
{
	char *guid = NULL;
	const enum api_outcome outcome = opsman_write_create(s->a, &s->goods, &guid, &s->said, &s->e);

	free(guid);
	return outcome;
}

static enum api_outcome do_activate(struct scene *s)
{
	return opsman_write_activate(s->a, GUID, &s->said, &s->e);
}

static enum api_outcome do_regenerate(struct scene *s)
{
	return opsman_write_regenerate(s->a, &s->said, &s->e);
}

static enum api_outcome do_delete(struct scene *s)
{
	return opsman_write_delete(s->a, GUID, &s->said, &s->e);
}

static enum api_outcome do_recreate(struct scene *s)
{
	return opsman_write_recreate(s->a, &s->e);
}

static enum api_outcome do_apply(struct scene *s)
{
	int64_t id;

	return opsman_write_apply(s->a, NULL, &id, &s->e);
}

static const struct {
	enum api_outcome (*act)(struct scene *s);
	const char *line, *what;
	const char *body;            /* NULL: looked at elsewhere */
	bool tells;                  /* in *said */
} acts[] = {
	{ do_generate, "POST " CAS "/generate", "generate a certificate authority: ", "{}", true },
	{ do_create, "POST " CAS, "hand over the certificate authority: ", NULL, true },
	{ do_activate, "POST " CAS "/" GUID "/activate", "activate the certificate authority: ", "{}",
	    true },
	{ do_regenerate, "POST " CAS "/active/regenerate", "make the leaf certificates again: ", "{}",
	    true },
	{ do_delete, "DELETE " CAS "/" GUID, "delete the certificate authority: ", "", true },
	{ do_recreate, "PUT /api/v0/staged/director/properties", "recreate every VM",
	    "{\"director_configuration\":{\"bosh_recreate_on_next_deploy\":true}}", false },
	{ do_apply, "POST /api/v0/installations", "Apply Changes: ",
	    "{\"deploy_products\":\"all\",\"ignore_warnings\":false}", false },
};

static const struct { int status; const char *body; enum api_outcome outcome; const char *said; }
answers[] = {
	{ 200, "{}", API_DONE, NULL },
	{ 200, NULL, API_DONE, NULL },
	{ 207, "{\"warnings\":[\"TKGI is installed\"]}", API_DONE, "warning: TKGI is installed" },
	{ 403, "{\"errors\":[\"no\"]}", API_REFUSED, NULL },
	{ 422, "{\"error\":\"unsafe\",\"safety_violations\":[{\"violation\":\"v1\"},"
	    "{\"violation\":\"v2\",\"certificate_names\":[\"/a\",\"/b\"],\"migitation\":\"apply\"}]}",
	    API_REFUSED, "safety check: v1; safety check: v2 (/a, /b): apply" },
	{ 429, NULL, API_BUSY, NULL },
	{ 502, "<html>", API_UNKNOWN, NULL },
	{ API_RESET, NULL, API_UNKNOWN, NULL },
};

START_TEST(what_is_sent_and_told)
{
	const struct api_reply replies[] = {
		{ .line = "GET /api/v0/staged/director/properties", .status = 404 },
		{ .line = acts[_i].line, .status = 0 },
	};
	struct scene s;

	for (int i = 0; i < UNIT_ROWS(answers); i++) {
		open_scene(&s, replies, UNIT_ROWS(replies));
		s.replies[2].status = answers[i].status;
		s.replies[2].body = answers[i].body;
		ck_assert_msg(acts[_i].act(&s) == answers[i].outcome, "%s: %d: %s", acts[_i].line,
		    answers[i].status, s.e.text);
		ck_assert_int_eq(s.e.code == ERR_NONE, answers[i].outcome == API_DONE);
		if (s.e.code != ERR_NONE)
			ck_assert_ptr_eq(strstr(s.e.text, acts[_i].what), s.e.text);
		if (answers[i].said != NULL && acts[_i].tells)
			ck_assert_str_eq(s.said.text, answers[i].said);
		else
			ck_assert_ptr_null(s.said.text);
		ck_assert_uint_eq(s.said.n_failed, 0);
		ck_assert_uint_eq(api_world_count(acts[_i].line), 1);
		ck_assert_uint_eq(api_world_count("POST /") + api_world_count("PUT /") +
		    api_world_count("DELETE /"), 2);     /* with that of the token */
		if (acts[_i].body != NULL)
			body_is(acts[_i].line, acts[_i].body);
		close_scene(&s);
	}
}
END_TEST

/* --- the new CA ----------------------------------------------------------------------------- */

static const struct { const char *body, *guid; } made[] = {
	{ "{\"guid\":\"" GUID "\",\"active\":false}", GUID },
	{ "{\"certificate_authorities\":[{\"guid\":\"" GUID "\",\"active\":true}]}", GUID },
	{ "{\"certificate_authorities\":[{\"guid\":\"a\"},{\"guid\":\"b\"}]}", NULL },
	{ "{\"guid\":\"../x\"}", NULL }, { "{\"guid\":\"\"}", NULL }, { "{\"guid\":7}", NULL },
	{ "{}", NULL }, { "[]", NULL }, { "", NULL }, { "no json", NULL },
};

START_TEST(guid_of_the_new_one)
{
	const struct api_reply reply = { .line = "POST " CAS, .status = 200, .body = made[_i].body };
	struct scene s;
	char *guid;

	for (int own = 0; own < 2; own++) {
		open_scene(&s, &reply, 1);
		guid = NULL;
		ck_assert_int_eq(own ? opsman_write_create(s.a, &s.goods, &guid, &s.said, &s.e)
		    : opsman_write_generate(s.a, &guid, &s.said, &s.e), API_DONE);
		if (made[_i].guid == NULL)
			ck_assert_msg(guid == NULL, "%s: %s", made[_i].body, guid);
		else
			ck_assert_str_eq(guid, made[_i].guid);
		free(guid);
		close_scene(&s);
	}
}
END_TEST

START_TEST(own_ca_is_handed_over)
{
	static const struct api_reply reply = { .line = "POST " CAS, .status = 422,
	    .body = "{\"errors\":[\"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49 is no pair\"],"
	    "\"warnings\":[\"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49\"]}" };
	struct json *doc;
	struct scene s;
	char *guid;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(opsman_write_create(s.a, &s.goods, &guid, &s.said, &s.e), API_REFUSED);
	doc = body_of("POST " CAS);
	ck_assert_str_eq(json_str(json_get(doc, "cert_pem")), buf_str(&s.goods.chain_pem));
	ck_assert_str_eq(json_str(json_get(doc, "private_key_pem")), KEY);
	ck_assert_uint_eq(json_count(doc), 2);
	json_free(doc);
	world_expect(&s.e, ERR_REFUSED, "withheld", "echoed key");
	ck_assert_ptr_nonnull(strstr(s.said.text, "withheld"));
	ck_assert_ptr_null(strstr(s.said.text, "MIGHAgEA"));
	close_scene(&s);
}
END_TEST

/* A guid that names something else is never put into a path. */
START_TEST(odd_guid_is_not_sent)
{
	static const char *const odd[] = { "", "a/b", "..", "a?b", "a b", "\xc3\xa4" };
	struct scene s;

	open_scene(&s, NULL, 0);
	for (int i = 0; i < UNIT_ROWS(odd); i++) {
		ck_assert_int_eq(opsman_write_activate(s.a, odd[i], &s.said, &s.e), API_NOT_SENT);
		world_expect(&s.e, ERR_CONFIG, "no guid", odd[i]);
		ck_assert_int_eq(opsman_write_delete(s.a, odd[i], &s.said, &s.e), API_NOT_SENT);
	}
	ck_assert_uint_eq(api_world_count(""), 0);
	close_scene(&s);
}
END_TEST

static const struct { const char *body; enum api_outcome outcome; } gone[] = {
	{ "{\"errors\":[\"Certificate with specified guid not found\"]}", API_DONE },
	{ "", API_REFUSED }, { "<html>", API_REFUSED },      /* the call is not known there */
};

START_TEST(what_is_gone_is_deleted)
{
	const struct api_reply reply = { .line = "DELETE " CAS "/" GUID, .status = 404,
	    .body = gone[_i].body };
	struct scene s;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(opsman_write_delete(s.a, GUID, &s.said, &s.e), gone[_i].outcome);
	ck_assert_int_eq(s.e.code == ERR_NONE, gone[_i].outcome == API_DONE);
	close_scene(&s);
}
END_TEST

/* --- what is told besides --------------------------------------------------------------------- */

static const struct { const char *body, *text; size_t n_failed; } tellings[] = {
	{ "{\"certificates\":{\"updated\":[{\"location\":\"credhub\"}],\"excluded\":[],"
	    "\"update_failed\":[]}}", NULL, 0 },
	{ "{\"certificates\":{\"regenerated\":[],\"regenerate_failed\":[{\"location\":\"credhub\","
	    "\"product_guid\":\"cf-1\",\"variable_path\":\"/a/b\",\"reason\":\"no signer\"},"
	    "{\"property_reference\":\".properties.x\"}]}}",
	    "failed: /a/b of cf-1 (no signer), .properties.x", 2 },
	{ "{\"certificates\":{\"excluded\":[{\"variable_path\":\"/services/tls_ca\"}],"
	    "\"update_failed\":[{\"location\":\"ops_manager\"}]},\"warnings\":[\"w|1\",7]}",
	    "left out: /services/tls_ca; failed: ops_manager; warning: w/1; "
	    "warning: (not a sentence)", 1 },
	{ "{\"update_failed\":[{}]}", "failed: (unnamed)", 1 },
	{ "{\"certificates\":{\"update_failed\":\"all of them\"}}",
	    "failed: a list that cannot be read", 1 },
	{ "{\"certificates\":{\"update_failed\":null,\"excluded\":null}}", NULL, 0 },
	{ "{\"certificates\":[1,2],\"warnings\":{},\"safety_violations\":7}",
	    "warning: (not a sentence)", 0 },
	{ "{\"safety_violations\":[{},{\"violation\":\"v\",\"certificate_names\":[1],"
	    "\"mitigation\":\"m\"}]}", "safety check: (without words); safety check: v (?): m", 0 },
	{ "{\"deployment_errors\":{\"products\":[{\"identifier\":\"cf\",\"complete\":false,"
	    "\"verifiers\":[{\"type\":\"Wildcard\",\"ignorable\":true,\"errors\":[\"no DNS\",7]},"
	    "{\"errors\":[]}]},{\"verifiers\":[{\"errors\":[\"x\"]}]},7]}}",
	    "cf, Wildcard: no DNS; cf, Wildcard: (not a sentence); (unnamed): x", 0 },
	{ "{\"deployment_errors\":[]}", NULL, 0 },
	{ "[]", NULL, 0 }, { "7", NULL, 0 },
};

START_TEST(tellings_are_read)
{
	char *text = mem_strdup(tellings[_i].body);
	struct json *doc = json_parse(text, strlen(text), NULL);
	struct om_said said;

	ck_assert_ptr_nonnull(doc);
	om_said_read(&said, doc);
	if (tellings[_i].text == NULL)
		ck_assert_msg(said.text == NULL, "%s", said.text);
	else
		ck_assert_str_eq(said.text, tellings[_i].text);
	ck_assert_uint_eq(said.n_failed, tellings[_i].n_failed);
	om_said_clear(&said);
	json_free(doc);
	free(text);
}
END_TEST

/* Each is counted, and no answer makes a sentence without end. */
START_TEST(many_are_cut)
{
	struct om_said said;
	struct json *doc;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	buf_adds(&text, "{\"update_failed\":[{\"location\":\"x\"}");
	for (int i = 1; i < 1000; i++)
		buf_adds(&text, ",{\"location\":\"x\"}");
	buf_adds(&text, "],\"warnings\":[\"");
	for (int i = 0; i < 10000; i++)
		buf_adds(&text, "long ");
	buf_adds(&text, "\"]}");
	doc = json_parse(text.data, text.len, NULL);
	ck_assert_ptr_nonnull(doc);
	om_said_read(&said, doc);
	ck_assert_uint_eq(said.n_failed, 1000);
	ck_assert_ptr_nonnull(strstr(said.text, "x, x and 980 more"));
	ck_assert_uint_lt(strlen(said.text), 500);
	om_said_clear(&said);
	om_said_clear(&said);
	json_free(doc);
	buf_clear(&text);
}
END_TEST

/* --- Apply Changes ------------------------------------------------------------------- */

static const struct { const char *body; int64_t id; } installs[] = {
	{ "{\"install\":{\"id\":123}}", 123 }, { "{\"install\":{\"id\":\"123\"}}", 0 },
	{ "{\"install\":{\"id\":-1}}", 0 }, { "{\"install\":7}", 0 }, { "{}", 0 }, { "", 0 },
};

START_TEST(number_of_the_installation)
{
	const struct api_reply reply = { .line = "POST /api/v0/installations", .status = 200,
	    .body = installs[_i].body };
	struct scene s;
	int64_t id = 7;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(opsman_write_apply(s.a, NULL, &id, &s.e), API_DONE);
	ck_assert_int_eq(id, installs[_i].id);
	close_scene(&s);
}
END_TEST

START_TEST(refused_apply_says_why)
{
	static const struct api_reply reply = { .line = "POST /api/v0/installations", .status = 422,
	    .body = "{\"errors\":[\"Installation is incomplete.\"],\"deployment_errors\":{"
	    "\"products\":[{\"identifier\":\"cf\",\"verifiers\":[{\"type\":\"Wildcard\","
	    "\"errors\":[\"no DNS\"]}]}]}}" };
	struct scene s;
	int64_t id;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(opsman_write_apply(s.a, NULL, &id, &s.e), API_REFUSED);
	ck_assert_str_eq(s.e.text, "Apply Changes: HTTP 422 (Installation is incomplete.): "
	    "cf, Wildcard: no DNS");
	close_scene(&s);
}
END_TEST

#define CHANGES "{\"product_changes\":[{\"guid\":\"cf-1\",\"action\":\"unchanged\",\"errands\":[" \
	"{\"name\":\"smoke\",\"post_deploy\":true},{\"name\":\"push\",\"post_deploy\":\"when-changed\"}," \
	"{\"name\":\"bye\",\"pre_delete\":true},{\"post_deploy\":true}]}," \
	"{\"guid\":\"p-2\",\"action\":\"update\",\"errands\":[]},{\"guid\":\"p-3\"}]}"

static const struct { const char *errands, *want; } choices[] = {
	{ "none", "{\"deploy_products\":\"all\",\"ignore_warnings\":false,\"errands\":{"
	    "\"cf-1\":{\"run_post_deploy\":{\"smoke\":false,\"push\":false}},"
	    "\"p-2\":{\"run_post_deploy\":{}},\"p-3\":{\"run_post_deploy\":{}}}}" },
	{ "all", "{\"deploy_products\":\"all\",\"ignore_warnings\":false,\"errands\":{"
	    "\"cf-1\":{\"run_post_deploy\":{\"smoke\":true,\"push\":true}},"
	    "\"p-2\":{\"run_post_deploy\":{}},\"p-3\":{\"run_post_deploy\":{}}}}" },
};

START_TEST(errands_are_chosen)
{
	static const struct api_reply replies[] = {
		{ .line = "GET /api/v0/staged/pending_changes", .status = 200, .body = CHANGES },
		{ .line = "POST /api/v0/installations", .status = 200, .body = "{\"install\":{\"id\":9}}" },
	};
	struct scene s;
	int64_t id;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_int_eq(opsman_write_apply(s.a, choices[_i].errands, &id, &s.e), API_DONE);
	ck_assert_int_eq(id, 9);
	body_is("POST /api/v0/installations", choices[_i].want);
	close_scene(&s);
}
END_TEST

static const struct { int status; const char *body; enum err_code code; } no_errands[] = {
	{ 404, NULL, ERR_REFUSED }, { 502, "<html>", ERR_BUSY }, { 200, "", ERR_ANSWER },
	{ 200, "{\"product_changes\":7}", ERR_ANSWER },
	{ 200, "{\"product_changes\":[{\"errands\":[]}]}", ERR_ANSWER },
	{ 200, "{\"product_changes\":[{\"guid\":7}]}", ERR_ANSWER },
};

START_TEST(without_errands_nothing_is_applied)
{
	const struct api_reply reply = { .line = "GET /api/v0/staged/pending_changes",
	    .status = no_errands[_i].status, .body = no_errands[_i].body };
	struct scene s;
	int64_t id;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(opsman_write_apply(s.a, "none", &id, &s.e), API_NOT_SENT);
	world_expect(&s.e, no_errands[_i].code, "nothing was applied", "errands");
	ck_assert_uint_eq(api_world_count("POST /api/v0/installations"), 0);
	close_scene(&s);
}
END_TEST

/* A body that would be cut is not sent. */
START_TEST(too_many_errands)
{
	struct api_reply reply = { .line = "GET /api/v0/staged/pending_changes", .status = 200 };
	struct scene s;
	struct buf text;
	int64_t id;

	buf_init(&text, SIZE_MAX);
	buf_adds(&text, "{\"product_changes\":[{\"guid\":\"x\"}");
	for (int i = 0; i < 20000; i++)
		buf_adds(&text, ",{\"guid\":\"product-with-a-long-name\"}");
	buf_adds(&text, "]}");
	reply.body = buf_str(&text);
	open_scene(&s, &reply, 1);
	ck_assert_int_eq(opsman_write_apply(s.a, "all", &id, &s.e), API_NOT_SENT);
	world_expect(&s.e, ERR_ANSWER, "too many", "errands");
	ck_assert_uint_eq(api_world_count("POST /api/v0/installations"), 0);
	close_scene(&s);
	buf_clear(&text);
}
END_TEST

START_TEST(director_box_is_ticked_where_it_is)
{
	static const struct api_reply replies[] = {
		{ .line = "GET /api/v0/staged/director/properties", .status = 200, .body =
		    "{\"director_configuration\":{\"bosh_recreate_on_next_deploy\":false,"
		    "\"bosh_director_recreate_on_next_deploy\":false}}" },
		{ .line = "PUT /api/v0/staged/director/properties", .status = 200, .body = "{}" },
	};
	struct scene s;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_int_eq(opsman_write_recreate(s.a, &s.e), API_DONE);
	body_is("PUT /api/v0/staged/director/properties", "{\"director_configuration\":{"
	    "\"bosh_recreate_on_next_deploy\":true,\"bosh_director_recreate_on_next_deploy\":true}}");
	close_scene(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("opsman_write");
	TCase *t = tcase_create("opsman_write");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, world_make, world_remove);
	tcase_add_loop_test(t, what_is_sent_and_told, 0, UNIT_ROWS(acts));
	tcase_add_loop_test(t, guid_of_the_new_one, 0, UNIT_ROWS(made));
	tcase_add_test(t, own_ca_is_handed_over);
	tcase_add_test(t, odd_guid_is_not_sent);
	tcase_add_loop_test(t, what_is_gone_is_deleted, 0, UNIT_ROWS(gone));
	tcase_add_loop_test(t, tellings_are_read, 0, UNIT_ROWS(tellings));
	tcase_add_test(t, many_are_cut);
	tcase_add_loop_test(t, number_of_the_installation, 0, UNIT_ROWS(installs));
	tcase_add_test(t, refused_apply_says_why);
	tcase_add_loop_test(t, errands_are_chosen, 0, UNIT_ROWS(choices));
	tcase_add_loop_test(t, without_errands_nothing_is_applied, 0, UNIT_ROWS(no_errands));
	tcase_add_test(t, too_many_errands);
	tcase_add_test(t, director_box_is_ticked_where_it_is);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
