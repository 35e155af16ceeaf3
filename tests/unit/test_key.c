/* test_key.c - keys, requests and self-signed certificates, as OpenSSL reads
 * them back. */
#include "remediate/key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include "lib/model/cert.h"
#include "tests/unit/unit.h"

#define NOW_AT INT64_C(1795305600)   /* 2026-11-22 */
#define DAY_S INT64_C(86400)

static const char *const names[] = { "nsx-01.example", "192.0.2.7", "2001:db8::7" };
static const struct key_subject subject = {
	.name = "CN=nsx-01.example,O=Example", .names = names, .n_names = 3 };

static BIO *bio_of(const char *text, size_t n)
{
	BIO *bio = BIO_new_mem_buf(text, (int)n);

	ck_assert_ptr_nonnull(bio);
	return bio;
}

static EVP_PKEY *pkey_of(const struct key *k)
{
	struct secret pem = { 0 };
	struct err e;
	EVP_PKEY *pkey;
	BIO *bio;

	ck_assert_msg(key_pem(k, &pem, &e) == 0, "%s", e.text);
	ck_assert_int_eq(strncmp(pem.bytes, "-----BEGIN PRIVATE KEY-----\n", 28), 0);
	ck_assert_ptr_null(strchr(pem.bytes, '\r'));
	bio = bio_of(pem.bytes, pem.len);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(pkey);
	BIO_free(bio);
	secret_wipe(&pem);
	return pkey;
}

/* One RSA key for all tests: making one takes long under valgrind. */
static struct key *shared_rsa;

static void make_shared(void)
{
	struct err e;

	shared_rsa = key_make("rsa:2048", &e);
	ck_assert_msg(shared_rsa != NULL, "%s", e.text);
}

static void free_shared(void)
{
	key_free(shared_rsa);
}

static struct key *made(const char *type)
{
	struct err e;
	struct key *k = strcmp(type, "rsa:2048") == 0 ? shared_rsa : key_make(type, &e);

	ck_assert_msg(k != NULL, "%s: %s", type, e.text);
	return k;
}

static void done_with(struct key *k)
{
	if (k != shared_rsa)
		key_free(k);
}

static const struct { const char *type; int kind, bits; } kinds[] = {
	{ "rsa:2048", EVP_PKEY_RSA, 2048 }, { "ec:P-256", EVP_PKEY_EC, 256 },
	{ "ec:P-384", EVP_PKEY_EC, 384 }, { "ec:P-521", EVP_PKEY_EC, 521 },
};

START_TEST(makes_what_was_asked_for)
{
	struct key *k = made(kinds[_i].type);
	EVP_PKEY *pkey = pkey_of(k);

	ck_assert_int_eq(EVP_PKEY_get_base_id(pkey), kinds[_i].kind);
	ck_assert_int_eq(EVP_PKEY_get_bits(pkey), kinds[_i].bits);
	EVP_PKEY_free(pkey);
	done_with(k);
}
END_TEST

static const char *const no_kinds[] = { "", "rsa", "rsa:1024", "ec:P-224", "dsa:2048", "RSA:2048" };

START_TEST(makes_nothing_else)
{
	struct err e = { 0 };

	ck_assert_ptr_null(key_make(no_kinds[_i], &e));
	ck_assert_int_eq(e.code, ERR_CONFIG);
}
END_TEST

START_TEST(makes_another_one_each_time)
{
	struct key *a = made("ec:P-256"), *b = made("ec:P-256");
	EVP_PKEY *pa = pkey_of(a), *pb = pkey_of(b);

	ck_assert_int_ne(EVP_PKEY_eq(pa, pb), 1);
	EVP_PKEY_free(pa);
	EVP_PKEY_free(pb);
	key_free(a);
	key_free(b);
}
END_TEST

/* --- reading ------------------------------------------------------------------ */

enum form { PKCS8, TRADITIONAL, WITH_PARAMETERS, CRLF, BETWEEN_CERTIFICATES };
static const struct { const char *type; enum form form; } forms[] = {
	{ "rsa:2048", PKCS8 }, { "rsa:2048", TRADITIONAL }, { "ec:P-256", PKCS8 },
	{ "ec:P-256", TRADITIONAL }, { "ec:P-256", WITH_PARAMETERS }, { "ec:P-256", CRLF },
	{ "ec:P-256", BETWEEN_CERTIFICATES },
};

