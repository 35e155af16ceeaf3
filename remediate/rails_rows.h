/* rails_rows.h - the tests behind the table of rails; for rails*.c only. */
#ifndef CHECK_CERTS_RAILS_ROWS_H
#define CHECK_CERTS_RAILS_ROWS_H

#include "remediate/rails.h"

/* "No", and why; returns verdict.  Strings from outside may be arguments. */
enum rail_verdict rail_no(struct rail_says *says, enum rail_verdict verdict, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* rails_nsx.c: is the target in a condition to be changed, and is this ours? */
enum rail_verdict rail_one_change(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_own_trust(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_product_renews(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_vcf(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_not_ours(const struct rail_input *in, struct rail_says *says);

/* rails_opsman.c: the same of an Ops Manager.  one-change is asked there for
 * its kind of target. */
enum rail_verdict rail_om_one_change(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_om_recreate(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_om_time(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_om_tkgi(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_om_version(const struct rail_input *in, struct rail_says *says);
enum rail_verdict rail_om_one_rotation(const struct rail_input *in, struct rail_says *says);

#endif
