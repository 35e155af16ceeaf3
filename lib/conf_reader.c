/* conf_reader.c - lines of the configuration file, read by inih. */
#include "lib/conf_reader.h"

#include <ctype.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/slice.h"
#include "lib/base/text.h"

#define HEADER_MAX 49          /* inih keeps that much of a section's name */
#define PROBLEM_BYTES 160
#define BOM "\xEF\xBB\xBF"

struct reader {
	const char *at, *end;
	size_t line;
	const struct conf_events *events;
};

static bool refuse(const struct reader *r, const char *text)
{
	r->events->problem(r->events->ctx, r->line, text);
	return false;
}

/* A NUL would end the line for inih, and control characters have no business
 * in a file that a person wrote. */
static bool has_only_text(const struct reader *r, struct slice s)
{
	for (size_t i = 0, step; i < s.n; i += step) {
		step = text_utf8_len(s.p + i, s.n - i);
		if (step == 0)
			return refuse(r, "not valid UTF-8");
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return refuse(r, "a control character");
	}
	return true;
}

/* "[header]", after it at most a comment.  Tells of the section. */
static bool take_header(const struct reader *r, struct slice s)
{
	const char *close = memchr(s.p, ']', s.n);
	struct slice inside, rest;
	char *header;

	if (close == NULL)
		return refuse(r, "']' is missing");
	inside = slice_trim(s.p + 1, (size_t)(close - s.p) - 1);
	rest = slice_trim(close + 1, s.n - (size_t)(close + 1 - s.p));
	if (rest.n > 0 && *rest.p != ';' && *rest.p != '#')
		return refuse(r, "text after ']'");
	if (inside.n > HEADER_MAX)
		return refuse(r, "a section name longer than 49 characters");
	header = mem_strndup(inside.p, inside.n);
	r->events->section(r->events->ctx, r->line, header);
	free(header);
	return true;
}

/* A key without '=' or with a ':' first would be read as something else. */
static bool looks_like_pair(const struct reader *r, struct slice s)
{
	const char *equals = memchr(s.p, '=', s.n);
	struct slice key = { s.p, 0 };
	bool ok;

	if (equals != NULL)
		key = slice_trim(s.p, (size_t)(equals - s.p));
	ok = key.n > 0;
	for (size_t i = 0; i < key.n; i++)
		ok = ok && (isalnum((unsigned char)key.p[i]) || key.p[i] == '_' || key.p[i] == '-');
	return ok || refuse(r, "a line is \"key = value\", \"[section]\", or a comment that begins "
	    "with ';' or '#'");
}

static bool is_usable(const struct reader *r, struct slice s, int room)
{
	char text[PROBLEM_BYTES];

	if (s.n == 0 || *s.p == ';' || *s.p == '#')
		return false;
	if (!has_only_text(r, s))
		return false;
	if (*s.p == '[')
		return take_header(r, s);
	if (s.n >= (size_t)room) {
		snprintf(text, sizeof text, "the line has %zu bytes, at most %d are read", s.n,
		    room - 1);
		return refuse(r, text);
	}
	return looks_like_pair(r, s);
}

/* The reader for inih: an empty line for everything that it must not see. */
static char *next_line(char *out, int room, void *ctx)
{
	struct reader *r = ctx;
	struct slice s;

	if (!slice_next_line(&r->at, r->end, &s))
		return NULL;
	r->line++;
	if (!is_usable(r, s, room) || s.n >= (size_t)room)
		s.n = 0;
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return out;
}

static int take_pair(void *ctx, const char *section, const char *key, const char *value)
{
	const struct reader *r = ctx;

	(void)section;   /* told by take_header, empty ones too */
	r->events->pair(r->events->ctx, r->line, key, value);
	return 1;
}

void conf_read_lines(const char *text, size_t n, const struct conf_events *events)
{
	struct reader r = { text, text + n, 0, events };
	int failed;

	if (n >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0)
		r.at += strlen(BOM);
	failed = ini_parse_stream(next_line, &r, take_pair, &r);
	if (failed != 0)   /* the checks above leave nothing to complain of: never pass over it */
		events->problem(events->ctx, failed > 0 ? (size_t)failed : 0, "not understood");
}