static void write_form(BIO *out, EVP_PKEY *pkey, enum form form)
{
	static const char certificate[] =
	    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

	if (form == WITH_PARAMETERS)
		BIO_puts(out, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
		    "-----END EC PARAMETERS-----\n");
	if (form == BETWEEN_CERTIFICATES)
		BIO_puts(out, certificate);
	if (form == TRADITIONAL || form == WITH_PARAMETERS)
		ck_assert_int_eq(PEM_write_bio_PrivateKey_traditional(out, pkey, NULL, NULL, 0, NULL,
		    NULL), 1);
	else
		ck_assert_int_eq(PEM_write_bio_PrivateKey(out, pkey, NULL, NULL, 0, NULL, NULL), 1);
	if (form == BETWEEN_CERTIFICATES)
		BIO_puts(out, certificate);
}

static void to_crlf(const char *text, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n')
			buf_addc(out, '\r');
		buf_addc(out, text[i]);
	}
}

START_TEST(reads_every_form)
{
	struct key *k = made(forms[_i].type), *again;
	EVP_PKEY *pkey = pkey_of(k), *read;
	BIO *bio = BIO_new(BIO_s_mem());
	struct secret pem = { 0 };
	struct buf text;
	struct err e;
	char *p;
	long n;

	write_form(bio, pkey, forms[_i].form);
	n = BIO_get_mem_data(bio, &p);
	buf_init(&text, 65536);
	if (forms[_i].form == CRLF)
		to_crlf(p, (size_t)n, &text);
	else
		buf_add(&text, p, (size_t)n);
	secret_set(&pem, text.data, text.len);
	again = key_read(&pem, &e);
	ck_assert_msg(again != NULL, "%s", e.text);
	read = pkey_of(again);
	ck_assert_int_eq(EVP_PKEY_eq(pkey, read), 1);
	EVP_PKEY_free(read);
	key_free(again);
	secret_wipe(&pem);
	buf_clear(&text);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	done_with(k);
}
END_TEST

static const struct { const char *text, *words; } no_keys[] = {
	{ "", "no private key that can be read" },
	{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no private key" },
	{ "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key" },
	{ "-----BEGIN PRIVATE KEY-----\n", "no private key" },
	{ "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	  "-----END PRIVATE KEY-----\n", "neither RSA nor EC" },
};

START_TEST(says_what_is_no_key)
{
	struct secret pem = { 0 };
	struct err e = { 0 };

	secret_set(&pem, no_keys[_i].text, strlen(no_keys[_i].text));
	ck_assert_ptr_null(key_read(&pem, &e));
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.text, no_keys[_i].words) != NULL, "%s", e.text);
	secret_wipe(&pem);
}
END_TEST

/* Nobody is asked at a terminal. */
START_TEST(refuses_an_encrypted_key)
{
	struct key *k = made("ec:P-256");
	EVP_PKEY *pkey = pkey_of(k);
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char phrase[] = "open sesame";
	struct secret pem = { 0 };
	struct err e = { 0 };
	char *p;
	long n;

	ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_128_cbc(),
	    (char *)phrase, sizeof phrase - 1, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &p);
	secret_set(&pem, p, (size_t)n);
	ck_assert_ptr_null(key_read(&pem, &e));
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.text, "encrypted"));
	secret_wipe(&pem);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	done_with(k);
}
END_TEST

/* --- the request ---------------------------------------------------------------- */

static void check_name(const X509_NAME *name, const char *want)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	n = BIO_get_mem_data(bio, &text);
	ck_assert_uint_eq((size_t)n, strlen(want));
	ck_assert_int_eq(memcmp(text, want, (size_t)n), 0);
	BIO_free(bio);
}

static void check_alternatives(const GENERAL_NAMES *all)
{
	ck_assert_ptr_nonnull(all);
	ck_assert_int_eq(sk_GENERAL_NAME_num(all), 3);
	for (int i = 0; i < 3; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);

		ck_assert_int_eq(g->type, i == 0 ? GEN_DNS : GEN_IPADD);
		if (i == 0)
			ck_assert_int_eq(strcmp((const char *)ASN1_STRING_get0_data(g->d.dNSName),
			    names[0]), 0);
		else
			ck_assert_int_eq(ASN1_STRING_length(g->d.iPAddress), i == 1 ? 4 : 16);
	}
}

