/* opsman_make_ca.c - a new CA: generated, or the installation's own. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/opsman_write.h"

#define DAY_S 86400
#define GUID_BYTES 10
#define RSA_BITS 2048
#define KEY_TRIES 8

/* A key that no CA of the list has: otherwise the old leafs would hold under the new one. */
static EVP_PKEY *new_key(struct opsman_state *s)
{
	for (int i = 0; i < KEY_TRIES; i++) {
		EVP_PKEY *key = sim_shop_key(s->shop, "rsa:2048", NULL);
		bool used = key == NULL;

		for (size_t c = 0; c < s->n_cas && !used; c++)
			used = EVP_PKEY_eq(s->cas[c].cert->key, key) == 1;
		ERR_clear_error();
		if (!used) {
			EVP_PKEY_up_ref(key);
			return key;
		}
	}
	return EVP_RSA_gen(RSA_BITS);
}

static const struct sim_cert *again(struct opsman_state *s, const struct sim_cert *old,
    struct err *e)
{
	int64_t now_s = sim_now_ms(s->sim) / 1000;
	EVP_PKEY *key = new_key(s);
	const struct sim_cert *cert = sim_shop_reissue(s->shop, old, NULL, key,
	    now_s - s->pace.backdate_s, now_s + s->pace.ca_days * DAY_S, e);

	EVP_PKEY_free(key);
	return cert;
}

/* The NATS CA comes with every root CA, from the version on that shows it. */
static const struct sim_cert *new_nats(struct opsman_state *s, struct err *e)
{
	int64_t now_s = sim_now_ms(s->sim) / 1000;
	int active = opsman_active_ca(s);
	struct sim_spec spec;

	if (active >= 0 && s->cas[active].nats != NULL)
		return again(s, s->cas[active].nats, e);
	sim_spec_init(&spec, now_s, now_s);
	spec.cn = "default.nats-ca.bosh-internal";
	spec.ca = SIM_CA_TRUE;
	spec.not_before_at = now_s - s->pace.backdate_s;
	spec.not_after_at = now_s + s->pace.ca_days * DAY_S;
	return sim_shop_make(s->shop, &spec, e);
}

/* Inactive, known to nobody.  issuer is taken over.  NULL: answered. */
static struct opsman_ca *add_ca(struct opsman_state *s, const struct sim_cert *cert, char *issuer,
    struct sim_reply *rp)
{
	struct opsman_ca *ca = &s->cas[s->n_cas];
	unsigned char random[GUID_BYTES];

	if (RAND_bytes(random, sizeof random) != 1) {
		opsman_error(rp, 500, "no random numbers");
		free(issuer);
		return NULL;
	}
	*ca = (struct opsman_ca){ .cert = cert, .issuer = issuer, .nats = new_nats(s, NULL) };
	ca->guid = mem_alloc(2 * GUID_BYTES + 1);
	text_hex(random, sizeof random, ca->guid);
	ca->created_at = sim_now_ms(s->sim) / 1000;
	s->n_cas++;
	opsman_row_of_ca(s, ca, true);
	return ca;
}

/* {"exclude_from_rotation":{"certificate_authorities":[…]}} is in this body?  -1: answered. */
static int read_exclusions(const struct opsman_state *s, const struct json *body,
    const struct json **list, struct sim_reply *rp)
{
	const struct json *exclude = json_get(body, "exclude_from_rotation");

	*list = NULL;
	if (exclude == NULL || !opsman_at_least(s, 2, 8, 0))
		return 0;
	*list = json_get(exclude, "certificate_authorities");
	if (json_is_array(*list))
		return 0;
	opsman_error(rp, 422, "exclude_from_rotation is not valid");
	return -1;
}

static void answer(struct opsman_state *s, const struct opsman_ca *ca, const char *call,
    const struct json *exclude, bool wrapped, struct sim_reply *rp)
{
	struct json_writer w;

	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	if (wrapped) {
		jsonw_open(&w, "certificate_authorities", '[');
		jsonw_open(&w, NULL, '{');
	}
	opsman_put_ca(s, &w, ca, wrapped);
	if (wrapped) {
		jsonw_close(&w, '}');
		jsonw_close(&w, ']');
	}
	if (opsman_at_least(s, 2, 9, 0)) {
		opsman_remake(s, OPSMAN_CREDHUB_CAS, exclude, &w, "generated", "generate_failed");
	} else if (opsman_at_least(s, 2, 8, 0)) {
		jsonw_open(&w, "certificates", '{');
		jsonw_close(&w, '}');
	}
	(void)opsman_put_warnings(s, call, rp, &w);
	jsonw_close(&w, '}');
	rp->changed = true;
}

