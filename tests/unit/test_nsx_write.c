/* test_nsx_write.c - each request that changes something on NSX: what is
 * sent, that it is sent once, and what is made of the answer. */
#include "remediate/nsx_write.h"

#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/unit/api_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define TRUST "/api/v1/trust-management"
#define KEY "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\n" \
	"-----END PRIVATE KEY-----\n"

/* The world, opened; its goods are the leaf of WORLD_UNDER_MIDDLE and its issuer. */
struct scene {
	struct api_world w;
	struct api *a;
	struct goods goods;
	struct err e;
};

static void open_scene(struct scene *s, const struct api_reply *replies, size_t n)
{
	uint8_t sha256[CERT_SHA256_BYTES];
	char *leaf = pki_pem(world.certs[WORLD_UNDER_MIDDLE], false);
	char *issuer = pki_pem(world.certs[WORLD_MIDDLE_CA], false);

	*s = (struct scene){ .e = { ERR_NONE, "" } };
	api_world_open(&s->w, replies, n);
	s->a = api_world_api(&s->w);
	buf_init(&s->goods.chain_pem, SIZE_MAX);
	buf_addf(&s->goods.chain_pem, "%s%s", leaf, issuer);
	secret_set(&s->goods.key_pem, KEY, strlen(KEY));
	pki_sha256(world.certs[WORLD_UNDER_MIDDLE], sha256);
	text_hex(sha256, sizeof sha256, s->goods.sha256);
	free(leaf);
	free(issuer);
}

static void close_scene(struct scene *s)
{
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

static void has_string(const struct json *object, const char *key, const char *want)
{
	const char *value = json_str(json_get(object, key));

	ck_assert_msg(value != NULL && strcmp(value, want) == 0, "%s: \"%s\", want \"%s\"", key,
	    value != NULL ? value : "(none)", want);
}

/* An answer of import: entries "id" + index with the PEM of these certificates. */
static char *entries(const enum world_cert (*certs)[2], size_t n)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	jsonw_init(&w, &text);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "results", '[');
	for (size_t i = 0; i < n; i++) {
		char id[] = "id-0", *first = pki_pem(world.certs[certs[i][0]], false);
		char *second = certs[i][1] < WORLD_N ? pki_pem(world.certs[certs[i][1]], false)
		    : mem_strdup(""), *both = mem_printf("%s%s", first, second);

		id[3] = (char)('0' + i);
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "id", id);
		jsonw_str(&w, "pem_encoded", both);
		jsonw_close(&w, '}');
		free(first);
		free(second);
		free(both);
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	return buf_take(&text);
}

/* --- import -------------------------------------------------------------------------- */

static const struct {
	const char *comment;
	enum world_cert certs[3][2];
	size_t n;
	const char *id;
} imports[] = {
	{ "one entry with its chain", { { WORLD_UNDER_MIDDLE, WORLD_MIDDLE_CA } }, 1, "id-0" },
	{ "an entry for each certificate", { { WORLD_MIDDLE_CA, WORLD_N }, { WORLD_CA, WORLD_N },
	    { WORLD_UNDER_MIDDLE, WORLD_N } }, 3, "id-2" },
	{ "chain upside down", { { WORLD_MIDDLE_CA, WORLD_UNDER_MIDDLE } }, 1, NULL },
	{ "somebody else's", { { WORLD_GOOD, WORLD_N } }, 1, NULL },
	{ "none", { { WORLD_GOOD, WORLD_N } }, 0, NULL },
};

START_TEST(import_finds_its_leaf)
{
	char *answer = entries(imports[_i].certs, imports[_i].n);
	const struct api_reply reply = { .line = "POST " TRUST "/certificates?action=import",
	    .status = 201, .body = answer };
	struct scene s;
	struct json *doc;
	char *id = NULL;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(nsx_write_import(s.a, "new \"one\"", &s.goods, &id, &s.e), API_DONE);
	if (imports[_i].id == NULL)
		ck_assert_msg(id == NULL, "%s: %s", imports[_i].comment, id);
	else
		ck_assert_str_eq(id, imports[_i].id);
	doc = body_of("POST " TRUST);
	has_string(doc, "display_name", "new \"one\"");
	has_string(doc, "pem_encoded", buf_str(&s.goods.chain_pem));
	has_string(doc, "private_key", KEY);
	json_free(doc);
	free(id);
	free(answer);
	close_scene(&s);
}
END_TEST

