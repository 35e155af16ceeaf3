/* view_om.h - what is known of one Ops Manager at one moment, built by hand; a
 * struct view_world like that of an NSX, closed by vworld_close.
 *
 * "tas", 2.10.40: the CA VOM_OLD, made three years ago by Ops Manager, which
 * ends in twenty days, and its NATS CA; installation 10, of all products, which
 * succeeded a month ago; two non-configurable leafs of two hundred days ago,
 * one of Ops Manager's own and one of CredHub, of which no start is told;
 * nothing pending.  Now, there as here, is SAMPLE_NOW. */
#ifndef CHECK_CERTS_VIEW_OM_H
#define CHECK_CERTS_VIEW_OM_H

#include "tests/unit/view_world.h"

#define VOM_OLD "aaaa0000aaaa0000aaaa"
#define VOM_NEW "bbbb1111bbbb1111bbbb"
#define VOM_THIRD "cccc2222cccc2222cccc"
#define VOM_LEAF ".properties.director_ssl"
#define VOM_CREDHUB_LEAF "/cf/router-leaf"

void vom_open(struct view_world *w);

/* Seconds from now.  What is left out: issuer "VMware", begins when it was made,
 * ends in four years. */
struct vom_ca {
	const char *guid, *issuer;
	bool is_active, is_day;      /* is_day: created_on is a date alone */
	int64_t made_s, begins_s, ends_s;
};
void vom_add_ca(struct view_world *w, const struct vom_ca *ca);
void vom_activate(struct view_world *w, const char *guid);   /* and no other */
void vom_remove_ca(struct view_world *w, const char *guid);
struct om_ca *vom_ca(struct view_world *w, const char *guid);

/* The newest installation from now on; ended a minute after its beginning unless
 * it is running.  Its user is "bob". */
struct om_installation *vom_install(struct view_world *w, int64_t id,
    enum om_installation_status status, int64_t started_s);

/* A row of deployed certificates; begins_s 0: its start is not told. */
void vom_add_leaf(struct view_world *w, const char *id, enum role role, int64_t begins_s,
    int64_t ends_s);
/* Both leafs anew, begun at that moment; the one of CredHub tells its end alone. */
void vom_renew_leafs(struct view_world *w, int64_t begins_s, bool credhub_tells);

/* A change of a product that is pending. */
void vom_pend(struct view_world *w, const char *guid, const char *action);

#endif