static X509_REQ *requested(const struct key *k, const struct key_subject *s)
{
	struct buf pem;
	struct err e;
	X509_REQ *request;
	BIO *bio;

	buf_init(&pem, 65536);
	ck_assert_msg(key_request(k, s, &pem, &e) == 0, "%s", e.text);
	ck_assert_ptr_null(strstr(buf_str(&pem), "PRIVATE"));
	bio = bio_of(pem.data, pem.len);
	request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(request);
	BIO_free(bio);
	buf_clear(&pem);
	return request;
}

START_TEST(asks_for_what_a_manager_needs)
{
	struct key_subject s = subject;
	struct key *k = made(kinds[_i].type);
	X509_REQ *request;
	STACK_OF(X509_EXTENSION) *extensions;
	BASIC_CONSTRAINTS *constraints;
	EXTENDED_KEY_USAGE *purposes;
	ASN1_BIT_STRING *usage;
	GENERAL_NAMES *all;
	int critical;

	s.name = "CN=nsx-01.example, O=Example";
	s.wants_client = _i % 2 == 1;
	request = requested(k, &s);
	ck_assert_int_eq(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
	check_name(X509_REQ_get_subject_name(request), "CN = nsx-01.example, O = Example");
	extensions = X509_REQ_get_extensions(request);
	constraints = X509V3_get_d2i(extensions, NID_basic_constraints, &critical, NULL);
	ck_assert(constraints != NULL && !constraints->ca && critical == 1);
	usage = X509V3_get_d2i(extensions, NID_key_usage, &critical, NULL);
	ck_assert(usage != NULL && critical == 1);
	ck_assert(ASN1_BIT_STRING_get_bit(usage, 0) && ASN1_BIT_STRING_get_bit(usage, 2));
	ck_assert(!ASN1_BIT_STRING_get_bit(usage, 5));
	purposes = X509V3_get_d2i(extensions, NID_ext_key_usage, NULL, NULL);
	ck_assert_int_eq(sk_ASN1_OBJECT_num(purposes), s.wants_client ? 2 : 1);
	ck_assert_int_eq(OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes, 0)), NID_server_auth);
	all = X509V3_get_d2i(extensions, NID_subject_alt_name, NULL, NULL);
	check_alternatives(all);
	GENERAL_NAMES_free(all);
	EXTENDED_KEY_USAGE_free(purposes);
	ASN1_BIT_STRING_free(usage);
	BASIC_CONSTRAINTS_free(constraints);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
	done_with(k);
}
END_TEST

/* A name with a comma in it does not become two of them. */
START_TEST(keeps_a_name_in_one_piece)
{
	const char *const odd[] = { "a.example,DNS:b.example" };
	const struct key_subject s = { .names = odd, .n_names = 1, .name = "CN=x" };
	struct key *k = made("ec:P-256");
	X509_REQ *request = requested(k, &s);
	STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);
	GENERAL_NAMES *all = X509V3_get_d2i(extensions, NID_subject_alt_name, NULL, NULL);

	ck_assert_int_eq(sk_GENERAL_NAME_num(all), 1);
	GENERAL_NAMES_free(all);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
	done_with(k);
}
END_TEST

