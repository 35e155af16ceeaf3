/* conf_text.h - a configuration from a text, for tests. */
#ifndef CHECK_CERTS_CONF_TEXT_H
#define CHECK_CERTS_CONF_TEXT_H

#include <stdlib.h>
#include <string.h>
#include "lib/conf.h"
#include "tests/unit/unit.h"

/* Parse text as "t.conf" into *c; the problems are the caller's to free. */
static inline char *conf_problems(const char *text, size_t n, struct conf *c)
{
	struct buf problems;
	int failed;

	conf_init(c);
	buf_init(&problems, 65536);
	failed = conf_parse("t.conf", text, n, c, &problems);
	ck_assert_msg((failed == 0) == (problems.len == 0), "outcome %d with problems: %s", failed,
	    buf_str(&problems));
	return buf_take(&problems);
}

/* The same for a text without problems. */
static inline void conf_good(const char *text, struct conf *c)
{
	char *problems = conf_problems(text, strlen(text), c);

	ck_assert_msg(problems == NULL || *problems == '\0', "%s", problems);
	free(problems);
}

#endif