static const char *const odd_answers[] = {
	"", "[]", "{\"results\":{}}", "{\"results\":[1,null,\"x\"]}", "{\"results\":[{\"id\":7}]}",
	"{\"results\":[{\"pem_encoded\":\"x\"}]}", "<html>",
};

START_TEST(import_with_an_odd_answer)
{
	const struct api_reply reply = { .line = "POST ", .status = 200, .body = odd_answers[_i] };
	struct scene s;
	char *id = NULL;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(nsx_write_import(s.a, "x", &s.goods, &id, &s.e), API_DONE);
	ck_assert_ptr_null(id);
	close_scene(&s);
}
END_TEST

/* A server may say again what it was sent. */
START_TEST(key_is_never_told)
{
	static const char *const words[] = {
		"Invalid PEM: MIGHAgEAMBMGByqGSM49AgEGCCqGSM49",
		"bad key -----BEGIN PRIVATE KEY-----",
		"line 2: AgEGCCqGSM49 is wrong",
	};
	char *answer = mem_printf("{\"error_code\":2004,\"error_message\":\"%s\"}", words[_i]);
	const struct api_reply reply = { .line = "POST ", .status = 400, .body = answer };
	struct scene s;
	char *id = NULL;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(nsx_write_import(s.a, "x", &s.goods, &id, &s.e), API_REFUSED);
	world_expect(&s.e, ERR_REFUSED, "withheld", words[_i]);
	ck_assert_ptr_null(strstr(s.e.text, "AgEGCCqGSM49"));
	ck_assert_ptr_null(strstr(s.e.text, "BEGIN"));
	ck_assert_int_eq(nsx_write_replace_host(s.a, "h", "x", &s.goods, &s.e), API_REFUSED);
	ck_assert_ptr_null(strstr(s.e.text, "AgEGCCqGSM49"));
	free(answer);
	close_scene(&s);
}
END_TEST

START_TEST(refusal_keeps_its_words)
{
	const struct api_reply reply = { .line = "POST ", .status = 400,
	    .body = "{\"error_code\":2004,"
	    "\"error_message\":\"Invalid PEM data received for private key.\"}" };
	struct scene s;
	char *id = NULL;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(nsx_write_import(s.a, "x", &s.goods, &id, &s.e), API_REFUSED);
	world_expect(&s.e, ERR_REFUSED, "import the certificate: HTTP 400 (Invalid PEM data received",
	    "import");
	close_scene(&s);
}
END_TEST

/* --- the other requests ---------------------------------------------------------------- */

static enum api_outcome import_it(struct scene *s)
{
	char *id = NULL;
	const enum api_outcome outcome = nsx_write_import(s->a, "x", &s->goods, &id, &s->e);

	free(id);
	return outcome;
}

static enum api_outcome apply_to_node(struct scene *s)
{
	return nsx_write_apply(s->a, "new/1", "API", "n&1", &s->e);
}

static enum api_outcome apply_to_cluster(struct scene *s)
{
	return nsx_write_apply(s->a, "new-1", "MGMT_CLUSTER", NULL, &s->e);
}

static enum api_outcome replace_batch(struct scene *s)
{
	return nsx_write_batch_replace(s->a, "old-1", "new-1", &s->e);
}

static enum api_outcome replace_batch_anew(struct scene *s)
{
	return nsx_write_batch_replace(s->a, "old-1", NULL, &s->e);
}

static enum api_outcome replace_host(struct scene *s)
{
	return nsx_write_replace_host(s->a, "tn-1", "host", &s->goods, &s->e);
}

static enum api_outcome delete_it(struct scene *s)
{
	return nsx_write_delete(s->a, "old-1", &s->e);
}

static enum api_outcome update_site(struct scene *s)
{
	char user_text[] = "admin", password_text[] = "hush \"hush\"";
	const struct secret user = { user_text, strlen(user_text) },
	    password = { password_text, strlen(password_text) };
	const struct nsx_site site = { .id = "site-1", .display_name = "West",
	    .site_type = "ONPREM_LM", .fqdn = "lm.example", .thumbprint = "ab12", .user = &user,
	    .password = &password };

	return nsx_write_site_thumbprint(s->a, &site, &s->e);
}

