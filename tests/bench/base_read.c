/* base_read.c - the least an expiry check does with OpenSSL alone: every
 * certificate of a PEM file through PEM_read_bio_X509, its notAfter looked at.
 *
 *   base_read FILE */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <time.h>

int main(int argc, char **argv)
{
	BIO *in = argc == 2 ? BIO_new_file(argv[1], "r") : NULL;
	time_t now = time(NULL);
	size_t n = 0, ended = 0;

	if (in == NULL)
		return 2;
	for (X509 *x; (x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL; n++) {
		if (X509_cmp_time(X509_get0_notAfter(x), &now) < 0)
			ended++;
		X509_free(x);
	}
	BIO_free(in);
	printf("%zu certificates, %zu ended\n", n, ended);
	return 0;
}
