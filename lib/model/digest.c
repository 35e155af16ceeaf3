/* digest.c - SHA-256, by OpenSSL. */
#include "lib/model/digest.h"

#include "lib/base/text.h"

#include <openssl/sha.h>
#include <stdint.h>

void digest_sha256_hex(const void *bytes, size_t n, char out[DIGEST_HEX_BYTES])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256(bytes, n, digest);
	text_hex(digest, sizeof digest, out);
}