static const struct {
	enum api_outcome (*send)(struct scene *s);
	const char *line;
	const char *body;        /* whole; NULL: looked at elsewhere; "": none */
} requests[] = {
	{ import_it, "POST " TRUST "/certificates?action=import HTTP", NULL },
	{ apply_to_node, "POST " TRUST "/certificates/new%2F1?action=apply_certificate"
	    "&service_type=API&node_id=n%261 HTTP", "" },
	{ apply_to_cluster, "POST " TRUST "/certificates/new-1?action=apply_certificate"
	    "&service_type=MGMT_CLUSTER HTTP", "" },
	{ replace_batch, "POST " TRUST "/certificates/action/batch-replace HTTP",
	    "{\"certificate_replacements\":[{\"old_certificate_id\":\"old-1\","
	    "\"new_certificate_id\":\"new-1\"}]}" },
	{ replace_batch_anew, "POST " TRUST "/certificates/action/batch-replace HTTP",
	    "{\"certificate_replacements\":[{\"old_certificate_id\":\"old-1\"}]}" },
	{ replace_host, "POST " TRUST "/certificates/action/replace-host-certificate/tn-1 HTTP", NULL },
	{ delete_it, "DELETE " TRUST "/certificates/old-1 HTTP", "" },
	{ update_site, "PATCH /global-manager/api/v1/global-infra/sites/site-1 HTTP",
	    "{\"display_name\":\"West\",\"site_type\":\"ONPREM_LM\",\"site_connection_info\":["
	    "{\"fqdn\":\"lm.example\",\"username\":\"admin\",\"password\":\"hush \\\"hush\\\"\","
	    "\"thumbprint\":\"ab12\"}]}" },
};

START_TEST(request_is_as_documented)
{
	static const struct api_reply replies[] = {
		{ .line = "POST ", .status = 200 }, { .line = "DELETE ", .status = 204 },
		{ .line = "PATCH ", .status = 200 },
	};
	struct scene s;
	char *text, *body;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_msg(requests[_i].send(&s) == API_DONE, "%s", s.e.text);
	ck_assert_int_eq(s.e.code, ERR_NONE);
	ck_assert_uint_eq(api_world_count(""), 1);
	text = api_world_request("");
	ck_assert_msg(strstr(text, requests[_i].line) == text, "%s", text);
	body = strstr(text, "\r\n\r\n") + 4;
	if (requests[_i].body != NULL)
		ck_assert_str_eq(body, requests[_i].body);
	free(text);
	close_scene(&s);
}
END_TEST

static const struct { int status; enum api_outcome outcome; } ends[] = {
	{ 400, API_REFUSED }, { 404, API_REFUSED }, { 429, API_BUSY }, { 503, API_BUSY },
	{ 500, API_UNKNOWN }, { API_CLOSE, API_UNKNOWN }, { API_RESET, API_UNKNOWN },
};

/* Every request, every end: told as it is, and sent once. */
START_TEST(end_is_told_and_nothing_repeated)
{
	for (int k = 0; k < UNIT_ROWS(ends); k++) {
		const struct api_reply replies[] = {
			{ .line = "GET /", .status = 200 },
			{ .line = "POST ", .status = ends[k].status },
			{ .line = "DELETE ", .status = ends[k].status },
			{ .line = "PATCH ", .status = ends[k].status },
		};
		const bool is_gone = requests[_i].send == delete_it && ends[k].status == 404;
		struct api_answer answer;
		enum api_outcome outcome;
		struct scene s;

		open_scene(&s, replies, UNIT_ROWS(replies));
		api_call(s.a, FETCH_GET, "/", NULL, "first", world_ms(8000), &answer, &s.e);
		ck_assert_int_eq(answer.outcome, API_DONE);
		outcome = requests[_i].send(&s);
		ck_assert_msg(outcome == (is_gone ? API_DONE : ends[k].outcome), "%s, %d: %d, %s",
		    requests[_i].line, ends[k].status, (int)outcome, s.e.text);
		ck_assert((s.e.code == ERR_NONE) == is_gone);
		ck_assert_ptr_null(strstr(s.e.text, "hush"));
		ck_assert_uint_eq(api_world_count(""), 2);
		close_scene(&s);
	}
}
END_TEST

START_TEST(host_gets_key_and_chain)
{
	static const struct api_reply reply = { .line = "POST ", .status = 204 };
	struct scene s;
	struct json *doc;

	open_scene(&s, &reply, 1);
	ck_assert_int_eq(replace_host(&s), API_DONE);
	doc = body_of("POST ");
	has_string(doc, "display_name", "host");
	has_string(doc, "pem_encoded", buf_str(&s.goods.chain_pem));
	has_string(doc, "private_key", KEY);
	json_free(doc);
	close_scene(&s);
}
END_TEST

