/* nsx_upload.c - TrustObjectData: a chain of certificates, and perhaps a private key.
 *
 * A key is never logged, listed or echoed; it is kept to present the certificate. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include "tests/sim/nsx_write.h"

enum { E_CERTIFICATE = 2003, E_KEY = 2004, E_CHAIN = 2076 };

#define CHAIN_TEXT "Certificate chain validation failed. Make sure a valid chain is provided " \
	"in order leaf,intermediate,root certificate."

void nsx_upload_clear(struct nsx_upload *up)
{
	json_free_wiped(up->doc);
	memset(up, 0, sizeof *up);
}

static int refuse(struct nsx_call *c, int code, const char *text)
{
	nsx_error(c->rp, 400, code, "%s", text);
	return -1;
}

/* --- the private key ---------------------------------------------------------- */

/* Never ask on a terminal. */
static int passphrase_of(char *out, int size, int writing, void *given)
{
	size_t len = given != NULL ? strlen(given) : 0;

	(void)writing;
	if (given == NULL || len > (size_t)size)
		return -1;
	memcpy(out, given, len);
	return (int)len;
}

/* PKCS#1, PKCS#8 or SEC1; a block of parameters in front is what NSX stumbles over. */
static EVP_PKEY *read_key(const struct nsx *n, const char *pem, const char *passphrase)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	bool with_passphrase = passphrase != NULL && passphrase[0] != '\0' &&
	    n->version < NSX_VERSION(9, 0, 0);
	EVP_PKEY *key = NULL;

	if (in != NULL && strstr(pem, "BEGIN EC PARAMETERS") == NULL)
		key = PEM_read_bio_PrivateKey(in, NULL, passphrase_of,
		    with_passphrase ? (void *)(uintptr_t)passphrase : NULL);
	ERR_clear_error();
	BIO_free(in);
	return key;
}

/* RSA of 2048, 3072 or 4096 bits, or one of the usual curves. */
static bool is_offered(const EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "RSA"))
		return bits == 2048 || bits == 3072 || bits == 4096;
	return EVP_PKEY_is_a(key, "EC") && (bits == 256 || bits == 384 || bits == 521);
}

/* --- the chain ---------------------------------------------------------------------- */

static bool follows(const struct sim_cert *cert, const struct sim_cert *issuer)
{
	return issuer->is_ca && X509_NAME_cmp(X509_get_issuer_name(cert->x509),
	    X509_get_subject_name(issuer->x509)) == 0 &&
	    X509_verify(cert->x509, issuer->key) == 1;
}

/* With a key it has to end in a root, sent along or in the trust store; what is
 * only trusted may be a part of a chain. */
static bool chain_holds(const struct nsx *n, const struct sim_cert *leaf, bool with_key)
{
	const struct sim_cert *last = leaf;
	bool holds = true;

	for (; last->issuer != NULL; last = last->issuer)
		holds = holds && follows(last, last->issuer);
	if (with_key)
		holds = holds && (nsx_is_self_signed(last) ||
		    nsx_issuer_in_store(n, last->x509) != NULL);
	ERR_clear_error();
	return holds;
}

/* A leaf without basicConstraints is refused as if its key were wrong: so the product. */
static int check_leaf(struct nsx_call *c, const struct nsx_upload *up)
{
	bool signing_ca = up->purpose != NULL && strcmp(up->purpose, "signing-ca") == 0;

	if (X509_get_ext_by_NID(up->cert->x509, NID_basic_constraints, -1) < 0)
		return refuse(c, E_KEY, "The private key does not match the certificate.");
	if (up->cert->is_ca && !signing_ca)
		return refuse(c, NSX_E_PARAMETER, "A CA certificate with a private key needs the "
		    "purpose signing-ca.");
	if (!up->cert->is_ca && signing_ca)
		return refuse(c, NSX_E_PARAMETER,
		    "The purpose signing-ca needs a CA certificate.");
	return 0;
}

/* --- the body ---------------------------------------------------------------------------- */

struct texts {
	const char *pem, *key, *passphrase, *key_algo;
};

static int read_texts(struct nsx_call *c, struct nsx_upload *up, struct texts *t)
{
	static const char *const keys[] = {
		"display_name", "description", "pem_encoded", "private_key", "passphrase",
		"key_algo", "purpose", "tags", "resource_type", "id", NULL
	};
	struct err e;

	err_clear(&e);
	up->doc = sim_request_json(c->rq, &e);
	if (up->doc != NULL && sim_known_keys(up->doc, "body", keys, NULL, &e) == 0 &&
	    json_want_str(up->doc, "body", "pem_encoded", &t->pem, &e) == 0 &&
	    json_opt_str(up->doc, "body", "private_key", &t->key, &e) == 0 &&
	    json_opt_str(up->doc, "body", "passphrase", &t->passphrase, &e) == 0 &&
	    json_opt_str(up->doc, "body", "key_algo", &t->key_algo, &e) == 0 &&
	    json_opt_str(up->doc, "body", "purpose", &up->purpose, &e) == 0 &&
	    json_opt_str(up->doc, "body", "description", &up->description, &e) == 0 &&
	    json_opt_str(up->doc, "body", "display_name", &up->display_name, &e) == 0)
		return 0;
	nsx_bad_request(c, e.text);
	return -1;
}

static int check(struct nsx *n, struct nsx_call *c, EVP_PKEY *key, const struct texts *t,
    struct nsx_upload *up)
{
	EVP_PKEY *own;
	bool match;

	up->cert = sim_shop_import(n->shop, t->pem, key, NULL);
	if (up->cert == NULL)
		return refuse(c, E_CERTIFICATE, "Invalid PEM data received for certificate.");
	if (key != NULL) {
		own = X509_get_pubkey(up->cert->x509);
		match = own != NULL && EVP_PKEY_eq(own, key) == 1;
		EVP_PKEY_free(own);
		ERR_clear_error();
		if (!match)
			return refuse(c, E_KEY, "The private key does not match the certificate.");
		if (!is_offered(key))
			return refuse(c, NSX_E_PARAMETER, "This kind of key is not supported.");
		if (check_leaf(c, up) != 0)
			return -1;
	}
	if (!chain_holds(n, up->cert, key != NULL))
		return refuse(c, E_CHAIN, CHAIN_TEXT);
	up->has_key = key != NULL;
	return 0;
}

int nsx_read_upload(struct nsx *n, struct nsx_call *c, bool key_must_be_there, EVP_PKEY *csr_key,
    struct nsx_upload *up)
{
	struct texts t = { NULL, NULL, NULL, NULL };
	EVP_PKEY *key = NULL;
	int status;

	if (read_texts(c, up, &t) != 0)
		return -1;
	if (t.key != NULL && t.key[0] == '\0')
		t.key = NULL;
	if (t.key != NULL && csr_key != NULL)
		return refuse(c, NSX_E_PARAMETER, "The private key of a CSR is here already.");
	if (t.key == NULL && key_must_be_there)
		return refuse(c, E_KEY, "Invalid PEM data received for private key.");
	if (t.key != NULL) {
		key = read_key(n, t.key, t.passphrase);
		if (key == NULL)
			return refuse(c, E_KEY, "Invalid PEM data received for private key.");
	}
	status = check(n, c, key != NULL ? key : csr_key, &t, up);
	EVP_PKEY_free(key);
	return status;
}