START_TEST(has_a_subject_whatever_is_given)
{
	struct key_subject s = { .names = names, .n_names = 3 };
	struct key *k = made("ec:P-256");
	X509_REQ *request = requested(k, &s), *copy;
	unsigned char *der = NULL;
	struct buf pem;
	struct err e = { 0 };
	int n;

	check_name(X509_REQ_get_subject_name(request), "CN = nsx-01.example");
	n = i2d_X509_NAME(X509_REQ_get_subject_name(request), &der);
	s = (struct key_subject){ .name = "CN=other", .name_der = der, .n_name_der = (size_t)n };
	copy = requested(k, &s);
	check_name(X509_REQ_get_subject_name(copy), "CN = nsx-01.example");
	buf_init(&pem, 65536);
	s = (struct key_subject){ .name = NULL };
	ck_assert_int_eq(key_request(k, &s, &pem, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_uint_eq(pem.len, 0);
	OPENSSL_free(der);
	X509_REQ_free(copy);
	X509_REQ_free(request);
	done_with(k);
}
END_TEST

static const char *const bad_subjects[] = { "nsx", "CN=", "=x", "XX=y", "CN=a,,O=b", "C=Germany" };

START_TEST(refuses_what_is_no_subject)
{
	struct key_subject s = { .name = bad_subjects[_i], .names = names, .n_names = 1 };
	struct key *k = made("ec:P-256");
	struct err e = { 0 };
	struct buf pem;

	buf_init(&pem, 65536);
	ck_assert_int_eq(key_request(k, &s, &pem, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.text, "subject"));
	done_with(k);
}
END_TEST

START_TEST(tells_when_there_is_no_room)
{
	struct key_subject s = { .name = "CN=x" };
	struct key *k = made("ec:P-256");
	struct err e = { 0 };
	struct buf pem;

	buf_init(&pem, 16);
	ck_assert_int_eq(key_request(k, &s, &pem, &e), -1);
	ck_assert_int_eq(key_self_sign(k, &s, NOW_AT, 1, &pem, &e), -1);
	buf_clear(&pem);
	done_with(k);
}
END_TEST

/* --- signed by itself -------------------------------------------------------------- */

static bool take_one(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	ck_assert_msg(cert != NULL, "%s", problem != NULL ? problem : "");
	ck_assert_uint_eq(index, 0);
	*(struct cert **)ctx = cert;
	return true;
}

START_TEST(signs_itself)
{
	struct key_subject s = subject;
	struct key *k = made(kinds[_i].type);
	struct cert *c = NULL;
	struct buf pem;
	struct err e;
	X509 *x;
	BIO *bio;

	s.name = "CN=esx-7.example,O=Example";
	s.wants_client = true;
	buf_init(&pem, 65536);
	ck_assert_msg(key_self_sign(k, &s, NOW_AT, 825, &pem, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(cert_read_pem(pem.data, pem.len, take_one, &c), 1);
	ck_assert_int_eq(c->not_before_at, NOW_AT - 3600);
	ck_assert_int_eq(c->not_after_at, NOW_AT + 825 * DAY_S);
	ck_assert(c->self_issued && c->has_basic_constraints && !c->is_ca);
	ck_assert_uint_eq(c->ext_key_usage, CERT_EKU_SERVER | CERT_EKU_CLIENT);
	ck_assert_uint_eq(c->key_usage, CERT_KU_DIGITAL_SIGNATURE | CERT_KU_KEY_ENCIPHERMENT);
	ck_assert_int_eq(c->key_bits, kinds[_i].bits);
	bio = bio_of(pem.data, pem.len);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ck_assert_int_eq(X509_verify(x, X509_get0_pubkey(x)), 1);
	ck_assert_int_eq(X509_check_ip_asc(x, "192.0.2.7", 0), 1);
	ck_assert_int_eq(X509_get_version(x), X509_VERSION_3);
	ck_assert_int_eq(ASN1_STRING_length(X509_get0_serialNumber(x)), 20);
	X509_free(x);
	BIO_free(bio);
	cert_free(c);
	buf_clear(&pem);
	done_with(k);
}
END_TEST

static const int64_t bad_days[] = { 0, -1, 1000000 };

START_TEST(refuses_an_impossible_life)
{
	struct key_subject s = { .name = "CN=x" };
	struct key *k = made("ec:P-256");
	struct err e = { 0 };
	struct buf pem;

	buf_init(&pem, 65536);
	ck_assert_int_eq(key_self_sign(k, &s, NOW_AT, bad_days[_i], &pem, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	done_with(k);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("key");
	TCase *t = tcase_create("key");

	tcase_add_unchecked_fixture(t, make_shared, free_shared);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, makes_what_was_asked_for, 0, UNIT_ROWS(kinds));
	tcase_add_loop_test(t, makes_nothing_else, 0, UNIT_ROWS(no_kinds));
	tcase_add_test(t, makes_another_one_each_time);
	tcase_add_loop_test(t, reads_every_form, 0, UNIT_ROWS(forms));
	tcase_add_loop_test(t, says_what_is_no_key, 0, UNIT_ROWS(no_keys));
	tcase_add_test(t, refuses_an_encrypted_key);
	tcase_add_loop_test(t, asks_for_what_a_manager_needs, 0, UNIT_ROWS(kinds));
	tcase_add_test(t, keeps_a_name_in_one_piece);
	tcase_add_test(t, has_a_subject_whatever_is_given);
	tcase_add_loop_test(t, refuses_what_is_no_subject, 0, UNIT_ROWS(bad_subjects));
	tcase_add_test(t, tells_when_there_is_no_room);
	tcase_add_loop_test(t, signs_itself, 0, UNIT_ROWS(kinds));
	tcase_add_loop_test(t, refuses_an_impossible_life, 0, UNIT_ROWS(bad_days));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
