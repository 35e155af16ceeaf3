/* plan_text.c - a plan as the text that the journal keeps. */
#include "remediate/plan_text.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

char *plan_to_text(const struct plan *p, struct err *e)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, PLAN_TEXT_MAX);
	jsonw_init(&w, &text);
	plan_write(p, &w, NULL);
	if (!text.overflow)
		return buf_take(&text);
	buf_clear(&text);
	err_set(e, ERR_IO, "the plan is larger than %zu bytes", PLAN_TEXT_MAX);
	return NULL;
}

int plan_from_text(const char *text, struct plan *p, struct err *e)
{
	struct json *doc;
	char *copy;
	int failed;

	plan_init(p);
	if (text == NULL)
		return err_set(e, ERR_ANSWER, "the run has no plan");
	copy = mem_strdup(text);
	doc = json_parse(copy, strlen(copy), e);
	failed = doc == NULL ? -1 : plan_read(doc, p, e);
	json_free(doc);
	free(copy);
	return failed;
}
