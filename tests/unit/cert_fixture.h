/* cert_fixture.h - the test certificates of tests/fixtures/certs. */
#ifndef CHECK_CERTS_CERT_FIXTURE_H
#define CHECK_CERTS_CERT_FIXTURE_H

#include "lib/base/buf.h"
#include "lib/model/cert.h"

/* A file ("good/root.pem") into b, which is initialised here; clear it.  A
 * missing one fails the test. */
void fixture_read(const char *name, struct buf *b);

/* The certificate of such a file; NULL with *e (may be NULL). */
struct cert *fixture_cert(const char *name, struct err *e) MUST_USE;

/* Call each for every file of a directory ("good"), by name. */
void fixture_each(const char *directory, void (*each)(const char *name));

#endif
