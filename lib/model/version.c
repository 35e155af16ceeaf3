/* version.c - product versions as numbers that can be compared. */
#include "lib/model/version.h"

#include <stddef.h>
#include <stdlib.h>

#define PART_MAX 99

int version_number(const char *text)
{
	int parts[3] = { 0, 0, 0 };

	for (int i = 0; text != NULL && i < 3; i++) {
		char *end;
		long n = strtol(text, &end, 10);

		if (end == text || n < 0)
			break;
		parts[i] = n < PART_MAX ? (int)n : PART_MAX;
		text = *end == '.' ? end + 1 : NULL;
	}
	return VERSION(parts[0], parts[1], parts[2]);
}
