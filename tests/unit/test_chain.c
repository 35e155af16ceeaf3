/* test_chain.c - certificates in a row, as OpenSSL sees them. */
#include "tests/unit/unit.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "lib/base/mem.h"
#include "lib/model/chain.h"
#include "tests/unit/pki_chain.h"

#define DAY_S INT64_C(86400)
#define END (-1)

static struct pki_chain p;

static void open_pki(void)
{
	pki_chain_open(&p);
}

static void close_pki(void)
{
	/* what others left there would be taken for a failure of TLS */
	ck_assert_uint_eq(ERR_peek_error(), 0);
	pki_chain_close(&p);
}

static struct chain *open_members(const int *members)
{
	const struct cert *certs[CHAIN_MAX];
	struct chain *c;
	struct err e;
	size_t n = 0;

	for (; members[n] != END; n++)
		certs[n] = p.cert[members[n]];
	c = chain_open(certs, n, &e);
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(chain_n(c), n);
	return c;
}

enum { ORDERED = 1, COMPLETE = 2, VERIFIES = 4 };
static const struct { int members[5]; int is; size_t at; } rows[] = {
	{ { PKI_SELF, END }, ORDERED | COMPLETE | VERIFIES, 0 },
	{ { PKI_LEAF, END }, ORDERED | VERIFIES, 0 },
	{ { PKI_LEAF, PKI_INTER, END }, ORDERED | VERIFIES, 0 },
	{ { PKI_LEAF, PKI_INTER, PKI_ROOT, END }, ORDERED | COMPLETE | VERIFIES, 0 },
	{ { PKI_LEAF, PKI_OLD_INTER, PKI_ROOT, END }, ORDERED | COMPLETE | VERIFIES, 0 },
	{ { PKI_LEAF, PKI_ROOT, PKI_INTER, END }, 0, 0 },
	{ { PKI_ROOT, PKI_INTER, PKI_LEAF, END }, 0, 0 },
	{ { PKI_LEAF, PKI_INTER, PKI_OTHER_ROOT, END }, COMPLETE, 1 },
	{ { PKI_LEAF, PKI_TWIN, PKI_ROOT, END }, ORDERED | COMPLETE, 0 },
	{ { PKI_LEAF, PKI_INTER, PKI_ROOT, PKI_ROOT, END }, ORDERED | COMPLETE | VERIFIES, 0 },
};

START_TEST(test_row)
{
	struct chain *c = open_members(rows[_i].members);
	bool ordered, verifies;
	size_t at = 0;
	struct err e = { ERR_NONE, "" };

	ordered = chain_is_ordered(c, &at);
	ck_assert_int_eq(ordered, (rows[_i].is & ORDERED) != 0);
	ck_assert_uint_eq(at, rows[_i].at);
	ck_assert_int_eq(chain_is_complete(c), (rows[_i].is & COMPLETE) != 0);
	verifies = chain_verify(c, false, &e) == 0;
	ck_assert_msg(verifies == ((rows[_i].is & VERIFIES) != 0) || !ordered, "%s", e.text);
	if (!verifies) {
		ck_assert_int_eq(e.code, ERR_REFUSED);
		ck_assert_ptr_nonnull(strstr(e.text, "(certificate "));
	}
	chain_close(c);
}
END_TEST

/* --- what OpenSSL finds in the middle ------------------------------------------------ */

static const struct { const char *constraints, *ku, *name_constraints, *words; } middles[] = {
	{ "critical,CA:TRUE", NULL, NULL, NULL },
	{ "critical,CA:TRUE,pathlen:0", NULL, NULL, NULL },
	{ "CA:FALSE", NULL, NULL, "CA" },
	{ "", NULL, NULL, "CA" },
	{ NULL, "digitalSignature", NULL, "CA" },
	{ NULL, "keyCertSign", NULL, NULL },
	{ NULL, NULL, "critical,permitted;DNS:.example", NULL },
	{ NULL, NULL, "critical,permitted;DNS:.other", "subtree" },
};

