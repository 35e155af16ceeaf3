/* test_verdict.c - who is trusted, who is not and why; what a peek shows. */
#include "tests/unit/https_world.h"
#include "lib/base/mem.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define SOON_MS 4000

enum { NO_CA = -1 };

static char *two_cas, *broken_ca, *no_ca_in_it, *cut_ca;   /* files made below */

static void make_all(void)
{
	char *ca, *other, *text;

	world_make();
	ca = pki_pem(world.certs[WORLD_CA], false);
	other = pki_pem(world.certs[WORLD_OTHER_CA], false);
	text = mem_printf("Other\n%s\r\n# and ours\n%s", other, ca);
	two_cas = mem_strdup(scratch_text("two.pem", text, 0644));
	free(text);
	text = mem_printf("%s-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", ca);
	broken_ca = mem_strdup(scratch_text("broken.pem", text, 0644));
	free(text);
	text = mem_strndup(ca, strlen(ca) / 2);
	cut_ca = mem_strdup(scratch_text("cut.pem", text, 0644));
	free(text);
	no_ca_in_it = mem_strdup(scratch_text("no.pem", "nothing here\n", 0644));
	free(ca);
	free(other);
}

static void remove_all(void)
{
	free(two_cas);
	free(broken_ca);
	free(no_ca_in_it);
	free(cut_ca);
	world_remove();
}

/* A request with a password to a server that shows identity (and sent_along). */
static struct fetch_answer call(enum world_cert identity, int sent_along, const struct trust *trust,
    const char *host, size_t *n_bytes)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[identity], .answer = WORLD_OK,
	    .issuer = sent_along < 0 ? NULL : world.certs[sent_along] });
	char user_text[] = "admin", password_text[] = "secret";
	const struct secret user = { user_text, 5 }, password = { password_text, 6 };
	char *url = mem_printf("https://%s:%d/", host, tls_server_port(s));
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = url, .trust = trust,
	    .family = FAMILY_4, .basic_user = &user, .basic_password = &password }, SOON_MS);

	free(url);
	*n_bytes = tls_server_bytes(s);
	tls_server_stop(s);
	return a;
}

/* --- by CA ---------------------------------------------------------------------- */

static const struct {
	const char *comment;
	enum world_cert identity;
	int sent_along;                /* NO_CA: the leaf alone */
	int ca;                        /* NO_CA: the system's store */
	const char *host;
	enum err_code code;
	const char *text;
	bool only_expired;
} by_ca[] = {
	{ "good, by address", WORLD_GOOD, NO_CA, WORLD_CA, "127.0.0.1", ERR_NONE, "", false },
	{ "good, by name", WORLD_GOOD, NO_CA, WORLD_CA, "localhost", ERR_NONE, "", false },
	{ "self-signed, named itself", WORLD_SELF, NO_CA, WORLD_SELF, "127.0.0.1", ERR_NONE, "", false },
	{ "leaf named itself", WORLD_GOOD, NO_CA, WORLD_GOOD, "127.0.0.1", ERR_NONE, "", false },
	{ "chain complete", WORLD_UNDER_MIDDLE, WORLD_MIDDLE_CA, WORLD_CA, "127.0.0.1", ERR_NONE, "", false },
	{ "intermediate named", WORLD_UNDER_MIDDLE, NO_CA, WORLD_MIDDLE_CA, "127.0.0.1", ERR_NONE, "",
	    false },
	{ "intermediate not sent", WORLD_UNDER_MIDDLE, NO_CA, WORLD_CA, "127.0.0.1", ERR_TLS,
	    "not signed by a CA in", false },
	{ "another CA", WORLD_GOOD, NO_CA, WORLD_OTHER_CA, "127.0.0.1", ERR_TLS,
	    "not signed by a CA in", false },
	{ "another CA, ours sent along", WORLD_GOOD, WORLD_CA, WORLD_OTHER_CA, "127.0.0.1", ERR_TLS,
	    "not signed by a CA in", false },
	{ "the system's store", WORLD_GOOD, NO_CA, NO_CA, "127.0.0.1", ERR_TLS, "name the file", false },
	{ "self-signed", WORLD_SELF, NO_CA, WORLD_CA, "127.0.0.1", ERR_TLS, "issuer \"CN=self\"", false },
	{ "another name", WORLD_ELSEWHERE, NO_CA, WORLD_CA, "127.0.0.1", ERR_TLS,
	    "not for 127.0.0.1 but for elsewhere.example, *.elsewhere.example", false },
	{ "another name, by name", WORLD_ELSEWHERE, NO_CA, WORLD_CA, "localhost", ERR_TLS,
	    "not for localhost but for", false },
	{ "no name at all", WORLD_OTHER_CA, NO_CA, WORLD_OTHER_CA, "127.0.0.1", ERR_TLS,
	    "not for 127.0.0.1 but for Other CA", false },
	{ "not yet valid", WORLD_FUTURE, NO_CA, WORLD_CA, "127.0.0.1", ERR_TLS, "not valid before", false },
	{ "expired", WORLD_EXPIRED, NO_CA, WORLD_CA, "127.0.0.1", ERR_TLS, "set pin_sha256 = ", true },
	{ "expired, self-signed, named", WORLD_SELF_EXPIRED, NO_CA, WORLD_SELF_EXPIRED, "127.0.0.1",
	    ERR_TLS, "set pin_sha256 = ", true },
	{ "expired and another name", WORLD_EXPIRED_ELSEWHERE, NO_CA, WORLD_CA, "127.0.0.1", ERR_TLS,
	    "not for 127.0.0.1", false },
	{ "expired and another CA", WORLD_EXPIRED, NO_CA, WORLD_OTHER_CA, "127.0.0.1", ERR_TLS,
	    "not signed by a CA in", false },
	{ "expired CA", WORLD_UNDER_OLD_CA, NO_CA, WORLD_OLD_CA, "127.0.0.1", ERR_TLS,
	    "a CA certificate of its chain has expired", false },
};