static bool is_full(const struct opsman_state *s, struct sim_reply *rp)
{
	if (s->n_cas < OPSMAN_CAS_MAX)
		return false;
	opsman_error(rp, 500, "this simulator keeps no more certificate authorities");
	return true;
}

void opsman_generate(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json *body = rq->body_len > 0 ? sim_request_json(rq, NULL) : NULL;
	const struct json *exclude = NULL;
	const struct sim_cert *cert;
	const struct opsman_ca *ca;
	int active = opsman_active_ca(s);

	if (rq->body_len > 0 && !json_is_object(body)) {
		opsman_error(rp, 400, "The body is no JSON object");
		goto out;
	}
	if (opsman_may_touch_cas(s, rp) != 0 || read_exclusions(s, body, &exclude, rp) != 0 ||
	    is_full(s, rp) || opsman_is_unsafe(s, rq, OPSMAN_GENERATE, -1, rp))
		goto out;
	cert = active >= 0 ? again(s, s->cas[active].cert, NULL) : NULL;
	if (cert == NULL) {
		opsman_error(rp, 422, "There is no active certificate authority to follow");
		goto out;
	}
	ca = add_ca(s, cert, mem_strdup(s->cas[active].issuer), rp);
	if (ca == NULL)
		goto out;
	s->acts.generate++;
	answer(s, ca, "generate", exclude, false, rp);
out:
	json_free(body);
}

/* --- the installation's own ----------------------------------------------------- */

static EVP_PKEY *read_key(const char *pem)
{
	BIO *in = pem != NULL ? BIO_new_mem_buf(pem, -1) : NULL;
	EVP_PKEY *key = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;

	ERR_clear_error();
	BIO_free(in);
	return key;
}

/* NULL: fine. */
static const char *wrong_with(const struct sim_cert *cert, EVP_PKEY *key, int64_t now_s)
{
	static const char pair[] = "Certificate and private key do not match";

	if (cert == NULL)
		return "Certificate is not a valid PEM";
	if (key == NULL)
		return "Private key is not a valid PEM";
	if (!EVP_PKEY_is_a(key, "RSA"))
		return "Private key must be RSA";
	if (X509_check_private_key(cert->x509, key) != 1)
		return pair;
	if (!cert->is_ca)
		return "Certificate is not a certificate authority";
	return cert->not_after_at <= now_s ? "Certificate has expired" : NULL;
}

static char *subject_text(const struct sim_cert *cert)
{
	char *line = X509_NAME_oneline(X509_get_subject_name(cert->x509), NULL, 0);
	char *text = mem_strdup(line != NULL ? line : "");

	OPENSSL_free(line);
	return text;
}

static void add_own(struct opsman_state *s, const struct sim_cert *cert, const struct json *exclude,
    struct sim_reply *rp)
{
	struct opsman_ca *ca = add_ca(s, cert, subject_text(cert), rp);

	if (ca == NULL)
		return;
	if (s->pace.own_by_not_before)
		ca->created_at = cert->not_before_at;
	s->acts.create++;
	answer(s, ca, "create", exclude, s->pace.wrapped_create, rp);
}

void opsman_create_ca(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json *body = sim_request_json(rq, NULL);
	const char *pem = json_str(json_get(body, "cert_pem"));
	EVP_PKEY *key = read_key(json_str(json_get(body, "private_key_pem")));
	const struct json *exclude = NULL;
	const struct sim_cert *cert = pem != NULL ? sim_shop_import(s->shop, pem, key, NULL) : NULL;
	const char *wrong = wrong_with(cert, key, sim_now_ms(s->sim) / 1000);

	ERR_clear_error();
	if (opsman_may_touch_cas(s, rp) != 0)
		goto out;
	if (wrong != NULL)
		opsman_error(rp, 422, wrong);
	else if (read_exclusions(s, body, &exclude, rp) == 0 && !is_full(s, rp) &&
	    !opsman_is_unsafe(s, rq, OPSMAN_CREATE, -1, rp))
		add_own(s, cert, exclude, rp);
out:
	EVP_PKEY_free(key);
	json_free(body);
}