START_TEST(test_middle)
{
	struct pki_options inter = { .common_name = "Middle", .is_ca = true,
		.issuer = p.pki[PKI_ROOT], .constraints = middles[_i].constraints,
		.ku = middles[_i].ku, .name_constraints = middles[_i].name_constraints };
	struct pki_options leaf = { .common_name = "nsx-01", .names = "DNS:nsx-01.example" };
	struct pki *middle = pki_make(&inter), *end;
	struct cert *certs[3];
	struct chain *c;
	struct err e = { ERR_NONE, "" };

	leaf.issuer = middle;
	end = pki_make(&leaf);
	certs[0] = pki_read(end);
	certs[1] = pki_read(middle);
	c = chain_open((const struct cert *const[]){ certs[0], certs[1], p.cert[PKI_ROOT] }, 3, &e);
	ck_assert_ptr_nonnull(c);
	ck_assert_msg((chain_verify(c, false, &e) == 0) == (middles[_i].words == NULL), "%s", e.text);
	if (middles[_i].words != NULL)
		ck_assert_msg(strstr(e.text, middles[_i].words) != NULL, "%s", e.text);
	chain_close(c);
	cert_free(certs[0]);
	cert_free(certs[1]);
	pki_free(end);
	pki_free(middle);
}
END_TEST

/* "CA:TRUE, pathlen:0" above another CA. */
START_TEST(test_path_length)
{
	struct pki_options o = { .common_name = "Short", .is_ca = true,
		.issuer = p.pki[PKI_ROOT], .constraints = "critical,CA:TRUE,pathlen:0" };
	struct pki *shortest = pki_make(&o), *below, *leaf;
	struct cert *certs[3];
	struct chain *c;
	struct err e = { ERR_NONE, "" };

	o = (struct pki_options){ .common_name = "Below", .is_ca = true, .issuer = shortest };
	below = pki_make(&o);
	o = (struct pki_options){ .common_name = "nsx", .issuer = below };
	leaf = pki_make(&o);
	certs[0] = pki_read(leaf);
	certs[1] = pki_read(below);
	certs[2] = pki_read(shortest);
	c = chain_open((const struct cert *const[]){ certs[0], certs[1], certs[2],
	    p.cert[PKI_ROOT] }, 4, &e);
	ck_assert_int_eq(chain_verify(c, false, &e), -1);
	ck_assert_msg(strstr(e.text, "path length") != NULL, "%s", e.text);
	chain_close(c);
	for (int i = 0; i < 3; i++)
		cert_free(certs[i]);
	pki_free(leaf);
	pki_free(below);
	pki_free(shortest);
}
END_TEST

/* A self-signed certificate of which one bit is not as it was signed. */
START_TEST(test_own_signature)
{
	struct cert *bent = pki_read(p.pki[PKI_SELF]);
	struct chain *c;
	struct err e = { ERR_NONE, "" };

	bent->der[bent->der_len - 1] ^= 1;
	c = chain_open((const struct cert *const[]){ bent }, 1, &e);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(chain_verify(c, false, &e), 0);
	ck_assert_int_eq(chain_verify(c, true, &e), -1);
	chain_close(c);
	cert_free(bent);
	c = open_members((const int[]){ PKI_SELF, END });
	ck_assert_int_eq(chain_verify(c, true, &e), 0);
	chain_close(c);
}
END_TEST

START_TEST(test_refused)
{
	const struct cert *many[CHAIN_MAX + 1];
	struct cert *bare = cert_unreadable("odd");
	struct err e = { ERR_NONE, "" };
	struct chain *c;

	for (int i = 0; i <= CHAIN_MAX; i++)
		many[i] = p.cert[PKI_ROOT];
	ck_assert_ptr_null(chain_open(many, 0, &e));
	ck_assert_int_eq(e.code, ERR_REFUSED);
	ck_assert_ptr_null(chain_open(many, CHAIN_MAX + 1, &e));
	ck_assert_int_eq(e.code, ERR_REFUSED);
	c = chain_open(many, CHAIN_MAX, &e);
	ck_assert_ptr_nonnull(c);
	chain_close(c);
	many[1] = bare;
	ck_assert_ptr_null(chain_open(many, 3, &e));
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_ptr_nonnull(strstr(e.text, "2 of 3"));
	chain_close(NULL);
	cert_free(bare);
}
END_TEST