START_TEST(trusted_by_ca)
{
	struct trust trust = { .ca_file = by_ca[_i].ca < 0 ? NULL : world.files[by_ca[_i].ca] };
	size_t n_bytes;
	struct fetch_answer a = call(by_ca[_i].identity, by_ca[_i].sent_along, &trust, by_ca[_i].host,
	    &n_bytes);

	world_expect(&a.err, by_ca[_i].code, by_ca[_i].text, by_ca[_i].comment);
	ck_assert_msg(a.only_expired == by_ca[_i].only_expired, "%s", by_ca[_i].comment);
	ck_assert_msg(a.chain.n == (by_ca[_i].sent_along < 0 ? 1 : 2), "%s: chain of %zu",
	    by_ca[_i].comment, a.chain.n);
	ck_assert_msg((n_bytes > 0) == (a.err.code == ERR_NONE), "%s: %zu bytes were sent",
	    by_ca[_i].comment, n_bytes);
	ck_assert_int_eq(a.status, a.err.code == ERR_NONE ? 200 : 0);
	fetch_answer_clear(&a);
}
END_TEST

START_TEST(expired_names_the_pin)
{
	struct trust trust = { .ca_file = world.files[WORLD_CA] };
	char hex[2 * CERT_SHA256_BYTES + 1];
	struct err e = { 0 };
	struct cert *leaf;
	size_t n_bytes;
	struct fetch_answer a = call(WORLD_EXPIRED, NO_CA, &trust, "127.0.0.1", &n_bytes);

	ck_assert(a.only_expired);
	leaf = cert_from_der(a.chain.v[0].der, a.chain.v[0].len, &e);
	ck_assert_msg(leaf != NULL, "%s", e.text);
	cert_sha256_hex(leaf, hex);
	ck_assert_ptr_nonnull(strstr(a.err.text, hex));
	ck_assert_ptr_nonnull(strstr(a.err.text, "no credentials were sent"));
	cert_free(leaf);
	fetch_answer_clear(&a);
}
END_TEST

static const struct { const char *comment; char **path; const char *text; enum err_code code; } ca_files[] = {
	{ "two CAs, the second is ours", &two_cas, "", ERR_NONE },
	{ "a broken block after ours", &broken_ca, "certificate 2 cannot be read", ERR_CONFIG },
	{ "half a block", &cut_ca, "certificate 1 cannot be read", ERR_CONFIG },
	{ "no certificate", &no_ca_in_it, "holds no PEM certificate", ERR_CONFIG },
};

