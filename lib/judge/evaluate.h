/* evaluate.h - inventory + policy + now -> report.  Pure: no I/O, no clock.
 *
 * The rules are a table in rules.c: {id, function, where the rule comes
 * from}; a further rule is one row and one function. */
#ifndef CHECK_CERTS_EVALUATE_H
#define CHECK_CERTS_EVALUATE_H

#include <stdint.h>
#include "lib/judge/policy.h"
#include "lib/judge/report.h"

/* The report borrows inv and policy: both outlive it. */
void evaluate(const struct inventory *inv, const struct policy *policy, int64_t now_at,
    struct report *out);

/* The ids of the table, NULL-terminated; for documentation tests. */
const char *const *evaluate_rule_ids(void);

#endif
