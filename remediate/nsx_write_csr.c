/* nsx_write_csr.c - a self-signed certificate whose key NSX makes and keeps. */
#include "remediate/nsx_write.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/slice.h"
#include "lib/model/version.h"
#include "remediate/nsx_body.h"

#define CSRS "/api/v1/trust-management/csrs"
#define SUBJECT_MAX_BYTES ((size_t)64 * 1024)

/* --- the subject -------------------------------------------------------------------- */

/* What NSX takes in a subject; the rest of the old one's is left out. */
static const char *const attributes[] = { "CN", "O", "OU", "C", "ST", "L" };

/* Length of the part of a name up to the next separator that is not escaped. */
static size_t part_length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0' && s[n] != ',' && s[n] != '+')
		n += s[n] == '\\' && s[n + 1] != '\0' ? 2 : 1;
	return n;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)((at - digits) % 16) : -1;
}

/* RFC 2253: a backslash before a special character, or before two digits. */
static char *unescaped(struct slice s)
{
	char *out = mem_alloc(s.n + 1), *to = out;

	for (size_t i = 0; i < s.n; i++) {
		const bool is_hex = s.p[i] == '\\' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
		    hex_digit(s.p[i + 2]) >= 0;

		if (is_hex) {
			*to++ = (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]));
			i += 2;
		} else if (s.p[i] == '\\' && i + 1 < s.n) {
			*to++ = s.p[++i];
		} else {
			*to++ = s.p[i];
		}
	}
	return out;
}

static void write_attribute(struct json_writer *w, const char *part, size_t n)
{
	const char *equals = memchr(part, '=', n);
	struct slice key;
	char *value;

	if (equals == NULL)
		return;
	key = slice_trim(part, (size_t)(equals - part));
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		if (!slice_is(key, attributes[i]))
			continue;
		value = unescaped(slice_trim(equals + 1, n - (size_t)(equals + 1 - part)));
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "key", attributes[i]);
		jsonw_str(w, "value", value);
		jsonw_close(w, '}');
		free(value);
	}
}

