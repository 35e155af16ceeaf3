/* text.h - numbers, durations, times and the cleaning of names; strict.
 *
 * Everything parses the whole string (surrounding blanks are trimmed where
 * it says so) and is independent of the locale.  Times are seconds since
 * 1970-01-01T00:00:00Z in 64 bits; durations are seconds. */
#ifndef CHECK_CERTS_TEXT_H
#define CHECK_CERTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define TEXT_TIME_BYTES 32
#define TEXT_SPAN_BYTES 32
#define TEXT_COLUMNS_MAX 60   /* names from outside, in text output */

/* Decimal integer in [min, max]; "010" is ten; an optional sign; no blanks. */
int text_to_i64(const char *s, int64_t min, int64_t max, int64_t *out) MUST_USE;

/* Decimal number by the grammar of the plugin ranges: sign, digits, point,
 * exponent ("+5 -5 .5 5. 1e3"); refuses hex, nan, inf, overflow, a comma. */
int text_to_double(const char *s, double *out) MUST_USE;

/* "3600s" "90m" "12h" "30d" "4w" "3M" (30 days each) "1y" (365 days), or a
 * bare number, whose unit is bare_unit_s seconds (0: refuse bare numbers).
 * Not negative; overflow refused. */
int text_to_duration(const char *s, int64_t bare_unit_s, int64_t *out_s) MUST_USE;

/* RFC 3339 ("2026-11-25T04:00:00Z", fractions dropped, numeric offsets) or a
 * date alone (00:00:00Z of that day).  Impossible dates are refused. */
int text_to_time(const char *s, int64_t *out_at) MUST_USE;

/* HTTP's three date forms (RFC 9110 5.6.7).  Two-digit years are 1970 to
 * 2069, since this file reads no clock. */
int text_to_http_date(const char *s, int64_t *out_at) MUST_USE;

/* The moment of a date and time in UTC (proleptic Gregorian calendar; month
 * and day from 1).  Impossible ones are refused; second 60 is the leap second
 * after 59, the next minute's first. */
int text_from_civil(int64_t year, int month, int day, int hour, int minute, int second,
    int64_t *out_at) MUST_USE;

/* "2026-11-25T04:00:00Z"; years before 0 and after 9999 as "-0001-..." and
 * "+12345-..."; a moment no calendar holds as "@SECONDS".  Returns out. */
const char *text_from_time(int64_t at, char out[TEXT_TIME_BYTES]);

/* |seconds| as the two largest useful units: "3d 4h", "45d", "5h 12m",
 * "12m 3s", "7s".  Days alone from 3 whole days with 0 h on, and from 14 days
 * on always.  Rounded down.  Returns out. */
const char *text_from_span(int64_t seconds, char out[TEXT_SPAN_BYTES]);

/* Whole days in seconds, rounded down (towards minus infinity). */
int64_t text_days_floor(int64_t seconds);

/* Lower-case hex without separators; out has room for 2 * n + 1. */
void text_hex(const uint8_t *bytes, size_t n, char *out);

/* Hex with or without colons, any case, into exactly n bytes. */
int text_from_hex(const char *s, uint8_t *bytes, size_t n) MUST_USE;

/* The one cleaning function for names and messages from outside, as text
 * output needs them: '|' becomes '/', ';' becomes ',', '<' '>' become '('
 * ')', '[' ']' become '(' ')', a state in brackets begins with '{' ("[OK]"
 * becomes "{OK)"), a backslash before n or t becomes '/', control characters
 * (C0, C1, DEL, U+2028/9), bidi controls and zero-width characters become
 * '?', bytes that are not UTF-8 become "\xNN".  Cut after max_columns
 * characters with "..."; max_columns 0 means no cut.  len SIZE_MAX means strlen(s). */
void text_clean(struct buf *out, const char *s, size_t len, size_t max_columns);

/* The same string as valid UTF-8: bad bytes, and NUL, become U+FFFD.  For
 * JSON.  len SIZE_MAX means strlen(s). */
void text_to_utf8(struct buf *out, const char *s, size_t len);

/* Control characters (C0 and DEL) of a string become '?', in place. */
void text_mask_controls(char *s);

/* Length in bytes of the UTF-8 character at s (at most n bytes there), or 0
 * when it is not valid UTF-8 (overlong, surrogate, > U+10FFFF, cut). */
size_t text_utf8_len(const char *s, size_t n);

#endif
