/* json_scan.h - what must be known about a JSON text before cJSON reads it.
 *
 * One pass without recursion over the tokens.  It does not check the grammar,
 * which is cJSON's work, but what cJSON lets pass: numbers that are not JSON
 * or not finite, bad escapes, NUL bytes, depth; and it mends escapes that have no place in
 * a C string.  Private to json.c, with a file of its own to be tested. */
#ifndef CHECK_CERTS_JSON_SCAN_H
#define CHECK_CERTS_JSON_SCAN_H

#include <stddef.h>
#include "lib/base/err.h"

/* text[len] must be NUL.  Inside strings "\u0000" and half surrogate pairs
 * are overwritten by "\ufffd", which keeps every offset.  *open_at: the first
 * byte of the string that has no end, or the last of the text when a bracket
 * has none; SIZE_MAX when nothing is open.  ERR_ANSWER with the byte offset. */
int json_scan(char *text, size_t len, size_t *open_at, struct err *e) MUST_USE;

#endif