START_TEST(ca_file_is_read)
{
	struct trust trust = { .ca_file = *ca_files[_i].path };
	size_t n_bytes;
	struct fetch_answer a = call(WORLD_GOOD, NO_CA, &trust, "127.0.0.1", &n_bytes);

	world_expect(&a.err, ca_files[_i].code, ca_files[_i].text, ca_files[_i].comment);
	ck_assert((n_bytes > 0) == (ca_files[_i].code == ERR_NONE));
	fetch_answer_clear(&a);
}
END_TEST

START_TEST(ca_file_is_missing)
{
	char path[] = "/nonexistent/ca.pem";
	struct trust trust = { .ca_file = path };
	size_t n_bytes;
	struct fetch_answer a = call(WORLD_GOOD, NO_CA, &trust, "127.0.0.1", &n_bytes);

	world_expect(&a.err, ERR_CONFIG, path, "missing CA file");
	ck_assert_uint_eq(n_bytes, 0);
	fetch_answer_clear(&a);
}
END_TEST

/* No trust given is the system's store, never "anybody". */
START_TEST(no_trust_is_not_no_check)
{
	size_t n_bytes;
	struct fetch_answer a = call(WORLD_GOOD, NO_CA, NULL, "127.0.0.1", &n_bytes);

	world_expect(&a.err, ERR_TLS, "not signed by a CA in", "no trust");
	ck_assert_uint_eq(n_bytes, 0);
	fetch_answer_clear(&a);
}
END_TEST

/* --- by pin ------------------------------------------------------------------------ */

static const struct {
	const char *comment;
	enum world_cert identity, pinned;
	enum err_code code;
} by_pin[] = {
	{ "self-signed", WORLD_SELF, WORLD_SELF, ERR_NONE },
	{ "expired", WORLD_EXPIRED, WORLD_EXPIRED, ERR_NONE },
	{ "another name", WORLD_ELSEWHERE, WORLD_ELSEWHERE, ERR_NONE },
	{ "not yet valid", WORLD_FUTURE, WORLD_FUTURE, ERR_NONE },
	{ "of an expired CA", WORLD_UNDER_OLD_CA, WORLD_UNDER_OLD_CA, ERR_NONE },
	{ "no match", WORLD_GOOD, WORLD_SELF, ERR_TLS },
	{ "the issuer's pin is not the leaf's", WORLD_GOOD, WORLD_CA, ERR_TLS },
};

START_TEST(trusted_by_pin)
{
	uint8_t pins[2][CERT_SHA256_BYTES] = { { 1, 2, 3 } };
	struct trust trust = { .pins = pins, .n_pins = 2 };
	size_t n_bytes;
	struct fetch_answer a;

	pki_sha256(world.certs[by_pin[_i].pinned], pins[1]);
	a = call(by_pin[_i].identity, NO_CA, &trust, "127.0.0.1", &n_bytes);
	world_expect(&a.err, by_pin[_i].code, by_pin[_i].code == ERR_NONE ? "" : "matches no pin_sha256",
	    by_pin[_i].comment);
	ck_assert(!a.only_expired);
	ck_assert_uint_eq(a.chain.n, 1);
	ck_assert((n_bytes > 0) == (by_pin[_i].code == ERR_NONE));
	fetch_answer_clear(&a);
}
END_TEST

/* A pin that does not match is not made good by a CA file. */
START_TEST(pin_is_strict)
{
	uint8_t pins[1][CERT_SHA256_BYTES] = { { 0 } };
	struct trust trust = { .ca_file = world.files[WORLD_CA], .pins = pins, .n_pins = 1 };
	size_t n_bytes;
	struct fetch_answer a = call(WORLD_GOOD, NO_CA, &trust, "127.0.0.1", &n_bytes);

	world_expect(&a.err, ERR_TLS, "matches no pin_sha256", "pin and CA file");
	ck_assert_uint_eq(n_bytes, 0);
	fetch_answer_clear(&a);
}
END_TEST

/* --- listeners that demand a client certificate ----------------------------------------- */

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

