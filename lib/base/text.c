/* text.c - numbers, durations, spans and hex; strict. */
#include "lib/base/text.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_TEXT_BYTES 128

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *s)
{
	while (is_digit(*s))
		s++;
	return s;
}

/* Digits into *out; the first character after them, or NULL when there is no
 * digit or the value passes limit. */
static const char *read_digits(const char *s, uint64_t limit, uint64_t *out)
{
	uint64_t value = 0;

	if (!is_digit(*s))
		return NULL;
	for (; is_digit(*s); s++) {
		unsigned digit = (unsigned)(*s - '0');

		if (value > (limit - digit) / 10)
			return NULL;
		value = value * 10 + digit;
	}
	*out = value;
	return s;
}

int text_to_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *s == '-';
	uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t magnitude = 0;
	int64_t value;

	if (*s == '-' || *s == '+')
		s++;
	s = read_digits(s, limit, &magnitude);
	if (s == NULL || *s != '\0')
		return -1;
	if (!negative)
		value = (int64_t)magnitude;
	else  /* the magnitude of INT64_MIN has no positive twin */
		value = magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
	if (value < min || value > max)
		return -1;
	*out = value;
	return 0;
}

/* sign, digits with at most one point, exponent; where the point is, or NULL. */
static bool is_decimal(const char *s, const char **point)
{
	const char *digits;
	bool some;

	*point = NULL;
	if (*s == '-' || *s == '+')
		s++;
	digits = s;
	s = skip_digits(s);
	some = s > digits;
	if (*s == '.') {
		*point = s;
		digits = ++s;
		s = skip_digits(s);
		some = some || s > digits;
	}
	if (some && (*s == 'e' || *s == 'E')) {
		s++;
		if (*s == '-' || *s == '+')
			s++;
		some = is_digit(*s);
		s = skip_digits(s);
	}
	return some && *s == '\0';
}

int text_to_double(const char *s, double *out)
{
	char text[NUMBER_TEXT_BYTES];
	const char *point;
	char *end;
	double value;
	int n;

	if (!is_decimal(s, &point))
		return -1;
	if (point == NULL)  /* strtod reads the point of the locale, not ours */
		n = snprintf(text, sizeof text, "%s", s);
	else
		n = snprintf(text, sizeof text, "%.*s%s%s", (int)(point - s), s,
		    localeconv()->decimal_point, point + 1);
	if (n < 0 || (size_t)n >= sizeof text)
		return -1;
	value = strtod(text, &end);
	if (*end != '\0' || !isfinite(value))
		return -1;
	*out = value;
	return 0;
}

int text_to_duration(const char *s, int64_t bare_unit_s, int64_t *out_s)
{
	static const struct { char letter; int64_t unit_s; } units[] = {
		{ 's', 1 }, { 'm', MINUTE_S }, { 'h', HOUR_S }, { 'd', DAY_S },
		{ 'w', 7 * (int64_t)DAY_S }, { 'M', 30 * (int64_t)DAY_S },
		{ 'y', 365 * (int64_t)DAY_S },
	};
	int64_t unit_s = 0;
	uint64_t count = 0;

	s = read_digits(s, INT64_MAX, &count);
	if (s == NULL)
		return -1;
	if (*s == '\0')
		unit_s = bare_unit_s;
	for (size_t i = 0; *s != '\0' && s[1] == '\0' && i < sizeof units / sizeof units[0]; i++)
		if (units[i].letter == *s)
			unit_s = units[i].unit_s;
	if (unit_s <= 0 || count > (uint64_t)(INT64_MAX / unit_s))
		return -1;
	*out_s = (int64_t)count * unit_s;
	return 0;
}

const char *text_from_span(int64_t seconds, char out[TEXT_SPAN_BYTES])
{
	uint64_t left = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
	unsigned long long days = left / DAY_S;
	unsigned hours = (unsigned)(left % DAY_S / HOUR_S);
	unsigned minutes = (unsigned)(left % HOUR_S / MINUTE_S);
	unsigned rest_s = (unsigned)(left % MINUTE_S);

	if (days >= 14 || (days >= 3 && hours == 0))
		snprintf(out, TEXT_SPAN_BYTES, "%llud", days);
	else if (days > 0)
		snprintf(out, TEXT_SPAN_BYTES, "%llud %uh", days, hours);
	else if (hours > 0)
		snprintf(out, TEXT_SPAN_BYTES, "%uh %um", hours, minutes);
	else if (minutes > 0)
		snprintf(out, TEXT_SPAN_BYTES, "%um %us", minutes, rest_s);
	else
		snprintf(out, TEXT_SPAN_BYTES, "%us", rest_s);
	return out;
}

int64_t text_days_floor(int64_t seconds)
{
	int64_t days = seconds / DAY_S;

	return seconds % DAY_S < 0 ? days - 1 : days;
}

void text_hex(const uint8_t *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int text_from_hex(const char *s, uint8_t *bytes, size_t n)
{
	bool colons = n > 1 && s[0] != '\0' && s[1] != '\0' && s[2] == ':';

	for (size_t i = 0; i < n; i++) {
		int high, low;

		if (colons && i > 0 && *s++ != ':')
			return -1;
		high = hex_value(s[0]);
		low = high < 0 ? -1 : hex_value(s[1]);
		if (low < 0)
			return -1;
		bytes[i] = (uint8_t)(high * 16 + low);
		s += 2;
	}
	return *s == '\0' ? 0 : -1;
}
