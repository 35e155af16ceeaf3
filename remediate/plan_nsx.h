/* plan_nsx.h - what the plans for NSX share; private to remediate/plan*.c.
 *
 * A case is one certificate that shall be replaced, with all that the plan
 * depends on.  Every function is pure. */
#ifndef CHECK_CERTS_PLAN_NSX_H
#define CHECK_CERTS_PLAN_NSX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/judge/fitness.h"
#include "lib/judge/service.h"
#include "lib/model/version.h"
#include "remediate/plan.h"

#define SERVICES_WEB (SERVICE_API | SERVICE_MGMT_CLUSTER)
#define SERVICES_RPC (SERVICE_APH | SERVICE_APH_TN | SERVICE_CCP)
#define SERVICES_APPLIED (SERVICES_WEB | SERVICES_RPC | SERVICE_LOCAL_MANAGER | \
	SERVICE_GLOBAL_MANAGER)

/* In a plan's call, where the id is known only once an earlier step is done. */
#define NEW_ID_UNKNOWN "{new}"

struct nsx_case {
	const struct view *view;
	const struct mandate *m;
	const struct material *material;
	const struct plan_request *request;
	int64_t now_at;
	const char *procedure;
	const char *finding;
	const struct item *item;          /* of the report; NULL: it is not about a certificate */
	const struct sighting *at;        /* the row of the trust store; NULL likewise */
	size_t sighting;                  /* its index */
	const struct cert *old;
	unsigned services;                /* that use it: bits of service.h */
	int version;                      /* version.h */
};

/* A row of the table of procedures. */
struct plan_row {
	const char *procedure;
	bool by_request_only;
	bool about_certificate;           /* its object is a row of the trust store */
	int from;                         /* lowest version */
	enum plan_verdict (*make)(const struct nsx_case *c, struct plan *out, struct err *e);
};
const struct plan_row *plan_row_find(const char *procedure);

/* A refusal, for "return plan_refuse(e, ...)". */
enum plan_verdict plan_refuse(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
enum plan_verdict plan_nothing(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What would mend an item; NULL: nothing of ours.  And is its state bad enough? */
const char *plan_procedure_for(const struct item *item);
bool plan_is_worth_it(const struct mandate *m, const struct item *item);

/* --- the case (plan_nsx.c) ---------------------------------------------------------- */

/* Make the row with this index of a sighting the object of the case. */
void nsx_case_set(struct nsx_case *c, size_t sighting);

/* Is the certificate of the case one that we may replace at all? */
enum plan_verdict nsx_case_check(const struct nsx_case *c, struct err *e);

/* What is the same in every plan about a certificate. */
void nsx_plan_begin(const struct nsx_case *c, struct plan *out);

/* --- who uses it (plan_nsx_uses.c) -------------------------------------------------- */

/* Is there one certificate of this service for the whole cluster?  By the
 * profiles, else by our own table. */
bool nsx_is_per_cluster(const struct cluster_facts *facts, const char *service);

/* The uses in the order in which they are changed, as plan uses of a step;
 * refused when a node is not one of the cluster's, or not told. */
enum plan_verdict nsx_order_uses(const struct nsx_case *c, struct plan_step *into, struct err *e);

/* How long one replacement may take to show. */
int64_t nsx_verify_s(const struct cluster_facts *facts, const char *service);

/* Do we reach the API through a listener that presents the certificate, or
 * can that not be told? */
bool nsx_is_our_way(const struct nsx_case *c);

/* Endpoint of the listener that shook hands for this use; NULL: none did. */
const char *nsx_endpoint(const struct view *v, const char *service, const char *node);

/* Does any listener present this certificate (index into the inventory)? */
bool nsx_is_presented(const struct view *v, size_t cert);

/* --- the new one (plan_nsx_choose.c, plan_nsx_fit.c) -------------------------------- */

/* Where the new certificate comes from: the first steps of the plan, and its
 * new_id and new_sha256 as far as they are known.  The last of them is the
 * validation. */
enum plan_verdict nsx_plan_goods(const struct nsx_case *c, struct plan *out, struct err *e);

/* Index of the sighting of the successor in the trust store. */
enum plan_verdict nsx_choose_existing(const struct nsx_case *c, size_t *sighting, struct err *e);

/* Are the uses of a step's plan well served by a chain?  what names it in the
 * refusal.  key: as in fitness.h. */
struct nsx_candidate {
	const char *what;
	const struct cert *const *chain;
	size_t n_chain;
	int has_private_key;
	const struct sighting *row;       /* of the trust store; NULL: not there yet */
};
enum plan_verdict nsx_fit(const struct nsx_case *c, const struct nsx_candidate *candidate,
    struct err *e);

/* The same for an input whose uses are set: *e is ERR_REFUSED with the first
 * thing that speaks against it. */
int nsx_fit_judge(const struct fitness_input *in, const char *what, struct err *e) MUST_USE;

/* Would we still reach the API by the target's way of trust with this leaf?
 * old NULL: not known. */
int nsx_fit_trust(const struct target *t, const struct cert *leaf, const struct cert *old,
    const char *what, struct err *e) MUST_USE;

/* --- procedures --------------------------------------------------------------------- */

enum plan_verdict plan_nsx_apply(const struct nsx_case *c, struct plan *out, struct err *e);
enum plan_verdict plan_nsx_batch(const struct nsx_case *c, struct plan *out, struct err *e);
enum plan_verdict plan_nsx_host(const struct nsx_case *c, struct plan *out, struct err *e);
enum plan_verdict plan_nsx_federation(const struct nsx_case *c, struct plan *out, struct err *e);

/* What the Global Manager has to be told after API or MGMT_CLUSTER changed: a
 * step, or a note. */
void nsx_plan_follow_up(const struct nsx_case *c, struct plan *out);

/* The thumbprint of a site on its Global Manager; endpoint: the VIP's. */
void nsx_plan_site_step(const char *site, const char *call, const char *endpoint, const char *why,
    struct plan *out);

/* One apply. */
void nsx_plan_apply_step(const struct cluster_facts *facts, const struct plan_use *use,
    const char *old_id, const char *new_id, const char *why, struct plan *out);

#endif
