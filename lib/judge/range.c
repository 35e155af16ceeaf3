/* range.c - the plugin range syntax: "[@]start:end". */
#include "lib/judge/range.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define BLANKS " \t\r\n"

/* "~" stands for minus infinity, and only as a start. */
static int parse_start(const char *s, double *out, struct err *e)
{
	if (*s == '\0')
		*out = 0;
	else if (strcmp(s, "~") == 0)
		*out = -INFINITY;
	else if (text_to_double(s, out))
		return err_set(e, ERR_USAGE, "\"%s\" is not a number", s);
	return 0;
}

static int parse_end(const char *s, double *out, struct err *e)
{
	if (*s == '\0')
		*out = INFINITY;
	else if (text_to_double(s, out))
		return err_set(e, ERR_USAGE, "\"%s\" is not a number", s);
	return 0;
}

/* text is a trimmed copy, which this may cut into its parts. */
static int parse_parts(char *text, struct range *r, struct err *e)
{
	char *colon;

	r->inside = *text == '@';
	if (r->inside)
		text++;
	if (*text == '\0' || strcmp(text, ":") == 0 || strcmp(text, "~") == 0)
		return err_set(e, ERR_USAGE, 
		    "a range needs a number: \"10\", \"10:\", \"~:10\" or \"10:20\"");
	if (strchr(text, ',') != NULL)
		return err_set(e, ERR_USAGE, "a decimal fraction is written with a point");
	colon = strchr(text, ':');
	if (colon == NULL) {
		r->start = 0;
		return parse_end(text, &r->end, e);
	}
	*colon = '\0';
	if (parse_start(text, &r->start, e))
		return -1;
	return parse_end(colon + 1, &r->end, e);
}

int range_parse(const char *s, struct range *r, struct err *e)
{
	char *text;
	size_t n;
	int failed;

	s += strspn(s, BLANKS);
	for (n = strlen(s); n > 0 && strchr(BLANKS, s[n - 1]) != NULL;)
		n--;
	text = mem_strndup(s, n);
	*r = (struct range){ 0 };
	failed = parse_parts(text, r, e);
	free(text);
	if (failed)
		return -1;
	if (r->start > r->end)
		return err_set(e, ERR_USAGE, "the start of a range is above its end");
	return 0;
}

bool range_alerts(const struct range *r, double value)
{
	bool in = r->start <= value && value <= r->end;

	return in == r->inside;
}