/* --- self-signed ------------------------------------------------------------------------ */

static const char *const wished_names[] = { "nsx.example", "10.0.0.10", "nsx-01.example",
	"fd00::1" };

static const struct {
	const char *comment, *version, *key_type, *path, *algorithm, *key_size;
} signs[] = {
	{ "4.1", "4.1.0.2.0.21761695", "rsa:3072", "/csrs-extended", "RSA", "3072" },
	{ "4.2", "4.2.0.0", "rsa:4096", "/csrs", "RSA", "4096" },
	{ "9.0", "9.0.1", "ec:P-384", "/csrs", "EC", "384" },
	{ "no version", NULL, "rsa:2048", "/csrs-extended", "RSA", "2048" },
	{ "no type", "4.2", NULL, "/csrs", "EC", "256" },   /* as the old one has it */
};

static const struct api_reply signing[] = {
	{ .line = "POST " TRUST "/csrs/csr-7?action=self_sign", .status = 200,
	    .body = "{\"id\":\"cert-8\",\"display_name\":\"nsx\"}" },
	{ .line = "POST " TRUST "/csrs-extended", .status = 201, .body = "{\"id\":\"csr-7\"}" },
	{ .line = "POST " TRUST "/csrs", .status = 201, .body = "{\"id\":\"csr-7\"}" },
};

static struct cert *old_cert(void)
{
	unsigned char *der = NULL;
	int n = i2d_X509(world.certs[WORLD_GOOD]->cert, &der);
	struct cert *c = cert_from_der(der, (size_t)n, NULL);

	OPENSSL_free(der);
	ck_assert_ptr_nonnull(c);
	return c;
}

static void is_attribute(const struct json *attribute, const char *key, const char *value)
{
	has_string(attribute, "key", key);
	has_string(attribute, "value", value);
}

START_TEST(self_sign_takes_two_requests)
{
	struct cert *old = old_cert();
	const struct material_wish wish = {
	    .subject = "CN=nsx.example, O=A\\, B, OU=\\C3\\A9t\\C3\\A9,UID=7,C=DE", .old = old,
	    .names = wished_names, .n_names = UNIT_ROWS(wished_names) };
	char *line = mem_printf("POST " TRUST "%s HTTP", signs[_i].path), *id = NULL;
	const struct json *attribute, *names;
	struct scene s;
	struct json *doc;

	open_scene(&s, signing, UNIT_ROWS(signing));
	ck_assert_msg(nsx_write_self_sign(s.a, signs[_i].version, "nsx", &wish, signs[_i].key_type,
	    397, &id, &s.e) == API_DONE, "%s: %s", signs[_i].comment, s.e.text);
	ck_assert_str_eq(id, "cert-8");
	ck_assert_uint_eq(api_world_count(""), 2);
	ck_assert_uint_eq(api_world_count("POST " TRUST "/csrs/csr-7?action=self_sign&days_valid=397"), 1);
	ck_assert_uint_eq(api_world_count(line), 1);
	doc = body_of(line);
	has_string(doc, "display_name", "nsx");
	has_string(doc, "algorithm", signs[_i].algorithm);
	has_string(doc, "key_size", signs[_i].key_size);
	attribute = json_first(json_get(json_get(doc, "subject"), "attributes"));
	is_attribute(attribute, "CN", "nsx.example");
	is_attribute(json_next(attribute), "O", "A, B");
	is_attribute(json_next(json_next(attribute)), "OU", "\xc3\xa9t\xc3\xa9");
	is_attribute(json_next(json_next(json_next(attribute))), "C", "DE");
	names = json_get(json_get(doc, "extensions"), "subject_alt_names");
	ck_assert_uint_eq(json_count(json_get(names, "dns_names")), 2);
	ck_assert_str_eq(json_str(json_first(json_get(names, "ip_addresses"))), "10.0.0.10");
	ck_assert_uint_eq(json_count(json_get(names, "ip_addresses")), 2);
	json_free(doc);
	free(id);
	free(line);
	cert_free(old);
	close_scene(&s);
}
END_TEST

