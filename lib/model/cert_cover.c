/* cert_cover.c - does a certificate cover a host name or an address?
 *
 * The comparison is OpenSSL's.  It looks at the subject and subjectAltName
 * alone, so it is given an object with these two: a whole one would cost ten
 * times as much, nearly all of it for the public key. */
#include <openssl/err.h>
#include "lib/model/cert_asn1.h"

bool asn1_covers(X509 *x, const char *name)
{
	int found = X509_check_ip_asc(x, name, 0);

	if (found == -2)   /* not an address */
		found = X509_check_host(x, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL);
	return found == 1;
}

static X509 *names_alone(const struct cert *c)
{
	const unsigned char *at = c->subject_der.p;
	X509_NAME *subject = d2i_X509_NAME(NULL, &at, (long)c->subject_der.n);
	GENERAL_NAMES *names = asn1_names_of(c);
	X509 *x = X509_new();
	bool made = x != NULL && subject != NULL && X509_set_subject_name(x, subject) == 1 &&
	    (names == NULL || X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0,
	    X509V3_ADD_DEFAULT) == 1);

	X509_NAME_free(subject);
	GENERAL_NAMES_free(names);
	if (made)
		return x;
	X509_free(x);
	return NULL;
}

bool cert_covers(const struct cert *c, const char *name)
{
	bool covers = false;
	X509 *x;

	if (c->form != CERT_PARSED || c->der == NULL)
		return false;
	ERR_set_mark();
	x = names_alone(c);
	if (x != NULL)
		covers = asn1_covers(x, name);
	X509_free(x);
	ERR_pop_to_mark();
	return covers;
}
