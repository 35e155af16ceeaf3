/* digest.h - SHA-256 of bytes, as text. */
#ifndef CHECK_CERTS_DIGEST_H
#define CHECK_CERTS_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_BYTES 65   /* 64 lower-case digits and NUL */

void digest_sha256_hex(const void *bytes, size_t n, char out[DIGEST_HEX_BYTES]);

#endif
