/* om_leafs.h - the leaf certificates of an Ops Manager: which of them
 * active/regenerate makes anew, under which CA they are, and which are left to
 * a person.  Pure; the dates are the server's. */
#ifndef CHECK_CERTS_OM_LEAFS_H
#define CHECK_CERTS_OM_LEAFS_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "remediate/view.h"

/* Non-configurable, and none of what the CA calls leave out: SAML, the services
 * CA and its leafs, what only a tile can renew. */
bool om_leaf_is_regenerated(const struct sighting *s);

/* Was it made under this CA, by its dates alone?  One without a start was not,
 * as far as can be told. */
bool om_leaf_is_younger(const struct view *v, const struct om_ca *ca, const struct sighting *s);

/* Is there such a leaf, and was every one made under the CA?  *youngest_at: when
 * the last of them was made, as far as dates tell. */
bool om_leafs_are_younger(const struct view *v, const struct om_ca *ca, int64_t *youngest_at);

/* Configurable leafs that are, or may be, signed by the old CA: a person has to
 * make them anew before it is deleted.  newer NULL: there is none yet.  Their
 * names are appended to names (NULL: not wanted).  How many. */
size_t om_leafs_by_hand(const struct view *v, const struct om_ca *old, const struct om_ca *newer,
    struct buf *names);

/* The name of a row, appended behind ", " where there are some already. */
void om_leaf_add_name(struct buf *names, const struct sighting *s);

#endif
