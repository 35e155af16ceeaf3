/* publish.h - facts out: public/TARGET.json, replaced atomically, readable for
 * everybody.  What is in it and how it is read: lib/model/facts.h. */
#ifndef CHECK_CERTS_PUBLISH_H
#define CHECK_CERTS_PUBLISH_H

#include "lib/model/facts.h"
#include "remediate/paths.h"

/* Mode 0644; a reader sees the old or the new, never half. */
int publish_facts(const struct paths *p, const struct facts *f, struct err *e) MUST_USE;

#endif