static struct tls_server *demanding(int version)
{
	return tls_server_start(&(struct tls_server_options){ .identity = world.certs[WORLD_GOOD],
	    .answer = WORLD_OK, .demands_client_cert = true, .only_version = version });
}

START_TEST(client_certificate_logs_in)
{
	struct tls_server *s = demanding(versions[_i]);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust, .client_cert_path = world.files[WORLD_SELF],
	    .client_key_path = world.files[WORLD_SELF] }, SOON_MS);

	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

START_TEST(client_certificate_is_missed)
{
	struct tls_server *s = demanding(versions[_i]);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust }, SOON_MS);

	world_expect(&a.err, ERR_AUTH, "asked for a client certificate", "a listener that demands one");
	ck_assert_uint_eq(tls_server_requests(s), 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

static void reset_after_request(struct tls_conn *c)
{
	if (tls_conn_request(c) == 0)
		tls_conn_reset(c);
}

/* Many managers ask every client for a certificate and need none: when such a
 * connection breaks, somebody who logs in by password is not sent looking for
 * one. */
START_TEST(client_certificate_is_not_blamed)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .asks_client_cert = true,
	    .only_version = versions[_i], .serve = reset_after_request });
	char word[] = "word";
	const struct secret secret = { word, strlen(word) };
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust, .basic_user = &secret, .basic_password = &secret }, SOON_MS);

	ck_assert_msg(a.err.code == ERR_UNREACHABLE, "%s", a.err.text);
	ck_assert_ptr_null(strstr(a.err.text, "client certificate"));
	ck_assert_uint_eq(tls_server_requests(s), 1);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

START_TEST(client_certificate_is_for_the_trusted)
{
	struct tls_server *s = demanding(TLS1_2_VERSION);
	struct trust trust = { .ca_file = world.files[WORLD_OTHER_CA] };
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &trust, .client_cert_path = world.files[WORLD_SELF],
	    .client_key_path = world.files[WORLD_SELF] }, SOON_MS);

	world_expect(&a.err, ERR_TLS, "not signed by a CA in", "wrong CA");
	ck_assert_uint_eq(tls_server_requests(s), 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

START_TEST(client_key_is_not_a_key)
{
	struct tls_server *s = demanding(TLS1_2_VERSION);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust, .client_cert_path = world.files[WORLD_SELF],
	    .client_key_path = no_ca_in_it }, SOON_MS);

	world_expect(&a.err, ERR_CONFIG, "client_key", "not a key");
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* --- peeks ----------------------------------------------------------------------------------- */

static const struct {
	const char *comment;
	enum world_cert identity;
	int version;
	bool demands_client_cert;
} peeks[] = {
	{ "a good one", WORLD_GOOD, 0, false },
	{ "an expired one", WORLD_EXPIRED, 0, false },
	{ "one for another name", WORLD_ELSEWHERE, 0, false },
	{ "a self-signed one", WORLD_SELF, 0, false },
	{ "TLS 1.0", WORLD_GOOD, TLS1_VERSION, false },
	{ "TLS 1.1", WORLD_GOOD, TLS1_1_VERSION, false },
	{ "TLS 1.2", WORLD_GOOD, TLS1_2_VERSION, false },
	{ "TLS 1.3", WORLD_GOOD, TLS1_3_VERSION, false },
	{ "TLS 1.2 demanding", WORLD_GOOD, TLS1_2_VERSION, true },
	{ "TLS 1.3 demanding", WORLD_GOOD, TLS1_3_VERSION, true },
};