/* --- under anchors ------------------------------------------------------------------------ */

static struct anchors *anchors_of(enum pki_member m)
{
	char *pem = pki_pem(p.pki[m], false);
	struct err e = { ERR_NONE, "" };
	struct anchors *a = anchors_read(pem, strlen(pem), &e);

	ck_assert_msg(a != NULL, "%s", e.text);
	free(pem);
	return a;
}

static const struct { int members[4]; enum pki_member anchor; int days; bool ok; } unders[] = {
	{ { PKI_LEAF, PKI_INTER, END }, PKI_ROOT, 0, true },
	{ { PKI_LEAF, PKI_INTER, PKI_ROOT, END }, PKI_ROOT, 0, true },
	{ { PKI_LEAF, END }, PKI_ROOT, 0, false },           /* nobody has the intermediate */
	{ { PKI_LEAF, END }, PKI_INTER, 0, true },           /* who names it trusts it */
	{ { PKI_LEAF, END }, PKI_LEAF, 0, true },
	{ { PKI_SELF, END }, PKI_SELF, 0, true },
	{ { PKI_SELF, END }, PKI_ROOT, 0, false },
	{ { PKI_LEAF, PKI_INTER, PKI_ROOT, END }, PKI_OTHER_ROOT, 0, false },
	{ { PKI_LEAF, PKI_TWIN, END }, PKI_ROOT, 0, false },
	{ { PKI_LEAF, PKI_OLD_INTER, END }, PKI_ROOT, 0, false },
	{ { PKI_LEAF, PKI_INTER, END }, PKI_ROOT, 400, false },   /* the CAs have ended */
	{ { PKI_SELF, END }, PKI_SELF, 400, true },          /* the leaf's end is told elsewhere */
	{ { PKI_SELF, END }, PKI_SELF, -400, true },
};

START_TEST(test_under)
{
	struct anchors *a = anchors_of(unders[_i].anchor);
	struct chain *c = open_members(unders[_i].members);
	struct err e = { ERR_NONE, "" };
	bool ok = chain_verify_under(c, a, (int64_t)time(NULL) + unders[_i].days * DAY_S, &e) == 0;

	ck_assert_msg(ok == unders[_i].ok, "%s", e.text);
	ck_assert_int_eq(e.code, ok ? ERR_NONE : ERR_REFUSED);
	chain_close(c);
	anchors_free(a);
}
END_TEST

static const char *const bad_anchors[] = { "", "text", "-----BEGIN CERTIFICATE-----\nMIIB\n",
	"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" };

START_TEST(test_bad_anchors)
{
	struct err e = { ERR_NONE, "" };

	ck_assert_ptr_null(anchors_read(bad_anchors[_i], strlen(bad_anchors[_i]), &e));
	ck_assert_int_eq(e.code, ERR_CONFIG);
	anchors_free(NULL);
}
END_TEST

/* --- the leaf -------------------------------------------------------------------------------- */

