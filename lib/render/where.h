/* where.h - how a certificate is named in lines for people.  Everything is
 * cleaned and bounded: no '|', no line end, no '<', no '['. */
#ifndef CHECK_CERTS_WHERE_H
#define CHECK_CERTS_WHERE_H

#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/judge/report.h"

#define WHERE_ID_DIGITS 8

/* "prod/nsx-02 API", "portal portal.example:443", "local /etc/ssl/x.pem":
 * where it matters most; " +2" stands for further uses. */
void where_place(const struct report *r, const struct item *it, struct buf *out);

/* Its name there, in quotes and with a blank in front; nothing when it has none. */
void where_label(const struct report *r, const struct item *it, struct buf *out);

/* The first digits of its SHA-256; "" when the bytes are not known.  Returns out. */
const char *where_id(const struct report *r, const struct item *it, char out[WHERE_ID_DIGITS + 1]);

/* One sighting with its name; uses beyond the first few are counted. */
void where_sighting(const struct report *r, const struct sighting *s, struct buf *out);

/* "expires 2026-11-25T04:00:00Z (3d 4h)" or "expired ... (2d 1h ago)". */
void where_end(const struct report *r, const struct item *it, struct buf *out);

#endif
