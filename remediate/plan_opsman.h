/* plan_opsman.h - what the plans for Ops Manager share; private to
 * remediate/plan*.c and, for the titles, to the rails.
 *
 * Every function is pure. */
#ifndef CHECK_CERTS_PLAN_OPSMAN_H
#define CHECK_CERTS_PLAN_OPSMAN_H

#include <stdint.h>
#include "remediate/om_stage.h"
#include "remediate/plan.h"

/* Titles of the vendor's pages. */
#define PAGE_ROTATE "\"Rotating CAs and leaf certificates\""
#define PAGE_LEAFS "\"Rotating non-configurable leaf certificates\""
#define PAGE_ADVANCED "\"Advanced certificate rotation\""
#define PAGE_TROUBLE "\"Troubleshoot certificate errors\""
#define PAGE_EXPIRED "KB 298006"
#define PAGE_SAML "KB 293613"

/* The calls. */
#define OM_CAS "/api/v0/certificate_authorities"
#define OM_INSTALLATIONS "/api/v0/installations"
#define OM_DIRECTOR "/api/v0/staged/director/properties"

struct om_case {
	const struct view *view;
	const struct mandate *m;
	const struct material *material;
	const struct plan_request *request;
	int64_t now_at;
	int64_t server_at;               /* its clock; ours where it does not tell */
	const char *procedure, *finding;
	struct om_position at;
};

/* For every request and report of an Ops Manager that was read in full. */
enum plan_verdict plan_opsman_make(const struct view *view, const struct mandate *m,
    const struct material *material, const struct plan_request *request, int64_t now_at,
    struct plan *out, struct err *e);

/* The procedures. */
enum plan_verdict plan_opsman_rotation(const struct om_case *c, struct plan *out, struct err *e);
enum plan_verdict plan_opsman_regenerate(const struct om_case *c, struct plan *out, struct err *e);

/* When the CA with this guid ends: its root or its NATS CA, whichever is first;
 * INT64_MAX where neither is told. */
int64_t om_ca_end(const struct view *v, const struct om_ca *ca);

/* What is the same in every plan: old is the CA that it is about. */
void om_plan_begin(const struct om_case *c, const struct om_ca *old, struct plan *out);

/* A step; its call, formatted, and why follow. */
struct plan_step *om_plan_step(struct plan *out, const char *kind, int64_t unit, int64_t verify_s,
    const char *why);
void om_plan_apply(const struct om_case *c, int64_t unit, const char *why, struct plan *out);
void om_plan_regenerate(const struct om_case *c, int64_t unit, struct plan *out);
void om_plan_leafs_new(const struct om_case *c, int64_t unit, struct plan *out);

/* How long one Apply Changes, and a CA call behind another one's, may take. */
int64_t om_verify_s(const struct mandate *m);

/* What a person has to know besides; old NULL: the CA stays.  (plan_opsman_notes.c) */
void om_plan_notes(const struct om_case *c, const struct om_ca *old, const struct om_ca *newer,
    struct plan *out);

#endif
