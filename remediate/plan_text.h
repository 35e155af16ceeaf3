/* plan_text.h - a plan as the text that the journal keeps. */
#ifndef CHECK_CERTS_PLAN_TEXT_H
#define CHECK_CERTS_PLAN_TEXT_H

#include "lib/base/err.h"
#include "remediate/plan.h"

#define PLAN_TEXT_MAX ((size_t)1024 * 1024)

/* The caller frees.  NULL: ERR_IO, larger than PLAN_TEXT_MAX. */
char *plan_to_text(const struct plan *p, struct err *e) MUST_USE;

/* p is complete, or cleared: ERR_ANSWER.  text may be NULL: a run without one. */
int plan_from_text(const char *text, struct plan *p, struct err *e) MUST_USE;

#endif