/* The subject of the old one is taken over where none is configured. */
START_TEST(self_sign_keeps_the_subject)
{
	struct cert *old = old_cert();
	const struct material_wish wish = { .old = old };
	struct scene s;
	struct json *doc;
	char *id = NULL;

	open_scene(&s, signing, UNIT_ROWS(signing));
	ck_assert_int_eq(nsx_write_self_sign(s.a, "4.1", "nsx", &wish, NULL, 10, &id, &s.e), API_DONE);
	doc = body_of("POST " TRUST "/csrs-extended");
	is_attribute(json_first(json_get(json_get(doc, "subject"), "attributes")), "CN", "good");
	has_string(doc, "algorithm", "EC");
	has_string(doc, "key_size", "256");
	json_free(doc);
	free(id);
	cert_free(old);
	close_scene(&s);
}
END_TEST

static const struct {
	const char *comment;
	int status[2];                /* of each request; 0: not made */
	const char *body;             /* of the first */
	enum api_outcome outcome;
} broken_signs[] = {
	{ "refused", { 400, 0 }, NULL, API_REFUSED },
	{ "lost", { API_CLOSE, 0 }, NULL, API_UNKNOWN },
	{ "no id", { 200, 0 }, "{}", API_REFUSED },
	{ "busy at the second", { 200, 503 }, "{\"id\":\"csr-7\"}", API_BUSY },
	{ "lost at the second", { 200, API_RESET }, "{\"id\":\"csr-7\"}", API_UNKNOWN },
};

START_TEST(self_sign_stops)
{
	const struct api_reply replies[] = {
		{ .line = "POST " TRUST "/csrs/", .status = broken_signs[_i].status[1] },
		{ .line = "POST " TRUST "/csrs-extended", .status = broken_signs[_i].status[0],
		    .body = broken_signs[_i].body },
	};
	const struct material_wish wish = { .subject = "CN=x" };
	struct scene s;
	char *id = NULL;

	open_scene(&s, replies, UNIT_ROWS(replies));
	ck_assert_msg(nsx_write_self_sign(s.a, "4.1", "nsx", &wish, "rsa:2048", 10, &id, &s.e) ==
	    broken_signs[_i].outcome, "%s: %s", broken_signs[_i].comment, s.e.text);
	ck_assert_int_ne(s.e.code, ERR_NONE);
	ck_assert_ptr_null(id);
	ck_assert_uint_eq(api_world_count(""), broken_signs[_i].status[1] != 0 ? 2 : 1);
	close_scene(&s);
}
END_TEST

static const struct { struct material_wish wish; const char *key_type, *text; } unfit_wishes[] = {
	{ { .subject = NULL }, "rsa:2048", "set subject" },
	{ { .subject = "CN=x" }, "dsa:2048", "want rsa:BITS" },
	{ { .subject = "CN=x" }, "rsa", "want rsa:BITS" },
};

START_TEST(unfit_wish_is_not_sent)
{
	struct scene s;
	char *id = NULL;

	open_scene(&s, NULL, 0);
	ck_assert_int_eq(nsx_write_self_sign(s.a, "4.1", "nsx", &unfit_wishes[_i].wish,
	    unfit_wishes[_i].key_type, 10, &id, &s.e), API_NOT_SENT);
	world_expect(&s.e, ERR_CONFIG, unfit_wishes[_i].text, "wish");
	ck_assert_uint_eq(api_world_count(""), 0);
	close_scene(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("nsx_write");
	TCase *t = tcase_create("nsx_write");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, world_make, world_remove);
	tcase_add_loop_test(t, import_finds_its_leaf, 0, UNIT_ROWS(imports));
	tcase_add_loop_test(t, import_with_an_odd_answer, 0, UNIT_ROWS(odd_answers));
	tcase_add_loop_test(t, key_is_never_told, 0, 3);
	tcase_add_test(t, refusal_keeps_its_words);
	tcase_add_loop_test(t, request_is_as_documented, 0, UNIT_ROWS(requests));
	tcase_add_loop_test(t, end_is_told_and_nothing_repeated, 0, UNIT_ROWS(requests));
	tcase_add_test(t, host_gets_key_and_chain);
	tcase_add_loop_test(t, self_sign_takes_two_requests, 0, UNIT_ROWS(signs));
	tcase_add_test(t, self_sign_keeps_the_subject);
	tcase_add_loop_test(t, self_sign_stops, 0, UNIT_ROWS(broken_signs));
	tcase_add_loop_test(t, unfit_wish_is_not_sent, 0, UNIT_ROWS(unfit_wishes));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