static const struct { const char *cn, *names, *asked; bool covers; } names[] = {
	{ "nsx", "DNS:nsx-01.example", "nsx-01.example", true },
	{ "nsx", "DNS:nsx-01.example", "NSX-01.Example", true },
	{ "nsx", "DNS:nsx-01.example", "nsx-02.example", false },
	{ "nsx", "DNS:nsx-01.example", "nsx", false },            /* CN counts only without SAN */
	{ "nsx.example", NULL, "nsx.example", true },
	{ "nsx.example", "IP:192.0.2.1", "nsx.example", true },
	{ "nsx", "DNS:*.lab.example", "nsx-01.lab.example", true },
	{ "nsx", "DNS:*.lab.example", "a.b.lab.example", false },
	{ "nsx", "DNS:nsx*.lab.example", "nsx-01.lab.example", false },   /* no partial wildcards */
	{ "nsx", "DNS:*.lab.example", "lab.example", false },
	{ "nsx", "IP:192.0.2.1", "192.0.2.1", true },
	{ "nsx", "IP:192.0.2.1", "192.0.2.2", false },
	{ "nsx", "DNS:192.0.2.1", "192.0.2.1", false },           /* an address is no name */
	{ "192.0.2.1", NULL, "192.0.2.1", false },
	{ "nsx", "IP:2001:db8::1", "2001:db8:0::1", true },
	{ "nsx", "IP:2001:db8::1", "2001:db8::2", false },
	{ "nsx", "DNS:nsx-01.example", "", false },
};

START_TEST(test_covers)
{
	struct cert *leaf = pki_chain_leaf(&p, (struct pki_options){
		.common_name = names[_i].cn, .names = names[_i].names });
	struct err e = { ERR_NONE, "" };
	struct chain *c = chain_open((const struct cert *const[]){ leaf }, 1, &e);

	ck_assert_ptr_nonnull(c);
	ck_assert_msg(chain_covers(c, names[_i].asked) == names[_i].covers, "%s", names[_i].asked);
	ck_assert_int_eq(cert_covers(leaf, names[_i].asked), names[_i].covers);
	chain_close(c);
	cert_free(leaf);
}
END_TEST

START_TEST(test_key)
{
	struct chain *c = open_members((const int[]){ PKI_LEAF, PKI_INTER, END });
	struct secret pem = { NULL, 0 };
	struct err e = { ERR_NONE, "" };
	char *text;

	ck_assert_int_eq(chain_key_matches(c, &pem, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	secret_set(&pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 59);
	ck_assert_int_eq(chain_key_matches(c, &pem, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	text = pki_key_pem(p.pki[PKI_LEAF]);
	secret_set(&pem, text, strlen(text));
	ck_assert_int_eq(chain_key_matches(c, &pem, &e), 0);
	free(text);
	text = pki_key_pem(p.pki[PKI_INTER]);
	secret_set(&pem, text, strlen(text));
	ck_assert_int_eq(chain_key_matches(c, &pem, &e), -1);
	ck_assert_int_eq(e.code, ERR_REFUSED);
	free(text);
	secret_wipe(&pem);
	chain_close(c);
}
END_TEST

/* Asked for a passphrase, nobody must wait at the terminal. */
START_TEST(test_locked_key)
{
	struct chain *c = open_members((const int[]){ PKI_LEAF, END });
	BIO *bio = BIO_new(BIO_s_mem());
	struct secret pem = { NULL, 0 };
	struct err e = { ERR_NONE, "" };
	char *text;
	long n;

	ck_assert_int_eq(PEM_write_bio_PrivateKey(bio, p.pki[PKI_LEAF]->key, EVP_aes_128_cbc(),
	    (const unsigned char *)"word", 4, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &text);
	secret_set(&pem, text, (size_t)n);
	ck_assert_int_eq(chain_key_matches(c, &pem, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.text, "passphrase"));
	secret_wipe(&pem);
	BIO_free(bio);
	chain_close(c);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("chain");
	TCase *t = tcase_create("chain");

	tcase_add_checked_fixture(t, open_pki, close_pki);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_row, 0, UNIT_ROWS(rows));
	tcase_add_loop_test(t, test_middle, 0, UNIT_ROWS(middles));
	tcase_add_test(t, test_path_length);
	tcase_add_test(t, test_own_signature);
	tcase_add_test(t, test_refused);
	tcase_add_loop_test(t, test_under, 0, UNIT_ROWS(unders));
	tcase_add_loop_test(t, test_bad_anchors, 0, UNIT_ROWS(bad_anchors));
	tcase_add_loop_test(t, test_covers, 0, UNIT_ROWS(names));
	tcase_add_test(t, test_key);
	tcase_add_test(t, test_locked_key);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