START_TEST(peek_shows_the_chain)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[peeks[_i].identity], .issuer = world.certs[WORLD_CA],
	    .only_version = peeks[_i].version, .demands_client_cert = peeks[_i].demands_client_cert,
	    .answer = WORLD_OK });
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .verb = FETCH_PEEK,
	    .url = world_address(s) }, SOON_MS);
	uint8_t want[CERT_SHA256_BYTES];
	struct err e = { 0 };
	struct cert *leaf;

	ck_assert_msg(a.err.code == ERR_NONE, "%s: %s", peeks[_i].comment, a.err.text);
	ck_assert_msg(a.chain.n == 2, "%s: chain of %zu", peeks[_i].comment, a.chain.n);
	leaf = cert_from_der(a.chain.v[0].der, a.chain.v[0].len, &e);
	ck_assert_msg(leaf != NULL, "%s", e.text);
	pki_sha256(world.certs[peeks[_i].identity], want);
	ck_assert_mem_eq(leaf->sha256, want, sizeof want);
	cert_free(leaf);
	ck_assert_int_eq(a.status, 0);
	ck_assert_uint_eq(tls_server_bytes(s), 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

START_TEST(call_refuses_old_tls)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .only_version = TLS1_1_VERSION, .answer = WORLD_OK });
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust }, SOON_MS);

	world_expect(&a.err, ERR_TLS, "no TLS version allowed here", "TLS 1.1");
	ck_assert_uint_eq(tls_server_bytes(s), 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

/* The name that the client sends, as the first line of what it is told. */
static int remember_name(SSL *ssl, int *alert, void *arg)
{
	char *name = arg;
	const char *sent = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	snprintf(name, 64, "%s", sent != NULL ? sent : "(none)");
	return SSL_TLSEXT_ERR_OK;
}

static const struct { const char *host, *sni, *want; } names[] = {
	{ "127.0.0.1", NULL, "(none)" },
	{ "localhost", NULL, "localhost" },
	{ "127.0.0.1", "nsx.example", "nsx.example" },
	{ "localhost", "nsx.example", "nsx.example" },
};

START_TEST(peek_sends_the_name)
{
	char sent[64] = "", *address;
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK,
	    .on_name = remember_name, .on_name_arg = sent });
	struct fetch_answer a;

	address = mem_printf("%s:%d", names[_i].host, tls_server_port(s));
	a = world_fetch(&(struct fetch_request){ .verb = FETCH_PEEK, .url = address, .sni = names[_i].sni,
	    .family = FAMILY_4 }, SOON_MS);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	tls_server_stop(s);
	ck_assert_str_eq(sent, names[_i].want);
	free(address);
	fetch_answer_clear(&a);
}
END_TEST

/* More certificates than are kept: the number of the others is told. */
START_TEST(chain_has_a_ceiling)
{
	const struct pki *many[24];
	struct fetch_answer a;
	struct tls_server *s;

	for (size_t i = 0; i < 24; i++)
		many[i] = world.certs[i % WORLD_N];
	s = tls_server_start(&(struct tls_server_options){ .identity = world.certs[WORLD_GOOD],
	    .answer = WORLD_OK, .more = many, .n_more = 24 });
	a = world_fetch(&(struct fetch_request){ .verb = FETCH_PEEK, .url = world_address(s) }, SOON_MS);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_uint_eq(a.chain.n, FETCH_CHAIN_MAX);
	ck_assert_uint_eq(a.chain.n_cut, 25 - FETCH_CHAIN_MAX);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("verdict");
	TCase *c = tcase_create("handshakes");

	tcase_add_unchecked_fixture(c, make_all, remove_all);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, trusted_by_ca, 0, sizeof by_ca / sizeof by_ca[0]);
	tcase_add_test(c, expired_names_the_pin);
	tcase_add_loop_test(c, ca_file_is_read, 0, sizeof ca_files / sizeof ca_files[0]);
	tcase_add_test(c, ca_file_is_missing);
	tcase_add_test(c, no_trust_is_not_no_check);
	tcase_add_loop_test(c, trusted_by_pin, 0, sizeof by_pin / sizeof by_pin[0]);
	tcase_add_test(c, pin_is_strict);
	tcase_add_loop_test(c, client_certificate_logs_in, 0, 2);
	tcase_add_loop_test(c, client_certificate_is_missed, 0, 2);
	tcase_add_loop_test(c, client_certificate_is_not_blamed, 0, 2);
	tcase_add_test(c, client_certificate_is_for_the_trusted);
	tcase_add_test(c, client_key_is_not_a_key);
	tcase_add_loop_test(c, peek_shows_the_chain, 0, sizeof peeks / sizeof peeks[0]);
	tcase_add_test(c, call_refuses_old_tls);
	tcase_add_loop_test(c, peek_sends_the_name, 0, sizeof names / sizeof names[0]);
	tcase_add_test(c, chain_has_a_ceiling);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
