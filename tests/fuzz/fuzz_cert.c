/* fuzz_cert.c - certificates, DER and PEM: any bytes give a reason or facts
 * that OpenSSL's full X509 agrees with, and every text can be made of them. */
#include <stdlib.h>
#include <string.h>
#include "lib/model/cert.h"
#include "lib/model/chain.h"
#include "tests/unit/cert_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX_BYTES ((size_t)1024 * 1024)
/* Enough to see whether facts hold; the oracle decodes every key. */
#define BLOCKS_COMPARED 8

static void want(bool fact)
{
	if (!fact)
		abort();
}

static void add_line(void *ctx, const char *name)
{
	want(name[0] != '\0');
	buf_addf(ctx, "%s\n", name);
}

static void make_all_texts(const struct cert *c)
{
	char hex[2 * CERT_SHA256_BYTES + 1];
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	cert_subject_text(c, &text);
	cert_issuer_text(c, &text);
	cert_common_name(c, &text);
	cert_serial_hex(c, &text);
	cert_key_text(c, &text);
	cert_signature_text(c, &text);
	cert_each_name(c, add_line, &text);
	want(!text.overflow && strlen(buf_str(&text)) == text.len);
	buf_clear(&text);
	cert_sha256_hex(c, hex);
	want(strlen(hex) == 2 * CERT_SHA256_BYTES);
}

/* A chain of itself twice: in order when it signed itself, and nothing worse
 * than a refusal otherwise. */
static void check_chain(const struct cert *c)
{
	const struct cert *const twice[] = { c, c };
	struct err e = { ERR_NONE, "" };
	struct chain *chain = chain_open(twice, 2, &e);
	size_t at = 2;

	(void)cert_covers(c, "nsx.example");
	(void)cert_covers(c, "192.0.2.1");
	want((chain == NULL) == (e.code != ERR_NONE));
	if (chain == NULL)
		return;
	want(chain_is_ordered(chain, &at) == c->self_issued && (at == 0) != c->self_issued);
	want(chain_verify(chain, true, &e) == 0 || e.code == ERR_REFUSED);
	chain_close(chain);
}

static void check_cert(const struct cert *c, bool compare)
{
	bool refused;

	want(c->form == CERT_PARSED && c->has_not_before && c->has_not_after);
	want(c->subject_der.p >= c->der && c->subject_der.p + c->subject_der.n <= c->der + c->der_len);
	want(c->issuer_der.p >= c->der && c->issuer_der.p + c->issuer_der.n <= c->der + c->der_len);
	make_all_texts(c);
	if (compare)
		check_chain(c);
	if (compare)
		want(oracle_objection(c, &refused) == NULL);
}

static bool take(void *ctx, size_t index, struct cert *c, const char *problem)
{
	size_t *n = ctx;

	want(index == (*n)++);
	want((c == NULL) == (problem != NULL));
	if (c == NULL)
		want(problem[0] != '\0');
	else
		check_cert(c, index < BLOCKS_COMPARED);
	cert_free(c);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct cert *c = cert_from_der(data, size, &e);
	size_t n = 0;

	want((c == NULL) == (e.code == ERR_ANSWER));
	if (c != NULL)
		check_cert(c, true);
	cert_free(c);
	want(cert_read_pem((const char *)data, size, take, &n) == n);
	want(cert_looks_like_pem((const char *)data, size) == (n > 0));
	return 0;
}