static void write_subject(struct json_writer *w, const char *subject)
{
	jsonw_open(w, "subject", '{');
	jsonw_open(w, "attributes", '[');
	while (*subject != '\0') {
		const size_t n = part_length(subject);

		write_attribute(w, subject, n);
		subject += n;
		subject += *subject != '\0';
	}
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

/* --- key and names ----------------------------------------------------------------- */

struct key_kind { const char *algorithm; char bits[16]; };

/* "rsa:3072", "ec:P-256"; NULL: like the old one's. */
static int read_key_type(const char *type, const struct cert *old, struct key_kind *out,
    struct err *e)
{
	const char *bits = type != NULL ? strchr(type, ':') : NULL;
	const bool is_ec = type != NULL ? strncmp(type, "ec:", 3) == 0
	    : old != NULL && old->key_kind == CERT_KEY_EC;

	out->algorithm = is_ec ? "EC" : "RSA";
	if (type == NULL) {
		const int old_bits = old != NULL ? old->key_bits : 0;

		snprintf(out->bits, sizeof out->bits, "%d", old_bits > 0 ? old_bits : 2048);
		return 0;
	}
	if (bits == NULL || (!is_ec && strncmp(type, "rsa:", 4) != 0))
		return err_set(e, ERR_CONFIG, "key_type %s: want rsa:BITS or ec:P-BITS", type);
	bits += strncmp(bits, ":P-", 3) == 0 ? 3 : 1;
	snprintf(out->bits, sizeof out->bits, "%s", bits);
	return 0;
}

static bool is_address(const char *name)
{
	unsigned char address[16];

	return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

static void write_names(struct json_writer *w, const struct material_wish *wish)
{
	static const char *const keys[] = { "dns_names", "ip_addresses" };

	jsonw_open(w, "extensions", '{');
	jsonw_open(w, "subject_alt_names", '{');
	for (int of_addresses = 0; of_addresses < 2; of_addresses++) {
		jsonw_open(w, keys[of_addresses], '[');
		for (size_t i = 0; i < wish->n_names; i++)
			if (is_address(wish->names[i]) == (of_addresses == 1))
				jsonw_str(w, NULL, wish->names[i]);
		jsonw_close(w, ']');
	}
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

static void write_request(const char *name, const struct material_wish *wish, const char *subject,
    const struct key_kind *key, struct secret *json)
{
	size_t room = strlen(name) + 4 * strlen(subject);
	struct nsx_body b;

	for (size_t i = 0; i < wish->n_names; i++)
		room += strlen(wish->names[i]) + 4;
	nsx_body_open(&b, room);
	jsonw_str(&b.w, "display_name", name);
	write_subject(&b.w, subject);
	jsonw_str(&b.w, "key_size", key->bits);
	jsonw_str(&b.w, "algorithm", key->algorithm);
	jsonw_bool(&b.w, "is_ca", false);
	write_names(&b.w, wish);
	nsx_body_close(&b, json);
}

/* --- the two requests --------------------------------------------------------------- */

static enum api_outcome make_request(struct api *a, const char *version, const struct secret *json,
    char **csr, struct err *e)
{
	/* From there on plain requests take extensions. */
	const bool is_plain = version_number(version) >= VERSION(4, 2, 0);
	struct api_answer answer;
	enum api_outcome outcome;

	api_call(a, FETCH_POST, is_plain ? CSRS : CSRS "-extended", json, "make a signing request",
	    NSX_WRITE_MS, &answer, e);
	outcome = answer.outcome;
	if (outcome == API_DONE)
		*csr = nsx_body_id(answer.doc);
	api_answer_clear(&answer);
	return outcome;
}

static enum api_outcome sign(struct api *a, const char *csr, int64_t days, char **id, struct err *e)
{
	struct api_answer answer;
	enum api_outcome outcome;
	struct buf path;

	nsx_path(&path, CSRS "/%?action=self_sign", csr, NULL);
	buf_addf(&path, "&days_valid=%lld", (long long)days);
	api_call(a, FETCH_POST, buf_str(&path), NULL, "sign the signing request", NSX_WRITE_MS,
	    &answer, e);
	outcome = answer.outcome;
	if (outcome == API_DONE)
		*id = nsx_body_id(answer.doc);
	api_answer_clear(&answer);
	buf_clear(&path);
	return outcome;
}

enum api_outcome nsx_write_self_sign(struct api *a, const char *version, const char *name,
    const struct material_wish *wish, const char *key_type, int64_t days, char **id, struct err *e)
{
	enum api_outcome outcome = API_NOT_SENT;
	struct secret json = { NULL, 0 };
	struct key_kind key;
	struct buf subject;
	char *csr = NULL;

	*id = NULL;
	buf_init(&subject, SUBJECT_MAX_BYTES);
	if (wish->subject != NULL)
		buf_adds(&subject, wish->subject);
	else if (wish->old != NULL)
		cert_subject_text(wish->old, &subject);
	if (subject.len == 0) {
		err_set(e, ERR_CONFIG, "no subject for the new certificate: set subject");
		goto out;
	}
	if (read_key_type(key_type, wish->old, &key, e) != 0)
		goto out;
	write_request(name, wish, buf_str(&subject), &key, &json);
	outcome = make_request(a, version, &json, &csr, e);
	if (outcome == API_DONE && csr == NULL) {
		/* No certificate can have come of it. */
		err_set(e, ERR_ANSWER, "make a signing request: the answer has no id");
		outcome = API_REFUSED;
	} else if (outcome == API_DONE) {
		outcome = sign(a, csr, days, id, e);
	}
out:
	free(csr);
	secret_wipe(&json);
	buf_clear(&subject);
	return outcome;
}
