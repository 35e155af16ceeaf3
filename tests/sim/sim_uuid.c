/* sim_uuid.c - random identifiers. */
#include <openssl/rand.h>
#include <stdlib.h>
#include "lib/base/text.h"
#include "tests/sim/sim.h"

void sim_uuid(char out[37])
{
	static const int dash_before[] = { 4, 6, 8, 10 };
	unsigned char bytes[16];
	char hex[33];
	size_t at = 0;
	int dash = 0;

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		abort();
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	text_hex(bytes, sizeof bytes, hex);
	for (int i = 0; i < 16; i++) {
		if (dash < 4 && dash_before[dash] == i) {
			out[at++] = '-';
			dash++;
		}
		out[at++] = hex[2 * i];
		out[at++] = hex[2 * i + 1];
	}
	out[at] = '\0';
}
